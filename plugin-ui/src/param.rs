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

/// Time that the signal needs once round the feedback loop, beyond a hop, in ms.
pub const FEEDBACK_DELAY: ParamId = ParamId("feedback_delay");
/// Choice: the loop's delay in note values; the first option leaves it in ms.
pub const FEEDBACK_SYNC: ParamId = ParamId("feedback_sync");
/// Widens or narrows the input's loudness while it is followed.
pub const LOUDNESS_RANGE: ParamId = ParamId("loudness_range");
/// From the model's neutral sound to all that the latent gives.
pub const AMOUNT: ParamId = ParamId("amount");
/// Spread of the random walk, in standard deviations.
pub const RANDOM_AMOUNT: ParamId = ParamId("random_amount");
/// How often the walk takes a new direction, in Hz.
pub const RANDOM_RATE: ParamId = ParamId("random_rate");
/// Seed of the walk: the same take walks the same way.
pub const RANDOM_TAKE: ParamId = ParamId("random_take");
/// Time constant of the latent's smoothing, in ms.
pub const SMOOTHING: ParamId = ParamId("smoothing");
/// Switch: holds the latent where it is.
pub const FREEZE: ParamId = ParamId("freeze");
/// Share of the side-chain in the latent.
pub const SIDE_LATENT: ParamId = ParamId("side_latent");
/// Share of the side-chain in the pitch.
pub const SIDE_PITCH: ParamId = ParamId("side_pitch");
/// Share of the side-chain in the loudness.
pub const SIDE_LOUDNESS: ParamId = ParamId("side_loudness");
/// From the first model to the second.
pub const BLEND: ParamId = ParamId("blend");
/// Choice: what the second model plays from.
pub const SECOND_SOURCE: ParamId = ParamId("second_source");
/// Choice: what the model hears of a stereo track.
pub const CHANNELS: ParamId = ParamId("channels");
/// Width of the wet sound.
pub const WIDTH: ParamId = ParamId("width");
/// Choice: the time that the model is granted.
pub const LATENCY: ParamId = ParamId("latency");

/// The ids of one kind for all latent dimensions, by their common stem.
macro_rules! per_dimension {
    ($stem:literal: $($number:literal)*) => { [$(ParamId(concat!($stem, $number))),*] };
    ($stem:literal) => { per_dimension!($stem: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16) };
}

/// What is added to each latent dimension, in standard deviations; dimension 1 first.
pub const BIAS: [ParamId; LATENT_DIMS] = per_dimension!("bias_");
/// What each latent dimension is multiplied by; dimension 1 first.
pub const SCALE: [ParamId; LATENT_DIMS] = per_dimension!("scale_");
/// Switch: the dimension stays where it was; dimension 1 first.
pub const LOCK: [ParamId; LATENT_DIMS] = per_dimension!("lock_");
/// Switch: the dimension follows the input while those without it rest; dimension 1 first.
pub const SOLO: [ParamId; LATENT_DIMS] = per_dimension!("solo_");

/// Every id that the window may ask a [`crate::ParamBackend`] for.
pub fn all() -> impl Iterator<Item = ParamId> {
    [
        MIX,
        INPUT_GAIN,
        OUTPUT_GAIN,
        BYPASS,
        TRANSPOSE,
        AMOUNT,
        STABILITY,
        SMOOTHING,
        FREEZE,
        RANDOM_AMOUNT,
        RANDOM_RATE,
        RANDOM_TAKE,
        LOUDNESS_MODE,
        LOUDNESS_RANGE,
        LOUDNESS_OFFSET,
        LOUDNESS_LEVEL,
        BLEND,
        SECOND_SOURCE,
        SIDE_LATENT,
        SIDE_PITCH,
        SIDE_LOUDNESS,
        FEEDBACK_AMOUNT,
        FEEDBACK_FREQUENCY,
        FEEDBACK_Q,
        FEEDBACK_DELAY,
        FEEDBACK_SYNC,
        CHANNELS,
        WIDTH,
        LATENCY,
    ]
    .into_iter()
    .chain(BIAS)
    .chain(SCALE)
    .chain(LOCK)
    .chain(SOLO)
}
