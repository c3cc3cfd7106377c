//! Where the place was in the last seconds.

use std::collections::VecDeque;

use crate::paths::Place;

/// How long a place stays visible, seconds.
pub const FADE_S: f64 = 3.0;
/// More than anybody sees.
const MOST: usize = 720;

/// The way of the place that is heard.
#[derive(Debug, Default)]
pub struct PlaceTrail {
    /// When, and where; oldest first.
    places: VecDeque<(f64, Place)>,
    /// The place when it was last told of, and when that was.
    last: Option<(f64, Place)>,
}

impl PlaceTrail {
    /// Takes the frame's place; one that stays where it is leaves no trail.
    pub fn take(&mut self, place: Place, now_s: f64) {
        if !place.iter().all(|axis| axis.is_finite()) {
            return;
        }
        if let Some((before_s, before)) = self.last.replace((now_s, place)).filter(|(_, before)| *before != place) {
            // After a rest the way begins where it was.
            if self.places.back().is_none_or(|(at_s, _)| *at_s < before_s) {
                self.places.push_back((before_s, before));
            }
            self.places.push_back((now_s, place));
        }
        let excess = self.places.len().saturating_sub(MOST);
        self.places.drain(..excess);
        while self.places.front().is_some_and(|(at_s, _)| now_s - at_s >= FADE_S) {
            self.places.pop_front();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Each place with its strength, 1 when new and 0 when it has faded; oldest first.
    pub fn places(&self, now_s: f64) -> impl Iterator<Item = (Place, f32)> {
        let strength = move |at_s: f64| ((1.0 - (now_s - at_s) / FADE_S).clamp(0.0, 1.0) as f32).powf(1.5);
        self.places.iter().map(move |(at_s, place)| (*place, strength(*at_s)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_rests_leaves_no_trail_and_one_that_moves_fades() {
        let mut trail = PlaceTrail::default();
        trail.take([0.5; 2], 1.0);
        trail.take([0.5; 2], 2.0);
        trail.take([f32::NAN, 0.5], 2.1);
        assert!(trail.is_empty());
        trail.take([0.6, 0.5], 2.5);
        let places: Vec<Place> = trail.places(2.5).map(|(place, _)| place).collect();
        assert_eq!(places, [[0.5, 0.5], [0.6, 0.5]], "it begins where it was");
        let strength = |now_s: f64| trail.places(now_s).last().unwrap().1;
        assert!(strength(2.5) == 1.0 && strength(4.0) < 0.5);
        trail.take([0.6, 0.5], 2.5 + FADE_S);
        assert!(trail.is_empty());
    }

    #[test]
    fn is_bounded() {
        let mut trail = PlaceTrail::default();
        for n in 0..5000 {
            trail.take([n as f32 * 1e-4, 0.5], 1.0 + f64::from(n) * 1e-4);
        }
        assert!(trail.places(1.5).count() <= MOST);
    }
}
