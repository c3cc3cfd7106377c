//! A smooth line whose width and colour change along it; egui's own lines have one colour and open joints.

use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{Color32, Painter, Pos2, Shape, Vec2};

/// The soft edge on each side, in points.
const FEATHER: f32 = 0.8;
/// Points nearer than this give no direction.
const LEAST_STEP: f32 = 1e-3;

/// A point of the ribbon.
#[derive(Clone, Copy, Debug)]
pub struct Knot {
    pub at: Pos2,
    pub half_width: f32,
    pub colour: Color32,
}

/// Many ribbons in one mesh.
#[derive(Debug, Default)]
pub struct Pen {
    mesh: Mesh,
}

impl Pen {
    /// Adds a ribbon through all knots, in order: four vertices across at each knot: clear, full, full, clear.
    pub fn stroke(&mut self, knots: &[Knot]) {
        if knots.len() < 2 {
            return;
        }
        let mesh = &mut self.mesh;
        let first = mesh.vertices.len() as u32;
        let mut along = Vec2::X;
        for (index, knot) in knots.iter().enumerate() {
            let before = knots[index.saturating_sub(1)].at;
            let after = knots[(index + 1).min(knots.len() - 1)].at;
            if (after - before).length() > LEAST_STEP {
                along = (after - before).normalized();
            }
            let across = along.rot90();
            let edges = [-knot.half_width - FEATHER, -knot.half_width, knot.half_width, knot.half_width + FEATHER];
            for (edge, offset) in edges.into_iter().enumerate() {
                let color = if edge == 1 || edge == 2 { knot.colour } else { Color32::TRANSPARENT };
                mesh.vertices.push(Vertex { pos: knot.at + across * offset, uv: WHITE_UV, color });
            }
        }
        for knot in 0..knots.len() as u32 - 1 {
            for edge in 0..3 {
                let [one, two] = [first + knot * 4 + edge, first + (knot + 1) * 4 + edge];
                mesh.add_triangle(one, one + 1, two);
                mesh.add_triangle(one + 1, two, two + 1);
            }
        }
    }

    /// Fills between two lines that go from left to right, knot by knot.
    pub fn fill(&mut self, edges: impl Iterator<Item = [(Pos2, Color32); 2]>) {
        let mesh = &mut self.mesh;
        let mut before = None;
        for pair in edges {
            let first = mesh.vertices.len() as u32;
            mesh.vertices.extend(pair.map(|(pos, color)| Vertex { pos, uv: WHITE_UV, color }));
            if let Some(before) = before.replace(first) {
                mesh.add_triangle(before, before + 1, first);
                mesh.add_triangle(before + 1, first, first + 1);
            }
        }
    }

    /// Adds what lies between a lowest and a highest place in each of many columns, from left to right, with soft edges;
    /// `None` breaks it.
    pub fn band(&mut self, columns: impl Iterator<Item = Option<(f32, [f32; 2])>>, half_width: f32, colour: Color32) {
        let mesh = &mut self.mesh;
        let mut before = None;
        for column in columns {
            let Some((x, [top, bottom])) = column else {
                before = None;
                continue;
            };
            let first = mesh.vertices.len() as u32;
            let (top, bottom) = (top - half_width, bottom + half_width);
            for (y, color) in [
                (top - FEATHER, Color32::TRANSPARENT),
                (top, colour),
                (bottom, colour),
                (bottom + FEATHER, Color32::TRANSPARENT),
            ] {
                mesh.vertices.push(Vertex { pos: Pos2::new(x, y), uv: WHITE_UV, color });
            }
            if let Some(before) = before.replace(first) {
                for edge in 0..3 {
                    let [one, two] = [before + edge, first + edge];
                    mesh.add_triangle(one, one + 1, two);
                    mesh.add_triangle(one + 1, two, two + 1);
                }
            }
        }
    }

    /// Around all that was added.
    #[cfg(test)]
    pub fn bounds(&self) -> egui::Rect {
        self.mesh.calc_bounds()
    }

    /// Draws all that was added.
    pub fn paint(self, painter: &Painter) {
        if !self.mesh.is_empty() {
            painter.add(Shape::mesh(self.mesh));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_finite_where_knots_meet() {
        let knot = |x: f32| Knot { at: Pos2::new(x, 1.0), half_width: 1.0, colour: Color32::WHITE };
        let mut pen = Pen::default();
        pen.stroke(&[knot(0.0), knot(0.0), knot(3.0)]);
        pen.stroke(&[knot(9.0)]);
        let mesh = pen.mesh;
        assert_eq!((mesh.vertices.len(), mesh.indices.len()), (12, 36));
        assert!(mesh.vertices.iter().all(|vertex| vertex.pos.is_finite()));
        assert!(mesh.is_valid());
    }
}
