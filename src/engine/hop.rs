//! What a hop is between encoder and decoder.

use crate::controls::MAX_DIMS;
use crate::latent::LatentHop;

/// Voicing from which a hop is taken to have a pitch.
const VOICED: f32 = 0.5;

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

impl Hop {
    /// Whether it has a pitch, and not only one that is held on to.
    pub fn has_pitch(&self) -> bool {
        self.voicing >= VOICED && self.f0_hz > 0.0
    }

    /// As a latent path says it, to be played without an input.
    pub fn of_path(hop: &LatentHop) -> Self {
        Self {
            latent: hop.latent,
            raw: hop.latent,
            loudness_db: hop.loudness_db,
            f0_hz: hop.f0_hz,
            voicing: hop.voicing,
            // What is heard sets no limit: the path says how loud it is.
            heard_db: hop.loudness_db,
            level_db: hop.level_db,
            hushed: hop.hushed,
            ..Self::default()
        }
    }

    /// As a latent path holds it.
    pub fn to_path(&self) -> LatentHop {
        LatentHop {
            latent: self.latent,
            loudness_db: self.loudness_db,
            f0_hz: self.f0_hz,
            voicing: self.voicing,
            hushed: self.hushed,
            level_db: self.level_db + self.loudness_db - self.heard_db,
        }
    }
}
