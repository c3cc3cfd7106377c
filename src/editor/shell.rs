//! A plugin's editor: what the framework wants of one, around what a window shows.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nice_plug_core::context::gui::GuiContext;
use nice_plug_core::editor::dpi::{LogicalSize, NativeSize};
use nice_plug_core::editor::{
    EditorHandle, HostMethods, Modifiers, ParentWindowHandle, SizeConstraints, SpawnedEditor, VirtualKeyCode,
};
use nih_plug::prelude::*;
use nih_plug_egui::{
    EguiEditorHandle, EguiEditorState, EguiNiceSettings, Frame, NiceEguiApp, RepaintNotifier, baseview,
    create_egui_editor,
};
use parking_lot::Mutex;
use plugin_ui::Repaint;

use super::frame;
use super::host_keys::HostKeys;
use super::window_controller::WindowController;
use super::window_session::Product;
use crate::instance::instance_params::InstanceParams;
use crate::instance::project_models::ProjectModels;
use crate::listen::Analyser;
use crate::telemetry::{AtomicF32, Telemetry};

/// How often a resting window looks whether something has changed: a meter that moves, a parameter that the host
/// automates. Painting nothing new ten times a second is not to be noticed.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// What the window of one plugin shows. Lives on the host's GUI thread, or on the window's own, and outlives the window.
pub trait Face: Send + 'static {
    /// The plugin's parameters.
    type Params: InstanceParams;

    /// Whose window it is.
    const PRODUCT: Product;

    /// The instance's parameters.
    fn params(&self) -> &Arc<Self::Params>;

    /// What the instance publishes.
    fn telemetry(&self) -> &Arc<Telemetry>;

    /// The window opens: it is arranged as the project says.
    fn open(&mut self);

    /// Paints, and does what the musician asks for; -> when to paint again. The analyser has what was heard since the last
    /// time.
    fn paint(&mut self, ui: &mut egui::Ui, heard: Option<&mut Analyser>, controller: &mut WindowController) -> Repaint;

    /// The window is gone, or about to go: gestures end.
    fn close(&mut self, controller: &mut WindowController);
}

/// The editor of one instance. Main thread.
///
/// The framework's own makes its window as large as it was when the instance was made, which is before the host has
/// loaded the project, and never says that the window was closed. This one makes a new one of the framework's for each window.
pub struct PluginEditor<F: Face> {
    shell: Arc<Mutex<Shell<F>>>,
    params: Arc<F::Params>,
    /// Physical pixels for a logical one, as far as the host or the system has said.
    scale: Arc<AtomicF32>,
}

impl<F: Face> PluginEditor<F> {
    /// Around a face. `takes_midi`: whether the format gives the plugin MIDI.
    pub fn new(face: F, project: Arc<ProjectModels>, takes_midi: bool) -> Self {
        let scale = Arc::new(AtomicF32::new(1.0));
        let params = Arc::clone(face.params());
        let telemetry = Arc::clone(face.telemetry());
        let shell = Shell {
            controller: WindowController::new(F::PRODUCT, Arc::clone(&params), project, telemetry, takes_midi),
            face,
            analyser: None,
            scale: Arc::clone(&scale),
            frames: Arc::default(),
            times: frame::Times::default(),
            keys: HostKeys::default(),
            is_guest: false,
            context: None,
            is_new: false,
        };
        Self { shell: Arc::new(Mutex::new(shell)), params, scale }
    }

    fn logical_size(&self) -> LogicalSize<f64> {
        let (width, height) = *self.params.kept().window.lock();
        let [least_width, least_height] = plugin_ui::MIN_SIZE_POINTS;
        // A project's word is not trusted: neither nothing nor more than any screen.
        LogicalSize::new(
            f64::from(width).clamp(least_width.into(), frame::MOST_POINTS),
            f64::from(height).clamp(least_height.into(), frame::MOST_POINTS),
        )
    }
}

