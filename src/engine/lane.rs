//! One channel through the model, hop by hop: feedback, encoder, pitch, latent operators, decoder.

use super::consonants::Consonants;
use super::feedback::{Feedback, MAX_DELAY_S};
use super::hop::Hop;
use super::path_player::follow;
use super::stability::{OctaveHold, Stability};
use super::steer::Steer;
use super::unvoiced::Unvoiced;
use crate::controls::{Controls, Loudness};
use crate::dsp::noise::Noise;
use crate::dsp::pitch::{MAX_HZ, Pitch, PitchTracker};
use crate::dsp::sample_guard;
use crate::latent::LatentHop;
use crate::latent::choice::Weave;
use crate::model::{DecoderInput, Model, RunError, Shape, Stage};

/// The first noise seed; lane `n` adds `n`, so that two channels do not share their noise.
const NOISE_SEED: u64 = 0x7112_b4e1;

/// How far pitch is carried on beyond the last measurement, at the most, octaves: 40 cents.
const MAX_EXTRAPOLATION: f32 = 40.0 / 1200.0;

/// A loop below it rumbles without pitch, Hz.
const MIN_LOOP_HZ: f32 = 40.0;

/// One channel's streaming state outside the graphs. Allocates in `new` only.
pub struct Lane {
    index: usize,
    tracker: Option<PitchTracker>,
    noise: Noise,
    noise_columns: Vec<f32>,
    feedback: Feedback,
    previous: Option<Pitch>,
    stability: Stability,
    steer: Steer,
    octave_hold: OctaveHold,
    unvoiced: Unvoiced,
    consonants: Consonants,
    dims: usize,
    hop_frames: f32,
    delay_frames: f32,
    pitch_lag_frames: f32,
    /// See [`Self::analysed`].
    analysed: LatentHop,
    heard: Vec<f32>,
    made: Vec<f32>,
    /// The harmonics of a hop in which they are lowered.
    harmonics: Vec<f32>,
}

impl Lane {
    /// The lane of channel `index` for a model of this shape.
    pub fn new(index: usize, shape: &Shape) -> Self {
        Self::with_loop(index, shape, MAX_DELAY_S)
    }

    /// One whose loop is at most so long; one that is analysed and not played needs none.
    pub(super) fn with_loop(index: usize, shape: &Shape, longest_delay_s: f32) -> Self {
        let rate_hz = shape.sample_rate_hz as f32;
        Self {
            index,
            // Over its whole range, not the model's: a limit near a model's own highest note only made flutes fall an
            // octave (97.3 % of hops within 50 cents without, 76.0 % with it; speech 85.5 and 85.6 %).
            tracker: shape.pitch.map(|_| PitchTracker::wide(f64::from(rate_hz), shape.hop_frames, shape.delay_frames)),
            noise: Noise::new(NOISE_SEED + index as u64),
            noise_columns: vec![0.0; shape.noise_columns],
            feedback: Feedback::new(
                rate_hz,
                shape.hop_frames,
                longest_delay_s,
                loop_sections(shape.stage),
                shape.stage == Stage::General,
            ),
            previous: None,
            stability: Stability::new(shape),
            steer: Steer::new(shape),
            octave_hold: OctaveHold::default(),
            unvoiced: Unvoiced::new(shape),
            consonants: Consonants::new(shape),
            dims: shape.dims,
            hop_frames: shape.hop_frames as f32,
            delay_frames: shape.delay_frames as f32,
            pitch_lag_frames: shape.pitch_lag_frames as f32,
            analysed: LatentHop::default(),
            heard: vec![0.0; shape.hop_frames],
            made: vec![0.0; shape.hop_frames],
            harmonics: vec![0.0; shape.hop_frames],
        }
    }

    /// Runs one hop `[hop_frames]`; [`Self::made`] is then its sound. Returns what the decoder got. May block.
    ///
    /// # Errors
    /// When a graph fails or gives something that is no number or absurd: the hop's sound is then silence.
    pub fn run(&mut self, model: &mut dyn Model, audio: &[f32], controls: &Controls) -> Result<Hop, RunError> {
        let hop = self.analyse(model, audio, controls)?;
        self.play(model, hop, controls, None)
    }

