//! Timbreloom Codes, the instrument: plays the codes of a discrete model from MIDI.

use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use nice_plug_core::midi::{Channel, Key, VoiceID};
use nih_plug::prelude::*;
use rtrb::Consumer;

use super::caught::caught;
use super::codes_player::Player;
use super::codes_supply::CodesPlayed;
use super::starts::Starts;
use super::supply::Supply;
use super::vst3_entry::{Fence, hand_over};
use super::{EVENT_CAPACITY, announced_offline, pinned};
use crate::dsp::sample_guard::SampleGuard;
use crate::editor;
use crate::editor::codes::CodesEditor;
use crate::instance::codes_params::CodesParams;
use crate::instance::codes_window_link::CodesWindowLink;
use crate::instance::midi_play::{Heard, MidiPlay};
use crate::instance::project_models::ProjectModels;
use crate::instance::{remote, saved_state};
use crate::listen::Feed;
use crate::preset;
use crate::rt::InstrumentEnd;
use crate::synth::instrument::{Event, Instrument, Who};
use crate::synth::settings::Song;

/// Tempo while the host tells none, beats per minute.
const TEMPO_BPM: f64 = 120.0;

/// Channels of the side-chain at most.
const SIDE_CHANNELS: usize = 2;

/// An instance of the instrument.
pub struct TimbreloomCodes {
    params: Arc<CodesParams>,
    midi: MidiPlay,
    window_link: Arc<CodesWindowLink>,
    project: Arc<ProjectModels>,
    /// What is played in the window.
    events: Consumer<Event>,
    /// To the window's analyser.
    feed: Option<Feed>,
    supply: Supply<CodesPlayed>,
    player: Player,
    is_offline: bool,
    starts: Starts,
    /// Since the last block's end.
    held: SampleGuard,
    end: InstrumentEnd<1>,
}

impl Default for TimbreloomCodes {
    fn default() -> Self {
        pinned::pin_library();
        let (window_link, events) = CodesWindowLink::new();
        let (params, window_link) = (Arc::<CodesParams>::default(), Arc::new(window_link));
        let project = Arc::new(ProjectModels::new(&*params, Arc::clone(&window_link.telemetry)));
        let (supply, taker) = CodesPlayed::supply(&params, &project, &window_link);
        Self {
            midi: MidiPlay::new(&params),
            params,
            window_link,
            project,
            events,
            feed: None,
            supply,
            player: Player::new(taker),
            is_offline: false,
            starts: Starts::default(),
            held: SampleGuard::default(),
            end: InstrumentEnd::new(RATE_BEFORE_HZ),
        }
    }
}

/// Until the host has said its own, Hz.
const RATE_BEFORE_HZ: f64 = 48_000.0;

impl TimbreloomCodes {
    fn song(context: &impl ProcessContext<Self>) -> Song {
        let transport = context.transport();
        let tempo_bpm = transport.tempo.filter(|tempo| tempo.is_finite() && *tempo >= 1.0).unwrap_or(TEMPO_BPM);
        let beats = transport.pos_beats().filter(|beats| transport.playing && beats.is_finite());
        Song { beats, tempo_bpm }
    }

    /// Plays a part of a block with the values of this moment. Wait-free.
    fn play(&mut self, buffer: &mut Buffer, aux: &mut AuxiliaryBuffers, frames: Range<usize>, song: Song) {
        let Some((first, others)) = buffer.as_slice().split_first_mut() else { return };
        let out = &mut first[frames.clone()];
        let mut side: [&[f32]; SIDE_CHANNELS] = [&[]; SIDE_CHANNELS];
        let mut channels = 0;
        for (side, channel) in side.iter_mut().zip(aux.inputs.iter_mut().flat_map(|port| port.as_slice().iter_mut())) {
            let heard = &mut channel[frames.clone()];
            heard.iter_mut().for_each(|sample| *sample = self.held.guard_input(*sample));
            *side = heard;
            channels += 1;
        }
        self.player.render(out, &side[..channels], &self.params.settings(&self.midi), song);
        let limits = self.midi.value(&self.params.limiter);
        for sample in out {
            let share = self.end.share(limits);
            self.end.finish(0, std::iter::once(sample), 1.0, share, &mut self.held);
        }
        for other in others {
            other[frames.clone()].copy_from_slice(&first[frames.clone()]);
        }
    }

