//! A curve that the musician draws, looped by the song: saved with the project, read by the audio thread.

// The points are drawn and saved on other threads; the audio thread sees the table alone.
#![allow(clippy::disallowed_types)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// Values of the table that the audio thread reads.
const SIZE: usize = 512;

/// Points at most.
pub const MAX_POINTS: usize = 256;

/// A drawn curve: places and values from 0 to 1, in order of place; straight between them, held at both ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Points(pub Vec<(f32, f32)>);

impl Default for Points {
    /// Up and down.
    fn default() -> Self {
        Self(vec![(0.0, 0.0), (0.5, 1.0), (1.0, 0.0)])
    }
}

impl Points {
    /// Whether [`Self::repaired`] moves or leaves out any of them; that it sorts them changes nothing that was meant.
    pub fn needs_mending(&self) -> bool {
        let is_inside = |(place, value): &(f32, f32)| (0.0..=1.0).contains(place) && (0.0..=1.0).contains(value);
        !(1..=MAX_POINTS).contains(&self.0.len()) || !self.0.iter().all(is_inside)
    }

    /// Numbers within 0 to 1, in order, at most [`MAX_POINTS`]; without any, a new instance's.
    #[must_use]
    pub fn repaired(mut self) -> Self {
        self.0.retain(|(place, value)| place.is_finite() && value.is_finite());
        self.0.iter_mut().for_each(|(place, value)| (*place, *value) = (place.clamp(0.0, 1.0), value.clamp(0.0, 1.0)));
        self.0.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.0.truncate(MAX_POINTS);
        if self.0.is_empty() { Self::default() } else { self }
    }

    fn at(&self, place: f32) -> f32 {
        let after = self.0.partition_point(|point| point.0 <= place);
        let (Some(before), next) = (self.0.get(after.wrapping_sub(1)), self.0.get(after)) else {
            return self.0.first().map_or(0.0, |point| point.1);
        };
        let Some(next) = next else { return before.1 };
        before.1 + (place - before.0) / (next.0 - before.0).max(1e-9) * (next.1 - before.1)
    }
}

/// The curve as the audio thread reads it: a table of atomics, so that neither side ever waits for the other.
#[derive(Debug)]
pub struct CurveTable([AtomicU32; SIZE]);

impl Default for CurveTable {
    fn default() -> Self {
        let table = Self(std::array::from_fn(|_| AtomicU32::new(0)));
        table.fill(&Points::default());
        table
    }
}

impl CurveTable {
    fn fill(&self, points: &Points) {
        for (n, slot) in self.0.iter().enumerate() {
            slot.store(points.at(n as f32 / SIZE as f32).to_bits(), Ordering::Relaxed);
        }
    }

    /// Its value, 0 to 1, at a moment in cycles.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn at(&self, cycles: f64) -> f32 {
        let place = if cycles.is_finite() { cycles.rem_euclid(1.0) * SIZE as f64 } else { 0.0 };
        let low = (place as usize).min(SIZE - 1);
        let value = |n: usize| f32::from_bits(self.0[n % SIZE].load(Ordering::Relaxed));
        value(low) + (place - low as f64) as f32 * (value(low + 1) - value(low))
    }
}

/// The curve of an instance: its points, and the table made of them.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    points: Arc<Mutex<Points>>,
    table: Arc<CurveTable>,
}

impl Curve {
    /// What is drawn. Not for the audio thread.
    pub fn points(&self) -> Points {
        self.points.lock().clone()
    }

    /// Draws another one, repaired where it makes no sense; heard from the next hop on. Not for the audio thread.
    pub fn draw(&self, points: Points) {
        let points = points.repaired();
        let mut held = self.points.lock();
        self.table.fill(&points);
        *held = points;
    }

    /// For the audio thread.
    pub fn table(&self) -> &CurveTable {
        &self.table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_follows_the_points_and_loops() {
        let curve = Curve::default();
        curve.draw(Points(vec![(0.25, 0.2), (0.75, 1.0)]));
        for (cycles, expected) in [(0.0, 0.2), (0.25, 0.2), (0.5, 0.6), (0.75, 1.0), (7.5, 0.6), (-0.5, 0.6)] {
            assert!((curve.table().at(cycles) - expected).abs() < 0.005, "{cycles}");
        }
        assert!(curve.table().at(f64::NAN).is_finite());
    }

    #[test]
    fn nonsense_is_mended() {
        let odd = Points(vec![(2.0, -1.0), (f32::NAN, 0.5), (0.5, f32::INFINITY), (-1.0, 7.0)]);
        assert_eq!(odd.repaired(), Points(vec![(0.0, 1.0), (1.0, 0.0)]));
        assert_eq!(Points(Vec::new()).repaired(), Points::default());
        let many = Points((0..1000).map(|n| (n as f32 / 1000.0, 0.5)).collect());
        assert_eq!(many.repaired().0.len(), MAX_POINTS);
    }

    #[test]
    fn what_mending_moves_or_leaves_out_needs_it_and_what_is_sorted_does_not() {
        let needs = |points: &[(f32, f32)]| Points(points.to_vec()).needs_mending();
        for odd in
            [&[][..], &[(0.0, 1.5)], &[(-0.1, 0.5)], &[(0.5, 0.5), (f32::NAN, 0.5)], &[(0.5, 0.5); MAX_POINTS + 1]]
        {
            assert!(needs(odd), "{odd:?}");
        }
        for sound in [&[(0.0, 1.0)][..], &[(1.0, 0.0), (0.0, 1.0)], &[(0.5, -0.0); MAX_POINTS]] {
            assert!(!needs(sound), "{sound:?}");
        }
    }
}
