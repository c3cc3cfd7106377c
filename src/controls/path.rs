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
    /// Its slide and its pressure, 0 to 1; `None` until it has one.
    pub touch: [Option<f32>; 2],
}

/// What of a project's latent paths can sound by itself in the models that are loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Playable(u32);

impl Playable {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// All that there may be: nobody has looked yet.
    pub const ALL: Self = Self(u32::MAX);
    /// Something in the corners of the plane.
    pub const CORNERS: Self = Self(1 << 30);
    /// Something on its markers.
    pub const MARKERS: Self = Self(1 << 31);

    /// The path of a slot, from 0.
    pub fn slot(n: u8) -> Self {
        Self(1 << n.min(29))
    }

    /// What either has.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether some of the other is in it.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
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
    /// Whether the recorded walk moves the place, where there is one.
    pub walks: bool,
    /// Whether the slide and the pressure of the note that is held are the place.
    pub has_touch: bool,
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
    /// Whether the path's latent is heard; otherwise the input's own.
    pub has_latent: bool,
    /// Whether the path says how loud it is played, in the input's place.
    pub has_loudness: bool,
    /// Whether the path says the pitch, in the input's place.
    pub has_pitch: bool,
    /// Where the song is, in quarter notes from its beginning; `None` while it stands still or the host does not tell.
    pub beats: Option<f64>,
    /// Quarter notes a second.
    pub beats_per_s: f64,
    /// Quarter notes of a bar.
    pub bar_beats: f64,
    /// Quarter notes to which a path is fitted by the song; `None`: it is as long as it was recorded.
    pub length_beats: Option<f64>,
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
        let is_length = |beats: f64| beats.is_finite() && beats > 0.0;
        self.beats = self.beats.filter(|beats| beats.is_finite());
        self.beats_per_s = if is_length(self.beats_per_s) { self.beats_per_s } else { fresh.beats_per_s };
        self.bar_beats = if is_length(self.bar_beats) { self.bar_beats } else { fresh.bar_beats };
        self.length_beats = self.length_beats.filter(|beats| is_length(*beats));
        self.note = self.note.filter(|note| note.age_s.is_finite());
        self
    }

    /// The same, some seconds on: the song goes on, and the note is held on.
    #[must_use]
    pub fn later(self, by_s: f64) -> Self {
        Self {
            beats: self.beats.map(|beats| beats + by_s * self.beats_per_s),
            note: self.note.map(|note| PathNote { age_s: note.age_s + by_s, ..note }),
            ..self
        }
    }

    /// The same while a note is held, or none: what it is touched with may be the place on the plane.
    #[must_use]
    pub fn with_note(mut self, note: Option<PathNote>) -> Self {
        if let Some(note) = note.filter(|_| self.has_touch) {
            for (place, touch) in self.place.iter_mut().zip(note.touch) {
                *place = touch.unwrap_or(*place);
            }
        }
        Self { note, ..self }
    }

    /// Whether a path is to be heard at all.
    pub fn is_on(&self) -> bool {
        self.mode != PathMode::Off && self.amount > 0.0
    }

    /// Whether a path sounds without an input, where so much can play.
    pub fn plays_by_itself(&self, playable: Playable) -> bool {
        let of = |slot, weight: f32| if weight > 0.0 { Playable::slot(slot) } else { Playable::NONE };
        let chosen = match self.plane {
            PlaneWeights::Off => of(self.slot, 1.0 - self.morph).with(of(self.morph_slot, self.morph)),
            PlaneWeights::Lines | PlaneWeights::Discs => Playable::CORNERS,
            PlaneWeights::Terrain => Playable::MARKERS,
        };
        let is_heard = self.is_on() && (self.clock != PathClock::Note || self.note.is_some());
        is_heard && self.has_loudness && playable.has(chosen)
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
            walks: false,
            has_touch: false,
            clock: PathClock::Free,
            rate: 1.0,
            at_end: AtEnd::Loop,
            position: 0.0,
            start: 0.0,
            has_latent: true,
            has_loudness: false,
            has_pitch: false,
            beats: None,
            beats_per_s: 2.0,
            bar_beats: 4.0,
            length_beats: None,
            note: None,
            since_s: 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_sounds_by_itself_where_what_is_chosen_can_play() {
        let path = PathControls { mode: PathMode::Replace, has_loudness: true, slot: 2, ..PathControls::default() };
        let morphed = PathControls { morph: 0.5, morph_slot: 7, ..path };
        let plane = |plane| PathControls { plane, ..path };
        for (path, playable, plays) in [
            (path, Playable::slot(2), true),
            (path, Playable::slot(7).with(Playable::CORNERS), false),
            (path, Playable::NONE, false),
            (path, Playable::ALL, true),
            (morphed, Playable::slot(7), true),
            (PathControls { morph: 1.0, ..morphed }, Playable::slot(2), false),
            (plane(PlaneWeights::Lines), Playable::CORNERS, true),
            (plane(PlaneWeights::Discs), Playable::slot(2).with(Playable::MARKERS), false),
            (plane(PlaneWeights::Terrain), Playable::MARKERS, true),
            (PathControls { has_loudness: false, ..path }, Playable::ALL, false),
            (PathControls { clock: PathClock::Note, ..path }, Playable::ALL, false),
        ] {
            assert_eq!(path.plays_by_itself(playable), plays, "{path:?}, {playable:?}");
        }
    }

    #[test]
    fn a_note_that_is_touched_is_the_place_on_each_axis_that_it_has() {
        let at = PathControls { place: [0.2, 0.3], has_touch: true, ..PathControls::default() };
        let note = |touch| Some(PathNote { key: 60, age_s: 0.0, touch });
        assert_eq!(at.with_note(note([Some(0.9), Some(0.8)])).place, [0.9, 0.8]);
        assert_eq!(at.with_note(note([None, Some(0.8)])).place, [0.2, 0.8]);
        assert_eq!(at.with_note(None).place, [0.2, 0.3]);
        let untouched = PathControls { has_touch: false, ..at }.with_note(note([Some(0.9); 2]));
        assert_eq!((untouched.place, untouched.note), ([0.2, 0.3], note([Some(0.9); 2])));
    }
}
