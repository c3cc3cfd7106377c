//! The view of latent paths: slots, the curve editor, the steps, and how a path is played.

mod amount;
mod axes;
mod chips;
mod curve;
mod menu;
mod overview;
mod record;
mod sign;
mod slots;
mod steps;
mod tools;
mod touch;
mod trace;
mod transport;

use egui::accesskit::Role;
use egui::{Align2, Id, Key, Popup, Rect, Ui, pos2, vec2};

use super::button::{self, Row};
use super::plot::{empty, ground, is_too_small};
use super::theme::{self, Metrics};
use super::{PaintContext, notice};
use crate::keys;
use crate::paths::editor::{Pane, PathsEditor, Target};
use crate::paths::files;
use crate::paths::{PathRequest, PathsStatus, Recording};
use crate::session::Request;
use crate::summary::Tone;
use crate::{ModelView, Status};
use curve::Scene;

/// From this width on the steps stand beside the curve, in points of the design.
const BESIDE: f32 = 740.0;
/// From this height on the steps stand between curve and parameters.
const TALL: f32 = 620.0;
/// The width of the steps beside the curve.
const COLUMN: f32 = 300.0;
/// From this width on the operators of the steps stand beside the tabs.
const OPERATORS_BESIDE: f32 = 480.0;
/// The curve is not drawn lower than this.
const LEAST_CURVE: f32 = 84.0;

/// Draws the view into the whole of `rect`.
pub fn paint(
    ui: &mut Ui,
    rect: Rect,
    editor: &mut PathsEditor,
    status: &Status,
    _model: &ModelView,
    cx: &mut PaintContext,
) {
    let metrics = cx.metrics;
    let inner = ground(ui, rect, metrics);
    if is_too_small(inner) {
        return;
    }
    let paths = &status.paths;
    // Menus and fields of values take keys of their own, and may close upon them before the view comes to its keys.
    let is_free = !(Popup::is_any_open(ui.ctx()) || cx.controls.is_typing() || editor.typing.is_some());
    editor.show_first(slots::playing(cx));
    take_files(ui, editor, cx);
    let mut left = inner;
    let record_width = metrics.px(if inner.width() >= metrics.px(620.0) { 104.0 } else { 66.0 });
    let slots_width = inner.width() - record_width - metrics.px(6.0);
    let slots = take(&mut left, slots::height(slots_width, metrics), metrics.px(6.0));
    let record = Rect::from_min_max(pos2(slots.right() - record_width, slots.top()), slots.max);
    let record = Rect::from_center_size(record.center(), vec2(record_width, metrics.px(26.0)));
    slots::paint(ui, slots.with_max_x(record.left() - metrics.px(6.0)), editor, paths.recording, cx);
    record::paint(ui, record, editor, paths.recording, cx);
    // The lines keep their room while they are empty: nothing moves under the hand.
    if slots::is_bare(slots_width, metrics) {
        let line = take(&mut left, metrics.px(15.0), metrics.px(4.0));
        let text = editor.path().map(|path| format!("{}, {}", path.name, length_text(path.length_s() as f32)));
        let at = line.left_center() + vec2(metrics.px(4.0), 0.0);
        notice::line(ui, at, &text.unwrap_or_default(), metrics.small(), theme::TEXT_QUIET, line.right() - at.x);
    }
    let line = take(&mut left, metrics.px(20.0), metrics.px(4.0));
    if !messages(ui, line, editor, paths.recording, metrics) && editor.path().is_some() {
        unheard(ui, line, editor.shown(), cx);
    }
    body(ui, left, editor, paths, cx);
    if is_free && !ui.ctx().text_edit_focused() {
        take_keys(ui, rect, editor, paths.recording, cx);
    }
    let is_let_go = ui.input(|input| {
        let keys = [Key::ArrowUp, Key::ArrowDown, Key::ArrowLeft, Key::ArrowRight, Key::PageUp, Key::PageDown];
        !input.pointer.any_down() && !keys.iter().any(|&key| input.key_down(key))
    });
    editor.tell(is_let_go, ui.input(|input| input.time), cx.requests);
}

