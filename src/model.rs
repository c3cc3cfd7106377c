//! Packages, the catalogue of them, and the sessions that run them.

use crate::controls::{MAX_DIMS, MAX_MACROS};
use crate::telemetry::ModelInfo;
use request::ModelRequest;

mod accelerator;
mod archive;
pub mod catalogue;
pub mod codes;
mod cpu_time;
pub mod doctor;
pub mod embed;
pub mod embedded;
pub mod examiner;
pub mod grains;
pub mod graph;
mod graph_file;
pub mod import;
pub mod kinds;
pub mod latent;
pub mod loader;
pub mod manifest;
mod number_lists;
pub mod package;
pub mod package_files;
pub mod places;
pub mod pool;
mod privacy;
pub mod provider;
pub mod quarantine;
pub mod request;
pub mod runtime;
mod scratch;
mod shipped;

/// What a decoder shapes into sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Harmonics at the tracked pitch, and noise: one voice at a time, exact in pitch.
    #[default]
    Pitched,
    /// The input's own sound, spectrally flattened: chords, noises and attacks.
    General,
}

impl Stage {
    /// As manifests and the program write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pitched => "pitched",
            Self::General => "general",
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// How a model's sound is cut, what it asks for, and the range of its latent.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Rate of its input and output, Hz.
    pub sample_rate_hz: u32,
    /// New frames per call.
    pub hop_frames: usize,
    /// How much later than its input the output is, beyond the hop, frames.
    pub delay_frames: usize,
    /// How much later than the middle of its hop of sound a pitch is reached, frames: half a hop where it glides there.
    pub pitch_lag_frames: usize,
    /// Latent dimensions, 1..=MAX_DIMS.
    pub dims: usize,
    /// The pitches of the training sound; `None` for models that take no pitch.
    pub pitch: Option<PitchRange>,
    /// Noise values that the decoder takes per hop.
    pub noise_columns: usize,
    /// What the decoder shapes.
    pub stage: Stage,
    /// First percentile of each latent dimension over the training sound; 0 beyond `dims`.
    pub p01: [f32; MAX_DIMS],
    /// Ninety-ninth percentile of each latent dimension over the training sound; 0 beyond `dims`.
    pub p99: [f32; MAX_DIMS],
    /// Median loudness of the training sound, dB(A) re full scale.
    pub loudness_p50_db: f32,
    /// What each macro adds to the latent where it is turned up full, standard deviations; 0 where the model has none.
    pub macros: [[f32; MAX_DIMS]; MAX_MACROS],
}

/// Lowest and highest pitch of the training sound, Hz.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct PitchRange {
    /// First percentile, Hz.
    pub min_hz: f32,
    /// Ninety-ninth percentile, Hz.
    pub max_hz: f32,
}

/// What the decoder is given for one hop.
#[derive(Clone, Copy, Debug)]
pub struct DecoderInput<'a> {
    /// `[dims]`, in standard deviations.
    pub latent: &'a [f32],
    /// dB(A) re full scale.
    pub loudness_db: f32,
    /// Fundamental, Hz; ignored by models without pitch.
    pub f0_hz: f32,
    /// 0 (noise) to 1 (periodic); ignored by models without pitch.
    pub voicing: f32,
    /// `[noise_columns]`, standard normal.
    pub noise: &'a [f32],
    /// `[hop_frames]`, what the encoder heard in this hop, or silence; ignored by the pitched stage.
    pub sound: &'a [f32],
}

/// Why a call failed. Carried as text: ONNX Runtime's own words are all there is.
#[derive(Debug, thiserror::Error)]
#[error("{graph} failed: {reason}")]
pub struct RunError {
    /// `the encoder` or `the decoder`.
    pub graph: &'static str,
    /// What the runtime says.
    pub reason: String,
}

/// Loads what was asked for; runs on the worker's thread. The error's text is shown to the musician.
pub type Loader =
    Box<dyn FnMut(&ModelRequest) -> Result<Box<dyn Model>, Box<dyn std::error::Error + Send + Sync>> + Send>;

/// A loaded model with the state of up to three lanes (two channels and a side-chain). Owned and run by a worker thread.
pub trait Model: Send {
    /// How the model's sound is cut. Constant.
    fn shape(&self) -> &Shape;

    /// The model in words and points, for the window.
    fn info(&self) -> ModelInfo;

    /// What a latent path names that it makes: itself, and its version where it has one.
    fn request(&self) -> ModelRequest {
        ModelRequest::named(&self.info().name)
    }

    /// Whether it is what a request asks for: latents of another model, or of another version, mean nothing to it. Does not
    /// allocate in models that play.
    fn is_of(&self, request: &ModelRequest) -> bool {
        self.info().name == request.name
    }

    /// One hop of sound `[hop_frames]` to its latent `[dims]`; returns the loudness, dB(A). May block.
    ///
    /// # Errors
    /// When the runtime refuses; the lane's state is then unchanged.
    fn encode(&mut self, lane: usize, audio: &[f32], latent: &mut [f32]) -> Result<f32, RunError>;

    /// Tells how periodic the hop is that [`Self::encode`] has just heard, 0 to 1: the tracker knows once it knows the
    /// loudness. Models whose latent depends on it write theirs here, the others leave it as it is. May block.
    ///
    /// # Errors
    /// As [`Self::encode`].
    fn hear_voicing(
        &mut self,
        _lane: usize,
        _audio: &[f32],
        _voicing: f32,
        _latent: &mut [f32],
    ) -> Result<(), RunError> {
        Ok(())
    }

    /// One hop of decoder input to sound `[hop_frames]`. May block.
    ///
    /// # Errors
    /// When the runtime refuses; the lane's state is then unchanged.
    fn decode(&mut self, lane: usize, input: &DecoderInput<'_>, audio: &mut [f32]) -> Result<(), RunError>;

    /// What [`Self::decode`] is about to make of this input, but without its noise: the harmonics alone, so that they can be
    /// lowered. Called before it, hop after hop where it is called; what still rings of the noise of the hop before the first is
    /// among them. Models that make no harmonics of their own leave `audio` as it is. May block.
    ///
    /// # Errors
    /// As [`Self::decode`].
    fn decode_harmonics(
        &mut self,
        _lane: usize,
        _input: &DecoderInput<'_>,
        _audio: &mut [f32],
    ) -> Result<(), RunError> {
        Ok(())
    }

    /// Back to the stream's start, all lanes.
    fn reset(&mut self);

    /// Adds a remark for the musician to what [`Self::info`] says.
    fn remark(&mut self, _message: String) {}
}
