//! Three seconds with everything in use, and its bounce.

use sha2::{Digest, Sha256};
use timbreloom::controls::{Controls, Cross, SideChain};
use timbreloom::latency::Margin;
use timbreloom::latency::StreamFormat;
use timbreloom::rt::EffectSettings;

use crate::common::{Rig, sound};

pub const RATE_HZ: f64 = 48_000.0;
const BLOCK: usize = 512;
const FRAMES: usize = 3 * 48_000;

pub fn format() -> StreamFormat {
    // two models at once on a busy test machine need more than half a hop
    StreamFormat { host_rate_hz: RATE_HZ, max_block_frames: BLOCK, channels: 1, margin: Margin::Safe }
}

/// A second of each: as it comes; a walk with side-chain and blend; loop, freeze, lock and cross-synthesis.
pub fn automation(at: usize) -> EffectSettings {
    let time_s = at as f64 / RATE_HZ;
    let mut controls = Controls { song_s: Some(12.5 + time_s), random: 0.8, random_hz: 3.0, ..Controls::default() };
    controls.bias[0] = (time_s * 0.7).sin() as f32;
    if at >= FRAMES / 3 {
        controls.side = SideChain { latent: 0.5, pitch: 0.3, loudness: 0.4 };
        controls.blend = (time_s as f32 - 1.0).clamp(0.0, 0.6);
        controls.smoothing_s = 0.05;
    }
    if at >= FRAMES * 2 / 3 {
        controls.feedback_gain = 1.2;
        controls.feedback_delay_s = 0.03;
        controls.freeze = at < FRAMES * 5 / 6;
        controls.lock = 0b1010;
        controls.cross = Cross::FirstLatent;
        controls.loudness_range = 0.7;
    }
    EffectSettings { controls, ..EffectSettings::default() }
}

pub fn inputs() -> (Vec<f32>, Vec<f32>) {
    let side = (0..FRAMES).map(|n| 0.2 * ((n as f64 * 146.8 / RATE_HZ).fract() as f32 - 0.5)).collect();
    (sound(FRAMES, RATE_HZ), side)
}

pub fn bounce() -> Vec<f32> {
    let (input, side) = inputs();
    Rig::of_models(format(), "cello", Some("horn")).bounce(&input, &side, automation)
}

pub fn hash(sound: &[f32]) -> String {
    let bytes: Vec<u8> = sound.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
