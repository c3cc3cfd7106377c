//! Timbreloom Codes while somebody plays a melody over a held chord.

use egui::{Pos2, Rect};
use plugin_ui::codes::layout::Tab;
use test_host::{Event, Instance, Library, Pace, Take};

use super::{OF_ALL, Studio, name_of};
use crate::common::plugin::{CODES, RATE_HZ, activate, set};
use crate::window::places;

/// What opens a panel: the beginning of its button's name.
const PANELS: [(&str, &str); 2] = [("codes-models", "Model:"), ("codes-settings", "Settings")];

/// Settings by which curve, oscillator and velocity move two targets.
const SETTINGS: [(&str, &str); 7] = [
    ("Target 1 Base", "10 %"),
    ("Target 1 from Curve", "65 %"),
    ("Target 1 from LFO", "10 %"),
    ("Target 2 Weight", "30 %"),
    ("Target 2 Base", "30 %"),
    ("Target 2 from LFO", "30 %"),
    ("LFO Rate", "0.7 Hz"),
];

/// Places and values of the points that are added to the curve by hand.
const DRAWN: [[f32; 2]; 4] = [[0.1875, 0.15], [0.3125, 0.8], [0.6875, 0.3], [0.8125, 0.62]];

/// What the node of the curve's editor reaches beyond its plot, logical pixels.
const GRIP: f32 = 7.0;

const CHORD: [u8; 3] = [36, 43, 52];
const MELODY: [u8; 8] = [55, 60, 62, 64, 67, 64, 62, 59];

/// From one note of the melody to the next, frames.
const STEP: usize = RATE_HZ as usize / 2;

/// The chord is struck again after so many steps.
const AGAIN: usize = 32;

/// As long as the trails and spectrograms take to fill.
const FILL_S: f64 = 8.5;

pub fn draw(library: &Library, window: ([u32; 2], f64)) {
    let (size, scale) = window;
    let mut plugin = library.instantiate(CODES).unwrap();
    activate(&mut plugin, 512);
    set(&mut plugin, &SETTINGS);
    let mut studio = Studio::open(plugin, window, Box::new(play));
    studio.play(1.0);
    draw_curve(&mut studio, size);
    studio.play(FILL_S);
    let show = |studio: &mut Studio, tab: Tab| {
        studio.click(places::in_codes(size, Tab::Map, |name| name == tab.name())[0]);
        // As in the effect's window.
        studio.play(1.0);
        studio.screen.keep(&name_of(&format!("codes-{}", tab.name().to_lowercase()), window));
    };
    if window != OF_ALL {
        show(&mut studio, Tab::Map);
        return studio.close();
    }
    for tab in Tab::ALL {
        show(&mut studio, tab);
    }
    for (panel, beginning) in PANELS {
        let place = places::in_codes(size, Tab::Map, |name| name.starts_with(beginning))[0];
        studio.click(place);
        studio.play(1.0);
        studio.screen.keep(&name_of(panel, (size, scale)));
        studio.click(place);
    }
    studio.close();
}

/// Adds points to the curve with the pointer.
fn draw_curve(studio: &mut Studio, size: [u32; 2]) {
    studio.click(places::in_codes(size, Tab::Map, |name| name == Tab::Curve.name())[0]);
    let plot: Rect = places::in_codes(size, Tab::Curve, |name| name == "Target curve")[0].shrink(GRIP);
    for [place, value] in DRAWN {
        studio.click_at(Pos2::new(plot.left() + plot.width() * place, plot.bottom() - plot.height() * value));
    }
}

/// The chord and the melody, over and over, in a song of 120 beats per minute.
fn play(plugin: &mut Instance, at: usize, frames: usize) {
    let first = at.div_ceil(STEP);
    let mut events = Vec::new();
    for step in first..(at + frames).div_ceil(STEP) {
        let frame = step * STEP - at;
        let tone = |step: usize| MELODY[step % MELODY.len()];
        if step > 0 {
            events.push(Event::note_off(frame, 0, tone(step - 1)));
        }
        if step % AGAIN == 0 {
            events.extend(CHORD.iter().filter(|_| step > 0).map(|&key| Event::note_off(frame, 0, key)));
            events.extend(CHORD.iter().map(|&key| Event::note_on(frame, 0, key, 70)));
        }
        events.push(Event::note_on(frame, 0, tone(step), 80 + 10 * (step % 4) as u8));
    }
    let song_s = Some(at as f64 / RATE_HZ);
    let take = Take { alone_frames: Some(frames), events: &events, song_s, ..Take::default() };
    plugin.play(&take, &mut std::iter::repeat(512), Pace::RealTime).unwrap();
}
