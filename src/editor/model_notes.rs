//! What is kept for this user about models and presets, beside them: favourites, and how much of real time each model was measured to
//! need.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use plugin_ui::Tone;
use plugin_ui::session::Notice;
use serde::{Deserialize, Serialize};

use super::user_file::UserFile;

/// What the file holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelNotes {
    /// Names of models.
    pub favourites: BTreeSet<String>,
    /// Presets: the model's name and the preset's.
    pub presets: BTreeSet<(String, String)>,
    /// Share of real time by the hash of a package, in Mid.
    pub loads: BTreeMap<String, f32>,
}

impl ModelNotes {
    /// Notes a model as a favourite, or no longer. Blocks.
    ///
    /// # Errors
    /// What to tell the musician when it cannot be kept.
    pub fn set_favourite(data: &Path, name: String, is_favourite: bool) -> Result<(), Notice> {
        Self::mark(data, |notes| &mut notes.favourites, name, is_favourite)
    }

    /// Notes a preset of a model as a favourite, or no longer. Blocks.
    ///
    /// # Errors
    /// What to tell the musician when it cannot be kept.
    pub fn set_preset_favourite(data: &Path, preset: (String, String), is_favourite: bool) -> Result<(), Notice> {
        Self::mark(data, |notes| &mut notes.presets, preset, is_favourite)
    }

    fn mark<T: Ord>(
        data: &Path,
        among: impl FnOnce(&mut Self) -> &mut BTreeSet<T>,
        name: T,
        is_favourite: bool,
    ) -> Result<(), Notice> {
        let changed = Self::change(data, |notes| {
            if is_favourite {
                among(notes).insert(name)
            } else {
                among(notes).remove(&name)
            };
        });
        changed.map_err(|error| Notice {
            tone: Tone::Trouble,
            text: format!("Favourites cannot be kept in {} ({error}). Make the folder writable.", data.display()),
        })
    }
}

impl UserFile for ModelNotes {
    const FILE: &str = "marks.json";
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
        let warm = ("horn".to_owned(), "Warm".to_owned());
        ModelNotes::set_preset_favourite(&data, warm.clone(), true).unwrap();
        assert!(ModelNotes::read(&data).presets.contains(&warm) && ModelNotes::read(&data).favourites.contains("horn"));
        ModelNotes::set_preset_favourite(&data, warm, false).unwrap();
        assert!(ModelNotes::read(&data).presets.is_empty());
        std::fs::write(data.join(ModelNotes::FILE), "[").unwrap();
        assert_eq!(ModelNotes::read(&data), ModelNotes::default());
    }
}
