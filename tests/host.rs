//! The whole plugin as a DAW sees it: the bundle's CLAP in the small host of `tests/host`.
//!
//! Needs the bundle and a model: `cargo xtask test` makes them and runs this.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::collections::BTreeMap;
use std::path::PathBuf;

#[path = "host/instances.rs"]
mod instances;
#[path = "host/sounds.rs"]
mod sounds;

use sounds::{assert_late, assert_same, first_difference, glide, noise, partitions, rms, sung};
use test_host::{Format, Instance, Library, Pace, Param, ParamEvent, Render, bundle};

const EFFECT: &str = "org.timbreloom.effect";
const RATE_HZ: f64 = 48_000.0;

/// The largest block that the block-size tests agree on with the plugin.
const LARGEST: usize = 8192;

/// Length of the wet renders, frames: 1.5 s, past the model's half second of memory.
const SOUND_FRAMES: usize = 72_000;

fn library() -> Library {
    Library::load(&bundle()).unwrap()
}

fn instance() -> Instance {
    library().instantiate(EFFECT).unwrap()
}

/// An instance that bounces.
fn offline() -> Instance {
    let mut plugin = instance();
    plugin.set_render(Render::Offline).unwrap();
    plugin
}

fn activate(plugin: &mut Instance, rate_hz: f64, max_block_frames: usize) -> usize {
    plugin.activate(Format { rate_hz, min_block_frames: 1, max_block_frames }).unwrap();
    plugin.latency_frames().unwrap()
}

fn hurry(plugin: &mut Instance, input: &[Vec<f32>], blocks: &mut dyn Iterator<Item = usize>) -> Vec<Vec<f32>> {
    plugin.render(input, blocks, &[], Pace::Hurry).unwrap()
}

/// One bounce of a fresh instance: its latency and its sound.
fn bounce(
    max_block_frames: usize,
    input: &[Vec<f32>],
    blocks: &mut dyn Iterator<Item = usize>,
    events: &[ParamEvent],
) -> (usize, Vec<Vec<f32>>) {
    let mut plugin = offline();
    let latency = activate(&mut plugin, RATE_HZ, max_block_frames);
    (latency, plugin.render(input, blocks, events, Pace::Hurry).unwrap())
}

fn values(plugin: &mut Instance) -> Vec<(Param, f64)> {
    let params = plugin.params().unwrap();
    params.into_iter().map(|param| (param.clone(), plugin.value(param.id).unwrap())).collect()
}

