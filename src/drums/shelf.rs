//! The sounds that a track can play at once: the one it plays, those that still ring, and those that wait for their strike.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use super::sound::Sound;

/// Sounds on a shelf at most. More than the voices of a track, so that there is always one that may go: the sounds of all
/// voices stay, and so does the one that was struck last.
pub const PLACES: usize = 6;

struct Placed {
    sound: Box<Sound>,
    /// How many sounds came before.
    arrived: u64,
    /// When it came or was last struck, in such events.
    used: u64,
}

/// A fixed number of places for sounds. Wait-free; it neither allocates nor frees: what must leave is handed back.
#[derive(Default)]
pub struct Shelf {
    places: [Option<Placed>; PLACES],
    events: u64,
    struck: Option<usize>,
}

impl Shelf {
    /// Puts a sound on the shelf and returns the one that has to leave for it: of those that no voice plays and that was
    /// not struck last, the one that has waited or rested longest. `sounds` says whether a voice plays from a place.
    ///
    /// Where all of them must stay, which cannot be with fewer voices than places, the new one is returned.
    pub fn take(&mut self, sound: Box<Sound>, sounds: impl Fn(usize) -> bool) -> Option<Box<Sound>> {
        let may_leave = |&place: &usize| !sounds(place) && self.struck != Some(place);
        let used = |&place: &usize| self.places[place].as_ref().map(|placed| placed.used);
        // `None` comes first: an empty place.
        let Some(place) = (0..PLACES).filter(may_leave).min_by_key(used) else { return Some(sound) };
        self.events += 1;
        let placed = Placed { sound, arrived: self.events, used: self.events };
        self.places[place].replace(placed).map(|left| left.sound)
    }

    /// The place of a hit; of two with its key, that of the one that came later.
    pub fn current(&self, key: u64) -> Option<usize> {
        self.latest(|placed| placed.sound.key() == key)
    }

    /// The place of the sound that came last.
    pub fn newest(&self) -> Option<usize> {
        self.latest(|_| true)
    }

    fn latest(&self, is_meant: impl Fn(&Placed) -> bool) -> Option<usize> {
        let arrived = |place: usize| self.places[place].as_ref().filter(|placed| is_meant(placed)).map(|p| p.arrived);
        (0..PLACES).filter(|&place| arrived(place).is_some()).max_by_key(|&place| arrived(place))
    }

    /// A strike plays from a place: its sound stays until another one is struck.
    pub fn strike(&mut self, place: usize) {
        if let Some(placed) = self.places.get_mut(place).and_then(Option::as_mut) {
            self.events += 1;
            placed.used = self.events;
            self.struck = Some(place);
        }
    }

    /// What is in a place.
    pub fn sound(&self, place: usize) -> Option<&Sound> {
        Some(&*self.places.get(place)?.as_ref()?.sound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::sample_guard::SampleGuard;

    fn sound(key: u64) -> Box<Sound> {
        Box::new(Sound::new(key, 44_100, vec![key as f32], &mut SampleGuard::default()))
    }

    fn key(shelf: &Shelf, place: Option<usize>) -> Option<u64> {
        shelf.sound(place?).map(Sound::key)
    }

    #[test]
    fn a_hit_is_found_by_its_key_and_the_last_one_to_come_without() {
        let mut shelf = Shelf::default();
        assert_eq!((shelf.current(1), shelf.newest()), (None, None));
        for key in [3, 9, 5] {
            assert!(shelf.take(sound(key), |_| false).is_none());
        }
        assert_eq!(key(&shelf, shelf.current(9)), Some(9));
        assert_eq!(key(&shelf, shelf.newest()), Some(5));
        assert_eq!(shelf.current(4), None);
        // The same hit once more: the later one is played.
        let before = shelf.current(9);
        assert!(shelf.take(sound(9), |_| false).is_none());
        assert_ne!(shelf.current(9), before);
    }

    #[test]
    fn what_has_rested_longest_leaves_and_what_sounds_or_was_struck_last_stays() {
        let mut shelf = Shelf::default();
        for key in 0..PLACES as u64 {
            assert!(shelf.take(sound(key), |_| false).is_none());
        }
        let of = |shelf: &Shelf, key| shelf.current(key).unwrap();
        let rings = of(&shelf, 1);
        let struck = of(&shelf, 0);
        shelf.strike(struck);
        // 0 was struck, 1 still sounds: 2 goes, then 3.
        let left: Vec<u64> =
            (10..12).map(|key| shelf.take(sound(key), |place| place == rings).unwrap().key()).collect();
        assert_eq!(left, [2, 3]);
        // Once another one is struck, 1 has rested longest.
        let struck = of(&shelf, 11);
        shelf.strike(struck);
        let left: Vec<u64> = (20..25).map(|key| shelf.take(sound(key), |_| false).unwrap().key()).collect();
        assert_eq!(left, [1, 4, 5, 0, 10]);
    }

    #[test]
    fn a_sound_for_which_there_is_no_place_is_handed_back() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.take(sound(1), |_| true).unwrap().key(), 1);
        assert!(shelf.sound(0).is_none() && shelf.sound(PLACES).is_none());
    }
}
