//! The row of macros above the views: what a musician reaches for first.

use egui::{Align2, CornerRadius, Rect, Ui, Vec2, pos2, vec2};

use super::control::{Place, value_text};
use super::{PaintContext, knob, theme};
use crate::ModelView;
use crate::param::MACRO;

/// Height of the row, width of a macro at most, and the dial.
const HEIGHT: f32 = 60.0;
const WIDEST: f32 = 240.0;
const DIAL: f32 = 48.0;

/// Draws the macros that the model has along the top of `rect`; returns the room beneath, all of it where there are none.
pub fn paint(ui: &mut Ui, rect: Rect, model: &ModelView, cx: &mut PaintContext) -> Rect {
    let metrics = cx.metrics;
    let shown: Vec<_> = MACRO.iter().zip(model.has_macro).filter_map(|(&id, has)| has.then_some(id)).collect();
    if shown.is_empty() {
        return rect;
    }
    let row = Rect::from_min_size(rect.min, vec2(rect.width(), metrics.px(HEIGHT)));
    ui.painter().rect_filled(row, CornerRadius::same(6), theme::PANEL);
    let width = (row.width() / shown.len() as f32).min(metrics.px(WIDEST));
    let left = row.left();
    for (at, id) in shown.into_iter().enumerate() {
        let cell = Rect::from_min_size(pos2(left + width * at as f32, row.top()), vec2(width, row.height()));
        one(ui, cell, id, cx);
    }
    rect.with_min_y(row.bottom() + metrics.px(6.0))
}

/// The dial with its name and value to its right.
fn one(ui: &mut Ui, cell: Rect, id: crate::ParamId, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let side = metrics.px(DIAL).min(cell.height() - 6.0);
    let words = metrics.px(48.0);
    let left = cell.center().x - 0.5 * (side + words);
    let dial = Rect::from_min_size(pos2(left, cell.center().y - side * 0.5), Vec2::splat(side));
    knob::turn(ui, dial, Place::View, id, cx);
    let at = pos2(dial.right() + metrics.px(3.0), cell.center().y);
    ui.painter().text(at, Align2::LEFT_BOTTOM, cx.params.name(id), metrics.body(), theme::TEXT);
    let value = Rect::from_min_size(at, vec2(words - metrics.px(3.0), metrics.px(18.0)));
    value_text(ui, value, Place::View, id, Align2::LEFT_CENTER, metrics.small(), cx);
}
