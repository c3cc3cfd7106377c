//! Where presets lie: beside their model, and in the user's data folder.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::document::Document;
use super::error::PresetError;
use super::plugin::Plugin;
use crate::files::{self, Links};
use crate::model::package::PackageKind;
use crate::model::package_files::PRESETS;
use crate::model::{catalogue, places};

/// Longest file name without its extension, bytes: no file system takes fewer than 255, and encrypted ones some 140.
const MAX_FILE_NAME_BYTES: usize = 100;

/// Folders and files of one list; more than a musician can read.
const MAX_ENTRIES: usize = 10_000;

/// Who made a preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It came with its model.
    Factory,
    /// The musician, or an import.
    User,
}

/// A preset's file, sound or broken.
#[derive(Debug)]
pub struct Entry {
    /// The file.
    pub path: PathBuf,
    /// Who made it.
    pub origin: Origin,
    /// What is in it.
    pub document: Result<Document, PresetError>,
}

/// The presets that came with a package, in the order of their files; each asks for this very package. Blocks.
pub fn factory(package: &dyn PackageKind) -> Vec<Entry> {
    let mut entries = read_folder(&package.folder().join(PRESETS), Origin::Factory, Links::Refuse);
    for document in entries.iter_mut().filter_map(|entry| entry.document.as_mut().ok()) {
        package.name().clone_into(&mut document.model.name);
        package.hash().clone_into(&mut document.model.hash);
    }
    entries
}

/// All presets for a model, or all there are: the user's first, then those of the installed packages. Blocks.
pub fn installed(model: Option<&str>) -> Vec<Entry> {
    let mut entries = Library::of_user().map(|library| library.list()).unwrap_or_default();
    let mut seen = std::collections::HashSet::new();
    for package in catalogue::all().into_iter().filter_map(|(_, package)| package.ok()) {
        // A package may lie in two folders: in the user's and beside the plugin.
        if seen.insert(package.hash().to_owned()) {
            entries.extend(factory(&*package));
        }
    }
    let is_wanted = |entry: &Entry| {
        entry.document.as_ref().map_or(model.is_none(), |preset| model.is_none_or(|name| preset.model.name == name))
    };
    entries.retain(is_wanted);
    entries
}

/// A preset by its file, or by its name among the installed, of a plugin or of any. Blocks.
///
/// # Errors
/// When there is none of this name, or its file is no preset.
pub fn find(name: &str, model: Option<&str>, plugin: Option<Plugin>) -> Result<(PathBuf, Document), PresetError> {
    let path = Path::new(name);
    if path.is_file() {
        return Ok((path.to_owned(), Document::read(path)?));
    }
    let is_named = |document: &Document| {
        document.name.to_lowercase() == name.to_lowercase() && plugin.is_none_or(|plugin| document.plugin == plugin)
    };
    installed(model)
        .into_iter()
        .filter_map(|entry| Some((entry.path, entry.document.ok()?)))
        .find(|(_, document)| is_named(document))
        .ok_or_else(|| {
            let of = model.map(|model| format!(" for the model “{model}”")).unwrap_or_default();
            PresetError::NotFound { name: name.to_owned(), of }
        })
}

/// The user's presets: files of JSON, in a folder for each model.
#[derive(Clone, Debug)]
pub struct Library {
    folder: PathBuf,
}

impl Library {
    /// `timbreloom/presets` in the user's data folder; `None` where there is none.
    pub fn of_user() -> Option<Self> {
        places::data_folder().map(|data| Self::at(&data.join(PRESETS)))
    }

    /// In this folder, which is made when it is first needed.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every preset, sound or broken, by model and then by file name. Blocks.
    pub fn list(&self) -> Vec<Entry> {
        let mut entries = read_folder(&self.folder, Origin::User, Links::Follow);
        for folder in listed(&self.folder).into_iter().filter(|path| path.is_dir()) {
            entries.extend(read_folder(&folder, Origin::User, Links::Follow));
        }
        entries
    }

    /// Saves a preset under its name; -> its file. Another one of this name is replaced only if `may_replace`. Blocks.
    ///
    /// # Errors
    /// When there is one of this name, or it cannot be written.
    pub fn save(&self, document: &Document, may_replace: bool) -> Result<PathBuf, PresetError> {
        let path = self.place(document);
        document.export(&path, may_replace)?;
        Ok(path)
    }

    /// Gives a preset another name, and its file with it; -> the new file. Blocks.
    ///
    /// # Errors
    /// When it is not one of the user's, the name is taken or no name, or the file cannot be written.
    pub fn rename(&self, path: &Path, name: &str) -> Result<PathBuf, PresetError> {
        self.check_is_mine(path)?;
        let mut document = Document::read(path)?;
        document.name = name.to_owned();
        let new = self.place(&document);
        // Only the letters' case changes, say: the same file.
        let is_same = path.canonicalize().ok().is_some_and(|old| new.canonicalize().is_ok_and(|new| new == old));
        let new = self.save(&document, is_same)?;
        if !is_same {
            self.delete(path)?;
        }
        Ok(new)
    }

    /// Deletes a preset. Blocks.
    ///
    /// # Errors
    /// When it is not one of the user's, or cannot be deleted.
    pub fn delete(&self, path: &Path) -> Result<(), PresetError> {
        self.check_is_mine(path)?;
        std::fs::remove_file(path).map_err(|e| PresetError::Unwritable { path: path.to_owned(), reason: e.to_string() })
    }

