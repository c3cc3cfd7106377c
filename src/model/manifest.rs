//! A manifest of any kind: read, its format known, and its values checked one by one.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::package::PackageError;
use super::package_files::{hex, read_bounded};

/// The manifest's name in the package's folder.
pub const MANIFEST: &str = "manifest.json";

/// The format that this version reads.
pub const FORMAT: u32 = 1;

/// The largest that is read, bytes.
pub(super) const MAX_MANIFEST_BYTES: u64 = 4 << 20;

const MAX_TEXT_CHARS: usize = 10_000;

/// Reads a manifest of any kind: -> its path, its hash, its content. Blocks, allocates.
///
/// # Errors
/// When there is none, it is of another format, or it lacks a key of this kind or has one too many.
pub(super) fn read_manifest<T: serde::de::DeserializeOwned>(
    folder: &Path,
) -> Result<(PathBuf, String, T), PackageError> {
    let path = folder.join(MANIFEST);
    let bytes = read_bounded(&path, MAX_MANIFEST_BYTES)?;
    let hash = hex(&Sha256::digest(&bytes));
    let invalid = |e: serde_json::Error| PackageError::NotAManifest { path: path.clone(), reason: e.to_string() };
    // The format first: a newer one may differ in everything else.
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(invalid)?;
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => {}
        Some(found) => return Err(PackageError::UnknownFormat { path, found }),
        None => {
            let reason = "the key “format” is missing or not a whole number".into();
            return Err(PackageError::NotAManifest { path, reason });
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    let manifest: T = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let key = e.path().to_string();
        // “.” stands for the whole: an unknown or missing key at the top, which the reason names.
        let place = if key == "." { String::new() } else { format!("“{key}”: ") };
        PackageError::NotAManifest { path: path.clone(), reason: format!("{place}{}", e.inner()) }
    })?;
    Ok((path, hash, manifest))
}

/// What the manifest in `folder` says it is; `None` if it does not say. Blocks.
pub fn kind_of(folder: &Path) -> Option<String> {
    let bytes = read_bounded(&folder.join(MANIFEST), MAX_MANIFEST_BYTES).ok()?;
    let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    value.get("kind").and_then(serde_json::Value::as_str).map(ToOwned::to_owned)
}

/// Checks values of one manifest.
pub(super) struct Check<'a> {
    pub(super) path: &'a Path,
}

impl Check<'_> {
    pub(super) fn that(&self, key: &'static str, holds: bool, expected: &str, found: &str) -> Result<(), PackageError> {
        if holds { Ok(()) } else { Err(self.bad(key, expected, found)) }
    }

    pub(super) fn bad(&self, key: &'static str, expected: &str, found: &str) -> PackageError {
        let found = if found.is_empty() { "empty".to_owned() } else { found.chars().take(100).collect() };
        PackageError::BadValue { path: self.path.to_owned(), key, expected: expected.to_owned(), found }
    }

    pub(super) fn range<T>(&self, key: &'static str, value: T, low: T, high: T) -> Result<(), PackageError>
    where
        T: PartialOrd + std::fmt::Display,
    {
        // Written so that NaN fails.
        let holds = low <= value && value <= high;
        self.that(key, holds, &format!("{low} to {high}"), &value.to_string())
    }

    /// The name by which a package is asked for, and its texts: description, licence, provenance.
    pub(super) fn texts(&self, name: &str, texts: [&str; 3]) -> Result<(), PackageError> {
        let is_name = !name.is_empty()
            && name.len() <= 64
            && name.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c))
            && !name.starts_with('.');
        self.that("name", is_name, "1 to 64 letters, digits, spaces, “-”, “_” or “.”", name)?;
        for (key, text) in ["description", "licence", "provenance"].into_iter().zip(texts) {
            self.range(key, text.chars().count(), 0, MAX_TEXT_CHARS)?;
        }
        Ok(())
    }

    /// A file of the package and its hash.
    pub(super) fn file(
        &self,
        [key, hash_key]: [&'static str; 2],
        file: &str,
        sha256: &str,
    ) -> Result<(), PackageError> {
        // A name that leads out of the folder would read any file of the musician's.
        let is_plain = !file.is_empty() && !file.contains(['/', '\\', ':']) && file != "." && file != "..";
        self.that(key, is_plain, "a file name without a folder", file)?;
        let is_hash = sha256.len() == 64 && sha256.chars().all(|c| c.is_ascii_hexdigit());
        self.that(hash_key, is_hash, "a SHA-256 of 64 hexadecimal digits", sha256)
    }

    pub(super) fn list(&self, key: &'static str, list: &[f32], length: usize) -> Result<(), PackageError> {
        let holds = list.len() == length && list.iter().all(|v| v.is_finite());
        self.that(key, holds, &format!("{length} finite numbers"), &format!("{} values: {list:?}", list.len()))
    }
}
