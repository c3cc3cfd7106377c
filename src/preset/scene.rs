//! All settings of a moment, and the place where they are read and set.

use std::collections::BTreeMap;

use serde_json::Value;

use super::compare::Compare;
use super::table::Table;
use crate::model::request::ModelRequest;

/// Where settings are read and set: an instance in a host, or a stand-in. All values are normalised, 0 to 1.
///
/// A host may apply a value later than it was set; [`Desk::value`] gives what was set last all the same.
pub trait Desk {
    /// The value of a parameter; the default for an id that is unknown here.
    fn value(&self, id: &str) -> f32;

    /// A gesture begins. Hosts record automation from here.
    fn begin(&mut self, id: &str);

    /// Sets a value, between `begin` and `end`.
    fn set(&mut self, id: &str, normalised: f32);

    /// The gesture ends.
    fn end(&mut self, id: &str);

    /// Whole settings are about to be set: MIDI controllers that hold parameters let go, also of those whose own value stays.
    fn let_go_of_controllers(&mut self);

    /// The models asked for: the first, and the second, whose name is empty while there is none.
    fn models(&self) -> [ModelRequest; 2];

    /// Asks for other models.
    fn set_models(&mut self, models: &[ModelRequest; 2]);

    /// The state of A/B.
    fn compare(&self) -> Compare;

    /// Replaces the state of A/B.
    fn set_compare(&mut self, compare: Compare);

    /// An extra of the table; null for an id that is unknown here.
    fn extra(&self, _: &str) -> Value {
        Value::Null
    }

    /// Replaces an extra; one that is unknown here is left alone.
    fn set_extra(&mut self, _: &str, _: &Value) {}
}

/// What a preset, a side of A/B, a step of undo and a copy hold. What is not in it stays as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Normalised, 0 to 1.
    pub values: BTreeMap<String, f32>,
    /// The first model and the second, whose name is empty where there is none.
    pub models: [ModelRequest; 2],
    /// What is neither a value nor a model, by id: see [`Extra`](super::Extra).
    pub extras: BTreeMap<String, Value>,
}

impl Scene {
    /// Of this moment.
    pub fn take(table: &Table, desk: &dyn Desk) -> Self {
        let values = table.of_preset().map(|parameter| (parameter.id.clone(), desk.value(&parameter.id))).collect();
        let extras = table.extras().iter().map(|extra| (extra.id.to_owned(), desk.extra(extra.id))).collect();
        Self { values, models: desk.models(), extras }
    }

    /// Other models, and nothing else.
    pub fn of_models(models: [ModelRequest; 2]) -> Self {
        Self { values: BTreeMap::new(), models, extras: BTreeMap::new() }
    }

    /// A model of which any version will do stays the one that is `present`, if that has its name.
    pub fn keep_models(&mut self, present: &[ModelRequest; 2]) {
        for (wanted, present) in self.models.iter_mut().zip(present) {
            if wanted.hash.is_empty() && wanted.name == present.name {
                wanted.clone_from(present);
            }
        }
    }

    /// A new instance's, with these models.
    pub fn defaults(table: &Table, models: [ModelRequest; 2]) -> Self {
        let values = table.of_preset().map(|parameter| (parameter.id.clone(), parameter.default)).collect();
        let extras = table.extras().iter().map(|extra| (extra.id.to_owned(), extra.default.clone())).collect();
        Self { values, models, extras }
    }
}
