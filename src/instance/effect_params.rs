//! Parameters and saved state. An id is never renamed or reused once released: songs depend on it.

use std::sync::{Arc, LazyLock};

use nih_plug::prelude::*;
use parking_lot::Mutex;

use super::effect_choices::{Channels, LatencyMode, LoudnessMode, OctaveChoice, SecondSource};
use super::embedded_field::EmbeddedField;
use super::instance_params::InstanceParams;
use super::intonation_params::IntonationParams;
use super::kept::Kept;
use super::midi_map::MidiMap;
use super::midi_play::Heard;
use super::movement_params::MovementParams;
use super::note_values::DelaySync;
use super::osc_field::{OSC, OscField};
use super::path_params::{PathParams, PlaneParams};
use super::paths_field::{self, PATHS, PathsField};
use super::saved_state::reads;
use super::table::table_of;
use super::transport::TransportPosition;
use super::values::{frequency, gain, linear, percentage, skewed, switch, whole, whole_percentage};
use super::watched::Watched;
use crate::controls::{Controls, Cross, DEFAULT_STABILITY, Loudness, MACROS, MAX_DIMS, MAX_MACROS, Routing, SideChain};
use crate::latency::Margin;
use crate::model::provider::ProviderChoice;
use crate::model::request::ModelRequest;
use crate::osc::OscSettings;
use crate::preset::{Drawn, ExtraValue, Plugin, Table};
use crate::rt::EffectSettings;

/// Held as a linear gain and shown in dB; all others are shown as they are held, or in percent.
const GAINS: [&str; 3] = ["input_gain", "output_gain", "wet_gain"];

/// What chance may move beside the latent. All else stays: gains, mix, bypass, latency, channels, width, pitch,
/// loudness, gate, side-chain, macros, movement, freeze, and solo and lock themselves.
const DRAWN: [Drawn; 11] = [
    ("stability", 10.0, 80.0),
    ("amount", 70.0, 100.0),
    ("random_amount", 0.0, 0.8),
    ("random_rate", 0.1, 6.0),
    ("random_take", 1.0, 9999.0),
    ("smoothing", 0.0, 250.0),
    ("feedback_amount", 0.0, 60.0),
    ("feedback_frequency", 80.0, 4000.0),
    ("feedback_q", 0.7, 8.0),
    ("feedback_delay", 0.0, 350.0),
    ("blend", 0.0, 100.0),
];

/// The gate's lowest place, where it leaves all as it came, dB(A).
const GATE_OFF_DB: f32 = -90.0;

/// Range of the gains, dB.
const GAIN_DB: [f32; 2] = [-60.0, 24.0];

/// The effect's parameters, for presets. Made once.
pub fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| {
        table_of(Plugin::Effect, Arc::new(EffectParams::default()), &GAINS, vec![paths_field::extra()], &DRAWN)
    });
    &TABLE
}

/// Bias and scale of one latent dimension.
#[derive(Params)]
pub struct LatentParams {
    /// Standard deviations.
    #[id = "bias"]
    pub bias: FloatParam,
    /// Factor around the mean.
    #[id = "scale"]
    pub scale: FloatParam,
    /// Stays where it was.
    #[id = "lock"]
    pub lock: BoolParam,
    /// Follows the input while those without it rest.
    #[id = "solo"]
    pub solo: BoolParam,
}

/// One of the [`MACROS`].
#[derive(Params)]
pub struct MacroParams {
    /// How far it is turned.
    #[id = "macro"]
    pub turned: FloatParam,
}

