//! The project's eight paths, side by side: which is shown, which one plays, and what is wrong with one.

use egui::accesskit::Role;
use egui::{
    Align2, Id, Key, Modifiers, PointerButton, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::{menu, sign};
use crate::control::set_once;
use crate::paint::control::{arrows, focus_ring, info, pressed_on, presses};
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, notice};
use crate::param;
use crate::paths::editor::PathsEditor;
use crate::paths::{PATH_SLOTS, PathView, Recording};
use crate::summary::Tone;

/// From this width of a cell on, name and length have a line together with number and sign.
const WIDE: f32 = 76.0;
/// The height of cells without names.
const BARE: f32 = 24.0;

/// In cells narrower than this there is no room for names.
const NAMED: f32 = 42.0;

/// The height of the row: narrow cells have three lines, or the number alone.
pub fn height(width: f32, metrics: Metrics) -> f32 {
    let cell = cell_width(width, metrics);
    let high = if cell >= metrics.px(NAMED) { 46.0 } else { BARE };
    metrics.px(if cell >= metrics.px(WIDE) { 36.0 } else { high })
}

/// Whether the cells have no room for names.
pub fn is_bare(width: f32, metrics: Metrics) -> bool {
    cell_width(width, metrics) < metrics.px(NAMED)
}

fn cell_width(width: f32, metrics: Metrics) -> f32 {
    (width - metrics.px(24.0)) / PATH_SLOTS as f32
}

/// The slot of a parameter that counts from 1.
pub fn slot_of(id: crate::ParamId, cx: &PaintContext) -> usize {
    let plain = cx.params.plain(id, cx.params.normalised(id));
    (plain.round().max(1.0) as usize - 1).min(PATH_SLOTS - 1)
}

/// Which slot is chosen to play.
pub fn playing(cx: &PaintContext) -> usize {
    slot_of(param::PATH_SLOT, cx)
}

/// Which slot is morphed to; `None` while none is.
pub fn morphing(cx: &PaintContext) -> Option<usize> {
    let morphs = heard(cx).is_some() && cx.params.normalised(param::PATH_MORPH) > 0.0;
    morphs.then(|| slot_of(param::PATH_MORPH_SLOT, cx))
}

/// Whether paths are off.
pub fn is_off(cx: &PaintContext) -> bool {
    cx.params.normalised(param::PATH_MODE) <= 0.0
}

/// Whether the plane is played in the place of a slot.
pub fn is_plane(cx: &PaintContext) -> bool {
    cx.params.normalised(param::PLANE) > 0.0
}

/// Which slot is heard by itself; `None` while paths are off, and on the plane, where several play at once.
pub fn heard(cx: &PaintContext) -> Option<usize> {
    let is_alone = !is_off(cx) && !is_plane(cx);
    is_alone.then(|| playing(cx))
}

/// Lets a slot play by itself, in the place of what is heard where paths are off.
pub fn play(slot: usize, cx: &mut PaintContext) {
    let share = cx.params.normalise(param::PATH_SLOT, (slot + 1) as f32);
    set_once(cx.params, param::PATH_SLOT, share);
    play_slots(cx);
}

/// Lets the slots be heard and not the plane.
pub fn play_slots(cx: &mut PaintContext) {
    if is_plane(cx) {
        set_once(cx.params, param::PLANE, 0.0);
    }
    if is_off(cx) {
        let replace = 1.0 / cx.params.step_count(param::PATH_MODE).unwrap_or(1).max(1) as f32;
        set_once(cx.params, param::PATH_MODE, replace);
    }
}

