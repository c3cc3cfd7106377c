//! The files of a package of any kind: bounded before they are read, their hashes compared.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::manifest::{MANIFEST, MAX_MANIFEST_BYTES};
use super::package::PackageError;

const MAX_CARD_BYTES: u64 = 1 << 20;

/// Files that a package may have beside those that its manifest names; they travel with it.
const EXTRAS: [&str; 1] = ["card.md"];

/// The folder of the presets that a package may have; its files (`.json`) travel with it.
pub const PRESETS: &str = "presets";

/// More than anyone reads through.
const MAX_PRESETS: usize = 200;

const MAX_PRESET_BYTES: u64 = 64 << 10;

/// The files of the package in `folder` with this hash by name: manifest, those that it names (with their hashes and the
/// most bytes that are read), and the card and presets if there are any. Blocks, allocates as much.
///
/// # Errors
/// When a file is missing, too large or another one.
pub(super) fn read_files(
    folder: &Path,
    hash: &str,
    named: &[(&str, &str, u64)],
) -> Result<Vec<(String, Vec<u8>)>, PackageError> {
    let manifest = read_checked(folder.join(MANIFEST), hash, MAX_MANIFEST_BYTES)?;
    let mut files = vec![(MANIFEST.to_owned(), manifest)];
    for &(file, sha256, limit) in named {
        let bytes = read_checked(folder.join(file), sha256, limit)?;
        if files.iter().all(|(there, _)| there != file) {
            files.push((file.to_owned(), bytes));
        }
    }
    for extra in EXTRAS {
        let path = folder.join(extra);
        if path.is_file() {
            files.push((extra.to_owned(), read_bounded(&path, MAX_CARD_BYTES)?));
        }
    }
    for name in preset_files(folder) {
        let bytes = read_bounded(&folder.join(PRESETS).join(&name), MAX_PRESET_BYTES)?;
        files.push((format!("{PRESETS}/{name}"), bytes));
    }
    Ok(files)
}

/// Bytes of the files of [`read_files`]; those that are missing count as none. Blocks.
pub(super) fn size_of_files(folder: &Path, named: &[&str]) -> u64 {
    let presets = preset_files(folder).into_iter().map(|name| folder.join(PRESETS).join(name));
    let fixed = std::iter::once(MANIFEST).chain(named.iter().copied()).chain(EXTRAS);
    let paths = fixed.map(|file| folder.join(file)).chain(presets);
    paths.filter_map(|path| path.metadata().ok()).map(|m| m.len()).sum()
}

/// Names of the preset files of the package in `folder`, sorted; not those that are too large to be one.
fn preset_files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder.join(PRESETS)) else { return Vec::new() };
    let is_small = |path: &Path| path.metadata().is_ok_and(|m| m.is_file() && m.len() <= MAX_PRESET_BYTES);
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| is_small(&entry.path()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| is_preset_file(name))
        .collect();
    names.sort();
    names.truncate(MAX_PRESETS);
    names
}

/// Whether a file of this name in the folder [`PRESETS`] travels with its package.
pub(super) fn is_preset_file(name: &str) -> bool {
    name.ends_with(".json") && !name.starts_with('.')
}

/// The bytes of a file, their hash compared. Blocks, allocates.
pub(super) fn read_checked(path: PathBuf, sha256: &str, limit: u64) -> Result<Vec<u8>, PackageError> {
    let bytes = read_bounded(&path, limit)?;
    let found = hex(&Sha256::digest(&bytes));
    if found.eq_ignore_ascii_case(sha256) {
        Ok(bytes)
    } else {
        Err(PackageError::WrongHash { path, expected: sha256.to_owned(), found })
    }
}

pub(super) fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, PackageError> {
    let unreadable = |e: std::io::Error| PackageError::Unreadable { path: path.to_owned(), reason: e.to_string() };
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    if length > limit {
        return Err(PackageError::TooLarge { path: path.to_owned(), found: length, limit });
    }
    let mut bytes = Vec::with_capacity(length as usize);
    // A pipe or a growing file has no honest length: read one more byte than allowed to notice.
    file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(PackageError::TooLarge { path: path.to_owned(), found: bytes.len() as u64, limit });
    }
    Ok(bytes)
}

pub(super) fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
