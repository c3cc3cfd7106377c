//! Graphs as sessions of ONNX Runtime: built, and their tensors compared with the manifest.

use std::fmt;
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
    #[error("{path}: this graph does not run: {reason}. Export the model again, or ask its maker for a new copy.")]
    Run { path: PathBuf, reason: String },
    #[error(
        "{path}: the tensor “{tensor}” should be {expected}, but is {found}. The graph and the manifest are not of the same model: export it again."
    )]
    Tensor { path: PathBuf, tensor: &'static str, expected: String, found: String },
}

/// What goes into a graph: values, and how they lie.
#[derive(Clone, Copy)]
pub(super) enum Tensor<'a> {
    /// `[1]`.
    Number(f32),
    /// `[1, width]`.
    Row(&'a [f32]),
    /// `[length]`.
    List(&'a [f32]),
    /// `[length, width]`, and the width, which is not 0.
    Grid(&'a [f32], usize),
}

impl Tensor<'_> {
    fn view(&self) -> ort::Result<TensorRef<'_, f32>> {
        match self {
            Self::Number(number) => TensorRef::from_array_view(([1], std::slice::from_ref(number))),
            Self::Row(values) => TensorRef::from_array_view(([1, values.len()], *values)),
            Self::List(values) => TensorRef::from_array_view(([values.len()], *values)),
            Self::Grid(values, width) => TensorRef::from_array_view(([values.len() / width, *width], *values)),
        }
    }
}

/// How the values of a graph's tensor lie: see [`Tensor`]. Shown as messages say it.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// A number for each of a batch, which is one.
    Number,
    /// A row of this width for each of a batch, which is one.
    Row(usize),
    /// Numbers, as many as there are grains.
    List,
    /// Rows of this width, as many as there are grains.
    Grid(usize),
}

impl Form {
    /// How many values there are of so many grains.
    pub(super) fn values(self, grains: usize) -> usize {
        match self {
            Self::Number => 1,
            Self::Row(width) => width,
            Self::List => grains,
            Self::Grid(width) => grains * width,
        }
    }

    /// Values that lie so.
    pub(super) fn tensor(self, values: &[f32]) -> Tensor<'_> {
        match self {
            Self::Number => Tensor::Number(values.first().copied().unwrap_or(0.0)),
            Self::Row(_) => Tensor::Row(values),
            Self::List => Tensor::List(values),
            Self::Grid(width) => Tensor::Grid(values, width),
        }
    }

    fn fits(self, shape: &[i64]) -> bool {
        // The batch axis is symbolic (-1) or fixed to one by the override; that of the grains has to be free.
        let is_batch = |axis| axis == -1 || axis == 1;
        match (self, shape) {
            (Self::Number, &[first]) => is_batch(first),
            (Self::Row(width), &[first, second]) => is_batch(first) && second == width as i64,
            (Self::List, &[first]) => first == -1,
            (Self::Grid(width), &[first, second]) => first == -1 && second == width as i64,
            _ => false,
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number => f.write_str("float32 [batch]"),
            Self::Row(width) => write!(f, "float32 [batch, {width}]"),
            Self::List => f.write_str("float32 [grains]"),
            Self::Grid(width) => write!(f, "float32 [grains, {width}]"),
        }
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

    /// Back to where the graph's examples begin.
    pub(super) fn clear(&mut self) {
        self.buffers[self.now].fill(0.0);
    }

    /// On from another state, `[size]`.
    pub(super) fn set(&mut self, state: &[f32]) {
        self.buffers[self.now].copy_from_slice(state);
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

/// Runs a graph on values, all by name, and copies out what is asked for. Blocks.
///
/// A panic is an error as any other: what a graph of others does to the runtime's binding is not ours to know, and above may
/// be a host.
pub(super) fn run(
    graph: &'static str,
    session: &mut Session,
    inputs: &[(&str, Tensor<'_>)],
    outputs: &mut [(&str, &mut [f32])],
) -> Result<(), RunError> {
    let views = || -> ort::Result<Vec<(&str, TensorRef<'_, f32>)>> {
        let mut views = Vec::with_capacity(inputs.len());
        for (name, tensor) in inputs {
            views.push((*name, tensor.view()?));
        }
        Ok(views)
    };
    let attempt = || -> Result<(), String> {
        let made = views().and_then(|views| session.run(views)).map_err(|e| e.to_string())?;
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

/// A session of the graph read from `path`, its tensors compared with what is expected: names, and how their values lie.
pub(super) fn build(
    path: PathBuf,
    provider: Provider,
    bytes: &[u8],
    inputs: &[(&'static str, Form)],
    outputs: &[(&'static str, Form)],
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
        for &(tensor, form) in wanted {
            let outlet = there.iter().find(|outlet| outlet.name() == tensor);
            check_tensor(&path, tensor, form, outlet.map(|outlet| outlet.dtype()))?;
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

fn check_tensor(path: &Path, tensor: &'static str, form: Form, found: Option<&ValueType>) -> Result<(), SessionError> {
    let error =
        |found: String| SessionError::Tensor { path: path.to_owned(), tensor, expected: form.to_string(), found };
    let Some(found) = found else { return Err(error("missing".into())) };
    match found {
        ValueType::Tensor { ty: TensorElementType::Float32, shape, .. } if form.fits(shape) => Ok(()),
        other => Err(error(other.to_string())),
    }
}
