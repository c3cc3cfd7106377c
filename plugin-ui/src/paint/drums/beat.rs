//! The view of the beat: patterns above, the tracks with their steps, and the selected steps beneath.

use egui::{Rect, Ui, vec2};

use super::{Scene, Views, grid, head, patterns, step};
use crate::EngineState;
use crate::drums::layout::Layout;
use crate::drums::{DrumsRequest, TRACKS};
use crate::paint::PaintContext;
use crate::paint::plot::{self, is_too_small};

/// Draws the view into the whole of `rect`.
pub fn paint(
    ui: &mut Ui,
    rect: Rect,
    views: &mut Views,
    layout: &mut Layout,
    scene: &Scene,
    cx: &mut PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let metrics = cx.metrics;
    let inner = plot::ground(ui, rect, metrics);
    let is_loading = scene.plugin.state == EngineState::Loading;
    if is_too_small(inner) || (!is_loading && plot::stand_in(ui, inner, scene.plugin, cx)) {
        return;
    }
    let gap = metrics.px(7.0);
    let above = inner.with_max_y(inner.top() + patterns::height(inner.width(), metrics));
    let below = inner.with_min_y(inner.bottom() - step::height(metrics));
    let middle = inner.with_min_y(above.bottom() + gap).with_max_y(below.top() - gap);
    patterns::paint(ui, above, &mut views.beat, layout, scene, cx, requests);
    if middle.height() < metrics.px(60.0) {
        return;
    }
    let split = middle.left() + head::width(middle.width(), metrics);
    let grid = grid::Grid::fit(middle.with_min_x(split), grid::group(cx.params), metrics);
    for track in 0..TRACKS {
        let row = grid.row(track);
        let place = Rect::from_min_size(
            row.left_top() - vec2(split - middle.left(), 0.0),
            vec2(split - middle.left(), row.height()),
        );
        head::paint(ui, place.with_max_x(split - metrics.px(6.0)), track, views, scene, cx, requests);
    }
    grid::paint(ui, &grid, &mut views.beat, scene, cx, requests);
    step::paint(ui, below, &mut views.beat, scene, cx, requests);
}
