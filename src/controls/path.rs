//! How latent paths are played, as it travels with the audio. A worker has the paths; nothing of them is here.

/// Key of the note at which a path has its own pitch: C3 = 60.
pub const ROOT_KEY: u8 = 60;

/// What a path does to the latent of what is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathMode {
    /// Nothing.
    #[default]
    Off,
    /// It takes the latent's place, by the amount's share.
    Replace,
    /// It is added to the latent, times the amount.
    Add,
}

/// What moves along a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathClock {
    /// Time, counted from the song's beginning, or from the stream's where the song stands still.
    #[default]
    Free,
    /// The song: a place of the song is a place of the path.
    Song,
    /// The position, set by hand or automated.
    Position,
    /// A note, as long as it is held.
    Note,
}

/// How a path goes on at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AtEnd {
    /// It begins again.
    #[default]
    Loop,
    /// It goes back and forth.
    PingPong,
    /// It is over.
    Stop,
}

/// How a place on the plane weighs what lies around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlaneWeights {
    /// There is no plane: the slot and the one that it morphs to are heard.
    #[default]
    Off,
    /// The corners, bilinear.
    Lines,
    /// The corners, by discs of influence.
    Discs,
    /// Markers anywhere, by inverse distance.
    Terrain,
}

/// A note that is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathNote {
    /// Its key, 60 being C3.
    pub key: u8,
    /// For how long it has been held, seconds; negative before it.
    pub age_s: f64,
}

/// All that steers latent paths in one hop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathControls {
    /// What they do.
    pub mode: PathMode,
    /// How much of them counts, 0 to 1.
    pub amount: f32,
    /// Which path is played, from 0.
    pub slot: u8,
    /// Which one it morphs to, from 0.
    pub morph_slot: u8,
    /// From the first, 0, to the other, 1.
    pub morph: f32,
    /// Whether a plane is played in their place, and how it weighs.
    pub plane: PlaneWeights,
    /// The place on the plane, from the left and from below, 0 to 1.
    pub place: [f32; 2],
    /// What moves along the path.
    pub clock: PathClock,
    /// How fast; 1: as it was recorded, or fitted.
    pub rate: f32,
    /// What is done at its end.
    pub at_end: AtEnd,
    /// Where on the path, 0 to 1, by position.
    pub position: f32,
    /// Where it begins, 0 to 1.
    pub start: f32,
    /// Whether the path says how loud it is played, in the input's place.
    pub has_loudness: bool,
    /// Whether the path says the pitch, in the input's place.
    pub has_pitch: bool,
    /// Where the song is, in lengths to which a path is fitted; `None` while it stands still or the host does not tell.
    pub turns: Option<f64>,
    /// Such lengths a second; 0: a path is as long as it was recorded.
    pub turns_per_s: f64,
    /// The note that is held.
    pub note: Option<PathNote>,
    /// How much later than these controls' first frame the moment is that they are looked up for, seconds.
    pub since_s: f64,
}

impl PathControls {
    /// The same with defaults in the place of what is no number.
    pub(super) fn sane(mut self) -> Self {
        let fresh = Self::default();
        let repair = |value: f32, default: f32| if value.is_finite() { value } else { default };
        self.amount = repair(self.amount, fresh.amount).clamp(0.0, 1.0);
        self.morph = repair(self.morph, fresh.morph).clamp(0.0, 1.0);
        self.rate = repair(self.rate, fresh.rate);
        self.position = repair(self.position, fresh.position).clamp(0.0, 1.0);
        self.start = repair(self.start, fresh.start).clamp(0.0, 1.0);
        self.place = std::array::from_fn(|axis| repair(self.place[axis], fresh.place[axis]).clamp(0.0, 1.0));
        self.turns = self.turns.filter(|turns| turns.is_finite());
        self.turns_per_s = if self.turns_per_s.is_finite() { self.turns_per_s.max(0.0) } else { 0.0 };
        self.note = self.note.filter(|note| note.age_s.is_finite());
        self
    }

    /// The same, some seconds on: the song goes on, and the note is held on.
    #[must_use]
    pub fn later(self, by_s: f64) -> Self {
        Self {
            turns: self.turns.map(|turns| turns + by_s * self.turns_per_s),
            note: self.note.map(|note| PathNote { age_s: note.age_s + by_s, ..note }),
            ..self
        }
    }

    /// Whether a path is to be heard at all.
    pub fn is_on(&self) -> bool {
        self.mode != PathMode::Off && self.amount > 0.0
    }

    /// Whether a path sounds without an input.
    pub fn plays_by_itself(&self) -> bool {
        self.is_on() && self.has_loudness && (self.clock != PathClock::Note || self.note.is_some())
    }

    /// Frequencies of the path are multiplied by this: the note's, where one plays it.
    pub fn transposition(&self) -> f32 {
        match self.note.filter(|_| self.clock == PathClock::Note) {
            Some(note) => ((f32::from(note.key) - f32::from(ROOT_KEY)) / 12.0).exp2(),
            None => 1.0,
        }
    }
}

impl Default for PathControls {
    fn default() -> Self {
        Self {
            mode: PathMode::Off,
            amount: 1.0,
            slot: 0,
            morph_slot: 1,
            morph: 0.0,
            plane: PlaneWeights::Off,
            place: [0.5; 2],
            clock: PathClock::Free,
            rate: 1.0,
            at_end: AtEnd::Loop,
            position: 0.0,
            start: 0.0,
            has_loudness: false,
            has_pitch: false,
            turns: None,
            turns_per_s: 0.0,
            note: None,
            since_s: 0.0,
        }
    }
}
