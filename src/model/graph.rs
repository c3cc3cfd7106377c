//! A package's graphs as sessions of ONNX Runtime: built, their tensors compared with the manifest, run once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionOutputs};
use ort::value::{TensorElementType, TensorRef, ValueType};

use super::accelerator;
use super::graph_file::{self, Refusal};
use super::package::{Package, PackageError};
use super::provider::Provider;
use super::quarantine::{Quarantine, Quarantined};
use super::runtime::{self, RuntimeError};
use super::{DecoderInput, RunError, Shape, Stage};
use crate::controls::MAX_DIMS;

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
    /// An earlier process ended while it loaded this package.
    #[error(transparent)]
    Quarantined(#[from] Quarantined),
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
    /// It is not even handed to ONNX Runtime.
    #[error("{path}: this graph is not loaded: {reason}.")]
    Refused {
        /// The graph's file.
        path: PathBuf,
        /// What speaks against it.
        reason: Refusal,
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

/// One session of each graph, run once, so that the next run is as quick as all others.
pub(super) struct Pair {
    pub(super) encoder: Session,
    pub(super) decoder: Session,
}

impl Pair {
    /// Reads both graphs, compares their hashes, loads them and runs each once on silence. Blocks.
    ///
    /// Within the quarantine's guard: should this crash the process, the next one will not try it on this provider.
    ///
    /// # Errors
    /// When a file is damaged, ONNX Runtime is missing, the graphs are not what the manifest says, or the package
    /// crashed an earlier process.
    pub(super) fn load(package: &Package, provider: Provider) -> Result<Self, SessionError> {
        // Before the guard: neither files nor a missing runtime are the model's crash.
        let graphs = [package.read_graph(&package.encoder)?, package.read_graph(&package.decoder)?];
        runtime::environment()?;
        Quarantine::of_user().guard(package, provider, || Self::build(package, provider, &graphs))?
    }

    fn build(package: &Package, provider: Provider, [encoder, decoder]: &[Vec<u8>; 2]) -> Result<Self, SessionError> {
        let shape = &package.shape;
        let hop = Some(shape.hop_frames);
        let (encoder_state, decoder_state) = (Some(package.encoder.state_size), Some(package.decoder.state_size));
        let encoder = build(
            package.folder.join(&package.encoder.file),
            provider,
            encoder,
            &[("audio", hop), ("state", encoder_state)],
            &[("latent", Some(shape.dims)), ("loudness", None), ("state_out", encoder_state)],
        )?;
        let noise = ("noise", Some(shape.noise_columns));
        let mut inputs = vec![("latent", Some(shape.dims)), ("loudness", None), noise, ("state", decoder_state)];
        if shape.pitch.is_some() {
            inputs.extend([("f0", None), ("voicing", None)]);
        }
        if shape.stage == Stage::General {
            inputs.push(("sound", hop));
        }
        let outputs = [("audio", hop), ("state_out", decoder_state)];
        let decoder = build(package.folder.join(&package.decoder.file), provider, decoder, &inputs, &outputs)?;
        let mut pair = Self { encoder, decoder };
        pair.prewarm(package)?;
        Ok(pair)
    }

    fn prewarm(&mut self, package: &Package) -> Result<(), SessionError> {
        self.player(package).hop().map_err(|error| {
            let is_encoder = error.graph == ENCODER;
            let entry = if is_encoder { &package.encoder } else { &package.decoder };
            SessionError::Graph { path: package.folder.join(&entry.file), reason: error.reason }
        })
    }

    /// Plays hops of silence, with states of its own.
    pub(super) fn player<'a>(&'a mut self, package: &'a Package) -> Player<'a> {
        let shape = &package.shape;
        Player {
            pair: self,
            shape,
            states: [State::new(package.encoder.state_size), State::new(package.decoder.state_size)],
            silence: vec![0.0; shape.hop_frames],
            noise: vec![0.0; shape.noise_columns],
            audio: vec![0.0; shape.hop_frames],
        }
    }
}

/// A pair at work on nothing, to warm it up or to measure it.
pub(super) struct Player<'a> {
    pair: &'a mut Pair,
    shape: &'a Shape,
    states: [State; 2],
    silence: Vec<f32>,
    noise: Vec<f32>,
    audio: Vec<f32>,
}

impl Player<'_> {
    /// One hop through both graphs. Blocks.
    pub(super) fn hop(&mut self) -> Result<(), RunError> {
        let mut latent = [0.0; MAX_DIMS];
        let latent = &mut latent[..self.shape.dims];
        let [encoder_state, decoder_state] = &mut self.states;
        let loudness_db = encode(&mut self.pair.encoder, encoder_state, &self.silence, latent)?;
        let (noise, sound) = (&self.noise, &self.silence);
        let input = DecoderInput { latent, loudness_db, f0_hz: 110.0, voicing: 0.0, noise, sound };
        decode(&mut self.pair.decoder, decoder_state, self.shape, &input, &mut self.audio)
    }
}

