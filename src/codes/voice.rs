//! One voice: a code, a pitch and a level per hop to sound.
//!
//! Harmonics plus noise in the short-time spectrum, as the models are trained (`timbreloom_train/nets.py`); hop by hop the
//! same as `timbreloom_train/codes_sound.py` makes of a whole sequence. The sound of a hop is complete one hop later.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::book::Codebook;
use crate::dsp::noise::Noise;

/// Harmonics reach up to here, Hz.
const TOP_HARMONIC_HZ: f64 = 18_000.0;

/// And up to this share of the rate.
const NYQUIST_SHARE: f64 = 0.45;

/// The lowest partials have phases of their own: Schroeder's (IEEE Trans. Inf. Theory 16, 1970), for few peaks.
const LOW_PARTIALS: usize = 8;

/// Nearer to its peak the closed form of the comb loses its digits, cycles.
const NEAREST_PHASE: f64 = 1e-4 / std::f64::consts::PI;

/// Farther than a whole tone the pitch steps at the hop, nearer it glides over it.
const LEAP: f32 = 1.122_462;

/// Pitches that are played, Hz; others are taken for the nearest of them.
const PLAYED_HZ: (f32, f32) = (20.0, 10_000.0);

/// Levels that are played, dB(A); below is silence.
const PLAYED_DB: (f32, f32) = (-120.0, 12.0);

/// What a voice does in one hop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Play {
    /// The code; one beyond the book is taken for its last.
    pub code: usize,
    /// Fundamental, Hz.
    pub f0_hz: f32,
    /// Level, dB(A) re full scale.
    pub level_db: f32,
}

/// Where the harmonics begin, so that equal voices need not add up as one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// Of the fundamental, cycles: when in its period the sound begins.
    pub phase: f64,
    /// What every harmonic is turned by beside that, as cosine and sine: unlike a shift in time it does the same to all.
    pub turn: Complex<f32>,
}

impl Default for Start {
    /// At the beginning of a period, nothing turned.
    fn default() -> Self {
        Self { phase: 0.0, turn: Complex::new(1.0, 0.0) }
    }
}

/// Values of noise that a hop takes: real and imaginary parts of a spectrum of two hops.
pub fn noise_columns(hop_frames: usize) -> usize {
    2 * (hop_frames + 1)
}

/// Sounds one code per hop; the same calls give the same samples. Everything but `new` is wait-free and does not allocate.
pub struct Voice {
    book: Arc<Codebook>,
    noise: Noise,
    /// Cycles.
    phase: f64,
    start: Start,
    before_hz: Option<f32>,
    low_phases: [(f32, f32, f32); LOW_PARTIALS],
    /// The last hop of the comb and this one, before and after the scatter filter.
    raw: Vec<f32>,
    scattered: Vec<f32>,
    taps: Vec<Complex<f32>>,
    window: Vec<f32>,
    to_bins: [Interpolation; 2],
    bands: Vec<f32>,
    draws: Vec<f32>,
    gains: [Vec<f32>; 2],
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    carry: Vec<f32>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

impl Voice {
    /// A voice of the book with noise of its own.
    pub fn new(book: Arc<Codebook>, seed: u64) -> Self {
        let hop = book.hop_frames;
        let size = 2 * hop;
        let mut planner = RealFftPlanner::<f32>::new();
        let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
        let mut frame = forward.make_input_vec();
        let mut taps = forward.make_output_vec();
        let known = book.scatter.len().min(hop);
        frame[..known].copy_from_slice(&book.scatter[..known]);
        forward.process(&mut frame, &mut taps).expect("both buffers came from this plan");
        let window =
            (0..size).map(|n| (0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / size as f64).cos()).sqrt() as f32);
        let rate_hz = f64::from(book.rate_hz);
        let low_phases = std::array::from_fn(|index| {
            let k = index as f64 + 1.0;
            let angle = -std::f64::consts::PI * k * (k - 1.0) / LOW_PARTIALS as f64;
            let turn = -2.0 * (angle / 2.0).sin();
            let turn = if turn.abs() > 1e-9 { turn } else { 0.0 };
            (turn as f32, (angle / 2.0).sin() as f32, (angle / 2.0).cos() as f32)
        });
        Self {
            noise: Noise::new(seed),
            phase: 0.0,
            start: Start::default(),
            before_hz: None,
            low_phases,
            raw: vec![0.0; size],
            scattered: vec![0.0; size],
            window: window.collect(),
            to_bins: [book.harmonic_bands, book.noise_bands].map(|bands| Interpolation::new(bands, hop + 1, rate_hz)),
            bands: vec![0.0; book.band_count()],
            draws: vec![0.0; noise_columns(hop)],
            gains: [vec![0.0; hop + 1], vec![0.0; hop + 1]],
            spectrum: forward.make_output_vec(),
            scratch: vec![Complex::default(); forward.get_scratch_len().max(inverse.get_scratch_len())],
            carry: vec![0.0; hop],
            frame,
            taps,
            forward,
            inverse,
            book,
        }
    }

