//! What the beginning of a sound is like, whatever its level and its rate.
//!
//! A stroke is told by its first 24 ms: of beatboxing, that is as long as the best choice needs (Stowell and Plumbley,
//! Journal of New Music Research 39, 2010), and still no delay for whoever plays.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// How much of a sound is looked at, seconds.
pub const HEARD_S: f64 = 0.024;

/// Bands, each as broad for the ear.
const BANDS: usize = 12;

/// Where they begin and end, Hz.
const RANGE_HZ: (f64, f64) = (60.0, 12_000.0);

/// The beginning, and what comes after it: their middles lie as far apart as each is long, and one fades into the other.
const PARTS: usize = 2;

/// What is softer than this beside the whole is not there, dB.
const FLOOR_DB: f32 = -30.0;

/// A sound begins where it reaches this share of its peak: -26 dB.
const BEGINS: f32 = 0.05;

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signature {
    /// How much of the sound lies in each band of each part, dB of all of it, at least [`FLOOR_DB`].
    shares_db: [[f32; BANDS]; PARTS],
}

impl Signature {
    /// How unlike two are, dB: 0 is alike, and none is further away than 30.
    pub fn distance(&self, other: &Self) -> f32 {
        let pairs = self.shares_db.as_flattened().iter().zip(other.shares_db.as_flattened());
        (pairs.map(|(own, other)| (own - other).powi(2)).sum::<f32>() / (PARTS * BANDS) as f32).sqrt()
    }
}

/// Makes signatures of sounds of one rate. Everything but `new` is wait-free and does not allocate.
pub struct Signer {
    forward: Arc<dyn RealToComplex<f32>>,
    windows: [Vec<f32>; PARTS],
    /// First and last bin of each band, in parts of bins.
    edges: [f32; BANDS + 1],
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Signer {
    /// For sounds of this rate, Hz. Allocates.
    pub fn new(rate_hz: f64) -> Self {
        let frames = ((HEARD_S * rate_hz).round() as usize).max(1);
        let forward = RealFftPlanner::<f32>::new().plan_fft_forward(frames);
        let window = |part: usize| (0..frames).map(|n| weight(part, n as f64 / frames as f64)).collect();
        let bin_hz = rate_hz / frames as f64;
        Self {
            windows: std::array::from_fn(window),
            edges: std::array::from_fn(|edge| (edge_hz(edge) / bin_hz) as f32),
            frame: forward.make_input_vec(),
            spectrum: forward.make_output_vec(),
            scratch: forward.make_scratch_vec(),
            forward,
        }
    }

    /// The signature of a sound from where it begins; `None` of silence.
    pub fn sign(&mut self, sound: &[f32]) -> Option<Signature> {
        let peak = sound.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        let begin = sound.iter().position(|sample| sample.abs() >= BEGINS * peak)?;
        let mut powers = [[0.0; BANDS]; PARTS];
        for (part, powers) in powers.iter_mut().enumerate() {
            self.transform(&sound[begin..], part);
            for (band, power) in powers.iter_mut().enumerate() {
                *power = self.power(band);
            }
        }
        let whole: f32 = powers.as_flattened().iter().sum();
        if !whole.is_normal() {
            return None;
        }
        let share_db = |power: f32| (10.0 * (power / whole).log10()).max(FLOOR_DB);
        Some(Signature { shares_db: powers.map(|part| part.map(share_db)) })
    }

    fn transform(&mut self, sound: &[f32], part: usize) {
        self.frame.fill(0.0);
        for ((slot, weight), sample) in self.frame.iter_mut().zip(&self.windows[part]).zip(sound) {
            *slot = weight * sample;
        }
        self.forward
            .process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch)
            .expect("the buffers have the plan's sizes");
    }

    /// Of a band in the spectrum: of a bin that it shares with another band, its part.
    fn power(&self, band: usize) -> f32 {
        let (from, to) = (self.edges[band] + 0.5, self.edges[band + 1] + 0.5);
        let bins = self.spectrum.iter().enumerate().take(to as usize + 1).skip(from as usize);
        bins.map(|(bin, value)| (to.min(bin as f32 + 1.0) - from.max(bin as f32)) * value.norm_sqr()).sum()
    }
}

/// How much a place counts in a part, from 0 to 1 of all that is heard. Before the sound nothing is: it begins at full.
fn weight(part: usize, place: f64) -> f32 {
    let third = 3.0 * place;
    let fall = |gone: f64| 0.5 + 0.5 * (std::f64::consts::PI * gone.clamp(0.0, 1.0)).cos();
    let weight = if part == 0 { fall(third - 1.0) } else { fall(2.0 - third) * fall(third - 2.0) };
    weight as f32
}

/// Where a band begins, and the one before ends: as far apart on the scale of equivalent rectangular bandwidths (Glasberg
/// and Moore 1990).
fn edge_hz(edge: usize) -> f64 {
    let (low, high) = (erbs(RANGE_HZ.0), erbs(RANGE_HZ.1));
    let place = low + (high - low) * edge as f64 / BANDS as f64;
    (10f64.powf(place / 21.4) - 1.0) / 0.00437
}

