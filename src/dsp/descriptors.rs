//! Acoustic descriptors of a sound, hop by hop: what codes are sorted, played and judged by.
//!
//! Peeters: A large set of audio features for sound description, CUIDADO report, Ircam 2004 (sections in the text below).
//! YIN: de Cheveigne and Kawahara, JASA 111 (2002). A-weighting: IEC 61672-1. All on the last 2048 frames under a Hann
//! window, with magnitudes scaled so that the power summed over the bins is the sound's mean square.
//! `models/training/timbreloom_train/descriptors.py` is the same for the trainer; `tests/test_codes.py` holds it to this.

use std::str::FromStr;

use super::loudness::LoudnessMeter;
use super::pitch::{MAX_HZ, PitchTracker, WINDOW_FRAMES};

/// How many descriptors there are.
pub const COUNT: usize = 7;

/// Frequencies of centroid and bandwidth, Hz.
const BAND_HZ: (f64, f64) = (20.0, 20_000.0);

/// Frequencies of the flatness, Hz.
const FLAT_HZ: (f64, f64) = (50.0, 16_000.0);

/// Power per bin added before the flatness's logarithm.
const FLAT_FLOOR: f64 = 1e-14;

/// Share of the energy below the rolloff (Peeters 6.1.6).
const ROLLOFF_SHARE: f64 = 0.95;

/// Below it there is no spectrum to speak of, dB(A) re full scale.
const SILENT_DB: f64 = -75.0;

/// A descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Descriptor {
    /// Spectral centroid, the magnitudes' mean frequency, Hz (Peeters 6.1.1, equation 6.1).
    Centroid,
    /// Spectral spread, the magnitudes' standard deviation around the centroid, Hz (Peeters 6.1.2).
    Bandwidth,
    /// Fundamental frequency by YIN and a causal search over the hops, Hz.
    Fundamental,
    /// 1 less YIN's normalised difference at the fundamental (equation 8), 0 (noise) to 1.
    Periodicity,
    /// A-weighted level, dB re full scale.
    Loudness,
    /// Spectral flatness, the geometric over the arithmetic mean of the power, dB (Peeters 9.1): 0 is white noise.
    Flatness,
    /// Frequency below which 95 % of the energy lies, Hz (Peeters 6.1.6).
    Rolloff,
}

impl Descriptor {
    /// In the order of packages' tables.
    pub const ALL: [Self; COUNT] = [
        Self::Centroid,
        Self::Bandwidth,
        Self::Fundamental,
        Self::Periodicity,
        Self::Loudness,
        Self::Flatness,
        Self::Rolloff,
    ];

    /// As users write it.
    pub fn name(self) -> &'static str {
        ["centroid", "bandwidth", "fundamental", "periodicity", "loudness", "flatness", "rolloff"][self as usize]
    }

    /// As manifests write it, with its unit.
    pub fn key(self) -> &'static str {
        let keys = [
            "centroid_hz",
            "bandwidth_hz",
            "fundamental_hz",
            "periodicity",
            "loudness_db",
            "flatness_db",
            "rolloff_hz",
        ];
        keys[self as usize]
    }

    /// `Hz`, `dB` or nothing.
    pub fn unit(self) -> &'static str {
        ["Hz", "Hz", "Hz", "", "dB(A)", "dB", "Hz"][self as usize]
    }

    /// Whether equal ratios, not equal differences, are heard as equal.
    pub fn is_ratio(self) -> bool {
        self.unit() == "Hz"
    }

    /// A value on the scale on which equal steps are about equally audible: the logarithm to base 2 of frequencies.
    pub fn perceived(self, value: f32) -> f32 {
        if self.is_ratio() { value.max(1.0).log2() } else { value }
    }
}

