//! Drawn lines: collecting what a hand draws, leaving out what nobody sees, and putting it over what was there.

use super::super::MAX_PATH_POINTS;

/// Seconds from the path's beginning, and value.
pub type Point = [f32; 2];

/// A hand that shakes by less than this is drawn as a straight line, in points of the screen.
const TOLERANCE_POINTS: f32 = 0.75;

/// What a hand draws, in order of time however the hand moves.
#[derive(Clone, Debug, Default)]
pub struct Stroke {
    points: Vec<Point>,
    /// Where the hand is.
    at: Option<Point>,
    /// A point of the screen, in seconds and in values.
    unit: Point,
}

impl Stroke {
    /// Where a point of the screen is so many seconds and values.
    pub fn new(unit: Point) -> Self {
        Self { points: Vec::new(), at: None, unit }
    }

    /// The hand goes on: what lay between is drawn over.
    pub fn add(&mut self, point: Point) {
        if !point.iter().all(|number| number.is_finite()) {
            return;
        }
        let before = self.at.replace(point).map_or(point[0], |before| before[0]);
        let (low, high) = (before.min(point[0]), before.max(point[0]));
        self.points.retain(|&[time, _]| !(low..=high).contains(&time) || (time == before && time != point[0]));
        let after = self.points.partition_point(|&[time, _]| time <= point[0]);
        self.points.insert(after, point);
        if self.points.len() > 2 * MAX_PATH_POINTS {
            self.points = simplified(&self.points, self.unit, MAX_PATH_POINTS);
        }
    }

    /// As few points as look the same, at most [`MAX_PATH_POINTS`].
    pub fn line(&self) -> Vec<Point> {
        simplified(&self.points, self.unit, MAX_PATH_POINTS)
    }
}

/// As few points as stay within [`TOLERANCE_POINTS`] of all (Douglas and Peucker, 1973), and at most so many.
pub fn simplified(points: &[Point], unit: Point, most: usize) -> Vec<Point> {
    let mut tolerance = TOLERANCE_POINTS;
    loop {
        let kept = kept(points, unit, tolerance);
        if kept.len() <= most {
            return kept;
        }
        tolerance *= 1.5;
    }
}

fn kept(points: &[Point], unit: Point, tolerance: f32) -> Vec<Point> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let last = points.len() - 1;
    let mut is_kept = vec![false; points.len()];
    (is_kept[0], is_kept[last]) = (true, true);
    let mut parts = vec![(0, last)];
    while let Some((from, to)) = parts.pop() {
        let far = |&n: &usize| distance(points[n], [points[from], points[to]], unit);
        let farthest = (from + 1..to).max_by(|one, two| far(one).total_cmp(&far(two)));
        if let Some(farthest) = farthest.filter(|n| far(n) > tolerance) {
            is_kept[farthest] = true;
            parts.extend([(from, farthest), (farthest, to)]);
        }
    }
    points.iter().zip(is_kept).filter_map(|(point, is_kept)| is_kept.then_some(*point)).collect()
}

/// How far a point is from a line's part, in points of the screen.
fn distance(point: Point, [from, to]: [Point; 2], unit: Point) -> f32 {
    let between = |one: Point, two: Point| [(two[0] - one[0]) / unit[0], (two[1] - one[1]) / unit[1]];
    let ([dx, dy], [px, py]) = (between(from, to), between(from, point));
    let length = dx * dx + dy * dy;
    let share = if length > 0.0 { ((px * dx + py * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (px - share * dx).hypot(py - share * dy)
}

/// The value of a line at a moment, straight from point to point and held at both ends.
pub fn at(points: &[Point], time_s: f32) -> f32 {
    let after = points.partition_point(|point| point[0] <= time_s);
    match (after.checked_sub(1).map(|before| points[before]), points.get(after)) {
        (Some(before), Some(next)) => before[1] + (time_s - before[0]) / (next[0] - before[0]) * (next[1] - before[1]),
        (Some(before), None) => before[1],
        (None, Some(next)) => next[1],
        (None, None) => 0.0,
    }
}

/// A line drawn over another one: within its time it takes the other's place, and what is around stays as it was. `None`
/// where they are further apart than `touch_s`.
pub fn merged(old: &[Point], new: &[Point], touch_s: f32) -> Option<Vec<Point>> {
    let ([old_from, old_to], [from, to]) = (ends(old)?, ends(new)?);
    if from > old_to + touch_s || to < old_from - touch_s {
        return None;
    }
    let mut line: Vec<Point> = old.iter().copied().take_while(|point| point[0] < from).collect();
    if (old_from..old_to).contains(&from) && from > old_from {
        line.push([from, at(old, from)]);
    }
    line.extend(new);
    if (old_from..old_to).contains(&to) {
        line.push([to, at(old, to)]);
    }
    line.extend(old.iter().copied().filter(|point| point[0] > to));
    // Where the new line goes on from the old one, there are not two points in one place.
    line.dedup_by(|two, one| two[0] == one[0] && (two[1] - one[1]).abs() < 1e-6);
    Some(line)
}

fn ends(points: &[Point]) -> Option<[f32; 2]> {
    Some([points.first()?[0], points.last()?[0]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_stroke_is_two_points_and_a_bent_one_stays_within_the_tolerance() {
        let unit = [0.01, 0.02];
        let straight: Vec<Point> = (0..200).map(|n| [n as f32 * 0.01, n as f32 * 0.005]).collect();
        assert_eq!(simplified(&straight, unit, 4096), [straight[0], straight[199]]);
        let bent: Vec<Point> = (0..3000).map(|n| [n as f32 * 0.001, (n as f32 * 0.02).sin()]).collect();
        let few = simplified(&bent, unit, 4096);
        assert!(few.len() < 300, "{}", few.len());
        for point in &bent {
            assert!((at(&few, point[0]) - point[1]).abs() < 4.0 * unit[1]);
        }
        assert!(simplified(&bent, [1e-9, 1e-9], 50).len() <= 50);
    }

    #[test]
    fn a_hand_that_goes_back_draws_over_what_it_drew() {
        let mut stroke = Stroke::new([1e-6, 1e-6]);
        for point in [[0.0, 0.0], [1.0, 1.0], [2.0, 0.5], [3.0, 1.0], [1.5, -1.0], [f32::NAN, 0.0]] {
            stroke.add(point);
        }
        assert_eq!(stroke.line(), [[0.0, 0.0], [1.0, 1.0], [1.5, -1.0], [3.0, 1.0]]);
    }

    #[test]
    fn a_stroke_replaces_what_was_drawn_in_its_time_and_nothing_else() {
        let old = [[1.0, 0.0], [2.0, 2.0], [4.0, 0.0]];
        let line = merged(&old, &[[2.5, -1.0], [3.0, -1.0]], 0.02).unwrap();
        assert_eq!(line, [[1.0, 0.0], [2.0, 2.0], [2.5, 1.5], [2.5, -1.0], [3.0, -1.0], [3.0, 1.0], [4.0, 0.0]]);
        for time_s in [1.2, 1.9, 2.4, 3.3, 3.9] {
            assert!((at(&line, time_s) - at(&old, time_s)).abs() < 1e-5, "{time_s}");
        }
        assert_eq!(merged(&old, &[[4.01, 1.0], [5.0, 1.0]], 0.02).unwrap().len(), 5);
        assert_eq!(merged(&old, &[[4.1, 1.0], [5.0, 1.0]], 0.02), None);
        assert_eq!(merged(&old, &[[0.0, 1.0], [5.0, 1.0]], 0.02).unwrap(), [[0.0, 1.0], [5.0, 1.0]]);
    }
}
