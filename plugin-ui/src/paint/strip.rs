//! The strip of controls, in groups that fold; it scrolls where the window is low.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Id, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::control::focus_ring;
use super::icon::{self, Icon};
use super::knob::{self, Kind};
use super::{Desk, bar, button, notice, switch, theme};
use crate::control::set_once;
use crate::layout::{Group, Layout};
use crate::param::{self, ParamId};

/// A knob with the short label that fits under its group's title.
type Knob = (ParamId, &'static str, Kind);

/// Fills `ui` with the groups.
pub fn paint(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    let metrics = desk.metrics;
    ui.spacing_mut().item_spacing = vec2(0.0, metrics.px(6.0));
    ScrollArea::vertical().id_salt("controls").auto_shrink(false).show(ui, |ui| {
        play(ui, layout, desk);
        random(ui, layout, desk);
        loudness(ui, layout, desk);
        blend(ui, layout, desk);
        feedback(ui, layout, desk);
        side_chain(ui, layout, desk);
        stereo(ui, layout, desk);
        let (card, _) = group(ui, Group::Latency, "Latency", None, layout, desk);
        switch::segments(ui, corner(card, 156.0, desk), param::LATENCY, desk);
    });
}

fn play(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    let row_height = knob::height(desk.metrics);
    let gap = desk.metrics.px(6.0);
    let (_, inner) = group(ui, Group::Play, "Play", Some(row_height * 2.0 + gap), layout, desk);
    let Some(inner) = inner else { return };
    let upper = [
        (param::MIX, "Mix", Kind::Wet),
        (param::INPUT_GAIN, "Input", Kind::Neutral),
        (param::OUTPUT_GAIN, "Output", Kind::Neutral),
        (param::TRANSPOSE, "Transpose", Kind::Wet),
    ];
    let lower = [
        (param::AMOUNT, "Amount", Kind::Wet),
        (param::STABILITY, "Stability", Kind::Wet),
        (param::SMOOTHING, "Smoothing", Kind::Wet),
    ];
    knob_row(ui, inner, 4, &upper, desk);
    let below = inner.translate(vec2(0.0, row_height + gap));
    knob_row(ui, below, 4, &lower, desk);
    switch::toggle(ui, last_cell(below, desk), param::FREEZE, desk);
}

fn random(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    let metrics = desk.metrics;
    let (_, inner) = group(ui, Group::Random, "Random walk", Some(knob::height(metrics)), layout, desk);
    let Some(inner) = inner else { return };
    let knobs = [
        (param::RANDOM_AMOUNT, "Spread", Kind::Wet),
        (param::RANDOM_RATE, "Rate", Kind::Wet),
        (param::RANDOM_TAKE, "Take", Kind::Wet),
    ];
    knob_row(ui, inner, 4, &knobs, desk);
    let id = Id::unique("timbreloom new take");
    let names = ["New take", "New take of the random walk"];
    let response = button::word(ui, last_cell(inner, desk), id, names, true, metrics);
    if response.on_hover_text("Another walk. The same take always walks the same way.").clicked() {
        let (params, id) = (&mut *desk.params, param::RANDOM_TAKE);
        let share = params.normalised(id) + 1.0 / params.step_count(id).unwrap_or(1).max(1) as f32;
        // After the last take comes the first one.
        set_once(params, id, if share > 1.0 + f32::EPSILON { 0.0 } else { share });
    }
}

fn loudness(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    let (card, inner) = group(ui, Group::Loudness, "Loudness", Some(knob::height(desk.metrics)), layout, desk);
    switch::segments(ui, corner(card, 120.0, desk), param::LOUDNESS_MODE, desk);
    let Some(inner) = inner else { return };
    let knobs = [
        (param::LOUDNESS_RANGE, "Range", Kind::Wet),
        (param::LOUDNESS_OFFSET, "Offset", Kind::Wet),
        (param::LOUDNESS_LEVEL, "Level", Kind::Wet),
    ];
    knob_row(ui, inner, 3, &knobs, desk);
}

fn blend(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    let metrics = desk.metrics;
    let (card, inner) = group(ui, Group::Blend, "Blend", Some(metrics.px(42.0)), layout, desk);
    switch::segments(ui, corner(card, 152.0, desk), param::SECOND_SOURCE, desk);
    let Some(inner) = inner else { return };
    let names = Rect::from_min_size(inner.min, vec2(inner.width(), metrics.px(20.0)));
    let half = names.width() * 0.5 - metrics.px(8.0);
    let first = notice::one_line(ui, &desk.session.first.name, metrics.small(), theme::TEXT, half);
    ui.painter().galley(pos2(names.left(), names.center().y - first.size().y * 0.5), first, theme::TEXT);
    let second = &desk.session.second.name;
    let (text, ink) = match second.is_empty() {
        true => ("No second model", theme::TEXT_QUIET),
        false => (second.as_str(), theme::TEXT),
    };
    let text = notice::one_line(ui, text, metrics.small(), ink, half);
    let right = names.right() - metrics.px(44.0);
    ui.painter().galley(pos2(right - text.size().x, names.center().y - text.size().y * 0.5), text, ink);
    let rail = Rect::from_min_max(pos2(inner.left(), names.bottom()), inner.max);
    bar::paint(ui, rail, param::BLEND, desk);
}

fn feedback(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    let (card, inner) = group(ui, Group::Feedback, "Feedback", Some(knob::height(desk.metrics)), layout, desk);
    let place = corner(card, 96.0, desk);
    label_of(ui, place, "Sync", desk);
    switch::list(ui, place, param::FEEDBACK_SYNC, desk);
    let Some(inner) = inner else { return };
    let knobs = [
        (param::FEEDBACK_AMOUNT, "Amount", Kind::Wet),
        (param::FEEDBACK_FREQUENCY, "Frequency", Kind::Wet),
        (param::FEEDBACK_Q, "Q", Kind::Wet),
        (param::FEEDBACK_DELAY, "Delay", Kind::Wet),
    ];
    knob_row(ui, inner, 4, &knobs, desk);
}

fn side_chain(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    let (_, inner) = group(ui, Group::SideChain, "Side-chain", Some(knob::height(desk.metrics)), layout, desk);
    let Some(inner) = inner else { return };
    let knobs = [
        (param::SIDE_LATENT, "Latent", Kind::Wet),
        (param::SIDE_PITCH, "Pitch", Kind::Wet),
        (param::SIDE_LOUDNESS, "Loudness", Kind::Wet),
    ];
    knob_row(ui, inner, 3, &knobs, desk);
}

fn stereo(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    let metrics = desk.metrics;
    let (card, inner) = group(ui, Group::Stereo, "Stereo", Some(metrics.px(22.0)), layout, desk);
    switch::list(ui, corner(card, 116.0, desk), param::CHANNELS, desk);
    let Some(inner) = inner else { return };
    ui.painter().text(inner.left_center(), Align2::LEFT_CENTER, "Width", metrics.small(), theme::TEXT);
    bar::paint(ui, inner.with_min_x(inner.left() + metrics.px(52.0)), param::WIDTH, desk);
}

/// Draws a card with a title that folds it; returns it and, if it is open, the room inside for the controls.
fn group(
    ui: &mut Ui,
    group: Group,
    title: &str,
    content_height: Option<f32>,
    layout: &mut Layout,
    desk: &Desk,
) -> (Rect, Option<Rect>) {
    let metrics = desk.metrics;
    let (margin, title_height) = (metrics.px(8.0), metrics.px(30.0));
    let is_open = content_height.is_some() && !layout.is_folded(group);
    let height = content_height.filter(|_| is_open).map_or(0.0, |height| height + margin);
    let (_, card) = ui.allocate_space(vec2(ui.available_width(), title_height + height));
    ui.painter().rect_filled(card, CornerRadius::same(6), theme::PANEL);
    let mut left = card.left() + metrics.px(10.0);
    let middle = card.top() + title_height * 0.5;
    if content_height.is_some() {
        let arrow = if is_open { Icon::Down } else { Icon::Next };
        icon::paint(ui.painter(), pos2(left + 3.0, middle), metrics.fine(4.5), arrow, theme::TEXT_QUIET);
        left += metrics.px(14.0);
    }
    let drawn = ui.painter().text(pos2(left, middle), Align2::LEFT_CENTER, title, metrics.heading(), theme::TEXT);
    if content_height.is_some() {
        let name = Rect::from_min_max(card.min, pos2(drawn.right() + metrics.px(6.0), card.top() + title_height));
        let response = ui.interact(name, Id::unique(("timbreloom group", title)), Sense::click());
        if response.clicked() {
            response.request_focus();
            layout.fold(group);
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{title} controls")));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_expanded(is_open));
        focus_ring(ui, &response, name.shrink(3.0), 5.0);
    }
    let inner =
        Rect::from_min_max(pos2(card.left() + margin, card.top() + title_height), card.max - vec2(margin, margin));
    (card, is_open.then_some(inner))
}

/// Room for a switch at the right of a card's title.
fn corner(card: Rect, width: f32, desk: &Desk) -> Rect {
    let metrics = desk.metrics;
    let right = card.right() - metrics.px(8.0);
    let (top, bottom) = (card.top() + metrics.px(4.0), card.top() + metrics.px(26.0));
    Rect::from_min_max(pos2(right - metrics.px(width), top), pos2(right, bottom))
}

/// A quiet label to the left of what stands in the corner.
fn label_of(ui: &Ui, place: Rect, text: &str, desk: &Desk) {
    let at = place.left_center() - vec2(desk.metrics.px(7.0), 0.0);
    ui.painter().text(at, Align2::RIGHT_CENTER, text, desk.metrics.small(), theme::TEXT_QUIET);
}

/// The last of four cells, for a button as high as a dial's middle.
fn last_cell(inner: Rect, desk: &Desk) -> Rect {
    let metrics = desk.metrics;
    let width = inner.width() * 0.25;
    let centre = pos2(inner.right() - width * 0.5, inner.top() + metrics.px(39.0));
    Rect::from_center_size(centre, vec2(width - metrics.px(2.0), metrics.px(26.0)))
}

fn knob_row(ui: &mut Ui, inner: Rect, columns: usize, knobs: &[Knob], desk: &mut Desk) {
    let width = inner.width() / columns as f32;
    for (index, &(id, label, kind)) in knobs.iter().enumerate() {
        let left = inner.left() + width * index as f32;
        let cell = Rect::from_min_size(pos2(left, inner.top()), vec2(width, knob::height(desk.metrics)));
        knob::paint(ui, cell, id, label, kind, desk);
    }
}
