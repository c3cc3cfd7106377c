//! The window of Timbreloom Drums played for some seconds and drawn: for its gallery and for the picture tests.

use egui::{ColorImage, Event, Pos2, RawInput, Vec2, vec2};
use plugin_ui::Session;
use plugin_ui::drums::layout::Tab;
use plugin_ui::drums::{DrumsStatus, KitView, Layout, Window, param};
use plugin_ui::fake::{self, FakeParams};

use super::film::{FRAME_S, Film};

/// What is drawn.
pub struct DrumsScene {
    pub name: String,
    pub size: Vec2,
    pub pixels_per_point: f32,
    pub kit: KitView,
    pub session: Session,
    pub layout: Layout,
    pub params: FakeParams,
    pub seconds: f64,
    pub change: fn(&mut DrumsStatus),
    pub pointer: Option<Pos2>,
    /// Events of single frames, counted from the end.
    pub events: fn(usize) -> Vec<Event>,
}

impl DrumsScene {
    /// A beat with lines of unequal length; a track is muted, one is locked, one is blended and moved on its pad.
    pub fn new(name: &str, width: f32, height: f32, tab: Tab) -> Self {
        let mut session = fake::session();
        session.first.name = "studio-drums".to_owned();
        (session.preset, session.is_preset_edited) = ("Late Kitchen".to_owned(), false);
        session.midi.mapped.clear();
        (session.second, session.osc) = Default::default();
        let mut params = fake::drums_params();
        for (id, plain) in [
            (param::SWING, 57.0),
            (param::CHAIN, 2.0),
            (param::EVOLVE, 4.0),
            (param::DRAW[1], 12.0),
            (param::DRAW[0], 3.0),
            (param::CLASS_B[0], 5.0),
            (param::BLEND[0], 30.0),
            (param::PAD_X[0], 0.9),
            (param::PAD_Y[0], 0.6),
            (param::VARIATION[0], 2.0),
            (param::VARY[0], 40.0),
            (param::TUNE[0], -3.0),
            (param::DECAY[0], 70.0),
            (param::LEVEL[0], -4.5),
            (param::PAN[0], 20.0),
            (param::CHOKE[3], 1.0),
            (param::LOCK[1], 1.0),
            (param::MUTE[2], 1.0),
        ] {
            params.put_plain(id, plain);
        }
        Self {
            name: name.to_owned(),
            size: vec2(width, height),
            pixels_per_point: 1.0,
            kit: fake::kit(),
            session,
            layout: Layout { tab, ..Layout::default() },
            params,
            seconds: 2.2,
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
        let (mut edited, mut requests) = (fake::drums_resting(&self.params), Vec::new());
        film.shoot(input, |ui, _, now_s| {
            let mut status = fake::drums_playing(now_s, &self.params);
            (status.patterns, status.walk) = (edited.patterns.clone(), edited.walk.clone());
            (self.change)(&mut status);
            window.ui(ui, &status, &self.kit, &self.session, &mut self.params, &mut requests);
            for request in requests.drain(..) {
                fake::obey(&request, &mut edited, &mut self.params);
            }
        })
    }
}
