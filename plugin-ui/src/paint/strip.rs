//! The strip of controls, in groups; it scrolls where the window is low.

use egui::{Align2, CornerRadius, Rect, ScrollArea, Ui, pos2, vec2};

use super::knob::{self, Kind};
use super::{Desk, bar, switch, theme};
use crate::LATENT_DIMS;
use crate::param::{self, ParamId};

/// A knob with the short label that fits under its group's title.
type Knob = (ParamId, &'static str, Kind);

/// Fills `ui` with the groups.
pub fn paint(ui: &mut Ui, desk: &mut Desk) {
    let metrics = desk.metrics;
    ui.spacing_mut().item_spacing = vec2(0.0, metrics.px(8.0));
    ScrollArea::vertical().id_salt("controls").auto_shrink(false).show(ui, |ui| {
        sound(ui, desk);
        voice(ui, desk);
        feedback(ui, desk);
        latent(ui, desk);
    });
}

fn sound(ui: &mut Ui, desk: &mut Desk) {
    let knobs = [
        (param::INPUT_GAIN, "Input", Kind::Neutral),
        (param::MIX, "Mix", Kind::Wet),
        (param::OUTPUT_GAIN, "Output", Kind::Neutral),
    ];
    let (card, inner) = group(ui, "Sound", knob::height(desk.metrics), desk);
    switch::toggle(ui, corner(card, 84.0, desk), param::BYPASS, desk);
    knob_row(ui, inner, &knobs, desk);
}

fn voice(ui: &mut Ui, desk: &mut Desk) {
    let (card, inner) = group(ui, "Voice", knob::height(desk.metrics), desk);
    let place = corner(card, 116.0, desk);
    let label = place.left_center() - vec2(desk.metrics.px(7.0), 0.0);
    ui.painter().text(label, Align2::RIGHT_CENTER, "Loudness", desk.metrics.small(), theme::TEXT_QUIET);
    let mode = switch::segments(ui, place, param::LOUDNESS_MODE, desk);
    let used_in = |index: usize| if mode == index { Kind::Wet } else { Kind::Idle };
    let knobs = [
        (param::TRANSPOSE, "Transpose", Kind::Wet),
        (param::STABILITY, "Stability", Kind::Wet),
        (param::LOUDNESS_OFFSET, "Offset", used_in(0)),
        (param::LOUDNESS_LEVEL, "Level", used_in(1)),
    ];
    knob_row(ui, inner, &knobs, desk);
}

fn feedback(ui: &mut Ui, desk: &mut Desk) {
    let (_, inner) = group(ui, "Feedback", knob::height(desk.metrics), desk);
    let is_silent = desk.params.normalised(param::FEEDBACK_AMOUNT) <= 0.0;
    let shape = if is_silent { Kind::Idle } else { Kind::Wet };
    let knobs = [
        (param::FEEDBACK_AMOUNT, "Amount", Kind::Wet),
        (param::FEEDBACK_FREQUENCY, "Frequency", shape),
        (param::FEEDBACK_Q, "Q", shape),
    ];
    knob_row(ui, inner, &knobs, desk);
}

fn latent(ui: &mut Ui, desk: &mut Desk) {
    let metrics = desk.metrics;
    let row_height = metrics.px(20.0);
    let (_, inner) = group(ui, "Latent", row_height * (LATENT_DIMS + 1) as f32, desk);
    let number_width = metrics.px(22.0);
    let gap = metrics.px(8.0);
    let half = (inner.width() - number_width - gap) * 0.5;
    let column = |index: usize, top: f32| {
        let left = inner.left() + number_width + (half + gap) * index as f32;
        Rect::from_min_size(pos2(left, top), vec2(half, row_height))
    };
    for (index, title) in ["Bias", "Scale"].into_iter().enumerate() {
        let cell = column(index, inner.top());
        ui.painter().text(cell.left_center(), Align2::LEFT_CENTER, title, metrics.small(), theme::TEXT_QUIET);
    }
    for dim in 0..LATENT_DIMS {
        let top = inner.top() + row_height * (dim + 1) as f32;
        let number = pos2(inner.left() + number_width - gap, top + row_height * 0.5);
        let text = (dim + 1).to_string();
        ui.painter().text(number, Align2::RIGHT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
        bar::paint(ui, column(0, top), param::BIAS[dim], desk);
        bar::paint(ui, column(1, top), param::SCALE[dim], desk);
    }
}

/// Draws a card with a title; returns it and the room inside for the controls.
fn group(ui: &mut Ui, title: &str, content_height: f32, desk: &Desk) -> (Rect, Rect) {
    let metrics = desk.metrics;
    let (margin, title_height) = (metrics.px(8.0), metrics.px(30.0));
    let size = vec2(ui.available_width(), title_height + content_height + margin);
    let (_, card) = ui.allocate_space(size);
    ui.painter().rect_filled(card, CornerRadius::same(6), theme::PANEL);
    let at = pos2(card.left() + metrics.px(10.0), card.top() + title_height * 0.5);
    ui.painter().text(at, Align2::LEFT_CENTER, title, metrics.heading(), theme::TEXT);
    let inner =
        Rect::from_min_max(pos2(card.left() + margin, card.top() + title_height), card.max - vec2(margin, margin));
    (card, inner)
}

/// Room for a switch at the right of a card's title.
fn corner(card: Rect, width: f32, desk: &Desk) -> Rect {
    let metrics = desk.metrics;
    let right = card.right() - metrics.px(8.0);
    let (top, bottom) = (card.top() + metrics.px(5.0), card.top() + metrics.px(25.0));
    Rect::from_min_max(pos2(right - metrics.px(width), top), pos2(right, bottom))
}

fn knob_row(ui: &mut Ui, inner: Rect, knobs: &[Knob], desk: &mut Desk) {
    let width = inner.width() / knobs.len() as f32;
    for (index, &(id, label, kind)) in knobs.iter().enumerate() {
        let left = inner.left() + width * index as f32;
        let cell = Rect::from_min_size(pos2(left, inner.top()), vec2(width, knob::height(desk.metrics)));
        knob::paint(ui, cell, id, label, kind, desk);
    }
}
