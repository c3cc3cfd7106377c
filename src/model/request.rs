//! Which model a project asks for.

use serde::{Deserialize, Serialize};

/// A model by its name and, once it was found, the hash of its contents.
///
/// Saved in the project as it is: a model that is missing here stays asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRequest {
    /// The package's name.
    pub name: String,
    /// SHA-256 of the package's manifest, hexadecimal; empty (or left out of a file) takes any version.
    #[serde(default)]
    pub hash: String,
}

impl ModelRequest {
    /// Any version of the model of this name.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), hash: String::new() }
    }

    /// Whether both may mean the same model: an empty hash is any version.
    pub fn agrees(&self, name: &str, hash: &str) -> bool {
        self.name == name && (self.hash.is_empty() || hash.is_empty() || self.hash == hash)
    }
}

impl Default for ModelRequest {
    /// The model that a new instance plays.
    fn default() -> Self {
        Self::named("cello")
    }
}
