//! The notes that are held: the last one plays, and the one before it again once it is let go.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use crate::controls::{PathNote, PitchClasses, ROOT_KEY};

/// Notes held at once; of more the oldest is forgotten.
const MOST: usize = 16;

/// Channels of MIDI.
const CHANNELS: usize = 16;

/// What happens to a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeyAct {
    /// It goes down.
    Down,
    /// It goes up.
    Up,
    /// The finger slides along it, 0 to 1.
    Slide(f32),
    /// The finger presses, 0 to 1.
    Pressure(f32),
}

/// A key, or several, and what happens to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathKey {
    /// The host's number of the note, if it has one.
    pub id: Option<i32>,
    /// `None`: whichever.
    pub channel: Option<u8>,
    /// `None`: whichever; going down, C3.
    pub key: Option<u8>,
    /// What happens.
    pub act: KeyAct,
}

#[derive(Clone, Copy, Default)]
struct Held {
    id: Option<i32>,
    channel: u8,
    key: u8,
    /// Slide and pressure.
    touch: [Option<f32>; 2],
    /// When it began, by the frames played.
    since: u64,
}

impl Held {
    /// Whether something is said of it.
    fn is_meant(&self, by: PathKey) -> bool {
        fn fits<T: PartialEq>(asked: Option<T>, held: Option<T>) -> bool {
            asked.is_none() || held.is_none() || asked == held
        }
        fits(by.id, self.id) && fits(by.channel, Some(self.channel)) && fits(by.key, Some(self.key))
    }
}

/// See the module. Belongs to the audio thread; wait-free, allocates nothing.
#[derive(Default)]
pub struct HeldNotes {
    held: [Held; MOST],
    count: usize,
    /// What each channel was touched with last: MPE says it before the note.
    channels: [[Option<f32>; 2]; CHANNELS],
    /// Frames played.
    now: u64,
}

impl HeldNotes {
    /// Lets go of all.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// A note begins, is touched or ends.
    pub fn take(&mut self, note: PathKey) {
        match note.act {
            KeyAct::Down => self.begin(note),
            KeyAct::Up => self.let_go(note),
            KeyAct::Slide(value) => self.touch(note, 0, value),
            KeyAct::Pressure(value) => self.touch(note, 1, value),
        }
    }

    fn begin(&mut self, note: PathKey) {
        self.let_go(note);
        if self.count == MOST {
            self.held.copy_within(1.., 0);
            self.count -= 1;
        }
        let (channel, key) = (note.channel.unwrap_or(0), note.key.unwrap_or(ROOT_KEY));
        let touch = self.channels.get(usize::from(channel)).copied().unwrap_or_default();
        self.held[self.count] = Held { id: note.id, channel, key, touch, since: self.now };
        self.count += 1;
    }

    /// `axis`: 0 for slide, 1 for pressure.
    fn touch(&mut self, note: PathKey, axis: usize, value: f32) {
        if !value.is_finite() {
            return;
        }
        let value = Some(value.clamp(0.0, 1.0));
        for held in self.held[..self.count].iter_mut().filter(|held| held.is_meant(note)) {
            held.touch[axis] = value;
        }
        let is_channels = note.id.is_none() && note.key.is_none();
        let channel = note.channel.filter(|_| is_channels).map(usize::from);
        if let Some(channel) = channel.and_then(|channel| self.channels.get_mut(channel)) {
            channel[axis] = value;
        }
    }

    fn let_go(&mut self, note: PathKey) {
        let mut left = 0;
        for at in 0..self.count {
            let held = self.held[at];
            if !held.is_meant(note) {
                self.held[left] = held;
                left += 1;
            }
        }
        self.count = left;
    }

    /// Frames were played.
    pub fn pass(&mut self, frames: usize) {
        self.now += frames as u64;
    }

    /// Which notes are held, in whatever octave.
    pub fn pitch_classes(&self) -> PitchClasses {
        self.held[..self.count].iter().fold(PitchClasses::NONE, |all, held| all.with(PitchClasses::of(held.key)))
    }

