//! From host packets to wet packets: resampling, hop assembly, lateness. Deterministic: what goes in decides what
//! comes out, whatever the timing (but for hops that are too late to be heard).

mod begin;
mod fade;

use std::collections::VecDeque;
use std::time::Instant;

use super::catch_up::CatchUp;
use super::hop::Hop;
use super::middle::Middle;
use super::part::{HopInput, Hops, Part};
use super::path_player::PathPlace;
use crate::controls::{Controls, Cross, PathControls, Playable, Routing};
use crate::dsp::resample::{self, HopIn, HopOut};
use crate::dsp::sample_guard::{SampleGuard, SoftClip};
use crate::latency::Timing;
use crate::latent::{LatentHop, PathSet};
use crate::link::{Input, MAX_CHANNELS, Output, PACKET_FRAMES, WorkerHalf};
use crate::model::request::ModelRequest;
use crate::model::{Model, RunError, Shape};

/// After as much silence the models rest until sound comes; longer than their memory, seconds.
const REST_AFTER_S: f64 = 1.5;

/// The models of an instance. Owned by the worker, which lends them to the stream.
pub struct Models {
    /// The one that the project asks for first.
    pub first: Option<Box<dyn Model>>,
    /// The one that is blended with it.
    pub second: Option<Box<dyn Model>>,
    /// Takes the first one's place once it has warmed up.
    pub next_first: Option<Box<dyn Model>>,
    /// The project's latent paths; each model plays its own.
    pub paths: PathSet,
    /// What of them can play.
    pub playable: Playable,
}

impl Models {
    /// None, for these paths.
    pub fn none(paths: PathSet) -> Self {
        Self { first: None, second: None, next_first: None, paths, playable: Playable::ALL }
    }
}

struct Channel {
    hop_in: HopIn,
    hop_out: HopOut,
    sum: Vec<f32>,
}

/// One stream's state on the worker. Allocates in `new`, and when a model joins.
pub struct Stream {
    pub(super) half: WorkerHalf,
    timing: Timing,
    channels: Vec<Channel>,
    middle: Middle,
    side_in: HopIn,
    first: Option<Part>,
    second: Option<Part>,
    /// Listens before it takes the first one's place, for so many hops yet.
    next_first: Option<Part>,
    unheard_hops: usize,
    /// What took the first one's place in the packet's last hop.
    new_first: Option<(ModelRequest, Shape)>,
    blend: Option<f32>,
    silent_hops: usize,
    /// Controls by the first frame they hold for, oldest first.
    history: VecDeque<(u64, Controls)>,
    epoch: u32,
    taken_frames: u64,
    given_frames: u64,
    catch_up: CatchUp,
    /// Whether there was nothing to do since the last hop.
    has_rested: bool,
    /// Until this frame hops may still be played on both channels: their controls are those of a delay before.
    dual_until: u64,
    /// Whether it has begun anew since the last hop.
    has_leapt: bool,
    /// Whether what the first model hears is recorded: it listens then, also where the second one alone is heard.
    pub(super) is_recorded: bool,
    /// Whether what is recorded has no hop yet that could go on in a rest: the first model listens in one, too.
    pub(super) listens_at_rest: bool,
    /// Hops that were not played since this was last taken from here, since nobody would have heard them any more.
    pub(super) skipped_hops: u64,
    /// What of the models' sound was held back since it was last taken from here.
    pub(super) held: SampleGuard,
}

/// A hop that a model played.
pub struct PlayedHop {
    /// The first channel's hop, or why it failed.
    pub hop: Result<Hop, RunError>,
    /// Linear gain by which the feedback's guard holds the loop back.
    pub guard: f32,
    /// Share of real time that the hop took.
    pub load: f32,
}

