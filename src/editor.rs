//! Joins `plugin-ui` to this plugin: parameters, telemetry, session, and the window's life.

mod backend;
mod browser_lists;
pub mod codes;
mod codes_picture;
#[cfg(test)]
mod codes_tests;
pub mod drums;
mod frame;
mod host_keys;
mod install;
mod jobs;
mod loaded_preset;
mod model_notes;
mod paths;
mod requests;
#[cfg(test)]
mod requests_tests;
mod shell;
mod sounds_to_try;
mod status;
mod user_file;
mod window_controller;
mod window_habits;
mod window_session;

use std::collections::BTreeMap;
use std::sync::Arc;

use plugin_ui::session::{Notice, OscView, Request};
use plugin_ui::{Repaint, Tone, Window};

use self::jobs::JobReport;
use self::paths::PathsDesk;
pub use self::shell::{Face, PluginEditor};
pub use self::status::Picture;
pub use self::window_controller::WindowController;
pub use self::window_session::Product;
use crate::instance::effect_params::EffectParams;
use crate::instance::heard_sound::HeardSound;
use crate::instance::osc_field::OscStatus;
use crate::instance::project_models::ProjectModels;
use crate::listen::Analyser;
use crate::osc::OscSettings;
use crate::preset::Plugin;
use crate::telemetry::Telemetry;

/// The effect's editor.
pub type EffectEditor = PluginEditor<App>;

/// Makes the editor. `takes_midi`: whether the format gives the plugin MIDI. Main thread.
pub fn create(
    params: Arc<EffectParams>,
    telemetry: Arc<Telemetry>,
    project: Arc<ProjectModels>,
    tried: Arc<HeardSound>,
    takes_midi: bool,
) -> Option<EffectEditor> {
    let paths = PathsDesk::new(Arc::clone(&params), Arc::clone(&telemetry), Arc::clone(&project));
    let (picture, window) = (Picture::new(telemetry), Window::default());
    let app = App { picture, paths, params, tried, window, requests: Vec::new() };
    Some(PluginEditor::new(app, project, takes_midi))
}

/// The effect's window.
pub struct App {
    picture: Picture,
    paths: PathsDesk,
    params: Arc<EffectParams>,
    /// What is tried in the input's place.
    tried: Arc<HeardSound>,
    window: Window,
    requests: Vec<Request>,
}

impl Face for App {
    type Params = EffectParams;

    const PRODUCT: Product = Product {
        plugin: Plugin::Effect,
        plays_not: " It hears nothing, so it is for Timbreloom Drums and not listed here.",
        runs_on: "",
        words: ["Model", "models"],
    };

    fn params(&self) -> &Arc<EffectParams> {
        &self.params
    }

    fn telemetry(&self) -> &Arc<Telemetry> {
        &self.picture.telemetry
    }

    fn open(&mut self) {
        self.window.set_layout(self.params.layout.lock().clone());
    }

    fn paint(&mut self, ui: &mut egui::Ui, heard: Option<&mut Analyser>, controller: &mut WindowController) -> Repaint {
        self.picture.refresh();
        if let Some(heard) = heard {
            heard.read(&mut self.picture.status.sound);
        }
        self.paths.keep_up(controller);
        self.picture.status.paths = self.paths.status.clone();
        controller.window_session.session.sounds = &sounds_to_try::NAMES;
        controller.window_session.session.osc = osc_view(&self.params.own.osc.status());
        let (status, model) = (&self.picture.status, &self.picture.model);
        let WindowController { backend, window_session } = &mut *controller;
        let repaint = self.window.ui(ui, status, model, &window_session.session, backend, &mut self.requests);
        // The arrangement travels with the project, but for a panel that lies over it.
        *self.params.layout.lock() = plugin_ui::Layout { panel: None, ..self.window.layout().clone() };
        if self.requests.is_empty() {
            return repaint;
        }
        for request in self.requests.drain(..) {
            match request {
                Request::Path(request) => self.paths.carry_out(request, controller),
                Request::SetOsc { is_on, port, send_port } => {
                    self.params.own.osc.put(OscSettings { is_on, port, send_port });
                }
                Request::Set { name, values } => {
                    let values = values.into_iter().map(|(id, value)| (id.0.to_owned(), value)).collect();
                    controller.change(name.to_owned(), values, BTreeMap::new());
                }
                Request::TrySound(index) => try_sound(&self.tried, index, controller),
                // What was under way is what is taken back.
                Request::Undo if !self.paths.settle(controller) => {}
                request => {
                    if changes_much(&request) {
                        self.paths.settle(controller);
                    }
                    if let Some(text) = controller.carry_out(request) {
                        ui.ctx().copy_text(text);
                    }
                }
            }
        }
        // What came of it is to be seen at once.
        Repaint::EveryFrame
    }

    fn close(&mut self, controller: &mut WindowController) {
        try_sound(&self.tried, None, controller);
        self.window.release(&mut controller.backend);
        self.paths.close(controller);
    }
}

/// Lets a model be heard by one of the sounds for it, or by the input again.
fn try_sound(tried: &Arc<HeardSound>, index: Option<usize>, controller: &mut WindowController) {
    let window = &mut controller.window_session;
    let before = std::mem::replace(&mut window.session.tried, index);
    let tried = Arc::clone(tried);
    match index {
        Some(index) => window.run("Reading the sound …", move || match sounds_to_try::read(index) {
            Ok(sound) => {
                tried.play(sound);
                JobReport::default()
            }
            Err(error) => Notice { tone: Tone::Trouble, text: error.to_string() }.into(),
        }),
        None if before.is_some() => window.run("Stopping the sound …", move || {
            tried.stop();
            JobReport::default()
        }),
        None => {}
    }
}

/// Whether paths may be others afterwards.
fn changes_much(request: &Request) -> bool {
    matches!(
        request,
        Request::Redo
            | Request::SwitchSide
            | Request::CopyToOtherSide
            | Request::LoadPreset(_)
            | Request::PasteSettings(_)
            | Request::Initialise
    )
}

/// How OSC is set, and what has come by it.
fn osc_view(status: &OscStatus) -> OscView {
    let counts = &status.counts;
    OscView {
        is_offered: true,
        is_on: status.settings.is_on,
        port: status.settings.port,
        send_port: status.settings.send_port,
        problem: status.problem.clone(),
        counts: [counts.taken, counts.refused, counts.flooded],
        last_refusal: counts.last_refusal.clone(),
    }
}
