//! Timbreloom Drums, the drum machine: plays patterns in the host's song, and what is struck by MIDI or in the sound of the
//! side-chain, with hits that its worker makes.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use nih_plug::prelude::*;
use rtrb::Consumer;

use super::caught::caught;
use super::drums_notes::Notes;
use super::drums_ports::{self as ports, Outs, mix_side, pairs, silence};
use super::drums_supply::{ClassDrums, DrumsPlayed};
use super::starts::Starts;
use super::supply::Supply;
use super::vst3_entry::{Fence, hand_over};
use super::{EVENT_CAPACITY, announced_offline, pinned};
use crate::bounce::pace::Pace;
use crate::bounce::patience;
use crate::drums::TRACKS;
use crate::drums::chosen::Chosen;
use crate::drums::ear::{self, Ear};
use crate::drums::keys::{Drum, key_of, pattern_of, track_of};
use crate::drums::machine::{Machine, MachineSettings, Rings};
use crate::drums::pattern::Patterns;
use crate::drums::sequencer::Part;
use crate::dsp::sample_guard::SampleGuard;
use crate::dsp::smooth::Smooth;
use crate::editor;
use crate::editor::drums::DrumsEditor;
use crate::grains::schedule::RATE_HZ;
use crate::instance::drums_params::DrumsParams;
use crate::instance::drums_window_link::{DrumEvent, DrumsWindowLink};
use crate::instance::handover::Taker;
use crate::instance::heard_sound::SoundPlayer;
use crate::instance::midi_play::{Heard, MidiPlay};
use crate::instance::project_models::ProjectModels;
use crate::instance::{remote, saved_state};
use crate::listen::Feed;
use crate::preset;
use crate::rt::InstrumentEnd;
use crate::telemetry::{EngineState, ModelInfo};

/// Tempo while the host tells none, beats per minute.
const TEMPO_BPM: f64 = 120.0;

/// How long an activation waits for the hits that the tracks play, so that the first block has them.
const FIRST_HITS: Duration = Duration::from_secs(2);

/// The longest hit of any package, seconds.
const LONGEST_S: f64 = 6.0;

/// MIDI controllers that VST3 hosts are told of, to be learnt; none of them does anything by itself.
pub(super) const CONTROLLERS: [u8; 12] = [1, 2, 4, 7, 10, 11, 16, 17, 18, 19, 71, 74];

/// An instance of the drum machine. `GIVES_NOTES`: whether the host gets what the patterns play as notes, too.
pub struct TimbreloomDrums<const GIVES_NOTES: bool> {
    params: Arc<DrumsParams>,
    midi: MidiPlay,
    window_link: Arc<DrumsWindowLink>,
    project: Arc<ProjectModels>,
    /// What is played in the window.
    events: Consumer<DrumEvent>,
    /// To the window's analyser.
    feed: Option<Feed>,
    supply: Supply<DrumsPlayed>,
    drums: Arc<ClassDrums>,
    /// `None` until the first activation.
    machine: Option<Machine>,
    /// On the side-chain, as the machine of the host's rate.
    ear: Option<Ear>,
    rate_hz: f64,
    /// What the machine left half done when it panicked is not played any more.
    is_broken: bool,
    patterns: Box<Patterns>,
    /// Where others come.
    next_patterns: Option<Taker<Patterns>>,
    /// Where the host's song goes round, beats.
    loop_beats: Option<[f64; 2]>,
    chosen: Chosen,
    notes: Notes,
    gain: Option<Smooth>,
    /// The walk that is heard from the window; `None` until the first activation.
    walk: Option<SoundPlayer>,
    /// Set up for a bounce.
    is_set_up_offline: bool,
    /// This block is part of a bounce.
    is_offline: bool,
    /// Whether the host renders without saying so; `None` until the first activation.
    pace: Option<Pace>,
    starts: Starts,
    /// Since the last block's end.
    held: SampleGuard,
    end: InstrumentEnd<TRACKS>,
}

impl<const GIVES_NOTES: bool> Default for TimbreloomDrums<GIVES_NOTES> {
    fn default() -> Self {
        pinned::pin_library();
        let params = Arc::<DrumsParams>::default();
        let (window_link, events) = DrumsWindowLink::new(Arc::clone(&params.hits));
        let window_link = Arc::new(window_link);
        let project = Arc::new(ProjectModels::new(&*params, Arc::clone(&window_link.telemetry)));
        let (supply, drums) = DrumsPlayed::supply(&params, &project, &window_link);
        Self {
            midi: MidiPlay::new(&params),
            window_link,
            project,
            events,
            feed: None,
            supply,
            drums,
            machine: None,
            ear: None,
            rate_hz: 0.0,
            is_broken: false,
            patterns: Box::new(params.patterns.get()),
            loop_beats: None,
            next_patterns: params.patterns.take_end(),
            params,
            chosen: Chosen::default(),
            notes: Notes::default(),
            gain: None,
            walk: None,
            is_set_up_offline: false,
            is_offline: false,
            pace: None,
            starts: Starts::default(),
            held: SampleGuard::default(),
            end: InstrumentEnd::new(RATE_HZ),
        }
    }
}