/// A CLAP state of nice-plug: eight bytes of length, then JSON, in which `fields` holds JSON texts.
fn ask_for_model(state: &[u8], name: &str) -> Vec<u8> {
    let mut json: serde_json::Value = serde_json::from_slice(&state[8..]).unwrap();
    json["fields"]["model"] = format!(r#"{{"name":"{name}","hash":""}}"#).into();
    let text = serde_json::to_vec(&json).unwrap();
    [&(text.len() as u64).to_le_bytes()[..], &text].concat()
}

fn model_asked_for(state: &[u8]) -> serde_json::Value {
    let json: serde_json::Value = serde_json::from_slice(&state[8..]).unwrap();
    serde_json::from_str(json["fields"]["model"].as_str().unwrap()).unwrap()
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
    let mut plugin = instance();
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
fn dry_sound_is_late_by_exactly_the_reported_latency() {
    let mut plugin = offline();
    plugin.set_by_text("Mix", "0 %").unwrap();
    let pairs = [
        (44_100.0, 1),
        (44_100.0, 64),
        (44_100.0, 512),
        (44_100.0, 4096),
        (48_000.0, 1),
        (48_000.0, 32),
        (48_000.0, 480),
        (48_000.0, 512),
        (48_000.0, 8192),
        (96_000.0, 16),
        (96_000.0, 333),
        (96_000.0, 1024),
        (96_000.0, 8192),
    ];
    for (rate_hz, block) in pairs {
        let latency = activate(&mut plugin, rate_hz, block);
        let input = noise(latency + 3 * block + 4000);
        let output = hurry(&mut plugin, &input, &mut std::iter::repeat(block));
        assert_late(&output, &input, latency, &format!("{rate_hz} Hz, blocks of {block}"));
        println!("{rate_hz} Hz, blocks of {block}: {latency} frames, {:.1} ms", latency as f64 / rate_hz * 1e3);
        plugin.deactivate();
    }
}

#[test]
fn latency_at_48_khz_in_blocks_of_512_is_at_most_60_ms() {
    let mut plugin = instance();
    let latency = activate(&mut plugin, 48_000.0, 512);
    assert!(latency <= 2880, "{latency} frames, {:.1} ms", latency as f64 / 48.0);
}

#[test]
fn wet_sound_is_where_the_dry_sound_is() {
    // Bursts of tone: the middle of what the model makes of each is compared with the middle of the burst.
    for rate_hz in [44_100.0, 48_000.0, 96_000.0] {
        let mut plugin = offline();
        let latency = activate(&mut plugin, rate_hz, 512);
        let mut burst = glide((0.4 * rate_hz) as usize);
        burst.extend(vec![0.0; (0.4 * rate_hz) as usize]);
        let mono: Vec<f32> = burst.iter().copied().cycle().take(4 * burst.len()).collect();
        let output = hurry(&mut plugin, &[mono.clone(), mono.clone()], &mut std::iter::empty());
        let hop = (0.001 * rate_hz) as usize;
        let envelope = |sound: &[f32]| sound.chunks(hop).map(rms).collect::<Vec<f32>>();
        let (dry, wet) = (envelope(&mono[..mono.len() - latency]), envelope(&output[0][latency..]));
        let score = |lag: i32| -> f32 {
            let product = |k: i32| dry.get(k as usize).unwrap_or(&0.0) * wet.get((k + lag) as usize).unwrap_or(&0.0);
            (60..dry.len() as i32 - 60).map(product).sum()
        };
        let lag_ms = (-60..=60).max_by(|a, b| score(*a).total_cmp(&score(*b))).unwrap();
        println!("{rate_hz} Hz: wet sound is {lag_ms} ms behind the dry");
        assert!(lag_ms.abs() <= 20, "{rate_hz} Hz: wet sound is {lag_ms} ms behind the dry");
    }
}

#[test]
fn the_same_samples_come_at_every_partition_into_blocks() {
    let input = sung(SOUND_FRAMES);
    let (_, expected) = bounce(LARGEST, &input, &mut std::iter::empty(), &[]);
    assert!(rms(&expected[0]) > 1e-3, "the model says nothing");
    for (name, mut blocks) in partitions() {
        let (_, output) = bounce(LARGEST, &input, &mut blocks, &[]);
        assert_same(&output, &expected, &name);
    }
}

#[test]
fn the_largest_block_moves_the_sound_but_does_not_change_it() {
    let input = sung(SOUND_FRAMES);
    let (latest, expected) = bounce(LARGEST, &input, &mut std::iter::empty(), &[]);
    for block in [1, 64, 512, 4096] {
        let (latency, output) = bounce(block, &input, &mut std::iter::empty(), &[]);
        assert!(latency <= latest);
        let frames = SOUND_FRAMES - latest;
        for (output, expected) in output.iter().zip(&expected) {
            let difference = first_difference(&output[latency..latency + frames], &expected[latest..]);
            assert_eq!(difference, None, "largest block of {block}: differs from this frame on");
        }
    }
}

#[test]
fn automation_lands_on_the_same_frame_at_every_partition() {
    let input = sung(SOUND_FRAMES);
    let mut probe = instance();
    let event = |plugin: &mut Instance, name: &str, text: &str, frame: usize| {
        let id = plugin.param(name).unwrap().id;
        ParamEvent { frame, id, value: plugin.text_to_value(id, text).unwrap() }
    };
    let events = [
        event(&mut probe, "Bias 1", "2.5 sd", 30_011),
        event(&mut probe, "Mix", "60 %", 35_003),
        event(&mut probe, "Output Gain", "-6 dB", 41_777),
        event(&mut probe, "Bias 1", "-1 sd", 50_001),
    ];
    let (_, expected) = bounce(LARGEST, &input, &mut std::iter::empty(), &events);
    for (name, mut blocks) in partitions() {
        let (_, output) = bounce(LARGEST, &input, &mut blocks, &events);
        assert_same(&output, &expected, &name);
    }
}

#[test]
fn automation_is_heard_where_it_is_drawn() {
    let input = vec![glide(SOUND_FRAMES); 2];
    let at = 30_011;
    for (name, text, earliest, latest) in [
        // A hop is 557 host frames long and takes one value; the model's filters reach a little to both sides.
        ("Bias 1", "2.5 sd", -1200, 1200),
        ("Mix", "0 %", 0, 8),
        ("Output Gain", "-20 dB", 0, 8),
        ("Bypass", "On", 0, 8),
    ] {
        for block in [64, LARGEST] {
            let mut plugin = offline();
            let id = plugin.param(name).unwrap().id;
            let event = ParamEvent { frame: at, id, value: plugin.text_to_value(id, text).unwrap() };
            let (latency, plain) = bounce(block, &input, &mut std::iter::empty(), &[]);
            let (_, changed) = bounce(block, &input, &mut std::iter::empty(), &[event]);
            let parting = first_difference(&plain[0], &changed[0]).expect("the change is not heard");
            let lateness = parting as i64 - (at + latency) as i64;
            println!("{name}, largest block {block}: heard {lateness} frames from where it is drawn");
            assert!(
                (earliest..=latest).contains(&lateness),
                "{name}, largest block {block}: heard {lateness} frames from where it is drawn (latency {latency})"
            );
        }
    }
}

/// The same three seconds bounced and played in real time, in blocks of 512.
fn bounced_and_played(max_block_frames: usize) -> [Vec<Vec<f32>>; 2] {
    let input = sung(3 * 48_000);
    [(Render::Offline, Pace::Hurry), (Render::Realtime, Pace::RealTime)].map(|(render, pace)| {
        let mut plugin = instance();
        plugin.set_render(render).unwrap();
        activate(&mut plugin, RATE_HZ, max_block_frames);
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
    let mut plugin = offline();
    activate(&mut plugin, RATE_HZ, 512);
    let first = hurry(&mut plugin, &input, &mut std::iter::empty());
    plugin.reset().unwrap();
    let second = hurry(&mut plugin, &input, &mut std::iter::empty());
    assert_same(&second, &first, "after a reset");
    plugin.deactivate();
    activate(&mut plugin, RATE_HZ, 512);
    let third = hurry(&mut plugin, &input, &mut std::iter::empty());
    assert_same(&third, &first, "after a new activation");
}

#[test]
fn a_saved_state_brings_values_and_sound_back() {
    let input = sung(SOUND_FRAMES);
    let mut plugin = offline();
    let settings = [
        ("Bias 1", "1.5 sd"),
        ("Scale 2", "0.5 x"),
        ("Mix", "80 %"),
        ("Transpose", "7 st"),
        ("Stability", "60 %"),
        ("Loudness Offset", "-3 dB"),
        ("Feedback Amount", "40 %"),
        ("Channels", "Left + Right"),
    ];
    for (name, text) in settings {
        plugin.set_by_text(name, text).unwrap();
    }
    activate(&mut plugin, RATE_HZ, 512);
    let expected = hurry(&mut plugin, &input, &mut std::iter::empty());
    let state = plugin.save_state().unwrap();

    let mut other = offline();
    other.load_state(&state).unwrap();
    assert_eq!(values(&mut other), values(&mut plugin));
    activate(&mut other, RATE_HZ, 512);
    let output = hurry(&mut other, &input, &mut std::iter::empty());
    assert_same(&output, &expected, "after loading the state");
    assert_eq!(other.save_state().unwrap(), state, "saved again, the state is another");
}

/// A state that asks for a second model too.
fn with_second_model(state: &[u8], name: &str) -> Vec<u8> {
    let mut json: serde_json::Value = serde_json::from_slice(&state[8..]).unwrap();
    json["fields"]["second_model"] = format!(r#"{{"name":"{name}","hash":""}}"#).into();
    let text = serde_json::to_vec(&json).unwrap();
    [&(text.len() as u64).to_le_bytes()[..], &text].concat()
}

#[test]
fn a_second_model_of_the_project_is_blended_and_comes_back_with_it() {
    let input = sung(SOUND_FRAMES);
    let made = |second: &str, blend: &str| {
        let mut plugin = offline();
        let state = with_second_model(&plugin.save_state().unwrap(), second);
        plugin.load_state(&state).unwrap();
        plugin.set_by_text("Blend", blend).unwrap();
        activate(&mut plugin, RATE_HZ, 512);
        let sound = hurry(&mut plugin, &input, &mut std::iter::empty());
        let kept: serde_json::Value = serde_json::from_slice(&plugin.save_state().unwrap()[8..]).unwrap();
        (sound, kept["fields"]["second_model"].as_str().unwrap().to_owned())
    };
    let alone = bounce(512, &input, &mut std::iter::empty(), &[]).1;
    let (unblended, kept) = made("horn", "0 %");
    assert!(kept.contains("horn"), "{kept}");
    assert_same(&unblended, &alone, "a blend of 0 %");
    let horn = made("horn", "100 %").0;
    assert!(first_difference(&horn[0], &alone[0]).is_some());
    // a missing second model is asked for further on, and the first one plays
    let (without, kept) = made("no-such-model", "0 %");
    assert!(kept.contains("no-such-model"), "{kept}");
    assert_same(&without, &alone, "without the second model");
}

#[test]
fn a_latency_mode_comes_with_the_hosts_restart_and_never_in_a_bounce() {
    let input = sung(24_000);
    for render in [Render::Realtime, Render::Offline] {
        let mut plugin = instance();
        plugin.set_render(render).unwrap();
        let normal = activate(&mut plugin, RATE_HZ, 512);
        let before = plugin.callbacks().restarts;
        let safe = plugin.param("Latency").unwrap();
        let value = plugin.text_to_value(safe.id, "Safe").unwrap();
        let event = ParamEvent { frame: 4096, id: safe.id, value };
        plugin.render(&input, &mut std::iter::empty(), &[event], Pace::Hurry).unwrap();
        let asked = plugin.callbacks().restarts - before;
        assert_eq!(asked, u32::from(render == Render::Realtime), "{render:?}");
        assert_eq!(plugin.latency_frames().unwrap(), normal, "not while it plays");
        plugin.deactivate();
        let grown = activate(&mut plugin, RATE_HZ, 512) - normal;
        // one and a half hops of 557.3 host frames
        assert!((835..=837).contains(&grown), "{grown}");
    }
}

#[test]
fn a_state_loaded_while_active_brings_its_models_with_the_hosts_restart_and_never_in_a_bounce() {
    let input = sung(24_000);
    for render in [Render::Realtime, Render::Offline] {
        let mut plugin = instance();
        plugin.set_render(render).unwrap();
        activate(&mut plugin, RATE_HZ, 512);
        let asked_after = |plugin: &mut Instance, state: &[u8]| {
            let before = plugin.callbacks().restarts;
            plugin.load_state(state).unwrap();
            hurry(plugin, &input, &mut std::iter::empty());
            plugin.callbacks().restarts - before
        };
        let cello = plugin.save_state().unwrap();
        plugin.set_by_text("Bias 1", "1 sd").unwrap();
        assert_eq!(asked_after(&mut plugin, &cello), 0, "the same models");
        let horn = ask_for_model(&cello, "horn");
        let once = u32::from(render == Render::Realtime);
        assert_eq!(asked_after(&mut plugin, &horn), once, "{render:?}: another model");
        assert_eq!(asked_after(&mut plugin, &with_second_model(&horn, "cello")), 0, "asked for once");

        plugin.deactivate();
        plugin.set_render(Render::Offline).unwrap();
        plugin.load_state(&horn).unwrap();
        activate(&mut plugin, RATE_HZ, 512);
        let mut fresh = offline();
        fresh.load_state(&horn).unwrap();
        activate(&mut fresh, RATE_HZ, 512);
        let expected = hurry(&mut fresh, &input, &mut std::iter::empty());
        assert_same(&hurry(&mut plugin, &input, &mut std::iter::empty()), &expected, "after the restart");
        assert!(first_difference(&expected[0], &bounce(512, &input, &mut std::iter::empty(), &[]).1[0]).is_some());

        plugin.deactivate();
        plugin.set_render(render).unwrap();
        activate(&mut plugin, RATE_HZ, 512);
        let both = with_second_model(&plugin.save_state().unwrap(), "cello");
        assert_eq!(asked_after(&mut plugin, &both), once, "{render:?}: a second model");
    }
}

#[test]
fn projects_of_every_earlier_version_come_back_as_they_were_left() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/states");
    let mut found = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "clapstate") {
            continue;
        }
        found += 1;
        let was: BTreeMap<String, String> =
            serde_json::from_slice(&std::fs::read(path.with_extension("json")).unwrap()).unwrap();
        let state = std::fs::read(&path).unwrap();
        let mut fresh = offline();
        let defaults: BTreeMap<u32, f64> =
            values(&mut fresh).into_iter().map(|(param, value)| (param.id, value)).collect();
        let mut plugin = offline();
        plugin.set_by_text("Amount", "10 %").unwrap();
        plugin.load_state(&state).unwrap();
        for (param, value) in values(&mut plugin) {
            match was.get(&param.name) {
                Some(text) => assert_eq!(plugin.value_to_text(param.id, value).unwrap(), *text, "{}", param.name),
                None => assert_eq!(value, defaults[&param.id], "{} is younger than {}", param.name, path.display()),
            }
        }
        assert_eq!(
            model_asked_for(&plugin.save_state().unwrap()),
            model_asked_for(&state),
            "the model is asked for on"
        );
    }
    assert!(found > 0, "no fixture");
}

/// As saved by a version that had no such parameter.
#[test]
fn a_state_without_a_later_parameter_sets_it_to_its_default() {
    let mut plugin = offline();
    plugin.set_by_text("Bias 1", "1.5 sd").unwrap();
    let saved = plugin.save_state().unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(&saved[8..]).unwrap();
    assert!(json["params"].as_object_mut().unwrap().remove("stability").is_some());
    let text = serde_json::to_vec(&json).unwrap();
    let old = [&(text.len() as u64).to_le_bytes()[..], &text].concat();
    let mut other = offline();
    other.set_by_text("Stability", "90 %").unwrap();
    other.load_state(&old).unwrap();
    assert_eq!(values(&mut other), values(&mut plugin));
}

#[test]
fn a_state_with_an_unknown_model_is_kept_and_dry_sound_passes() {
    let mut plugin = offline();
    plugin.set_by_text("Bias 1", "1 sd").unwrap();
    let state = ask_for_model(&plugin.save_state().unwrap(), "a-model-that-nobody-has");
    let mut other = offline();
    other.load_state(&state).unwrap();
    let latency = activate(&mut other, RATE_HZ, 512);
    let input = noise(20_000);
    let output = hurry(&mut other, &input, &mut std::iter::empty());
    assert_late(&output, &input, latency, "without its model");
    let saved = other.save_state().unwrap();
    assert_eq!(model_asked_for(&saved)["name"], "a-model-that-nobody-has");
    let bias = other.param("Bias 1").unwrap().id;
    let value = other.value(bias).unwrap();
    assert_eq!(other.value_to_text(bias, value).unwrap(), "1.00 sd");
}

#[test]
fn a_state_that_is_nonsense_is_refused_and_changes_nothing() {
    let mut plugin = instance();
    plugin.set_by_text("Bias 1", "1 sd").unwrap();
    let before = values(&mut plugin);
    assert!(plugin.load_state(b"no state at all, but long enough to hold a length").is_err());
    assert_eq!(values(&mut plugin), before);
}

#[test]
fn bypass_is_the_input_late_by_the_latency() {
    let mut plugin = offline();
    plugin.set_by_text("Output Gain", "-12 dB").unwrap();
    let bypass = plugin.params().unwrap().into_iter().find(|param| param.is_bypass).unwrap();
    plugin.set_values(&[(bypass.id, 1.0)]).unwrap();
    let latency = activate(&mut plugin, RATE_HZ, 512);
    let input = noise(48_000);
    let output = hurry(&mut plugin, &input, &mut std::iter::empty());
    assert_late(&output, &input, latency, "bypass");
}

#[test]
fn a_mono_track_sounds_like_a_stereo_track_of_two_equal_sides() {
    let input = sung(SOUND_FRAMES / 2);
    let (_, stereo) = bounce(512, &input, &mut std::iter::empty(), &[]);
    let mut plugin = offline();
    plugin.set_channels(1).unwrap();
    activate(&mut plugin, RATE_HZ, 512);
    let mono = hurry(&mut plugin, &input[..1], &mut std::iter::empty());
    assert_same(&mono, &stereo[..1], "mono");
    assert_same(&stereo[1..], &stereo[..1], "the right side");
}

#[test]
fn no_restart_is_asked_for_while_playing() {
    let mut plugin = offline();
    activate(&mut plugin, RATE_HZ, 512);
    let before = plugin.callbacks();
    hurry(&mut plugin, &sung(24_000), &mut std::iter::empty());
    assert_eq!(plugin.callbacks().restarts, before.restarts);
    assert_eq!(plugin.callbacks().latency_changes, before.latency_changes);
}
