//! What every control shares: how it reacts, its focus ring and its value that can be typed.

use egui::accesskit::{Action, ActionData, Role};
use egui::text::{CCursor, CCursorRange};
use egui::{
    Align2, CornerRadius, Event, EventFilter, FontId, Frame, Id, Key, Margin, MouseWheelUnit, PointerButton, Pos2,
    Rect, Response, Sense, Stroke, StrokeKind, TextEdit, Ui, UiBuilder, Vec2, WidgetInfo, vec2,
};

use super::{PaintContext, theme};
use crate::control::{Controls, FINE, set_once};
use crate::pair::{self, Grip, Plane};
use crate::{ParamBackend, ParamId};

/// Points of a touch pad's scroll that count as one notch of a wheel.
const POINTS_PER_NOTCH: f32 = 40.0;
/// Page Up and Page Down move by so many notches.
const PAGE_NOTCHES: f32 = 10.0;
/// Beside a field whose text means nothing.
pub const NOT_UNDERSTOOD: &str = "This value is not understood. Escape keeps the old one.";

/// Where a parameter is shown: a view has controls of its own beside those of the strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The strip or the bar.
    Strip,
    /// A view, or the panel over it.
    View,
    /// The view of the plane: the view of the paths beside it may show the same parameters.
    Plane,
}

impl Place {
    /// The id in egui of a parameter's control at this place.
    pub fn widget_id(self, id: ParamId) -> Id {
        let id = Id::unique(("timbreloom", id.0));
        match self {
            Self::Strip => id,
            Self::View => id.with("view"),
            Self::Plane => id.with("plane"),
        }
    }
}

/// Notches that the wheel turned in this frame; up is positive.
pub fn wheel_notches(ui: &Ui) -> f32 {
    ui.input(|input| {
        let notches = input.events.iter().map(|event| match event {
            Event::MouseWheel { unit, delta, .. } => {
                // Some systems turn a wheel sideways while Shift is held.
                let along = if delta.y != 0.0 { delta.y } else { delta.x };
                if *unit == MouseWheelUnit::Point { along / POINTS_PER_NOTCH } else { along }
            }
            _ => 0.0,
        });
        notches.sum()
    })
}

/// Keeps what lies around from scrolling in this frame.
pub fn stop_scrolling(ui: &Ui) {
    ui.input_mut(|input| input.smooth_scroll_delta = Vec2::ZERO);
}

/// Hands the wheel out before any control is drawn, and keeps the list still while a control holds it.
pub fn take_wheel(ui: &Ui, controls: &mut Controls, now_s: f64) {
    controls.note_wheel(wheel_notches(ui) != 0.0, now_s);
    if controls.holds_wheel() {
        stop_scrolling(ui);
    }
}

/// Where a button was pressed on this in this frame, though the click may have ended in the same one.
pub fn pressed_on(ui: &Ui, response: &Response, button: PointerButton) -> Option<Pos2> {
    let at = ui.input(|input| {
        let place = |event: &Event| match event {
            Event::PointerButton { pos, button: other, pressed: true, .. } if *other == button => Some(*pos),
            _ => None,
        };
        input.events.iter().find_map(place)
    });
    at.filter(|_| response.is_pointer_button_down_on() || response.clicked_by(button))
}

/// Lets a dial or a rail be dragged (over `full_points` for its whole range), turned, stepped, reset and typed into.
pub fn react(ui: &Ui, rect: Rect, place: Place, id: ParamId, full_points: f32, cx: &mut PaintContext) -> Response {
    react_by(ui, rect, place, id, |delta| (delta.x - delta.y) / full_points, cx)
}

/// The same; `change` is by how much of its range a drag moves it, for so many points.
pub fn react_by(
    ui: &Ui,
    rect: Rect,
    place: Place,
    id: ParamId,
    change: impl Fn(Vec2) -> f32,
    cx: &mut PaintContext,
) -> Response {
    let response = ui.interact(rect, place.widget_id(id), Sense::click_and_drag());
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    drag(ui, &response, id, change, cx);
    if response.double_clicked() {
        cx.controls.reset(id, cx.params);
    }
    turn(ui, &response, id, cx);
    if response.has_focus() {
        keys(ui, &response, place, id, cx);
    }
    announce(ui, &response, id, cx);
    if super::menu::attach(ui, &response, id, true, cx) {
        cx.controls.start_typing(id, place as u64, cx.params);
    }
    response
}

