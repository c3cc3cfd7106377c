//! The parameters of intonation. An id is never renamed or reused once released.

use nih_plug::prelude::*;

use super::midi_play::Heard;
use super::values::{skewed, whole_percentage};
use crate::controls::{Intonation, PitchClasses};

/// Declares scales by what lies above their key, semitones.
macro_rules! scales {
    ($($name:ident $id:literal $said:literal $semitones:expr,)*) => {
        /// The notes that the pitch is drawn to.
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "named after what musicians call them")]
        pub enum Scale {
            $(#[id = $id] #[name = $said] $name,)*
            #[id = "held"]
            #[name = "Held Notes"]
            Held,
        }

        impl Scale {
            /// Semitones above the key; none where it is not a scale.
            fn semitones(self) -> &'static [u8] {
                match self {
                    $(Self::$name => &$semitones,)*
                    Self::Held => &[],
                }
            }
        }
    };
}

scales! {
    Chromatic "chromatic" "Chromatic" [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    Major "major" "Major" [0, 2, 4, 5, 7, 9, 11],
    Minor "minor" "Minor" [0, 2, 3, 5, 7, 8, 10],
    HarmonicMinor "harmonic_minor" "Harmonic Minor" [0, 2, 3, 5, 7, 8, 11],
    Dorian "dorian" "Dorian" [0, 2, 3, 5, 7, 9, 10],
    Phrygian "phrygian" "Phrygian" [0, 1, 3, 5, 7, 8, 10],
    Lydian "lydian" "Lydian" [0, 2, 4, 6, 7, 9, 11],
    Mixolydian "mixolydian" "Mixolydian" [0, 2, 4, 5, 7, 9, 10],
    MajorPentatonic "major_pentatonic" "Major Pentatonic" [0, 2, 4, 7, 9],
    MinorPentatonic "minor_pentatonic" "Minor Pentatonic" [0, 3, 5, 7, 10],
    Blues "blues" "Blues" [0, 3, 5, 6, 7, 10],
    WholeTone "whole_tone" "Whole Tone" [0, 2, 4, 6, 8, 10],
}

/// The key of a scale.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after the notes")]
pub enum Key {
    #[id = "c"]
    C,
    #[id = "c_sharp"]
    #[name = "C#"]
    CSharp,
    #[id = "d"]
    D,
    #[id = "d_sharp"]
    #[name = "D#"]
    DSharp,
    #[id = "e"]
    E,
    #[id = "f"]
    F,
    #[id = "f_sharp"]
    #[name = "F#"]
    FSharp,
    #[id = "g"]
    G,
    #[id = "g_sharp"]
    #[name = "G#"]
    GSharp,
    #[id = "a"]
    A,
    #[id = "a_sharp"]
    #[name = "A#"]
    ASharp,
    #[id = "b"]
    B,
}

/// See [`Intonation`].
#[derive(Params)]
pub struct IntonationParams {
    /// As it is played to in tune.
    #[id = "intonation"]
    pub amount: FloatParam,
    /// How slowly a note comes in tune.
    #[id = "intonation_time"]
    pub time: FloatParam,
    /// The notes.
    #[id = "intonation_scale"]
    pub scale: EnumParam<Scale>,
    /// Where the scale begins.
    #[id = "intonation_key"]
    pub key: EnumParam<Key>,
}

impl Default for IntonationParams {
    fn default() -> Self {
        Self {
            amount: whole_percentage("Intonation", 0.0, 0.0, 1.0),
            time: skewed("Intonation Time", 120.0, [0.0, 1000.0], -1.5, " ms", 0),
            scale: EnumParam::new("Intonation Scale", Scale::Chromatic),
            key: EnumParam::new("Intonation Key", Key::C),
        }
    }
}

impl IntonationParams {
    /// The values of this moment, with what MIDI controllers hold; without the keys that are held.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn intonation(&self, midi: &impl Heard) -> Intonation {
        let scale = midi.value(&self.scale);
        Intonation {
            amount: midi.value(&self.amount),
            notes: PitchClasses::above(midi.value(&self.key) as u8, scale.semitones()),
            follows_keys: scale == Scale::Held,
            time_s: midi.value(&self.time) / 1000.0,
        }
    }
}
