//! Latent paths of a project, as the effect plays them: the same in any blocks and in a fresh instance, bit for bit.
//!
//! Needs the bundle and the models: `cargo xtask test` makes them and runs this.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use common::rig::{Rig, sound, wait_until};
use nih_plug::prelude::Params;
use serde_json::Value;
use test_host::{Event, EventKind, Expression, Format, Instance, Library, Pace, Render, Take, bundle};
use timbreloom::controls::{Controls, Cross, PathClock, PathControls, PathMode, PlaneWeights};
use timbreloom::engine::{RecordAsk, RecordLength, RecordStart, Recording, Slot};
use timbreloom::instance::effect_params::EffectParams;
use timbreloom::latency::{Margin, StreamFormat};
use timbreloom::latent::{Axes, Chain, LatentPath, Marker, Operator, PathSet, Plane, Source, Step, WalkPoint};
use timbreloom::model::kinds::Package;
use timbreloom::model::loader;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::request::ModelRequest;
use timbreloom::offline::latent_path;
use timbreloom::rt::EffectSettings;

const RATE_HZ: f64 = 48_000.0;
const FRAMES: usize = 72_000;

/// What *cello* hears in a sound.
fn encoded(sound: &[f32], rate_hz: u32) -> LatentPath {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/cello");
    let package = Package::open(&folder).unwrap();
    let request = ModelRequest { name: package.name().to_owned(), hash: package.hash().to_owned() };
    let mut model = loader::load(&package, &ProviderChoice::CPU).unwrap();
    latent_path::encode(sound, rate_hz, model.as_mut(), request, &Controls::default()).unwrap()
}

/// Two paths of *cello*, the second one bent, and one of another model.
static PATHS: LazyLock<PathSet> = LazyLock::new(|| {
    let path = encoded(&sound(44_100, 44_100.0), 44_100);
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
        beats: Some(song_s * beats_per_s),
        beats_per_s,
        length_beats: Some(beats),
        ..path
    };
    let controls = Controls { song_s: Some(song_s), path, ..Controls::default() };
    EffectSettings { controls, ..EffectSettings::default() }
}

fn made(rig: &mut Rig, path: PathControls, blocks: &[usize]) -> Vec<f32> {
    made_from(rig, path, blocks, 0)
}

