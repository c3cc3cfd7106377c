//! How loud the wet sound is against the dry one.

use crate::dsp::lufs::{LufsMeter, loudness};

/// Blocks that count: three seconds of sound.
const PAIRS: usize = 30;
/// So many are needed for an answer: one second.
const FEWEST: usize = 10;
/// What is softer is a rest, LUFS: rooms say nothing of the sounds' balance.
const REST: f32 = -60.0;

/// Measures both as they come, at the same moment and before the mix. Wait-free, allocates nothing.
#[derive(Clone, Debug)]
pub(super) struct Balance {
    dry: LufsMeter,
    wet: LufsMeter,
    /// Power of both in blocks that were no rest.
    pairs: [[f64; 2]; PAIRS],
    at: usize,
    filled: usize,
}

impl Balance {
    /// For sound at `rate_hz`.
    pub(super) fn new(rate_hz: f64) -> Self {
        let meter = LufsMeter::new(rate_hz);
        Self { dry: meter.clone(), wet: meter, pairs: [[0.0; 2]; PAIRS], at: 0, filled: 0 }
    }

    /// Forgets what was heard.
    pub(super) fn reset(&mut self) {
        (self.at, self.filled) = (0, 0);
    }

    /// Hears a frame of each.
    pub(super) fn push(&mut self, dry: &[f32], wet: &[f32]) {
        let (Some(dry), Some(wet)) = (self.dry.push(dry), self.wet.push(wet)) else { return };
        if loudness(dry).min(loudness(wet)) < REST {
            return;
        }
        self.pairs[self.at] = [dry, wet];
        self.at = (self.at + 1) % PAIRS;
        self.filled = (self.filled + 1).min(PAIRS);
    }

    /// How much louder the wet one was, dB; NaN before there is enough to tell.
    pub(super) fn wet_above_dry_db(&self) -> f32 {
        if self.filled < FEWEST {
            return f32::NAN;
        }
        let heard = &self.pairs[..self.filled];
        let [dry, wet] = [0, 1].map(|of| heard.iter().map(|pair| pair[of]).sum::<f64>());
        loudness(wet) - loudness(dry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(seconds: f32, levels: impl Fn(f32) -> [f32; 2]) -> Balance {
        let mut balance = Balance::new(48_000.0);
        for n in 0..(seconds * 48_000.0) as usize {
            let sine = (n as f32 * 0.06).sin();
            let [dry, wet] = levels(n as f32 / 48_000.0).map(|level| [level * sine; 2]);
            balance.push(&dry, &wet);
        }
        balance
    }

    #[test]
    fn a_wet_sound_of_half_the_level_is_six_db_below() {
        let played = |at_s: f32| if at_s % 1.0 < 0.5 { [0.2, 0.1] } else { [1e-4, 0.0] };
        let db = heard(6.0, played).wet_above_dry_db();
        assert!((db + 6.02).abs() < 0.1, "{db}");
    }

    #[test]
    fn there_is_no_answer_before_a_second_of_sound_nor_of_rests_nor_after_a_reset() {
        assert!(heard(0.8, |_| [0.2; 2]).wet_above_dry_db().is_nan());
        assert!(heard(9.0, |_| [1e-5; 2]).wet_above_dry_db().is_nan());
        let mut balance = heard(2.0, |_| [0.2; 2]);
        assert!(balance.wet_above_dry_db().abs() < 1e-3);
        balance.reset();
        assert!(balance.wet_above_dry_db().is_nan());
    }
}
