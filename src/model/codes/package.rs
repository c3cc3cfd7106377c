//! A codebook on disk: its manifest and its tables, checked in full before any graph is touched.
//!
//! `docs/package.md` describes it. As with latent spaces nothing is trusted.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{CodesModel, doctor};
use crate::codes::book::MAX_WIDTH;
use crate::controls::MAX_DIMS;
use crate::dsp::descriptors::{COUNT, Descriptor, Row};
use crate::model::doctor::{Diagnosis, Health};
use crate::model::manifest::{Check, FileEntry, GraphEntry, Header, Manifest};
use crate::model::number_lists::{self, MAX_LIST_BYTES, are_within};
use crate::model::package::{Admitted, PackageKind, Summary};
use crate::model::package_files::{NamedFile, PackageError, read_checked};
use crate::model::provider::ProviderChoice;
use crate::model::{Model, PitchRange, Stage};

/// The manifest's word for this kind.
pub const KIND: &str = "discrete";

const MAX_GRAPH_BYTES: u64 = 64 << 20;
const MAX_STATE_SIZE: usize = 1 << 20;
const MAX_CODES: usize = 4096;
const MAX_BANDS: usize = 512;
const MAX_GRID: usize = 64;
const MAX_SUCCESSORS: usize = 64;
const MAX_PARITY_HOPS: usize = 4096;
/// Values of the player's table of bands: 256 MiB.
const MAX_TABLE_VALUES: usize = 64 << 20;

/// What its manifest says beside the [`Header`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    codes: usize,
    width: usize,
    harmonic_bands: usize,
    noise_bands: usize,
    pitch: PitchRange,
    pitch_grid_hz: Vec<f32>,
    plane_share: [f32; 2],
    transitions_per_code: usize,
    descriptors: Vec<String>,
    measured: Measured,
    encoder: GraphEntry,
    decoder: FileEntry,
    tables: FileEntry,
    parity: ParityEntry,
}

/// How the package's descriptors were measured: the code held at a level, the medians over the last hops.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// dB(A).
    pub level_db: f32,
    /// Hops played.
    pub hops: usize,
    /// The first of them that counts.
    pub first_hop: usize,
    /// Of the noise.
    pub seed: u64,
    /// Largest difference accepted: octaves of frequencies, periodicity, fortieths of a decibel.
    pub tolerance: f32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParityEntry {
    file: String,
    sha256: String,
    hops: usize,
    seed: u64,
    tolerance: f32,
}

/// A codebook whose manifest has been checked.
#[derive(Clone, Debug)]
pub struct CodesPackage {
    /// What packages of all kinds say.
    pub header: Header,
    /// How many codes.
    pub codes: usize,
    /// Values of a code's vector.
    pub width: usize,
    /// Bands of the harmonics' envelope.
    pub harmonic_bands: usize,
    /// Bands of the noise's envelope.
    pub noise_bands: usize,
    /// The pitches of the training sound.
    pub pitch: PitchRange,
    /// The pitches of its tables, rising, Hz.
    pub pitch_grid_hz: Vec<f32>,
    /// Share of the codes' variance that each axis of their map has.
    pub plane_share: [f32; 2],
    /// How its descriptors were measured.
    pub measured: Measured,
    /// The encoder graph's entry.
    pub encoder: GraphEntry,
    transitions_per_code: usize,
    decoder: FileEntry,
    tables: FileEntry,
    parity: ParityEntry,
}

/// What a package says of its codes; lists as in [`crate::codes::book::Codebook`].
#[derive(Clone, Debug)]
pub struct Tables {
    /// `[hop_frames]`.
    pub scatter: Vec<f32>,
    /// `[code * width]`.
    pub vectors: Vec<f32>,
    /// `[code]`.
    pub used: Vec<f32>,
    /// `[code]`, Hz.
    pub own_hz: Vec<f32>,
    /// `[code]`.
    pub plane: Vec<[f32; 2]>,
    /// `[code]`.
    pub own: Vec<Row>,
    /// `[code * grid + pitch]`.
    pub at_grid: Vec<Row>,
    /// `[code]`.
    pub successors: Vec<Vec<(u16, f32)>>,
}

/// An example that the training code made of a whole sound; each list `[hop * width]`.
#[derive(Clone, Debug)]
pub struct CodesParity {
    /// Hops of the example.
    pub hops: usize,
    /// Of its noise.
    pub seed: u64,
    /// Largest difference accepted.
    pub tolerance: f32,
    /// Encoder input.
    pub audio: Vec<f32>,
    /// Encoder input.
    pub voicing: Vec<f32>,
    /// The encoder's answer.
    pub vectors: Vec<f32>,
    /// The encoder's answer, dB(A).
    pub loudness_db: Vec<f32>,
    /// What was played.
    pub codes: Vec<usize>,
    /// At which pitch, Hz.
    pub f0_hz: Vec<f32>,
    /// How loud, dB(A).
    pub level_db: Vec<f32>,
    /// The sound of it.
    pub output: Vec<f32>,
}

