//! The instrument's parameters and saved state. An id is never renamed or reused once released: songs depend on it.

use std::sync::{Arc, LazyLock};

use nih_plug::prelude::*;
use parking_lot::Mutex;

use super::codes_choices::{Choice, Oscillation, PitchMode, Wanted};
use super::drawn;
use super::instance_params::InstanceParams;
use super::kept::Kept;
use super::midi_map::MidiMap;
use super::midi_play::Heard;
use super::note_values::Period;
use super::saved_state::reads;
use super::table::table_of;
use super::values::{linear, percentage, skewed, switch, whole};
use super::watched::Watched;
use crate::model::provider::ProviderChoice;
use crate::model::request::ModelRequest;
use crate::preset::{Drawn, ExtraValue, Plugin, Table};
use crate::synth::curve::{Curve, Points};
use crate::synth::modulation::{TARGETS, TargetSettings};
use crate::synth::settings::{Adsr, Pace, SynthSettings};

/// The package that a new instance plays.
const FIRST_PACKAGE: &str = "cello-codes";

/// What a new instance's targets ask for: descriptor, weight, base, and what velocity and mod wheel add.
const TARGET_DEFAULTS: [(Wanted, f32, f32, f32, f32); TARGETS] = [
    (Wanted::Centroid, 1.0, 0.25, 0.15, 0.6),
    (Wanted::Bandwidth, 0.0, 0.5, 0.0, 0.0),
    (Wanted::Flatness, 0.0, 0.5, 0.0, 0.0),
];

/// What chance may move: where the targets rest and what moves them. Pitch, levels and envelope stay.
const CODES_DRAWN: [Drawn; 21] = [
    ("base_1", 0.0, 100.0),
    ("base_2", 0.0, 100.0),
    ("base_3", 0.0, 100.0),
    ("weight_2", 0.0, 100.0),
    ("weight_3", 0.0, 100.0),
    ("from_velocity_1", -60.0, 60.0),
    ("from_velocity_2", -60.0, 60.0),
    ("from_velocity_3", -60.0, 60.0),
    ("from_envelope_1", -50.0, 50.0),
    ("from_envelope_2", -50.0, 50.0),
    ("from_envelope_3", -50.0, 50.0),
    ("from_lfo_1", -40.0, 40.0),
    ("from_lfo_2", -40.0, 40.0),
    ("from_lfo_3", -40.0, 40.0),
    ("from_curve_1", -50.0, 50.0),
    ("from_curve_2", -50.0, 50.0),
    ("from_curve_3", -50.0, 50.0),
    ("smoothness", 0.0, 80.0),
    ("lfo_rate", 0.1, 8.0),
    ("curve_rate", 0.1, 4.0),
    ("take", 1.0, 9999.0),
];

/// The instrument's parameters, for presets. Made once.
pub fn codes_table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| {
        table_of(Plugin::Codes, Arc::new(CodesParams::default()), &[], vec![drawn::extra()], &CODES_DRAWN)
    });
    &TABLE
}

/// One target and its row of the matrix.
#[derive(Params)]
pub struct TargetParams {
    /// What is wanted.
    #[id = "descriptor"]
    pub descriptor: EnumParam<Wanted>,
    /// How much it counts.
    #[id = "weight"]
    pub weight: FloatParam,
    /// Where in its range.
    #[id = "base"]
    pub base: FloatParam,
    /// What velocity adds.
    #[id = "from_velocity"]
    pub velocity: FloatParam,
    /// What the mod wheel adds.
    #[id = "from_wheel"]
    pub wheel: FloatParam,
    /// What MPE slide adds.
    #[id = "from_slide"]
    pub slide: FloatParam,
    /// What pressure adds.
    #[id = "from_pressure"]
    pub pressure: FloatParam,
    /// What the key's place adds.
    #[id = "from_key"]
    pub key: FloatParam,
    /// What the envelope adds.
    #[id = "from_envelope"]
    pub envelope: FloatParam,
    /// What the oscillator adds.
    #[id = "from_lfo"]
    pub lfo: FloatParam,
    /// What the drawn curve adds.
    #[id = "from_curve"]
    pub curve: FloatParam,
    /// What the side-chain's descriptor adds.
    #[id = "from_side"]
    pub side: FloatParam,
}

