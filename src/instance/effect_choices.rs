//! The parameters that are a choice of a few names. An id is never renamed or reused once released.

use nih_plug::prelude::*;

/// See [`Loudness`](crate::controls::Loudness).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoudnessMode {
    /// The input's loudness plus the offset.
    #[id = "follow"]
    Follow,
    /// The level below.
    #[id = "manual"]
    Manual,
}

/// See [`Routing`](crate::controls::Routing).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// The model runs once, on the middle of a stereo track.
    #[id = "mid"]
    Mid,
    /// The model runs on both channels.
    #[id = "both"]
    #[name = "Left + Right"]
    Both,
    /// The model runs on the middle; the input's own side signal is heard around it.
    #[id = "mid_side"]
    #[name = "Mid + Side"]
    MidAndSide,
    /// The model runs on both channels with one latent.
    #[id = "linked"]
    #[name = "Linked"]
    Linked,
}

/// See [`Cross`](crate::controls::Cross).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondSource {
    /// The second model hears the input.
    #[id = "input"]
    Input,
    /// The second model plays the first one's latent.
    #[id = "latent"]
    #[name = "First Latent"]
    FirstLatent,
}

/// See [`Margin`](crate::latency::Margin).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatencyMode {
    /// A fifth of a hop.
    #[id = "low"]
    Low,
    /// Half a hop.
    #[id = "normal"]
    Normal,
    /// Two hops.
    #[id = "safe"]
    Safe,
}

/// The feedback loop's delay in note values of the host's tempo.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelaySync {
    /// In milliseconds.
    #[id = "off"]
    Off,
    /// A sixty-fourth note.
    #[id = "1/64"]
    #[name = "1/64"]
    SixtyFourth,
    /// A thirty-second note.
    #[id = "1/32"]
    #[name = "1/32"]
    ThirtySecond,
    /// A sixteenth note.
    #[id = "1/16"]
    #[name = "1/16"]
    Sixteenth,
    /// An eighth note.
    #[id = "1/8"]
    #[name = "1/8"]
    Eighth,
    /// A dotted eighth note.
    #[id = "1/8d"]
    #[name = "1/8 dotted"]
    DottedEighth,
    /// A quarter note.
    #[id = "1/4"]
    #[name = "1/4"]
    Quarter,
    /// A half note.
    #[id = "1/2"]
    #[name = "1/2"]
    Half,
}

impl DelaySync {
    /// Length in quarter notes; `None` in milliseconds.
    pub(super) fn beats(self) -> Option<f32> {
        match self {
            Self::Off => None,
            Self::SixtyFourth => Some(1.0 / 16.0),
            Self::ThirtySecond => Some(0.125),
            Self::Sixteenth => Some(0.25),
            Self::Eighth => Some(0.5),
            Self::DottedEighth => Some(0.75),
            Self::Quarter => Some(1.0),
            Self::Half => Some(2.0),
        }
    }
}
