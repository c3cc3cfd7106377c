//! A walk through grain space: what is drawn, and the way that it takes.

use serde::{Deserialize, Serialize};

/// Points of a walk that is drawn by hand at most.
pub const MAX_WALK_POINTS: usize = 512;

/// How many points a round of a circle or a winding of a spiral has.
const ROUND: usize = 64;
/// Rounds and windings at most.
pub(crate) const MAX_TURNS: f32 = 16.0;

/// The form of a walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WalkKind {
    /// As it was drawn by hand.
    #[default]
    Free,
    /// From its first point to its second.
    Line,
    /// Around its first point, through its second.
    Circle,
    /// From its first point outwards to its second.
    Spiral,
}

impl WalkKind {
    /// All of them, as they stand side by side.
    pub const ALL: [Self; 4] = [Self::Free, Self::Line, Self::Circle, Self::Spiral];

    /// The name on its tool.
    pub fn name(self) -> &'static str {
        ["Free", "Line", "Circle", "Spiral"][self as usize]
    }
}

/// How long a walk takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WalkLength {
    /// Whatever the tempo.
    Seconds(f32),
    /// Quarter notes of the host's tempo, in time with the song.
    Beats(f32),
}

/// A walk through grain space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Walk {
    /// Its form.
    pub kind: WalkKind,
    /// Places on the plane of grains: of a walk by hand all of them, else two. Empty: there is none.
    pub points: Vec<[f32; 2]>,
    /// Rounds of a circle, windings of a spiral, 0.25 to 16.
    pub turns: f32,
    /// How far apart on the plane its grains are, 0.02 to 1.
    pub step: f32,
    /// How long it takes from its beginning to its end.
    pub length: WalkLength,
    /// Whether it goes back the same way at its end; else it begins again.
    pub is_pendulum: bool,
    /// The kind of drum whose grains are heard, an index into [`super::KitView::classes`].
    pub class: usize,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            kind: WalkKind::Free,
            points: Vec::new(),
            turns: 1.0,
            step: 0.1,
            length: WalkLength::Beats(4.0),
            is_pendulum: false,
            class: 0,
        }
    }
}

impl Walk {
    /// The way that it takes, from its beginning to its end, as places joined by straight lines; empty without a walk.
    pub fn course(&self) -> Vec<[f32; 2]> {
        let is_sound = |point: &&[f32; 2]| point.iter().all(|place| place.is_finite());
        let points: Vec<[f32; 2]> = self.points.iter().filter(is_sound).take(MAX_WALK_POINTS).copied().collect();
        let (Some(&first), Some(&last)) = (points.first(), points.get(1)) else { return points };
        let out = [last[0] - first[0], last[1] - first[1]];
        match self.kind {
            WalkKind::Free => points,
            WalkKind::Line => vec![first, last],
            WalkKind::Circle => self.round(first, out, |_| 1.0),
            WalkKind::Spiral => self.round(first, out, |share| share),
        }
    }

    /// Around a centre and through its rim, as far from it as `reach` says of each share of the way.
    fn round(&self, centre: [f32; 2], rim: [f32; 2], reach: impl Fn(f32) -> f32) -> Vec<[f32; 2]> {
        let turns = if self.turns.is_finite() { self.turns.clamp(0.25, MAX_TURNS) } else { 1.0 };
        let count = (turns * ROUND as f32).ceil() as usize;
        let place = |n: usize| {
            let share = n as f32 / count as f32;
            let (sin, cos) = ((share - 1.0) * turns * std::f32::consts::TAU).sin_cos();
            let reach = reach(share);
            [centre[0] + reach * (rim[0] * cos - rim[1] * sin), centre[1] + reach * (rim[0] * sin + rim[1] * cos)]
        };
        (0..=count).map(place).collect()
    }
}

/// Where on a course so much of its length has been walked, 0 to 1.
pub(crate) fn along(course: &[[f32; 2]], share: f32) -> Option<[f32; 2]> {
    let far = |pair: &[[f32; 2]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
    let whole: f32 = course.windows(2).map(far).sum();
    let mut left = whole * share.clamp(0.0, 1.0);
    for pair in course.windows(2) {
        let length = far(pair);
        if left <= length && length > 0.0 {
            let part = left / length;
            return Some([0, 1].map(|axis| pair[0][axis] + (pair[1][axis] - pair[0][axis]) * part));
        }
        left -= length;
    }
    course.last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(kind: WalkKind, turns: f32) -> Vec<[f32; 2]> {
        Walk { kind, turns, points: vec![[1.0, 1.0], [3.0, 1.0]], ..Walk::default() }.course()
    }

    fn is_near(one: [f32; 2], two: [f32; 2]) -> bool {
        (one[0] - two[0]).hypot(one[1] - two[1]) < 1e-3
    }

    #[test]
    fn a_circle_stays_as_far_from_its_centre_and_a_spiral_comes_out_of_it() {
        let circle = walk(WalkKind::Circle, 1.0);
        assert!(circle.iter().all(|at| ((at[0] - 1.0).hypot(at[1] - 1.0) - 2.0).abs() < 1e-3));
        assert!(is_near(circle[0], circle[circle.len() - 1]));
        let spiral = walk(WalkKind::Spiral, 3.0);
        assert!(is_near(spiral[0], [1.0, 1.0]) && is_near(spiral[spiral.len() - 1], [3.0, 1.0]));
        assert_eq!(walk(WalkKind::Line, 5.0), [[1.0, 1.0], [3.0, 1.0]]);
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        let points = vec![[f32::NAN, 0.0], [0.0, 0.0], [1.0, f32::INFINITY], [1.0, 1.0]];
        let free = Walk { points: points.clone(), ..Walk::default() };
        assert_eq!(free.course(), [[0.0, 0.0], [1.0, 1.0]]);
        let round = Walk { points, kind: WalkKind::Spiral, turns: f32::NAN, ..Walk::default() };
        assert!(round.course().iter().flatten().all(|place| place.is_finite()));
    }

    #[test]
    fn half_of_a_way_is_half_of_its_length() {
        let course = [[0.0, 0.0], [1.0, 0.0], [1.0, 3.0]];
        assert_eq!(along(&course, 0.5), Some([1.0, 1.0]));
        assert_eq!([along(&course, 0.0), along(&course, 9.0)], [Some([0.0, 0.0]), Some([1.0, 3.0])]);
        assert_eq!(along(&[], 0.5), None);
    }
}