/// Pitch.
#[derive(Params)]
pub struct PitchParams {
    /// From the keys or from the codes.
    #[id = "pitch_mode"]
    pub mode: EnumParam<PitchMode>,
    /// Frequency of A4.
    #[id = "tuning"]
    pub tuning: FloatParam,
    /// Added to every note.
    #[id = "transpose"]
    pub transpose: FloatParam,
    /// Of the wheel.
    #[id = "bend_range"]
    pub bend_range: FloatParam,
    /// Whether each channel is a note's own.
    #[id = "mpe"]
    pub mpe: BoolParam,
    /// Of a note's own bend.
    #[id = "mpe_bend_range"]
    pub mpe_bend_range: FloatParam,
    /// Duration of the way between notes.
    #[id = "glide"]
    pub glide: FloatParam,
}

/// Amplitude over time, and what makes it.
#[derive(Params)]
pub struct EnvelopeParams {
    /// To the top.
    #[id = "attack"]
    pub attack: FloatParam,
    /// To the sustain.
    #[id = "decay"]
    pub decay: FloatParam,
    /// While held.
    #[id = "sustain"]
    pub sustain: FloatParam,
    /// To silence.
    #[id = "release"]
    pub release: FloatParam,
    /// Between the softest and the loudest velocity.
    #[id = "velocity_range"]
    pub velocity_range: FloatParam,
    /// What full pressure adds.
    #[id = "pressure_range"]
    pub pressure_range: FloatParam,
}

/// The oscillator and the drawn curve.
#[derive(Params)]
pub struct MovementParams {
    /// Its form.
    #[id = "lfo_shape"]
    pub lfo_shape: EnumParam<Oscillation>,
    /// Its cycle in the host's tempo.
    #[id = "lfo_sync"]
    pub lfo_sync: EnumParam<Period>,
    /// Its frequency by itself.
    #[id = "lfo_rate"]
    pub lfo_rate: FloatParam,
    /// Once through the curve, in the host's tempo.
    #[id = "curve_sync"]
    pub curve_sync: EnumParam<Period>,
    /// How often through it by itself.
    #[id = "curve_rate"]
    pub curve_rate: FloatParam,
    /// Seed of noise and random values.
    #[id = "take"]
    pub take: IntParam,
}

/// Everything that a project saves.
#[derive(Params)]
pub struct CodesParams {
    /// Gain of the whole.
    #[id = "output_gain"]
    pub output_gain: FloatParam,
    /// Keeps what comes out below full scale.
    #[id = "limiter"]
    pub limiter: BoolParam,
    /// Nearest code or least-cost path.
    #[id = "choice"]
    pub choice: EnumParam<Choice>,
    /// Price of jumps on the path.
    #[id = "smoothness"]
    pub smoothness: FloatParam,
    /// See [`PitchParams`].
    #[nested(group = "Pitch")]
    pub pitch: PitchParams,
    /// See [`EnvelopeParams`].
    #[nested(group = "Loudness")]
    pub envelope: EnvelopeParams,
    /// See [`MovementParams`].
    #[nested(group = "Movement")]
    pub movement: MovementParams,
    /// One group per target; ids get the target's number: `base_1`, `from_wheel_1`.
    #[nested(array, group = "Target")]
    pub targets: [TargetParams; TARGETS],
    /// The drawn curve.
    #[persist = "curve"]
    pub curve: Curve,
    /// Which views the window shows, and which groups of controls are folded.
    #[persist = "layout"]
    pub layout: Mutex<plugin_ui::codes::Layout>,
    /// See [`Kept`].
    #[nested]
    pub kept: Kept,
}

