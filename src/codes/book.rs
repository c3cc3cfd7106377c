//! A codebook ready to play: vectors, descriptors and sound of every code, shared by all voices.

use crate::dsp::descriptors::{COUNT, Descriptor, Row};

/// Vectors at most this wide.
pub const MAX_WIDTH: usize = 64;

/// Below this periodicity a code has no fundamental to be matched.
pub const PITCHED_FROM: f32 = 0.7;

/// All codes of a package. Immutable: share it in an `Arc`. What does not say that it allocates is wait-free and does not.
#[derive(Clone, Debug)]
pub struct Codebook {
    /// Rate of its sound, Hz.
    pub rate_hz: u32,
    /// Frames of a hop; the synthesis window is two hops.
    pub hop_frames: usize,
    /// Bands of the harmonics' envelope, on a mel axis from 0 Hz to half the rate.
    pub harmonic_bands: usize,
    /// Bands of the noise's envelope.
    pub noise_bands: usize,
    /// Values of a vector.
    pub width: usize,
    /// `[code * width]`, what the encoder's answer is compared with.
    pub vectors: Vec<f32>,
    /// How often each code was used in training.
    pub used: Vec<f32>,
    /// Pitch of each code in training, Hz.
    pub own_hz: Vec<f32>,
    /// Each code on the first two principal components, in deviations.
    pub plane: Vec<[f32; 2]>,
    /// Descriptors of each code at its own pitch.
    pub own: Vec<Row>,
    /// The pitches that the tables below are for, rising, Hz.
    pub grid_hz: Vec<f32>,
    /// `[code * grid + pitch]`, descriptors at a pitch of the grid.
    pub at_grid: Vec<Row>,
    /// `[code]`: up to a few successors and how often they followed, most frequent first.
    pub successors: Vec<Vec<(u16, f32)>>,
    /// `[(code * grid + pitch) * bands]`: natural logarithms of the magnitudes at a level of 0 dB(A).
    pub bands: Vec<f32>,
    /// What makes the harmonics start at different times, `[hop_frames]` taps.
    pub scatter: Vec<f32>,
}

impl Codebook {
    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.own_hz.len()
    }

    /// Whether there is none; packages have at least one.
    pub fn is_empty(&self) -> bool {
        self.own_hz.is_empty()
    }

    /// Bands of both envelopes.
    pub fn band_count(&self) -> usize {
        self.harmonic_bands + self.noise_bands
    }

    /// The vector of a code.
    pub fn vector(&self, code: usize) -> &[f32] {
        &self.vectors[code * self.width..(code + 1) * self.width]
    }

    /// Square of the distance of two codes' vectors.
    pub fn distance(&self, a: usize, b: usize) -> f32 {
        squared(self.vector(a), self.vector(b))
    }

    /// The code whose vector is nearest to what the encoder answered; the first of equals.
    pub fn quantise(&self, vector: &[f32]) -> usize {
        self.nearest(vector).1
    }

    /// As [`Self::quantise`], but the last code as long as it is no more than `margin` farther away than the nearest.
    pub fn quantise_calmly(&self, vector: &[f32], last: Option<usize>, margin: f32) -> usize {
        let (square, nearest) = self.nearest(vector);
        let farthest = square.sqrt() + margin;
        let is_near = |last: &usize| squared(self.vector(*last), vector) <= farthest * farthest;
        last.filter(is_near).unwrap_or(nearest)
    }

    /// The nearest code's square distance, and the code.
    fn nearest(&self, vector: &[f32]) -> (f32, usize) {
        least(self.vectors.chunks_exact(self.width).map(|row| squared(row, vector)))
    }

    /// A pitch's place in the grid: the index below it, and the share of the one above. Linear over log pitch.
    pub(super) fn place_of(&self, f0_hz: f32) -> (usize, f32) {
        let last = self.grid_hz.len() - 1;
        let above = self.grid_hz.partition_point(|&hz| hz <= f0_hz);
        if above == 0 || last == 0 || f0_hz.is_nan() {
            return (0, 0.0);
        }
        let low = (above - 1).min(last - 1);
        let span = (self.grid_hz[low + 1] / self.grid_hz[low]).log2();
        (low, ((f0_hz / self.grid_hz[low]).log2() / span).clamp(0.0, 1.0))
    }

    /// Writes the bands of a code at a pitch, `[band_count]`; beyond the grid those of its end.
    pub fn bands_at(&self, code: usize, f0_hz: f32, out: &mut [f32]) {
        let (low, share) = self.place_of(f0_hz);
        let count = self.band_count();
        let start = (code * self.grid_hz.len() + low) * count;
        let here = &self.bands[start..start + count];
        if share == 0.0 {
            out.copy_from_slice(here);
            return;
        }
        let next = &self.bands[start + count..start + 2 * count];
        for ((out, a), b) in out.iter_mut().zip(here).zip(next) {
            *out = a * (1.0 - share) + b * share;
        }
    }

    /// A descriptor of a code: at a pitch that the player chooses, or (`None`) at its own.
    pub fn value(&self, descriptor: Descriptor, code: usize, f0_hz: Option<f32>) -> f32 {
        let index = descriptor as usize;
        let Some(f0_hz) = f0_hz else { return self.own[code][index] };
        let (low, share) = self.place_of(f0_hz);
        let row = code * self.grid_hz.len() + low;
        let here = self.at_grid[row][index];
        if share == 0.0 { here } else { here + share * (self.at_grid[row + 1][index] - here) }
    }

    /// Whether a code at its own pitch has a fundamental.
    pub fn is_pitched(&self, code: usize) -> bool {
        self.own[code][Descriptor::Periodicity as usize] >= PITCHED_FROM
    }

    /// A share (0 to 1) of the codes lies below the returned value; linear between neighbours. Of the fundamental, only
    /// codes that have one count. Allocates.
    pub fn percentile(&self, descriptor: Descriptor, f0_hz: Option<f32>, share: f32) -> f32 {
        let is_any_pitched = (0..self.len()).any(|code| self.is_pitched(code));
        let counts = |&code: &usize| descriptor != Descriptor::Fundamental || !is_any_pitched || self.is_pitched(code);
        let codes = (0..self.len()).filter(counts);
        let mut values: Vec<f32> = codes.map(|code| self.value(descriptor, code, f0_hz)).collect();
        values.sort_by(f32::total_cmp);
        let place = share.clamp(0.0, 1.0) * (values.len() - 1) as f32;
        let low = (place as usize).min(values.len().saturating_sub(2));
        let high = (low + 1).min(values.len() - 1);
        values[low] + (place - low as f32) * (values[high] - values[low])
    }

    /// The codes in rising order of a descriptor. Allocates.
    pub fn sorted(&self, descriptor: Descriptor, f0_hz: Option<f32>) -> Vec<usize> {
        let mut codes: Vec<usize> = (0..self.len()).collect();
        codes.sort_by(|&a, &b| self.value(descriptor, a, f0_hz).total_cmp(&self.value(descriptor, b, f0_hz)));
        codes
    }
}

