//! The feedback loop: a lane's own sound, late, band-passed and guarded, back into what the model hears.
//!
//! The seeds' patch has no guard: its loop is held by hand.

use crate::controls::Controls;
use crate::dsp::band_pass::BandPass;

/// The longest delay in the loop, seconds.
pub(super) const MAX_DELAY_S: f32 = 2.0;

/// What returns is kept at or below this level (root mean square over a hop): -14 dBFS.
const GUARD_RMS: f32 = 0.2;

/// How fast the guard lets go, dB per second.
const RELEASE_DB_PER_S: f32 = 60.0;

/// An amount of 2 lifts what returns quietly by up to this much, so that a breath, or the model's own noise, begins to
/// sing; an amount of 1 and below not at all, dB.
const LIFT_DB: f32 = 50.0;

/// How much of the way to the band-pass's centre a loop that hears nothing else pulls its pitch within a hop.
const PULL: f32 = 0.25;

/// What passes the band-pass again is lifted to the level of what was made, by at most this gain: 30 dB.
const MAKE_UP: f32 = 31.6;

/// From here on a looping sound is rounded, and never reaches `CEILING`; linear.
const KNEE: f32 = 0.7;

/// -0.6 dBFS: leaves the resampler room to overshoot.
const CEILING: f32 = 0.93;

/// One lane's loop. Allocates in `new` only.
pub(super) struct Feedback {
    rate_hz: f32,
    /// One after the other.
    band_pass: Vec<BandPass>,
    /// What the lane has made, the oldest at `at`.
    line: Vec<f32>,
    at: usize,
    delay_frames: usize,
    /// Gain of what returns, dB; above 0 it is lifted.
    guard_db: f32,
    /// Share of what is heard that has returned, 0 to 1.
    share: f32,
    returned: Vec<f32>,
    colour: Option<Colour>,
}

/// What the loop's band-pass does to what a lane makes from what returns.
///
/// A general stage flattens what it hears, band by band: a howl that the loop has narrowed comes back as broad as it was,
/// in the model's own colour, and strings sang at 1 kHz wherever the band-pass was above 2 kHz. What flattening takes away is
/// put back: as far as what is heard is what returned, what is made passes the band-pass again, at its own level.
struct Colour {
    band_pass: Vec<BandPass>,
    passed: Vec<f32>,
    /// Gains of what is made and of what passed, at the end of the last hop.
    gains: [f32; 2],
}

impl Colour {
    fn new(hop_frames: usize, sections: usize) -> Self {
        Self { band_pass: vec![BandPass::default(); sections], passed: vec![0.0; hop_frames], gains: [1.0, 0.0] }
    }

    fn reset(&mut self) {
        self.band_pass.iter_mut().for_each(BandPass::reset);
        self.gains = [1.0, 0.0];
    }

    /// `share` of what is made, 0 to 1, passes the band-pass.
    fn give(&mut self, made: &mut [f32], share: f32, rate_hz: f32, controls: &Controls) {
        for section in &mut self.band_pass {
            section.tune(controls.feedback_hz, controls.feedback_q, rate_hz);
        }
        let (mut whole, mut through) = (1e-12, 1e-12);
        for (passed, &sample) in self.passed.iter_mut().zip(&*made) {
            *passed = self.band_pass.iter_mut().fold(sample, |sample, section| section.next(sample));
            whole += sample * sample;
            through += *passed * *passed;
        }
        let goal = [1.0 - share, share * (whole / through).sqrt().min(MAKE_UP)];
        let from = std::mem::replace(&mut self.gains, goal);
        let hop = made.len() as f32;
        for (n, (sample, &passed)) in made.iter_mut().zip(&self.passed).enumerate() {
            let gain = |of: usize| from[of] + (goal[of] - from[of]) * n as f32 / hop;
            *sample = *sample * gain(0) + passed * gain(1);
        }
    }
}

