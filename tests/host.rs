//! The whole plugin as a DAW sees it: the bundle's CLAP in the small host of `tests/host`.
//!
//! Needs the bundle and a model: `cargo xtask test` makes them and runs this.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

#[path = "host/automation.rs"]
mod automation;
mod common;
#[path = "common/helper.rs"]
mod helper;
#[path = "host/instances.rs"]
mod instances;
#[path = "host/latency.rs"]
mod latency;
#[path = "host/states.rs"]
mod states;
#[path = "host/values.rs"]
mod values;

use std::time::{Duration, Instant};

use common::plugin::{
    CODES, EFFECT, activate, activate_at, fields, instance, library, load_with, named, offline, play, reading, set,
    with,
};
use common::sounds::{assert_late, assert_same, first_difference, glide, noise, partitions, peak, rms, sung};
use test_host::{Event, EventKind, Instance, Pace, Param, Render, Take};

/// The largest block that the block-size tests agree on with the plugin.
const LARGEST: usize = 8192;

/// Length of the wet renders, frames: 1.5 s, past the model's half second of memory.
const SOUND_FRAMES: usize = 72_000;

/// One bounce of a fresh instance: its latency and its sound.
fn bounce(max_block_frames: usize, input: &[Vec<f32>], events: &[Event]) -> (usize, Vec<Vec<f32>>) {
    let mut plugin = offline(EFFECT);
    let latency = activate(&mut plugin, max_block_frames);
    (latency, play(&mut plugin, input, events))
}

#[test]
fn the_library_offers_the_effect() {
    let descriptors = library().descriptors();
    let effect = descriptors.iter().find(|descriptor| descriptor.id == EFFECT).expect("the effect is there");
    assert_eq!(effect.name, "Timbreloom");
    assert!(effect.features.iter().any(|feature| feature == "audio-effect"));
}

#[test]
fn parameters_have_names_groups_units_and_read_their_own_texts() {
    let mut plugin = instance(EFFECT);
    let params = plugin.params().unwrap();
    for name in ["Input Gain", "Output Gain", "Mix", "Bypass", "Transpose", "Stability", "Bias 1", "Bias 16", "Scale 1"]
    {
        assert!(params.iter().any(|param| param.name == name), "no “{name}”");
    }
    // a latency that moved along a song would take the track apart
    assert!(params.iter().all(|param| param.is_automatable == (param.name != "Latency") && !param.is_hidden));
    assert_eq!(params.iter().filter(|param| param.is_bypass).count(), 1);
    let bias = plugin.param("Bias 3").unwrap();
    assert!(bias.module.starts_with("Latent"), "Bias 3 is in the group “{}”", bias.module);
    for (name, value, text) in [
        ("Bias 1", 0.75, "2.00 sd"),
        ("Mix", 0.5, "50.0 %"),
        ("Transpose", 1.0, "24.00 st"),
        ("Loudness Offset", 0.5, "0.0 dB"),
        ("Feedback Frequency", 1.0, "18.00 kHz"),
    ] {
        let id = plugin.param(name).unwrap().id;
        assert_eq!(plugin.value_to_text(id, value).unwrap(), text, "{name}");
        assert!((plugin.text_to_value(id, text).unwrap() - value).abs() < 1e-3, "{name} does not read “{text}”");
    }
    for param in params {
        let text = plugin.value_to_text(param.id, param.default).unwrap();
        let back = plugin.text_to_value(param.id, &text).unwrap();
        assert!((back - param.default).abs() < 1e-2, "{}: {} -> “{text}” -> {back}", param.name, param.default);
    }
}

#[test]
fn the_same_samples_come_at_every_partition_into_blocks() {
    let input = sung(SOUND_FRAMES);
    let (_, expected) = bounce(LARGEST, &input, &[]);
    assert!(rms(&expected[0]) > 1e-3, "the model says nothing");
    for (name, mut blocks) in partitions() {
        let mut plugin = offline(EFFECT);
        activate(&mut plugin, LARGEST);
        let output = plugin.render(&input, &mut blocks, &[], Pace::Hurry).unwrap();
        assert_same(&output, &expected, &name);
    }
}

#[test]
fn the_largest_block_moves_the_sound_but_does_not_change_it() {
    let input = sung(SOUND_FRAMES);
    let (latest, expected) = bounce(LARGEST, &input, &[]);
    for block in [1, 64, 512, 4096] {
        let (latency, output) = bounce(block, &input, &[]);
        assert!(latency <= latest);
        let frames = SOUND_FRAMES - latest;
        for (output, expected) in output.iter().zip(&expected) {
            let difference = first_difference(&output[latency..latency + frames], &expected[latest..]);
            assert_eq!(difference, None, "largest block of {block}: differs from this frame on");
        }
    }
}

