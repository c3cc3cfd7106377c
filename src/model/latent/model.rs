//! A package as a running model: shared sessions, and the state of this instance's lanes.

use std::sync::Arc;

use super::LatentPackage;
use super::contest::{Verdict, decide};
use super::graphs::{self, Pair};
use super::harmonics::Harmonics;
use crate::link::{LANES, MAX_CHANNELS};
use crate::model::graph::{SessionError, State};
use crate::model::pool::{Rest, Share};
use crate::model::provider::{Provider, ProviderChoice};
use crate::model::request::ModelRequest;
use crate::model::{DecoderInput, Model, RunError, Shape};
use crate::telemetry::ModelInfo;

/// A latent space of package format 1, ready to run.
pub struct LatentModel {
    shape: Shape,
    info: ModelInfo,
    hash: String,
    /// Hashes of earlier versions whose latents it has.
    latents_of: Vec<String>,
    sessions: Share,
    /// Where a stream begins.
    rest: Arc<Rest>,
    encoder_state: [State; LANES],
    decoder_state: [State; LANES],
    /// Of the channels: a side-chain is heard and not played.
    harmonics: [Harmonics; MAX_CHANNELS],
}

impl LatentModel {
    /// A model on the CPU and the sessions that this process shares, loaded and run once where they are not yet. Blocks.
    ///
    /// # Errors
    /// When a file is damaged, ONNX Runtime is missing, the graphs are not what the manifest says, or the package
    /// crashed an earlier process.
    pub fn load(package: &LatentPackage) -> Result<Self, SessionError> {
        Self::load_on(package, &ProviderChoice::CPU)
    }

    /// As [`Self::load`], on what is asked for or, with a note in the model's description, on what there is.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub(super) fn load_on(package: &LatentPackage, choice: &ProviderChoice) -> Result<Self, SessionError> {
        Self::with(package, decide(package, choice), shared)
    }

    /// A model on sessions of its own, loaded from these very files, on the CPU. Blocks.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_apart(package: &LatentPackage) -> Result<Self, SessionError> {
        Self::load_apart_on(package, &ProviderChoice::CPU)
    }

    /// As [`Self::load_apart`], on what is asked for or what there is.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_apart_on(package: &LatentPackage, choice: &ProviderChoice) -> Result<Self, SessionError> {
        Self::with(package, decide(package, choice), apart)
    }

    fn with(
        package: &LatentPackage,
        verdict: Verdict,
        share: impl Fn(&LatentPackage, Provider) -> Result<Share, SessionError>,
    ) -> Result<Self, SessionError> {
        let (sessions, verdict) = verdict.or_cpu(|provider| share(package, provider))?;
        let shape = package.shape.clone();
        let info = ModelInfo {
            name: package.header.name.clone(),
            dims: package.shape.dims,
            description: package.header.description.clone(),
            provider: verdict.provider.name().into(),
            provider_note: verdict.note,
            reference_cloud: package.reference_cloud.clone(),
            p01: shape.p01,
            p99: shape.p99,
            has_macro: shape.macros.map(|way| way.iter().any(|value| *value != 0.0)),
            dimension_names: package.dimension_names.clone(),
            ..ModelInfo::default()
        };
        let state = |size: usize| std::array::from_fn(|_| State::new(size));
        let rest = sessions.rest(|encoder, decoder| graphs::rest(package, encoder, decoder))?;
        let mut model = Self {
            shape,
            info,
            hash: package.header.hash.clone(),
            latents_of: package.header.training.latents_of.clone(),
            sessions,
            rest,
            encoder_state: state(package.encoder.state_size),
            decoder_state: state(package.decoder.state_size),
            harmonics: std::array::from_fn(|_| Harmonics::new(package)),
        };
        model.reset();
        Ok(model)
    }

    /// Back to where a package's example begins: with nothing in the states, not even silence.
    pub(super) fn clear(&mut self) {
        self.encoder_state.iter_mut().chain(&mut self.decoder_state).for_each(State::clear);
        self.harmonics.iter_mut().for_each(Harmonics::reset);
    }
}

/// Sessions that this process shares.
fn shared(package: &LatentPackage, provider: Provider) -> Result<Share, SessionError> {
    Share::of(&package.header, provider, || Pair::load(package, provider))
}

/// Sessions of these very files.
fn apart(package: &LatentPackage, provider: Provider) -> Result<Share, SessionError> {
    Share::apart(|| Pair::load(package, provider))
}

impl Model for LatentModel {
    fn shape(&self) -> &Shape {
        &self.shape
    }

    fn info(&self) -> ModelInfo {
        self.info.clone()
    }

    fn request(&self) -> ModelRequest {
        ModelRequest { name: self.info.name.clone(), hash: self.hash.clone() }
    }

    fn is_of(&self, request: &ModelRequest) -> bool {
        request.agrees(&self.info.name, &self.hash)
            || request.name == self.info.name && self.latents_of.contains(&request.hash)
    }

    fn encode(&mut self, lane: usize, audio: &[f32], latent: &mut [f32]) -> Result<f32, RunError> {
        graphs::encode(&mut self.sessions.encoder(), &mut self.encoder_state[lane], audio, latent)
    }

    fn decode(&mut self, lane: usize, input: &DecoderInput<'_>, audio: &mut [f32]) -> Result<(), RunError> {
        if let Some(harmonics) = self.harmonics.get_mut(lane) {
            harmonics.join();
        }
        graphs::decode(&mut self.sessions.decoder(), &mut self.decoder_state[lane], &self.shape, input, audio)
    }

    fn decode_harmonics(&mut self, lane: usize, input: &DecoderInput<'_>, audio: &mut [f32]) -> Result<(), RunError> {
        let harmonics = &mut self.harmonics[lane];
        harmonics.decode(&mut self.sessions.decoder(), &mut self.decoder_state[lane], &self.shape, input, audio)
    }