/// Lets a parameter be dragged; `change` is by how much of its range, for so many points.
pub fn drag(ui: &Ui, response: &Response, id: ParamId, change: impl Fn(Vec2) -> f32, cx: &mut PaintContext) {
    if response.drag_started() {
        cx.controls.begin_drag(id, cx.params);
    }
    // The frame of the release included: a quick hand lets go while it moves.
    if (response.dragged() || response.drag_stopped()) && cx.controls.is_dragging(id) {
        let delta = ui.input(|input| input.pointer.delta());
        cx.controls.drag_by(change(delta) * speed(ui), cx.params);
    }
    if response.drag_stopped() {
        cx.controls.end_drag(cx.params);
    }
}

/// Lets a parameter be turned by the wheel over its control.
pub fn turn(ui: &Ui, response: &Response, id: ParamId, cx: &mut PaintContext) {
    if response.hovered() {
        cx.controls.turn_wheel(id, wheel_notches(ui), is_fine(ui), cx.params);
        if cx.controls.holds_wheel() {
            stop_scrolling(ui);
        }
    }
}

/// Lets a handle be dragged over a plane, moved by arrow keys, and reset; `change` is how far in the plane a way on the screen goes.
pub fn react_in_plane<P: Plane + Copy>(
    ui: &Ui,
    response: &Response,
    plane: P,
    grip: &mut Grip<P>,
    change: impl Fn(Vec2) -> [f32; 2],
    params: &mut dyn ParamBackend,
) {
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    note_press(ui, response, grip);
    if response.drag_started() {
        grip.begin(plane, params);
    }
    carry(ui, response, grip, change, params);
    let mut is_reset = response.double_clicked();
    if response.has_focus() {
        let ([right, up], step) = (arrows(ui, response.id), plane.step().map(|step| step * speed(ui)));
        pair::nudge(&plane, [right * step[0], up * step[1]], params);
        is_reset |= presses(ui, Key::Backspace) + presses(ui, Key::Delete) > 0.0;
    }
    if is_reset {
        grip.reset(&plane, params);
    }
}

/// Moves what a hand holds as far as the pointer went, and lets go where it does: the frame of the release included.
pub fn carry<P: Plane>(
    ui: &Ui,
    response: &Response,
    grip: &mut Grip<P>,
    change: impl Fn(Vec2) -> [f32; 2],
    params: &mut dyn ParamBackend,
) {
    if (response.dragged() || response.drag_stopped())
        && let Some(pointer) = ui.input(|input| input.pointer.latest_pos())
    {
        let way = grip.follow(pointer.into());
        grip.move_by(change(Vec2::from(way) * speed(ui)), params);
    }
    if response.drag_stopped() {
        grip.end(params);
    }
}

/// Lets a hand know where the button went down, before it is known whether that becomes a drag: moves and release may come in one frame.
pub fn note_press<P: Plane>(ui: &Ui, response: &Response, grip: &mut Grip<P>) {
    let origin = ui.input(|input| input.pointer.press_origin());
    if let Some(origin) = origin.filter(|_| response.is_pointer_button_down_on() && !grip.is_held()) {
        grip.press(origin.into());
    }
}

/// Whether Shift makes moves fine.
pub fn is_fine(ui: &Ui) -> bool {
    ui.input(|input| input.modifiers.shift)
}

/// By what a drag is slowed down.
pub fn speed(ui: &Ui) -> f32 {
    if is_fine(ui) { FINE } else { 1.0 }
}

fn keys(ui: &Ui, response: &Response, place: Place, id: ParamId, cx: &mut PaintContext) {
    let [right, up] = arrows(ui, response.id);
    let notches = right + up + PAGE_NOTCHES * (presses(ui, Key::PageUp) - presses(ui, Key::PageDown));
    let (controls, params) = (&mut *cx.controls, &mut *cx.params);
    if notches != 0.0 {
        controls.nudge(id, notches, is_fine(ui), params);
    }
    if presses(ui, Key::Home) > 0.0 {
        set_once(params, id, 0.0);
    }
    if presses(ui, Key::End) > 0.0 {
        set_once(params, id, 1.0);
    }
    if presses(ui, Key::Backspace) + presses(ui, Key::Delete) > 0.0 {
        controls.reset(id, params);
    }
    if presses(ui, Key::Enter) > 0.0 {
        controls.start_typing(id, place as u64, params);
    }
}

