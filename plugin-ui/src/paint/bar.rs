//! A compact control for lists: a rail and its value on one line.

use egui::{Align2, Rect, Ui, Vec2, pos2, vec2};

use super::control::{Place, focus_ring, is_fine, react_by, value_text};
use super::{PaintContext, menu, theme};
use crate::ParamId;

/// Draws a rail with its value to the right into `rect`.
pub fn paint(ui: &mut Ui, rect: Rect, id: ParamId, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let split = rect.right() - metrics.px(44.0);
    let rail = Rect::from_min_max(rect.min, pos2(split - metrics.px(4.0), rect.bottom()));
    let value = Rect::from_min_max(pos2(split, rect.top()), rect.max);

    let pointer = ui.input(|input| input.pointer.interact_pos()).filter(|_| !is_fine(ui));
    // A hand beyond the rail means its end, however far it was from the handle at first.
    let change = |delta: Vec2| match pointer {
        Some(at) if at.x >= rail.right() => 1.0,
        Some(at) if at.x <= rail.left() => -1.0,
        _ => (delta.x - delta.y) / rail.width(),
    };
    let response = react_by(ui, rail, Place::Strip, id, change, cx).on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
    let is_idle = cx.why_idle(id).is_some();
    let groove = Rect::from_center_size(rail.center(), vec2(rail.width(), metrics.px(8.0)));
    let is_hot = response.hovered() || cx.controls.is_dragging(id);
    let painter = ui.painter();
    painter.rect_filled(groove, 2.0, if is_hot { theme::RAISED_HOVER } else { theme::RAISED });

    // The fill shows how far the value is from its default, so that a list at rest is quiet.
    let (now, start) = (cx.params.normalised(id), cx.params.default_normalised(id));
    let x = |normalised: f32| groove.left() + groove.width() * normalised;
    let filled = Rect::from_x_y_ranges(x(now.min(start))..=x(now.max(start)), groove.y_range());
    painter.rect_filled(filled, 2.0, if is_idle { theme::LINE_STRONG } else { theme::ACCENT_DIM });
    let default = x(start);
    let tick = Rect::from_center_size(pos2(default, rail.center().y), vec2(1.0, metrics.px(12.0)));
    painter.rect_filled(tick, 0.0, theme::LINE_STRONG);
    let handle_x = x(now).clamp(groove.left() + 1.5, groove.right() - 1.5);
    let handle = Rect::from_center_size(pos2(handle_x, rail.center().y), vec2(3.0, metrics.px(14.0)));
    let is_default = (now - start).abs() < 1e-4;
    let ink = match (is_idle, is_default) {
        (true, _) => theme::IDLE,
        (false, true) => theme::NEUTRAL,
        (false, false) => theme::ACCENT,
    };
    painter.rect_filled(handle, 1.5, ink);
    // Where a MIDI controller holds the parameter.
    if let Some(held) = menu::held(id, cx) {
        let tip = pos2(x(held.clamp(0.0, 1.0)), groove.bottom());
        let half = metrics.fine(3.5);
        let corners = vec![tip, tip + vec2(half, half * 1.6), tip + vec2(-half, half * 1.6)];
        painter.add(egui::Shape::convex_polygon(corners, theme::WARNING, egui::Stroke::NONE));
    }
    focus_ring(ui, &response, rail.expand2(vec2(3.0, 0.0)), 4.0);
    if !cx.controls.is_dragging(id) {
        response.on_hover_text(menu::about(id, cx));
    }
    value_text(ui, value, Place::Strip, id, Align2::RIGHT_CENTER, metrics.small(), cx);
}
