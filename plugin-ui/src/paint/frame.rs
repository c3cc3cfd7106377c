//! What every window has around its views: the bar, panels, the place of the strip, what floats over them, and the gesture under way.

use egui::{Rect, Ui, UiBuilder, pos2, vec2};

use super::header::{self, Header};
use super::panel::Door;
use super::panels::{self, Panels};
use super::slip::{Slips, Stack};
use super::theme::{self, Metrics};
use super::zoom::Zoomed;
use super::{MIN_SIZE_POINTS, PaintContext, TWO_COLUMNS_POINTS, control, drop, fault, message, missing, strip};
use crate::control::Controls;
use crate::fault::Faults;
use crate::heard::Heard;
use crate::layout::Panel;
use crate::message::Passing;
use crate::meter::Meter;
use crate::{ModelView, ParamBackend, Request, Session, Status};

/// The height of what panels have at their foot.
const PANEL_FOOT: f32 = 40.0;

/// Kept between frames; made when the editor opens.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    controls: Controls,
    panels: Panels,
    /// An instrument's stays at rest.
    input: Meter,
    output: Meter,
    heard: Heard,
    faults: Faults,
    relink: missing::Relink,
    passing: Passing,
    slips: Slips,
    zoomed: Zoomed,
}

/// What is drawn from, and where the musician's gestures and wishes go. The status says whose window it is.
pub(crate) struct Given<'a> {
    pub(crate) status: &'a Status,
    pub(crate) model: &'a ModelView,
    pub(crate) session: &'a Session,
    pub(crate) params: &'a mut dyn ParamBackend,
    pub(crate) requests: &'a mut Vec<Request>,
}

/// What one window has within its frame.
pub(crate) trait Within {
    /// What lies over the views.
    fn panel(&mut self) -> &mut Option<Panel>;

    /// A view was asked for by its number, from 0.
    fn choose(&mut self, view: usize);

    /// Whether one column of so many points shows the whole strip; one that scrolls in any case fits always.
    fn fits(&self, height: f32, metrics: Metrics) -> bool;

    /// Draws the views, where no panel covers them.
    fn views(&mut self, ui: &mut Ui, rect: Rect, cx: &mut PaintContext);

    /// Fills `ui` with the strip of controls, in one column or two.
    fn strip(&mut self, ui: &mut Ui, columns: usize, cx: &mut PaintContext);
}

impl Frame {
    /// Draws the whole window into `ui`.
    pub(crate) fn ui(&mut self, ui: &mut Ui, given: Given, within: &mut dyn Within) {
        let Given { status, model, session, params, requests } = given;
        let Self { controls, panels, input, output, heard, faults, relink, passing, slips, zoomed } = self;
        let (now_s, product) = (ui.input(|input| input.time), status.product);
        zoomed.keep(ui.ctx(), session.zoom, now_s);
        if product.hears_a_track {
            input.update(status.input_level_db, now_s);
            heard.update(status, now_s);
        }
        output.tell(status.output_lufs, status.limiter_db);
        output.update(status.output_level_db, now_s);
        control::note_hand(ui);
        control::take_wheel(ui, controls, now_s);
        // Escape closes what lies on top, one thing at a time; Ctrl and a digit choose a view.
        panels.take_escape(ui, within.panel(), controls, session, requests);
        if let Some(view) = panels::asked_view(ui) {
            within.choose(view);
        }

        // A host may give less than the least size for a moment: then the window is cut, not squeezed.
        let all = Rect::from_min_size(ui.max_rect().min, ui.max_rect().size().max(MIN_SIZE_POINTS.into()));
        let metrics = Metrics::for_size(all.size());
        ui.painter().rect_filled(all.expand(2.0), 0.0, theme::BACKGROUND);
        let places = Places::of(all, |height| within.fits(height, metrics), metrics);
        faults.update(status, session, within.panel().is_some(), now_s);
        slips.begin(ui);
        let covered = fault::covered(slips);
        let cx = &mut PaintContext { controls, params, session, model, requests, product, metrics, covered };
        fault::hold(ui, faults, slips);
        message::keep_up(ui, passing, slips, cx);
        header::paint(
            ui,
            places.header,
            &mut Header {
                status,
                model,
                input: product.hears_a_track.then_some((&*input, &*heard)),
                output,
                faults,
                door: Door { open: within.panel(), opening: &mut panels.opening },
            },
            cx,
        );

        let covers_strip = panels::covers_strip(*within.panel(), all);
        let main = if covers_strip { places.main.union(places.strip) } else { places.main };
        if !panels.paint(ui, main, within.panel(), cx) {
            within.views(ui, main, cx);
        }
        if !covers_strip {
            ui.scope_builder(UiBuilder::new().max_rect(places.strip), |ui| within.strip(ui, places.columns, cx));
        }
        // What floats takes no room from what lies below it. Panels have fields at their foot, for what a message may be about.
        let is_free = within.panel().is_none();
        let foot = if is_free { 0.0 } else { metrics.px(PANEL_FOOT) };
        let stack = &mut Stack::new(slips, main.with_max_y(main.bottom() - foot), metrics);
        if is_free {
            let door = &mut Door { open: within.panel(), opening: &mut panels.opening };
            fault::paint(ui, faults, relink, stack, door, cx);
        }
        message::paint(ui, passing, stack, cx);
        drop::target(ui, all, cx);

        // A release that no widget saw, outside the window or over a scrolled-away knob, ends the gesture all the same.
        if !ui.input(|input| input.pointer.any_down()) {
            controls.end_drag(params);
        }
    }

    /// Ends the gesture under way; for when the window closes.
    pub(crate) fn release(&mut self, params: &mut dyn ParamBackend) {
        self.controls.end_drag(params);
    }

    /// Whether a meter would look different later without any sound.
    pub(crate) fn is_moving(&self) -> bool {
        self.input.is_moving() || self.output.is_moving()
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
        let columns = if is_long && all.width() >= TWO_COLUMNS_POINTS { 2 } else { 1 };
        let width = if columns == 2 { metrics.px(strip::NARROW_COLUMN) * 2.0 + gap } else { metrics.px(strip::COLUMN) };
        let strip_left = inner.right() - width;
        let main = Rect::from_min_max(pos2(inner.left(), top), pos2(strip_left - gap, inner.bottom()));
        let strip = Rect::from_min_max(pos2(strip_left, top), inner.max);
        Self { header, main, strip, columns }
    }
}
