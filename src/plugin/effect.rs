//! Timbreloom, the effect: an insert that plays one voice, or all sound, through a model.

use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use nice_plug_core::midi::{Channel, Key, VoiceID};
use nih_plug::prelude::*;

use super::starts::Starts;
use super::vst3_entry::{Fence, hand_over};
use super::{EVENT_CAPACITY, announced_offline, clap_latency, pinned};
use crate::editor;
use crate::engine::{Engine, Slot, this_thread};
use crate::instance::effect_choices::PathUse;
use crate::instance::effect_params::{Changes, EffectParams};
use crate::instance::heard_sound::{HeardSound, SoundPlayer};
use crate::instance::held_notes::{HeldNotes, KeyAct, PathKey};
use crate::instance::midi_play::{Heard, MidiPlay};
use crate::instance::osc_play::OscPlay;
use crate::instance::project_models::ProjectModels;
use crate::instance::remote;
use crate::instance::saved_state;
use crate::instance::transport::TransportPosition;
use crate::latency::StreamFormat;
use crate::link::MAX_CHANNELS;
use crate::model::provider::ProviderChoice;
use crate::model::request::ModelRequest;
use crate::model::{Shape, loader};
use crate::preset;
use crate::rt::Processor;
use crate::telemetry::{EngineState, ModelInfo, Telemetry};

/// MIDI controller of MPE's slide.
const SLIDE_CC: u8 = 74;

/// How long `activate` waits for a model; a cold disk and a virus scanner need seconds.
const LOAD_LIMIT: Duration = Duration::from_secs(20);

/// A model that was asked for, on what was to run it, and came.
type Loaded = Option<((ModelRequest, ProviderChoice), Shape)>;

/// An instance of the effect.
///
/// Only hosts of CLAP give it MIDI. For VST3, nice-plug would add 2080 parameters, one for each controller of each channel: hosts
/// built with JUCE list them all, and pedalboard takes 40 s to load them. VST3 hosts map controllers themselves. With notes alone
/// it has an event bus there, for which Ardour 7 gives a mono track two outputs: the framework panics in its process.
pub struct Timbreloom<const TAKES_MIDI: bool> {
    params: Arc<EffectParams>,
    midi: MidiPlay,
    osc: OscPlay,
    /// What plays latent paths.
    notes: HeldNotes,
    /// A sound that is tried from the window, in the input's place; its player is there from the first activation on.
    tried: Arc<HeardSound>,
    try_player: Option<SoundPlayer>,
    /// What is tried, before it takes the input's place.
    try_frames: [Vec<f32>; 2],
    telemetry: Arc<Telemetry>,
    project: Arc<ProjectModels>,
    engine: Option<Arc<Engine>>,
    first: Loaded,
    second: Loaded,
    stream: Option<(StreamFormat, usize)>,
    processor: Option<Processor>,
    /// As the host has set it up, and as it says with this block.
    is_set_up_offline: bool,
    is_offline: bool,
    has_asked_for_restart: bool,
    starts: Starts,
    has_told_thread: bool,
    /// See [`ProjectModels::choices`].
    choices: u32,
    /// What the models were loaded with.
    changes: Changes,
}

impl<const TAKES_MIDI: bool> Default for Timbreloom<TAKES_MIDI> {
    fn default() -> Self {
        pinned::pin_library();
        let (params, telemetry) = (Arc::<EffectParams>::default(), Arc::<Telemetry>::default());
        let project = Arc::new(ProjectModels::new(&*params, Arc::clone(&telemetry)));
        Self {
            midi: MidiPlay::new(&params),
            osc: OscPlay::new(&params, &telemetry),
            notes: HeldNotes::default(),
            tried: Arc::default(),
            try_player: None,
            try_frames: Default::default(),
            params,
            telemetry,
            project,
            engine: None,
            first: None,
            second: None,
            stream: None,
            processor: None,
            is_set_up_offline: false,
            is_offline: false,
            has_asked_for_restart: false,
            starts: Starts::default(),
            has_told_thread: false,
            choices: 0,
            changes: Changes::default(),
        }
    }
}

