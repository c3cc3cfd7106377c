//! The markers on the plane: each with a sign, a ring that shows how much of it is heard, and its name where that has room.

use std::f32::consts::TAU;

use egui::accesskit::Role;
use egui::{
    Align2, Color32, FontId, Key, Modifiers, PointerButton, Popup, Pos2, Rect, Response, Sense, SetOpenCommand, Shape,
    Stroke, Ui, Vec2, pos2, vec2,
};

use super::field::Field;
use super::label::ink;
use super::sources::{Kind, items};
use super::tools::carry_out;
use super::{Scene, percent};
use crate::paint::control::{info, pressed_on, shows_focus};
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, notice};
use crate::paths::plane_editor::PlaneEditor;
use crate::paths::plane_editor::source::{name, problem, sign};

/// The radius of a marker, and how far around it takes the hand.
const RADIUS: f32 = 10.0;
const GRIP: f32 = 13.0;
/// A name beside a marker is at most so wide.
const NAME: f32 = 130.0;
/// How much of what lies below a name its ground covers.
const GROUND: f32 = 0.85;

/// Draws the markers and lets them be chosen, moved and opened; `plane` is what takes the keyboard.
pub fn paint(ui: &Ui, field: Field, plane: &Response, editor: &mut PlaneEditor, scene: &Scene, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let mut hovered = None;
    for number in 0..scene.spots.len() {
        if react(ui, field, plane, number, editor, scene, cx) {
            hovered = Some(number);
        }
    }
    pull(ui, field, editor, cx);
    let chosen = editor.markers.selected();
    let shows_chosen = shows_focus(ui, plane) || editor.markers.is_held();
    for number in 0..scene.spots.len() {
        let is_hot = hovered == Some(number) || (number == chosen && editor.markers.is_held());
        draw(ui, field, number, is_hot, scene, metrics);
        if number == chosen {
            let (ink, width) = if shows_chosen { (theme::FOCUS, 2.0) } else { (theme::TEXT_QUIET, 1.0) };
            let at = field.at(scene.spots[number].place);
            field.painter(ui, metrics).circle_stroke(at, metrics.fine(RADIUS + 4.0), Stroke::new(width, ink));
        }
    }
    // Each once, though the chosen one may be under the pointer.
    let others = Some(chosen).filter(|_| hovered != Some(chosen));
    names(ui, field, [hovered, others], scene, metrics);
}

/// The marker that is held goes with the pointer, the frame of its release included.
fn pull(ui: &Ui, field: Field, editor: &mut PlaneEditor, cx: &mut PaintContext) {
    let (at, is_down) = ui.input(|input| (input.pointer.interact_pos(), input.pointer.any_down()));
    if let Some(at) = at {
        editor.markers.pull(field.from(at), cx.requests);
    }
    if !is_down {
        editor.markers.let_go(cx.requests);
    }
}

/// Returns whether the pointer is over the marker.
fn react(
    ui: &Ui,
    field: Field,
    plane: &Response,
    number: usize,
    editor: &mut PlaneEditor,
    scene: &Scene,
    cx: &mut PaintContext,
) -> bool {
    let (metrics, spot) = (cx.metrics, &scene.spots[number]);
    let markers = &mut editor.markers;
    let grip = Rect::from_center_size(field.at(spot.place), Vec2::splat(2.0 * metrics.fine(GRIP)));
    let id = ui.scope_id().with(("plane marker", number));
    let response = ui.interact(grip, id, Sense::CLICK | Sense::DRAG);
    if let Some(at) = pressed_on(ui, &response, PointerButton::Primary) {
        markers.hold(number, field.from(at));
        plane.request_focus();
    } else if pressed_on(ui, &response, PointerButton::Secondary).is_some() {
        markers.select(number);
        plane.request_focus();
    }
    let source = spot.source.as_ref();
    let text = name(source, &scene.paths.view);
    let said = format!("{}, {}", text.replace("  ", " "), percent(scene.weights[number]));
    let title = format!("Marker {}", number + 1);
    response.widget_info(|| info(Role::Button, &title, &said));

    let is_chosen = number == markers.selected();
    let (by_enter, by_f10) = ui.input(|input| {
        let is_key = |key, modifiers| input.key_pressed(key) && input.modifiers == modifiers;
        (is_key(Key::Enter, Modifiers::NONE), is_key(Key::F10, Modifiers::SHIFT))
    });
    let by_key = is_chosen && plane.has_focus() && (by_enter || by_f10);
    let is_asked = is_chosen && std::mem::take(&mut markers.opens_menu);
    let mut popup = Popup::context_menu(&response);
    if by_key || is_asked || response.double_clicked() {
        popup = popup.open_memory(SetOpenCommand::Bool(true));
    }
    // A menu that the pointer has not opened lies beside its marker.
    if Popup::position_of_id(ui.ctx(), popup.get_id()).is_none() && !response.secondary_clicked() {
        popup = popup.at_position(grip.right_bottom());
    }
    let popup = popup.accessible_name(format!("What is heard: {title}"));
    let takes_keyboard = (by_key || is_asked) && shows_focus(ui, plane);
    let shown = popup.show(|ui| items(ui, Kind::Marker, source, takes_keyboard, scene, metrics));
    if let Some(choice) = shown.and_then(|shown| shown.inner) {
        plane.request_focus();
        markers.select(number);
        carry_out(Some(choice), markers, cx);
    }
    let is_hovered = response.hovered();
    if !markers.is_held() {
        let trouble = source.and_then(|source| problem(source, &scene.paths.view)).unwrap_or_default();
        let help = "Drag: move. Right click or double-click: what is heard.";
        let lines = [format!("{title}: {said}"), trouble, help.to_owned()];
        let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        response.on_hover_cursor(egui::CursorIcon::Grab).on_hover_text(lines.join("\n"));
    }
    is_hovered
}

