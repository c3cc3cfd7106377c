//! What a package can have wrong.

use std::path::PathBuf;

use super::FORMAT;

/// Why a package is not played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum PackageError {
    #[error("{path}: cannot be read ({reason}). Copy the whole package folder again, or install the model again.")]
    Unreadable { path: PathBuf, reason: String },
    #[error("{path}: is {found} bytes, at most {limit} are accepted. This is not a Timbreloom package's file.")]
    TooLarge { path: PathBuf, found: u64, limit: u64 },
    #[error("{path}: is not a valid manifest ({reason}). Export the model again, or ask its maker for a new copy.")]
    NotAManifest { path: PathBuf, reason: String },
    #[error(
        "{path}: is of package format {found}, this version of Timbreloom reads format {FORMAT}. Update Timbreloom."
    )]
    UnknownFormat { path: PathBuf, found: u64 },
    #[error(
        "{path}: “{key}” should be {expected}, but is {found}. Export the model again, or ask its maker for a new copy."
    )]
    BadValue { path: PathBuf, key: &'static str, expected: String, found: String },
    #[error(
        "{path}: has the SHA-256 {found}, the manifest promises {expected}. The file is damaged or from another model: copy the package again."
    )]
    WrongHash { path: PathBuf, expected: String, found: String },
}
