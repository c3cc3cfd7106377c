//! A knob: its name, a dial, its value.

use std::f32::consts::TAU;

use egui::epaint::PathStroke;
use egui::{Align2, Color32, Pos2, Rect, Stroke, Ui, Vec2, pos2, vec2};

use super::control::{Place, focus_ring, react, value_text};
use super::{PaintContext, menu, theme};
use crate::{ParamBackend, ParamId, movement, param};

/// The dial leaves a quarter of the circle open below.
const SWEEP: f32 = 0.75 * TAU;
/// Screen points for the whole range.
const DRAG_POINTS: f32 = 200.0;
/// A line of an arc for this many points of its length looks round.
const POINTS_PER_LINE: f32 = 3.0;

/// The heights of a cell's parts.
const LABEL: f32 = 15.0;
const DIAL: f32 = 37.0;
const VALUE: f32 = 16.0;

/// The height of a knob's cell.
pub fn height(metrics: theme::Metrics) -> f32 {
    metrics.px(LABEL) + metrics.px(DIAL) + metrics.px(VALUE)
}

/// Draws a knob into a cell of [`height`].
pub fn paint(ui: &mut Ui, cell: Rect, id: ParamId, label: &str, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let dial = Rect::from_center_size(
        pos2(cell.center().x, cell.top() + metrics.px(LABEL) + metrics.px(DIAL) * 0.5),
        Vec2::splat(metrics.px(DIAL + 2.0)),
    );
    let value =
        Rect::from_min_max(pos2(cell.left() + 2.0, cell.bottom() - metrics.px(VALUE)), cell.max - vec2(2.0, 0.0));
    let is_idle = cx.why_idle(id).is_some();
    let ink = if is_idle { theme::IDLE } else { theme::TEXT };
    ui.painter().text(cell.center_top(), Align2::CENTER_TOP, label, metrics.small(), ink);

    turn(ui, dial, Place::Strip, id, cx);
    value_text(ui, value, Place::Strip, id, Align2::CENTER_CENTER, metrics.body(), cx);
}

/// The dial by itself, which is turned by hand.
pub fn turn(ui: &mut Ui, dial: Rect, place: Place, id: ParamId, cx: &mut PaintContext) {
    let response = react(ui, dial, place, id, DRAG_POINTS, cx).on_hover_cursor(egui::CursorIcon::ResizeVertical);
    focus_ring(ui, &response, dial.expand(2.0), cx.metrics.px(8.0));
    let is_hot = response.hovered() || cx.controls.is_dragging(id);
    draw_dial(ui, dial, id, [cx.why_idle(id).is_some(), is_hot], cx);
    if !cx.controls.is_dragging(id) {
        response.on_hover_text(menu::about(id, cx));
    }
}

fn draw_dial(ui: &Ui, dial: Rect, id: ParamId, [is_idle, is_hot]: [bool; 2], cx: &PaintContext) {
    let painter = ui.painter();
    let (centre, radius) = (dial.center(), dial.width() * 0.5 - 4.0);
    let value = cx.params.normalised(id);
    let start = fill_start(cx.params, id);
    let colour = match id {
        _ if is_idle => theme::LINE_STRONG,
        param::INPUT_GAIN | param::WET_GAIN | param::OUTPUT_GAIN => theme::NEUTRAL,
        _ => theme::ACCENT,
    };
    let width = cx.metrics.px(3.0);

    let body = if is_hot { theme::RAISED_HOVER } else { theme::RAISED };
    painter.circle_filled(centre, radius - cx.metrics.px(5.0), body);
    arc(ui, centre, radius, [0.0, 1.0], width, theme::LINE);
    if (value - start).abs() > 1e-4 {
        arc(ui, centre, radius, [start.min(value), start.max(value)], width, colour);
    }
    // How far movement turns it to each side.
    let reach = movement::reach(id, cx.params);
    if reach > 0.0 {
        let ends = [(value - reach).max(0.0), (value + reach).min(1.0)];
        arc(ui, centre, radius + cx.metrics.fine(3.0), ends, cx.metrics.fine(1.5), theme::ACCENT);
    }
    // The origin stays visible as a small notch where the fill can go both ways.
    if start > 0.0 {
        let out = direction(start);
        painter.line_segment(
            [centre + out * (radius + 2.0), centre + out * (radius - 3.0)],
            Stroke::new(1.5, theme::LINE_STRONG),
        );
    }
    // Where a MIDI controller holds the parameter: heard, though the parameter's own value is another.
    if let Some(held) = menu::held(id, cx) {
        let (out, across) = (direction(held), direction(held).rot90());
        let tip = centre + out * (radius - 1.0);
        let base = centre + out * (radius + cx.metrics.fine(6.0));
        let corners = vec![tip, base + across * cx.metrics.fine(3.5), base - across * cx.metrics.fine(3.5)];
        painter.add(egui::Shape::convex_polygon(corners, theme::WARNING, Stroke::NONE));
    }
    let out = direction(value);
    let pointer = [centre + out * (radius * 0.2), centre + out * (radius - cx.metrics.px(6.0))];
    painter.line_segment(pointer, Stroke::new(cx.metrics.px(2.0), if is_idle { theme::IDLE } else { theme::TEXT }));
}

/// The normalised value from which the fill starts: the middle of a two-sided range, else the low end.
fn fill_start(params: &dyn ParamBackend, id: ParamId) -> f32 {
    let is_two_sided = params.plain(id, 0.0) < 0.0 && params.plain(id, 1.0) > 0.0;
    if is_two_sided { params.normalise(id, 0.0) } else { 0.0 }
}

/// The unit vector in which a normalised value points.
fn direction(normalised: f32) -> Vec2 {
    Vec2::angled(TAU * 0.375 + SWEEP * normalised)
}

fn arc(ui: &Ui, centre: Pos2, radius: f32, [from, to]: [f32; 2], width: f32, colour: Color32) {
    let lines = ((to - from) * SWEEP * radius / POINTS_PER_LINE).ceil().max(1.0) as usize;
    let points = (0..=lines).map(|line| centre + direction(from + (to - from) * line as f32 / lines as f32) * radius);
    ui.painter().line(points.collect(), PathStroke::new(width, colour));
}
