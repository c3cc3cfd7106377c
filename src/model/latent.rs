//! Latent spaces: packages of the kind that manifests call `continuous`.

mod contest;
mod doctor;
mod graphs;
mod harmonics;
mod macros;
mod model;
mod package;

pub use contest::{Verdict, decide};
pub use model::LatentModel;
pub use package::{KIND, LatentPackage, LatentStatistics, Parity, ParityEntry};
