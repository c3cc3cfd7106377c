//! What Timbreloom's window shows and how it reacts.
//!
//! The crate knows no plugin type. The plugin fills a [`Status`] per frame, keeps a [`ModelView`] per model, and
//! implements [`ParamBackend`]; [`Window::ui`] paints them and sends the musician's gestures back.
//!
//! The same for the second plugin, Timbreloom Codes, in [`codes`], and the third, Timbreloom Drums, in [`drums`], with the
//! same controls, bar and browsers.
//!
//! Two layers: view models (`control`, `latent`, `lanes`, `spectrogram`, `feedback`, `browse`, `layout`, ...), which hold state
//! and reactions and name no egui type, and painters (`paint`), which turn them into egui shapes. Another toolkit would replace `paint` only.

#![warn(missing_docs)]

mod backend;
mod browse;
pub mod codes;
mod control;
mod dimension;
pub mod drums;
pub mod fake;
mod fault;
mod feedback;
mod fit;
mod format;
mod heard;
pub mod keys;
mod lanes;
mod latent;
pub mod layout;
mod markdown;
mod message;
mod meter;
mod movement;
mod paint;
mod pair;
mod palette;
pub mod param;
pub mod paths;
pub mod product;
mod relevance;
pub mod session;
mod sound;
mod sound_view;
mod summary;
mod tooltips;
mod trail;
pub mod typed;
mod zoom;

pub use backend::{EngineState, LATENT_DIMS, LatentPoint, ModelView, ParamBackend, Repaint, Status};
pub use format::capital;
pub use layout::Layout;
pub use paint::{MIN_SIZE_POINTS, Window, theme::install as install_theme};
pub use param::ParamId;
pub use product::Product;
pub use session::{Request, Session};
pub use sound::{SOUND_BANDS, SoundColumn, band_hz};
pub use summary::Tone;
pub use zoom::Zoom;
