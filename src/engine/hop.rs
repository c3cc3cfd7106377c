//! What a hop is between encoder and decoder.

use crate::controls::MAX_DIMS;

/// One hop as the latent space sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hop {
    /// Standard deviations; dimensions the model lacks are 0.
    pub latent: [f32; MAX_DIMS],
    /// The same before the player's operators (scale, bias and all that follows), for the window.
    pub raw: [f32; MAX_DIMS],
    /// dB(A) re full scale.
    pub loudness_db: f32,
    /// Hz; 0 for models without pitch.
    pub f0_hz: f32,
    /// 0 to 1.
    pub voicing: f32,
    /// How periodic what was heard is at this pitch, also where that is only held on to, 0 to 1.
    pub kept: f32,
    /// Loudness of what was heard, dB(A) re full scale, whatever the hop is played at.
    pub heard_db: f32,
    /// Level of what was heard, dB re full scale.
    pub level_db: f32,
    /// How far the harmonics are lowered since a noise was heard, 0 (as the decoder makes them) to 1 (silent).
    pub hushed: f32,
}
