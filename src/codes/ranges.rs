//! Where a codebook's descriptors lie at each pitch: what a share from 0 to 1 of a descriptor's range means.

use super::book::Codebook;
use crate::dsp::descriptors::{COUNT, Descriptor};

/// Shares of the codes below the low and the high end of a range.
const ENDS: (f32, f32) = (0.05, 0.95);

/// The 5 % and 95 % points of every descriptor over the codes, as perceived. Everything but `new` is wait-free and does not
/// allocate.
#[derive(Clone, Debug)]
pub struct Ranges {
    own: [(f32, f32); COUNT],
    at_grid: Vec<[(f32, f32); COUNT]>,
}

impl Ranges {
    /// Sorts all codes by all descriptors at all pitches of the grid. Allocates.
    pub fn new(book: &Codebook) -> Self {
        let ends = |f0_hz: Option<f32>| {
            Descriptor::ALL.map(|descriptor| {
                let at = |share| descriptor.perceived(book.percentile(descriptor, f0_hz, share));
                (at(ENDS.0), at(ENDS.1))
            })
        };
        Self { own: ends(None), at_grid: book.grid_hz.iter().map(|&hz| ends(Some(hz))).collect() }
    }

    /// Both ends of a descriptor's range at a pitch (`None`: each code at its own), as perceived.
    fn ends(&self, book: &Codebook, descriptor: Descriptor, f0_hz: Option<f32>) -> (f32, f32) {
        let index = descriptor as usize;
        let Some(f0_hz) = f0_hz else { return self.own[index] };
        let (low, share) = book.place_of(f0_hz);
        let here = self.at_grid[low][index];
        if share == 0.0 {
            return here;
        }
        let next = self.at_grid[low + 1][index];
        (here.0 + share * (next.0 - here.0), here.1 + share * (next.1 - here.1))
    }

    /// The value, in the descriptor's unit, at a share of its range; equal steps are about equally audible.
    pub fn value(&self, book: &Codebook, descriptor: Descriptor, f0_hz: Option<f32>, share: f32) -> f32 {
        let (low, high) = self.ends(book, descriptor, f0_hz);
        let perceived = low + share * (high - low);
        if descriptor.is_ratio() { perceived.exp2() } else { perceived }
    }

    /// The share, 0 to 1, of its range at which a value lies; 0 for what is no number.
    pub fn share(&self, book: &Codebook, descriptor: Descriptor, f0_hz: Option<f32>, value: f32) -> f32 {
        let (low, high) = self.ends(book, descriptor, f0_hz);
        let share = (descriptor.perceived(value) - low) / (high - low).max(1e-6);
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::super::book::tests::ladder;
    use super::*;

    #[test]
    fn a_share_and_its_value_are_each_others_inverse_at_every_pitch() {
        let book = ladder(101);
        let ranges = Ranges::new(&book);
        for f0_hz in [None, Some(50.0), Some(200.0), Some(250.0), Some(400.0), Some(9000.0)] {
            let mut last = 0.0;
            for share in [0.0, 0.3, 0.5, 1.0] {
                let value = ranges.value(&book, Descriptor::Centroid, f0_hz, share);
                assert!(value > last, "{f0_hz:?} {share}");
                last = value;
                assert!((ranges.share(&book, Descriptor::Centroid, f0_hz, value) - share).abs() < 1e-3);
            }
        }
        // 5 % of 101 codes, 10 Hz apart, from 520 Hz.
        assert!((ranges.value(&book, Descriptor::Centroid, Some(200.0), 0.0) - 570.0).abs() < 0.1);
        for odd in [f32::NAN, f32::INFINITY, -1.0] {
            assert!((0.0..=1.0).contains(&ranges.share(&book, Descriptor::Centroid, None, odd)));
        }
    }
}
