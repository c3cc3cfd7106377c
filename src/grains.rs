//! Hits as grains: what a decoder has to know to make a struck sound again, heard and made. Pure arithmetic.
//!
//! A grain has the density of what is noise in it, for bands of equal width to the ear, and the level and the place of up to 64
//! partials. Beside its grains a hit has the very wave that it begins with, since noise would smear it.
//! [`features::Analyser`] hears a recording so; [`synth::GrainSynth`] makes a hit, and [`walk::WalkSynth`] of grains a sound
//! without an end. `timbreloom_train/grains_features.py` and `grains_sound.py` are the same for the trainer;
//! `tests/fixtures/grains.json` holds both to it.

pub mod bands;
mod densities;
pub mod features;
mod noise_part;
pub mod onset;
mod partial_part;
mod peaks;
mod quick;
pub mod schedule;
pub mod slots;
pub mod synth;
pub mod walk;

#[cfg(test)]
mod parity_tests;