    /// Silence, and nothing to tell of what was before. Wait-free.
    fn begin_again(&mut self) {
        self.midi.reset();
        self.window_link.telemetry.held.reset();
        self.end.reset();
        if caught(|| self.player.instrument().map(Instrument::reset)).is_none() {
            self.player.give_up();
        }
    }

    /// Plays what was pressed in the window. Wait-free.
    fn handle_window(&mut self) {
        while let Ok(event) = self.events.pop() {
            if let Some(instrument) = self.player.instrument() {
                instrument.handle_window(event, &self.params.settings(&self.midi));
            }
        }
    }

    /// A controller moves what it is mapped to, as well as what it does as a source. Wait-free.
    fn turn(&mut self, event: &NoteEvent<()>, frames: usize) {
        let NoteEvent::MidiCC { timing, channel, cc, value } = *event else { return };
        if !self.midi.hears(channel, cc) {
            return;
        }
        if (timing as usize) < frames {
            self.midi.turn(channel, cc, value);
        } else {
            // The block is split here for automation, and in one frame the controller comes after that.
            self.midi.turn_next(channel, cc, value);
        }
    }

    /// Tells the host which of its notes have ended, so that it can end what it does for them alone. Wait-free.
    fn tell_ends(&mut self, context: &mut impl ProcessContext<Self>) {
        while let Some(Who { id, channel, key }) = self.player.next_end() {
            // A queue that is full is the host's own doing.
            let _ = context.try_send_event(NoteEvent::VoiceTerminated {
                // By CLAP's rules the time is ignored; the queue is to be in order.
                timing: 0,
                voice_id: id.map_or(VoiceID::Wildcard, VoiceID::ID),
                channel: channel.map_or(Channel::Wildcard, Channel::Number),
                key: key.map_or(Key::Wildcard, Key::Number),
            });
        }
    }

    /// Level and sound of a block, for the window. Wait-free.
    fn show(&mut self, buffer: &mut Buffer, aux: &mut AuxiliaryBuffers) {
        let telemetry = &self.window_link.telemetry;
        telemetry.is_running.store(true, Ordering::Relaxed);
        let frames = buffer.samples();
        // All channels are the same.
        telemetry.held.add(&mut self.held);
        self.end.tell(telemetry, buffer.as_slice());
        let Some(out) = buffer.as_slice().first() else { return };
        let peak = out.iter().fold(0.0, |peak: f32, sample| sample.abs().max(peak));
        telemetry.output_peak.store(peak);
        telemetry.is_silent.store(peak == 0.0 && !self.player.is_sounding(), Ordering::Relaxed);
        let Some(feed) = &mut self.feed else { return };
        if !telemetry.sound.is_open() {
            feed.skip(frames);
            return;
        }
        let side = aux.inputs.first_mut().map(Buffer::as_slice).unwrap_or_default();
        let share = 1.0 / side.len().max(1) as f32;
        for (frame, sample) in out.iter().enumerate() {
            feed.push(side.iter().map(|channel| channel[frame]).sum::<f32>() * share, *sample);
        }
    }

