//! Around grain space: what the next stroke draws, and how the walk is walked.

use egui::accesskit::Role;
use egui::{Align2, Id, Rect, Ui, pos2, vec2};

use super::rail::{self, Rail};
use super::{Scene, ink, kinds, sign};
use crate::drums::grains::{BEATS, GrainsView, SECONDS, STEP, TURNS, length_text};
use crate::drums::{DrumsRequest, WalkKind, WalkLength};
use crate::paint::PaintContext;
use crate::paint::button::{self, Row};
use crate::paint::chooser::{self, Options};
use crate::paint::theme;

/// Plays the walk, or stops it.
pub fn play_or_stop(view: &GrainsView, scene: &Scene, requests: &mut Vec<DrumsRequest>) {
    if scene.status.walk_at.is_some() {
        requests.push(DrumsRequest::StopWalk);
    } else if view.has_walk() {
        requests.push(DrumsRequest::PlayWalk);
    }
}

/// Tools, class, clear, play and bounce.
pub fn above(
    ui: &Ui,
    rect: Rect,
    view: &mut GrainsView,
    scene: &Scene,
    cx: &PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let metrics = cx.metrics;
    let gap = metrics.px(6.0);
    let tools = rect.with_max_x(rect.left() + metrics.px(212.0).min(rect.width() * 0.42));
    let row = Row {
        id: Id::unique("timbreloom walk tool"),
        name: "Form of the walk",
        roles: [Role::RadioGroup, Role::RadioButton],
        options: &WalkKind::ALL.map(WalkKind::name),
    };
    if let Some(next) = button::row(ui, tools, row, view.tool as usize, metrics) {
        view.tool = WalkKind::ALL[next];
    }
    let bounce = rect.with_min_x(rect.right() - metrics.px(62.0));
    let play = rect.with_max_x(bounce.left() - gap).with_min_x(bounce.left() - gap - metrics.px(70.0));
    let clear = rect.with_max_x(play.left() - gap).with_min_x(play.left() - gap - metrics.px(52.0));
    let choice = Rect::from_min_max(pos2(tools.right() + gap, rect.top()), pos2(clear.left() - gap, rect.bottom()));
    let width = choice.width().min(metrics.px(160.0));
    class(ui, choice.with_max_x(choice.left() + width), view, scene, cx);
    let has_walk = view.has_walk();
    let id = Id::unique("timbreloom walk clear");
    if button::word(ui, clear, id, ["Clear", "Clear the walk"], !has_walk, metrics)
        .on_hover_text("Takes the walk away (Delete on the plane)")
        .clicked()
    {
        view.clear();
    }
    let is_playing = scene.status.walk_at.is_some();
    let (text, name) = if is_playing { ("Stop", "Stop the walk") } else { ("Play", "Play the walk") };
    let response = button::area(ui, play, Id::unique("timbreloom walk play"), name, true);
    if is_playing {
        ui.painter().rect_filled(play, 4.0, theme::ACCENT);
    }
    let ink = match (is_playing, has_walk) {
        (true, _) => theme::BACKGROUND,
        (false, true) => theme::TEXT,
        (false, false) => theme::IDLE,
    };
    let at = play.left_center() + vec2(metrics.px(16.0), 0.0);
    let draw = if is_playing { sign::stop } else { sign::play };
    draw(ui.painter(), at, metrics.fine(5.0), ink);
    ui.painter().text(at + vec2(metrics.px(12.0), 0.0), Align2::LEFT_CENTER, text, metrics.small(), ink);
    if response.on_hover_text("Walks through the grains (Space on the plane)").clicked() {
        play_or_stop(view, scene, requests);
    }
    let id = Id::unique("timbreloom walk bounce");
    let response = button::word(ui, bounce, id, ["Bounce", "Bounce the walk"], !has_walk, metrics);
    if response.on_hover_text("Writes the walk, once through, to a WAV file").clicked() && has_walk {
        requests.push(DrumsRequest::BounceWalk);
    }
}

/// Whose grains are heard.
fn class(ui: &Ui, rect: Rect, view: &mut GrainsView, scene: &Scene, cx: &PaintContext) {
    let count = scene.kit.classes.len();
    if count == 0 || rect.width() < cx.metrics.px(60.0) {
        return;
    }
    let name = |class: usize| kinds::name(scene.kit, class);
    let options = Options { count, shown: &name, item: &name, columns: 1 };
    let now = view.walk().class.min(count - 1);
    if let Some(next) = chooser::choose(ui, rect, "Kind of drum on the walk", now, options, cx.metrics) {
        view.edit("Walk Drum", |walk| walk.class = next);
    }
    let edge = rect.with_min_y(rect.bottom() - 2.0).shrink2(vec2(4.0, 0.0));
    ui.painter().rect_filled(edge, 1.0, ink::of(now));
}

