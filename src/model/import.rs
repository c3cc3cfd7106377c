//! Installing a package from a folder or a zip archive, for `timbreloom import` and the window.

use std::path::{Path, PathBuf};

use super::archive::{self, ArchiveError};
use super::doctor::Diagnosis;
use super::examiner;
use super::kinds::Package;
use super::package_files::PackageError;
use super::places;
use super::provider::ProviderChoice;
use super::scratch::{self, Scratch};
use crate::files::{self, Links};

/// More than the largest package's files together, bytes.
const MAX_BYTES: u64 = 600 << 20;

/// What the folder is called in which a package waits for its name; hidden from the catalogue.
const SCRATCH: &str = ".importing-";

/// Digits of the hash that tell two versions of a name apart.
const HASH_DIGITS: usize = 8;

/// Why a package was not installed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum ImportError {
    #[error("{path}: cannot be read ({reason}). Give a package's folder, or a zip archive of one.")]
    Unreadable { path: PathBuf, reason: String },
    #[error("{path}: was not installed: {reason}. Ask the model's maker for a new copy.")]
    Archive { path: PathBuf, reason: ArchiveError },
    #[error("{path}: was not installed. {diagnosis}")]
    Unfit { path: PathBuf, diagnosis: Box<Diagnosis> },
    /// Its files changed while they were copied.
    #[error(transparent)]
    Package(#[from] PackageError),
    #[error("{0}: this folder is not the package's, and nothing is overwritten. Move it away and import again.")]
    Occupied(PathBuf),
    #[error("{path}: the model cannot be written there ({reason}). Free some space, or make the folder writable.")]
    Unwritable { path: PathBuf, reason: String },
}

/// Installs the package at `path`, a folder or a zip archive, for this user: examined first, then copied under its
/// name. Another version of an installed name gets some digits of its hash; the same version stays as it is. Blocks for
/// a second or more.
///
/// # Errors
/// When it cannot be read, the doctor speaks against it, or it cannot be written.
pub fn import(path: &Path) -> Result<Package, ImportError> {
    let folder = places::user_folder().ok_or_else(|| ImportError::Unwritable {
        path: PathBuf::from("timbreloom/models"),
        reason: "this user has no data folder".into(),
    })?;
    import_into(&folder, path)
}

/// As [`import`], into the folder `models`.
///
/// # Errors
/// As [`import`].
pub fn import_into(models: &Path, path: &Path) -> Result<Package, ImportError> {
    let unwritable = |e: std::io::Error| ImportError::Unwritable { path: models.to_owned(), reason: e.to_string() };
    std::fs::create_dir_all(models).map_err(unwritable)?;
    // Within `models`, so that the finished folder only has to be renamed.
    let scratch = Scratch::new(models, SCRATCH).map_err(unwritable)?;
    let given = if path.is_dir() { path.to_owned() } else { unzip(path, &scratch)? };
    let unfit = |diagnosis| ImportError::Unfit { path: path.to_owned(), diagnosis: Box::new(diagnosis) };
    examiner::examine(&given, &ProviderChoice::CPU).map_err(unfit)?;
    let package = Package::open(&given)?;
    let (target, is_there) = place(models, &package)?;
    if is_there {
        return Ok(Package::open(&target)?);
    }
    let copy = scratch.make("copy").map_err(unwritable)?;
    for (name, bytes) in package.read_all()? {
        let target = copy.join(name);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(unwritable)?;
        }
        std::fs::write(target, bytes).map_err(unwritable)?;
    }
    std::fs::rename(&copy, &target).map_err(unwritable)?;
    Ok(Package::open(&target)?)
}

/// Takes away what imports that were broken off have left in the folder `models`. Blocks.
pub fn sweep(models: &Path) {
    scratch::sweep(models, SCRATCH);
}

/// Unpacks an archive into a new folder; -> that folder.
fn unzip(path: &Path, scratch: &Scratch) -> Result<PathBuf, ImportError> {
    let unreadable = |e: std::io::Error| ImportError::Unreadable { path: path.to_owned(), reason: e.to_string() };
    let archive = files::open(path, Links::Follow).map_err(unreadable)?;
    // The doctor names files in it: by the archive's name they are understood.
    let folder = Path::new("unpacked").join(path.file_stem().unwrap_or("archive".as_ref()));
    let folder = scratch.make(folder).map_err(unreadable)?;
    archive::unpack(archive, &folder, MAX_BYTES)
        .map_err(|reason| ImportError::Archive { path: path.to_owned(), reason })?;
    Ok(folder)
}

/// Where the package goes, and whether this very version is there already.
fn place(models: &Path, package: &Package) -> Result<(PathBuf, bool), ImportError> {
    // Windows drops dots and spaces at a name's end.
    let name = package.name().trim_end_matches(['.', ' ']);
    let digits = &package.hash()[..HASH_DIGITS];
    let with_digits = models.join(format!("{name}-{digits}"));
    let plain = if name.is_empty() { with_digits.clone() } else { models.join(name) };
    for target in [plain, with_digits.clone()] {
        if !target.exists() {
            return Ok((target, false));
        }
        let is_same =
            Package::open(&target).is_ok_and(|there| there.hash() == package.hash() && there.read_all().is_ok());
        if is_same {
            return Ok((target, true));
        }
    }
    Err(ImportError::Occupied(with_digits))
}
