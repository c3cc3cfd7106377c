//! Latent paths of a project, as the effect plays them: the same in any blocks and in a fresh instance, bit for bit.
//!
//! Needs the bundle and the models: `cargo xtask test` makes them and runs this.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::path::Path;
use std::sync::LazyLock;

use common::rig::{Rig, sound};
use nih_plug::prelude::Params;
use serde_json::Value;
use test_host::{Event, EventKind, Format, Instance, Library, Pace, Render, Take, bundle};
use timbreloom::controls::{Controls, Cross, PathClock, PathControls, PathMode, PlaneWeights};
use timbreloom::instance::effect_params::EffectParams;
use timbreloom::latency::{Margin, StreamFormat};
use timbreloom::latent::{Axes, Chain, LatentPath, Operator, PathSet, Step};
use timbreloom::model::kinds::Package;
use timbreloom::model::loader;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::request::ModelRequest;
use timbreloom::offline::latent_path;
use timbreloom::rt::EffectSettings;

const RATE_HZ: f64 = 48_000.0;
const FRAMES: usize = 72_000;

/// Two paths of *cello*, the second one bent, and one of another model.
static PATHS: LazyLock<PathSet> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/cello");
    let package = Package::open(&folder).unwrap();
    let request = ModelRequest { name: package.name().to_owned(), hash: package.hash().to_owned() };
    let mut model = loader::load(&package, &ProviderChoice::CPU).unwrap();
    let sound = sound(44_100, 44_100.0);
    let path = latent_path::encode(&sound, 44_100, model.as_mut(), request, &Controls::default()).unwrap();
    let chain = Chain(vec![
        Step::new(Operator::Reverse, Axes::ALL),
        Step::new(Operator::Scale { by: 1.5 }, Axes::LATENT),
        Step::new(Operator::Bias { by: 6.0 }, "loudness".parse().unwrap()),
    ]);
    let other = LatentPath { model: ModelRequest::named("horn"), ..path.clone() };
    let set = PathSet::default().with_path(0, "as it came", &path, &Chain::default()).unwrap();
    set.with_path(1, "bent", &path, &chain).unwrap().with_path(3, "of another", &other, &chain).unwrap()
});

fn format() -> StreamFormat {
    StreamFormat { host_rate_hz: RATE_HZ, max_block_frames: 512, channels: 1, margin: Margin::Safe }
}

fn rig(set: &PathSet) -> Rig {
    let rig = Rig::of_models(format(), "cello", None);
    rig.engine.set_paths(set.clone());
    rig
}

/// Alone, at 90 beats a minute from the song's third bar on.
fn alone(path: PathControls, at: usize) -> EffectSettings {
    let song_s = 5.25 + at as f64 / RATE_HZ;
    let (beats_per_s, beats) = (1.5, 4.0);
    let path = PathControls {
        mode: PathMode::Replace,
        has_loudness: true,
        has_pitch: true,
        turns: Some(song_s * beats_per_s / beats),
        turns_per_s: beats_per_s / beats,
        ..path
    };
    let controls = Controls { song_s: Some(song_s), path, ..Controls::default() };
    EffectSettings { controls, ..EffectSettings::default() }
}

fn made(rig: &mut Rig, path: PathControls, blocks: &[usize]) -> Vec<f32> {
    rig.processor.reset();
    rig.play(&vec![0.0; FRAMES], blocks, |at| alone(path, at))
}

fn rms(sound: &[f32]) -> f32 {
    (sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32).sqrt()
}

fn assert_same(a: &[f32], b: &[f32], what: &str) {
    assert_eq!(a.iter().zip(b).position(|(a, b)| a.to_bits() != b.to_bits()), None, "{what}");
}

fn by(clock: PathClock) -> PathControls {
    PathControls { clock, ..PathControls::default() }
}

