//! What an encoder hears of a hit: a row of numbers for each grain, and its first wave.

use super::bands::BANDS;
use super::densities::Densities;
use super::onset::first_frames;
use super::peaks::peaks;
use super::schedule::{LONG_FRAMES, LONG_HOP, MOST_FRAMES, times};
use super::slots::{SLOTS, Slots};

/// Numbers in a row: the densities of the bands, dB, then the levels of the partials, dB, then their places, -1 to 1.
pub const COLUMNS: usize = BANDS + 2 * SLOTS;

/// What is below is taken for it, dB.
const FLOOR_DB: f64 = -110.0;

/// A hit as encoders hear it.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// The grains' middles `[grains]`, frames since the onset.
    pub middles: Vec<usize>,
    /// `[grains * COLUMNS]`.
    pub rows: Vec<f32>,
    /// [`first_frames`].
    pub wave: Vec<f32>,
}

/// Hears hits, of 44.1 kHz.
#[derive(Default)]
pub struct Analyser {
    densities: Densities,
}

impl Analyser {
    /// With no transform made yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The features of a hit, whose first frame is its onset (see [`hit`](super::onset::hit)); of a longer one those of its
    /// first 6 s. What is no number counts as silence. Any thread but the audio thread; allocates.
    pub fn hear(&mut self, hit: &[f32], slots: Slots) -> Features {
        let known = |&sample: &f32| if sample.is_finite() { sample } else { 0.0 };
        let hit: Vec<f32> = hit.iter().take(MOST_FRAMES).map(known).collect();
        let middles = times(hit.len());
        let densities = self.densities.of(&hit, &middles);
        let peaks = peaks(&hit, slots);
        let mut rows = Vec::with_capacity(middles.len() * COLUMNS);
        for (&middle, densities) in middles.iter().zip(densities.chunks_exact(BANDS)) {
            let peaks = &peaks[nearest(middle, peaks.len())];
            rows.extend(densities.iter().map(|density| density_db(*density) as f32));
            rows.extend(peaks.iter().map(|peak| level_db(peak.level * peak.tonality) as f32));
            rows.extend(peaks.iter().map(|peak| if peak.tonality > 0.0 { peak.place as f32 } else { 0.0 }));
        }
        Features { middles, rows, wave: first_frames(&hit) }
    }
}

/// The long window whose middle is nearest to a grain's.
fn nearest(middle: usize, windows: usize) -> usize {
    let hops = (middle as f64 - (LONG_FRAMES / 2) as f64) / LONG_HOP as f64;
    (hops.round_ties_even().max(0.0) as usize).min(windows - 1)
}

/// Of a power density.
fn density_db(density: f64) -> f64 {
    10.0 * density.max(10f64.powf(FLOOR_DB / 10.0)).log10()
}

/// Of an amplitude.
fn level_db(amplitude: f64) -> f64 {
    20.0 * (amplitude + 10f64.powf(FLOOR_DB / 20.0)).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_heard_as_the_floor() {
        let heard = Analyser::new().hear(&[0.0; 3000], Slots::Erb);
        assert_eq!(heard.rows.len(), heard.middles.len() * COLUMNS);
        for row in heard.rows.chunks_exact(COLUMNS) {
            let (decibels, places) = row.split_at(BANDS + SLOTS);
            assert!(decibels.iter().all(|db| (db + 110.0).abs() < 1e-3) && places.iter().all(|&place| place == 0.0));
        }
    }

    #[test]
    fn whatever_a_recording_holds_its_rows_are_numbers() {
        let mut analyser = Analyser::new();
        let (long, empty): (&[f32], &[f32]) = (&[1.0; MOST_FRAMES + 9999], &[]);
        for hit in [empty, &[f32::NAN; 3000], &[f32::INFINITY; 100], &[f32::MAX; 5000], long] {
            for slots in [Slots::Erb, Slots::Harmonics { f0_hz: 110.0 }, Slots::Harmonics { f0_hz: f32::NAN }] {
                let heard = analyser.hear(hit, slots);
                let values = heard.rows.iter().chain(&heard.wave);
                assert!(values.copied().all(f32::is_finite), "{} frames", hit.len());
                assert!(heard.middles.len() <= 2048 && !heard.middles.is_empty());
            }
        }
    }
}