impl CodesPackage {
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
        check.range("codes", m.codes, 2, MAX_CODES)?;
        check.range("width", m.width, 1, MAX_WIDTH)?;
        check.range("harmonic_bands", m.harmonic_bands, 2, MAX_BANDS)?;
        check.range("noise_bands", m.noise_bands, 2, MAX_BANDS)?;
        check.range("transitions_per_code", m.transitions_per_code, 0, MAX_SUCCESSORS)?;
        check.range("encoder.state_size", m.encoder.state_size, 1, MAX_STATE_SIZE)?;
        check.range("parity.hops", m.parity.hops, 1, MAX_PARITY_HOPS)?;
        check.range("parity.tolerance", m.parity.tolerance, 0.0, 0.1)?;
        check.range("measured.level_db", m.measured.level_db, -60.0, 0.0)?;
        check.range("measured.hops", m.measured.hops, 1, 100)?;
        check.range("measured.first_hop", m.measured.first_hop, 0, m.measured.hops - 1)?;
        check.range("measured.tolerance", m.measured.tolerance, 0.0, 0.5)?;
        check.pitch(m.pitch)?;
        check.range("pitch_grid_hz", m.pitch_grid_hz.len(), 2, MAX_GRID)?;
        let is_rising = m.pitch_grid_hz.windows(2).all(|pair| pair[0] < pair[1])
            && m.pitch_grid_hz.iter().all(|hz| (20.0..=10_000.0).contains(hz));
        check.that("pitch_grid_hz", is_rising, "rising, from 20 to 10000", &format!("{:?}", m.pitch_grid_hz))?;
        let is_share = m.plane_share.iter().all(|&share| (0.0..=1.0).contains(&share));
        check.that("plane_share", is_share, "two shares from 0 to 1", &format!("{:?}", m.plane_share))?;
        let keys = Descriptor::ALL.map(Descriptor::key);
        check.that("descriptors", m.descriptors == keys, &keys.join(", "), &m.descriptors.join(", "))?;
        let values = m.codes * m.pitch_grid_hz.len() * (m.harmonic_bands + m.noise_bands);
        check.range("codes", values, 1, MAX_TABLE_VALUES)?;
        check.file(["encoder.file", "encoder.sha256"], &m.encoder.file, &m.encoder.sha256)?;
        check.file(["decoder.file", "decoder.sha256"], &m.decoder.file, &m.decoder.sha256)?;
        check.file(["tables.file", "tables.sha256"], &m.tables.file, &m.tables.sha256)?;
        check.file(["parity.file", "parity.sha256"], &m.parity.file, &m.parity.sha256)?;
        Ok(Self {
            header,
            codes: m.codes,
            width: m.width,
            harmonic_bands: m.harmonic_bands,
            noise_bands: m.noise_bands,
            pitch: m.pitch,
            pitch_grid_hz: m.pitch_grid_hz,
            plane_share: m.plane_share,
            measured: m.measured,
            transitions_per_code: m.transitions_per_code,
            encoder: m.encoder,
            decoder: m.decoder,
            tables: m.tables,
            parity: m.parity,
        })
    }

    /// Path and bytes of the encoder graph, its hash compared. Blocks, allocates.
    ///
    /// # Errors
    /// When the file is missing, too large or another one.
    pub fn read_encoder(&self) -> Result<(PathBuf, Vec<u8>), PackageError> {
        let path = self.header.folder.join(&self.encoder.file);
        Ok((path.clone(), read_checked(path, &self.encoder.sha256, MAX_GRAPH_BYTES)?))
    }

    /// Path and bytes of the decoder graph, its hash compared. Blocks, allocates.
    ///
    /// # Errors
    /// When the file is missing, too large or another one.
    pub fn read_decoder(&self) -> Result<(PathBuf, Vec<u8>), PackageError> {
        let path = self.header.folder.join(&self.decoder.file);
        Ok((path.clone(), read_checked(path, &self.decoder.sha256, MAX_GRAPH_BYTES)?))
    }

    /// What the package says of its codes, hash, length and every value checked. Blocks, allocates.
    ///
    /// # Errors
    /// When the file is missing, of another length, another one, or a value makes no sense.
    pub fn read_tables(&self) -> Result<Tables, PackageError> {
        let (codes, grid, successors) = (self.codes, self.pitch_grid_hz.len(), self.transitions_per_code);
        let lengths = [
            self.header.hop_frames,
            codes * self.width,
            codes,
            codes,
            codes * 2,
            codes * COUNT,
            codes * grid * COUNT,
            codes * successors * 2,
        ];
        let (path, bytes) = number_lists::read(&self.header, &self.tables.file, &self.tables.sha256)?;
        let check = Check { path: &path };
        let lists = number_lists::cut(&check, "tables.file", &bytes, lengths)?;
        let [scatter, vectors, used, own_hz, plane, own, at_grid, followed] = lists;
        let (low, high) = (self.pitch_grid_hz[0], self.pitch_grid_hz[grid - 1]);
        check.that("scatter", are_within(&scatter, -4.0, 4.0), "taps from -4 to 4", "others")?;
        check.that("vectors", are_within(&vectors, -1e4, 1e4), "values from -10000 to 10000", "others")?;
        check.that("used", are_within(&used, 0.0, 1e9), "counts from 0", "others")?;
        let is_own = are_within(&own_hz, low * 0.999, high * 1.001);
        check.that("own_hz", is_own, &format!("pitches of the grid, {low} to {high} Hz"), "others")?;
        check.that("plane", are_within(&plane, -1e4, 1e4), "values from -10000 to 10000", "others")?;
        check.that("own descriptors", are_within(&own, -200.0, 1e5), "values from -200 to 100000", "others")?;
        check.that(
            "descriptors at the grid",
            are_within(&at_grid, -200.0, 1e5),
            "values from -200 to 100000",
            "others",
        )?;
        let pairs = || followed.chunks_exact(2);
        let is_code = |value: f32| value == -1.0 || (value.fract() == 0.0 && (0.0..codes as f32).contains(&value));
        let are_pairs = pairs().all(|pair| is_code(pair[0]) && (0.0..1e9).contains(&pair[1]));
        check.that("transitions", are_pairs, "codes and counts from 0, or -1 and 0", "others")?;
        let row = |row: &[f32]| std::array::from_fn(|n| row[n]);
        let successors_of = |row: &[f32]| {
            row.chunks_exact(2).filter(|pair| pair[0] >= 0.0).map(|pair| (pair[0] as u16, pair[1])).collect()
        };
        Ok(Tables {
            scatter,
            vectors,
            used,
            own_hz,
            plane: plane.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect(),
            own: own.chunks_exact(COUNT).map(row).collect(),
            at_grid: at_grid.chunks_exact(COUNT).map(row).collect(),
            successors: match successors {
                0 => vec![Vec::new(); codes],
                _ => followed.chunks_exact(2 * successors).map(successors_of).collect(),
            },
        })
    }

    /// The example, hash and length compared. Blocks, allocates.
    ///
    /// # Errors
    /// When the file is missing, of another length, another one, or names a code that is not there.
    pub fn read_parity(&self) -> Result<CodesParity, PackageError> {
        let hops = self.parity.hops;
        let lengths =
            [self.header.hop_frames, 1, self.width, 1, 1, 1, 1, self.header.hop_frames].map(|width| width * hops);
        let (path, bytes) = number_lists::read(&self.header, &self.parity.file, &self.parity.sha256)?;
        let check = Check { path: &path };
        let lists = number_lists::cut(&check, "parity.hops", &bytes, lengths)?;
        let [audio, voicing, vectors, loudness_db, codes, f0_hz, level_db, output] = lists;
        let are_codes = codes.iter().all(|code| code.fract() == 0.0 && (0.0..self.codes as f32).contains(code));
        check.that("codes", are_codes, &format!("codes below {}", self.codes), "others")?;
        let codes = codes.into_iter().map(|code| code as usize).collect();
        let (seed, tolerance) = (self.parity.seed, self.parity.tolerance);
        Ok(CodesParity { hops, seed, tolerance, audio, voicing, vectors, loudness_db, codes, f0_hz, level_db, output })
    }
}

