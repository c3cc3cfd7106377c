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
