//! What pointer, wheel and keys do on the curve, and what a screen reader is told of it.

use egui::accesskit::{Action, Role};
use egui::{CursorIcon, Event, EventFilter, Id, Key, Modifiers, PointerButton, Pos2, Response, Sense, Ui};

use super::trace::Plot;
use crate::paint::PaintContext;
use crate::paint::control::{arrows, info, is_fine, pressed_on, presses, stop_scrolling, wheel_notches};
use crate::paths::editor::{Hand, PathsEditor, Target, Tool, range_name, scale};
use crate::paths::{PathAxis, PathsStatus, Recording};

/// A notch of the wheel moves by such a share of what is in sight, or zooms by such a factor.
const SCROLL: f32 = 0.12;
const ZOOM: f32 = 0.8;

fn hand(ui: &Ui, plot: &Plot) -> Hand {
    let is_adding = ui.input(|input| input.modifiers.ctrl || input.modifiers.command);
    Hand { unit: plot.unit(), is_free: is_fine(ui), is_adding }
}

/// What pointer, wheel and keys do; returns the point under the pointer.
pub fn react(
    ui: &Ui,
    plot: &Plot,
    editor: &mut PathsEditor,
    status: &PathsStatus,
    cx: &mut PaintContext,
) -> (Response, Option<usize>) {
    let id = canvas_id();
    let response = ui.interact(plot.rect, id, Sense::click_and_drag());
    let pointer = ui.input(|input| input.pointer.interact_pos());
    let over = pointer.filter(|_| response.hovered());
    let hand = hand(ui, plot);
    let near = |at: Pos2, editor: &PathsEditor| match editor.tool {
        Tool::Points => editor.near(plot.from(at), hand),
        _ => None,
    };
    let strokes = strokes(ui);
    let from = strokes.iter().find(|(_, step)| matches!(step, Stroke::Press)).map(|(at, _)| *at);
    // Nothing lies over the curve: a whole stroke within one frame is its own, too.
    let is_quick = response.hovered() && !ui.input(|input| input.pointer.any_down());
    let is_pressed = from.is_some_and(|at| response.is_pointer_button_down_on() || is_quick && plot.rect.contains(at));
    if is_pressed {
        response.request_focus();
    }
    for (at, step) in strokes {
        let at = plot.from(at);
        match step {
            Stroke::Press if is_pressed => editor.press(at, hand, status),
            Stroke::Press => {}
            Stroke::Move => editor.drag_to(at, hand, status),
            Stroke::Release => editor.end_gesture(),
        }
    }
    if let Some(at) = pressed_on(ui, &response, PointerButton::Secondary) {
        response.request_focus();
        let under = near(at, editor);
        if under.is_some() {
            editor.delete_points(under);
        }
    }
    let hovered = over.and_then(|at| near(at, editor));
    if response.double_clicked() && hovered.is_some() && !editor.is_second_click() {
        editor.delete_points(hovered);
    }
    wheel(ui, plot, over, editor, cx);
    if response.has_focus() {
        keys(ui, editor, status, cx);
    }
    announce(ui, &response, editor, status);
    let icon = match editor.tool {
        Tool::Select if over.is_some_and(|at| editor.opposite_edge(plot.time(at.x), hand).is_some()) => {
            CursorIcon::ResizeHorizontal
        }
        Tool::Points if hovered.is_some() => CursorIcon::Grab,
        Tool::Select => CursorIcon::Default,
        _ => CursorIcon::Crosshair,
    };
    (response.on_hover_cursor(icon), hovered)
}

/// The curve has one place in the window.
pub fn canvas_id() -> Id {
    Id::unique("timbreloom path curve")
}

/// What the pointer does.
#[derive(Clone, Copy)]
enum Stroke {
    Press,
    Move,
    Release,
}

/// What the pointer has done since the last frame, in order: a quick hand draws round curves, and clicks within one frame.
fn strokes(ui: &Ui) -> Vec<(Pos2, Stroke)> {
    let stroke = |event: &Event| match *event {
        Event::PointerMoved(at) => Some((at, Stroke::Move)),
        Event::PointerButton { pos, button: PointerButton::Primary, pressed, .. } => {
            Some((pos, if pressed { Stroke::Press } else { Stroke::Release }))
        }
        _ => None,
    };
    ui.input(|input| input.events.iter().filter_map(stroke).collect())
}

