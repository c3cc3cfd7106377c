//! A choice between a few named values: a switch, values side by side, or a list that opens.

use egui::accesskit::{Action, ActionData, Role};
use egui::{Align2, Button, Popup, Rect, Response, ScrollArea, Sense, TextWrapMode, Ui, WidgetInfo, pos2};

use super::button::{self, Segment, segment};
use super::control::{Place, arrows, focus_ring, info};
use super::icon::{self, Icon};
use super::theme::Metrics;
use super::{PaintContext, menu, notice, theme};
use crate::ParamId;
use crate::control::set_once;

/// A segment has at least so much room beside its text.
const MARGINS: f32 = 8.0;

/// A list is no longer than so much of the window.
const LONGEST: f32 = 0.8;

/// What every on-off switch does, however it looks; returns whether it is on.
pub fn flip(ui: &Ui, rect: Rect, place: Place, id: ParamId, cx: &mut PaintContext) -> (Response, bool) {
    let response = ui.interact(rect, place.widget_id(id), Sense::click());
    if response.clicked() {
        response.request_focus();
        let is_on = cx.params.normalised(id) >= 0.5;
        set_once(cx.params, id, if is_on { 0.0 } else { 1.0 });
    }
    let is_on = cx.params.normalised(id) >= 0.5;
    let name = cx.params.name(id);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, &name));
    (response, is_on)
}

/// An on-off switch with its name inside; on is filled and says so.
pub fn toggle(ui: &Ui, rect: Rect, id: ParamId, cx: &mut PaintContext) {
    let (response, is_on) = flip(ui, rect, Place::Strip, id, cx);
    let name = cx.params.name(id);
    // What silences the model is a warning; any other switch is the model's own.
    let on = if id == crate::param::BYPASS { theme::WARNING } else { theme::ACCENT };
    let (text, ink) = if is_on { (format!("{name}: on"), theme::BACKGROUND) } else { (name, theme::TEXT) };
    if is_on {
        ui.painter().rect_filled(rect, 4.0, on);
    } else {
        button::ground(ui, &response, rect, true);
    }
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, text, cx.metrics.small(), ink);
    focus_ring(ui, &response, rect.expand(2.0), 5.0);
    menu::attach(ui, &response, id, false, cx);
    response.on_hover_text(menu::about(id, cx));
}

/// The values of a stepped parameter.
struct Steps {
    last: usize,
}

impl Steps {
    fn of(id: ParamId, cx: &PaintContext) -> Self {
        Self { last: cx.params.step_count(id).unwrap_or(1).max(1) }
    }

    fn value(&self, index: usize) -> f32 {
        index as f32 / self.last as f32
    }

    fn chosen(&self, id: ParamId, cx: &PaintContext) -> usize {
        (cx.params.normalised(id) * self.last as f32).round() as usize
    }

    /// Steps by arrow keys while the control has the keyboard, and by what assistive technology asks for.
    fn keys(&self, ui: &Ui, response: &Response, chosen: usize, id: ParamId, cx: &PaintContext) -> usize {
        let mut next = chosen;
        if response.has_focus() {
            let [right, up] = arrows(ui, response.id);
            next = (chosen as f32 + right - up).clamp(0.0, self.last as f32) as usize;
        }
        ui.input(|input| {
            let asked = |action| input.num_accesskit_action_requests(response.id, action);
            next = (next + asked(Action::Increment)).min(self.last).saturating_sub(asked(Action::Decrement));
            for request in input.accesskit_action_requests(response.id, Action::SetValue) {
                next = match &request.data {
                    Some(ActionData::NumericValue(value)) => (value.max(0.0) as usize).min(self.last),
                    Some(ActionData::Value(text)) => {
                        cx.params.parse(id, text).map_or(next, |share| (share * self.last as f32).round() as usize)
                    }
                    _ => next,
                };
            }
        });
        next
    }

    fn announce(&self, ui: &Ui, response: &Response, role: Role, chosen: usize, id: ParamId, cx: &PaintContext) {
        let (name, text) = (cx.params.name(id), cx.params.text(id, self.value(chosen)));
        response.widget_info(|| WidgetInfo {
            value: (role == Role::Slider).then_some(chosen as f64),
            ..info(role, &name, &text)
        });
        ui.ctx().accesskit_node_builder(response.id, |node| {
            if role == Role::Slider {
                node.set_min_numeric_value(0.0);
                node.set_max_numeric_value(self.last as f64);
            }
            for action in [Action::SetValue, Action::Increment, Action::Decrement] {
                node.add_action(action);
            }
        });
    }
}

