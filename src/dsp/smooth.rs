//! Parameter changes without clicks.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

/// Time constant of every smoothed gain, seconds.
const TIME_CONSTANT_S: f64 = 0.005;

/// Closer than this (-94 dB) the target is taken exactly, so that unity gain is unity: further steps would be lost in
/// rounding.
const SNAP: f32 = 2e-5;

/// Follows a target with one pole per frame: the same values whatever blocks the frames come in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Smooth {
    value: f32,
    share: f32,
}

impl Smooth {
    /// Starts at `value`.
    pub(crate) fn new(value: f32, rate_hz: f64) -> Self {
        Self { value, share: (1.0 - (-1.0 / (TIME_CONSTANT_S * rate_hz)).exp()) as f32 }
    }

    /// Jumps.
    pub(crate) fn set(&mut self, value: f32) {
        self.value = value;
    }

    /// Where it is.
    pub(crate) fn value(&self) -> f32 {
        self.value
    }

    /// One frame towards the target.
    pub(crate) fn next(&mut self, target: f32) -> f32 {
        let rest = target - self.value;
        self.value = if rest.abs() < SNAP { target } else { self.value + rest * self.share };
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_reached_exactly_and_without_a_jump() {
        let mut smooth = Smooth::new(0.0, 48_000.0);
        let way: Vec<f32> = (0..9600).map(|_| smooth.next(1.0)).collect();
        assert!(way[0] < 0.01);
        assert!(way.windows(2).all(|pair| pair[1] >= pair[0] && pair[1] - pair[0] < 0.01));
        assert_eq!(way.last(), Some(&1.0));
    }
}