/// Cuts so much off the top, and a gap.
fn take(left: &mut Rect, height: f32, gap: f32) -> Rect {
    let taken = left.with_max_y((left.top() + height).min(left.bottom()));
    left.set_top((taken.bottom() + gap).min(left.bottom()));
    taken
}

/// The same off the bottom.
fn take_below(left: &mut Rect, height: f32, gap: f32) -> Rect {
    let taken = left.with_min_y((left.bottom() - height).max(left.top()));
    left.set_bottom((taken.top() - gap).max(left.top()));
    taken
}

/// Everything below the slots.
fn body(ui: &mut Ui, all: Rect, editor: &mut PathsEditor, paths: &PathsStatus, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let gap = metrics.px(6.0);
    let mut left = all;
    // The curve first: it is the first stop of the Tab key, whatever lies around.
    let is_beside = all.width() >= metrics.px(BESIDE) && all.height() >= metrics.px(250.0);
    let playing = transport::height(all.width(), metrics);
    if is_beside || all.height() >= metrics.px(TALL) {
        let below = take_below(&mut left, playing, gap);
        let list = if is_beside {
            let column = left.with_min_x(left.right() - metrics.px(COLUMN));
            left.set_right(column.left() - metrics.px(8.0));
            column
        } else {
            take_below(&mut left, (all.height() * 0.3).min(metrics.px(260.0)), gap)
        };
        canvas(ui, left, editor, paths, cx);
        steps(ui, list, editor, cx);
        return transport::paint(ui, below, cx);
    }
    let row_height = metrics.px(22.0);
    let axes = axes::height(all.width(), editor.dims(), metrics);
    let rest = all.height() - row_height - playing - axes - metrics.px(82.0);
    if editor.pane != Pane::Curve && rest >= metrics.px(LEAST_CURVE) {
        let room = take_below(&mut left, playing, metrics.px(4.0));
        let row = take_below(&mut left, row_height, gap);
        canvas(ui, left, editor, paths, cx);
        tabs(ui, row, editor, cx);
        return pane(ui, room, editor, cx);
    }
    let row = take_below(&mut left, row_height, gap);
    match editor.pane {
        Pane::Curve => canvas(ui, left, editor, paths, cx),
        // Lower than the window can be: one thing at a time.
        _ => pane(ui, left, editor, cx),
    }
    tabs(ui, row, editor, cx);
}

fn pane(ui: &mut Ui, rect: Rect, editor: &mut PathsEditor, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    match editor.pane {
        Pane::Curve => {}
        Pane::Steps if rect.width() < metrics.px(OPERATORS_BESIDE) => steps(ui, rect, editor, cx),
        Pane::Steps => steps::list(ui, rect, editor, cx),
        Pane::Playing => transport::paint(ui, rect, cx),
    }
}

/// What lies beneath the curve, and beside that the operators of the steps.
fn tabs(ui: &mut Ui, row: Rect, editor: &mut PathsEditor, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let place = row.with_max_x(row.left() + metrics.px(186.0).min(row.width()));
    let options = Row {
        id: Id::unique("timbreloom path pane"),
        name: "Beneath the curve",
        roles: [Role::TabList, Role::Tab],
        options: &["Curve", "Steps", "Playing"],
    };
    let panes = [Pane::Curve, Pane::Steps, Pane::Playing];
    let chosen = panes.iter().position(|&pane| pane == editor.pane).unwrap_or(0);
    if let Some(next) = button::row(ui, place, options, chosen, metrics) {
        editor.pane = panes[next];
    }
    if row.width() >= metrics.px(OPERATORS_BESIDE) && editor.pane != Pane::Playing {
        steps::operators(ui, row.with_min_x(place.right() + metrics.px(10.0)), editor, cx);
    }
}

/// The steps with their title and operators.
fn steps(ui: &mut Ui, rect: Rect, editor: &mut PathsEditor, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let mut left = rect;
    let operators = take(&mut left, metrics.px(22.0), metrics.px(4.0));
    steps::operators(ui, operators, editor, cx);
    steps::list(ui, left, editor, cx);
}

