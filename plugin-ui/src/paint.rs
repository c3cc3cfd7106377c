//! The window in egui: where everything lies, and the painters of its parts.

mod bar;
mod button;
mod card;
mod chooser;
pub(crate) mod codes;
mod control;
mod drop;
pub(crate) mod drums;
mod fade;
mod fault;
pub(crate) mod feedback;
pub(crate) mod frame;
mod guard;
mod header;
mod icon;
pub(crate) mod knob;
mod lane_switch;
pub(crate) mod lanes;
pub(crate) mod latent;
pub(crate) mod legend;
pub(crate) mod logo;
mod macros;
mod menu;
mod message;
mod missing;
mod models;
mod movement;
mod notice;
mod panel;
mod panels;
pub(crate) mod paths;
mod pitch;
pub(crate) mod plane;
mod plot;
mod presets;
mod ribbon;
mod settings;
mod slip;
pub(crate) mod sound;
mod spectrogram;
pub(crate) mod strip;
mod switch;
mod tabs;
pub mod theme;
mod try_sound;
mod zoom;

use egui::{Rect, Ui};

use crate::control::Controls;
use crate::feedback::FeedbackView;
use crate::fit::Fit;
use crate::lanes::LanesView;
use crate::latent::LatentView;
use crate::layout::{Layout, Panel, Tab};
use crate::movement as moves;
use crate::paths::editor::PathsEditor;
use crate::paths::plane_editor::PlaneEditor;
use crate::sound_view::SoundView;
use crate::{EngineState, ModelView, ParamBackend, ParamId, Product, Repaint, Request, Session, Status};
pub(crate) use control::{note_hand, take_wheel};
use frame::{Frame, Given};
use theme::Metrics;

/// The smallest window, in points, in which everything can be read and reached.
pub const MIN_SIZE_POINTS: [f32; 2] = [800.0, 500.0];

/// From this width on there are two views side by side, in points.
const TWO_VIEWS_POINTS: f32 = 1400.0;

/// From this width on the controls may take two columns, in points: below, the views need the room more.
const TWO_COLUMNS_POINTS: f32 = 1700.0;

/// The state of the window between frames; made when the editor opens.
#[derive(Debug, Default)]
pub struct Window {
    frame: Frame,
    views: Views,
    layout: Layout,
}

/// What the views keep between frames.
#[derive(Debug, Default)]
pub(crate) struct Views {
    latent: LatentView,
    lanes: LanesView,
    sound: SoundView,
    feedback: FeedbackView,
    paths: PathsEditor,
    plane: PlaneEditor,
    fit: Fit,
}

/// Of what is moved and not there.
const LACKS: &str = "No effect: this model has no such thing to be moved. It is kept for one that has.";

/// What each painter of a control needs.
pub(crate) struct PaintContext<'a> {
    pub(crate) controls: &'a mut Controls,
    pub(crate) params: &'a mut dyn ParamBackend,
    pub(crate) session: &'a Session,
    /// What plays.
    pub(crate) model: &'a ModelView,
    pub(crate) requests: &'a mut Vec<Request>,
    /// Whose window it is.
    pub(crate) product: Product,
    pub(crate) metrics: Metrics,
    /// Where a slip lies that says why nothing plays.
    pub(crate) covered: Option<Rect>,
}

impl PaintContext<'_> {
    /// Why moving a parameter would change nothing now, in a sentence for its tooltip; `None` where it would.
    pub(crate) fn why_idle(&self, id: ParamId) -> Option<&'static str> {
        let lacks = || moves::lacks(id, &*self.params, self.model).then_some(LACKS);
        (self.product.why_idle)(id, &*self.params, self.session).or_else(lacks)
    }

    /// What an option of a choice is called, from 0 to its last: as the model calls it, where it is the model's.
    pub(crate) fn option(&self, id: ParamId, index: usize, last: usize) -> String {
        let of_model = moves::is_target(id).then(|| moves::option(index, self.model)).flatten();
        of_model.unwrap_or_else(|| self.params.text(id, index as f32 / last as f32))
    }

    /// The heading above it in a list.
    pub(crate) fn heading(&self, id: ParamId, index: usize) -> Option<&'static str> {
        moves::is_target(id).then(|| moves::heading(index)).flatten()
    }

    /// Whether it can be chosen.
    pub(crate) fn has_option(&self, id: ParamId, index: usize) -> bool {
        !moves::is_target(id) || moves::has_option(index, self.model)
    }
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
        self.views.update(status, model, session, ui.input(|input| input.time));
        let within = &mut Within { views: &mut self.views, layout: &mut self.layout, status, model };
        self.frame.ui(ui, Given { status, model, session, params, requests }, within);
        if !ui.input(|input| input.pointer.any_down()) {
            self.views.release(params);
        }
        self.repaint(status)
    }

    /// Ends the gesture under way; the editor calls it when the window closes.
    pub fn release(&mut self, params: &mut dyn ParamBackend) {
        self.frame.release(params);
        self.views.release(params);
    }

    /// How the musician has arranged the window, to be saved with the project.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Arranges the window as it was saved.
    pub fn set_layout(&mut self, layout: Layout) {
        self.layout = layout.repaired();
    }

    fn repaint(&self, status: &Status) -> Repaint {
        let plays = status.is_running && status.state == EngineState::Ready;
        let moves = self.views.is_moving() || self.frame.is_moving();
        if plays || moves { Repaint::EveryFrame } else { Repaint::OnChange }
    }
}