    /// What [`Self::run`] does after [`Self::analyse`]: steadies and steers the hop, and plays it; between the two it follows
    /// latent paths. May block.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn play(
        &mut self,
        model: &mut dyn Model,
        hop: Hop,
        controls: &Controls,
        paths: Option<&Weave>,
    ) -> Result<Hop, RunError> {
        let hop = self.steer_along(hop, controls, paths);
        self.synthesise(model, &hop)?;
        self.finish(&hop, controls);
        Ok(hop)
    }

    /// What an analysed hop becomes before it is played.
    pub fn steady_and_steer(&mut self, hop: Hop, controls: &Controls) -> Hop {
        self.steer_along(hop, controls, None)
    }

    /// Steadies an analysed hop and judges its noise: what a latent path of what is heard holds. [`Self::analysed`] has it then.
    pub(super) fn steady(&mut self, mut hop: Hop, controls: &Controls) -> Hop {
        self.stability.steady(&mut hop, controls.stability);
        if self.tracker.is_some() {
            hop.hushed = self.unvoiced.judge(hop.voicing, hop.kept);
        }
        self.analysed = hop.to_path();
        hop
    }

    /// The last hop as it was heard, before paths and operators.
    pub(super) fn analysed(&self) -> LatentHop {
        self.analysed
    }

    fn steer_along(&mut self, hop: Hop, controls: &Controls, paths: Option<&Weave>) -> Hop {
        let mut hop = self.steady(hop, controls);
        if let Some(paths) = paths {
            follow(&mut hop, &paths.of(&self.analysed), &controls.path, self.dims);
        }
        hop.raw = hop.latent;
        self.steer.apply(&mut hop, controls);
        // A level that is set by hand is played whatever is heard, at the last pitch.
        if self.tracker.is_none() || controls.loudness == Loudness::Manual {
            hop.hushed = 0.0;
        }
        hop
    }

    /// Plays what another lane's steering has made of its hop, shaped from what this lane hears. May block.
    ///
    /// # Errors
    /// When the decoder fails or gives something that is no number: the hop's sound is then silence.
    pub fn play_along(
        &mut self,
        model: &mut dyn Model,
        audio: &[f32],
        hop: &Hop,
        controls: &Controls,
    ) -> Result<(), RunError> {
        self.listen(audio, controls);
        self.synthesise(model, &Hop { level_db: self.unvoiced.level_db(), ..*hop })?;
        self.finish(hop, controls);
        Ok(())
    }

    /// What follows the model. The loop hears nothing of the own consonants: they are in the input already.
    fn finish(&mut self, hop: &Hop, controls: &Controls) {
        self.feedback.take(&mut self.made, controls);
        self.consonants.let_through(hop, controls.consonants, &mut self.made);
    }

    /// The first half of [`Self::run`]: one hop of sound (with what feedback adds to it) to its latent, loudness and
    /// pitch, before the controls (but for stability, which watches the octave here). May block.
    ///
    /// # Errors
    /// When the encoder fails or gives something that is no number.
    pub fn analyse(&mut self, model: &mut dyn Model, audio: &[f32], controls: &Controls) -> Result<Hop, RunError> {
        self.listen(audio, controls);
        let dims = model.shape().dims;
        let mut hop = Hop::default();
        let encoded = model.encode(self.index, &self.heard, &mut hop.latent[..dims]).and_then(|loudness_db| {
            check("the encoder", hop.latent.iter().chain(std::iter::once(&loudness_db)))?;
            Ok(loudness_db)
        });
        hop.loudness_db = encoded.inspect_err(|_| self.silence())?;
        (hop.f0_hz, hop.voicing) = self.pitch(hop.loudness_db, controls.stability > 0.0);
        hop.kept = self.tracker.as_ref().map_or(0.0, PitchTracker::kept);
        (hop.heard_db, hop.level_db) = (hop.loudness_db, self.unvoiced.level_db());
        model
            .hear_voicing(self.index, &self.heard, hop.voicing, &mut hop.latent[..dims])
            .and_then(|()| check("the encoder", hop.latent.iter()))
            .inspect_err(|_| self.silence())?;
        let pull = self.feedback.pull();
        if pull > 0.0 && hop.f0_hz > 0.0 {
            let centre_hz = controls.feedback_hz.clamp(MIN_LOOP_HZ, MAX_HZ);
            hop.f0_hz *= (centre_hz / hop.f0_hz).powf(pull);
            hop.voicing += pull * (1.0 - hop.voicing);
        }
        Ok(hop)
    }

    /// The second half of [`Self::run`]: a hop to its sound. A general stage shapes what the last [`Self::analyse`]
    /// heard, or silence when there was none. May block.
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
            sound: &self.heard,
        };
        let parts = self.unvoiced.parts(hop);
        let harmonics = if parts { model.decode_harmonics(self.index, &input, &mut self.harmonics) } else { Ok(()) };
        harmonics
            .and_then(|()| model.decode(self.index, &input, &mut self.made))
            .and_then(|()| check("the decoder", self.made.iter()))
            .inspect_err(|_| self.silence())?;
        // A decoder that cannot do without noise plays on as it is.
        if parts && check("the decoder", self.harmonics.iter()).is_ok() {
            self.unvoiced.mix(hop, &self.harmonics, &mut self.made);
        } else {
            self.unvoiced.leave(hop);
        }
        Ok(())
    }

    /// The sound of the last hop, `[hop_frames]`.
    pub fn made(&self) -> &[f32] {
        &self.made
    }

    /// Linear gain by which the feedback's guard holds the loop back; 1: not at all.
    pub fn guard(&self) -> f32 {
        self.feedback.guard()
    }

    /// Counts a hop that is not played because nobody would hear it; silence follows.
    pub fn skip(&mut self) {
        self.made.fill(0.0);
        self.feedback.take(&mut self.made, &Controls::default());
        self.consonants.reset();
        self.noise.fill(&mut self.noise_columns);
        self.steer.skip();
    }

    /// After a failure nothing of it stays in the feedback loop.
    fn silence(&mut self) {
        self.made.fill(0.0);
        self.feedback.silence();
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        if let Some(tracker) = &mut self.tracker {
            tracker.reset();
        }
        self.noise.reset();
        self.feedback.reset();
        self.previous = None;
        self.stability.reset();
        self.steer.reset();
        self.octave_hold = OctaveHold::default();
        self.unvoiced.reset();
        self.consonants.reset();
        self.analysed = LatentHop::default();
        self.heard.fill(0.0);
        self.made.fill(0.0);
        self.harmonics.fill(0.0);
    }

    /// What the model hears: the input and what its own sound adds to it.
    fn listen(&mut self, audio: &[f32], controls: &Controls) {
        self.heard.copy_from_slice(audio);
        self.consonants.hear(audio);
        self.feedback.add_to(&mut self.heard, controls);
        self.unvoiced.hear(&self.heard);
    }

    /// The pitch for the decoder, carried on by the last step's slope from when it was measured to when it is heard:
    /// the tracker's age before the hop's end, and half a hop (and the model's own lag) after it less the model's delay.
    ///
    /// On a vibrato of 6 Hz and 50 cents around 220 Hz the decoder's pitch is 2.1 cents off (root mean square) with a
    /// delay of 1024 frames, and 3.9 with 320. When the window's beginning was compared with what follows it and pitch
    /// was always carried on by half a hop, it was 11.2 and 36.7.
    fn pitch(&mut self, loudness_db: f32, holds_octave: bool) -> (f32, f32) {
        let Some(tracker) = &mut self.tracker else { return (0.0, 0.0) };
        let mut now = tracker.next(&self.heard, loudness_db);
        if holds_octave {
            let voiced = (now.voicing > 0.0).then_some(now.f0_hz);
            now.f0_hz = self.octave_hold.next(voiced).unwrap_or(now.f0_hz);
        } else {
            self.octave_hold = OctaveHold::default();
        }
        let lag_frames =
            tracker.age_frames(now.f0_hz) + 0.5 * self.hop_frames - self.delay_frames + self.pitch_lag_frames;
        let carried = match self.previous {
            Some(before) if before.voicing > 0.0 && now.voicing > 0.0 => {
                let step = (now.f0_hz / before.f0_hz).log2();
                (step * lag_frames / self.hop_frames).clamp(-MAX_EXTRAPOLATION, MAX_EXTRAPOLATION)
            }
            _ => 0.0,
        };
        self.previous = Some(now);
        (now.f0_hz * carried.exp2(), now.voicing)
    }
}