impl Default for CodesParams {
    fn default() -> Self {
        let mut new = Self {
            output_gain: linear("Output Gain", 0.0, -60.0, 24.0, " dB", 1),
            limiter: switch("Limiter", false),
            choice: EnumParam::new("Code Choice", Choice::Nearest),
            smoothness: percentage("Path Smoothness", 0.3, 0.0, 1.0),
            pitch: PitchParams {
                mode: EnumParam::new("Pitch From", PitchMode::Keys),
                tuning: linear("Tuning", 440.0, 400.0, 480.0, " Hz", 1),
                transpose: linear("Transpose", 0.0, -36.0, 36.0, " st", 2),
                bend_range: linear("Bend Range", 2.0, 0.0, 48.0, " st", 1),
                mpe: switch("MPE", false),
                mpe_bend_range: linear("MPE Bend Range", 48.0, 0.0, 96.0, " st", 1),
                glide: skewed("Glide", 0.0, [0.0, 5000.0], -2.0, " ms", 0),
            },
            envelope: EnvelopeParams {
                attack: skewed("Attack", 15.0, [1.0, 10_000.0], -2.0, " ms", 1),
                decay: skewed("Decay", 400.0, [1.0, 20_000.0], -2.0, " ms", 0),
                sustain: percentage("Sustain", 0.8, 0.0, 1.0),
                release: skewed("Release", 300.0, [5.0, 20_000.0], -2.0, " ms", 0),
                velocity_range: linear("Velocity Range", 30.0, 0.0, 60.0, " dB", 1),
                pressure_range: linear("Pressure Range", 6.0, 0.0, 36.0, " dB", 1),
            },
            movement: MovementParams {
                lfo_shape: EnumParam::new("LFO Shape", Oscillation::Sine),
                lfo_sync: EnumParam::new("LFO Sync", Period::Free),
                lfo_rate: skewed("LFO Rate", 1.0, [0.01, 20.0], -2.0, " Hz", 2),
                curve_sync: EnumParam::new("Curve Sync", Period::Whole),
                curve_rate: skewed("Curve Rate", 0.5, [0.01, 20.0], -2.0, " Hz", 2),
                take: whole("Take", 1, 1, 9999),
            },
            targets: std::array::from_fn(|n| target(n + 1, TARGET_DEFAULTS[n])),
            curve: Curve::default(),
            layout: Mutex::default(),
            kept: Kept::new(ModelRequest::named(FIRST_PACKAGE)),
        };
        new.kept.midi_map = MidiMap::of(&new);
        new
    }
}

impl InstanceParams for CodesParams {
    fn table(&self) -> &'static Table {
        codes_table()
    }

    fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Codes are played from tables: no graph runs.
    fn provider(&self) -> Option<&Watched<ProviderChoice>> {
        None
    }

    fn extra(&self, id: &str) -> ExtraValue {
        if id == drawn::CURVE { drawn::to_json(&self.curve.points()).into() } else { ExtraValue::default() }
    }

    fn set_extra(&self, id: &str, value: &ExtraValue) {
        if let Some(points) = value.json().and_then(drawn::from_json).filter(|_| id == drawn::CURVE) {
            self.curve.draw(points);
        }
    }

    fn runs_one_model_once(&self) -> bool {
        false
    }

    fn reads_own(key: &str, text: &str) -> bool {
        match key {
            "curve" => reads::<Points>(text),
            "layout" => reads::<plugin_ui::codes::Layout>(text),
            _ => false,
        }
    }
}

impl CodesParams {
    /// The values of this moment, as they are heard.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn settings(&self, heard: &impl Heard) -> SynthSettings<'_> {
        let (pitch, envelope, movement) = (&self.pitch, &self.envelope, &self.movement);
        SynthSettings {
            tuning_hz: heard.value(&pitch.tuning),
            transpose: heard.value(&pitch.transpose),
            bend_range: heard.value(&pitch.bend_range),
            mpe_range: heard.value(&pitch.mpe_bend_range),
            is_mpe: heard.value(&pitch.mpe),
            glide_s: heard.value(&pitch.glide) / 1000.0,
            is_raw: heard.value(&pitch.mode) == PitchMode::Codes,
            is_path: heard.value(&self.choice) == Choice::Path,
            jump: heard.value(&self.smoothness),
            velocity_db: heard.value(&envelope.velocity_range),
            pressure_db: heard.value(&envelope.pressure_range),
            envelope: Adsr {
                attack_s: heard.value(&envelope.attack) / 1000.0,
                decay_s: heard.value(&envelope.decay) / 1000.0,
                sustain: heard.value(&envelope.sustain),
                release_s: heard.value(&envelope.release) / 1000.0,
            },
            lfo_shape: heard.value(&movement.lfo_shape).shape(),
            lfo_pace: pace(&movement.lfo_sync, &movement.lfo_rate, heard),
            curve: self.curve.table(),
            curve_pace: self.curve_pace(heard),
            seed: heard.value(&movement.take) as u32,
            targets: std::array::from_fn(|n| {
                let target = &self.targets[n];
                TargetSettings {
                    descriptor: heard.value(&target.descriptor).descriptor(),
                    weight: heard.value(&target.weight),
                    base: heard.value(&target.base),
                    // In the order of `Source`.
                    amounts: [
                        heard.value(&target.velocity),
                        heard.value(&target.wheel),
                        heard.value(&target.slide),
                        heard.value(&target.pressure),
                        heard.value(&target.key),
                        heard.value(&target.envelope),
                        heard.value(&target.lfo),
                        heard.value(&target.curve),
                        heard.value(&target.side),
                    ],
                }
            }),
            output_gain: util::db_to_gain(heard.value(&self.output_gain)),
        }
    }

    /// How fast the drawn curve is played, as it is heard.
    ///
    /// # Realtime
    /// As `heard`.
    pub fn curve_pace(&self, heard: &impl Heard) -> Pace {
        pace(&self.movement.curve_sync, &self.movement.curve_rate, heard)
    }
}

