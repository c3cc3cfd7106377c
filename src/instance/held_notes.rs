//! The notes that are held: the last one plays, and the one before it again once it is let go.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use crate::controls::{PathNote, ROOT_KEY};

/// Notes held at once; of more the oldest is forgotten.
const MOST: usize = 16;

/// A key that goes down or up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathKey {
    /// The host's number of the note, if it has one.
    pub id: Option<i32>,
    /// `None`: whichever.
    pub channel: Option<u8>,
    /// `None`: whichever; going down, C3.
    pub key: Option<u8>,
    /// Whether it goes down.
    pub is_down: bool,
}

#[derive(Clone, Copy, Default)]
struct Held {
    id: Option<i32>,
    channel: u8,
    key: u8,
    /// When it began, by the frames played.
    since: u64,
}

/// See the module. Belongs to the audio thread; wait-free, allocates nothing.
#[derive(Default)]
pub struct HeldNotes {
    held: [Held; MOST],
    count: usize,
    /// Frames played.
    now: u64,
}

impl HeldNotes {
    /// Lets go of all.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// A note begins or ends.
    pub fn take(&mut self, note: PathKey) {
        self.let_go(note);
        if !note.is_down {
            return;
        }
        if self.count == MOST {
            self.held.copy_within(1.., 0);
            self.count -= 1;
        }
        let (channel, key) = (note.channel.unwrap_or(0), note.key.unwrap_or(ROOT_KEY));
        self.held[self.count] = Held { id: note.id, channel, key, since: self.now };
        self.count += 1;
    }

    fn let_go(&mut self, note: PathKey) {
        fn fits<T: PartialEq>(asked: Option<T>, held: Option<T>) -> bool {
            asked.is_none() || held.is_none() || asked == held
        }
        let mut left = 0;
        for at in 0..self.count {
            let held = self.held[at];
            let is_it =
                fits(note.id, held.id) && fits(note.channel, Some(held.channel)) && fits(note.key, Some(held.key));
            if !is_it {
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

    /// The one that plays, at the next frame.
    pub fn sounding(&self, rate_hz: f64) -> Option<PathNote> {
        let last = self.held[..self.count].last()?;
        Some(PathNote { key: last.key, age_s: (self.now - last.since) as f64 / rate_hz })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_note_plays_and_the_one_before_goes_on_once_it_is_let_go() {
        let mut notes = HeldNotes::default();
        let keys = |notes: &HeldNotes| notes.sounding(100.0).map(|note| (note.key, note.age_s));
        let note = |channel, key, is_down| PathKey { id: None, channel: Some(channel), key: Some(key), is_down };
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
        let any = PathKey { id: None, channel: None, key: None, is_down: false };
        notes.take(PathKey { is_down: true, ..any });
        notes.take(note(3, 5, true));
        assert_eq!(keys(&notes).map(|(key, _)| key), Some(5));
        notes.take(any);
        assert_eq!(keys(&notes), None, "whichever there are");
        for id in [7, 8] {
            notes.take(PathKey { id: Some(id), key: Some(60 + id as u8), is_down: true, ..any });
        }
        notes.take(PathKey { id: Some(8), ..any });
        assert_eq!(keys(&notes).map(|(key, _)| key), Some(67), "by the host's number");
    }
}
