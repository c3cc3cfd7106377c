//! The parameters of what moves macros and dimensions by itself. An id is never renamed or reused once released.

use nih_plug::prelude::*;

use super::midi_play::Heard;
use super::note_values::Period;
use super::transport::TransportPosition;
use super::values::{skewed, whole_percentage};
use crate::controls::{LFOS, Lfo, MACROS, MAX_DIMS, MAX_MACROS, Movement, MovementTarget, Route, Wave};

/// See [`Wave`].
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "see Wave")]
pub enum WaveChoice {
    #[id = "sine"]
    Sine,
    #[id = "triangle"]
    Triangle,
    #[id = "ramp"]
    Ramp,
    #[id = "square"]
    Square,
    #[id = "steps"]
    Steps,
}

/// Declares what can be moved: nothing, the macros, the dimensions.
macro_rules! targets {
    ($($name:ident $id:literal $said:literal,)*) => {
        /// See [`MovementTarget`].
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "see MovementTarget")]
        pub enum TargetChoice {
            #[id = "nothing"]
            Nothing,
            $(#[id = $id] #[name = $said] $name,)*
        }
    };
}

targets! {
    Bright "bright" "Bright", Breath "breath" "Breath", Body "body" "Body", Hollow "hollow" "Hollow",
    Nasal "nasal" "Nasal", Warm "warm" "Warm", Boom "boom" "Boom", Air "air" "Air",
    Dimension1 "dimension_1" "Dimension 1", Dimension2 "dimension_2" "Dimension 2",
    Dimension3 "dimension_3" "Dimension 3", Dimension4 "dimension_4" "Dimension 4",
    Dimension5 "dimension_5" "Dimension 5", Dimension6 "dimension_6" "Dimension 6",
    Dimension7 "dimension_7" "Dimension 7", Dimension8 "dimension_8" "Dimension 8",
    Dimension9 "dimension_9" "Dimension 9", Dimension10 "dimension_10" "Dimension 10",
    Dimension11 "dimension_11" "Dimension 11", Dimension12 "dimension_12" "Dimension 12",
    Dimension13 "dimension_13" "Dimension 13", Dimension14 "dimension_14" "Dimension 14",
    Dimension15 "dimension_15" "Dimension 15", Dimension16 "dimension_16" "Dimension 16",
}

impl TargetChoice {
    /// What it is to the engine.
    pub fn target(self) -> MovementTarget {
        match self as u8 {
            0 => MovementTarget::Nothing,
            at if usize::from(at) <= MAX_MACROS => MovementTarget::Macro(at - 1),
            at => MovementTarget::Dimension(at - 1 - MAX_MACROS as u8),
        }
    }
}

// The choices are the macros and the dimensions, and no others.
const _: () = assert!(TargetChoice::Dimension16 as usize == MAX_MACROS + MAX_DIMS && MACROS.len() == MAX_MACROS);

/// One oscillator.
#[derive(Params)]
pub struct LfoParams {
    /// What it moves.
    #[id = "lfo_target"]
    pub target: EnumParam<TargetChoice>,
    /// How far.
    #[id = "lfo_depth"]
    pub depth: FloatParam,
    /// Its form.
    #[id = "lfo_shape"]
    pub wave: EnumParam<WaveChoice>,
    /// How fast it is without tempo.
    #[id = "lfo_rate"]
    pub rate: FloatParam,
    /// How long a turn is in note values.
    #[id = "lfo_sync"]
    pub sync: EnumParam<Period>,
}

/// All movement.
#[derive(Params)]
pub struct MovementParams {
    /// The oscillators; ids get their numbers: `lfo_rate_1`.
    #[nested(array)]
    pub lfos: [LfoParams; LFOS],
    /// What the loudness moves.
    #[id = "loudness_target"]
    pub loudness_target: EnumParam<TargetChoice>,
    /// How far.
    #[id = "loudness_depth"]
    pub loudness_depth: FloatParam,
    /// How slowly it is followed.
    #[id = "loudness_time"]
    pub loudness_time: FloatParam,
    /// What the pitch moves.
    #[id = "pitch_target"]
    pub pitch_target: EnumParam<TargetChoice>,
    /// How far.
    #[id = "pitch_depth"]
    pub pitch_depth: FloatParam,
}

fn target(name: impl Into<String>) -> EnumParam<TargetChoice> {
    EnumParam::new(name, TargetChoice::Nothing)
}

fn depth(name: impl Into<String>) -> FloatParam {
    whole_percentage(name, 0.5, -1.0, 1.0)
}

impl Default for MovementParams {
    fn default() -> Self {
        Self {
            lfos: std::array::from_fn(|at| {
                let name = |what: &str| format!("LFO {} {what}", at + 1);
                LfoParams {
                    target: target(name("Target")),
                    depth: depth(name("Depth")),
                    wave: EnumParam::new(name("Shape"), WaveChoice::Sine),
                    // Two that are alike would be one.
                    rate: skewed(&name("Rate"), [1.0, 0.3][at], [0.02, 20.0], -2.0, " Hz", 2),
                    sync: EnumParam::new(name("Sync"), Period::Free),
                }
            }),
            loudness_target: target("Loudness Follower Target"),
            loudness_depth: depth("Loudness Follower Depth"),
            loudness_time: skewed("Loudness Follower Time", 120.0, [0.0, 2000.0], -1.5, " ms", 0),
            pitch_target: target("Pitch Follower Target"),
            pitch_depth: depth("Pitch Follower Depth"),
        }
    }
}

impl LfoParams {
    fn lfo(&self, song: &TransportPosition, midi: &impl Heard) -> Lfo {
        let beats = midi.value(&self.sync).beats().map(f64::from);
        Lfo {
            route: route(&self.target, &self.depth, midi),
            wave: match midi.value(&self.wave) {
                WaveChoice::Sine => Wave::Sine,
                WaveChoice::Triangle => Wave::Triangle,
                WaveChoice::Ramp => Wave::Ramp,
                WaveChoice::Square => Wave::Square,
                WaveChoice::Steps => Wave::Steps,
            },
            rate_hz: beats.map_or_else(|| midi.value(&self.rate), |beats| (song.beats_per_s() / beats) as f32),
            song_turns: beats.zip(song.position_beats).map(|(beats, position)| position / beats),
        }
    }
}

fn route(target: &EnumParam<TargetChoice>, depth: &FloatParam, midi: &impl Heard) -> Route {
    Route { to: midi.value(target).target(), depth: midi.value(depth) }
}

impl MovementParams {
    /// The values of this moment, with what MIDI controllers hold.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn movement(&self, song: &TransportPosition, midi: &impl Heard) -> Movement {
        Movement {
            lfos: std::array::from_fn(|at| self.lfos[at].lfo(song, midi)),
            loudness: route(&self.loudness_target, &self.loudness_depth, midi),
            loudness_s: midi.value(&self.loudness_time) / 1000.0,
            pitch: route(&self.pitch_target, &self.pitch_depth, midi),
        }
    }
}
