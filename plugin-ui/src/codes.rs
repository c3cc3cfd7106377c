//! The window of the second plugin, Timbreloom Codes: the codebook's map and histogram, the target's curve, what came of it,
//! voices and keys.
//!
//! As with the first window, the crate knows no plugin type: the plugin fills a [`CodesStatus`] per frame, keeps a
//! [`CodebookView`] per package, implements [`crate::ParamBackend`] for the ids in [`param`], and does what the window's
//! [`CodesRequest`]s ask for. Bar, browsers, settings, strip and spectrogram are those of the first window.

pub(crate) mod about;
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

pub use crate::paint::codes::Window;
pub use contract::{
    CodeView, CodebookView, CodesRequest, CodesStatus, CurvePoint, MAX_CURVE_POINTS, TARGETS, VOICES, Voice,
};
pub use descriptor::{DESCRIPTORS, Descriptor};
pub use layout::Layout;