/// How often a key went down in this frame, repeats included.
pub fn presses(ui: &Ui, key: Key) -> f32 {
    ui.input(|input| input.num_presses(key)) as f32
}

/// How often the arrow keys went down in this frame, to the right and up; they do not move the focus away.
pub fn arrows(ui: &Ui, id: Id) -> [f32; 2] {
    lock_arrows(ui, id);
    let pressed = |key| presses(ui, key);
    [pressed(Key::ArrowRight) - pressed(Key::ArrowLeft), pressed(Key::ArrowUp) - pressed(Key::ArrowDown)]
}

/// Keeps the arrow keys from moving the focus away.
pub fn lock_arrows(ui: &Ui, id: Id) {
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
}

/// Name and value for assistive technology, and the changes that it asks for.
fn announce(ui: &Ui, response: &Response, id: ParamId, cx: &mut PaintContext) {
    let (controls, params) = (&mut *cx.controls, &mut *cx.params);
    let (up, down) = ui.input(|input| {
        let asked = |action| input.num_accesskit_action_requests(response.id, action) as f32;
        (asked(Action::Increment), asked(Action::Decrement))
    });
    if up != down {
        controls.nudge(id, up - down, false, params);
    }
    let asked: Vec<f32> = ui.input(|input| {
        let requests = input.accesskit_action_requests(response.id, Action::SetValue);
        let values = requests.filter_map(|request| match &request.data {
            Some(ActionData::NumericValue(value)) => Some(*value as f32),
            Some(ActionData::Value(text)) => params.parse(id, text),
            _ => None,
        });
        values.collect()
    });
    for normalised in asked {
        set_once(params, id, normalised);
    }
    let normalised = params.normalised(id);
    response.widget_info(|| WidgetInfo {
        value: Some(f64::from(normalised)),
        ..info(Role::Slider, params.name(id), params.text(id, normalised))
    });
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(1.0);
        node.add_action(Action::SetValue);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
}

/// What assistive technology is told of something: what it is, what it is called, and what it shows.
pub fn info(role: Role, name: impl Into<String>, value: impl Into<String>) -> WidgetInfo {
    WidgetInfo { label: Some(name.into()), current_text_value: Some(value.into()), ..WidgetInfo::new(role) }
}

/// Where the context keeps whether the musician was last at the keyboard.
fn at_keyboard_id() -> Id {
    Id::unique("timbreloom at the keyboard")
}

/// Notes whether the keyboard or the pointer is in use; once a frame, before any control.
pub fn note_hand(ui: &Ui) {
    let (pressed, key) = ui.input(|input| {
        let is_key = |event: &Event| matches!(event, Event::Key { pressed: true, .. });
        (input.pointer.any_pressed(), input.events.iter().any(is_key))
    });
    if pressed || key {
        ui.data_mut(|data| data.insert_temp(at_keyboard_id(), key));
    }
}

/// Whether to show that this has the keyboard: a click gives it too, but who clicks sees where the pointer is.
pub fn shows_focus(ui: &Ui, response: &Response) -> bool {
    response.has_focus() && ui.data(|data| data.get_temp(at_keyboard_id())).unwrap_or(false)
}

/// Whether the keyboard came here in this frame by keys, not by a press of the pointer.
pub fn came_by_keys(ui: &Ui, response: &Response) -> bool {
    response.gained_focus() && !ui.input(|input| input.pointer.any_down() || input.pointer.any_released())
}

/// A ring around what has the keyboard.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect, radius: f32) {
    if shows_focus(ui, response) {
        let stroke = Stroke::new(2.0, theme::FOCUS);
        ui.painter().rect_stroke(rect, CornerRadius::from(radius), stroke, StrokeKind::Inside);
    }
}

