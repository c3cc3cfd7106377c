//! System packages, on Debian and its children.

use std::path::Path;
use std::process::Command;

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
        let words: Vec<&str> = root.iter().copied().chain(["apt-get", "-qq"]).chain(args.iter().copied()).collect();
        capture(Command::new(words[0]).args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    // An update that fails need not matter: the lists at hand may do.
    apt(&["update"])?;
    let output = apt(&[&["install", "--yes", "--no-install-recommends"], &missing[..]].concat())?;
    if !output.status.success() {
        bail!(
            "apt-get could not install the system packages ({}). Check the network and run: apt-get install {list}",
            last_words(&output)
        );
    }
    Ok(())
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
    may_sudo.then_some(&["sudo", "--non-interactive", "env", "DEBIAN_FRONTEND=noninteractive"])
}
