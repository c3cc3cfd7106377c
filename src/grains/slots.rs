//! Where the partials of a grain lie: each in a slot of its own, a little way up or down.

use super::bands::{LOW_HZ, erb, hz_of};
use super::schedule::{LONG_FRAMES, RATE_HZ};

/// Partials of a grain.
pub const SLOTS: usize = 64;

/// Up to here slots reach that are laid out by ear, Hz.
const TOP_PARTIAL_HZ: f64 = 12_000.0;

/// So far a partial that glides may leave the slot that it began in, as a place.
pub const FARTHEST: f64 = 3.0;

/// From a place of 0 to one of 1 a harmonic moves by the 24th part of an octave: 50 cents.
const PLACES_IN_AN_OCTAVE: f64 = 24.0;

/// How a model lays out its slots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slots {
    /// Side by side from 30 Hz to 12 kHz, of equal width to the ear; a place of -1 to 1 is that of a partial across its slot, and
    /// one beyond is that of a partial that has left it.
    Erb,
    /// The n-th slot is the n-th harmonic; a place of -1 to 1 puts it by 50 cents down to 50 up.
    Harmonics {
        /// The fundamental, Hz.
        f0_hz: f32,
    },
}

impl Slots {
    /// The frequency of a partial, Hz, by its slot and its place, within [`FARTHEST`].
    pub fn hz(self, slot: usize, place: f64) -> f64 {
        match self {
            Self::Erb => hz_of(erb(LOW_HZ) + (slot as f64 + (place + 1.0) / 2.0) * step()),
            Self::Harmonics { f0_hz } => harmonic(f0_hz, slot) * (place / PLACES_IN_AN_OCTAVE).exp2(),
        }
    }

    /// The slot in which a partial of that frequency, Hz, lies, and its place there, -1 to 1. None where there is no slot: a
    /// harmonic's reaches at least half a bin of a long window to both sides.
    pub(super) fn find(self, hz: f64) -> Option<(usize, f64)> {
        let (slot, place) = match self {
            Self::Erb => {
                let slots = (erb(hz) - erb(LOW_HZ)) / step();
                let is_within = (0.0..SLOTS as f64).contains(&slots);
                (is_within.then_some(slots as usize)?, 2.0 * slots.fract() - 1.0)
            }
            Self::Harmonics { f0_hz } => {
                // The nearest harmonic; what is no number is the first slot, and not near.
                let slot = ((hz / f64::from(f0_hz)).round_ties_even() - 1.0).clamp(0.0, (SLOTS - 1) as f64) as usize;
                let middle = harmonic(f0_hz, slot);
                let place = PLACES_IN_AN_OCTAVE * (hz / middle).log2();
                let is_near = place.abs() <= 1.0 || (hz - middle).abs() <= 0.5 * RATE_HZ / LONG_FRAMES as f64;
                (is_near.then_some(slot)?, place)
            }
        };
        Some((slot, place.clamp(-1.0, 1.0)))
    }
}

/// The width of a slot that is laid out by ear, equivalent rectangular bandwidths.
fn step() -> f64 {
    (erb(TOP_PARTIAL_HZ) - erb(LOW_HZ)) / SLOTS as f64
}

/// The middle of a harmonic's slot, Hz.
fn harmonic(f0_hz: f32, slot: usize) -> f64 {
    f64::from(f0_hz) * (slot as f64 + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_goes_both_ways() {
        // Slots of harmonics lie over each other from the 17th on.
        for (slots, last) in [(Slots::Erb, 63), (Slots::Harmonics { f0_hz: 196.0 }, 15)] {
            for slot in [0, 1, last / 2, last] {
                for place in [-0.99, -0.3, 0.0, 0.9] {
                    let found = slots.find(slots.hz(slot, place)).unwrap();
                    assert!(found.0 == slot && (found.1 - place).abs() < 1e-9, "{slots:?}, {slot}, {place}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn slots_by_ear_lie_side_by_side() {
        assert!((Slots::Erb.hz(0, -1.0) - 30.0).abs() < 1e-9);
        assert!((Slots::Erb.hz(63, 1.0) - 12_000.0).abs() < 1e-6);
        for slot in 1..SLOTS {
            let edges = [Slots::Erb.hz(slot - 1, 1.0), Slots::Erb.hz(slot, -1.0)];
            assert!((edges[0] - edges[1]).abs() < 1e-6);
        }
    }

    #[test]
    fn a_harmonic_moves_by_half_a_semitone() {
        let slots = Slots::Harmonics { f0_hz: 1000.0 };
        let cents = |place| 1200.0 * (slots.hz(4, place) / 5000.0).log2();
        assert!((cents(1.0) - 50.0).abs() < 1e-9 && (cents(-1.0) + 50.0).abs() < 1e-9);
    }

    #[test]
    fn where_no_slot_is_no_partial_is_found() {
        let harmonics = |f0_hz| Slots::Harmonics { f0_hz };
        // Between two harmonics, and above the last one.
        for (slots, hz) in
            [(Slots::Erb, 29.9), (Slots::Erb, 12_001.0), (harmonics(400.0), 600.0), (harmonics(100.0), 6700.0)]
        {
            assert_eq!(slots.find(hz), None, "{slots:?}, {hz}");
        }
        for f0_hz in [f32::NAN, f32::INFINITY, 0.0, -200.0, 1e30] {
            assert_eq!(harmonics(f0_hz).find(440.0), None, "{f0_hz}");
        }
    }

    #[test]
    fn a_low_harmonic_is_found_half_a_bin_away() {
        let slots = Slots::Harmonics { f0_hz: 60.0 };
        let found = |cents: f64| slots.find(60.0 * (cents / 1200.0).exp2());
        assert!(found(40.0).is_some_and(|(slot, place)| slot == 0 && (place - 0.8).abs() < 1e-9));
        assert_eq!([found(200.0), found(-300.0), found(400.0)], [Some((0, 1.0)), Some((0, -1.0)), None]);
    }
}
