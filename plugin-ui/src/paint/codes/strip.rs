//! The instrument's strip of controls, in groups that fold.

use egui::{Rect, ScrollArea, Ui, vec2};

use crate::codes::layout::{Group, Layout};
use crate::codes::{TARGETS, param};
use crate::paint::knob::{self, Kind};
use crate::paint::strip::{GAP, Knob, card, card_height, corner, knob_row, label_of, last_cell};
use crate::paint::{Desk, fade, switch, theme};

/// Knobs side by side, all as wide.
const WIDTHS: [f32; 4] = [1.0; 4];

/// Fills `ui` with the groups.
pub fn paint(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    ui.spacing_mut().item_spacing = vec2(0.0, desk.metrics.px(GAP));
    let list = ScrollArea::vertical().id_salt("codes controls").auto_shrink(false).show(ui, |ui| {
        play(ui, layout, desk);
        for target in 0..TARGETS {
            one_target(ui, target, layout, desk);
        }
        loudness(ui, layout, desk);
        movement(ui, layout, desk);
        pitch(ui, layout, desk);
    });
    fade::paint(ui, &list, theme::BACKGROUND, desk.metrics);
}

/// A card with so many rows of knobs; the rooms of its rows, if it is open.
fn group(ui: &mut Ui, group: Group, title: &str, rows: usize, layout: &mut Layout, desk: &Desk) -> (Rect, Vec<Rect>) {
    let (row, gap) = (knob::height(desk.metrics), desk.metrics.px(4.0));
    let is_open = !layout.folded.contains(&group);
    let content = is_open.then_some(rows as f32 * (row + gap) - gap);
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), card_height(content, desk.metrics)));
    let card = card(ui, place, title, Some(is_open), desk);
    if card.is_toggled {
        layout.fold(group);
    }
    let rooms = |inner: Rect| (0..rows).map(|n| inner.translate(vec2(0.0, n as f32 * (row + gap)))).collect();
    (place, card.inner.map(rooms).unwrap_or_default())
}

fn fill(ui: &mut Ui, rooms: &[Rect], rows: &[&[Knob]], desk: &mut Desk) {
    for (room, knobs) in rooms.iter().zip(rows) {
        knob_row(ui, *room, &WIDTHS, knobs, desk);
    }
}

fn play(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    let (card, rooms) = group(ui, Group::Play, "Play", 1, layout, desk);
    let place = corner(card, 124.0, desk);
    switch::segments(ui, place, param::CHOICE, desk);
    label_of(ui, place, "Codes", desk);
    let knobs = [
        (param::OUTPUT_GAIN, "Output", Kind::Neutral),
        (param::TRANSPOSE, "Transpose", Kind::Wet),
        (param::GLIDE, "Glide", Kind::Wet),
        (param::SMOOTHNESS, "Smoothness", Kind::Wet),
    ];
    fill(ui, &rooms, &[&knobs], desk);
}

fn one_target(ui: &mut Ui, target: usize, layout: &mut Layout, desk: &mut Desk) {
    let title = format!("Target {}", target + 1);
    let (card, rooms) = group(ui, Group::TARGETS[target], &title, 3, layout, desk);
    switch::list(ui, corner(card, 124.0, desk), param::DESCRIPTOR[target], desk);
    let knob = |id: [crate::ParamId; TARGETS], label| (id[target], label, Kind::Wet);
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
    fill(ui, &rooms, &rows.each_ref().map(Vec::as_slice), desk);
}

fn loudness(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    let (_, rooms) = group(ui, Group::Loudness, "Loudness", 2, layout, desk);
    let envelope = [
        (param::ATTACK, "Attack", Kind::Wet),
        (param::DECAY, "Decay", Kind::Wet),
        (param::SUSTAIN, "Sustain", Kind::Wet),
        (param::RELEASE, "Release", Kind::Wet),
    ];
    let ranges = [(param::VELOCITY_RANGE, "Velocity", Kind::Wet), (param::PRESSURE_RANGE, "Pressure", Kind::Wet)];
    fill(ui, &rooms, &[&envelope, &ranges], desk);
}

fn movement(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    let (card, rooms) = group(ui, Group::Movement, "Movement", 1, layout, desk);
    let place = corner(card, 90.0, desk);
    switch::list(ui, place, param::LFO_SHAPE, desk);
    label_of(ui, place, "LFO", desk);
    let knobs = [
        (param::LFO_RATE, "LFO rate", Kind::Wet),
        (param::CURVE_RATE, "Curve rate", Kind::Wet),
        (param::TAKE, "Take", Kind::Wet),
    ];
    fill(ui, &rooms, &[&knobs], desk);
    let Some(&room) = rooms.first() else { return };
    let cell = last_cell(room, desk);
    let step = desk.metrics.px(34.0);
    for (n, (id, text)) in [(param::LFO_SYNC, "LFO sync"), (param::CURVE_SYNC, "Curve sync")].into_iter().enumerate() {
        let place = Rect::from_center_size(cell.center(), vec2(cell.width(), desk.metrics.px(19.0)));
        let place = place.translate(vec2(0.0, step * (n as f32 - 0.5) + desk.metrics.px(7.0)));
        let at = place.left_top() - vec2(0.0, desk.metrics.px(7.0));
        let font = egui::FontId::proportional(desk.metrics.px(11.0));
        ui.painter().text(at, egui::Align2::LEFT_CENTER, text, font, theme::TEXT_QUIET);
        switch::list(ui, place, id, desk);
    }
}

fn pitch(ui: &mut Ui, layout: &mut Layout, desk: &mut Desk) {
    let (card, rooms) = group(ui, Group::Pitch, "Pitch", 1, layout, desk);
    switch::segments(ui, corner(card, 156.0, desk), param::PITCH_MODE, desk);
    let knobs = [
        (param::TUNING, "Tuning", Kind::Wet),
        (param::BEND_RANGE, "Bend", Kind::Wet),
        (param::MPE_BEND_RANGE, "MPE bend", Kind::Wet),
    ];
    fill(ui, &rooms, &[&knobs], desk);
    if let Some(&room) = rooms.first() {
        switch::toggle(ui, last_cell(room, desk), param::MPE, desk);
    }
}
