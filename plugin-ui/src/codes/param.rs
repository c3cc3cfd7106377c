//! The instrument's parameters that its window shows, by the plugin's stable ids.

use super::TARGETS;
use crate::ParamId;
pub use crate::param::{OUTPUT_GAIN, TRANSPOSE};

/// Choice: the nearest code or the least-cost path.
pub const CHOICE: ParamId = ParamId("choice");
/// Price of jumps on the path.
pub const SMOOTHNESS: ParamId = ParamId("smoothness");
/// Choice: pitch from the keys, or from the codes.
pub const PITCH_MODE: ParamId = ParamId("pitch_mode");
/// Frequency of A4, Hz.
pub const TUNING: ParamId = ParamId("tuning");
/// Range of the pitch wheel, semitones.
pub const BEND_RANGE: ParamId = ParamId("bend_range");
/// Switch: each channel is a note's own.
pub const MPE: ParamId = ParamId("mpe");
/// Range of a note's own bend, semitones.
pub const MPE_BEND_RANGE: ParamId = ParamId("mpe_bend_range");
/// Duration of the way between notes, ms.
pub const GLIDE: ParamId = ParamId("glide");
/// To the top, ms.
pub const ATTACK: ParamId = ParamId("attack");
/// To the sustain, ms.
pub const DECAY: ParamId = ParamId("decay");
/// While a note is held.
pub const SUSTAIN: ParamId = ParamId("sustain");
/// To silence, ms.
pub const RELEASE: ParamId = ParamId("release");
/// Between the softest and the loudest velocity, dB.
pub const VELOCITY_RANGE: ParamId = ParamId("velocity_range");
/// What full pressure adds, dB.
pub const PRESSURE_RANGE: ParamId = ParamId("pressure_range");
/// Choice: the oscillator's form.
pub const LFO_SHAPE: ParamId = ParamId("lfo_shape");
/// Choice: the oscillator's cycle in the host's tempo; the first option is free.
pub const LFO_SYNC: ParamId = ParamId("lfo_sync");
/// The oscillator's frequency by itself, Hz.
pub const LFO_RATE: ParamId = ParamId("lfo_rate");
/// Choice: the curve's loop in the host's tempo; the first option is free.
pub const CURVE_SYNC: ParamId = ParamId("curve_sync");
/// How often through the curve by itself, Hz.
pub const CURVE_RATE: ParamId = ParamId("curve_rate");
/// Seed of noise and random values.
pub const TAKE: ParamId = ParamId("take");

macro_rules! per_target {
    ($stem:literal) => {
        [ParamId(concat!($stem, "1")), ParamId(concat!($stem, "2")), ParamId(concat!($stem, "3"))]
    };
}

/// Choice: what each target wants.
pub const DESCRIPTOR: [ParamId; TARGETS] = per_target!("descriptor_");
/// How much each counts.
pub const WEIGHT: [ParamId; TARGETS] = per_target!("weight_");
/// Where in its range each is at rest.
pub const BASE: [ParamId; TARGETS] = per_target!("base_");
/// What velocity adds.
pub const FROM_VELOCITY: [ParamId; TARGETS] = per_target!("from_velocity_");
/// What the mod wheel adds.
pub const FROM_WHEEL: [ParamId; TARGETS] = per_target!("from_wheel_");
/// What MPE slide adds.
pub const FROM_SLIDE: [ParamId; TARGETS] = per_target!("from_slide_");
/// What pressure adds.
pub const FROM_PRESSURE: [ParamId; TARGETS] = per_target!("from_pressure_");
/// What the key's place adds.
pub const FROM_KEY: [ParamId; TARGETS] = per_target!("from_key_");
/// What the envelope adds.
pub const FROM_ENVELOPE: [ParamId; TARGETS] = per_target!("from_envelope_");
/// What the oscillator adds.
pub const FROM_LFO: [ParamId; TARGETS] = per_target!("from_lfo_");
/// What the drawn curve adds.
pub const FROM_CURVE: [ParamId; TARGETS] = per_target!("from_curve_");
/// What the side-chain's descriptor adds.
pub const FROM_SIDE: [ParamId; TARGETS] = per_target!("from_side_");

/// Every id that the window may ask a [`crate::ParamBackend`] for.
pub fn all() -> impl Iterator<Item = ParamId> {
    let single = [
        OUTPUT_GAIN,
        CHOICE,
        SMOOTHNESS,
        PITCH_MODE,
        TUNING,
        TRANSPOSE,
        BEND_RANGE,
        MPE,
        MPE_BEND_RANGE,
        GLIDE,
        ATTACK,
        DECAY,
        SUSTAIN,
        RELEASE,
        VELOCITY_RANGE,
        PRESSURE_RANGE,
        LFO_SHAPE,
        LFO_SYNC,
        LFO_RATE,
        CURVE_SYNC,
        CURVE_RATE,
        TAKE,
    ];
    let targets = [
        DESCRIPTOR,
        WEIGHT,
        BASE,
        FROM_VELOCITY,
        FROM_WHEEL,
        FROM_SLIDE,
        FROM_PRESSURE,
        FROM_KEY,
        FROM_ENVELOPE,
        FROM_LFO,
        FROM_CURVE,
        FROM_SIDE,
    ];
    single.into_iter().chain(targets.into_iter().flatten())
}
