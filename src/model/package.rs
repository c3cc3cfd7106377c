//! A package on disk: `manifest.json` checked in full before any graph is touched.
//!
//! Format 1 is described in `docs/package.md`. Nothing in a package is trusted: sizes are bounded before they are
//! read, every list's length is checked, every file's hash is compared.

mod error;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{PitchRange, Shape, Stage};
use crate::controls::MAX_DIMS;
pub use error::PackageError;

/// The manifest's name in the package's folder.
pub const MANIFEST: &str = "manifest.json";

/// The format that this version reads.
pub const FORMAT: u32 = 1;

const MAX_MANIFEST_BYTES: u64 = 4 << 20;
const MAX_GRAPH_BYTES: u64 = 256 << 20;
const MAX_PARITY_BYTES: u64 = 64 << 20;
const MAX_CLOUD_POINTS: usize = 10_000;
const MAX_STATE_SIZE: usize = 1 << 20;
const MAX_NOISE_COLUMNS: usize = 1 << 16;
const MAX_PARITY_HOPS: usize = 4096;
const MAX_TEXT_CHARS: usize = 10_000;
const MAX_CARD_BYTES: u64 = 1 << 20;

/// Files that a package may have beside those that its manifest names; they travel with it.
const EXTRAS: [&str; 1] = ["card.md"];

/// The folder of the presets that a package may have; its files (`.json`) travel with it.
pub const PRESETS: &str = "presets";

/// More than anyone reads through.
const MAX_PRESETS: usize = 200;

const MAX_PRESET_BYTES: u64 = 64 << 10;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    #[serde(rename = "format")]
    _format: u32,
    kind: String,
    #[serde(default = "pitched")]
    stage: String,
    name: String,
    description: String,
    licence: String,
    provenance: String,
    #[serde(rename = "training")]
    _training: serde_json::Value,
    sample_rate_hz: u32,
    hop_frames: usize,
    delay_frames: usize,
    latent: LatentStatistics,
    loudness_db: LoudnessRange,
    pitch: Option<PitchRange>,
    noise_columns: usize,
    encoder: GraphEntry,
    decoder: GraphEntry,
    parity: ParityEntry,
    reference_cloud: Vec<Vec<f32>>,
}

/// The stage of packages from before there was another one.
fn pitched() -> String {
    Stage::Pitched.name().into()
}

/// Statistics of each latent dimension over the training sound, in the exported units (standard deviations).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatentStatistics {
    /// 1..=MAX_DIMS.
    pub dims: usize,
    /// Mean, near 0.
    pub mean: Vec<f32>,
    /// Standard deviation, near 1.
    pub std: Vec<f32>,
    /// First percentile.
    pub p01: Vec<f32>,
    /// Ninety-ninth percentile.
    pub p99: Vec<f32>,
    /// Share of the variance before scaling, falling.
    pub variance_share: Vec<f32>,
}

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

/// The training code's own output, which the graphs must reproduce.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParityEntry {
    file: String,
    sha256: String,
    /// Hops of the example.
    pub hops: usize,
    /// Largest difference accepted, absolute.
    pub tolerance: f32,
}

/// A package whose manifest and files have been checked; its graphs are in memory, not yet loaded.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its folder.
    pub folder: PathBuf,
    /// SHA-256 of the manifest, which holds the hashes of all else: the package's identity. Hexadecimal.
    pub hash: String,
    /// Name, as shown.
    pub name: String,
    /// One or two sentences.
    pub description: String,
    /// What may be done with it.
    pub licence: String,
    /// What it was trained on.
    pub provenance: String,
    /// How its sound is cut.
    pub shape: Shape,
    /// Statistics of the latent.
    pub latent: LatentStatistics,
    /// Loudness of the training sound.
    pub loudness_db: LoudnessRange,
    /// The encoder graph's entry.
    pub encoder: GraphEntry,
    /// The decoder graph's entry.
    pub decoder: GraphEntry,
    /// The example's entry.
    pub parity: ParityEntry,
    /// Latents of the training sound, `[point][dimension]`, missing dimensions 0.
    pub reference_cloud: Vec<[f32; MAX_DIMS]>,
}