impl<const GIVES_NOTES: bool> TimbreloomDrums<GIVES_NOTES> {
    /// The song from a block's first frame on.
    fn song(context: &impl ProcessContext<Self>, frames: usize) -> Part {
        let transport = context.transport();
        let part = Part {
            frames,
            rate_hz: transport.sample_rate.into(),
            tempo_bpm: transport.tempo.filter(|tempo| tempo.is_finite() && *tempo >= 1.0).unwrap_or(TEMPO_BPM),
            beats: transport.pos_beats().filter(|beats| transport.playing && beats.is_finite()),
        };
        transport.pos_samples.map_or(part, |frames| part.counted(frames))
    }

    /// The values of this moment. Wait-free.
    fn settings(&mut self) -> MachineSettings {
        let mut settings = self.params.settings(&self.midi);
        settings.sequencer.pattern = self.chosen.pattern(settings.sequencer.pattern);
        settings.loop_beats = self.loop_beats;
        settings
    }

    /// Which drum each track is. Wait-free.
    fn drums_of(&self, settings: &MachineSettings) -> [Drum; TRACKS] {
        settings.recipes.map(|recipe| self.drums.of(recipe.classes[0]))
    }

    /// The machine, unless it has broken. Wait-free.
    fn sound(&mut self) -> Option<&mut Machine> {
        self.machine.as_mut().filter(|_| !self.is_broken)
    }

    /// Has a machine for this rate, which keeps the ends of the rings; whether the last one had broken. Main thread.
    fn make_machine(&mut self, rate_hz: f64, rings: Option<Rings>) -> bool {
        let was_broken = std::mem::take(&mut self.is_broken);
        if rings.is_some() || self.rate_hz != rate_hz || was_broken {
            let rings = rings.or_else(|| self.machine.take().map(Machine::into_rings));
            self.machine = rings.map(|rings| Machine::new(rate_hz, rings));
            self.ear = Some(Ear::new(rate_hz));
            self.rate_hz = rate_hz;
        }
        was_broken
    }

    /// Has a player of walks for this rate. Main thread.
    fn make_walk(&mut self, rate_hz: f64, is_other_rate: bool) {
        if self.walk.is_none() || is_other_rate {
            let end = self.walk.take().map(SoundPlayer::into_end).or_else(|| self.window_link.walk.take_end());
            self.walk = end.map(|end| SoundPlayer::new(end, rate_hz));
        }
    }

