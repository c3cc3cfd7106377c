//! A manifest of any kind: read, its format known, what all kinds say taken out of it, and its values checked one by one.

mod distinct;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::PitchRange;
use super::package_files::{FORMAT, MANIFEST, MAX_MANIFEST_BYTES, PackageError, read_bounded};
use crate::files::Links;
use distinct::Distinct;

const MAX_TEXT_CHARS: usize = 10_000;

/// What every package says, whatever its kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The package's folder.
    #[serde(skip)]
    pub folder: PathBuf,
    /// SHA-256 of the manifest, which holds the hashes of all else: the package's identity. Hexadecimal.
    #[serde(skip)]
    pub hash: String,
    #[serde(rename = "format")]
    _format: u32,
    kind: String,
    /// Name, as shown.
    pub name: String,
    /// One or two sentences.
    pub description: String,
    /// What may be done with it.
    pub licence: String,
    /// What it was trained on.
    pub provenance: String,
    /// Of which packages it has the latents.
    pub training: Training,
    /// Rate of its sound, Hz.
    pub sample_rate_hz: u32,
    /// New frames per hop.
    pub hop_frames: usize,
    /// How much later than a sound its latent is known, beyond the hop, frames.
    pub delay_frames: usize,
    /// Loudness of the training sound.
    pub loudness_db: LoudnessRange,
}

/// What is read of how it was made; the rest is for people.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Training {
    /// Hashes of earlier packages, whose decoder was trained on alone: what is saved of their latents means the same here.
    #[serde(default)]
    pub latents_of: Vec<String>,
}

impl Header {
    /// Whether latents of the package of this hash mean the same in this one.
    pub fn shares_latents_with(&self, hash: &str) -> bool {
        !hash.is_empty() && (self.hash == hash || self.training.latents_of.iter().any(|earlier| earlier == hash))
    }

    /// What the model adds to the latency at its own rate, ms.
    pub fn latency_ms(&self) -> f64 {
        1e3 * (self.hop_frames + self.delay_frames) as f64 / f64::from(self.sample_rate_hz)
    }
}

/// The keys of a [`Header`]; what is beside them is the kind's own.
const COMMON: [&str; 11] = [
    "format",
    "kind",
    "name",
    "description",
    "licence",
    "provenance",
    "training",
    "sample_rate_hz",
    "hop_frames",
    "delay_frames",
    "loudness_db",
];

/// Loudness of the training sound, dB(A) re full scale.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoudnessRange {
    /// First percentile.
    pub p01: f32,
    /// Median.
    pub p50: f32,
    /// Ninety-ninth percentile.
    pub p99: f32,
}

/// A graph's file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphEntry {
    /// Its name in the folder.
    pub file: String,
    pub(super) sha256: String,
    /// Values of its state tensor, per lane.
    pub state_size: usize,
}

/// Earlier packages that one may name.
const MAX_EARLIER: usize = 64;

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// A file without more to say of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEntry {
    pub(super) file: String,
    pub(super) sha256: String,
}

/// A manifest of a format that this version reads; nothing else of it is known yet.
pub(super) struct Manifest {
    folder: PathBuf,
    hash: String,
    keys: Map<String, Value>,
}

impl Manifest {
    /// Reads the manifest in `folder`. Blocks, allocates.
    ///
    /// # Errors
    /// When there is none, or it is of another format.
    pub(super) fn read(folder: &Path) -> Result<Self, PackageError> {
        let path = folder.join(MANIFEST);
        let bytes = read_bounded(&path, MAX_MANIFEST_BYTES, Links::Follow)?;
        let hash = format!("{:x}", Sha256::digest(&bytes));
        let invalid = |e: serde_json::Error| PackageError::NotAManifest { path: path.clone(), reason: e.to_string() };
        // The format first: a newer one may differ in everything else.
        let Distinct(value) = serde_json::from_slice(&bytes).map_err(invalid)?;
        match value.get("format").and_then(Value::as_u64) {
            Some(format) if format == u64::from(FORMAT) => {}
            Some(found) => return Err(PackageError::UnknownFormat { path, found }),
            None => {
                let reason = "the key “format” is missing or not a whole number".into();
                return Err(PackageError::NotAManifest { path, reason });
            }
        }
        let Value::Object(keys) = value else { unreachable!("only an object has keys") };
        Ok(Self { folder: folder.to_owned(), hash, keys })
    }