impl Package {
    /// Reads and checks the manifest of the package in `folder`; touches no other file. Blocks, allocates.
    ///
    /// # Errors
    /// Names the file, the key, what was expected and what was found.
    pub fn open(folder: &Path) -> Result<Self, PackageError> {
        let (path, hash, manifest) = read_manifest(folder)?;
        Self::checked(folder, &path, hash, manifest)
    }

    fn checked(folder: &Path, path: &Path, hash: String, m: Manifest) -> Result<Self, PackageError> {
        let check = Check { path };
        check.that("kind", m.kind == "continuous", "“continuous”", &m.kind)?;
        let stage = [Stage::Pitched, Stage::General].into_iter().find(|stage| stage.name() == m.stage);
        let Some(stage) = stage else {
            return Err(check.bad("stage", "“pitched” or “general”", &m.stage));
        };
        check.texts(&m.name, [&m.description, &m.licence, &m.provenance])?;
        check.range("sample_rate_hz", m.sample_rate_hz, 8_000, 192_000)?;
        check.range("hop_frames", m.hop_frames, 32, crate::dsp::pitch::WINDOW_FRAMES)?;
        check.range("delay_frames", m.delay_frames, 0, 65_536)?;
        check.range("noise_columns", m.noise_columns, 0, MAX_NOISE_COLUMNS)?;
        check.range("encoder.state_size", m.encoder.state_size, 1, MAX_STATE_SIZE)?;
        check.range("decoder.state_size", m.decoder.state_size, 1, MAX_STATE_SIZE)?;
        check.range("parity.hops", m.parity.hops, 1, MAX_PARITY_HOPS)?;
        check.range("parity.tolerance", m.parity.tolerance, 0.0, 0.1)?;
        let dims = m.latent.dims;
        check.range("latent.dims", dims, 1, MAX_DIMS)?;
        for (key, list) in [
            ("latent.mean", &m.latent.mean),
            ("latent.std", &m.latent.std),
            ("latent.p01", &m.latent.p01),
            ("latent.p99", &m.latent.p99),
            ("latent.variance_share", &m.latent.variance_share),
        ] {
            check.list(key, list, dims)?;
        }
        let in_order = m.latent.p01.iter().zip(&m.latent.p99).all(|(low, high)| low <= high);
        check.that("latent.p01", in_order, "at most latent.p99 in every dimension", "larger somewhere")?;
        let loudness = m.loudness_db;
        let is_ordered = -200.0 < loudness.p01
            && loudness.p01 <= loudness.p50
            && loudness.p50 <= loudness.p99
            && loudness.p99 < 50.0;
        check.that("loudness_db", is_ordered, "p01 <= p50 <= p99, between -200 and 50 dB", &format!("{loudness:?}"))?;
        if let Some(pitch) = m.pitch {
            let is_range = 1.0 <= pitch.min_hz && pitch.min_hz <= pitch.max_hz && pitch.max_hz <= 20_000.0;
            check.that("pitch", is_range, "1 <= min_hz <= max_hz <= 20000", &format!("{pitch:?}"))?;
        }
        check.range("reference_cloud", m.reference_cloud.len(), 1, MAX_CLOUD_POINTS)?;
        let mut cloud = Vec::with_capacity(m.reference_cloud.len());
        for point in &m.reference_cloud {
            check.list("reference_cloud", point, dims)?;
            cloud.push(padded(point));
        }
        for (key, hash_key, file, sha256) in [
            ("encoder.file", "encoder.sha256", &m.encoder.file, &m.encoder.sha256),
            ("decoder.file", "decoder.sha256", &m.decoder.file, &m.decoder.sha256),
            ("parity.file", "parity.sha256", &m.parity.file, &m.parity.sha256),
        ] {
            check.file([key, hash_key], file, sha256)?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            hash,
            shape: Shape {
                sample_rate_hz: m.sample_rate_hz,
                hop_frames: m.hop_frames,
                delay_frames: m.delay_frames,
                pitch_lag_frames: 0,
                dims,
                pitch: m.pitch,
                noise_columns: m.noise_columns,
                stage,
                p01: padded(&m.latent.p01),
                p99: padded(&m.latent.p99),
                loudness_p50_db: m.loudness_db.p50,
            },
            name: m.name,
            description: m.description,
            licence: m.licence,
            provenance: m.provenance,
            latent: m.latent,
            loudness_db: m.loudness_db,
            encoder: m.encoder,
            decoder: m.decoder,
            parity: m.parity,
            reference_cloud: cloud,
        })
    }

    /// The bytes of a graph, their hash compared. Blocks, allocates.
    ///
    /// # Errors
    /// When the file is missing, too large or another one.
    pub fn read_graph(&self, entry: &GraphEntry) -> Result<Vec<u8>, PackageError> {
        self.read_checked(&entry.file, &entry.sha256, MAX_GRAPH_BYTES)
    }

    /// The example's values (see `docs/package.md` for their order), hash and length compared.
    ///
    /// # Errors
    /// When the file is missing, of another length or another one.
    pub fn read_parity(&self) -> Result<Parity, PackageError> {
        let bytes = self.read_checked(&self.parity.file, &self.parity.sha256, MAX_PARITY_BYTES)?;
        let (shape, hops) = (&self.shape, self.parity.hops);
        let lengths = [shape.hop_frames, 1, 1, shape.noise_columns, shape.dims, 1, shape.hop_frames];
        let expected = lengths.iter().sum::<usize>() * hops * 4;
        if bytes.len() != expected {
            return Err(PackageError::BadValue {
                path: self.folder.join(&self.parity.file),
                key: "parity.hops",
                expected: format!("the length of the file ({expected} bytes for {hops} hops)"),
                found: format!("{} bytes", bytes.len()),
            });
        }
        let mut values =
            bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect::<Vec<_>>().into_iter();
        let mut next = |length: usize| values.by_ref().take(length * hops).collect::<Vec<f32>>();
        Ok(Parity {
            audio: next(shape.hop_frames),
            f0_hz: next(1),
            voicing: next(1),
            noise: next(shape.noise_columns),
            latent: next(shape.dims),
            loudness_db: next(1),
            output: next(shape.hop_frames),
        })
    }

    /// The package's files by name, hashes compared: manifest, graphs, example, and the card and presets if there are
    /// any (`presets/NAME.json`). Blocks, allocates as much.
    ///
    /// # Errors
    /// When a file is missing, too large or another one.
    pub fn read_all(&self) -> Result<Vec<(String, Vec<u8>)>, PackageError> {
        let named = [
            (&*self.encoder.file, &*self.encoder.sha256, MAX_GRAPH_BYTES),
            (&self.decoder.file, &self.decoder.sha256, MAX_GRAPH_BYTES),
            (&self.parity.file, &self.parity.sha256, MAX_PARITY_BYTES),
        ];
        read_files(&self.folder, &self.hash, &named)
    }

    /// Bytes of the files of [`Self::read_all`]; those that are missing count as none. Blocks.
    pub fn size_bytes(&self) -> u64 {
        size_of_files(&self.folder, &[&self.encoder.file, &self.decoder.file, &self.parity.file])
    }

    fn read_checked(&self, file: &str, sha256: &str, limit: u64) -> Result<Vec<u8>, PackageError> {
        read_checked(self.folder.join(file), sha256, limit)
    }
}

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

/// An example that the training code made as a whole file; each list `[hop * width]`.
#[derive(Clone, Debug)]
pub struct Parity {
    /// Input sound.
    pub audio: Vec<f32>,
    /// Decoder input, Hz.
    pub f0_hz: Vec<f32>,
    /// Decoder input.
    pub voicing: Vec<f32>,
    /// Decoder input.
    pub noise: Vec<f32>,
    /// Encoder output, and decoder input.
    pub latent: Vec<f32>,
    /// Encoder output, and decoder input.
    pub loudness_db: Vec<f32>,
    /// Decoder output.
    pub output: Vec<f32>,
}

/// Whether a file of this name in the folder [`PRESETS`] travels with its package.
pub(super) fn is_preset_file(name: &str) -> bool {
    name.ends_with(".json") && !name.starts_with('.')
}

/// A list of at most MAX_DIMS values, 0 beyond.
fn padded(list: &[f32]) -> [f32; MAX_DIMS] {
    std::array::from_fn(|d| list.get(d).copied().unwrap_or(0.0))
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
