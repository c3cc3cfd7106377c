//! A bounce is what was played, bit for bit, with everything in use at once, in a CLAP host.
//!
//! Needs the bundle and models: `cargo xtask test` makes them and runs this.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

#[path = "everything/busy.rs"]
mod busy;
mod common;
#[path = "common/helper.rs"]
mod helper;

use std::sync::{Mutex, MutexGuard, PoisonError};

use busy::{LARGEST, busy, events, played, take};
use common::plugin::{load_with, named};
use common::sounds::{assert_same, first_difference, rms};
use test_host::{Event, EventKind, Instance, Pace, Render};

/// The same where the sound is played in real time: room of two seconds, so that a busy machine does not fail the test.
const ROOM: usize = 96_000;

/// One test at a time: what plays in real time needs the cores.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
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
        ("Feedback Delay", "0"),
        ("Loudness Range", "60 %"),
        ("Solo 2", "On"),
    ] {
        let mut plugin = busy(Render::Offline);
        plugin.set_by_text(name, text).unwrap();
        let events = events(&mut plugin);
        differs(&mut plugin, &events, name);
    }
    let mut alone = busy(Render::Offline);
    load_with(&mut alone, &[("second_model", named(""))]);
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
        let said = helper::succeed(&mut helper::task("play-everything"));
        let hash = said.split("sha256 ").nth(1).and_then(|rest| rest.split_whitespace().next());
        hash.unwrap_or_else(|| panic!("no hash in: {said}")).to_owned()
    };
    let first = hash();
    println!("sha256 {first}");
    assert_eq!(hash(), first);
}
