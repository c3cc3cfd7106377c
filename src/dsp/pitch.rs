//! Fundamental frequency, causal: YIN's dips as candidates and the forward half of a Viterbi search over the hops.
//!
//! YIN: de Cheveigne and Kawahara, JASA 111 (2002), equations 6 (difference) and 8 (cumulative mean normalisation).
//! The models are trained on the labels of `models/training/timbreloom_train/pitch.py`; constants and steps are the
//! same here, and `tests/fixtures/pitch.json` holds both to it.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// Analysis window, frames.
pub const WINDOW_FRAMES: usize = 2048;

/// Frames that are compared with those one period before them, for a model that plays sooner than a hop later; others
/// compare all that the window has beside the longest lag, 1166. What the pitch is not yet known of is carried on by its slope: for speech and
/// a delay of 320 frames that is 14.5 cents off (median) with all of them, 11.2 with these.
const SHORT_WIDTH_FRAMES: usize = 700;

/// The lowest pitch that the window can show, Hz at 44.1 kHz.
pub const MIN_HZ: f32 = 50.0;

/// The highest pitch that is looked for, Hz.
pub const MAX_HZ: f32 = 2200.0;

/// Below this level a hop is silence, whatever its periodicity, dB(A) re full scale.
pub const LEVEL_GATE_DB: f32 = -62.0;

const CANDIDATES: usize = 6;
const UNVOICED: usize = CANDIDATES;
const UNVOICED_COST: f64 = 0.60;
const JUMP_COST: f64 = 1.6;
const JUMP_MAX: f64 = 0.5;
const SWITCH_COST: f64 = 0.12;
const LONG_LAG_COST: f64 = 0.08;
const SILENT_COST: f64 = 3.0;

/// Share of the window's energy that is added to the difference and to its mean: a window that is silent but for its
/// beginning has differences of nothing, and this makes them shallow.
const ONSET_REST: f64 = 1e-3;

/// What the tracker says of one hop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pitch {
    /// Fundamental, Hz; holds its last value where nothing is voiced.
    pub f0_hz: f32,
    /// Periodicity, 0 (unvoiced) to 1.
    pub voicing: f32,
}

#[derive(Clone, Copy)]
struct Dip {
    hz: f64,
    depth: f64,
}

const NO_DIP: Dip = Dip { hz: 100.0, depth: 2.0 };

/// Tracks the pitch of one channel, hop by hop. Allocates in `new` only.
pub struct PitchTracker {
    rate_hz: f64,
    max_hz: f64,
    lags: usize,
    width_frames: usize,
    window: Vec<f32>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    frame: Vec<f32>,
    tail: Vec<Complex<f32>>,
    whole: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    correlation: Vec<f32>,
    energy: Vec<f64>,
    difference: Vec<f64>,
    total: [f64; CANDIDATES + 1],
    octave: [f64; CANDIDATES],
    is_first: bool,
    held_hz: f32,
}

impl PitchTracker {
    /// A tracker for sound at `rate_hz`, looking for pitches up to `max_hz` (at most [`MAX_HZ`]), for a model that plays
    /// `delay_frames` after a hop's end.
    pub fn new(rate_hz: f64, max_hz: f32, hop_frames: usize, delay_frames: usize) -> Self {
        // The tail's first frame less the longest lag is the window's first: nothing wraps around in this size.
        let size = WINDOW_FRAMES;
        let mut planner = RealFftPlanner::<f32>::new();
        let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
        let lags = ((rate_hz / f64::from(MIN_HZ)) as usize).min(WINDOW_FRAMES / 2);
        let scratch_frames = forward.get_scratch_len().max(inverse.get_scratch_len());
        Self {
            rate_hz,
            max_hz: f64::from(max_hz.clamp(2.0 * MIN_HZ, MAX_HZ)),
            lags,
            width_frames: if delay_frames < hop_frames { SHORT_WIDTH_FRAMES } else { WINDOW_FRAMES - lags },
            window: vec![0.0; WINDOW_FRAMES],
            frame: vec![0.0; size],
            tail: forward.make_output_vec(),
            whole: forward.make_output_vec(),
            scratch: vec![Complex::default(); scratch_frames],
            correlation: inverse.make_output_vec(),
            forward,
            inverse,
            energy: vec![0.0; WINDOW_FRAMES + 1],
            difference: vec![0.0; lags],
            total: [0.0; CANDIDATES + 1],
            octave: [0.0; CANDIDATES],
            is_first: true,
            held_hz: 110.0,
        }
    }