/// What is within the frame.
struct Within<'a> {
    views: &'a mut Views,
    layout: &'a mut Layout,
    status: &'a Status,
    model: &'a ModelView,
}

impl frame::Within for Within<'_> {
    fn panel(&mut self) -> &mut Option<Panel> {
        &mut self.layout.panel
    }

    fn choose(&mut self, view: usize) {
        if let Some(&tab) = Tab::ALL.get(view) {
            self.layout.show(0, tab);
        }
    }

    fn fits(&self, height: f32, metrics: Metrics) -> bool {
        strip::fits(height, self.layout, metrics)
    }

    fn views(&mut self, ui: &mut Ui, rect: Rect, cx: &mut PaintContext) {
        self.views.paint(ui, rect, self.layout, self.status, self.model, cx);
    }

    fn strip(&mut self, ui: &mut Ui, columns: usize, cx: &mut PaintContext) {
        strip::paint(ui, self.layout, &mut strip::Scene { status: self.status, fit: &mut self.views.fit }, columns, cx);
    }
}

impl Views {
    pub(crate) fn update(&mut self, status: &Status, model: &ModelView, session: &Session, now_s: f64) {
        self.latent.update(status, model, now_s);
        self.lanes.update(status, model, now_s);
        self.sound.update(status);
        self.fit.hear(&status.sound);
        let card = session.models.iter().find(|card| card.name == model.name);
        self.feedback.take_stage(card.map(|card| card.stage.as_str()).unwrap_or_default());
        self.feedback.update(status, now_s);
        self.paths.update(&status.paths, now_s);
        self.plane.update(&status.paths, now_s);
    }

    fn is_moving(&self) -> bool {
        let of_paths = self.paths.is_moving() || self.plane.is_moving();
        self.latent.is_moving() || self.lanes.is_moving() || self.feedback.is_moving() || of_paths
    }

    pub(crate) fn release(&mut self, params: &mut dyn ParamBackend) {
        self.latent.bias.end(params);
        self.feedback.handle.end(params);
        self.plane.release(params);
    }

    /// One view, or two where there is room, each under its tabs.
    fn paint(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        layout: &mut Layout,
        status: &Status,
        model: &ModelView,
        cx: &mut PaintContext,
    ) {
        let rect = macros::paint(ui, rect, model, cx);
        let gap = cx.metrics.px(8.0);
        let sides = match ui.max_rect().width() >= TWO_VIEWS_POINTS {
            true => {
                let (left, right) = rect.split_left_right_at_fraction(0.5);
                vec![left.with_max_x(left.right() - gap * 0.5), right.with_min_x(right.left() + gap * 0.5)]
            }
            false => vec![rect],
        };
        for (side, rect) in sides.into_iter().enumerate() {
            let shown = if side == 0 { layout.left } else { layout.right };
            let all = Tab::ALL.map(|tab| (tab, tab.name()));
            let (view, next) = tabs::paint(ui, rect, side, all, shown, cx.metrics);
            if let Some(tab) = next {
                layout.show(side, tab);
            }
            self.paint_one(ui, view, next.unwrap_or(shown), status, model, cx);
        }
    }

    /// One view into the whole of `rect`.
    pub(crate) fn paint_one(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        tab: Tab,
        status: &Status,
        model: &ModelView,
        cx: &mut PaintContext,
    ) {
        match tab {
            Tab::Space => latent::paint(ui, rect, &mut self.latent, status, model, cx),
            Tab::Lanes => lanes::paint(ui, rect, &mut self.lanes, status, model, cx),
            Tab::Sound => sound::paint(ui, rect, &self.sound, status, cx),
            Tab::Feedback => feedback::paint(ui, rect, &mut self.feedback, status, cx),
            Tab::Paths => paths::paint(ui, rect, &mut self.paths, status, model, cx),
            Tab::Plane => plane::paint(ui, rect, &mut self.plane, status, cx),
        }
    }
}