/// Tools, axes, curve and overview; without a path, what to do.
fn canvas(ui: &mut Ui, rect: Rect, editor: &mut PathsEditor, paths: &PathsStatus, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let gap = metrics.px(5.0);
    let mut left = rect;
    let Some(path) = editor.path().cloned() else {
        ui.painter().rect_filled(rect, 4.0, theme::BACKGROUND);
        return without_path(ui, rect, editor, paths.recording, metrics);
    };
    let row = take(&mut left, metrics.px(22.0), gap);
    tools::paint(ui, row, editor, cx);
    let row = take(&mut left, axes::height(rect.width(), editor.dims(), metrics), gap);
    axes::paint(ui, row, editor, metrics);
    let bar = take_below(&mut left, metrics.px(14.0), metrics.px(3.0));
    if path.hops == 0 {
        ui.painter().rect_filled(left, 4.0, theme::BACKGROUND);
        let text = if path.problem.is_empty() { "This path is empty." } else { &path.problem };
        return empty(ui, left, text, metrics);
    }
    let is_heard = [slots::heard(cx), slots::morphing(cx)].contains(&Some(editor.shown()));
    let playhead_s = paths.at.filter(|_| is_heard).map(|at| at * path.length_s() as f32);
    let scene = Scene { path: &path, status: paths, playhead_s };
    curve::paint(ui, left, editor, scene, cx);
    overview::paint(ui, bar, editor, scene, metrics);
}

/// What is being recorded here, or what to do where there is no path.
fn without_path(ui: &Ui, rect: Rect, editor: &PathsEditor, recording: Recording, metrics: Metrics) {
    let slot = editor.shown();
    match recording {
        Recording::Running { slot: into, elapsed_s, length_s } if into == slot => {
            let at = rect.center();
            let text = format!("{elapsed_s:.1} s");
            ui.painter().text(at, Align2::CENTER_BOTTOM, text, metrics.title(), theme::TEXT);
            let size = vec2((rect.width() * 0.6).min(metrics.px(320.0)), metrics.px(6.0));
            let bar = Rect::from_center_size(at + vec2(0.0, metrics.px(12.0)), size);
            ui.painter().rect_filled(bar, 3.0, theme::RAISED);
            // Without an end the bar says only that it goes on.
            let share = length_s.map_or(1.0, |length_s| (elapsed_s / length_s.max(0.1)).clamp(0.0, 1.0));
            let done = bar.with_max_x(bar.left() + bar.width() * share);
            ui.painter().rect_filled(done, 3.0, theme::RECORD);
        }
        Recording::Waiting { slot: into } if into == slot => {
            let what = record::awaited(editor, slot).unwrap_or("it begins by itself");
            empty(ui, rect, &format!("Armed: {what}."), metrics);
        }
        _ => {
            let text = format!(
                "Slot {} is empty. Press Record and play something, or open the menu above to import a sound or make a random walk.",
                slot + 1
            );
            empty(ui, rect, &text, metrics);
        }
    }
}

/// Says what is most important in one line, and all there is when the pointer is over it; returns whether there is anything.
fn messages(ui: &Ui, line: Rect, editor: &PathsEditor, recording: Recording, metrics: Metrics) -> bool {
    let problem = editor.path().filter(|path| path.hops > 0).map_or("", |path| &path.problem);
    let said: Vec<(String, Option<Tone>)> = [
        (editor.trouble.to_owned(), Some(Tone::Trouble)),
        (record::state(editor, recording), None),
        (problem.to_owned(), Some(Tone::Trouble)),
        (editor.view().note.clone(), Some(Tone::Trouble)),
    ]
    .into_iter()
    .filter(|(text, _)| !text.is_empty())
    .collect();
    let Some((text, tone)) = said.first() else { return false };
    let all: Vec<&str> = said.iter().map(|(text, _)| text.as_str()).collect();
    message(ui, line, text, &all.join("\n"), *tone, metrics);
    true
}

