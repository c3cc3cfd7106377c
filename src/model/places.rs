//! Where packages and all that is kept for this user lie.

use std::collections::HashSet;
use std::path::PathBuf;

use super::runtime;

/// Folders (separated as in PATH) that are looked through before all others.
pub const MODELS_VARIABLE: &str = "TIMBRELOOM_MODELS";

/// The folders that hold packages, most particular first: `TIMBRELOOM_MODELS`, the user's data folder, the bundle,
/// (for the program run from its own repository) `models/`, and what projects brought along.
pub fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os(MODELS_VARIABLE)
        .map(|paths| std::env::split_paths(&paths).filter(|p| !p.as_os_str().is_empty()).collect())
        .unwrap_or_default();
    folders.extend(user_folder());
    folders.extend(runtime::resource_folders().into_iter().map(|folder| folder.join("models")));
    // Last: what came with a project is meant by its hash, and should not stand in for an installed model of its name.
    folders.extend(embedded_folder());
    without_repeats(folders)
}

/// Each folder once, however it is spelt.
fn without_repeats(mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    folders.retain(|folder| seen.insert(folder.canonicalize().unwrap_or_else(|_| folder.clone())));
    folders
}

/// Where a musician puts models of their own: `$XDG_DATA_HOME/timbreloom/models` and the platform's equals.
pub fn user_folder() -> Option<PathBuf> {
    data_folder().map(|data| data.join("models"))
}

/// Where the packages lie that were embedded in a project, each in a folder named by its hash.
pub fn embedded_folder() -> Option<PathBuf> {
    data_folder().map(|data| data.join("embedded"))
}

/// All that is kept for this user: `$XDG_DATA_HOME/timbreloom` and the platform's equals.
pub fn data_folder() -> Option<PathBuf> {
    dirs::data_dir().map(|data| data.join("timbreloom"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_spelt_in_two_ways_is_named_once() {
        let here = tempfile::tempdir().expect("a folder");
        let models = here.path().join("models");
        std::fs::create_dir(&models).expect("it is new");
        let again = here.path().join("models/../models/");
        let gone = here.path().join("gone");
        let folders = vec![models.clone(), again, gone.clone(), gone.clone()];
        assert_eq!(without_repeats(folders), [models, gone]);
    }
}
