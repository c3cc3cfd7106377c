//! A block in, a block out.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::balance::Balance;
use super::delayed_gain::DelayedGain;
use super::wet_reader::WetReader;
use crate::bounce::pace::Pace;
use crate::bounce::patience;
use crate::controls::{Controls, Routing};
use crate::dsp::delay_line::DelayLine;
use crate::dsp::limiter::Limiter;
use crate::dsp::lufs::LufsMeter;
use crate::dsp::sample_guard::{self, SampleGuard};
use crate::dsp::smooth::Smooth;
use crate::latency::{Latency, StreamFormat};
use crate::link::{AudioHalf, Input, MAX_CHANNELS, PACKET_FRAMES};
use crate::listen::Feed;
use crate::telemetry::{EngineState, Telemetry};

/// What a block is processed with; constant within the block (the host's automation splits blocks).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectSettings {
    /// What travels to the model.
    pub controls: Controls,
    /// Gain of what the model hears; the dry sound is not touched by it. Linear.
    pub input_gain: f32,
    /// Gain of dry and wet together, linear.
    pub output_gain: f32,
    /// Gain of the wet sound, linear.
    pub wet_gain: f32,
    /// 0 dry to 1 wet.
    pub mix: f32,
    /// Width of the wet sound of a stereo track: 0 mono, 1 as it comes, 2 twice as wide.
    pub width: f32,
    /// Whether what comes out is kept below full scale.
    pub limits: bool,
    /// The input, late by the latency, and nothing else.
    pub bypass: bool,
}

impl Default for EffectSettings {
    fn default() -> Self {
        Self {
            controls: Controls::default(),
            input_gain: 1.0,
            output_gain: 1.0,
            wet_gain: 1.0,
            mix: 1.0,
            width: 1.0,
            limits: false,
            bypass: false,
        }
    }
}

impl EffectSettings {
    /// The same with defaults in the place of what is no number, and gains within what any parameter has.
    fn sane(&self) -> Self {
        let fresh = Self::default();
        let repair =
            |value: f32, default: f32, most: f32| if value.is_finite() { value.clamp(0.0, most) } else { default };
        Self {
            controls: self.controls.sane(),
            input_gain: repair(self.input_gain, fresh.input_gain, sample_guard::LOUDEST),
            output_gain: repair(self.output_gain, fresh.output_gain, sample_guard::LOUDEST),
            wet_gain: repair(self.wet_gain, fresh.wet_gain, sample_guard::LOUDEST),
            mix: repair(self.mix, fresh.mix, 1.0),
            width: repair(self.width, fresh.width, MOST_WIDTH),
            limits: self.limits,
            bypass: self.bypass,
        }
    }
}

/// Linear, -60 dBFS: a tail that is cut below it is not missed.
const SOFT: f32 = 1e-3;

/// Of the width; its parameter ends at 2.
const MOST_WIDTH: f32 = 4.0;

/// Puts `around` of the dry sound's side signal around the wet middle, and widens the whole.
///
/// Realtime-safe. Nothing changes, bit for bit, where neither is asked for.
fn spread(wet: &mut [f32; MAX_CHANNELS], dry: [f32; MAX_CHANNELS], around: f32, width: f32) {
    if around > 0.0 {
        let side = 0.5 * (dry[0] - dry[1]) * around;
        *wet = [wet[0] + side, wet[1] - side];
    }
    if width != 1.0 {
        let (middle, side) = (0.5 * (wet[0] + wet[1]), 0.5 * (wet[0] - wet[1]) * width);
        *wet = [middle + side, middle - side];
    }
}

struct Gains {
    /// Before the model: at once.
    input: Smooth,
    output: DelayedGain,
    wet: DelayedGain,
    mix: DelayedGain,
    width: DelayedGain,
    /// How much of the input's own side signal is heard around the wet middle.
    side: DelayedGain,
    /// How much of the limiter acts.
    limiter: DelayedGain,
    bypass: DelayedGain,
    /// 1 while there is a model to hear. A fact of the moment, not a parameter: at once.
    model: Smooth,
}

