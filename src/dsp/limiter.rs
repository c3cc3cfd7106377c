//! A limiter that rounds peaks off and adds no latency.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

/// No sample comes out louder: -1 dBFS, linear.
pub const CEILING: f32 = 0.891_250_9;
/// What stays below is not changed by a bit: -7 dBFS, linear.
const KNEE: f32 = 0.446_683_6;
/// Time constant by which the level falls after a peak, seconds: shorter and low notes are bent, longer and the music ducks.
const RELEASE_S: f64 = 0.15;

/// All channels of a track together, so that the stereo image stays. Wait-free, allocates nothing.
///
/// The level rises with a peak at once, which no look-ahead softens: above the knee peaks are rounded off by a curve whose slope is 1 at
/// the knee and which never reaches the ceiling.
#[derive(Clone, Debug)]
pub struct Limiter {
    level: f32,
    keep: f32,
    /// The least gain since it was last asked for.
    least: f32,
}

impl Limiter {
    /// For sound at `rate_hz`.
    pub fn new(rate_hz: f64) -> Self {
        Self { level: 0.0, keep: (-1.0 / (RELEASE_S * rate_hz)).exp() as f32, least: 1.0 }
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.level = 0.0;
    }

    /// The gain for a frame whose loudest channel is at `peak`, linear; `share` of the limiter acts, 0 to 1.
    pub fn next(&mut self, peak: f32, share: f32) -> f32 {
        // What is no number would be held for good.
        let peak = if peak.is_finite() { peak } else { 0.0 };
        self.level = peak.max(self.level * self.keep);
        if self.level <= KNEE || share <= 0.0 {
            return 1.0;
        }
        let room = CEILING - KNEE;
        let rounded = KNEE + room * ((self.level - KNEE) / room).tanh();
        let gain = (1.0 - share) + share * (rounded / self.level);
        self.least = self.least.min(gain);
        gain
    }

    /// The least gain since the last call: what it has held back.
    pub fn take_least(&mut self) -> f32 {
        std::mem::replace(&mut self.least, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 48_000.0;

    fn sine(level: f32, hz: f32) -> impl Iterator<Item = f32> {
        (0..48_000).map(move |n| level * (std::f32::consts::TAU * hz * n as f32 / RATE_HZ as f32).sin())
    }

    #[test]
    fn what_is_below_the_knee_is_not_changed_by_a_bit_and_nothing_passes_the_ceiling() {
        for level in [0.1, 0.446, 0.6, 1.0, 4.0, 60.0] {
            let mut limiter = Limiter::new(RATE_HZ);
            for sample in sine(level, 97.0) {
                let out = sample * limiter.next(sample.abs(), 1.0);
                // Of the ceiling, a rounding is left.
                assert!(out.abs() <= CEILING * 1.000_001, "{level}: {out}");
                assert!(level > KNEE || out == sample, "{level}");
            }
            assert_eq!(limiter.take_least() < 1.0, level > KNEE, "{level}");
            assert_eq!(limiter.take_least(), 1.0, "told once");
        }
    }

    #[test]
    fn without_a_share_nothing_is_changed() {
        let mut limiter = Limiter::new(RATE_HZ);
        assert!(sine(8.0, 440.0).all(|sample| limiter.next(sample.abs(), 0.0) == 1.0));
    }

    #[test]
    fn a_low_note_is_turned_down_and_hardly_bent() {
        let mut limiter = Limiter::new(RATE_HZ);
        let made: Vec<f32> = sine(1.5, 50.0).map(|sample| sample * limiter.next(sample.abs(), 1.0)).collect();
        // Of the last tenth of a second: five periods. The power that is not at 50 Hz.
        let late = &made[43_200..];
        let part = |turn: fn(f32) -> f32| {
            let turned = late
                .iter()
                .enumerate()
                .map(|(n, y)| y * turn(std::f32::consts::TAU * 50.0 * n as f32 / RATE_HZ as f32));
            2.0 * turned.sum::<f32>() / late.len() as f32
        };
        let (sine, cosine) = (part(f32::sin), part(f32::cos));
        let power: f32 = late.iter().map(|y| y * y).sum::<f32>() / late.len() as f32;
        let bent = 1.0 - 0.5 * (sine * sine + cosine * cosine) / power;
        assert!(bent < 0.002, "{bent} of the power is elsewhere");
    }

    #[test]
    fn what_is_no_number_does_not_hold_it_down() {
        for bad in [f32::INFINITY, f32::NAN] {
            let mut limiter = Limiter::new(RATE_HZ);
            limiter.next(bad, 1.0);
            assert_eq!(limiter.next(0.1, 1.0), 1.0, "{bad}");
        }
    }

    #[test]
    fn it_lets_go_after_a_peak() {
        let mut limiter = Limiter::new(RATE_HZ);
        let held = limiter.next(2.0, 1.0);
        assert!(held < 0.5);
        let after: Vec<f32> = (0..48_000).map(|_| limiter.next(0.1, 1.0)).collect();
        assert!(after.windows(2).all(|pair| pair[1] >= pair[0]), "it only rises");
        assert_eq!(after[24_000], 1.0, "half a second later");
    }
}
