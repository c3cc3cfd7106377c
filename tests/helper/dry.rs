//! The effect where its models cannot be loaded.

use crate::common::plugin::{EFFECT, activate, offline, play};
use crate::common::sounds::{assert_late, noise};

/// Plays a sound through it and compares.
pub fn render() {
    let mut plugin = offline(EFFECT);
    let latency = activate(&mut plugin, 512);
    let input = noise(10_000);
    assert_late(&play(&mut plugin, &input, &[]), &input, latency, "without models");
    println!("rendered dry");
}
