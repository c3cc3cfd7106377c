//! A view played for some seconds and drawn: for the gallery of views and for the picture tests.

use egui::{ColorImage, Event, Pos2, RawInput, Vec2, vec2};
use plugin_ui::fake::alone::Alone;
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::layout::Tab;
use plugin_ui::{ModelView, Status, param};

use super::film::{FRAME_S, Film};

/// What is drawn.
pub struct Scene {
    pub name: &'static str,
    pub view: Tab,
    pub size: Vec2,
    pub pixels_per_point: f32,
    pub model: ModelView,
    pub params: FakeParams,
    /// How long it plays before the picture is taken, seconds.
    pub seconds: f64,
    pub change: fn(&mut Status),
    pub pointer: Option<Pos2>,
    /// Keys pressed in the last frames, one a frame.
    pub keys: Vec<egui::Key>,
}

impl Scene {
    /// A view of a plugin that plays with some biases and scales set.
    pub fn new(name: &'static str, view: Tab, width: f32, height: f32) -> Self {
        let mut params = FakeParams::default();
        for (id, plain) in [
            (param::BIAS[0], 1.2),
            (param::BIAS[1], -0.8),
            (param::SCALE[1], 0.6),
            (param::BIAS[4], -2.0),
            (param::SCALE[6], 2.2),
            (param::SCALE[9], 0.3),
            (param::LOCK[11], 1.0),
            (param::FEEDBACK_AMOUNT, 90.0),
            (param::FEEDBACK_Q, 2.5),
            (param::FEEDBACK_DELAY, 120.0),
        ] {
            params.put_plain(id, plain);
        }
        let (model, size) = (fake::model(), vec2(width, height));
        let change = |status: &mut Status| status.guard_db = 6.0;
        Self {
            name,
            view,
            size,
            pixels_per_point: 1.0,
            model,
            params,
            seconds: 9.0,
            change,
            pointer: None,
            keys: Vec::new(),
        }
    }

    pub fn draw(mut self) -> ColorImage {
        let film = Film {
            frames: (self.seconds / FRAME_S) as usize,
            size: self.size,
            pixels_per_point: self.pixels_per_point,
        };
        let (frames, pointer, keys) = (film.frames, self.pointer, std::mem::take(&mut self.keys));
        let input = |frame: usize| {
            let mut events: Vec<Event> = pointer.map(Event::PointerMoved).into_iter().collect();
            if let Some(&key) = keys.len().checked_sub(frames - frame).and_then(|at| keys.get(at)) {
                let modifiers = egui::Modifiers::NONE;
                events.push(Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers });
            }
            RawInput { events, ..RawInput::default() }
        };
        let mut alone = Alone::default();
        film.shoot(input, |ui, frame, now_s| {
            let mut status = fake::playing(now_s, 1 + frame % 2);
            fake::wander(&mut status, now_s, &self.params);
            status.sound = fake::sound(now_s - FRAME_S, now_s);
            (self.change)(&mut status);
            alone.ui(ui, self.view, &status, &self.model, &mut self.params);
        })
    }
}
