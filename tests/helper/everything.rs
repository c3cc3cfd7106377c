//! Everything in use at once.

use sha2::{Digest, Sha256};
use test_host::{Pace, Render};

use crate::busy::played;

/// Bounces it and prints the sound's hash.
pub fn hash() {
    let mut hash = Sha256::new();
    for channel in played(Render::Offline, Pace::Hurry, &mut std::iter::repeat(512)) {
        channel.iter().for_each(|sample| hash.update(sample.to_le_bytes()));
    }
    let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    println!("sha256 {hash}");
}
