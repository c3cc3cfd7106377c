//! The walk through grain space as projects and scenes hold it.

use nih_plug::params::persist::PersistentField;
use parking_lot::Mutex;
use plugin_ui::drums::{MAX_WALK_POINTS, Walk, WalkLength};
use serde_json::Value;

use crate::preset::Extra;

/// Its id among the extras.
pub const WALK: &str = "walk";

/// As an instance keeps it. Never used on the audio thread.
#[derive(Default)]
pub struct WalkField(Mutex<Walk>);

impl WalkField {
    /// The walk of this moment.
    pub fn get(&self) -> Walk {
        self.0.lock().clone()
    }

    /// Puts another one in its place.
    pub fn put(&self, walk: Walk) {
        *self.0.lock() = walk;
    }
}

impl PersistentField<'_, Walk> for WalkField {
    fn set(&self, new_value: Walk) {
        self.put(new_value);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&Walk) -> R,
    {
        f(&self.0.lock())
    }
}

/// As scenes hold it.
pub fn to_json(walk: &Walk) -> Value {
    serde_json::to_value(walk).unwrap_or_default()
}

/// The walk that it is; `None` for what is none, or one that no window draws.
pub fn from_json(value: &Value) -> Option<Walk> {
    serde_json::from_value(value.clone()).ok().filter(is_sound)
}

/// Whether a text is a walk.
pub(super) fn reads(text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|walk| is_sound(&walk))
}

fn is_sound(walk: &Walk) -> bool {
    let (WalkLength::Seconds(length) | WalkLength::Beats(length)) = walk.length;
    let numbers = walk.points.iter().flatten().copied().chain([walk.turns, walk.step, length]);
    walk.points.len() <= MAX_WALK_POINTS && numbers.into_iter().all(f32::is_finite)
}

/// For the drum machine's table.
pub(super) fn extra() -> Extra {
    const { assert!(MAX_WALK_POINTS == 512, "the words below name it") };
    Extra {
        id: WALK,
        expected: "a walk, {\"kind\": \"free\", \"points\": [[x, y], ...]}, of at most 512 points",
        default: to_json(&Walk::default()).into(),
        read: |value| Some((to_json(&from_json(value.json()?)?).into(), false)),
        is_kept: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_comes_back_and_what_no_window_draws_is_refused() {
        let walk = Walk { points: vec![[0.25, -1.0], [1.5, 0.1]], turns: 3.0, ..Walk::default() };
        assert_eq!(from_json(&serde_json::from_str(&to_json(&walk).to_string()).unwrap()), Some(walk));
        assert_eq!(from_json(&serde_json::json!({})), Some(Walk::default()));
        let endless = to_json(&Walk { points: vec![[0.0; 2]; MAX_WALK_POINTS + 1], ..Walk::default() });
        for nonsense in [serde_json::json!(7), serde_json::json!({"turns": 1e300}), endless] {
            assert_eq!(from_json(&nonsense), None, "{nonsense:.60}");
            assert!(!reads(&nonsense.to_string()));
        }
    }
}