/// A graph's state in one lane, in two buffers: a run reads one and fills the other, which takes its place after
/// success. So a failed run leaves the state as it was, and none allocates another one.
pub(super) struct State {
    buffers: [Vec<f32>; 2],
    now: usize,
}

impl State {
    pub(super) fn new(size: usize) -> Self {
        Self { buffers: std::array::from_fn(|_| vec![0.0; size]), now: 0 }
    }

    pub(super) fn reset(&mut self) {
        self.buffers[self.now].fill(0.0);
    }

    /// -> the state now, and where the next one goes.
    pub(super) fn split(&mut self) -> (&[f32], &mut [f32]) {
        let [first, second] = &mut self.buffers;
        if self.now == 0 { (first, second) } else { (second, first) }
    }

    pub(super) fn step(&mut self) {
        self.now = 1 - self.now;
    }
}

/// As [`RunError`] names the graphs.
pub(super) const ENCODER: &str = "the encoder";
/// As [`RunError`] names the graphs.
pub(super) const DECODER: &str = "the decoder";

/// A run of a graph, whose panic is an error as any other: what a graph of others does to the runtime's binding is not
/// ours to know, and above may be a host.
pub(super) fn attempt<T>(graph: &'static str, run: impl FnOnce() -> Result<T, String>) -> Result<T, RunError> {
    let outcome = catch_unwind(AssertUnwindSafe(run));
    outcome.unwrap_or_else(|_| Err(BROKE.into())).map_err(|reason| RunError { graph, reason })
}

/// What is said of a panic.
const BROKE: &str = "ONNX Runtime's binding broke on it";

/// Copies what a run gave. The manifest's width was declared by the graph, which may give something else all the same.
pub(super) fn copy_out(made: &SessionOutputs<'_>, tensor: &'static str, to: &mut [f32]) -> Result<(), String> {
    let given = made.get(tensor).ok_or_else(|| format!("it gave no “{tensor}”"))?;
    let (_, values) = given.try_extract_tensor::<f32>().map_err(|e| e.to_string())?;
    if values.len() != to.len() {
        return Err(format!("its “{tensor}” has {} values where {} are declared", values.len(), to.len()));
    }
    to.copy_from_slice(values);
    Ok(())
}

/// One hop of sound `[hop_frames]` to its latent `[dims]`; returns the loudness, dB(A). Blocks.
pub(super) fn encode(
    session: &mut Session,
    state: &mut State,
    audio: &[f32],
    latent: &mut [f32],
) -> Result<f32, RunError> {
    let (now, next) = state.split();
    let mut loudness_db = [0.0];
    attempt(ENCODER, || {
        let inputs = || -> ort::Result<_> {
            Ok(ort::inputs![
                "audio" => TensorRef::from_array_view(([1, audio.len()], audio))?,
                "state" => TensorRef::from_array_view(([1, now.len()], now))?,
            ])
        };
        let made = inputs().and_then(|inputs| session.run(inputs)).map_err(|e| e.to_string())?;
        copy_out(&made, "loudness", &mut loudness_db)?;
        copy_out(&made, "latent", latent)?;
        copy_out(&made, "state_out", next)
    })?;
    state.step();
    Ok(loudness_db[0])
}