/// A dark disc with the sign, and a ring as full as the marker is heard.
fn draw(ui: &Ui, field: Field, number: usize, is_hot: bool, scene: &Scene, metrics: Metrics) {
    let (spot, weight) = (&scene.spots[number], scene.weights[number].clamp(0.0, 1.0));
    let at = field.at(spot.place);
    let painter = field.painter(ui, metrics);
    let colour = ink(number, spot);
    let radius = metrics.fine(if is_hot { RADIUS + 1.0 } else { RADIUS });
    painter.circle(at, radius, theme::BACKGROUND.gamma_multiply(0.9), Stroke::new(1.2, colour));
    if spot.plays && scene.is_on {
        ring(&painter, at, radius - metrics.fine(1.0), weight, Stroke::new(metrics.fine(2.6), colour));
    }
    let text = spot.source.as_ref().map(sign).unwrap_or_default();
    let font = FontId::proportional(metrics.px(11.0));
    let ink = if spot.plays { theme::TEXT } else { theme::IDLE };
    painter.text(at, Align2::CENTER_CENTER, text, font, ink);
    if !spot.plays {
        let arm = vec2(1.0, -1.0) * radius * 0.7;
        painter.line_segment([at - arm, at + arm], Stroke::new(1.5, theme::WARNING));
    }
}

/// From above to the right and around.
fn ring(painter: &egui::Painter, centre: Pos2, radius: f32, share: f32, stroke: Stroke) {
    let steps = (share * 40.0).ceil() as usize;
    if steps > 0 {
        let at = |step: usize| {
            let angle = TAU * (share * step as f32 / steps as f32 - 0.25);
            centre + Vec2::angled(angle) * radius
        };
        painter.add(Shape::line((0..=steps).map(at).collect(), stroke));
    }
}

/// Names beside the markers, wherever one hides neither a marker nor another name; `always` those of some.
fn names(ui: &Ui, field: Field, always: [Option<usize>; 2], scene: &Scene, metrics: Metrics) {
    let reach = metrics.fine(RADIUS + 5.0);
    let mut taken: Vec<Rect> = scene
        .spots
        .iter()
        .map(|spot| Rect::from_center_size(field.at(spot.place), Vec2::splat(2.0 * metrics.fine(RADIUS + 1.0))))
        .collect();
    let first = always.into_iter().flatten();
    let others = (0..scene.spots.len()).filter(|number| !always.contains(&Some(*number)));
    for number in first.chain(others) {
        let spot = &scene.spots[number];
        let share = percent(scene.weights[number]);
        let text = name(spot.source.as_ref(), &scene.paths.view);
        let ink = if spot.plays { theme::TEXT } else { theme::TEXT_QUIET };
        let galley = notice::one_line(ui, &text, metrics.small(), ink, metrics.px(NAME));
        let shown = if spot.plays && scene.is_on { share.as_str() } else { "" };
        let share = ui.painter().layout_no_wrap(shown.to_owned(), metrics.small(), theme::TEXT_QUIET);
        let gap = if shown.is_empty() { 0.0 } else { metrics.px(6.0) };
        // Room for the widest share: a name does not jump while the place moves.
        let widest = if shown.is_empty() { 0.0 } else { metrics.px(34.0) };
        let size = vec2(galley.size().x + gap + widest + 10.0, galley.size().y + 4.0);
        let at = field.at(spot.place);
        let around = [
            (at + vec2(reach, 0.0), Align2::LEFT_CENTER),
            (at - vec2(reach, 0.0), Align2::RIGHT_CENTER),
            (at + vec2(0.0, reach), Align2::CENTER_TOP),
            (at - vec2(0.0, reach), Align2::CENTER_BOTTOM),
        ]
        .map(|(at, align)| align.anchor_size(at, size));
        let is_free =
            |rect: &&Rect| field.rect.contains_rect(**rect) && !taken.iter().any(|one| one.intersects(**rect));
        let place = around.iter().find(is_free).copied();
        let is_wanted = always.contains(&Some(number));
        let inside = around.iter().find(|rect| field.rect.contains_rect(**rect)).copied();
        let Some(rect) = place.or_else(|| inside.filter(|_| is_wanted)) else { continue };
        taken.push(rect);
        let ground: Color32 = theme::BACKGROUND.gamma_multiply(GROUND);
        ui.painter().rect_filled(rect, 3.0, ground);
        let top = rect.top() + 2.0;
        ui.painter().galley(pos2(rect.left() + 5.0, top), galley, ink);
        ui.painter().galley(pos2(rect.right() - 5.0 - share.size().x, top), share, theme::TEXT_QUIET);
    }
}
