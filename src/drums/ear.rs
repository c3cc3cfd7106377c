//! Hears strokes in a sound: where something is struck, how hard, and what it is like.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use super::signature::{HEARD_S, Signature, Signer};

/// A peak is forgotten within this, seconds: so slowly that the lowest drum's wave is no row of strokes.
const FAST_S: f64 = 0.025;

/// What has been heard for this long goes on, seconds.
const SLOW_S: f64 = 0.030;

/// From one stroke to the next, seconds.
const APART_S: f64 = 0.060;

/// How much from before a stroke is looked at, seconds: it may have begun below the floor.
const BEFORE_S: f64 = 0.002;

/// A stroke rises by this much above what goes on, dB, at sensitivities of 0 and 1.
const RISE_DB: (f32, f32) = (18.0, 6.0);

/// And it is this loud, dBFS. Both at a sensitivity in between lie in between.
const FLOOR_DB: (f32, f32) = (-30.0, -60.0);

/// What is softer is silence, linear: -120 dBFS.
const SILENT: f32 = 1e-6;

/// Peaks from full scale down to the softest velocity, dB.
const RANGE_DB: f32 = 40.0;

/// The softest velocity.
const SOFTEST: f32 = 1.0 / 127.0;

/// A stroke.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    /// Frames until it was known, of those that were listened to: the next one is the first that can sound.
    pub frame: usize,
    /// What it is like.
    pub signature: Signature,
    /// How hard, above 0 to 1.
    pub velocity: f32,
}

/// Listens to a sound. Everything but `new` is wait-free and does not allocate. What it hears does not depend on the blocks.
pub struct Ear {
    signer: Signer,
    /// The last frames, in a ring that goes on at `next`.
    last: Vec<f32>,
    next: usize,
    fast: f32,
    slow: f32,
    /// How much of `fast` is left a frame later, and how much of it goes into `slow`.
    fast_left: f32,
    slow_share: f32,
    /// The sound has come down again after the last stroke.
    is_ready: bool,
    /// Until the next stroke may come, frames.
    apart: usize,
    apart_frames: usize,
    /// Until a stroke is known, frames.
    known_in: Option<usize>,
    known_frames: usize,
}

impl Ear {
    /// For a host's rate, Hz. Allocates.
    pub fn new(rate_hz: f64) -> Self {
        let frames = |seconds: f64| ((seconds * rate_hz).round() as usize).max(1);
        let left = |seconds: f64| (-1.0 / (seconds * rate_hz)).exp();
        Self {
            signer: Signer::new(rate_hz),
            last: vec![0.0; frames(BEFORE_S) + frames(HEARD_S)],
            next: 0,
            fast: SILENT,
            slow: SILENT,
            fast_left: left(FAST_S) as f32,
            slow_share: (1.0 - left(SLOW_S)) as f32,
            is_ready: true,
            apart: 0,
            apart_frames: frames(APART_S),
            known_in: None,
            known_frames: frames(HEARD_S),
        }
    }

    /// Forgets what it has heard: all was silence.
    pub fn reset(&mut self) {
        self.last.fill(0.0);
        (self.fast, self.slow) = (SILENT, SILENT);
        (self.is_ready, self.apart, self.known_in) = (true, 0, None);
    }

    /// Listens until a stroke is known, or to the end; how soft one may be is said by a sensitivity of 0 to 1. What comes
    /// after [`Heard::frame`] is for the next call.
    pub fn listen(&mut self, sound: &[f32], sensitivity: f32) -> Option<Heard> {
        // Written so that NaN is 0.
        let share = if sensitivity > 0.0 { sensitivity.min(1.0) } else { 0.0 };
        let gain = |(at_0, at_1): (f32, f32)| 10f32.powf((at_0 + share * (at_1 - at_0)) / 20.0);
        let (rise, floor) = (gain(RISE_DB), gain(FLOOR_DB));
        sound.iter().enumerate().find_map(|(n, &sample)| {
            self.follow(if sample.is_finite() { sample } else { 0.0 });
            self.notice(rise, floor);
            if self.known_in != Some(0) {
                return None;
            }
            self.known_in = None;
            self.know(n + 1)
        })
    }

