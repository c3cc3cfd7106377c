//! What the plugin tells the window, and what the window asks of it.

use std::sync::Arc;

use crate::param::MACRO_COUNT;
use crate::paths::PathsStatus;
use crate::{ParamId, Product, SoundColumn};

/// Latent dimensions that a package may have at most; unused ones stay zero.
pub const LATENT_DIMS: usize = 16;

/// One latent frame, in standard deviations of the training sound per dimension.
pub type LatentPoint = [f32; LATENT_DIMS];

/// What the inference worker is doing; where it does nothing, with what went wrong and what to do, in whole sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EngineState {
    /// A package or the runtime is being loaded.
    #[default]
    Loading,
    /// The model runs.
    Ready,
    /// There is no model to run: a package or the runtime is not installed.
    Missing(Arc<str>),
    /// The model stopped working.
    Faulted(Arc<str>),
}

/// The plugin at this frame; the editor fills it from telemetry on the GUI thread.
#[derive(Clone, Debug)]
pub struct Status {
    /// Whether there is a model, and whether it works.
    pub state: EngineState,
    /// Where the model runs, as the window words it: `CPU`, `CUDA`.
    pub provider: Arc<str>,
    /// What the host was told, in frames at the host's rate.
    pub latency_frames: u32,
    /// Zero before the host has said.
    pub host_rate_hz: f32,
    /// Time the worker needs over the time it has; 1 is the limit of real time.
    pub load: f32,
    /// Times that the model came too late since the sound started.
    pub underruns: u64,
    /// What they cost, why and what to do, in whole sentences; empty without any.
    pub dropouts: Arc<str>,
    /// What was held back since it was no number, or louder than any sound, and what to do, in whole sentences; empty
    /// without any.
    pub held: Arc<str>,
    /// Peak since the last frame, in dB of full scale; minus infinity for silence.
    pub input_level_db: f32,
    /// Peak since the last frame, in dB of full scale; minus infinity for silence.
    pub output_level_db: f32,
    /// Short-term loudness of the output, LUFS; minus infinity for silence.
    pub output_lufs: f32,
    /// By how much the limiter has held peaks back since the last frame, dB; 0: not at all.
    pub limiter_db: f32,
    /// How much louder the model's sound is than the musician's own, dB; `None` until both were heard for a while.
    pub wet_above_dry_db: Option<f32>,
    /// Latent frames since the last call, oldest first, as the decoder gets them: after scale and bias.
    pub points: Vec<LatentPoint>,
    /// As many frames as the encoder gave them: before scale and bias.
    pub raw_points: Vec<LatentPoint>,
    /// What was heard since the last call, oldest first.
    pub sound: Vec<SoundColumn>,
    /// By how much the feedback's guard holds the loop back, dB; 0: not at all.
    pub guard_db: f32,
    /// Whether the host sends sound.
    pub is_running: bool,
    /// Latent paths and the plane; of the effect alone.
    pub paths: PathsStatus,
    /// Whose it is.
    pub product: Product,
}

impl Default for Status {
    /// Before anything is known: a model being loaded, silence.
    fn default() -> Self {
        Self {
            state: EngineState::Loading,
            provider: "".into(),
            latency_frames: 0,
            host_rate_hz: 0.0,
            load: 0.0,
            underruns: 0,
            dropouts: "".into(),
            held: "".into(),
            input_level_db: f32::NEG_INFINITY,
            output_level_db: f32::NEG_INFINITY,
            output_lufs: f32::NEG_INFINITY,
            limiter_db: 0.0,
            wet_above_dry_db: None,
            points: Vec::new(),
            raw_points: Vec::new(),
            sound: Vec::new(),
            guard_db: 0.0,
            is_running: false,
            paths: PathsStatus::default(),
            product: Product::default(),
        }
    }
}

/// What the window knows about a model; replaced when another model is loaded.
#[derive(Clone, Debug, Default)]
pub struct ModelView {
    /// Differs for each model loaded, so that the window can drop what it drew of the last one.
    pub generation: u64,
    /// The package's name; of a missing model, the one that was asked for.
    pub name: String,
    /// The package's own sentence about the sound.
    pub description: String,
    /// Latent dimensions in use, 1..=[`LATENT_DIMS`].
    pub dims: usize,
    /// A few hundred latent frames of the training sound.
    pub cloud: Vec<LatentPoint>,
    /// 1st percentile of each dimension over the training sound.
    pub p01: LatentPoint,
    /// 99th percentile of each dimension over the training sound.
    pub p99: LatentPoint,
    /// Which macros it has.
    pub has_macro: [bool; MACRO_COUNT],
    /// What each dimension moves most, in a word; empty where nothing much, and without any where nobody has measured it.
    pub dimension_names: Vec<String>,
}

/// The plugin's parameters as the window uses them, on the GUI thread.
///
/// Normalised values are 0 to 1. Every change is a gesture: `begin`, any number of `set`, `end`.
pub trait ParamBackend {
    /// The name that the host shows.
    fn name(&self, id: ParamId) -> String;
    /// The present value, without the host's modulation.
    fn normalised(&self, id: ParamId) -> f32;
    /// The value that a double-click returns to.
    fn default_normalised(&self, id: ParamId) -> f32;
    /// The value in the parameter's own unit.
    fn plain(&self, id: ParamId, normalised: f32) -> f32;
    /// The inverse of `plain`, limited to the parameter's range.
    fn normalise(&self, id: ParamId, plain: f32) -> f32;
    /// The value with its unit, as the host shows it.
    fn text(&self, id: ParamId, normalised: f32) -> String;
    /// The normalised value that a typed text means, or `None` where it means nothing.
    fn parse(&self, id: ParamId, text: &str) -> Option<f32>;
    /// Steps from the lowest value to the highest: 1 for a switch, `None` for a continuous parameter.
    fn step_count(&self, id: ParamId) -> Option<usize>;

    /// Tells the host that the musician has taken hold of the parameter.
    fn begin(&mut self, id: ParamId);
    /// Changes the value, between `begin` and `end`.
    fn set(&mut self, id: ParamId, normalised: f32);
    /// Tells the host that the musician has let go.
    fn end(&mut self, id: ParamId);
}

/// When the window has to be drawn again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repaint {
    /// Something moves: at the screen's rate, about 60 Hz.
    EveryFrame,
    /// Nothing moves: after input, or when status, model or parameters have changed.
    OnChange,
}
