//! The drum machine's parameters that its window shows, by the plugin's stable ids.

use super::TRACKS;
use crate::ParamId;
use crate::param::ids;
pub use crate::param::{LIMITER, OUTPUT_GAIN};

ids! {
    /// How late every second step is, per cent of two steps.
    SWING = "swing";
    /// Choice: the note value of a step.
    STEP = "step";
    /// The pattern that is played, 1 to 8.
    PATTERN = "pattern";
    /// How many patterns are played one after the other: a bar each, two with steps of 1/8.
    CHAIN = "chain";
    /// Choice: with the host, or always.
    RUN = "run";
    /// Choice: how often a hit changes by itself; the first option is never.
    EVOLVE = "evolve";
    /// Choice: what changes then, a draw or a variation.
    EVOLVE_WHAT = "evolve_what";
    /// Seed of all that is drawn.
    TAKE = "take";
    /// Switch: played by the side-chain's hits.
    LISTEN = "listen";
    /// How soft a hit of the side-chain is heard.
    SENSITIVITY = "sensitivity";
}

/// As [`ids`], each parameter once for each track; `PER_TRACK` holds them all.
macro_rules! ids_per_track {
    ($($(#[$about:meta])* $name:ident = $stem:literal;)*) => {
        $($(#[$about])* pub const $name: [ParamId; TRACKS] = [
            ParamId(concat!($stem, "1")), ParamId(concat!($stem, "2")), ParamId(concat!($stem, "3")),
            ParamId(concat!($stem, "4")), ParamId(concat!($stem, "5")), ParamId(concat!($stem, "6")),
            ParamId(concat!($stem, "7")), ParamId(concat!($stem, "8")),
        ];)*
        const PER_TRACK: &[[ParamId; TRACKS]] = &[$($name),*];
    };
}

ids_per_track! {
    /// The kind of drum: its plain value is an index into [`super::KitView::classes`].
    CLASS = "class_";
    /// The kind at the other end of the blend, as [`CLASS`].
    CLASS_B = "class_b_";
    /// From the one kind to the other.
    BLEND = "blend_";
    /// Which random hit; 0 is the kit's own.
    DRAW = "draw_";
    /// Switch: a straight line through grain space instead of a hit.
    PATH = "path_";
    /// Which variation of the hit; 0 is none.
    VARIATION = "variation_";
    /// How far the variation goes.
    VARY = "vary_";
    /// How far the hit is on its way to another one.
    MORPH = "morph_";
    /// Which random hit it is on its way to; 0 is the kit's own.
    MORPH_DRAW = "morph_draw_";
    /// Moved across on the plane of its kind.
    PAD_X = "pad_x_";
    /// Moved up on the plane of its kind.
    PAD_Y = "pad_y_";
    /// Pitch, semitones.
    TUNE = "tune_";
    /// How long it rings; 1 is whole.
    DECAY = "decay_";
    /// Switch: played backwards.
    REVERSE = "reverse_";
    /// Loudness, dB.
    LEVEL = "level_";
    /// From left to right.
    PAN = "pan_";
    /// Choice: which tracks cut each other off; the first option is none.
    CHOKE = "choke_";
    /// Switch: keeps its hit when all others change.
    LOCK = "lock_";
    /// Switch: silent.
    MUTE = "mute_";
    /// Switch: tracks without it are silent.
    SOLO = "solo_";
}

/// Every id that the window may ask a [`crate::ParamBackend`] for.
pub fn all() -> impl Iterator<Item = ParamId> {
    SINGLE.iter().chain(PER_TRACK.iter().flatten()).copied().chain([LIMITER, OUTPUT_GAIN])
}

/// The stem of a track's parameter and its track, from 0.
pub(crate) fn of_track(id: ParamId) -> Option<(&'static str, usize)> {
    let (stem, number) = id.0.rsplit_once('_')?;
    let track = number.parse::<usize>().ok()?.checked_sub(1).filter(|&track| track < TRACKS)?;
    Some((stem, track))
}
