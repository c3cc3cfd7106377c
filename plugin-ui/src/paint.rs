//! The window in egui: where everything lies, and the painters of its parts.

mod banner;
mod bar;
mod button;
mod card;
mod chooser;
pub(crate) mod codes;
mod control;
mod fade;
pub(crate) mod feedback;
mod guard;
mod header;
mod icon;
mod knob;
mod lane_switch;
pub(crate) mod lanes;
pub(crate) mod latent;
pub(crate) mod legend;
mod menu;
mod missing;
mod models;
mod notice;
mod panel;
mod panels;
mod picture;
mod plot;
mod presets;
mod ribbon;
mod settings;
pub(crate) mod sound;
mod strip;
mod switch;
mod tabs;
pub mod theme;

use egui::{Rect, Ui, UiBuilder, pos2, vec2};

use crate::control::Controls;
use crate::feedback::FeedbackView;
use crate::lanes::LanesView;
use crate::latent::LatentView;
use crate::layout::{Layout, Tab};
use crate::meter::Meter;
use crate::spectrogram::SoundView;
use crate::{EngineState, ModelView, ParamBackend, Product, Repaint, Request, Session, Status};
pub(crate) use control::{note_hand, wheel_notches};
use header::Header;
use panels::Panels;
use theme::Metrics;

/// The smallest window, in points, in which everything can be read and reached.
pub const MIN_SIZE_POINTS: [f32; 2] = [800.0, 500.0];

/// From this width on there are two views side by side, in points.
const TWO_VIEWS_POINTS: f32 = 1400.0;

/// The state of the window between frames; made when the editor opens.
#[derive(Debug, Default)]
pub struct Window {
    controls: Controls,
    views: Views,
    input_meter: Meter,
    output_meter: Meter,
    layout: Layout,
    panels: Panels,
}

/// What the views keep between frames.
#[derive(Debug, Default)]
struct Views {
    latent: LatentView,
    lanes: LanesView,
    sound: SoundView,
    feedback: FeedbackView,
}

/// What each painter of a control needs.
pub(crate) struct Desk<'a> {
    pub(crate) controls: &'a mut Controls,
    pub(crate) params: &'a mut dyn ParamBackend,
    pub(crate) session: &'a Session,
    pub(crate) requests: &'a mut Vec<Request>,
    /// Whose window it is.
    pub(crate) product: Product,
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
        let now_s = ui.input(|input| input.time);
        self.views.update(status, model, session, now_s);
        self.input_meter.update(status.input_level_db, now_s);
        self.output_meter.update(status.output_level_db, now_s);
        control::note_hand(ui);
        control::take_wheel(ui, &mut self.controls, now_s);
        self.take_keys(ui, session, requests);

        // A host may give less than the least size for a moment: then the window is cut, not squeezed.
        let all = Rect::from_min_size(ui.max_rect().min, ui.max_rect().size().max(MIN_SIZE_POINTS.into()));
        let metrics = Metrics::for_size(all.size());
        ui.painter().rect_filled(all.expand(2.0), 0.0, theme::BACKGROUND);
        let places = Places::of(all, |height| strip::fits(height, &self.layout, metrics), metrics);

        let Self { controls, views, layout, panels, .. } = self;
        let desk = &mut Desk { controls, params, session, requests, product: Product::EFFECT, metrics };
        let (input, output) = (&self.input_meter, &self.output_meter);
        header::paint(
            ui,
            places.header,
            &mut Header {
                status,
                model,
                input: Some(input),
                output,
                panel: &mut layout.panel,
                opening: &mut panels.opening,
            },
            desk,
        );

        let covers_strip = panels::covers_strip(layout.panel, all);
        let main = if covers_strip { places.main.union(places.strip) } else { places.main };
        let main = banner::paint(ui, main, desk);
        if !panels.paint(ui, main, &mut layout.panel, desk) {
            views.paint(ui, main, layout, status, model, desk);
        }
        if !covers_strip {
            ui.scope_builder(UiBuilder::new().max_rect(places.strip), |ui| {
                strip::paint(ui, layout, places.columns, desk);
            });
        }
        banner::drop_target(ui, all, desk);

        // A release that no widget saw, outside the window or over a scrolled-away knob, ends the gesture all the same.
        if !ui.input(|input| input.pointer.any_down()) {
            self.release(params);
        }
        self.repaint(status)
    }

    /// Ends the gesture under way; the editor calls it when the window closes.
    pub fn release(&mut self, params: &mut dyn ParamBackend) {
        self.controls.end_drag(params);
        self.views.release(params);
    }

    /// How the musician has arranged the window, to be saved with the project.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Arranges the window as it was saved.
    pub fn set_layout(&mut self, layout: Layout) {
        self.layout = layout.mended();
    }

    /// Escape closes what lies on top, one thing at a time; Ctrl and a digit choose a view.
    fn take_keys(&mut self, ui: &Ui, session: &Session, requests: &mut Vec<Request>) {
        self.panels.take_escape(ui, &mut self.layout.panel, &self.controls, session, requests);
        if let Some(&tab) = panels::asked_view(ui).and_then(|number| Tab::ALL.get(number)) {
            self.layout.show(0, tab);
        }
    }

    fn repaint(&self, status: &Status) -> Repaint {
        let plays = status.is_running && status.state == EngineState::Ready;
        let moves = self.views.is_moving() || self.input_meter.is_moving() || self.output_meter.is_moving();
        if plays || moves { Repaint::EveryFrame } else { Repaint::OnChange }
    }
}

