//! The effect while somebody sings into it.

use test_host::{Library, Pace};

use super::{OF_ALL, Studio, name_of};
use crate::common::paths::paths;
use crate::common::plugin::{RATE_HZ, load_with, set};
use crate::common::sounds::{both_sides, sung};
use crate::window::{instance, places};

const VIEWS: [&str; 6] = ["Space", "Lanes", "Sound", "Feedback", "Paths", "Plane"];

/// What opens a panel: the beginning of its button's name.
const PANELS: [(&str, &str); 3] = [("models", "Model:"), ("presets", "Preset:"), ("settings", "Settings")];

/// Settings that give every view something to show.
const SETTINGS: [(&str, &str); 8] = [
    ("Bias 1", "1.2 sd"),
    ("Bias 2", "-0.8 sd"),
    ("Scale 3", "1.5 x"),
    ("Transpose", "-12 st"),
    ("Feedback Amount", "35 %"),
    ("Feedback Frequency", "420 Hz"),
    ("Feedback Q", "4"),
    ("Random Amount", "0.3 sd"),
];

/// What the last two views are about: paths that are heard, and then the plane.
const PATHS: [(&str, &str); 2] = [("Path Mode", "Replace"), ("Path Amount", "60 %")];
const PLANE: [(&str, &str); 3] = [("Plane", "Terrain"), ("Plane X", "62 %"), ("Plane Y", "48 %")];

/// As long as the trails and spectrograms take to fill.
const FILL_S: f64 = 6.5;

pub fn draw(library: &Library, window: ([u32; 2], f64)) {
    let mut plugin = instance(library);
    load_with(&mut plugin, &[("paths", serde_json::to_value(paths()).unwrap())]);
    set(&mut plugin, &SETTINGS);
    let sound = sung((12.0 * RATE_HZ) as usize).swap_remove(0);
    let music = move |plugin: &mut test_host::Instance, at: usize, frames: usize| {
        let channel: Vec<f32> = (at..at + frames).map(|n| sound[n % sound.len()]).collect();
        plugin.render(&both_sides(channel), &mut std::iter::repeat(512), &[], Pace::RealTime).unwrap();
    };
    let mut studio = Studio::open(plugin, window, Box::new(music));
    studio.play(FILL_S);
    let button = |beginning: &str| places::in_effect(window.0, |name| name.starts_with(beginning))[0];
    for view in VIEWS {
        match view {
            "Paths" => set(&mut studio.plugin, &PATHS),
            "Plane" => set(&mut studio.plugin, &PLANE),
            _ => {}
        }
        studio.click(button(view));
        // The views gather what they show whether they are seen or not; the spectrogram needs a moment to draw it.
        studio.play(1.0);
        studio.screen.keep(&name_of(&view.to_lowercase(), window));
    }
    if window == OF_ALL {
        for (panel, name) in PANELS {
            let place = button(name);
            studio.click(place);
            studio.play(1.0);
            studio.screen.keep(&name_of(panel, window));
            studio.click(place);
        }
    }
    studio.close();
}
