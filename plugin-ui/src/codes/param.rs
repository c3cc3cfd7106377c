//! The instrument's parameters that its window shows, by the plugin's stable ids.

use super::TARGETS;
use crate::ParamId;
use crate::param::ids;
pub use crate::param::{LIMITER, OUTPUT_GAIN, TRANSPOSE};

ids! {
    /// Choice: the nearest code or the least-cost path.
    CHOICE = "choice";
    /// Price of jumps on the path.
    SMOOTHNESS = "smoothness";
    /// Choice: pitch from the keys, or from the codes.
    PITCH_MODE = "pitch_mode";
    /// Frequency of A4, Hz.
    TUNING = "tuning";
    /// Range of the pitch wheel, semitones.
    BEND_RANGE = "bend_range";
    /// Switch: each channel is a note's own.
    MPE = "mpe";
    /// Range of a note's own bend, semitones.
    MPE_BEND_RANGE = "mpe_bend_range";
    /// Duration of the way between notes, ms.
    GLIDE = "glide";
    /// To the top, ms.
    ATTACK = "attack";
    /// To the sustain, ms.
    DECAY = "decay";
    /// While a note is held.
    SUSTAIN = "sustain";
    /// To silence, ms.
    RELEASE = "release";
    /// Between the softest and the loudest velocity, dB.
    VELOCITY_RANGE = "velocity_range";
    /// What full pressure adds, dB.
    PRESSURE_RANGE = "pressure_range";
    /// Choice: the oscillator's form.
    LFO_SHAPE = "lfo_shape";
    /// Choice: the oscillator's cycle in the host's tempo; the first option is free.
    LFO_SYNC = "lfo_sync";
    /// The oscillator's frequency by itself, Hz.
    LFO_RATE = "lfo_rate";
    /// Choice: the curve's loop in the host's tempo; the first option is free.
    CURVE_SYNC = "curve_sync";
    /// How often through the curve by itself, Hz.
    CURVE_RATE = "curve_rate";
    /// Seed of noise and random values.
    TAKE = "take";
}

/// As [`ids`], each parameter once for each target; `PER_TARGET` holds them all.
macro_rules! ids_per_target {
    ($($(#[$about:meta])* $name:ident = $stem:literal;)*) => {
        $($(#[$about])* pub const $name: [ParamId; TARGETS] =
            [ParamId(concat!($stem, "1")), ParamId(concat!($stem, "2")), ParamId(concat!($stem, "3"))];)*
        const PER_TARGET: &[[ParamId; TARGETS]] = &[$($name),*];
    };
}

ids_per_target! {
    /// Choice: what each target wants.
    DESCRIPTOR = "descriptor_";
    /// How much each counts.
    WEIGHT = "weight_";
    /// Where in its range each is at rest.
    BASE = "base_";
    /// What velocity adds.
    FROM_VELOCITY = "from_velocity_";
    /// What the mod wheel adds.
    FROM_WHEEL = "from_wheel_";
    /// What MPE slide adds.
    FROM_SLIDE = "from_slide_";
    /// What pressure adds.
    FROM_PRESSURE = "from_pressure_";
    /// What the key's place adds.
    FROM_KEY = "from_key_";
    /// What the envelope adds.
    FROM_ENVELOPE = "from_envelope_";
    /// What the oscillator adds.
    FROM_LFO = "from_lfo_";
    /// What the drawn curve adds.
    FROM_CURVE = "from_curve_";
    /// What the side-chain's descriptor adds.
    FROM_SIDE = "from_side_";
}

/// Every id that the window may ask a [`crate::ParamBackend`] for.
pub fn all() -> impl Iterator<Item = ParamId> {
    SINGLE.iter().chain(PER_TARGET.iter().flatten()).copied().chain([LIMITER, OUTPUT_GAIN, TRANSPOSE])
}
