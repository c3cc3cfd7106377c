//! The discrete model's player: codes, pitch and level in, sound out. Pure arithmetic, real-time capable.
//!
//! A [`book::Codebook`] is what a package holds, ready to play; [`voice::Voice`] sounds one code per hop;
//! [`matcher`] finds the codes for a target of descriptors, and [`curve`] the shapes that a target may have.

pub mod book;
pub mod curve;
pub mod matcher;
pub mod path;
pub mod ranges;
pub mod rate;
pub mod space;
pub mod voice;
