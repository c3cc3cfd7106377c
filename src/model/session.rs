//! A package as a running model: shared sessions, and the state of this instance's lanes.

use super::graph::{self, State};
use super::package::Package;
use super::pool::Share;
use super::{DecoderInput, Model, RunError, Shape};
use crate::link::LANES;
use crate::telemetry::ModelInfo;

pub use super::graph::SessionError;

/// A continuous model of package format 1, ready to run.
pub struct ContinuousModel {
    shape: Shape,
    info: ModelInfo,
    sessions: Share,
    encoder_state: [State; LANES],
    decoder_state: [State; LANES],
}

impl ContinuousModel {
    /// A model on the sessions that this process shares, loaded and run once where they are not yet. Blocks.
    ///
    /// # Errors
    /// When a file is damaged, ONNX Runtime is missing, the graphs are not what the manifest says, or the package
    /// crashed an earlier process.
    pub fn load(package: &Package) -> Result<Self, SessionError> {
        Ok(Self::on(package, Share::of(package)?))
    }

    /// A model on sessions of its own, loaded from these very files. Blocks.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_apart(package: &Package) -> Result<Self, SessionError> {
        Ok(Self::on(package, Share::apart(package)?))
    }

    fn on(package: &Package, sessions: Share) -> Self {
        let shape = package.shape.clone();
        let info = ModelInfo {
            name: package.name.clone(),
            description: package.description.clone(),
            message: String::new(),
            provider: "CPU".into(),
            reference_cloud: package.reference_cloud.clone(),
            p01: shape.p01,
            p99: shape.p99,
        };
        let state = |size: usize| std::array::from_fn(|_| State::new(size));
        Self {
            shape,
            info,
            sessions,
            encoder_state: state(package.encoder.state_size),
            decoder_state: state(package.decoder.state_size),
        }
    }

    /// Adds a remark for the musician.
    pub fn remark(&mut self, message: String) {
        self.info.message = message;
    }
}

impl Model for ContinuousModel {
    fn shape(&self) -> &Shape {
        &self.shape
    }

    fn info(&self) -> ModelInfo {
        self.info.clone()
    }

    fn encode(&mut self, lane: usize, audio: &[f32], latent: &mut [f32]) -> Result<f32, RunError> {
        graph::encode(&mut self.sessions.encoder(), &mut self.encoder_state[lane], audio, latent)
    }

    fn decode(&mut self, lane: usize, input: &DecoderInput<'_>, audio: &mut [f32]) -> Result<(), RunError> {
        graph::decode(&mut self.sessions.decoder(), &mut self.decoder_state[lane], &self.shape, input, audio)
    }

    fn reset(&mut self) {
        for state in self.encoder_state.iter_mut().chain(&mut self.decoder_state) {
            state.reset();
        }
    }
}