    /// Takes the next hop of sound and its loudness, dB(A); returns the pitch [`Self::age_frames`] ago.
    pub fn next(&mut self, hop: &[f32], loudness_db: f32) -> Pitch {
        self.window.copy_within(hop.len().., 0);
        let start = self.window.len() - hop.len();
        self.window[start..].copy_from_slice(hop);
        let is_quiet = loudness_db < LEVEL_GATE_DB;
        // In silence every candidate costs the same: their pitches only matter as the places to jump from.
        let dips = if is_quiet { [NO_DIP; CANDIDATES] } else { self.dips() };
        self.decide(&dips, is_quiet)
    }

    /// How long before the hop's end a pitch of `f0_hz` is centred, frames.
    ///
    /// The window's end is compared with what came one period before it: the two lie around this moment. Compared the
    /// other way round, the beginning with what follows, high notes would be known 10 ms later.
    pub fn age_frames(&self, f0_hz: f32) -> f32 {
        0.5 * (self.width_frames as f32 + self.rate_hz as f32 / f0_hz)
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        self.window.fill(0.0);
        self.total = [0.0; CANDIDATES + 1];
        self.is_first = true;
        self.held_hz = 110.0;
    }

    /// The dips of the normalised difference that cost least, least first.
    ///
    /// They are interpolated before they are ranked, and long lags pay: ranked at whole lags, a period of 44.6 frames
    /// loses its place to its third multiple, and notes above 700 Hz fall a twelfth.
    fn dips(&mut self) -> [Dip; CANDIDATES] {
        self.difference_function();
        let low = (self.rate_hz / self.max_hz) as usize;
        let mut best = [(f64::MAX, NO_DIP); CANDIDATES];
        for lag in low + 1..self.lags - 1 {
            let here = self.difference[lag];
            if here <= self.difference[lag - 1] && here < self.difference[lag + 1] {
                let dip = self.interpolated(lag);
                let score = dip.depth + LONG_LAG_COST * (self.rate_hz / dip.hz).log2();
                if score < best[CANDIDATES - 1].0 {
                    let place = best.partition_point(|&(other, _)| other <= score);
                    best.copy_within(place..CANDIDATES - 1, place + 1);
                    best[place] = (score, dip);
                }
            }
        }
        best.map(|(_, dip)| dip)
    }

    /// The dip around a lag, by the parabola through its neighbours.
    fn interpolated(&self, lag: usize) -> Dip {
        let (before, here, after) = (self.difference[lag - 1], self.difference[lag], self.difference[lag + 1]);
        let bend = before - 2.0 * here + after;
        let offset = 0.5 * (before - after) / if bend.abs() < 1e-9 { 1.0 } else { bend };
        let offset = offset.clamp(-0.5, 0.5);
        Dip { hz: self.rate_hz / (lag as f64 + offset), depth: (here - 0.25 * (before - after) * offset).max(0.0) }
    }

