//! The window of the third plugin, Timbreloom Drums: the grid of steps, the tracks' hits, and grain space.
//!
//! As with the other windows, the crate knows no plugin type: the plugin fills a [`DrumsStatus`] per frame, keeps a
//! [`KitView`] per package, implements [`crate::ParamBackend`] for the ids in [`param`], and does what the window's
//! [`DrumsRequest`]s ask for.

pub(crate) mod beat;
mod contract;
pub(crate) mod grains;
pub mod layout;
pub mod param;
mod pattern;
pub(crate) mod relevance;
pub(crate) mod throw;
pub(crate) mod tooltips;
pub(crate) mod walk;

pub use crate::paint::drums::Window;
use crate::product::{Product, Words};
pub use contract::{
    ClassView, DrumsRequest, DrumsStatus, GrainView, HitPicture, HitState, KitView, MAX_CLASSES, PATTERNS, Playing,
    STEPS, TRACKS, TrackStatus,
};
pub use layout::Layout;
pub use pattern::{Line, Pattern, Patterns, Step};
pub use walk::{MAX_WALK_POINTS, Walk, WalkKind, WalkLength};

impl Product {
    /// Timbreloom Drums.
    pub const DRUMS: Self = Self(&Words {
        name: "Timbreloom Drums",
        hears_a_track: false,
        model: ["drum kit", "drum kits"],
        no_model: "No drum kit",
        states: [
            "Silence while the drum kit loads.",
            "Silence: the drum kit does not play.",
            "Silence: the drum kit cannot be played.",
        ],
        ready: "Ready to play.",
        stand_in: [
            "Loading the drum kit",
            "The drum kit does not play",
            "The drum kit cannot be played",
            "Until then there is silence. Your settings are kept.",
        ],
        until_then: "The plugin is silent until then. The project keeps what it asks for.",
        choose: "Choose another drum kit",
        input: ["Side-chain", " of the side-chain"],
        sound: ["Sound heard", "Play a beat: what is heard appears here."],
        titles: ["Drum kit in this project", "Drum kits and presets"],
        randomise: "Throws the dice for the hits and what shapes them. One step of undo",
        keys: &[
            ["Ctrl 1, Ctrl 2", "Beat, Grains"],
            ["Arrows", "on the grid: another step; with Shift: select as far as there"],
            ["Enter, Space", "on the grid: takes the step in or out"],
            ["Ctrl C, X and V", "on the grid: copies, cuts and pastes the line"],
            ["1 to 9, + and \u{2212}", "on the grid: velocity"],
            ["R, P, comma and point", "on the grid: ratchet, probability, early or late"],
            ["[ and ]", "on the grid: length of the line"],
            ["D, V, H", "on the grid: draw, vary, hear the track"],
            ["M, S, L", "on the grid: mute, solo, lock"],
            ["Page Up, Page Down", "on the grid: another pattern"],
            ["Enter, Space", "on the plane of grains: draws the form, plays or stops it"],
        ],
        about: tooltips::sentence,
        why_idle: relevance::why_idle,
    });
}
