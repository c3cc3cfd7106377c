//! MIDI controllers in a CLAP host. How they are learnt is tested in `src/instance/midi_map.rs`.
//!
//! Needs the bundle and a model: `cargo xtask test` makes them and runs this. The bundle for tests aborts on an
//! allocation in `process()`.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use common::plugin::{EFFECT, activate, content, fields, library, load_with, offline, play, set, state_of};
use common::sounds::{assert_same, first_difference, partitions, rms, sung};
use serde_json::json;
use test_host::{Event, EventKind, Instance, Pace};

const SOUND_FRAMES: usize = 72_000;
const LARGEST: usize = 8192;

const MAP: &str = r#"{"soft_takeover":false,"mappings":[
    {"param":"bias_1","cc":20,"channel":null,"low":0.0,"high":1.0},
    {"param":"output_gain","cc":21,"channel":3,"low":0.0,"high":1.0},
    {"param":"mix","cc":22,"channel":null,"low":1.0,"high":0.0},
    {"param":"freeze","cc":64,"channel":null,"low":0.0,"high":1.0}]}"#;

/// An instance that bounces, with this map.
fn mapped(map: &str) -> Instance {
    let mut plugin = offline(EFFECT);
    load_with(&mut plugin, &[("midi_map", serde_json::from_str(map).unwrap())]);
    plugin
}

fn bounce(max_block_frames: usize, input: &[Vec<f32>], events: &[Event]) -> (usize, Vec<Vec<f32>>) {
    let mut plugin = mapped(MAP);
    let latency = activate(&mut plugin, max_block_frames);
    (latency, play(&mut plugin, input, events))
}

fn id_of(name: &str) -> u32 {
    offline(EFFECT).param(name).unwrap().id
}

#[test]
fn hosts_see_an_effect_with_one_midi_input() {
    let descriptor = library().descriptors().swap_remove(0);
    assert!(descriptor.features.iter().any(|feature| feature == "audio-effect"));
    assert!(descriptor.features.iter().all(|feature| feature != "instrument" && feature != "note-effect"));
    let mut plugin = offline(EFFECT);
    assert_eq!(plugin.midi_inputs(), 1);
    plugin.set_layout("Mono").unwrap();
    plugin.set_layout("Stereo").unwrap();
}

#[test]
fn a_controller_is_heard_and_sounds_as_automation_to_the_same_value() {
    let input = sung(SOUND_FRAMES);
    let [bias, mix, freeze, gain] = ["Bias 1", "Mix", "Freeze", "Output Gain"].map(id_of);
    let controllers = [
        Event::controller(20_011, 0, 20, 127),
        Event::controller(30_003, 5, 22, 127),
        Event::controller(30_013, 5, 22, 0),
        Event::controller(40_001, 1, 20, 0),
        Event::controller(50_021, 0, 64, 127),
        Event::controller(60_007, 3, 21, 0),
    ];
    let automation = [
        Event::value(20_011, bias, 1.0),
        Event::value(30_003, mix, 0.0),
        Event::value(30_013, mix, 1.0),
        Event::value(40_001, bias, 0.0),
        Event::value(50_021, freeze, 1.0),
        Event::value(60_007, gain, 0.0),
    ];
    let (_, turned) = bounce(512, &input, &controllers);
    let (_, drawn) = bounce(512, &input, &automation);
    assert!(rms(&turned[0]) > 1e-3, "the model says nothing");
    assert_same(&turned, &drawn, "controllers and automation");
    for without in 0..controllers.len() {
        let (_, others) = bounce(512, &input, &[&controllers[..without], &controllers[without + 1..]].concat());
        assert!(first_difference(&others[0], &turned[0]).is_some(), "{:?} is not heard", controllers[without]);
    }
}

