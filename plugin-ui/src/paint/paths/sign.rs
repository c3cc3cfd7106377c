//! Signs of the view of latent paths: its tools, what plays, dice and their like.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2, vec2};

use crate::paths::editor::Tool;

/// The sign of a tool.
pub fn tool(painter: &Painter, centre: Pos2, radius: f32, tool: Tool, ink: Color32) {
    let stroke = Stroke::new((radius * 0.22).max(1.3), ink);
    let at = |[x, y]: [f32; 2]| centre + vec2(x, y) * radius;
    let line = |points: &[[f32; 2]]| {
        painter.line(points.iter().map(|&point| at(point)).collect(), stroke);
    };
    let dots = |points: &[[f32; 2]]| {
        for &point in points {
            painter.circle_filled(at(point), radius * 0.28, ink);
        }
    };
    match tool {
        Tool::Select => {
            line(&[[-0.5, -0.9], [-0.9, -0.9], [-0.9, 0.9], [-0.5, 0.9]]);
            line(&[[0.5, -0.9], [0.9, -0.9], [0.9, 0.9], [0.5, 0.9]]);
            painter.rect_filled(
                Rect::from_center_size(centre, Vec2::splat(radius * 0.8)),
                1.0,
                ink.gamma_multiply(0.6),
            );
        }
        Tool::Points => {
            let points = [[-0.9, 0.6], [-0.1, -0.6], [0.9, 0.4]];
            line(&points);
            dots(&points);
        }
        Tool::Freehand => {
            let wave = (0..=16).map(|n| {
                let x = n as f32 / 8.0 - 1.0;
                [x, -0.7 * (x * 4.2).sin() * (0.5 + 0.5 * x.abs())]
            });
            line(&wave.collect::<Vec<_>>());
        }
        Tool::Line => {
            line(&[[-0.8, 0.8], [0.8, -0.8]]);
            dots(&[[-0.8, 0.8], [0.8, -0.8]]);
        }
    }
}

/// A triangle to the right: filled where it plays.
pub fn play(painter: &Painter, centre: Pos2, radius: f32, is_on: bool, ink: Color32) {
    let corners = [[-0.6, -0.9], [0.9, 0.0], [-0.6, 0.9]].map(|[x, y]| centre + vec2(x, y) * radius).to_vec();
    let fill = if is_on { ink } else { Color32::TRANSPARENT };
    painter.add(Shape::convex_polygon(corners, fill, Stroke::new(1.2, ink)));
}

/// A die.
pub fn dice(painter: &Painter, centre: Pos2, radius: f32, ink: Color32) {
    let face = Rect::from_center_size(centre, Vec2::splat(radius * 1.8));
    painter.rect_stroke(face, radius * 0.35, Stroke::new(1.2, ink), StrokeKind::Inside);
    for [x, y] in [[-0.4, -0.4], [0.4, -0.4], [0.0, 0.0], [-0.4, 0.4], [0.4, 0.4]] {
        painter.circle_filled(centre + vec2(x, y) * radius, radius * 0.15, ink);
    }
}

/// Three dots: there is more.
pub fn more(painter: &Painter, centre: Pos2, radius: f32, ink: Color32) {
    for x in [-0.9, 0.0, 0.9] {
        painter.circle_filled(pos2(centre.x + x * radius, centre.y), radius * 0.26, ink);
    }
}

/// An arrow up or down.
pub fn arrow(painter: &Painter, centre: Pos2, radius: f32, up: f32, ink: Color32) {
    let points = [[-0.7, 0.35], [0.0, -0.4], [0.7, 0.35]].map(|[x, y]| centre + vec2(x, y * up) * radius);
    painter.line(points.to_vec(), Stroke::new((radius * 0.26).max(1.3), ink));
}
