//! The instrument: notes in, sound of codes out, all on the audio thread. No host, no parameters, no files.
//!
//! [`instrument::Instrument`] has eight [`note`]s and the [`channels`] of MIDI; a note chooses a code per hop by what
//! [`modulation`] makes of velocity, controllers, [`envelope`], [`lfo`] and a drawn [`curve`], and publishes it in
//! [`display`]. [`code_set`] is what a package becomes for it.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

pub mod channels;
pub mod code_set;
pub mod curve;
pub mod display;
pub mod envelope;
pub mod instrument;
pub mod lfo;
pub mod modulation;
pub mod note;
pub mod settings;
pub mod side_chain;
pub mod tail;

/// Notes that sound at once.
pub const VOICES: usize = 8;
