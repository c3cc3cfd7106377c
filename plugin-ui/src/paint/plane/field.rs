//! The plane itself: its ground, the ways over it, and the place, which pointer and keys move.

use egui::accesskit::Role;
use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{
    Color32, CornerRadius, Key, Modifiers, Painter, PointerButton, Pos2, Rect, Response, Sense, Shape, Stroke,
    StrokeKind, Ui, Vec2, pos2, vec2,
};

use super::label::ink;
use super::tools::toggle_recording;
use super::{Scene, longest, words};
use crate::control::FINE;
use crate::paint::PaintContext;
use crate::paint::control::{arrows, focus_ring, info, is_fine, pressed_on, presses, shows_focus};
use crate::paint::plot::beside;
use crate::paint::ribbon::{Knot, Pen};
use crate::paint::theme::{self, Metrics};
use crate::pair::Plane;
use crate::paths::plane_editor::ground::{CELLS, Ground};
use crate::paths::plane_editor::hand::{PlanePlace, nudge};
use crate::paths::plane_editor::markers::{Markers, ask};
use crate::paths::plane_editor::source::{first, name, throw};
use crate::paths::plane_editor::walk::WalkEnd;
use crate::paths::plane_editor::weighing::Weighing;
use crate::paths::plane_editor::{PlaneEditor, weighing};
use crate::paths::{PathRequest, Place, WalkPoint};

/// What an arrow key moves a marker by.
const MARKER_STEP: f32 = 0.01;
/// What circles at the plane's edge may reach beyond it, points.
const BEYOND: f32 = 5.0;
/// A ring shows where the parameters are once it is this far from what is heard, points.
const APART: f32 = 4.0;
/// Points of a walk nearer than this to the one before are not drawn, points.
const WALK_STEP: f32 = 3.0;

/// Where the plane is drawn.
#[derive(Clone, Copy)]
pub struct Field {
    pub rect: Rect,
}

impl Field {
    pub fn at(self, [across, up]: Place) -> Pos2 {
        pos2(self.rect.left() + self.rect.width() * across, self.rect.bottom() - self.rect.height() * up)
    }

    pub fn from(self, at: Pos2) -> Place {
        [(at.x - self.rect.left()) / self.rect.width(), (self.rect.bottom() - at.y) / self.rect.height()]
    }

    /// Draws on the plane, and a little beyond its edge.
    pub fn painter(self, ui: &Ui, metrics: Metrics) -> Painter {
        ui.painter_at(self.rect.expand(metrics.px(BEYOND)))
    }

    /// The colours of what is heard, quieter while nothing is; lines for the eye; the edges of discs.
    pub fn ground(self, ui: &Ui, ground: &mut Ground, scene: &Scene) {
        let painter = ui.painter();
        let mut mesh = Mesh::default();
        for (n, &[red, green, blue]) in ground.of(scene.weighing, &scene.spots).iter().enumerate() {
            let place = [n % (CELLS + 1), n / (CELLS + 1)].map(|cell| cell as f32 / CELLS as f32);
            let lit = Color32::from_rgb(red, green, blue);
            let color = if scene.is_on { lit } else { lit.lerp_to_gamma(theme::BACKGROUND, 0.55) };
            mesh.vertices.push(Vertex { pos: self.at(place), uv: WHITE_UV, color });
        }
        for cell in 0..CELLS * CELLS {
            let low = (cell / CELLS * (CELLS + 1) + cell % CELLS) as u32;
            let high = low + CELLS as u32 + 1;
            mesh.add_triangle(low, low + 1, high);
            mesh.add_triangle(low + 1, high, high + 1);
        }
        painter.add(Shape::mesh(mesh));
        let line = Stroke::new(1.0, Color32::from_white_alpha(16));
        for quarter in [0.25, 0.5, 0.75] {
            let at = self.at([quarter; 2]);
            painter.vline(at.x, self.rect.y_range(), line);
            painter.hline(self.rect.x_range(), at.y, line);
        }
        let line = Stroke::new(1.0, theme::LINE_STRONG.gamma_multiply(0.7));
        painter.rect_stroke(self.rect, CornerRadius::ZERO, line, StrokeKind::Outside);
        if !scene.has_markers {
            self.corners(ui, scene);
        }
    }