impl std::fmt::Display for Descriptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Descriptor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|descriptor| descriptor.name() == text.trim());
        found.ok_or_else(|| format!("should be one of {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// One hop's values, in the order of [`Descriptor::ALL`].
pub type Row = [f32; COUNT];

/// Describes one channel hop by hop. Everything but `new` is wait-free and does not allocate.
pub struct Describer {
    meter: LoudnessMeter,
    bin_hz: f64,
    tracker: PitchTracker,
}

impl Describer {
    /// For sound at `rate_hz` that comes in hops of `hop_frames`, at most [`WINDOW_FRAMES`].
    pub fn new(rate_hz: f64, hop_frames: usize) -> Self {
        Self {
            meter: LoudnessMeter::new(rate_hz),
            bin_hz: rate_hz / WINDOW_FRAMES as f64,
            // The middle of the window, where the spectrum is measured too.
            tracker: PitchTracker::new(rate_hz, MAX_HZ, hop_frames, WINDOW_FRAMES / 2),
        }
    }

    /// Takes the next hop and describes the last [`WINDOW_FRAMES`] frames, silence before the first.
    ///
    /// Centroid, bandwidth, periodicity, flatness and rolloff of silence are 0; its fundamental holds the last one.
    pub fn next(&mut self, hop: &[f32]) -> Row {
        let loudness_db = self.meter.next(hop);
        let pitch = self.tracker.next(hop, loudness_db as f32);
        if loudness_db < SILENT_DB {
            return [0.0, 0.0, pitch.f0_hz, 0.0, loudness_db as f32, 0.0, 0.0];
        }
        let (centroid_hz, bandwidth_hz) = self.moments();
        [
            centroid_hz as f32,
            bandwidth_hz as f32,
            pitch.f0_hz,
            pitch.voicing,
            loudness_db as f32,
            self.flatness_db() as f32,
            self.rolloff_hz() as f32,
        ]
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        self.meter.reset();
        self.tracker.reset();
    }

    fn bins(&self, (low_hz, high_hz): (f64, f64)) -> impl Iterator<Item = (f64, f64)> {
        let bin_hz = self.bin_hz;
        let bins = self.meter.power().iter().enumerate().map(move |(bin, &power)| (bin as f64 * bin_hz, power));
        bins.filter(move |&(hz, _)| low_hz <= hz && hz <= high_hz)
    }

    fn moments(&self) -> (f64, f64) {
        let (mut total, mut first) = (1e-30, 0.0);
        for (hz, power) in self.bins(BAND_HZ) {
            total += power.sqrt();
            first += power.sqrt() * hz;
        }
        let centroid_hz = first / total;
        let second: f64 = self.bins(BAND_HZ).map(|(hz, power)| power.sqrt() * (hz - centroid_hz).powi(2)).sum();
        (centroid_hz, (second / total).max(0.0).sqrt())
    }

    fn flatness_db(&self) -> f64 {
        let (mut count, mut logs, mut sum) = (0.0, 0.0, 0.0);
        for (_, power) in self.bins(FLAT_HZ) {
            count += 1.0;
            logs += (power + FLAT_FLOOR).log10();
            sum += power + FLAT_FLOOR;
        }
        10.0 * (logs / count - (sum / count).log10())
    }

    /// Between the bins in proportion, so that it moves smoothly.
    fn rolloff_hz(&self) -> f64 {
        let wanted = ROLLOFF_SHARE * self.meter.power().iter().sum::<f64>();
        let mut rising = 0.0;
        for (bin, &power) in self.meter.power().iter().enumerate() {
            if rising + power >= wanted {
                let share = ((wanted - rising) / (power + 1e-30)).clamp(0.0, 1.0);
                return (bin as f64 - 1.0 + share).max(0.0) * self.bin_hz;
            }
            rising += power;
        }
        self.bin_hz * (self.meter.power().len() - 1) as f64
    }
}

/// Every hop of a whole sound; what is left at its end is no hop. Allocates.
pub fn describe(samples: &[f32], rate_hz: f64, hop_frames: usize) -> Vec<Row> {
    let mut describer = Describer::new(rate_hz, hop_frames);
    samples.chunks_exact(hop_frames).map(|hop| describer.next(hop)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 44_100.0;

    /// Sines of (Hz, amplitude), described once the window is full of them.
    fn of(sines: &[(f64, f64)]) -> Row {
        let sample = |n: usize| {
            let at = |(hz, amplitude): &(f64, f64)| amplitude * (std::f64::consts::TAU * hz * n as f64 / RATE_HZ).sin();
            sines.iter().map(at).sum::<f64>() as f32
        };
        let samples: Vec<f32> = (0..512 * 20).map(sample).collect();
        describe(&samples, RATE_HZ, 512)[19]
    }

    fn value(row: &Row, descriptor: Descriptor) -> f32 {
        row[descriptor as usize]
    }

    #[test]
    fn a_sine_is_where_it_is() {
        let hz = 100.0 * RATE_HZ / 2048.0;
        let row = of(&[(hz, 0.5)]);
        assert!((f64::from(value(&row, Descriptor::Centroid)) - hz).abs() < 2.0, "{row:?}");
        // Hann: magnitudes 1/2, 1, 1/2 around it, a spread of a bin by the root of two; rounding far away adds some.
        assert!(
            (f64::from(value(&row, Descriptor::Bandwidth)) - RATE_HZ / 2048.0 / 2f64.sqrt()).abs() < 6.0,
            "{row:?}"
        );
        assert!((f64::from(value(&row, Descriptor::Rolloff)) - hz).abs() < RATE_HZ / 2048.0, "{row:?}");
        assert!(value(&row, Descriptor::Periodicity) > 0.98, "{row:?}");
        assert!(value(&row, Descriptor::Flatness) < -60.0, "{row:?}");
    }

    #[test]
    fn two_sines_have_their_mean_and_half_their_distance() {
        let [low, high] = [50.0, 150.0].map(|bin| bin * RATE_HZ / 2048.0);
        let row = of(&[(low, 0.2), (high, 0.2)]);
        let (mean, half) = (0.5 * (low + high), 0.5 * (high - low));
        assert!((f64::from(value(&row, Descriptor::Centroid)) - mean).abs() < 3.0, "{row:?}");
        assert!((f64::from(value(&row, Descriptor::Bandwidth)) - half).abs() < 3.0, "{row:?}");
    }

    #[test]
    fn a_tone_of_full_scale_at_one_kilohertz_is_at_minus_three_decibels() {
        let row = of(&[(1000.0, 1.0)]);
        assert!((value(&row, Descriptor::Loudness) + 3.01).abs() < 0.05, "{row:?}");
        assert!((value(&row, Descriptor::Fundamental) - 1000.0).abs() < 1.0, "{row:?}");
    }

    #[test]
    fn level_moves_loudness_alone() {
        let sines = |gain: f64| [(220.0, 0.4 * gain), (440.0, 0.2 * gain), (660.0, 0.1 * gain)];
        let (loud, soft) = (of(&sines(1.0)), of(&sines(0.1)));
        assert!((loud[Descriptor::Loudness as usize] - soft[Descriptor::Loudness as usize] - 20.0).abs() < 0.01);
        for descriptor in [Descriptor::Centroid, Descriptor::Bandwidth, Descriptor::Fundamental, Descriptor::Rolloff] {
            let ratio = value(&loud, descriptor) / value(&soft, descriptor);
            assert!((ratio - 1.0).abs() < 1e-3, "{descriptor}: {ratio}");
        }
    }

    #[test]
    fn white_noise_is_flat_and_silence_is_nothing() {
        let mut noise = vec![0.0; 512 * 200];
        super::super::noise::Noise::new(3).fill(&mut noise);
        let rows = describe(&noise, RATE_HZ, 512);
        let mean = |d: Descriptor| rows[10..].iter().map(|row| value(row, d)).sum::<f32>() / 190.0;
        // One periodogram of noise has exponential bins: the mean of their logarithms is -2.5 dB.
        assert!((mean(Descriptor::Flatness) + 2.5).abs() < 0.2, "{}", mean(Descriptor::Flatness));
        assert!((mean(Descriptor::Centroid) - 10_010.0).abs() < 100.0);
        assert!((mean(Descriptor::Rolloff) - 0.95 * 22_050.0).abs() < 150.0);
        let silence = describe(&[0.0; 512 * 5], RATE_HZ, 512)[4];
        assert_eq!(silence[..2], [0.0, 0.0]);
        assert!(silence.iter().all(|value| value.is_finite()));
    }

    #[test]
    fn names_are_read_back_and_others_are_refused() {
        for descriptor in Descriptor::ALL {
            assert_eq!(descriptor.name().parse(), Ok(descriptor));
            assert!(descriptor.key().starts_with(descriptor.name()));
        }
        assert!("brightness".parse::<Descriptor>().unwrap_err().contains("centroid"));
    }
}
