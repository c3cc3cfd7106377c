//! System packages, on Debian and its children.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::workspace::{capture, last_words};

/// To build and link: nothing but the linker. Every library of the window is opened when it is needed.
pub(crate) const BUILD: &[&str] = &["gcc", "libc6-dev"];

/// To open the window without a screen, click in it and take its picture; and the libraries that it opens.
pub(crate) const WINDOW: &[&str] = &[
    "imagemagick",
    "libegl1",
    "libgl1",
    "libgl1-mesa-dri",
    "libx11-6",
    "libx11-xcb1",
    "libxcb1",
    "libxcursor1",
    "libxkbcommon-x11-0",
    "libxkbcommon0",
    "xdotool",
    "xvfb",
];

/// To see what the tests' processes do.
pub(crate) const WATCH: &[&str] = &["strace"];

/// The DAW that `cargo xtask daw` makes a session in.
pub(crate) const DAW: &[&str] = &["ardour"];

/// Installs those packages of the groups that are missing; says so. On other systems says what to install.
pub(crate) fn install(groups: &[&[&str]]) -> Result<()> {
    let wanted: Vec<&str> = groups.iter().copied().flatten().copied().collect();
    if !cfg!(target_os = "linux") || wanted.is_empty() {
        return Ok(());
    }
    if !is_debian() {
        eprintln!(
            "setup: this is no Debian or Ubuntu. To build you need a C linker; to see the window: X11, Xcursor, \
             xkbcommon (with its x11 part) and OpenGL. Going on without checking."
        );
        return Ok(());
    }
    let missing = missing(&wanted)?;
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let Some(root) = root_prefix() else {
        bail!("these system packages are missing. Install them and run this again:\n\n  sudo apt-get install {list}\n");
    };
    eprintln!("setup: installing the system packages {list}");
    let apt = |args: &[&str]| {
        let words: Vec<&str> =
            root.iter().copied().chain(["apt-get", "-qq", "-o", WAIT]).chain(args.iter().copied()).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C");
        patiently(&mut command, PAUSE)
    };
    // An update that fails need not matter: the lists at hand may do.
    apt(&["update"])?;
    let output = apt(&[&["install", "--yes", "--no-install-recommends"], &missing[..]].concat())?;
    if !output.status.success() {
        let words = last_words(&output);
        if is_busy(&output) {
            bail!(
                "another program was installing packages for over {BUSY_LIMIT_S} s, and apt-get waited in vain ({words}). \
                 When it has ended, run this again."
            );
        }
        bail!(
            "apt-get could not install the system packages ({words}). Check the network and run: apt-get install {list}"
        );
    }
    Ok(())
}

/// How long another program that installs packages is waited for, seconds. A fresh cloud server upgrades itself for minutes.
const BUSY_LIMIT_S: u64 = 300;

/// apt's own waiting, of as many seconds: for dpkg's lock, but not for that of the lists.
const WAIT: &str = "DPkg::Lock::Timeout=300";

/// Between two tries where apt does not wait by itself.
const PAUSE: Duration = Duration::from_secs(2);

/// Runs apt-get, and again while another program has its locks.
fn patiently(command: &mut Command, pause: Duration) -> Result<Output> {
    let began = Instant::now();
    loop {
        let output = capture(command)?;
        let is_over = output.status.success() || !is_busy(&output) || began.elapsed().as_secs() >= BUSY_LIMIT_S;
        if is_over {
            return Ok(output);
        }
        eprintln!("setup: another program is installing packages; waiting for it");
        std::thread::sleep(pause);
    }
}

/// Whether apt-get failed only since another program has one of its locks, as apt says it in English.
fn is_busy(output: &Output) -> bool {
    let text = String::from_utf8_lossy(&output.stderr);
    ["Could not get lock", "Unable to acquire the dpkg frontend lock", "Unable to lock directory"]
        .iter()
        .any(|words| text.contains(words))
}

/// Whether apt's packages go by Debian's names here.
pub(crate) fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists()
}

/// Those of the packages that are not installed.
fn missing<'a>(wanted: &[&'a str]) -> Result<Vec<&'a str>> {
    // A package that several architectures can share answers once for each.
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"]).args(wanted);
    let output = capture(&mut query)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let installed: Vec<&str> = text.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    Ok(wanted.iter().copied().filter(|package| !installed.contains(package)).collect())
}

/// What to put before a command so that it runs as root without asking; `None` where nothing does.
fn root_prefix() -> Option<&'static [&'static str]> {
    let is_root = capture(Command::new("id").arg("-u")).is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if is_root {
        return Some(&[]);
    }
    let sudo = ["sudo", "--non-interactive", "true"];
    let may_sudo = capture(Command::new(sudo[0]).args(&sudo[1..])).is_ok_and(|output| output.status.success());
    // sudo clears the environment; apt must not ask anything there either.
    may_sudo.then_some(&["sudo", "--non-interactive", "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"])
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A program that behaves as apt-get does: `busy` times another one has the lock, and then it ends with `code`.
    fn like_apt(folder: &Path, busy: u32, code: u32, words: &str) -> Command {
        let count = folder.join("count");
        let script = format!(
            "n=$(cat {count} 2>/dev/null || echo 0); echo $((n + 1)) > {count}; \
             if [ $n -lt {busy} ]; then echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711 (apt-get)' >&2; \
             exit 100; fi; echo '{words}' >&2; exit {code}",
            count = count.display()
        );
        let mut command = Command::new("sh");
        command.args(["-c", &script]);
        command
    }

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("timbreloom-xtask-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).expect("a folder for a test");
        folder
    }

    #[test]
    fn apt_that_is_busy_is_waited_for_and_a_network_that_fails_is_not() {
        let (busy, broken) = (folder("busy"), folder("broken"));
        let output = patiently(&mut like_apt(&busy, 3, 0, ""), Duration::ZERO).expect("sh runs");
        assert!(output.status.success());
        assert_eq!(std::fs::read_to_string(busy.join("count")).expect("it has counted").trim(), "4");

        let words = "E: Failed to fetch http://deb.debian.org/: Temporary failure resolving";
        let output = patiently(&mut like_apt(&broken, 0, 100, words), Duration::ZERO).expect("sh runs");
        assert!(!output.status.success() && !is_busy(&output));
        assert_eq!(std::fs::read_to_string(broken.join("count")).expect("it has counted").trim(), "1");
        for folder in [busy, broken] {
            std::fs::remove_dir_all(folder).expect("the test's own folder");
        }
    }
}