    /// What it plays from.
    pub fn book(&self) -> &Arc<Codebook> {
        &self.book
    }

    /// Another noise, and another beginning of the harmonics, from the next [`Self::reset`] on.
    pub fn reseed(&mut self, seed: u64, start: Start) {
        self.noise = Noise::new(seed);
        self.start = start;
    }

    /// Back to silence and the start of its harmonics and its noise.
    pub fn reset(&mut self) {
        self.noise.reset();
        self.phase = self.start.phase;
        self.before_hz = None;
        self.raw.fill(0.0);
        self.scattered.fill(0.0);
        self.carry.fill(0.0);
    }

    /// Goes on from where another voice of the same book is, but for what is left of the sound so far, `[hop_frames]`.
    pub fn continue_from(&mut self, other: &Self, rest: &[f32]) {
        (self.phase, self.start, self.before_hz) = (other.phase, other.start, other.before_hz);
        self.raw.copy_from_slice(&other.raw);
        self.scattered.copy_from_slice(&other.scattered);
        self.carry.copy_from_slice(rest);
    }

    /// One hop `[hop_frames]`; the sound of `play` rises in it and is complete in the next.
    pub fn next(&mut self, play: Play, out: &mut [f32]) {
        self.noise.fill(&mut self.draws);
        self.sound(play, out);
    }

    /// As [`Self::next`], on noise of the caller's: [`noise_columns`] standard normal values.
    pub fn next_with_noise(&mut self, play: Play, noise: &[f32], out: &mut [f32]) {
        self.draws.copy_from_slice(noise);
        self.sound(play, out);
    }