/// What a stream tells of each hop.
pub struct HopReport {
    /// `None` where the models rest, and where it came too late.
    pub played: Option<PlayedHop>,
    /// The first model, as a path names it, where it is another one from this hop on than in the one before.
    pub new_first: Option<(ModelRequest, Shape)>,
    /// What the first model heard in the first channel, before paths; `None` where it did not listen.
    pub heard: Option<LatentHop>,
    /// Whether it did not listen because the second model alone was played.
    pub is_missed: bool,
    /// Where the song is in it, as that model's latent shows it.
    pub song: PathControls,
    /// Where in the paths it is; `None`: nobody has looked.
    pub place: Option<PathPlace>,
    /// Whether the stream begins anew with it.
    pub has_leapt: bool,
}

impl Stream {
    /// A stream of `channels` channels whose timing is made for models of this rate and hop, and no longer delay.
    pub fn new(half: WorkerHalf, timing: Timing, channels: usize) -> Self {
        let ratio = timing.ratio();
        let needed = resample::is_needed(timing.host_rate_hz, timing.model_rate_hz);
        let channels = (0..channels.clamp(1, MAX_CHANNELS))
            .map(|_| Channel {
                hop_in: HopIn::new(ratio, timing.hop_frames, needed),
                hop_out: HopOut::new(ratio, timing.hop_frames, needed),
                sum: vec![0.0; timing.hop_frames],
            })
            .collect();
        let span_frames = ((timing.delay_frames + 2 * timing.hop_frames) as f64 * ratio) as usize;
        Self {
            half,
            channels,
            middle: Middle::new(timing.host_rate_hz),
            timing,
            side_in: HopIn::new(ratio, timing.hop_frames, needed),
            first: None,
            second: None,
            next_first: None,
            unheard_hops: 0,
            new_first: None,
            blend: None,
            silent_hops: 0,
            history: VecDeque::with_capacity(span_frames / PACKET_FRAMES + 8),
            epoch: 0,
            taken_frames: 0,
            given_frames: 0,
            catch_up: CatchUp::new((timing.hop_frames as f64 / timing.model_rate_hz) as f32),
            has_rested: true,
            dual_until: 0,
            has_leapt: true,
            is_recorded: false,
            listens_at_rest: false,
            skipped_hops: 0,
            held: SampleGuard::default(),
        }
    }

    /// Whether a model can play in this stream; another one needs a stream, and a latency, of its own.
    pub fn fits(&self, shape: &Shape) -> bool {
        fits(&self.timing, shape)
    }

    /// Takes one packet, if there is one, through the models (or, without the first, drops it); false when idle.
    pub fn advance(&mut self, models: &mut Models, report: &mut dyn FnMut(HopReport)) -> bool {
        let Some(packet) = self.half.receive() else {
            self.has_rested = true;
            return false;
        };
        // The worker knows by now who is first.
        self.new_first = None;
        if self.sync_parts(models) {
            self.play(&packet, models, report);
        }
        self.half.work_off();
        true
    }

    fn play(&mut self, packet: &Input, models: &mut Models, report: &mut dyn FnMut(HopReport)) {
        if packet.epoch != self.epoch || packet.start < self.taken_frames {
            self.restart(packet.epoch, models);
            self.begin_at(packet.start);
        }
        self.fill_gap(packet.start, models, report);
        if self.history.len() == self.history.capacity() {
            self.history.pop_front();
        }
        self.history.push_back((packet.start, packet.controls));
        self.take(packet, models, report);
    }