    /// The one that plays, at the next frame.
    pub fn sounding(&self, rate_hz: f64) -> Option<PathNote> {
        let last = self.held[..self.count].last()?;
        Some(PathNote { key: last.key, age_s: (self.now - last.since) as f64 / rate_hz, touch: last.touch })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_note_plays_and_the_one_before_goes_on_once_it_is_let_go() {
        let mut notes = HeldNotes::default();
        let keys = |notes: &HeldNotes| notes.sounding(100.0).map(|note| (note.key, note.age_s));
        let note = |channel, key, is_down| {
            let act = if is_down { KeyAct::Down } else { KeyAct::Up };
            PathKey { id: None, channel: Some(channel), key: Some(key), act }
        };
        assert_eq!(keys(&notes), None);
        notes.take(note(0, 60, true));
        notes.pass(50);
        notes.take(note(0, 64, true));
        notes.pass(50);
        assert_eq!(keys(&notes), Some((64, 0.5)));
        notes.take(note(1, 64, false));
        assert_eq!(keys(&notes), Some((64, 0.5)), "another channel's");
        notes.take(note(0, 64, false));
        assert_eq!(keys(&notes), Some((60, 1.0)));
        notes.take(note(0, 60, true));
        assert_eq!(keys(&notes), Some((60, 0.0)), "struck again");
        (0..40).for_each(|key| notes.take(note(2, key, true)));
        assert_eq!(keys(&notes), Some((39, 0.0)));
        (20..40).rev().for_each(|key| notes.take(note(2, key, false)));
        assert_eq!(keys(&notes), None, "the oldest were forgotten");
        let any = PathKey { id: None, channel: None, key: None, act: KeyAct::Up };
        notes.take(PathKey { act: KeyAct::Down, ..any });
        notes.take(note(3, 5, true));
        assert_eq!(keys(&notes).map(|(key, _)| key), Some(5));
        notes.take(any);
        assert_eq!(keys(&notes), None, "whichever there are");
        for id in [7, 8] {
            notes.take(PathKey { id: Some(id), key: Some(60 + id as u8), act: KeyAct::Down, ..any });
        }
        notes.take(PathKey { id: Some(8), ..any });
        assert_eq!(keys(&notes).map(|(key, _)| key), Some(67), "by the host's number");
    }

    #[test]
    fn a_note_is_touched_by_itself_or_by_its_channel_also_before_it_begins() {
        let mut notes = HeldNotes::default();
        let touch = |notes: &HeldNotes| notes.sounding(100.0).map(|note| note.touch);
        let one = |key, act| PathKey { id: None, channel: Some(3), key: Some(key), act };
        let channel = |channel, act| PathKey { id: None, channel: Some(channel), key: None, act };
        notes.take(one(60, KeyAct::Down));
        assert_eq!(touch(&notes), Some([None, None]), "until something is said of it");
        notes.take(one(60, KeyAct::Slide(0.25)));
        notes.take(channel(3, KeyAct::Pressure(1.5)));
        assert_eq!(touch(&notes), Some([Some(0.25), Some(1.0)]));
        notes.take(one(61, KeyAct::Slide(0.5)));
        notes.take(channel(4, KeyAct::Slide(0.5)));
        notes.take(channel(3, KeyAct::Slide(f32::NAN)));
        assert_eq!(touch(&notes), Some([Some(0.25), Some(1.0)]), "of another key, another channel, and no number");
        notes.take(one(62, KeyAct::Down));
        assert_eq!(touch(&notes), Some([None, Some(1.0)]), "a note has what its channel has");
        notes.take(one(62, KeyAct::Up));
        assert_eq!(touch(&notes), Some([Some(0.25), Some(1.0)]), "the one before has kept its own");
        notes.reset();
        notes.take(PathKey { id: Some(7), channel: Some(3), key: Some(60), act: KeyAct::Down });
        notes.take(PathKey { id: Some(8), channel: None, key: None, act: KeyAct::Slide(0.75) });
        assert_eq!(touch(&notes), Some([None, None]), "a reset lets go, and the host's number is another one");
        notes.take(PathKey { id: Some(7), channel: None, key: None, act: KeyAct::Slide(0.75) });
        assert_eq!(touch(&notes), Some([Some(0.75), None]));
    }
}
