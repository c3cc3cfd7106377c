//! The instrument's parameters that are a choice of a few names. An id is never renamed or reused once released.

use nih_plug::prelude::*;

use crate::codes::curve::CurveShape;
use crate::dsp::descriptors::Descriptor;
use crate::synth::lfo::LfoShape;

/// See [`Descriptor`]. A code's loudness is no choice: it is the player's.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "see Descriptor")]
pub enum Wanted {
    #[id = "centroid"]
    Centroid,
    #[id = "bandwidth"]
    Bandwidth,
    #[id = "fundamental"]
    Fundamental,
    #[id = "periodicity"]
    Periodicity,
    #[id = "flatness"]
    Flatness,
    #[id = "rolloff"]
    Rolloff,
}

impl Wanted {
    /// The descriptor of this name.
    pub fn descriptor(self) -> Descriptor {
        match self {
            Self::Centroid => Descriptor::Centroid,
            Self::Bandwidth => Descriptor::Bandwidth,
            Self::Fundamental => Descriptor::Fundamental,
            Self::Periodicity => Descriptor::Periodicity,
            Self::Flatness => Descriptor::Flatness,
            Self::Rolloff => Descriptor::Rolloff,
        }
    }
}

/// Where the pitch comes from.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PitchMode {
    /// From the keys.
    #[id = "keys"]
    #[name = "In Tune"]
    Keys,
    /// From the codes.
    #[id = "codes"]
    #[name = "Raw Codes"]
    Codes,
}

/// How codes are chosen.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The nearest value, hop by hop.
    #[id = "nearest"]
    Nearest,
    /// The least-cost path.
    #[id = "path"]
    Path,
}

/// See [`LfoShape`].
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "see LfoShape")]
pub enum Oscillation {
    #[id = "sine"]
    Sine,
    #[id = "exp"]
    Exp,
    #[id = "log"]
    Log,
    #[id = "ramp"]
    Ramp,
    #[id = "random"]
    Random,
}

impl Oscillation {
    /// The form of this name.
    pub fn shape(self) -> LfoShape {
        match self {
            Self::Sine => LfoShape::Shape(CurveShape::Sine),
            Self::Exp => LfoShape::Shape(CurveShape::Exp),
            Self::Log => LfoShape::Shape(CurveShape::Log),
            Self::Ramp => LfoShape::Shape(CurveShape::Ramp),
            Self::Random => LfoShape::Random,
        }
    }
}

/// A duration in the host's tempo.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the name of its duration")]
pub enum Period {
    /// By itself.
    #[id = "free"]
    Free,
    #[id = "1/16"]
    #[name = "1/16"]
    Sixteenth,
    #[id = "1/8"]
    #[name = "1/8"]
    Eighth,
    #[id = "1/4"]
    #[name = "1/4"]
    Quarter,
    #[id = "1/2"]
    #[name = "1/2"]
    Half,
    #[id = "4/4"]
    #[name = "4/4"]
    Whole,
    #[id = "8/4"]
    #[name = "2 x 4/4"]
    Two,
    #[id = "16/4"]
    #[name = "4 x 4/4"]
    Four,
    #[id = "32/4"]
    #[name = "8 x 4/4"]
    Eight,
}

impl Period {
    /// Length in quarter notes; `None` by itself.
    pub fn beats(self) -> Option<f32> {
        match self {
            Self::Free => None,
            Self::Sixteenth => Some(0.25),
            Self::Eighth => Some(0.5),
            Self::Quarter => Some(1.0),
            Self::Half => Some(2.0),
            Self::Whole => Some(4.0),
            Self::Two => Some(8.0),
            Self::Four => Some(16.0),
            Self::Eight => Some(32.0),
        }
    }
}
