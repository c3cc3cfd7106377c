//! Files in, files out: the engine without a host.

pub mod audio_file;
pub mod drawn_curve;
pub mod drums;
pub mod latent_path;
pub mod live;
pub mod output_file;
pub mod plot;
pub mod render;
pub mod target;

/// The word for standard input, and for standard output.
pub const STANDARD: &str = "-";
