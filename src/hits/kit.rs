//! A kit: the hits of its own that the tracks play where nothing is drawn. A few hundred bytes, no sound.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::drums::TRACKS;
use crate::drums::recipe::MAX_EMBEDDING;

/// How far from the middle a number of an embedding is believed.
const MOST: f32 = 8.0;

/// The embeddings of the tracks' own hits; those of the middle of their class are empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kit {
    own: Vec<Vec<f32>>,
}

impl Kit {
    /// The embedding of a track's own hit: at most [`MAX_EMBEDDING`] numbers, the rest of which are 0.
    pub fn own(&self, track: usize) -> &[f32] {
        self.own.get(track).map_or(&[], Vec::as_slice)
    }

    /// Gives a track a hit of its own. Allocates.
    pub fn set_own(&mut self, track: usize, e: &[f32]) {
        if track >= TRACKS {
            return;
        }
        if self.own.len() <= track {
            self.own.resize(track + 1, Vec::new());
        }
        // As it is written: four digits are more than is heard.
        let rounded = |value: &f32| (value * 1e4).round() / 1e4;
        let mut own: Vec<f32> = e.iter().take(MAX_EMBEDDING).map(rounded).collect();
        own.truncate(own.iter().rposition(|value| *value != 0.0).map_or(0, |last| last + 1));
        self.own[track] = own;
        self.own.truncate(self.own.iter().rposition(|own| !own.is_empty()).map_or(0, |last| last + 1));
    }

    /// As presets and projects have it: a list of the tracks' lists of numbers. `None` for what is no kit. Allocates.
    pub fn from_json(value: &Value) -> Option<Self> {
        let kit = Self::deserialize(value).ok()?;
        let is_sound = |own: &Vec<f32>| own.len() <= MAX_EMBEDDING && own.iter().all(|value| value.abs() <= MOST);
        (kit.own.len() <= TRACKS && kit.own.iter().all(is_sound)).then_some(kit)
    }

    /// See [`Self::from_json`]; the shortest numbers that give the same kit again.
    pub fn to_json(&self) -> Value {
        let number = |value: &f32| value.to_string().parse::<f64>().unwrap_or_default();
        self.own.iter().map(|own| own.iter().map(number).collect::<Value>()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kit_is_read_as_it_was_written() {
        let mut kit = Kit::default();
        kit.set_own(2, &[0.123_45, -1.0, 0.0]);
        kit.set_own(5, &[]);
        kit.set_own(99, &[1.0]);
        assert_eq!(kit.own(2), [0.1235, -1.0]);
        assert_eq!((kit.own(0), kit.own(7)), (&[][..], &[][..]));
        assert_eq!(Kit::from_json(&kit.to_json()), Some(kit.clone()));
        assert_eq!(kit.to_json().to_string(), "[[],[],[0.1235,-1.0]]");
        kit.set_own(2, &[0.0]);
        assert_eq!(kit, Kit::default());
    }

    #[test]
    fn what_is_no_kit_is_refused() {
        for text in ["7", "{}", "[[1e30]]", "[[null]]", "[1]", "[[],[],[],[],[],[],[],[],[]]"] {
            assert_eq!(Kit::from_json(&serde_json::from_str(text).unwrap()), None, "{text}");
        }
        assert_eq!(Kit::from_json(&serde_json::json!([vec![0.0; 33]])), None);
    }
}
