//! The middle of two channels, and what is heard instead where they cancel each other out.
//!
//! A stereo sound whose channels are each other's negative has no middle: a microphone wired the wrong way round, a widener
//! turned up, would be silence to a model. There the louder channel is heard. It goes by packets, which lie on the stream's own
//! grid, so it is the same at every block size; and a sound whose middle is there is not touched by a bit.

use crate::link::PACKET_FRAMES;

/// Time constant of the measured power, seconds.
const MEASURE_S: f64 = 0.050;

/// How long the middle must have been missing before the louder channel is faded to, seconds.
const HOLD_S: f64 = 0.010;

/// Length of that fade, and of the one back, seconds.
const FADE_S: f64 = 0.010;

/// The middle is missing when its power is less than this share of the louder channel's: 12 dB below it. One channel alone has a
/// middle 6 dB below, two that have nothing in common one 3 dB below.
const MISSING: f64 = 1.0 / 16.0;

/// And there again from this share on, 9 dB below.
const THERE: f64 = 1.0 / 8.0;

/// The other channel is only changed to when it has this many times the power, 6 dB: equal ones would be changed all the time.
const LOUDER: f64 = 4.0;

/// A mean square below it is silence, which decides nothing.
const SILENT: f64 = 1e-12;

/// See the module. Allocates nothing.
#[derive(Clone, Debug)]
pub(super) struct Middle {
    keep: f64,
    hold_packets: u32,
    step: f32,
    /// Smoothed mean squares of left, right and middle.
    power: [f64; 3],
    missing_packets: u32,
    /// The channel that stands in for the middle.
    chosen: Option<usize>,
    /// How much of left and of right is heard instead of the middle, 0 to 1.
    share: [f32; 2],
}

impl Middle {
    /// For packets at this rate.
    pub(super) fn new(rate_hz: f64) -> Self {
        let packet_s = PACKET_FRAMES as f64 / rate_hz;
        Self {
            keep: (-packet_s / MEASURE_S).exp(),
            hold_packets: (HOLD_S / packet_s).ceil() as u32,
            step: (1.0 / (FADE_S * rate_hz)) as f32,
            power: [0.0; 3],
            missing_packets: 0,
            chosen: None,
            share: [0.0; 2],
        }
    }

    /// Back to the stream's start.
    pub(super) fn reset(&mut self) {
        (self.power, self.missing_packets, self.chosen, self.share) = ([0.0; 3], 0, None, [0.0; 2]);
    }

    /// The middle of a packet, or what stands in for it if `may_choose`.
    pub(super) fn of(
        &mut self,
        left: &[f32; PACKET_FRAMES],
        right: &[f32; PACKET_FRAMES],
        may_choose: bool,
    ) -> [f32; PACKET_FRAMES] {
        let mut middle = [0.0; PACKET_FRAMES];
        for (middle, (left, right)) in middle.iter_mut().zip(left.iter().zip(right)) {
            *middle = 0.5 * (left + right);
        }
        self.measure([left, right, &middle]);
        if !may_choose {
            (self.chosen, self.missing_packets) = (None, 0);
        }
        if self.chosen.is_some() || self.share != [0.0; 2] {
            for (n, middle) in middle.iter_mut().enumerate() {
                let [left_share, right_share] = self.next_share();
                *middle = *middle * (1.0 - left_share - right_share) + left_share * left[n] + right_share * right[n];
            }
        }
        middle
    }

    /// Weighs the packet, and decides from all that came so far.
    fn measure(&mut self, sounds: [&[f32; PACKET_FRAMES]; 3]) {
        for (power, sound) in self.power.iter_mut().zip(sounds) {
            let now = sound.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / PACKET_FRAMES as f64;
            // What is no number is another's to mend, and must not stay.
            let now = if now.is_finite() { now } else { 0.0 };
            *power = now + self.keep * (*power - now);
        }
        let [left, right, middle] = self.power;
        let louder = left.max(right);
        if louder < SILENT {
            return;
        }
        self.missing_packets = if middle < MISSING * louder { self.missing_packets.saturating_add(1) } else { 0 };
        self.chosen = match self.chosen {
            None if self.missing_packets >= self.hold_packets => Some(usize::from(right > left)),
            None => None,
            Some(_) if middle > THERE * louder => None,
            Some(channel) if self.power[1 - channel] > LOUDER * self.power[channel] => Some(1 - channel),
            chosen => chosen,
        };
    }

