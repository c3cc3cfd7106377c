//! The points of a line, several of which can be held and moved together.

use std::collections::BTreeSet;

use super::stroke::Point;

/// Which points of a line are selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected(BTreeSet<usize>);

impl Selected {
    /// Whether a point is.
    pub fn has(&self, index: usize) -> bool {
        self.0.contains(&index)
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The first of them.
    pub fn first(&self) -> Option<usize> {
        self.0.first().copied()
    }

    /// None any more.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// This one alone.
    pub fn only(&mut self, index: usize) {
        self.0 = BTreeSet::from([index]);
    }

    /// This one, too, or no longer.
    pub fn toggle(&mut self, index: usize) {
        if !self.0.remove(&index) {
            self.0.insert(index);
        }
    }

    /// All of so many points.
    pub fn all(&mut self, count: usize) {
        self.0 = (0..count).collect();
    }

    /// The next one or the one before, around the end of so many.
    pub fn step(&mut self, by: isize, count: usize) {
        if count > 0 {
            let from = self.first().map_or(if by > 0 { -1 } else { 0 }, |first| first as isize);
            self.only((from + by).rem_euclid(count as isize) as usize);
        }
    }

    /// Those in a box.
    pub fn within(&mut self, points: &[Point], [one, two]: [Point; 2]) {
        let is_between = |at: usize, point: &Point| (one[at].min(two[at])..=one[at].max(two[at])).contains(&point[at]);
        let inside = points.iter().enumerate().filter(|(_, point)| is_between(0, point) && is_between(1, point));
        self.0 = inside.map(|(index, _)| index).collect();
    }

    /// Where all points are once the selected ones have been moved together: by no more than keeps them between the points
    /// that stay, and within `low` and `high`.
    pub fn moved(&self, points: &[Point], by: Point, low: Point, high: Point) -> Vec<Point> {
        let [mut least, mut most] = [[f32::NEG_INFINITY; 2], [f32::INFINITY; 2]];
        for &index in &self.0 {
            let Some(&point) = points.get(index) else { continue };
            for at in 0..2 {
                least[at] = least[at].max((low[at] - point[at]).min(0.0));
                most[at] = most[at].min((high[at] - point[at]).max(0.0));
            }
            if let Some(before) = index.checked_sub(1).filter(|before| !self.has(*before)) {
                least[0] = least[0].max(points[before][0] - point[0]);
            }
            if let Some(after) = points.get(index + 1).filter(|_| !self.has(index + 1)) {
                most[0] = most[0].min(after[0] - point[0]);
            }
        }
        let by: Point = std::array::from_fn(|at| by[at].max(least[at]).min(most[at].max(least[at])));
        let moved = |(index, point): (usize, &Point)| {
            if self.has(index) { [point[0] + by[0], point[1] + by[1]] } else { *point }
        };
        points.iter().enumerate().map(moved).collect()
    }

    /// The points that are left without the selected ones; then none is selected.
    pub fn removed(&mut self, points: &[Point]) -> Vec<Point> {
        let left = points.iter().enumerate().filter(|(index, _)| !self.has(*index)).map(|(_, point)| *point).collect();
        self.clear();
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW: Point = [0.0, -3.0];
    const HIGH: Point = [10.0, 3.0];

    fn some(indices: &[usize]) -> Selected {
        Selected(indices.iter().copied().collect())
    }

    #[test]
    fn selected_points_move_together_and_pass_none_that_stays() {
        let points = [[1.0, 0.0], [2.0, 1.0], [3.0, -1.0], [5.0, 0.0]];
        let moved = some(&[1, 2]).moved(&points, [1.0, 0.5], LOW, HIGH);
        assert_eq!(moved, [[1.0, 0.0], [3.0, 1.5], [4.0, -0.5], [5.0, 0.0]]);
        let far = some(&[1, 2]).moved(&points, [99.0, 99.0], LOW, HIGH);
        assert_eq!(far, [[1.0, 0.0], [4.0, 3.0], [5.0, 1.0], [5.0, 0.0]], "their shape is kept");
        let back = some(&[0]).moved(&points, [-99.0, -99.0], LOW, HIGH);
        assert_eq!(back[0], [0.0, -3.0]);
        assert_eq!(some(&[0, 1, 2, 3]).moved(&points, [9.0, 0.0], LOW, HIGH)[3][0], 10.0);
        assert_eq!(some(&[7]).moved(&points, [1.0, 1.0], LOW, HIGH), points);
    }

    #[test]
    fn a_box_selects_and_delete_leaves_the_others() {
        let points = [[1.0, 0.0], [2.0, 1.0], [3.0, -1.0]];
        let mut selected = Selected::default();
        selected.within(&points, [[2.5, 2.0], [0.5, -0.5]]);
        assert_eq!(selected, some(&[0, 1]));
        selected.toggle(1);
        assert_eq!(selected.removed(&points), [[2.0, 1.0], [3.0, -1.0]]);
        assert!(selected.is_empty());
        selected.step(-1, 3);
        assert_eq!(selected.first(), Some(2));
        selected.step(1, 3);
        assert_eq!(selected.first(), Some(0));
    }
}
