//! Small buttons of this view: chips that are on or off, signs drawn by hand, and lines of menus.

use egui::accesskit::Role;
use egui::{Align2, Button, Color32, Id, Painter, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo};

use crate::paint::control::focus_ring;
use crate::paint::theme::{self, Metrics};
use crate::paint::{button, notice};

/// A chip that is on or off; `words` are its text and its name.
pub fn check(ui: &Ui, rect: Rect, id: Id, words: [&str; 2], is_on: bool, metrics: Metrics) -> Response {
    let response = ui.interact(rect, id, Sense::click());
    if response.clicked() {
        response.request_focus();
    }
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, words[1]));
    face(ui, rect, words[0], is_on, response.hovered(), metrics);
    focus_ring(ui, &response, rect.expand(2.0), 5.0);
    response
}

/// How a chip looks.
pub fn face(ui: &Ui, rect: Rect, text: &str, is_on: bool, is_hot: bool, metrics: Metrics) {
    let (fill, line, ink) = match (is_on, is_hot) {
        (true, _) => (theme::ACCENT_DIM, theme::ACCENT, theme::TEXT),
        (false, true) => (theme::RAISED_HOVER, theme::TEXT_QUIET, theme::TEXT),
        (false, false) => (theme::RAISED, theme::RAISED, theme::TEXT_QUIET),
    };
    ui.painter().rect(rect, 4.0, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    let galley = notice::one_line(ui, text, metrics.small(), ink, rect.width() - 2.0);
    ui.painter().galley(rect.center() - galley.size() * 0.5, galley, ink);
}

/// A button with a sign; what is not enabled cannot be pressed. With `has_keys` it is a stop of the Tab key.
pub fn sign(
    ui: &Ui,
    rect: Rect,
    id: Id,
    words: [&str; 2],
    [is_enabled, has_keys]: [bool; 2],
    draw: impl FnOnce(&Painter, Pos2, Color32),
) -> Response {
    let sense = match (is_enabled, has_keys) {
        (true, true) => Sense::click(),
        (true, false) => Sense::CLICK,
        (false, _) => Sense::hover(),
    };
    let response = ui.interact(rect, id, sense);
    if response.clicked() && has_keys {
        response.request_focus();
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, is_enabled, words[0]));
    let ink = match (is_enabled, response.hovered()) {
        (false, _) => theme::LINE_STRONG.gamma_multiply(0.6),
        (true, true) => theme::TEXT,
        (true, false) => theme::TEXT_QUIET,
    };
    if response.hovered() && is_enabled {
        ui.painter().rect_filled(rect, 4.0, theme::RAISED_HOVER);
    }
    draw(ui.painter(), rect.center(), ink);
    focus_ring(ui, &response, rect.expand(1.0), 4.0);
    if words[1].is_empty() { response } else { response.on_hover_text(words[1]) }
}

/// A button with a word that can be pressed or not, and its tooltip.
pub fn word(ui: &Ui, rect: Rect, id: Id, words: [&str; 3], is_enabled: bool, metrics: Metrics) -> Response {
    let [text, name, tooltip] = words;
    let response = button::area(ui, rect, id, name, is_enabled);
    let ink = if is_enabled { theme::TEXT } else { theme::IDLE };
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, text, metrics.small(), ink);
    response.on_hover_text(tooltip)
}

/// A line of a menu; returns whether it was chosen, which closes the menu if `closes`.
pub fn item(ui: &mut Ui, text: &str, is_enabled: bool, closes: bool) -> bool {
    let is_chosen = ui.add_enabled(is_enabled, Button::new(text).frame_when_inactive(false)).clicked();
    if is_chosen && closes {
        ui.close();
    }
    is_chosen
}
