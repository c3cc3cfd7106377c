//! Buttons and rows of choices that are no parameters.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Id, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2};

use super::control::{arrows, focus_ring, info};
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
    ground(ui, &response, rect, is_enabled);
    focus_ring(ui, &response, rect.expand(1.0), 5.0);
    response
}

/// The ground of a button: outlined where pressing it does something.
pub fn ground(ui: &Ui, response: &Response, rect: Rect, is_available: bool) {
    let is_hot = response.hovered() && is_available;
    let fill = if is_hot { theme::RAISED_HOVER } else { theme::RAISED };
    let line = match (is_available, is_hot) {
        (true, true) => theme::TEXT_QUIET,
        (true, false) => theme::LINE_STRONG,
        (false, _) => theme::RAISED,
    };
    ui.painter().rect(rect, 4.0, fill, Stroke::new(1.0, line), StrokeKind::Inside);
}

/// A button with a sign; its tooltip is its name, or more.
pub fn sign(ui: &Ui, rect: Rect, id: Id, icon: Icon, [name, tooltip]: [&str; 2], is_enabled: bool) -> Response {
    let response = area(ui, rect, id, name, is_enabled);
    let ink = if is_enabled { theme::TEXT } else { theme::LINE_STRONG };
    icon::paint(ui.painter(), rect.center(), rect.height() * 0.24, icon, ink);
    response.on_hover_text(tooltip)
}

/// A button with a word; quiet while it would change nothing that is heard, though it can be pressed.
pub fn word(ui: &Ui, rect: Rect, id: Id, [text, name]: [&str; 2], is_idle: bool, metrics: Metrics) -> Response {
    let response = area(ui, rect, id, name, true);
    if is_idle {
        ground(ui, &response, rect, false);
    }
    let ink = if is_idle { theme::IDLE } else { theme::TEXT };
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
        let [right, up] = arrows(ui, row.id);
        next = (next as f32 + right - up).clamp(0.0, last as f32) as usize;
    }
    tray(ui, rect, false);
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
        let look = Segment { is_chosen: index == next, is_hot: response.hovered(), is_idle: false };
        segment(ui, cell, option, look, metrics);
    }
    let value = row.options.get(next).copied().unwrap_or_default();
    whole.widget_info(|| info(row.roles[0], row.name, value));
    focus_ring(ui, &whole, rect.expand(2.0), 5.0);
    (next != chosen).then_some(next)
}

/// The ground of choices side by side, outlined while they have an effect.
pub fn tray(ui: &Ui, rect: Rect, is_idle: bool) {
    let line = Stroke::new(1.0, if is_idle { theme::RAISED } else { theme::LINE_STRONG });
    ui.painter().rect(rect, 4.0, theme::RAISED, line, StrokeKind::Inside);
}

/// How one of the options in a row looks.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub is_chosen: bool,
    pub is_hot: bool,
    /// Choosing has no effect at present.
    pub is_idle: bool,
}

/// The ground of one of the options in a row: the chosen one is filled and has a frame.
pub fn segment_ground(ui: &Ui, cell: Rect, look: Segment) {
    if look.is_chosen {
        let (fill, line) =
            if look.is_idle { (theme::RAISED_HOVER, theme::LINE_STRONG) } else { (theme::ACCENT_DIM, theme::ACCENT) };
        ui.painter().rect(cell, CornerRadius::same(4), fill, Stroke::new(1.0, line), StrokeKind::Inside);
    } else if look.is_hot {
        ui.painter().rect_filled(cell.shrink(1.0), 4.0, theme::RAISED_HOVER);
    }
}

/// One of the options in a row.
pub fn segment(ui: &Ui, cell: Rect, text: &str, look: Segment, metrics: Metrics) {
    segment_ground(ui, cell, look);
    let ink = if look.is_idle { theme::IDLE } else { theme::TEXT };
    let galley = super::notice::one_line(ui, text, metrics.small(), ink, cell.width() - 4.0);
    ui.painter().galley(cell.center() - galley.size() * 0.5, galley, ink);
}
