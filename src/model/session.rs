//! A package's graphs in ONNX Runtime: the only code that runs them.

use std::path::{Path, PathBuf};

use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::{TensorElementType, TensorRef, ValueType};

use super::package::{GraphEntry, Package, PackageError};
use super::runtime::{self, RuntimeError};
use super::{DecoderInput, Model, RunError, Shape, Stage};
use crate::controls::MAX_DIMS;
use crate::link::MAX_CHANNELS;
use crate::telemetry::ModelInfo;

/// Why a checked package does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The package itself is broken.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// There is no ONNX Runtime.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// ONNX Runtime does not take the graph.
    #[error(
        "{path}: ONNX Runtime cannot load this graph ({reason}). Export the model again, or ask its maker for a new copy."
    )]
    Graph {
        /// The graph's file.
        path: PathBuf,
        /// ONNX Runtime's words.
        reason: String,
    },
    /// The graph's tensors are not the manifest's.
    #[error(
        "{path}: the tensor “{tensor}” should be {expected}, but is {found}. The graph and the manifest are not of the same model: export it again."
    )]
    Tensor {
        /// The graph's file.
        path: PathBuf,
        /// The tensor.
        tensor: &'static str,
        /// Type and shape by the manifest.
        expected: String,
        /// Type and shape in the graph.
        found: String,
    },
}

/// One graph with the state of each lane.
struct Graph {
    /// What it is called in errors while running.
    role: &'static str,
    path: PathBuf,
    session: Session,
    state: [Vec<f32>; MAX_CHANNELS],
}

