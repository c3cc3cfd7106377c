//! Plays the bundled VST3 in Ardour sessions made by script, and judges what comes out. See `docs/daw.md`.

mod ardour;
mod reference;
mod renders;
mod song;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Map, json};

use self::ardour::Ardour;
use self::song::{Material, RATE_HZ, SONGS, Song};
use crate::bundle::{self, Bundle, Profile};
use crate::resources;
use crate::setup;
use crate::workspace::{Workspace, run};

pub(crate) use renders::renders;

const SOUND: &str = "sung.wav";

/// The drum machine, as CLAP hosts know it.
const DRUMS_CLAP_ID: &str = "org.timbreloom.drums";

/// Names the folder of a bundle that is to be played as it is, as for the tests.
const BUNDLED: &str = "TIMBRELOOM_BUNDLED";

/// Writes `target/daw` and prints the table. `only`: of the song of this name. An error when a check fails.
pub(crate) fn daw(workspace: &Workspace, only: Option<&str>) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("this command plays the plugin in Ardour as Debian and Ubuntu package it; it runs on Linux only");
    }
    let is_meant = |song: &Song| only.is_none_or(|only| only == song.name);
    if !SONGS.iter().any(is_meant) {
        bail!("there is no such song; song (the effect), tune (the instrument) and beat (the drum machine) are known");
    }
    setup::for_daw(workspace)?;
    let bundled = bundled(workspace, Profile::Release)?;
    let folder = workspace.target.join("daw");
    resources::remove(&folder)?;
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;

    let ardour = Ardour::find(folder.join("home"))?;
    eprintln!("Letting Ardour {} scan the VST3", ardour.version);
    ardour.install(&Bundle::at(&bundled))?;
    let mut songs = Map::new();
    for song in SONGS.iter().filter(|song| is_meant(song)) {
        let latency_frames = make(workspace, &ardour, &folder, song, song.settings)?;
        for (snapshot, sound) in song.bounces {
            eprintln!("Bouncing {sound}");
            ardour.export(&folder.join(song.name), snapshot, &folder.join(sound).with_extension("wav"))?;
        }
        if song.material == Material::Beat {
            eprintln!("Playing the same in the test host");
            let session = folder.join(song.name).join("beat-again.ardour");
            let [bounce, sound] = ["beat.wav", "beat-host.wav"].map(|name| folder.join(name));
            reference::render(workspace, &bundled, song, DRUMS_CLAP_ID, [&session, &bounce, &sound])?;
        }
        let facts = json!({ "latency_frames": latency_frames, "points": song.points(), "tempi": song.tempi });
        songs.insert(song.name.to_owned(), facts);
    }

    let plan = json!({
        "sound": sound(workspace),
        "rate_hz": RATE_HZ,
        "ardour": ardour.version,
        "songs": songs,
    });
    let list = folder.join("plan.json");
    std::fs::write(&list, plan.to_string()).with_context(|| format!("cannot write {}", list.display()))?;
    eprintln!("Measuring and drawing\n");
    run(Command::new(workspace.python()).arg(script(workspace, "judge.py")).arg(&folder))?;
    println!("\nLook at and listen to: {}", folder.display());
    Ok(())
}

/// The folder of the bundle that is played: the one that [`BUNDLED`] names, else a new one.
fn bundled(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(BUNDLED).filter(|folder| !folder.is_empty()) {
        return std::path::absolute(&named).with_context(|| format!("{BUNDLED} names no folder"));
    }
    bundle::bundle(workspace, profile)?;
    Ok(workspace.bundled())
}

/// Makes the song's session in a folder, saves it, loads and saves it again. Returns the plugin's latency as Ardour knows it,
/// frames. `settings`: NAME=VALUE,... of parameters that are to be set.
fn make(workspace: &Workspace, ardour: &Ardour, folder: &Path, song: &Song, settings: &str) -> Result<usize> {
    eprintln!("Making the session {}", song.name);
    let session = folder.join(song.name);
    let path = session.to_str().context("Ardour's Lua needs a path of plain text")?;
    let (rate, automation, tempi) = (RATE_HZ.to_string(), song.spelled(), song.spelled_tempi());
    let args: [&str; 9] =
        [path, song.name, &rate, song.plugin, song.track, song.automated, &automation, settings, &tempi];
    ardour.lua(&script(workspace, "make.lua"), &args)?;
    let file = session.join(song.name).with_extension("ardour");
    let mut place = Command::new(workspace.python());
    match song.material {
        Material::Sound => place.arg(script(workspace, "place.py")).arg(file).arg(sound(workspace)),
        Material::Tune => place.arg(script(workspace, "tune.py")).arg(file),
        Material::Beat => place.arg(script(workspace, "beat.py")).arg(file).arg(tempi),
    };
    run(&mut place)?;

    eprintln!("Loading it and saving it again");
    let (way_back, rest) = (song.way_back_frame().to_string(), song.rest().to_string());
    let args: [&str; 7] = [path, song.name, song.track, song.automated, &way_back, &rest, song.nulled];
    let said = ardour.lua(&script(workspace, "again.lua"), &args)?;
    latency(&said).context("again.lua prints the plugin's latency")
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
    fn the_latency_is_found_among_ardours_own_lines() {
        assert_eq!(latency("[WARNING]: x\nlatency_frames 2845\nButler drops pool trash\n"), Some(2845));
        assert_eq!(latency("latency_frames soon\n"), None);
    }
}
