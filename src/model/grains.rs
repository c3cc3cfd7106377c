//! Grain models: packages of the kind that manifests call `granular`. They make single hits for Timbreloom Drums.

mod doctor;
mod model;
mod package;
mod session;
mod tables;

#[cfg(test)]
mod tests;

pub use model::{GrainModel, GrainRows};
pub use package::{GrainsPackage, GrainsParity, KIND, MAX_EMBEDDING, MAX_GRAINS, MAX_LATENT};
pub(super) use session::MAKING_PART;
pub use tables::{Cloud, Tables};
