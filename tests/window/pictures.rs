//! The pictures of the manual: every view and panel of the real window while it plays, at several sizes and scales.

use std::time::Duration;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::{Session, Window, install_theme};
use test_host::{Instance, Library, Pace};

use super::server::Screen;
use super::sounds::sung;
use super::{RATE_HZ, bundle, instance};

/// Width and height in logical pixels, and physical pixels for each.
const WINDOWS: [([u32; 2], f64); 4] = [([800, 500], 1.0), ([1100, 700], 1.0), ([1920, 1080], 1.0), ([800, 500], 2.0)];

/// The size at which the panels are shown as well.
const OF_PANELS: [u32; 2] = [1100, 700];

const VIEWS: [&str; 4] = ["Space", "Lanes", "Sound", "Feedback"];

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

/// As long as the trails and spectrograms take to fill.
const FILL_S: f64 = 6.5;

/// Where a control lies, by the same window without a host, in logical pixels.
fn place_of(size: [u32; 2], beginning: &str) -> [f32; 2] {
    let (mut window, mut params, model) = (Window::default(), FakeParams::default(), fake::model());
    let session = Session::default();
    let mut harness = Harness::builder()
        .with_size(size.map(|side| side as f32))
        .with_context_setup(install_theme)
        .build_ui(move |ui| {
            let mut requests = Vec::new();
            window.ui(ui, &fake::playing(1.0, 0), &model, &session, &mut params, &mut requests);
        });
    harness.step();
    let found = harness.query_all_by(|node| node.label().is_some_and(|name| name.starts_with(beginning))).next();
    let centre = found.unwrap_or_else(|| panic!("the window has nothing called {beginning}")).rect().center();
    [centre.x, centre.y]
}

struct Studio<'a> {
    plugin: Instance,
    screen: &'a Screen,
    sound: Vec<f32>,
    at: usize,
}

impl Studio<'_> {
    /// Plays on in real time.
    fn play(&mut self, seconds: f64) {
        let frames = (seconds * RATE_HZ) as usize;
        let channel: Vec<f32> = (self.at..self.at + frames).map(|n| self.sound[n % self.sound.len()]).collect();
        self.at += frames;
        let input = vec![channel.clone(), channel];
        self.plugin.render(&input, &mut std::iter::repeat(512), &[], Pace::RealTime).unwrap();
    }

    fn click(&mut self, place: [f32; 2], scale: f64) {
        self.screen.move_to(place.map(|at| (f64::from(at) * scale).round() as i16));
        self.play(0.15);
        self.screen.press(true);
        self.play(0.1);
        self.screen.press(false);
        self.play(0.1);
        // Out of the way, so that nothing lights up under it.
        self.screen.move_to([2, 2]);
    }
}

/// Draws all of them into the folder that the environment names.
pub fn draw() {
    let library = Library::load(&bundle()).unwrap();
    for (size, scale) in WINDOWS {
        let pixels = size.map(|side| (f64::from(side) * scale) as u32);
        let screen = Screen::open(pixels);
        let mut plugin = instance(&library);
        for (name, text) in SETTINGS {
            plugin.set_by_text(name, text).unwrap();
        }
        plugin.open_window_at(screen.window(), scale).unwrap();
        plugin.resize_window(pixels).unwrap();
        let sound = sung((12.0 * RATE_HZ) as usize).swap_remove(0);
        let mut studio = Studio { plugin, screen: &screen, sound, at: 0 };
        studio.play(FILL_S);
        let name = |what: &str| match scale {
            1.0 => format!("{what}-{}x{}", size[0], size[1]),
            _ => format!("{what}-{}x{}-at-{scale}", size[0], size[1]),
        };
        for view in VIEWS {
            studio.click(place_of(size, view), scale);
            // The views gather what they show whether they are seen or not; the spectrogram needs a moment to draw it.
            studio.play(1.0);
            screen.keep(&name(&view.to_lowercase()));
        }
        if size == OF_PANELS && scale == 1.0 {
            for (panel, button) in PANELS {
                let place = place_of(size, button);
                studio.click(place, scale);
                studio.play(1.0);
                screen.keep(&name(panel));
                studio.click(place, scale);
            }
        }
        studio.plugin.close_window();
        screen.clear();
        std::thread::sleep(Duration::from_millis(100));
    }
}
