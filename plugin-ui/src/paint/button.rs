//! Buttons and rows of choices that are no parameters.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Id, Key, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2};

use super::control::{focus_ring, lock_arrows, presses};
use super::icon::{self, Icon};
use super::theme::{self, Metrics};

/// An area that can be pressed, with ground, focus ring and name; what is in it is drawn by the caller.
pub fn area(ui: &Ui, rect: Rect, id: Id, name: &str, is_enabled: bool) -> Response {
    let sense = if is_enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, id, sense);
    if response.clicked() {
        response.request_focus();
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, is_enabled, name));
    let fill = if response.hovered() && is_enabled { theme::RAISED_HOVER } else { theme::RAISED };
    ui.painter().rect_filled(rect, 4.0, fill);
    focus_ring(ui, &response, rect.expand(1.0), 5.0);
    response
}

/// A button with a sign; its tooltip is its name, or more.
pub fn sign(ui: &Ui, rect: Rect, id: Id, icon: Icon, [name, tooltip]: [&str; 2], is_enabled: bool) -> Response {
    let response = area(ui, rect, id, name, is_enabled);
    let ink = if is_enabled { theme::TEXT } else { theme::LINE_STRONG };
    icon::paint(ui.painter(), rect.center(), rect.height() * 0.24, icon, ink);
    response.on_hover_text(tooltip)
}

/// A button with a word.
pub fn word(ui: &Ui, rect: Rect, id: Id, [text, name]: [&str; 2], is_enabled: bool, metrics: Metrics) -> Response {
    let response = area(ui, rect, id, name, is_enabled);
    let ink = if is_enabled { theme::TEXT } else { theme::TEXT_QUIET };
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, text, metrics.small(), ink);
    response
}

/// What a row of choices is called, and what its options are to a screen reader.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub id: Id,
    pub name: &'a str,
    pub roles: [Role; 2],
    pub options: &'a [&'a str],
}

/// Choices side by side: one stop of the Tab key, arrow keys within. Returns the option that was chosen in this frame.
pub fn row(ui: &Ui, rect: Rect, row: Row, chosen: usize, metrics: Metrics) -> Option<usize> {
    let whole = ui.interact(rect, row.id, Sense::focusable_noninteractive());
    let last = row.options.len().saturating_sub(1);
    let mut next = chosen.min(last);
    if whole.has_focus() {
        lock_arrows(ui, row.id);
        let forth = presses(ui, Key::ArrowRight) + presses(ui, Key::ArrowDown);
        let back = presses(ui, Key::ArrowLeft) + presses(ui, Key::ArrowUp);
        next = (next as f32 + forth - back).clamp(0.0, last as f32) as usize;
    }
    ui.painter().rect_filled(rect, 4.0, theme::RAISED);
    let width = rect.width() / (last + 1) as f32;
    for (index, &option) in row.options.iter().enumerate() {
        let left = rect.left() + width * index as f32;
        let cell = Rect::from_min_max(pos2(left, rect.top()), pos2(left + width, rect.bottom()));
        let response = ui.interact(cell, row.id.with(index), Sense::CLICK);
        if response.clicked() {
            next = index;
            whole.request_focus();
        }
        response.widget_info(|| WidgetInfo::selected(row.roles[1], true, index == next, option));
        segment(ui, cell, option, index == next, response.hovered(), metrics);
    }
    let value = row.options.get(next).copied().unwrap_or_default();
    whole.widget_info(|| WidgetInfo {
        label: Some(row.name.to_owned()),
        current_text_value: Some(value.to_owned()),
        ..WidgetInfo::new(row.roles[0])
    });
    focus_ring(ui, &whole, rect.expand(2.0), 5.0);
    (next != chosen).then_some(next)
}

/// One of the options in a row: the chosen one has a frame and lighter text.
pub fn segment(ui: &Ui, cell: Rect, text: &str, is_chosen: bool, is_hot: bool, metrics: Metrics) {
    if is_chosen {
        let line = Stroke::new(1.0, theme::ACCENT);
        ui.painter().rect(cell, CornerRadius::same(4), theme::ACCENT_DIM, line, StrokeKind::Inside);
    } else if is_hot {
        ui.painter().rect_filled(cell, 4.0, theme::RAISED_HOVER);
    }
    let ink = if is_chosen { theme::TEXT } else { theme::TEXT_QUIET };
    let galley = super::notice::one_line(ui, text, metrics.small(), ink, cell.width() - 4.0);
    ui.painter().galley(cell.center() - galley.size() * 0.5, galley, ink);
}