/// All values of a stepped parameter as segments.
pub fn segments(ui: &Ui, rect: Rect, place: Place, id: ParamId, cx: &mut PaintContext) {
    let steps = Steps::of(id, cx);
    let chosen = steps.chosen(id, cx);
    let texts: Vec<String> = (0..=steps.last).map(|index| cx.params.text(id, steps.value(index))).collect();
    let cells = cells(ui, rect, &texts, cx.metrics);
    let whole = ui.interact(rect, place.widget_id(id), Sense::click());
    let mut next = steps.keys(ui, &whole, chosen, id, cx);
    if whole.clicked() {
        whole.request_focus();
        let x = whole.interact_pointer_pos().map_or(rect.left(), |pointer| pointer.x);
        next = cells.iter().position(|cell| x < cell.right()).unwrap_or(steps.last);
    }
    if next != chosen {
        set_once(cx.params, id, steps.value(next));
    }
    steps.announce(ui, &whole, Role::Slider, next, id, cx);

    let is_idle = cx.why_idle(id).is_some();
    button::tray(ui, rect, is_idle);
    for (index, (&cell, text)) in cells.iter().zip(&texts).enumerate() {
        let look = Segment { is_chosen: index == next, is_hot: false, is_idle };
        segment(ui, cell, text, look, cx.metrics);
    }
    focus_ring(ui, &whole, rect.expand(2.0), 5.0);
    menu::attach(ui, &whole, id, false, cx);
    whole.on_hover_text(menu::about(id, cx));
}

/// Where segments lie: all as wide, or each by its text where one would fill its own.
fn cells(ui: &Ui, rect: Rect, texts: &[String], metrics: Metrics) -> Vec<Rect> {
    let of = |text: &String| notice::one_line(ui, text, metrics.small(), theme::TEXT, f32::INFINITY).size().x;
    let widths: Vec<f32> = texts.iter().map(of).collect();
    let count = texts.len() as f32;
    let even = rect.width() / count;
    let spare = (rect.width() - widths.iter().sum::<f32>()) / count;
    let is_even = spare <= 0.0 || widths.iter().all(|width| width + metrics.px(MARGINS) <= even);
    let mut left = rect.left();
    let cell = |width: f32| {
        let right = left + if is_even { even } else { width + spare };
        let cell = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
        left = right;
        cell
    };
    widths.into_iter().map(cell).collect()
}

/// The chosen value of a stepped parameter on a button that opens a list of all.
pub fn list(ui: &Ui, rect: Rect, place: Place, id: ParamId, cx: &mut PaintContext) {
    list_with(ui, rect, None, place, id, cx);
}

/// The same with a label above the value.
pub fn labelled_list(ui: &Ui, rect: Rect, label: &str, place: Place, id: ParamId, cx: &mut PaintContext) {
    list_with(ui, rect, Some(label), place, id, cx);
}

fn list_with(ui: &Ui, rect: Rect, label: Option<&str>, place: Place, id: ParamId, cx: &mut PaintContext) {
    let steps = Steps::of(id, cx);
    let chosen = steps.chosen(id, cx);
    let response = ui.interact(rect, place.widget_id(id), Sense::click());
    let mut next = steps.keys(ui, &response, chosen, id, cx);
    Popup::menu(&response).id(response.id.with("list")).width(rect.width()).show(|ui| {
        theme::scale(ui, cx.metrics);
        // A name longer than the button makes the list wider.
        ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
        // As much as the window shows: a long one scrolls.
        let most = ui.ctx().content_rect().height() * LONGEST;
        ScrollArea::vertical().max_height(most).show(ui, |ui| {
            for index in 0..=steps.last {
                if let Some(heading) = cx.heading(id, index) {
                    ui.label(theme::quiet(heading));
                }
                if !cx.has_option(id, index) {
                    continue;
                }
                let text = cx.option(id, index, steps.last);
                if ui.add(Button::selectable(index == chosen, text)).clicked() {
                    next = index;
                    response.request_focus();
                }
            }
        });
    });
    if next != chosen {
        set_once(cx.params, id, steps.value(next));
    }
    steps.announce(ui, &response, Role::ComboBox, next, id, cx);

    let is_idle = cx.why_idle(id).is_some();
    let ink = if is_idle { theme::IDLE } else { theme::TEXT };
    button::ground(ui, &response, rect, !is_idle);
    let mut text = cx.option(id, next, steps.last);
    if !cx.has_option(id, next) {
        text += ": not here";
    }
    let (metrics, left) = (cx.metrics, rect.left() + cx.metrics.px(8.0));
    if let Some(label) = label {
        let at = pos2(left, rect.top() + metrics.px(4.0));
        ui.painter().text(at, Align2::LEFT_TOP, label, metrics.small(), ink);
        let at = pos2(left, rect.bottom() - metrics.px(11.5));
        ui.painter().text(at, Align2::LEFT_CENTER, text, metrics.body(), ink);
    } else {
        ui.painter().text(pos2(left, rect.center().y), Align2::LEFT_CENTER, text, metrics.small(), ink);
    }
    let at = rect.right_center() - egui::vec2(cx.metrics.px(10.0), 0.0);
    icon::paint(ui.painter(), at, cx.metrics.fine(4.5), Icon::Down, theme::TEXT_QUIET);
    focus_ring(ui, &response, rect.expand(2.0), 5.0);
    menu::attach(ui, &response, id, false, cx);
    response.on_hover_text(menu::about(id, cx));
}
