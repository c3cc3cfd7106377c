//! The patterns of an instance as projects and scenes hold them, and their way to the audio thread.

use nih_plug::params::persist::PersistentField;
use parking_lot::Mutex;
use serde_json::Value;

use super::handover::{Giver, Taker, handover};
use crate::drums::pattern::Patterns;
use crate::preset::{Extra, ExtraValue};

/// Their id among the extras.
pub const PATTERNS: &str = "patterns";

/// As an instance keeps them. Never used on the audio thread, which has its end of the way: see [`Self::take_end`].
pub struct PatternsField(Mutex<Inner>);

struct Inner {
    patterns: Patterns,
    giver: Giver<Patterns>,
    /// Until the audio thread takes it.
    taker: Option<Taker<Patterns>>,
}

impl Default for PatternsField {
    fn default() -> Self {
        let (giver, taker) = handover();
        Self(Mutex::new(Inner { patterns: Patterns::default(), giver, taker: Some(taker) }))
    }
}

impl PatternsField {
    /// The patterns of this moment.
    pub fn get(&self) -> Patterns {
        self.0.lock().patterns
    }

    /// Puts other ones in their place, to be heard from the next block on. Allocates.
    pub fn put(&self, patterns: Patterns) {
        // Held until they are sent, so that what comes last is what plays.
        let mut now = self.0.lock();
        if now.patterns != patterns {
            now.patterns = patterns;
            now.giver.give(Box::new(patterns));
        }
    }

    /// The audio thread's end, where patterns come that differ from those that were there before; `None` when it is taken.
    pub fn take_end(&self) -> Option<Taker<Patterns>> {
        self.0.lock().taker.take()
    }
}

impl PersistentField<'_, Patterns> for PatternsField {
    fn set(&self, new_value: Patterns) {
        self.put(new_value);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&Patterns) -> R,
    {
        f(&self.get())
    }
}

/// As scenes hold them.
pub fn to_json(patterns: &Patterns) -> Value {
    serde_json::to_value(patterns).unwrap_or_default()
}

/// For the drum machine's table.
pub(super) fn extra() -> Extra {
    Extra {
        id: PATTERNS,
        expected: "patterns by their number, {\"1\": [{\"steps\": \"9...5...\"}]}",
        default: to_json(&Patterns::default()).into(),
        read,
        is_kept: true,
    }
}

fn read(value: &ExtraValue) -> Option<(ExtraValue, bool)> {
    let patterns = Patterns::read(value.json()?).ok()?;
    Some((to_json(&patterns).into(), false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drums::pattern::Step;

    fn struck(track: usize) -> Patterns {
        let mut patterns = Patterns::default();
        patterns.0[0].lines[track].steps[0] = Step::default().with_velocity(100);
        patterns
    }

    #[test]
    fn the_audio_thread_finds_the_newest_and_nothing_where_nothing_has_changed() {
        let field = PatternsField::default();
        let mut end = field.take_end().unwrap();
        assert!(field.take_end().is_none() && end.take().is_none());
        field.put(struck(1));
        PersistentField::set(&field, struck(2));
        let taken = end.take().unwrap();
        assert_eq!((*taken, field.get()), (struck(2), struck(2)));
        end.give_back(taken);
        field.put(struck(2));
        assert!(end.take().is_none());
    }

    #[test]
    fn an_extra_is_what_patterns_can_be_read_from() {
        let text = to_json(&struck(3));
        assert_eq!(read(&text.clone().into()), Some((text.into(), false)));
        for nonsense in ["null", "7", "[]", r#"{"9": []}"#, r#"{"1": [{"steps": "x"}]}"#] {
            assert_eq!(read(&serde_json::from_str::<Value>(nonsense).unwrap().into()), None, "{nonsense}");
        }
    }
}
