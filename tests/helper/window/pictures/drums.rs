//! Timbreloom Drums while a song plays its beat.

use plugin_ui::drums::layout::Tab;
use serde_json::json;
use test_host::{Instance, Library, Pace, Take};

use super::{OF_ALL, Studio, name_of};
use crate::common::plugin::{DRUMS, RATE_HZ, activate, load_with, set};
use crate::window::places;

/// The kinds of drums, by their numbers in the package, and what makes their hits others.
const SETTINGS: [(&str, &str); 22] = [
    ("Swing", "57 %"),
    ("Track 1 Class", "0"),
    ("Track 1 Draw", "3"),
    ("Track 1 Tune", "-3 st"),
    ("Track 1 Pad X", "0.9"),
    ("Track 1 Pad Y", "0.6"),
    ("Track 2 Class", "1"),
    ("Track 2 Draw", "12"),
    ("Track 2 Lock", "On"),
    ("Track 3 Class", "2"),
    ("Track 3 Draw", "7"),
    ("Track 3 Choke", "1"),
    ("Track 4 Class", "3"),
    ("Track 4 Choke", "1"),
    ("Track 5 Class", "5"),
    ("Track 5 Draw", "4"),
    ("Track 6 Class", "4"),
    ("Track 6 Draw", "2"),
    ("Track 7 Class", "6"),
    ("Track 7 Level", "-6 dB"),
    ("Track 8 Class", "7"),
    ("Track 8 Level", "-9 dB"),
];

/// The button that plays the walk, in a window where it plays.
const PLAY_OR_STOP: &str = "Stop the walk";

/// As long as meters and spectrograms take to fill.
const FILL_S: f64 = 3.0;

pub fn draw(library: &Library, window: ([u32; 2], f64)) {
    let size = window.0;
    let mut plugin = library.instantiate(DRUMS).unwrap();
    let beat = json!([
        { "steps": "9..5..8...7....." },
        { "steps": "....9..2....9..2", "details": { "8": { "probability": 40, "shift": 20 } } },
        { "steps": "8464846484648465", "details": { "12": { "ratchet": 3 }, "16": { "ratchet": 2 } } },
        { "steps": "..6.......6.....", "details": { "3": { "shift": -14 } } },
        { "steps": ".5..4" },
        { "steps": "5.6..7.", "details": { "6": { "ratchet": 4, "probability": 60 } } },
        { "steps": "...4....7...", "details": { "9": { "probability": 30 } } },
        { "steps": "7..............." },
    ]);
    let walk = json!({ "kind": "spiral", "points": [[0.0, 0.0], [1.8, 0.7]], "turns": 2.5, "class": 6 });
    load_with(&mut plugin, &[("patterns", json!({ "1": beat })), ("walk", walk)]);
    set(&mut plugin, &SETTINGS);
    activate(&mut plugin, 512);
    let mut studio = Studio::open(plugin, window, Box::new(play));
    studio.play(FILL_S);
    let tabs = if window == OF_ALL { &Tab::ALL[..] } else { &[Tab::Beat] };
    for &tab in tabs {
        studio.click(places::in_drums(size, Tab::Beat, |name| name == tab.name())[0]);
        if tab == Tab::Grains {
            studio.click(places::in_drums(size, tab, |name| name == PLAY_OR_STOP)[0]);
        }
        // As in the effect's window; the walk is made meanwhile.
        studio.play(2.0);
        studio.screen.keep(&name_of(&format!("drums-{}", tab.name().to_lowercase()), window));
    }
    studio.close();
}

/// The song, which does not end.
fn play(plugin: &mut Instance, at: usize, frames: usize) {
    let song_s = Some(at as f64 / RATE_HZ);
    let take = Take { alone_frames: Some(frames), song_s, ..Take::default() };
    plugin.play(&take, &mut std::iter::repeat(512), Pace::RealTime).unwrap();
}