/// Everything a project saves.
#[derive(Params)]
pub struct EffectParams {
    /// Gain of what the model hears.
    #[id = "input_gain"]
    pub input_gain: FloatParam,
    /// Gain of dry and wet together.
    #[id = "output_gain"]
    pub output_gain: FloatParam,
    /// Gain of the wet sound alone.
    #[id = "wet_gain"]
    pub wet_gain: FloatParam,
    /// Keeps what comes out below full scale.
    #[id = "limiter"]
    pub limiter: BoolParam,
    /// Dry to wet.
    #[id = "mix"]
    pub mix: FloatParam,
    /// The host's bypass.
    #[id = "bypass"]
    pub bypass: BoolParam,
    /// Follow or manual.
    #[id = "loudness_mode"]
    pub loudness_mode: EnumParam<LoudnessMode>,
    /// Widens or narrows the followed loudness.
    #[id = "loudness_range"]
    pub loudness_range: FloatParam,
    /// What is softer than this is left out.
    #[id = "gate"]
    pub gate: FloatParam,
    /// Added to the followed loudness.
    #[id = "loudness_offset"]
    pub loudness_offset: FloatParam,
    /// The loudness in manual mode.
    #[id = "loudness_level"]
    pub loudness_level: FloatParam,
    /// Added to the tracked pitch.
    #[id = "transpose"]
    pub transpose: FloatParam,
    /// Whether the pitch is moved to where the model is at home.
    #[id = "octave"]
    pub octave: EnumParam<OctaveChoice>,
    /// See [`IntonationParams`].
    #[nested]
    pub intonation: IntonationParams,
    /// How much of the own consonants is heard.
    #[id = "consonants"]
    pub consonants: FloatParam,
    /// How steady a foreign sound is held in the latent space.
    #[id = "stability"]
    pub stability: FloatParam,
    /// From the neutral latent to all that the others give.
    #[id = "amount"]
    pub amount: FloatParam,
    /// Spread of the random walk.
    #[id = "random_amount"]
    pub random_amount: FloatParam,
    /// How often the walk takes a new direction.
    #[id = "random_rate"]
    pub random_rate: FloatParam,
    /// Seed of the walk.
    #[id = "random_take"]
    pub random_take: IntParam,
    /// Time constant of the latent's smoothing.
    #[id = "smoothing"]
    pub smoothing: FloatParam,
    /// Holds the latent.
    #[id = "freeze"]
    pub freeze: BoolParam,
    /// Gain of the feedback loop.
    #[id = "feedback_amount"]
    pub feedback_amount: FloatParam,
    /// Centre of its band-pass.
    #[id = "feedback_frequency"]
    pub feedback_frequency: FloatParam,
    /// Quality factor of its band-pass.
    #[id = "feedback_q"]
    pub feedback_q: FloatParam,
    /// The loop's delay beyond the hop, without tempo.
    #[id = "feedback_delay"]
    pub feedback_delay: FloatParam,
    /// The loop's delay in note values.
    #[id = "feedback_sync"]
    pub feedback_sync: EnumParam<DelaySync>,
    /// Share of the side-chain in the latent.
    #[id = "side_latent"]
    pub side_latent: FloatParam,
    /// Share of the side-chain in the pitch.
    #[id = "side_pitch"]
    pub side_pitch: FloatParam,
    /// Share of the side-chain in the loudness.
    #[id = "side_loudness"]
    pub side_loudness: FloatParam,
    /// First to second model.
    #[id = "blend"]
    pub blend: FloatParam,
    /// What the second model plays from.
    #[id = "second_source"]
    pub second_source: EnumParam<SecondSource>,
    /// What the model hears of a stereo track.
    #[id = "channels"]
    pub channels: EnumParam<Channels>,
    /// Width of the wet sound.
    #[id = "width"]
    pub width: FloatParam,
    /// Time that the worker is granted; takes effect when the host restarts the plugin.
    #[id = "latency"]
    pub latency: EnumParam<LatencyMode>,
    /// What musicians ask for by ear; ids get the macro's number: `macro_1`.
    #[nested(array)]
    pub macros: [MacroParams; MAX_MACROS],
    /// See [`MovementParams`].
    #[nested(group = "Movement")]
    pub movement: MovementParams,
    /// One group per dimension; ids get the dimension's number: `bias_1`, `scale_1`.
    #[nested(array, group = "Latent")]
    pub latent: [LatentParams; MAX_DIMS],
    /// See [`PathParams`].
    #[nested(group = "Path")]
    pub path: PathParams,
    /// See [`PlaneParams`].
    #[nested(group = "Plane")]
    pub plane: PlaneParams,
    /// Which views the window shows, and which groups of controls are folded.
    #[persist = "layout"]
    pub layout: Mutex<plugin_ui::Layout>,
    /// See [`Kept`].
    #[nested]
    pub kept: Kept,
    /// See [`EffectKept`].
    #[nested]
    pub own: EffectKept,
}

/// What the effect alone keeps. A state puts it back after [`Kept`], and so after the map, which counts the projects: a
/// relink that is under way shall not take the next project's second model for its own.
#[derive(Params)]
pub struct EffectKept {
    /// The second model, found or not; an empty name asks for none.
    #[persist = "second_model"]
    pub second_model: Watched<ModelRequest>,
    /// The second model, if it travels with the project.
    #[persist = "second_embedded"]
    pub second_embedded: EmbeddedField,
    /// What shall run the models.
    #[persist = "provider"]
    pub provider: Watched<ProviderChoice>,
    /// Latent paths.
    #[persist = "paths"]
    pub paths: PathsField,
    /// Whether OSC is heard.
    #[persist = "osc"]
    pub osc: OscField,
}

