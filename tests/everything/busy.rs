//! Everything in use at once: three seconds of an instance that a host plays, in a CLAP host.

use serde_json::json;
use test_host::{Event, Instance, Pace, Render, Take};

use crate::common::plugin::{EFFECT, activate, instance, load_with, named, set};
use crate::common::sounds::{both_sides, glide, sung};

/// Three seconds.
const SOUND_FRAMES: usize = 144_000;

/// The largest block that is agreed on in a bounce.
pub const LARGEST: usize = 8192;

/// An instance with random, side-chain, feedback, a second model and a map of controllers in use.
pub fn busy(render: Render) -> Instance {
    let mut plugin = instance(EFFECT);
    let bias = json!({ "param": "bias_3", "cc": 20 });
    let q = json!({ "param": "feedback_q", "cc": 21, "low": 0.9, "high": 0.1 });
    load_with(&mut plugin, &[("second_model", named("horn")), ("midi_map", json!({ "mappings": [bias, q] }))]);
    plugin.set_render(render).unwrap();
    plugin.set_layout("Stereo with side-chain").unwrap();
    let settings = [
        ("Latency", "Safe"),
        ("Random Amount", "0.8 sd"),
        ("Random Rate", "3 Hz"),
        ("Random Take", "77"),
        ("Side-Chain Latent", "40 %"),
        ("Side-Chain Pitch", "30 %"),
        ("Side-Chain Loudness", "60 %"),
        ("Feedback Amount", "70 %"),
        ("Feedback Frequency", "640"),
        ("Feedback Delay", "30"),
        ("LFO 1 Target", "Dimension 2"),
        ("LFO 1 Depth", "60 %"),
        ("LFO 1 Rate", "3.3 Hz"),
        ("LFO 2 Target", "Bright"),
        ("LFO 2 Shape", "Steps"),
        ("LFO 2 Sync", "1/8"),
        ("Loudness Follower Target", "Dimension 4"),
        ("Pitch Follower Target", "Air"),
        ("Gate", "-30 dB"),
        ("Consonants", "60 %"),
        ("Intonation", "70 %"),
        ("Intonation Time", "40 ms"),
        ("Intonation Scale", "Blues"),
        ("Intonation Key", "D"),
        ("Blend", "45 %"),
        ("Smoothing", "25"),
        ("Channels", "Linked"),
        ("Width", "130 %"),
        ("Wet Gain", "9 dB"),
        ("Limiter", "On"),
        ("Mix", "90 %"),
    ];
    set(&mut plugin, &settings);
    plugin
}

/// Automation, modulation and controllers at odd frames; freeze on and off; the second model's source changed.
pub fn events(plugin: &mut Instance) -> Vec<Event> {
    let mut id = |name: &str| plugin.param(name).unwrap().id;
    let (bias, blend, freeze) = (id("Bias 1"), id("Blend"), id("Freeze"));
    let (frequency, mix, lock, source) = (id("Feedback Frequency"), id("Mix"), id("Lock 2"), id("Second Source"));
    let mut events = vec![
        Event::value(61_001, freeze, 1.0),
        Event::value(88_009, freeze, 0.0),
        Event::value(35_333, mix, 0.6),
        Event::value(95_001, lock, 1.0),
        Event::value(101_777, source, 1.0),
        Event::modulation(40_003, bias, 0.2),
        Event::modulation(91_111, bias, 0.0),
    ];
    for n in 0..90 {
        let share = f64::from(n) / 90.0;
        let at = 20_001 + 997 * n as usize;
        events.push(Event::value(at, bias, 0.3 + 0.5 * share));
        events.push(Event::value(at + 13, frequency, 0.7 - 0.4 * share));
        events.push(Event::value(at + 101, blend, share));
        events.push(Event::controller(at + 57, 0, 20, n as u8));
        events.push(Event::controller(at + 311, 2, 21, 127 - n as u8));
    }
    events.sort_by_key(|event| event.frame);
    events
}

pub fn played(render: Render, pace: Pace, blocks: &mut dyn Iterator<Item = usize>) -> Vec<Vec<f32>> {
    let mut plugin = busy(render);
    let events = events(&mut plugin);
    take(&mut plugin, &events, LARGEST, pace, blocks)
}

pub fn take(
    plugin: &mut Instance,
    events: &[Event],
    max_block_frames: usize,
    pace: Pace,
    blocks: &mut dyn Iterator<Item = usize>,
) -> Vec<Vec<f32>> {
    let latency = activate(plugin, max_block_frames);
    let mut input = sung(SOUND_FRAMES);
    let mut side = both_sides(glide(SOUND_FRAMES));
    // until the last of it is heard
    input.iter_mut().chain(&mut side).for_each(|channel| channel.resize(SOUND_FRAMES + latency, 0.0));
    let take = Take { input: &input, side: &side, events, song_s: Some(12.5), ..Take::default() };
    plugin.play(&take, blocks, pace).unwrap()
}
