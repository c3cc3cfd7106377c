//! The editor of Timbreloom Codes.

use std::sync::Arc;

use plugin_ui::Repaint;
use plugin_ui::codes::{CodesRequest, Layout, Window};

use super::codes_picture::CodesPicture;
use super::shell::{Face, PluginEditor};
use super::window_controller::WindowController;
use super::window_session::Product;
use crate::instance::codes_params::CodesParams;
use crate::instance::codes_window_link::CodesWindowLink;
use crate::instance::drawn;
use crate::instance::project_models::ProjectModels;
use crate::listen::Analyser;
use crate::preset::Plugin;
use crate::synth::curve::Points;
use crate::synth::instrument::{Event, Who};
use crate::telemetry::Telemetry;

/// The instrument's editor.
pub type CodesEditor = PluginEditor<CodesApp>;

/// Makes the editor. Main thread.
pub fn create(params: Arc<CodesParams>, window_link: Arc<CodesWindowLink>, project: Arc<ProjectModels>) -> CodesEditor {
    PluginEditor::new(CodesApp::new(params, window_link), project, true)
}

/// The instrument's window.
pub struct CodesApp {
    picture: CodesPicture,
    params: Arc<CodesParams>,
    window_link: Arc<CodesWindowLink>,
    window: Window,
    pub(super) requests: Vec<CodesRequest>,
}

impl CodesApp {
    pub(super) fn new(params: Arc<CodesParams>, window_link: Arc<CodesWindowLink>) -> Self {
        Self {
            picture: CodesPicture::new(Arc::clone(&window_link), Arc::clone(&params)),
            params,
            window_link,
            window: Window::default(),
            requests: Vec::new(),
        }
    }

    /// Does what was asked for; -> text for the clipboard.
    pub(super) fn carry_out(&mut self, controller: &mut WindowController) -> Option<String> {
        let mut text = None;
        for request in std::mem::take(&mut self.requests) {
            text = self.carry_out_one(request, controller).or(text);
        }
        text
    }

    fn carry_out_one(&self, request: CodesRequest, controller: &mut WindowController) -> Option<String> {
        let key = |key: u8| Who { id: None, channel: Some(0), key: Some(key) };
        match request {
            CodesRequest::Session(request) => return controller.carry_out(request),
            CodesRequest::PlayCode { code } => self.window_link.play(Event::PlayCode(code)),
            CodesRequest::StopCode => self.window_link.play(Event::StopCode),
            CodesRequest::NoteOn { key: pressed, velocity } => self.window_link.play(Event::On(key(pressed), velocity)),
            CodesRequest::NoteOff { key: pressed } => self.window_link.play(Event::Off(key(pressed))),
            CodesRequest::DrawCurve { points, is_done } => {
                let points = points.into_iter().map(|point| (point.place, point.value)).collect();
                controller.draw(drawn::CURVE, "Curve", &drawn::to_json(&Points(points)).into(), is_done);
            }
        }
        None
    }
}

impl Face for CodesApp {
    type Params = CodesParams;

    const PRODUCT: Product = Product {
        plugin: Plugin::Codes,
        plays_not: " It has no codes, so it is for another plugin of Timbreloom and not listed here.",
        // Nothing is computed by a graph while it plays.
        runs_on: "Codes are played from the package's tables.",
        words: ["Codebook", "codebooks"],
    };

    fn params(&self) -> &Arc<CodesParams> {
        &self.params
    }

    fn telemetry(&self) -> &Arc<Telemetry> {
        &self.window_link.telemetry
    }

    fn open(&mut self) {
        self.window.set_layout(self.params.layout.lock().clone());
    }

    fn paint(&mut self, ui: &mut egui::Ui, heard: Option<&mut Analyser>, controller: &mut WindowController) -> Repaint {
        self.picture.refresh();
        if let Some(heard) = heard {
            heard.read(&mut self.picture.status.plugin.sound);
        }
        let (status, book) = (&self.picture.status, &self.picture.book);
        let WindowController { backend, window_session } = &mut *controller;
        let repaint = self.window.ui(ui, status, book, &window_session.session, backend, &mut self.requests);
        // The arrangement travels with the project, but for a panel that lies over it.
        *self.params.layout.lock() = Layout { panel: None, ..self.window.layout().clone() };
        if self.requests.is_empty() {
            return repaint;
        }
        if let Some(text) = self.carry_out(controller) {
            ui.ctx().copy_text(text);
        }
        // What came of it is to be seen at once.
        Repaint::EveryFrame
    }

    fn close(&mut self, controller: &mut WindowController) {
        self.window.release(&mut controller.backend, &mut self.requests);
        self.carry_out(controller);
    }
}
