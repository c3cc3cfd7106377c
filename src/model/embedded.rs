//! The package that a project brings along, as text in its state. See [`embed`](super::embed) for the bytes.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use parking_lot::Mutex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::catalogue::{self, CatalogueError, Found};
use super::embed::{self, EmbedError};
use super::package::Package;
use super::request::ModelRequest;

/// Whether a project brings a model along, and the model. Saved as it is, also where it is damaged.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Embedded {
    /// Whether the musician wants it.
    pub is_wanted: bool,
    /// The hash of the package in the text; empty without one.
    hash: String,
    /// The packed package as Base64.
    package: Text,
}

/// A long text that is shared and not copied.
#[derive(Clone, PartialEq, Eq)]
struct Text(Arc<str>);

impl Embedded {
    /// A project that is to bring a model along once there is one.
    pub fn wanted() -> Self {
        Self { is_wanted: true, ..Self::default() }
    }

    /// Packs the package. Blocks for half a second with 8 MB, allocates.
    ///
    /// # Errors
    /// When the package is too large, or its files are not what its manifest says.
    pub fn of(package: &Package) -> Result<Self, EmbedError> {
        let packed = embed::pack(package)?;
        let text = BASE64_STANDARD.encode(packed);
        Ok(Self { is_wanted: true, hash: package.hash.clone(), package: Text(text.into()) })
    }

    /// Whether it holds the package of this hash.
    pub fn holds(&self, hash: &str) -> bool {
        !hash.is_empty() && self.hash == hash
    }

    /// How much longer it makes the project, bytes.
    pub fn size_bytes(&self) -> usize {
        self.package.0.len()
    }

    /// The packed package. Allocates.
    ///
    /// # Errors
    /// When the text is damaged.
    pub fn bytes(&self) -> Result<Vec<u8>, EmbedError> {
        BASE64_STANDARD.decode(self.package.0.as_bytes()).map_err(|e| EmbedError::Text(e.to_string()))
    }
}

/// One of a project's models: which one is asked for, and what the project brings along. Shared by the state, the loader
/// and the window; never locked by the audio thread.
#[derive(Clone)]
pub struct ProjectModel {
    /// Which one is asked for.
    pub request: Arc<Mutex<ModelRequest>>,
    /// What the project brings along.
    pub embedded: Arc<Mutex<Embedded>>,
}

impl ProjectModel {
    /// Packs the package, if it is the one that is asked for and is to be brought along and is not yet. Blocks.
    ///
    /// # Errors
    /// When it cannot be packed; the project then brings along what it did before.
    pub fn keep_up(&self, package: &Package) -> Result<(), EmbedError> {
        let is_meant = || self.request.lock().hash == package.hash;
        let is_due = |embedded: &Embedded| embedded.is_wanted && !embedded.holds(&package.hash);
        if !is_meant() || !is_due(&self.embedded.lock()) {
            return Ok(());
        }
        let packed = Embedded::of(package)?;
        // Much may have been clicked meanwhile.
        let is_meant = is_meant();
        let mut embedded = self.embedded.lock();
        if is_meant && is_due(&embedded) {
            *embedded = packed;
        }
        Ok(())
    }
}

/// The package of the request; where its very version is not installed or damaged, what the project brings along. Blocks:
/// may write files.
///
/// # Errors
/// When there is none, and none can be unpacked either.
pub fn find(request: &ModelRequest, embedded: Option<&Embedded>) -> Result<Found, CatalogueError> {
    let found = catalogue::find(request);
    let brought = embedded.filter(|embedded| embedded.holds(&request.hash) && !catalogue::is_sound(&found));
    let Some(embedded) = brought else { return found };
    match embedded.bytes() {
        Ok(bytes) => catalogue::find_or_unpack(request, Some(&bytes)),
        // Another version is better than none.
        Err(_) if found.is_ok() => found,
        Err(error) => Err(error.into()),
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { is_wanted, hash, package } = self;
        write!(f, "Embedded {{ is_wanted: {is_wanted}, hash: {hash:?}, package: {} bytes }}", package.0.len())
    }
}

impl Default for Text {
    fn default() -> Self {
        Self("".into())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?.into()))
    }
}
