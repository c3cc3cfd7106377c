//! A bounce is what was played, bit for bit, with everything in use at once, in a CLAP host.
//!
//! Needs the bundle and models: `cargo xtask test` makes them and runs this.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]
#![allow(dead_code, reason = "each test binary uses its own part of the helpers")]

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

#[path = "host/bundle.rs"]
mod bundle;
#[path = "host/sounds.rs"]
mod sounds;

use bundle::{RATE_HZ, activate, offline, with_field};
use sounds::{assert_same, first_difference, glide, rms, sung};
use test_host::{Event, EventKind, Instance, Pace, Render, Take};

/// Three seconds.
const SOUND_FRAMES: usize = 144_000;

/// The largest block that is agreed on in a bounce.
const LARGEST: usize = 8192;

/// The same where the sound is played in real time: room of two seconds, so that a busy machine does not fail the test.
const ROOM: usize = 96_000;

/// One test at a time: what plays in real time needs the cores.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Set in the processes that only render.
const RENDERS: &str = "TIMBRELOOM_TEST_RENDERS";

const MAP: &str = r#"{"mappings":[{"param":"bias_3","cc":20},{"param":"feedback_q","cc":21,"low":0.9,"high":0.1}]}"#;

/// An instance with random, side-chain, feedback, a second model and a map of controllers in use.
fn busy(render: Render) -> Instance {
    let mut plugin = offline();
    let state = plugin.save_state().unwrap();
    let state = with_field(&state, "second_model", Some(r#"{"name":"horn","hash":""}"#));
    plugin.load_state(&with_field(&state, "midi_map", Some(MAP))).unwrap();
    plugin.set_render(render).unwrap();
    plugin.set_layout("Stereo with side-chain").unwrap();
    for (name, text) in [
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
        ("Blend", "45 %"),
        ("Smoothing", "25"),
        ("Channels", "Linked"),
        ("Width", "130 %"),
        ("Mix", "90 %"),
    ] {
        plugin.set_by_text(name, text).unwrap();
    }
    plugin
}

/// Automation, modulation and controllers at odd frames; freeze on and off; the second model's source changed.
fn events(plugin: &mut Instance) -> Vec<Event> {
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

fn played(render: Render, pace: Pace, blocks: &mut dyn Iterator<Item = usize>) -> Vec<Vec<f32>> {
    let mut plugin = busy(render);
    let events = events(&mut plugin);
    take(&mut plugin, &events, LARGEST, pace, blocks)
}

fn take(
    plugin: &mut Instance,
    events: &[Event],
    max_block_frames: usize,
    pace: Pace,
    blocks: &mut dyn Iterator<Item = usize>,
) -> Vec<Vec<f32>> {
    let latency = activate(plugin, max_block_frames);
    let mut input = sung(SOUND_FRAMES);
    let mut side = vec![glide(SOUND_FRAMES); 2];
    // until the last of it is heard
    input.iter_mut().chain(&mut side).for_each(|channel| channel.resize(SOUND_FRAMES + latency, 0.0));
    let take = Take { input: &input, side: &side, events, song_s: Some(12.5), ..Take::default() };
    plugin.play(&take, blocks, pace).unwrap()
}

#[test]
fn with_everything_in_use_a_bounce_equals_what_is_played_in_real_time() {
    let _alone = alone();
    let [bounced, live] = [(Render::Offline, Pace::Hurry), (Render::Realtime, Pace::RealTime)].map(|(render, pace)| {
        let mut plugin = busy(render);
        let events = events(&mut plugin);
        take(&mut plugin, &events, ROOM, pace, &mut std::iter::repeat(512))
    });
    assert!(rms(&bounced[0]) > 1e-3, "the models say nothing");
    assert!(first_difference(&bounced[0], &bounced[1]).is_some(), "the width is not heard");
    assert_same(&live, &bounced, "played and bounced");
}

#[test]
fn with_everything_in_use_the_same_samples_come_at_every_partition() {
    let _alone = alone();
    let bounced = played(Render::Offline, Pace::Hurry, &mut std::iter::repeat(512));
    for (name, blocks) in [("blocks of 8192", 8192), ("blocks of 333", 333)] {
        assert_same(&played(Render::Offline, Pace::Hurry, &mut std::iter::repeat(blocks)), &bounced, name);
    }
}

/// Else the other tests would say less than they seem to.
#[test]
fn each_of_what_is_in_use_is_heard() {
    let _alone = alone();
    let whole = played(Render::Offline, Pace::Hurry, &mut std::iter::repeat(4096));
    let differs = |plugin: &mut Instance, events: &[Event], what: &str| {
        let without = take(plugin, events, LARGEST, Pace::Hurry, &mut std::iter::repeat(4096));
        let first = first_difference(&without[0], &whole[0]);
        println!("without {what}: another sound from frame {first:?} on");
        assert!(first.is_some(), "{what} is not heard");
    };
    for (name, text) in [
        ("Random Amount", "0 sd"),
        ("Random Take", "78"),
        ("Side-Chain Latent", "0 %"),
        ("Side-Chain Pitch", "0 %"),
        ("Side-Chain Loudness", "0 %"),
        ("Feedback Amount", "0 %"),
        ("Smoothing", "0"),
    ] {
        let mut plugin = busy(Render::Offline);
        plugin.set_by_text(name, text).unwrap();
        let events = events(&mut plugin);
        differs(&mut plugin, &events, name);
    }
    let mut alone = busy(Render::Offline);
    let state = with_field(&alone.save_state().unwrap(), "second_model", Some(r#"{"name":"","hash":""}"#));
    alone.load_state(&state).unwrap();
    let every = events(&mut alone);
    differs(&mut alone, &every, "the second model");
    let ids = ["Freeze", "Bias 1", "Blend", "Feedback Frequency", "Lock 2", "Second Source"];
    for (name, id) in ids.map(|name| (name, alone.param(name).unwrap().id)) {
        let kept = |event: &&Event| !matches!(event.kind, EventKind::Value { id: other, .. } if other == id);
        let events: Vec<Event> = every.iter().filter(kept).copied().collect();
        differs(&mut busy(Render::Offline), &events, &format!("the automation of {name}"));
    }
    for (what, is_one) in [
        ("modulation", (|kind| matches!(kind, EventKind::Modulation { .. })) as fn(EventKind) -> bool),
        ("controller 20", |kind| matches!(kind, EventKind::Midi([_, 20, _]))),
        ("controller 21", |kind| matches!(kind, EventKind::Midi([_, 21, _]))),
    ] {
        let events: Vec<Event> = every.iter().filter(|event| !is_one(event.kind)).copied().collect();
        differs(&mut busy(Render::Offline), &events, what);
    }
}

#[test]
fn two_processes_give_the_same_hash() {
    let _alone = alone();
    let hash = || {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "hashes_when_told_to", "--nocapture"])
            .env(RENDERS, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
        let hash = said.split("sha256 ").nth(1).and_then(|rest| rest.split_whitespace().next());
        hash.unwrap_or_else(|| panic!("no hash in: {said}")).to_owned()
    };
    let first = hash();
    println!("sha256 {first}");
    assert_eq!(hash(), first);
}

/// Does nothing as a test of its own: another one starts it as a process.
#[test]
fn hashes_when_told_to() {
    if std::env::var_os(RENDERS).is_none() {
        return;
    }
    let mut hash = Sha256::new();
    for channel in played(Render::Offline, Pace::Hurry, &mut std::iter::repeat(512)) {
        channel.iter().for_each(|sample| hash.update(sample.to_le_bytes()));
    }
    let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    println!("sha256 {hash}");
}
