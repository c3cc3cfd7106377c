//! All settings of a moment.

use std::collections::BTreeMap;

use super::extra::ExtraValue;
use super::table::Table;
use crate::model::request::ModelRequest;

/// What a preset, a side of A/B, a step of undo and a copy hold. What is not in it stays as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Normalised, 0 to 1.
    pub values: BTreeMap<String, f32>,
    /// The first model and the second, whose name is empty where there is none.
    pub models: [ModelRequest; 2],
    /// What is neither a value nor a model, by id: see [`Extra`](super::Extra).
    pub extras: BTreeMap<String, ExtraValue>,
}

impl Scene {
    /// A model of which any version will do stays the one that is `present`, if that has its name.
    pub fn keep_models(&mut self, present: &[ModelRequest; 2]) {
        for (wanted, present) in self.models.iter_mut().zip(present) {
            if wanted.hash.is_empty() && wanted.name == present.name {
                wanted.clone_from(present);
            }
        }
    }

    /// A new instance's, with these models; the musician's own work stays as it is.
    pub fn defaults(table: &Table, models: [ModelRequest; 2]) -> Self {
        let values = table.of_preset().map(|parameter| (parameter.id.clone(), parameter.default)).collect();
        let settings = table.extras.iter().filter(|extra| !extra.is_kept);
        let extras = settings.map(|extra| (extra.id.to_owned(), extra.default.clone())).collect();
        Self { values, models, extras }
    }
}
