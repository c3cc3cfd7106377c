//! What a package can have wrong.

use std::path::PathBuf;

use super::FORMAT;

/// Why a package is not played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// A file is not there or cannot be read.
    #[error("{path}: cannot be read ({reason}). Copy the whole package folder again, or install the model again.")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A file is larger than any real one.
    #[error("{path}: is {found} bytes, at most {limit} are accepted. This is not a Timbreloom package's file.")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes found.
        found: u64,
        /// Bytes accepted.
        limit: u64,
    },
    /// The manifest is no JSON or lacks a key.
    #[error("{path}: is not a valid manifest ({reason}). Export the model again, or ask its maker for a new copy.")]
    NotAManifest {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// The manifest is of a format that this version does not know.
    #[error(
        "{path}: is of package format {found}, this version of Timbreloom reads format {FORMAT}. Update Timbreloom."
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: u64,
    },
    /// A value makes no sense.
    #[error(
        "{path}: “{key}” should be {expected}, but is {found}. Export the model again, or ask its maker for a new copy."
    )]
    BadValue {
        /// The manifest.
        path: PathBuf,
        /// The key, dotted.
        key: &'static str,
        /// What would do.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A file is not the one that the manifest was written for.
    #[error(
        "{path}: has the SHA-256 {found}, the manifest promises {expected}. The file is damaged or from another model: copy the package again."
    )]
    WrongHash {
        /// The file.
        path: PathBuf,
        /// Hash in the manifest.
        expected: String,
        /// Hash of the file.
        found: String,
    },
}