/// Draws the row into `row`, with the menu of the slot shown at its end.
pub fn paint(ui: &Ui, row: Rect, editor: &mut PathsEditor, recording: Recording, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let button = row.with_min_x(row.right() - metrics.px(22.0));
    let cells = row.with_max_x(button.left() - metrics.px(2.0));
    let id = Id::unique("timbreloom path slots");
    let whole = ui.interact(cells, id, Sense::focusable_noninteractive());
    let mut asked_menu = false;
    if whole.has_focus() {
        let [right, up] = arrows(ui, id);
        let next = editor.shown() as f32 + right - up;
        if right != 0.0 || up != 0.0 {
            editor.show(next.clamp(0.0, (PATH_SLOTS - 1) as f32) as usize);
        }
        if presses(ui, Key::Enter) > 0.0 {
            play(editor.shown(), cx);
        }
        asked_menu = ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, Key::F10));
    }
    let width = cells.width() / PATH_SLOTS as f32;
    let cell = |slot: usize| {
        let left = cells.left() + width * slot as f32;
        Rect::from_min_size(pos2(left, cells.top()), vec2(width - metrics.px(3.0), cells.height()))
    };
    for slot in 0..PATH_SLOTS {
        let place = cell(slot);
        let response = ui.interact(place, id.with(slot), Sense::CLICK);
        let is_other = pressed_on(ui, &response, PointerButton::Secondary).is_some();
        asked_menu |= is_other;
        if response.clicked() || is_other {
            whole.request_focus();
            editor.show(slot);
        }
        if response.double_clicked() {
            play(slot, cx);
        }
        let path = editor.view().slots[slot].clone();
        let can_play = path.as_ref().is_some_and(|path| path.problem.is_empty());
        let look = Look {
            slot,
            is_shown: editor.shown() == slot,
            is_hot: response.hovered(),
            is_playing: can_play && heard(cx) == Some(slot),
            is_morphing: morphing(cx) == Some(slot),
            recorded: recorded(recording, slot),
        };
        let name = draw(ui, place, path.as_deref(), look, metrics);
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, look.is_shown, &name));
        let mut tooltip = name;
        if let Some(path) = path.as_deref() {
            let steps = path.steps.len();
            tooltip +=
                &format!("\nOf \u{201c}{}\u{201d}, {steps} step{}", path.model, if steps == 1 { "" } else { "s" });
            if !path.problem.is_empty() {
                tooltip += &format!("\n{}", path.problem);
            }
        }
        tooltip += "\nDouble-click or Enter: play it. Right click: more";
        response.on_hover_text(tooltip);
        if can_play && !look.is_playing && (look.is_hot || look.is_shown) && play_sign(ui, place, slot, metrics) {
            play(slot, cx);
        }
    }
    let said = cell_name(editor.view().slots[editor.shown()].as_deref(), editor.shown());
    whole.widget_info(|| info(Role::ListBox, "Paths", &said));
    focus_ring(ui, &whole, cell(editor.shown()).expand(2.0), 5.0);
    menu::paint(ui, button, cell(editor.shown()).left_bottom(), asked_menu, editor, cx);
}

/// Whether a slot is recorded into: armed, or under way.
fn recorded(recording: Recording, slot: usize) -> Option<bool> {
    match recording {
        Recording::Waiting { slot: into } if into == slot => Some(false),
        Recording::Running { slot: into, .. } if into == slot => Some(true),
        _ => None,
    }
}

/// How a cell looks.
#[derive(Clone, Copy)]
struct Look {
    slot: usize,
    is_shown: bool,
    is_hot: bool,
    is_playing: bool,
    is_morphing: bool,
    recorded: Option<bool>,
}

fn sign_place(place: Rect, metrics: Metrics) -> Pos2 {
    pos2(place.right() - metrics.px(10.0), place.top() + metrics.px(10.0))
}

