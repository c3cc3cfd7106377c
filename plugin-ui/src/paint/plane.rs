//! The view of the plane: corners, markers, the place that is heard, and its trail.

mod field;
mod label;
mod marks;
mod places;
mod sources;
mod tools;

use egui::{Align2, Pos2, Rect, Ui, vec2};

use super::control::shows_focus;
use super::plot::{chip, empty, ground, is_too_small, stand_in};
use super::theme::Metrics;
use super::{PaintContext, notice, theme};
use crate::paths::plane_editor::PlaneEditor;
use crate::paths::plane_editor::ground::heard;
use crate::paths::plane_editor::source::{Spot, has_markers, spots};
use crate::paths::plane_editor::walk::WalkEnd;
use crate::paths::plane_editor::weighing::Weighing;
use crate::paths::{PathsStatus, Place};
use crate::{Status, param};
use field::Field;
use places::Places;

/// What each part of the view is given.
struct Scene<'a> {
    paths: &'a PathsStatus,
    /// Lines while the plane is off.
    weighing: Weighing,
    /// Whether paths and the plane are on.
    is_on: bool,
    has_markers: bool,
    /// The corners or the markers.
    spots: Vec<Spot>,
    /// How much of each is heard, 0 to 1.
    weights: Vec<f32>,
    walk_end: WalkEnd,
    now_s: f64,
}

/// Draws the view into the whole of `rect`.
pub fn paint(ui: &mut Ui, rect: Rect, editor: &mut PlaneEditor, status: &Status, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let inner = ground(ui, rect, metrics);
    let paths = &status.paths;
    let weighing = Weighing::of(cx.params);
    let is_on = weighing.is_some() && cx.params.normalised(param::PATH_MODE) > 0.0;
    let weighing = weighing.unwrap_or_default();
    let spots = spots(weighing, &paths.view, editor.markers.all());
    let scene = &Scene {
        weighing,
        is_on,
        has_markers: has_markers(weighing, editor.markers.all()),
        weights: weights(paths, weighing, &spots),
        spots,
        paths,
        walk_end: WalkEnd::of(cx.params),
        now_s: ui.input(|input| input.time),
    };
    if is_too_small(Places::of(inner, scene, metrics).plane) {
        return;
    }
    // The line keeps its room while it is empty: nothing moves under the hand.
    let line = inner.with_max_y(inner.top() + metrics.px(24.0));
    let inner = inner.with_min_y(line.bottom() + metrics.px(6.0));
    match paths.view.note.as_str() {
        _ if !is_on => tools::unheard(ui, line, cx),
        "" => {}
        note => tools::remark(ui, line, note, metrics),
    }
    let places = Places::of(inner, scene, metrics);
    if is_too_small(places.plane) {
        return;
    }
    let field = Field { rect: places.plane };
    field.ground(ui, &mut editor.ground, scene);
    if stand_in(ui, places.plane, status, cx) {
        return;
    }
    let response = field.react(ui, editor, scene, cx);
    field.ways(ui, editor, scene, metrics);
    if scene.has_markers {
        marks::paint(ui, field, &response, editor, scene, cx);
    }
    field.point(ui, &response, editor, scene, cx);
    label::corners(ui, &places, scene, cx);
    tools::paint(ui, &places, editor, scene, cx);
    let has_legend = tools::legend(ui, places.keys, scene, metrics);
    if shows_focus(ui, &response) && !has_legend {
        field.hint(ui, scene, metrics);
    }
    if !scene.has_markers && scene.weighing == Weighing::Terrain && !shows_focus(ui, &response) {
        let at = places.plane.center_bottom() - vec2(0.0, 6.0);
        let texts = [
            "Double-click or Insert: a marker. C: capture one. Without any, the corners count.",
            "Insert: a marker. C: capture one.",
        ];
        longest(ui, places.plane, at, texts, metrics);
    }
    if !scene.spots.iter().any(|spot| spot.plays) {
        let text = "Nothing lies on the plane yet. Click a corner to choose a path for it, or play something and press \
                    1, 2, 3 or 4 to capture the moment.";
        empty(ui, places.plane.with_max_y(places.plane.center().y), text, metrics);
    }
}

/// The first text that has room, on a chip over the foot of the plane.
fn longest(ui: &Ui, plane: Rect, at: Pos2, texts: [&str; 2], metrics: Metrics) {
    let fits =
        |text: &&str| !notice::one_line(ui, text, metrics.small(), theme::TEXT_QUIET, plane.width() - 20.0).elided;
    if let Some(text) = texts.into_iter().find(fits) {
        chip(ui, plane, at, Align2::CENTER_BOTTOM, text, theme::TEXT_QUIET, metrics);
    }
}

/// What the plugin tells; by the formulas where it tells of something else.
fn weights(paths: &PathsStatus, weighing: Weighing, spots: &[Spot]) -> Vec<f32> {
    let told = &paths.weights;
    if told.len() == spots.len() && told.iter().all(|weight| weight.is_finite()) {
        return told.clone();
    }
    let places: Vec<Place> = spots.iter().map(|spot| spot.place).collect();
    heard(weighing.weights(paths.place, &places), spots)
}

/// A share for reading.
fn percent(share: f32) -> String {
    format!("{:.0} %", share.clamp(0.0, 1.0) * 100.0)
}

/// A place for reading.
fn words([across, up]: Place) -> String {
    format!("{} across, {} up", percent(across), percent(up))
}
