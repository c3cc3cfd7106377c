//! The menu of a control, and the marks of a MIDI controller on it.

use egui::{Button, DragValue, Key, Modifiers, Popup, PopupCloseBehavior, Response, SetOpenCommand, Shape, Stroke, Ui};

use super::{PaintContext, theme};
use crate::session::{MappedControl, Request};
use crate::{ParamBackend, ParamId, tooltips};

/// Gives a control its menu: right click, or Shift F10 while it has the keyboard. Draws the marks of a controller.
/// Returns whether the musician wants to type a value, which is offered if `can_type`.
pub fn attach(ui: &Ui, response: &Response, id: ParamId, can_type: bool, cx: &mut PaintContext) -> bool {
    marks(ui, response, id, cx);
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
    popup.accessible_name(format!("Menu of {}", cx.params.name(id))).show(|ui| {
        theme::scale(ui, cx.metrics);
        ui.set_min_width(cx.metrics.px(190.0));
        let default = cx.params.text(id, cx.params.default_normalised(id));
        if item(ui, &format!("Reset to {default}")) {
            cx.controls.reset(id, cx.params);
            is_done = true;
        }
        if can_type && item(ui, "Type a value\u{2026}") {
            wants_typing = true;
        }
        if cx.session.midi.is_offered {
            ui.separator();
            is_done |= midi(ui, id, cx);
        }
    });
    if is_done {
        response.request_focus();
    }
    wants_typing
}

/// A line of the menu that closes it.
pub fn item(ui: &mut Ui, text: &str) -> bool {
    let is_chosen = ui.add(Button::new(text).frame_when_inactive(false)).clicked();
    if is_chosen {
        ui.close();
    }
    is_chosen
}

/// What concerns the parameter's controller; returns whether an item was chosen that closes the menu.
fn midi(ui: &mut Ui, id: ParamId, cx: &mut PaintContext) -> bool {
    let asked = cx.requests.len();
    if cx.session.midi.learning == Some(id) {
        ui.label("Move a controller\u{2026}");
        if item(ui, "Stop learning") {
            cx.requests.push(Request::Learn(None));
        }
        return cx.requests.len() > asked;
    }
    let Some(mapped) = mapping(id, cx).cloned() else {
        if item(ui, "MIDI learn") {
            cx.requests.push(Request::Learn(Some(id)));
        }
        return cx.requests.len() > asked;
    };
    ui.label(describe(&mapped));
    range(ui, &mapped, cx);
    // The range's fields keep the menu open.
    let asked = cx.requests.len();
    if mapped.channel.is_some() && item(ui, "Listen to any channel") {
        cx.requests.push(Request::Map(MappedControl { channel: None, ..mapped.clone() }));
    }
    if item(ui, "MIDI learn again") {
        cx.requests.push(Request::Learn(Some(id)));
    }
    if item(ui, "MIDI forget") {
        cx.requests.push(Request::Unmap(id));
    }
    cx.requests.len() > asked
}

/// Where the parameter is at both ends of the controller.
pub fn range(ui: &mut Ui, mapped: &MappedControl, cx: &mut PaintContext) {
    let ends = [("At 0", "lowest", mapped.low), ("At 127", "highest", mapped.high)];
    ui.horizontal(|ui| {
        for (index, (label, end, share)) in ends.into_iter().enumerate() {
            ui.label(label);
            let mut percent = (share * 100.0).round();
            let field = DragValue::new(&mut percent).range(0.0..=100.0).suffix(" %").fixed_decimals(0).speed(0.5);
            let response = ui.add(field).on_hover_text("Share of the parameter's range");
            let name = cx.params.name(mapped.param);
            let response = response.accessible_name(format!("{name} at the controller's {end} value"));
            if response.changed() {
                let mut changed = mapped.clone();
                *[&mut changed.low, &mut changed.high][index] = percent / 100.0;
                cx.requests.push(Request::Map(changed));
            }
        }
    });
}

/// The controller of a parameter.
fn mapping<'a>(id: ParamId, cx: &PaintContext<'a>) -> Option<&'a MappedControl> {
    let midi = &cx.session.midi;
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
pub fn held(id: ParamId, cx: &PaintContext) -> Option<f32> {
    mapping(id, cx)?.held
}

/// What the tooltip of a control says of its controller; empty without one.
pub fn tooltip(id: ParamId, cx: &PaintContext) -> String {
    let Some(mapped) = mapping(id, cx) else { return String::new() };
    match mapped.held {
        Some(share) => format!("{} holds it at {}.", describe(mapped), cx.params.text(id, share)),
        None => format!("Moved by {}.", describe(mapped)),
    }
}

/// A diamond in the left corner of a control that has a controller, and dashes around one that waits for it.
fn marks(ui: &Ui, response: &Response, id: ParamId, cx: &PaintContext) {
    let rect = response.rect;
    if cx.session.midi.learning == Some(id) {
        let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        ui.painter().extend(Shape::dashed_line(&corners, Stroke::new(2.0, theme::WARNING), 5.0, 4.0));
    }
    let Some(mapped) = mapping(id, cx) else { return };
    let (centre, radius) = (rect.left_top() + egui::vec2(4.0, 4.0), cx.metrics.fine(3.5));
    let corners =
        [[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]].map(|corner| centre + egui::Vec2::from(corner) * radius);
    let fill = if mapped.held.is_some() { theme::WARNING } else { theme::PANEL };
    ui.painter().add(Shape::convex_polygon(corners.to_vec(), fill, Stroke::new(1.2, theme::WARNING)));
}

/// The name of a parameter, what one hears of it, why it is idle and what holds it, for the tooltip of its control.
pub fn about(id: ParamId, cx: &PaintContext) -> String {
    let (said, why) = ((cx.product.about)(id), cx.why_idle(id).unwrap_or_default());
    let name = tooltips::name(id, cx.params as &dyn ParamBackend);
    let lines = [name, said.to_owned(), why.to_owned(), tooltip(id, cx)];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
