//! The keyboard: where keys lie, what they are called, and what is played on them by hand.

use super::CodesRequest;

/// White keys of an octave.
const WHITE: usize = 7;
/// Semitones of the white keys.
const WHITES: [u8; WHITE] = [0, 2, 4, 5, 7, 9, 11];
/// A black key is so much of a white one's width.
const BLACK_WIDTH: f32 = 0.62;
/// And so much of its height.
const BLACK_HEIGHT: f32 = 0.62;
/// The highest lowest key: C8.
const HIGHEST_LOW: u8 = 108;

/// Whether a key is black.
pub fn is_black(key: u8) -> bool {
    !WHITES.contains(&(key % 12))
}

/// The name of a key: C4 is 60.
pub fn name(key: u8) -> String {
    crate::format::key(key.into())
}

/// The key of a frequency, at 440 Hz.
pub fn key_of(hz: f32) -> f32 {
    69.0 + 12.0 * (hz / 440.0).log2()
}

/// Whole octaves in a rectangle of width and height 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    low: u8,
    octaves: usize,
}

impl Keys {
    /// As many octaves from `low` (brought to a C) as there are keys of at least `key_points` in `width_points`.
    pub fn fit(low: u8, width_points: f32, key_points: f32) -> Self {
        let octaves = ((width_points / (key_points * WHITE as f32)) as usize).clamp(2, 8);
        let highest = (120_usize.saturating_sub(12 * octaves) as u8).min(HIGHEST_LOW);
        Self { low: (low / 12 * 12).min(highest), octaves }
    }

    /// The lowest key, a C.
    pub fn low(self) -> u8 {
        self.low
    }

    /// The highest key.
    pub fn high(self) -> u8 {
        self.low + (12 * self.octaves - 1) as u8
    }

    /// White keys first, as they are drawn.
    pub fn all(self) -> impl Iterator<Item = u8> {
        let keys = move || self.low..=self.high();
        keys().filter(|&key| !is_black(key)).chain(keys().filter(|&key| is_black(key)))
    }

    /// Left, top, right and bottom of a key; `None` outside.
    pub fn place(self, key: u8) -> Option<[f32; 4]> {
        if !(self.low..=self.high()).contains(&key) {
            return None;
        }
        let width = 1.0 / (WHITE * self.octaves) as f32;
        let (octave, step) = (usize::from((key - self.low) / 12), key % 12);
        let before = WHITES.iter().filter(|&&white| white < step).count();
        let left = (octave * WHITE + before) as f32 * width;
        Some(match is_black(key) {
            true => [left - 0.5 * BLACK_WIDTH * width, 0.0, left + 0.5 * BLACK_WIDTH * width, BLACK_HEIGHT],
            false => [left, 0.0, left + width, 1.0],
        })
    }

    /// The key at a place, and how hard it is struck there: harder nearer to its end.
    pub fn at(self, x: f32, y: f32) -> Option<(u8, f32)> {
        let holds = |place: [f32; 4]| (place[0]..place[2]).contains(&x) && (place[1]..=place[3]).contains(&y);
        let keys = (self.low..=self.high()).filter(|&key| self.place(key).is_some_and(holds));
        let key = keys.max_by_key(|&key| is_black(key))?;
        let depth = y / self.place(key)?[3];
        Some((key, 0.25 + 0.75 * depth.clamp(0.0, 1.0)))
    }
}

/// What is played by hand, and where the keyboard's own cursor is.
#[derive(Debug)]
pub struct KeysView {
    pub cursor: u8,
    held: Option<u8>,
    /// Whether it is the Enter key that plays it.
    pub is_by_key: bool,
}

impl Default for KeysView {
    fn default() -> Self {
        Self { cursor: 60, held: None, is_by_key: false }
    }
}

impl KeysView {
    /// Which key is held by hand.
    pub fn held(&self) -> Option<u8> {
        self.held
    }

    /// Presses a key, and lets go of the one before.
    pub fn play(&mut self, key: u8, velocity: f32, requests: &mut Vec<CodesRequest>) {
        if self.held != Some(key) {
            self.stop_note(requests);
            self.held = Some(key);
            requests.push(CodesRequest::NoteOn { key, velocity: velocity.clamp(0.01, 1.0) });
        }
        self.cursor = key;
    }

    /// Lets go, if a key is held.
    pub fn stop(&mut self, requests: &mut Vec<CodesRequest>) {
        self.is_by_key = false;
        self.stop_note(requests);
    }

    fn stop_note(&mut self, requests: &mut Vec<CodesRequest>) {
        if let Some(key) = self.held.take() {
            requests.push(CodesRequest::NoteOff { key });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_at_its_place() {
        for width in [200.0, 500.0, 1600.0] {
            let keys = Keys::fit(40, width, 14.0);
            for key in keys.low()..=keys.high() {
                let [left, _, right, bottom] = keys.place(key).unwrap();
                assert_eq!(keys.at(0.5 * (left + right), bottom * 0.97).unwrap().0, key);
            }
            assert_eq!(keys.place(keys.high() + 1), None);
            assert_eq!(keys.all().count(), usize::from(keys.high() - keys.low()) + 1);
        }
        assert!(Keys::fit(255, 5000.0, 1.0).high() < 128);
    }

    #[test]
    fn a_key_is_struck_harder_towards_its_end() {
        let keys = Keys::fit(48, 500.0, 14.0);
        let velocity = |y: f32| keys.at(0.01, y).unwrap().1;
        assert!(velocity(0.7) < velocity(0.95) && velocity(1.0) <= 1.0);
        assert_eq!(keys.at(2.0, 0.5), None);
    }

    #[test]
    fn a_note_that_was_pressed_is_let_go_once() {
        let (mut view, mut requests) = (KeysView::default(), Vec::new());
        for key in [60, 60, 62] {
            view.play(key, 2.0, &mut requests);
        }
        view.stop(&mut requests);
        view.stop(&mut requests);
        let on = |key| CodesRequest::NoteOn { key, velocity: 1.0 };
        let off = |key| CodesRequest::NoteOff { key };
        assert_eq!(requests, [on(60), off(60), on(62), off(62)]);
    }

    #[test]
    fn keys_have_names() {
        assert_eq!([name(60), name(69), name(61)], ["C4", "A4", "C#4"]);
        assert!((key_of(440.0) - 69.0).abs() < 1e-4);
    }
}
