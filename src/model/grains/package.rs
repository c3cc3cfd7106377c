//! A grain model on disk: its manifest and its example, checked in full before any graph is touched.
//!
//! `docs/package.md` describes it. As with latent spaces nothing is trusted.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::doctor;
use super::tables::Tables;
use crate::grains::bands::BANDS;
use crate::grains::onset::ONSET_FRAMES;
use crate::grains::schedule::{LAST_HOP, MOST_FRAMES, RATE_HZ};
use crate::grains::slots::{SLOTS, Slots};
use crate::model::doctor::{Diagnosis, Health};
use crate::model::manifest::{Check, FileEntry, Header, Manifest};
use crate::model::number_lists::{self, MAX_LIST_BYTES, are_within};
use crate::model::package::{Admitted, PackageKind, Summary};
use crate::model::package_files::{NamedFile, PackageError, lists, read_checked};
use crate::model::provider::ProviderChoice;
use crate::model::{Model, PitchRange};

/// The manifest's word for this kind.
pub const KIND: &str = "granular";

/// The most dimensions that say which hit of a class is meant.
pub const MAX_EMBEDDING: usize = 32;

/// The most dimensions of the space of grains.
pub const MAX_LATENT: usize = 64;

/// The most grains that a graph is asked for at once.
pub const MAX_GRAINS: usize = 2048;

/// What “partials” may say: without a pitch, and with one.
const PARTIALS: [&str; 2] = ["slots", "harmonics"];

/// Hits and grains are seen on a plane.
const LEAST_DIMS: usize = 2;
const MAX_CLASSES: usize = 32;
const MAX_CLASS_CHARS: usize = 32;
const LEAST_LENGTH_S: f32 = 0.05;
const MAX_LENGTH_S: f32 = 6.0;
const MAX_CLOUD: usize = 400;
const MAX_CLOUD_GRAINS: usize = 4000;
const MAX_GRAPH_BYTES: u64 = 64 << 20;
/// Of a sum of shares.
const TOLERANCE: f32 = 1e-3;

/// What its manifest says beside the [`Header`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    classes: Vec<String>,
    embedding: usize,
    latent: usize,
    partials: String,
    pitch: Option<PitchRange>,
    length_s: Vec<f32>,
    sequence: FileEntry,
    decoder: FileEntry,
    grain_encoder: FileEntry,
    hit_encoder: FileEntry,
    tables: FileEntry,
    cloud: usize,
    grains: usize,
    parity: ParityEntry,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParityEntry {
    file: String,
    sha256: String,
    grains: usize,
    seed: u64,
    tolerance: f32,
}

/// A grain model whose manifest has been checked.
#[derive(Clone, Debug)]
pub struct GrainsPackage {
    /// What packages of all kinds say.
    pub header: Header,
    /// The names of its kinds of drums, 1 to 32.
    pub classes: Vec<String>,
    /// How long the hits of each class are at most, seconds, 0.05 to 6; `[class]`.
    pub length_s: Vec<f32>,
    /// Dimensions that say which hit of a class is meant, 2..=MAX_EMBEDDING.
    pub embedding: usize,
    /// Dimensions of the space of grains, 2..=MAX_LATENT.
    pub latent: usize,
    /// The pitches of the training sound; `None` for models that take no pitch. Partials lie at the harmonics of a pitch, or in
    /// slots of their own where there is none.
    pub pitch: Option<PitchRange>,
    pub(super) sequence: FileEntry,
    pub(super) decoder: FileEntry,
    pub(super) grain_encoder: FileEntry,
    pub(super) hit_encoder: FileEntry,
    tables: FileEntry,
    cloud: usize,
    grains: usize,
    parity: ParityEntry,
}

/// A hit that the training code made.
#[derive(Clone, Debug)]
pub struct GrainsParity {
    /// Of its noise.
    pub seed: u64,
    /// Largest difference accepted.
    pub tolerance: f32,
    /// `[embedding]`.
    pub e: Vec<f32>,
    /// Shares of the classes `[class]`.
    pub class: Vec<f32>,
    /// The grains' middles, frames since the onset, whole and rising from 0; `[grain]`.
    pub middles: Vec<usize>,
    /// What the sequence graph makes of these, `[grain * latent]`.
    pub z: Vec<f32>,
    /// What the decoder makes of it, dB, `[grain * BANDS]`.
    pub density_db: Vec<f32>,
    /// What the decoder makes of it, dB, `[grain * SLOTS]`.
    pub level_db: Vec<f32>,
    /// What the decoder makes of it, `[grain * SLOTS]`.
    pub place: Vec<f32>,
    /// The wave that the sequence graph has it begin with, `[ONSET_FRAMES]`.
    pub onset: Vec<f32>,
    /// The sound of it; as many frames as there are to the last grain's middle.
    pub sound: Vec<f32>,
}

