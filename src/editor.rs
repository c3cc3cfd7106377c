//! Joins `plugin-ui` to this plugin: parameters, telemetry, session, and the window's life.

mod backend;
mod cards;
mod clerk;
mod errands;
mod frame;
mod marks;
mod requests;
#[cfg(test)]
mod requests_tests;
mod status;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nice_plug_core::context::gui::GuiContext;
use nice_plug_core::editor::dpi::{LogicalSize, NativeSize};
use nice_plug_core::editor::{HostMethods, ParentWindowHandle, SpawnedEditor};
use nih_plug::prelude::*;
use nih_plug_egui::{
    EguiEditorState, EguiNiceSettings, Frame, NiceEguiApp, RepaintNotifier, baseview, create_egui_editor,
};
use parking_lot::Mutex;
use plugin_ui::session::Request;
use plugin_ui::{ParamBackend, Repaint, Window};

use self::backend::Backend;
use self::clerk::Clerk;
use self::frame::Handle;
use self::status::Picture;
use crate::listen::Analyser;
use crate::plugin::desk::HostDesk;
use crate::plugin::params::EffectParams;
use crate::plugin::project::Project;
use crate::telemetry::{AtomicF32, Telemetry};

/// How often a resting window looks whether something has changed: a meter that moves, a parameter that the host
/// automates. Painting nothing new ten times a second is not to be noticed.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// The editor of one instance. Main thread.
///
/// The framework's own makes its window as large as it was when the instance was made, which is before the host has
/// loaded the project, and never says that the window was closed. This one makes the framework's anew for each window.
pub struct EffectEditor {
    app: Arc<Mutex<App>>,
    params: Arc<EffectParams>,
    /// Physical pixels for a logical one, as far as the host or the system has said.
    scale: Arc<AtomicF32>,
}

/// Makes the editor. `takes_midi`: whether the format gives the plugin MIDI. Main thread.
pub fn create(
    params: Arc<EffectParams>,
    telemetry: Arc<Telemetry>,
    project: Arc<Project>,
    takes_midi: bool,
) -> Option<EffectEditor> {
    let scale = Arc::new(AtomicF32::new(1.0));
    let app = App {
        backend: Backend::new(Arc::clone(&params)),
        clerk: Clerk::new(Arc::clone(&params), Arc::clone(&project), Arc::clone(&telemetry), takes_midi),
        picture: Picture::new(Arc::clone(&telemetry)),
        params: Arc::clone(&params),
        project,
        telemetry,
        window: Window::default(),
        requests: Vec::new(),
        analyser: None,
        scale: Arc::clone(&scale),
        notifier: RepaintNotifier::new(),
        frames: Arc::default(),
        times: frame::Times::default(),
    };
    Some(EffectEditor { app: Arc::new(Mutex::new(app)), params, scale })
}

impl EffectEditor {
    fn logical_size(&self) -> LogicalSize<f64> {
        let (width, height) = *self.params.window.lock();
        let [least_width, least_height] = plugin_ui::MIN_SIZE_POINTS;
        // A project's word is not trusted: neither nothing nor more than any screen.
        LogicalSize::new(
            f64::from(width).clamp(least_width.into(), frame::MOST_POINTS),
            f64::from(height).clamp(least_height.into(), frame::MOST_POINTS),
        )
    }
}

impl Editor for EffectEditor {
    type Handle = Handle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui_context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Self::Handle>, Box<dyn Error>> {
        let notifier = RepaintNotifier::new();
        self.app.lock().notifier = notifier.clone();
        let editor = create_egui_editor(
            EguiEditorState::from_size(self.logical_size(), 1.0),
            notifier,
            EguiNiceSettings::new().with_tile("Timbreloom").with_resize_hint(self.resize_hint()),
            Shared(Arc::clone(&self.app)),
        )
        .ok_or("the framework has no window")?;
        let SpawnedEditor { handle, window } =
            editor.spawn(parent, wait_for_parent, fallback_scale_factor, gui_context, host)?;
        Ok(SpawnedEditor { handle: Handle::new(handle, Arc::clone(&self.app), Arc::clone(&self.scale)), window })
    }

