//! One channel through the model, hop by hop: feedback, encoder, pitch, latent operators, decoder.

use crate::controls::{Controls, Loudness, MAX_DIMS};
use crate::dsp::band_pass::BandPass;
use crate::dsp::noise::Noise;
use crate::dsp::pitch::{MAX_HZ, Pitch, PitchTracker};
use crate::model::{DecoderInput, Model, RunError, Shape};

/// The first noise seed; lane `n` adds `n`, so that two channels do not share their noise.
const NOISE_SEED: u64 = 0x7112_b4e1;

/// How far pitch is carried on beyond the last measurement, at the most, octaves: 40 cents.
const MAX_EXTRAPOLATION: f32 = 40.0 / 1200.0;

/// One hop as the latent space sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hop {
    /// Standard deviations; dimensions the model lacks are 0.
    pub latent: [f32; MAX_DIMS],
    /// dB(A) re full scale.
    pub loudness_db: f32,
    /// Hz; 0 for models without pitch.
    pub f0_hz: f32,
    /// 0 to 1.
    pub voicing: f32,
}

/// One channel's streaming state outside the graphs. Allocates in `new` only.
pub struct Lane {
    index: usize,
    rate_hz: f32,
    tracker: Option<PitchTracker>,
    noise: Noise,
    noise_columns: Vec<f32>,
    band_pass: BandPass,
    previous: Option<Pitch>,
    heard: Vec<f32>,
    made: Vec<f32>,
}

impl Lane {
    /// The lane of channel `index` for a model of this shape.
    pub fn new(index: usize, shape: &Shape) -> Self {
        let rate_hz = shape.sample_rate_hz as f32;
        Self {
            index,
            rate_hz,
            // Over its whole range, not the model's: a limit near a model's own highest note only made flutes fall an
            // octave (97.3 % of hops within 50 cents without, 76.0 % with it; speech 85.5 and 85.6 %).
            tracker: shape.pitch.map(|_| PitchTracker::new(f64::from(rate_hz), MAX_HZ)),
            noise: Noise::new(NOISE_SEED + index as u64),
            noise_columns: vec![0.0; shape.noise_columns],
            band_pass: BandPass::default(),
            previous: None,
            heard: vec![0.0; shape.hop_frames],
            made: vec![0.0; shape.hop_frames],
        }
    }

    /// Runs one hop `[hop_frames]`; [`Self::made`] is then its sound. Returns what the decoder got. May block.
    ///
    /// # Errors
    /// When a graph fails or gives something that is no number: the hop's sound is then silence.
    pub fn run(&mut self, model: &mut dyn Model, audio: &[f32], controls: &Controls) -> Result<Hop, RunError> {
        let mut hop = self.analyse(model, audio, controls)?;
        steer(&mut hop, model.shape().dims, controls);
        self.synthesise(model, &hop)?;
        Ok(hop)
    }

    /// The first half of [`Self::run`]: one hop of sound (with what feedback adds to it) to its latent, loudness and
    /// pitch, before the controls. May block.
    ///
    /// # Errors
    /// When the encoder fails or gives something that is no number.
    pub fn analyse(&mut self, model: &mut dyn Model, audio: &[f32], controls: &Controls) -> Result<Hop, RunError> {
        self.listen(audio, controls);
        let dims = model.shape().dims;
        let mut hop = Hop::default();
        let encoded = model.encode(self.index, &self.heard, &mut hop.latent[..dims]).and_then(|loudness_db| {
            check("encoder.onnx", hop.latent.iter().chain(std::iter::once(&loudness_db)))?;
            Ok(loudness_db)
        });
        hop.loudness_db = encoded.inspect_err(|_| self.silence())?;
        (hop.f0_hz, hop.voicing) = self.pitch(hop.loudness_db);
        Ok(hop)
    }

    /// The second half of [`Self::run`]: a hop to its sound. May block.
    ///
    /// # Errors
    /// When the decoder fails or gives something that is no number: the hop's sound is then silence.
    pub fn synthesise(&mut self, model: &mut dyn Model, hop: &Hop) -> Result<(), RunError> {
        self.noise.fill(&mut self.noise_columns);
        let input = DecoderInput {
            latent: &hop.latent[..model.shape().dims],
            loudness_db: hop.loudness_db,
            f0_hz: hop.f0_hz,
            voicing: hop.voicing,
            noise: &self.noise_columns,
        };
        model
            .decode(self.index, &input, &mut self.made)
            .and_then(|()| check("decoder.onnx", self.made.iter()))
            .inspect_err(|_| self.silence())
    }

    /// The sound of the last hop, `[hop_frames]`.
    pub fn made(&self) -> &[f32] {
        &self.made
    }

    /// Counts a hop that is not played because nobody would hear it; silence follows.
    pub fn skip(&mut self) {
        self.made.fill(0.0);
        self.noise.fill(&mut self.noise_columns);
    }

    /// After a failure nothing of it stays in the feedback loop.
    fn silence(&mut self) {
        self.made.fill(0.0);
        self.band_pass.reset();
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        if let Some(tracker) = &mut self.tracker {
            tracker.reset();
        }
        self.noise.reset();
        self.band_pass.reset();
        self.previous = None;
        self.made.fill(0.0);
    }

    /// What the model hears: the input plus its own last hop through the band-pass.
    fn listen(&mut self, audio: &[f32], controls: &Controls) {
        self.heard.copy_from_slice(audio);
        if controls.feedback_gain <= 0.0 {
            self.band_pass.reset();
            return;
        }
        self.band_pass.tune(controls.feedback_hz, controls.feedback_q, self.rate_hz);
        for (heard, &made) in self.heard.iter_mut().zip(&self.made) {
            // tanh keeps the loop bounded whatever the gain: its input grows, its output stays below 1
            *heard += (self.band_pass.next(made) * controls.feedback_gain).tanh();
        }
    }

    /// The pitch for the decoder: measured at the window's centre, carried on by half a hop because the decoder
    /// holds it for one (glides would lag by half a hop: on speech 25.6 cents of error without this, 17.0 with it).
    fn pitch(&mut self, loudness_db: f32) -> (f32, f32) {
        let Some(tracker) = &mut self.tracker else { return (0.0, 0.0) };
        let now = tracker.next(&self.heard, loudness_db);
        let step = match self.previous {
            Some(before) if before.voicing > 0.0 && now.voicing > 0.0 => {
                (0.5 * (now.f0_hz / before.f0_hz).log2()).clamp(-MAX_EXTRAPOLATION, MAX_EXTRAPOLATION)
            }
            _ => 0.0,
        };
        self.previous = Some(now);
        (now.f0_hz * step.exp2(), now.voicing)
    }
}

/// Applies the controls to what was analysed.
fn steer(hop: &mut Hop, dims: usize, controls: &Controls) {
    for ((value, scale), bias) in hop.latent.iter_mut().zip(controls.scale).zip(controls.bias).take(dims) {
        *value = *value * scale + bias;
    }
    hop.loudness_db = match controls.loudness {
        Loudness::Follow => hop.loudness_db + controls.loudness_offset_db,
        Loudness::Manual => controls.loudness_level_db,
    };
    hop.f0_hz *= (controls.transpose_semitones / 12.0).exp2();
}

/// The one place where a model's output is checked for NaN and infinity.
fn check<'a>(graph: &'static str, values: impl Iterator<Item = &'a f32>) -> Result<(), RunError> {
    let bad = values.filter(|v| !v.is_finite()).count();
    if bad == 0 { Ok(()) } else { Err(RunError { graph, reason: format!("{bad} of its values are not numbers") }) }
}
