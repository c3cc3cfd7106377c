//! The tools around the plane: how it is weighed, the place in numbers, the walk, the markers, and what is taken from it.

use egui::accesskit::Role;
use egui::{Align2, Color32, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::label::{self, menu};
use super::sources::{Choice, Kind, TAKEN};
use super::{Places, Scene};
use crate::control::set_once;
use crate::paint::control::{Place, focus_ring, react, value_text};
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, button, menu as control_menu, notice, switch};
use crate::paths::plane_editor::PlaneEditor;
use crate::paths::plane_editor::markers::{Markers, ask};
use crate::paths::plane_editor::source::{first, throw};
use crate::paths::plane_editor::walk::{WalkRecorder, told as told_of_walk};
use crate::paths::plane_editor::weighing::Weighing;
use crate::paths::{MAX_MARKERS, PathRequest};
use crate::{ParamId, Tone, param};

/// Points of a drag for the whole plane.
const DRAG_POINTS: f32 = 260.0;

/// Says that the plane is not heard, and offers to switch on what it takes.
pub fn unheard(ui: &Ui, row: Rect, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let is_off = |id: ParamId, cx: &PaintContext| cx.params.normalised(id) <= 0.0;
    let [plane, mode] = [param::PLANE, param::PATH_MODE].map(|id| is_off(id, cx));
    let (text, word) = match (plane, mode) {
        (true, false) => ("The plane is off: one path is heard by itself.", "Play the plane"),
        (false, _) => ("Paths are off: the plane is not heard.", "Play paths"),
        (true, true) => ("Paths and the plane are off: your playing is heard.", "Play the plane"),
    };
    let place = row.with_min_x(row.right() - metrics.px(112.0));
    let at = pos2(row.left() + metrics.px(4.0), row.center().y);
    notice::line(ui, at, text, metrics.small(), theme::TEXT, place.left() - at.x - metrics.px(10.0));
    let response = button::word(ui, place, ui.scope_id().with("plane on"), [word; 2], false, metrics);
    if response.on_hover_text("Sets Plane to Lines and Path mode to Replace, where they are off").clicked() {
        for id in [param::PLANE, param::PATH_MODE] {
            if is_off(id, cx) {
                let first = 1.0 / cx.params.step_count(id).unwrap_or(1).max(1) as f32;
                set_once(cx.params, id, first);
            }
        }
    }
}

/// What is wrong with what lies on the plane, on one line; the pointer reads the rest.
pub fn remark(ui: &Ui, row: Rect, text: &str, metrics: Metrics) {
    let left = row.left() + metrics.px(24.0);
    notice::sign(ui, pos2(row.left() + metrics.px(10.0), row.center().y), metrics.px(5.5), Tone::Trouble);
    notice::line(ui, pos2(left, row.center().y), text, metrics.small(), theme::TEXT, row.right() - left);
    let response = ui.interact(row, ui.scope_id().with("remark"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, text));
    response.on_hover_text(text);
}

/// Draws all of them.
pub fn paint(ui: &mut Ui, places: &Places, editor: &mut PlaneEditor, scene: &Scene, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    for (rect, text) in &places.headings {
        notice::line(ui, rect.left_center(), text, metrics.small(), theme::TEXT_QUIET, rect.width());
    }
    switch::segments(ui, places.mode, Place::Plane, param::PLANE, cx);
    for (rect, id, texts) in
        [(places.values[0], param::PLANE_X, ["Across", "X"]), (places.values[1], param::PLANE_Y, ["Up", "Y"])]
    {
        value(ui, rect, id, texts, cx);
    }
    let mpe = ["Moved by MPE notes", "MPE"];
    let why = cx.why_idle(param::PLANE_MPE).is_some();
    toggle(ui, places.mpe, param::PLANE_MPE, mpe, why, cx);
    walk(ui, places, &mut editor.walk, scene, cx);
    if scene.weighing == Weighing::Terrain && places.marker_tools[0].width() > 0.0 {
        markers(ui, places, &mut editor.markers, scene, cx);
    }
    for (rect, id, text) in [
        (places.takes[0], param::PATH_LATENT, ["Latent"; 2]),
        (places.takes[1], param::PATH_LOUDNESS, ["Loudness", "Loud"]),
        (places.takes[2], param::PATH_PITCH, ["Pitch"; 2]),
    ] {
        toggle(ui, rect, id, text, !scene.is_on, cx);
    }
}

/// A value with its name, a shorter one where room is scarce, to be dragged, turned, stepped or typed.
fn value(ui: &mut Ui, rect: Rect, id: ParamId, texts: [&str; 2], cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let response = react(ui, rect, Place::Plane, id, DRAG_POINTS, cx);
    let is_idle = cx.why_idle(id).is_some();
    button::ground(ui, &response, rect, !is_idle);
    focus_ring(ui, &response, rect.expand(2.0), 5.0);
    let margin = metrics.px(6.0);
    let field = Rect::from_min_max(
        pos2(rect.right() - margin - metrics.px(38.0), rect.top() + 3.0),
        rect.max - vec2(margin - 2.0, 3.0),
    );
    let ink = if is_idle { theme::IDLE } else { theme::TEXT_QUIET };
    let at = rect.left_center() + vec2(margin, 0.0);
    let names = texts.map(|text| notice::one_line(ui, text, metrics.small(), ink, field.left() - at.x));
    if let Some(name) = names.into_iter().find(|name| !name.elided) {
        ui.painter().galley(pos2(at.x, at.y - name.size().y * 0.5), name, ink);
    }
    if !cx.controls.is_dragging(id) {
        response.on_hover_text(control_menu::about(id, cx));
    }
    value_text(ui, field, Place::Plane, id, Align2::RIGHT_CENTER, metrics.small(), cx);
}

