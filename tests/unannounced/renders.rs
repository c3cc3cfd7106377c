//! Renders that a host announces, and others.

use std::time::Duration;

use timbreloom::rt::EffectSettings;

use crate::common::rig::Rig;

pub const RATE_HZ: f64 = 48_000.0;

/// One block after the other, and a pause before some of them.
pub fn render(rig: &mut Rig, input: &[f32], block: usize, pause_before: impl Fn(usize) -> Duration) -> Vec<f32> {
    rig.play(input, &[block], |at| {
        std::thread::sleep(pause_before(at / block));
        EffectSettings::default()
    })
}

pub fn announced(rig: &mut Rig, input: &[f32], block: usize) -> Vec<f32> {
    rig.restart(true);
    render(rig, input, block, |_| Duration::ZERO)
}