    /// In each corner as large a part of a disc as it is heard; where discs count, their edges.
    fn corners(self, ui: &Ui, scene: &Scene) {
        let painter = ui.painter_at(self.rect);
        for (number, (spot, corner)) in scene.spots.iter().zip(weighing::CORNERS).enumerate() {
            if !spot.plays {
                continue;
            }
            let inwards = corner.map(|axis| 1.0 - 2.0 * axis);
            let colour = ink(number, spot);
            if scene.weighing == Weighing::Discs {
                let edge = (0..=48).map(|step| {
                    let turn = Vec2::angled(std::f32::consts::FRAC_PI_2 * step as f32 / 48.0);
                    self.at([corner[0] + inwards[0] * turn.x, corner[1] + inwards[1] * turn.y])
                });
                painter.add(Shape::line(edge.collect(), Stroke::new(1.3, colour.gamma_multiply(0.75))));
            }
            if scene.is_on {
                let least = self.rect.width().min(self.rect.height());
                let radius = least * (0.025 + 0.075 * scene.weights[number].clamp(0.0, 1.0));
                painter.circle_filled(self.at(corner), radius, colour.gamma_multiply(0.9));
            }
        }
    }

    /// Moves the place by pointer and keys, and does what the keys of the plane do.
    pub fn react(self, ui: &Ui, editor: &mut PlaneEditor, scene: &Scene, cx: &mut PaintContext) -> Response {
        let id = ui.scope_id().with("plane");
        let response = ui.interact(self.rect, id, Sense::click_and_drag());
        let before = PlanePlace.at(cx.params);
        let before = self.drag(ui, &response, editor, cx).unwrap_or(before);
        if response.double_clicked() {
            let pointer = response.interact_pointer_pos();
            match pointer.filter(|_| scene.weighing == Weighing::Terrain) {
                Some(at) => add(&mut editor.markers, self.from(at), scene, cx),
                None => editor.hand.reset(cx.params),
            }
        }
        if response.has_focus() {
            keys(ui, &response, editor, scene, cx);
        }
        let (here, is_held) = (PlanePlace.at(cx.params), editor.hand.is_held());
        editor.walk.take(before, here, is_held, scene.now_s, cx.requests);
        if !ui.input(|input| input.pointer.any_down()) {
            editor.walk.let_go(cx.requests);
            if !scene.has_markers {
                editor.markers.let_go(cx.requests);
            }
        }
        response.widget_info(|| info(Role::Slider, "Place on the plane", said(here, editor, scene)));
        focus_ring(ui, &response, self.rect.expand(2.0), 3.0);
        let response = response.on_hover_cursor(egui::CursorIcon::Crosshair);
        if !is_held && !editor.markers.is_held() {
            let help = match scene.weighing {
                Weighing::Terrain => {
                    "Drag: move the place. Shift: fine. Double-click: a new marker. Insert: one where it is heard. C: capture one."
                }
                _ => "Drag: move the place. Shift: fine. Double-click: to the middle.",
            };
            return response.on_hover_text_at_pointer(help);
        }
        response
    }

    /// Returns where the place was taken hold of in this frame.
    fn drag(self, ui: &Ui, response: &Response, editor: &mut PlaneEditor, cx: &mut PaintContext) -> Option<Place> {
        let (is_down, pointer) =
            ui.input(|input| (input.pointer.button_down(PointerButton::Primary), input.pointer.interact_pos()));
        let at = self.from(pointer?);
        let from = pressed_on(ui, response, PointerButton::Primary).map(|at| self.from(at));
        let hand = &mut editor.hand;
        let mut before = None;
        if let Some(from) = from {
            response.request_focus();
            hand.press(from, cx.params);
            before = Some(PlanePlace.at(cx.params));
        }
        if hand.is_held() && from != Some(at) {
            hand.pull(at, is_fine(ui), cx.params);
        }
        if !is_down {
            hand.release(cx.params);
        }
        before
    }

