//! A choice between a few named values, side by side.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Key, Rect, Sense, StrokeKind, Ui, WidgetInfo, pos2};

use super::control::{focus_ring, lock_arrows, presses, widget_id};
use super::{Desk, theme};
use crate::ParamId;
use crate::control::set_once;

/// An on-off switch with its name inside; on is filled and says so.
pub fn toggle(ui: &Ui, rect: Rect, id: ParamId, desk: &mut Desk) {
    let is_on = desk.params.normalised(id) >= 0.5;
    let response = ui.interact(rect, widget_id(id), Sense::click());
    if response.clicked() {
        response.request_focus();
        set_once(desk.params, id, if is_on { 0.0 } else { 1.0 });
    }
    let is_on = desk.params.normalised(id) >= 0.5;
    let name = desk.params.name(id);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, &name));
    let (fill, text, ink) = match (is_on, response.hovered()) {
        (true, _) => (theme::WARNING, format!("{name}: on"), theme::BACKGROUND),
        (false, true) => (theme::RAISED_HOVER, name, theme::TEXT),
        (false, false) => (theme::RAISED, name, theme::TEXT_QUIET),
    };
    ui.painter().rect_filled(rect, 4.0, fill);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, text, desk.metrics.small(), ink);
    focus_ring(ui, &response, rect.expand(2.0), 5.0);
}

/// All values of a stepped parameter as segments; returns the index of the chosen one.
pub fn segments(ui: &Ui, rect: Rect, id: ParamId, desk: &mut Desk) -> usize {
    let steps = desk.params.step_count(id).unwrap_or(1).max(1);
    let value_of = |index: usize| index as f32 / steps as f32;
    let index_of = |normalised: f32| (normalised * steps as f32).round() as usize;
    let mut chosen = index_of(desk.params.normalised(id));

    let whole = ui.interact(rect, widget_id(id), Sense::click());
    if whole.clicked() {
        whole.request_focus();
        let x = whole.interact_pointer_pos().map_or(rect.left(), |pointer| pointer.x);
        let share = ((x - rect.left()) / rect.width()).clamp(0.0, 0.999);
        choose(&mut chosen, (share * (steps + 1) as f32) as usize, |index| set_once(desk.params, id, value_of(index)));
    }
    if whole.has_focus() {
        lock_arrows(ui, whole.id);
        let forth = presses(ui, Key::ArrowRight) + presses(ui, Key::ArrowDown);
        let back = presses(ui, Key::ArrowLeft) + presses(ui, Key::ArrowUp);
        let next = (chosen as f32 + forth - back).clamp(0.0, steps as f32) as usize;
        choose(&mut chosen, next, |index| set_once(desk.params, id, value_of(index)));
    }
    let name = desk.params.name(id);
    let text = desk.params.text(id, value_of(chosen));
    whole.widget_info(|| WidgetInfo {
        label: Some(name.clone()),
        current_text_value: Some(text.clone()),
        value: Some(chosen as f64),
        ..WidgetInfo::new(Role::Slider)
    });

    ui.painter().rect_filled(rect, 4.0, theme::RAISED);
    for index in 0..=steps {
        let width = rect.width() / (steps + 1) as f32;
        let left = rect.left() + width * index as f32;
        let cell = Rect::from_min_max(pos2(left, rect.top()), pos2(left + width, rect.bottom()));
        let ink = if index == chosen { theme::TEXT } else { theme::TEXT_QUIET };
        if index == chosen {
            let line = egui::Stroke::new(1.0, theme::ACCENT);
            ui.painter().rect(cell, CornerRadius::same(4), theme::ACCENT_DIM, line, StrokeKind::Inside);
        }
        let text = desk.params.text(id, value_of(index));
        ui.painter().text(cell.center(), Align2::CENTER_CENTER, text, desk.metrics.small(), ink);
    }
    focus_ring(ui, &whole, rect.expand(2.0), 5.0);
    chosen
}

fn choose(chosen: &mut usize, next: usize, set: impl FnOnce(usize)) {
    if *chosen != next {
        *chosen = next;
        set(next);
    }
}
