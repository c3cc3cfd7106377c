//! The strip of controls: the selected track's hit and what shapes it, and the whole kit.

use egui::{FontId, Id, Rect, ScrollArea, Ui, pos2, vec2};

use super::light::{self, Look};
use super::{Scene, Views, kinds, number, pad};
use crate::ParamId;
use crate::drums::layout::{Group, Layout};
use crate::drums::throw::Throw;
use crate::drums::{DrumsRequest, TRACKS, param};
use crate::paint::control::Place;
use crate::paint::strip::{GAP, card, card_height, corner, knob_row, label_of, last_cell};
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, bar, button, fade, knob, switch};

/// Knobs side by side, all as wide.
const WIDTHS: [f32; 4] = [1.0; 4];
const ROW: f32 = 23.0;
const SEAM: f32 = 4.0;
/// How hard a track is heard by its button.
const VELOCITY: f32 = 0.8;
/// The lowest pad, and the highest one as a share of its width.
const LEAST_PAD: f32 = 92.0;
const TALLEST_PAD: f32 = 0.85;

/// The height of a group's content.
fn content(group: Group, pad: f32, metrics: Metrics) -> f32 {
    let (row, knobs) = (metrics.px(ROW + SEAM), knob::height(metrics));
    match group {
        // Kinds, blend, what is thrown in three rows, and how far the pad is moved.
        Group::Hit => row * 6.0 + pad,
        Group::Shape => knobs + metrics.px(SEAM) + metrics.px(ROW),
        Group::Kit => knobs + metrics.px(SEAM) + metrics.px(ROW),
    }
}

const GROUPS: [Group; 3] = [Group::Hit, Group::Shape, Group::Kit];

/// Fills `ui` with the groups; the pad has what room is left.
pub fn paint(
    ui: &mut Ui,
    views: &mut Views,
    layout: &mut Layout,
    scene: &Scene,
    cx: &mut PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let metrics = cx.metrics;
    let track = views.beat.cursor().track;
    ui.spacing_mut().item_spacing = vec2(0.0, metrics.px(GAP));
    let open = |layout: &Layout, group: Group, pad: f32| {
        (!layout.folded.contains(&group)).then(|| content(group, pad, metrics))
    };
    let others: f32 =
        GROUPS.into_iter().map(|group| card_height(open(layout, group, 0.0), metrics) + metrics.px(GAP)).sum();
    let most = (ui.available_width() - metrics.px(16.0)) * TALLEST_PAD;
    let least = metrics.px(LEAST_PAD);
    let tall = (ui.available_height() - others).clamp(least, most.max(least)).floor();
    if others + tall <= ui.available_height() + 1.0 {
        // Nothing scrolls: no room is kept for a bar.
        ui.spacing_mut().scroll.floating_allocated_width = 0.0;
    }
    let list = ScrollArea::vertical().id_salt("drum controls").auto_shrink(false).show(ui, |ui| {
        for group in GROUPS {
            let height = card_height(open(layout, group, tall), metrics);
            let (_, place) = ui.allocate_space(vec2(ui.available_width(), height));
            let title = match group {
                Group::Hit => format!("Track {}", track + 1),
                Group::Shape => "Shape".to_owned(),
                Group::Kit => "Kit".to_owned(),
            };
            let card = card(ui, place, &title, Some(!layout.folded.contains(&group)), cx);
            if card.is_toggled {
                layout.fold(group);
            }
            beside_title(ui, place, group, track, cx, requests);
            let Some(inner) = card.inner else { continue };
            match group {
                Group::Hit => hit(ui, inner, tall, views, scene, cx, requests),
                Group::Shape => shape(ui, inner, track, cx),
                Group::Kit => kit(ui, inner, cx, requests),
            }
        }
    });
    fade::paint(ui, &list, theme::BACKGROUND, metrics);
}

/// A button beside a group's title.
fn beside(ui: &Ui, place: Rect, text: &str, name: &str, tooltip: &str, cx: &PaintContext) -> bool {
    let id = Id::unique(("timbreloom drums beside", text));
    button::word(ui, place, id, [text, name], false, cx.metrics).on_hover_text(tooltip).clicked()
}

