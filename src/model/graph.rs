//! Graphs as sessions of ONNX Runtime: built, and their tensors compared with the manifest.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionOutputs};
use ort::value::{TensorElementType, TensorRef, ValueType};

use super::RunError;
use super::accelerator;
use super::graph_file::{self, Refusal};
use super::package_files::PackageError;
use super::provider::Provider;
use super::quarantine::Quarantined;
use super::runtime::{self, RuntimeError};

/// Why a checked package does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum SessionError {
    #[error(transparent)]
    Package(#[from] PackageError),
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    #[error(transparent)]
    Quarantined(#[from] Quarantined),
    #[error(
        "{path}: ONNX Runtime cannot load this graph ({reason}). Export the model again, or ask its maker for a new copy."
    )]
    Graph { path: PathBuf, reason: String },
    #[error("{path}: this graph is not loaded: {reason}.")]
    Refused { path: PathBuf, reason: Refusal },
    #[error(
        "{path}: the tensor “{tensor}” should be {expected}, but is {found}. The graph and the manifest are not of the same model: export it again."
    )]
    Tensor { path: PathBuf, tensor: &'static str, expected: String, found: String },
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

/// Runs a graph on rows of values `[1, width]` and on numbers `[1]`, all by name, and copies out what is asked for. Blocks.
///
/// A panic is an error as any other: what a graph of others does to the runtime's binding is not ours to know, and above may
/// be a host.
pub(super) fn run(
    graph: &'static str,
    session: &mut Session,
    rows: &[(&str, &[f32])],
    numbers: &[(&str, f32)],
    outputs: &mut [(&str, &mut [f32])],
) -> Result<(), RunError> {
    let inputs = || -> ort::Result<Vec<(&str, TensorRef<'_, f32>)>> {
        let mut inputs = Vec::with_capacity(rows.len() + numbers.len());
        for &(name, values) in rows {
            inputs.push((name, TensorRef::from_array_view(([1, values.len()], values))?));
        }
        for (name, number) in numbers {
            inputs.push((*name, TensorRef::from_array_view(([1], std::slice::from_ref(number)))?));
        }
        Ok(inputs)
    };
    let attempt = || -> Result<(), String> {
        let made = inputs().and_then(|inputs| session.run(inputs)).map_err(|e| e.to_string())?;
        outputs.iter_mut().try_for_each(|(tensor, to)| copy_out(&made, tensor, to))
    };
    let outcome = catch_unwind(AssertUnwindSafe(attempt));
    outcome.unwrap_or_else(|_| Err(BROKE.into())).map_err(|reason| RunError { graph, reason })
}

/// What is said of a panic.
const BROKE: &str = "ONNX Runtime's binding broke on it";

/// Copies what a run gave. The manifest's width was declared by the graph, which may give something else all the same.
fn copy_out(made: &SessionOutputs<'_>, tensor: &str, to: &mut [f32]) -> Result<(), String> {
    let given = made.get(tensor).ok_or_else(|| format!("it gave no “{tensor}”"))?;
    let (_, values) = given.try_extract_tensor::<f32>().map_err(|e| e.to_string())?;
    if values.len() != to.len() {
        return Err(format!("its “{tensor}” has {} values where {} are declared", values.len(), to.len()));
    }
    to.copy_from_slice(values);
    Ok(())
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
