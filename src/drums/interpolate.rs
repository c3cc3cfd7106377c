//! A sound between its frames: a windowed sinc, whose cut-off falls where the sound is played faster than it was made.
//!
//! Own code beside `dsp::resample`: rubato streams at one ratio that is known when it is made, and keeps its kernels to
//! itself; here each strike has a ratio of its own, and nothing may be allocated for it.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use std::f64::consts::PI;
use std::sync::LazyLock;

/// Taps of the kernel for sounds played slower than they were made; of the others more, as their cut-off is lower. As many
/// as `dsp::resample` has.
const TAPS: usize = 64;

/// Places between two frames at which that kernel is tabulated. Between them a straight line is off by -82 dB at the
/// highest frequencies, by less than -100 dB below 8 kHz.
const PLACES: usize = 128;

/// Of Kaiser's window: 80 dB.
const BETA: f64 = 7.857;

/// Where the kernel is at -6 dB, of the lower Nyquist frequency: it passes what is below 0.84, and stops at 1.
const CUTOFF: f64 = 0.92;

/// A kernel for each semitone: the cut-off is never more than a semitone too low.
const PER_OCTAVE: usize = 12;

/// How far up there are kernels. Two octaves are what a track can be tuned, the third is for hosts at half a sound's rate;
/// what lies beyond has the last one.
const OCTAVES: usize = 3;

/// A kernel for one cut-off.
pub struct Kernel {
    taps: usize,
    places: usize,
    /// `[places + 1][taps]`: the kernel as seen from each place between two frames; the last row is a frame further.
    rows: Vec<f32>,
}

impl Kernel {
    /// For sounds that are played `stretch` times (at least 1) as fast as they were made. Allocates.
    fn new(stretch: f64) -> Self {
        let half = (TAPS / 2) as f64 * stretch;
        let taps = 2 * half.ceil() as usize;
        // A wider kernel is a smoother one.
        let places = (PLACES as f64 / stretch).ceil() as usize;
        let value = |distance: f64| {
            let x = PI * CUTOFF / stretch * distance;
            kaiser(distance / half) * if x == 0.0 { 1.0 } else { x.sin() / x }
        };
        let mut rows = Vec::with_capacity((places + 1) * taps);
        for place in 0..=places {
            let ahead = (taps / 2 - 1) as f64 + place as f64 / places as f64;
            let row: Vec<f64> = (0..taps).map(|tap| value(tap as f64 - ahead)).collect();
            // What does not move is passed as it is, from any place.
            let sum: f64 = row.iter().sum();
            rows.extend(row.iter().map(|value| (value / sum) as f32));
        }
        Self { taps, places, rows }
    }

    /// How far it reaches to either side, frames.
    pub fn reach_frames(&self) -> usize {
        self.taps / 2
    }

    /// A sound's value at a position in frames; around the sound there is silence.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn at(&self, frames: &[f32], position: f64) -> f32 {
        let whole = position.floor();
        let place = (position - whole) * self.places as f64;
        let row = (place as usize).min(self.places - 1);
        // What of the sound lies under the kernel.
        let first = whole as isize + 1 - self.reach_frames() as isize;
        let within = |frame: isize| frame.clamp(0, frames.len() as isize);
        let (begin, end) = (within(first), within(first + self.taps as isize));
        if begin == end {
            return 0.0;
        }
        let heard = &frames[begin as usize..end as usize];
        let taps = |row: usize| &self.rows[row * self.taps + (begin - first) as usize..][..heard.len()];
        let (near, far) = products(heard, taps(row), taps(row + 1));
        near + (place - row as f64) as f32 * (far - near)
    }
}

/// The sums of a sound's samples with two rows of a kernel, in the same order on every computer.
fn products(frames: &[f32], near: &[f32], far: &[f32]) -> (f32, f32) {
    const LANES: usize = 8;
    let (mut near_sums, mut far_sums) = ([0.0f32; LANES], [0.0f32; LANES]);
    let (frame_parts, frame_rest) = frames.as_chunks::<LANES>();
    let (near_parts, near_rest) = near.as_chunks::<LANES>();
    let (far_parts, far_rest) = far.as_chunks::<LANES>();
    for ((frames, near), far) in frame_parts.iter().zip(near_parts).zip(far_parts) {
        for lane in 0..LANES {
            near_sums[lane] += frames[lane] * near[lane];
            far_sums[lane] += frames[lane] * far[lane];
        }
    }
    for (lane, ((frame, near), far)) in frame_rest.iter().zip(near_rest).zip(far_rest).enumerate() {
        near_sums[lane] += frame * near;
        far_sums[lane] += frame * far;
    }
    (near_sums.iter().sum(), far_sums.iter().sum())
}

/// Kaiser's window, 1 in its middle, nothing beyond -1 and 1.
fn kaiser(x: f64) -> f64 {
    /// The modified Bessel function of order 0, by its series.
    fn bessel(x: f64) -> f64 {
        let (mut sum, mut term, mut n) = (1.0, 1.0, 1.0);
        while term > 1e-12 * sum {
            term *= (x / (2.0 * n)).powi(2);
            sum += term;
            n += 1.0;
        }
        sum
    }
    if x.abs() < 1.0 { bessel(BETA * (1.0 - x * x).sqrt()) / bessel(BETA) } else { 0.0 }
}

/// The kernels for all ratios, 1.2 MB, made once and shared by all instances.
pub struct Kernels(Vec<Kernel>);

