//! What the eight voices do, side by side.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Rect, Sense, Ui, pos2};

use super::Scene;
use crate::codes::{VOICES, keys};
use crate::paint::control::info;
use crate::paint::notice::one_line;
use crate::paint::theme::{self, Metrics};

/// A cell narrower than this has its code on a second line.
const ONE_LINE_POINTS: f32 = 82.0;

/// The width of a cell.
fn width(row_points: f32, metrics: Metrics) -> f32 {
    (row_points - metrics.px(4.0) * (VOICES - 1) as f32) / VOICES as f32
}

/// The height of the row where it is so wide.
pub fn height(row_points: f32, metrics: Metrics) -> f32 {
    metrics.px(if width(row_points, metrics) < metrics.fine(ONE_LINE_POINTS) { 42.0 } else { 28.0 })
}

/// Draws a cell per voice: its number, its note, its code, and its level as a bar.
pub fn paint(ui: &Ui, rect: Rect, scene: &Scene, metrics: Metrics) {
    let response = ui.interact(rect, ui.scope_id().with("voices"), Sense::hover());
    response.widget_info(|| info(Role::Status, "Voices", spoken(scene)));
    let gap = metrics.px(4.0);
    let width = width(rect.width(), metrics);
    let is_one_line = width >= metrics.fine(ONE_LINE_POINTS);
    for (index, voice) in scene.status.voices.iter().enumerate() {
        let left = rect.left() + (width + gap) * index as f32;
        let cell = Rect::from_min_max(pos2(left, rect.top()), pos2(left + width, rect.bottom()));
        let painter = ui.painter();
        painter.rect_filled(cell, CornerRadius::same(4), theme::PANEL);
        let middle = cell.top() + metrics.px(12.0);
        let number = (index + 1).to_string();
        let at = pos2(cell.left() + metrics.px(6.0), middle);
        let ink = if voice.is_some() { theme::ACCENT } else { theme::TEXT_QUIET };
        let drawn = painter.text(at, Align2::LEFT_CENTER, number, metrics.small(), ink);
        let rail = Rect::from_min_max(
            pos2(cell.left() + metrics.px(6.0), cell.bottom() - metrics.px(7.0)),
            pos2(cell.right() - metrics.px(6.0), cell.bottom() - metrics.px(4.0)),
        );
        painter.rect_filled(rail, 1.0, theme::RAISED);
        let Some(voice) = voice else { continue };
        let level = if voice.amplitude.is_finite() { voice.amplitude.clamp(0.0, 1.0) } else { 0.0 };
        painter.rect_filled(rail.with_max_x(rail.left() + rail.width() * level), 1.0, theme::ACCENT);
        let left = drawn.right() + metrics.px(5.0);
        let note =
            painter.text(pos2(left, middle), Align2::LEFT_CENTER, keys::name(voice.key), metrics.small(), theme::TEXT);
        let taken = if is_one_line { note.right() } else { cell.left() };
        let room = cell.right() - taken - metrics.px(10.0);
        let code = one_line(ui, &format!("#{}", voice.code), metrics.small(), theme::TEXT_QUIET, room);
        let at = match is_one_line {
            true => pos2(cell.right() - metrics.px(6.0) - code.size().x, middle),
            false => pos2(left, middle + metrics.px(15.0)),
        };
        painter.galley(at - egui::vec2(0.0, code.size().y * 0.5), code, theme::TEXT_QUIET);
    }
    response.on_hover_text("Voices: number, note, code; the bar is the envelope");
}

fn spoken(scene: &Scene) -> String {
    let voices = scene.status.voices.iter().enumerate();
    let words: Vec<String> = voices
        .filter_map(|(index, voice)| {
            let voice = voice.as_ref()?;
            Some(format!("voice {}: {}, code {}", index + 1, keys::name(voice.key), voice.code))
        })
        .collect();
    if words.is_empty() { "All rest.".to_owned() } else { format!("{}.", words.join("; ")) }
}