    /// The stored walk, the one that is being recorded, and the trail of the place that is heard.
    pub fn ways(self, ui: &Ui, editor: &PlaneEditor, scene: &Scene, metrics: Metrics) {
        let mut pen = Pen::default();
        let mut walk = |points: &[WalkPoint], half_width: f32, colour: Color32| {
            let mut knots: Vec<Knot> = Vec::with_capacity(points.len());
            for at in points.iter().map(|point| self.at(point.place)).filter(|at| at.is_finite()) {
                if knots.last().is_none_or(|last| last.at.distance(at) >= WALK_STEP) {
                    knots.push(Knot { at, half_width: metrics.fine(half_width), colour });
                }
            }
            pen.stroke(&knots);
        };
        let stored = &scene.paths.view.plane.walk;
        walk(stored, 0.55, Color32::from_white_alpha(96));
        walk(editor.walk.points(), 1.0, theme::WARNING);
        let knots: Vec<Knot> = editor
            .trail
            .places(scene.now_s)
            .map(|(place, strength)| Knot {
                at: self.at(place),
                half_width: metrics.fine(0.5 + 1.6 * strength),
                colour: theme::ACCENT.gamma_multiply(0.9 * strength),
            })
            .collect();
        pen.stroke(&knots);
        let painter = ui.painter_at(self.rect);
        pen.paint(&painter);
        if let (Some(first), Some(last), WalkEnd::Loops) = (stored.first(), stored.last(), scene.walk_end) {
            // No way leads from the end to the beginning: it is there at once.
            let ends = [last, first].map(|point| self.at(point.place));
            if ends.iter().all(|at| at.is_finite()) && ends[0].distance(ends[1]) >= WALK_STEP {
                let line = Stroke::new(metrics.fine(1.0), Color32::from_white_alpha(88));
                painter.extend(Shape::dashed_line(&ends, line, metrics.fine(3.0), metrics.fine(4.0)));
            }
        }
    }

    /// The place that is heard, and where the parameters are.
    pub fn point(self, ui: &Ui, response: &Response, editor: &PlaneEditor, scene: &Scene, cx: &PaintContext) {
        let (metrics, painter) = (cx.metrics, self.painter(ui, cx.metrics));
        let (own, has_focus) = (PlanePlace.at(cx.params), shows_focus(ui, response));
        let place = scene.paths.place;
        let is_known = place.iter().all(|axis| axis.is_finite());
        let place = if is_known { place.map(|axis| axis.clamp(0.0, 1.0)) } else { own };
        let (heard, set) = (self.at(place), self.at(own));
        let is_held = editor.hand.is_held();
        if heard.distance(set) > APART || is_held || !scene.is_on {
            painter.circle_stroke(set, metrics.fine(9.0), Stroke::new(3.0, Color32::from_black_alpha(110)));
            painter.circle_stroke(set, metrics.fine(9.0), Stroke::new(1.6, theme::TEXT));
        }
        if scene.is_on {
            painter.circle_filled(heard, metrics.fine(13.0), theme::ACCENT.gamma_multiply(0.18));
            let edge = Stroke::new(metrics.fine(1.6), theme::BACKGROUND);
            painter.circle(heard, metrics.fine(6.0), theme::ACCENT, edge);
        }
        if editor.walk.is_on() {
            painter.circle_stroke(set, metrics.fine(16.0), Stroke::new(2.0, theme::WARNING));
        }
        if is_held || has_focus {
            // Off the place, where a finger or the pointer leaves it in sight.
            let lift = if set.y > self.rect.center().y { -1.0 } else { 1.0 };
            beside(ui, self.rect, set + vec2(0.0, lift * metrics.px(18.0)), &words(own), metrics);
        }
    }

