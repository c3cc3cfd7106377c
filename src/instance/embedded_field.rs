//! What a project brings along for one of its models, as its state saves it.

use std::ops::Deref;
use std::sync::Arc;

use nih_plug::params::persist::PersistentField;
use parking_lot::Mutex;

use super::watched::Watched;
use crate::model::embedded::Embedded;
use crate::model::request::ModelRequest;
use crate::preset::Compare;

/// The bytes of one model. Saved are those of the model that is asked for at that moment and of the one on the other side
/// of A/B, whichever the loader has come to.
#[derive(Clone)]
pub struct EmbeddedField {
    /// 0 for the first model, 1 for the second.
    place: usize,
    embedded: Watched<Embedded>,
    request: Arc<Mutex<ModelRequest>>,
    compare: Arc<Mutex<Compare>>,
}

impl EmbeddedField {
    /// Nothing yet, for the model in this place.
    pub fn new(place: usize, request: &Arc<Mutex<ModelRequest>>, compare: &Arc<Mutex<Compare>>) -> Self {
        let (request, compare) = (Arc::clone(request), Arc::clone(compare));
        Self { place, embedded: Watched::default(), request, compare }
    }

    /// How often a state has brought other bytes.
    ///
    /// # Realtime
    /// Wait-free.
    pub fn changes(&self) -> u32 {
        self.embedded.changes()
    }

    /// What is saved now.
    pub fn to_save(&self) -> Embedded {
        let now = self.request.lock().hash.clone();
        let other = self.compare.lock().other_models()[self.place].map_or(String::new(), |other| other.hash.clone());
        self.embedded.lock().to_save(&now, &other)
    }
}

impl Deref for EmbeddedField {
    type Target = Arc<Mutex<Embedded>>;

    fn deref(&self) -> &Self::Target {
        &self.embedded
    }
}

impl PersistentField<'_, Embedded> for EmbeddedField {
    fn set(&self, embedded: Embedded) {
        PersistentField::set(&self.embedded, embedded);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&Embedded) -> R,
    {
        f(&self.to_save())
    }
}
