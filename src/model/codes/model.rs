//! A codebook as a running model: what is heard is quantised, and the code played at the input's pitch and loudness.
//!
//! The latent is the encoder's vector on the codebook's principal components ([`CodeSpace`]), so that the musician's bias and
//! scale move through the space of the codes; what they make of it is taken for the nearest code.

use std::sync::Arc;

use super::{CodesPackage, session, shared_books};
use crate::codes::book::{Codebook, MAX_WIDTH};
use crate::codes::space::CodeSpace;
use crate::codes::voice::{Play, Voice, noise_columns};
use crate::dsp::attack::AttackDetector;
use crate::dsp::loudness::LoudnessMeter;
use crate::link::LANES;
use crate::model::doctor::Diagnosis;
use crate::model::graph::State;
use crate::model::pool::{Graphs, Share};
use crate::model::provider::{Provider, ProviderChoice};
use crate::model::request::ModelRequest;
use crate::model::{DecoderInput, Model, RunError, Shape, Stage};
use crate::telemetry::ModelInfo;

/// A code is kept while it is less than this farther away than the nearest, in mean distances of a code from its neighbour.
///
/// On a held note (220 Hz, vibrato, noise 40 dB below) at the default stability another code came in 42 % of the hops with
/// *horn-codes*, 26 with *cello-codes*, 10 with *voice-codes*, and the sound gargled; with this in 5, 9 and 0 %. Vectors are
/// a tenth farther from their codes on average. With 0.3 it is 18, 22 and 0 %; with 0.8 a phrase begins to lag.
const CALM: f32 = 0.5;

/// At this level and below nothing is played, dB(A): the meter's floor, else the last note would hum on at it.
const SILENT_DB: f32 = -79.9;

/// A codebook of package format 1, ready to run.
pub struct CodesModel {
    shape: Shape,
    info: ModelInfo,
    hash: String,
    book: Arc<Codebook>,
    space: CodeSpace,
    /// The lanes' voices once more, without their noise: all but the rest of their sound is the same.
    harmonics: Voice,
    no_noise: Vec<f32>,
    sessions: Share,
    lanes: [LaneState; LANES],
}

/// What a lane remembers.
struct LaneState {
    meter: LoudnessMeter,
    encoder: State,
    voice: Voice,
    /// What is left of its harmonics alone, and for how many hops, 2 at most, that is known.
    harmonics_rest: Vec<f32>,
    harmonics_age: u8,
    code: Option<usize>,
    attack: AttackDetector,
    /// Of the last hop. It takes the nearest code whatever was played: so what a soft beginning took up is not kept through
    /// the note, and an input turned down keeps its codes.
    is_attack: bool,
}

impl LaneState {
    fn reset(&mut self) {
        self.meter.reset();
        self.encoder.clear();
        self.voice.reset();
        (self.code, self.is_attack, self.harmonics_age) = (None, false, 0);
        self.attack = AttackDetector::default();
    }
}

impl CodesModel {
    /// A model on the codes and sessions that this process shares, loaded and tried where they are not yet. Blocks.
    ///
    /// # Errors
    /// When a file is damaged, ONNX Runtime is missing, the graphs are not what the manifest says, the descriptors are not
    /// the sound's, or the package crashed an earlier process.
    pub fn load(package: &CodesPackage) -> Result<Self, Diagnosis> {
        Self::load_on(package, &ProviderChoice::CPU)
    }

