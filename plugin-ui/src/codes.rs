//! The window of the second plugin, Timbreloom Codes: the codebook's map and histogram, the target's curve, what came of it,
//! voices and keys.
//!
//! As with the first window, the crate knows no plugin type: the plugin fills a [`CodesStatus`] per frame, keeps a
//! [`CodebookView`] per package, implements [`crate::ParamBackend`] for the ids in [`param`], and does what the window's
//! [`CodesRequest`]s ask for. Bar, browsers, settings, strip and spectrogram are those of the first window.

mod contract;
pub(crate) mod curve;
mod descriptor;
pub(crate) mod follow;
pub(crate) mod histogram;
pub(crate) mod keys;
pub mod layout;
pub(crate) mod map;
pub mod param;
pub(crate) mod relevance;
pub(crate) mod tooltips;

pub use crate::paint::codes::Window;
use crate::product::{Product, Words};
pub use contract::{
    CodeView, CodebookView, CodesRequest, CodesStatus, CurvePoint, MAX_CURVE_POINTS, PlayingVoice, TARGETS, VOICES,
};
pub use descriptor::Descriptor;
pub use layout::Layout;

impl Product {
    /// Timbreloom Codes.
    pub const CODES: Self = Self(&Words {
        name: "Timbreloom Codes",
        hears_a_track: false,
        model: ["codebook", "codebooks"],
        no_model: "No codebook",
        states: [
            "Silence while the codebook loads.",
            "Silence: the codebook does not play.",
            "Silence: the codebook cannot be played.",
        ],
        ready: "Ready for notes.",
        stand_in: [
            "Loading the codebook",
            "The codebook does not play",
            "The codebook cannot be played",
            "Until then there is silence. Your settings are kept.",
        ],
        until_then: "The plugin is silent until then. The project keeps what it asks for.",
        choose: "Choose another codebook",
        input: ["Side-chain", " of the side-chain"],
        sound: ["Sound heard", "Play a note: what is heard appears here."],
        titles: ["Codebook in this project", "Codebooks and presets"],
        randomise: "Throws the dice for the targets and what moves them. One step of undo",
        keys: &[
            ["Ctrl 1 to Ctrl 4", "Map, Curve, Target, Sound"],
            ["Enter, Space", "on the map or the keyboard: plays while it is held"],
            ["Page Up, Page Down", "on the curve: the next point, the one before"],
            ["Insert, Delete", "on the curve: add a point, delete it"],
        ],
        about: tooltips::sentence,
        why_idle: relevance::why_idle,
    });
}