impl<const TAKES_MIDI: bool> Timbreloom<TAKES_MIDI> {
    /// Its window. Main thread.
    pub(crate) fn window(&self) -> Option<editor::EffectEditor> {
        let (params, project) = (Arc::clone(&self.params), Arc::clone(&self.project));
        editor::create(params, Arc::clone(&self.telemetry), project, Arc::clone(&self.tried), TAKES_MIDI)
    }

    /// The shapes of the models that the project asks for, loaded if they are not yet. `None`: see the telemetry.
    fn load_models(&mut self) -> (Option<Shape>, Option<Shape>) {
        if self.engine.is_none() {
            let loader = loader::from_catalogue(self.project.models(), Arc::clone(&self.params.own.provider));
            match Engine::start(loader, Arc::clone(&self.telemetry)) {
                Ok(engine) => {
                    let engine = Arc::new(engine);
                    self.project.attach(&engine);
                    // Before any stream is opened, so that a bounce begins with them.
                    self.params.own.paths.attach(&engine);
                    self.engine = Some(engine);
                }
                Err(error) => {
                    let name = self.params.kept.model.lock().name.clone();
                    let message = format!("the system refused a thread for the model ({error}). Close some programs.");
                    self.telemetry.set_model(ModelInfo { name, message, ..ModelInfo::default() });
                    self.telemetry.set_state(EngineState::Missing);
                    return (None, None);
                }
            }
        }
        let Some(engine) = &self.engine else { return (None, None) };
        if self.telemetry.state() != EngineState::Ready {
            self.first = None;
        }
        let choices = self.project.choices();
        let has_chosen = std::mem::replace(&mut self.choices, choices) != choices;
        let mut has_changed = false;
        for (slot, loaded, asked) in [
            (Slot::First, &mut self.first, &self.params.kept.model),
            (Slot::Second, &mut self.second, &self.params.own.second_model),
        ] {
            let (request, choice) = (asked.lock().clone(), self.params.own.provider.lock().clone());
            let is_loaded = loaded.as_ref().is_some_and(|((is, on), _)| *is == request && *on == choice);
            if is_loaded && !has_chosen {
                continue;
            }
            has_changed |= loaded.is_some() || !request.name.is_empty();
            *loaded = None;
            if request.name.is_empty() {
                engine.unload(slot);
            } else if let Some(shape) = engine.load(slot, request, LOAD_LIMIT) {
                // The loader may have filled in the hash.
                *loaded = Some(((asked.lock().clone(), choice), shape));
            }
            self.project.note_asked(slot);
        }
        if has_changed {
            self.stream = None;
        }
        let shape = |loaded: &Loaded| loaded.as_ref().map(|(_, shape)| shape.clone());
        (shape(&self.first), shape(&self.second))
    }
}

/// What the framework runs elsewhere than on the audio thread.
pub enum Task {
    /// To follow a state that the host has loaded while the plugin runs.
    Follow,
    /// To tell that its turn has come.
    Fence(Fence),
}

impl From<Fence> for Task {
    fn from(fence: Fence) -> Self {
        Self::Fence(fence)
    }
}

impl<const TAKES_MIDI: bool> Plugin for Timbreloom<TAKES_MIDI> {
    const NAME: &'static str = preset::Plugin::Effect.name();
    super::of_every_plugin!();

    // The side-chain is a layout of its own and not the first one: VST3 hosts that leave a side-chain unconnected hand over
    // null pointers for it (JUCE's do), and nice-plug 0.4 reads them. So far it is for CLAP hosts, which choose a layout.
    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[
        AudioIOLayout {
            main_input_channels: NonZeroU32::new(2),
            main_output_channels: NonZeroU32::new(2),
            ..AudioIOLayout::const_default()
        },
        AudioIOLayout {
            main_input_channels: NonZeroU32::new(1),
            main_output_channels: NonZeroU32::new(1),
            ..AudioIOLayout::const_default()
        },
        AudioIOLayout {
            main_input_channels: NonZeroU32::new(2),
            main_output_channels: NonZeroU32::new(2),
            aux_input_ports: &[new_nonzero_u32(2)],
            names: PortNames { layout: Some("Stereo with side-chain"), ..PortNames::const_default() },
            ..AudioIOLayout::const_default()
        },
        AudioIOLayout {
            main_input_channels: NonZeroU32::new(1),
            main_output_channels: NonZeroU32::new(1),
            aux_input_ports: &[new_nonzero_u32(1)],
            names: PortNames { layout: Some("Mono with side-chain"), ..PortNames::const_default() },
            ..AudioIOLayout::const_default()
        },
    ];
    const MIDI_INPUT: MidiConfig = if TAKES_MIDI { MidiConfig::MidiCCs } else { MidiConfig::None };
    const INPUT_EVENT_CAPACITY: usize = EVENT_CAPACITY;

