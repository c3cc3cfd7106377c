//! The group of what moves by itself: one source at a time, with what it moves.

use egui::accesskit::Role;
use egui::{Align2, Id, Rect, Ui, pos2, vec2};

use super::button::{self, Row};
use super::control::Place;
use super::theme::Metrics;
use super::{PaintContext, knob, strip, switch, theme};
use crate::control::set_once;
use crate::param::{self, LFO_COUNT, ROUTES};

/// The drift, and those that have a target.
const SOURCES: [&str; 1 + ROUTES.len()] = ["Drift", "LFO 1", "LFO 2", "Loud", "Pitch"];

const LINE: f32 = 24.0;
const GAP: f32 = 4.0;

/// The height of what is in the group.
pub fn height(metrics: Metrics) -> f32 {
    metrics.px(LINE + GAP) + knob::height(metrics)
}

/// Draws the sources as a row, and the one that is chosen beneath.
pub fn paint(ui: &mut Ui, inner: Rect, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let line = Rect::from_min_size(inner.min, vec2(inner.width(), metrics.px(LINE)));
    let source = sources(ui, line, cx);
    let below = Rect::from_min_max(pos2(inner.left(), line.bottom() + metrics.px(GAP)), inner.max);
    let Some(at) = source.checked_sub(1) else { return drift(ui, below, cx) };
    let depth = ROUTES[at][1];
    match param::LFO_RATE.get(at) {
        Some(&rate) => {
            strip::knob_row(ui, below, &[1.0; 4], &[(depth, "Depth"), (rate, "Rate")], cx);
            let lists = [(param::LFO_SHAPE[at], "Shape"), (param::LFO_SYNC[at], "Sync")];
            for (row, (id, name)) in lists.into_iter().enumerate() {
                let corner =
                    pos2(below.center().x + metrics.px(4.0), below.top() + metrics.px(6.0 + 30.0 * row as f32));
                let place = Rect::from_min_max(corner, pos2(below.right(), corner.y + metrics.px(LINE)));
                ui.painter().text(place.left_center(), Align2::LEFT_CENTER, name, metrics.small(), theme::TEXT_QUIET);
                switch::list(ui, place.with_min_x(place.left() + metrics.px(38.0)), Place::Strip, id, cx);
            }
        }
        None if at == LFO_COUNT => {
            strip::knob_row(ui, below, &[1.0; 4], &[(depth, "Depth"), (param::LOUDNESS_TIME, "Time")], cx);
        }
        None => strip::knob_row(ui, below, &[1.0; 4], &[(depth, "Depth")], cx),
    }
}

/// What the source that is shown moves; the drift moves all.
pub fn target(ui: &Ui, place: Rect, cx: &mut PaintContext) {
    let Some(at) = shown(ui).checked_sub(1) else { return };
    strip::label_of(ui, place, "Moves", cx);
    switch::list(ui, place, Place::Strip, ROUTES[at][0], cx);
}

fn shown_id() -> Id {
    Id::unique("timbreloom source of movement")
}

/// Which source is shown, from 0.
fn shown(ui: &Ui) -> usize {
    ui.data(|data| data.get_temp(shown_id())).unwrap_or(0usize).min(SOURCES.len() - 1)
}

/// The row of sources, with a dot on each that moves something; -> the one that is shown.
fn sources(ui: &Ui, line: Rect, cx: &PaintContext) -> usize {
    let shown = shown(ui);
    let row = Row {
        id: Id::unique("timbreloom sources of movement"),
        name: "Source of movement",
        roles: [Role::RadioGroup, Role::RadioButton],
        options: &SOURCES,
    };
    let next = button::row(ui, line, row, shown, cx.metrics).unwrap_or(shown);
    ui.data_mut(|data| data.insert_temp(shown_id(), next));
    let width = line.width() / SOURCES.len() as f32;
    let uses = std::iter::once(param::RANDOM_AMOUNT).chain(ROUTES.into_iter().map(|[target, _]| target));
    for (at, use_of) in uses.enumerate() {
        if cx.params.normalised(use_of) > 0.0 {
            let corner = pos2(line.left() + width * (at + 1) as f32, line.top());
            ui.painter().circle_filled(corner + vec2(-6.0, 6.0), cx.metrics.fine(2.5), theme::ACCENT);
        }
    }
    next
}

fn drift(ui: &mut Ui, inner: Rect, cx: &mut PaintContext) {
    let knobs = [(param::RANDOM_AMOUNT, "Depth"), (param::RANDOM_RATE, "Rate"), (param::RANDOM_TAKE, "Roll")];
    strip::knob_row(ui, inner, &[1.0; 4], &knobs, cx);
    let id = Id::unique("timbreloom roll again");
    let names = ["Roll again", "Roll again: another drift"];
    let is_idle = cx.why_idle(param::RANDOM_TAKE).is_some();
    let response = button::word(ui, strip::last_cell(inner, cx), id, names, is_idle, cx.metrics);
    if response.on_hover_text("Another drift by chance. The same roll always drifts the same way.").clicked() {
        let (params, id) = (&mut *cx.params, param::RANDOM_TAKE);
        let share = params.normalised(id) + 1.0 / params.step_count(id).unwrap_or(1).max(1) as f32;
        // After the last take comes the first one.
        set_once(params, id, if share > 1.0 + f32::EPSILON { 0.0 } else { share });
    }
}