/// A parameter's value as text; a click or Enter on its control turns it into a field.
pub fn value_text(
    ui: &mut Ui,
    rect: Rect,
    place: Place,
    id: ParamId,
    align: Align2,
    font: FontId,
    cx: &mut PaintContext,
) {
    if cx.controls.typing(id, place as u64).is_some() {
        return field(ui, rect, place, id, align, font, cx);
    }
    let response = ui.interact(rect, place.widget_id(id).with("value"), Sense::CLICK);
    let text = plainly(&cx.params.text(id, cx.params.normalised(id)));
    if response.hovered() {
        ui.painter().rect_filled(rect, 3.0, theme::RAISED);
    }
    let is_idle = cx.why_idle(id).is_some();
    let ink = if is_idle { theme::IDLE } else { theme::TEXT };
    ui.painter().text(align.pos_in_rect(&rect), align, text, font, ink);
    if response.on_hover_cursor(egui::CursorIcon::Text).clicked() {
        cx.controls.start_typing(id, place as u64, cx.params);
    }
}

/// A value as it is read at a glance: with a true minus sign, and without the unit of statisticians, which the typed field still has.
fn plainly(text: &str) -> String {
    true_minus(text.strip_suffix(" sd").unwrap_or(text))
}

/// The same text with a true minus sign.
fn true_minus(text: &str) -> String {
    text.strip_prefix('-').map_or_else(|| text.to_owned(), |rest| format!("\u{2212}{rest}"))
}

fn field(ui: &mut Ui, rect: Rect, place: Place, id: ParamId, align: Align2, font: FontId, cx: &mut PaintContext) {
    let field_id = place.widget_id(id).with("field");
    let name = cx.params.name(id);
    let Some(typing) = cx.controls.typing(id, place as u64) else { return };
    let (is_new, is_wrong) = (std::mem::take(&mut typing.is_new), typing.is_wrong);

    let characters = typing.text.chars().count();
    let edit = TextEdit::singleline(&mut typing.text)
        .id(field_id)
        .font(font)
        .frame(Frame::NONE)
        .margin(Margin::symmetric(2, 0))
        .min_size(vec2(rect.width(), rect.height()))
        .desired_width(rect.width())
        .align(align);
    let colour = if is_wrong { theme::WARNING } else { theme::FOCUS };
    ui.painter().rect(
        rect,
        3.0,
        theme::BACKGROUND,
        Stroke::new(if is_wrong { 2.0 } else { 1.0 }, colour),
        StrokeKind::Outside,
    );
    // A child, not a scope: the field takes the value's place and may not move what comes after it.
    let output = edit.show(&mut ui.new_child(UiBuilder::new().max_rect(rect)));
    let response = output.response.response.accessible_name(name);
    if response.changed()
        && let Some(typing) = cx.controls.typing(id, place as u64)
    {
        typing.is_wrong = false;
    }
    if is_new {
        response.request_focus();
        let mut state = output.state;
        state.cursor.set_char_range(Some(CCursorRange::two(CCursor::new(0), CCursor::new(characters))));
        TextEdit::store_state(ui.ctx(), field_id, state);
    } else if response.lost_focus() {
        leave_field(ui, &response, place.widget_id(id), cx);
    }
    if is_wrong {
        response.show_tooltip_text(NOT_UNDERSTOOD);
    }
}

/// Enter takes the text, Escape drops it, and leaving by other means takes it if it means something.
fn leave_field(ui: &Ui, response: &Response, control: Id, cx: &mut PaintContext) {
    let (is_enter, is_escape) = ui.input(|input| (input.key_pressed(Key::Enter), input.key_pressed(Key::Escape)));
    if is_escape {
        cx.controls.cancel_typing();
    } else if !cx.controls.commit_typing(cx.params) {
        if is_enter {
            return response.request_focus();
        }
        cx.controls.cancel_typing();
    }
    if is_enter || is_escape {
        ui.memory_mut(|memory| memory.request_focus(control));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::param::FEEDBACK_Q;

    #[test]
    fn a_knob_and_a_views_handle_of_one_parameter_are_two_widgets() {
        assert_ne!(Place::Strip.widget_id(FEEDBACK_Q), Place::View.widget_id(FEEDBACK_Q));
    }
}
