//! The audio thread: host blocks to and from the rings, dry delay, mix, and what is heard when the worker is late.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

mod balance;
mod delayed_gain;
mod instrument_end;
mod processor;
mod wet_reader;

pub use instrument_end::InstrumentEnd;
pub use processor::{EffectSettings, Processor};
