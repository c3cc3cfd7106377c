//! Parameters and saved state. An id is never renamed or reused once released: songs depend on it.

use std::sync::Arc;

use nice_plug_core::plugin::ParamValue;
use nih_plug::prelude::*;
use parking_lot::Mutex;

use crate::controls::{Controls, DEFAULT_STABILITY, Loudness, MAX_DIMS, Routing};
use crate::model::request::ModelRequest;
use crate::rt::Settings;

/// Range of the gains, dB.
const GAIN_DB: std::ops::RangeInclusive<f32> = -60.0..=24.0;

/// See [`Loudness`].
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoudnessMode {
    /// The input's loudness plus the offset.
    #[id = "follow"]
    Follow,
    /// The level below.
    #[id = "manual"]
    Manual,
}

/// See [`Routing`].
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// The model runs once, on the middle of a stereo track.
    #[id = "mid"]
    Mid,
    /// The model runs on both channels.
    #[id = "both"]
    #[name = "Left + Right"]
    Both,
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
    /// Dry to wet.
    #[id = "mix"]
    pub mix: FloatParam,
    /// The host's bypass.
    #[id = "bypass"]
    pub bypass: BoolParam,
    /// Follow or manual.
    #[id = "loudness_mode"]
    pub loudness_mode: EnumParam<LoudnessMode>,
    /// Added to the followed loudness.
    #[id = "loudness_offset"]
    pub loudness_offset: FloatParam,
    /// The loudness in manual mode.
    #[id = "loudness_level"]
    pub loudness_level: FloatParam,
    /// Added to the tracked pitch.
    #[id = "transpose"]
    pub transpose: FloatParam,
    /// How steady a foreign sound is held in the latent space.
    #[id = "stability"]
    pub stability: FloatParam,
    /// Gain of the feedback loop.
    #[id = "feedback_amount"]
    pub feedback_amount: FloatParam,
    /// Centre of its band-pass.
    #[id = "feedback_frequency"]
    pub feedback_frequency: FloatParam,
    /// Quality factor of its band-pass.
    #[id = "feedback_q"]
    pub feedback_q: FloatParam,
    /// What the model hears of a stereo track.
    #[id = "channels"]
    pub channels: EnumParam<Channels>,
    /// One group per dimension; ids get the dimension's number: `bias_1`, `scale_1`.
    #[nested(array, group = "Latent")]
    pub latent: [LatentParams; MAX_DIMS],
    /// The model asked for, found or not.
    #[persist = "model"]
    pub model: Arc<Mutex<ModelRequest>>,
    /// Which version of the state this is; see [`STATE_VERSION`].
    #[persist = "state_version"]
    pub state_version: Mutex<u32>,
    /// Width and height of the window, logical pixels.
    #[persist = "window"]
    pub window: Mutex<(u32, u32)>,
}

/// Parameters that came after the first release, and the values that a state from before them means.
const LATER_PARAMETERS: [(&str, f32); 1] = [("stability", DEFAULT_STABILITY)];

/// Brings a saved state up to date: a parameter that it does not know takes its default. Without this a host that
/// loads an old preset over a newer one would keep the newer one's value.
pub fn mend_state(state: &mut PluginState) {
    for (id, value) in LATER_PARAMETERS {
        state.params.entry(id.to_owned()).or_insert(ParamValue::F32(value));
    }
}

/// Version of the saved state. Raised when an older state needs a fix on loading.
pub const STATE_VERSION: u32 = 1;