    /// Waits for the hits that the tracks play. Main thread.
    fn await_hits(&mut self) {
        let (settings, began) = (self.settings(), Instant::now());
        while let Some(machine) = &mut self.machine {
            machine.keep_up(&settings);
            if machine.has_all(&settings) || began.elapsed() > FIRST_HITS {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Takes the newest patterns, at the beginning of a block. Wait-free.
    fn take_patterns(&mut self) {
        let Some(next) = self.next_patterns.as_mut().filter(|next| next.room() > 0) else { return };
        if let Some(patterns) = next.take() {
            next.give_back(std::mem::replace(&mut self.patterns, patterns));
        }
    }

    /// A block begins: how long it may wait for hits. Wait-free.
    fn begin_block(&mut self, frames: usize, now: Instant) {
        self.is_offline = self.is_set_up_offline || announced_offline::is_offline();
        let allowance = self.pace.as_mut().and_then(|pace| {
            pace.begin(frames, now);
            // Without a latency a sound is due in the very first block: a host of which nothing is known may play.
            pace.allowance().filter(|_| pace.is_rendering())
        });
        let patience = if self.is_offline { Some(patience::LIMIT) } else { allowance };
        self.machine.iter_mut().for_each(|machine| machine.set_patience(patience));
    }

    /// It ends: how long it has waited. Wait-free.
    fn end_block(&mut self) -> Duration {
        let waited = self.machine.as_mut().map_or(Duration::ZERO, Machine::take_waited);
        self.pace.iter_mut().for_each(|pace| {
            pace.waited(waited);
            pace.end(Instant::now());
        });
        waited
    }

    /// Silence, and nothing to tell of what was before. Wait-free.
    fn begin_again(&mut self) {
        self.pace.iter_mut().for_each(Pace::reset);
        self.midi.reset();
        self.window_link.telemetry.held.reset();
        (self.chosen, self.gain) = (Chosen::default(), None);
        self.end.reset();
        self.ear.iter_mut().for_each(Ear::reset);
        if caught(|| self.sound().map(Machine::reset)).is_none() {
            self.is_broken = true;
        }
    }

    /// Strikes a track before the next frame. Wait-free, but in a bounce.
    fn hit(&mut self, track: usize, velocity: f32) {
        let settings = self.settings();
        if let Some(machine) = self.sound() {
            machine.hit(track, velocity, &settings);
        }
    }

    /// Listens to the side-chain, where there is one: the next stroke of a range of the block. Wait-free.
    fn hear(&mut self, aux: &AuxiliaryBuffers, frames: Range<usize>) -> Option<ear::Heard> {
        let ear = self.ear.as_mut()?;
        if !self.midi.value(&self.params.listen) {
            ear.reset();
            return None;
        }
        let side = aux.inputs.first()?.as_slice_immutable().first()?;
        ear.listen(&side[frames], self.midi.value(&self.params.sensitivity))
    }

    /// Strikes the track that sounds most like a stroke before the next frame. Wait-free, but in a bounce.
    fn answer(&mut self, heard: &ear::Heard) {
        let settings = self.settings();
        if let Some(machine) = self.sound()
            && let Some(track) = machine.nearest(&heard.signature, &settings)
        {
            machine.hit(track, heard.velocity, &settings);
        }
    }

    /// Obeys a host's event. Wait-free, but in a bounce.
    fn handle(&mut self, event: &NoteEvent<()>, frames: usize) {
        match *event {
            NoteEvent::NoteOn { key, velocity, .. } => {
                let Some(key) = key.number() else { return };
                if let Some(pattern) = pattern_of(key) {
                    self.chosen.press(pattern, self.params.pattern_index(&self.midi));
                } else if let Some(track) = track_of(key, &self.drums_of(&self.params.settings(&self.midi))) {
                    self.hit(track, velocity);
                }
            }
            NoteEvent::MidiCC { timing, channel, cc, value } if self.midi.hears(channel, cc) => {
                if (timing as usize) < frames {
                    self.midi.turn(channel, cc, value);
                } else {
                    // The block is split here for automation, and in one frame the controller comes after that.
                    self.midi.turn_next(channel, cc, value);
                }
            }
            _ => {}
        }
    }

    /// Plays a part of a block with the values of this moment, and answers the strokes of the side-chain. Wait-free, but in a
    /// bounce.
    fn play(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        frames: Range<usize>,
        song: &Part,
        mut send: impl FnMut(NoteEvent<()>),
    ) {
        let mut at = frames.start;
        while let Some(heard) = self.hear(aux, at..frames.end) {
            let until = at + heard.frame;
            self.play_patterns(buffer, aux, at..until, song, &mut send);
            self.answer(&heard);
            at = until;
        }
        if frames.end > at {
            self.play_patterns(buffer, aux, at..frames.end, song, &mut send);
        }
    }

    /// Plays the patterns and what has been struck over a part of a block. Wait-free, but in a bounce.
    fn play_patterns(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        frames: Range<usize>,
        song: &Part,
        mut send: impl FnMut(NoteEvent<()>),
    ) {
        let settings = self.settings();
        let drums = self.drums_of(&settings);
        let gone = frames.start as f64 / song.rate_hz * song.tempo_bpm / 60.0;
        let part = Part { frames: frames.len(), beats: song.beats.map(|beats| beats + gone), ..*song };
        let mut outs: Outs<'_> = std::array::from_fn(|_| [&mut [][..], &mut [][..]]);
        let outs = pairs(buffer, aux, &mut outs);
        let Self { machine: Some(machine), notes, patterns, .. } = self else { return };
        machine.play(outs, frames.clone(), &part, &settings, patterns, |strike| {
            if GIVES_NOTES {
                let struck = (strike.frame, key_of(strike.track, &drums), strike.velocity);
                notes.strike(strike.track, struck, song.rate_hz, &mut send);
            }
        });
        // Nobody who bounces a song wants what the hand tries in the window.
        if let (Some(walk), Some(main), false) = (&mut self.walk, outs.first_mut(), self.is_offline) {
            walk.render(main, frames.clone());
        }
        self.finish(outs, frames);
    }

    /// Gain and bounds of what was played. Wait-free.
    fn finish(&mut self, outs: &mut [[&mut [f32]; 2]], frames: Range<usize>) {
        let limits = self.midi.value(&self.params.limiter);
        let target = util::db_to_gain(self.midi.value(&self.params.output_gain));
        let smooth = self.gain.get_or_insert_with(|| Smooth::new(target, self.rate_hz));
        for frame in frames {
            let (gain, share) = (smooth.next(target), self.end.share(limits));
            for (at, out) in outs.iter_mut().enumerate() {
                let frame = out.iter_mut().filter_map(|channel| channel.get_mut(frame));
                self.end.finish(at, frame, gain, share, &mut self.held);
            }
        }
    }

    /// Level and sound of a block, for the window. Wait-free.
    fn show(&mut self, buffer: &mut Buffer, aux: &mut AuxiliaryBuffers) {
        let pattern = self.chosen.pattern(self.params.pattern_index(&self.midi));
        let sounding = self
            .sound()
            .map(|machine| (machine.position(), machine.take_peaks(), machine.take_late(), machine.is_sounding()));
        let (position, peaks, late, is_sounding) = sounding.unwrap_or_default();
        let telemetry = &self.window_link.telemetry;
        self.window_link.display.show(position, pattern, peaks, late);
        telemetry.is_running.store(true, Ordering::Relaxed);
        telemetry.held.add(&mut self.held);
        let frames = buffer.samples();
        let main = buffer.as_slice();
        self.end.tell(telemetry, main);
        let others = aux.outputs.iter_mut().flat_map(|port| port.as_slice().iter());
        let peak = main.iter().chain(others).flat_map(|channel| channel.iter());
        let peak = peak.fold(0.0, |peak: f32, sample| sample.abs().max(peak));
        telemetry.output_peak.store(peak);
        telemetry.is_silent.store(peak == 0.0 && !is_sounding, Ordering::Relaxed);
        let (Some(feed), [left, right]) = (&mut self.feed, main) else { return };
        if !telemetry.sound.is_open() {
            feed.skip(frames);
            return;
        }
        left.iter().zip(right.iter()).for_each(|(left, right)| feed.push(0.0, 0.5 * (left + right)));
    }

    /// A block, as [`Plugin::process`]. Wait-free, but in a bounce.
    fn perform(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let began = Instant::now();
        let frames = buffer.samples();
        self.begin_block(frames, began);
        silence(buffer, aux);
        mix_side(aux, &mut self.held);
        self.midi.settle();
        self.take_patterns();
        let song = Self::song(context, frames);
        self.loop_beats = context.transport().loop_range_beats().map(|(from, to)| [from, to]);
        self.chosen.note_song(song.beats.is_some());
        self.window_link.telemetry.beat_s.store((60.0 / song.tempo_bpm) as f32);
        let settings = self.settings();
        if let Some(machine) = self.sound() {
            machine.keep_up(&settings);
        }
        while let Ok(DrumEvent::Hit { track, velocity }) = self.events.pop() {
            self.hit(track, velocity);
        }
        let mut at = 0;
        while let Some(event) = context.next_event() {
            let until = (event.timing() as usize).min(frames);
            if until > at {
                self.play(buffer, aux, at..until, &song, |note| give(context, note));
                at = until;
            }
            self.handle(&event, frames);
        }
        if frames > at {
            self.play(buffer, aux, at..frames, &song, |note| give(context, note));
        }
        self.notes.end_block(frames, |note| give(context, note));
        self.show(buffer, aux);
        let waited = self.end_block();
        if !self.is_offline && frames > 0 {
            let share = began.elapsed().saturating_sub(waited).as_secs_f64() * song.rate_hz / frames as f64;
            self.window_link.telemetry.note_load(share as f32);
        }
        let is_listening = !aux.inputs.is_empty() && self.midi.value(&self.params.listen);
        self.status(&settings, song.rate_hz, is_listening)
    }

    /// What a host may expect after a block. Wait-free.
    fn status(&self, settings: &MachineSettings, rate_hz: f64, is_listening: bool) -> ProcessStatus {
        // Nothing wakes a plugin that sleeps when the song begins.
        if settings.sequencer.runs_alone || is_listening || !self.patterns.is_empty() {
            return ProcessStatus::KeepAlive;
        }
        // An open window is a reason to go on: its pads reach a plugin that sleeps only when the host wakes it.
        let telemetry = &self.window_link.telemetry;
        if telemetry.is_silent.load(Ordering::Relaxed) && !telemetry.sound.is_open() {
            return ProcessStatus::Normal;
        }
        let lowest_st = settings.tracks.iter().fold(0.0f32, |lowest, track| lowest.min(track.clamped().tune_st));
        ProcessStatus::Tail((LONGEST_S * rate_hz * (-f64::from(lowest_st) / 12.0).exp2()) as u32)
    }
}

/// Tells the host of a note. Wait-free.
fn give<P: Plugin<SysExMessage = ()>>(context: &mut impl ProcessContext<P>, note: NoteEvent<()>) {
    // A queue that is full, or that there is not, is the host's own doing.
    let _ = context.try_send_event(note);
}

impl<const GIVES_NOTES: bool> Plugin for TimbreloomDrums<GIVES_NOTES> {
    const NAME: &'static str = preset::Plugin::Drums.name();
    super::of_every_plugin!();

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = ports::LAYOUTS;
    const MIDI_INPUT: MidiConfig = MidiConfig::MidiCCs;
    const MIDI_OUTPUT: MidiConfig = if GIVES_NOTES { MidiConfig::Basic } else { MidiConfig::None };
    const INPUT_EVENT_CAPACITY: usize = EVENT_CAPACITY;

    type Editor = DrumsEditor;
    type BackgroundTask = Fence;

    fn filter_state(state: &mut PluginState) {
        saved_state::bring_up_to_date::<DrumsParams>(state);
    }

    fn task_executor(&mut self) -> TaskExecutor<Self> {
        Box::new(|fence| fence.pass())
    }

    fn params(&self) -> Arc<dyn Params> {
        self.params.clone()
    }

    fn editor(&mut self, executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
        hand_over(self.params.clone(), executor);
        Some(editor::drums::create(Arc::clone(&self.params), Arc::clone(&self.window_link), Arc::clone(&self.project)))
    }

    fn activate(&mut self, _: &AudioIOLayout, config: &BufferConfig, context: &mut impl ActivateContext<Self>) -> bool {
        let telemetry = &self.window_link.telemetry;
        let rings = match self.supply.plays().start() {
            Ok(rings) => rings,
            Err(error) => {
                let message = format!("The system refused a thread to make hits ({error}). Close some programs.");
                telemetry.set_model(ModelInfo { message, is_missing: true, ..ModelInfo::default() });
                telemetry.set_state(EngineState::Missing);
                return false;
            }
        };
        telemetry.host_rate_hz.store(config.sample_rate);
        self.feed = Some(telemetry.sound.feed(f64::from(config.sample_rate)));
        // Hosts activate several times in a row: what has not changed is kept.
        let rate_hz = f64::from(config.sample_rate.round());
        self.make_walk(rate_hz, self.rate_hz != rate_hz);
        self.end = InstrumentEnd::new(rate_hz);
        let was_broken = self.make_machine(rate_hz, rings);
        // Hits are made at a rate of their own, whatever the host's.
        self.supply.activate(RATE_HZ as u32, was_broken);
        self.is_set_up_offline = config.process_mode == ProcessMode::Offline;
        self.starts.begin(self.is_set_up_offline);
        self.pace = Some(Pace::new(rate_hz, config.max_buffer_size as usize));
        self.begin_again();
        self.take_patterns();
        self.await_hits();
        // What was pressed while nothing ran is not to sound now.
        while self.events.pop().is_ok() {}
        // Hits are made before they are struck.
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
        if self.is_broken {
            silence(buffer, aux);
            return ProcessStatus::Normal;
        }
        let status = caught(|| self.perform(buffer, aux, context));
        status.unwrap_or_else(|| {
            self.is_broken = true;
            self.window_link.note_fault();
            silence(buffer, aux);
            ProcessStatus::Normal
        })
    }
}

impl<const GIVES_NOTES: bool> ClapPlugin for TimbreloomDrums<GIVES_NOTES> {
    const CLAP_ID: &'static str = "org.timbreloom.drums";
    const CLAP_DESCRIPTION: Option<&'static str> = Some("A drum machine whose hits are made by a neural model");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] =
        &[ClapFeature::Instrument, ClapFeature::DrumMachine, ClapFeature::Drum, ClapFeature::Stereo];

    fn remote_controls(&self, context: &mut impl RemoteControlsContext) {
        remote::define_drums_pages(&self.params, context);
    }
}

impl<const GIVES_NOTES: bool> Vst3Plugin for TimbreloomDrums<GIVES_NOTES> {
    const VST3_CLASS_ID: [u8; 16] = *b"TimbreloomDrums1";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] = &[Vst3SubCategory::Instrument, Vst3SubCategory::Drum];
}
