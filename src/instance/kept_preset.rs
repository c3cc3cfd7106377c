//! Which preset a project was left with, so that its name is there again when the project is.

use serde::{Deserialize, Serialize};

/// The preset that was loaded or saved last. An empty name: none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptPreset {
    /// As it is called.
    pub name: String,
    /// Whether anything was changed since.
    pub is_edited: bool,
}
