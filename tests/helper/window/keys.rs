//! Keys that are pressed in the effect's real window: what is the host's comes to the host.

use std::time::{Duration, Instant};

use super::server::Screen;
use super::{SIZE, instance, places, play, play_until};
use crate::common::plugin::library;
use test_host::{Instance, Pace, Touch};

const KNOB: &str = "Mix";
const SPACE: u32 = 0x20;
const DOWN: u32 = 0xff54;
const ESCAPE: u32 = 0xff1b;

/// How long a key may take to come to somebody.
const LIMIT: Duration = Duration::from_secs(5);

pub fn play_by_hand() {
    let screen = Screen::open(SIZE);
    screen.listen();
    let library = library();
    let mut plugin = instance(&library);
    let knob = plugin.param(KNOB).unwrap().id;
    assert_eq!(plugin.open_window(screen.window()).unwrap(), SIZE);
    play_until(&mut plugin, "a picture", |_| screen.is_painted());
    assert!(screen.has_keyboard(), "a window that opens leaves the keyboard where it is");

    // The pointer lies over the window, which therefore gets the host's keys first.
    let place = places::middle(places::in_effect(SIZE, |name| name == KNOB)[0]);
    screen.move_to(place);
    play(&mut plugin, 0.3, Pace::RealTime);
    tap(&mut plugin, &screen, SPACE);
    arrives(&mut plugin, &screen, SPACE);

    // A click on a control gives it the arrows, and the host what starts its song.
    screen.press(true);
    play(&mut plugin, 0.2, Pace::RealTime);
    screen.press(false);
    play(&mut plugin, 0.3, Pace::RealTime);
    assert!(!screen.has_keyboard(), "a control that was clicked has the keyboard");
    plugin.take_touches();
    tap(&mut plugin, &screen, DOWN);
    let mut touches = Vec::new();
    wait(&mut plugin, "the knob to be turned", |plugin| {
        touches.extend(plugin.take_touches());
        touches.iter().any(|touch| matches!(touch, Touch::Value(id, _) if *id == knob))
    });
    assert_eq!(screen.keys(), [], "what turns a knob is not the host's");
    tap(&mut plugin, &screen, SPACE);
    arrives(&mut plugin, &screen, SPACE);

    // Escape lets go of the control, and the host has its keyboard back.
    tap(&mut plugin, &screen, ESCAPE);
    wait(&mut plugin, "the keyboard to be the host's", |_| screen.has_keyboard());
    assert_eq!(screen.keys(), [], "neither half of that Escape was the host's");
    tap(&mut plugin, &screen, ESCAPE);
    arrives(&mut plugin, &screen, ESCAPE);
    plugin.close_window();
}

fn tap(plugin: &mut Instance, screen: &Screen, symbol: u32) {
    screen.key(symbol, true);
    play(plugin, 0.1, Pace::RealTime);
    screen.key(symbol, false);
}

/// Waits for a key's way down and up again to come to the host, once.
fn arrives(plugin: &mut Instance, screen: &Screen, symbol: u32) {
    let mut keys = Vec::new();
    wait(plugin, "a key of the host's", |_| {
        keys.extend(screen.keys());
        keys.len() >= 2
    });
    play(plugin, 0.2, Pace::RealTime);
    keys.extend(screen.keys());
    assert_eq!(keys, [(symbol, true), (symbol, false)]);
}

fn wait(plugin: &mut Instance, what: &str, mut is_so: impl FnMut(&mut Instance) -> bool) {
    let began = Instant::now();
    while !is_so(plugin) {
        assert!(began.elapsed() < LIMIT, "in vain waited for {what}");
        play(plugin, 0.05, Pace::RealTime);
    }
}