impl Kernels {
    /// Makes them when they are asked for first, which takes some 30 ms and allocates: not on the audio thread.
    pub fn shared() -> &'static Self {
        static KERNELS: LazyLock<Kernels> = LazyLock::new(|| {
            let stretch = |semitones: usize| (semitones as f64 / PER_OCTAVE as f64).exp2();
            Kernels((0..=OCTAVES * PER_OCTAVE).map(|semitones| Kernel::new(stretch(semitones))).collect())
        });
        &KERNELS
    }

    /// The one for a sound of which `ratio` frames are played in a frame of the host's.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn for_ratio(&self, ratio: f64) -> &Kernel {
        // Exact semitones are what they are, whatever the rounding.
        let semitones = (PER_OCTAVE as f64 * ratio.log2() - 1e-6).ceil().max(0.0) as usize;
        &self.0[semitones.min(self.0.len() - 1)]
    }
}

#[cfg(test)]
mod tests {
    use realfft::RealFftPlanner;

    use super::*;

    const RATE_HZ: f64 = 44_100.0;

    /// Frames of an FFT.
    const SIZE: usize = 1 << 14;

    fn sine(hz: f64, frames: usize) -> Vec<f32> {
        (0..frames).map(|n| (2.0 * PI * hz * n as f64 / RATE_HZ).sin() as f32).collect()
    }

    fn played(sound: &[f32], ratio: f64, frames: usize) -> Vec<f32> {
        let kernel = Kernels::shared().for_ratio(ratio);
        (0..frames).map(|n| kernel.at(sound, n as f64 * ratio)).collect()
    }

    /// The level of the tone at `hz`, and of the loudest thing that is elsewhere; dB re a full-scale sine. By an FFT of
    /// the middle of what was played.
    fn tone_and_rest_db(samples: &[f32], hz: f64) -> (f64, f64) {
        let from = (samples.len() - SIZE) / 2;
        let window = |n: usize| {
            let x = 2.0 * PI * n as f64 / SIZE as f64;
            0.358_75 - 0.488_29 * x.cos() + 0.141_28 * (2.0 * x).cos() - 0.011_68 * (3.0 * x).cos()
        };
        let mut frames: Vec<f64> = (0..SIZE).map(|n| f64::from(samples[from + n]) * window(n)).collect();
        let fft = RealFftPlanner::new().plan_fft_forward(SIZE);
        let mut bins = fft.make_output_vec();
        fft.process(&mut frames, &mut bins).unwrap();
        let db = |bin: usize| 20.0 * (bins[bin].norm() / (0.358_75 * SIZE as f64 / 2.0) + 1e-12).log10();
        let tone = (hz / RATE_HZ * SIZE as f64).round() as usize;
        let loudest = |bins: &mut dyn Iterator<Item = usize>| bins.map(db).fold(f64::NEG_INFINITY, f64::max);
        let is_tone = |bin: usize| bin.abs_diff(tone) <= 6;
        (loudest(&mut (0..bins.len()).filter(|&b| is_tone(b))), loudest(&mut (0..bins.len()).filter(|&b| !is_tone(b))))
    }

    #[test]
    fn a_tone_is_as_loud_as_it_was_and_alone_however_it_is_tuned() {
        for (hz, semitones) in [
            (3_000.0, 24.0),
            (3_000.0, 23.9),
            (4_500.0, 22.5),
            (1_000.0, 0.37),
            (15_000.0, -0.5),
            (15_000.0, -24.0),
            (12_000.0, 7.0),
        ] {
            let ratio = f64::exp2(semitones / 12.0);
            // The nearest tone that is heard on a bin.
            let heard_hz = (hz * ratio / RATE_HZ * SIZE as f64).round() / SIZE as f64 * RATE_HZ;
            let sound = sine(heard_hz / ratio, (ratio * 20_000.0) as usize);
            let (tone, rest) = tone_and_rest_db(&played(&sound, ratio, 20_000), heard_hz);
            assert!(tone.abs() < 0.1, "{hz} Hz, {semitones} st: {tone} dB");
            assert!(rest < -75.0, "{hz} Hz, {semitones} st: {rest} dB beside it");
        }
    }

    #[test]
    fn what_would_lie_beyond_nyquist_is_not_folded_back() {
        for (hz, semitones) in [(6_000.0, 24.0), (8_000.0, 24.0), (20_000.0, 24.0), (13_000.0, 10.3), (21_000.0, 2.0)] {
            let ratio = f64::exp2(semitones / 12.0);
            let (_, rest) = tone_and_rest_db(&played(&sine(hz, (ratio * 20_000.0) as usize), ratio, 20_000), 0.0);
            assert!(rest < -75.0, "{hz} Hz, {semitones} st: {rest} dB");
        }
    }

    #[test]
    fn what_does_not_move_is_passed_as_it_is() {
        let sound = vec![0.5; 2_000];
        for semitones in [-24.0, -0.3, 0.01, 5.5, 24.0, 35.0] {
            let ratio = f64::exp2(semitones / 12.0);
            let kernel = Kernels::shared().for_ratio(ratio);
            let middle = (0..500).map(|n| kernel.at(&sound, 700.0 + f64::from(n) * 1.237));
            assert!(middle.into_iter().all(|value| (value - 0.5).abs() < 1e-5), "{semitones}");
        }
    }

    #[test]
    fn around_the_sound_there_is_silence() {
        for ratio in [0.5, 8.0, 1e6] {
            let kernel = Kernels::shared().for_ratio(ratio);
            let reach = kernel.reach_frames() as f64;
            for position in [-1e12, -reach - 1.0, 9.0 + reach + 1.0, 1e12] {
                assert_eq!(kernel.at(&[1.0; 10], position), 0.0);
            }
            assert_eq!(kernel.at(&[], 0.0), 0.0);
            assert!(kernel.at(&[1.0; 10], -0.5) != 0.0 && kernel.at(&[1.0; 10], 9.5) != 0.0);
        }
    }
}
