//! The graphs of a latent space: a pair of sessions, run once, and their calls.

use ort::session::Session;

use super::LatentPackage;
use crate::controls::MAX_DIMS;
use crate::model::graph::{self, DECODER, ENCODER, Form, SessionError, State, Tensor};
use crate::model::pool::{Graphs, Rest};
use crate::model::provider::Provider;
use crate::model::quarantine::Quarantine;
use crate::model::{DecoderInput, RunError, Shape, Stage, runtime};

/// Hops of silence after which a graph has forgotten how it began: more than training leaves unheard.
const REST_HOPS: usize = 24;

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
    pub(super) fn load(package: &LatentPackage, provider: Provider) -> Result<Self, SessionError> {
        // Before the guard: neither files nor a missing runtime are the model's crash.
        let graphs = [package.read_graph(&package.encoder)?, package.read_graph(&package.decoder)?];
        runtime::environment()?;
        Quarantine::of_user().guard(&package.header, provider, || Self::build(package, provider, &graphs))?
    }

    fn build(
        package: &LatentPackage,
        provider: Provider,
        [encoder, decoder]: &[Vec<u8>; 2],
    ) -> Result<Self, SessionError> {
        let shape = &package.shape;
        let hop = Form::Row(shape.hop_frames);
        let [encoder_state, decoder_state] =
            [&package.encoder, &package.decoder].map(|entry| Form::Row(entry.state_size));
        let encoder = graph::build(
            package.header.folder.join(&package.encoder.file),
            provider,
            encoder,
            &[("audio", hop), ("state", encoder_state)],
            &[("latent", Form::Row(shape.dims)), ("loudness", Form::Number), ("state_out", encoder_state)],
        )?;
        let (latent, noise) = (("latent", Form::Row(shape.dims)), ("noise", Form::Row(shape.noise_columns)));
        let mut inputs = vec![latent, ("loudness", Form::Number), noise, ("state", decoder_state)];
        if shape.pitch.is_some() {
            inputs.extend([("f0", Form::Number), ("voicing", Form::Number)]);
        }
        if shape.stage == Stage::General {
            inputs.push(("sound", hop));
        }
        let outputs = [("audio", hop), ("state_out", decoder_state)];
        let decoder =
            graph::build(package.header.folder.join(&package.decoder.file), provider, decoder, &inputs, &outputs)?;
        let mut pair = Self { encoder, decoder };
        pair.prewarm(package)?;
        Ok(pair)
    }

    fn prewarm(&mut self, package: &LatentPackage) -> Result<(), SessionError> {
        self.player(package).hop().map_err(|error| does_not_run(package, error))
    }

    /// Plays hops of silence, with states of its own.
    pub(super) fn player<'a>(&'a mut self, package: &'a LatentPackage) -> DryRun<'a> {
        DryRun::new(package, &mut self.encoder, &mut self.decoder)
    }
}

/// The states of a package's graphs after silence. A stream that begins with zeros in them does not begin with silence: the first note
/// of a scream came 13 dB too loud, a cello's 2 dB too soft. Blocks.
///
/// # Errors
/// When a graph does not run.
pub(super) fn rest(
    package: &LatentPackage,
    encoder: &mut Session,
    decoder: &mut Session,
) -> Result<Rest, SessionError> {
    let mut run = DryRun::new(package, encoder, decoder);
    for _ in 0..REST_HOPS {
        run.hop().map_err(|error| does_not_run(package, error))?;
    }
    Ok(run.states.map(|mut state| state.split().0.to_vec()))
}

fn does_not_run(package: &LatentPackage, error: RunError) -> SessionError {
    let entry = if error.graph == ENCODER { &package.encoder } else { &package.decoder };
    SessionError::Graph { path: package.header.folder.join(&entry.file), reason: error.reason }
}

/// A pair at work on nothing, to warm it up or to measure it.
pub(super) struct DryRun<'a> {
    encoder: &'a mut Session,
    decoder: &'a mut Session,
    shape: &'a Shape,
    states: [State; 2],
    silence: Vec<f32>,
    noise: Vec<f32>,
    audio: Vec<f32>,
}

impl<'a> DryRun<'a> {
    fn new(package: &'a LatentPackage, encoder: &'a mut Session, decoder: &'a mut Session) -> Self {
        let shape = &package.shape;
        Self {
            encoder,
            decoder,
            shape,
            states: [State::new(package.encoder.state_size), State::new(package.decoder.state_size)],
            silence: vec![0.0; shape.hop_frames],
            noise: vec![0.0; shape.noise_columns],
            audio: vec![0.0; shape.hop_frames],
        }
    }

    /// One hop through both graphs. Blocks.
    pub(super) fn hop(&mut self) -> Result<(), RunError> {
        let mut latent = [0.0; MAX_DIMS];
        let latent = &mut latent[..self.shape.dims];
        let [encoder_state, decoder_state] = &mut self.states;
        let loudness_db = encode(self.encoder, encoder_state, &self.silence, latent)?;
        let (noise, sound) = (&self.noise, &self.silence);
        // Whole cycles in each hop: harmonics go on in the phase that they began with, and a project sounds as it did.
        let f0_hz = self.shape.sample_rate_hz as f32 / self.shape.hop_frames as f32;
        let input = DecoderInput { latent, loudness_db, f0_hz, voicing: 0.0, noise, sound };
        decode(self.decoder, decoder_state, self.shape, &input, &mut self.audio)
    }
}

impl From<Pair> for Graphs {
    fn from(pair: Pair) -> Self {
        Self { encoder: pair.encoder, decoder: Some(pair.decoder) }
    }
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
    let outputs = &mut [("loudness", &mut loudness_db[..]), ("latent", latent), ("state_out", next)];
    graph::run(ENCODER, session, &[("audio", Tensor::Row(audio)), ("state", Tensor::Row(now))], outputs)?;
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
    // The first one and the last two only where they are asked for.
    let inputs = [
        ("sound", Tensor::Row(input.sound)),
        ("latent", Tensor::Row(input.latent)),
        ("noise", Tensor::Row(input.noise)),
        ("state", Tensor::Row(now)),
        ("loudness", Tensor::Number(input.loudness_db)),
        ("f0", Tensor::Number(input.f0_hz)),
        ("voicing", Tensor::Number(input.voicing)),
    ];
    let first = if shape.stage == Stage::General { 0 } else { 1 };
    let end = if shape.pitch.is_some() { 7 } else { 5 };
    graph::run(DECODER, session, &inputs[first..end], &mut [("audio", audio), ("state_out", next)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::accelerator;

    #[test]
    fn every_operator_is_accounted_for_by_who_runs_it() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/general");
        let package = LatentPackage::open(&folder).expect("the fixture");
        let bytes = package.read_graph(&package.encoder).expect("its encoder");
        let environment = runtime::environment().expect("ONNX Runtime: set TIMBRELOOM_ORT");
        let builder = Session::builder(&environment).expect("a builder");
        let (key, value) = accelerator::RECORD;
        let session =
            builder.with_config_entry(key, value).expect("known").commit_from_memory(&bytes).expect("a session");
        assert!(accelerator::operators(&session, Provider::Cpu).expect("an account") > 0);
        assert_eq!(accelerator::operators(&session, Provider::Cuda).expect("an account"), 0);
    }
}
