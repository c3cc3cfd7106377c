//! What a plugin holds and is no parameter: a drawn curve, latent paths.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::latent::PathSet;
use crate::latent::set::is_set;

/// What an extra holds. In files it is JSON, whatever it is.
#[derive(Clone, Debug)]
pub enum ExtraValue {
    /// Something short, or what a file says of anything.
    Json(Arc<Value>),
    /// Latent paths, too long to be copied with each edit.
    Paths(PathSet),
}

impl ExtraValue {
    /// Latent paths, where they are some, as they are here or in JSON; those that are as they were `before` are not read again.
    pub fn paths(&self, before: &PathSet) -> Option<PathSet> {
        match self {
            Self::Paths(set) => Some(set.clone()),
            Self::Json(json) => is_set(json).then(|| PathSet::read(json, before)),
        }
    }

    /// What is no more than JSON.
    pub fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(json) => Some(json),
            Self::Paths(_) => None,
        }
    }

    /// What it takes beyond what it was before, bytes.
    pub(super) fn bytes_beyond(&self, before: &Self) -> usize {
        match (self, before) {
            (Self::Paths(now), Self::Paths(before)) => now.bytes_beyond(before),
            (Self::Paths(now), Self::Json(_)) => now.bytes_beyond(&PathSet::default()),
            (Self::Json(json), _) => bytes_of(json),
        }
    }
}

impl Default for ExtraValue {
    /// Nothing.
    fn default() -> Self {
        Value::Null.into()
    }
}

impl From<Value> for ExtraValue {
    fn from(json: Value) -> Self {
        Self::Json(Arc::new(json))
    }
}

impl PartialEq for ExtraValue {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Json(one), Self::Json(other)) => one == other,
            (Self::Paths(one), Self::Paths(other)) => one == other,
            // A file says the same otherwise.
            (Self::Paths(set), json) | (json, Self::Paths(set)) => json.paths(set).as_ref() == Some(set),
        }
    }
}

impl Serialize for ExtraValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(json) => json.as_ref().serialize(serializer),
            Self::Paths(set) => set.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ExtraValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

/// What JSON takes, to within a few bytes for each value.
fn bytes_of(json: &Value) -> usize {
    match json {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(bytes_of).sum(),
        Value::Object(map) => map.values().map(bytes_of).sum(),
        _ => size_of::<Value>(),
    }
}

/// An extra of a plugin.
pub struct Extra {
    /// As in presets.
    pub id: &'static str,
    /// What it is, as remarks say: "a list of ...".
    pub expected: &'static str,
    /// A new instance's.
    pub default: ExtraValue,
    /// The nearest that it can be, and whether that is another one; `None` for what is no such thing at all.
    pub read: fn(&ExtraValue) -> Option<(ExtraValue, bool)>,
    /// Whether it stays as it is where a document does not name it, and with Initialise: it is the musician's own work, and not
    /// a setting. Otherwise it takes the default there.
    pub is_kept: bool,
}