impl Views {
    fn update(&mut self, status: &Status, model: &ModelView, session: &Session, now_s: f64) {
        self.latent.update(status, model, now_s);
        self.lanes.update(status, model, now_s);
        self.sound.update(status, model, now_s);
        let card = session.models.iter().find(|card| card.name == model.name);
        self.feedback.take_stage(card.map(|card| card.stage.as_str()).unwrap_or_default());
        self.feedback.update(status, model, now_s);
    }

    fn is_moving(&self) -> bool {
        self.latent.is_moving() || self.lanes.is_moving() || self.sound.is_moving() || self.feedback.is_moving()
    }

    fn release(&mut self, params: &mut dyn ParamBackend) {
        self.latent.bias.end(params);
        self.feedback.handle.end(params);
    }

    /// One view, or two where there is room, each under its tabs.
    fn paint(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        layout: &mut Layout,
        status: &Status,
        model: &ModelView,
        desk: &mut Desk,
    ) {
        let gap = desk.metrics.px(8.0);
        let sides = match ui.max_rect().width() >= TWO_VIEWS_POINTS {
            true => {
                let (left, right) = rect.split_left_right_at_fraction(0.5);
                vec![left.with_max_x(left.right() - gap * 0.5), right.with_min_x(right.left() + gap * 0.5)]
            }
            false => vec![rect],
        };
        for (side, rect) in sides.into_iter().enumerate() {
            let view = tabs::paint(ui, rect, side, layout, desk.metrics);
            let tab = if side == 0 { layout.left } else { layout.right };
            match tab {
                Tab::Space => latent::paint(ui, view, &mut self.latent, status, model, desk),
                Tab::Lanes => lanes::paint(ui, view, &mut self.lanes, status, model, desk),
                Tab::Sound => sound::paint(ui, view, &mut self.sound, status, model, desk),
                Tab::Feedback => feedback::paint(ui, view, &mut self.feedback, status, model, desk),
            }
        }
    }
}

/// Where everything lies.
#[derive(Clone, Copy, Debug)]
struct Places {
    header: Rect,
    main: Rect,
    strip: Rect,
    /// Columns of the strip.
    columns: usize,
}

impl Places {
    /// `fits` tells whether one column of so many points shows the whole strip.
    fn of(all: Rect, fits: impl FnOnce(f32) -> bool, metrics: Metrics) -> Self {
        let gap = metrics.px(8.0);
        let inner = all.shrink(gap);
        let header = Rect::from_min_size(inner.min, vec2(inner.width(), header::height(metrics)));
        let top = header.bottom() + gap;
        let is_long = !fits(inner.bottom() - top);
        let columns = if is_long && all.width() >= TWO_VIEWS_POINTS { 2 } else { 1 };
        let width = if columns == 2 { metrics.px(strip::NARROW_COLUMN) * 2.0 + gap } else { metrics.px(strip::COLUMN) };
        let strip_left = inner.right() - width;
        let main = Rect::from_min_max(pos2(inner.left(), top), pos2(strip_left - gap, inner.bottom()));
        let strip = Rect::from_min_max(pos2(strip_left, top), inner.max);
        Self { header, main, strip, columns }
    }
}
