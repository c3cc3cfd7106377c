//! How a descriptor's values are spread over the codes: its scale, its colours and its histogram.

use super::{CodebookView, Descriptor};

/// Bins of the histogram.
pub const BINS: usize = 40;
/// Shares of the codes below the range's ends.
const ENDS: [f32; 2] = [0.05, 0.95];
/// Where the range's ends lie on the colour scale: what lies beyond still differs.
const TINTS: [f32; 2] = [0.47, 0.97];
/// The darkest of all: darker ones cannot be told from the ground.
pub const LEAST_TINT: f32 = 0.43;
/// Room beyond the outermost values.
const MARGIN: f32 = 0.03;

/// The values of all codes, as perceived.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    pub descriptor: Descriptor,
    /// Both ends of the scale.
    pub ends: [f32; 2],
    /// 5 % and 95 % of the codes lie below.
    pub range: [f32; 2],
    pub bins: [usize; BINS],
    /// Codes that have a value.
    pub count: usize,
}

impl Spread {
    /// `None` where no code has a value.
    pub fn of(book: &CodebookView, descriptor: Descriptor) -> Option<Self> {
        let values = (0..book.codes.len()).filter_map(|code| book.perceived(code, descriptor));
        let mut values: Vec<f32> = values.collect();
        values.sort_by(f32::total_cmp);
        let (&least, &most) = (values.first()?, values.last()?);
        let room = ((most - least) * MARGIN).max(1e-3);
        let at = |share: f32| {
            let place = share * (values.len() - 1) as f32;
            let low = place as usize;
            let high = (low + 1).min(values.len() - 1);
            values[low] + (place - low as f32) * (values[high] - values[low])
        };
        let mut spread = Self {
            descriptor,
            ends: [least - room, most + room],
            range: ENDS.map(at),
            bins: [0; BINS],
            count: values.len(),
        };
        for value in &values {
            let bin = (spread.share(*value) * BINS as f32) as usize;
            spread.bins[bin.min(BINS - 1)] += 1;
        }
        Some(spread)
    }

    /// Where a perceived value lies on the scale, 0 to 1.
    pub fn share(&self, perceived: f32) -> f32 {
        let share = (perceived - self.ends[0]) / (self.ends[1] - self.ends[0]);
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Where a perceived value lies on the colour scale of [`crate::palette`]; even the lowest can be seen on the ground.
    pub fn tint(&self, perceived: f32) -> f32 {
        let share = (perceived - self.range[0]) / (self.range[1] - self.range[0]).max(1e-6);
        let tint = TINTS[0] + (TINTS[1] - TINTS[0]) * share;
        if tint.is_finite() { tint.clamp(LEAST_TINT, 1.0) } else { TINTS[0] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::CodeView;
    use crate::fake::DESCRIPTORS;

    const CENTROID: Descriptor = DESCRIPTORS[0];
    const FUNDAMENTAL: Descriptor = DESCRIPTORS[2];

    fn book(centroids: &[f32]) -> CodebookView {
        let code = |&hz: &f32| CodeView { values: [hz; 7], ..CodeView::default() };
        CodebookView { codes: centroids.iter().map(code).collect(), ..CodebookView::default() }
    }

    #[test]
    fn every_code_with_a_value_is_in_one_bin() {
        let spread = Spread::of(&book(&[100.0, 200.0, 400.0, f32::NAN, 0.0, 800.0]), CENTROID).unwrap();
        assert_eq!((spread.bins.iter().sum::<usize>(), spread.count), (4, 4));
        assert!(spread.share(200_f32.log2()) > 0.3 && spread.share(200_f32.log2()) < 0.37, "octaves are even");
    }

    #[test]
    fn codes_without_pitch_have_no_fundamental_and_none_at_all_is_no_spread() {
        let mut book = book(&[100.0, 200.0]);
        assert_eq!(Spread::of(&book, FUNDAMENTAL), None);
        book.codes[1].is_pitched = true;
        assert_eq!(Spread::of(&book, FUNDAMENTAL).unwrap().count, 1);
        assert_eq!(Spread::of(&CodebookView::default(), CENTROID), None);
    }

    #[test]
    fn the_range_leaves_a_twentieth_on_each_side() {
        let values: Vec<f32> = (0..=100).map(|n| (n as f32 * 0.1).exp2()).collect();
        let spread = Spread::of(&book(&values), CENTROID).unwrap();
        assert!((spread.range[0] - 0.5).abs() < 1e-3 && (spread.range[1] - 9.5).abs() < 1e-3, "{:?}", spread.range);
        let tints = [-1e9, 0.5, 5.0, 9.5, f32::NAN].map(|value| spread.tint(value));
        assert!(tints[0] < tints[1] && tints[1] < tints[2] && tints[2] < tints[3] && tints[4].is_finite());
    }
}