/// Sections of the loop's band-pass. The general stage flattens what it hears, round after round: against that one
/// section does not hold the loop at its centre (at 1500 Hz and a Q of 2 it went to 640 Hz), and the pitch that holds a
/// pitched model there is not its own.
fn loop_sections(stage: Stage) -> usize {
    match stage {
        Stage::Pitched => 1,
        Stage::General => 3,
    }
}

/// The one place where a model's output is checked for NaN, infinity and what no sound and no latent is.
fn check<'a>(graph: &'static str, values: impl Iterator<Item = &'a f32>) -> Result<(), RunError> {
    // Whole hops of good values, nearly always: no branch for each.
    let (bad, most) =
        values.fold((0usize, 0.0f32), |(bad, most), v| (bad + usize::from(!v.is_finite()), most.max(v.abs())));
    let reason = match bad {
        0 if most <= sample_guard::ABSURD => return Ok(()),
        0 => format!("{most:.1e} is among its values, and no sound is so loud"),
        _ => format!("{bad} of its values are not numbers"),
    };
    Err(RunError { graph, reason })
}

#[cfg(test)]
mod path_tests;

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::controls::MAX_DIMS;
    use crate::model::PitchRange;
    use crate::telemetry::ModelInfo;

    const RATE_HZ: f64 = 44_100.0;
    const HOP: usize = 512;

    /// Hears nothing and plays back what it is given to shape.
    pub(in crate::engine) struct Deaf {
        shape: Shape,
        /// Every sample of its harmonics alone.
        harmonics: f32,
    }

    impl Deaf {
        pub(in crate::engine) fn new(delay_frames: usize) -> Self {
            Self { shape: Shape { dims: 1, ..shape(delay_frames) }, harmonics: 0.0 }
        }
    }

    /// A shape for tests, of all dimensions.
    pub(crate) fn shape(delay_frames: usize) -> Shape {
        Shape {
            sample_rate_hz: RATE_HZ as u32,
            hop_frames: HOP,
            delay_frames,
            pitch_lag_frames: 0,
            dims: MAX_DIMS,
            pitch: Some(PitchRange { min_hz: 60.0, max_hz: 1000.0 }),
            noise_columns: 0,
            stage: Stage::General,
            p01: [-2.0; MAX_DIMS],
            p99: [2.0; MAX_DIMS],
            loudness_p50_db: -25.0,
            macros: Default::default(),
        }
    }

    impl Model for Deaf {
        fn shape(&self) -> &Shape {
            &self.shape
        }

        fn info(&self) -> ModelInfo {
            ModelInfo::default()
        }

        fn encode(&mut self, _: usize, _: &[f32], latent: &mut [f32]) -> Result<f32, RunError> {
            latent.fill(0.0);
            Ok(-20.0)
        }

        fn decode(&mut self, _: usize, input: &DecoderInput<'_>, audio: &mut [f32]) -> Result<(), RunError> {
            audio.copy_from_slice(input.sound);
            Ok(())
        }

        fn decode_harmonics(&mut self, _: usize, _: &DecoderInput<'_>, harmonics: &mut [f32]) -> Result<(), RunError> {
            harmonics.fill(self.harmonics);
            Ok(())
        }

        fn reset(&mut self) {}
    }

    #[test]
    fn a_decoder_that_cannot_do_without_noise_plays_on_as_it_is() {
        // Its harmonics alone are no numbers.
        let mut model = Deaf { harmonics: f32::NAN, ..Deaf::new(1024) };
        model.shape.stage = Stage::Pitched;
        let mut lane = Lane::new(0, model.shape());
        let (mut noise, mut audio) = (Noise::new(7), vec![0.0; HOP]);
        let mut hushed = 0.0;
        for _ in 0..20 {
            noise.fill(&mut audio);
            audio.iter_mut().for_each(|sample| *sample *= 0.1);
            hushed = lane.run(&mut model, &audio, &Controls::default()).unwrap().hushed;
            assert_eq!(lane.made(), audio);
        }
        assert_eq!(hushed, 1.0, "the harmonics were asked for");
    }

    /// The vibrato's pitch at a time, Hz: 6 Hz, 50 cents up and down around 220 Hz.
    fn vibrato_hz(time_s: f64) -> f64 {
        220.0 * (50.0 / 1200.0 * (std::f64::consts::TAU * 6.0 * time_s).sin()).exp2()
    }

    /// Root mean square of how far the pitch that a decoder of this delay gets is from the input's at the time at
    /// which it is heard, cents.
    fn error_cents(delay_frames: usize, mut pick: impl FnMut(&mut Lane, &[f32]) -> f32) -> f64 {
        let mut lane = Lane::new(0, &Deaf::new(delay_frames).shape);
        let (mut phase, mut n, mut squares) = (0.0, 0, 0.0);
        let hops = 200;
        for hop in 0..hops {
            let audio: Vec<f32> = (0..HOP)
                .map(|_| {
                    phase += std::f64::consts::TAU * vibrato_hz(f64::from(n) / RATE_HZ) / RATE_HZ;
                    n += 1;
                    (1..6).map(|k| (f64::from(k) * phase).sin() as f32 * 0.2 / k as f32).sum()
                })
                .collect();
            let given = f64::from(pick(&mut lane, &audio));
            let heard_s = (f64::from(n) + 0.5 * HOP as f64 - delay_frames as f64) / RATE_HZ;
            if hop >= 20 {
                squares += (1200.0 * (given / vibrato_hz(heard_s)).log2()).powi(2);
            }
        }
        (squares / f64::from(hops - 20)).sqrt()
    }

    #[test]
    fn the_decoder_gets_the_pitch_of_the_time_at_which_it_is_heard() {
        for (delay_frames, limit_cents) in [(1024, 3.0), (320, 5.0)] {
            let mut model = Deaf::new(delay_frames);
            let carried = error_cents(delay_frames, |lane, audio| {
                lane.analyse(&mut model, audio, &Controls::default()).unwrap().f0_hz
            });
            let bare = error_cents(delay_frames, |lane, audio| {
                let tracker = lane.tracker.as_mut().unwrap();
                tracker.next(audio, -20.0).f0_hz
            });
            assert!(carried < limit_cents, "delay {delay_frames}: {carried} cents");
            assert!(carried < bare, "delay {delay_frames}: {carried} cents, {bare} without carrying on");
        }
    }

    #[test]
    fn a_hop_that_is_left_out_does_not_delay_the_random_walk() {
        let mut model = Deaf::new(1024);
        let controls = Controls { random: 1.0, random_hz: 2.0, ..Controls::default() };
        let mut last = |is_left_out: fn(usize) -> bool| {
            let mut lane = Lane::new(0, model.shape());
            let mut latent = 0.0;
            for hop in 0..100 {
                if is_left_out(hop) {
                    lane.skip();
                } else {
                    latent = lane.run(&mut model, &[0.0; HOP], &controls).unwrap().latent[0];
                }
            }
            latent
        };
        let (whole, with_gaps) = (last(|_| false), last(|hop| hop % 10 == 5));
        assert!((whole - with_gaps).abs() < 1e-3, "{with_gaps}, whole {whole}");
    }

    #[test]
    fn the_decoder_gets_the_sound_that_the_encoder_heard_and_silence_without_one() {
        let mut model = Deaf::new(1024);
        let mut lane = Lane::new(0, model.shape());
        let audio: Vec<f32> = (0..HOP).map(|n| n as f32 * 1e-3).collect();
        lane.run(&mut model, &audio, &Controls::default()).unwrap();
        assert_eq!(lane.made(), audio);
        let with_feedback = Controls { feedback_gain: 1.0, ..Controls::default() };
        lane.run(&mut model, &audio, &with_feedback).unwrap();
        assert!(lane.made() != audio, "feedback is heard too");
        lane.reset();
        lane.synthesise(&mut model, &Hop::default()).unwrap();
        assert!(lane.made().iter().all(|&sample| sample == 0.0));
    }
}
