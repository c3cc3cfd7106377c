//! One rendered hit, on its way from the thread that made it to the voice that plays it, and back.

use super::signature::{Signature, Signer};
use crate::dsp::sample_guard::SampleGuard;

/// Rates that a sound may have, Hz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=384_000;

/// A hit: mono, at a rate of its own, of finite samples only. Made and freed by the thread that renders; the audio thread
/// reads it and hands it on.
#[derive(Clone, Debug)]
pub struct Sound {
    key: u64,
    rate_hz: u32,
    frames: Vec<f32>,
    signature: Option<Signature>,
}

impl Sound {
    /// Takes what a model has made: what is no number becomes silence, what is absurd is held, and `held` counts both.
    ///
    /// `key` says which hit it is; an absurd rate (Hz) is clamped. Allocates.
    pub fn new(key: u64, rate_hz: u32, mut frames: Vec<f32>, held: &mut SampleGuard) -> Self {
        frames.iter_mut().for_each(|sample| *sample = held.guard_input(*sample));
        let rate_hz = rate_hz.clamp(*RATES_HZ.start(), *RATES_HZ.end());
        let signature = Signer::new(rate_hz.into()).sign(&frames);
        Self { key, rate_hz, frames, signature }
    }

    /// Which hit it is.
    pub fn key(&self) -> u64 {
        self.key
    }

    /// Its rate, Hz.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Its samples, one a frame.
    pub fn frames(&self) -> &[f32] {
        &self.frames
    }

    /// What its beginning is like; `None` of silence.
    pub fn signature(&self) -> Option<&Signature> {
        self.signature.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_becomes_silence_and_is_counted() {
        let mut held = SampleGuard::default();
        let sound = Sound::new(7, 0, vec![0.5, f32::NAN, f32::NEG_INFINITY, 1e30, -0.25], &mut held);
        assert_eq!(sound.frames(), [0.5, 0.0, 0.0, crate::dsp::sample_guard::LOUDEST, -0.25]);
        assert_eq!((held.not_numbers, held.absurd), (2, 1));
        assert_eq!((sound.key(), sound.rate_hz()), (7, 4_000));
        assert_eq!(Sound::new(7, u32::MAX, Vec::new(), &mut held).rate_hz(), 384_000);
    }
}