fn beside_title(
    ui: &Ui,
    card: Rect,
    group: Group,
    track: usize,
    cx: &mut PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let right = corner(card, 62.0, cx);
    match group {
        Group::Hit => {
            let left = right.translate(vec2(-right.width() - cx.metrics.px(6.0), 0.0));
            let left = left.with_min_x(left.right() - cx.metrics.px(46.0));
            if beside(ui, left, "Hear", "Hear the track", "Plays the hit once (H on the grid)", cx) {
                requests.push(DrumsRequest::PlayHit { track, velocity: VELOCITY });
            }
            if beside(ui, right, "Bounce", "Bounce the hit", "Writes the hit to a WAV file", cx) {
                requests.push(DrumsRequest::BounceHit { track });
            }
        }
        Group::Shape => {
            let place = corner(card, 74.0, cx);
            switch::list(ui, place, Place::Strip, param::CHOKE[track], cx);
            label_of(ui, place, "Choke", cx);
        }
        Group::Kit => {
            let place = corner(card, 92.0, cx);
            let limiter = Rect::from_min_size(place.min - vec2(cx.metrics.px(72.0), 0.0), place.size());
            switch::toggle(ui, limiter.with_max_x(limiter.left() + cx.metrics.px(66.0)), param::LIMITER, cx);
            let tooltip = "Writes the patterns that are played, once through, to a WAV file";
            if beside(ui, place, "Bounce loop", "Bounce the loop", tooltip, cx) {
                requests.push(DrumsRequest::BounceLoop);
            }
        }
    }
}

/// Cuts rows off from above.
struct Rows {
    left: Rect,
    seam: f32,
}

impl Rows {
    fn take(&mut self, height: f32) -> Rect {
        let row = self.left.with_max_y(self.left.top() + height);
        self.left.set_top(row.bottom() + self.seam);
        row
    }
}

/// All of the selected track's hit, with a pad so high.
fn hit(
    ui: &mut Ui,
    inner: Rect,
    tall: f32,
    views: &mut Views,
    scene: &Scene,
    cx: &mut PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let track = views.beat.cursor().track;
    let metrics = cx.metrics;
    let row = metrics.px(ROW);
    let mut rows = Rows { left: inner, seam: metrics.px(SEAM) };
    let kinds_row = rows.take(row);
    let half = (kinds_row.width() - metrics.px(6.0)) * 0.5;
    kinds::list(ui, kinds_row.with_max_x(kinds_row.left() + half), param::CLASS[track], scene.kit, cx);
    kinds::list(ui, kinds_row.with_min_x(kinds_row.right() - half), param::CLASS_B[track], scene.kit, cx);
    labelled(ui, rows.take(row), "Blend", param::BLEND[track], cx);
    pad::paint(ui, rows.take(tall - metrics.px(2.0)), track, &mut views.pad, scene, cx);
    let place = rows.take(row);
    let half = (place.width() - metrics.px(8.0)) * 0.5;
    for (place, text, id) in [
        (place.with_max_x(place.left() + half), "X", param::PAD_X[track]),
        (place.with_min_x(place.right() - half), "Y", param::PAD_Y[track]),
    ] {
        let label = metrics.px(14.0);
        quiet(ui, place, text, cx);
        bar::paint(ui, place.with_min_x(place.left() + label), id, cx);
    }
    for (throw, number, amount) in [
        (Throw::Draw, param::DRAW, None),
        (Throw::Vary, param::VARIATION, Some(param::VARY)),
        (Throw::Morph, param::MORPH_DRAW, Some(param::MORPH)),
    ] {
        thrown(ui, rows.take(row), track, (throw, number[track], amount.map(|ids| ids[track])), cx, requests);
    }
}