#[test]
fn a_slide_moves_what_it_is_mapped_to() {
    let input = sung(SOUND_FRAMES / 2);
    let of = |cc: u8| {
        let mut plugin = mapped(&MAP.replace("\"cc\":20", &format!("\"cc\":{cc}")));
        set(&mut plugin, &[("Plane MPE", "On")]);
        activate(&mut plugin, 512);
        play(&mut plugin, &input, &[Event::controller(10_007, 0, cc, 127)])
    };
    let slid = of(74);
    assert_same(&slid, &of(20), "controller 74 and another one");
    assert!(first_difference(&slid[0], &bounce(512, &input, &[]).1[0]).is_some(), "it is heard");
}

#[test]
fn the_last_touch_wins() {
    let input = sung(SOUND_FRAMES);
    let bias = id_of("Bias 1");
    let (_, turned) = bounce(
        512,
        &input,
        &[
            Event::controller(10_007, 0, 20, 127),
            Event::value(25_001, bias, 0.25),
            Event::controller(40_003, 0, 20, 0),
            // the value that it has already: no move
            Event::value(50_021, bias, 0.25),
        ],
    );
    let (_, drawn) = bounce(
        512,
        &input,
        &[Event::value(10_007, bias, 1.0), Event::value(25_001, bias, 0.25), Event::value(40_003, bias, 0.0)],
    );
    assert_same(&turned, &drawn, "controllers between automation");
}

#[test]
fn controllers_that_are_not_mapped_and_notes_change_nothing() {
    let input = sung(SOUND_FRAMES / 2);
    let events: Vec<Event> =
        [[0xb0, 23, 99], [0xb0, 21, 0], [0x90, 20, 127], [0xe3, 21, 0], [0xb3, 123, 0], [0xf8, 0, 0]]
            .into_iter()
            .enumerate()
            .map(|(n, bytes)| Event { frame: 1001 + 7 * n, kind: EventKind::Midi(bytes) })
            .collect();
    assert_same(&bounce(512, &input, &events).1, &bounce(512, &input, &[]).1, "with other MIDI");
}

#[test]
fn in_one_frame_the_controller_comes_after_the_automation_at_any_block_size() {
    let input = sung(SOUND_FRAMES);
    let bias = id_of("Bias 1");
    let (turn, value) = (Event::controller(45_000, 0, 20, 127), Event::value(45_000, bias, 0.25));
    let (_, expected) = bounce(LARGEST, &input, &[Event::value(45_000, bias, 1.0)]);
    for events in [[turn, value], [value, turn]] {
        // 45 000 lies within a block, and begins one
        for block in [512, 700, 600] {
            let mut plugin = mapped(MAP);
            activate(&mut plugin, LARGEST);
            let sound = plugin.render(&input, &mut std::iter::repeat(block), &events, Pace::Hurry).unwrap();
            assert_same(&sound, &expected, &format!("{block}: {events:?}"));
        }
    }
}

/// Controllers among automation and modulation, several in a block and several in a frame.
fn busy() -> Vec<Event> {
    let (bias, gain) = (id_of("Bias 2"), id_of("Output Gain"));
    let mut events = vec![
        Event::value(30_012, bias, 0.75),
        Event::modulation(30_014, gain, -0.1),
        Event::controller(45_000, 0, 20, 10),
        Event::value(45_000, bias, 0.25),
        Event::controller(45_000, 0, 20, 30),
        Event::value(48_503, id_of("Bias 1"), 0.25),
        Event::controller(48_503, 0, 20, 90),
        Event::value(48_503, id_of("Bias 1"), 0.75),
        Event::controller(52_001, 0, 64, 127),
        Event::controller(60_001, 0, 64, 0),
    ];
    events.extend((0..64).map(|n: u8| Event::controller(20_003 + 337 * usize::from(n), 0, 20, 2 * n)));
    events.extend((0..32).map(|n: u8| Event::controller(30_011 + usize::from(n), 3, 21, 90 - n)));
    events.sort_by_key(|event| event.frame);
    events
}

