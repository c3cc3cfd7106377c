//! A path's quantities over time: only what is in sight is drawn, column by column, however long the path is.

use egui::{Color32, Pos2, Rect, pos2};

use crate::paint::ribbon::{Knot, Pen};
use crate::paths::Course;
use crate::paths::editor::scale::Scale;
use crate::paths::editor::window::TimeWindow;

/// Hops that are closer together cannot be told apart, points.
const LEAST_HOP_POINTS: f32 = 0.6;

/// A part of a path in a rectangle.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    pub rect: Rect,
    pub window: TimeWindow,
    pub scale: Scale,
}

impl Plot {
    pub fn x(&self, time_s: f32) -> f32 {
        self.rect.left() + (time_s - self.window.start_s()) / self.window.span_s() * self.rect.width()
    }

    pub fn y(&self, value: f32) -> f32 {
        self.rect.bottom() - self.scale.share(value) * self.rect.height()
    }

    pub fn at(&self, [time_s, value]: [f32; 2]) -> Pos2 {
        pos2(self.x(time_s), self.y(value))
    }

    pub fn time(&self, x: f32) -> f32 {
        self.window.start_s() + (x - self.rect.left()) * self.unit()[0]
    }

    /// Time and value of a place.
    pub fn from(&self, at: Pos2) -> [f32; 2] {
        [self.time(at.x), self.scale.value((self.rect.bottom() - at.y) / self.rect.height())]
    }

    /// How many seconds and how much of the value a point of the screen is.
    pub fn unit(&self) -> [f32; 2] {
        [self.window.span_s() / self.rect.width(), (self.scale.high - self.scale.low) / self.rect.height()]
    }

    /// Whether a moment is in sight.
    pub fn shows(&self, time_s: f32) -> bool {
        (self.window.start_s()..=self.window.end_s()).contains(&time_s)
    }
}

/// How a course is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub half_width: f32,
    pub colour: Color32,
    /// Width of a column in which only lowest and highest are told apart, points.
    pub column: f32,
}

/// Adds what is in sight of a course: hop by hop where hops can be told apart, else from lowest to highest.
pub fn add(pen: &mut Pen, plot: &Plot, course: &Course, hop_s: f64, look: Look) {
    let hop_s = hop_s.max(1e-6);
    let hop = |time_s: f32| (f64::from(time_s.max(0.0)) / hop_s) as usize;
    let values = course.values();
    if f64::from(LEAST_HOP_POINTS * plot.unit()[0]) <= hop_s {
        let hops = hop(plot.window.start_s())..(hop(plot.window.end_s()) + 2).min(values.len());
        let mut knots = Vec::with_capacity(hops.len());
        for n in hops {
            if values[n].is_finite() {
                let at = plot.at([(n as f64 * hop_s) as f32, values[n]]);
                knots.push(Knot { at, half_width: look.half_width, colour: look.colour });
            } else {
                pen.stroke(&knots);
                knots.clear();
            }
        }
        return pen.stroke(&knots);
    }
    let columns = (plot.rect.width() / look.column).ceil() as usize;
    let column = |n: usize| {
        let x = plot.rect.left() + n as f32 * look.column;
        let [from, to] = [x, x + look.column].map(|x| hop(plot.time(x)));
        // With the next column's first hop, so that no gap is left where it rises steeply.
        let [low, high] = course.range(from..to + 1)?;
        (low.is_finite() && high.is_finite()).then(|| (x + look.column * 0.5, [plot.y(high), plot.y(low)]))
    };
    pen.band((0..columns).map(column), look.half_width, look.colour);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;
    use crate::paths::PathAxis;
    use egui::vec2;

    fn plot(length_s: f32) -> Plot {
        let rect = Rect::from_min_size(pos2(40.0, 20.0), vec2(600.0, 200.0));
        Plot { rect, window: TimeWindow::of(length_s), scale: Scale { low: -3.0, high: 3.0 } }
    }

    #[test]
    fn a_place_and_its_time_and_value_are_the_same() {
        let mut plot = plot(10.0);
        plot.window.show(2.0, 4.0);
        let at = plot.at([2.5, 1.0]);
        let [time_s, value] = plot.from(at);
        assert!((time_s - 2.5).abs() < 1e-4 && (value - 1.0).abs() < 1e-4);
        assert!(plot.shows(2.5) && !plot.shows(4.5));
    }

    #[test]
    fn a_course_is_drawn_within_its_time_with_its_highest_and_lowest_values() {
        let path = fake::path("One", 2, 20_000, 1);
        let course = path.course(PathAxis::Latent(0)).unwrap();
        let look = Look { half_width: 0.5, colour: Color32::WHITE, column: 1.0 };
        let (mut pen, plot) = (Pen::default(), plot(path.length_s() as f32));
        add(&mut pen, &plot, course, path.hop_s, look);
        let bounds = pen.bounds();
        let [low, high] = course.range(0..path.hops).unwrap();
        assert!((bounds.top() - plot.y(high)).abs() < 2.0 && (bounds.bottom() - plot.y(low)).abs() < 2.0, "{bounds:?}");
        assert!(bounds.left() >= plot.rect.left() - 1.0 && bounds.right() <= plot.rect.right() + 1.0, "{bounds:?}");
    }
}
