//! A codebook made ready: its decoder run once over all codes and pitches, its encoder as a session.
//!
//! Playing needs no session: what the decoder says of every code at the pitches of the grid is a table. Only listening does.

use std::sync::Arc;

use ort::session::Session;

use super::CodesPackage;
use crate::codes::book::Codebook;
use crate::model::RunError;
use crate::model::graph::{self, Form, SessionError, State, Tensor};
use crate::model::manifest::Check;
use crate::model::provider::Provider;
use crate::model::quarantine::Quarantine;
use crate::model::runtime;

/// The parts of a codebook that are loaded by themselves, as the quarantine's markers name them.
pub(in crate::model) const DECODER_PART: &str = "decoder";
const ENCODER_PART: &str = "encoder";

/// Reads a package's tables and asks its decoder for every code at every pitch of the grid. Blocks for about half a second.
///
/// # Errors
/// When a file is damaged, ONNX Runtime is missing, the graph is not what the manifest says, gives values that are not
/// numbers, or crashed an earlier process.
pub fn load_book(package: &CodesPackage) -> Result<Arc<Codebook>, SessionError> {
    let tables = package.read_tables()?;
    let (path, graph) = package.read_decoder()?;
    runtime::environment()?;
    let band_count = package.harmonic_bands + package.noise_bands;
    let decode = || -> Result<Vec<f32>, SessionError> {
        let mut session = graph::build(
            path.clone(),
            Provider::Cpu,
            &graph,
            &[("vector", Form::Row(package.width)), ("f0", Form::Number)],
            &[("bands", Form::Row(band_count))],
        )?;
        let mut bands = vec![0.0; package.codes * package.pitch_grid_hz.len() * band_count];
        let codes = tables.vectors.chunks_exact(package.width);
        let places = codes.flat_map(|vector| package.pitch_grid_hz.iter().map(move |&f0_hz| (vector, f0_hz)));
        for ((vector, f0_hz), bands) in places.zip(bands.chunks_exact_mut(band_count)) {
            let inputs = [("vector", Tensor::Row(vector)), ("f0", Tensor::Number(f0_hz))];
            graph::run(graph::DECODER, &mut session, &inputs, &mut [("bands", bands)])
                .map_err(|error| SessionError::Graph { path: path.clone(), reason: error.reason })?;
        }
        Ok(bands)
    };
    let bands = Quarantine::of_user().guard_part(&package.header, Provider::Cpu, Some(DECODER_PART), decode)??;
    // Natural logarithms of gains: 12 is a hundred decibels.
    let are_levels = bands.iter().all(|band| (-100.0..=12.0).contains(band));
    let check = Check { path: &path };
    check.that("bands", are_levels, "levels from -100 to 12", "others, or values that are not numbers")?;
    Ok(Arc::new(Codebook {
        rate_hz: package.header.sample_rate_hz,
        hop_frames: package.header.hop_frames,
        harmonic_bands: package.harmonic_bands,
        noise_bands: package.noise_bands,
        width: package.width,
        vectors: tables.vectors,
        used: tables.used,
        own_hz: tables.own_hz,
        plane: tables.plane,
        own: tables.own,
        grid_hz: package.pitch_grid_hz.clone(),
        at_grid: tables.at_grid,
        successors: tables.successors,
        bands,
        scatter: tables.scatter,
    }))
}

/// A package's encoder, loaded and run once. Blocks.
///
/// # Errors
/// As [`load_book`].
pub(super) fn encoder(package: &CodesPackage) -> Result<Session, SessionError> {
    let ((path, graph), state_size) = (package.read_encoder()?, package.encoder.state_size);
    runtime::environment()?;
    let load = || -> Result<Session, SessionError> {
        let state_form = Form::Row(state_size);
        let mut session = graph::build(
            path.clone(),
            Provider::Cpu,
            &graph,
            &[("audio", Form::Row(package.header.hop_frames)), ("voicing", Form::Number), ("state", state_form)],
            &[("vector", Form::Row(package.width)), ("loudness", Form::Number), ("state_out", state_form)],
        )?;
        let mut vector = vec![0.0; package.width];
        encode(&mut session, &mut State::new(state_size), &vec![0.0; package.header.hop_frames], 0.0, &mut vector)
            .map_err(|error| SessionError::Graph { path: path.clone(), reason: error.reason })?;
        Ok(session)
    };
    Quarantine::of_user().guard_part(&package.header, Provider::Cpu, Some(ENCODER_PART), load)?
}

/// One hop of sound `[hop_frames]` and its voicing (0 to 1) to a vector `[width]`; returns the loudness, dB(A). Blocks.
///
/// # Errors
/// When the runtime refuses; the state is then unchanged.
pub(super) fn encode(
    session: &mut Session,
    state: &mut State,
    audio: &[f32],
    voicing: f32,
    vector: &mut [f32],
) -> Result<f32, RunError> {
    let (now, next) = state.split();
    let mut loudness_db = [0.0];
    let outputs = &mut [("loudness", &mut loudness_db[..]), ("vector", vector), ("state_out", next)];
    let inputs = [("audio", Tensor::Row(audio)), ("state", Tensor::Row(now)), ("voicing", Tensor::Number(voicing))];
    graph::run(graph::ENCODER, session, &inputs, outputs)?;
    state.step();
    Ok(loudness_db[0])
}

/// A package's encoder with its stream's state: sound to vectors, of which [`Codebook::quantise`] makes codes. For a worker.
pub struct CodeEncoder {
    session: Session,
    state: State,
}

impl CodeEncoder {
    /// The encoder, loaded and run once. Blocks.
    ///
    /// # Errors
    /// As [`load_book`].
    pub fn load(package: &CodesPackage) -> Result<Self, SessionError> {
        Ok(Self { session: encoder(package)?, state: State::new(package.encoder.state_size) })
    }

    /// One hop of sound `[hop_frames]` and its voicing (0 to 1) to a vector `[width]`; returns the loudness, dB(A). Blocks.
    ///
    /// # Errors
    /// When the runtime refuses; the state is then unchanged.
    pub fn next(&mut self, audio: &[f32], voicing: f32, vector: &mut [f32]) -> Result<f32, RunError> {
        encode(&mut self.session, &mut self.state, audio, voicing, vector)
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        self.state.clear();
    }
}
