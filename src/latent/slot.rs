//! A path in a project, how it is bent, and how it is written.

use std::io::Cursor;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::chain::Chain;
use super::npz;
use super::path::{LatentHop, LatentPath};
use crate::controls::MAX_DIMS;

/// Hops of a path in a project, before and after it is bent: 50 minutes.
pub const MAX_SLOT_HOPS: usize = 1 << 18;

/// Characters of a path's name.
pub const MAX_NAME_CHARS: usize = 64;

/// A path as text at most, bytes.
pub(super) const MAX_TEXT_BYTES: usize = 16 << 20;

/// Bytes of a hop's values beside its latent in an archive, and of all else that is in one, at most.
const HOP_BYTES: usize = 4 * 5;
const HEAD_BYTES: usize = 1 << 14;

/// Hops of a path of so many dimensions that a project holds for sure.
pub fn most_hops(dims: usize) -> usize {
    let bytes = MAX_TEXT_BYTES / 4 * 3 - HEAD_BYTES;
    MAX_SLOT_HOPS.min(bytes / (4 * dims.min(MAX_DIMS) + HOP_BYTES))
}

/// The key of the path.
const NPZ: &str = "npz";

/// A path in a project, and how it is bent. What is long is shared by all copies that an edit leaves behind.
#[derive(Debug)]
pub struct Slot {
    /// As the musician calls it.
    pub name: String,
    /// As it was recorded.
    pub path: Arc<LatentPath>,
    /// What bends it.
    pub chain: Chain,
    /// The path as the project holds it.
    pub(super) npz: Arc<str>,
    /// Bent; or why it cannot be.
    bent: Result<Arc<[LatentHop]>, String>,
}

impl Slot {
    pub(super) fn new(name: &str, path: Arc<LatentPath>, npz: Arc<str>, chain: Chain) -> Self {
        let bent = chain.apply_within(&path, MAX_SLOT_HOPS).map(|bent| bent.hops.into());
        Self { name: name.to_owned(), bent: bent.map_err(|error| error.to_string()), path, chain, npz }
    }

    /// The bent path; empty where its chain cannot bend it.
    pub fn hops(&self) -> &[LatentHop] {
        self.bent.as_deref().unwrap_or_default()
    }

    /// Why its chain cannot bend it.
    pub fn fault(&self) -> Option<&str> {
        self.bent.as_ref().err().map(String::as_str)
    }

    /// The bent path as one of its own. Copies it.
    pub fn bent_path(&self) -> LatentPath {
        LatentPath { hops: self.hops().to_vec(), ..self.path.emptied() }
    }

    /// The same under another name.
    pub(super) fn renamed(&self, name: String) -> Self {
        let Self { path, chain, npz, bent, .. } = self;
        Self { name, path: Arc::clone(path), chain: chain.clone(), npz: Arc::clone(npz), bent: bent.clone() }
    }

    pub(super) fn read(json: &Value, before: Option<&Self>) -> Result<Self, String> {
        let text = SlotText::deserialize(json).map_err(|error| error.to_string())?;
        if text.name.chars().count() > MAX_NAME_CHARS {
            return Err(format!("“name” should be at most {MAX_NAME_CHARS} characters"));
        }
        let chain = Chain::deserialize(&text.chain).map_err(|error| format!("“chain”: {error}"))?;
        // A number that is too large for ours would be written as none.
        if Chain::deserialize(json!(chain)).ok().as_ref() != Some(&chain) {
            return Err("“chain” holds a number that is too large".into());
        }
        // What is long is read once, however often the rest changes.
        let (path, npz) = match before.filter(|slot| *slot.npz == *text.npz) {
            Some(slot) => (Arc::clone(&slot.path), Arc::clone(&slot.npz)),
            None => (Arc::new(unpack(text.npz)?), text.npz.into()),
        };
        Ok(Self::new(text.name, path, npz, chain))
    }
}

/// A slot as JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SlotText<'a> {
    name: &'a str,
    npz: &'a str,
    chain: Value,
}

impl Serialize for Slot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry(NPZ, &*self.npz)?;
        map.serialize_entry("chain", &self.chain)?;
        map.end()
    }
}

impl PartialEq for Slot {
    fn eq(&self, other: &Self) -> bool {
        let is_same_path = Arc::ptr_eq(&self.npz, &other.npz) || self.npz == other.npz;
        is_same_path && self.name == other.name && self.chain == other.chain
    }
}

fn unpack(text: &str) -> Result<LatentPath, String> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(format!("“npz” should be at most {MAX_TEXT_BYTES} characters, but has {}", text.len()));
    }
    let bytes = BASE64_STANDARD.decode(text).map_err(|error| format!("“npz” is no Base64 ({error})"))?;
    npz::read_within(Cursor::new(bytes), MAX_SLOT_HOPS).map_err(|reason| format!("“npz” {reason}"))
}

pub(super) fn pack(path: &LatentPath) -> Result<String, String> {
    let (hops, most) = (path.hops.len(), most_hops(path.dims));
    let minutes = most as f64 * path.hop_s() / 60.0;
    let too_long = || {
        format!(
            "A slot holds {most} hops ({minutes:.0} minutes) of such a path for sure, and this one has {hops}. Cut it."
        )
    };
    path.check()?;
    if hops > MAX_SLOT_HOPS {
        return Err(too_long());
    }
    let bytes = npz::write(path, Cursor::new(Vec::new())).map_err(|error| error.to_string())?.into_inner();
    Some(BASE64_STANDARD.encode(bytes)).filter(|text| text.len() <= MAX_TEXT_BYTES).ok_or_else(too_long)
}
