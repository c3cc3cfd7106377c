//! The parameters that the window shows, by the plugin's stable ids.

use crate::LATENT_DIMS;

/// A parameter's stable id, as the host and saved projects know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParamId(pub &'static str);

/// Dry to wet.
pub const MIX: ParamId = ParamId("mix");
/// Level change before the model, in dB.
pub const INPUT_GAIN: ParamId = ParamId("input_gain");
/// Level change after the mix, in dB.
pub const OUTPUT_GAIN: ParamId = ParamId("output_gain");
/// Switch: the dry sound, late by the same latency.
pub const BYPASS: ParamId = ParamId("bypass");
/// Pitch change of what the model plays, in semitones.
pub const TRANSPOSE: ParamId = ParamId("transpose");
/// How steady a foreign sound is held in the latent space.
pub const STABILITY: ParamId = ParamId("stability");
/// Choice: the first option follows the input's loudness, the second takes the level that the musician sets.
pub const LOUDNESS_MODE: ParamId = ParamId("loudness_mode");
/// Added to the input's loudness while it is followed, in dB.
pub const LOUDNESS_OFFSET: ParamId = ParamId("loudness_offset");
/// The loudness while it is set by hand, in dB.
pub const LOUDNESS_LEVEL: ParamId = ParamId("loudness_level");
/// How much of the output goes back into the model.
pub const FEEDBACK_AMOUNT: ParamId = ParamId("feedback_amount");
/// Centre of the feedback's band-pass, in Hz.
pub const FEEDBACK_FREQUENCY: ParamId = ParamId("feedback_frequency");
/// Narrowness of the feedback's band-pass.
pub const FEEDBACK_Q: ParamId = ParamId("feedback_q");

/// What is added to each latent dimension, in standard deviations; dimension 1 first.
pub const BIAS: [ParamId; LATENT_DIMS] = [
    ParamId("bias_1"),
    ParamId("bias_2"),
    ParamId("bias_3"),
    ParamId("bias_4"),
    ParamId("bias_5"),
    ParamId("bias_6"),
    ParamId("bias_7"),
    ParamId("bias_8"),
    ParamId("bias_9"),
    ParamId("bias_10"),
    ParamId("bias_11"),
    ParamId("bias_12"),
    ParamId("bias_13"),
    ParamId("bias_14"),
    ParamId("bias_15"),
    ParamId("bias_16"),
];

/// What each latent dimension is multiplied by; dimension 1 first.
pub const SCALE: [ParamId; LATENT_DIMS] = [
    ParamId("scale_1"),
    ParamId("scale_2"),
    ParamId("scale_3"),
    ParamId("scale_4"),
    ParamId("scale_5"),
    ParamId("scale_6"),
    ParamId("scale_7"),
    ParamId("scale_8"),
    ParamId("scale_9"),
    ParamId("scale_10"),
    ParamId("scale_11"),
    ParamId("scale_12"),
    ParamId("scale_13"),
    ParamId("scale_14"),
    ParamId("scale_15"),
    ParamId("scale_16"),
];

/// Every id that the window may ask a [`crate::ParamBackend`] for.
pub fn all() -> impl Iterator<Item = ParamId> {
    [
        MIX,
        INPUT_GAIN,
        OUTPUT_GAIN,
        BYPASS,
        TRANSPOSE,
        STABILITY,
        LOUDNESS_MODE,
        LOUDNESS_OFFSET,
        LOUDNESS_LEVEL,
        FEEDBACK_AMOUNT,
        FEEDBACK_FREQUENCY,
        FEEDBACK_Q,
    ]
    .into_iter()
    .chain(BIAS)
    .chain(SCALE)
}
