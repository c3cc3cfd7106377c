//! The window of Timbreloom Codes played for some seconds and drawn: for its gallery and for the picture tests.

use egui::{ColorImage, Event, Pos2, RawInput, Vec2, vec2};
use plugin_ui::Session;
use plugin_ui::codes::layout::Tab;
use plugin_ui::codes::{CodebookView, CodesStatus, Layout, Window};
use plugin_ui::fake::{self, FakeParams};

use super::film::{FRAME_S, Film};

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
        (session.second, session.osc) = Default::default();
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
        let film = Film {
            frames: (self.seconds / FRAME_S) as usize,
            size: self.size,
            pixels_per_point: self.pixels_per_point,
        };
        let (frames, pointer, events) = (film.frames, self.pointer, self.events);
        let input = |frame: usize| {
            let pointed = pointer.map(Event::PointerMoved).into_iter();
            RawInput { events: pointed.chain(events(frames - frame)).collect(), ..RawInput::default() }
        };
        let mut window = Window::default();
        window.set_layout(self.layout.clone());
        film.shoot(input, |ui, _, now_s| {
            let mut status = fake::codes_playing(now_s, &self.book, &self.params);
            status.plugin.sound = fake::sound(now_s - FRAME_S, now_s);
            (self.change)(&mut status);
            window.ui(ui, &status, &self.book, &self.session, &mut self.params, &mut Vec::new());
        })
    }
}