    fn take(&mut self, packet: &Input, models: &mut Models, report: &mut dyn FnMut(HopReport)) {
        let silence = [0.0; PACKET_FRAMES];
        let is_mid = self.channels.len() == 2 && !packet.controls.routing.is_dual();
        // Beside a middle that the models play, the sides are heard dry: what has none is not lost.
        let may_choose = packet.controls.routing == Routing::Mid;
        let mid = if is_mid { self.middle.of(&packet.audio[0], &packet.audio[1], may_choose) } else { silence };
        if packet.controls.routing.is_dual() {
            let late_frames = (self.timing.delay_frames as f64 * self.timing.ratio()).ceil() as u64;
            self.dual_until = packet.start + PACKET_FRAMES as u64 + late_frames;
        }
        let first = if is_mid { &mid } else { &packet.audio[0] };
        // The second channel rests while both are heard as one.
        let second = if is_mid && packet.start >= self.dual_until { &silence } else { &packet.audio[1] };
        let mut at = 0;
        while at < PACKET_FRAMES {
            let frames = self.channels[0].hop_in.missing_frames().min(PACKET_FRAMES - at);
            let mut is_complete = false;
            for (index, channel) in self.channels.iter_mut().enumerate() {
                let audio = if index == 0 { first } else { second };
                is_complete = channel.hop_in.push(&audio[at..at + frames]);
            }
            self.side_in.push(&packet.side[at..at + frames]);
            at += frames;
            self.taken_frames += frames as u64;
            if is_complete {
                self.run_hop(models, report);
            }
        }
    }

    fn run_hop(&mut self, models: &mut Models, report: &mut dyn FnMut(HopReport)) {
        let began = Instant::now();
        let new_first = self.new_first.take();
        let hop_host_frames = self.timing.hop_frames as f64 * self.timing.ratio();
        let is_late = self.half.is_too_late(self.epoch, self.given_frames + hop_host_frames as u64);
        let late_s = self.lateness_s();
        let is_late = is_late || late_s.is_some_and(|late_s| self.catch_up.leaves_out(late_s, self.has_rested));
        self.has_rested = false;
        self.skipped_hops += u64::from(is_late);
        let delay_of = |part: &Option<Part>| part.as_ref().map_or(0, |part| part.shape().delay_frames);
        let controls = self.controls_at(delay_of(&self.first));
        // A latent that is said is the first model's.
        let later_controls = Controls { latent: None, ..self.controls_at(delay_of(&self.second)) };
        self.forget_history();
        let is_resting = self.is_resting([&controls, &later_controls], models);
        let runs = if controls.routing.is_dual() { self.channels.len() } else { 1 };
        let heard = heard(&self.channels, &self.side_in, runs);
        let plays = !is_late && !is_resting;
        let blend = if self.second.is_some() { later_controls.blend.clamp(0.0, 1.0) } else { 0.0 };
        let before = self.blend.unwrap_or(blend);
        let crosses = later_controls.cross == Cross::FirstLatent
            && match (&self.first, &self.second) {
                (Some(first), Some(second)) => first.shape().dims == second.shape().dims,
                _ => false,
            };
        let second_plays = plays && (blend > 0.0 || before > 0.0);
        let first_plays = plays && (blend < 1.0 || before < 1.0 || crosses);

        let mut outcome: Option<Result<Hops, RunError>> = None;
        let mut analysed = None;
        let mut is_missed = false;
        let mut guard = 1.0f32;
        if let (Some(part), Some(model)) = (&mut self.first, &mut models.first) {
            if first_plays {
                let result = part.play(model.as_mut(), &heard, &controls, &models.paths).inspect_err(|_| model.reset());
                guard = guard.min(part.guard());
                analysed = result.is_ok().then(|| part.analysed());
                outcome = Some(result);
            } else if !is_late && (self.listens_at_rest || self.is_recorded && !is_resting) {
                analysed = part.listen(model.as_mut(), &heard, &controls).inspect_err(|_| model.reset()).ok();
            } else {
                is_missed = plays;
                part.skip();
            }
        }
        if let (Some(part), Some(model)) = (&mut self.second, &mut models.second) {
            if second_plays {
                let result = match &outcome {
                    Some(Ok(hops)) if crosses => {
                        part.play_along(model.as_mut(), &heard, hops, &later_controls).map(|()| *hops)
                    }
                    _ => part.play(model.as_mut(), &heard, &later_controls, &models.paths),
                };
                let result = result.inspect_err(|_| model.reset());
                guard = guard.min(part.guard());
                outcome = match outcome {
                    Some(Ok(hops)) => Some(result.map(|_| hops)),
                    Some(Err(error)) => Some(Err(error)),
                    None => Some(result),
                };
            } else {
                part.skip();
            }
        }
        let place = match is_resting {
            true => Some(PathPlace { at: None, on_plane: controls.path.place }),
            false => self.path_place(first_plays, second_plays),
        };
        self.mix(before, blend, runs);
        self.warm_up(models, &controls, runs, before.max(blend));
        self.blend = Some(blend);
        if let (true, Some(late_s)) = (plays, self.lateness_s()) {
            self.catch_up.note(began.elapsed().as_secs_f32(), late_s);
        }
        self.give(runs, is_late);
        let hop_s = self.timing.hop_frames as f64 / self.timing.model_rate_hz;
        let load = (began.elapsed().as_secs_f64() / hop_s) as f32;
        report(HopReport {
            played: outcome.map(|hops| PlayedHop { hop: hops.map(|hops| hops[0]), guard, load }),
            new_first,
            heard: analysed,
            is_missed,
            song: controls.path,
            place,
            has_leapt: std::mem::take(&mut self.has_leapt),
        });
    }

