//! Timbreloom Drums: what is struck when, and how it sounds. No host, no parameters, no model.
//!
//! A [`pattern`] says what each track plays in a bar, and the [`sequencer`] strikes it where the song is. A [`recipe`] says
//! which hit that is; a worker makes its [`sound`], and the [`mixer`] plays it. The [`machine`] is all of it together. An
//! [`ear`] hears strokes in another sound, and a [`signature`] says what they are like.

pub mod chance;
pub mod chosen;
pub mod decay;
pub mod decided;
pub mod ear;
pub mod fade;
pub mod interpolate;
pub mod keys;
pub mod machine;
pub mod mixer;
pub mod pattern;
pub mod recipe;
pub mod sequencer;
pub mod settings;
pub mod shelf;
pub mod signature;
pub mod sound;
pub mod track;
pub mod voice;

/// Tracks of the machine.
pub const TRACKS: usize = 8;

/// Steps that a line has at most.
pub const STEPS: usize = 16;

/// Patterns of an instance.
pub const PATTERNS: usize = 8;
