//! The plugin as hosts see it: parameters, state, lifecycle. No sound is computed here.

mod clap_entry;
mod effect;
pub mod midi_map;
pub mod midi_play;
pub mod params;
mod remote;

pub use effect::Timbreloom;
