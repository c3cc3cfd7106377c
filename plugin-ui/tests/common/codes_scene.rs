//! The window of Timbreloom Codes played for some seconds and drawn: for its gallery and for the picture tests.

use std::collections::HashMap;

use egui::{ColorImage, Context, Event, Pos2, RawInput, Rect, Vec2, vec2};
use plugin_ui::codes::layout::Tab;
use plugin_ui::codes::{CodebookView, CodesStatus, Layout, Window};
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::{Session, install_theme};

use super::raster::{apply_textures, rasterise};

const FRAME_S: f64 = 1.0 / 60.0;

/// What is drawn.
pub struct CodesScene {
    pub name: String,
    pub size: Vec2,
    pub pixels_per_point: f32,
    pub book: CodebookView,
    pub session: Session,
    pub layout: Layout,
    pub params: FakeParams,
    pub seconds: f64,
    pub change: fn(&mut CodesStatus),
    pub pointer: Option<Pos2>,
    /// Events of single frames, counted from the end.
    pub events: fn(usize) -> Vec<Event>,
}

impl CodesScene {
    /// A chord and a melody whose centroid follows the drawn curve.
    pub fn new(name: &str, width: f32, height: f32, tab: Tab) -> Self {
        let mut layout = Layout::default();
        layout.show(0, tab);
        let mut session = fake::session();
        session.first.name = "horn-codes".to_owned();
        (session.preset, session.is_preset_edited) = ("Brass Choir".to_owned(), false);
        session.midi.mapped.clear();
        session.second = Default::default();
        Self {
            name: name.to_owned(),
            size: vec2(width, height),
            pixels_per_point: 1.0,
            book: fake::codebook(),
            session,
            layout,
            params: fake::codes_params(),
            seconds: 9.3,
            change: |_| (),
            pointer: None,
            events: |_| Vec::new(),
        }
    }

    pub fn draw(mut self) -> ColorImage {
        let ctx = Context::default();
        install_theme(&ctx);
        let mut window = Window::default();
        window.set_layout(self.layout.clone());
        let mut textures = HashMap::new();
        let mut last = None;
        let frames = (self.seconds / FRAME_S) as usize;
        for frame in 0..frames {
            let now_s = frame as f64 * FRAME_S;
            let mut status = fake::codes_playing(now_s, &self.book, &self.params);
            status.plugin.sound = fake::sound(now_s - FRAME_S, now_s);
            (self.change)(&mut status);
            let mut events: Vec<Event> = self.pointer.map(Event::PointerMoved).into_iter().collect();
            events.extend((self.events)(frames - frame));
            let mut input = RawInput {
                screen_rect: Some(Rect::from_min_size(Pos2::ZERO, self.size)),
                time: Some(now_s),
                focused: true,
                events,
                ..RawInput::default()
            };
            let viewport = input.viewport_id;
            input.viewports.entry(viewport).or_default().native_pixels_per_point = Some(self.pixels_per_point);
            let mut output = ctx.run_ui(input, |ui| {
                window.ui(ui, &status, &self.book, &self.session, &mut self.params, &mut Vec::new());
            });
            apply_textures(&mut textures, std::mem::take(&mut output.textures_delta));
            last = Some(output);
        }
        let output = last.expect("there is at least one frame");
        let primitives = ctx.tessellate(output.shapes, output.pixels_per_point);
        rasterise(&primitives, &textures, self.size, output.pixels_per_point)
    }
}
