//! The instrument's strip of controls, in groups that fold.

use egui::{Rect, ScrollArea, Ui, vec2};

use crate::codes::layout::{Group, Layout};
use crate::codes::{TARGETS, param};
use crate::paint::control::Place;
use crate::paint::strip::{GAP, Knob, card, card_height, corner, knob_row, label_of, last_cell};
use crate::paint::{PaintContext, fade, knob, switch, theme};

/// Knobs side by side, all as wide.
const WIDTHS: [f32; 4] = [1.0; 4];

/// Fills `ui` with the groups.
pub fn paint(ui: &mut Ui, layout: &mut Layout, cx: &mut PaintContext) {
    ui.spacing_mut().item_spacing = vec2(0.0, cx.metrics.px(GAP));
    let list = ScrollArea::vertical().id_salt("codes controls").auto_shrink(false).show(ui, |ui| {
        play(ui, layout, cx);
        for target in 0..TARGETS {
            one_target(ui, target, layout, cx);
        }
        loudness(ui, layout, cx);
        movement(ui, layout, cx);
        pitch(ui, layout, cx);
    });
    fade::paint(ui, &list, theme::BACKGROUND, cx.metrics);
}

/// A card with so many rows of knobs; the rooms of its rows, if it is open.
fn group(
    ui: &mut Ui,
    group: Group,
    title: &str,
    rows: usize,
    layout: &mut Layout,
    cx: &PaintContext,
) -> (Rect, Vec<Rect>) {
    let (row, gap) = (knob::height(cx.metrics), cx.metrics.px(4.0));
    let is_open = !layout.folded.contains(&group);
    let content = is_open.then_some(rows as f32 * (row + gap) - gap);
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), card_height(content, cx.metrics)));
    let card = card(ui, place, title, Some(is_open), cx);
    if card.is_toggled {
        layout.fold(group);
    }
    let rooms = |inner: Rect| (0..rows).map(|n| inner.translate(vec2(0.0, n as f32 * (row + gap)))).collect();
    (place, card.inner.map(rooms).unwrap_or_default())
}

fn fill(ui: &mut Ui, rooms: &[Rect], rows: &[&[Knob]], cx: &mut PaintContext) {
    for (room, knobs) in rooms.iter().zip(rows) {
        knob_row(ui, *room, &WIDTHS, knobs, cx);
    }
}

fn play(ui: &mut Ui, layout: &mut Layout, cx: &mut PaintContext) {
    let (card, rooms) = group(ui, Group::Play, "Play", 1, layout, cx);
    let place = corner(card, 124.0, cx);
    switch::segments(ui, place, Place::Strip, param::CHOICE, cx);
    label_of(ui, place, "Codes", cx);
    let knobs = [
        (param::OUTPUT_GAIN, "Output"),
        (param::TRANSPOSE, "Transpose"),
        (param::GLIDE, "Glide"),
        (param::SMOOTHNESS, "Smoothness"),
    ];
    fill(ui, &rooms, &[&knobs], cx);
}

fn one_target(ui: &mut Ui, target: usize, layout: &mut Layout, cx: &mut PaintContext) {
    let title = format!("Target {}", target + 1);
    let (card, rooms) = group(ui, Group::TARGETS[target], &title, 3, layout, cx);
    switch::list(ui, corner(card, 124.0, cx), Place::Strip, param::DESCRIPTOR[target], cx);
    let knob = |id: [crate::ParamId; TARGETS], label| (id[target], label);
    let rows = [
        vec![
            knob(param::WEIGHT, "Weight"),
            knob(param::BASE, "Base"),
            knob(param::FROM_VELOCITY, "Velocity"),
            knob(param::FROM_WHEEL, "Wheel"),
        ],
        vec![
            knob(param::FROM_LFO, "LFO"),
            knob(param::FROM_CURVE, "Curve"),
            knob(param::FROM_ENVELOPE, "Envelope"),
            knob(param::FROM_KEY, "Key"),
        ],
        vec![
            knob(param::FROM_SLIDE, "Slide"),
            knob(param::FROM_PRESSURE, "Pressure"),
            knob(param::FROM_SIDE, "Side-chain"),
        ],
    ];
    fill(ui, &rooms, &rows.each_ref().map(Vec::as_slice), cx);
}

fn loudness(ui: &mut Ui, layout: &mut Layout, cx: &mut PaintContext) {
    let (_, rooms) = group(ui, Group::Loudness, "Loudness", 2, layout, cx);
    let envelope =
        [(param::ATTACK, "Attack"), (param::DECAY, "Decay"), (param::SUSTAIN, "Sustain"), (param::RELEASE, "Release")];
    let ranges = [(param::VELOCITY_RANGE, "Velocity"), (param::PRESSURE_RANGE, "Pressure")];
    fill(ui, &rooms, &[&envelope, &ranges], cx);
    if let [_, lower] = rooms[..] {
        switch::toggle(ui, last_cell(lower, cx), param::LIMITER, cx);
    }
}

fn movement(ui: &mut Ui, layout: &mut Layout, cx: &mut PaintContext) {
    let (card, rooms) = group(ui, Group::Movement, "Movement", 1, layout, cx);
    let place = corner(card, 90.0, cx);
    switch::list(ui, place, Place::Strip, param::LFO_SHAPE, cx);
    label_of(ui, place, "LFO", cx);
    let knobs = [(param::LFO_RATE, "LFO rate"), (param::CURVE_RATE, "Curve rate"), (param::TAKE, "Take")];
    fill(ui, &rooms, &[&knobs], cx);
    let Some(&room) = rooms.first() else { return };
    let cell = last_cell(room, cx);
    let step = cx.metrics.px(34.0);
    for (n, (id, text)) in [(param::LFO_SYNC, "LFO sync"), (param::CURVE_SYNC, "Curve sync")].into_iter().enumerate() {
        let place = Rect::from_center_size(cell.center(), vec2(cell.width(), cx.metrics.px(19.0)));
        let place = place.translate(vec2(0.0, step * (n as f32 - 0.5) + cx.metrics.px(7.0)));
        let at = place.left_top() - vec2(0.0, cx.metrics.px(7.0));
        let font = egui::FontId::proportional(cx.metrics.px(11.0));
        ui.painter().text(at, egui::Align2::LEFT_CENTER, text, font, theme::TEXT_QUIET);
        switch::list(ui, place, Place::Strip, id, cx);
    }
}

fn pitch(ui: &mut Ui, layout: &mut Layout, cx: &mut PaintContext) {
    let (card, rooms) = group(ui, Group::Pitch, "Pitch", 1, layout, cx);
    switch::segments(ui, corner(card, 156.0, cx), Place::Strip, param::PITCH_MODE, cx);
    let knobs = [(param::TUNING, "Tuning"), (param::BEND_RANGE, "Bend"), (param::MPE_BEND_RANGE, "MPE bend")];
    fill(ui, &rooms, &[&knobs], cx);
    if let Some(&room) = rooms.first() {
        switch::toggle(ui, last_cell(room, cx), param::MPE, cx);
    }
}
