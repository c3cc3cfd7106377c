//! Small signs on buttons, drawn by hand: no font has to have them.

use egui::{Color32, Painter, Pos2, Shape, Stroke, Vec2, pos2, vec2};

/// What is drawn; the button's name says it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// An arrow that turns back.
    Undo,
    /// The same the other way.
    Redo,
    /// To the left.
    Previous,
    /// To the right.
    Next,
    /// Downwards: there is a list.
    Down,
    /// A cross.
    Close,
    /// Three sliders.
    Settings,
    /// A star, filled or not.
    Star(bool),
    /// A sheet upon a sheet.
    Copy,
    /// An arrow into a tray.
    Save,
    /// A triangle that points to the right.
    Play,
    /// A square.
    Stop,
}

/// Draws a sign of so many points on each side of its centre.
pub fn paint(painter: &Painter, centre: Pos2, radius: f32, icon: Icon, colour: Color32) {
    let stroke = Stroke::new((radius * 0.26).max(1.3), colour);
    let at = |x: f32, y: f32| centre + vec2(x, y) * radius;
    let line = |points: &[[f32; 2]]| {
        painter.line(points.iter().map(|&[x, y]| at(x, y)).collect(), stroke);
    };
    match icon {
        Icon::Undo | Icon::Redo => {
            let flip = if icon == Icon::Undo { 1.0 } else { -1.0 };
            // An arc from the arrow's head over the top and down.
            let arc = (0..=12).map(|step| {
                let angle = std::f32::consts::PI * (1.0 + 1.25 * step as f32 / 12.0);
                centre + vec2(flip * angle.cos() * 0.75, angle.sin() * 0.75 + 0.2) * radius
            });
            painter.line(arc.collect(), stroke);
            let head = [[-1.3, 0.0], [-0.2, 0.0], [-0.75, 0.75]].map(|[x, y]| at(flip * x, y + 0.1));
            painter.add(Shape::convex_polygon(head.to_vec(), colour, Stroke::NONE));
        }
        Icon::Previous => line(&[[0.35, -0.8], [-0.45, 0.0], [0.35, 0.8]]),
        Icon::Next => line(&[[-0.35, -0.8], [0.45, 0.0], [-0.35, 0.8]]),
        Icon::Down => line(&[[-0.8, -0.35], [0.0, 0.45], [0.8, -0.35]]),
        Icon::Close => {
            line(&[[-0.7, -0.7], [0.7, 0.7]]);
            line(&[[-0.7, 0.7], [0.7, -0.7]]);
        }
        Icon::Settings => {
            for (y, knob) in [(-0.7, 0.4), (0.0, -0.4), (0.7, 0.15)] {
                line(&[[-1.0, y], [1.0, y]]);
                painter.circle_filled(at(knob, y), radius * 0.3, colour);
            }
        }
        Icon::Star(is_filled) => star(painter, centre, radius, is_filled, colour),
        Icon::Play => {
            let corners = [[-0.6, -0.9], [0.9, 0.0], [-0.6, 0.9]].map(|[x, y]| at(x, y));
            painter.add(Shape::convex_polygon(corners.to_vec(), colour, Stroke::NONE));
        }
        Icon::Stop => {
            let square = egui::Rect::from_center_size(centre, Vec2::splat(radius * 1.5));
            painter.rect_filled(square, 1.0, colour);
        }
        Icon::Save => {
            line(&[[-0.9, 0.3], [-0.9, 0.9], [0.9, 0.9], [0.9, 0.3]]);
            line(&[[0.0, -0.9], [0.0, 0.4]]);
            line(&[[-0.5, -0.1], [0.0, 0.4], [0.5, -0.1]]);
        }
        Icon::Copy => {
            let half = Vec2::splat(radius * 0.6);
            for offset in [vec2(-0.3, -0.3), vec2(0.3, 0.3)] {
                let sheet = egui::Rect::from_center_size(centre + offset * radius, half * 2.0);
                painter.rect_stroke(sheet, 1.0, Stroke::new(1.3, colour), egui::StrokeKind::Middle);
            }
        }
    }
}

fn star(painter: &Painter, centre: Pos2, radius: f32, is_filled: bool, colour: Color32) {
    let corner = |index: usize| {
        let length = if index.is_multiple_of(2) { radius } else { radius * 0.42 };
        let angle = std::f32::consts::TAU * (index as f32 / 10.0 - 0.25);
        pos2(centre.x + angle.cos() * length, centre.y + angle.sin() * length)
    };
    let corners: Vec<Pos2> = (0..10).map(corner).collect();
    if is_filled {
        // A star is not convex: five points and the middle, each by itself.
        for tip in (0..10).step_by(2) {
            let kite = vec![corners[(tip + 9) % 10], corners[tip], corners[tip + 1], centre];
            painter.add(Shape::convex_polygon(kite, colour, Stroke::NONE));
        }
    }
    painter.add(Shape::closed_line(corners, Stroke::new(1.2, colour)));
}