/// One hop of decoder input to sound `[hop_frames]`. Blocks.
pub(super) fn decode(
    session: &mut Session,
    state: &mut State,
    shape: &Shape,
    input: &DecoderInput<'_>,
    audio: &mut [f32],
) -> Result<(), RunError> {
    decode_from(session, state.split(), shape, input, audio)?;
    state.step();
    Ok(())
}

/// As [`decode`], from one buffer of state into another.
pub(super) fn decode_from(
    session: &mut Session,
    (now, next): (&[f32], &mut [f32]),
    shape: &Shape,
    input: &DecoderInput<'_>,
    audio: &mut [f32],
) -> Result<(), RunError> {
    let (loudness, f0, voicing) = ([input.loudness_db], [input.f0_hz], [input.voicing]);
    let inputs = || -> ort::Result<_> {
        let mut inputs = ort::inputs![
            "latent" => TensorRef::from_array_view(([1, input.latent.len()], input.latent))?,
            "loudness" => TensorRef::from_array_view(([1], &loudness[..]))?,
            "noise" => TensorRef::from_array_view(([1, input.noise.len()], input.noise))?,
            "state" => TensorRef::from_array_view(([1, now.len()], now))?,
        ];
        if shape.pitch.is_some() {
            inputs.push(("f0".into(), TensorRef::from_array_view(([1], &f0[..]))?.into()));
            inputs.push(("voicing".into(), TensorRef::from_array_view(([1], &voicing[..]))?.into()));
        }
        if shape.stage == Stage::General {
            let sound = TensorRef::from_array_view(([1, input.sound.len()], input.sound))?;
            inputs.push(("sound".into(), sound.into()));
        }
        Ok(inputs)
    };
    attempt(DECODER, || {
        let made = inputs().and_then(|inputs| session.run(inputs)).map_err(|e| e.to_string())?;
        copy_out(&made, "audio", audio)?;
        copy_out(&made, "state_out", next)
    })
}

/// A session of the graph read from `path`, its tensors compared with what is expected: names and widths.
pub(super) fn build(
    path: PathBuf,
    provider: Provider,
    bytes: &[u8],
    inputs: &[(&'static str, Option<usize>)],
    outputs: &[(&'static str, Option<usize>)],
) -> Result<Session, SessionError> {
    let environment = runtime::environment()?;
    graph_file::check(bytes).map_err(|reason| SessionError::Refused { path: path.clone(), reason })?;
    let failed = |reason: String| SessionError::Graph { path: path.clone(), reason };
    let builder = || -> Result<Session, String> {
        // One thread and no spinning: the worker is the thread, and its core is shared with the host.
        let text = |e: ort::Error<ort::session::builder::SessionBuilder>| e.to_string();
        let builder = Session::builder(&environment)
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
            .map_err(text)?;
        if provider == Provider::Cpu {
            return commit(builder, bytes);
        }
        let mut builder = builder.with_config_entry(accelerator::RECORD.0, accelerator::RECORD.1).map_err(text)?;
        accelerator::register(provider, &mut builder)?;
        let session = commit(builder, bytes)?;
        // It may have come up and left all operators to the CPU.
        match accelerator::operators(&session, provider) {
            Ok(0) => Err("it takes none of the model's operators".into()),
            _ => Ok(session),
        }
    };
    let session = catch_unwind(AssertUnwindSafe(builder)).unwrap_or_else(|_| Err(BROKE.into())).map_err(failed)?;
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
    Ok(session)
}

fn commit(mut builder: ort::session::builder::SessionBuilder, bytes: &[u8]) -> Result<Session, String> {
    builder.commit_from_memory(bytes).map_err(|e| e.to_string())
}

/// The package's encoder on the CPU, with an account of who runs what.
#[cfg(test)]
pub(super) fn recorded_encoder(package: &Package) -> Result<Session, String> {
    let bytes = package.read_graph(&package.encoder).map_err(|e| e.to_string())?;
    let environment = runtime::environment().map_err(|e| e.to_string())?;
    let builder = Session::builder(&environment).map_err(|e| e.to_string())?;
    commit(builder.with_config_entry(accelerator::RECORD.0, accelerator::RECORD.1).map_err(|e| e.to_string())?, &bytes)
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