fn pace(sync: &EnumParam<Period>, rate: &FloatParam, heard: &impl Heard) -> Pace {
    match heard.value(sync).beats() {
        Some(beats) => Pace::Beats(beats),
        None => Pace::Free(heard.value(rate)),
    }
}

fn target(number: usize, (descriptor, weight, base, velocity, wheel): (Wanted, f32, f32, f32, f32)) -> TargetParams {
    let name = |what: &str| format!("Target {number} {what}");
    let amount = |what: &str, default: f32| percentage(name(what), default, -1.0, 1.0);
    TargetParams {
        descriptor: EnumParam::new(name("Descriptor"), descriptor),
        weight: percentage(name("Weight"), weight, 0.0, 1.0),
        base: percentage(name("Base"), base, 0.0, 1.0),
        velocity: amount("from Velocity", velocity),
        wheel: amount("from Wheel", wheel),
        slide: amount("from Slide", 0.0),
        pressure: amount("from Pressure", 0.0),
        key: amount("from Key", 0.0),
        envelope: amount("from Envelope", 0.0),
        lfo: amount("from LFO", 0.0),
        curve: amount("from Curve", 0.0),
        side: amount("from Side-Chain", 0.0),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::instance::saved_state::bring_up_to_date;

    #[test]
    fn a_state_round_trips_and_garbage_becomes_a_new_instance() {
        let params = CodesParams::default();
        let fresh = params.serialize_fields();
        *params.kept.model.lock() = ModelRequest { name: "horn-codes".into(), hash: "ab".into() };
        params.curve.draw(Points(vec![(0.0, 0.3), (1.0, 0.9)]));
        *params.kept.state_version.lock() = 7;
        let set = params.serialize_fields();
        let loaded = |fields| {
            let mut state = PluginState { version: String::new(), params: BTreeMap::new(), fields };
            bring_up_to_date::<CodesParams>(&mut state);
            assert_eq!(state.params.len(), params.param_map().len());
            params.deserialize_fields(&state.fields);
            params.serialize_fields()
        };
        assert_eq!(loaded(BTreeMap::new()), fresh);
        assert_eq!(loaded(set.clone()), set);
        assert!((params.curve.table().at(0.5) - 0.6).abs() < 1e-3);
        for garbage in ["", "{", "null", "[[]]", r#"{"name":7}"#] {
            let damaged = set.keys().map(|key| (key.clone(), garbage.to_owned())).collect();
            assert_eq!(loaded(damaged), fresh, "{garbage}");
        }
        let wild = BTreeMap::from([("curve".to_owned(), "[[9.0,-3.0],[-1.0,1e30]]".to_owned())]);
        loaded(wild);
        assert_eq!(params.curve.points(), Points(vec![(0.0, 1.0), (1.0, 0.0)]));
    }

    #[test]
    fn ids_are_those_that_were_released() {
        let ids: Vec<String> = CodesParams::default().param_map().into_iter().map(|(id, _, _)| id).collect();
        let row = ["velocity", "wheel", "slide", "pressure", "key", "envelope", "lfo", "curve", "side"];
        let mut expected: Vec<String> = "output_gain limiter choice smoothness pitch_mode tuning transpose bend_range mpe \
            mpe_bend_range glide attack decay sustain release velocity_range pressure_range lfo_shape lfo_sync lfo_rate \
            curve_sync curve_rate take"
            .split_whitespace()
            .map(Into::into)
            .collect();
        for n in 1..=TARGETS {
            expected.extend(["descriptor", "weight", "base"].map(|id| format!("{id}_{n}")));
            expected.extend(row.map(|id| format!("from_{id}_{n}")));
        }
        assert_eq!(ids, expected);
    }
}
