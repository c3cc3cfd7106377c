//! What the trainer found out about a latent space's directions: macros, and names of dimensions.

use serde::Deserialize;

use super::package::padded;
use crate::controls::{MACROS, MAX_DIMS, MAX_MACROS};
use crate::model::manifest::Check;
use crate::model::package_files::PackageError;

/// Farther from the middle no dimension of any model sounds, standard deviations.
const FARTHEST_SD: f32 = 8.0;
const MAX_NAME_CHARS: usize = 16;

/// A macro: a way through the latent that moves one thing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MacroEntry {
    name: String,
    /// What is added to each dimension where it is turned up full, standard deviations.
    direction: Vec<f32>,
}

/// By the order of [`MACROS`]; zeros for those that are not there.
pub(super) fn macros(
    entries: &[MacroEntry],
    check: &Check,
    dims: usize,
) -> Result<[[f32; MAX_DIMS]; MAX_MACROS], PackageError> {
    let mut all = [[0.0; MAX_DIMS]; MAX_MACROS];
    let mut seen = [false; MAX_MACROS];
    for entry in entries {
        let place = MACROS.iter().position(|name| *name == entry.name).filter(|&place| !seen[place]);
        let Some(place) = place else {
            return Err(check.bad("macros.name", &format!("one of {}, each once", MACROS.join(", ")), &entry.name));
        };
        check.list("macros.direction", &entry.direction, dims)?;
        for value in &entry.direction {
            check.range("macros.direction", *value, -FARTHEST_SD, FARTHEST_SD)?;
        }
        seen[place] = true;
        all[place] = padded(&entry.direction);
    }
    Ok(all)
}

/// A word for each dimension, or nothing at all.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct DimensionNames(Vec<String>);

impl DimensionNames {
    /// As many as there are dimensions, of letters, short enough for a lane.
    pub(super) fn checked(self, check: &Check, dims: usize) -> Result<Vec<String>, PackageError> {
        let count = self.0.len();
        let expected = format!("a name for each of {dims} dimensions, or none at all");
        check.that("dimension_names", count == 0 || count == dims, &expected, &count.to_string())?;
        for name in &self.0 {
            let is_word = name.chars().count() <= MAX_NAME_CHARS && name.chars().all(|c| c.is_alphabetic() || c == ' ');
            check.that(
                "dimension_names",
                is_word,
                &format!("at most {MAX_NAME_CHARS} letters and spaces each"),
                name,
            )?;
        }
        Ok(self.0)
    }
}
