//! Joins `plugin-ui` to this plugin: parameters, telemetry, session, and the window's life.

mod backend;
mod cards;
mod clerk;
pub mod codes;
mod codes_picture;
#[cfg(test)]
mod codes_tests;
mod errands;
mod frame;
mod install;
mod marks;
mod requests;
#[cfg(test)]
mod requests_tests;
mod shell;
mod status;

use std::sync::Arc;

use nice_plug_core::context::gui::GuiContext;
use plugin_ui::session::Request;
use plugin_ui::{ParamBackend, Repaint, Window};

use self::backend::Backend;
use self::clerk::{Clerk, Product};
use self::shell::{Face, PluginEditor};
use self::status::Picture;
use crate::instance::desk::InstanceDesk;
use crate::instance::params::EffectParams;
use crate::instance::project::Project;
use crate::listen::Analyser;
use crate::preset::Plugin;
use crate::telemetry::Telemetry;

/// The effect's editor.
pub type EffectEditor = PluginEditor<App>;

/// Makes the editor. `takes_midi`: whether the format gives the plugin MIDI. Main thread.
pub fn create(
    params: Arc<EffectParams>,
    telemetry: Arc<Telemetry>,
    project: Arc<Project>,
    takes_midi: bool,
) -> Option<EffectEditor> {
    let app = App {
        backend: Backend::new(params.clone()),
        clerk: Clerk::new(App::PRODUCT, params.clone(), Arc::clone(&project), Arc::clone(&telemetry), takes_midi),
        picture: Picture::new(Arc::clone(&telemetry)),
        params,
        project,
        telemetry,
        window: Window::default(),
        requests: Vec::new(),
    };
    Some(PluginEditor::new(app))
}

/// The effect's window.
pub struct App {
    backend: Backend,
    clerk: Clerk,
    picture: Picture,
    params: Arc<EffectParams>,
    project: Arc<Project>,
    telemetry: Arc<Telemetry>,
    window: Window,
    requests: Vec<Request>,
}

impl App {
    /// The arrangement travels with the project, but for a panel that lies over it.
    fn keep_layout(&self) {
        let shown = plugin_ui::Layout { panel: None, ..self.window.layout().clone() };
        let mut kept = self.params.layout.lock();
        if *kept != shown {
            *kept = shown;
        }
    }
}

impl Face for App {
    type Params = EffectParams;

    const PRODUCT: Product = Product { plugin: Plugin::Effect, plays_not: "", runs_on: "", words: ["Model", "models"] };

    fn params(&self) -> &Arc<EffectParams> {
        &self.params
    }

    fn telemetry(&self) -> &Arc<Telemetry> {
        &self.telemetry
    }

    fn open(&mut self, host: GuiContext) {
        let (params, project) = (Arc::clone(&self.params), Arc::clone(&self.project));
        self.backend.desk = Some(Box::new(InstanceDesk::new(params, project, Some(host))));
        self.clerk.open();
        self.window.set_layout(self.params.layout.lock().clone());
    }

    fn paint(&mut self, ui: &mut egui::Ui, heard: Option<&mut Analyser>) -> Repaint {
        self.picture.refresh();
        if let Some(heard) = heard {
            heard.read(&mut self.picture.status.sound);
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

    fn close(&mut self) {
        self.window.release(&mut self.backend);
        self.clerk.close();
        // With it goes what holds the host, and so the instance.
        self.backend.desk = None;
    }
}
