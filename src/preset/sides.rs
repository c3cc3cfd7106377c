//! A/B: two complete settings, one of which is heard.

use serde::{Deserialize, Serialize};

use super::document::{self, Document};
use crate::model::request::ModelRequest;

/// One of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// The first, with which an instance begins.
    #[default]
    A,
    /// The second.
    B,
}

impl Side {
    /// The one that is not this one.
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// Which side is heard, and what the other one holds. Saved with the project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compare {
    pub(super) side: Side,
    /// In units and ids, as a preset, so that later versions can read it. `None`: never used, the same as what is heard.
    #[serde(default, deserialize_with = "document::of_any_version")]
    pub(super) other: Option<Document>,
}

impl Compare {
    /// The side that is heard.
    pub fn side(&self) -> Side {
        self.side
    }

    /// The models that the side that is not heard asks for; the second is `None` where it has none.
    pub fn other_models(&self) -> [Option<&ModelRequest>; 2] {
        let other = self.other.as_ref();
        [other.map(|other| &other.model), other.and_then(|other| other.second_model.as_ref())]
    }
}
