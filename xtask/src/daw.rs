//! Plays the bundled VST3 in an Ardour session made by script, and judges what comes out. See `docs/daw.md`.

mod ardour;
mod renders;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::json;

use self::ardour::Ardour;
use crate::bundle::{self, Bundle, Profile};
use crate::resources;
use crate::setup;
use crate::workspace::{Workspace, run};

pub(crate) use renders::renders;

const SESSION: &str = "song";
const SOUND: &str = "sung.wav";
const RATE_HZ: u32 = 44_100;

/// What Bias 1 does along the arrangement: seconds and standard deviations, a straight line between. The steps lie in
/// long notes, and on whole ticks of Ardour's grid at 120 beats a minute.
const AUTOMATION: [(f64, f64); 5] = [(0.0, 0.0), (1.5, 0.0), (1.525, 2.5), (5.0, 2.5), (5.025, 0.0)];

/// The point that the way back begins at.
const WAY_BACK: usize = 3;

/// The snapshots that are bounced: as it was made, loaded and saved again, and the variants to compare with.
/// `again.lua` saves all but the first.
const SNAPSHOTS: [&str; 5] = ["song", "song-again", "song-plain", "song-stay", "song-null"];

/// Writes `target/daw` and prints the table. An error when a check fails.
pub(crate) fn daw(workspace: &Workspace) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("this command plays the plugin in Ardour as Debian and Ubuntu package it; it runs on Linux only");
    }
    setup::for_daw(workspace)?;
    bundle::bundle(workspace, Profile::Release)?;
    let folder = workspace.target.join("daw");
    resources::remove(&folder)?;
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;

    let ardour = Ardour::find(folder.join("home"))?;
    eprintln!("Letting Ardour {} scan the VST3", ardour.version());
    ardour.install(&Bundle::at(&workspace.bundled()))?;
    let session = folder.join(SESSION);
    let latency_frames = make(workspace, &ardour, &session, "")?;
    for snapshot in SNAPSHOTS {
        eprintln!("Bouncing {snapshot}");
        ardour.export(&session, snapshot, &folder.join(snapshot).with_extension("wav"))?;
    }

    let plan = json!({
        "sound": sound(workspace),
        "rate_hz": RATE_HZ,
        "latency_frames": latency_frames,
        "points": points(),
        "ardour": ardour.version(),
    });
    let list = folder.join("plan.json");
    std::fs::write(&list, plan.to_string()).with_context(|| format!("cannot write {}", list.display()))?;
    eprintln!("Measuring and drawing\n");
    run(Command::new(workspace.python()).arg(script(workspace, "judge.py")).arg(&folder))?;
    println!("\nLook at and listen to: {}", folder.display());
    Ok(())
}

/// Makes the session, saves it, loads and saves it again. Returns the plugin's latency as Ardour knows it, frames. `settings`:
/// NAME=VALUE,... of parameters that are to be set.
fn make(workspace: &Workspace, ardour: &Ardour, session: &Path, settings: &str) -> Result<usize> {
    eprintln!("Making the session");
    let path = session.to_str().context("Ardour's Lua needs a path of plain text")?;
    let rate = RATE_HZ.to_string();
    ardour.lua(&script(workspace, "make.lua"), &[path, SESSION, &rate, &spelled(&points()), settings])?;
    let file = session.join(SESSION).with_extension("ardour");
    run(Command::new(workspace.python()).arg(script(workspace, "place.py")).arg(file).arg(sound(workspace)))?;

    eprintln!("Loading it and saving it again");
    let (way_back, _) = points()[WAY_BACK];
    let said = ardour.lua(&script(workspace, "again.lua"), &[path, SESSION, &way_back.to_string()])?;
    latency(&said).context("again.lua prints the plugin's latency")
}

/// The automation in frames.
fn points() -> [(u64, f64); AUTOMATION.len()] {
    AUTOMATION.map(|(seconds, value)| ((seconds * f64::from(RATE_HZ)).round() as u64, value))
}

/// As `make.lua` reads it.
fn spelled(points: &[(u64, f64)]) -> String {
    points.iter().fold(String::new(), |mut text, (frame, value)| {
        let comma = if text.is_empty() { "" } else { "," };
        write!(text, "{comma}{frame}={value}").expect("a string takes all text");
        text
    })
}

/// As `again.lua` prints it, among Ardour's own lines.
fn latency(said: &str) -> Option<usize> {
    said.lines().find_map(|line| line.strip_prefix("latency_frames ")?.trim().parse().ok())
}

fn sound(workspace: &Workspace) -> PathBuf {
    workspace.root.join("tests").join("fixtures").join(SOUND)
}

fn script(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.root.join("tests").join("daw").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automation_is_spelled_in_frames_on_whole_ticks() {
        assert_eq!(spelled(&points()), "0=0,66150=0,67253=2.5,220500=2.5,221603=0");
        // 1920 ticks a beat, 120 beats a minute: Ardour would move what lies between.
        for (seconds, _) in AUTOMATION {
            let ticks = seconds * 2.0 * 1920.0;
            assert!((ticks - ticks.round()).abs() < 1e-9, "{seconds} s lies between ticks");
        }
    }

    #[test]
    fn the_latency_is_found_among_ardours_own_lines() {
        assert_eq!(latency("[WARNING]: x\nlatency_frames 2845\nButler drops pool trash\n"), Some(2845));
        assert_eq!(latency("latency_frames soon\n"), None);
    }
}