/// The sign that lets a path play; returns whether it was pressed.
fn play_sign(ui: &Ui, place: Rect, slot: usize, metrics: Metrics) -> bool {
    let centre = sign_place(place, metrics);
    let id = Id::unique(("timbreloom path play", slot));
    let response = ui.interact(Rect::from_center_size(centre, vec2(1.0, 1.0) * metrics.px(18.0)), id, Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Play path {}", slot + 1)));
    let ink = if response.hovered() { theme::ACCENT } else { theme::TEXT_QUIET };
    sign::play(ui.painter(), centre, metrics.fine(4.5), false, ink);
    response.on_hover_text(format!("Play path {}", slot + 1)).clicked()
}

fn cell_name(path: Option<&PathView>, slot: usize) -> String {
    match path {
        Some(path) => format!("Path {}: {}, {:.1} s", slot + 1, path.name, path.length_s()),
        None => format!("Path {}: empty", slot + 1),
    }
}

/// Draws a cell; returns what it is called.
fn draw(ui: &Ui, place: Rect, path: Option<&PathView>, look: Look, metrics: Metrics) -> String {
    let painter = ui.painter_at(place.expand(1.0));
    let fill = match (look.is_shown, look.is_hot) {
        (true, _) => theme::RAISED_HOVER,
        (false, true) => theme::RAISED_HOVER.gamma_multiply(0.8),
        (false, false) if path.is_some() => theme::RAISED,
        (false, false) => theme::BACKGROUND.gamma_multiply(0.5),
    };
    painter.rect_filled(place, 4.0, fill);
    if look.is_shown {
        painter.rect_stroke(place, 4.0, Stroke::new(1.5, theme::ACCENT), StrokeKind::Inside);
    } else if path.is_none() {
        painter.rect_stroke(place, 4.0, Stroke::new(1.0, theme::LINE), StrokeKind::Inside);
    }
    let margin = metrics.px(6.0);
    let top = place.top() + metrics.px(10.0);
    let ink = if path.is_some() { theme::TEXT } else { theme::IDLE };
    let number = pos2(place.left() + margin, top);
    let number = painter.text(number, Align2::LEFT_CENTER, look.slot + 1, metrics.small(), ink);
    let centre = sign_place(place, metrics);
    let mut name = cell_name(path, look.slot);
    if look.is_playing {
        sign::play(&painter, centre, metrics.fine(4.5), true, theme::ACCENT);
        name += ", plays";
    } else if look.is_morphing {
        painter.circle_stroke(centre, metrics.fine(4.0), Stroke::new(1.5, theme::ACCENT));
        painter.circle_filled(centre, metrics.fine(1.6), theme::ACCENT);
        name += ", morphed to";
    }
    if let Some(is_running) = look.recorded {
        let at = pos2(number.right() + metrics.px(9.0), top);
        let radius = metrics.fine(4.0);
        match is_running {
            true => drop(painter.circle_filled(at, radius, theme::RECORD)),
            false => drop(painter.circle_stroke(at, radius, Stroke::new(1.5, theme::RECORD))),
        }
        name += if is_running { ", recording" } else { ", armed" };
    }
    let Some(path) = path else { return name };
    let width = place.width() - 2.0 * margin;
    let is_wide = place.height() < metrics.px(40.0);
    let mut left = number.right() + metrics.px(6.0);
    if !path.problem.is_empty() {
        notice::sign(ui, pos2(left + metrics.px(5.0), top), metrics.px(5.0), Tone::Trouble);
        left += metrics.px(15.0);
        name += ", does not play";
    }
    if place.height() <= metrics.px(BARE) {
        return name;
    }
    let line = |y: f32| place.top() + metrics.px(y);
    let name_at = pos2(place.left() + margin, line(if is_wide { 26.0 } else { 24.0 }));
    notice::line(ui, name_at, &path.name, metrics.small(), theme::TEXT, width);
    let length = super::length_text(path.length_s() as f32);
    let (at, room) = match is_wide {
        true => (pos2(left, top), centre.x - metrics.px(7.0) - left),
        false => (pos2(place.left() + margin, line(37.0)), width),
    };
    notice::line(ui, at, &length, metrics.small(), theme::TEXT_QUIET, room);
    name
}