#[test]
fn paths_sound_without_an_input_and_the_same_in_blocks_of_any_size_and_in_a_fresh_instance() {
    let state = EffectParams::default();
    state.own.paths.put(PATHS.clone());
    let fields = state.serialize_fields();
    let restored = EffectParams::default();
    restored.deserialize_fields(&fields);
    assert_eq!(restored.serialize_fields(), fields);
    let (mut first, mut fresh) = (rig(&PATHS), rig(&restored.own.paths.get()));
    let morphed = PathControls { morph: 0.3, rate: 1.3, ..by(PathClock::Free) };
    let position = PathControls { position: 0.4, ..by(PathClock::Position) };
    for path in [by(PathClock::Free), by(PathClock::Song), morphed, position] {
        let whole = made(&mut first, path, &[512]);
        assert!(rms(&whole[24_000..]) > 1e-3, "{path:?}: {}", rms(&whole[24_000..]));
        for blocks in [&[32][..], &[480], &[1, 97, 512, 3, 64]] {
            assert_same(&made(&mut first, path, blocks), &whole, "other blocks");
        }
        assert_same(&made(&mut fresh, path, &[256]), &whole, "a fresh instance");
    }
}

#[test]
fn a_corner_of_the_plane_is_the_path_of_its_slot_and_the_middle_is_none_of_them() {
    let mut rig = rig(&PATHS);
    let slots = [0, 1].map(|slot| made(&mut rig, PathControls { slot, ..by(PathClock::Song) }, &[512]));
    let mut at = |plane, place| made(&mut rig, PathControls { plane, place, ..by(PathClock::Song) }, &[512]);
    for plane in [PlaneWeights::Lines, PlaneWeights::Discs, PlaneWeights::Terrain] {
        let (left, right) = (at(plane, [0.0, 0.0]), at(plane, [1.0, 0.0]));
        assert_same(&left, &slots[0], "below left");
        assert_same(&right, &slots[1], "below right");
        let middle = at(plane, [0.5, 0.5]);
        assert!(middle != left && middle != right && rms(&middle[24_000..]) > 1e-3);
    }
}

#[test]
fn a_path_of_another_model_does_not_play_and_is_told_and_kept() {
    let mut rig = rig(&PATHS);
    let silent = made(&mut rig, PathControls { slot: 3, ..by(PathClock::Free) }, &[512]);
    assert!(rms(&silent) < 1e-4, "{}", rms(&silent));
    let note = rig.telemetry.paths_note.lock().clone();
    assert!(
        note.contains("“of another” in slot 4 was made with the model “horn”") && !note.contains("slot 1"),
        "{note}"
    );
    rig.engine.set_paths(PathSet::default());
    let none = made(&mut rig, by(PathClock::Free), &[512]);
    assert!(rms(&none) < 1e-4);
    assert_eq!(*rig.telemetry.paths_note.lock(), "");
}

#[test]
fn a_second_model_plays_the_first_ones_path_only_from_its_latent() {
    let mut rig = Rig::of_models(format(), "cello", Some("horn"));
    rig.engine.set_paths(PATHS.clone());
    let mut second = |slot, cross| {
        rig.processor.reset();
        let settings = |at| {
            let mut settings = alone(PathControls { slot, ..by(PathClock::Free) }, at);
            (settings.controls.blend, settings.controls.cross) = (1.0, cross);
            settings
        };
        rig.play(&vec![0.0; FRAMES], &[512], settings)
    };
    let (without, with) = (second(7, Cross::OwnEncoder), second(0, Cross::OwnEncoder));
    assert_same(&with, &without, "it is none of its paths");
    let along = second(0, Cross::FirstLatent);
    assert!(rms(&along[24_000..]) > 10.0 * rms(&without[24_000..]), "{} {}", rms(&along), rms(&without));
    assert!(second(3, Cross::OwnEncoder) != without, "that one is its own");
}

fn instance() -> Instance {
    let mut plugin = Library::load(&bundle()).unwrap().instantiate("org.timbreloom.effect").unwrap();
    plugin.set_render(Render::Offline).unwrap();
    plugin
}