    /// Where the part is that plays a path, or else the first one that plays at all.
    fn path_place(&self, first_plays: bool, second_plays: bool) -> Option<PathPlace> {
        let first = self.first.as_ref().filter(|_| first_plays).map(Part::place);
        let second = self.second.as_ref().filter(|_| second_plays).map(Part::place);
        [first, second].into_iter().flatten().find(|place| place.at.is_some()).or(first).or(second)
    }

    /// How late the hop is that is next to be given, seconds; `None` while the host waits.
    fn lateness_s(&self) -> Option<f32> {
        let late_frames = self.half.lateness_frames(self.epoch, self.given_frames)?;
        Some((late_frames as f64 / self.timing.host_rate_hz) as f32)
    }

    /// Whether all has been silent for so long that nothing is to be heard; decided by the sound alone.
    fn is_resting(&mut self, controls: [&Controls; 2], models: &Models) -> bool {
        let is_silent = |hop: &[f32]| hop.iter().all(|&sample| sample == 0.0);
        let is_silent = self.channels.iter().all(|channel| is_silent(channel.hop_in.hop()))
            && is_silent(self.side_in.hop())
            && !self.plays_by_itself(controls, models);
        self.silent_hops = if is_silent { self.silent_hops + 1 } else { 0 };
        self.silent_hops > self.hops_before_rest()
    }

    /// Whether the models sound without an input, by what steers each of them: a path that is over does not.
    fn plays_by_itself(&self, controls: [&Controls; 2], models: &Models) -> bool {
        let [first, second] = controls;
        if !first.path.plays_by_itself(models.playable) {
            return first.plays_by_itself(Playable::NONE);
        }
        let parts = [(&self.first, &models.first, first), (&self.second, &models.second, second)];
        let has_path = parts.into_iter().any(|(part, model, controls)| match (part, model) {
            (Some(part), Some(model)) => part.has_path(model.as_ref(), controls, &models.paths),
            _ => false,
        });
        has_path || first.plays_by_itself(Playable::NONE)
    }

    fn hops_before_rest(&self) -> usize {
        (REST_AFTER_S * self.timing.model_rate_hz / self.timing.hop_frames as f64) as usize
    }

    /// Whether nothing of what was played before the rest is still on its way through delays and resamplers.
    fn has_faded(&self) -> bool {
        let on_the_way = self.timing.delay_frames.div_ceil(self.timing.hop_frames) + 2;
        self.silent_hops > self.hops_before_rest() + on_the_way
    }

