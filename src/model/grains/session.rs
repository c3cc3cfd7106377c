//! The graphs of a grain model as sessions: each loaded and run once before it is used.

use std::path::PathBuf;

use ort::session::Session;

use super::package::{GrainsPackage, MAX_GRAINS};
use crate::grains::bands::BANDS;
use crate::grains::features::COLUMNS;
use crate::grains::onset::ONSET_FRAMES;
use crate::grains::slots::SLOTS;
use crate::model::graph::{self, Form, SessionError, Tensor};
use crate::model::provider::Provider;
use crate::model::quarantine::Quarantine;
use crate::model::runtime;

/// The parts of a grain model that are loaded by themselves, as the quarantine's markers name them: the two graphs that make
/// hits, and each of the encoders.
pub(in crate::model) const MAKING_PART: &str = "making";
const GRAIN_ENCODER_PART: &str = "grain_encoder";
const HIT_ENCODER_PART: &str = "hit_encoder";

/// A few grains, of which each graph makes something before it is used.
const TRIED_FRAMES: [f32; 3] = [0.0, 16.0, 34.0];

/// What encoders hear of grains.
const FEATURES: (&str, Form) = ("features", Form::Grid(COLUMNS));

/// What every graph is given beside its own.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    /// Shares of the classes `[class]`.
    pub(super) class: &'a [f32],
    /// Octaves above 440 Hz; not given to models that take no pitch.
    pub(super) pitch: f32,
    /// The grains' middles, frames since the onset.
    pub(super) frames: &'a [f32],
}

/// A session of one graph.
pub(super) struct Graph {
    session: Session,
    path: PathBuf,
    has_pitch: bool,
}

impl Graph {
    /// Builds it and runs it once.
    fn build(
        package: &GrainsPackage,
        (path, bytes): &(PathBuf, Vec<u8>),
        own: &[(&'static str, Form)],
        outputs: &[(&'static str, Form)],
    ) -> Result<Self, SessionError> {
        let (classes, has_pitch) = (package.classes.len(), package.pitch.is_some());
        let given = [("class", Form::Row(classes)), ("frame", Form::List), ("pitch", Form::Number)];
        let inputs = [own, &given[..if has_pitch { 3 } else { 2 }]].concat();
        let session = graph::build(path.clone(), Provider::Cpu, bytes, &inputs, outputs)?;
        let mut graph = Self { session, path: path.clone(), has_pitch };
        graph.run_once(classes, own, outputs)?;
        Ok(graph)
    }

    /// On a few grains of the first class, and zeros as its own inputs.
    fn run_once(&mut self, classes: usize, own: &[(&str, Form)], outputs: &[(&str, Form)]) -> Result<(), SessionError> {
        let zeros = |tensors: &[(&str, Form)]| -> Vec<Vec<f32>> {
            tensors.iter().map(|(_, form)| vec![0.0; form.values(TRIED_FRAMES.len())]).collect()
        };
        let (heard, mut made) = (zeros(own), zeros(outputs));
        let own: Vec<_> = own.iter().zip(&heard).map(|(&(name, form), values)| (name, form.tensor(values))).collect();
        let mut outputs: Vec<_> =
            outputs.iter().zip(&mut made).map(|(&(name, _), values)| (name, &mut values[..])).collect();
        let class: Vec<f32> = (0..classes).map(|class| if class == 0 { 1.0 } else { 0.0 }).collect();
        self.run(&own, Given { class: &class, pitch: 0.0, frames: &TRIED_FRAMES }, &mut outputs)
    }

    /// Runs it on its own inputs and what all are given; fills `outputs`. Blocks. After an error nobody knows what is in them.
    ///
    /// # Errors
    /// When the runtime refuses, a size is another one, or a value is no number.
    pub(super) fn run(
        &mut self,
        own: &[(&str, Tensor<'_>)],
        given: Given<'_>,
        outputs: &mut [(&str, &mut [f32])],
    ) -> Result<(), SessionError> {
        let (class, frames) = (Tensor::Row(given.class), Tensor::List(given.frames));
        let all = [("class", class), ("frame", frames), ("pitch", Tensor::Number(given.pitch))];
        let inputs = [own, &all[..if self.has_pitch { 3 } else { 2 }]].concat();
        let count = given.frames.len();
        if !(1..=MAX_GRAINS).contains(&count) {
            return Err(
                self.failed(format!("{count} grains are asked for at once, and 1 to {MAX_GRAINS} are possible"))
            );
        }
        graph::run(graph::DECODER, &mut self.session, &inputs, outputs).map_err(|error| self.failed(error.reason))?;
        match outputs.iter().find(|(_, values)| values.iter().any(|value| !value.is_finite())) {
            None => Ok(()),
            Some((tensor, _)) => Err(self.failed(format!("its “{tensor}” has values that are not numbers"))),
        }
    }

    /// An error of this graph.
    pub(super) fn failed(&self, reason: String) -> SessionError {
        SessionError::Run { path: self.path.clone(), reason }
    }
}

/// Loads a part of a package under the quarantine's marker. Blocks.
fn guarded<T>(
    package: &GrainsPackage,
    part: &str,
    load: impl FnOnce() -> Result<T, SessionError>,
) -> Result<T, SessionError> {
    // Before the guard: a runtime that is missing is not the model's crash.
    runtime::environment()?;
    Quarantine::of_user().guard_part(&package.header, Provider::Cpu, Some(part), load)?
}

/// The two graphs that make hits: from an embedding to grains and a first wave, and from grains to what is heard. Loaded and
/// run once. Blocks.
///
/// # Errors
/// When a file is damaged, ONNX Runtime is missing, a graph is not what the manifest says, or crashed an earlier process.
pub(super) fn making(package: &GrainsPackage) -> Result<[Graph; 2], SessionError> {
    let files = [package.read_graph(&package.sequence)?, package.read_graph(&package.decoder)?];
    let (e, z) = (("e", Form::Row(package.embedding)), ("z", Form::Grid(package.latent)));
    let heard = [("density_db", Form::Grid(BANDS)), ("level_db", Form::Grid(SLOTS)), ("place", Form::Grid(SLOTS))];
    guarded(package, MAKING_PART, || {
        let sequence = Graph::build(package, &files[0], &[e], &[z, ("onset", Form::Row(ONSET_FRAMES))])?;
        Ok([sequence, Graph::build(package, &files[1], &[z], &heard)?])
    })
}

/// The encoder of single grains, loaded and run once. Blocks.
///
/// # Errors
/// As [`making`].
pub(super) fn grain_encoder(package: &GrainsPackage) -> Result<Graph, SessionError> {
    let file = package.read_graph(&package.grain_encoder)?;
    let z = ("z", Form::Grid(package.latent));
    guarded(package, GRAIN_ENCODER_PART, || Graph::build(package, &file, &[FEATURES], &[z]))
}

/// The encoder of whole hits, loaded and run once. Blocks.
///
/// # Errors
/// As [`making`].
pub(super) fn hit_encoder(package: &GrainsPackage) -> Result<Graph, SessionError> {
    let file = package.read_graph(&package.hit_encoder)?;
    let own = [FEATURES, ("wave", Form::Row(ONSET_FRAMES))];
    let outputs = [("e", Form::Row(package.embedding)), ("kind", Form::Row(package.classes.len()))];
    guarded(package, HIT_ENCODER_PART, || Graph::build(package, &file, &own, &outputs))
}
