//! Signs of this window's buttons, drawn by hand.

use egui::{Color32, Painter, Pos2, Rect, Stroke, StrokeKind, Vec2, vec2};

/// A die: another hit.
pub fn die(painter: &Painter, centre: Pos2, radius: f32, ink: Color32) {
    let face = Rect::from_center_size(centre, Vec2::splat(radius * 2.0));
    painter.rect_stroke(face, radius * 0.4, Stroke::new(1.2, ink), StrokeKind::Middle);
    for [x, y] in [[-0.45, -0.45], [0.0, 0.0], [0.45, 0.45]] {
        painter.circle_filled(centre + vec2(x, y) * radius, (radius * 0.2).max(0.9), ink);
    }
}

/// A wave with another beside it: a variation.
pub fn wave(painter: &Painter, centre: Pos2, radius: f32, ink: Color32) {
    for (lift, strength) in [(-0.35, 1.0), (0.45, 0.6)] {
        let points = (0..=12).map(|n| {
            let at = n as f32 / 6.0 - 1.0;
            centre + vec2(at * 1.15, lift + 0.4 * (at * std::f32::consts::PI).sin()) * radius
        });
        painter.line(points.collect(), Stroke::new(1.3, ink.gamma_multiply(strength)));
    }
}

/// A padlock, shut or open.
pub fn lock(painter: &Painter, centre: Pos2, radius: f32, is_shut: bool, ink: Color32) {
    let body = Rect::from_center_size(centre + vec2(0.0, radius * 0.4), vec2(radius * 1.7, radius * 1.2));
    painter.rect_filled(body, 1.0, ink);
    let lift = if is_shut { 0.0 } else { -0.3 * radius };
    let turn = |n: usize| {
        let angle = std::f32::consts::PI * (1.0 + n as f32 / 8.0);
        body.center_top() + vec2(angle.cos() * 0.55, angle.sin() * 0.75) * radius + vec2(0.0, lift)
    };
    painter.line((0..=8).map(turn).collect(), Stroke::new(1.3, ink));
}

/// A triangle that points to the right: plays.
pub fn play(painter: &Painter, centre: Pos2, radius: f32, ink: Color32) {
    let corners = [[-0.6, -0.9], [0.9, 0.0], [-0.6, 0.9]].map(|[x, y]| centre + vec2(x, y) * radius);
    painter.add(egui::Shape::convex_polygon(corners.to_vec(), ink, Stroke::NONE));
}

/// A square: stops.
pub fn stop(painter: &Painter, centre: Pos2, radius: f32, ink: Color32) {
    painter.rect_filled(Rect::from_center_size(centre, Vec2::splat(radius * 1.6)), 1.0, ink);
}