/// Says that no slot is heard, and offers to play the one shown, or the slots instead of the plane.
fn unheard(ui: &Ui, line: Rect, slot: usize, cx: &mut PaintContext) {
    let is_off = slots::is_off(cx);
    if !is_off && !slots::is_plane(cx) {
        return;
    }
    let (text, word, tooltip) = match is_off {
        true => {
            let tooltip = "Lets this path play, and sets Path mode to Replace";
            ("Paths are off: your playing is heard.", "Play it", tooltip)
        }
        false => ("The plane is played: the slots are not heard.", "Play paths", "Sets Plane to Off"),
    };
    let metrics = cx.metrics;
    let place = line.with_min_x(line.right() - metrics.px(74.0));
    let at = pos2(line.left() + metrics.px(4.0), line.center().y);
    notice::line(ui, at, text, metrics.small(), theme::TEXT_QUIET, place.left() - at.x - metrics.px(10.0));
    let id = Id::unique("timbreloom path play it");
    if button::word(ui, place, id, [word; 2], false, metrics).on_hover_text(tooltip).clicked() {
        match is_off {
            true => slots::play(slot, cx),
            false => slots::play_slots(cx),
        }
    }
}

/// A line with the sign of a tone; without one it is of the recording.
fn message(ui: &Ui, line: Rect, text: &str, tooltip: &str, tone: Option<Tone>, metrics: Metrics) {
    let centre = pos2(line.left() + metrics.px(8.0), line.center().y);
    match tone {
        Some(tone) => notice::sign(ui, centre, metrics.px(5.5), tone),
        None => drop(ui.painter().circle_filled(centre, metrics.fine(4.5), theme::RECORD)),
    }
    let at = pos2(line.left() + metrics.px(20.0), line.center().y);
    notice::line(ui, at, text, metrics.small(), theme::TEXT_QUIET, line.right() - at.x);
    let response = ui.interact(line, Id::unique("timbreloom path message"), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Status, true, text));
    response.on_hover_text(tooltip);
}

/// Keys that the whole view has: R records while the keyboard is anywhere in it; Escape gives a recording up, else it leaves an
/// envelope. A stroke takes Escape before.
fn take_keys(ui: &Ui, rect: Rect, editor: &mut PathsEditor, recording: Recording, cx: &mut PaintContext) {
    let focused = ui.memory(|memory| memory.focused());
    let is_here = focused.and_then(|id| ui.ctx().read_response(id)).is_some_and(|there| rect.contains_rect(there.rect));
    if is_here {
        keys::claim(ui, keys::Reach::Letters);
    } else if recording != Recording::Off {
        keys::claim(ui, keys::Reach::Controls);
    }
    if is_here && ui.input(|input| input.key_pressed(Key::R) && input.modifiers.is_none()) {
        record::toggle(editor, recording, cx.requests);
    }
    if ui.input(|input| input.key_pressed(Key::Escape)) {
        match (recording, editor.target()) {
            (Recording::Off, Target::Envelope(_)) => drop(editor.select_none()),
            (Recording::Off, Target::Line(_)) => {}
            _ => cx.requests.push(Request::Path(PathRequest::CancelRecording)),
        }
    }
}

/// Files that are dropped while the view is shown: sounds and paths go into the slot shown if it is empty.
fn take_files(ui: &Ui, editor: &PathsEditor, cx: &mut PaintContext) {
    let mut slot = editor.import_slot();
    ui.input_mut(|input| {
        input.raw.dropped_files.retain(|file| {
            let is_taken = files::may_be_path(file.path());
            if is_taken {
                let (slot, path) = (slot.take(), file.path().to_owned());
                cx.requests.push(Request::Path(PathRequest::Import { slot, path }));
            }
            !is_taken
        });
    });
}

/// A length in words, short.
fn length_text(length_s: f32) -> String {
    match length_s {
        0.0..100.0 => format!("{length_s:.1} s"),
        _ => {
            let whole = length_s.round() as u32;
            format!("{}:{:02}", whole / 60, whole % 60)
        }
    }
}