impl Feedback {
    /// For hops of `hop_frames` at `rate_hz` and delays up to `longest_s`, with a band-pass of so many sections; `colours`
    /// what is made, too.
    pub(super) fn new(rate_hz: f32, hop_frames: usize, longest_s: f32, sections: usize, colours: bool) -> Self {
        let frames = (longest_s * rate_hz) as usize + 2 * hop_frames;
        Self {
            rate_hz,
            band_pass: vec![BandPass::default(); sections],
            line: vec![0.0; frames],
            at: 0,
            delay_frames: 0,
            guard_db: 0.0,
            share: 0.0,
            returned: vec![0.0; hop_frames],
            colour: colours.then(|| Colour::new(hop_frames, sections)),
        }
    }

    /// Back to the stream's start.
    pub(super) fn reset(&mut self) {
        self.silence();
        self.delay_frames = 0;
        self.guard_db = 0.0;
        self.share = 0.0;
    }

    /// Nothing of what was made stays in the loop.
    pub(super) fn silence(&mut self) {
        self.line.fill(0.0);
        self.band_pass.iter_mut().for_each(BandPass::reset);
        if let Some(colour) = &mut self.colour {
            colour.reset();
        }
    }

    /// Linear gain by which the guard holds the loop back; 1: not at all.
    pub(super) fn guard(&self) -> f32 {
        10f32.powf(self.guard_db.min(0.0) / 20.0)
    }

    /// How far the pitch of what is heard is drawn to the band-pass's centre, and noise to a tone, 0 to 1 per hop.
    ///
    /// A howl settles where the loop's gain is largest, since every round favours it. A model that is given a pitch
    /// keeps it round after round; so the loop pulls it there.
    pub(super) fn pull(&self) -> f32 {
        self.share * PULL
    }

    /// Adds what returns to what the model hears, `[hop_frames]`.
    pub(super) fn add_to(&mut self, heard: &mut [f32], controls: &Controls) {
        let hop = self.returned.len();
        let wanted = ((controls.feedback_delay_s.max(0.0) * self.rate_hz) as usize).min(self.line.len() - 2 * hop);
        if controls.feedback_gain <= 0.0 {
            self.band_pass.iter_mut().for_each(BandPass::reset);
            self.guard_db = 0.0;
            self.share = 0.0;
            self.delay_frames = wanted;
            if let Some(colour) = &mut self.colour {
                colour.reset();
            }
            return;
        }
        for section in &mut self.band_pass {
            section.tune(controls.feedback_hz, controls.feedback_q, self.rate_hz);
        }
        let frames = self.line.len();
        let place = |delay: usize, n: usize| (self.at + frames - hop - delay + n) % frames;
        let before = std::mem::replace(&mut self.delay_frames, wanted);
        let mut power = 0.0;
        for n in 0..hop {
            // A new delay is faded to within the hop.
            let part = n as f32 / hop as f32;
            let (old, new) = (self.line[place(before, n)], self.line[place(wanted, n)]);
            let late = if before == wanted { new } else { old + (new - old) * part };
            let passed = self.band_pass.iter_mut().fold(late, |sample, section| section.next(sample));
            let value = passed * controls.feedback_gain;
            self.returned[n] = value;
            power += value * value;
        }
        let rms = (power / hop as f32).sqrt().max(1e-9);
        let lift_db = LIFT_DB * (controls.feedback_gain - 1.0).max(0.0);
        let wanted_db = (20.0 * (GUARD_RMS / rms).log10()).min(lift_db);
        let release_db = RELEASE_DB_PER_S * hop as f32 / self.rate_hz;
        let goal_db = wanted_db.min(self.guard_db + release_db);
        let (from, to) = (10f32.powf(self.guard_db / 20.0), 10f32.powf(goal_db / 20.0));
        let (mut outside, mut inside) = (1e-12, 0.0);
        for (n, (heard, &value)) in heard.iter_mut().zip(&self.returned).enumerate() {
            let gain = from + (to - from) * n as f32 / hop as f32;
            // tanh catches what a sudden rise brings before the guard has closed
            let value = (value * gain).tanh();
            outside += *heard * *heard;
            inside += value * value;
            *heard += value;
        }
        self.share = inside / (inside + outside);
        self.guard_db = goal_db;
    }

