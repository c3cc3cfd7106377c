//! How often the sounds change by themselves.

use super::grid::{BAR_BEATS, StepLength};

/// A place so little before a period's beginning is its beginning, as a share of it: thirds of a beat are rounded.
const SLACK: f64 = 1e-6;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Evolve {
    /// Never.
    #[default]
    Off,
    /// With each step.
    Step,
    /// With each beat.
    Beat,
    /// With each bar.
    Bar,
    /// Every second bar.
    TwoBars,
    /// Every fourth bar.
    FourBars,
}

impl Evolve {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Off, Self::Step, Self::Beat, Self::Bar, Self::TwoBars, Self::FourBars];

    /// How many periods of the song have ended at a place: below 0 before it begins, and 0 for ever where nothing changes.
    pub fn generation(self, beats: f64, step: StepLength) -> i64 {
        let per_beat = match self {
            Self::Off => return 0,
            Self::Step => step.per_beat(),
            Self::Beat => 1.0,
            Self::Bar => 1.0 / BAR_BEATS,
            Self::TwoBars => 0.5 / BAR_BEATS,
            Self::FourBars => 0.25 / BAR_BEATS,
        };
        (beats * per_beat + SLACK).floor() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_counted_from_the_songs_beginning() {
        let at = |beats: f64| Evolve::ALL.map(|evolve| evolve.generation(beats, StepLength::Sixteenth));
        assert_eq!(at(0.0), [0; 6]);
        assert_eq!(at(3.75), [0, 15, 3, 0, 0, 0]);
        assert_eq!(at(16.0), [0, 64, 16, 4, 2, 1]);
        assert_eq!(at(-0.25), [0, -1, -1, -1, -1, -1]);
        assert_eq!(at(f64::NAN), [0; 6]);
    }

    #[test]
    fn every_step_is_a_generation_of_its_own() {
        for step in StepLength::ALL {
            for index in -1000..1000 {
                let beats = f64::from(index) / step.per_beat();
                assert_eq!(Evolve::Step.generation(beats, step), i64::from(index));
                assert_eq!(Evolve::Bar.generation(beats, step), i64::from(index).div_euclid(step.per_bar()));
            }
        }
    }
}
