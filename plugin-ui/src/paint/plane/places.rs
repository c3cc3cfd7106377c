//! Where everything lies in the view of the plane: tools beside it where the view is wide, above and below it where not.

use egui::{Rect, Vec2, pos2, vec2};

use super::Scene;
use crate::paint::theme::Metrics;
use crate::paths::plane_editor::weighing::Weighing;

/// The tools' column.
const COLUMN: f32 = 216.0;
/// The column is only where there is so much height for it.
const LEAST_HEIGHT: f32 = 400.0;
/// A row, and the gap between two.
const ROW: f32 = 24.0;
const GAP: f32 = 6.0;
/// A heading's height, and the gap above it.
const HEADING: f32 = 18.0;
const ABOVE: f32 = 14.0;
/// A corner's label is at most so wide.
const LABEL: f32 = 240.0;

/// See the module. A place without a width has no room.
#[derive(Debug)]
pub struct Places {
    pub plane: Rect,
    /// The labels of the corners, in their order.
    pub corners: [Rect; 4],
    /// Buttons that capture into them.
    pub captures: [Rect; 4],
    /// Off, lines, discs, terrain.
    pub mode: Rect,
    /// The place, across and up.
    pub values: [Rect; 2],
    pub mpe: Rect,
    /// Record, play and clear.
    pub walk: [Rect; 3],
    /// What is told of the walk.
    pub walk_text: Rect,
    /// Latent, loudness and pitch.
    pub takes: [Rect; 3],
    /// The chosen marker.
    pub marker: Rect,
    /// Add, capture and remove a marker.
    pub marker_tools: [Rect; 3],
    /// How many markers there are.
    pub marker_text: Rect,
    pub headings: Vec<(Rect, &'static str)>,
    /// What is left of the tools' column.
    pub keys: Rect,
}

/// Splits a row into parts, each with its share of the width.
fn parts<const N: usize>(row: Rect, gap: f32, shares: [f32; N]) -> [Rect; N] {
    let unit = (row.width() - gap * (N - 1) as f32) / shares.iter().sum::<f32>();
    let mut left = row.left();
    shares.map(|share| {
        let part = Rect::from_min_size(pos2(left, row.top()), vec2(unit * share, row.height()));
        left = part.right() + gap;
        part
    })
}

impl Places {
    /// Shares out the room.
    pub fn of(inner: Rect, scene: &Scene, metrics: Metrics) -> Self {
        let beside = inner.width() - metrics.px(COLUMN);
        if inner.height() >= metrics.px(LEAST_HEIGHT) && beside >= inner.height() * 0.9 {
            Self::wide(inner, scene, metrics)
        } else {
            Self::narrow(inner, scene, metrics)
        }
    }

