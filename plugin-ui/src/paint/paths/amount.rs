//! A step's amount: dragged, turned by keys, or typed.

use egui::accesskit::{Action, ActionData, Role};
use egui::text::{CCursor, CCursorRange};
use egui::{
    Align2, CursorIcon, Frame, Id, Key, Margin, Rect, Response, Sense, Stroke, StrokeKind, TextEdit, Ui, UiBuilder,
    WidgetInfo, pos2,
};

use crate::paint::control::{NOT_UNDERSTOOD, arrows, focus_ring, info, presses, speed};
use crate::paint::theme::{self, Metrics};
use crate::paths::editor::{AmountTyping, PathsEditor, chain};
use crate::paths::{StepKind, StepView};
use crate::typed::{self, Quantity};

/// Page Up and Page Down move by so many presses.
const PAGE: f32 = 10.0;

/// A step's amount with its unit.
pub fn text(step: &StepView) -> String {
    let decimals = step.kind.amount().map_or(0, |(_, _, decimals)| decimals);
    let text = format!("{:.decimals$}{}", step.amount, chain::unit(step));
    text.strip_prefix('-').map_or_else(|| text.clone(), |rest| format!("\u{2212}{rest}"))
}

/// Draws the amount of a step into `rect`.
pub fn paint(ui: &mut Ui, rect: Rect, index: usize, editor: &mut PathsEditor, metrics: Metrics) {
    let Some(step) = editor.steps().get(index).cloned() else { return };
    let Some(([low, high, first], ..)) = step.kind.amount() else { return };
    let id = Id::unique(("timbreloom path amount", index));
    let response = ui.interact(rect, id, Sense::click_and_drag());
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    if response.drag_started() {
        editor.hold();
        ui.data_mut(|data| data.insert_temp(id, step.amount));
    }
    if response.dragged() {
        // The raw value keeps what a stepped amount rounds away.
        let raw: f32 = ui.data(|data| data.get_temp(id)).unwrap_or(step.amount);
        let delta = response.drag_delta();
        let raw = (raw + (delta.x - delta.y) * chain::speed(&step) * speed(ui)).clamp(low, high);
        ui.data_mut(|data| data.insert_temp(id, raw));
        editor.set_amount(index, raw);
    }
    let mut is_typing = response.double_clicked();
    if response.has_focus() && editor.typing.is_none() {
        let [right, up] = arrows(ui, id);
        let pages = PAGE * (presses(ui, Key::PageUp) - presses(ui, Key::PageDown));
        let by = right + up + pages;
        if by != 0.0 {
            // As long as the key is down, however often it repeats.
            editor.hold();
            let is_whole = step.kind == StepKind::Loop;
            let change = if is_whole { by } else { by * chain::speed(&step) * speed(ui) };
            editor.set_amount(index, step.amount + change);
        }
        if presses(ui, Key::Delete) + presses(ui, Key::Backspace) > 0.0 {
            editor.set_amount(index, first);
        }
        is_typing |= presses(ui, Key::Enter) > 0.0;
    }
    announce(ui, &response, &step, index, editor);
    if is_typing {
        let (text, is_wrong, is_new) = (text(&step).replace('\u{2212}', "-"), false, true);
        editor.typing = Some(AmountTyping { step: index, text, is_wrong, is_new });
    }
    if editor.typing.as_ref().is_some_and(|typing| typing.step == index) {
        return field(ui, rect, &response, editor, metrics);
    }
    let is_hot = response.hovered() || response.dragged();
    ui.painter().rect_filled(rect, 3.0, if is_hot { theme::RAISED_HOVER } else { theme::RAISED });
    // How far it is from where it began; small ways are seen, too.
    let end = if step.amount >= first { high } else { low };
    let far = ((step.amount - first) / (end - first)).abs().powf(0.4) * rect.width() * 0.5;
    let [from, to] = if step.amount >= first { [0.0, far] } else { [-far, 0.0] };
    let x = rect.center().x;
    let bar = Rect::from_min_max(pos2(x + from, rect.bottom() - 2.0), pos2(x + to, rect.bottom()));
    ui.painter().rect_filled(bar, 0.0, if step.is_off { theme::LINE_STRONG } else { theme::ACCENT_DIM });
    let ink = if step.is_off { theme::IDLE } else { theme::TEXT };
    let at = Align2::CENTER_CENTER.pos_in_rect(&rect);
    ui.painter().text(at, Align2::CENTER_CENTER, text(&step), metrics.small(), ink);
    focus_ring(ui, &response, rect.expand(2.0), 4.0);
    response
        .on_hover_cursor(CursorIcon::ResizeHorizontal)
        .on_hover_text("Drag (Shift: finely). Double-click or Enter: type. Delete: as it came");
}