    /// Takes in a preset's file, or all presets in a folder; each by itself: its new file, or why not. Blocks.
    ///
    /// # Errors
    /// When there is nothing to read at `path`.
    pub fn import(&self, path: &Path, may_replace: bool) -> Result<Vec<Result<PathBuf, PresetError>>, PresetError> {
        let unreadable = |reason: String| PresetError::Unreadable { path: path.to_owned(), reason };
        if !path.is_dir() {
            return Ok(vec![Ok(self.save(&Document::read(path)?, may_replace)?)]);
        }
        std::fs::read_dir(path).map_err(|e| unreadable(e.to_string()))?;
        // The folder itself was named by the musician; what is in it may be anyone's.
        let folder = path.canonicalize().map_err(|e| unreadable(e.to_string()))?;
        let entries = read_folder(&folder, Origin::User, Links::Refuse);
        if entries.is_empty() {
            return Err(unreadable("there is no .json file in it".into()));
        }
        Ok(entries.into_iter().map(|entry| self.save(&entry.document?, may_replace)).collect())
    }

    /// Where a preset goes.
    fn place(&self, document: &Document) -> PathBuf {
        self.folder.join(file_name(&document.model.name)).join(file_name(&document.name) + document.plugin.ending())
    }

    fn check_is_mine(&self, path: &Path) -> Result<(), PresetError> {
        let is_below = || path.canonicalize().ok()?.strip_prefix(self.folder.canonicalize().ok()?).ok().map(|_| ());
        let is_mine = path.extension().is_some_and(|extension| extension == "json") && is_below().is_some();
        let not_yours = || PresetError::NotYours { path: path.to_owned(), folder: self.folder.clone() };
        if is_mine { Ok(()) } else { Err(not_yours()) }
    }
}

/// What is in a folder, by name, without hidden files.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_hidden = |path: &Path| path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    let mut paths: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| !is_hidden(path)).take(MAX_ENTRIES).collect();
    paths.sort();
    paths
}

/// The presets of a folder; through links only in the musician's own, where whatever is linked is theirs already.
fn read_folder(folder: &Path, origin: Origin, links: Links) -> Vec<Entry> {
    if links == Links::Refuse && folder.symlink_metadata().is_ok_and(|about| about.is_symlink()) {
        return Vec::new();
    }
    let is_file = |path: &Path| if links == Links::Follow { path.is_file() } else { files::is_plain(path) };
    let is_preset = |path: &PathBuf| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")) && is_file(path);
    let read = |path: PathBuf| Entry { document: Document::read_by(&path, links), path, origin };
    listed(folder).into_iter().filter(is_preset).map(read).collect()
}

/// A file name for any text, on every system: no separators, no reserved names, not too long.
fn file_name(name: &str) -> String {
    let is_safe = |c: char| c.is_alphanumeric() || " -_.,'()&+#!".contains(c);
    let mut safe: String = name.chars().map(|c| if is_safe(c) { c } else { '_' }).collect();
    while safe.len() > MAX_FILE_NAME_BYTES {
        safe.pop();
    }
    // Windows drops dots and spaces at the end; a dot in front hides the file.
    let safe = safe.trim_end_matches(['.', ' ']).trim_start_matches(['.', ' ']);
    let stem = safe.split('.').next().unwrap_or_default().to_uppercase();
    let is_port = |stem: &str| {
        let mut letters = stem.chars();
        let (port, number) = (letters.by_ref().take(3).collect::<String>(), letters.collect::<String>());
        ["COM", "LPT"].contains(&port.as_str()) && number.chars().count() == 1
    };
    if safe.is_empty() || ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || is_port(&stem) {
        return format!("_{safe}");
    }
    safe.to_owned()
}

impl Document {
    /// Writes it to a file that the musician chose. Blocks.
    ///
    /// # Errors
    /// When it is no proper preset, the file is there and may not be replaced, or it cannot be written.
    pub fn export(&self, path: &Path, may_replace: bool) -> Result<(), PresetError> {
        let text = self.text();
        // What is saved has to be readable again.
        Self::parse(text.as_bytes(), &format!("the preset “{}”", self.name))?;
        let unwritable = |e: std::io::Error| PresetError::Unwritable { path: path.to_owned(), reason: e.to_string() };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(unwritable)?;
        // Another process sees the old file or the new one, never half of one.
        let mut file = tempfile::Builder::new().prefix(".saving-").tempfile_in(folder).map_err(unwritable)?;
        file.write_all(text.as_bytes()).map_err(unwritable)?;
        let persisted = if may_replace { file.persist(path) } else { file.persist_noclobber(path) };
        match persisted {
            Ok(_) => Ok(()),
            Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(PresetError::Exists { path: path.to_owned() })
            }
            Err(e) => Err(unwritable(e.error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_gives_a_file_name_that_stays_in_its_folder() {
        for (name, file) in [
            ("Near the bow", "Near the bow"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a/b\\c:d*e?f\"g<h>i|j", "a_b_c_d_e_f_g_h_i_j"),
            (".hidden", "hidden"),
            ("dots...", "dots"),
            ("...", "_"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("Com1", "_Com1"),
            ("Combo", "Combo"),
            ("Größe ♪", "Größe _"),
        ] {
            assert_eq!(file_name(name), file);
        }
        assert!(file_name(&"ä".repeat(64)).len() <= MAX_FILE_NAME_BYTES);
        use super::super::document::is_name;
        assert!(is_name("ä") && !is_name(" ") && !is_name("a\nb"));
    }
}
