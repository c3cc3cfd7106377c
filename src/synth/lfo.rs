//! The low-frequency oscillator.

use crate::codes::curve::CurveShape;
use crate::dsp::noise::Noise;

/// Its forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LfoShape {
    /// One of those that targets have.
    Shape(CurveShape),
    /// Another value each cycle, held.
    Random,
}

impl LfoShape {
    /// Its value, -1 to 1, at a moment in cycles. Random values are those of `seed`.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn at(self, cycles: f64, seed: u64) -> f32 {
        let cycles = if cycles.is_finite() { cycles } else { 0.0 };
        let share = match self {
            Self::Shape(shape) => shape.at(cycles.rem_euclid(1.0) as f32),
            Self::Random => Noise::new(mix(seed, cycles.floor() as i64 as u64)).uniform(),
        };
        2.0 * share - 1.0
    }
}

/// One seed of two numbers.
pub(super) fn mix(a: u64, b: u64) -> u64 {
    // Two odd constants of SplitMix64: neighbours get sequences that have nothing in common.
    a.wrapping_mul(0xBF58_476D_1CE4_E5B9) ^ b.wrapping_add(1).wrapping_mul(0x94D0_49BB_1331_11EB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_stays_within_its_range_and_repeats_with_its_cycle() {
        for shape in CurveShape::ALL.map(LfoShape::Shape) {
            for n in 0..200 {
                let cycles = n as f64 * 0.0173;
                assert!((-1.0..=1.0).contains(&shape.at(cycles, 1)));
                assert!((shape.at(cycles, 1) - shape.at(cycles + 5.0, 1)).abs() < 1e-3, "{shape:?} {cycles}");
            }
        }
    }

    #[test]
    fn random_values_hold_for_a_cycle_and_belong_to_their_seed() {
        let random = LfoShape::Random;
        assert_eq!(random.at(3.1, 1), random.at(3.9, 1));
        assert_ne!(random.at(3.1, 1), random.at(4.1, 1));
        assert_ne!(random.at(3.1, 1), random.at(3.1, 2));
        let mean = (0..1000).map(|n| random.at(f64::from(n), 7)).sum::<f32>() / 1000.0;
        assert!(mean.abs() < 0.06, "{mean}");
        assert!(random.at(f64::NAN, 1).is_finite());
    }
}