    /// The shares a frame later; they move in a straight line and never make more than 1 together.
    fn next_share(&mut self) -> [f32; 2] {
        for channel in 0..2 {
            let to = if self.chosen == Some(channel) { 1.0 } else { 0.0 };
            let share = &mut self.share[channel];
            *share = if *share < to { (*share + self.step).min(to) } else { (*share - self.step).max(to) };
        }
        if let Some(channel) = self.chosen {
            self.share[channel] = self.share[channel].min(1.0 - self.share[1 - channel]);
        }
        self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::noise::Noise;

    const RATE_HZ: f64 = 48_000.0;

    fn run(left: &[f32], right: &[f32]) -> Vec<f32> {
        let mut middle = Middle::new(RATE_HZ);
        let packets = left.as_chunks::<PACKET_FRAMES>().0.iter().zip(right.as_chunks::<PACKET_FRAMES>().0);
        packets.flat_map(|(left, right)| middle.of(left, right, true)).collect()
    }

    fn tone(frames: usize, hz: f64, gain: f64) -> Vec<f32> {
        (0..frames).map(|n| (gain * (std::f64::consts::TAU * hz * n as f64 / RATE_HZ).sin()) as f32).collect()
    }

    fn noise(seed: u64) -> Vec<f32> {
        let mut sound = vec![0.0; 9600];
        Noise::new(seed).fill(&mut sound);
        sound
    }

    #[test]
    fn anti_phase_channels_are_heard_as_the_louder_one() {
        let left = tone(9600, 220.0, 0.3);
        for gain in [1.0, 0.8, 1.25] {
            let right: Vec<f32> = left.iter().map(|sample| -gain * sample).collect();
            let heard = run(&left, &right);
            let louder = if gain > 1.0 { &right } else { &left };
            assert_eq!(heard[1600..], louder[1600..], "right is {gain} times left");
        }
    }

    #[test]
    fn a_sound_that_has_a_middle_is_not_touched() {
        let left = noise(1);
        let other = noise(2);
        let mixed: Vec<f32> = left.iter().zip(&other).map(|(a, b)| -0.6 * a + 0.8 * b).collect();
        for right in [left.clone(), vec![0.0; left.len()], other, mixed] {
            let plain: Vec<f32> = left.iter().zip(&right).map(|(a, b)| 0.5 * (a + b)).collect();
            assert_eq!(run(&left, &right), plain);
        }
    }

    #[test]
    fn neither_coming_nor_going_clicks() {
        let left = tone(28_800, 220.0, 0.3);
        // In phase, then turned round, then in phase; then left alone turned over to a louder right.
        let right: Vec<f32> = left
            .iter()
            .enumerate()
            .map(|(n, sample)| match n / 4800 {
                1 | 2 => -sample,
                3 | 4 => -3.0 * sample,
                _ => *sample,
            })
            .collect();
        let heard = run(&left, &right);
        // The input's own leaps, at the turns, are halved in the middle.
        let steepest = heard.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0f32, f32::max);
        let slope = 0.9 * (std::f64::consts::TAU * 220.0 / RATE_HZ) as f32;
        assert!(steepest < 1.5 * slope, "{steepest}, a tone of the louder channel has {slope}");
        assert_eq!(heard[28_000..], left[28_000..], "and the middle is back");
    }

    #[test]
    fn a_reset_forgets_and_the_switch_off_gives_the_middle_back() {
        let (left, right) = (tone(4800, 220.0, 0.3), tone(4800, 220.0, -0.3));
        let mut middle = Middle::new(RATE_HZ);
        let mut last = |may_choose| {
            let packets = left.as_chunks::<PACKET_FRAMES>().0.iter().zip(right.as_chunks::<PACKET_FRAMES>().0);
            packets.map(|(left, right)| middle.of(left, right, may_choose)).last().unwrap()
        };
        assert!(last(true).iter().any(|&sample| sample != 0.0));
        assert!(last(false).iter().all(|&sample| sample == 0.0));
    }
}
