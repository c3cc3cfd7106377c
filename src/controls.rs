//! The values that steer one hop, as they travel with the audio from the host's thread to the worker.

/// The most latent dimensions a package may have; the plugin shows a bias and a scale for each.
pub const MAX_DIMS: usize = 16;

/// Steady enough that a voice does not gargle in a cello, quick enough for speech.
pub const DEFAULT_STABILITY: f32 = 0.3;

/// Where the decoder's loudness comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Loudness {
    /// The input's loudness, hop by hop, plus an offset.
    #[default]
    Follow,
    /// A fixed level.
    Manual,
}

/// What the model hears of a stereo track.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Routing {
    /// One run of the model on (left + right) / 2, heard on both sides.
    #[default]
    Mid,
    /// One run for each channel, at twice the cost.
    Both,
}

/// A snapshot of everything that steers the engine.
///
/// `Copy` and without indirection: it rides inside ring packets and is taken on the audio thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Controls {
    /// Added to each latent dimension, in standard deviations of the training set.
    pub bias: [f32; MAX_DIMS],
    /// Multiplies each latent dimension around its mean; 1 leaves it.
    pub scale: [f32; MAX_DIMS],
    /// Follow the input's loudness or hold `loudness_level_db`.
    pub loudness: Loudness,
    /// Added to the followed loudness, dB.
    pub loudness_offset_db: f32,
    /// The loudness held in manual mode, dB(A) re full scale.
    pub loudness_level_db: f32,
    /// Added to the tracked pitch, semitones.
    pub transpose_semitones: f32,
    /// How far latent, voicing and octave are held steady, 0 (as analysed) to 1.
    pub stability: f32,
    /// Share of the band-passed output that returns to the model's input, linear gain.
    pub feedback_gain: f32,
    /// Centre of the feedback's band-pass, Hz.
    pub feedback_hz: f32,
    /// Quality factor of the feedback's band-pass.
    pub feedback_q: f32,
    /// What the model hears of a stereo track.
    pub routing: Routing,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            bias: [0.0; MAX_DIMS],
            scale: [1.0; MAX_DIMS],
            loudness: Loudness::Follow,
            loudness_offset_db: 0.0,
            loudness_level_db: -20.0,
            transpose_semitones: 0.0,
            stability: DEFAULT_STABILITY,
            feedback_gain: 0.0,
            feedback_hz: 800.0,
            feedback_q: 1.0,
            routing: Routing::Mid,
        }
    }
}