    /// As [`Self::load`]; says so where something else than the CPU is asked for.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub(super) fn load_on(package: &CodesPackage, choice: &ProviderChoice) -> Result<Self, Diagnosis> {
        let book = shared_books::any_book_of(package)?;
        let header = &package.header;
        let sessions =
            Share::of(header, Provider::Cpu, || Ok(Graphs { encoder: session::encoder(package)?, decoder: None }))?;
        let space = CodeSpace::new(&book);
        let [p01, p99] = space.range();
        let shape = Shape {
            sample_rate_hz: header.sample_rate_hz,
            hop_frames: header.hop_frames,
            delay_frames: header.delay_frames,
            pitch_lag_frames: header.hop_frames / 2,
            dims: space.dims(),
            pitch: Some(package.pitch),
            noise_columns: noise_columns(header.hop_frames),
            stage: Stage::Pitched,
            p01,
            p99,
            loudness_p50_db: header.loudness_db.p50,
            macros: Default::default(),
        };
        let info = ModelInfo {
            name: header.name.clone(),
            dims: space.dims(),
            description: header.description.clone(),
            provider: Provider::Cpu.name().into(),
            provider_note: provider_note(choice),
            reference_cloud: space.codes().to_vec(),
            p01,
            p99,
            ..ModelInfo::default()
        };
        let lanes = std::array::from_fn(|_| LaneState {
            meter: LoudnessMeter::new(f64::from(header.sample_rate_hz)),
            encoder: State::new(package.encoder.state_size),
            // The noise is the stream's, which counts it also where nothing is played.
            voice: Voice::new(Arc::clone(&book), 0),
            harmonics_rest: vec![0.0; header.hop_frames],
            harmonics_age: 0,
            code: None,
            attack: AttackDetector::default(),
            is_attack: false,
        });
        let no_noise = vec![0.0; shape.noise_columns];
        let harmonics = Voice::new(Arc::clone(&book), 0);
        let hash = header.hash.clone();
        Ok(Self { shape, info, hash, book, space, sessions, lanes, harmonics, no_noise })
    }

    /// The code that a lane played last; `None` before the first.
    pub fn code(&self, lane: usize) -> Option<usize> {
        self.lanes[lane].code
    }
}

impl CodesModel {
    /// What a lane is to play next.
    fn next_play(&self, lane: usize, input: &DecoderInput<'_>) -> Play {
        let mut vector = [0.0; MAX_WIDTH];
        let vector = &mut vector[..self.book.width];
        self.space.vector(input.latent, vector);
        let lane = &self.lanes[lane];
        let last = lane.code.filter(|_| !lane.is_attack);
        let code = self.book.quantise_calmly(vector, last, CALM * self.space.spacing());
        let level_db = if input.loudness_db > SILENT_DB { input.loudness_db } else { f32::NEG_INFINITY };
        Play { code, f0_hz: input.f0_hz, level_db }
    }
}

/// Why nothing else than the CPU runs it; empty when nothing else was asked for.
fn provider_note(choice: &ProviderChoice) -> String {
    match choice {
        ProviderChoice::Auto | ProviderChoice::Only(Provider::Cpu) => String::new(),
        other => format!(
            "{} is asked for, but codes run on the CPU, where they are quickest: their one graph is small, and the rest is \
             arithmetic.",
            other.name()
        ),
    }
}

impl Model for CodesModel {
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
    }

    /// Measures the loudness only: the encoder waits for [`Model::hear_voicing`].
    fn encode(&mut self, lane: usize, audio: &[f32], latent: &mut [f32]) -> Result<f32, RunError> {
        latent.fill(0.0);
        let lane = &mut self.lanes[lane];
        let loudness_db = lane.meter.next(audio) as f32;
        lane.is_attack = lane.attack.next(loudness_db);
        Ok(loudness_db)
    }

    fn hear_voicing(&mut self, lane: usize, audio: &[f32], voicing: f32, latent: &mut [f32]) -> Result<(), RunError> {
        let mut vector = [0.0; MAX_WIDTH];
        let vector = &mut vector[..self.book.width];
        session::encode(&mut self.sessions.encoder(), &mut self.lanes[lane].encoder, audio, voicing, vector)?;
        self.space.point(vector, latent);
        Ok(())
    }

    fn decode(&mut self, lane: usize, input: &DecoderInput<'_>, audio: &mut [f32]) -> Result<(), RunError> {
        let play = self.next_play(lane, input);
        let lane = &mut self.lanes[lane];
        lane.code = Some(play.code);
        lane.harmonics_age = lane.harmonics_age.saturating_sub(1);
        lane.voice.next_with_noise(play, input.noise, audio);
        Ok(())
    }

    fn decode_harmonics(&mut self, lane: usize, input: &DecoderInput<'_>, audio: &mut [f32]) -> Result<(), RunError> {
        let play = self.next_play(lane, input);
        let lane = &mut self.lanes[lane];
        let rest = if lane.harmonics_age == 0 { lane.voice.rest() } else { &lane.harmonics_rest };
        self.harmonics.continue_from(&lane.voice, rest);
        lane.harmonics_age = 2;
        self.harmonics.next_with_noise(play, &self.no_noise, audio);
        lane.harmonics_rest.copy_from_slice(self.harmonics.rest());
        Ok(())
    }

    fn reset(&mut self) {
        self.lanes.iter_mut().for_each(LaneState::reset);
    }

    fn remark(&mut self, message: String) {
        self.info.message = message;
    }
}