    type Editor = editor::EffectEditor;
    type BackgroundTask = Task;

    fn task_executor(&mut self) -> TaskExecutor<Self> {
        let project = Arc::clone(&self.project);
        Box::new(move |task| match task {
            // Always on the main thread, which in some hosts is the audio thread too.
            Task::Follow => util::permit_alloc(|| project.follow()),
            Task::Fence(fence) => fence.pass(),
        })
    }

    fn filter_state(state: &mut PluginState) {
        saved_state::bring_up_to_date::<EffectParams>(state);
    }

    fn params(&self) -> Arc<dyn Params> {
        self.params.clone()
    }

    fn editor(&mut self, executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
        hand_over(self.params.clone(), executor);
        self.window()
    }

    fn activate(
        &mut self,
        layout: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<Self>,
    ) -> bool {
        self.prepare(layout, config);
        if let Some(processor) = &self.processor {
            clap_latency::tell(processor.latency_frames() as u32, context);
        }
        true
    }

    fn stop_processing(&mut self) {
        self.starts.expect();
    }

    fn reset(&mut self) {
        if !self.starts.is_reset() {
            return;
        }
        self.midi.reset();
        self.osc.reset();
        self.notes.reset();
        if let Some(processor) = &mut self.processor {
            processor.reset();
        }
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        self.perform(buffer, aux, context)
    }
}

impl<const TAKES_MIDI: bool> Timbreloom<TAKES_MIDI> {
    /// As [`Plugin::activate`], but that nobody is told of the latency.
    pub(crate) fn prepare(&mut self, layout: &AudioIOLayout, config: &BufferConfig) {
        self.telemetry.has_no_side_chain.store(layout.aux_input_ports.is_empty(), Ordering::Relaxed);
        let format = StreamFormat {
            host_rate_hz: f64::from(config.sample_rate),
            max_block_frames: config.max_buffer_size as usize,
            channels: layout.main_input_channels.map_or(1, NonZeroU32::get) as usize,
            margin: self.params.margin(),
        };
        // First of all: a wish that comes from here on is about what is there afterwards, or another stream makes it count for
        // nothing.
        self.telemetry.restart.clear();
        self.changes = self.params.changes();
        let (first, second) = self.load_models();
        // A second model of another rate or hop cannot run in step with the first.
        let second = second.filter(|second| {
            first.as_ref().is_some_and(|first| {
                (first.sample_rate_hz, first.hop_frames) == (second.sample_rate_hz, second.hop_frames)
            })
        });
        let delay_frames = second.map_or(0, |second| second.delay_frames);
        // Hosts activate several times in a row: what has not changed is kept, so that nothing is loaded twice.
        if self.stream != Some((format, delay_frames)) || self.processor.is_none() {
            let stream = match (&self.engine, &first) {
                (Some(engine), Some(first)) => engine.open_stream(format, first, delay_frames),
                _ => None,
            };
            self.processor = Some(Processor::new(stream, format, Arc::clone(&self.telemetry)));
            self.stream = first.is_some().then_some((format, delay_frames));
        }
        let end = self.try_player.take().map(SoundPlayer::into_end).or_else(|| self.tried.take_end());
        self.try_player = end.map(|end| SoundPlayer::new(end, format.host_rate_hz));
        self.try_frames = [(); 2].map(|()| vec![0.0; format.max_block_frames]);
        self.midi.reset();
        self.osc.reset();
        self.notes.reset();
        self.is_set_up_offline = config.process_mode == ProcessMode::Offline;
        self.is_offline = self.is_set_up_offline;
        self.has_asked_for_restart = false;
        self.has_told_thread = false;
        self.telemetry.audio_thread.store(0, Ordering::Relaxed);
        self.starts.begin(self.is_offline);
        if let Some(processor) = &mut self.processor {
            processor.set_waits(self.is_offline);
            processor.reset();
        }
    }

