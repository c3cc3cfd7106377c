//! What is kept for this user about models, beside them: favourites, and how much of real time each was measured to need.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use plugin_ui::Tone;
use plugin_ui::session::Notice;
use serde::{Deserialize, Serialize};

use crate::files::{self, Links};

/// More than anyone has; a larger file is not ours.
const MAX_BYTES: u64 = 1 << 20;

/// The file's name in the user's data folder.
pub const FILE: &str = "marks.json";

/// What the file holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelNotes {
    /// Names of models.
    pub favourites: BTreeSet<String>,
    /// Share of real time by the hash of a package, in Mid.
    pub loads: BTreeMap<String, f32>,
}

impl ModelNotes {
    /// Reads the file. Blocks. What cannot be read counts as nothing: no project depends on it.
    pub fn read(data: &Path) -> Self {
        let path = data.join(FILE);
        let text = files::read_bounded(&path, MAX_BYTES, Links::Follow).ok().flatten();
        text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// Notes a model as a favourite, or no longer. Blocks.
    ///
    /// # Errors
    /// What to tell the musician when it cannot be kept.
    pub fn set_favourite(data: &Path, name: String, is_favourite: bool) -> Result<(), Notice> {
        let changed = Self::change(data, |notes| {
            if is_favourite {
                notes.favourites.insert(name)
            } else {
                notes.favourites.remove(&name)
            };
        });
        changed.map_err(|error| Notice {
            tone: Tone::Trouble,
            text: format!("Favourites cannot be kept in {} ({error}). Make the folder writable.", data.display()),
        })
    }

    /// Changes the file, which other instances may have changed meanwhile. Blocks.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn change(data: &Path, change: impl FnOnce(&mut Self)) -> std::io::Result<()> {
        let before = Self::read(data);
        let mut notes = before.clone();
        change(&mut notes);
        if notes == before {
            return Ok(());
        }
        std::fs::create_dir_all(data)?;
        // Another process sees the old file or the new one, never half of one.
        let mut file = tempfile::Builder::new().prefix(".saving-").tempfile_in(data)?;
        serde_json::to_writer_pretty(&mut file, &notes)?;
        file.flush()?;
        file.persist(data.join(FILE)).map(drop).map_err(|error| error.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_added_to_what_others_wrote_and_a_damaged_file_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("not there yet");
        assert_eq!(ModelNotes::read(&data), ModelNotes::default());
        ModelNotes::change(&data, |notes| notes.favourites.extend(["horn".to_owned()])).unwrap();
        ModelNotes::change(&data, |notes| notes.loads.extend([("abc".to_owned(), 0.25)])).unwrap();
        let notes = ModelNotes::read(&data);
        assert!(notes.favourites.contains("horn") && notes.loads["abc"] == 0.25);
        std::fs::write(data.join(FILE), "[").unwrap();
        assert_eq!(ModelNotes::read(&data), ModelNotes::default());
    }
}
