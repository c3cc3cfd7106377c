//! The tabs of a view.

use egui::accesskit::Role;
use egui::{Id, Rect, Ui, pos2, vec2};

use super::button::{self, Row};
use super::theme::Metrics;
use crate::layout::{Layout, Tab};

/// Draws the tabs at the top of `rect`; returns the room for the view beneath.
pub fn paint(ui: &Ui, rect: Rect, side: usize, layout: &mut Layout, metrics: Metrics) -> Rect {
    let shown = if side == 0 { layout.left } else { layout.right };
    let chosen = Tab::ALL.iter().position(|&tab| tab == shown).unwrap_or(0);
    let (view, next) = choose(ui, rect, side, &Tab::ALL.map(Tab::name), chosen, metrics);
    if let Some(index) = next {
        layout.show(side, Tab::ALL[index]);
    }
    view
}

/// The same for any names: also returns the one that was chosen in this frame.
pub fn choose(
    ui: &Ui,
    rect: Rect,
    side: usize,
    names: &[&str],
    chosen: usize,
    metrics: Metrics,
) -> (Rect, Option<usize>) {
    let width = rect.width().min(metrics.px(400.0));
    let place = Rect::from_min_size(rect.min, vec2(width, metrics.px(26.0)));
    let row = Row {
        id: Id::unique(("timbreloom view", side)),
        name: ["View", "Second view", "Third view"].get(side).copied().unwrap_or("View"),
        roles: [Role::TabList, Role::Tab],
        options: names,
    };
    let next = button::row(ui, place, row, chosen, metrics);
    (Rect::from_min_max(pos2(rect.left(), place.bottom() + metrics.px(6.0)), rect.max), next)
}