    fn sound(&mut self, play: Play, out: &mut [f32]) {
        let book = Arc::clone(&self.book);
        let hop = book.hop_frames;
        let f0_hz = if play.f0_hz.is_finite() { play.f0_hz.clamp(PLAYED_HZ.0, PLAYED_HZ.1) } else { 220.0 };
        let is_silent = play.level_db.is_nan() || play.level_db <= PLAYED_DB.0;
        self.comb(f0_hz);
        self.scatter();
        if is_silent {
            // What rang is heard to its end; nothing is to be transformed for the rest.
            out.copy_from_slice(&self.carry);
            self.carry.fill(0.0);
            return;
        }
        for ((slot, sample), weight) in self.frame.iter_mut().zip(&self.scattered).zip(&self.window) {
            *slot = sample * weight;
        }
        self.forward
            .process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch)
            .expect("buffers have the plan's sizes");
        book.bands_at(play.code.min(book.len() - 1), f0_hz, &mut self.bands);
        let level = play.level_db.min(PLAYED_DB.1) * (std::f32::consts::LN_10 / 20.0);
        self.shape(level);
        self.inverse
            .process_with_scratch(&mut self.spectrum, &mut self.frame, &mut self.scratch)
            .expect("the first and the last bin are real");
        let scale = 1.0 / self.frame.len() as f32;
        for (n, slot) in out.iter_mut().enumerate() {
            *slot = self.carry[n] + self.frame[n] * self.window[n] * scale;
        }
        for n in 0..hop {
            self.carry[n] = self.frame[hop + n] * self.window[hop + n] * scale;
        }
    }

    /// What is left of the sound so far, `[hop_frames]`: falls to silence as the window does. It is part of the next hop.
    pub fn rest(&self) -> &[f32] {
        &self.carry
    }

    /// A hop of equal harmonics of total power 1: the closed form of their sum (Dirichlet), the lowest turned.
    fn comb(&mut self, f0_hz: f32) {
        let hop = self.book.hop_frames;
        let rate_hz = f64::from(self.book.rate_hz);
        let before = self.before_hz.filter(|before| {
            let ratio = f0_hz / before;
            1.0 / LEAP < ratio && ratio < LEAP
        });
        let (before, now) = (f64::from(before.unwrap_or(f0_hz)), f64::from(f0_hz));
        self.before_hz = Some(f0_hz);
        let most = (TOP_HARMONIC_HZ / now.max(before)).floor().max(1.0);
        let level = (2.0 / most).sqrt() as f32;
        // At a low rate the highest are left out, and the others stay as they are.
        let count = (NYQUIST_SHARE * rate_hz / now.max(before)).floor().clamp(1.0, most);
        let low = LOW_PARTIALS.min(count as usize);
        let rise = (now - before) / (2 * hop) as f64;
        self.raw.copy_within(hop.., 0);
        let mut advance = 0.0;
        for n in 0..hop {
            let m = (n + 1) as f64;
            advance = (before * m + rise * m * (m + 1.0)) / rate_hz;
            let phase = (self.phase + advance).fract().clamp(NEAREST_PHASE, 1.0 - NEAREST_PHASE);
            let (sine, cosine) = ((std::f64::consts::PI * phase) as f32).sin_cos();
            // The numerator's angle runs over hundreds of turns: taken back to one while it is still exact.
            let turns = ((2.0 * count + 1.0) * 0.5 * phase).fract();
            let closed = 0.5 * ((std::f64::consts::TAU * turns) as f32).sin() / sine - 0.5;
            // sin(k x) and cos(k x) by turning on by x.
            let (turn_sine, turn_cosine) = (2.0 * sine * cosine, 1.0 - 2.0 * sine * sine);
            let (mut s, mut c, mut sum) = (turn_sine, turn_cosine, closed);
            for &(turn, half_sine, half_cosine) in &self.low_phases[..low] {
                sum += turn * (s * half_cosine + c * half_sine);
                (s, c) = (s * turn_cosine + c * turn_sine, c * turn_cosine - s * turn_sine);
            }
            self.raw[hop + n] = sum * level;
        }
        self.phase = (self.phase + advance).fract();
    }

    /// The newest hop through the scatter filter, by overlap-save.
    fn scatter(&mut self) {
        let hop = self.book.hop_frames;
        self.frame.copy_from_slice(&self.raw);
        self.forward
            .process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch)
            .expect("buffers have the plan's sizes");
        for (bin, tap) in self.spectrum.iter_mut().zip(&self.taps) {
            *bin *= tap;
        }
        self.make_ends_real();
        self.inverse
            .process_with_scratch(&mut self.spectrum, &mut self.frame, &mut self.scratch)
            .expect("the first and the last bin are real");
        self.scattered.copy_within(hop.., 0);
        let scale = 1.0 / self.frame.len() as f32;
        for (slot, sample) in self.scattered[hop..].iter_mut().zip(&self.frame[hop..]) {
            *slot = sample * scale;
        }
    }

    /// The comb's spectrum and noise, each under its envelope; `level` is a natural logarithm.
    fn shape(&mut self, level: f32) {
        let (harmonic, noise) = self.bands.split_at(self.book.harmonic_bands);
        self.to_bins[0].gains(harmonic, level, &mut self.gains[0]);
        self.to_bins[1].gains(noise, level, &mut self.gains[1]);
        let bins = self.spectrum.len();
        // White noise of variance 1 has real and imaginary parts of the variance of half the frame.
        let deviation = (self.frame.len() as f32 / 2.0).sqrt();
        let (real, imaginary) = self.draws.split_at(bins);
        let turn = self.start.turn;
        for (n, bin) in self.spectrum.iter_mut().enumerate() {
            let breath = self.gains[1][n] * deviation;
            *bin = *bin * turn * self.gains[0][n] + Complex::new(real[n] * breath, imaginary[n] * breath);
        }
        self.make_ends_real();
    }

    fn make_ends_real(&mut self) {
        let last = self.spectrum.len() - 1;
        self.spectrum[0].im = 0.0;
        self.spectrum[last].im = 0.0;
    }
}

/// A frequency on the mel axis (O'Shaughnessy 1987).
pub(super) fn mel(hz: f64) -> f64 {
    2595.0 * (1.0 + hz / 700.0).log10()
}

/// From bands on a mel axis to bins on a linear one, linear between neighbours.
struct Interpolation {
    /// Per bin: the band below it, and the share of the one above.
    places: Vec<(u16, f32)>,
}