impl<F: Face> Editor for PluginEditor<F> {
    type Handle = Handle<F>;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui_context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Self::Handle>, Box<dyn Error>> {
        let settings = EguiNiceSettings::new().with_tile(F::PRODUCT.plugin.name()).with_resize_hint(self.resize_hint());
        let zoom = {
            let mut shell = self.shell.lock();
            shell.is_guest = parent.is_some() || wait_for_parent;
            shell.controller.window_session.read_zoom()
        };
        let size = self.logical_size();
        // The framework multiplies what it is given by the zoom.
        let factor = zoom.fitting([size.width as f32, size.height as f32]).factor();
        let (width, height) = (size.width / f64::from(factor), size.height / f64::from(factor));
        let editor = create_egui_editor(
            EguiEditorState::from_size(LogicalSize::new(width, height), factor),
            RepaintNotifier::new(),
            if cfg!(target_os = "linux") { settings.with_repaint_poll_interval(frame::NEVER) } else { settings },
            Shared(Arc::clone(&self.shell)),
        )
        .ok_or("the framework has no window")?;
        let SpawnedEditor { handle: inner, window } =
            editor.spawn(parent, wait_for_parent, fallback_scale_factor, gui_context, host)?;
        let (shell, scale) = (Arc::clone(&self.shell), Arc::clone(&self.scale));
        Ok(SpawnedEditor { handle: Handle { inner, shell, scale }, window })
    }

    fn size(&self) -> NativeSize<u32> {
        NativeSize::from_size(self.logical_size().into(), f64::from(self.scale.load()))
    }

    fn resize_hint(&self) -> ResizeHint {
        let [width, height] = plugin_ui::MIN_SIZE_POINTS;
        let most = frame::MOST_POINTS as f32;
        ResizeHint {
            size_constraints: SizeConstraints::Logical {
                min_size: Some(LogicalSize::new(width, height)),
                max_size: Some(LogicalSize::new(most, most)),
            },
            ..ResizeHint::RESIZABLE
        }
    }
}

/// An open window; dropping it closes the instance's side of it.
pub struct Handle<F: Face> {
    inner: EguiEditorHandle,
    shell: Arc<Mutex<Shell<F>>>,
    scale: Arc<AtomicF32>,
}

impl<F: Face> Drop for Handle<F> {
    fn drop(&mut self) {
        self.shell.lock().close();
    }
}

impl<F: Face> EditorHandle for Handle<F> {
    type Window = baseview::Window;
    type Error = baseview::Error;

    fn run_until_closed(window: Self::Window) -> Result<(), Self::Error> {
        EguiEditorHandle::run_until_closed(window)
    }

    fn set_parent(&self, parent: ParentWindowHandle, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.set_parent(parent, window)
    }

    fn show(&self, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.show(window)
    }

    fn hide(&self, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.hide(window)
    }

    fn set_size(&self, new_size: NativeSize<u32>, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.set_size(new_size, window)
    }

    fn host_main_thread_callback(&self, window: &Self::Window) {
        self.inner.host_main_thread_callback(window);
    }

    fn adjust_size(&self, new_size: NativeSize<u32>, window: &Self::Window) -> Option<NativeSize<u32>> {
        self.inner.adjust_size(new_size, window)
    }

    fn set_fallback_scale_factor(&self, scale_factor: f64, window: &Self::Window) -> Result<(), Self::Error> {
        self.scale.store(scale_factor as f32);
        self.inner.set_fallback_scale_factor(scale_factor, window)
    }

    fn on_virtual_key_from_host(&self, key: VirtualKeyCode, is_down: bool, modifiers: Modifiers) -> bool {
        self.inner.on_virtual_key_from_host(key, is_down, modifiers)
    }

    fn state_changed(&self) {
        self.inner.state_changed();
    }

    fn param_value_changed(&self, id: &str, normalised: f32) {
        self.inner.param_value_changed(id, normalised);
    }

    fn param_modulation_changed(&self, id: &str, offset: f32) {
        self.inner.param_modulation_changed(id, offset);
    }
}

/// The framework wants to own its app, which is to outlive its window.
struct Shared<F: Face>(Arc<Mutex<Shell<F>>>);

/// What every window of ours has beside its face.
struct Shell<F: Face> {
    face: F,
    controller: WindowController,
    /// While a window is open.
    analyser: Option<Analyser>,
    scale: Arc<AtomicF32>,
    /// Painted so far.
    frames: Arc<AtomicU32>,
    times: frame::Times,
    keys: HostKeys,
    /// In a host's window: alone it keeps its keys.
    is_guest: bool,
    /// The open window's.
    context: Option<egui::Context>,
    /// Whether it has not painted yet.
    is_new: bool,
}

impl<F: Face> Shell<F> {
    fn open(&mut self, host: GuiContext, context: egui::Context) {
        // Without a thread the window shows no sound, and all else.
        let watch = frame::watch(Arc::clone(&self.frames), context);
        self.analyser = Analyser::start(Arc::clone(&self.face.telemetry().sound), watch).ok();
        self.controller.open(Arc::clone(self.face.params()), host);
        self.face.open();
    }