/// The audio thread's half of an instance. Everything but `new` neither allocates nor frees, and is wait-free but where
/// [`Self::process`] says otherwise.
pub struct Processor {
    half: Option<AudioHalf>,
    host_rate_hz: f64,
    latency: Latency,
    telemetry: Arc<Telemetry>,
    dry: [DelayLine; MAX_CHANNELS],
    wet: WetReader,
    gains: Gains,
    is_primed: bool,
    /// Whether the song played in the last block.
    rolls: bool,
    packet: Input,
    packet_frames: usize,
    clock: u64,
    /// For how many frames nothing has come in, and no control has sounded by itself.
    quiet_frames: usize,
    /// Whether the last block was silence, as all that follow while this goes on.
    is_silent: bool,
    /// Whether the last block's output was below [`SOFT`].
    was_soft: bool,
    /// Where the stream's count began.
    first_frame: u64,
    epoch: u32,
    /// Whether the host has said that it is in no hurry, and whether it was waited for in vain since.
    waits: bool,
    has_waited_in_vain: bool,
    pace: Pace,
    /// Since the last block's end.
    held: SampleGuard,
    limiter: Limiter,
    /// Of the output.
    lufs: LufsMeter,
    balance: Balance,
    /// For the window's picture of the sound.
    feed: Feed,
}

impl Processor {
    /// `half` and `latency` come from the engine, which opened a stream of this `format`; without a model (`None`) the
    /// processor passes dry sound, 0 late.
    pub fn new(stream: Option<(AudioHalf, Latency)>, format: StreamFormat, telemetry: Arc<Telemetry>) -> Self {
        let StreamFormat { host_rate_hz, max_block_frames, .. } = format;
        let (half, latency) = match stream {
            Some((half, latency)) => (Some(half), latency),
            None => (None, Latency { preroll_frames: 0, reported_frames: 0, period_frames: 1 }),
        };
        telemetry.latency_frames.store(latency.reported_frames as u32, Ordering::Relaxed);
        telemetry.host_rate_hz.store(host_rate_hz as f32);
        let feed = telemetry.sound.feed(host_rate_hz);
        let gain = Smooth::new(1.0, host_rate_hz);
        let delayed_gain = || DelayedGain::new(gain, latency.reported_frames);
        Self {
            half,
            host_rate_hz,
            latency,
            telemetry,
            dry: std::array::from_fn(|_| DelayLine::new(latency.reported_frames)),
            wet: WetReader::new(),
            gains: Gains {
                input: gain,
                output: delayed_gain(),
                wet: delayed_gain(),
                mix: delayed_gain(),
                width: delayed_gain(),
                side: delayed_gain(),
                limiter: delayed_gain(),
                bypass: delayed_gain(),
                model: gain,
            },
            is_primed: false,
            rolls: false,
            packet: Input::default(),
            packet_frames: 0,
            clock: 0,
            quiet_frames: 0,
            is_silent: false,
            was_soft: true,
            first_frame: 0,
            epoch: 1,
            waits: false,
            has_waited_in_vain: false,
            pace: Pace::new(host_rate_hz, max_block_frames),
            held: SampleGuard::default(),
            limiter: Limiter::new(host_rate_hz),
            lufs: LufsMeter::new(host_rate_hz),
            balance: Balance::new(host_rate_hz),
            feed,
        }
    }

    /// What the host is to be told, host frames.
    pub fn latency_frames(&self) -> usize {
        self.latency.reported_frames
    }

    /// The host's rate, Hz.
    pub fn rate_hz(&self) -> f64 {
        self.host_rate_hz
    }

    /// How long sound goes on after the input has ended: the latency and the model's memory of about half a second.
    pub fn tail_frames(&self) -> usize {
        self.latency.reported_frames + self.latency.preroll_frames
    }

    /// Whether the last block was silence, and all that follow will be until the input or the side-chain sounds or a
    /// control moves: exact zeros, not merely quiet. Until then the host need not call.
    pub fn is_silent(&self) -> bool {
        self.is_silent
    }

    /// Whether to wait for late frames (a bounce) or to go on without them (playing).
    pub fn set_waits(&mut self, waits: bool) {
        self.waits = waits;
        self.has_waited_in_vain = false;
        if let Some(half) = &self.half {
            half.set_waits(waits);
        }
    }

