//! The latent paths of a project, and who plays them.

use std::sync::{Arc, Weak};

use nih_plug::params::persist::PersistentField;
use parking_lot::Mutex;
use serde_json::Value;

use crate::engine::{Engine, Take};
use crate::latent::PathSet;
use crate::latent::set::is_set;
use crate::preset::{Extra, ExtraValue};

/// Their id among the extras.
pub const PATHS: &str = "paths";

/// As an instance keeps them, shared by its copies. Whatever brings other ones, a state or the window, the engine gets them at
/// once. Never used on the audio thread.
#[derive(Clone, Default)]
pub struct PathsField {
    set: Arc<Mutex<PathSet>>,
    player: Arc<Mutex<Weak<Engine>>>,
    saved: Arc<Mutex<Option<Saved>>>,
}

/// What was saved last while takes waited.
struct Saved {
    base: PathSet,
    takes: Vec<Take>,
    made: PathSet,
}

impl PathsField {
    /// The paths of this moment.
    pub fn get(&self) -> PathSet {
        self.set.lock().clone()
    }

    /// Puts other ones in their place.
    pub fn put(&self, set: PathSet) {
        // Held until they are sent, so that what comes last is what plays.
        let mut now = self.set.lock();
        *now = set;
        if let Some(player) = self.player.lock().upgrade() {
            player.set_paths(now.clone());
        }
    }

    /// Who plays them, and records; `None` until the plugin has been activated.
    pub fn player(&self) -> Option<Arc<Engine>> {
        self.player.lock().upgrade()
    }

    /// As a project is to hold them: with what was recorded and no window has drawn yet. It stays on the tape, so that it can be
    /// a step of undo once a window is there.
    fn to_save(&self) -> PathSet {
        let set = self.get();
        let takes = self.player().map(|player| player.tape().peek_all()).unwrap_or_default();
        if takes.is_empty() {
            return set;
        }
        // Packing takes its time, and some hosts save often.
        let mut saved = self.saved.lock();
        match &*saved {
            Some(Saved { base, takes: known, made }) if *base == set && *known == takes => made.clone(),
            _ => {
                let with = |set: PathSet, take: &Take| set.with_take(take.slot, &take.path).unwrap_or(set);
                let made = takes.iter().fold(set.clone(), with);
                *saved = Some(Saved { base: set, takes, made: made.clone() });
                made
            }
        }
    }

    /// Who plays them from now on, and is given them now.
    pub fn attach(&self, player: &Arc<Engine>) {
        let now = self.set.lock();
        *self.player.lock() = Arc::downgrade(player);
        player.set_paths(now.clone());
    }
}

impl PersistentField<'_, PathSet> for PathsField {
    fn set(&self, new_value: PathSet) {
        // What is recorded is the project's that goes. A host that undoes by states brings the same paths again.
        if let Some(player) = self.player().filter(|_| new_value != self.get()) {
            player.end_record(false);
            player.tape().clear();
        }
        self.put(new_value);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&PathSet) -> R,
    {
        f(&self.to_save())
    }
}

/// For the effect's table.
pub(super) fn extra() -> Extra {
    Extra {
        id: PATHS,
        expected: "a set of latent paths, {\"slots\": [...]}",
        default: ExtraValue::Paths(PathSet::default()),
        read: |value| value.paths(&PathSet::default()).map(|set| (ExtraValue::Paths(set), false)),
        is_kept: true,
    }
}

/// Whether a text is a set, of whichever version: what this one does not know it keeps, and says so.
pub(super) fn reads(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|json| is_set(&json))
}

#[cfg(test)]
mod tests {
    use nih_plug::prelude::Params;

    use crate::instance::effect_params::EffectParams;

    #[test]
    fn a_set_of_a_later_version_stays_in_the_project_as_it_is() {
        let later = r#"{"slots":{"1":{"name":"sung"}}}"#;
        assert!(super::reads(later) && !super::reads("7") && !super::reads("{}"));
        let params = EffectParams::default();
        params.deserialize_fields(&[("paths".to_owned(), later.to_owned())].into());
        assert_eq!(params.serialize_fields()["paths"], later);
        let set = params.own.paths.get();
        assert_eq!(set.with_name(0, "other"), set, "an edit changes nothing of it");
        assert!(set.remarks()[0].1.contains("“slots” should be a list"));
    }
}
