//! The effect's window under test; a fake stands for the plugin.

use egui_kittest::Harness;
use plugin_ui::fake::{self, FakeParams};
use plugin_ui::{ModelView, Repaint, Request, Session, Status, Window};

use crate::hand;

pub struct App {
    pub window: Window,
    pub status: Status,
    pub model: ModelView,
    pub session: Session,
    pub params: FakeParams,
    pub requests: Vec<Request>,
    pub repaint: Option<Repaint>,
}

/// A plugin at rest.
pub fn still() -> Status {
    let mut status = fake::playing(1.0, 0);
    (status.input_level_db, status.output_level_db) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    status.is_running = false;
    status
}

pub fn open(status: Status, session: Session, size: [f32; 2]) -> Harness<'static, App> {
    let (window, model, params, requests) = (Window::default(), fake::model(), FakeParams::default(), Vec::new());
    let app = App { window, status, model, session, params, requests, repaint: None };
    hand::open(size, app, |ui, app| {
        let App { window, status, model, session, params, requests, repaint } = app;
        *repaint = Some(window.ui(ui, status, model, session, params, requests));
        status.points.clear();
    })
}
