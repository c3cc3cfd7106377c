//! Timbreloom: play inside the latent space of a neural audio model, live, in a DAW.
//!
//! The modules follow the signal; `docs/architecture.md` draws it.

// The framework's derive macros name their crate `nice_plug`; everything else calls it as the field does.
extern crate nih_plug as nice_plug;

pub mod bounce;
pub mod cli;
pub mod codes;
pub mod controls;
pub mod drums;
pub mod dsp;
mod editor;
pub mod engine;
pub mod files;
pub mod grains;
pub mod hits;
pub mod instance;
mod interrupt;
pub mod latency;
pub mod latent;
pub mod link;
pub mod listen;
pub mod model;
pub mod offline;
pub mod osc;
pub mod plugin;
pub mod preset;
pub mod rt;
#[cfg(feature = "standalone")]
pub mod standalone;
pub mod synth;
pub mod telemetry;

// The entries that hosts look for are in `plugin::clap_entry` and `plugin::vst3_entry`.
