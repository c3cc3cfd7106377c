//! Ardour without a screen: its scanner, its Lua and its export, in a home of their own.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use crate::bundle::Bundle;
use crate::resources;
use crate::setup::runtime;
use crate::workspace::{capture, last_words};

/// Where Debian and its children put every version, `ardour7` and so on.
const LIBRARIES: &str = "/usr/lib";

/// The versions whose sessions and Lua the scripts know.
const KNOWN: std::ops::RangeInclusive<u32> = 7..=8;

/// How often a bounce is begun when Ardour dies in it: Ardour 7.3's export damages its own heap in 7 of 40 bounces of a
/// session without any plugin.
const BOUNCES: u32 = 4;

/// What the plugin and Ardour would otherwise follow to the user's own folders.
const LEADING_ASTRAY: [&str; 6] =
    ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "VST3_PATH", "TIMBRELOOM_MODELS", runtime::VARIABLE];

/// An installed Ardour.
pub(super) struct Ardour {
    /// 7 or 8.
    pub(super) version: u32,
    libraries: PathBuf,
    /// Stands in for the user's home: plugins, scan results and settings stay in it.
    home: PathBuf,
}

impl Ardour {
    /// The newest one of the system that the scripts know.
    pub(super) fn find(home: PathBuf) -> Result<Self> {
        let folders = std::fs::read_dir(LIBRARIES).into_iter().flatten().flatten();
        let Some(version) = newest(folders.map(|folder| folder.file_name().to_string_lossy().into_owned())) else {
            bail!(
                "no Ardour {} or {} was found in {LIBRARIES}; this command plays the plugin in it. On Debian and \
                 Ubuntu run: sudo apt-get install ardour",
                KNOWN.start(),
                KNOWN.end()
            );
        };
        Ok(Self { version, libraries: Path::new(LIBRARIES).join(format!("ardour{version}")), home })
    }

    /// Puts the VST3 into the private home's plugin folder and lets Ardour's scanner look at it.
    pub(super) fn install(&self, made: &Bundle) -> Result<()> {
        let installed = Bundle::at(&self.home.join(".vst3")).vst3;
        resources::remove(&installed)?;
        resources::copy(&made.vst3, &installed)?;
        age(&installed.join("Contents"))?;
        let mut scanner = self.command(&self.libraries.join("ardour-vst3-scanner"));
        scanner.env("LD_LIBRARY_PATH", &self.libraries).arg("--verbose").arg("--force").arg(&installed);
        let answer = said(&mut scanner).context("Ardour's scanner cannot load the VST3")?;
        if !answer.contains("Found Plugin: Timbreloom") {
            bail!("Ardour's scanner has found no plugin Timbreloom in {}", installed.display());
        }
        Ok(())
    }

    /// Runs a Lua script to its end. Returns what it prints.
    pub(super) fn lua(&self, script: &Path, args: &[&str]) -> Result<String> {
        let mut lua = self.command(Path::new(&format!("ardour{}-lua", self.version)));
        lua.arg(script).args(args);
        said(&mut lua).with_context(|| format!("Ardour could not run {}", script.display()))
    }

    /// Bounces a snapshot of a session in a fresh process: the master's channels, 32-bit float.
    pub(super) fn export(&self, session: &Path, snapshot: &str, sound: &Path) -> Result<()> {
        let bounce = || {
            let mut export = self.command(Path::new(&format!("ardour{}-export", self.version)));
            capture(export.args(["--bitdepth", "float", "--output"]).arg(sound).arg(session).arg(snapshot))
        };
        let mut output = bounce()?;
        for again in 2..=BOUNCES {
            if !was_killed(output.status) {
                break;
            }
            eprintln!("Ardour died ({}); bouncing {snapshot} again, {again} of {BOUNCES}", output.status);
            output = bounce()?;
        }
        told(&output).with_context(|| format!("Ardour could not bounce “{snapshot}”"))?;
        if !sound.is_file() {
            bail!("Ardour has bounced “{snapshot}” without a complaint, but there is no {}", sound.display());
        }
        Ok(())
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for name in LEADING_ASTRAY {
            command.env_remove(name);
        }
        command.env("HOME", &self.home);
        command
    }
}

/// The highest known version among names of folders.
fn newest(names: impl Iterator<Item = impl AsRef<str>>) -> Option<u32> {
    let versions = names.filter_map(|name| name.as_ref().strip_prefix("ardour")?.parse().ok());
    versions.filter(|version| KNOWN.contains(version)).max()
}

/// Makes every file in a folder a minute old: Ardour discards the scan of a plugin that is as young as the scan.
fn age(folder: &Path) -> Result<()> {
    let context = || format!("cannot set the time of {}", folder.display());
    for entry in std::fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        if path.is_dir() {
            age(&path)?;
        } else {
            let file = std::fs::File::options().append(true).open(&path).with_context(context)?;
            file.set_modified(SystemTime::now() - Duration::from_secs(60)).with_context(context)?;
        }
    }
    Ok(())
}

/// What a command prints, on both streams; its complaint when it fails.
fn said(command: &mut Command) -> Result<String> {
    told(&capture(command)?)
}

fn told(output: &Output) -> Result<String> {
    if !output.status.success() {
        bail!("{}", complaint(output));
    }
    Ok(String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned())
}

/// By a signal, or by one that a shell around the program reports as 128 and more.
fn was_killed(status: ExitStatus) -> bool {
    status.code().is_none_or(|code| code > 128)
}

/// The line that tells what went wrong; Ardour prints others behind it as it closes.
fn complaint(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&both);
    let line = text.lines().find(|line| line.starts_with("Error:") || line.contains("[ERROR]"));
    line.map_or_else(|| last_words(output), str::to_owned)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn the_newest_known_version_is_taken() {
        assert_eq!(newest(["ardour7", "ardour8", "ardour", "ardour6", "x86_64-linux-gnu"].into_iter()), Some(8));
        assert_eq!(newest(["ardour7", "ardour99"].into_iter()), Some(7));
        assert_eq!(newest(["ardour6", "ardour7-backup"].into_iter()), None);
    }

    #[test]
    fn an_abort_is_told_from_a_complaint() {
        // An abort itself, one that a shell reports, an error, success.
        let killed = [6, 134 << 8, 1 << 8, 0].map(|raw| was_killed(ExitStatus::from_raw(raw)));
        assert_eq!(killed, [true, true, false, false]);
    }

    #[test]
    fn the_complaint_is_not_what_ardour_prints_as_it_closes() {
        let output = |text: &str| Output {
            status: ExitStatus::from_raw(256),
            stdout: text.as_bytes().to_vec(),
            stderr: b"Butler drops pool trash\n".to_vec(),
        };
        assert_eq!(complaint(&output("loading\nError: make.lua:3: no\n")), "Error: make.lua:3: no");
        assert_eq!(complaint(&output("loading\n")), "Butler drops pool trash");
    }
}
