//! Where packages are found, and which one a project means.

use std::path::PathBuf;

use super::any_package::{AnyPackage, is_discrete};
use super::codes_package::CodesPackage;
use super::embed::{self, EmbedError};
pub use super::import::{ImportError, import};
use super::manifest::MANIFEST;
use super::package::{Package, PackageError};
use super::request::ModelRequest;
use super::runtime;

/// Folders (separated as in PATH) that are looked through before all others.
pub const MODELS_VARIABLE: &str = "TIMBRELOOM_MODELS";

/// Why no package answers a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// No package of this name or hash.
    #[error(
        "the model “{name}” is not installed. Looked in: {}. Copy its folder into one of them and load it again; \
         the project keeps asking for it.",
        looked.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NotFound {
        /// The name asked for.
        name: String,
        /// The folders looked through.
        looked: Vec<PathBuf>,
    },
    /// A package of this name is there, but broken.
    #[error(transparent)]
    Broken(#[from] PackageError),
    /// It is not installed, and what the project brought along is no use.
    #[error(transparent)]
    Embedded(#[from] EmbedError),
}

/// A package that answers a request.
#[derive(Debug)]
pub struct Found {
    /// The package.
    pub package: AnyPackage,
    /// Whether it is another version than the one the project was made with.
    pub is_other_version: bool,
}

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
    let mut seen = std::collections::HashSet::new();
    folders.retain(|folder| seen.insert(folder.clone()));
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

/// Every package of either kind in these folders, as [`all`]. Blocks: reads manifests.
pub fn every_in(folders: &[PathBuf]) -> Vec<(PathBuf, Result<AnyPackage, PackageError>)> {
    package_folders(folders).into_iter().map(|path| (path.clone(), AnyPackage::open(&path))).collect()
}

/// Every continuous package in the folders, sound or broken, in the order of the folders and then of their names.
pub fn all() -> Vec<(PathBuf, Result<Package, PackageError>)> {
    all_in(&folders())
}

/// As [`all`], in these folders.
pub fn all_in(folders: &[PathBuf]) -> Vec<(PathBuf, Result<Package, PackageError>)> {
    let paths = package_folders(folders).into_iter().filter(|path| !is_discrete(path));
    paths.map(|path| (path.clone(), Package::open(&path))).collect()
}

/// Every discrete package in the folders, as [`all`]. Blocks: reads manifests.
pub fn all_codes() -> Vec<(PathBuf, Result<CodesPackage, PackageError>)> {
    all_codes_in(&folders())
}

/// As [`all_codes`], in these folders.
pub fn all_codes_in(folders: &[PathBuf]) -> Vec<(PathBuf, Result<CodesPackage, PackageError>)> {
    let paths = package_folders(folders).into_iter().filter(|path| is_discrete(path));
    paths.map(|path| (path.clone(), CodesPackage::open(&path))).collect()
}

/// The discrete package of this name. Blocks: reads manifests.
///
/// Names come from projects: one is compared with those that are installed, and never taken for a path.
///
/// # Errors
/// When there is none, or it is broken.
pub fn find_codes(name: &str) -> Result<CodesPackage, CatalogueError> {
    let mut broken = None;
    for (path, package) in all_codes() {
        match package {
            Ok(package) if package.name == name => return Ok(package),
            Err(error) if path.file_name().is_some_and(|folder| folder.to_string_lossy() == name) => {
                broken = broken.or(Some(error));
            }
            _ => {}
        }
    }
    Err(broken.map_or_else(|| CatalogueError::NotFound { name: name.into(), looked: folders() }, Into::into))
}

fn package_folders(folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut packages = Vec::new();
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        // A name with a dot in front is a package that is just being unpacked.
        let is_hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
        let mut paths: Vec<PathBuf> = entries
            .flatten()
            .filter(|entry| !is_hidden(&entry.file_name()))
            .map(|entry| entry.path())
            .filter(|path| path.join(MANIFEST).is_file())
            .collect();
        paths.sort();
        packages.extend(paths);
    }
    packages
}

/// The package of the request's hash or else, with a remark, of its name: a continuous one before a discrete one, since
/// projects asked for that when there was nothing else. Blocks: reads manifests.
///
/// # Errors
/// When there is none, or the only one of that name is broken.
pub fn find(request: &ModelRequest) -> Result<Found, CatalogueError> {
    let mut by_name: Option<AnyPackage> = None;
    let mut broken = None;
    for (path, package) in every_in(&folders()) {
        match package {
            Ok(package) if !request.hash.is_empty() && package.hash() == request.hash => {
                return Ok(Found { package, is_other_version: false });
            }
            Ok(package) if package.name() == request.name => match &by_name {
                Some(AnyPackage::Continuous(_)) => {}
                Some(AnyPackage::Discrete(_)) if matches!(package, AnyPackage::Discrete(_)) => {}
                _ => by_name = Some(package),
            },
            Err(error) if path.file_name().is_some_and(|name| name.to_string_lossy() == request.name) => {
                broken = broken.or(Some(error));
            }
            _ => {}
        }
    }
    match (by_name, broken) {
        (Some(package), _) => Ok(Found { package, is_other_version: !request.hash.is_empty() }),
        (None, Some(error)) => Err(error.into()),
        (None, None) => Err(CatalogueError::NotFound { name: request.name.clone(), looked: folders() }),
    }
}

/// As [`find`]; where the very version of the request is not installed, or its files are damaged, it is unpacked from what
/// the project brought along. Blocks: reads the package's files, may write them.
///
/// # Errors
/// When there is none, and none can be unpacked either.
pub fn find_or_unpack(request: &ModelRequest, embedded: Option<&[u8]>) -> Result<Found, CatalogueError> {
    let found = find(request);
    let Some(bytes) = embedded.filter(|_| !request.hash.is_empty() && !is_sound(&found)) else { return found };
    match embed::unpack(bytes, &request.hash) {
        Ok(folder) => Ok(Found { package: AnyPackage::open(&folder)?, is_other_version: false }),
        // Another version is better than none.
        Err(_) if found.is_ok() => found,
        Err(error) => Err(error.into()),
    }
}

/// Whether it is the very version that was asked for, and its files are what its manifest says. Blocks: reads them.
pub(super) fn is_sound(found: &Result<Found, CatalogueError>) -> bool {
    found.as_ref().is_ok_and(|found| !found.is_other_version && found.package.read_all().is_ok())
}
