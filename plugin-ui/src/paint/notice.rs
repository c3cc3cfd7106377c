//! Signs and messages: each tone has a shape of its own, so that colour never speaks alone.

use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, CornerRadius, FontId, Galley, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};
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

/// A warning along the bottom of `rect`; returns what is left above it.
pub fn warning(ui: &Ui, rect: Rect, text: &str, metrics: Metrics) -> Rect {
    let margin = metrics.px(8.0);
    let text_left = rect.left() + margin + metrics.px(24.0);
    let galley = ui.painter().layout(text.to_owned(), metrics.body(), theme::TEXT, rect.right() - margin - text_left);
    let top = rect.bottom() - galley.size().y - 2.0 * margin;
    let ground = Rect::from_min_max(pos2(rect.left(), top), rect.max);
    ui.painter().rect_filled(ground, CornerRadius::same(6), theme::RAISED);
    sign(ui, pos2(rect.left() + margin + metrics.px(8.0), ground.center().y), metrics.px(7.0), Tone::Trouble);
    ui.painter().galley(pos2(text_left, top + margin), galley, theme::TEXT);
    Rect::from_min_max(rect.min, pos2(rect.right(), top - metrics.px(4.0)))
}

/// A panel in the middle of `rect` that says what is wrong and what to do.
pub fn trouble(ui: &Ui, rect: Rect, [title, trouble, meanwhile]: [&str; 3], metrics: Metrics) {
    let margin = metrics.px(18.0);
    let width = (rect.width() - metrics.px(32.0)).min(metrics.px(440.0));
    let inner_width = width - 2.0 * margin;
    let line =
        |text: &str, font: FontId, colour: Color32| ui.painter().layout(text.to_owned(), font, colour, inner_width);

    let indent = metrics.px(26.0);
    let head = ui.painter().layout(title.to_owned(), metrics.heading(), theme::TEXT, inner_width - indent);
    let lines = [line(trouble, metrics.body(), theme::TEXT), line(meanwhile, metrics.small(), theme::TEXT_QUIET)];

    let gap = metrics.px(8.0);
    let height = head.size().y + lines.iter().map(|line| line.size().y + gap).sum::<f32>() + 2.0 * margin + gap;
    let card = Rect::from_center_size(rect.center(), vec2(width, height));
    ui.painter().rect(card, CornerRadius::same(8), theme::RAISED, Stroke::new(1.0, theme::WARNING), StrokeKind::Inside);
    let mut at = card.min + vec2(margin, margin);
    sign(ui, at + vec2(metrics.px(8.0), head.size().y * 0.5), metrics.px(8.0), Tone::Trouble);
    let head_height = head.size().y;
    ui.painter().galley(at + vec2(indent, 0.0), head, theme::TEXT);
    at.y += head_height + gap * 2.0;
    for line in lines {
        let height = line.size().y;
        ui.painter().galley(at, line, theme::TEXT);
        at.y += height + gap;
    }
}

/// A quiet sentence in the middle of `rect`.
pub fn hint(ui: &Ui, rect: Rect, text: &str, metrics: Metrics) {
    let galley = ui.painter().layout_no_wrap(text.to_owned(), metrics.heading(), theme::TEXT_QUIET);
    let ground = Rect::from_center_size(rect.center(), galley.size());
    ui.painter().rect_filled(ground.expand(metrics.px(6.0)), CornerRadius::same(4), theme::BACKGROUND);
    ui.painter().galley(ground.min, galley, theme::TEXT_QUIET);
}
