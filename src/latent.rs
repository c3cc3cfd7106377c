//! Latent paths: a sound's way through a latent space, bent, woven and played. Pure: no files, no threads, no models.

mod axis;
mod bend;
pub mod chain;
pub mod chance;
pub mod choice;
mod document;
pub mod interpolate;
pub mod npz;
pub mod operators;
pub mod path;
pub mod plane;
pub mod play;
pub mod set;
mod slot;
pub mod sources;
pub mod walk;
mod words;

pub use axis::{Axes, Axis};
pub use chain::{Chain, ChainError};
pub use operators::{Operator, Step};
pub use path::{LatentHop, LatentPath};
pub use set::PathSet;
pub use sources::{Marker, Plane, Source};
pub use walk::WalkPoint;
