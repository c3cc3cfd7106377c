//! Plugins without an input, played in real time.

use std::iter::repeat;
use std::time::Instant;

use test_host::{Instance, Pace, Take};

use super::LIMIT;
use crate::common::plugin::RATE_HZ;
use crate::common::sounds::peak;

/// Plays for a while; -> the loudest sample.
pub fn play(plugin: &mut Instance, seconds: f64) -> f32 {
    let take = Take { alone_frames: Some((seconds * RATE_HZ) as usize), ..Take::default() };
    let out = plugin.play(&take, &mut repeat(512), Pace::RealTime).unwrap();
    peak(&out[0])
}

pub fn play_until(plugin: &mut Instance, what: &str, mut is_so: impl FnMut(f32) -> bool) {
    let began = Instant::now();
    loop {
        if is_so(play(plugin, 0.05)) {
            return;
        }
        assert!(began.elapsed() < LIMIT, "in vain waited for: {what}");
    }
}
