//! A latent space on disk: its manifest checked in full before any graph is touched.
//!
//! Format 1 is described in `docs/package.md`. Nothing in a package is trusted: sizes are bounded before they are
//! read, every list's length is checked, every file's hash is compared.

use std::path::Path;

use serde::Deserialize;

use super::macros::{DimensionNames, MacroEntry, macros};
use super::{LatentModel, doctor};
use crate::controls::MAX_DIMS;
use crate::model::doctor::{Diagnosis, Health};
use crate::model::manifest::{Check, GraphEntry, Header, Manifest};
use crate::model::package::{Admitted, PackageKind, Summary};
use crate::model::package_files::{NamedFile, PackageError, lists, read_checked};
use crate::model::provider::ProviderChoice;
use crate::model::{Model, PitchRange, Shape, Stage};

/// The manifest's word for this kind.
pub const KIND: &str = "continuous";

const MAX_GRAPH_BYTES: u64 = 256 << 20;
const MAX_PARITY_BYTES: u64 = 64 << 20;
const MAX_CLOUD_POINTS: usize = 10_000;
const MAX_STATE_SIZE: usize = 1 << 20;
const MAX_NOISE_COLUMNS: usize = 1 << 16;
const MAX_PARITY_HOPS: usize = 4096;

/// What its manifest says beside the [`Header`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    #[serde(default = "pitched")]
    stage: String,
    latent: LatentStatistics,
    pitch: Option<PitchRange>,
    noise_columns: usize,
    #[serde(default)]
    flicker_columns: usize,
    encoder: GraphEntry,
    decoder: GraphEntry,
    parity: ParityEntry,
    reference_cloud: Vec<Vec<f32>>,
    #[serde(default)]
    macros: Vec<MacroEntry>,
    #[serde(default)]
    dimension_names: DimensionNames,
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

/// A latent space whose manifest has been checked; its graphs are not yet loaded.
#[derive(Clone, Debug)]
pub struct LatentPackage {
    /// What packages of all kinds say.
    pub header: Header,
    /// How its sound is cut.
    pub shape: Shape,
    /// Noise columns, the last ones, by which the harmonics flicker: they sound without the others.
    pub flicker_columns: usize,
    /// Statistics of the latent.
    pub latent: LatentStatistics,
    /// The encoder graph's entry.
    pub encoder: GraphEntry,
    /// The decoder graph's entry.
    pub decoder: GraphEntry,
    /// The example's entry.
    pub parity: ParityEntry,
    /// Latents of the training sound, `[point][dimension]`, missing dimensions 0.
    pub reference_cloud: Vec<[f32; MAX_DIMS]>,
    /// What each dimension moves most, in a word; empty where nobody has measured it.
    pub dimension_names: Vec<String>,
}

impl LatentPackage {
    /// Reads and checks the manifest of the package in `folder`; touches no other file. Blocks, allocates.
    ///
    /// # Errors
    /// Names the file, the key, what was expected and what was found.
    pub fn open(folder: &Path) -> Result<Self, PackageError> {
        Self::parse(Manifest::read(folder)?)
    }

    pub(in crate::model) fn parse(manifest: Manifest) -> Result<Self, PackageError> {
        let (path, header, m): (_, _, Own) = manifest.parse(KIND)?;
        let check = Check { path: &path };
        let stage = [Stage::Pitched, Stage::General].into_iter().find(|stage| stage.name() == m.stage);
        let Some(stage) = stage else {
            return Err(check.bad("stage", "“pitched” or “general”", &m.stage));
        };
        check.range("noise_columns", m.noise_columns, 0, MAX_NOISE_COLUMNS)?;
        check.range("flicker_columns", m.flicker_columns, 0, m.noise_columns)?;
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
        m.pitch.map(|pitch| check.pitch(pitch)).transpose()?;
        check.range("reference_cloud", m.reference_cloud.len(), 1, MAX_CLOUD_POINTS)?;
        let mut cloud = Vec::with_capacity(m.reference_cloud.len());
        for point in &m.reference_cloud {
            check.list("reference_cloud", point, dims)?;
            cloud.push(padded(point));
        }
        check.file(["encoder.file", "encoder.sha256"], &m.encoder.file, &m.encoder.sha256)?;
        check.file(["decoder.file", "decoder.sha256"], &m.decoder.file, &m.decoder.sha256)?;
        check.file(["parity.file", "parity.sha256"], &m.parity.file, &m.parity.sha256)?;
        let dimension_names = m.dimension_names.checked(&check, dims)?;
        let shape = Shape {
            sample_rate_hz: header.sample_rate_hz,
            hop_frames: header.hop_frames,
            delay_frames: header.delay_frames,
            pitch_lag_frames: 0,
            dims,
            pitch: m.pitch,
            noise_columns: m.noise_columns,
            stage,
            p01: padded(&m.latent.p01),
            p99: padded(&m.latent.p99),
            loudness_p50_db: header.loudness_db.p50,
            macros: macros(&m.macros, &check, dims)?,
        };
        let (latent, encoder, decoder, parity) = (m.latent, m.encoder, m.decoder, m.parity);
        let flicker_columns = m.flicker_columns;
        let reference_cloud = cloud;
        Ok(Self { header, shape, flicker_columns, latent, encoder, decoder, parity, reference_cloud, dimension_names })
    }

