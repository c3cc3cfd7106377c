//! The window in egui: where everything lies, and the painters of its parts.

mod bar;
mod chooser;
mod control;
pub(crate) mod feedback;
mod header;
mod knob;
pub(crate) mod lanes;
pub(crate) mod latent;
mod notice;
mod picture;
mod plot;
mod ribbon;
pub(crate) mod sound;
mod strip;
mod switch;
pub mod theme;

use egui::{Rect, Ui, UiBuilder, pos2, vec2};

use crate::control::Controls;
use crate::latent::LatentView;
use crate::meter::Meter;
use crate::{EngineState, ModelView, ParamBackend, Repaint, Request, Session, Status, param};
pub(crate) use control::wheel_notches;
use header::Header;
use theme::Metrics;

/// The smallest window, in points, in which everything can be read and reached.
pub const MIN_SIZE_POINTS: [f32; 2] = [640.0, 420.0];

/// The state of the window between frames; made when the editor opens.
#[derive(Debug, Default)]
pub struct Window {
    controls: Controls,
    latent: LatentView,
    input_meter: Meter,
    output_meter: Meter,
}

/// What each painter of a control needs.
pub(crate) struct Desk<'a> {
    pub(crate) controls: &'a mut Controls,
    pub(crate) params: &'a mut dyn ParamBackend,
    pub(crate) metrics: Metrics,
}

impl Window {
    /// Draws the whole window into `ui`, sends the musician's gestures to `params`, and adds to `requests` what else they
    /// ask for; GUI thread.
    ///
    /// [`crate::install_theme`] is to be called once on the context before.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        status: &Status,
        model: &ModelView,
        session: &Session,
        params: &mut dyn ParamBackend,
        requests: &mut Vec<Request>,
    ) -> Repaint {
        let _ = (session, requests);
        let now_s = ui.input(|input| input.time);
        self.latent.update(status, model, now_s);
        self.input_meter.update(status.input_level_db, now_s);
        self.output_meter.update(status.output_level_db, now_s);
        self.take_wheel(ui, now_s);

        // A host may give less than the least size for a moment: then the window is cut, not squeezed.
        let all = Rect::from_min_size(ui.max_rect().min, ui.max_rect().size().max(MIN_SIZE_POINTS.into()));
        let metrics = Metrics::for_size(all.size());
        ui.painter().rect_filled(all.expand(2.0), 0.0, theme::BACKGROUND);
        let [header, latent, strip] = layout(all, metrics);

        let is_bypassed = params.normalised(param::BYPASS) >= 0.5;
        let bar = Header { status, model, is_bypassed, input: &self.input_meter, output: &self.output_meter };
        header::paint(ui, header, metrics, &bar);
        let desk = &mut Desk { controls: &mut self.controls, params, metrics };
        latent::paint(ui, latent, &mut self.latent, status, model, desk);
        ui.scope_builder(UiBuilder::new().max_rect(strip), |ui| strip::paint(ui, desk));

        // A release that no widget saw, outside the window or over a scrolled-away knob, ends the gesture all the same.
        if !ui.input(|input| input.pointer.any_down()) {
            self.release(params);
        }
        self.repaint(status)
    }

    /// Ends the gesture under way; the editor calls it when the window closes.
    pub fn release(&mut self, params: &mut dyn ParamBackend) {
        self.controls.end_drag(params);
        self.latent.bias.end(params);
    }

    /// Hands the wheel out before any control is drawn, and keeps the list still while a control holds it.
    fn take_wheel(&mut self, ui: &Ui, now_s: f64) {
        self.controls.note_wheel(control::wheel_notches(ui) != 0.0, now_s);
        if self.controls.holds_wheel() {
            control::stop_scrolling(ui);
        }
    }

    fn repaint(&self, status: &Status) -> Repaint {
        let plays = status.is_running && status.state == EngineState::Ready;
        let moves = !self.latent.trail.is_empty() || self.input_meter.is_moving() || self.output_meter.is_moving();
        if plays || moves { Repaint::EveryFrame } else { Repaint::OnChange }
    }
}

/// The rectangles of the top bar, the latent view and the strip of controls.
fn layout(all: Rect, metrics: Metrics) -> [Rect; 3] {
    let gap = metrics.px(8.0);
    let inner = all.shrink(gap);
    let header = Rect::from_min_size(inner.min, vec2(inner.width(), metrics.px(52.0)));
    let strip_left = inner.right() - metrics.px(276.0);
    let top = header.bottom() + gap;
    let latent = Rect::from_min_max(pos2(inner.left(), top), pos2(strip_left - gap, inner.bottom()));
    let strip = Rect::from_min_max(pos2(strip_left, top), inner.max);
    [header, latent, strip]
}
