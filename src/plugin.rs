//! The plugins as hosts see them: entries, lifecycle, and a state on its way in. No sound is computed here.

/// Hands all plugins to a macro, in the order in which hosts list them: what CLAP hosts get, what VST3 hosts get, and the MIDI
/// controllers that it hears there, by VST3's numbers: 128 is the pressure of a channel, 129 its bend.
macro_rules! with_plugins {
    ($take:ident) => {
        $take! {
            $crate::plugin::Timbreloom<true>, $crate::plugin::Timbreloom<false>, [];
            $crate::plugin::TimbreloomCodes, $crate::plugin::TimbreloomCodes, $crate::synth::instrument::CONTROLLERS;
            $crate::plugin::TimbreloomDrums<true>, $crate::plugin::TimbreloomDrums<false>, $crate::plugin::drums::CONTROLLERS;
        }
    };
}

/// What is the same of every plugin, within its `Plugin`.
macro_rules! of_every_plugin {
    () => {
        const VENDOR: &'static str = "Timbreloom";
        const URL: &'static str = "";
        const EMAIL: &'static str = "";
        const VERSION: &'static str = env!("CARGO_PKG_VERSION");
        const SAMPLE_ACCURATE_AUTOMATION: bool = true;

        type SysExMessage = ();
    };
}

mod announced_offline;
mod caught;
mod clap_entry;
mod clap_latency;
mod clap_state;
mod codes;
mod codes_player;
mod codes_supply;
mod drums;
mod drums_notes;
mod drums_ports;
mod drums_supply;
mod effect;
mod pinned;
mod starts;
mod state_text;
mod supply;
mod vst3_entry;

/// Events and changes of parameters in a block for which there is room: beyond that the framework allocates.
const EVENT_CAPACITY: usize = 16_384;

pub use codes::TimbreloomCodes;
pub use drums::TimbreloomDrums;
pub use effect::Timbreloom;
pub(crate) use of_every_plugin;