/// How far apart its grains are, how long it takes, and what it does at its end.
pub fn below(ui: &Ui, rect: Rect, view: &mut GrainsView, scene: &Scene, cx: &PaintContext) {
    let metrics = cx.metrics;
    let gap = metrics.px(12.0);
    let narrow = metrics.px(134.0).min(rect.width() * 0.25);
    let end = rect.with_min_x(rect.right() - narrow).shrink2(vec2(0.0, metrics.px(5.0)));
    let unit = end.translate(vec2(-narrow - gap * 0.6, 0.0));
    let rails = rect.with_max_x(unit.left() - gap);
    let width = (rails.width() - gap * 2.0) / 3.0;
    let place = |n: usize| {
        Rect::from_min_size(pos2(rails.left() + (width + gap) * n as f32, rails.top()), vec2(width, rails.height()))
    };
    let walk = view.walk().clone();
    let class = ink::of(walk.class.min(scene.kit.classes.len().saturating_sub(1)));
    let is_round = matches!(walk.kind, WalkKind::Circle | WalkKind::Spiral);
    let id = |n: usize| Id::unique("timbreloom walk").with(n);
    let rail = Rail {
        label: "Step",
        name: "Step size",
        tooltip: "How far apart the grains of the walk are",
        value: walk.step,
        range: STEP,
        rest: 0.1,
        step: 0.02,
        text: &format!("{:.2}", walk.step),
        is_idle: false,
        colour: class,
    };
    if let Some(moved) = rail::paint(ui, place(0), id(0), &rail, metrics) {
        view.hold();
        view.edit("Walk Step", |walk| walk.step = moved.value());
    }
    let rail = Rail {
        label: "Turns",
        name: "Turns",
        tooltip: "Rounds of a circle, windings of a spiral",
        value: walk.turns,
        range: TURNS,
        rest: 1.0,
        step: 0.25,
        text: &format!("{:.2}", walk.turns),
        is_idle: !is_round,
        colour: class,
    };
    if let Some(moved) = rail::paint(ui, place(1), id(1), &rail, metrics) {
        view.hold();
        // Quarters: a circle closes.
        view.edit("Walk Turns", |walk| walk.turns = (moved.value() * 4.0).round() / 4.0);
    }
    length(ui, place(2), id(2), view, class, cx);
    let row = |id, name, options| Row { id, name, roles: [Role::RadioGroup, Role::RadioButton], options };
    let is_timed = matches!(walk.length, WalkLength::Beats(_));
    let chosen = row(Id::unique("timbreloom walk unit"), "Length in", &["Beats", "Seconds"]);
    if let Some(next) = button::row(ui, unit, chosen, usize::from(!is_timed), metrics) {
        let length = if next == 0 { WalkLength::Beats(4.0) } else { WalkLength::Seconds(2.0) };
        view.edit("Walk Length", |walk| walk.length = length);
    }
    let chosen = row(Id::unique("timbreloom walk end"), "At the end", &["Again", "To and fro"]);
    if let Some(next) = button::row(ui, end, chosen, usize::from(walk.is_pendulum), metrics) {
        view.edit("Walk End", |walk| walk.is_pendulum = next == 1);
    }
}

/// A rail over note values, or over seconds.
fn length(ui: &Ui, rect: Rect, id: Id, view: &mut GrainsView, colour: egui::Color32, cx: &PaintContext) {
    let now = view.walk().length;
    let beats = |beats: f32| BEATS.iter().position(|&value| value >= beats).unwrap_or(BEATS.len() - 1);
    let (value, range, rest, step) = match now {
        WalkLength::Beats(length) => (beats(length) as f32, [0.0, BEATS.len() as f32 - 1.0], 4.0, 1.0),
        WalkLength::Seconds(seconds) => (seconds, SECONDS, 2.0, 0.1),
    };
    let rail = Rail {
        label: "Time",
        name: "Length of the walk",
        tooltip: "How long the walk takes from its beginning to its end",
        value,
        range,
        rest,
        step,
        text: &length_text(now),
        is_idle: false,
        colour,
    };
    if let Some(moved) = rail::paint(ui, rect, id, &rail, cx.metrics) {
        view.hold();
        let length = match now {
            WalkLength::Beats(_) => WalkLength::Beats(BEATS[(moved.value().round() as usize).min(BEATS.len() - 1)]),
            WalkLength::Seconds(_) => WalkLength::Seconds((moved.value() * 10.0).round() / 10.0),
        };
        view.edit("Walk Length", |walk| walk.length = length);
    }
}