    fn size(&self) -> NativeSize<u32> {
        NativeSize::from_size(self.logical_size().into(), f64::from(self.scale.load()))
    }

    fn resize_hint(&self) -> ResizeHint {
        ResizeHint::RESIZABLE
    }
}

/// The framework wants to own its app, which is to outlive its window.
struct Shared(Arc<Mutex<App>>);

/// The window of one instance. Lives on the host's GUI thread, or on the window's own.
pub struct App {
    backend: Backend,
    clerk: Clerk,
    picture: Picture,
    params: Arc<EffectParams>,
    project: Arc<Project>,
    telemetry: Arc<Telemetry>,
    window: Window,
    requests: Vec<Request>,
    /// While a window is open.
    analyser: Option<Analyser>,
    scale: Arc<AtomicF32>,
    /// Of the window that is open or about to be.
    notifier: RepaintNotifier,
    /// Painted so far.
    frames: Arc<AtomicU32>,
    times: frame::Times,
}

impl App {
    fn open(&mut self, host: GuiContext) {
        let (params, project) = (Arc::clone(&self.params), Arc::clone(&self.project));
        self.backend.desk = Some(Box::new(HostDesk::new(params, project, host)));
        // Without a thread the window shows no sound, and all else.
        let watch = frame::watch(Arc::clone(&self.frames), self.notifier.clone());
        self.analyser = Analyser::start(Arc::clone(&self.telemetry), watch).ok();
        self.clerk.open();
        self.window.set_layout(self.params.layout.lock().clone());
    }

    /// The arrangement travels with the project, but for a panel that lies over it.
    fn keep_layout(&self) {
        let shown = plugin_ui::Layout { panel: None, ..self.window.layout().clone() };
        let mut kept = self.params.layout.lock();
        if *kept != shown {
            *kept = shown;
        }
    }

    /// Paints; -> when to paint again. GUI thread.
    fn paint(&mut self, ui: &mut egui::Ui) -> Repaint {
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.picture.refresh();
        if let Some(analyser) = &mut self.analyser {
            analyser.read(&mut self.picture.status.sound);
        }
        if let Some(desk) = &mut self.backend.desk {
            self.clerk.keep_up(desk.as_mut(), &mut self.backend.history);
        }
        let (status, model) = (&self.picture.status, &self.picture.model);
        let params: &mut dyn ParamBackend = &mut self.backend;
        let repaint = self.window.ui(ui, status, model, &self.clerk.session, params, &mut self.requests);
        self.keep_layout();
        if self.requests.is_empty() {
            return repaint;
        }
        for request in self.requests.drain(..) {
            let Some(desk) = &mut self.backend.desk else { continue };
            if let Some(text) = self.clerk.carry_out(request, desk.as_mut(), &mut self.backend.history) {
                ui.ctx().copy_text(text);
            }
        }
        // What came of it is to be seen at once.
        Repaint::EveryFrame
    }

    /// The window is gone, or about to go; the host is still there.
    fn close(&mut self) {
        self.window.release(&mut self.backend);
        self.analyser = None;
        self.clerk.close();
        // With it goes what holds the host, and so the instance.
        self.backend.desk = None;
        self.times.tell();
    }
}

impl NiceEguiApp for Shared {
    fn build(
        &mut self,
        context: egui::Context,
        host: GuiContext,
        _frame: &mut Frame,
    ) -> Result<(), baseview::HandlerError> {
        let mut app = self.0.lock();
        app.times = frame::Times::begin();
        plugin_ui::install_theme(&context);
        app.open(host);
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
        let mut app = self.0.lock();
        let began = frame::Times::now();
        match app.paint(ui) {
            Repaint::EveryFrame => ui.ctx().request_repaint(),
            Repaint::OnChange => ui.ctx().request_repaint_after(LOOK_INTERVAL),
        }
        app.times.note(began);
    }

    fn resized(&mut self, size: baseview::WindowSize) {
        let app = self.0.lock();
        let logical = size.logical;
        *app.params.window.lock() = (logical.width.round() as u32, logical.height.round() as u32);
        app.scale.store(size.scale_factor as f32);
    }
}