impl Interpolation {
    fn new(bands: usize, bins: usize, rate_hz: f64) -> Self {
        let step = mel(rate_hz / 2.0) / (bands - 1) as f64;
        let place = |bin: usize| {
            let place = mel(bin as f64 * rate_hz / 2.0 / (bins - 1) as f64) / step;
            let place = place.clamp(0.0, (bands - 1) as f64 - 1e-6);
            (place as u16, place.fract() as f32)
        };
        Self { places: (0..bins).map(place).collect() }
    }

    fn gains(&self, bands: &[f32], level: f32, out: &mut [f32]) {
        for (out, &(low, share)) in out.iter_mut().zip(&self.places) {
            let (a, b) = (bands[usize::from(low)], bands[usize::from(low) + 1]);
            *out = (a + share * (b - a) + level).exp();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::book::tests::ladder;
    use super::*;
    use crate::dsp::descriptors::{Descriptor, describe};

    fn play(voice: &mut Voice, plays: &[Play]) -> Vec<f32> {
        let mut out = vec![0.0; 512 * plays.len()];
        for (play, hop) in plays.iter().zip(out.chunks_exact_mut(512)) {
            voice.next(*play, hop);
        }
        out
    }

    fn held(code: usize, f0_hz: f32, level_db: f32, hops: usize) -> Vec<Play> {
        vec![Play { code, f0_hz, level_db }; hops]
    }

    #[test]
    fn every_note_is_within_two_cents() {
        for f0_hz in [110.0, 261.63, 440.0, 987.8, 1975.5] {
            let mut voice = Voice::new(Arc::new(ladder(8)), 1);
            let sound = play(&mut voice, &held(3, f0_hz, 0.0, 60));
            let rows = describe(&sound, 44_100.0, 512);
            let found = rows[40..].iter().map(|row| row[Descriptor::Fundamental as usize]).sum::<f32>() / 20.0;
            let cents = 1200.0 * (found / f0_hz).log2();
            assert!(cents.abs() < 2.0, "{f0_hz}: {cents}");
        }
    }

    #[test]
    fn a_reset_voice_says_the_same_again_and_another_seed_another_noise() {
        let book = Arc::new(ladder(8));
        let mut voice = Voice::new(book.clone(), 1);
        let plays: Vec<Play> = (0..40)
            .map(|n| Play { code: n % 8, f0_hz: 200.0 + 9.0 * n as f32, level_db: -30.0 + n as f32 * 0.5 })
            .collect();
        let first = play(&mut voice, &plays);
        voice.reset();
        assert_eq!(play(&mut voice, &plays), first);
        assert_ne!(play(&mut Voice::new(book, 2), &plays), first);
    }

    #[test]
    fn ten_decibels_are_ten_decibels_and_little_enough_is_silence() {
        let book = Arc::new(ladder(8));
        let rms = |level_db| {
            let sound = play(&mut Voice::new(book.clone(), 1), &held(2, 220.0, level_db, 30));
            (sound[512 * 4..].iter().map(|s| s * s).sum::<f32>()).sqrt()
        };
        assert!((20.0 * (rms(-20.0) / rms(-30.0)).log10() - 10.0).abs() < 0.01);
        assert_eq!(rms(-120.0), 0.0);
        assert_eq!(rms(f32::NAN), 0.0);
    }

    #[test]
    fn nothing_asked_for_breaks_it() {
        let mut voice = Voice::new(Arc::new(ladder(8)), 1);
        let odd = [f32::NAN, f32::INFINITY, -1.0, 0.0, 1e9, 220.0];
        for f0_hz in odd {
            for level_db in odd {
                let sound = play(&mut voice, &held(usize::MAX, f0_hz, level_db, 3));
                assert!(sound.iter().all(|sample| sample.is_finite()), "{f0_hz} Hz, {level_db} dB");
            }
        }
    }

    #[test]
    fn a_code_sounds_the_same_after_any_other() {
        let book = Arc::new(ladder(8));
        let after = |code: usize| {
            let mut plays = held(code, 220.0, -20.0, 8);
            plays.extend(held(5, 220.0, -20.0, 6));
            play(&mut Voice::new(book.clone(), 1), &plays)[512 * 9..].to_vec()
        };
        assert_eq!(after(0), after(7));
    }
}
