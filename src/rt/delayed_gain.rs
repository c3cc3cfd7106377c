//! Gains for sound that is late.

use crate::dsp::delay_line::DelayLine;
use crate::dsp::smooth::Smooth;

/// A smoothed value that acts on sound which is already late: it is as late itself, so that automation is heard
/// where it is drawn once the host has taken the latency off. Everything but `new` is wait-free and does not allocate.
pub(super) struct DelayedGain {
    smooth: Smooth,
    delay: DelayLine,
    /// For how many frames the value has not moved. From the delay on, the whole line holds it and is left alone: most
    /// gains rest most of the time.
    rested_frames: usize,
}

impl DelayedGain {
    /// Allocates; starts at `smooth`'s value, 0 before it.
    pub(super) fn new(smooth: Smooth, delay_frames: usize) -> Self {
        Self { smooth, delay: DelayLine::new(delay_frames), rested_frames: 0 }
    }

    /// Jumps, and has always been there.
    pub(super) fn set(&mut self, value: f32) {
        self.smooth.set(value);
        self.delay.fill(value);
        self.rested_frames = self.delay.frames();
    }

    /// One frame towards the target; what was reached as many frames ago as it is late.
    pub(super) fn next(&mut self, target: f32) -> f32 {
        if self.rested_frames >= self.delay.frames() && self.smooth.value() == target {
            return target;
        }
        let before = self.smooth.value();
        let value = self.smooth.next(target);
        self.rested_frames = if value == before { self.rested_frames + 1 } else { 0 };
        self.delay.next(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_move_is_heard_late_by_the_delay_whether_the_gain_rested_before_or_not() {
        for delay in [0usize, 1, 100, 700] {
            let smooth = Smooth::new(0.0, 48_000.0);
            let (mut late, mut reached) = (DelayedGain::new(smooth, delay), smooth);
            late.set(0.5);
            reached.set(0.5);
            let mut way = vec![0.5; delay];
            for frame in 0..20_000usize {
                // Rests of 5000 frames, moves that are cut short, and a step too small to be smoothed.
                let target = match frame {
                    0..5000 => 0.5,
                    5000..5050 => 1.0,
                    5050..10_000 => 0.0,
                    10_000..15_000 => 1e-5,
                    _ => 2.0,
                };
                way.push(reached.next(target));
                assert_eq!(late.next(target), way[frame], "{delay}: {frame}");
            }
        }
    }
}
