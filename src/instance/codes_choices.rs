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
