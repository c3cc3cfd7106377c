//! The editor of Timbreloom Codes.

use std::sync::Arc;

use nice_plug_core::context::gui::GuiContext;
use parking_lot::Mutex;
use plugin_ui::Repaint;
use plugin_ui::codes::{CodesRequest, Layout, Window};

use super::backend::Backend;
use super::codes_clerk::CodesClerk;
use super::codes_picture::CodesPicture;
use super::shell::{Face, PluginEditor, Windowed};
use crate::instance::codes_desk::CodesDesk;
use crate::instance::codes_params::CodesParams;
use crate::instance::codes_stage::Stage;
use crate::listen::Analyser;
use crate::telemetry::Telemetry;

/// The instrument's editor.
pub type CodesEditor = PluginEditor<CodesApp>;

/// Makes the editor. Main thread.
pub fn create(params: Arc<CodesParams>, stage: Arc<Stage>) -> CodesEditor {
    PluginEditor::new(CodesApp {
        backend: Backend::new(params.clone()),
        clerk: CodesClerk::new(Arc::clone(&params), Arc::clone(&stage)),
        picture: CodesPicture::new(Arc::clone(&stage), Arc::clone(&params)),
        params,
        stage,
        window: Window::default(),
        requests: Vec::new(),
    })
}

/// The instrument's window.
pub struct CodesApp {
    backend: Backend,
    clerk: CodesClerk,
    picture: CodesPicture,
    params: Arc<CodesParams>,
    stage: Arc<Stage>,
    window: Window,
    requests: Vec<CodesRequest>,
}

impl Windowed for CodesParams {
    fn size(&self) -> &Mutex<(u32, u32)> {
        &self.window
    }
}

impl CodesApp {
    /// The arrangement travels with the project, but for a panel that lies over it.
    fn keep_layout(&self) {
        let shown = Layout { panel: None, ..self.window.layout().clone() };
        let mut kept = self.params.layout.lock();
        if *kept != shown {
            *kept = shown;
        }
    }

    fn carry_out(&mut self) {
        let Some(desk) = &mut self.backend.desk else { return };
        for request in self.requests.drain(..) {
            self.clerk.carry_out(request, desk.as_mut(), &mut self.backend.history);
        }
    }
}

impl Face for CodesApp {
    type Params = CodesParams;

    const TITLE: &'static str = "Timbreloom Codes";

    fn params(&self) -> &Arc<CodesParams> {
        &self.params
    }

    fn telemetry(&self) -> &Arc<Telemetry> {
        &self.stage.telemetry
    }

    fn open(&mut self, host: GuiContext) {
        let (params, stage) = (Arc::clone(&self.params), Arc::clone(&self.stage));
        self.backend.desk = Some(Box::new(CodesDesk::new(params, stage, Some(host))));
        self.clerk.open();
        self.window.set_layout(self.params.layout.lock().clone());
    }

    fn paint(&mut self, ui: &mut egui::Ui, heard: Option<&mut Analyser>) -> Repaint {
        self.picture.refresh();
        if let Some(heard) = heard {
            heard.read(&mut self.picture.status.plugin.sound);
        }
        if let Some(desk) = &mut self.backend.desk {
            self.clerk.keep_up(desk.as_mut(), &mut self.backend.history);
        }
        let (status, book) = (&self.picture.status, &self.picture.book);
        let repaint = self.window.ui(ui, status, book, &self.clerk.session, &mut self.backend, &mut self.requests);
        self.keep_layout();
        if self.requests.is_empty() {
            return repaint;
        }
        self.carry_out();
        // What came of it is to be seen at once.
        Repaint::EveryFrame
    }

    fn close(&mut self) {
        self.window.release(&mut self.backend, &mut self.requests);
        self.carry_out();
        self.clerk.close();
        // With it goes what holds the host, and so the instance.
        self.backend.desk = None;
    }
}