    /// A frame: nothing where the window is closed. The framework may paint once more after that, and the hand may be down:
    /// what is pressed in such a frame would never be let go.
    fn ui(&mut self, ui: &mut egui::Ui) {
        if !self.controller.is_open() {
            return;
        }
        // egui applies a zoom to a screen of its own invention before it has heard of the window's: that frame stays empty.
        if std::mem::take(&mut self.is_new) && ui.ctx().zoom_factor() != 1.0 {
            return ui.ctx().request_repaint();
        }
        let began = frame::Times::now();
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.controller.keep_up();
        match self.face.paint(ui, self.analyser.as_mut(), &mut self.controller) {
            Repaint::EveryFrame => ui.ctx().request_repaint(),
            Repaint::OnChange => ui.ctx().request_repaint_after(LOOK_INTERVAL),
        }
        self.times.note(began);
    }

    /// See [`Face::close`].
    fn close(&mut self) {
        self.analyser = None;
        self.context = None;
        self.keys = HostKeys::default();
        self.face.close(&mut self.controller);
        self.controller.close();
        self.times.tell();
    }
}

impl<F: Face> NiceEguiApp for Shared<F> {
    fn build(
        &mut self,
        context: egui::Context,
        host: GuiContext,
        frame: &mut Frame,
    ) -> Result<(), baseview::HandlerError> {
        let mut shell = self.0.lock();
        shell.keys = if shell.is_guest { HostKeys::new(frame) } else { HostKeys::default() };
        shell.times = frame::Times::begin();
        plugin_ui::install_theme(&context);
        shell.context = Some(context.clone());
        shell.is_new = true;
        shell.open(host, context);
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut Frame) {
        let mut shell = self.0.lock();
        shell.keys.hand_over(ui.ctx());
        shell.ui(ui);
        shell.keys.settle(ui.ctx(), frame);
    }

    fn resized(&mut self, size: baseview::WindowSize) {
        let shell = self.0.lock();
        // The framework counts in the window's own points, with the zoom in its scale: the host and the project know of none.
        let zoom = shell.context.as_ref().map_or(1.0, |context| f64::from(context.zoom_factor()));
        let points = |side: f64| (side * zoom).round() as u32;
        *shell.face.params().kept().window.lock() = (points(size.logical.width), points(size.logical.height));
        shell.scale.store((size.scale_factor / zoom) as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::codes_params::CodesParams;
    use crate::instance::desk::InstanceDesk;
    use crate::preset::Plugin;

    /// Counts how often it is painted.
    struct Counter {
        params: Arc<CodesParams>,
        telemetry: Arc<Telemetry>,
        painted: u32,
    }

    impl Face for Counter {
        type Params = CodesParams;

        const PRODUCT: Product = Product { plugin: Plugin::Codes, plays_not: "", runs_on: "", words: ["One", "many"] };

        fn params(&self) -> &Arc<CodesParams> {
            &self.params
        }

        fn telemetry(&self) -> &Arc<Telemetry> {
            &self.telemetry
        }

        fn open(&mut self) {}

        fn paint(&mut self, _: &mut egui::Ui, _: Option<&mut Analyser>, _: &mut WindowController) -> Repaint {
            self.painted += 1;
            Repaint::OnChange
        }

        fn close(&mut self, _: &mut WindowController) {}
    }

    /// -> how often it was painted so far.
    fn paint(shell: &mut Shell<Counter>) -> u32 {
        egui::__run_test_ui(|ui| shell.ui(ui));
        shell.face.painted
    }

    #[test]
    fn a_window_that_was_just_closed_is_not_painted() {
        let (params, telemetry) = (Arc::<CodesParams>::default(), Arc::<Telemetry>::default());
        let project = Arc::new(ProjectModels::new(&*params, Arc::clone(&telemetry)));
        let face = Counter { params: Arc::clone(&params), telemetry, painted: 0 };
        let editor = PluginEditor::new(face, Arc::clone(&project), true);
        let mut shell = editor.shell.lock();
        shell.controller.backend.desk = Some(Box::new(InstanceDesk::new(params, project, None)));
        let painted = paint(&mut shell);
        assert!(painted > 0);
        shell.close();
        assert_eq!(paint(&mut shell), painted, "what is pressed in it would never be let go");
    }
}
