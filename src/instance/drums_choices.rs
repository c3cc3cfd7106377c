//! The drum machine's parameters that are a choice of a few names. An id is never renamed or reused once released.

use nih_plug::prelude::*;

use crate::drums::machine::Evolving;
use crate::drums::sequencer::evolve::Evolve;
use crate::drums::sequencer::grid::StepLength;

/// See [`StepLength`].
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "see StepLength")]
pub enum StepChoice {
    #[id = "1/8"]
    #[name = "1/8"]
    Eighth,
    #[id = "1/8t"]
    #[name = "1/8 triplet"]
    EighthTriplet,
    #[id = "1/16"]
    #[name = "1/16"]
    Sixteenth,
    #[id = "1/16t"]
    #[name = "1/16 triplet"]
    SixteenthTriplet,
    #[id = "1/32"]
    #[name = "1/32"]
    ThirtySecond,
}

impl StepChoice {
    /// The length of this name.
    pub fn length(self) -> StepLength {
        StepLength::ALL[self as usize]
    }
}

/// When the patterns run.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// While the host's song plays.
    #[id = "host"]
    #[name = "With Host"]
    WithHost,
    /// Also while it stands still.
    #[id = "always"]
    Always,
}

/// See [`Evolve`].
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "see Evolve")]
pub enum EvolveChoice {
    #[id = "off"]
    Off,
    #[id = "step"]
    Step,
    #[id = "beat"]
    Beat,
    #[id = "bar"]
    Bar,
    #[id = "2_bars"]
    #[name = "2 Bars"]
    TwoBars,
    #[id = "4_bars"]
    #[name = "4 Bars"]
    FourBars,
}

impl EvolveChoice {
    /// The period of this name.
    pub fn evolve(self) -> Evolve {
        Evolve::ALL[self as usize]
    }
}

/// See [`Evolving`].
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "see Evolving")]
pub enum EvolveWhat {
    #[id = "draw"]
    Draw,
    #[id = "vary"]
    Vary,
}

impl EvolveWhat {
    /// What of this name changes.
    pub fn evolving(self) -> Evolving {
        match self {
            Self::Draw => Evolving::Draw,
            Self::Vary => Evolving::Variation,
        }
    }
}

/// Tracks of the same group cut each other off.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "groups have numbers and no names")]
pub enum Choke {
    #[id = "off"]
    Off,
    #[id = "1"]
    #[name = "1"]
    First,
    #[id = "2"]
    #[name = "2"]
    Second,
    #[id = "3"]
    #[name = "3"]
    Third,
    #[id = "4"]
    #[name = "4"]
    Fourth,
}

impl Choke {
    /// Number of the group; 0 is none.
    pub fn group(self) -> u8 {
        self as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_what_they_say() {
        assert_eq!(StepChoice::SixteenthTriplet.length(), StepLength::SixteenthTriplet);
        assert_eq!(StepChoice::ThirtySecond.length(), StepLength::ThirtySecond);
        assert_eq!((EvolveChoice::Off.evolve(), EvolveChoice::FourBars.evolve()), (Evolve::Off, Evolve::FourBars));
        assert_eq!((Choke::Off.group(), Choke::Fourth.group()), (0, 4));
    }
}
