//! The parameters that the window shows, by the plugin's stable ids.

use crate::LATENT_DIMS;

/// A parameter's stable id, as the host and saved projects know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParamId(pub &'static str);

/// Declares parameters by their ids, and `SINGLE`, which holds them all.
macro_rules! ids {
    ($($(#[$about:meta])* $name:ident = $id:literal;)*) => {
        $($(#[$about])* pub const $name: $crate::ParamId = $crate::ParamId($id);)*
        const SINGLE: &[$crate::ParamId] = &[$($name),*];
    };
}
pub(crate) use ids;

ids! {
    /// Dry to wet.
    MIX = "mix";
    /// Level change before the model, in dB.
    INPUT_GAIN = "input_gain";
    /// Level change after the mix, in dB.
    OUTPUT_GAIN = "output_gain";
    /// Level change of the model's sound alone, in dB.
    WET_GAIN = "wet_gain";
    /// Switch: what comes out stays below full scale.
    LIMITER = "limiter";
    /// Switch: the dry sound, late by the same latency.
    BYPASS = "bypass";
    /// Pitch change of what the model plays, in semitones.
    TRANSPOSE = "transpose";
    /// Choice: the octave as it is played, or where the model is at home.
    OCTAVE = "octave";
    /// How much of the way to the nearest note the pitch is drawn.
    INTONATION = "intonation";
    /// How slowly it comes there, in ms.
    INTONATION_TIME = "intonation_time";
    /// Choice: the notes that it is drawn to; the last option takes the keys that are held.
    INTONATION_SCALE = "intonation_scale";
    /// Choice: where the scale begins.
    INTONATION_KEY = "intonation_key";
    /// How much of the own consonants is heard in the place of the model's noise.
    CONSONANTS = "consonants";
    /// How steady a foreign sound is held in the latent space.
    STABILITY = "stability";
    /// Choice: the first option follows the input's loudness, the second takes the level that the musician sets.
    LOUDNESS_MODE = "loudness_mode";
    /// What is softer than this is left out, in dB(A); off at its lowest.
    GATE = "gate";
    /// Added to the input's loudness while it is followed, in dB.
    LOUDNESS_OFFSET = "loudness_offset";
    /// The loudness while it is set by hand, in dB.
    LOUDNESS_LEVEL = "loudness_level";
    /// How much of the output goes back into the model.
    FEEDBACK_AMOUNT = "feedback_amount";
    /// Centre of the feedback's band-pass, in Hz.
    FEEDBACK_FREQUENCY = "feedback_frequency";
    /// Narrowness of the feedback's band-pass.
    FEEDBACK_Q = "feedback_q";
    /// Time that the signal needs once round the feedback loop, beyond a hop, in ms.
    FEEDBACK_DELAY = "feedback_delay";
    /// Choice: the loop's delay in note values; the first option leaves it in ms.
    FEEDBACK_SYNC = "feedback_sync";
    /// Widens or narrows the input's loudness while it is followed.
    LOUDNESS_RANGE = "loudness_range";
    /// From the model's neutral sound to all that the latent gives.
    AMOUNT = "amount";
    /// Spread of the random walk, in standard deviations.
    RANDOM_AMOUNT = "random_amount";
    /// How often the walk takes a new direction, in Hz.
    RANDOM_RATE = "random_rate";
    /// Seed of the walk: the same take walks the same way.
    RANDOM_TAKE = "random_take";
    /// Time constant of the latent's smoothing, in ms.
    SMOOTHING = "smoothing";
    /// Switch: holds the latent where it is.
    FREEZE = "freeze";
    /// Share of the side-chain in the latent.
    SIDE_LATENT = "side_latent";
    /// Share of the side-chain in the pitch.
    SIDE_PITCH = "side_pitch";
    /// Share of the side-chain in the loudness.
    SIDE_LOUDNESS = "side_loudness";
    /// From the first model to the second.
    BLEND = "blend";
    /// Choice: what the second model plays from.
    SECOND_SOURCE = "second_source";
    /// Choice: what the model hears of a stereo track.
    CHANNELS = "channels";
    /// Width of the wet sound.
    WIDTH = "width";
    /// Choice: the time that the model is granted.
    LATENCY = "latency";
    /// Choice: what the loudness moves.
    LOUDNESS_TARGET = "loudness_target";
    /// How far, from against it to with it.
    LOUDNESS_DEPTH = "loudness_depth";
    /// How slowly the loudness is followed, in ms.
    LOUDNESS_TIME = "loudness_time";
    /// Choice: what the pitch moves.
    PITCH_TARGET = "pitch_target";
    /// How far, from against it to with it.
    PITCH_DEPTH = "pitch_depth";
    /// Choice: off, replace or add.
    PATH_MODE = "path_mode";
    /// How much of the path counts.
    PATH_AMOUNT = "path_amount";
    /// Which path is played, 1 to 8.
    PATH_SLOT = "path_slot";
    /// Which path it morphs to, 1 to 8.
    PATH_MORPH_SLOT = "path_morph_slot";
    /// How far it morphs.
    PATH_MORPH = "path_morph";
    /// Choice: what moves along the path: time, the song, the position, a note.
    PATH_PLAY = "path_play";
    /// Choice: how long a pass is when the song moves along it.
    PATH_LENGTH = "path_length";
    /// How fast the path is played.
    PATH_RATE = "path_rate";
    /// Choice: loop, ping-pong or once.
    PATH_END = "path_end";
    /// Where in the path, by position.
    PATH_POSITION = "path_position";
    /// Where it begins.
    PATH_START = "path_start";
    /// Choice: whether the latent is the input's or the path's.
    PATH_LATENT = "path_latent";
    /// Choice: whether the loudness is the input's or the path's.
    PATH_LOUDNESS = "path_loudness";
    /// Choice: whether the pitch is the input's or the path's.
    PATH_PITCH = "path_pitch";
    /// Choice: off, lines, discs or terrain.
    PLANE = "plane";
    /// From the left.
    PLANE_X = "plane_x";
    /// From below.
    PLANE_Y = "plane_y";
    /// Switch: the recorded walk moves the place.
    PLANE_WALK = "plane_walk";
    /// Switch: a note's slide and pressure move the place.
    PLANE_MPE = "plane_mpe";
}

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

/// Macros of the effect.
pub const MACRO_COUNT: usize = 8;

/// How far each macro is turned.
pub const MACRO: [ParamId; MACRO_COUNT] = per_dimension!("macro_": 1 2 3 4 5 6 7 8);

/// Oscillators of the effect.
pub const LFO_COUNT: usize = 2;

/// Choice: what each oscillator moves.
pub const LFO_TARGET: [ParamId; LFO_COUNT] = per_dimension!("lfo_target_": 1 2);
/// How far, from against it to with it.
pub const LFO_DEPTH: [ParamId; LFO_COUNT] = per_dimension!("lfo_depth_": 1 2);
/// Choice: its form.
pub const LFO_SHAPE: [ParamId; LFO_COUNT] = per_dimension!("lfo_shape_": 1 2);
/// Turns a second without tempo, in Hz.
pub const LFO_RATE: [ParamId; LFO_COUNT] = per_dimension!("lfo_rate_": 1 2);
/// Choice: how long a turn is in note values; the first option leaves it in Hz.
pub const LFO_SYNC: [ParamId; LFO_COUNT] = per_dimension!("lfo_sync_": 1 2);

/// What moves something, and how far: a target and its depth.
pub const ROUTES: [[ParamId; 2]; LFO_COUNT + 2] = [
    [LFO_TARGET[0], LFO_DEPTH[0]],
    [LFO_TARGET[1], LFO_DEPTH[1]],
    [LOUDNESS_TARGET, LOUDNESS_DEPTH],
    [PITCH_TARGET, PITCH_DEPTH],
];

/// Every id that the window may ask a [`crate::ParamBackend`] for.
pub fn all() -> impl Iterator<Item = ParamId> {
    let lfos = [LFO_TARGET, LFO_DEPTH, LFO_SHAPE, LFO_RATE, LFO_SYNC].into_iter().flatten();
    SINGLE.iter().copied().chain(lfos).chain(MACRO).chain(BIAS).chain(SCALE).chain(LOCK).chain(SOLO)
}
