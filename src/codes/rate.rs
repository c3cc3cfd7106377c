//! A codebook at another sample rate, so that an instrument plays at the host's without resampling and its latency.

use super::book::Codebook;
use super::voice::mel;

/// Natural logarithm of a gain that is as good as nothing.
const NOTHING: f32 = -30.0;

impl Codebook {
    /// The same codes for sound at `rate_hz` (at least 8 kHz, at most 768 kHz): hops of the same duration within a hundredth,
    /// every band where it was in Hz, noise of the same density, and none of it above what the codes were trained on. Allocates.
    #[must_use]
    pub fn at_rate(&self, rate_hz: u32) -> Self {
        let rate_hz = rate_hz.clamp(8_000, 768_000);
        if rate_hz == self.rate_hz {
            return self.clone();
        }
        let (old, new) = (f64::from(self.rate_hz), f64::from(rate_hz));
        // Never coarser than the package's own bands.
        let more = |bands: usize| (((bands - 1) as f64 * mel(new / 2.0) / mel(old / 2.0)).ceil() as usize).max(1) + 1;
        let (harmonic_bands, noise_bands) = (more(self.harmonic_bands), more(self.noise_bands));
        let harmonic = places(self.harmonic_bands, harmonic_bands, old, new);
        let noise = places(self.noise_bands, noise_bands, old, new);
        // White noise of the same variance spreads over all frequencies up to half the rate.
        let density = (0.5 * (new / old).ln()) as f32;
        let mut bands = Vec::with_capacity(self.bands.len() / self.band_count() * (harmonic_bands + noise_bands));
        for row in self.bands.chunks_exact(self.band_count()) {
            let (of_harmonics, of_noise) = row.split_at(self.harmonic_bands);
            // There are no harmonics beyond the end: what the envelope says there is not heard.
            bands.extend(harmonic.iter().map(|place| {
                place.map_or(of_harmonics[self.harmonic_bands - 1], |place| between(of_harmonics, place))
            }));
            bands.extend(noise.iter().map(|place| place.map_or(NOTHING, |place| between(of_noise, place) + density)));
        }
        let hop_frames = smooth((self.hop_frames as f64 * new / old).round() as usize);
        let scatter = resample(&self.scatter, old / new, hop_frames);
        Self { rate_hz, hop_frames, harmonic_bands, noise_bands, bands, scatter, ..self.clone() }
    }
}

/// The nearest number that transforms are quick for, which is one of small primes: 557, what 512 frames at 44.1 kHz are at
/// 48 kHz, is a prime itself, and takes more than twice the time of 560.
fn smooth(frames: usize) -> usize {
    let is_smooth = |&frames: &usize| {
        let mut rest = frames;
        for prime in [2, 3, 5, 7] {
            while rest % prime == 0 {
                rest /= prime;
            }
        }
        rest == 1
    };
    let frames = frames.max(1);
    (0..frames).flat_map(|by| [frames + by, frames - by]).find(is_smooth).unwrap_or(frames)
}

/// Where each new band lies among the old ones: the one below and the share of the one above; `None` a band
/// and more beyond the last.
fn places(old_bands: usize, new_bands: usize, old_hz: f64, new_hz: f64) -> Vec<Option<(usize, f32)>> {
    let per_band = mel(new_hz / 2.0) / (new_bands - 1) as f64 / (mel(old_hz / 2.0) / (old_bands - 1) as f64);
    let place = |band: usize| {
        let place = band as f64 * per_band;
        // The first band beyond is as the last: else what lies just below the end would fall with it.
        (place < old_bands as f64).then(|| {
            let place = place.min((old_bands - 1) as f64);
            let low = (place as usize).min(old_bands.saturating_sub(2));
            (low, (place - low as f64) as f32)
        })
    };
    (0..new_bands).map(place).collect()
}

fn between(bands: &[f32], (low, share): (usize, f32)) -> f32 {
    let high = bands[(low + 1).min(bands.len() - 1)];
    bands[low] + share * (high - bands[low])
}