#[test]
fn the_same_samples_come_at_every_partition_and_in_every_run() {
    let input = sung(SOUND_FRAMES);
    let events = busy();
    let (_, expected) = bounce(LARGEST, &input, &events);
    assert_same(&bounce(LARGEST, &input, &events).1, &expected, "another run");
    for (name, mut blocks) in partitions() {
        let mut plugin = mapped(MAP);
        activate(&mut plugin, LARGEST);
        assert_same(&plugin.render(&input, &mut blocks, &events, Pace::Hurry).unwrap(), &expected, &name);
    }
}

#[test]
fn a_reset_lets_go_so_that_every_run_begins_with_the_project() {
    let input = sung(SOUND_FRAMES / 2);
    let events = [Event::controller(1001, 3, 21, 20), Event::controller(2001, 0, 20, 100)];
    let mut plugin = mapped(MAP);
    activate(&mut plugin, 512);
    let first = play(&mut plugin, &input, &events);
    plugin.reset().unwrap();
    assert_same(&play(&mut plugin, &input, &events), &first, "after a reset");
    plugin.deactivate();
    activate(&mut plugin, 512);
    assert_same(&play(&mut plugin, &input, &events), &first, "after a new activation");
}

#[test]
fn a_controller_changes_neither_the_value_that_the_host_reads_nor_the_saved_state() {
    let mut plugin = mapped(MAP);
    activate(&mut plugin, 512);
    let (bias, state) = (id_of("Bias 1"), plugin.save_state().unwrap());
    let value = plugin.value(bias).unwrap();
    play(&mut plugin, &sung(4800), &[Event::controller(1001, 0, 20, 127)]);
    assert_eq!(plugin.value(bias).unwrap(), value);
    assert_eq!(plugin.save_state().unwrap(), state);
}

#[test]
fn with_soft_takeover_a_controller_is_heard_once_it_has_come_to_the_value() {
    let input = sung(SOUND_FRAMES);
    let soft = MAP.replace("false", "true");
    let made = |events: &[Event]| {
        let mut plugin = mapped(&soft);
        activate(&mut plugin, 512);
        play(&mut plugin, &input, events)
    };
    // Bias 1 is at 0.5
    let early = [Event::controller(10_001, 0, 20, 10), Event::controller(20_001, 0, 20, 50)];
    assert_same(&made(&early), &made(&[]), "below the value");
    let past = [early[0], Event::controller(20_001, 0, 20, 127)];
    let drawn = [Event::value(20_001, id_of("Bias 1"), 1.0)];
    assert_same(&made(&past), &made(&drawn), "past the value");
}

#[test]
fn a_project_keeps_its_map() {
    let mut plugin = mapped(MAP);
    let state = plugin.save_state().unwrap();
    let mut other = offline(EFFECT);
    other.load_state(&state).unwrap();
    assert_eq!(other.save_state().unwrap(), state);
    let mappings = fields(&state)["midi_map"]["mappings"].as_array().unwrap().clone();
    assert_eq!(mappings.len(), 4);
    let mix = mappings.iter().find(|mapping| mapping["param"] == "mix").unwrap();
    assert_eq!(*mix, json!({"param": "mix", "cc": 22, "channel": null, "low": 1.0, "high": 0.0}));
}

#[test]
fn a_state_without_a_map_or_with_a_damaged_one_loads_and_takes_the_old_map_away() {
    for text in [None, Some("nonsense"), Some(r#"{"mappings":[{"param":"mix","cc":999}]}"#), Some("[1e999]")] {
        let mut plugin = mapped(MAP);
        plugin.set_by_text("Bias 1", "1 sd").unwrap();
        let mut state = content(&plugin.save_state().unwrap());
        match text {
            Some(text) => state["fields"]["midi_map"] = text.into(),
            None => drop(state["fields"].as_object_mut().unwrap().remove("midi_map")),
        }
        let mut other = mapped(MAP);
        other.load_state(&state_of(&state)).unwrap();
        assert_eq!(fields(&other.save_state().unwrap())["midi_map"]["mappings"], json!([]), "{text:?}");
        let bias = other.param("Bias 1").unwrap().id;
        let value = other.value(bias).unwrap();
        assert_eq!(other.value_to_text(bias, value).unwrap(), "1.00 sd");
    }
}
