//! Signs and messages: each tone has a shape of its own, so that colour never speaks alone.

use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, CornerRadius, FontId, Galley, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};
use std::sync::Arc;

use super::theme::{self, Metrics};
use crate::summary::Tone;

/// The sign of a tone: a disc, a ring, or a triangle with an exclamation mark.
pub fn sign(ui: &Ui, centre: Pos2, radius: f32, tone: Tone) {
    let painter = ui.painter();
    match tone {
        Tone::Good => drop(painter.circle_filled(centre, radius * 0.8, theme::ACCENT)),
        Tone::Waiting => drop(painter.circle_stroke(centre, radius * 0.75, Stroke::new(1.5, theme::TEXT_QUIET))),
        Tone::Trouble => {
            let corners = [[0.0, -1.1], [1.15, 0.9], [-1.15, 0.9]].map(|[x, y]| centre + vec2(x, y) * radius);
            painter.add(Shape::convex_polygon(corners.to_vec(), theme::WARNING, Stroke::NONE));
            let stem = [centre + vec2(0.0, -0.45) * radius, centre + vec2(0.0, 0.25) * radius];
            painter.line_segment(stem, Stroke::new(radius * 0.25, theme::BACKGROUND));
            painter.circle_filled(centre + vec2(0.0, 0.6) * radius, radius * 0.14, theme::BACKGROUND);
        }
    }
}

/// One line that ends in an ellipsis where it does not fit.
pub fn one_line(ui: &Ui, text: &str, font: FontId, colour: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap = TextWrapping::truncate_at_width(width.max(1.0));
    ui.painter().layout_job(job)
}

/// Draws [`one_line`], its left end in the middle of its height at a place.
pub fn line(ui: &Ui, at: Pos2, text: &str, font: FontId, colour: Color32, width: f32) {
    let galley = one_line(ui, text, font, colour, width);
    ui.painter().galley(pos2(at.x, at.y - galley.size().y * 0.5), galley, colour);
}

/// As [`one_line`] on up to two lines.
pub fn two_lines(ui: &Ui, text: &str, font: FontId, colour: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple(text.to_owned(), font, colour, width.max(1.0));
    job.wrap.max_rows = 2;
    ui.painter().layout_job(job)
}

/// A quiet sentence in the middle of `rect`.
pub fn hint(ui: &Ui, rect: Rect, text: &str, metrics: Metrics) {
    let galley = ui.painter().layout_no_wrap(text.to_owned(), metrics.heading(), theme::TEXT_QUIET);
    let ground = Rect::from_center_size(rect.center(), galley.size());
    ui.painter().rect_filled(ground.expand(metrics.px(6.0)), CornerRadius::same(4), theme::BACKGROUND);
    ui.painter().galley(ground.min, galley, theme::TEXT_QUIET);
}