    fn reset(&mut self) {
        let [encoder, decoder] = &*self.rest;
        self.encoder_state.iter_mut().for_each(|state| state.set(encoder));
        self.decoder_state.iter_mut().for_each(|state| state.set(decoder));
        self.harmonics.iter_mut().for_each(Harmonics::reset);
    }

    fn remark(&mut self, message: String) {
        self.info.message = message;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_that_fails_when_the_model_is_loaded_leaves_the_cpu_with_the_reason() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/general");
        let package = LatentPackage::open(&folder).expect("the fixture");
        // What was there in the contest, and is not any more: the library of the tests has the CPU alone.
        let verdict = || Verdict { provider: Provider::Cuda, note: "CUDA is quicker.".into() };
        for share in [shared, apart] {
            let mut model = LatentModel::with(&package, verdict(), share).expect("the CPU");
            let info = model.info();
            assert_eq!(info.provider, "CPU");
            assert!(info.provider_note.starts_with("CUDA is quicker. CUDA is not used after all: "), "{info:?}");
            let mut latent = vec![0.0; model.shape().dims];
            let silence = vec![0.0; model.shape().hop_frames];
            model.encode(0, &silence, &mut latent).expect("it plays");
        }
    }

    #[test]
    fn a_package_that_fails_on_the_cpu_too_is_an_error() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/general");
        let mut package = LatentPackage::open(&folder).expect("the fixture");
        package.encoder.state_size += 1;
        let verdict = Verdict { provider: Provider::Cuda, note: String::new() };
        let error = LatentModel::with(&package, verdict, apart).err().expect("no model");
        assert!(matches!(error, SessionError::Tensor { .. }), "{error}");
    }

    #[test]
    fn a_stream_begins_as_it_goes_on_after_silence() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/flute");
        let package = LatentPackage::open(&folder).expect("it ships");
        let mut model = LatentModel::load(&package).expect("it loads");
        let shape = model.shape().clone();
        let (mut latent, mut audio) = (vec![0.0; shape.dims], vec![0.0; shape.hop_frames]);
        let (silence, noise) = (vec![0.0; shape.hop_frames], vec![0.0; shape.noise_columns]);
        let (mut phase, tone) = (0.0f32, |phase: &mut f32| {
            *phase = (*phase + 440.0 / 44_100.0).fract();
            0.2 * (2.0 * *phase - 1.0)
        });
        // The level of a note's first two hops.
        let mut attack = |model: &mut LatentModel, rests: usize| {
            phase = 0.0;
            let mut power = 0.0;
            for hop in 0..rests + 2 {
                let sounds = hop >= rests;
                let sound: Vec<f32> = silence.iter().map(|_| if sounds { tone(&mut phase) } else { 0.0 }).collect();
                let loudness_db = model.encode(0, &sound, &mut latent).expect("it runs");
                let (f0_hz, voicing) = if sounds { (440.0, 1.0) } else { (110.0, 0.0) };
                let input = DecoderInput { latent: &latent, loudness_db, f0_hz, voicing, noise: &noise, sound: &[] };
                model.decode(0, &input, &mut audio).expect("it runs");
                if sounds {
                    power += audio.iter().map(|sample| sample * sample).sum::<f32>();
                }
            }
            10.0 * power.log10()
        };
        let level_db = attack(&mut model, 0);
        model.reset();
        let again_db = attack(&mut model, 0);
        model.reset();
        let later_db = attack(&mut model, 60);
        assert!((level_db - later_db).abs() < 1.0, "{level_db} dB at first, {later_db} dB after a rest");
        assert_eq!(level_db, again_db, "after a reset");
        model.clear();
        let cold_db = attack(&mut model, 0);
        assert!(
            (cold_db - later_db).abs() > 6.0,
            "{cold_db} dB with nothing in the states: the fault that this is for"
        );
    }

    #[test]
    fn the_harmonics_alone_are_the_sound_without_its_noise_wherever_they_part() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/cello");
        let package = LatentPackage::open(&folder).expect("it ships");
        let mut model = LatentModel::load(&package).expect("it loads");
        let mut clean = LatentModel::load(&package).expect("it loads");
        let shape = model.shape().clone();
        let (latent, mut silence) = (vec![0.3; shape.dims], vec![0.0; shape.noise_columns]);
        let flicker = shape.noise_columns - package.flicker_columns..;
        assert!(package.flicker_columns > 0, "its harmonics flicker, with the noise and without");
        let mut source = crate::dsp::noise::Noise::new(1);
        let mut noise = silence.clone();
        let [mut whole, mut harmonics, mut wanted] = std::array::from_fn(|_| vec![0.0; shape.hop_frames]);
        let distance = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        for hop in 0..24 {
            source.fill(&mut noise);
            silence[flicker.clone()].copy_from_slice(&noise[flicker.clone()]);
            let input = |noise| DecoderInput {
                latent: &latent,
                loudness_db: -20.0,
                f0_hz: 220.0,
                voicing: 0.0,
                noise,
                sound: &[],
            };
            // They part at hop 4 and, after a rest, at hop 16.
            let (parts, is_first) = (hop / 4 % 3 == 1, hop == 4 || hop == 16);
            if parts {
                model.decode_harmonics(0, &input(&noise), &mut harmonics).expect("it runs");
            }
            model.decode(0, &input(&noise), &mut whole).expect("it runs");
            clean.decode(0, &input(&silence), &mut wanted).expect("it runs");
            if parts && !is_first {
                assert!(distance(&harmonics, &wanted) < 1e-6, "hop {hop}");
                assert!(distance(&harmonics, &whole) > 1e-4, "hop {hop}: there is a noise");
            }
        }
    }
}
