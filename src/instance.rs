//! What each plugin keeps of itself: parameters, the models asked for, MIDI, presets and all that a project saves. Knows the
//! framework's parameters, and the host only as the framework hands it in: the desks move parameters through it, and `remote`
//! tells it the pages of knobs.

pub mod codes_choices;
pub mod codes_params;
pub mod codes_window_link;
pub mod desk;
pub mod drawn;
pub mod drums_choices;
pub mod drums_params;
pub mod drums_window_link;
pub(crate) mod effect_choices;
pub mod effect_params;
pub mod embedded_field;
pub mod handover;
pub mod heard_sound;
pub mod held_notes;
pub mod instance_params;
pub mod intonation_params;
pub mod kept;
pub mod kept_preset;
pub mod kit_field;
pub mod midi_map;
pub mod midi_play;
pub mod movement_params;
pub mod note_values;
pub mod osc_field;
pub mod osc_play;
pub mod param_set;
pub mod path_params;
pub mod paths_field;
pub mod patterns_field;
pub mod project_models;
pub(crate) mod remote;
pub mod saved_state;
pub(crate) mod table;
pub mod transport;
mod values;
pub mod walk_field;
pub mod watched;

pub use codes_params::codes_table;
pub use drums_params::drums_table;
pub use effect_params::table;