/// A filter's taps at another rate by the sinc between them (Shannon): `step` is the old rate over the new one.
fn resample(taps: &[f32], step: f64, frames: usize) -> Vec<f32> {
    let sinc = |x: f64| {
        let x = std::f64::consts::PI * x;
        if x.abs() < 1e-9 { 1.0 } else { x.sin() / x }
    };
    let cut = (1.0 / step).min(1.0);
    let tap = |n: usize| {
        let at = n as f64 * step;
        let sum: f64 = taps.iter().enumerate().map(|(m, tap)| f64::from(*tap) * sinc(cut * (at - m as f64))).sum();
        (sum * cut * step) as f32
    };
    (0..frames).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::book::tests::ladder;
    use super::super::voice::{Play, Voice};
    use crate::dsp::descriptors::{Descriptor, describe};

    /// Medians of centroid, level and fundamental of a code that is held.
    fn sound(rate_hz: u32, f0_hz: f32) -> (f32, f32, f32) {
        let book = Arc::new(ladder(8).at_rate(rate_hz));
        let hop = book.hop_frames;
        let mut voice = Voice::new(book, 1);
        let mut out = vec![0.0; hop * 60];
        out.chunks_exact_mut(hop).for_each(|out| voice.next(Play { code: 3, f0_hz, level_db: -20.0 }, out));
        // The analysis window is as long in frames at every rate. All that leaving samples out folds back is noise in the
        // first band beyond 22 kHz.
        let step = (rate_hz / 44_100).max(1) as usize;
        let out: Vec<f32> = out.into_iter().step_by(step).collect();
        let rows = describe(&out, f64::from(rate_hz) / step as f64, hop / step);
        let median = |descriptor: Descriptor| {
            let mut values: Vec<f32> = rows[20..].iter().map(|row| row[descriptor as usize]).collect();
            values.sort_by(f32::total_cmp);
            values[values.len() / 2]
        };
        (median(Descriptor::Centroid), median(Descriptor::Loudness), median(Descriptor::Fundamental))
    }

    #[test]
    fn a_code_sounds_the_same_at_every_rate() {
        let (_, level, _) = sound(44_100, 220.0);
        for rate_hz in [22_050, 32_000, 48_000, 88_200, 96_000, 192_000] {
            let (_, its_level, pitch) = sound(rate_hz, 220.0);
            assert!((its_level - level).abs() < 0.5, "{rate_hz} Hz: {its_level} dB, not {level}");
            // The tracker may take two periods for one: the code has few harmonics.
            let cents = 1200.0 * (pitch / 220.0).log2();
            assert!((cents - 1200.0 * (cents / 1200.0).round()).abs() < 3.0, "{rate_hz} Hz: {pitch}");
        }
        // At higher rates the folded noise counts: only a near rate has the same centroid.
        let (centroid, near) = (sound(44_100, 220.0).0, sound(48_000, 220.0).0);
        assert!((near / centroid - 1.0).abs() < 0.05, "{near}, not {centroid}");
    }

    #[test]
    fn the_packages_own_rate_changes_nothing() {
        let book = ladder(3);
        assert_eq!(book.at_rate(44_100).bands, book.bands);
    }

    #[test]
    fn a_hop_lasts_as_long_at_every_rate_and_has_no_large_prime_in_its_length() {
        let book = ladder(1);
        let hops = [22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000, 47_999].map(|rate_hz| {
            let hop_frames = book.at_rate(rate_hz).hop_frames;
            let longer = hop_frames as f64 / f64::from(rate_hz) / (512.0 / 44_100.0);
            assert!((longer - 1.0).abs() < 0.01, "{rate_hz} Hz: {hop_frames}");
            hop_frames
        });
        assert_eq!(hops, [256, 375, 512, 560, 1024, 1120, 2048, 2240, 560]);
    }
}
