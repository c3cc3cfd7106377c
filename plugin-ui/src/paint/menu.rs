//! The menu of a control, and the marks of a MIDI controller on it.

use egui::{Button, DragValue, Key, Modifiers, Popup, PopupCloseBehavior, Response, SetOpenCommand, Shape, Stroke, Ui};

use super::{Desk, theme};
use crate::session::{MappedControl, Request};
use crate::{ParamBackend, ParamId, about};

/// Gives a control its menu: right click, or Shift F10 while it has the keyboard. Draws the marks of a controller.
/// Returns whether the musician wants to type a value, which is offered if `can_type`.
pub fn attach(ui: &Ui, response: &Response, id: ParamId, can_type: bool, desk: &mut Desk) -> bool {
    marks(ui, response, id, desk);
    let by_key = response.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, Key::F10));
    let mut popup = Popup::context_menu(response).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    if by_key {
        popup = popup.open_memory(SetOpenCommand::Bool(true));
    }
    // A menu that the pointer has not opened lies on its control.
    if Popup::position_of_id(ui.ctx(), popup.get_id()).is_none() && !response.secondary_clicked() {
        popup = popup.at_position(response.rect.center());
    }
    let (mut wants_typing, mut is_done) = (false, false);
    popup.accessible_name(format!("Menu of {}", desk.params.name(id))).show(|ui| {
        theme::scale(ui, desk.metrics);
        ui.set_min_width(desk.metrics.px(190.0));
        let default = desk.params.text(id, desk.params.default_normalised(id));
        if item(ui, &format!("Reset to {default}")) {
            desk.controls.reset(id, desk.params);
            is_done = true;
        }
        if can_type && item(ui, "Type a value\u{2026}") {
            wants_typing = true;
        }
        if desk.session.midi.is_offered {
            ui.separator();
            is_done |= midi(ui, id, desk);
        }
    });
    if is_done {
        response.request_focus();
    }
    wants_typing
}

/// A line of the menu that closes it.
fn item(ui: &mut Ui, text: &str) -> bool {
    let is_chosen = ui.add(Button::new(text).frame_when_inactive(false)).clicked();
    if is_chosen {
        ui.close();
    }
    is_chosen
}

/// What concerns the parameter's controller; returns whether an item was chosen that closes the menu.
fn midi(ui: &mut Ui, id: ParamId, desk: &mut Desk) -> bool {
    let asked = desk.requests.len();
    if desk.session.midi.learning == Some(id) {
        ui.label("Move a controller\u{2026}");
        if item(ui, "Stop learning") {
            desk.requests.push(Request::Learn(None));
        }
        return desk.requests.len() > asked;
    }
    let Some(mapped) = mapping(id, desk).cloned() else {
        if item(ui, "MIDI learn") {
            desk.requests.push(Request::Learn(Some(id)));
        }
        return desk.requests.len() > asked;
    };
    ui.label(describe(&mapped));
    range(ui, &mapped, desk);
    // The range's fields keep the menu open.
    let asked = desk.requests.len();
    if mapped.channel.is_some() && item(ui, "Listen to any channel") {
        desk.requests.push(Request::Map(MappedControl { channel: None, ..mapped.clone() }));
    }
    if item(ui, "MIDI learn again") {
        desk.requests.push(Request::Learn(Some(id)));
    }
    if item(ui, "MIDI forget") {
        desk.requests.push(Request::Unmap(id));
    }
    desk.requests.len() > asked
}

/// Where the parameter is at both ends of the controller.
pub fn range(ui: &mut Ui, mapped: &MappedControl, desk: &mut Desk) {
    let ends = [("At 0", "lowest", mapped.low), ("At 127", "highest", mapped.high)];
    ui.horizontal(|ui| {
        for (index, (label, end, share)) in ends.into_iter().enumerate() {
            ui.label(label);
            let mut percent = (share * 100.0).round();
            let field = DragValue::new(&mut percent).range(0.0..=100.0).suffix(" %").fixed_decimals(0).speed(0.5);
            let response = ui.add(field).on_hover_text("Share of the parameter's range");
            let name = desk.params.name(mapped.param);
            let response = response.accessible_name(format!("{name} at the controller's {end} value"));
            if response.changed() {
                let mut changed = mapped.clone();
                *[&mut changed.low, &mut changed.high][index] = percent / 100.0;
                desk.requests.push(Request::Map(changed));
            }
        }
    });
}

/// The controller of a parameter.
fn mapping<'a>(id: ParamId, desk: &Desk<'a>) -> Option<&'a MappedControl> {
    let midi = &desk.session.midi;
    midi.mapped.iter().find(|mapped| midi.is_offered && mapped.param == id)
}

/// A mapping in words: the controller and its channel.
pub fn describe(mapped: &MappedControl) -> String {
    match mapped.channel {
        Some(channel) => format!("CC {}, channel {}", mapped.cc, channel + 1),
        None => format!("CC {}, any channel", mapped.cc),
    }
}

/// Where a controller holds the parameter now.
pub fn held(id: ParamId, desk: &Desk) -> Option<f32> {
    mapping(id, desk)?.held
}

/// What the tooltip of a control says of its controller; empty without one.
pub fn tooltip(id: ParamId, desk: &Desk) -> String {
    let Some(mapped) = mapping(id, desk) else { return String::new() };
    match mapped.held {
        Some(share) => format!("{} holds it at {}.", describe(mapped), desk.params.text(id, share)),
        None => format!("Moved by {}.", describe(mapped)),
    }
}

/// A diamond in the left corner of a control that has a controller, and dashes around one that waits for it.
fn marks(ui: &Ui, response: &Response, id: ParamId, desk: &Desk) {
    let rect = response.rect;
    if desk.session.midi.learning == Some(id) {
        let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        ui.painter().extend(Shape::dashed_line(&corners, Stroke::new(2.0, theme::WARNING), 5.0, 4.0));
    }
    let Some(mapped) = mapping(id, desk) else { return };
    let (centre, radius) = (rect.left_top() + egui::vec2(4.0, 4.0), desk.metrics.fine(3.5));
    let corners =
        [[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]].map(|corner| centre + egui::Vec2::from(corner) * radius);
    let fill = if mapped.held.is_some() { theme::WARNING } else { theme::PANEL };
    ui.painter().add(Shape::convex_polygon(corners.to_vec(), fill, Stroke::new(1.2, theme::WARNING)));
}

/// The name of a parameter, what one hears of it, why it is idle and what holds it, for the tooltip of its control.
pub fn about(id: ParamId, desk: &Desk) -> String {
    let (said, why) = ((desk.product.about)(id), desk.why_idle(id).unwrap_or_default());
    let name = about::name(id, desk.params as &dyn ParamBackend);
    let lines = [name, said.to_owned(), why.to_owned(), tooltip(id, desk)];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