/// A small switch with its name inside, a shorter one where room is scarce: a filled sign and a frame while it is on.
fn toggle(ui: &Ui, rect: Rect, id: ParamId, texts: [&str; 2], is_idle: bool, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let (response, is_on) = switch::flip(ui, rect, Place::Plane, id, cx);
    let look = button::Segment { is_chosen: is_on, is_hot: response.hovered(), is_idle };
    button::tray(ui, rect, is_idle);
    button::segment(ui, rect, "", look, metrics);
    let (painter, radius) = (ui.painter(), metrics.fine(3.5));
    let ink = if is_idle { theme::IDLE } else { theme::TEXT };
    let [long, short] =
        texts.map(|text| notice::one_line(ui, text, metrics.small(), ink, rect.width() - metrics.px(20.0)));
    let galley = if long.elided { short } else { long };
    let whole = galley.size().x + metrics.px(13.0);
    let left = rect.center().x - whole * 0.5;
    let dot = pos2(left + radius, rect.center().y);
    painter.circle(dot, radius, if is_on { ink } else { Color32::TRANSPARENT }, egui::Stroke::new(1.2, ink));
    painter.galley(pos2(left + metrics.px(13.0), rect.center().y - galley.size().y * 0.5), galley, ink);
    focus_ring(ui, &response, rect.expand(2.0), 5.0);
    control_menu::attach(ui, &response, id, false, cx);
    response.on_hover_text(control_menu::about(id, cx));
}

/// Records a walk, plays it and clears it.
fn walk(ui: &Ui, places: &Places, recorder: &mut WalkRecorder, scene: &Scene, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let stored = &scene.paths.view.plane.walk;
    let [record, play, clear] = places.walk;
    let seconds = |elapsed_s: f32| format!("{elapsed_s:.1} s");
    let text = match (recorder.is_on(), recorder.elapsed_s()) {
        (false, _) => "Record".to_owned(),
        (true, None) => "Drag\u{2026}".to_owned(),
        (true, Some(elapsed_s)) => seconds(elapsed_s),
    };
    let response = record_button(ui, record, &text, recorder.is_on(), metrics);
    let help = "Records the way of the place: press, then drag over the plane; it begins with the first movement and ends \
                when you let go. By keys: W, arrows, W.";
    if response.on_hover_text(help).clicked() {
        toggle_recording(recorder, cx);
    }
    let is_idle = stored.is_empty() || cx.why_idle(param::PLANE_WALK).is_some();
    toggle(ui, play, param::PLANE_WALK, ["Play walk", "Walk"], is_idle, cx);
    let id = ui.scope_id().with("clear walk");
    let response = button::word(ui, clear, id, ["Clear walk"; 2], stored.is_empty(), metrics);
    if response.on_hover_text("Takes the recorded walk away.").clicked() && !stored.is_empty() {
        ask(cx.requests, PathRequest::SetWalk(Vec::new()));
    }
    if places.walk_text.width() > 0.0 {
        let text = match (recorder.is_on(), recorder.elapsed_s(), stored.last()) {
            (true, None, _) => "Drag over the plane to record.".to_owned(),
            (true, Some(_), _) => "Let go to keep it.".to_owned(),
            (false, _, None) => "No walk is recorded yet.".to_owned(),
            (false, _, Some(last)) => told_of_walk(last.time_s, cx.params),
        };
        let at = places.walk_text;
        notice::line(ui, at.left_center(), &text, metrics.small(), theme::TEXT_QUIET, at.width());
    }
}

/// Switches recording on or off; while the stored walk moves the place, no hand is heard: it stops.
pub fn toggle_recording(recorder: &mut WalkRecorder, cx: &mut PaintContext) {
    recorder.toggle(cx.requests);
    if recorder.is_on() && cx.params.normalised(param::PLANE_WALK) >= 0.5 {
        set_once(cx.params, param::PLANE_WALK, 0.0);
    }
}

