//! The feedback's guard under the plot: how much it holds back, and what that means.

use egui::accesskit::Role;
use egui::{Align2, Pos2, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::control::info;
use super::notice;
use super::theme::{self, Metrics};
use crate::feedback::FeedbackView;

/// The guard's meter shows so much, dB.
const GUARD_DB: f32 = 24.0;

/// By how much the guard holds the loop back, as a bar and in words.
pub fn guard(ui: &Ui, row: Rect, view: &FeedbackView, is_on: bool, metrics: Metrics) {
    let painter = ui.painter();
    let label = painter.text(row.left_center(), Align2::LEFT_CENTER, "Guard", metrics.small(), theme::TEXT_QUIET);
    let end = |at: Pos2, text: &str| {
        let at = pos2(at.x, row.center().y);
        painter.text(at, Align2::LEFT_CENTER, text, metrics.small(), theme::TEXT_QUIET).right() + metrics.px(5.0)
    };
    let length = metrics.px(if row.width() >= metrics.px(440.0) { 90.0 } else { 60.0 });
    let left = end(label.right_center() + vec2(metrics.px(10.0), 0.0), "\u{2212}24");
    let bar = Rect::from_center_size(
        pos2(left + length * 0.5, row.center().y - metrics.px(1.0)),
        vec2(length, metrics.px(8.0)),
    );
    painter.rect_filled(bar, 2.0, theme::RAISED);
    // From the right, as what is taken away.
    let share = (view.guard_db / GUARD_DB).clamp(0.0, 1.0);
    if is_on && share > 0.0 {
        painter.rect_filled(bar.with_min_x(bar.right() - bar.width() * share), 2.0, theme::WARNING);
    }
    for level_db in [0.0, 6.0, 12.0, 18.0, 24.0] {
        let x = bar.right() - bar.width() * level_db / GUARD_DB;
        painter.vline(x, bar.bottom()..=bar.bottom() + 3.0, Stroke::new(1.0, theme::LINE_STRONG));
    }
    let text_left = end(bar.right_center() + vec2(metrics.px(5.0), 0.0), "0 dB") + metrics.px(8.0);
    let sentence = view.guard(is_on);
    let is_acting = is_on && view.guard_db >= 0.5;
    let ink = if is_acting { theme::TEXT } else { theme::TEXT_QUIET };
    notice::line(ui, pos2(text_left, row.center().y), &sentence, metrics.body(), ink, row.right() - text_left);
    let response = ui.interact(row, ui.scope_id().with("guard"), Sense::hover());
    response.widget_info(|| info(Role::Meter, "Feedback guard", &sentence));
    let help = "Keeps what returns below \u{2212}14 dB, however high the amount: the loop sings and does not run away.";
    response.on_hover_text(help);
}