/// A button that throws, the number that it throws, and how much of it is heard.
fn thrown(
    ui: &mut Ui,
    row: Rect,
    track: usize,
    (throw, number, amount): (Throw, ParamId, Option<ParamId>),
    cx: &mut PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let metrics = cx.metrics;
    let gap = metrics.px(6.0);
    let press = row.with_max_x(row.left() + metrics.px(56.0));
    let id = Id::unique(("timbreloom throw", throw.name()));
    let names = [throw.name(), &format!("{} the selected track", throw.name())];
    let response = button::word(ui, press, id, names, false, metrics);
    if response.on_hover_text(format!("{}: {}", throw.name(), throw.about())).clicked() {
        throw.one(track, cx.params, requests);
    }
    let place = row.with_min_x(press.right() + gap).with_max_x(press.right() + gap + metrics.px(88.0));
    number::paint(ui, place, number, cx);
    let rest = row.with_min_x(place.right() + gap);
    match amount {
        Some(amount) => bar::paint(ui, rest, amount, cx),
        None => light::word(ui, rest, param::PATH[track], Look { on: theme::ACCENT, text: "Grain line", key: "" }, cx),
    }
}

fn quiet(ui: &Ui, row: Rect, text: &str, cx: &PaintContext) {
    let font = cx.metrics.small();
    ui.painter().text(row.left_center(), egui::Align2::LEFT_CENTER, text, font, theme::TEXT_QUIET);
}

fn labelled(ui: &mut Ui, row: Rect, text: &str, id: ParamId, cx: &mut PaintContext) {
    quiet(ui, row, text, cx);
    bar::paint(ui, row.with_min_x(row.left() + cx.metrics.px(42.0)), id, cx);
}

fn shape(ui: &mut Ui, inner: Rect, track: usize, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let knobs = [
        (param::TUNE[track], "Tune"),
        (param::DECAY[track], "Decay"),
        (param::LEVEL[track], "Level"),
        (param::PAN[track], "Pan"),
    ];
    knob_row(ui, inner, &WIDTHS, &knobs, cx);
    let row = inner.with_min_y(inner.bottom() - metrics.px(ROW));
    let width = (row.width() - metrics.px(SEAM) * 3.0) / 4.0;
    let switches = [
        (param::REVERSE, "Reverse", theme::ACCENT, ""),
        (param::LOCK, "Lock", theme::NEUTRAL, "L"),
        (param::MUTE, "Mute", theme::WARNING, "M"),
        (param::SOLO, "Solo", theme::ACCENT, "S"),
    ];
    for (n, (ids, text, on, key)) in switches.into_iter().enumerate() {
        let left = row.left() + (width + metrics.px(SEAM)) * n as f32;
        let place = Rect::from_min_size(pos2(left, row.top()), vec2(width, row.height()));
        light::word(ui, place, ids[track], Look { on, text, key }, cx);
    }
}

fn kit(ui: &mut Ui, inner: Rect, cx: &mut PaintContext, requests: &mut Vec<DrumsRequest>) {
    let metrics = cx.metrics;
    let knobs = [(param::OUTPUT_GAIN, "Output"), (param::TAKE, "Take"), (param::SENSITIVITY, "Sensitivity")];
    knob_row(ui, inner, &WIDTHS, &knobs, cx);
    let place = last_cell(inner, cx);
    let at = place.center_top() - vec2(0.0, metrics.px(7.0));
    let font = FontId::proportional(metrics.px(11.0));
    ui.painter().text(at, egui::Align2::CENTER_CENTER, "Side-chain", font, theme::TEXT_QUIET);
    light::word(ui, place, param::LISTEN, Look { on: theme::ACCENT, text: "Listen", key: "" }, cx);
    let row = inner.with_min_y(inner.bottom() - metrics.px(ROW));
    let width = (row.width() - metrics.px(SEAM) * 2.0) / 3.0;
    let locked = (0..TRACKS).filter(|&track| cx.params.normalised(param::LOCK[track]) >= 0.5).count();
    for (n, throw) in Throw::ALL.into_iter().enumerate() {
        let left = row.left() + (width + metrics.px(SEAM)) * n as f32;
        let place = Rect::from_min_size(pos2(left, row.top()), vec2(width, row.height()));
        let text = format!("{} all", throw.name());
        let id = Id::unique(("timbreloom throw all", throw.name()));
        let response = button::word(ui, place, id, [&text, &text], locked == TRACKS, metrics);
        let tooltip = format!("For every track that is not locked: {}. One step of undo", throw.about());
        if response.on_hover_text(tooltip).clicked() {
            throw.all(cx.params, requests);
        }
    }
}
