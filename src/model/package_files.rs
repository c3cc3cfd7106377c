//! The files of a package of any kind: bounded before they are read, their hashes compared.

mod error;

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::files::{self, Links};
pub use error::PackageError;

/// The manifest's name in the package's folder.
pub const MANIFEST: &str = "manifest.json";

/// The format of packages that this version reads.
pub const FORMAT: u32 = 1;

/// The largest manifest that is read, bytes.
pub(super) const MAX_MANIFEST_BYTES: u64 = 4 << 20;

const MAX_CARD_BYTES: u64 = 1 << 20;

/// Files that a package may have beside those that its manifest names; they travel with it.
const EXTRAS: [&str; 1] = ["card.md"];

/// The folder of the presets that a package may have; its files (`.json`) travel with it.
pub const PRESETS: &str = "presets";

/// More than anyone reads through.
const MAX_PRESETS: usize = 200;

const MAX_PRESET_BYTES: u64 = 64 << 10;

/// A file that a manifest names.
#[derive(Clone, Copy, Debug)]
pub struct NamedFile<'a> {
    /// Its name in the folder.
    pub file: &'a str,
    /// Hexadecimal.
    pub sha256: &'a str,
    /// The most that is read of it, bytes.
    pub limit: u64,
}

/// The files of the package in `folder` with this hash by name: manifest, those that it names, and the card and presets if
/// there are any. Blocks, allocates as much.
///
/// # Errors
/// When a file is missing, too large or another one.
pub(super) fn read_files(
    folder: &Path,
    hash: &str,
    named: &[NamedFile<'_>],
) -> Result<Vec<(String, Vec<u8>)>, PackageError> {
    let manifest = read_checked(folder.join(MANIFEST), hash, MAX_MANIFEST_BYTES)?;
    let mut files = vec![(MANIFEST.to_owned(), manifest)];
    for &NamedFile { file, sha256, limit } in named {
        let bytes = read_checked(folder.join(file), sha256, limit)?;
        if files.iter().all(|(there, _)| there != file) {
            files.push((file.to_owned(), bytes));
        }
    }
    // Nothing says what these should be, so only what lies here belongs to the package: a link may lead to any file that
    // this user can read, and would be handed on with the package.
    for extra in EXTRAS.into_iter().map(str::to_owned).filter(|extra| files::is_plain(&folder.join(extra))) {
        let bytes = read_bounded(&folder.join(&extra), MAX_CARD_BYTES, Links::Refuse)?;
        files.push((extra, bytes));
    }
    for name in preset_files(folder) {
        let bytes = read_bounded(&folder.join(PRESETS).join(&name), MAX_PRESET_BYTES, Links::Refuse)?;
        files.push((format!("{PRESETS}/{name}"), bytes));
    }
    Ok(files)
}

/// Bytes of the files of [`read_files`]; those that are missing count as none. Blocks.
pub(super) fn size_of_files(folder: &Path, named: &[NamedFile<'_>]) -> u64 {
    let presets = preset_files(folder).into_iter().map(|name| folder.join(PRESETS).join(name));
    let fixed = std::iter::once(MANIFEST).chain(named.iter().map(|named| named.file)).chain(EXTRAS);
    let paths = fixed.map(|file| folder.join(file)).chain(presets);
    paths.filter_map(|path| path.metadata().ok()).filter(|about| about.is_file()).map(|about| about.len()).sum()
}

/// Names of the preset files of the package in `folder`, sorted; not those that are too large to be one, or links.
fn preset_files(folder: &Path) -> Vec<String> {
    let presets = folder.join(PRESETS);
    let is_folder = presets.symlink_metadata().is_ok_and(|about| about.is_dir());
    let Some(entries) = is_folder.then(|| std::fs::read_dir(presets).ok()).flatten() else { return Vec::new() };
    let is_small =
        |entry: &std::fs::DirEntry| entry.metadata().is_ok_and(|m| m.is_file() && m.len() <= MAX_PRESET_BYTES);
    let mut names: Vec<String> = entries
        .flatten()
        .filter(is_small)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| is_preset_file(name))
        .collect();
    names.sort();
    names.truncate(MAX_PRESETS);
    names
}

/// A card's text; empty where there is none. Blocks.
pub fn card(folder: &Path) -> String {
    let bytes = files::read_bounded(&folder.join(EXTRAS[0]), MAX_CARD_BYTES, Links::Refuse).ok().flatten();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// Whether a file of this name in the folder [`PRESETS`] travels with its package.
pub(super) fn is_preset_file(name: &str) -> bool {
    name.ends_with(".json") && !name.starts_with('.')
}

/// The bytes of a file, their hash compared. Blocks, allocates.
pub(super) fn read_checked(path: PathBuf, sha256: &str, limit: u64) -> Result<Vec<u8>, PackageError> {
    let bytes = read_bounded(&path, limit, Links::Follow)?;
    let found = format!("{:x}", Sha256::digest(&bytes));
    if found.eq_ignore_ascii_case(sha256) {
        Ok(bytes)
    } else {
        Err(PackageError::WrongHash { path, expected: sha256.to_owned(), found })
    }
}

/// A file's numbers, of four bytes and the low one first, in lists of these lengths.
pub(super) fn lists<const N: usize>(bytes: &[u8], lengths: [usize; N]) -> [Vec<f32>; N] {
    let mut values = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    lengths.map(|length| values.by_ref().take(length).collect())
}

/// The bytes of a file. A link may be followed where their content is checked by who reads them.
pub(super) fn read_bounded(path: &Path, limit: u64, links: Links) -> Result<Vec<u8>, PackageError> {
    match files::read_bounded(path, limit, links) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => {
            let found = path.metadata().map_or(limit + 1, |about| about.len().max(limit + 1));
            Err(PackageError::TooLarge { path: path.to_owned(), found, limit })
        }
        Err(e) => Err(PackageError::Unreadable { path: path.to_owned(), reason: e.to_string() }),
    }
}
