//! What each plugin keeps of itself: parameters, the models asked for, MIDI, presets and all that a project saves. Knows the
//! framework's parameters, and the host only as the framework hands it in: the desks move parameters through it, and `remote`
//! tells it the pages of knobs.

pub(crate) mod choices;
pub mod codes_choices;
pub mod codes_params;
pub mod codes_window_link;
pub mod common;
pub mod desk;
pub mod drawn;
pub mod embedded_field;
pub mod midi_map;
pub mod midi_play;
pub mod param_set;
pub mod params;
pub mod project;
pub(crate) mod remote;
pub mod repair;
pub(crate) mod table;
pub mod watched;

pub use codes_params::codes_table;
pub use params::table;