impl GrainsPackage {
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
        let is_rate = f64::from(header.sample_rate_hz) == RATE_HZ;
        check.that("sample_rate_hz", is_rate, &format!("{RATE_HZ}"), &header.sample_rate_hz.to_string())?;
        check.range("classes", m.classes.len(), 1, MAX_CLASSES)?;
        let is_name = |name: &String| {
            (1..=MAX_CLASS_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control)
        };
        let are_names = m.classes.iter().all(is_name);
        check.that("classes", are_names, "names of 1 to 32 characters", &m.classes.join(", "))?;
        let is_each_once = m.classes.iter().collect::<HashSet<_>>().len() == m.classes.len();
        check.that("classes", is_each_once, "names that differ", &m.classes.join(", "))?;
        check.range("embedding", m.embedding, LEAST_DIMS, MAX_EMBEDDING)?;
        check.range("latent", m.latent, LEAST_DIMS, MAX_LATENT)?;
        let is_known = PARTIALS.contains(&&*m.partials);
        check.that("partials", is_known, "“slots” or “harmonics”", &m.partials)?;
        let (needs_pitch, has_pitch) = (m.partials == PARTIALS[1], m.pitch.is_some());
        let found = if has_pitch { "a range" } else { "null" };
        check.that("pitch", needs_pitch == has_pitch, "null with “slots”, and a range with “harmonics”", found)?;
        m.pitch.map(|pitch| check.pitch(pitch)).transpose()?;
        check.list("length_s", &m.length_s, m.classes.len())?;
        m.length_s.iter().try_for_each(|&length_s| check.range("length_s", length_s, LEAST_LENGTH_S, MAX_LENGTH_S))?;
        check.range("cloud", m.cloud, 1, MAX_CLOUD)?;
        check.range("grains", m.grains, 1, MAX_CLOUD_GRAINS)?;
        check.range("parity.grains", m.parity.grains, 2, MAX_GRAINS)?;
        check.range("parity.tolerance", m.parity.tolerance, 0.0, 0.1)?;
        for (keys, entry) in [
            (["sequence.file", "sequence.sha256"], &m.sequence),
            (["decoder.file", "decoder.sha256"], &m.decoder),
            (["grain_encoder.file", "grain_encoder.sha256"], &m.grain_encoder),
            (["hit_encoder.file", "hit_encoder.sha256"], &m.hit_encoder),
            (["tables.file", "tables.sha256"], &m.tables),
        ] {
            check.file(keys, &entry.file, &entry.sha256)?;
        }
        check.file(["parity.file", "parity.sha256"], &m.parity.file, &m.parity.sha256)?;
        Ok(Self {
            header,
            classes: m.classes,
            length_s: m.length_s,
            embedding: m.embedding,
            latent: m.latent,
            pitch: m.pitch,
            sequence: m.sequence,
            decoder: m.decoder,
            grain_encoder: m.grain_encoder,
            hit_encoder: m.hit_encoder,
            tables: m.tables,
            cloud: m.cloud,
            grains: m.grains,
            parity: m.parity,
        })
    }

    /// The pitch in the middle of its range, Hz: that of its example; 440 for models that take no pitch.
    pub fn middle_hz(&self) -> f32 {
        self.pitch.map_or(440.0, |range| (range.min_hz * range.max_hz).sqrt())
    }

    /// The pitch so many semitones from the middle of its range, Hz, within that range, which is that of all its classes together.
    /// [`Self::middle_hz`] for models that take no pitch.
    pub fn pitch_hz(&self, pitch_st: f32) -> f32 {
        let middle_hz = self.middle_hz();
        let hz = middle_hz * (pitch_st / 12.0).exp2();
        match self.pitch {
            Some(range) if hz.is_finite() => hz.clamp(range.min_hz, range.max_hz),
            _ => middle_hz,
        }
    }

    /// Where the partials lie of a hit at a pitch, Hz; without a pitch they lie in slots of their own.
    pub fn slots(&self, f0_hz: f32) -> Slots {
        self.pitch.map_or(Slots::Erb, |_| Slots::Harmonics { f0_hz })
    }

    /// Path and bytes of a graph, its hash compared. Blocks, allocates.
    pub(super) fn read_graph(&self, entry: &FileEntry) -> Result<(PathBuf, Vec<u8>), PackageError> {
        let path = self.header.folder.join(&entry.file);
        Ok((path.clone(), read_checked(path, &entry.sha256, MAX_GRAPH_BYTES)?))
    }

    /// What the package says of its hits and grains; hash, length and every value checked. Blocks, allocates.
    ///
    /// # Errors
    /// When the file is missing, of another length, another one, or a value makes no sense.
    pub fn read_tables(&self) -> Result<Tables, PackageError> {
        let (path, bytes) = number_lists::read(&self.header, &self.tables.file, &self.tables.sha256)?;
        let (classes, embedding, latent, grains) = (self.classes.len(), self.embedding, self.latent, self.grains);
        let lengths = [classes * self.cloud * embedding, 2 * latent, latent, grains * latent, grains];
        let check = Check { path: &path };
        let lists = number_lists::cut(&check, "tables.file", &bytes, lengths)?;
        Tables::of(&check, lists, [classes, latent])
    }

    /// The example, hash, length and every value checked. Blocks, allocates.
    ///
    /// # Errors
    /// When the file is missing, of another length, another one, or a value makes no sense.
    pub fn read_parity(&self) -> Result<GrainsParity, PackageError> {
        let (path, bytes) = number_lists::read(&self.header, &self.parity.file, &self.parity.sha256)?;
        let check = Check { path: &path };
        let (embedding, classes, grains) = (self.embedding, self.classes.len(), self.parity.grains);
        // How long the sound is the grains' middles say.
        let [_, _, frames] = lists(&bytes, [embedding, classes, grains]);
        let most = (MOST_FRAMES + LAST_HOP) as f32;
        let are_frames = frames.first() == Some(&0.0)
            && frames.windows(2).all(|pair| pair[0] < pair[1])
            && frames.iter().all(|&frame| frame.fract() == 0.0 && frame <= most);
        let expected = format!("{grains} whole numbers, rising from 0 to at most {most}");
        check.that("parity frames", frames.len() == grains && are_frames, &expected, "others")?;
        let middles: Vec<usize> = frames.into_iter().map(|frame| frame as usize).collect();
        let length = middles.last().copied().unwrap_or(0);
        let lengths = [
            embedding,
            classes,
            grains,
            grains * self.latent,
            grains * BANDS,
            grains * SLOTS,
            grains * SLOTS,
            ONSET_FRAMES,
            length,
        ];
        let cut = number_lists::cut(&check, "parity.grains", &bytes, lengths)?;
        let [e, class, _, z, density_db, level_db, place, onset, sound] = cut;
        check.that("parity e", are_within(&e, -100.0, 100.0), "values from -100 to 100", "others")?;
        check.that("parity class", are_shares(&class), "shares from 0 to 1 that add up to 1", "others")?;
        for (key, list) in [
            ("parity z", &z),
            ("parity densities", &density_db),
            ("parity levels", &level_db),
            ("parity places", &place),
        ] {
            check.that(key, are_within(list, -1e4, 1e4), "values from -10000 to 10000", "others")?;
        }
        for (key, list) in [("parity onset", &onset), ("parity sound", &sound)] {
            check.that(key, are_within(list, -1e3, 1e3), "samples from -1000 to 1000", "others")?;
        }
        let (seed, tolerance) = (self.parity.seed, self.parity.tolerance);
        Ok(GrainsParity { seed, tolerance, e, class, middles, z, density_db, level_db, place, onset, sound })
    }
}