impl Default for EffectParams {
    fn default() -> Self {
        Self {
            input_gain: gain("Input Gain"),
            output_gain: gain("Output Gain"),
            mix: FloatParam::new("Mix", 1.0, FloatRange::Linear { min: 0.0, max: 1.0 })
                .with_unit(" %")
                .with_value_to_string(formatters::v2s_f32_percentage(1))
                .with_string_to_value(formatters::s2v_f32_percentage()),
            bypass: BoolParam::new("Bypass", false).make_bypass(),
            loudness_mode: EnumParam::new("Loudness Mode", LoudnessMode::Follow),
            loudness_offset: number("Loudness Offset", 0.0, -36.0, 36.0, " dB", 1),
            loudness_level: number("Loudness Level", -20.0, -70.0, 0.0, " dB", 1),
            transpose: number("Transpose", 0.0, -24.0, 24.0, " st", 2),
            stability: FloatParam::new("Stability", DEFAULT_STABILITY, FloatRange::Linear { min: 0.0, max: 1.0 })
                .with_unit(" %")
                .with_value_to_string(formatters::v2s_f32_percentage(1))
                .with_string_to_value(formatters::s2v_f32_percentage()),
            feedback_amount: FloatParam::new("Feedback Amount", 0.0, FloatRange::Linear { min: 0.0, max: 2.0 })
                .with_unit(" %")
                .with_value_to_string(formatters::v2s_f32_percentage(1))
                .with_string_to_value(formatters::s2v_f32_percentage()),
            feedback_frequency: FloatParam::new(
                "Feedback Frequency",
                800.0,
                FloatRange::Skewed { min: 20.0, max: 18_000.0, factor: FloatRange::skew_factor(-2.0) },
            )
            .with_value_to_string(formatters::v2s_f32_hz_then_khz(2))
            .with_string_to_value(formatters::s2v_f32_hz_then_khz()),
            feedback_q: FloatParam::new(
                "Feedback Q",
                1.0,
                FloatRange::Skewed { min: 0.3, max: 40.0, factor: FloatRange::skew_factor(-2.0) },
            )
            .with_value_to_string(formatters::v2s_f32_rounded(2)),
            channels: EnumParam::new("Channels", Channels::Mid),
            latent: std::array::from_fn(|d| LatentParams {
                bias: number(format!("Bias {}", d + 1), 0.0, -4.0, 4.0, " sd", 2),
                scale: number(format!("Scale {}", d + 1), 1.0, 0.0, 4.0, " x", 2),
            }),
            model: Arc::default(),
            state_version: Mutex::new(STATE_VERSION),
            window: Mutex::new((900, 600)),
        }
    }
}

impl EffectParams {
    /// The values of this moment.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn settings(&self) -> Settings {
        Settings {
            controls: Controls {
                bias: std::array::from_fn(|d| self.latent[d].bias.value()),
                scale: std::array::from_fn(|d| self.latent[d].scale.value()),
                loudness: match self.loudness_mode.value() {
                    LoudnessMode::Follow => Loudness::Follow,
                    LoudnessMode::Manual => Loudness::Manual,
                },
                loudness_offset_db: self.loudness_offset.value(),
                loudness_level_db: self.loudness_level.value(),
                transpose_semitones: self.transpose.value(),
                stability: self.stability.value(),
                feedback_gain: self.feedback_amount.value(),
                feedback_hz: self.feedback_frequency.value(),
                feedback_q: self.feedback_q.value(),
                routing: match self.channels.value() {
                    Channels::Mid => Routing::Mid,
                    Channels::Both => Routing::Both,
                },
            },
            input_gain: self.input_gain.value(),
            output_gain: self.output_gain.value(),
            mix: self.mix.value(),
            bypass: self.bypass.value(),
        }
    }
}

/// A gain held as linear gain and shown in dB.
fn gain(name: &str) -> FloatParam {
    let (low_db, high_db) = (*GAIN_DB.start(), *GAIN_DB.end());
    let range = FloatRange::Skewed {
        min: util::db_to_gain(low_db),
        max: util::db_to_gain(high_db),
        factor: FloatRange::gain_skew_factor(low_db, high_db),
    };
    FloatParam::new(name, 1.0, range)
        .with_unit(" dB")
        .with_value_to_string(formatters::v2s_f32_gain_to_db(1))
        .with_string_to_value(formatters::s2v_f32_gain_to_db())
}

fn number(name: impl Into<String>, default: f32, min: f32, max: f32, unit: &'static str, digits: usize) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Linear { min, max })
        .with_unit(unit)
        .with_value_to_string(formatters::v2s_f32_rounded(digits))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_state_from_before_a_parameter_brings_its_default_and_a_newer_one_its_value() {
        let mut state = PluginState { version: String::new(), params: BTreeMap::new(), fields: BTreeMap::new() };
        mend_state(&mut state);
        assert!(matches!(state.params["stability"], ParamValue::F32(0.3)));
        state.params.insert("stability".into(), ParamValue::F32(0.9));
        mend_state(&mut state);
        assert!(matches!(state.params["stability"], ParamValue::F32(0.9)));
    }

    #[test]
    fn later_parameters_are_parameters_and_come_with_their_default() {
        let by_id: BTreeMap<_, _> =
            EffectParams::default().param_map().into_iter().map(|(id, param, _)| (id, param)).collect();
        assert!(LATER_PARAMETERS.iter().all(|(id, _)| by_id.contains_key(*id)));
    }
}