/// The same three seconds bounced and played in real time, in blocks of 512.
fn bounced_and_played(max_block_frames: usize) -> [Vec<Vec<f32>>; 2] {
    let input = sung(3 * 48_000);
    [(Render::Offline, Pace::Hurry), (Render::Realtime, Pace::RealTime)].map(|(render, pace)| {
        let mut plugin = instance(EFFECT);
        plugin.set_render(render).unwrap();
        activate(&mut plugin, max_block_frames);
        plugin.render(&input, &mut std::iter::repeat(512), &[], pace).unwrap()
    })
}

#[test]
fn a_bounce_equals_what_is_played_in_real_time() {
    // Under a largest block of 4096 there is room of 75 ms, so that a busy machine does not fail the test.
    let [bounced, played] = bounced_and_played(4096);
    assert!(rms(&bounced[0]) > 1e-3, "the model says nothing");
    assert_same(&played, &bounced, "played and bounced");
}

#[test]
#[ignore = "needs a machine that does nothing else"]
fn a_bounce_equals_what_is_played_in_real_time_without_any_room() {
    let [bounced, played] = bounced_and_played(512);
    assert_same(&played, &bounced, "played and bounced");
}

#[test]
fn a_reset_and_a_new_activation_start_the_stream_anew() {
    let input = sung(SOUND_FRAMES / 2);
    let mut plugin = offline(EFFECT);
    activate(&mut plugin, 512);
    let first = play(&mut plugin, &input, &[]);
    plugin.reset().unwrap();
    let second = play(&mut plugin, &input, &[]);
    assert_same(&second, &first, "after a reset");
    plugin.deactivate();
    activate(&mut plugin, 512);
    let third = play(&mut plugin, &input, &[]);
    assert_same(&third, &first, "after a new activation");
}

#[test]
fn a_stop_and_a_start_around_each_block_change_nothing() {
    let input = sung(SOUND_FRAMES / 2);
    let (_, expected) = bounce(512, &input, &[]);
    let mut plugin = offline(EFFECT);
    activate(&mut plugin, 512);
    let mut output = vec![Vec::new(); input.len()];
    for from in (0..input[0].len()).step_by(512) {
        let to = (from + 512).min(input[0].len());
        let block: Vec<Vec<f32>> = input.iter().map(|channel| channel[from..to].to_vec()).collect();
        let made = play(&mut plugin, &block, &[]);
        output.iter_mut().zip(made).for_each(|(all, made)| all.extend(made));
        plugin.stop_and_start().unwrap();
    }
    assert_same(&output, &expected, "stopped and started around each block");
    // An activation begins anew.
    plugin.deactivate();
    activate(&mut plugin, 512);
    assert_same(&play(&mut plugin, &input, &[]), &expected, "activated again");
}

#[test]
fn a_render_that_is_not_announced_gives_what_an_announced_one_does_wherever_it_pauses() {
    let input = sung(SOUND_FRAMES);
    let (_, expected) = bounce(512, &input, &[]);
    for pauses in [&[2][..], &[20, 40, 90]] {
        let mut plugin = instance(EFFECT);
        activate(&mut plugin, 512);
        let began = Instant::now();
        let mut blocks = (0..).map(|block| {
            if pauses.contains(&block) {
                std::thread::sleep(Duration::from_millis(300));
            }
            512
        });
        let output = plugin.render(&input, &mut blocks, &[], Pace::Hurry).unwrap();
        assert_same(&output, &expected, &format!("with pauses before {pauses:?}"));
        assert!(began.elapsed() < Duration::from_secs(15), "the host does not hang");
    }
}

#[test]
fn a_mono_track_sounds_like_a_stereo_track_of_two_equal_sides() {
    let input = sung(SOUND_FRAMES / 2);
    let (_, stereo) = bounce(512, &input, &[]);
    let mut plugin = offline(EFFECT);
    plugin.set_layout("Mono").unwrap();
    activate(&mut plugin, 512);
    let mono = play(&mut plugin, &input[..1], &[]);
    assert_same(&mono, &stereo[..1], "mono");
    assert_same(&stereo[1..], &stereo[..1], "the right side");
}
