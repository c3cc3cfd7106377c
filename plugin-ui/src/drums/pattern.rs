//! Patterns as the window edits them: plain data, and what can be done to a line of steps.

use super::{PATTERNS, STEPS, TRACKS};

/// The velocity of a step that is filled in.
pub const VELOCITY: u8 = 100;

/// One step of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// How hard, 1..=127; 0 is silent.
    pub velocity: u8,
    /// How often it sounds, 1..=100 per cent.
    pub probability: u8,
    /// Hits in its time, 1..=8.
    pub ratchet: u8,
    /// Early or late, -50..=50 per cent of a step.
    pub shift: i8,
}

impl Default for Step {
    fn default() -> Self {
        Self { velocity: 0, probability: 100, ratchet: 1, shift: 0 }
    }
}

impl Step {
    /// Whether it sounds at all.
    pub fn is_on(&self) -> bool {
        self.velocity > 0
    }

    /// The same with each value in its range.
    fn repaired(self) -> Self {
        Self {
            velocity: self.velocity.min(127),
            probability: self.probability.clamp(1, 100),
            ratchet: self.ratchet.clamp(1, 8),
            shift: self.shift.clamp(-50, 50),
        }
    }
}

/// The steps of one track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// All of them; those from `length` on rest.
    pub steps: [Step; STEPS],
    /// How many are played before it begins again, 1..=[`STEPS`].
    pub length: u8,
}

impl Default for Line {
    fn default() -> Self {
        Self { steps: [Step::default(); STEPS], length: STEPS as u8 }
    }
}

impl Line {
    /// The steps that are played.
    pub fn played(&self) -> &[Step] {
        &self.steps[..self.count()]
    }

    /// Whether none of them sounds.
    pub fn is_silent(&self) -> bool {
        !self.played().iter().any(Step::is_on)
    }

    /// As [`Line::length`], in range.
    pub(crate) fn count(&self) -> usize {
        usize::from(self.length).clamp(1, STEPS)
    }

    /// Takes every step out.
    pub(crate) fn clear(&mut self) {
        self.steps = [Step::default(); STEPS];
    }

    /// Moves the steps so many to the right, around the line's end.
    pub(crate) fn turn(&mut self, by: isize) {
        let count = self.count();
        self.steps[..count].rotate_right(by.rem_euclid(count as isize) as usize);
    }

    /// Spreads so many hits as evenly as can be, the first one `turn` steps from the beginning; steps that stay on keep what
    /// they are.
    pub(crate) fn spread(&mut self, hits: usize, turn: usize) {
        let count = self.count();
        for at in 0..count {
            let is_on = ((at + count - turn % count) * hits) % count < hits;
            let step = &mut self.steps[at];
            match (is_on, step.is_on()) {
                (true, false) => *step = Step { velocity: VELOCITY, ..Step::default() },
                (false, true) => *step = Step::default(),
                _ => {}
            }
        }
    }

    /// Makes it less even, as a hand would: velocities and places move a little, and a few soft hits come in between.
    pub(crate) fn loosen(&mut self, seed: u32) {
        let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
        let mut within = |low: i32, high: i32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            low + ((state >> 8) % (high - low + 1) as u32) as i32
        };
        let count = self.count();
        for step in &mut self.steps[..count] {
            if step.is_on() {
                step.velocity = (i32::from(step.velocity) + within(-14, 14)).clamp(1, 127) as u8;
                step.shift = (i32::from(step.shift) + within(-5, 5)).clamp(-50, 50) as i8;
            } else if within(1, 12) == 1 {
                *step = Step { velocity: within(22, 46) as u8, probability: 75, ..Step::default() };
            }
        }
    }
}

/// A bar of all tracks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    /// A line for each track.
    pub lines: [Line; TRACKS],
}

impl Pattern {
    /// Whether nothing sounds in it.
    pub fn is_silent(&self) -> bool {
        self.lines.iter().all(Line::is_silent)
    }
}

/// All patterns of a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patterns {
    /// By their number.
    pub patterns: [Pattern; PATTERNS],
}

impl Patterns {
    /// The same with each value in its range.
    pub(crate) fn repaired(mut self) -> Self {
        for line in self.patterns.iter_mut().flat_map(|pattern| &mut pattern.lines) {
            line.length = line.count() as u8;
            line.steps = line.steps.map(Step::repaired);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(line: &Line) -> Vec<usize> {
        (0..line.count()).filter(|&step| line.steps[step].is_on()).collect()
    }

    #[test]
    fn hits_are_spread_as_evenly_as_can_be() {
        let mut line = Line { length: 8, ..Line::default() };
        line.spread(3, 0);
        assert_eq!(on(&line), [0, 3, 6]);
        line.spread(3, 2);
        assert_eq!(on(&line), [0, 2, 5]);
        let mut line = Line::default();
        line.spread(5, 0);
        assert_eq!(on(&line), [0, 4, 7, 10, 13]);
        line.spread(0, 3);
        assert!(line.is_silent());
        line.spread(16, 1);
        assert_eq!(on(&line).len(), 16);
    }

    #[test]
    fn a_hit_that_stays_keeps_what_it_is() {
        let mut line = Line::default();
        line.steps[0] = Step { velocity: 31, ratchet: 3, ..Step::default() };
        line.spread(4, 0);
        assert_eq!((line.steps[0].velocity, line.steps[0].ratchet, line.steps[4].velocity), (31, 3, VELOCITY));
    }

    #[test]
    fn a_line_turns_around_its_own_end() {
        let mut line = Line { length: 5, ..Line::default() };
        line.steps[4].velocity = 9;
        line.turn(1);
        assert_eq!(on(&line), [0]);
        line.turn(-2);
        assert_eq!(on(&line), [3]);
    }

    #[test]
    fn loosening_keeps_every_hit_and_the_range_of_all_values() {
        let mut line = Line::default();
        line.spread(7, 0);
        let before = on(&line);
        for seed in 0..200 {
            line.loosen(seed);
        }
        assert!(before.iter().all(|step| on(&line).contains(step)));
        let patterns = Patterns { patterns: [Pattern { lines: [line; TRACKS] }; PATTERNS] };
        assert_eq!(patterns, patterns.repaired());
        let mut once = Line::default();
        once.spread(4, 0);
        once.loosen(3);
        assert!(on(&once).len() < 9, "modestly: {:?}", on(&once));
    }
}
