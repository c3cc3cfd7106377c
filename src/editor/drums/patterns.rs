//! Patterns on their way to the window and back.

use plugin_ui::drums as window;

use crate::drums::pattern::{Line, Pattern, Patterns, Step};
use crate::drums::{PATTERNS, STEPS, TRACKS};

const _: () = assert!(
    window::TRACKS == TRACKS && window::STEPS == STEPS && window::PATTERNS == PATTERNS,
    "they are the same grid"
);

/// As the window edits them.
pub fn shown(patterns: &Patterns) -> window::Patterns {
    let step = |step: Step| window::Step {
        velocity: step.velocity(),
        probability: step.probability(),
        ratchet: step.ratchet(),
        shift: step.shift(),
    };
    let line = |line: Line| window::Line { steps: line.steps.map(step), length: line.length() };
    let pattern = |pattern: Pattern| window::Pattern { lines: pattern.lines.map(line) };
    window::Patterns { patterns: patterns.0.map(pattern) }
}

/// As the instance plays them, the nearest that there are.
pub fn played(patterns: &window::Patterns) -> Patterns {
    let step = |step: window::Step| {
        let own = Step::default().with_velocity(step.velocity).with_probability(step.probability);
        own.with_ratchet(step.ratchet).with_shift(step.shift)
    };
    let line = |line: window::Line| {
        let mut own = Line::default().with_length(line.length);
        own.steps = line.steps.map(step);
        own
    };
    Patterns(patterns.patterns.map(|pattern| Pattern { lines: pattern.lines.map(line) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_come_back_from_the_window_as_they_went_there() {
        let mut patterns = Patterns::default();
        for (n, line) in patterns.0.iter_mut().flat_map(|pattern| &mut pattern.lines).enumerate() {
            *line = line.with_length(n as u8 % 16 + 1);
            for (at, step) in line.steps.iter_mut().enumerate() {
                let (n, at) = (n as u8, at as u8);
                let struck = step.with_velocity((n * 2 + at) % 128).with_probability(n + at + 1);
                *step = struck.with_ratchet(at % 8 + 1).with_shift(at as i8 * 6 - 45);
            }
        }
        let there = shown(&patterns);
        assert_eq!(there.patterns[7].lines[7].length, 16);
        let step = there.patterns[1].lines[2].steps[3];
        assert_eq!((step.velocity, step.probability, step.ratchet, step.shift), (23, 14, 4, -27));
        assert_eq!(played(&there), patterns);
    }

    #[test]
    fn what_a_window_sets_out_of_range_is_the_nearest_that_there_is() {
        let mut patterns = window::Patterns::default();
        let line = &mut patterns.patterns[0].lines[0];
        line.length = 0;
        line.steps[0] = window::Step { velocity: 200, probability: 0, ratchet: 9, shift: -99 };
        let line = played(&patterns).0[0].lines[0];
        let step = line.steps[0];
        assert_eq!((line.length(), step.velocity(), step.probability()), (1, 127, 1));
        assert_eq!((step.ratchet(), step.shift()), (8, -50));
    }
}
