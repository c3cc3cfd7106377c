//! Pure arithmetic on sound: no host, no model, no thread of its own.

pub mod attack;
pub mod band_pass;
pub mod delay_line;
pub mod descriptors;
pub mod limiter;
pub mod loudness;
pub mod lufs;
pub mod noise;
pub mod pitch;
pub mod resample;
pub mod sample_guard;
pub(crate) mod smooth;
pub(crate) mod weighting;
mod yin;