    /// The bytes of a graph, their hash compared. Blocks, allocates.
    ///
    /// # Errors
    /// When the file is missing, too large or another one.
    pub fn read_graph(&self, entry: &GraphEntry) -> Result<Vec<u8>, PackageError> {
        read_checked(self.header.folder.join(&entry.file), &entry.sha256, MAX_GRAPH_BYTES)
    }

    /// The example's values (see `docs/package.md` for their order), hash and length compared.
    ///
    /// # Errors
    /// When the file is missing, of another length or another one.
    pub fn read_parity(&self) -> Result<Parity, PackageError> {
        let path = self.header.folder.join(&self.parity.file);
        let bytes = read_checked(path.clone(), &self.parity.sha256, MAX_PARITY_BYTES)?;
        let (shape, hops) = (&self.shape, self.parity.hops);
        let widths = [shape.hop_frames, 1, 1, shape.noise_columns, shape.dims, 1, shape.hop_frames];
        let expected = widths.iter().sum::<usize>() * hops * 4;
        let length = format!("the length of the file ({expected} bytes for {hops} hops)");
        let (is_length, found) = (bytes.len() == expected, format!("{} bytes", bytes.len()));
        Check { path: &path }.that("parity.hops", is_length, &length, &found)?;
        let [audio, f0_hz, voicing, noise, latent, loudness_db, output] =
            lists(&bytes, widths.map(|width| width * hops));
        Ok(Parity { audio, f0_hz, voicing, noise, latent, loudness_db, output })
    }
}

impl PackageKind for LatentPackage {
    fn header(&self) -> &Header {
        &self.header
    }

    fn summary(&self) -> Summary {
        let Shape { stage, dims, pitch, .. } = self.shape;
        Summary { stage: Some(stage), dims, pitch, codes: None, classes: None }
    }

    fn in_a_list(&self) -> String {
        let Shape { sample_rate_hz, dims, stage, .. } = self.shape;
        format!(
            "{stage} stage, {sample_rate_hz} Hz, {dims} dimensions, {:.1} ms within the model",
            self.header.latency_ms()
        )
    }

    fn named_files(&self) -> Vec<NamedFile<'_>> {
        vec![
            NamedFile { file: &self.encoder.file, sha256: &self.encoder.sha256, limit: MAX_GRAPH_BYTES },
            NamedFile { file: &self.decoder.file, sha256: &self.decoder.sha256, limit: MAX_GRAPH_BYTES },
            NamedFile { file: &self.parity.file, sha256: &self.parity.sha256, limit: MAX_PARITY_BYTES },
        ]
    }

    fn examine(&self, choice: &ProviderChoice) -> Result<Health, Diagnosis> {
        doctor::examine(self, choice)
    }

    fn run(&self, admitted: &Admitted, choice: &ProviderChoice) -> Result<Box<dyn Model>, Diagnosis> {
        admitted.check(&self.header)?;
        Ok(Box::new(LatentModel::load_on(self, choice)?))
    }
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

/// A list of at most MAX_DIMS values, 0 beyond.
pub(super) fn padded(list: &[f32]) -> [f32; MAX_DIMS] {
    std::array::from_fn(|d| list.get(d).copied().unwrap_or(0.0))
}