/// A disc with a word; both are lit while it records.
fn record_button(ui: &Ui, rect: Rect, text: &str, is_on: bool, metrics: Metrics) -> egui::Response {
    let response = button::area(ui, rect, ui.scope_id().with("record walk"), "Record walk", true);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_on, "Record walk"));
    let painter = ui.painter();
    if is_on {
        painter.rect_filled(rect, 4.0, theme::RECORD);
    }
    let ink = if is_on { theme::BACKGROUND } else { theme::TEXT };
    let galley = notice::one_line(ui, text, metrics.small(), ink, rect.width() - metrics.px(20.0));
    let left = rect.center().x - (galley.size().x + metrics.px(13.0)) * 0.5;
    let radius = metrics.fine(4.0);
    let dot = if is_on { theme::BACKGROUND } else { theme::RECORD };
    painter.circle_filled(pos2(left + radius, rect.center().y), radius, dot);
    painter.galley(pos2(left + metrics.px(13.0), rect.center().y - galley.size().y * 0.5), galley, ink);
    focus_ring(ui, &response, rect.expand(1.0), 5.0);
    response
}

/// The chosen marker with its menu, and buttons to add, capture and remove.
fn markers(ui: &Ui, places: &Places, markers: &mut Markers, scene: &Scene, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let count = markers.all().len();
    let [add, capture, remove] = places.marker_tools;
    let id = ui.scope_id().with("plane markers");
    if scene.has_markers {
        let number = markers.selected();
        let title = format!("Marker {} of {count}", number + 1);
        let help = "Click to choose what is heard there. Page Up and Page Down choose another marker.";
        let response = label::paint(ui, places.marker, id.with("label"), [&title, help], number, scene, metrics);
        let choice = menu(ui, &response, Kind::Marker, &title, number, scene, metrics);
        carry_out(choice, markers, cx);
    }
    let word = |rect: Rect, text: &str, name: &str, help: &str, is_idle: bool| {
        let response = button::word(ui, rect, id.with(name), [text, name], is_idle, metrics);
        response.on_hover_text(help).clicked() && !is_idle
    };
    let is_full = !markers.has_room();
    let here = scene.paths.place;
    let help = format!("Puts a marker at the place that is heard. Double-click or Insert, too. {}", told(count));
    if word(add, "Add", "Add marker", &help, is_full) {
        let source = first(&scene.paths.view, throw(scene.now_s, None));
        markers.add(here, source, cx.requests);
    }
    let help = format!("Puts a marker with this moment at the place that is heard. {TAKEN} Key C, too.");
    if word(capture, "Capture", "Capture marker", &help, is_full) {
        markers.capture(here, cx.requests);
    }
    let help = "Takes the chosen marker away. Delete, too.";
    if word(remove, "Remove", "Remove marker", help, count == 0) {
        markers.remove(cx.requests);
    }
    let at = places.marker_text;
    if at.width() > 0.0 {
        notice::line(ui, at.left_center(), &told(count), metrics.small(), theme::TEXT_QUIET, at.width());
    }
}

/// How many markers there are.
fn told(count: usize) -> String {
    match count {
        0 => "Without any, the corners count.".to_owned(),
        1 => format!("1 marker of {MAX_MARKERS}."),
        _ => format!("{count} markers of {MAX_MARKERS}."),
    }
}

/// The keys of the plane and what they do, at the foot of `rect`; returns whether it has room for them.
pub fn legend(ui: &Ui, rect: Rect, scene: &Scene, metrics: Metrics) -> bool {
    let corners = [["1 to 4", "capture into a corner"], ["Home", "to the middle"]];
    let add = [["Insert, C", "add, capture a marker"]];
    let markers = [
        ["Page Up/Down", "choose a marker"],
        ["Ctrl arrows", "move it"],
        ["Enter", "what is heard there"],
        ["Delete", "remove it"],
    ];
    let mut lines = vec![["Arrows", "move the place"], ["W", "record a walk"]];
    if scene.weighing == Weighing::Terrain {
        lines.extend(add);
    }
    if scene.has_markers {
        lines.extend(markers);
    } else {
        lines.extend(corners);
    }
    let row = metrics.px(17.0);
    let height = row * (lines.len() + 1) as f32;
    if rect.width() <= 0.0 || rect.height() < height + metrics.px(10.0) {
        return false;
    }
    let top = rect.bottom() - height;
    let column = rect.left() + metrics.px(88.0);
    let at = |n: usize| top + row * (n as f32 + 0.5);
    ui.painter().hline(rect.x_range(), top - metrics.px(6.0), egui::Stroke::new(1.0, theme::LINE));
    notice::line(ui, pos2(rect.left(), at(0)), "Keys on the plane", metrics.small(), theme::TEXT_QUIET, rect.width());
    for (n, [key, what]) in lines.into_iter().enumerate() {
        let width = column - rect.left();
        notice::line(ui, pos2(rect.left(), at(n + 1)), key, metrics.small(), theme::TEXT, width);
        let width = rect.right() - column;
        notice::line(ui, pos2(column, at(n + 1)), what, metrics.small(), theme::TEXT_QUIET, width);
    }
    true
}

/// Does to the chosen marker what was chosen in its menu.
pub fn carry_out(choice: Option<Choice>, markers: &mut Markers, cx: &mut PaintContext) {
    match choice {
        Some(Choice::Source(Some(source))) => markers.set_source(source, cx.requests),
        Some(Choice::Remove) => markers.remove(cx.requests),
        Some(Choice::Capture) => markers.capture_again(cx.requests),
        Some(Choice::Source(None)) | None => {}
    }
}