/// The least of these values and its place, the first of equals; what is no number is never it.
pub(super) fn least(values: impl Iterator<Item = f32>) -> (f32, usize) {
    values.enumerate().fold((f32::MAX, 0), |best, (place, value)| if value < best.0 { (value, place) } else { best })
}

fn squared(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

const _: () = assert!(COUNT == 7, "packages' tables hold seven descriptors per code");

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Codes whose centroid rises with their number, on a grid of an octave.
    pub(in crate::codes) fn ladder(codes: usize) -> Codebook {
        let (harmonic_bands, noise_bands, grid) = (16, 8, 3);
        let count = harmonic_bands + noise_bands;
        let level = |code: usize, band: usize| {
            if band >= harmonic_bands { -9.0 } else { -2.0 - band as f32 * (1.0 - code as f32 / codes as f32) }
        };
        let row = |code: usize, hz: f32| [500.0 + 10.0 * code as f32 + 0.1 * hz, 400.0, hz, 0.9, -20.0, -30.0, 3000.0];
        let grid_hz = vec![200.0, 283.0, 400.0];
        Codebook {
            rate_hz: 44_100,
            hop_frames: 512,
            harmonic_bands,
            noise_bands,
            width: 2,
            vectors: (0..codes).flat_map(|code| [code as f32, 0.0]).collect(),
            used: vec![1.0; codes],
            own_hz: (0..codes).map(|code| 200.0 + code as f32).collect(),
            plane: vec![[0.0; 2]; codes],
            own: (0..codes).map(|code| row(code, 200.0 + code as f32)).collect(),
            at_grid: (0..codes)
                .flat_map(|code| grid_hz.iter().map(move |&hz| row(code, hz)).collect::<Vec<_>>())
                .collect(),
            grid_hz,
            successors: vec![Vec::new(); codes],
            bands: (0..codes * grid * count).map(|n| level(n / (grid * count), n % count)).collect(),
            scatter: (0..512).map(|n| if n == 30 { 1.0 } else { 0.0 }).collect(),
        }
    }

    #[test]
    fn descriptors_are_interpolated_over_pitch_and_held_beyond_the_grid() {
        let book = ladder(8);
        let at = |hz| book.value(Descriptor::Centroid, 2, Some(hz));
        assert_eq!(at(200.0), 540.0);
        assert_eq!(at(50.0), at(200.0));
        assert_eq!(at(4000.0), at(400.0));
        assert_eq!(at(f32::NAN), at(200.0));
        assert!((at((200.0f32 * 283.0).sqrt()) - (540.0 + 0.5 * 8.3)).abs() < 0.01);
        assert_eq!(book.value(Descriptor::Fundamental, 3, None), 203.0);
    }

    #[test]
    fn the_last_code_is_kept_until_another_is_nearer_by_the_margin() {
        let book = ladder(8);
        let calmly = |x: f32, last| book.quantise_calmly(&[x, 0.0], last, 0.5);
        assert_eq!(calmly(3.4, None), 3);
        assert_eq!((calmly(3.7, Some(3)), calmly(3.8, Some(3))), (3, 4));
        assert_eq!(calmly(3.4, Some(7)), 3);
        assert_eq!(calmly(f32::NAN, Some(5)), 0);
    }

    #[test]
    fn percentiles_and_order_are_of_the_codes() {
        let book = ladder(101);
        assert_eq!(book.percentile(Descriptor::Fundamental, None, 0.05), 205.0);
        assert_eq!(book.sorted(Descriptor::Centroid, None), (0..101).collect::<Vec<_>>());
    }
}
