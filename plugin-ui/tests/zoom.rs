//! The zoom of the whole window, in a window as the framework makes it: one that it resizes by the zoom, and that a host grants
//! or refuses.

use egui::{Context, Event, Key, Modifiers, Pos2, RawInput, Rect, Vec2, ViewportCommand, vec2};
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::layout::{Layout, Panel};
use plugin_ui::{Session, Window, Zoom, install_theme};

/// As egui-baseview 0.9 keeps a window, sizes in the system's points.
struct Host {
    context: Context,
    size: Vec2,
    /// egui's factor, as far as the framework has seen it.
    zoom: f32,
    grants: bool,
    /// What the host was asked for, and when it answers.
    asked: Vec<(usize, Vec2)>,
    frame: usize,
    window: Window,
    session: Session,
    params: FakeParams,
}

/// Frames until a host answers.
const DELAY: usize = 4;

impl Host {
    /// A window of the saved size, at the zoom that it opens with.
    fn open(size: Vec2, percent: u16, grants: bool) -> Self {
        let context = Context::default();
        install_theme(&context);
        let zoom = Zoom::nearest(percent);
        let factor = zoom.fitting(size.into()).factor();
        context.set_zoom_factor(factor);
        let session = Session { zoom, ..fake::session() };
        let (window, params) = (Window::default(), FakeParams::default());
        let mut host =
            Self { context, size, zoom: factor, grants, asked: Vec::new(), frame: 0, window, session, params };
        host.frames(5);
        host
    }

    fn choose(&mut self, percent: u16) {
        self.session.zoom = Zoom::nearest(percent);
        self.frames(120);
    }

    fn resize(&mut self, size: Vec2) {
        self.size = size;
        self.frames(30);
    }

    fn frames(&mut self, count: usize) {
        for _ in 0..count {
            self.frame(Vec::new());
        }
    }

    fn frame(&mut self, events: Vec<Event>) {
        self.frame += 1;
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.asked).into_iter().partition(|(at, _)| *at <= self.frame);
        self.asked = later;
        if let Some(&(_, size)) = due.last().filter(|_| self.grants) {
            self.size = size.max(vec2(800.0, 500.0));
        }
        let points = self.size / self.zoom;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, points)),
            time: Some(self.frame as f64 / 60.0),
            events,
            ..RawInput::default()
        };
        let status = fake::playing(1.0, 0);
        let model = fake::model();
        let Self { context, window, session, params, .. } = self;
        let mut output =
            context.run_ui(input, |ui| _ = window.ui(ui, &status, &model, session, params, &mut Vec::new()));
        output.textures_delta.clear();
        let zoom = context.zoom_factor();
        let mut new_size = None;
        if zoom != self.zoom {
            self.zoom = zoom;
            new_size = Some(points * zoom);
        }
        for command in output.viewport_output.values().flat_map(|viewport| &viewport.commands) {
            if let ViewportCommand::InnerSize(size) = command {
                new_size = Some(*size * zoom);
            }
        }
        if let Some(size) = new_size.filter(|size| (*size - self.size).length() > 0.5) {
            self.asked.push((self.frame + DELAY, size));
        }
    }

    fn percent(&self) -> u16 {
        (self.context.zoom_factor() * 100.0).round() as u16
    }

    fn is_at(&self, percent: u16, [width, height]: [f32; 2]) {
        assert!((self.size - vec2(width, height)).length() < 1.0, "{:?} at {} %", self.size, self.percent());
        assert_eq!(self.percent(), percent, "at {:?}", self.size);
    }
}

#[test]
fn a_window_grows_for_its_zoom_only_where_it_has_to() {
    let mut host = Host::open(vec2(800.0, 500.0), 100, true);
    host.choose(200);
    host.is_at(200, [1600.0, 1000.0]);
    host.choose(100);
    host.is_at(100, [1600.0, 1000.0]);
    host.choose(150);
    host.is_at(150, [1600.0, 1000.0]);
    host.choose(75);
    host.is_at(75, [1600.0, 1000.0]);
}

#[test]
fn where_the_host_refuses_nothing_is_cut_off() {
    let mut host = Host::open(vec2(800.0, 500.0), 100, false);
    host.choose(200);
    host.is_at(100, [800.0, 500.0]);
    let mut host = Host::open(vec2(1100.0, 700.0), 100, false);
    host.choose(200);
    host.is_at(125, [1100.0, 700.0]);
}

#[test]
fn a_window_that_is_made_smaller_is_drawn_smaller_and_larger_again() {
    let mut host = Host::open(vec2(1600.0, 1000.0), 200, true);
    host.is_at(200, [1600.0, 1000.0]);
    for (size, percent) in
        [([1300.0, 900.0], 150), ([800.0, 500.0], 100), ([1000.0, 625.0], 125), ([1700.0, 1100.0], 200)]
    {
        host.resize(size.into());
        host.is_at(percent, size);
    }
}

#[test]
fn a_small_window_of_a_project_opens_at_its_size_whatever_the_zoom() {
    for (percent, drawn) in [(75, 75), (100, 100), (125, 100), (200, 100)] {
        let mut host = Host::open(vec2(800.0, 500.0), percent, true);
        host.frames(120);
        host.is_at(drawn, [800.0, 500.0]);
    }
}

#[test]
fn every_zoom_leaves_the_least_window_its_room() {
    for zoom in Zoom::ALL {
        let mut host = Host::open(vec2(800.0, 500.0), zoom.percent(), true);
        host.window.set_layout(Layout { panel: Some(Panel::Settings), ..Layout::default() });
        host.frames(10);
        let room = host.context.content_rect().size();
        assert!(room.x >= 799.5 && room.y >= 499.5, "{room:?} at {zoom:?}");
    }
}

#[test]
fn keys_do_not_zoom() {
    for key in [Key::Plus, Key::Minus, Key::Equals, Key::Num0] {
        let mut host = Host::open(vec2(1600.0, 1000.0), 150, true);
        for pressed in [true, false] {
            let modifiers = Modifiers::COMMAND;
            host.frame(vec![Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }]);
            assert_eq!(host.context.zoom_factor(), 1.5, "{key:?}");
        }
    }
}
