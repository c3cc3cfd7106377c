//! A value that is no parameter: its name, its value, and a rail that is pulled.

use egui::accesskit::{Action, Role};
use egui::{Color32, CursorIcon, Id, Key, PointerButton, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::paint::control::{arrows, focus_ring, info, pressed_on, presses, wheel_notches};
use crate::paint::notice;
use crate::paint::theme::{self, Metrics};

/// What is shown.
pub struct Rail<'a> {
    /// Shown on it.
    pub label: &'a str,
    /// For a screen reader and the tooltip.
    pub name: &'a str,
    pub tooltip: &'a str,
    pub value: f32,
    pub range: [f32; 2],
    /// Where a double-click returns to, and from where the rail is filled.
    pub rest: f32,
    /// What an arrow key or a notch of the wheel moves by.
    pub step: f32,
    pub text: &'a str,
    pub is_idle: bool,
    pub colour: Color32,
}

/// Another value, and how it was chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moved {
    /// By the hand that holds it.
    To(f32),
    /// By the wheel.
    Turned(f32),
}

impl Moved {
    pub fn value(self) -> f32 {
        let (Self::To(value) | Self::Turned(value)) = self;
        value
    }
}

/// Draws it into `rect`; returns what the musician makes of it in this frame.
pub fn paint(ui: &Ui, rect: Rect, id: Id, rail: &Rail, metrics: Metrics) -> Option<Moved> {
    let response = ui.interact(rect, id, Sense::click_and_drag()).on_hover_cursor(CursorIcon::ResizeHorizontal);
    let [low, high] = rail.range;
    let groove =
        Rect::from_min_max(pos2(rect.left(), rect.bottom() - metrics.px(9.0)), rect.max).shrink2(vec2(0.0, 1.5));
    let mut moved = None;
    let pressed = pressed_on(ui, &response, PointerButton::Primary);
    if pressed.is_some() {
        response.request_focus();
    }
    let pointer = ui.input(|input| input.pointer.interact_pos());
    let held = if response.is_pointer_button_down_on() || response.drag_stopped() { pointer } else { pressed };
    if let Some(at) = held.filter(|_| !response.double_clicked()) {
        let share = ((at.x - groove.left()) / groove.width()).clamp(0.0, 1.0);
        moved = Some(Moved::To(low + (high - low) * share));
    }
    if response.double_clicked() {
        moved = Some(Moved::To(rail.rest));
    }
    if response.hovered() && wheel_notches(ui) != 0.0 {
        moved = Some(Moved::Turned(rail.value + wheel_notches(ui) * rail.step));
    }
    let mut steps = 0.0;
    if response.has_focus() {
        let [right, up] = arrows(ui, id);
        steps += right + up + 5.0 * (presses(ui, Key::PageUp) - presses(ui, Key::PageDown));
        for (key, value) in [(Key::Home, low), (Key::End, high), (Key::Delete, rail.rest), (Key::Backspace, rail.rest)]
        {
            if presses(ui, key) > 0.0 {
                moved = Some(Moved::To(value));
            }
        }
    }
    let asked = |action| ui.input(|input| input.num_accesskit_action_requests(id, action)) as f32;
    steps += asked(Action::Increment) - asked(Action::Decrement);
    if steps != 0.0 {
        moved = Some(Moved::To(rail.value + steps * rail.step));
    }
    draw(ui, rect, groove, rail, response.hovered() || response.is_pointer_button_down_on(), metrics);
    focus_ring(ui, &response, rect.expand(3.0), 4.0);
    response
        .widget_info(|| WidgetInfo { value: Some(f64::from(rail.value)), ..info(Role::Slider, rail.name, rail.text) });
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_min_numeric_value(f64::from(low));
        node.set_max_numeric_value(f64::from(high));
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
    if !response.is_pointer_button_down_on() {
        response.on_hover_text(format!("{}\n{}", rail.name, rail.tooltip));
    }
    let clamp = |value: f32| value.clamp(low.min(high), high.max(low));
    moved.map(|moved| match moved {
        Moved::To(value) => Moved::To(clamp(value)),
        Moved::Turned(value) => Moved::Turned(clamp(value)),
    })
}

fn draw(ui: &Ui, rect: Rect, groove: Rect, rail: &Rail, is_hot: bool, metrics: Metrics) {
    let painter = ui.painter();
    let line = (rect.top() + groove.top()) * 0.5;
    let ink = if rail.is_idle { theme::IDLE } else { theme::TEXT };
    let text = painter.layout_no_wrap(rail.text.to_owned(), metrics.small(), ink);
    let left = rect.right() - text.size().x;
    painter.galley(pos2(left, line - text.size().y * 0.5), text, ink);
    let quiet = if rail.is_idle { theme::IDLE } else { theme::TEXT_QUIET };
    notice::line(ui, pos2(rect.left(), line), rail.label, metrics.small(), quiet, left - rect.left() - 4.0);
    painter.rect_filled(groove, 2.0, if is_hot { theme::RAISED_HOVER } else { theme::RAISED });
    let [low, high] = rail.range;
    let x = |value: f32| groove.left() + groove.width() * ((value - low) / (high - low)).clamp(0.0, 1.0);
    let start = if low < 0.0 { x(rail.rest) } else { groove.left() };
    let now = x(rail.value);
    let filled = Rect::from_x_y_ranges(start.min(now)..=start.max(now), groove.y_range());
    let colour = if rail.is_idle { theme::LINE_STRONG } else { rail.colour };
    painter.rect_filled(filled, 2.0, colour.gamma_multiply(0.75));
    let handle_x = now.clamp(groove.left() + 1.5, groove.right() - 1.5);
    let handle = Rect::from_center_size(pos2(handle_x, groove.center().y), vec2(3.0, groove.height() + 4.0));
    painter.rect_filled(handle, 1.5, if rail.is_idle { theme::IDLE } else { theme::TEXT });
}