impl PackageKind for CodesPackage {
    fn header(&self) -> &Header {
        &self.header
    }

    fn summary(&self) -> Summary {
        let (dims, pitch) = (self.width.min(MAX_DIMS), Some(self.pitch));
        Summary { stage: Some(Stage::Pitched), dims, pitch, codes: Some(self.codes), classes: None }
    }

    fn in_a_list(&self) -> String {
        let (codes, rate_hz) = (self.codes, self.header.sample_rate_hz);
        format!("{codes} codes, {rate_hz} Hz, for transfer, codebook, traverse and target")
    }

    fn named_files(&self) -> Vec<NamedFile<'_>> {
        vec![
            NamedFile { file: &self.encoder.file, sha256: &self.encoder.sha256, limit: MAX_GRAPH_BYTES },
            NamedFile { file: &self.decoder.file, sha256: &self.decoder.sha256, limit: MAX_GRAPH_BYTES },
            NamedFile { file: &self.tables.file, sha256: &self.tables.sha256, limit: MAX_LIST_BYTES },
            NamedFile { file: &self.parity.file, sha256: &self.parity.sha256, limit: MAX_LIST_BYTES },
        ]
    }

    /// Codes run on the CPU, whatever is asked for.
    fn examine(&self, _: &ProviderChoice) -> Result<Health, Diagnosis> {
        doctor::examine(self)
    }

    fn run(&self, admitted: &Admitted, choice: &ProviderChoice) -> Result<Box<dyn Model>, Diagnosis> {
        admitted.check(&self.header)?;
        Ok(Box::new(CodesModel::load_on(self, choice)?))
    }
}
