//! Renders that a host announces, and others.

use std::time::Duration;

use timbreloom::latency::Margin;
use timbreloom::latency::StreamFormat;
use timbreloom::rt::EffectSettings;

use crate::common::rig::Rig;

pub const RATE_HZ: f64 = 48_000.0;

pub fn format(max_block_frames: usize) -> StreamFormat {
    StreamFormat { host_rate_hz: RATE_HZ, max_block_frames, channels: 1, margin: Margin::Normal }
}

/// One block after the other, and a pause before some of them.
pub fn render(rig: &mut Rig, input: &[f32], block: usize, pause_before: impl Fn(usize) -> Duration) -> Vec<f32> {
    let mut out = input.to_vec();
    for (at, block) in out.chunks_mut(block).enumerate() {
        std::thread::sleep(pause_before(at));
        rig.processor.process(&mut [block], &[], &EffectSettings::default());
    }
    out
}

pub fn announced(rig: &mut Rig, input: &[f32], block: usize) -> Vec<f32> {
    rig.processor.set_waits(true);
    rig.processor.reset();
    render(rig, input, block, |_| Duration::ZERO)
}