impl Default for EffectParams {
    fn default() -> Self {
        let kept = Kept::new(ModelRequest::default());
        let second_model = Watched::new(ModelRequest::named(""));
        let mut new = Self {
            input_gain: gain("Input Gain", 1.0, GAIN_DB),
            output_gain: gain("Output Gain", 1.0, GAIN_DB),
            wet_gain: gain("Wet Gain", 1.0, GAIN_DB),
            limiter: switch("Limiter", false),
            mix: percentage("Mix", 1.0, 0.0, 1.0),
            bypass: switch("Bypass", false).make_bypass(),
            loudness_mode: EnumParam::new("Loudness Mode", LoudnessMode::Follow),
            gate: linear("Gate", GATE_OFF_DB, GATE_OFF_DB, -20.0, " dB", 0),
            loudness_offset: linear("Loudness Offset", 0.0, -36.0, 36.0, " dB", 1),
            loudness_level: linear("Loudness Level", -20.0, -70.0, 0.0, " dB", 1),
            octave: EnumParam::new("Octave", OctaveChoice::AsPlayed),
            transpose: linear("Transpose", 0.0, -24.0, 24.0, " st", 2),
            intonation: IntonationParams::default(),
            consonants: whole_percentage("Consonants", 0.0, 0.0, 1.0),
            stability: percentage("Stability", DEFAULT_STABILITY, 0.0, 1.0),
            loudness_range: percentage("Loudness Range", 1.0, 0.0, 2.0),
            amount: percentage("Amount", 1.0, 0.0, 1.0),
            random_amount: linear("Random Amount", 0.0, 0.0, 3.0, " sd", 2),
            random_rate: skewed("Random Rate", 1.0, [0.02, 20.0], -2.0, " Hz", 2),
            random_take: whole("Random Take", 1, 1, 9999),
            smoothing: skewed("Smoothing", 0.0, [0.0, 2000.0], -1.5, " ms", 0),
            freeze: switch("Freeze", false),
            feedback_amount: percentage("Feedback Amount", 0.0, 0.0, 2.0),
            feedback_delay: skewed("Feedback Delay", 0.0, [0.0, 2000.0], -1.5, " ms", 1),
            feedback_sync: EnumParam::new("Feedback Sync", DelaySync::Off),
            side_latent: percentage("Side-Chain Latent", 0.0, 0.0, 1.0),
            side_pitch: percentage("Side-Chain Pitch", 0.0, 0.0, 1.0),
            side_loudness: percentage("Side-Chain Loudness", 0.0, 0.0, 1.0),
            blend: percentage("Blend", 0.0, 0.0, 1.0),
            second_source: EnumParam::new("Second Source", SecondSource::Input),
            width: percentage("Width", 1.0, 0.0, 2.0),
            latency: EnumParam::new("Latency", LatencyMode::Normal).non_automatable(),
            feedback_frequency: frequency("Feedback Frequency", 800.0, [20.0, 18_000.0]),
            feedback_q: skewed("Feedback Q", 1.0, [0.3, 40.0], -2.0, "", 2),
            channels: EnumParam::new("Channels", Channels::Mid),
            macros: std::array::from_fn(|at| MacroParams {
                turned: whole_percentage(plugin_ui::capital(MACROS[at]), 0.0, -1.0, 1.0),
            }),
            latent: std::array::from_fn(|d| LatentParams {
                bias: linear(format!("Bias {}", d + 1), 0.0, -4.0, 4.0, " sd", 2),
                scale: linear(format!("Scale {}", d + 1), 1.0, 0.0, 4.0, " x", 2),
                lock: switch(format!("Lock {}", d + 1), false),
                solo: switch(format!("Solo {}", d + 1), false),
            }),
            movement: MovementParams::default(),
            path: PathParams::default(),
            plane: PlaneParams::default(),
            layout: Mutex::default(),
            own: EffectKept {
                second_embedded: EmbeddedField::new(1, &second_model, &kept.compare),
                second_model,
                provider: Watched::default(),
                paths: PathsField::default(),
                osc: OscField::default(),
            },
            kept,
        };
        new.kept.midi_map = MidiMap::of(&new);
        new
    }
}

/// The gate as the engine has it.
fn gate_db(set: f32) -> f32 {
    if set > GATE_OFF_DB { set } else { f32::NEG_INFINITY }
}

impl InstanceParams for EffectParams {
    fn table(&self) -> &'static Table {
        table()
    }

    fn kept(&self) -> &Kept {
        &self.kept
    }

    fn places(&self) -> Vec<(&Watched<ModelRequest>, &EmbeddedField)> {
        vec![(&self.kept.model, &self.kept.embedded), (&self.own.second_model, &self.own.second_embedded)]
    }

    fn provider(&self) -> Option<&Watched<ProviderChoice>> {
        Some(&self.own.provider)
    }

    fn extra(&self, id: &str) -> ExtraValue {
        if id == PATHS { ExtraValue::Paths(self.own.paths.get()) } else { ExtraValue::default() }
    }

    fn set_extra(&self, id: &str, value: &ExtraValue) {
        let paths = &self.own.paths;
        if let Some(set) = value.paths(&paths.get()).filter(|_| id == PATHS) {
            paths.put(set);
        }
    }

    fn runs_one_model_once(&self) -> bool {
        self.own.second_model.lock().name.is_empty() && self.channels.value() == Channels::Mid
    }

    fn reads_own(key: &str, text: &str) -> bool {
        match key {
            "layout" => reads::<plugin_ui::Layout>(text),
            PATHS => paths_field::reads(text),
            OSC => reads::<OscSettings>(text),
            _ => false,
        }
    }
}

