//! The partials of a sound: the highest peak of each slot under long windows.

use realfft::RealFftPlanner;

use super::schedule::{LONG_FRAMES, LONG_HOP, RATE_HZ};
use super::slots::{SLOTS, Slots};

/// A peak that far above what lies around it begins to be a partial, and surely is one, dB.
const PROMINENT_DB: (f64, f64) = (10.0, 16.0);

/// Bins on both sides of a peak from here to there tell what lies around it.
const AROUND: std::ops::RangeInclusive<usize> = 4..=9;

/// What a slot holds in one long window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Peak {
    /// Amplitude.
    pub(super) level: f64,
    /// -1 to 1 across the slot.
    pub(super) place: f64,
    /// How surely it is a partial, 0 to 1.
    pub(super) tonality: f64,
}

/// The peaks of a sound `[windows][SLOTS]`, at least one window. Allocates.
pub(super) fn peaks(sound: &[f32], slots: Slots) -> Vec<[Peak; SLOTS]> {
    let transform = RealFftPlanner::<f64>::new().plan_fft_forward(LONG_FRAMES);
    let weight = |n: usize| 0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / LONG_FRAMES as f64).cos();
    let weights: Vec<f64> = (0..LONG_FRAMES).map(weight).collect();
    let mut frame = transform.make_input_vec();
    let mut spectrum = transform.make_output_vec();
    let count = (sound.len() + 2 * LONG_HOP).saturating_sub(LONG_FRAMES) / LONG_HOP;
    let windows = (0..count.max(1)).map(|window| {
        let heard = sound.get(window * LONG_HOP..).unwrap_or_default();
        let samples = heard.iter().map(|&sample| f64::from(sample)).chain(std::iter::repeat(0.0));
        for ((slot, sample), weight) in frame.iter_mut().zip(samples).zip(&weights) {
            *slot = sample * weight;
        }
        transform.process(&mut frame, &mut spectrum).expect("the buffers have the plan's sizes");
        let logs: Vec<f64> = spectrum.iter().map(|bin| (bin.norm() + 1e-9).ln()).collect();
        highest(&logs, slots)
    });
    let mut found: Vec<[Peak; SLOTS]> = windows.collect();
    leave_out_accidents(&mut found);
    found
}

/// The highest maximum of each slot among the logarithms of a spectrum's magnitudes.
fn highest(logs: &[f64], slots: Slots) -> [Peak; SLOTS] {
    let mut found: [Option<(Maximum, f64)>; SLOTS] = [None; SLOTS];
    for maximum in (1..).zip(logs.array_windows()).filter_map(|(bin, around)| Maximum::of(bin, *around)) {
        let Some((slot, place)) = slots.find(maximum.bins * RATE_HZ / LONG_FRAMES as f64) else { continue };
        if found[slot].is_none_or(|(other, _)| maximum.height >= other.height) {
            found[slot] = Some((maximum, place));
        }
    }
    found.map(|found| found.map_or_else(Peak::default, |(maximum, place)| maximum.peak(place, logs)))
}

/// A bin that is at least as high as those beside it.
#[derive(Clone, Copy)]
struct Maximum {
    bin: usize,
    /// Where the maximum is between the bins.
    bins: f64,
    /// How high it is there: the logarithm of a magnitude.
    height: f64,
}

impl Maximum {
    /// Of a bin and what is before, in, and behind it.
    fn of(bin: usize, [left, middle, right]: [f64; 3]) -> Option<Self> {
        // What is no number is no maximum.
        if !(middle >= left && middle >= right) {
            return None;
        }
        let bend = left - 2.0 * middle + right;
        let offset = if bend < -1e-9 { (0.5 * (left - right) / bend).clamp(-0.5, 0.5) } else { 0.0 };
        Some(Self { bin, bins: bin as f64 + offset, height: middle - 0.25 * (left - right) * offset })
    }

    fn peak(&self, place: f64, logs: &[f64]) -> Peak {
        let above_db = (self.height - floor(logs, self.bin)) * (20.0 / std::f64::consts::LN_10);
        let (from_db, to_db) = PROMINENT_DB;
        Peak {
            // A Hann window's weights have the mean of a half, and a sine half its amplitude on either side of 0 Hz.
            level: self.height.exp() * 4.0 / LONG_FRAMES as f64,
            place,
            tonality: ((above_db - from_db) / (to_db - from_db)).clamp(0.0, 1.0),
        }
    }
}

