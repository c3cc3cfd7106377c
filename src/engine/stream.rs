//! From host packets to wet packets: resampling, hop assembly, lateness. Deterministic: what goes in decides what
//! comes out, whatever the timing (but for hops that are too late to be heard).

use std::collections::VecDeque;
use std::time::Instant;

use super::lane::{Hop, Lane};
use crate::controls::{Controls, Routing};
use crate::dsp::resample::{self, HopIn, HopOut};
use crate::latency::Timing;
use crate::link::{Input, MAX_CHANNELS, Output, PACKET_FRAMES, WorkerHalf};
use crate::model::{Model, RunError, Shape};

/// A gap longer than this is not filled with silence but starts the stream's state anew behind it, seconds.
const LONGEST_FILLED_GAP_S: f64 = 2.0;

struct Channel {
    hop_in: HopIn,
    hop_out: HopOut,
    lane: Lane,
}

/// One stream's state on the worker. Allocates in `new` only.
pub struct Stream {
    half: WorkerHalf,
    shape: Shape,
    timing: Timing,
    channels: Vec<Channel>,
    /// Controls by the first frame they hold for, oldest first.
    history: VecDeque<(u64, Controls)>,
    epoch: u32,
    taken_frames: u64,
    given_frames: u64,
}

/// What a stream tells of its hops.
pub struct HopReport {
    /// The first channel's hop, or why it failed.
    pub hop: Result<Hop, RunError>,
    /// Share of real time that the hop took.
    pub load: f32,
}

impl Stream {
    /// A stream of `channels` channels for a model of this shape.
    pub fn new(half: WorkerHalf, timing: Timing, shape: Shape, channels: usize) -> Self {
        let ratio = timing.ratio();
        let needed = resample::is_needed(timing.host_rate_hz, timing.model_rate_hz);
        let channels = (0..channels.clamp(1, MAX_CHANNELS))
            .map(|index| Channel {
                hop_in: HopIn::new(ratio, timing.hop_frames, needed),
                hop_out: HopOut::new(ratio, timing.hop_frames, needed),
                lane: Lane::new(index, &shape),
            })
            .collect();
        let span_frames = ((timing.delay_frames + 2 * timing.hop_frames) as f64 * ratio) as usize;
        Self {
            half,
            shape,
            timing,
            channels,
            history: VecDeque::with_capacity(span_frames / PACKET_FRAMES + 8),
            epoch: 0,
            taken_frames: 0,
            given_frames: 0,
        }
    }

    /// Whether the plugin has let go of its end.
    pub fn is_abandoned(&self) -> bool {
        self.half.is_abandoned()
    }

    /// Whether the host waits for each hop.
    pub fn is_awaited(&self) -> bool {
        self.half.is_awaited()
    }