    /// A block, as [`Plugin::process`], of this plugin or of one around it. Wait-free.
    pub(crate) fn perform<P: Plugin<BackgroundTask = Task>>(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<P>,
    ) -> ProcessStatus {
        #[cfg(feature = "assert_process_allocs")]
        break_the_rule_if_told_to();
        self.starts.note_block();
        self.tell_thread();
        self.follow_mode();
        self.keep_up(context);
        let transport = context.transport();
        let song = TransportPosition {
            position_s: transport.pos_seconds().filter(|_| transport.playing),
            position_beats: transport.pos_beats().filter(|_| transport.playing),
            tempo_bpm: transport.tempo,
            bar_beats: transport
                .time_sig_numerator
                .zip(transport.time_sig_denominator)
                .map(|(count, unit)| 4.0 * f64::from(count) / f64::from(unit)),
        };
        let rate_hz = f64::from(transport.sample_rate);
        self.telemetry.beat_s.store((1.0 / song.beats_per_s()) as f32);
        self.telemetry.bar_beats.store(song.beats_per_bar() as f32);
        // The framework splits blocks where the host moves a parameter; notes and controllers split what is left.
        self.midi.settle();
        self.osc.take(&mut self.midi, self.is_offline);
        let (frames, mut at) = (buffer.samples(), 0);
        while let Some(event) = context.next_event() {
            let (key, turn) = (Self::key_of(&event), self.turn_of(&event));
            let until = (event.timing() as usize).min(frames);
            if until > at && (turn.is_some() || key.is_some_and(|key| self.is_heard(key))) {
                self.play(buffer, aux, at..until, song.later(at as f64 / rate_hz));
                at = until;
            }
            if let Some(key) = key {
                self.notes.take(key);
            }
            match turn {
                // The block is split here for automation, and in one frame the controller comes after that.
                Some((channel, cc, value)) if until == frames => self.midi.turn_next(channel, cc, value),
                Some((channel, cc, value)) => self.midi.turn(channel, cc, value),
                None => {}
            }
        }
        if frames > at {
            self.play(buffer, aux, at..frames, song.later(at as f64 / rate_hz));
        }
        match &self.processor {
            // The framework's word for: nothing sounds, and nothing will by itself. An open window is a reason to go on, and so is
            // OSC: what is moved there reaches a plugin that sleeps only when the host wakes it.
            Some(processor) if processor.is_silent() && !self.telemetry.sound.is_open() && !self.osc.is_on() => {
                ProcessStatus::Normal
            }
            Some(processor) => ProcessStatus::Tail(processor.tail_frames() as u32),
            None => ProcessStatus::Normal,
        }
    }

    /// Plays a part of a block with the values of this moment. Wait-free, as [`Processor::process`] is.
    fn play(&mut self, buffer: &mut Buffer, aux: &mut AuxiliaryBuffers, frames: Range<usize>, song: TransportPosition) {
        let Some(processor) = &mut self.processor else { return };
        let mut settings = self.params.settings(&song, &self.midi);
        settings.controls.path = settings.controls.path.with_note(self.notes.sounding(processor.rate_hz()));
        settings.controls.intonation = settings.controls.intonation.with_keys(self.notes.pitch_classes());
        settings.controls.latent = self.osc.latent();
        self.notes.pass(frames.len());
        let side = aux.inputs.first_mut().map(Buffer::as_slice).unwrap_or_default();
        let side_channels = side.len().min(MAX_CHANNELS);
        let side = part(side, &frames);
        let main = buffer.as_slice();
        let channels = main.len().min(MAX_CHANNELS);
        // Nobody who bounces a song wants what is tried in the window.
        if let (Some(player), false) = (&mut self.try_player, self.is_offline) {
            player.replace(main, frames.clone(), &mut self.try_frames);
        }
        processor.process(&mut part(main, &frames)[..channels], &side[..side_channels], &settings);
    }

