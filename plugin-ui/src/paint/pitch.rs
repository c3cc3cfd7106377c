//! The group of the notes: where they lie, and how far they are drawn to a scale.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::control::Place;
use super::theme::Metrics;
use super::{PaintContext, knob, strip, switch, theme};
use crate::param;

const LINE: f32 = 24.0;
const GAP: f32 = 4.0;

/// The height of what is in the group.
pub fn height(metrics: Metrics) -> f32 {
    knob::height(metrics) + metrics.px(GAP + LINE)
}

/// Draws the knobs, and beneath them the scale and its key.
pub fn paint(ui: &mut Ui, inner: Rect, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let knobs = [
        (param::TRANSPOSE, "Transpose"),
        (param::INTONATION, "Intonation"),
        (param::INTONATION_TIME, "Time"),
        (param::CONSONANTS, "Consonants"),
    ];
    strip::knob_row(ui, inner, &[1.0; 4], &knobs, cx);
    let line = Rect::from_min_max(pos2(inner.left(), inner.bottom() - metrics.px(LINE)), inner.max);
    let key = line.with_min_x(line.right() - metrics.px(84.0));
    let scale = line.with_max_x(key.left() - metrics.px(12.0));
    for (place, id, name, label) in
        [(scale, param::INTONATION_SCALE, "Scale", 40.0), (key, param::INTONATION_KEY, "Key", 30.0)]
    {
        let at = place.left_center() + vec2(metrics.px(4.0), 0.0);
        ui.painter().text(at, Align2::LEFT_CENTER, name, metrics.small(), theme::TEXT_QUIET);
        switch::list(ui, place.with_min_x(place.left() + metrics.px(label)), Place::Strip, id, cx);
    }
}
