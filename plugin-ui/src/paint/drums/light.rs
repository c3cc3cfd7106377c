//! An on-off parameter as a small key.

use egui::accesskit::Role;
use egui::{Align2, Color32, Painter, Pos2, Rect, Response, Sense, Ui, WidgetInfo};

use crate::ParamId;
use crate::control::set_once;
use crate::paint::control::{Place, focus_ring};
use crate::paint::{PaintContext, button, menu, switch, theme};

/// How a key looks.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Its ground while it is on.
    pub on: Color32,
    /// A letter or a word; empty: the sign is drawn.
    pub text: &'a str,
    /// The key that does the same on the grid; empty without one.
    pub key: &'a str,
}

/// A small key that is no stop of the Tab key: the grid has a key of the keyboard for it.
pub fn small(
    ui: &Ui,
    rect: Rect,
    id: ParamId,
    look: Look,
    sign: impl FnOnce(&Painter, Pos2, bool, Color32),
    cx: &mut PaintContext,
) {
    let response = ui.interact(rect, Place::View.widget_id(id), Sense::CLICK);
    if response.clicked() {
        flip(id, cx);
    }
    let is_on = cx.params.normalised(id) >= 0.5;
    let name = cx.params.name(id);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, &name));
    let (fill, ink) = match (is_on, response.hovered()) {
        (true, _) => (look.on, theme::BACKGROUND),
        (false, true) => (theme::RAISED_HOVER, theme::TEXT),
        (false, false) => (theme::RAISED, theme::TEXT_QUIET),
    };
    ui.painter().rect_filled(rect, 3.0, fill);
    let font = egui::FontId::proportional((rect.height() * 0.72).min(cx.metrics.px(12.0)));
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, look.text, font, ink);
    sign(ui.painter(), rect.center(), is_on, ink);
    menu::attach(ui, &response, id, false, cx);
    tell(response, id, look, cx);
}

/// What its tooltip says.
fn tell(response: Response, id: ParamId, look: Look, cx: &PaintContext) {
    let about = menu::about(id, cx);
    response.on_hover_text(match look.key {
        "" => about,
        key => format!("{about}\n{key} on the grid"),
    });
}

/// Turns a switch.
pub fn flip(id: ParamId, cx: &mut PaintContext) {
    let is_on = cx.params.normalised(id) >= 0.5;
    set_once(cx.params, id, if is_on { 0.0 } else { 1.0 });
}

/// A switch of the strip with a word of its own.
pub fn word(ui: &Ui, rect: Rect, id: ParamId, look: Look, cx: &mut PaintContext) {
    let (response, is_on) = switch::flip(ui, rect, Place::Strip, id, cx);
    let ink = if is_on { theme::BACKGROUND } else { theme::TEXT };
    if is_on {
        ui.painter().rect_filled(rect, 4.0, look.on);
    } else {
        button::ground(ui, &response, rect, true);
    }
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, look.text, cx.metrics.small(), ink);
    focus_ring(ui, &response, rect.expand(2.0), 5.0);
    menu::attach(ui, &response, id, false, cx);
    tell(response, id, look, cx);
}