fn announce(ui: &Ui, response: &Response, step: &StepView, index: usize, editor: &mut PathsEditor) {
    let asked = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action)) as f32;
    let up = asked(Action::Increment) - asked(Action::Decrement);
    if up != 0.0 {
        editor.set_amount(index, step.amount + up * chain::speed(step) * PAGE);
    }
    let wanted = ui.input(|input| {
        let requests = input.accesskit_action_requests(response.id, Action::SetValue);
        let value = |data: &ActionData| match data {
            ActionData::NumericValue(value) => Some(*value as f32),
            ActionData::Value(text) => amount_of(text, step),
            _ => None,
        };
        requests.filter_map(|request| request.data.as_ref().and_then(value)).last()
    });
    if let Some(amount) = wanted {
        editor.set_amount(index, amount);
    }
    let name = format!("Amount of step {}", index + 1);
    response
        .widget_info(|| WidgetInfo { value: Some(f64::from(step.amount)), ..info(Role::Slider, &name, text(step)) });
    ui.ctx().accesskit_node_builder(response.id, |node| {
        for action in [Action::SetValue, Action::Increment, Action::Decrement] {
            node.add_action(action);
        }
    });
}

/// The amount that was typed, with or without the unit.
fn amount_of(text: &str, step: &StepView) -> Option<f32> {
    let quantity = match chain::unit(step) {
        " st" => Quantity::Semitones,
        " dB" => Quantity::Decibels,
        " sd" => Quantity::Deviations,
        " s" => Quantity::Seconds,
        " x" => Quantity::Factor,
        _ => Quantity::Number,
    };
    let ([low, high, _], ..) = step.kind.amount()?;
    typed::read(text, quantity, [low, high])
}

fn field(ui: &mut Ui, rect: Rect, control: &Response, editor: &mut PathsEditor, metrics: Metrics) {
    let Some(typing) = &mut editor.typing else { return };
    let id = control.id.with("field");
    let (is_new, characters) = (std::mem::take(&mut typing.is_new), typing.text.chars().count());
    let colour = if typing.is_wrong { theme::WARNING } else { theme::FOCUS };
    let line = Stroke::new(if typing.is_wrong { 2.0 } else { 1.0 }, colour);
    ui.painter().rect(rect, 3.0, theme::BACKGROUND, line, StrokeKind::Inside);
    let edit = TextEdit::singleline(&mut typing.text)
        .id(id)
        .font(metrics.small())
        .frame(Frame::NONE)
        .margin(Margin::symmetric(2, 0))
        .min_size(rect.size())
        .desired_width(rect.width())
        .align(Align2::CENTER_CENTER);
    let output = edit.show(&mut ui.new_child(UiBuilder::new().max_rect(rect)));
    let response = output.response.response.accessible_name("Amount");
    if response.changed() {
        typing.is_wrong = false;
    }
    if typing.is_wrong {
        response.show_tooltip_text(NOT_UNDERSTOOD);
    }
    if is_new {
        response.request_focus();
        let mut state = output.state;
        state.cursor.set_char_range(Some(CCursorRange::two(CCursor::new(0), CCursor::new(characters))));
        TextEdit::store_state(ui.ctx(), id, state);
    } else if response.lost_focus() {
        let (is_enter, is_escape) = ui.input(|input| (input.key_pressed(Key::Enter), input.key_pressed(Key::Escape)));
        let (index, typed) = (typing.step, typing.text.clone());
        let amount = editor.steps().get(index).and_then(|step| amount_of(&typed, step));
        if is_enter && amount.is_none() {
            editor.typing.iter_mut().for_each(|typing| typing.is_wrong = true);
            return response.request_focus();
        }
        editor.typing = None;
        if let (false, Some(amount)) = (is_escape, amount) {
            editor.set_amount(index, amount);
        }
        if is_enter || is_escape {
            control.request_focus();
        }
    }
}