fn wheel(ui: &Ui, plot: &Plot, over: Option<Pos2>, editor: &mut PathsEditor, cx: &PaintContext) {
    let Some(at) = over.filter(|_| !cx.controls.holds_wheel()) else { return };
    let (is_zoom, pinch) = ui.input(|input| (input.modifiers.ctrl || input.modifiers.command, input.zoom_delta()));
    let notches = wheel_notches(ui);
    if is_zoom && notches != 0.0 {
        editor.window.zoom(ZOOM.powf(notches), plot.time(at.x));
    } else if notches != 0.0 {
        editor.window.scroll(-SCROLL * notches);
    } else if !is_zoom && pinch != 1.0 {
        editor.window.zoom(1.0 / pinch, plot.time(at.x));
    }
    stop_scrolling(ui);
}

fn keys(ui: &Ui, editor: &mut PathsEditor, status: &PathsStatus, cx: &PaintContext) {
    let [right, up] = arrows(ui, canvas_id());
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, escape: true, tab: false };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(canvas_id(), filter));
    let pressed = |key| presses(ui, key);
    let modifiers = ui.input(|input| input.modifiers);
    let (is_shift, is_command) = (modifiers.shift, modifiers.command || modifiers.ctrl);
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::A)) {
        editor.select_all();
    }
    // One thing at a time: the stroke, then the recording, which is given up by the whole view, then what is selected.
    if pressed(Key::Escape) > 0.0 {
        if editor.is_under_way() {
            editor.cancel();
            ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        } else if status.recording == Recording::Off {
            editor.select_none();
        }
    }
    editor.step_axis((pressed(Key::PageDown) - pressed(Key::PageUp)) as isize);
    if !is_command {
        let zooms = pressed(Key::Plus) + pressed(Key::Equals) - pressed(Key::Minus);
        let middle = (editor.window.start_s() + editor.window.end_s()) * 0.5;
        editor.window.zoom(ZOOM.powf(zooms * 2.0), middle);
        for (key, tool) in [Key::Num1, Key::Num2, Key::Num3, Key::Num4].into_iter().zip(Tool::ALL) {
            if pressed(key) > 0.0 {
                editor.tool = tool;
            }
        }
    }
    if pressed(Key::Home) > 0.0 {
        editor.window.fit();
    }
    if pressed(Key::Delete) + pressed(Key::Backspace) > 0.0 {
        match editor.tool {
            Tool::Points => editor.delete_points(None),
            _ if editor.selection.is_some() => editor.rest(),
            _ => {}
        }
    }
    if editor.tool == Tool::Points {
        if pressed(Key::Insert) + pressed(Key::Enter) > 0.0 {
            editor.add_point_after();
        }
        if is_command {
            let count = editor.points().len();
            if right != 0.0 {
                editor.selected.step(right as isize, count);
            }
            return;
        }
        if !editor.selected.is_empty() {
            if right != 0.0 || up != 0.0 {
                editor.nudge([right, up], is_shift, status);
            }
            return;
        }
    }
    if right != 0.0 && editor.tool == Tool::Select && (is_shift || editor.selection.is_some()) {
        editor.nudge_range(right, is_shift, status);
    } else if right != 0.0 && !cx.controls.is_typing() {
        editor.window.scroll(right * SCROLL);
    }
}

fn announce(ui: &Ui, response: &Response, editor: &mut PathsEditor, status: &PathsStatus) {
    let asked = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action)) as f32;
    let up = asked(Action::Increment) - asked(Action::Decrement);
    if up != 0.0 {
        editor.nudge([0.0, up], false, status);
    }
    let points = editor.points();
    let chosen = editor.selected.first().and_then(|index| points.get(index).map(|point| (index, point)));
    let axis = match editor.axis() {
        PathAxis::Latent(dim) => format!("Axis {}", dim + 1),
        other => scale::name(other),
    };
    let said = match (chosen, editor.tool, editor.selection) {
        (Some((index, &point)), Tool::Points, _) => {
            format!("point {} of {}: {}", index + 1, points.len(), place_text(editor, point))
        }
        (None, Tool::Points, _) => format!("{} points", points.len()),
        (_, _, Some(range)) => format!("selected: {}", range_name(range)),
        (_, tool, None) => tool.words()[0].to_lowercase(),
    };
    response.widget_info(|| info(Role::Slider, "Path curve", format!("{axis}, {said}")));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
}

/// A place of the plot in words.
pub fn place_text(editor: &PathsEditor, [time_s, value]: [f32; 2]) -> String {
    let value = match editor.target() {
        Target::Envelope(_) => format!("{:.0} %", value * 100.0),
        Target::Line(_) => scale::text(editor.axis(), value),
    };
    format!("{time_s:.2} s, {value}")
}