/// What lies around a bin: the median, round the ends of the spectrum too.
fn floor(logs: &[f64], bin: usize) -> f64 {
    let mut around = [0.0; 12];
    let places = AROUND.flat_map(|away| [bin + logs.len() - away, bin + away]);
    around.iter_mut().zip(places).for_each(|(value, place)| *value = logs[place % logs.len()]);
    around.sort_by(f64::total_cmp);
    (around[5] + around[6]) / 2.0
}

/// A peak in one window alone is an accident of the noise; a partial that glides may lie in the next slot of the other window.
fn leave_out_accidents(windows: &mut [[Peak; SLOTS]]) {
    let found: Vec<[f64; SLOTS]> = windows.iter().map(|window| window.each_ref().map(|peak| peak.tonality)).collect();
    let near = |n: usize, slot: usize| {
        found[n][slot.saturating_sub(1)..(slot + 2).min(SLOTS)].iter().copied().fold(0.0, f64::max)
    };
    for (n, window) in windows.iter_mut().enumerate() {
        // The first and the last have one neighbour alone: what is not known is believed.
        if n > 0 && n + 1 < found.len() {
            for (slot, peak) in window.iter_mut().enumerate() {
                peak.tonality = peak.tonality.min(near(n - 1, slot).max(near(n + 1, slot)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, frames: usize) -> Vec<f32> {
        (0..frames).map(|n| (0.5 * (std::f64::consts::TAU * hz * n as f64 / RATE_HZ).sin()) as f32).collect()
    }

    fn heard(windows: &[[Peak; SLOTS]]) -> Vec<usize> {
        (0..SLOTS).filter(|&slot| windows[2][slot].tonality > 0.0 && windows[2][slot].level > 0.01).collect()
    }

    #[test]
    fn a_tone_is_found_at_its_place_with_its_level() {
        for (slot, place) in [(12, 0.1), (30, -0.7), (55, 0.6)] {
            let hz = Slots::Erb.hz(slot, place);
            let windows = peaks(&tone(hz, 8192), Slots::Erb);
            assert_eq!(heard(&windows), [slot]);
            let peak = windows[2][slot];
            let found_hz = Slots::Erb.hz(slot, peak.place);
            assert!((found_hz - hz).abs() < 0.6 && (peak.level - 0.5).abs() < 0.01, "{hz}: {found_hz}, {peak:?}");
            assert_eq!(peak.tonality, 1.0);
        }
    }

    #[test]
    fn a_partial_belongs_to_the_slot_of_its_frequency_not_of_its_bin() {
        let hz = Slots::Erb.hz(28, -1.0) + 3.0;
        let bin_hz = RATE_HZ / LONG_FRAMES as f64;
        assert_eq!(Slots::Erb.find((hz / bin_hz).round() * bin_hz).map(|(slot, _)| slot), Some(27));
        let windows = peaks(&tone(hz, 8192), Slots::Erb);
        assert_eq!((heard(&windows), windows[2][27]), (vec![28], Peak::default()));
    }

    #[test]
    fn a_harmonic_is_found_in_its_slot_by_the_fundamental() {
        let slots = Slots::Harmonics { f0_hz: 400.0 };
        let windows = peaks(&tone(1200.0 * (20.0f64 / 1200.0).exp2(), 8192), slots);
        assert_eq!(heard(&windows), [2]);
        assert!((windows[2][2].place - 0.4).abs() < 0.02, "{:?}", windows[2][2]);
        assert!(windows.iter().all(|window| window[55..].iter().all(|&peak| peak == Peak::default())));
    }

    #[test]
    fn noise_has_hardly_a_partial() {
        let mut noise = vec![0.0; 44_100];
        crate::dsp::noise::Noise::new(3).fill(&mut noise);
        let windows = peaks(&noise, Slots::Erb);
        let sum: f64 = windows.iter().flatten().map(|peak| peak.tonality).sum();
        assert!(sum / (windows.len() * SLOTS) as f64 <= 0.1, "{sum}");
    }

    #[test]
    fn whatever_a_sound_holds_it_has_windows() {
        for sound in [&[][..], &[f32::NAN; 3000], &[f32::INFINITY; 100], &[f32::MAX; 5000]] {
            let windows = peaks(sound, Slots::Erb);
            assert!(windows.iter().flatten().all(|peak| (-1.0..=1.0).contains(&peak.place)));
        }
        assert_eq!([0, 2047, 2048, 2560].map(|frames| peaks(&tone(300.0, frames), Slots::Erb).len()), [1, 1, 2, 3]);
    }
}
