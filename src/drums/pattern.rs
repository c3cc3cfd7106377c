//! What is played: steps in lines, a line for each track, eight patterns of them. Nothing in one can be out of range.

mod text;

use std::ops::RangeInclusive;

use super::{PATTERNS, STEPS, TRACKS};

pub use text::PatternError;

/// How hard, as in MIDI.
const VELOCITIES: RangeInclusive<u8> = 1..=127;

/// How often, per cent.
const PROBABILITIES: RangeInclusive<u8> = 1..=100;

/// Hits within a step.
const RATCHETS: RangeInclusive<u8> = 1..=MAX_RATCHET;

/// Before or after the step's place, per cent of a step.
const SHIFTS: RangeInclusive<i8> = -50..=50;

/// Steps of a line.
const LENGTHS: RangeInclusive<u8> = 1..=STEPS as u8;

/// Hits within a step at most.
pub const MAX_RATCHET: u8 = 8;

/// A step: a rest, or how it is struck. A rest keeps the rest of what is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    velocity: u8,
    probability: u8,
    ratchet: u8,
    shift: i8,
}

impl Default for Step {
    fn default() -> Self {
        Self { velocity: 0, probability: 100, ratchet: 1, shift: 0 }
    }
}

impl Step {
    /// How hard, 1 to 127; 0 rests.
    pub fn velocity(self) -> u8 {
        self.velocity
    }

    /// How often it is struck, 1 to 100 %.
    pub fn probability(self) -> u8 {
        self.probability
    }

    /// Hits within the step, 1 to 8, evenly.
    pub fn ratchet(self) -> u8 {
        self.ratchet
    }

    /// Before or after its place, -50 to 50 % of the step that it moves within.
    pub fn shift(self) -> i8 {
        self.shift
    }

    /// It makes no sound.
    pub fn is_rest(self) -> bool {
        self.velocity == 0
    }

    /// The same step with another velocity, the nearest one that there is; 0 rests.
    #[must_use]
    pub fn with_velocity(self, velocity: u8) -> Self {
        Self { velocity: velocity.min(*VELOCITIES.end()), ..self }
    }

    /// The same step with another probability, the nearest one that there is, per cent.
    #[must_use]
    pub fn with_probability(self, probability: u8) -> Self {
        Self { probability: nearest(probability, PROBABILITIES), ..self }
    }

    /// The same step with as many hits, or the nearest number that there is.
    #[must_use]
    pub fn with_ratchet(self, ratchet: u8) -> Self {
        Self { ratchet: nearest(ratchet, RATCHETS), ..self }
    }

    /// The same step elsewhere, at the nearest place that there is, per cent.
    #[must_use]
    pub fn with_shift(self, shift: i8) -> Self {
        Self { shift: nearest(shift, SHIFTS), ..self }
    }
}

/// What a track plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Those beyond the length are kept, and not played.
    pub steps: [Step; STEPS],
    length: u8,
}

impl Default for Line {
    fn default() -> Self {
        Self { steps: [Step::default(); STEPS], length: STEPS as u8 }
    }
}

impl Line {
    /// Steps that are played, 1 to 16; then it begins again.
    pub fn length(&self) -> u8 {
        self.length
    }

    /// The same line with as many steps, or the nearest number that there is.
    #[must_use]
    pub fn with_length(self, length: u8) -> Self {
        Self { length: nearest(length, LENGTHS), ..self }
    }

    /// Which of its steps is played at the song's step `index`, which counts from the song's beginning.
    pub fn looped(&self, index: i64) -> usize {
        index.rem_euclid(i64::from(self.length)) as usize
    }
}

/// A line for each track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    /// By track.
    pub lines: [Line; TRACKS],
}

/// All patterns of an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patterns(pub [Pattern; PATTERNS]);

impl Patterns {
    /// Nothing is struck in any of them.
    pub fn is_empty(&self) -> bool {
        self.0.iter().flat_map(|pattern| &pattern.lines).flat_map(|line| &line.steps).all(|step| step.is_rest())
    }
}

fn nearest<T: Copy + Ord>(value: T, range: RangeInclusive<T>) -> T {
    value.clamp(*range.start(), *range.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_be_set_out_of_its_range() {
        let least = Step::default().with_velocity(0).with_probability(0).with_ratchet(0).with_shift(-128);
        assert_eq!((least.velocity(), least.probability(), least.ratchet(), least.shift()), (0, 1, 1, -50));
        assert!(least.is_rest());
        let most = Step::default().with_velocity(255).with_probability(255).with_ratchet(255).with_shift(127);
        assert_eq!((most.velocity(), most.probability(), most.ratchet(), most.shift()), (127, 100, 8, 50));
        let line = Line::default();
        assert_eq!((line.with_length(0).length(), line.with_length(255).length(), line.length()), (1, 16, 16));
    }

    #[test]
    fn a_line_begins_again_after_its_length_before_the_song_too() {
        let line = Line::default().with_length(5);
        assert_eq!([-6, -5, -1, 0, 4, 5, 12].map(|index| line.looped(index)), [4, 0, 4, 0, 4, 0, 2]);
        assert!(line.looped(i64::MIN) < 5 && line.looped(i64::MAX) < 5);
    }
}
