//! Joins `plugin-ui` to this plugin: parameters, telemetry, and the window's life.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use nice_plug_core::context::gui::GuiContext;
use nice_plug_core::editor::dpi::LogicalSize;
use nih_plug::prelude::*;
use nih_plug_egui::{
    EguiEditor, EguiEditorState, EguiNiceSettings, Frame, NiceEguiApp, RepaintNotifier, baseview, create_egui_editor,
};
use plugin_ui::{
    EngineState as ShownState, ModelView, ParamBackend, ParamId, Repaint, Session, Status, Trouble, Window,
};

use crate::controls::MAX_DIMS;
use crate::plugin::params::EffectParams;
use crate::telemetry::{EngineState, Telemetry};

/// The framework's editor with our window in it.
pub type EffectEditor = EguiEditor<App>;

/// How often a resting window looks whether something has changed: a meter that moves, a parameter that the host
/// automates. Painting nothing new ten times a second is not to be noticed.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// Makes the editor. Main thread.
pub fn create(params: Arc<EffectParams>, telemetry: Arc<Telemetry>) -> Option<EffectEditor> {
    let (width, height) = *params.window.lock();
    let size = LogicalSize::new(f64::from(width), f64::from(height));
    let app = App {
        backend: Backend::new(params),
        telemetry,
        window: Window::default(),
        status: Status::default(),
        model: ModelView::default(),
        trouble: None,
        seen_points: 0,
        seen_model: None,
        seen_dropouts: (0, 0),
    };
    create_egui_editor(
        EguiEditorState::from_size(size, 1.0),
        RepaintNotifier::new(),
        EguiNiceSettings::new().with_tile("Timbreloom").with_resize_hint(ResizeHint::RESIZABLE),
        app,
    )
}

/// The window of one instance. Lives on the host's GUI thread.
pub struct App {
    backend: Backend,
    telemetry: Arc<Telemetry>,
    window: Window,
    status: Status,
    model: ModelView,
    trouble: Option<Trouble>,
    seen_points: u64,
    seen_model: Option<u32>,
    seen_dropouts: (u64, u32),
}

impl App {
    /// Copies what the other threads publish. May block for the moment in which a model's description is replaced.
    fn refresh(&mut self) {
        let telemetry = &self.telemetry;
        let generation = telemetry.model_generation.load(Ordering::Acquire);
        if self.seen_model != Some(generation) {
            let info = Arc::clone(&telemetry.model.lock());
            self.seen_model = Some(generation);
            self.trouble = (!info.message.is_empty())
                .then(|| Trouble { message: info.message.as_str().into(), remedy: "".into() });
            self.status.provider = info.provider.as_str().into();
            self.model = ModelView {
                generation: u64::from(generation),
                name: info.name.clone(),
                description: info.description.clone(),
                dims: MAX_DIMS,
                cloud: info.reference_cloud.clone(),
                p01: info.p01,
                p99: info.p99,
            };
        }
        let trouble = || self.trouble.clone().unwrap_or_else(unexplained);
        let status = &mut self.status;
        status.state = match telemetry.state() {
            EngineState::Loading => ShownState::Loading,
            EngineState::Ready => ShownState::Ready,
            EngineState::Missing => ShownState::Missing(trouble()),
            EngineState::Faulted => ShownState::Faulted(trouble()),
        };
        status.latency_frames = telemetry.latency_frames.load(Ordering::Relaxed);
        status.host_rate_hz = telemetry.host_rate_hz.load();
        status.load = telemetry.load();
        let dropouts = telemetry.dropouts();
        // A long one goes on being one: its length counts too, in tenths of a second.
        let seen = (dropouts.times, (dropouts.lost_s * 10.0) as u32);
        if seen != self.seen_dropouts {
            self.seen_dropouts = seen;
            status.dropouts = dropouts.sentence().unwrap_or_default().into();
        }
        status.underruns = dropouts.times;
        status.is_running = telemetry.is_running.swap(false, Ordering::Relaxed);
        status.input_level_db = level_db(telemetry.input_peak.load(), status.is_running);
        status.output_level_db = level_db(telemetry.output_peak.load(), status.is_running);
        status.points.clear();
        status.raw_points.clear();
        self.seen_points = telemetry.latents_since(self.seen_points, &mut status.raw_points, &mut status.points);
    }
}

/// A state without a message: it is on its way from the worker.
fn unexplained() -> Trouble {
    Trouble { message: "".into(), remedy: "".into() }
}

