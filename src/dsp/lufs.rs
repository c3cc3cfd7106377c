//! Loudness as broadcasters and streaming services measure it: K-weighted, in LUFS (ITU-R BS.1770-4).

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use std::f64::consts::PI;

use super::weighting::Section;

/// Length of a block whose power is taken, seconds.
const BLOCK_S: f64 = 0.1;
/// Blocks of the short-term loudness: 3 s.
const BLOCKS: usize = 30;
/// What 0 dB of mean square is, LUFS.
const OFFSET_DB: f64 = -0.691;

/// A channel's K-weighting: a shelf for the head, and a high-pass. The standard gives coefficients at 48 kHz alone; these are the analogue
/// filters behind them, with the parameters that libebur128 uses, so that every rate measures alike. Own code, since it runs on the
/// audio thread and gives its blocks out.
#[derive(Clone, Copy, Debug)]
struct KWeighting {
    sections: [Section; 2],
}

impl KWeighting {
    fn new(rate_hz: f64) -> Self {
        let shelf = {
            let (k, q) = ((PI * 1_681.974_450_955_533 / rate_hz).tan(), 0.707_175_236_955_419_6);
            let high = 10f64.powf(3.999_843_853_973_347 / 20.0);
            let band = high.powf(0.499_666_774_154_541_6);
            let a0 = 1.0 + k / q + k * k;
            let forward = [high + band * k / q + k * k, 2.0 * (k * k - high), high - band * k / q + k * k];
            Section::with(forward.map(|b| b / a0), [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0])
        };
        let high_pass = {
            let (k, q) = ((PI * 38.135_470_876_024_44 / rate_hz).tan(), 0.500_327_037_323_877_3);
            let a0 = 1.0 + k / q + k * k;
            Section::with([1.0, -2.0, 1.0], [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0])
        };
        Self { sections: [shelf, high_pass] }
    }

    fn next(&mut self, sample: f32) -> f64 {
        self.sections.iter_mut().fold(f64::from(sample), |x, section| section.next(x))
    }
}

/// Measures mono or stereo sound. Wait-free, allocates nothing.
#[derive(Clone, Debug)]
pub struct LufsMeter {
    channels: [KWeighting; 2],
    block_frames: u32,
    /// Power of the block that is being filled, all channels' sum.
    sum: f64,
    frames: u32,
    /// Mean square of whole blocks, the oldest at `at`.
    blocks: [f64; BLOCKS],
    at: usize,
    /// How many blocks have been filled since the start, at most [`BLOCKS`].
    filled: usize,
}

impl LufsMeter {
    /// For sound at `rate_hz`.
    pub fn new(rate_hz: f64) -> Self {
        Self {
            channels: [KWeighting::new(rate_hz); 2],
            block_frames: ((BLOCK_S * rate_hz).round() as u32).max(1),
            sum: 0.0,
            frames: 0,
            blocks: [0.0; BLOCKS],
            at: 0,
            filled: 0,
        }
    }

    /// Takes a frame of one or two channels; -> the mean square of the block that it fills, if it does.
    pub fn push(&mut self, frame: &[f32]) -> Option<f64> {
        for (weighting, &sample) in self.channels.iter_mut().zip(frame) {
            let weighted = weighting.next(sample);
            self.sum += weighted * weighted;
        }
        self.frames += 1;
        if self.frames < self.block_frames {
            return None;
        }
        let power = std::mem::take(&mut self.sum) / f64::from(std::mem::take(&mut self.frames));
        // A filter that was fed no number never recovers by itself.
        if !power.is_finite() {
            self.channels.iter_mut().flat_map(|channel| &mut channel.sections).for_each(Section::reset);
            return None;
        }
        self.blocks[self.at] = power;
        self.at = (self.at + 1) % BLOCKS;
        self.filled = (self.filled + 1).min(BLOCKS);
        Some(power)
    }

    /// Loudness of the last three seconds, or of as many as there were, LUFS; minus infinity in silence and before the first block.
    pub fn short_term(&self) -> f32 {
        // Unfilled blocks are 0 and do not count.
        loudness(self.blocks.iter().sum::<f64>() / self.filled.max(1) as f64)
    }
}

/// Of a K-weighted mean square, LUFS.
pub fn loudness(power: f64) -> f32 {
    (OFFSET_DB + 10.0 * power.log10()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(rate_hz: f64, seconds: f64, channels: usize, sound: impl Fn(f64) -> f32) -> LufsMeter {
        let mut meter = LufsMeter::new(rate_hz);
        for n in 0..(seconds * rate_hz) as usize {
            meter.push(&[sound(n as f64 / rate_hz); 2][..channels]);
        }
        meter
    }

    fn sine(level: f32, hz: f64) -> impl Fn(f64) -> f32 {
        move |at_s| level * (std::f64::consts::TAU * hz * at_s).sin() as f32
    }

    #[test]
    fn a_full_scale_sine_of_997_hz_is_minus_three_lufs_and_both_channels_nothing_at_every_rate() {
        // BS.1770-4: 0 dBFS at 997 Hz in one channel reads -3.01 LKFS.
        for rate_hz in [44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0] {
            let one = measured(rate_hz, 4.0, 1, sine(1.0, 997.0)).short_term();
            assert!((one + 3.01).abs() < 0.04, "{rate_hz}: {one}");
            let both = measured(rate_hz, 4.0, 2, sine(1.0, 997.0)).short_term();
            assert!(both.abs() < 0.04, "{rate_hz}: {both}");
        }
    }

    #[test]
    fn it_measures_as_an_outside_meter_does() {
        for (rate_hz, hz) in [(44_100u32, 55.0), (48_000, 220.0), (48_000, 3000.0), (96_000, 9000.0)] {
            let sound = sine(0.3, hz);
            let ours = measured(f64::from(rate_hz), 3.0, 2, &sound).short_term();
            let mut theirs = ebur128::EbuR128::new(2, rate_hz, ebur128::Mode::S).expect("it can measure");
            let frames: Vec<f32> =
                (0..3 * rate_hz).flat_map(|n| [sound(f64::from(n) / f64::from(rate_hz)); 2]).collect();
            theirs.add_frames_f32(&frames).expect("it takes frames");
            let theirs = theirs.loudness_shortterm().expect("three seconds") as f32;
            assert!((ours - theirs).abs() < 0.05, "{rate_hz}, {hz} Hz: {ours}, {theirs}");
        }
    }

    #[test]
    fn silence_is_minus_infinity_the_past_is_forgotten_and_what_is_no_number_does_not_stay() {
        let mut meter = LufsMeter::new(48_000.0);
        assert_eq!(meter.short_term(), f32::NEG_INFINITY);
        (0..48_000).for_each(|n| {
            meter.push(&[(n as f32 * 0.1).sin()]);
        });
        let loud = meter.short_term();
        assert!(loud > -10.0, "of one second that there was: {loud}");
        (0..4800).for_each(|_| {
            meter.push(&[f32::NAN]);
        });
        (0..48_000 * 4).for_each(|_| {
            meter.push(&[0.0]);
        });
        assert!(meter.short_term() < -200.0, "{}", meter.short_term());
    }
}
