//! A number of many, as that of a hit: one less, one more, dragged, or typed.

use egui::accesskit::Role;
use egui::{Align2, Rect, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::ParamId;
use crate::paint::control::{Place, focus_ring, react, value_text};
use crate::paint::{PaintContext, menu, theme};

/// A drag of so many points is one number.
const POINTS_PER_NUMBER: f32 = 5.0;

/// Draws it into `rect`.
pub fn paint(ui: &mut Ui, rect: Rect, id: ParamId, cx: &mut PaintContext) {
    let side = rect.height().min(cx.metrics.px(18.0));
    ui.painter().rect_filled(rect, 4.0, theme::RAISED);
    let count = cx.params.step_count(id).unwrap_or(1).max(1) as f32;
    let inner = rect.shrink2(vec2(side, 0.0));
    let response = react(ui, inner, Place::Strip, id, count * POINTS_PER_NUMBER, cx);
    let name = cx.params.name(id);
    for (place, by, what) in [
        (rect.with_max_x(rect.left() + side), -1.0, "one less"),
        (rect.with_min_x(rect.right() - side), 1.0, "one more"),
    ] {
        let arrow = ui.interact(place, response.id.with(what), Sense::CLICK);
        arrow.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{name}, {what}")));
        if arrow.clicked() {
            cx.controls.nudge(id, by, false, cx.params);
        }
        let ink = if arrow.hovered() { theme::TEXT } else { theme::TEXT_QUIET };
        let reach = Vec2::splat(cx.metrics.fine(3.5));
        let corners = [vec2(0.6 * by, 0.0), vec2(-0.5 * by, -1.0), vec2(-0.5 * by, 1.0)];
        let corners = corners.map(|corner| place.center() + corner * reach).to_vec();
        ui.painter().add(Shape::convex_polygon(corners, ink, Stroke::NONE));
    }
    let font = cx.metrics.small();
    let text = Rect::from_min_max(pos2(inner.left(), rect.top() + 1.0), pos2(inner.right(), rect.bottom() - 1.0));
    focus_ring(ui, &response, rect.expand(2.0), 5.0);
    if !cx.controls.is_dragging(id) {
        response.on_hover_text(menu::about(id, cx));
    }
    value_text(ui, text, Place::Strip, id, Align2::CENTER_CENTER, font, cx);
}
