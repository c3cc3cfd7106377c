//! The place where settings are read and set.

use super::extra::ExtraValue;
use super::scene::Scene;
use super::sides::Compare;
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
    fn extra(&self, _: &str) -> ExtraValue {
        ExtraValue::default()
    }

    /// Replaces an extra; one that is unknown here is left alone.
    fn set_extra(&mut self, _: &str, _: &ExtraValue) {}
}

impl Scene {
    /// Of this moment.
    pub fn take(table: &Table, desk: &dyn Desk) -> Self {
        let values = table.of_preset().map(|parameter| (parameter.id.clone(), desk.value(&parameter.id))).collect();
        let extras = table.extras.iter().map(|extra| (extra.id.to_owned(), desk.extra(extra.id))).collect();
        Self { values, models: desk.models(), extras }
    }
}