    /// Back to the stream's start: silence in every delay, the model's state at zero.
    pub fn reset(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        (self.clock, self.first_frame, self.packet_frames) = (0, 0, 0);
        (self.quiet_frames, self.is_silent) = (0, false);
        (self.is_primed, self.rolls) = (false, false);
        self.wet.reset();
        // Counted since the sound started: what a host did while it tried the plugin out is nobody's dropout.
        self.telemetry.underruns.store(0, Ordering::Relaxed);
        self.telemetry.lost_frames.store(0, Ordering::Relaxed);
        self.telemetry.skipped_hops.store(0, Ordering::Relaxed);
        self.telemetry.held.reset();
        for line in &mut self.dry {
            line.fill(0.0);
        }
        self.limiter.reset();
        self.balance.reset();
        if let Some(half) = &self.half {
            half.set_due(self.epoch, 0);
        }
        self.has_waited_in_vain = false;
        self.pace.reset();
    }

    /// Processes one block, or a part of one, in place: `channels[channel][frame]`, 1 or 2 channels of equal length. `side`: the
    /// side-chain's channels, as long, or none.
    ///
    /// # Realtime
    /// Wait-free and without allocation, unless told to wait by [`Self::set_waits`] or while nobody can be listening; see
    /// [`Pace`].
    pub fn process(&mut self, channels: &mut [&mut [f32]], side: &[&mut [f32]], settings: &EffectSettings) {
        let frames = channels.first().map_or(0, |channel| channel.len());
        let settings = &settings.sane();
        self.pace.begin(frames, Instant::now());
        if let (false, Some(half)) = (self.waits, &self.half) {
            half.set_waits(self.pace.allowance().is_some());
        }
        self.await_model();
        // One that hangs is no model: what comes from it is silence. A bounce waits for it first.
        let is_given_up = self.telemetry.is_hanging() && (!self.waits || self.has_waited_in_vain);
        let is_there = self.telemetry.state() == EngineState::Ready && !is_given_up;
        let has_model = self.half.is_some() && is_there;
        // Without a model the dry sound is heard, whatever the mix: an insert that falls silent loses a take.
        let model = if has_model { 1.0 } else { 0.0 };
        let bypass = if settings.bypass { 1.0 } else { 0.0 };
        let limits = if settings.limits { 1.0 } else { 0.0 };
        let around = if settings.controls.routing == Routing::MidAndSide { 1.0 } else { 0.0 };
        self.follow_song(&settings.controls);
        if !self.is_primed {
            self.gains.input.set(settings.input_gain);
            self.gains.output.set(settings.output_gain);
            self.gains.wet.set(settings.wet_gain);
            self.gains.mix.set(settings.mix);
            self.gains.width.set(settings.width);
            self.gains.side.set(around);
            self.gains.limiter.set(limits);
            self.gains.bypass.set(bypass);
            self.gains.model.set(model);
            self.anchor(&settings.controls);
            self.is_primed = true;
        }
        let (mut input_peak, mut output_peak) = (0.0f32, 0.0f32);
        let sounds_by_itself = settings.controls.plays_by_itself(self.telemetry.playable.load());
        let is_watched = self.telemetry.sound.is_open();
        for frame in 0..frames {
            let input_gain = self.gains.input.next(settings.input_gain);
            let output_gain = self.gains.output.next(settings.output_gain);
            let wet_gain = self.gains.wet.next(settings.wet_gain);
            let mix = self.gains.mix.next(settings.mix) * self.gains.model.next(model);
            let width = self.gains.width.next(settings.width);
            let around = self.gains.side.next(around);
            let limits = self.gains.limiter.next(limits);
            let bypass = self.gains.bypass.next(bypass);
            if self.packet_frames == 0 {
                self.packet.controls = self.controls_at(&settings.controls, frame as i64);
            }
            let sides = side.len().max(1) as f32;
            let side = side.iter().map(|channel| self.held.guard_input(channel[frame])).sum::<f32>() / sides;
            self.packet.side[self.packet_frames] = side;
            let mut is_quiet = !sounds_by_itself && side == 0.0;
            for (index, channel) in channels.iter_mut().enumerate().take(MAX_CHANNELS) {
                let heard = self.held.guard_input(channel[frame]);
                channel[frame] = heard;
                is_quiet &= heard == 0.0;
                let sample = self.held.guard_output(heard * input_gain);
                self.packet.audio[index][self.packet_frames] = sample;
                input_peak = input_peak.max(sample.abs());
            }
            self.quiet_frames = if is_quiet { self.quiet_frames.saturating_add(1) } else { 0 };
            self.count_frame();
            let mut wet = self.wet_frame(has_model);
            let mut dry = [0.0; MAX_CHANNELS];
            for (dry, (line, channel)) in dry.iter_mut().zip(self.dry.iter_mut().zip(channels.iter())) {
                *dry = line.next(channel[frame]);
            }
            if channels.len() == 2 {
                spread(&mut wet, dry, around, width);
            }
            let mixed: [f32; MAX_CHANNELS] =
                std::array::from_fn(|index| (dry[index] * (1.0 - mix) + wet[index] * wet_gain * mix) * output_gain);
            let peak = mixed.iter().take(channels.len()).fold(0.0f32, |peak, sample| peak.max(sample.abs()));
            let limit = self.limiter.next(peak, limits);
            for (index, channel) in channels.iter_mut().enumerate().take(MAX_CHANNELS) {
                let limited = mixed[index] * limit;
                channel[frame] = self.held.guard_output(dry[index] * bypass + limited * (1.0 - bypass));
                output_peak = output_peak.max(channel[frame].abs());
            }
            if is_watched {
                let heard = channels.len().min(MAX_CHANNELS);
                self.balance.push(&dry[..heard], &wet[..heard]);
                let made: [f32; MAX_CHANNELS] =
                    std::array::from_fn(|index| channels.get(index).map_or(0.0, |channel| channel[frame]));
                self.lufs.push(&made[..heard]);
                let share = 1.0 / channels.len().max(1) as f32;
                let output: f32 = channels.iter().map(|channel| channel[frame]).sum();
                self.feed.push(dry.iter().sum::<f32>() * share, output * share);
            }
        }
        if !is_watched {
            self.feed.skip(frames);
        }
        // What was quiet for so long has left the dry delay, and every hop since the one that is heard now.
        let has_left = self.quiet_frames > 2 * self.latency.reported_frames;
        self.was_soft = output_peak < SOFT;
        self.is_silent = has_left && output_peak == 0.0 && (!has_model || self.wet.rests());
        self.telemetry.is_silent.store(self.is_silent, Ordering::Relaxed);
        self.telemetry.input_peak.store(input_peak);
        self.telemetry.output_peak.store(output_peak);
        self.telemetry.note_limiter(self.limiter.take_least());
        self.telemetry.output_lufs.store(self.lufs.short_term());
        self.telemetry.wet_above_dry_db.store(self.balance.wet_above_dry_db());
        self.telemetry.is_running.store(true, Ordering::Relaxed);
        self.telemetry.held.add(&mut self.held);
        self.pace.end(Instant::now());
    }

