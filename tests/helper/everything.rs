//! Everything in use at once.

use test_host::{Pace, Render};

use crate::busy::played;
use crate::common::package::sha256;

/// Bounces it and prints the sound's hash.
pub fn hash() {
    let sound = played(Render::Offline, Pace::Hurry, &mut std::iter::repeat(512)).concat();
    let bytes: Vec<u8> = sound.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    println!("sha256 {}", sha256(&bytes));
}