fn erbs(hz: f64) -> f64 {
    21.4 * (1.0 + 0.00437 * hz).log10()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::dsp::noise::Noise;

    /// Three kinds of strokes at a rate, each seed another one: a low thump, a snare, a hiss; 50 ms, with peaks near 1.
    pub(in crate::drums) fn stroke(kind: usize, rate_hz: f64, seed: u64) -> Vec<f32> {
        let mut noise = Noise::new(seed);
        let pitch_hz = [70.0, 190.0, 0.0][kind] * (1.0 + 0.1 * f64::from(noise.normal()));
        let mut last = 0.0;
        (0..(0.05 * rate_hz) as usize)
            .map(|n| {
                let second = n as f64 / rate_hz;
                let tone = (std::f64::consts::TAU * pitch_hz * second).sin() as f32;
                let white = 0.25 * noise.normal() * (rate_hz / 44_100.0).sqrt() as f32;
                let hiss = white - std::mem::replace(&mut last, white);
                let decay = |seconds: f64| (-second / seconds).exp() as f32;
                match kind {
                    0 => tone * decay(0.03) + 0.02 * white * decay(0.002),
                    1 => 0.4 * tone * decay(0.02) + white * decay(0.03),
                    _ => hiss * decay(0.015),
                }
            })
            .collect()
    }

    fn signed(sound: &[f32], rate_hz: f64) -> Signature {
        Signer::new(rate_hz).sign(sound).unwrap()
    }

    fn nearest(own: &Signature, all: &[Signature; 3]) -> usize {
        (0..3).min_by(|&a, &b| own.distance(&all[a]).total_cmp(&own.distance(&all[b]))).unwrap()
    }

    #[test]
    fn strokes_find_their_like_at_any_level_and_rate() {
        let known = [0, 1, 2].map(|kind| signed(&stroke(kind, 44_100.0, 1), 44_100.0));
        for kind in 0..3 {
            for rate_hz in [44_100.0, 48_000.0, 96_000.0] {
                for seed in 2..12 {
                    let stroke = stroke(kind, rate_hz, seed);
                    let plain = signed(&stroke, rate_hz);
                    assert_eq!(nearest(&plain, &known), kind, "{rate_hz} Hz, {seed}");
                    let others = (0..3).filter(|&other| other != kind).map(|other| plain.distance(&known[other]));
                    let (own, other) = (plain.distance(&known[kind]), others.fold(f32::INFINITY, f32::min));
                    assert!(1.5 * own < other, "{rate_hz} Hz, {seed}: {own} {other}");
                    for gain in [0.001, 30.0] {
                        let other: Vec<f32> = stroke.iter().map(|sample| gain * sample).collect();
                        assert!(signed(&other, rate_hz).distance(&plain) < 1e-3);
                    }
                }
            }
        }
    }

    #[test]
    fn a_stroke_is_the_same_after_a_silence_and_in_a_room_that_is_not_silent() {
        let known = [0, 1, 2].map(|kind| signed(&stroke(kind, 48_000.0, 1), 48_000.0));
        for (kind, known_one) in known.iter().enumerate() {
            let mut later = vec![0.0; 777];
            later.extend(stroke(kind, 48_000.0, 1));
            assert_eq!(signed(&later, 48_000.0), *known_one);
            let mut room = Noise::new(99);
            later.iter_mut().for_each(|sample| *sample += 0.003 * room.normal());
            assert_eq!(nearest(&signed(&later, 48_000.0), &known), kind);
        }
    }

    #[test]
    fn a_tone_lies_in_its_band_and_what_comes_later_in_the_later_part() {
        let tone = |hz: f64, from: usize| -> Vec<f32> {
            let wave = |n: usize| (std::f64::consts::TAU * hz * n as f64 / 48_000.0).sin() as f32;
            (0..2000).map(|n| if n >= from { wave(n) } else { 0.1 * wave(n) }).collect()
        };
        for band in 0..BANDS {
            let middle_hz = (edge_hz(band) * edge_hz(band + 1)).sqrt();
            let shares = signed(&tone(middle_hz, 0), 48_000.0).shares_db;
            for part in shares {
                let loudest = (0..BANDS).max_by(|&a, &b| part[a].total_cmp(&part[b])).unwrap();
                assert_eq!(loudest, band, "{middle_hz} Hz: {part:?}");
            }
        }
        let [first, second] = signed(&tone(1000.0, 700), 48_000.0).shares_db;
        assert!(first[4] < second[4] - 3.0, "{first:?} {second:?}");
    }

    #[test]
    fn silence_and_what_is_no_sound_have_none() {
        let mut signer = Signer::new(48_000.0);
        for sound in [&[][..], &[0.0; 3000], &[f32::NAN; 3000], &[f32::INFINITY; 3000]] {
            assert_eq!(signer.sign(sound), None);
        }
        assert!(signer.sign(&[1.0]).is_some());
    }
}