impl Graph {
    fn load(
        package: &Package,
        entry: &GraphEntry,
        role: &'static str,
        inputs: &[(&'static str, Option<usize>)],
        outputs: &[(&'static str, Option<usize>)],
    ) -> Result<Self, SessionError> {
        let bytes = package.read_graph(entry)?;
        let path = package.folder.join(&entry.file);
        let environment = runtime::environment()?;
        let failed = |reason: String| SessionError::Graph { path: path.clone(), reason };
        let builder = || -> Result<Session, String> {
            // One thread and no spinning: the worker is the thread, and its core is shared with the host.
            let text = |e: ort::Error<ort::session::builder::SessionBuilder>| e.to_string();
            Session::builder(&environment)
                .map_err(|e| e.to_string())?
                .with_optimization_level(GraphOptimizationLevel::All)
                .map_err(text)?
                .with_intra_threads(1)
                .map_err(text)?
                .with_inter_threads(1)
                .map_err(text)?
                .with_dimension_override("batch", 1)
                .map_err(text)?
                .with_config_entry("session.set_denormal_as_zero", "1")
                .map_err(text)?
                .commit_from_memory(&bytes)
                .map_err(|e| e.to_string())
        };
        let session = builder().map_err(failed)?;
        for (wanted, there) in [(inputs, session.inputs()), (outputs, session.outputs())] {
            for &(tensor, width) in wanted {
                let outlet = there.iter().find(|outlet| outlet.name() == tensor);
                check_tensor(&path, tensor, width, outlet.map(|outlet| outlet.dtype()))?;
            }
        }
        if session.inputs().len() != inputs.len() {
            let names: Vec<&str> = session.inputs().iter().map(|input| input.name()).collect();
            return Err(failed(format!("it asks for the inputs {}", names.join(", "))));
        }
        Ok(Self { role, path, session, state: std::array::from_fn(|_| vec![0.0; entry.state_size]) })
    }

    fn reset(&mut self) {
        for state in &mut self.state {
            state.fill(0.0);
        }
    }

    /// A failure of the first run as a reason not to load it.
    fn refusal(&self, error: RunError) -> SessionError {
        SessionError::Graph { path: self.path.clone(), reason: error.reason }
    }

    /// Puts ONNX Runtime's words into an error of this graph.
    fn error(role: &'static str, reason: impl std::fmt::Display) -> RunError {
        RunError { graph: role, reason: reason.to_string() }
    }
}

fn check_tensor(
    path: &Path,
    tensor: &'static str,
    width: Option<usize>,
    found: Option<&ValueType>,
) -> Result<(), SessionError> {
    let expected = width.map_or("float32 [batch]".to_owned(), |width| format!("float32 [batch, {width}]"));
    let error =
        |found: String| SessionError::Tensor { path: path.to_owned(), tensor, expected: expected.clone(), found };
    let Some(found) = found else { return Err(error("missing".into())) };
    let ValueType::Tensor { ty: TensorElementType::Float32, shape, .. } = found else {
        return Err(error(found.to_string()));
    };
    // The batch axis is symbolic (-1) or fixed to one by the override.
    let is_batch = shape.first().is_some_and(|&axis| axis == -1 || axis == 1);
    let is_width = match width {
        Some(width) => shape.len() == 2 && shape.get(1).is_some_and(|&axis| axis == width as i64),
        None => shape.len() == 1,
    };
    if is_batch && is_width { Ok(()) } else { Err(error(found.to_string())) }
}

/// A continuous model of package format 1, ready to run.
pub struct ContinuousModel {
    shape: Shape,
    info: ModelInfo,
    encoder: Graph,
    decoder: Graph,
}

impl ContinuousModel {
    /// Loads both graphs and runs each once, so that the first hop is as quick as the others. Blocks.
    ///
    /// # Errors
    /// When a file is damaged, ONNX Runtime is missing, or the graphs are not what the manifest says.
    pub fn load(package: &Package) -> Result<Self, SessionError> {
        let shape = package.shape.clone();
        let hop = Some(shape.hop_frames);
        let (encoder_state, decoder_state) = (Some(package.encoder.state_size), Some(package.decoder.state_size));
        let encoder = Graph::load(
            package,
            &package.encoder,
            "the encoder",
            &[("audio", hop), ("state", encoder_state)],
            &[("latent", Some(shape.dims)), ("loudness", None), ("state_out", encoder_state)],
        )?;
        let noise = ("noise", Some(shape.noise_columns));
        let mut inputs = vec![("latent", Some(shape.dims)), ("loudness", None), noise, ("state", decoder_state)];
        if shape.pitch.is_some() {
            inputs.extend([("f0", None), ("voicing", None)]);
        }
        let outputs = [("audio", hop), ("state_out", decoder_state)];
        if shape.stage == Stage::General {
            inputs.push(("sound", hop));
        }
        let decoder = Graph::load(package, &package.decoder, "the decoder", &inputs, &outputs)?;
        let info = ModelInfo {
            name: package.name.clone(),
            description: package.description.clone(),
            message: String::new(),
            provider: "CPU".into(),
            reference_cloud: package.reference_cloud.clone(),
            p01: shape.p01,
            p99: shape.p99,
        };
        let mut model = Self { shape, info, encoder, decoder };
        model.prewarm()?;
        Ok(model)
    }

    /// Adds a remark for the musician.
    pub fn remark(&mut self, message: String) {
        self.info.message = message;
    }

    fn prewarm(&mut self) -> Result<(), SessionError> {
        let mut latent = [0.0; MAX_DIMS];
        let mut audio = vec![0.0; self.shape.hop_frames];
        let noise = vec![0.0; self.shape.noise_columns];
        let dims = self.shape.dims;
        for lane in 0..MAX_CHANNELS {
            let silence = vec![0.0; self.shape.hop_frames];
            let loudness_db = self.encode(lane, &silence, &mut latent[..dims]).map_err(|e| self.encoder.refusal(e))?;
            let input = DecoderInput {
                latent: &latent[..dims],
                loudness_db,
                f0_hz: 110.0,
                voicing: 0.0,
                noise: &noise,
                sound: &silence,
            };
            self.decode(lane, &input, &mut audio).map_err(|e| self.decoder.refusal(e))?;
        }
        self.reset();
        Ok(())
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
        let Graph { role, session, state, .. } = &mut self.encoder;
        let state = &mut state[lane];
        let mut run = || -> ort::Result<f32> {
            let made = session.run(ort::inputs![
                "audio" => TensorRef::from_array_view(([1, audio.len()], audio))?,
                "state" => TensorRef::from_array_view(([1, state.len()], &state[..]))?,
            ])?;
            let loudness_db = made["loudness"].try_extract_tensor::<f32>()?.1[0];
            latent.copy_from_slice(made["latent"].try_extract_tensor::<f32>()?.1);
            let next = made["state_out"].try_extract_tensor::<f32>()?.1.to_vec();
            drop(made);
            state.copy_from_slice(&next);
            Ok(loudness_db)
        };
        run().map_err(|e| Graph::error(role, e))
    }

    fn decode(&mut self, lane: usize, input: &DecoderInput<'_>, audio: &mut [f32]) -> Result<(), RunError> {
        let (has_pitch, has_sound) = (self.shape.pitch.is_some(), self.shape.stage == Stage::General);
        let Graph { role, session, state, .. } = &mut self.decoder;
        let state = &mut state[lane];
        let (loudness, f0, voicing) = ([input.loudness_db], [input.f0_hz], [input.voicing]);
        let mut run = || -> ort::Result<()> {
            let mut inputs = ort::inputs![
                "latent" => TensorRef::from_array_view(([1, input.latent.len()], input.latent))?,
                "loudness" => TensorRef::from_array_view(([1], &loudness[..]))?,
                "noise" => TensorRef::from_array_view(([1, input.noise.len()], input.noise))?,
                "state" => TensorRef::from_array_view(([1, state.len()], &state[..]))?,
            ];
            if has_pitch {
                inputs.push(("f0".into(), TensorRef::from_array_view(([1], &f0[..]))?.into()));
                inputs.push(("voicing".into(), TensorRef::from_array_view(([1], &voicing[..]))?.into()));
            }
            if has_sound {
                let sound = TensorRef::from_array_view(([1, input.sound.len()], input.sound))?;
                inputs.push(("sound".into(), sound.into()));
            }
            let made = session.run(inputs)?;
            audio.copy_from_slice(made["audio"].try_extract_tensor::<f32>()?.1);
            let next = made["state_out"].try_extract_tensor::<f32>()?.1.to_vec();
            drop(made);
            state.copy_from_slice(&next);
            Ok(())
        };
        run().map_err(|e| Graph::error(role, e))
    }

    fn reset(&mut self) {
        self.encoder.reset();
        self.decoder.reset();
    }
}