    /// Starts the stream again at the song's position when the song begins to roll and nobody hears the cut: in a render, or in
    /// silence. Some hosts play silence before they roll, each time another length of it, and may not render it as they do the
    /// song (Ardour): what the models make of it is none of the song's business.
    fn follow_song(&mut self, controls: &Controls) {
        let rolls = controls.song_s.is_some();
        let has_rolled = std::mem::replace(&mut self.rolls, rolls);
        // A player's frozen timbre and locked dimensions outlast a stop, and hosts that compute ahead are heard.
        let is_silent = self.is_silent && !controls.holds_latent();
        let is_unheard = self.waits || is_silent || (self.pace.allowance().is_some() && self.was_soft);
        if !rolls || has_rolled || !self.is_primed || !is_unheard {
            return;
        }
        self.epoch = self.epoch.wrapping_add(1);
        (self.clock, self.first_frame, self.packet_frames) = (0, 0, 0);
        self.wet.reset();
        self.limiter.reset();
        self.anchor(controls);
    }

    /// Begins the stream's count at the song's position within the period of all grids (packets, resampler, hops), so
    /// that hops lie at the same places of the song wherever the host starts to roll.
    fn anchor(&mut self, controls: &Controls) {
        self.packet.controls = *controls;
        let Some(frame) = self.song_frame(controls) else { return };
        self.clock = frame.rem_euclid(self.latency.period_frames.max(1) as i64) as u64;
        self.first_frame = self.clock;
        // The count may begin within a packet, which is then the first one that the worker sees.
        self.packet_frames = (self.clock % PACKET_FRAMES as u64) as usize;
        self.packet.controls = self.controls_at(controls, -(self.packet_frames as i64));
        self.packet.audio = [[0.0; PACKET_FRAMES]; MAX_CHANNELS];
        self.packet.side = [0.0; PACKET_FRAMES];
        if let Some(half) = &self.half {
            half.set_due(self.epoch, self.first_frame);
        }
    }