/// So many frames further on in the song.
fn made_from(rig: &mut Rig, path: PathControls, blocks: &[usize], from: usize) -> Vec<f32> {
    rig.processor.reset();
    rig.play(&vec![0.0; FRAMES], blocks, |at| alone(path, from + at))
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
fn a_moment_of_another_model_is_told_with_its_corner_or_marker() {
    let mut rig = rig(&PATHS);
    let path = &PATHS.slot(3).unwrap().path;
    let moment = || Source::Snapshot(Box::new(LatentPath { hops: path.hops[..1].to_vec(), ..path.emptied() }));
    let corners = [Some(Source::Slot(0)), None, Some(moment()), None];
    let markers = [Source::Live, moment()].map(|source| Marker { place: [0.5; 2], source }).to_vec();
    rig.engine.set_paths(PathSet::default().with_plane(&Plane { corners, markers, ..Plane::default() }));
    made(&mut rig, by(PathClock::Free), &[512]);
    let note = rig.telemetry.paths_note.lock().clone();
    for words in
        ["The moment in the corner above left was made with the model “horn”", "The moment of marker 2 was made"]
    {
        assert!(note.contains(words) && !note.contains("marker 1"), "{note}");
    }
}

#[test]
fn a_walk_over_the_plane_is_the_same_in_blocks_of_any_size_and_in_a_fresh_instance() {
    let point = |time_s, place| WalkPoint { time_s, place };
    let walk = vec![point(0.0, [0.0, 0.0]), point(0.7, [1.0, 0.2]), point(1.1, [0.3, 0.9])];
    let set = PATHS.with_plane(&Plane { walk, ..Plane::default() });
    let (mut first, mut fresh) = (rig(&set), rig(&set));
    let walks = |clock| PathControls { plane: PlaneWeights::Lines, walks: true, ..by(clock) };
    let faster = PathControls { rate: 1.3, ..walks(PathClock::Song) };
    // And an hour into the song, where the walk has begun again thousands of times.
    for (path, from) in
        [(walks(PathClock::Free), 0), (walks(PathClock::Song), 0), (faster, 0), (faster, 3600 * RATE_HZ as usize)]
    {
        let whole = made_from(&mut first, path, &[512], from);
        let standing = made_from(&mut first, PathControls { walks: false, ..path }, &[512], from);
        assert!(whole != standing && rms(&whole[24_000..]) > 1e-3, "{path:?}");
        for blocks in [&[32][..], &[480], &[1, 97, 512, 3, 64]] {
            assert_same(&made_from(&mut first, path, blocks, from), &whole, "other blocks");
        }
        assert_same(&made_from(&mut fresh, path, &[256], from), &whole, "a fresh instance");
    }
    let place = fresh.telemetry.plane_place.each_ref().map(|value| value.load());
    assert!(place != [0.5; 2] && fresh.telemetry.path_at.load() >= 0.0, "the window is told: {place:?}");
}

const RECORD: RecordAsk = RecordAsk { slot: 2, start: RecordStart::Now, length: RecordLength::Open, pre_roll_s: 0.0 };

/// At the model's rate, so that its hops are those of a file.
fn recording_rig() -> Rig {
    let rig = Rig::of_models(StreamFormat { host_rate_hz: 44_100.0, ..format() }, "cello", None);
    rig.engine.record(RECORD);
    rig
}

#[test]
fn what_is_recorded_is_what_encode_gives_of_the_same_sound_and_plays_as_that_does() {
    let mut rig = recording_rig();
    let sound = sound(66_150, 44_100.0);
    rig.play(&sound, &[512], |_| EffectSettings::default());
    rig.engine.end_record(true);
    wait_until(|| rig.engine.tape().recording() == Recording::Off);
    let take = rig.engine.tape().peek().unwrap();
    let mut path = encoded(&sound, 44_100);
    let hops = take.path.hops.len();
    assert!(hops > 100, "{hops}");
    path.hops.truncate(hops);
    assert_eq!((take.slot, &*take.path), (2, &path));
    assert_eq!(rig.engine.tape().snapshot().unwrap().emptied(), path.emptied());
    let played = |path: &LatentPath| {
        let set = PathSet::default().with_path(0, "take", path, &Chain::default()).unwrap();
        made(&mut self::rig(&set), by(PathClock::Free), &[512])
    };
    let again = played(&take.path);
    assert_same(&again, &played(&path), "as encoded");
    assert!(rms(&again[24_000..]) > 1e-3);
}

#[test]
fn a_recording_hears_the_input_whatever_path_is_played_and_outlives_the_engine() {
    let sound = sound(44_100, 44_100.0);
    let recorded = |mode| {
        let mut rig = recording_rig();
        rig.engine.set_paths(PATHS.clone());
        let path = PathControls { mode, has_loudness: true, has_pitch: true, ..by(PathClock::Free) };
        let controls = Controls { path, ..Controls::default() };
        rig.play(&sound, &[512], |_| EffectSettings { controls, ..EffectSettings::default() });
        let tape = Arc::clone(rig.engine.tape());
        drop(rig);
        assert_eq!(tape.recording(), Recording::Off);
        tape.peek().unwrap().path.hops.clone()
    };
    let (with, without) = (recorded(PathMode::Replace), recorded(PathMode::Off));
    let hops = with.len().min(without.len());
    assert!(hops > 50, "{hops}");
    assert_eq!(with[..hops], without[..hops]);
}

#[test]
fn a_model_that_is_not_heard_listens_while_it_is_recorded() {
    let format = StreamFormat { host_rate_hz: 44_100.0, ..format() };
    let sound = sound(44_100, 44_100.0);
    let mut rig = Rig::of_models(format, "cello", Some("horn"));
    rig.engine.record(RECORD);
    let controls = Controls { blend: 1.0, ..Controls::default() };
    rig.play(&sound, &[512], |_| EffectSettings { controls, ..EffectSettings::default() });
    rig.engine.end_record(true);
    wait_until(|| rig.engine.tape().recording() == Recording::Off);
    let take = rig.engine.tape().peek().unwrap();
    let mut path = encoded(&sound, 44_100);
    path.hops.truncate(take.path.hops.len());
    assert!(path.hops.len() > 50);
    assert_eq!(*take.path, path);
}

#[test]
fn what_a_model_heard_before_another_one_alone_was_played_is_no_moment_and_no_beginning() {
    let mut rig = Rig::of_models(StreamFormat { host_rate_hz: 44_100.0, ..format() }, "cello", Some("horn"));
    let tape = Arc::clone(rig.engine.tape());
    let play = |rig: &mut Rig, blend: f32, sound: &[f32]| {
        let controls = Controls { blend, ..Controls::default() };
        rig.play(sound, &[512], |_| EffectSettings { controls, ..EffectSettings::default() });
    };
    // How many hops a recording has of a second and a half of the second model: what came before would be as many again.
    let recorded = |rig: &mut Rig, sound: &[f32]| {
        rig.engine.record(RecordAsk { pre_roll_s: 10.0, ..RECORD });
        play(rig, 1.0, sound);
        rig.engine.end_record(true);
        wait_until(|| tape.recording() == Recording::Off);
        let take = tape.peek().unwrap();
        tape.drop_first(&take);
        take.path.hops.len()
    };
    let (sound, silence) = (sound(66_150, 44_100.0), vec![0.0; 66_150]);
    play(&mut rig, 0.0, &sound);
    assert!(tape.snapshot().is_some());
    play(&mut rig, 1.0, &sound);
    assert_eq!(tape.snapshot(), None);
    let hops = recorded(&mut rig, &sound);
    assert!((100..140).contains(&hops), "{hops}");
    // Also where all rests by now.
    play(&mut rig, 1.0, &sound);
    (0..2).for_each(|_| play(&mut rig, 1.0, &silence));
    assert_eq!(tape.snapshot(), None);
    let hops = recorded(&mut rig, &silence);
    assert!((100..140).contains(&hops), "{hops}");
}

#[test]
fn another_model_ends_a_recording_and_what_there_is_is_kept() {
    let mut rig = recording_rig();
    let sound = sound(44_100, 44_100.0);
    rig.play(&sound, &[512], |_| EffectSettings::default());
    rig.engine.swap(Slot::First, ModelRequest::named("horn"));
    let tape = Arc::clone(rig.engine.tape());
    let take = (0..60).find_map(|_| {
        rig.play(&sound, &[512], |_| EffectSettings::default());
        tape.peek()
    });
    let take = take.expect("the other one is there within a minute of sound");
    assert_eq!((take.path.model.name.as_str(), tape.recording()), ("cello", Recording::Off));
    assert!(take.path.hops.len() > 50);
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
    // Across and up are automated, a point every 1801 frames.
    let ids = ["Plane X", "Plane Y"].map(|name| instance().param(name).unwrap().id);
    let point = |n: usize| {
        let share = (0.11 * n as f64).sin().mul_add(0.5, 0.5);
        [Event::value(n * 1801, ids[0], share), Event::value(n * 1801 + 613, ids[1], 1.0 - share)]
    };
    let walked: Vec<Event> = (0..FRAMES / 1801 - 1).flat_map(point).collect();
    for (texts, events) in [
        (&[("Path Play", "Song"), ("Path Length", "1 Bar")][..], &[][..]),
        (&[("Path Play", "Song"), ("Plane", "Discs"), ("Plane X", "30 %")], &[]),
        (&[("Path Play", "Note"), ("Path Start", "20 %")], &notes),
        (&[("Path Play", "Song"), ("Plane", "Lines")], &walked[..]),
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
        if events.len() != notes.len() {
            assert!(rms(&sound[20_000..]) > 1e-3, "{texts:?}: {}", rms(&sound));
        } else {
            let (before, held, after) = (&sound[..20_000], &sound[25_000..40_000], &sound[60_000..]);
            assert!(rms(held) > 1e-3 && rms(before) < 1e-4 && rms(after) < 1e-4, "{}", rms(held));
        }
    }
}

#[test]
fn a_note_that_is_touched_is_a_place_on_the_plane() {
    let on = [("Path Play", "Song"), ("Plane", "Lines")];
    let placed = |x, y| played(&project(&[on[0], on[1], ("Plane X", x), ("Plane Y", y)]), &[], 512).0;
    let mpe = project(&[on[0], on[1], ("Plane MPE", "On"), ("Plane Y", "0 %")]);
    let touch = |kind, value| Event { frame: 0, kind: EventKind::Expression(1, kind, value) };
    let held = Event { frame: 0, kind: EventKind::NoteOn(1, 0, 60, 0.8) };
    let expressed = [held, touch(Expression::Brightness, 0.75), touch(Expression::Pressure, 0.25)];
    assert_same(&played(&mpe, &expressed, 512).0, &placed("75 %", "25 %"), "by expressions");
    // As MPE comes in MIDI: what a channel is touched with stands before its note.
    let pressure = Event { frame: 0, kind: EventKind::Midi([0xd2, 0, 0]) };
    let midi = [Event::controller(0, 2, 74, 127), pressure, Event::note_on(0, 2, 60, 100)];
    assert_same(&played(&mpe, &midi, 512).0, &placed("100 %", "0 %"), "by MIDI");
    assert_same(&played(&mpe, &[], 512).0, &placed("50 %", "0 %"), "without a note");
    let slide = [&expressed[..], &[Event { frame: 30_011, ..touch(Expression::Brightness, 0.0) }]].concat();
    let slid = played(&mpe, &slide, 512).0;
    assert!(slid != placed("75 %", "25 %"));
    for block in [32, 97, 480] {
        assert_same(&played(&mpe, &slide, block).0, &slid, &format!("blocks of {block}"));
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