    /// A controller that moves what it is mapped to, or is learnt: channel, number, value.
    fn turn_of<S>(&self, event: &NoteEvent<S>) -> Option<(u8, u8, f32)> {
        let NoteEvent::MidiCC { channel, cc, value, .. } = *event else { return None };
        self.midi.hears(channel, cc).then_some((channel, cc, value))
    }

    /// Whether what happens to a key may be heard from its own frame on. Where no touch moves the plane, pressure and slide, which
    /// come by the hundred, only change what is known of the notes.
    fn is_heard(&self, key: PathKey) -> bool {
        match key.act {
            KeyAct::Down | KeyAct::Up => true,
            KeyAct::Slide(_) | KeyAct::Pressure(_) => {
                self.midi.value(&self.params.plane.mpe) && self.midi.value(&self.params.path.mode) != PathUse::Off
            }
        }
    }

    /// What an event does to the notes that play latent paths and the plane.
    fn key_of<S>(event: &NoteEvent<S>) -> Option<PathKey> {
        let of = |voice_id: &VoiceID, channel: &Channel, key: &Key, act| PathKey {
            id: voice_id.id(),
            channel: channel.number(),
            key: key.number(),
            act,
        };
        let of_channel = |channel, act| PathKey { id: None, channel: Some(channel), key: None, act };
        Some(match event {
            NoteEvent::NoteOn { voice_id, channel, key, .. } => of(voice_id, channel, key, KeyAct::Down),
            NoteEvent::NoteOff { voice_id, channel, key, .. } | NoteEvent::Choke { voice_id, channel, key, .. } => {
                of(voice_id, channel, key, KeyAct::Up)
            }
            NoteEvent::PolyBrightness { voice_id, channel, key, brightness, .. } => {
                of(voice_id, channel, key, KeyAct::Slide(*brightness))
            }
            NoteEvent::PolyPressure { voice_id, channel, key, pressure, .. } => {
                of(voice_id, channel, key, KeyAct::Pressure(*pressure))
            }
            NoteEvent::MidiCC { channel, cc: SLIDE_CC, value, .. } => of_channel(*channel, KeyAct::Slide(*value)),
            NoteEvent::MidiChannelPressure { channel, pressure, .. } => {
                of_channel(*channel, KeyAct::Pressure(*pressure))
            }
            _ => return None,
        })
    }
}

/// Some frames of each channel; empty where there is no channel.
fn part<'a>(channels: &'a mut [&mut [f32]], frames: &Range<usize>) -> [&'a mut [f32]; MAX_CHANNELS] {
    let mut parts: [&mut [f32]; MAX_CHANNELS] = Default::default();
    for (part, channel) in parts.iter_mut().zip(channels) {
        *part = &mut channel[frames.clone()];
    }
    parts
}

impl<const TAKES_MIDI: bool> Timbreloom<TAKES_MIDI> {
    /// Some hosts say with each block whether they render, and not when they set the plugin up. Wait-free.
    fn follow_mode(&mut self) {
        let is_offline = self.is_set_up_offline || announced_offline::is_offline();
        if std::mem::replace(&mut self.is_offline, is_offline) != is_offline
            && let Some(processor) = &mut self.processor
        {
            processor.set_waits(is_offline);
        }
    }

    /// Tells the worker whom to stand below; once for each activation, since the answer costs a call of the system.
    fn tell_thread(&mut self) {
        if !std::mem::replace(&mut self.has_told_thread, true) {
            self.telemetry.audio_thread.store(this_thread(), Ordering::Relaxed);
        }
    }