    /// The controls of the moment that the latent of a model of this delay shows: the middle of its encoder's window.
    ///
    /// So a change of bias is heard exactly as late as a change of the input, and automation lands where it is drawn.
    fn controls_at(&self, delay_frames: usize) -> Controls {
        let late_frames = (delay_frames as f64 * self.timing.ratio()) as i64;
        let moment = self.taken_frames as i64 - late_frames;
        let then = self.history.iter().rev().find(|(start, _)| *start as i64 <= moment);
        let found = then.map(|(start, controls)| (*start as i64, *controls)).or_else(|| self.controls_before(moment));
        let Some((start, mut controls)) = found else { return Controls::default() };
        // To the frame: a path that is read packet by packet would tremble.
        controls.path.since_s = (moment - start) as f64 / self.timing.host_rate_hz;
        controls
    }

    /// The controls before the stream began, which are its first ones at an earlier place of the song, and the packet's first
    /// frame: the same ones wherever in a hop it began.
    fn controls_before(&self, moment: i64) -> Option<(i64, Controls)> {
        let (start, controls) = self.history.front()?;
        let rate_hz = self.timing.host_rate_hz;
        let packet = moment.div_euclid(PACKET_FRAMES as i64) * PACKET_FRAMES as i64;
        let frames = *start as i64 - packet;
        // In whole frames: seconds would tell by their rounding where the stream began.
        let song_s = controls.song_s.map(|song_s| ((song_s * rate_hz).round() - frames as f64) / rate_hz);
        let movement = controls.movement.later(-(frames as f64) / rate_hz);
        let path = controls.path.later(-(frames as f64) / rate_hz);
        Some((packet, Controls { song_s, movement, path, ..*controls }))
    }

    /// Lets go of controls that no model will ask for again.
    fn forget_history(&mut self) {
        let moment = self.taken_frames.saturating_sub((self.timing.delay_frames as f64 * self.timing.ratio()) as u64);
        while self.history.get(1).is_some_and(|(start, _)| *start <= moment) {
            self.history.pop_front();
        }
    }

    /// Resamples the hop of each channel and sends it. A full ring means that the host has stopped calling: what does
    /// not fit is lost, its place is not. Nor is that of a hop that is left out: the audio thread fades over it.
    fn give(&mut self, runs: usize, is_left_out: bool) {
        let rests = self.has_faded();
        let (first, rest) = self.channels.split_at_mut(1);
        let left = first[0].hop_out.push(&first[0].sum);
        let right = rest.first_mut().map(|channel| channel.hop_out.push(&channel.sum));
        let right = if runs == 2 { right.unwrap_or(left) } else { left };
        for (left, right) in left.chunks(PACKET_FRAMES).zip(right.chunks(PACKET_FRAMES)) {
            let frames = left.len();
            let mut packet = Output {
                epoch: self.epoch,
                start: self.given_frames,
                frames,
                is_left_out,
                rests,
                audio: [[0.0; PACKET_FRAMES]; MAX_CHANNELS],
            };
            // Behind the resamplers, which overshoot. Both channels may be the same: counted once.
            for (sample, &made) in packet.audio[0].iter_mut().zip(left) {
                *sample = self.held.soft_clip(made, SoftClip::EFFECT);
            }
            packet.audio[1] = packet.audio[0];
            if runs == 2 {
                for (sample, &made) in packet.audio[1].iter_mut().zip(right) {
                    *sample = self.held.soft_clip(made, SoftClip::EFFECT);
                }
            }
            self.given_frames += frames as u64;
            // What nobody looks for any more, as behind a gap, is not to take the room of what somebody does.
            if !self.half.is_passed(self.epoch, self.given_frames) {
                self.half.send(packet);
            }
        }
    }
}

/// What a hop is made from; borrowed from the resamplers alone.
fn heard<'a>(channels: &'a [Channel], side_in: &'a HopIn, runs: usize) -> HopInput<'a> {
    let last = channels.len() - 1;
    HopInput {
        channels: std::array::from_fn(|index| channels[index.min(last)].hop_in.hop()),
        side: side_in.hop(),
        runs,
    }
}

fn fits(timing: &Timing, shape: &Shape) -> bool {
    f64::from(shape.sample_rate_hz) == timing.model_rate_hz
        && shape.hop_frames == timing.hop_frames
        && shape.delay_frames <= timing.delay_frames
}