    /// What it says it is; `None` if it does not say.
    pub(super) fn kind(&self) -> Option<&str> {
        self.keys.get("kind").and_then(Value::as_str)
    }

    /// Where it lies.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(MANIFEST)
    }

    /// Checks what all kinds say, and takes the rest for the kind's own: -> its path, both parts.
    ///
    /// # Errors
    /// When it is of another kind, lacks a key of this one or has one too many, or a value makes no sense.
    pub(super) fn parse<T: DeserializeOwned>(self, kind: &str) -> Result<(PathBuf, Header, T), PackageError> {
        let path = self.path();
        let (common, own): (Map<_, _>, Map<_, _>) =
            self.keys.into_iter().partition(|(key, _)| COMMON.contains(&key.as_str()));
        let header = Header { folder: self.folder, hash: self.hash, ..part(&path, common)? };
        let check = Check { path: &path };
        check.that("kind", header.kind == kind, &format!("“{kind}”"), &header.kind)?;
        let own = part(&path, own)?;
        check.texts(&header.name, [&header.description, &header.licence, &header.provenance])?;
        check.range("sample_rate_hz", header.sample_rate_hz, 8_000, 192_000)?;
        check.range("hop_frames", header.hop_frames, 32, crate::dsp::pitch::WINDOW_FRAMES)?;
        check.range("delay_frames", header.delay_frames, 0, 65_536)?;
        let earlier = &header.training.latents_of;
        check.range("training.latents_of", earlier.len(), 0, MAX_EARLIER)?;
        for hash in earlier {
            check.that("training.latents_of", is_hash(hash), "SHA-256 of 64 hexadecimal digits each", hash)?;
        }
        let l = header.loudness_db;
        let is_ordered = -200.0 < l.p01 && l.p01 <= l.p50 && l.p50 <= l.p99 && l.p99 < 50.0;
        check.that("loudness_db", is_ordered, "p01 <= p50 <= p99, between -200 and 50 dB", &format!("{l:?}"))?;
        Ok((path, header, own))
    }
}

/// What the manifest in `folder` says it is, be it sound or broken and of whatever format; `None` if it does not say. Blocks.
pub(super) fn kind_in(folder: &Path) -> Option<String> {
    let bytes = read_bounded(&folder.join(MANIFEST), MAX_MANIFEST_BYTES, Links::Follow).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    value.get("kind").and_then(Value::as_str).map(ToOwned::to_owned)
}

/// Some keys of a manifest as what they should be.
fn part<T: DeserializeOwned>(path: &Path, keys: Map<String, Value>) -> Result<T, PackageError> {
    serde_path_to_error::deserialize(Value::Object(keys)).map_err(|e| {
        let key = e.path().to_string();
        // “.” stands for the whole: an unknown or missing key at the top, which the reason names.
        let place = if key == "." { String::new() } else { format!("“{key}”: ") };
        PackageError::NotAManifest { path: path.to_owned(), reason: format!("{place}{}", e.inner()) }
    })
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

    /// The pitches of the training sound.
    pub(super) fn pitch(&self, pitch: PitchRange) -> Result<(), PackageError> {
        let is_range = 1.0 <= pitch.min_hz && pitch.min_hz <= pitch.max_hz && pitch.max_hz <= 20_000.0;
        self.that("pitch", is_range, "1 <= min_hz <= max_hz <= 20000", &format!("{pitch:?}"))
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
        self.that(hash_key, is_hash(sha256), "a SHA-256 of 64 hexadecimal digits", sha256)
    }

    pub(super) fn list(&self, key: &'static str, list: &[f32], length: usize) -> Result<(), PackageError> {
        let holds = list.len() == length && list.iter().all(|v| v.is_finite());
        self.that(key, holds, &format!("{length} finite numbers"), &format!("{} values: {list:?}", list.len()))
    }
}
