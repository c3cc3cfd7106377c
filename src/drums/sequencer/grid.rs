//! Where the steps of a song lie.

/// Beats of a bar.
pub const BAR_BEATS: f64 = 4.0;

/// Where the second of each pair of steps lies at least and at most, as a share of the pair.
const SWINGS: (f64, f64) = (0.5, 0.75);

/// How long a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepLength {
    /// Half a beat.
    Eighth,
    /// A third of a beat.
    EighthTriplet,
    /// A quarter of a beat.
    #[default]
    Sixteenth,
    /// A sixth of a beat.
    SixteenthTriplet,
    /// An eighth of a beat.
    ThirtySecond,
}

impl StepLength {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Eighth, Self::EighthTriplet, Self::Sixteenth, Self::SixteenthTriplet, Self::ThirtySecond];

    /// Steps of a beat.
    pub fn per_beat(self) -> f64 {
        [2.0, 3.0, 4.0, 6.0, 8.0][self as usize]
    }

    /// Steps of a bar.
    pub fn per_bar(self) -> i64 {
        (self.per_beat() * BAR_BEATS) as i64
    }
}

/// The grid of steps: step 0 begins with the song, and the second of each pair comes later as it swings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Of a step that does not swing.
    pub length: StepLength,
    swing: f64,
}

impl Grid {
    /// A grid whose pairs are divided at `swing`, 0.5 to 0.75 or the nearest of these.
    pub fn new(length: StepLength, swing: f64) -> Self {
        // Written so that what is no number is the least.
        let swing = if swing > SWINGS.0 { swing.min(SWINGS.1) } else { SWINGS.0 };
        Self { length, swing }
    }

    /// Beats from the song's beginning of a place in steps: 3.5 is the middle of step 3.
    pub fn beats(self, place: f64) -> f64 {
        let pair = (place / 2.0).floor() * 2.0;
        let (within, first) = (place - pair, 2.0 * self.swing);
        let swung = if within < 1.0 { first * within } else { first + (2.0 - first) * (within - 1.0) };
        (pair + swung) / self.length.per_beat()
    }

    /// The place in steps where `beats` from the song's beginning lie.
    pub fn place(self, beats: f64) -> f64 {
        let steps = beats * self.length.per_beat();
        let pair = (steps / 2.0).floor() * 2.0;
        let (swung, first) = (steps - pair, 2.0 * self.swing);
        pair + if swung < first { swung / first } else { 1.0 + (swung - first) / (2.0 - first) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_of_each_pair_lies_where_the_swing_says() {
        for (length, beats) in StepLength::ALL.into_iter().zip([1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0, 1.0 / 6.0, 1.0 / 8.0])
        {
            for (swing, used) in [(0.5, 0.5), (0.62, 0.62), (0.75, 0.75), (0.9, 0.75), (0.1, 0.5), (f64::NAN, 0.5)] {
                let grid = Grid::new(length, swing);
                for pair in [-3.0, -1.0, 0.0, 7.0] {
                    assert!((grid.beats(2.0 * pair) - 2.0 * pair * beats).abs() < 1e-12);
                    assert!((grid.beats(2.0 * pair + 1.0) - 2.0 * (pair + used) * beats).abs() < 1e-12);
                    assert!((grid.beats(2.0 * pair + 0.5) - (2.0 * pair + used) * beats).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn a_place_is_where_its_beats_are() {
        for swing in [0.5, 0.58, 2.0 / 3.0, 0.75] {
            let grid = Grid::new(StepLength::SixteenthTriplet, swing);
            for n in -200..200 {
                let place = f64::from(n) * 0.37;
                assert!((grid.place(grid.beats(place)) - place).abs() < 1e-9, "{place}");
            }
        }
    }

    #[test]
    fn bars_are_whole_numbers_of_pairs() {
        assert_eq!(StepLength::ALL.map(StepLength::per_bar), [8, 12, 16, 24, 32]);
    }
}
