//! How long a hit rings, for those who want less of it.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

/// The shortest time to -60 dB, seconds.
const SHORTEST_S: f32 = 0.02;

/// From 0 to 1/2 the time grows by twice the square root of this: from 20 to 400 ms.
const GROWTH: f32 = 100.0;

/// What comes first is left as it is, so that the attack keeps its punch.
const HOLD_S: f32 = 0.004;

/// Softer than this (-100 dB) is silence.
const SILENT: f64 = 1e-5;

/// How long a decay of 0..=1 takes from the strike to -60 dB, seconds: 0.02, 0.08, 0.4, 2.5 at 0, 1/4, 1/2, 3/4, beyond
/// any sound's length from 0.9 on, and infinite at 1. So there is no step to the whole sound.
pub fn time_to_minus_60_db_s(decay: f32) -> f32 {
    let decay = decay.clamp(0.0, 1.0);
    SHORTEST_S * GROWTH.powf(decay) / (1.0 - decay)
}

/// An exponential fade from the strike on. Wait-free, no allocation.
#[derive(Clone, Copy, Debug)]
pub struct Decay {
    hold_frames: u32,
    gain: f64,
    factor: f64,
}

impl Decay {
    /// For a decay of 0..=1, where 1 leaves the sound whole, at a rate in Hz.
    pub fn new(decay: f32, rate_hz: f64) -> Self {
        let fall_s = f64::from(time_to_minus_60_db_s(decay) - HOLD_S);
        let hold_frames = (f64::from(HOLD_S) * rate_hz).round() as u32;
        Self { hold_frames, gain: 1.0, factor: 10f64.powf(-3.0 / (fall_s * rate_hz)) }
    }

    /// The next frame's gain, 1 to 0.
    pub fn next_gain(&mut self) -> f32 {
        if self.hold_frames > 0 {
            self.hold_frames -= 1;
        } else {
            self.gain *= self.factor;
        }
        self.gain as f32
    }

    /// Whether only silence would follow.
    pub fn is_over(&self) -> bool {
        self.gain < SILENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 48_000.0;

    fn frames_until(decay: f32, gain: f32) -> usize {
        let mut fade = Decay::new(decay, RATE_HZ);
        (0..).find(|_| fade.next_gain() <= gain).unwrap()
    }

    #[test]
    fn it_takes_the_time_named_and_leaves_the_attack() {
        for (decay, expected_s) in [(0.0, 0.02), (0.25, 0.0843), (0.5, 0.4), (0.75, 2.53), (0.9, 12.6)] {
            let measured_s = frames_until(decay, 0.001) as f64 / RATE_HZ;
            assert!((measured_s / expected_s - 1.0).abs() < 0.01, "{decay}: {measured_s}");
            assert_eq!(frames_until(decay, 0.999_999_9), 192);
        }
    }

    #[test]
    fn the_whole_sound_is_left_to_the_bit_and_nearly_the_whole_nearly() {
        let mut whole = Decay::new(1.0, RATE_HZ);
        assert!((0..300_000).all(|_| whole.next_gain() == 1.0) && !whole.is_over());
        let mut nearly = Decay::new(0.999, RATE_HZ);
        assert!((0..288_000).all(|_| nearly.next_gain() > 0.96));
    }

    #[test]
    fn a_short_one_is_over() {
        let mut short = Decay::new(0.0, RATE_HZ);
        (0..1_500).for_each(|_| _ = short.next_gain());
        assert!(short.is_over());
    }
}
