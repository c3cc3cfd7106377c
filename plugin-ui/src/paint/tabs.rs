//! The tabs of a view.

use egui::accesskit::Role;
use egui::{Id, Rect, Ui, pos2, vec2};

use super::button::{self, Row};
use super::theme::Metrics;

/// Draws tabs with their names at the top of `rect`; returns the room beneath, and which was chosen in this frame.
pub fn paint<T: Copy + PartialEq, const N: usize>(
    ui: &Ui,
    rect: Rect,
    side: usize,
    tabs: [(T, &str); N],
    shown: T,
    metrics: Metrics,
) -> (Rect, Option<T>) {
    let width = rect.width().min(metrics.px(100.0 * N as f32));
    let place = Rect::from_min_size(rect.min, vec2(width, metrics.px(26.0)));
    let row = Row {
        id: Id::unique(("timbreloom view", side)),
        name: ["View", "Second view", "Third view"].get(side).copied().unwrap_or("View"),
        roles: [Role::TabList, Role::Tab],
        options: &tabs.map(|(_, name)| name),
    };
    let chosen = tabs.iter().position(|&(tab, _)| tab == shown).unwrap_or(0);
    let next = button::row(ui, place, row, chosen, metrics);
    let view = Rect::from_min_max(pos2(rect.left(), place.bottom() + metrics.px(6.0)), rect.max);
    (view, next.map(|index| tabs[index].0))
}
