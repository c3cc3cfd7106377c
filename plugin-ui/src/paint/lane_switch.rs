//! The switches of a lane: lock and solo.

use egui::{Align2, Color32, Pos2, Rect, Stroke, Ui, Vec2, vec2};

use super::control::{Place, focus_ring};
use super::switch::flip;
use super::{PaintContext, theme};
use crate::ParamId;

/// Draws a sign into a place: whether it is on, and its colour.
type Icon = fn(&Ui, Rect, bool, Color32);

/// A small switch with a sign inside; on is filled, and its sign is another.
pub fn toggle(ui: &Ui, rect: Rect, id: ParamId, icon: Icon, cx: &mut PaintContext) {
    let (response, is_on) = flip(ui, rect, Place::View, id, cx);
    let (fill, ink) = match (is_on, response.hovered()) {
        (true, _) => (theme::WARNING, theme::BACKGROUND),
        (false, true) => (theme::RAISED_HOVER, theme::TEXT),
        (false, false) => (Color32::TRANSPARENT, theme::TEXT_QUIET),
    };
    ui.painter().rect_filled(rect.shrink(0.5), 3.0, fill);
    icon(ui, rect, is_on, ink);
    focus_ring(ui, &response, rect.expand(1.0), 4.0);
    response.on_hover_text(format!("{}\n{}", cx.params.name(id), crate::tooltips::sentence(id)));
}

/// A padlock, its bow closed or swung aside.
pub fn padlock(ui: &Ui, rect: Rect, is_on: bool, ink: Color32) {
    let unit = rect.height() / 18.0;
    let body = Rect::from_center_size(rect.center() + vec2(0.0, 2.5) * unit, vec2(9.0, 6.5) * unit);
    ui.painter().rect_filled(body, 1.0, ink);
    let middle = body.center_top() + if is_on { Vec2::ZERO } else { vec2(3.0, -1.0) * unit };
    let radius = 3.0 * unit;
    let bow: Vec<Pos2> =
        (0..=8).map(|step| middle + Vec2::angled(std::f32::consts::PI * (1.0 + step as f32 / 8.0)) * radius).collect();
    let end = bow[0];
    let stroke = Stroke::new(1.3 * unit.max(0.8), ink);
    ui.painter().line(bow, stroke);
    ui.painter().vline(end.x, end.y..=body.top(), stroke);
    if is_on {
        ui.painter().vline(middle.x + radius, end.y..=body.top(), stroke);
    }
}

/// The letter of solo.
pub fn solo(ui: &Ui, rect: Rect, _is_on: bool, ink: Color32) {
    let font = egui::FontId::proportional(rect.height() * 0.72);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, "S", font, ink);
}