/// How often states have changed what the models depend on. Only equal counts mean that nothing has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Which models are asked for, and what runs them.
    pub models: [u32; 3],
    /// What the project brings along, of the first and the second model: counts where that model is not there.
    pub embedded: [u32; 2],
}

impl EffectParams {
    /// See [`Changes`].
    ///
    /// # Realtime
    /// Wait-free.
    pub fn changes(&self) -> Changes {
        Changes {
            models: [self.kept.model.changes(), self.own.second_model.changes(), self.own.provider.changes()],
            embedded: [self.kept.embedded.changes(), self.own.second_embedded.changes()],
        }
    }

    /// The time that the worker shall be granted.
    pub fn margin(&self) -> Margin {
        match self.latency.value() {
            LatencyMode::Low => Margin::Low,
            LatencyMode::Normal => Margin::Normal,
            LatencyMode::Safe => Margin::Safe,
        }
    }

    /// The loop's delay, seconds.
    fn feedback_delay_s(&self, song: &TransportPosition, midi: &impl Heard) -> f32 {
        match midi.value(&self.feedback_sync).beats() {
            Some(beats) => beats * 60.0 / song.beats_per_minute() as f32,
            None => midi.value(&self.feedback_delay) / 1000.0,
        }
    }

    /// The values of this moment, with what MIDI controllers hold.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn settings(&self, song: &TransportPosition, midi: &impl Heard) -> EffectSettings {
        let bits = |of: fn(&LatentParams) -> &BoolParam| {
            self.latent.iter().enumerate().fold(0, |bits, (d, latent)| bits | u16::from(midi.value(of(latent))) << d)
        };
        EffectSettings {
            controls: Controls {
                bias: std::array::from_fn(|d| midi.value(&self.latent[d].bias)),
                scale: std::array::from_fn(|d| midi.value(&self.latent[d].scale)),
                macros: std::array::from_fn(|at| midi.value(&self.macros[at].turned)),
                loudness: match midi.value(&self.loudness_mode) {
                    LoudnessMode::Follow => Loudness::Follow,
                    LoudnessMode::Manual => Loudness::Manual,
                },
                lock: bits(|latent| &latent.lock),
                solo: bits(|latent| &latent.solo),
                freeze: midi.value(&self.freeze),
                amount: midi.value(&self.amount),
                random: midi.value(&self.random_amount),
                random_hz: midi.value(&self.random_rate),
                take: midi.value(&self.random_take) as u32,
                smoothing_s: midi.value(&self.smoothing) / 1000.0,
                gate_db: gate_db(midi.value(&self.gate)),
                loudness_range: midi.value(&self.loudness_range),
                loudness_offset_db: midi.value(&self.loudness_offset),
                loudness_level_db: midi.value(&self.loudness_level),
                transpose_semitones: midi.value(&self.transpose),
                fits_octave: midi.value(&self.octave) == OctaveChoice::Fit,
                intonation: self.intonation.intonation(midi),
                consonants: midi.value(&self.consonants),
                stability: midi.value(&self.stability),
                feedback_gain: midi.value(&self.feedback_amount),
                feedback_hz: midi.value(&self.feedback_frequency),
                feedback_q: midi.value(&self.feedback_q),
                routing: match midi.value(&self.channels) {
                    Channels::Mid => Routing::Mid,
                    Channels::Both => Routing::Both,
                    Channels::MidAndSide => Routing::MidAndSide,
                    Channels::Linked => Routing::Linked,
                },
                feedback_delay_s: self.feedback_delay_s(song, midi),
                side: SideChain {
                    latent: midi.value(&self.side_latent),
                    pitch: midi.value(&self.side_pitch),
                    loudness: midi.value(&self.side_loudness),
                },
                blend: midi.value(&self.blend),
                cross: match midi.value(&self.second_source) {
                    SecondSource::Input => Cross::OwnEncoder,
                    SecondSource::FirstLatent => Cross::FirstLatent,
                },
                latent: None,
                movement: self.movement.movement(song, midi),
                path: self.path.controls(&self.plane, song, midi),
                song_s: song.position_s,
            },
            width: midi.value(&self.width),
            input_gain: midi.value(&self.input_gain),
            output_gain: midi.value(&self.output_gain),
            wet_gain: midi.value(&self.wet_gain),
            limits: midi.value(&self.limiter),
            mix: midi.value(&self.mix),
            bypass: midi.value(&self.bypass),
        }
    }
}