    /// YIN's cumulative-mean-normalised difference of the window, by way of its correlation with its own tail.
    ///
    /// The window is taken in reverse: its last frames are compared with those before them.
    fn difference_function(&mut self) {
        let width = self.width_frames;
        for (spectrum, frames) in [(&mut self.tail, width), (&mut self.whole, WINDOW_FRAMES)] {
            self.frame.fill(0.0);
            for (slot, &sample) in self.frame[..frames].iter_mut().zip(self.window.iter().rev()) {
                *slot = sample;
            }
            self.forward
                .process_with_scratch(&mut self.frame, spectrum, &mut self.scratch)
                .expect("buffers have the plan's sizes");
        }
        for (tail, whole) in self.tail.iter_mut().zip(&self.whole) {
            *tail = tail.conj() * whole;
        }
        // The transform wants them real; rounding may leave a trace.
        let last = self.tail.len() - 1;
        self.tail[0].im = 0.0;
        self.tail[last].im = 0.0;
        self.inverse
            .process_with_scratch(&mut self.tail, &mut self.correlation, &mut self.scratch)
            .expect("buffers have the plan's sizes");
        let scale = 1.0 / self.frame.len() as f64;
        let mut sum = 0.0;
        for (n, &sample) in self.window.iter().rev().enumerate() {
            sum += f64::from(sample) * f64::from(sample);
            self.energy[n + 1] = sum;
        }
        let tail_energy = self.energy[width];
        let rest = ONSET_REST * self.energy[self.lags + width] + 1e-9;
        let mut cumulative = 0.0;
        for lag in 0..self.lags {
            let energy = self.energy[lag + width] - self.energy[lag];
            let raw = (tail_energy + energy - 2.0 * scale * f64::from(self.correlation[lag])).max(0.0);
            cumulative += raw;
            self.difference[lag] = (raw + rest) / (cumulative / lag.max(1) as f64 + rest);
        }
        self.difference[0] = 1.0;
    }

    /// One forward step of the search: the cheapest way to each candidate, and the cheapest candidate.
    fn decide(&mut self, dips: &[Dip; CANDIDATES], is_quiet: bool) -> Pitch {
        let octave = dips.map(|dip| dip.hz.log2());
        let mut total = self.total;
        if !self.is_first {
            for (to, slot) in total.iter_mut().enumerate() {
                *slot = (0..=UNVOICED)
                    .map(|from| self.total[from] + move_cost(self.octave.get(from), octave.get(to)))
                    .fold(f64::MAX, f64::min);
            }
        }
        let top = f64::from(MAX_HZ).log2();
        for (n, dip) in dips.iter().enumerate() {
            total[n] += if is_quiet { SILENT_COST } else { dip.depth + LONG_LAG_COST * (top - octave[n]) };
        }
        total[UNVOICED] += if is_quiet { 0.0 } else { UNVOICED_COST };
        let least = total.iter().copied().fold(f64::MAX, f64::min);
        let choice = total.iter().position(|&cost| cost == least).unwrap_or(UNVOICED);
        self.total = total.map(|cost| cost - least);
        self.octave = octave;
        self.is_first = false;
        match dips.get(choice) {
            Some(dip) => {
                self.held_hz = dip.hz as f32;
                Pitch { f0_hz: self.held_hz, voicing: (1.0 - dip.depth).clamp(0.0, 1.0) as f32 }
            }
            None => Pitch { f0_hz: self.held_hz, voicing: 0.0 },
        }
    }
}