    /// What the keys do, in as many words as there is room for.
    pub fn hint(self, ui: &Ui, scene: &Scene, metrics: Metrics) {
        let rect = self.rect;
        let texts: [&str; 2] = match (scene.has_markers, scene.weighing) {
            (true, _) => [
                "Arrows: move. Ctrl and arrows: move the marker. Page Up, Page Down, Insert, Delete, Enter. C: capture. W: walk.",
                "Page Up, Page Down, Insert, Delete, Enter. C: capture. W: walk.",
            ],
            (false, Weighing::Terrain) => [
                "Arrows: move. Insert: a marker. C: capture one. 1 to 4: capture into a corner. W: walk.",
                "Insert: a marker. C: capture one. 1 to 4: corners. W: walk.",
            ],
            (false, _) => [
                "Arrows: move. Home: to the middle. 1 to 4: capture into a corner. W: walk.",
                "1 to 4: capture. W: walk.",
            ],
        };
        longest(ui, rect, rect.center_bottom() - vec2(0.0, 6.0), texts, metrics);
    }
}

/// The place in words, and which marker is chosen.
fn said(here: Place, editor: &PlaneEditor, scene: &Scene) -> String {
    let place = words(here);
    let markers = &editor.markers;
    match markers.chosen().filter(|_| scene.has_markers) {
        Some(marker) => {
            let name = name(Some(&marker.source), &scene.paths.view).replace("  ", " ");
            format!("{place}. Marker {} of {}: {name}", markers.selected() + 1, markers.all().len())
        }
        None => place,
    }
}

fn add(markers: &mut Markers, place: Place, scene: &Scene, cx: &mut PaintContext) {
    let source = first(&scene.paths.view, throw(scene.now_s, None));
    markers.add(place, source, cx.requests);
}

fn keys(ui: &Ui, response: &Response, editor: &mut PlaneEditor, scene: &Scene, cx: &mut PaintContext) {
    let pressed = |key| presses(ui, key) > 0.0;
    let modifiers = ui.input(|input| input.modifiers);
    let [right, up] = arrows(ui, response.id);
    if modifiers.command && scene.has_markers {
        let step = MARKER_STEP * if is_fine(ui) { FINE } else { 1.0 };
        editor.markers.move_by([right * step, up * step], cx.requests);
    } else {
        nudge([right, up], is_fine(ui), cx.params);
    }
    if pressed(Key::Home) {
        editor.hand.reset(cx.params);
    }
    // What a host or the window does with a modifier is no letter of the plane.
    let letter = |key| pressed(key) && modifiers == Modifiers::NONE;
    if letter(Key::W) {
        toggle_recording(&mut editor.walk, cx);
    }
    if scene.has_markers {
        editor.markers.select_by((presses(ui, Key::PageDown) - presses(ui, Key::PageUp)) as isize);
        if pressed(Key::Delete) || pressed(Key::Backspace) {
            editor.markers.remove(cx.requests);
        }
    } else {
        if pressed(Key::Delete) || pressed(Key::Backspace) {
            editor.hand.reset(cx.params);
        }
        let keys = [Key::Num1, Key::Num2, Key::Num3, Key::Num4];
        for corner in (0..keys.len()).filter(|&corner| letter(keys[corner])) {
            ask(cx.requests, PathRequest::CaptureCorner { corner });
        }
    }
    if scene.weighing == Weighing::Terrain {
        if pressed(Key::Insert) {
            add(&mut editor.markers, scene.paths.place, scene, cx);
        }
        if letter(Key::C) {
            editor.markers.capture(scene.paths.place, cx.requests);
        }
    }
}
