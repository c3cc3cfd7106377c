//! One model's part in a stream: a lane for each channel and for the side-chain, and what keeps it in step with another
//! model of a longer delay.

use super::hop::Hop;
use super::lane::Lane;
use super::path_player::{PathPlace, PathPlayer};
use super::steer::blend_side;
use crate::controls::{Controls, MAX_DIMS, Routing};
use crate::dsp::delay_line::DelayLine;
use crate::latent::{LatentHop, PathSet};
use crate::link::MAX_CHANNELS;
use crate::model::{Model, RunError, Shape};

/// The lane of the side-chain, behind those of the channels.
const SIDE_LANE: usize = MAX_CHANNELS;

/// What a hop is made from: one hop of each channel and of the side-chain, at the model's rate.
pub(super) struct HopInput<'a> {
    pub(super) channels: [&'a [f32]; MAX_CHANNELS],
    pub(super) side: &'a [f32],
    /// Channels to run, 1 or 2.
    pub(super) runs: usize,
}

/// What the decoders were given, channel by channel.
pub(super) type Hops = [Hop; MAX_CHANNELS];

struct DelayedLane {
    lane: Lane,
    pad: DelayLine,
    late: Vec<f32>,
}

/// See the module. Allocates in `new` only.
pub(super) struct Part {
    shape: Shape,
    voices: Vec<DelayedLane>,
    side: Lane,
    paths: PathPlayer,
}

impl Part {
    /// A part of `channels` channels for a model of this shape, late by `delay_frames` in all (at the model's rate).
    pub(super) fn new(shape: &Shape, channels: usize, delay_frames: usize) -> Self {
        let pad_frames = delay_frames.saturating_sub(shape.delay_frames);
        let voice = |index| DelayedLane {
            lane: Lane::new(index, shape),
            pad: DelayLine::new(pad_frames),
            late: vec![0.0; shape.hop_frames],
        };
        Self {
            shape: shape.clone(),
            voices: (0..channels).map(voice).collect(),
            side: Lane::with_loop(SIDE_LANE, shape, 0.0),
            paths: PathPlayer::default(),
        }
    }

    /// What it was made for.
    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Back to the stream's start.
    pub(super) fn reset(&mut self) {
        for voice in &mut self.voices {
            voice.lane.reset();
            voice.pad.fill(0.0);
        }
        self.side.reset();
        self.paths.reset();
    }

    /// Plays one hop, along the latent paths that are of this model. Returns what the decoders were given.
    ///
    /// # Errors
    /// The first error; that channel's hop is then silence.
    pub(super) fn play(
        &mut self,
        model: &mut dyn Model,
        heard: &HopInput<'_>,
        controls: &Controls,
        paths: &PathSet,
    ) -> Result<Hops, RunError> {
        let weave = self.paths.next(paths, model, controls);
        let mut outcome = self.analyse(model, heard, controls);
        let mut failure = None;
        for (voice, hop) in self.voices.iter_mut().zip(outcome.iter_mut().flatten()).take(heard.runs) {
            match voice.lane.play(model, *hop, controls, weave.as_ref()) {
                Ok(played) => *hop = played,
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        self.pass(heard.runs);
        failure.map_or(outcome, Err)
    }

    /// Hears a hop that nobody is to hear from this part and that is recorded; counts it as [`Self::skip`] does. Returns the
    /// first channel's.
    ///
    /// # Errors
    /// As [`Self::play`].
    pub(super) fn listen(
        &mut self,
        model: &mut dyn Model,
        heard: &HopInput<'_>,
        controls: &Controls,
    ) -> Result<LatentHop, RunError> {
        let outcome = self.analyse(model, heard, controls);
        let lane = &mut self.voices[0].lane;
        let outcome = outcome.map(|hops| lane.steady(hops[0], controls).to_path());
        self.skip();
        outcome
    }

    /// What the channels hear, with what comes from the side-chain.
    ///
    /// # Errors
    /// The last error.
    fn analyse(&mut self, model: &mut dyn Model, heard: &HopInput<'_>, controls: &Controls) -> Result<Hops, RunError> {
        let mut hops = Hops::default();
        let mut failure = None;
        // The side-chain is heard as it comes.
        let plain = Controls { feedback_gain: 0.0, ..*controls };
        let side = controls.side.is_heard().then(|| self.side.analyse(model, heard.side, &plain)).transpose();
        let side = side.unwrap_or_else(|error| {
            failure = Some(error);
            None
        });
        for (index, voice) in self.voices.iter_mut().enumerate().take(heard.runs) {
            match voice.lane.analyse(model, heard.channels[index], controls) {
                Ok(hop) => hops[index] = hop,
                Err(error) => failure = Some(error),
            }
        }
        if controls.routing == Routing::Linked && heard.runs == 2 {
            let middle: [f32; MAX_DIMS] = std::array::from_fn(|d| 0.5 * (hops[0].latent[d] + hops[1].latent[d]));
            hops[0].latent = middle;
            hops[1].latent = middle;
        }
        if let Some(latent) = controls.latent {
            let dims = self.shape.dims;
            hops[..heard.runs].iter_mut().for_each(|hop| hop.latent[..dims].copy_from_slice(&latent[..dims]));
        }
        if let Some(side) = &side {
            for hop in &mut hops[..heard.runs] {
                blend_side(hop, side, self.shape.dims, &controls.side);
            }
        }
        failure.map_or(Ok(hops), Err)
    }

    /// What the first channel's last hop was heard as, before paths.
    pub(super) fn analysed(&self) -> LatentHop {
        self.voices[0].lane.analysed()
    }

    /// Whether paths say something in its next hop.
    pub(super) fn has_path(&self, model: &dyn Model, controls: &Controls, paths: &PathSet) -> bool {
        self.paths.is_heard(paths, model, controls)
    }

    /// Where in its paths it is.
    pub(super) fn place(&self) -> PathPlace {
        self.paths.place()
    }

    /// Plays what another part's decoders were given.
    ///
    /// # Errors
    /// As [`Self::play`].
    pub(super) fn play_along(
        &mut self,
        model: &mut dyn Model,
        heard: &HopInput<'_>,
        hops: &Hops,
        controls: &Controls,
    ) -> Result<(), RunError> {
        self.paths.skip();
        let mut failure = None;
        for (index, voice) in self.voices.iter_mut().enumerate().take(heard.runs) {
            if let Err(error) = voice.lane.play_along(model, heard.channels[index], &hops[index], controls) {
                failure = Some(error);
            }
        }
        self.pass(heard.runs);
        failure.map_or(Ok(()), Err)
    }

    /// Counts a hop that nobody hears; what is still on its way comes.
    pub(super) fn skip(&mut self) {
        self.paths.skip();
        self.pass(0);
    }

    /// Moves each lane's hop through its delay; lanes from `runs` on are silent.
    fn pass(&mut self, runs: usize) {
        for (index, voice) in self.voices.iter_mut().enumerate() {
            if index >= runs {
                voice.lane.skip();
            }
            for (late, &made) in voice.late.iter_mut().zip(voice.lane.made()) {
                *late = voice.pad.next(made);
            }
        }
    }

    /// The sound of the last hop of a channel, late as the stream is.
    pub(super) fn sound(&self, channel: usize) -> &[f32] {
        &self.voices[channel].late
    }

    /// The feedback's guard, the lane that is held back most.
    pub(super) fn guard(&self) -> f32 {
        self.voices.iter().map(|voice| voice.lane.guard()).fold(1.0, f32::min)
    }
}
