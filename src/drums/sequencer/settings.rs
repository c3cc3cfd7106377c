//! What the musician has set, at one moment.

use super::grid::{Grid, StepLength};
use crate::drums::{PATTERNS, STEPS, TRACKS};

/// How patterns are played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SequencerSettings {
    /// Where the second of each pair of steps lies, 0.5 to 0.75 of the pair.
    pub swing: f64,
    /// How long a step is.
    pub step: StepLength,
    /// The pattern, or the first one of the chain: 0 to 7.
    pub pattern: usize,
    /// How many patterns are played one after another, a bar each, or two where steps are so long: 1 to 8.
    pub chain: usize,
    /// While the host's song stands still, a song of its own goes on.
    pub runs_alone: bool,
    /// Of all chance.
    pub take: u32,
    /// Tracks that are not played.
    pub muted: [bool; TRACKS],
    /// Where there are some, no others are played.
    pub solo: [bool; TRACKS],
}

impl Default for SequencerSettings {
    fn default() -> Self {
        Self {
            swing: 0.5,
            step: StepLength::default(),
            pattern: 0,
            chain: 1,
            runs_alone: false,
            take: 1,
            muted: [false; TRACKS],
            solo: [false; TRACKS],
        }
    }
}

impl SequencerSettings {
    /// Where steps lie.
    pub fn grid(&self) -> Grid {
        Grid::new(self.step, self.swing)
    }

    /// Which step of the song a position, in beats, is in: `Line::looped` says which one of a line that is.
    pub fn step_at(&self, beats: f64) -> i64 {
        self.grid().place(beats).floor() as i64
    }

    /// How many bars a pattern of the chain takes: two with steps so long that a line of 16 needs them.
    pub fn bars_each(&self) -> i64 {
        (STEPS as i64 / self.step.per_bar()).max(1)
    }

    /// Which of a line's steps a step of the song is, before the line is looped: in a chain each pattern begins with its first.
    pub fn step_of_line(&self, index: i64) -> i64 {
        if self.chain > 1 { index.rem_euclid(self.bars_each() * self.step.per_bar()) } else { index }
    }

    /// Which pattern a step of the song belongs to.
    pub fn pattern_at(&self, index: i64) -> usize {
        let chain = self.chain.clamp(1, PATTERNS);
        let within = index.div_euclid(self.bars_each() * self.step.per_bar()).rem_euclid(chain as i64) as usize;
        (self.pattern.min(PATTERNS - 1) + within) % PATTERNS
    }

    /// A track is played.
    pub fn is_heard(&self, track: usize) -> bool {
        !self.muted[track] && (self.solo[track] || self.solo == [false; TRACKS])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_has_a_bar_of_each_pattern_and_goes_on_from_the_last_to_the_first() {
        let chained = |pattern, chain| SequencerSettings { pattern, chain, ..SequencerSettings::default() };
        let bars = |settings: SequencerSettings| [-1, 0, 1, 2, 3].map(|bar| settings.pattern_at(16 * bar + 5));
        assert_eq!(bars(chained(2, 1)), [2; 5]);
        assert_eq!(bars(chained(6, 3)), [0, 6, 7, 0, 6]);
        assert_eq!(bars(chained(99, 99)), [6, 7, 0, 1, 2]);
        assert_eq!(bars(chained(3, 0)), [3; 5]);
        let triplets = SequencerSettings { step: StepLength::EighthTriplet, ..chained(0, 8) };
        assert_eq!([11, 12, 23, 24].map(|index| triplets.pattern_at(index)), [0, 1, 1, 2]);
    }

    #[test]
    fn patterns_of_a_chain_are_played_whole_and_from_their_beginning() {
        for (step, bars) in StepLength::ALL.into_iter().zip([2, 1, 1, 1, 1]) {
            let settings = SequencerSettings { step, chain: 2, ..SequencerSettings::default() };
            let whole = bars * step.per_bar();
            assert_eq!(settings.bars_each(), bars);
            assert_eq!(
                [0, whole - 1, whole, -1].map(|index| settings.step_of_line(index)),
                [0, whole - 1, 0, whole - 1]
            );
            assert_eq!([0, whole - 1, whole, -1].map(|index| settings.pattern_at(index)), [0, 0, 1, 1]);
            assert_eq!(SequencerSettings { chain: 1, ..settings }.step_of_line(whole + 3), whole + 3);
        }
    }

    #[test]
    fn a_position_is_in_the_step_that_has_begun() {
        let settings = SequencerSettings { swing: 0.75, ..SequencerSettings::default() };
        assert_eq!([-0.01, 0.0, 0.3, 0.4, 0.5].map(|beats| settings.step_at(beats)), [-1, 0, 0, 1, 2]);
    }

    #[test]
    fn solo_tracks_leave_others_out_and_muted_ones_stay_so() {
        let mut settings = SequencerSettings::default();
        assert!((0..TRACKS).all(|track| settings.is_heard(track)));
        settings.muted[1] = true;
        assert!(settings.is_heard(0) && !settings.is_heard(1));
        (settings.solo[1], settings.solo[2]) = (true, true);
        assert_eq!([0, 1, 2].map(|track| settings.is_heard(track)), [false, false, true]);
    }
}
