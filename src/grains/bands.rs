//! Bands of equal width to the ear, and how the bins of a transform lie among them.
//!
//! The tables of a size of transform are made once and shared by all that use it.

use std::sync::OnceLock;

use super::schedule::{MOST_WINDOW, RATE_HZ};

/// Bands of a grain's noise.
pub const BANDS: usize = 96;

/// Middle of the lowest band, Hz.
pub const LOW_HZ: f64 = 30.0;

/// Middle of the highest band, Hz.
pub const TOP_HZ: f64 = 20_000.0;

/// Sizes of transforms are the powers of two up to [`MOST_WINDOW`].
const SIZES: usize = MOST_WINDOW.ilog2() as usize + 1;

/// How many equivalent rectangular bandwidths lie below a frequency (Glasberg and Moore 1990).
pub fn erb(hz: f64) -> f64 {
    21.4 * (1.0 + 0.00437 * hz).log10()
}

/// The frequency, Hz, below which that many equivalent rectangular bandwidths lie.
pub fn hz_of(erb: f64) -> f64 {
    ((erb * (std::f64::consts::LN_10 / 21.4)).exp() - 1.0) / 0.00437
}

/// From one band's middle to the next, equivalent rectangular bandwidths.
fn step() -> f64 {
    (erb(TOP_HZ) - erb(LOW_HZ)) / (BANDS - 1) as f64
}

/// Each bin of a transform, equivalent rectangular bandwidths.
fn bins(size: usize) -> impl Iterator<Item = f64> {
    (0..=size / 2).map(move |bin| erb(bin as f64 * RATE_HZ / size as f64))
}

/// Where a bin lies between two bands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BinPlace {
    /// The band below it, or the lowest; never the highest.
    pub(super) band: usize,
    /// How far it is towards the next band, 0 to 1.
    pub(super) share: f32,
}

/// The places of a transform's bins `[size / 2 + 1]`; the size is a power of two up to [`MOST_WINDOW`].
pub(super) fn bin_places(size: usize) -> &'static [BinPlace] {
    static TABLES: [OnceLock<Vec<BinPlace>>; SIZES] = [const { OnceLock::new() }; SIZES];
    TABLES[size.ilog2() as usize].get_or_init(|| {
        let place = |bin: f64| {
            let place = ((bin - erb(LOW_HZ)) / step()).clamp(0.0, (BANDS - 1) as f64);
            let band = (place as usize).min(BANDS - 2);
            BinPlace { band, share: (place - band as f64) as f32 }
        };
        bins(size).map(place).collect()
    })
}

/// What a band takes of a transform's bins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BandWeights {
    /// The lowest bin that it takes any of.
    first_bin: usize,
    /// From there on; together 1.
    weights: Vec<f64>,
}

impl BandWeights {
    /// The mean of what the bins hold `[size / 2 + 1]`.
    pub(super) fn mean(&self, bins: &[f64]) -> f64 {
        self.weights.iter().zip(&bins[self.first_bin..]).map(|(weight, bin)| weight * bin).sum()
    }
}

/// What the bands `[BANDS]` take of a transform's bins: those near a band's middle, or, where bins are wider than bands, the two
/// beside it. The size is a power of two up to [`MOST_WINDOW`].
pub(super) fn band_weights(size: usize) -> &'static [BandWeights] {
    static TABLES: [OnceLock<Vec<BandWeights>>; SIZES] = [const { OnceLock::new() }; SIZES];
    TABLES[size.ilog2() as usize].get_or_init(|| {
        let bins: Vec<f64> = bins(size).collect();
        let middle = |band: usize| erb(LOW_HZ) + step() * band as f64;
        (0..BANDS).map(|band| weights_at(&bins, middle(band))).collect()
    })
}

fn weights_at(bins: &[f64], middle: f64) -> BandWeights {
    let hat = |bin: &f64| 1.0 - (bin - middle).abs() / step();
    let first_bin = bins.iter().position(|bin| hat(bin) > 0.0).unwrap_or(0);
    let hats: Vec<f64> = bins[first_bin..].iter().map(hat).take_while(|&weight| weight > 0.0).collect();
    if hats.len() >= 3 {
        let sum: f64 = hats.iter().sum();
        return BandWeights { first_bin, weights: hats.into_iter().map(|weight| weight / sum).collect() };
    }
    let right = bins.partition_point(|&bin| bin < middle).clamp(1, bins.len() - 1);
    let share = (middle - bins[right - 1]) / (bins[right] - bins[right - 1]);
    BandWeights { first_bin: right - 1, weights: vec![1.0 - share, share] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_goes_both_ways() {
        for hz in [0.0, 30.0, 440.0, 20_000.0] {
            assert!((hz_of(erb(hz)) - hz).abs() < 1e-9 * (1.0 + hz), "{hz}");
        }
        assert!((erb(1000.0) - 15.62).abs() < 0.01, "{}", erb(1000.0));
    }

    #[test]
    fn white_noise_has_the_same_density_in_each_band_of_each_transform() {
        for size in [128, 256, 512, 1024, 2048] {
            let white = vec![3.0; size / 2 + 1];
            let weights = band_weights(size);
            assert_eq!(weights.len(), BANDS);
            assert!(weights.iter().all(|band| (band.mean(&white) - 3.0).abs() < 1e-9), "{size}");
        }
    }

    #[test]
    fn a_bin_lies_between_the_bands_around_it() {
        for size in [128, 2048] {
            let places = bin_places(size);
            assert_eq!(places.len(), size / 2 + 1);
            for (bin, place) in places.iter().enumerate() {
                let hz = (bin as f64 * RATE_HZ / size as f64).clamp(LOW_HZ, TOP_HZ);
                let erbs = erb(LOW_HZ) + (place.band as f64 + f64::from(place.share)) * step();
                assert!((hz_of(erbs) / hz - 1.0).abs() < 1e-5, "{size}, {bin}");
            }
        }
    }
}