    /// Takes one packet, if there is one, through the model (or, without one, drops it); false when idle.
    pub fn advance(&mut self, model: Option<&mut (dyn Model + '_)>, report: &mut dyn FnMut(HopReport)) -> bool {
        let Some(packet) = self.half.receive() else { return false };
        // A model of another shape waits for the stream that is made for it.
        let Some(model) = model.filter(|model| *model.shape() == self.shape) else { return true };
        if packet.epoch != self.epoch || packet.start < self.taken_frames {
            self.restart(packet.epoch, model);
        }
        self.fill_gap(packet.start, model, report);
        if self.history.len() == self.history.capacity() {
            self.history.pop_front();
        }
        self.history.push_back((packet.start, packet.controls));
        self.take(&packet, model, report);
        true
    }

    fn restart(&mut self, epoch: u32, model: &mut dyn Model) {
        model.reset();
        for channel in &mut self.channels {
            channel.hop_in.reset();
            channel.hop_out.reset();
            channel.lane.reset();
        }
        self.history.clear();
        self.epoch = epoch;
        self.taken_frames = 0;
        self.given_frames = 0;
    }

    /// Packets were lost on the way (or the first ones were sent before the model came): silence in their place.
    fn fill_gap(&mut self, start: u64, model: &mut dyn Model, report: &mut dyn FnMut(HopReport)) {
        let longest = (LONGEST_FILLED_GAP_S * self.timing.host_rate_hz) as u64;
        if start - self.taken_frames > longest {
            model.reset();
            for channel in &mut self.channels {
                channel.lane.reset();
            }
        }
        let silence = Input {
            epoch: self.epoch,
            start: 0,
            controls: Controls::default(),
            audio: [[0.0; PACKET_FRAMES]; MAX_CHANNELS],
        };
        while self.taken_frames < start {
            // Lost packets are whole, and the grid is theirs.
            self.take(&Input { start: self.taken_frames, ..silence }, model, report);
        }
    }

    fn take(&mut self, packet: &Input, model: &mut dyn Model, report: &mut dyn FnMut(HopReport)) {
        let mut mid = [0.0; PACKET_FRAMES];
        let is_mid = self.channels.len() == 2 && packet.controls.routing == Routing::Mid;
        if is_mid {
            for (mid, (left, right)) in mid.iter_mut().zip(packet.audio[0].iter().zip(&packet.audio[1])) {
                *mid = 0.5 * (left + right);
            }
        }
        let first = if is_mid { &mid } else { &packet.audio[0] };
        let mut at = 0;
        while at < PACKET_FRAMES {
            let frames = self.channels[0].hop_in.missing_frames().min(PACKET_FRAMES - at);
            let mut is_complete = false;
            for (index, channel) in self.channels.iter_mut().enumerate() {
                let audio = if index == 0 { first } else { &packet.audio[1] };
                is_complete = channel.hop_in.push(&audio[at..at + frames]);
            }
            at += frames;
            self.taken_frames += frames as u64;
            if is_complete {
                self.run_hop(model, report);
            }
        }
    }

    fn run_hop(&mut self, model: &mut dyn Model, report: &mut dyn FnMut(HopReport)) {
        let began = Instant::now();
        let controls = self.controls_of_hop();
        let hop_host_frames = self.timing.hop_frames as f64 * self.timing.ratio();
        let is_late = self.half.is_too_late(self.epoch, self.given_frames + hop_host_frames as u64);
        let runs = if controls.routing == Routing::Both { self.channels.len() } else { 1 };
        let mut first = None;
        for (index, channel) in self.channels.iter_mut().enumerate() {
            if is_late || index >= runs {
                channel.lane.skip();
                continue;
            }
            let result = channel.lane.run(model, channel.hop_in.hop(), &controls);
            if index == 0 || result.is_err() {
                first = Some(result);
            }
        }
        self.give(runs);
        if let Some(hop) = first {
            if hop.is_err() {
                model.reset();
            }
            let hop_s = self.timing.hop_frames as f64 / self.timing.model_rate_hz;
            report(HopReport { hop, load: (began.elapsed().as_secs_f64() / hop_s) as f32 });
        }
    }

    /// The controls of the moment that the hop's latent shows: the middle of the encoder's window.
    ///
    /// So a change of bias is heard exactly as late as a change of the input, and automation lands where it is drawn.
    fn controls_of_hop(&mut self) -> Controls {
        let delay_frames = (self.timing.delay_frames as f64 * self.timing.ratio()) as u64;
        let moment = self.taken_frames.saturating_sub(delay_frames);
        while self.history.get(1).is_some_and(|(start, _)| *start <= moment) {
            self.history.pop_front();
        }
        self.history.front().map(|(_, controls)| *controls).unwrap_or_default()
    }

    /// Resamples the hop that each lane has made and sends it. A full ring means that the host has stopped calling:
    /// what does not fit is lost, its place is not.
    fn give(&mut self, runs: usize) {
        let (first, rest) = self.channels.split_at_mut(1);
        let left = first[0].hop_out.push(first[0].lane.made());
        let right = rest.first_mut().map(|channel| channel.hop_out.push(channel.lane.made()));
        let right = if runs == 2 { right.unwrap_or(left) } else { left };
        for (left, right) in left.chunks(PACKET_FRAMES).zip(right.chunks(PACKET_FRAMES)) {
            let frames = left.len();
            let mut packet = Output {
                epoch: self.epoch,
                start: self.given_frames,
                frames,
                audio: [[0.0; PACKET_FRAMES]; MAX_CHANNELS],
            };
            packet.audio[0][..frames].copy_from_slice(left);
            packet.audio[1][..frames].copy_from_slice(right);
            self.half.send(packet);
            self.given_frames += frames as u64;
        }
    }
}
