//! A walk over the plane, as it was recorded.

use serde::{Deserialize, Serialize};

use super::plane::Place;
use crate::controls::AtEnd;

/// Points that a walk may have.
pub const MAX_WALK_POINTS: usize = 4096;

/// A walk is at most so long, seconds.
pub const LONGEST_WALK_S: f32 = 3600.0;

/// A moment of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WalkPoint {
    /// From the walk's beginning, seconds.
    pub time_s: f32,
    /// Where it is then.
    pub place: Place,
}

/// Checks what a project says.
///
/// # Errors
/// Names the key, and what was expected.
pub fn check(walk: &[WalkPoint]) -> Result<(), String> {
    let count = walk.len();
    if count > MAX_WALK_POINTS {
        return Err(format!("“walk” should be at most {MAX_WALK_POINTS} points, but are {count}"));
    }
    let mut before_s = 0.0;
    for (n, point) in walk.iter().enumerate() {
        if !(before_s..=LONGEST_WALK_S).contains(&point.time_s) {
            return Err(format!(
                "“walk” {n} “time_s” should be {before_s} to {LONGEST_WALK_S}, in order, but is {}",
                point.time_s
            ));
        }
        if !point.place.iter().all(|value| (0.0..=1.0).contains(value)) {
            return Err(format!("“walk” {n} “place” should be two numbers from 0 to 1"));
        }
        before_s = point.time_s;
    }
    Ok(())
}

/// Length, seconds: the time of the last point.
pub fn length_s(walk: &[WalkPoint]) -> f64 {
    walk.last().map_or(0.0, |last| f64::from(last.time_s))
}

/// Where a walk is at a time from its beginning, in straight lines from point to point; once it is over, at its last one. `None`
/// where there is no point. Allocates nothing.
pub fn at(walk: &[WalkPoint], time_s: f64, at_end: AtEnd) -> Option<Place> {
    let (first, last) = (walk.first()?, walk.last()?);
    let length_s = length_s(walk);
    if length_s <= 0.0 {
        return Some(last.place);
    }
    let time_s = match at_end {
        AtEnd::Loop => time_s.rem_euclid(length_s),
        AtEnd::PingPong => {
            let there = time_s.rem_euclid(2.0 * length_s);
            there.min(2.0 * length_s - there)
        }
        AtEnd::Stop => time_s.clamp(0.0, length_s),
    };
    let after = walk.partition_point(|point| f64::from(point.time_s) <= time_s);
    let Some(before) = after.checked_sub(1).map(|n| &walk[n]) else { return Some(first.place) };
    let Some(next) = walk.get(after) else { return Some(before.place) };
    let share = (time_s - f64::from(before.time_s)) / f64::from(next.time_s - before.time_s);
    Some([0, 1].map(|axis| before.place[axis] + share as f32 * (next.place[axis] - before.place[axis])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(points: &[(f32, Place)]) -> Vec<WalkPoint> {
        points.iter().map(|&(time_s, place)| WalkPoint { time_s, place }).collect()
    }

    #[test]
    fn it_goes_in_straight_lines_and_comes_round_goes_back_or_stays() {
        let walk = walk(&[(0.5, [0.0, 1.0]), (1.5, [1.0, 0.5]), (2.0, [1.0, 0.0])]);
        for (time_s, looped, back_and_forth, once) in [
            (0.0, [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]),
            (1.0, [0.5, 0.75], [0.5, 0.75], [0.5, 0.75]),
            (1.75, [1.0, 0.25], [1.0, 0.25], [1.0, 0.25]),
            (2.0, [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]),
            (3.0, [0.5, 0.75], [0.5, 0.75], [1.0, 0.0]),
            (-0.25, [1.0, 0.25], [0.0, 1.0], [0.0, 1.0]),
        ] {
            assert_eq!(at(&walk, time_s, AtEnd::Loop), Some(looped), "{time_s}");
            assert_eq!(at(&walk, time_s, AtEnd::PingPong), Some(back_and_forth), "{time_s}");
            assert_eq!(at(&walk, time_s, AtEnd::Stop), Some(once), "{time_s}");
        }
        assert_eq!(length_s(&walk), 2.0);
    }

    #[test]
    fn a_point_alone_stays_two_at_one_time_are_a_leap_and_no_point_is_no_walk() {
        let alone = walk(&[(0.0, [0.3, 0.4])]);
        assert_eq!(at(&alone, 7.0, AtEnd::Loop), Some([0.3, 0.4]));
        let leap = walk(&[(0.0, [0.0, 0.0]), (1.0, [0.0, 0.0]), (1.0, [1.0, 1.0]), (2.0, [1.0, 1.0])]);
        assert_eq!(check(&leap), Ok(()));
        assert_eq!([0.99, 1.0].map(|time_s| at(&leap, time_s, AtEnd::Stop)), [Some([0.0; 2]), Some([1.0; 2])]);
        assert_eq!((at(&[], 1.0, AtEnd::Loop), length_s(&[])), (None, 0.0));
        assert_eq!(at(&leap, f64::NAN, AtEnd::Loop), Some([0.0; 2]));
    }

    #[test]
    fn nonsense_is_refused_by_its_key() {
        let middle = [0.5; 2];
        for (points, words) in [
            (vec![(0.0, middle); 4097], "“walk” should be at most 4096 points, but are 4097"),
            (
                vec![(0.0, middle), (2.0, middle), (1.0, middle)],
                "“walk” 2 “time_s” should be 2 to 3600, in order, but is 1",
            ),
            (vec![(-1.0, middle)], "“walk” 0 “time_s” should be 0 to 3600"),
            (vec![(3601.0, middle)], "“walk” 0 “time_s”"),
            (vec![(f32::NAN, middle)], "“walk” 0 “time_s”"),
            (vec![(0.0, middle), (1.0, [0.5, 1.5])], "“walk” 1 “place” should be two numbers from 0 to 1"),
        ] {
            let error = check(&walk(&points)).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