    /// Takes what the lane has made into the loop. While the loop is in use its peaks are rounded first, so that no
    /// setting of it comes near full scale.
    pub(super) fn take(&mut self, made: &mut [f32], controls: &Controls) {
        if controls.feedback_gain > 0.0 {
            if let Some(colour) = &mut self.colour {
                colour.give(made, self.share, self.rate_hz, controls);
            }
            for sample in made.iter_mut().filter(|sample| sample.abs() > KNEE) {
                let room = CEILING - KNEE;
                *sample = (KNEE + room * ((sample.abs() - KNEE) / room).tanh()).copysign(*sample);
            }
        }
        for &sample in &*made {
            self.line[self.at] = sample;
            self.at = (self.at + 1) % self.line.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f32 = 44_100.0;
    const HOP: usize = 512;

    /// What comes back, hop by hop, when the lane makes what it hears (and an impulse first).
    fn echoes(controls: &Controls, hops: usize, gain: f32) -> Vec<f32> {
        let mut feedback = Feedback::new(RATE_HZ, HOP, MAX_DELAY_S, 1, false);
        let mut sound = Vec::new();
        for hop in 0..hops {
            let mut heard = vec![0.0; HOP];
            heard[0] = if hop == 0 { 1.0 } else { 0.0 };
            feedback.add_to(&mut heard, controls);
            let mut made: Vec<f32> = heard.iter().map(|sample| sample * gain).collect();
            feedback.take(&mut made, controls);
            sound.extend(made);
        }
        sound
    }

    fn controls(gain: f32, delay_s: f32) -> Controls {
        Controls {
            feedback_gain: gain,
            feedback_delay_s: delay_s,
            feedback_hz: 1000.0,
            feedback_q: 0.7,
            ..Controls::default()
        }
    }

    #[test]
    fn the_loop_is_a_hop_and_its_delay_long() {
        for delay_frames in [0, 1000, 44_100] {
            let sound = echoes(&controls(1.0, (delay_frames as f32 + 0.5) / RATE_HZ), 100, 1.0);
            let first = sound.iter().skip(1).position(|sample| *sample != 0.0).unwrap() + 1;
            assert_eq!(first, HOP + delay_frames);
        }
    }

    #[test]
    fn no_gain_brings_it_above_full_scale_and_the_guard_tells_what_it_holds_back() {
        for (gain, made) in [(2.0, 1.0), (2.0, 30.0), (1.0, 4.0)] {
            let sound = echoes(&controls(gain, 0.0), 2000, made);
            let peak = sound.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
            assert!(peak <= CEILING, "{gain} x {made}: {peak}");
        }
        let mut feedback = Feedback::new(RATE_HZ, HOP, MAX_DELAY_S, 1, false);
        let loud = controls(2.0, 0.0);
        for hop in 0..40 {
            let mut made: Vec<f32> = (0..HOP)
                .map(|n| 0.6 * ((hop * HOP + n) as f32 * std::f32::consts::TAU * 1000.0 / RATE_HZ).sin())
                .collect();
            let mut heard = vec![0.0; HOP];
            feedback.add_to(&mut heard, &loud);
            feedback.take(&mut made, &loud);
        }
        // 0.6 / sqrt(2) * 2 is held at 0.2
        assert!((feedback.guard() - 0.2 / 0.8485).abs() < 0.02, "{}", feedback.guard());
    }

    #[test]
    fn a_new_delay_does_not_click_and_no_gain_leaves_the_input_alone() {
        let mut feedback = Feedback::new(RATE_HZ, HOP, MAX_DELAY_S, 1, false);
        let mut heard_before = 0.0f32;
        let mut steepest = 0.0f32;
        for hop in 0..60 {
            let controls = controls(1.0, if hop < 30 { 0.010 } else { 0.0137 });
            let mut made: Vec<f32> = (0..HOP)
                .map(|n| 0.1 * ((hop * HOP + n) as f32 * std::f32::consts::TAU * 200.0 / RATE_HZ).sin())
                .collect();
            let mut heard = vec![0.0; HOP];
            feedback.add_to(&mut heard, &controls);
            feedback.take(&mut made, &controls);
            for &sample in &heard {
                if hop > 2 {
                    steepest = steepest.max((sample - heard_before).abs());
                }
                heard_before = sample;
            }
        }
        assert!(steepest < 0.01, "{steepest}");
        let mut heard = vec![0.25; HOP];
        feedback.add_to(&mut heard, &controls(0.0, 0.0));
        assert!(heard.iter().all(|&sample| sample == 0.25));
    }
}