/// What it costs to go from one state to another between two hops; `None` is "unvoiced".
fn move_cost(from: Option<&f64>, to: Option<&f64>) -> f64 {
    match (from, to) {
        (Some(from), Some(to)) => (JUMP_COST * (from - to).abs()).min(JUMP_MAX),
        (None, None) => 0.0,
        _ => SWITCH_COST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 44_100.0;

    fn track(sound: impl Fn(usize) -> f32, hops: usize) -> Vec<Pitch> {
        let mut tracker = PitchTracker::new(RATE_HZ, MAX_HZ, 512, 1024);
        (0..hops)
            .map(|hop| {
                let samples: Vec<f32> = (hop * 512..(hop + 1) * 512).map(&sound).collect();
                tracker.next(&samples, -20.0)
            })
            .collect()
    }

    fn cents(a: f32, b: f64) -> f64 {
        1200.0 * (f64::from(a) / b).log2()
    }

    #[test]
    fn harmonic_tones_are_found_within_three_cents() {
        for hz in [55.0, 110.0, 233.1, 440.0, 987.77, 1479.98, 1975.5] {
            let tone = |n: usize| {
                (1..6)
                    .map(|k| {
                        (std::f64::consts::TAU * hz * f64::from(k) * n as f64 / RATE_HZ).sin() as f32 * 0.2 / k as f32
                    })
                    .sum()
            };
            let last = track(tone, 20)[19];
            assert!(cents(last.f0_hz, hz).abs() < 3.0, "{hz}: {last:?}");
            assert!(last.voicing > 0.9, "{hz}: {last:?}");
        }
    }

    /// What the training code's tracker says of the same sound: the models were trained on its labels.
    #[test]
    fn it_says_what_the_training_codes_tracker_says() {
        #[derive(serde::Deserialize)]
        struct Fixture {
            audio_i16: Vec<i16>,
            hop_frames: usize,
            max_hz: f32,
            loudness_db: Vec<f32>,
            labels: Vec<Labels>,
        }
        #[derive(serde::Deserialize)]
        struct Labels {
            delay_frames: usize,
            f0_hz: Vec<f32>,
            voicing: Vec<f32>,
        }
        let text = include_str!("../../tests/fixtures/pitch.json");
        let fixture: Fixture = serde_json::from_str(text).expect("the fixture is valid");
        for labels in &fixture.labels {
            let hop_frames = fixture.hop_frames;
            let mut tracker = PitchTracker::new(RATE_HZ, fixture.max_hz, hop_frames, labels.delay_frames);
            let mut is_voiced_yet = false;
            for (hop, samples) in fixture.audio_i16.chunks(hop_frames).enumerate() {
                let samples: Vec<f32> = samples.iter().map(|&s| f32::from(s) / 32_768.0).collect();
                let pitch = tracker.next(&samples, fixture.loudness_db[hop]);
                is_voiced_yet |= pitch.voicing > 0.0;
                assert!((pitch.voicing - labels.voicing[hop]).abs() < 0.01, "hop {hop}: {pitch:?}");
                // Before the first voiced hop the training code fills in the first pitch; a stream cannot know it.
                if is_voiced_yet {
                    let off = cents(pitch.f0_hz, f64::from(labels.f0_hz[hop]));
                    assert!(off.abs() < 0.5, "hop {hop}: {pitch:?} is {off} cents off");
                }
            }
            assert!(is_voiced_yet);
        }
        assert_ne!(fixture.labels[0].f0_hz, fixture.labels[1].f0_hz);
    }

    #[test]
    fn a_note_out_of_digital_silence_brings_no_false_pitch() {
        let tone = |n: usize| (std::f64::consts::TAU * 440.0 * n as f64 / RATE_HZ).sin() as f32 * 0.3;
        for pitch in track(|n| if n < 512 * 10 { 0.0 } else { tone(n) }, 30) {
            assert!(pitch.voicing == 0.0 || cents(pitch.f0_hz, 440.0).abs() < 20.0, "{pitch:?}");
        }
    }

    #[test]
    fn noise_is_unvoiced_and_pitch_is_held() {
        let mut noise = vec![0.0; 512 * 40];
        crate::dsp::noise::Noise::new(3).fill(&mut noise);
        let tone = |n: usize| (std::f64::consts::TAU * 220.0 * n as f64 / RATE_HZ).sin() as f32 * 0.3;
        let pitches = track(|n| if n < 512 * 10 { tone(n) } else { noise[n] * 0.1 }, 40);
        assert!(cents(pitches[9].f0_hz, 220.0).abs() < 3.0);
        let unvoiced = pitches[16..].iter().filter(|p| p.voicing == 0.0).count();
        assert!(unvoiced >= 20, "{unvoiced} of 24 hops");
    }
}
