//! The plugin as hosts see it: parameters, state, lifecycle. No sound is computed here.

pub mod brought;
pub(crate) mod choices;
mod clap_entry;
mod clap_latency;
mod clap_state;
mod codes;
pub mod codes_choices;
pub mod codes_desk;
pub mod codes_params;
mod codes_player;
pub mod codes_stage;
mod codes_supply;
pub mod desk;
mod effect;
pub mod mend;
pub mod midi_map;
pub mod midi_play;
pub mod params;
pub mod project;
mod remote;
mod starts;
mod state_text;
mod stay;
mod table;
mod told_offline;
mod vst3_entry;
pub mod watched;

/// Events and changes of parameters in a block for which there is room: beyond that the framework allocates.
const EVENT_CAPACITY: usize = 16_384;

pub use codes::TimbreloomCodes;
pub use effect::Timbreloom;
pub use table::{codes_table, table};
