//! The plugins whose settings presets hold: one list.

use serde::{Deserialize, Serialize};

use crate::model::kinds::Kind;

/// Whose settings a document holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plugin {
    /// Timbreloom, the effect; documents did not say so before there were others.
    #[default]
    Effect,
    /// Timbreloom Codes.
    Codes,
    /// Timbreloom Drums.
    Drums,
}

/// What there is to know of one wherever its presets are.
struct Facts {
    /// As hosts call it.
    name: &'static str,
    /// How the names of its presets' files end.
    ending: &'static str,
    /// The kinds of packages that it plays.
    kinds: &'static [Kind],
}

impl Plugin {
    const fn about(self) -> Facts {
        match self {
            Self::Effect => Facts { name: "Timbreloom", ending: ".json", kinds: &Kind::OF_EFFECT },
            Self::Codes => Facts { name: "Timbreloom Codes", ending: ".codes.json", kinds: &[Kind::Codes] },
            Self::Drums => Facts { name: "Timbreloom Drums", ending: ".drums.json", kinds: &[Kind::Grains] },
        }
    }

    /// As hosts call it.
    pub const fn name(self) -> &'static str {
        self.about().name
    }

    /// How the names of its presets' files end: two plugins may each have one of a name for the same package.
    pub(super) fn ending(self) -> &'static str {
        self.about().ending
    }

    /// The kinds of packages that it plays.
    pub fn kinds(self) -> &'static [Kind] {
        self.about().kinds
    }

    /// Whether a second model can be blended with the first.
    pub(super) fn blends(self) -> bool {
        self.is_effect()
    }

    /// Whether it is the one that stands in a track and hears it; the others are instruments.
    pub fn is_effect(&self) -> bool {
        *self == Self::Effect
    }
}
