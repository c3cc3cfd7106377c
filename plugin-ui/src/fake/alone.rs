//! One view without the window around it, for tests and pictures.

use egui::Ui;

use crate::control::Controls;
use crate::layout::Tab;
use crate::paint::{self, PaintContext, Views, theme};
use crate::{ModelView, ParamBackend, Product, Request, Session, Status};

/// The window's views, and what they need between frames.
#[derive(Debug, Default)]
pub struct Alone {
    controls: Controls,
    views: Views,
    /// What was asked for beside moving parameters.
    pub requests: Vec<Request>,
}

impl Alone {
    /// Draws a view into the whole of `ui`, as a window of its size would.
    pub fn ui(&mut self, ui: &mut Ui, view: Tab, status: &Status, model: &ModelView, params: &mut dyn ParamBackend) {
        let (now_s, rect) = (ui.input(|input| input.time), ui.max_rect());
        let session = Session::default();
        self.views.update(status, model, &session, now_s);
        paint::note_hand(ui);
        paint::take_wheel(ui, &mut self.controls, now_s);
        ui.painter().rect_filled(rect, 0.0, theme::BACKGROUND);
        let cx = &mut PaintContext {
            controls: &mut self.controls,
            params,
            session: &session,
            model,
            requests: &mut self.requests,
            product: Product::EFFECT,
            metrics: theme::Metrics::for_size(rect.size() + egui::vec2(300.0, 90.0)),
            covered: None,
        };
        self.views.paint_one(ui, rect, view, status, model, cx);
        if !ui.input(|input| input.pointer.any_down()) {
            self.controls.end_drag(params);
            self.views.release(params);
        }
    }
}
