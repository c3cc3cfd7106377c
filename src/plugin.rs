//! The plugins as hosts see them: entries, lifecycle, and a state on its way in. No sound is computed here.

mod clap_entry;
mod clap_latency;
mod clap_state;
mod codes;
mod codes_player;
mod codes_supply;
mod effect;
mod starts;
mod state_text;
mod stay;
mod told_offline;
mod vst3_entry;

/// Events and changes of parameters in a block for which there is room: beyond that the framework allocates.
const EVENT_CAPACITY: usize = 16_384;

pub use codes::TimbreloomCodes;
pub use effect::Timbreloom;