/// A project with the paths, whose parameters say this.
fn project(texts: &[(&str, &str)]) -> Vec<u8> {
    let mut plugin = instance();
    let alone = [("Path Mode", "Replace"), ("Path Loudness", "Path"), ("Path Pitch", "Path")];
    for (name, text) in alone.iter().chain(texts) {
        plugin.set_by_text(name, text).unwrap();
    }
    let saved = plugin.save_state().unwrap();
    let mut content: Value = serde_json::from_slice(&saved[8..]).unwrap();
    content["fields"]["paths"] = serde_json::to_string(&*PATHS).unwrap().into();
    let text = content.to_string();
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

/// A second and a half of silence through a fresh instance of a project, and the project as that one saves it.
fn played(project: &[u8], events: &[Event], block: usize) -> (Vec<f32>, Vec<u8>) {
    let mut plugin = instance();
    plugin.load_state(project).unwrap();
    plugin.activate(Format { rate_hz: RATE_HZ, min_block_frames: 1, max_block_frames: 512 }).unwrap();
    let silence = vec![vec![0.0; FRAMES]; 2];
    let take = Take { input: &silence, events, song_s: Some(10.0), ..Take::default() };
    let mut sound = plugin.play(&take, &mut std::iter::repeat(block), Pace::Hurry).unwrap();
    (sound.swap_remove(0), plugin.save_state().unwrap())
}

#[test]
fn a_host_plays_a_project_by_its_song_and_by_notes_and_saves_it_as_it_was() {
    let notes = [
        Event { frame: 20_011, kind: EventKind::NoteOn(1, 0, 60, 0.8) },
        Event { frame: 30_500, kind: EventKind::NoteOn(2, 0, 67, 0.8) },
        Event { frame: 40_000, kind: EventKind::NoteOff(2) },
        Event { frame: 41_000, kind: EventKind::NoteOff(1) },
    ];
    for (texts, events) in [
        (&[("Path Play", "Song"), ("Path Length", "1 Bar")][..], &[][..]),
        (&[("Path Play", "Song"), ("Plane", "Discs"), ("Plane X", "30 %")], &[]),
        (&[("Path Play", "Note"), ("Path Start", "20 %")], &notes),
    ] {
        let project = project(texts);
        let (sound, saved) = played(&project, events, 512);
        let fields = |state: &[u8]| serde_json::from_slice::<Value>(&state[8..]).unwrap()["fields"].clone();
        let paths = |state: &[u8]| serde_json::from_str::<Value>(fields(state)["paths"].as_str().unwrap()).unwrap();
        assert_eq!(paths(&saved), serde_json::to_value(&*PATHS).unwrap());
        for block in [32, 97, 480] {
            let (again, _) = played(&saved, events, block);
            assert_same(&again, &sound, &format!("{texts:?}, blocks of {block}"));
        }
        if events.is_empty() {
            assert!(rms(&sound[20_000..]) > 1e-3, "{texts:?}: {}", rms(&sound));
        } else {
            let (before, held, after) = (&sound[..20_000], &sound[25_000..40_000], &sound[60_000..]);
            assert!(rms(held) > 1e-3 && rms(before) < 1e-4 && rms(after) < 1e-4, "{}", rms(held));
        }
    }
}

#[test]
fn a_project_that_is_loaded_while_the_plugin_runs_brings_its_paths() {
    let project = project(&[("Path Play", "Song"), ("Path Length", "2 Bars")]);
    let mut plugin = instance();
    plugin.activate(Format { rate_hz: RATE_HZ, min_block_frames: 1, max_block_frames: 512 }).unwrap();
    let silence = vec![vec![0.0; FRAMES]; 2];
    let play = |plugin: &mut Instance, song_s| {
        let take = Take { input: &silence, song_s: Some(song_s), ..Take::default() };
        plugin.play(&take, &mut std::iter::repeat(512), Pace::Hurry).unwrap().swap_remove(0)
    };
    assert!(rms(&play(&mut plugin, 0.0)) < 1e-4, "there is no path yet");
    plugin.load_state(&project).unwrap();
    assert!(rms(&play(&mut plugin, 1.5)[24_000..]) > 1e-3);
    let other = instance().save_state().unwrap();
    plugin.load_state(&other).unwrap();
    assert!(rms(&play(&mut plugin, 3.0)[48_000..]) < 1e-4, "nothing of it stays");
}