    /// A block, as [`Plugin::process`]. Wait-free.
    fn perform(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let began = Instant::now();
        let is_offline = self.is_offline || announced_offline::is_offline();
        self.player.take_loaded(is_offline);
        self.midi.settle();
        self.handle_window();
        let song = Self::song(context);
        let rate_hz = f64::from(context.transport().sample_rate);
        let (frames, mut at) = (buffer.samples(), 0);
        while let Some(event) = context.next_event() {
            let until = (event.timing() as usize).min(frames);
            if until > at {
                self.play(buffer, aux, at..until, song.later(at as f64 / rate_hz));
                at = until;
            }
            self.turn(&event, frames);
            if let Some(event) = translate(&event) {
                self.player.handle(event, &self.params.settings(&self.midi));
            }
            if self.player.instrument().is_some_and(|instrument| instrument.has_many_ends()) {
                self.tell_ends(context);
            }
        }
        if frames > at {
            self.play(buffer, aux, at..frames, song.later(at as f64 / rate_hz));
        }
        self.tell_ends(context);
        self.show(buffer, aux);
        if !is_offline && frames > 0 {
            self.window_link.telemetry.note_load((began.elapsed().as_secs_f64() * rate_hz / frames as f64) as f32);
        }
        // An open window is a reason to go on: its keys reach a plugin that sleeps only when the host wakes it.
        let telemetry = &self.window_link.telemetry;
        if telemetry.is_silent.load(Ordering::Relaxed) && !telemetry.sound.is_open() {
            return ProcessStatus::Normal;
        }
        let settings = self.params.settings(&self.midi);
        ProcessStatus::Tail(self.player.instrument().map_or(0, |instrument| instrument.tail_frames(&settings)))
    }
}

impl Plugin for TimbreloomCodes {
    const NAME: &'static str = preset::Plugin::Codes.name();
    super::of_every_plugin!();

    // As with the effect: the side-chain is not in the first layout, and so for CLAP hosts.
    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[
        AudioIOLayout { main_output_channels: NonZeroU32::new(2), ..AudioIOLayout::const_default() },
        AudioIOLayout { main_output_channels: NonZeroU32::new(1), ..AudioIOLayout::const_default() },
        AudioIOLayout {
            main_output_channels: NonZeroU32::new(2),
            aux_input_ports: &[new_nonzero_u32(2)],
            names: PortNames { layout: Some("Stereo with side-chain"), ..PortNames::const_default() },
            ..AudioIOLayout::const_default()
        },
    ];
    const MIDI_INPUT: MidiConfig = MidiConfig::MidiCCs;
    const INPUT_EVENT_CAPACITY: usize = EVENT_CAPACITY;

    type Editor = CodesEditor;
    type BackgroundTask = Fence;

    fn filter_state(state: &mut PluginState) {
        saved_state::bring_up_to_date::<CodesParams>(state);
    }

    fn task_executor(&mut self) -> TaskExecutor<Self> {
        Box::new(|fence| fence.pass())
    }

    fn params(&self) -> Arc<dyn Params> {
        self.params.clone()
    }

    fn editor(&mut self, executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
        hand_over(self.params.clone(), executor);
        Some(editor::codes::create(Arc::clone(&self.params), Arc::clone(&self.window_link), Arc::clone(&self.project)))
    }

    fn activate(
        &mut self,
        layout: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<Self>,
    ) -> bool {
        let rate_hz = config.sample_rate.round() as u32;
        // Hosts activate several times in a row: what has not changed is kept.
        let was_broken = self.player.start(rate_hz);
        self.supply.activate(rate_hz, was_broken);
        self.player.start(rate_hz);
        self.is_offline = config.process_mode == ProcessMode::Offline;
        self.starts.begin(self.is_offline);
        self.end = InstrumentEnd::new(f64::from(config.sample_rate));
        self.begin_again();
        let telemetry = &self.window_link.telemetry;
        telemetry.host_rate_hz.store(config.sample_rate);
        telemetry.has_no_side_chain.store(layout.aux_input_ports.is_empty(), Ordering::Relaxed);
        self.feed = Some(telemetry.sound.feed(f64::from(config.sample_rate)));
        // What was pressed while nothing ran is not to sound now.
        while self.events.pop().is_ok() {}
        // Voices are computed where they are heard.
        context.set_latency_samples(0);
        true
    }

    fn stop_processing(&mut self) {
        self.starts.expect();
    }