    fn follow(&mut self, sample: f32) {
        self.last[self.next] = sample;
        self.next = (self.next + 1) % self.last.len();
        self.fast = (self.fast * self.fast_left).max(sample.abs()).max(SILENT);
        self.slow += (self.fast - self.slow) * self.slow_share;
        self.apart = self.apart.saturating_sub(1);
        self.known_in = self.known_in.map(|frames| frames - 1);
    }

    /// Whether a stroke begins. The next one has to wait until half of its rise is gone.
    fn notice(&mut self, rise: f32, floor: f32) {
        if self.fast < self.slow * rise.sqrt() {
            self.is_ready = true;
        } else if self.is_ready && self.apart == 0 && self.fast > (self.slow * rise).max(floor) {
            self.is_ready = false;
            self.apart = self.apart_frames;
            // This frame is the first one of it.
            self.known_in = Some(self.known_frames - 1);
        }
    }

    fn know(&mut self, frame: usize) -> Option<Heard> {
        self.last.rotate_left(self.next);
        self.next = 0;
        let peak = self.last.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        let velocity = (1.0 + 20.0 * peak.log10() / RANGE_DB).clamp(SOFTEST, 1.0);
        Some(Heard { frame, signature: self.signer.sign(&self.last)?, velocity })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drums::signature::tests::stroke;
    use crate::dsp::noise::Noise;

    const RATE_HZ: f64 = 48_000.0;
    const KNOWN: usize = 1152;

    /// All strokes of a sound that comes in blocks, with the frames since its beginning.
    fn heard(sound: &[f32], block: usize, sensitivity: f32) -> Vec<Heard> {
        let (mut ear, mut all, mut at) = (Ear::new(RATE_HZ), Vec::new(), 0);
        for block in sound.chunks(block) {
            let end = at + block.len();
            while let Some(heard) = ear.listen(&sound[at..end], sensitivity) {
                at += heard.frame;
                all.push(Heard { frame: at, ..heard });
            }
            at = end;
        }
        all
    }

    fn frames(all: &[Heard]) -> Vec<usize> {
        all.iter().map(|heard| heard.frame).collect()
    }

    /// Strokes of a kind and a gain at these frames, in silence.
    fn strokes(at: &[(usize, usize, f32)]) -> Vec<f32> {
        let mut sound = vec![0.0; 48_000];
        for &(frame, kind, gain) in at {
            let stroke = stroke(kind, RATE_HZ, frame as u64);
            sound[frame..].iter_mut().zip(stroke).for_each(|(sample, own)| *sample += gain * own);
        }
        sound
    }

    fn tone(hz: f64) -> Vec<f32> {
        (0..144_000).map(|n| 0.3 * (std::f64::consts::TAU * hz * f64::from(n) / RATE_HZ).sin() as f32).collect()
    }

    fn noise(gain: f32, frames: usize) -> Vec<f32> {
        let mut noise = Noise::new(5);
        (0..frames).map(|_| gain * noise.normal()).collect()
    }

    #[test]
    fn clicks_are_known_once_each_after_24_ms_in_blocks_of_any_size() {
        let clicks = [0, 1000, 4500, 7380, 20_000, 46_000];
        let mut sound = vec![0.0; 48_000];
        clicks.iter().for_each(|&frame| sound[frame] = 0.5);
        // The second one comes too soon after the first to be another stroke.
        let expected = [0, 4500, 7380, 20_000, 46_000].map(|frame| frame + KNOWN);
        let whole = heard(&sound, 48_000, 0.5);
        assert_eq!(frames(&whole), expected);
        for block in [1, 7, 64, 480, 1152, 4096] {
            assert_eq!(heard(&sound, block, 0.5), whole, "{block}");
        }
    }

    #[test]
    fn strokes_of_all_kinds_are_heard_as_what_they_are_and_as_hard_as_they_are() {
        let at = [(3000, 0, 0.5), (12_000, 1, 0.5), (20_000, 2, 0.5), (30_000, 0, 0.05), (38_000, 2, 0.05)];
        let all = heard(&strokes(&at), 512, 0.5);
        assert_eq!(all.len(), at.len(), "{:?}", frames(&all));
        let known = [0, 1, 2].map(|kind| Signer::new(44_100.0).sign(&stroke(kind, 44_100.0, 1)).unwrap());
        for (heard, (frame, kind, _)) in all.iter().zip(at) {
            // A thump is loud enough only after a part of its first wave.
            assert!((frame + KNOWN..frame + KNOWN + 100).contains(&heard.frame), "{frame}: {}", heard.frame);
            let distance = |other: usize| heard.signature.distance(&known[other]);
            assert!((0..3).all(|other| other == kind || distance(kind) < distance(other)), "{frame}");
        }
        // 20 dB are half of the range.
        assert!((all[0].velocity - all[3].velocity - 0.5).abs() < 0.05);
        assert!((all[2].velocity - all[4].velocity - 0.5).abs() < 0.1);
        let loud = heard(&strokes(&[(100, 0, 30.0)]), 512, 0.5);
        assert_eq!(loud[0].velocity, 1.0);
    }

    #[test]
    fn what_goes_on_is_no_further_stroke() {
        for sound in [tone(50.0), tone(90.0), tone(440.0), tone(5000.0), vec![0.25; 144_000], noise(0.1, 2_880_000)] {
            for sensitivity in [0.0, 0.5, 1.0] {
                assert_eq!(heard(&sound, 512, sensitivity).len(), 1, "{sensitivity} {:?}", &sound[..3]);
            }
        }
    }

    #[test]
    fn sensitivity_says_how_soft_a_stroke_may_be_and_how_little_it_may_rise() {
        let count = |sound: &[f32], sensitivity| heard(sound, 512, sensitivity).len();
        let soft = |level_db: f32| strokes(&[(9000, 1, 10f32.powf(level_db / 20.0))]);
        assert_eq!([0.0, 0.5, 1.0].map(|sensitivity| count(&soft(-10.0), sensitivity)), [1; 3]);
        assert_eq!([0.0, 0.5, 1.0].map(|sensitivity| count(&soft(-37.0), sensitivity)), [0, 1, 1]);
        assert_eq!([0.0, 0.5, 1.0].map(|sensitivity| count(&soft(-52.0), sensitivity)), [0, 0, 1]);
        // The noise itself begins, and a click stands 10 dB above its peaks.
        let mut sound = noise(0.02, 48_000);
        sound[30_000] = 0.02 * 3.0 * 10f32.powf(0.5);
        assert_eq!([0.0, 1.0].map(|sensitivity| count(&sound, sensitivity)), [1, 2]);
    }

    #[test]
    fn silence_and_what_is_no_number_are_no_strokes_and_do_no_harm() {
        assert!(heard(&vec![0.0; 48_000], 512, 1.0).is_empty());
        let mut sound = vec![0.0; 48_000];
        (sound[100], sound[200], sound[300]) = (f32::NAN, f32::INFINITY, f32::NEG_INFINITY);
        assert!(heard(&sound, 512, 1.0).is_empty());
        sound[20_000] = 0.5;
        assert_eq!(frames(&heard(&sound, 512, f32::NAN)), [20_000 + KNOWN]);
    }

    #[test]
    fn after_a_reset_all_was_silence() {
        let sound = strokes(&[(100, 1, 0.5)]);
        let mut ear = Ear::new(RATE_HZ);
        let first = ear.listen(&sound, 0.5).unwrap();
        assert!(ear.listen(&sound[..600], 0.5).is_none());
        ear.reset();
        assert_eq!(ear.listen(&sound, 0.5), Some(first));
    }
}