    fn wide(inner: Rect, scene: &Scene, metrics: Metrics) -> Self {
        let (row, gap) = (metrics.px(ROW), metrics.px(GAP));
        let column = inner.with_min_x(inner.right() - metrics.px(COLUMN));
        let left = inner.with_max_x(column.left() - metrics.px(14.0));
        let mut headings = Vec::new();
        let mut top = column.top();
        let mut heading = |top: &mut f32, text| {
            let at = Rect::from_min_size(pos2(column.left(), *top), vec2(column.width(), metrics.px(HEADING)));
            headings.push((at, text));
            *top = at.bottom() + 2.0;
        };
        let next = |top: &mut f32, height: f32, after: f32| {
            let at = Rect::from_min_size(pos2(column.left(), *top), vec2(column.width(), height));
            *top = at.bottom() + after;
            at
        };
        heading(&mut top, "Weights");
        let mode = next(&mut top, row, metrics.px(ABOVE));
        heading(&mut top, "Place");
        let values = parts(next(&mut top, row, gap), gap, [1.12, 1.0]);
        let mpe = next(&mut top, row, metrics.px(ABOVE));
        heading(&mut top, "Walk");
        let walk = parts(next(&mut top, row, 2.0), gap, [0.9, 1.1, 1.05]);
        let walk_text = next(&mut top, metrics.px(HEADING), metrics.px(ABOVE));
        let mut markers = [Rect::NOTHING; 3];
        let (mut marker, mut marker_text) = (Rect::NOTHING, Rect::NOTHING);
        if scene.weighing == Weighing::Terrain {
            heading(&mut top, "Markers");
            // Its room is there before the first marker is: nothing moves under the hand.
            let place = next(&mut top, row, gap);
            if scene.has_markers {
                marker = place;
            }
            markers = parts(next(&mut top, row, 2.0), gap, [1.0; 3]);
            marker_text = next(&mut top, metrics.px(HEADING), metrics.px(ABOVE));
        }
        heading(&mut top, "Taken from the plane");
        let takes = parts(next(&mut top, row, metrics.px(ABOVE)), gap, [1.0, 1.25, 0.9]);
        let keys = column.with_min_y(top);

        // With markers, too, so that the plane is as large as before the first one.
        let plane = Rect::from_min_max(left.min + vec2(0.0, row + gap), left.max - vec2(0.0, row + gap));
        let (mut corners, mut captures) = ([Rect::NOTHING; 4], [Rect::NOTHING; 4]);
        if !scene.has_markers {
            let capture = metrics.px(66.0);
            let width = metrics.px(LABEL).min((left.width() - 2.0 * capture - 6.0 * gap) * 0.5);
            for corner in 0..4 {
                let y = if corner < 2 { left.bottom() - row } else { left.top() };
                let is_left = corner % 2 == 0;
                // Outermost: in the middle those of both corners would stand side by side.
                let x = if is_left { left.left() } else { left.right() - capture };
                captures[corner] = Rect::from_min_size(pos2(x, y), vec2(capture, row));
                let x = if is_left { x + capture + gap } else { x - gap - width };
                corners[corner] = Rect::from_min_size(pos2(x, y), vec2(width, row));
            }
        }
        Self {
            plane: plane.round(),
            corners,
            captures,
            mode,
            values,
            mpe,
            walk,
            walk_text,
            takes,
            marker,
            marker_tools: markers,
            marker_text,
            headings,
            keys,
        }
    }

    fn narrow(inner: Rect, scene: &Scene, metrics: Metrics) -> Self {
        let (row, gap) = (metrics.px(ROW), metrics.px(GAP));
        let line = |top: f32| Rect::from_min_size(pos2(inner.left(), top), vec2(inner.width(), row));
        let above = line(inner.top());
        let foot = line(inner.bottom() - row);
        let below = line(foot.top() - gap - row);
        let plane = Rect::from_min_max(above.left_bottom() + vec2(0.0, gap), below.right_top() - vec2(0.0, gap));
        // Four words have to be read in the middle; the labels take what is left.
        let middle = metrics.px(216.0).min(inner.width() * 0.5);
        let label = ((inner.width() - middle) * 0.5 - gap).clamp(0.0, metrics.px(LABEL));
        let [left, right] = [above, below].map(|row| row.with_max_x(row.left() + label)).map(|at| {
            let other = at.translate(Vec2::X * (inner.width() - label));
            [at, other]
        });
        let centre = |row: Rect| Rect::from_center_size(row.center(), vec2(middle, row.height()));
        let [above_left, above_right] = left;
        let [below_left, below_right] = right;
        let mut places = Self {
            plane: plane.round(),
            corners: [below_left, below_right, above_left, above_right],
            captures: [Rect::NOTHING; 4],
            mode: centre(above),
            values: [Rect::NOTHING; 2],
            mpe: Rect::NOTHING,
            walk: parts(centre(below), metrics.px(3.0), [1.0, 0.8, 1.03]),
            walk_text: Rect::NOTHING,
            takes: [Rect::NOTHING; 3],
            marker: Rect::NOTHING,
            marker_tools: [Rect::NOTHING; 3],
            marker_text: Rect::NOTHING,
            headings: Vec::new(),
            keys: Rect::NOTHING,
        };
        let [across, up, latent, loudness, pitch, mpe] = parts(foot, gap, [1.3, 0.9, 1.0, 1.2, 0.9, 0.82]);
        (places.values, places.takes, places.mpe) = ([across, up], [latent, loudness, pitch], mpe);
        if scene.has_markers {
            places.corners = [Rect::NOTHING; 4];
            (places.marker, places.marker_tools) = (above_left, [below_left, above_right, below_right]);
        }
        places
    }
}
