//! What every window works with, whatever it shows: the parameters, and the session that it is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use nice_plug_core::context::gui::GuiContext;
use plugin_ui::session::Request;

use super::backend::Backend;
use super::window_session::{Product, WindowSession};
use crate::instance::desk::InstanceDesk;
use crate::instance::instance_params::InstanceParams;
use crate::instance::project_models::ProjectModels;
use crate::preset::{ExtraValue, Scene};
use crate::telemetry::Telemetry;

/// Of one instance. GUI thread; outlives the window.
pub struct WindowController {
    /// The parameters, as the window uses them.
    pub backend: Backend,
    /// What the window is told beside them.
    pub window_session: WindowSession,
}

impl WindowController {
    /// For one instance. `takes_midi`: whether its format gives it MIDI.
    pub fn new<P: InstanceParams>(
        product: Product,
        params: Arc<P>,
        project: Arc<ProjectModels>,
        telemetry: Arc<Telemetry>,
        takes_midi: bool,
    ) -> Self {
        let backend = Backend::new(params.clone());
        Self { backend, window_session: WindowSession::new(product, params, project, telemetry, takes_midi) }
    }

    /// The window opens.
    pub fn open<P: InstanceParams>(&mut self, params: Arc<P>, host: GuiContext) {
        self.backend.desk =
            Some(Box::new(InstanceDesk::new(params, Arc::clone(&self.window_session.project), Some(host))));
        self.window_session.open();
    }

    /// Whether the window is open, as far as its instance is concerned.
    pub fn is_open(&self) -> bool {
        self.backend.desk.is_some()
    }

    /// See [`WindowSession::keep_up`].
    pub fn keep_up(&mut self) {
        if let Some(desk) = &mut self.backend.desk {
            self.window_session.keep_up(desk.as_mut(), &mut self.backend.history);
        }
    }

    /// See [`WindowSession::carry_out`].
    pub fn carry_out(&mut self, request: Request) -> Option<String> {
        let desk = self.backend.desk.as_mut()?;
        self.window_session.carry_out(request, desk.as_mut(), &mut self.backend.history)
    }

    /// Draws an extra: see [`History::draw`](crate::preset::History::draw).
    /// False where no window is open: nothing is drawn then.
    pub fn draw(&mut self, id: &str, label: &str, value: &ExtraValue, is_done: bool) -> bool {
        let Some(desk) = &mut self.backend.desk else { return false };
        self.backend.history.draw(desk.as_mut(), id, label, value, is_done);
        self.window_session.look_again();
        true
    }

    /// Sets values and extras together, as one step of undo; nothing where no window is open.
    pub fn change(&mut self, label: String, values: BTreeMap<String, f32>, extras: BTreeMap<String, ExtraValue>) {
        let Some(desk) = &mut self.backend.desk else { return };
        let target = Scene { values, models: desk.models(), extras };
        self.backend.history.change(desk.as_mut(), label, &target);
        self.window_session.look_again();
    }

    /// The window is gone, or about to go; the host is still there.
    pub fn close(&mut self) {
        self.window_session.close();
        // With it goes what holds the host, and so the instance.
        self.backend.desk = None;
    }
}