/// A peak (linear gain) as a level; a host that has stopped leaves the last peak behind, which nobody hears.
fn level_db(peak: f32, is_running: bool) -> f32 {
    if is_running && peak > 0.0 { 20.0 * peak.log10() } else { f32::NEG_INFINITY }
}

impl NiceEguiApp for App {
    fn build(
        &mut self,
        context: egui::Context,
        host: GuiContext,
        _frame: &mut Frame,
    ) -> Result<(), baseview::HandlerError> {
        plugin_ui::install_theme(&context);
        self.backend.host = Some(host);
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
        self.refresh();
        // The session is not filled yet, so nothing can be asked for.
        let (session, mut requests) = (Session::default(), Vec::new());
        match self.window.ui(ui, &self.status, &self.model, &session, &mut self.backend, &mut requests) {
            Repaint::EveryFrame => ui.ctx().request_repaint(),
            Repaint::OnChange => ui.ctx().request_repaint_after(LOOK_INTERVAL),
        }
    }

    fn resized(&mut self, size: baseview::WindowSize) {
        let size = size.logical;
        *self.backend.params.window.lock() = (size.width as u32, size.height as u32);
    }

    fn editor_closed(&mut self) {
        self.window.release(&mut self.backend);
        self.backend.host = None;
    }
}

/// `plugin-ui`'s view of the parameters.
struct Backend {
    params: Arc<EffectParams>,
    by_id: HashMap<String, ParamPtr>,
    host: Option<GuiContext>,
}

impl Backend {
    fn new(params: Arc<EffectParams>) -> Self {
        let by_id = params.param_map().into_iter().map(|(id, param, _group)| (id, param)).collect();
        Self { params, by_id, host: None }
    }

    fn pointer(&self, id: ParamId) -> ParamPtr {
        *self.by_id.get(id.0).expect("plugin-ui's ids are this plugin's: held by a test")
    }

    /// Reads a parameter.
    fn read<T>(&self, id: ParamId, read: impl FnOnce(ParamPtr) -> T) -> T {
        read(self.pointer(id))
    }
}

// SAFETY (of every call below): the pointers come from `params`, which this struct keeps alive.
impl ParamBackend for Backend {
    fn name(&self, id: ParamId) -> String {
        // SAFETY: see above.
        self.read(id, |param| unsafe { param.name() }.to_owned())
    }

    fn normalised(&self, id: ParamId) -> f32 {
        // SAFETY: see above.
        self.read(id, |param| unsafe { param.unmodulated_normalized_value() })
    }

    fn default_normalised(&self, id: ParamId) -> f32 {
        // SAFETY: see above.
        self.read(id, |param| unsafe { param.default_normalized_value() })
    }

    fn plain(&self, id: ParamId, normalised: f32) -> f32 {
        // SAFETY: see above.
        self.read(id, |param| unsafe { param.preview_plain(normalised) })
    }

    fn normalise(&self, id: ParamId, plain: f32) -> f32 {
        // SAFETY: see above.
        self.read(id, |param| unsafe { param.preview_normalized(plain) })
    }

    fn text(&self, id: ParamId, normalised: f32) -> String {
        // SAFETY: see above.
        self.read(id, |param| unsafe { param.normalized_value_to_string(normalised, true) })
    }

    fn parse(&self, id: ParamId, text: &str) -> Option<f32> {
        // SAFETY: see above.
        self.read(id, |param| unsafe { param.string_to_normalized_value(text) })
    }

    fn step_count(&self, id: ParamId) -> Option<usize> {
        // SAFETY: see above.
        self.read(id, |param| unsafe { param.step_count() })
    }

    fn begin(&mut self, id: ParamId) {
        if let Some(host) = &self.host {
            // SAFETY: see above.
            unsafe { host.raw_begin_set_parameter(self.pointer(id)) };
        }
    }

    fn set(&mut self, id: ParamId, normalised: f32) {
        if let Some(host) = &self.host {
            // SAFETY: see above.
            unsafe { host.raw_set_parameter_normalized(self.pointer(id), normalised) };
        }
    }

    fn end(&mut self, id: ParamId) {
        if let Some(host) = &self.host {
            // SAFETY: see above.
            unsafe { host.raw_end_set_parameter(self.pointer(id)) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_of_the_window_is_one_of_the_plugin() {
        let backend = Backend::new(Arc::default());
        for id in plugin_ui::param::all() {
            assert!(backend.by_id.contains_key(id.0), "{}", id.0);
            let text = backend.text(id, backend.default_normalised(id));
            assert!(backend.parse(id, &text).is_some(), "{}: its own text {text:?} is not understood", id.0);
        }
    }
}
