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

/// Which octave of the input is played.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OctaveChoice {
    /// The input's own.
    #[id = "as_played"]
    #[name = "As Played"]
    AsPlayed,
    /// The one that lies nearest to the middle of the model's notes.
    #[id = "fit"]
    Fit,
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

/// See [`PathMode`](crate::controls::PathMode).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathUse {
    /// No path is played.
    #[id = "off"]
    Off,
    /// The path takes the latent's place, by the amount's share.
    #[id = "replace"]
    Replace,
    /// The path is added to the latent.
    #[id = "add"]
    Add,
}

/// See [`PathClock`](crate::controls::PathClock).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathClockChoice {
    /// Time.
    #[id = "free"]
    Free,
    /// The song's place.
    #[id = "song"]
    Song,
    /// The position below.
    #[id = "position"]
    Position,
    /// A note that is held.
    #[id = "note"]
    Note,
}

/// How long a path is when the song moves along it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathLength {
    /// As long as it is.
    #[id = "recorded"]
    #[name = "As Recorded"]
    Recorded,
    /// A quarter note.
    #[id = "1/4"]
    #[name = "1/4"]
    Quarter,
    /// A half note.
    #[id = "1/2"]
    #[name = "1/2"]
    Half,
    /// A bar of the song's signature.
    #[id = "1_bar"]
    #[name = "1 Bar"]
    Bar,
    /// Two bars.
    #[id = "2_bars"]
    #[name = "2 Bars"]
    TwoBars,
    /// Four bars.
    #[id = "4_bars"]
    #[name = "4 Bars"]
    FourBars,
    /// Eight bars.
    #[id = "8_bars"]
    #[name = "8 Bars"]
    EightBars,
}

impl PathLength {
    /// In quarter notes, in bars of so many; `None`: as long as the path is.
    pub fn beats(self, bar_beats: f64) -> Option<f64> {
        match self {
            Self::Recorded => None,
            Self::Quarter => Some(1.0),
            Self::Half => Some(2.0),
            Self::Bar => Some(bar_beats),
            Self::TwoBars => Some(2.0 * bar_beats),
            Self::FourBars => Some(4.0 * bar_beats),
            Self::EightBars => Some(8.0 * bar_beats),
        }
    }
}

/// See [`AtEnd`](crate::controls::AtEnd).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathEnd {
    /// It begins again.
    #[id = "loop"]
    Loop,
    /// It goes back and forth.
    #[id = "ping_pong"]
    #[name = "Ping-Pong"]
    PingPong,
    /// It is over.
    #[id = "once"]
    Once,
}

/// Who says how loud a path is played, or at which pitch.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFrom {
    /// The input.
    #[id = "input"]
    Input,
    /// The path.
    #[id = "path"]
    Path,
}

/// See [`PlaneWeights`](crate::controls::PlaneWeights).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaneChoice {
    /// The slots are played.
    #[id = "off"]
    Off,
    /// The corners, bilinear.
    #[id = "lines"]
    Lines,
    /// The corners, by discs of influence.
    #[id = "discs"]
    Discs,
    /// The markers, by distance.
    #[id = "terrain"]
    Terrain,
}
