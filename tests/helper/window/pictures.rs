//! The pictures of the manual: every view and panel of the real windows while they play, at several sizes and scales.

mod codes;
mod drums;
mod effect;

use std::time::Duration;

use egui::{Pos2, Rect};
use test_host::Instance;

use super::server::Screen;
use crate::common::plugin::{RATE_HZ, library};

/// Width and height in logical pixels, and physical pixels for each.
const WINDOWS: [([u32; 2], f64); 4] = [([800, 500], 1.0), ([1100, 700], 1.0), ([1920, 1080], 1.0), ([800, 500], 2.0)];

/// The size at which all views and panels are shown.
const OF_ALL: ([u32; 2], f64) = ([1100, 700], 1.0);

/// Plays the next so many frames in real time, from a frame on.
type Music = Box<dyn FnMut(&mut Instance, usize, usize)>;

/// A plugin that plays, its window, and a hand in it.
struct Studio {
    plugin: Instance,
    screen: Screen,
    scale: f64,
    music: Music,
    at: usize,
}

/// Draws all of them into the folder that the environment names.
pub fn draw() {
    let library = library();
    for window in WINDOWS {
        effect::draw(&library, window);
        codes::draw(&library, window);
        drums::draw(&library, window);
    }
}

/// The name of a picture of so large a window.
fn name_of(what: &str, ([width, height], scale): ([u32; 2], f64)) -> String {
    match scale {
        1.0 => format!("{what}-{width}x{height}"),
        _ => format!("{what}-{width}x{height}-at-{scale}"),
    }
}

impl Studio {
    fn open(mut plugin: Instance, (size, scale): ([u32; 2], f64), music: Music) -> Self {
        let pixels = size.map(|side| (f64::from(side) * scale) as u32);
        let screen = Screen::open(pixels);
        plugin.open_window_at(screen.window(), scale).unwrap();
        plugin.resize_window(pixels).unwrap();
        Self { plugin, screen, scale, music, at: 0 }
    }

    /// Plays on in real time.
    fn play(&mut self, seconds: f64) {
        let frames = (seconds * RATE_HZ) as usize;
        (self.music)(&mut self.plugin, self.at, frames);
        self.at += frames;
    }

    fn click(&mut self, place: Rect) {
        self.click_at(place.center());
    }

    fn click_at(&mut self, place: Pos2) {
        self.screen.move_to([place.x, place.y].map(|at| (f64::from(at) * self.scale).round() as i16));
        self.play(0.15);
        self.screen.press(true);
        self.play(0.1);
        self.screen.press(false);
        self.play(0.1);
        // Out of the way, so that nothing lights up under it.
        self.screen.move_to([2, 2]);
    }

    fn close(mut self) {
        self.plugin.close_window();
        self.screen.clear();
        std::thread::sleep(Duration::from_millis(100));
    }
}
