//! A latent path as JSON: a list for each quantity, one entry per hop.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::path::{LatentHop, LatentPath};
use crate::controls::MAX_DIMS;
use crate::model::request::ModelRequest;

/// The version of the document that this code writes and reads.
pub(super) const FORMAT: u32 = 1;

/// A value of a hop.
pub(super) type Value = fn(&LatentHop) -> f32;

/// The lists of single values, by their keys.
pub(super) const LISTS: [(&str, Value); 5] = [
    ("loudness_db", |hop| hop.loudness_db),
    ("f0_hz", |hop| hop.f0_hz),
    ("voicing", |hop| hop.voicing),
    ("hushed", |hop| hop.hushed),
    ("level_db", |hop| hop.level_db),
];

/// What is read; see the module.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) format: u32,
    pub(super) model: ModelRequest,
    pub(super) sample_rate_hz: u32,
    pub(super) hop_frames: usize,
    /// `[hop][dimension]`.
    pub(super) latent: Vec<Vec<f32>>,
    pub(super) loudness_db: Vec<f32>,
    pub(super) f0_hz: Vec<f32>,
    pub(super) voicing: Vec<f32>,
    /// May be left out: not at all.
    #[serde(default)]
    pub(super) hushed: Vec<f32>,
    /// Goes with `hushed`.
    #[serde(default)]
    pub(super) level_db: Vec<f32>,
}

/// Hop by hop, so that a long path is not held twice.
impl Serialize for LatentPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("LatentPath", 5 + LISTS.len())?;
        document.serialize_field("format", &FORMAT)?;
        document.serialize_field("model", &self.model)?;
        document.serialize_field("sample_rate_hz", &self.sample_rate_hz)?;
        document.serialize_field("hop_frames", &self.hop_frames)?;
        document.serialize_field("latent", &Rows(self))?;
        for (key, of) in LISTS {
            document.serialize_field(key, &List(&self.hops, of))?;
        }
        document.end()
    }
}

/// The latents of all hops.
struct Rows<'a>(&'a LatentPath);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.hops.iter().map(|hop| &hop.latent[..self.0.dims]))
    }
}

/// One value of all hops.
struct List<'a>(&'a [LatentHop], Value);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(self.1))
    }
}

impl<'de> Deserialize<'de> for LatentPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Document::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
    }
}

impl TryFrom<Document> for LatentPath {
    type Error = String;

    fn try_from(document: Document) -> Result<Self, String> {
        if document.format != FORMAT {
            return Err(format!("“format” should be {FORMAT}, but is {}", document.format));
        }
        let hops = document.latent.len();
        let optional = [("hushed", &document.hushed), ("level_db", &document.level_db)];
        let has_optional = optional.iter().any(|(_, list)| !list.is_empty());
        let lists =
            [("loudness_db", &document.loudness_db), ("f0_hz", &document.f0_hz), ("voicing", &document.voicing)];
        for (key, list) in lists.into_iter().chain(optional.into_iter().filter(|_| has_optional)) {
            if list.len() != hops {
                return Err(format!("“{key}” should have {hops} values like “latent”, but has {}", list.len()));
            }
            if let Some(n) = list.iter().position(|value| !value.is_finite()) {
                return Err(format!("“{key}” value {n} is not a finite number"));
            }
        }
        let dims = document.latent.first().map_or(0, Vec::len);
        if let Some((n, row)) = document.latent.iter().enumerate().find(|(_, row)| row.len() != dims || dims > MAX_DIMS)
        {
            return Err(format!("“latent” hop {n} has {} values, {dims} (at most {MAX_DIMS}) expected", row.len()));
        }
        let hop = |(n, row): (usize, Vec<f32>)| {
            let mut latent = [0.0; MAX_DIMS];
            latent[..dims].copy_from_slice(&row);
            LatentHop {
                latent,
                loudness_db: document.loudness_db[n],
                f0_hz: document.f0_hz[n],
                voicing: document.voicing[n],
                hushed: document.hushed.get(n).map_or(0.0, |hushed| hushed.clamp(0.0, 1.0)),
                level_db: document.level_db.get(n).copied().unwrap_or_default(),
            }
        };
        let path = Self {
            model: document.model,
            sample_rate_hz: document.sample_rate_hz,
            hop_frames: document.hop_frames,
            dims,
            hops: document.latent.into_iter().enumerate().map(hop).collect(),
        };
        path.check()?;
        Ok(path)
    }
}
