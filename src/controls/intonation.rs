//! Which notes the followed pitch is drawn to, as it travels with the audio.

/// Some of the twelve notes of an octave, in every octave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PitchClasses(u16);

impl PitchClasses {
    /// How many there are.
    pub const COUNT: u8 = 12;
    /// No note.
    pub const NONE: Self = Self(0);

    /// The notes that lie so many semitones above a key, 60 being C4.
    pub fn above(key: u8, semitones: &[u8]) -> Self {
        Self(semitones.iter().fold(0, |bits, above| bits | 1 << ((key + above) % Self::COUNT)))
    }

    /// The note of a key, 60 being C4.
    pub fn of(key: u8) -> Self {
        Self(1 << (key % Self::COUNT))
    }

    /// What either has.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a key is among them, 60 being C4; any octave of it, also far below the keyboard.
    pub fn has(self, key: i32) -> bool {
        self.0 >> key.rem_euclid(i32::from(Self::COUNT)) & 1 == 1
    }
}

/// How the followed pitch is drawn to notes, at 440 Hz for A4.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Intonation {
    /// How much of the way, 0 (as it is played) to 1 (in tune).
    pub amount: f32,
    /// The notes. Without any the pitch stays as it is played.
    pub notes: PitchClasses,
    /// Whether the keys that are held are the notes.
    pub follows_keys: bool,
    /// Time constant of the correction, seconds; 0: at once.
    pub time_s: f32,
}

impl Intonation {
    /// The same with the keys that are held, where they are the notes.
    #[must_use]
    pub fn with_keys(self, held: PitchClasses) -> Self {
        if self.follows_keys { Self { notes: held, ..self } } else { self }
    }

    /// The same with defaults in the place of what is no number.
    pub(super) fn sane(self) -> Self {
        let repaired = |value: f32| if value.is_finite() { value } else { 0.0 };
        Self { amount: repaired(self.amount), time_s: repaired(self.time_s), ..self }
    }
}
