//! The envelope of a note's amplitude, frame by frame.

use super::settings::Adsr;

/// Amplitudes below are silence: -90 dB.
const SILENT: f32 = 3e-5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segment {
    Attack,
    Decay,
    Release,
    Over,
}

/// A straight attack, an exponential decay and release. Wait-free, no allocation.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    stage: Segment,
    value: f32,
}

/// The steps of one frame.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    attack: f32,
    decay: f32,
    release: f32,
    sustain: f32,
}

impl Steps {
    /// What the times are in frames of a rate.
    pub fn new(times: &Adsr, rate_hz: f32) -> Self {
        // To a thousandth in the time named.
        let share = |seconds: f32| (-6.907_755 / (seconds.max(1e-4) * rate_hz)).exp();
        Self {
            attack: 1.0 / (times.attack_s * rate_hz).max(1.0),
            decay: share(times.decay_s),
            release: share(times.release_s),
            sustain: times.sustain.clamp(0.0, 1.0),
        }
    }
}

impl Default for Envelope {
    fn default() -> Self {
        Self { stage: Segment::Over, value: 0.0 }
    }
}

impl Envelope {
    /// From silence.
    pub fn start(&mut self) {
        *self = Self { stage: Segment::Attack, value: 0.0 };
    }

    /// Towards silence from wherever it is.
    pub fn release(&mut self) {
        if self.stage != Segment::Over {
            self.stage = Segment::Release;
        }
    }

    /// Silent at once.
    pub fn stop(&mut self) {
        *self = Self::default();
    }

    /// Amplitude, 0 to 1.
    pub fn value(&self) -> f32 {
        self.value
    }

    /// Whether it is on its way to silence, or there.
    pub fn is_released(&self) -> bool {
        matches!(self.stage, Segment::Release | Segment::Over)
    }

    /// Whether nothing will come any more.
    pub fn is_over(&self) -> bool {
        self.stage == Segment::Over
    }

    /// The next frame's amplitude.
    pub fn next(&mut self, steps: &Steps) -> f32 {
        match self.stage {
            Segment::Attack => {
                self.value += steps.attack;
                if self.value >= 1.0 {
                    self.value = 1.0;
                    self.stage = Segment::Decay;
                }
            }
            Segment::Decay => self.value = steps.sustain + (self.value - steps.sustain) * steps.decay,
            Segment::Release => {
                self.value *= steps.release;
                if self.value < SILENT {
                    self.stop();
                }
            }
            Segment::Over => {}
        }
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Adsr = Adsr { attack_s: 0.01, decay_s: 0.1, sustain: 0.5, release_s: 0.2 };

    #[test]
    fn stages_take_the_times_named() {
        let steps = Steps::new(&TIMES, 48_000.0);
        let mut envelope = Envelope::default();
        envelope.start();
        let values: Vec<f32> = (0..9600).map(|_| envelope.next(&steps)).collect();
        let top = values.iter().position(|&value| value == 1.0).unwrap();
        assert!((479..=481).contains(&top), "{top}");
        assert!((values[top + 4800] - 0.5005).abs() < 1e-4);
        envelope.release();
        let after: Vec<f32> = (0..20_000).map(|_| envelope.next(&steps)).collect();
        assert!((after[9599] / 0.0005 - 1.0).abs() < 0.01, "{}", after[9599]);
        assert!(envelope.is_over());
        assert_eq!(after[19_999], 0.0);
    }

    #[test]
    fn it_never_jumps() {
        let steps = Steps::new(&TIMES, 48_000.0);
        let mut envelope = Envelope::default();
        envelope.start();
        let mut last = 0.0;
        for n in 0..20_000 {
            if n == 300 {
                envelope.release();
            }
            let value = envelope.next(&steps);
            assert!((value - last).abs() < 0.003);
            last = value;
        }
    }
}