    /// The song's position in whole frames: in seconds it depends on where the host's blocks begin, by a rounding.
    fn song_frame(&self, controls: &Controls) -> Option<i64> {
        controls.song_s.map(|song_s| (song_s * self.host_rate_hz).round() as i64)
    }

    /// The block's controls for its frame of this number.
    fn controls_at(&self, controls: &Controls, frame: i64) -> Controls {
        let rate_hz = self.host_rate_hz;
        let song_s = self.song_frame(controls).map(|start| start.saturating_add(frame) as f64 / rate_hz);
        let movement = controls.movement.later(frame as f64 / rate_hz);
        let mut path = controls.path.later(frame as f64 / rate_hz);
        if let Some(note) = &mut path.note {
            // Whole frames too.
            note.age_s = (note.age_s * rate_hz).round() / rate_hz;
        }
        Controls { song_s, movement, path, ..*controls }
    }

    /// One more input frame is in the packet; a full packet leaves.
    fn count_frame(&mut self) {
        self.packet_frames += 1;
        self.clock += 1;
        if self.packet_frames < PACKET_FRAMES {
            return;
        }
        self.packet_frames = 0;
        self.packet.epoch = self.epoch;
        self.packet.start = self.clock - PACKET_FRAMES as u64;
        let packet = self.packet;
        self.await_worker(AudioHalf::can_send, |half, _| half.is_abandoned());
        // A full ring: the worker is seconds behind or gone. The gap keeps its place, see `link`.
        if let Some(half) = &mut self.half {
            half.send(packet);
        }
    }

    /// The wet frame that is due now. Before the stream's first one, and without a model, silence.
    fn wet_frame(&mut self, has_model: bool) -> [f32; MAX_CHANNELS] {
        let silence = [0.0; MAX_CHANNELS];
        let Some(half) = &mut self.half else { return silence };
        let index = (self.clock - 1).checked_sub(self.latency.preroll_frames as u64);
        let Some(index) = index.filter(|&index| index >= self.first_frame) else { return silence };
        half.set_due(self.epoch, index);
        let mut is_here = self.wet.seek(half, self.epoch, index);
        if !has_model {
            return silence;
        }
        // Again and again: what comes first may be left over from before a reset.
        while !is_here && !self.wet.has_passed() {
            // A worker that has worked off all that it was sent has nothing left to make a missing frame of.
            let may_come = self.await_worker(AudioHalf::can_receive, |half, telemetry| {
                half.is_worked_off() || half.is_abandoned() || telemetry.state() != EngineState::Ready
            });
            let Some(half) = &mut self.half else { break };
            is_here = self.wet.seek(half, self.epoch, index);
            if !may_come {
                break;
            }
        }
        if !is_here {
            self.telemetry.lost_frames.fetch_add(1, Ordering::Relaxed);
        }
        let frame = self.wet.frame(index, is_here);
        if frame.is_new_underrun {
            self.telemetry.underruns.fetch_add(1, Ordering::Relaxed);
        }
        frame.channels
    }

    /// Waits for the worker, where nobody can be listening and it is not in vain. False when it is, or nobody waits.
    fn await_worker(
        &mut self,
        has_happened: impl Fn(&AudioHalf) -> bool,
        is_vain: impl Fn(&AudioHalf, &Telemetry) -> bool,
    ) -> bool {
        let Some(half) = &self.half else { return false };
        if has_happened(half) {
            return true;
        }
        let allowance = match self.waits {
            true => (!self.has_waited_in_vain).then_some(patience::LIMIT),
            false => self.pace.allowance(),
        };
        let Some(limit) = allowance else { return false };
        let telemetry = &self.telemetry;
        let waited = patience::wait(limit, || has_happened(half) || is_vain(half, telemetry));
        self.has_waited_in_vain |= waited >= limit;
        self.pace.waited(waited);
        !is_vain(half, telemetry)
    }

    /// A bounce begins with the model, not with the dry sound that is heard while it loads.
    fn await_model(&mut self) {
        if self.waits && self.half.is_some() && !self.has_waited_in_vain {
            let telemetry = &self.telemetry;
            let waited = patience::wait(patience::LIMIT, || telemetry.state() != EngineState::Loading);
            self.has_waited_in_vain = waited >= patience::LIMIT;
        }
    }
}