/// Whether these are shares of a whole.
pub(super) fn are_shares(list: &[f32]) -> bool {
    are_within(list, -TOLERANCE, 1.0 + TOLERANCE) && (list.iter().sum::<f32>() - 1.0).abs() <= TOLERANCE
}

impl PackageKind for GrainsPackage {
    fn header(&self) -> &Header {
        &self.header
    }

    fn summary(&self) -> Summary {
        let (dims, pitch, classes) = (self.embedding, self.pitch, Some(self.classes.len()));
        Summary { stage: None, dims, pitch, codes: None, classes }
    }

    fn in_a_list(&self) -> String {
        let kinds = match self.classes.len() {
            1 => "1 kind".to_owned(),
            kinds => format!("{kinds} kinds"),
        };
        let sounds = self.pitch.map_or("hits", |_| "notes");
        format!("{kinds} of {sounds}, {} Hz, for Timbreloom Drums", self.header.sample_rate_hz)
    }

    fn named_files(&self) -> Vec<NamedFile<'_>> {
        let graphs = [&self.sequence, &self.decoder, &self.grain_encoder, &self.hit_encoder];
        let graphs = graphs.map(|entry| (&entry.file, &entry.sha256, MAX_GRAPH_BYTES));
        let tables = (&self.tables.file, &self.tables.sha256, MAX_LIST_BYTES);
        let parity = (&self.parity.file, &self.parity.sha256, MAX_LIST_BYTES);
        let all = graphs.into_iter().chain([tables, parity]);
        all.map(|(file, sha256, limit)| NamedFile { file, sha256, limit }).collect()
    }

    /// Grains are made on the CPU, whatever is asked for.
    fn examine(&self, _: &ProviderChoice) -> Result<Health, Diagnosis> {
        doctor::examine(self)
    }

    /// Refuses: it hears nothing, so there is nothing for the effect to play.
    fn run(&self, admitted: &Admitted, _: &ProviderChoice) -> Result<Box<dyn Model>, Diagnosis> {
        admitted.check(&self.header)?;
        Err(Diagnosis::ForDrums { folder: self.header.folder.clone() })
    }
}