    fn reset(&mut self) {
        if self.starts.is_reset() {
            self.begin_again();
        }
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        self.starts.note_block();
        let status = caught(|| self.perform(buffer, aux, context));
        status.unwrap_or_else(|| {
            self.player.give_up();
            self.tell_ends(context);
            self.window_link.note_fault();
            buffer.as_slice().iter_mut().for_each(|channel| channel.fill(0.0));
            ProcessStatus::Normal
        })
    }
}

/// The framework's event in the instrument's words; `None` for what it has no use for.
fn translate(event: &NoteEvent<()>) -> Option<Event> {
    let who = |voice: &VoiceID, channel: &Channel, key: &Key| Who {
        id: voice.id(),
        channel: channel.number(),
        key: key.number(),
    };
    Some(match event {
        NoteEvent::NoteOn { voice_id, channel, key, velocity, .. } => Event::On(who(voice_id, channel, key), *velocity),
        NoteEvent::NoteOff { voice_id, channel, key, .. } => Event::Off(who(voice_id, channel, key)),
        NoteEvent::Choke { voice_id, channel, key, .. } => Event::Choke(who(voice_id, channel, key)),
        NoteEvent::PolyTuning { voice_id, channel, key, tuning, .. } => {
            Event::Tuning(who(voice_id, channel, key), *tuning)
        }
        NoteEvent::PolyPressure { voice_id, channel, key, pressure, .. } => {
            Event::Pressure(who(voice_id, channel, key), *pressure)
        }
        NoteEvent::PolyBrightness { voice_id, channel, key, brightness, .. } => {
            Event::Slide(who(voice_id, channel, key), *brightness)
        }
        NoteEvent::PolyVolume { voice_id, channel, key, gain, .. } => Event::Gain(who(voice_id, channel, key), *gain),
        NoteEvent::MidiPitchBend { channel, value, .. } => Event::Bend(*channel, 2.0 * value - 1.0),
        NoteEvent::MidiChannelPressure { channel, pressure, .. } => Event::ChannelPressure(*channel, *pressure),
        NoteEvent::MidiCC { channel, cc, value, .. } => Event::Controller(*channel, *cc, *value),
        _ => return None,
    })
}

impl ClapPlugin for TimbreloomCodes {
    const CLAP_ID: &'static str = "org.timbreloom.codes";
    const CLAP_DESCRIPTION: Option<&'static str> = Some("Play the timbres of a neural codebook from a keyboard");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] =
        &[ClapFeature::Instrument, ClapFeature::Synthesizer, ClapFeature::Stereo, ClapFeature::Mono];

    fn remote_controls(&self, context: &mut impl RemoteControlsContext) {
        remote::define_codes_pages(&self.params, context);
    }
}

impl Vst3Plugin for TimbreloomCodes {
    const VST3_CLASS_ID: [u8; 16] = *b"TimbreloomCodes1";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] = &[Vst3SubCategory::Instrument, Vst3SubCategory::Synth];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::request::ModelRequest;

    /// A host that wants to know nothing.
    struct Host;

    impl ActivateContext<TimbreloomCodes> for Host {
        fn plugin_api(&self) -> PluginApi {
            PluginApi::Clap
        }

        fn execute(&self, fence: Fence) {
            fence.pass();
        }

        fn set_latency_samples(&self, _: u32) {}

        fn set_current_voice_capacity(&self, _: u32) {}
    }

    #[test]
    fn the_window_learns_whether_the_layout_has_a_side_chain() {
        let mut plugin = TimbreloomCodes::default();
        *plugin.params.kept.model.lock() = ModelRequest::named("a codebook that is nowhere");
        let config = BufferConfig {
            sample_rate: 48_000.0,
            min_buffer_size: None,
            max_buffer_size: 512,
            process_mode: ProcessMode::Realtime,
        };
        for layout in TimbreloomCodes::AUDIO_IO_LAYOUTS {
            assert!(plugin.activate(layout, &config, &mut Host));
            let has_none = plugin.window_link.telemetry.has_no_side_chain.load(Ordering::Relaxed);
            assert_eq!(has_none, layout.aux_input_ports.is_empty(), "{layout:?}");
        }
    }
}
