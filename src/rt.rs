//! The audio thread: host blocks to and from the rings, dry delay, mix, and what is heard when the worker is late.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

mod late_gain;
mod processor;
mod wet;

pub use processor::{Processor, Settings};