    /// A latency that was changed and a model that needs another one come with the host's own restart, which is asked for
    /// once; a host that does not listen plays on as it did, and the window says what waits. The models of a state that the
    /// host has loaded take the old ones' places while they play. Nothing of it during a bounce. Wait-free: the framework
    /// defers it to the main thread.
    fn keep_up<P: Plugin<BackgroundTask = Task>>(&mut self, context: &mut impl ProcessContext<P>) {
        let has_new_latency = self.stream.is_some_and(|(format, _)| format.margin != self.params.margin());
        self.telemetry.has_new_latency.store(has_new_latency, Ordering::Relaxed);
        if self.is_offline {
            return;
        }
        let changes = self.params.changes();
        if changes.models != self.changes.models {
            self.changes.models = changes.models;
            context.execute_gui(Task::Follow);
        }
        let is_brought = |slot: usize| changes.embedded[slot] != self.changes.embedded[slot];
        let is_needed = self.telemetry.waits_for_restart()
            || (self.first.is_none() && is_brought(0))
            || (self.second.is_none() && is_brought(1));
        if is_needed && !self.has_asked_for_restart {
            context.request_restart();
        }
        self.has_asked_for_restart = is_needed;
    }
}

/// Allocates on the audio thread, so that a test can see the guard against that fail. Only built with the guard.
#[cfg(feature = "assert_process_allocs")]
fn break_the_rule_if_told_to() {
    use std::sync::LazyLock;
    static TOLD_TO: LazyLock<bool> =
        LazyLock::new(|| util::permit_alloc(|| std::env::var_os("TIMBRELOOM_TEST_ALLOCATES_IN_PROCESS").is_some()));
    if *TOLD_TO {
        std::hint::black_box(vec![0u8; 64]);
    }
}

impl ClapPlugin for Timbreloom<true> {
    const CLAP_ID: &'static str = "org.timbreloom.effect";
    const CLAP_DESCRIPTION: Option<&'static str> = Some("Play a track inside the latent space of a neural audio model");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] = &[
        ClapFeature::AudioEffect,
        ClapFeature::Stereo,
        ClapFeature::Mono,
        ClapFeature::PitchShifter,
        ClapFeature::Custom("timbreloom:timbre-transfer"),
    ];

    fn remote_controls(&self, context: &mut impl RemoteControlsContext) {
        remote::define_pages(&self.params, context);
    }
}

impl Vst3Plugin for Timbreloom<false> {
    const VST3_CLASS_ID: [u8; 16] = *b"TimbreloomEffect";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Fx, Vst3SubCategory::PitchShift, Vst3SubCategory::Modulation];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_touch_splits_a_block_only_where_a_path_is_played_and_touch_is_a_place_on_the_plane() {
        let mut plugin = Timbreloom::<true>::default();
        let key = |act| PathKey { id: None, channel: Some(2), key: Some(60), act };
        for (mode, mpe, splits) in [(0.0, 0.0, false), (0.0, 1.0, false), (0.5, 0.0, false), (0.5, 1.0, true)] {
            // As a message holds them: what is heard counts, and not what the host has set.
            for (id, share) in [("path_mode", mode), ("plane_mpe", mpe)] {
                let target = plugin.params.kept.midi_map.targets().iter().position(|known| known == id).unwrap();
                plugin.midi.hold(target, share);
            }
            for act in [KeyAct::Slide(0.5), KeyAct::Pressure(0.5)] {
                assert_eq!(plugin.is_heard(key(act)), splits, "mode {mode}, MPE {mpe}");
            }
            assert!(plugin.is_heard(key(KeyAct::Down)) && plugin.is_heard(key(KeyAct::Up)));
        }
    }

    #[test]
    fn the_window_learns_whether_the_layout_has_a_side_chain() {
        let mut plugin = Timbreloom::<false>::default();
        *plugin.params.kept.model.lock() = ModelRequest::named("a model that is nowhere");
        let config = BufferConfig {
            sample_rate: 48_000.0,
            min_buffer_size: None,
            max_buffer_size: 512,
            process_mode: ProcessMode::Realtime,
        };
        // Hosts of VST3 are given none but the first.
        assert!(Timbreloom::<false>::AUDIO_IO_LAYOUTS[0].aux_input_ports.is_empty());
        for layout in Timbreloom::<false>::AUDIO_IO_LAYOUTS {
            plugin.prepare(layout, &config);
            let has_none = plugin.telemetry.has_no_side_chain.load(Ordering::Relaxed);
            assert_eq!(has_none, layout.aux_input_ports.is_empty(), "{layout:?}");
        }
    }
}
