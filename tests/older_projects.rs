//! Projects that earlier versions saved come back as they were left: values, models, all else that was saved, and the sound.
//!
//! Needs the bundle and the models: `cargo xtask test` makes them and runs this.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use common::package::root;
use common::plugin::{CODES, EFFECT, activate, fields, offline};
use common::sounds::{rms, sung};
use test_host::{Event, Instance, Pace, Take};

const FRAMES: usize = 48_000;

/// The part of the sound that is kept: past the latency and the models' memory.
const KEPT: std::ops::Range<usize> = 36_000..FRAMES;

/// Where parameters are moved to, as shares of their range. A choice of three has each of its values among them.
const SHARES: [f64; 5] = [0.3, 0.7, 0.5, 0.0, 1.0];

/// How far another processor's rounding may move a sound, dB below it.
const ROUNDING_DB: f64 = -60.0;

fn folder() -> PathBuf {
    root().join("tests/fixtures/states")
}

/// The names of all projects.
fn projects() -> Vec<String> {
    let names = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let projects: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".clapstate")?.to_owned())).collect();
    assert!(projects.len() > 4, "the fixtures are there");
    projects
}

fn read(project: &str, kind: &str) -> Option<Vec<u8>> {
    fs::read(folder().join(format!("{project}.{kind}"))).ok()
}

fn is_codes(project: &str) -> bool {
    project.ends_with("-codes")
}

fn fresh(is_codes: bool) -> Instance {
    offline(if is_codes { CODES } else { EFFECT })
}

fn state_of(project: &str) -> Vec<u8> {
    read(project, "clapstate").unwrap()
}

/// All parameters as the host shows them.
fn shown(plugin: &mut Instance) -> BTreeMap<String, String> {
    let params = plugin.params().unwrap();
    let show = |param: test_host::Param| {
        let value = plugin.value(param.id).unwrap();
        (param.name, plugin.value_to_text(param.id, value).unwrap())
    };
    let count = params.len();
    let shown: BTreeMap<String, String> = params.into_iter().map(show).collect();
    assert_eq!(shown.len(), count, "two parameters of one name: one of them is not compared");
    shown
}

/// Moves every parameter away from what the project holds, and from its default where it has a third value, so that one which
/// loading leaves alone is seen.
fn move_all(plugin: &mut Instance, held: &BTreeMap<String, String>) {
    let mut moves = Vec::new();
    for param in plugin.params().unwrap() {
        let held = &held[&param.name];
        let default = plugin.value_to_text(param.id, param.default).unwrap();
        let others = SHARES.map(|share| {
            let value = param.min + share * (param.max - param.min);
            let value = if param.is_stepped { value.round() } else { value };
            (value, plugin.value_to_text(param.id, value).unwrap())
        });
        let is_third = |text: &String| text != held && *text != default;
        let third = others.iter().find(|(_, text)| is_third(text));
        let other = third.or_else(|| others.iter().find(|(_, text)| text != held));
        let (value, _) = other.unwrap_or_else(|| panic!("{} has one value alone", param.name));
        moves.push((param.id, *value));
    }
    plugin.set_values(&moves).unwrap();
    for (name, text) in shown(plugin) {
        assert_ne!(text, held[&name], "{name} has not moved");
    }
}

/// The effect with a voice, the instrument with two notes and the wheel.
fn sound_of(plugin: &mut Instance, is_codes: bool) -> Vec<f32> {
    activate(plugin, 512);
    let input = sung(FRAMES);
    let events = [
        Event::note_on(0, 0, 50, 100),
        Event::note_on(9_000, 0, 57, 70),
        Event::controller(20_000, 0, 1, 90),
        Event::note_off(40_000, 0, 50),
    ];
    let take = match is_codes {
        true => Take { alone_frames: Some(FRAMES), events: &events, song_s: Some(0.0), ..Take::default() },
        false => Take { input: &input, song_s: Some(0.0), ..Take::default() },
    };
    let sound = plugin.play(&take, &mut std::iter::repeat(512), Pace::Hurry).unwrap();
    sound[0][KEPT].to_vec()
}

#[test]
fn what_a_project_holds_comes_back() {
    for project in projects() {
        let is_codes = is_codes(&project);
        let was: BTreeMap<String, String> = serde_json::from_slice(&read(&project, "json").unwrap()).unwrap();
        let mut plugin = fresh(is_codes);
        // What is younger than the project is at its default.
        let mut held = shown(&mut plugin);
        for name in was.keys() {
            assert!(held.contains_key(name), "{name}, which {project} holds, is no more");
        }
        held.extend(was);
        move_all(&mut plugin, &held);
        plugin.load_state(&state_of(&project)).unwrap();
        let now = shown(&mut plugin);
        for (name, text) in &held {
            assert_eq!(now.get(name), Some(text), "{name}, {project}");
        }
        let now = fields(&plugin.save_state().unwrap());
        for (key, value) in fields(&state_of(&project)) {
            assert_eq!(now[&key], value, "{key}, {project}");
        }
    }
}

#[test]
fn a_project_sounds_as_it_did() {
    let mut compared = BTreeSet::new();
    for project in projects() {
        let Some(bytes) = read(&project, "f32") else { continue };
        let was: Vec<f32> = bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        let mut plugin = fresh(is_codes(&project));
        plugin.load_state(&state_of(&project)).unwrap();
        let now = sound_of(&mut plugin, is_codes(&project));
        let apart: Vec<f32> = was.iter().zip(&now).map(|(was, now)| was - now).collect();
        let apart_db = 20.0 * (f64::from(rms(&apart)) / f64::from(rms(&was)) + 1e-12).log10();
        println!("{project}: {apart_db:.0} dB apart");
        assert!(was.len() == KEPT.len() && rms(&was) > 1e-3);
        assert!(apart_db < ROUNDING_DB, "{project}: {apart_db:.1} dB apart");
        compared.insert(is_codes(&project));
    }
    assert_eq!(compared, BTreeSet::from([false, true]), "a sound of each plugin");
}
