//! The kit as projects and scenes hold it; it lies where the worker finds it.

use std::ops::Deref;
use std::sync::Arc;

use nih_plug::params::persist::PersistentField;

use crate::hits::kit::Kit;
use crate::hits::shared::Shared;
use crate::preset::{Extra, ExtraValue};

/// Its id among the extras.
pub const KIT: &str = "kit";

/// As the `Arc<Shared>` that it stands for, of which a project saves the kit.
#[derive(Clone, Debug, Default)]
pub struct KitField(Arc<Shared>);

impl Deref for KitField {
    type Target = Arc<Shared>;

    fn deref(&self) -> &Arc<Shared> {
        &self.0
    }
}

impl PersistentField<'_, Kit> for KitField {
    fn set(&self, new_value: Kit) {
        self.set_kit(new_value);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&Kit) -> R,
    {
        f(&self.kit())
    }
}

/// Whether a text is a kit.
pub(super) fn reads(text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|json| Kit::from_json(&json).is_some())
}

/// For the drum machine's table.
pub(super) fn extra() -> Extra {
    Extra {
        id: KIT,
        expected: "a list of up to 8 lists of up to 32 numbers, each from -8 to 8",
        default: Kit::default().to_json().into(),
        read,
        is_kept: false,
    }
}

fn read(value: &ExtraValue) -> Option<(ExtraValue, bool)> {
    Some((Kit::from_json(value.json()?)?.to_json().into(), false))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kit_is_an_extra_and_what_is_none_is_not() {
        let kit = json!([[0.5], [], [1.0, -2.0]]);
        assert_eq!(read(&kit.clone().into()), Some((kit.into(), false)));
        assert!(reads("[[0.5]]") && !reads("7") && !reads("[[1e9]]") && !reads("[["));
        assert_eq!(read(&json!([[99]]).into()), None);
    }
}
