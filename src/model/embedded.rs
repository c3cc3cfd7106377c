//! The package that a project brings along, as text in its state. See [`embed`](super::embed) for the bytes.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use parking_lot::Mutex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::catalogue::{self, CatalogueError, Found};
use super::embed::{self, EmbedError};
use super::kinds::{Kind, Package};
use super::request::ModelRequest;

/// Packages beyond the one in use that are kept while they could be packed again; see [`ProjectModel::keep_up`].
const MOST_SPARE: usize = 8;

/// Whether a project brings a model along, and the model. Saved as it is, also where it is damaged.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Embedded {
    /// Whether the musician wants it.
    pub is_wanted: bool,
    /// The package in use.
    #[serde(flatten)]
    packed: Packed,
    /// Packages that undo or the other side of A/B may ask for again, the latest last. See [`Self::to_save`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spare: Vec<Packed>,
}

/// A packed package.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Packed {
    /// The hash of the package in the text; empty without one.
    hash: String,
    /// The packed package as Base64.
    package: Text,
}

impl Packed {
    fn holds(&self, hash: &str) -> bool {
        !hash.is_empty() && self.hash == hash
    }
}

/// A long text that is shared and not copied.
#[derive(Clone, Default, PartialEq, Eq)]
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
        let packed = Packed { hash: package.hash().to_owned(), package: Text(text.into()) };
        Ok(Self { is_wanted: true, packed, spare: Vec::new() })
    }

    /// Whether it holds the package of this hash.
    pub fn holds(&self, hash: &str) -> bool {
        self.get(hash).is_some()
    }

    /// How much longer it makes the project when it is saved as it is, bytes.
    pub fn size_bytes(&self) -> usize {
        self.all().map(|packed| packed.package.0.len()).sum()
    }

    /// The packed package of this hash; no bytes where it is not held. Allocates.
    ///
    /// # Errors
    /// When the text is damaged.
    pub fn bytes(&self, hash: &str) -> Result<Vec<u8>, EmbedError> {
        let text = self.get(hash).map_or("", |packed| &packed.package.0);
        BASE64_STANDARD.decode(text.as_bytes()).map_err(|e| EmbedError::Text(e.to_string()))
    }

    /// What a project saves that asks for the model of hash `now`, and on the other side of A/B for `other`: the bytes of
    /// both, as far as they are held. Copies no texts.
    pub fn to_save(&self, now: &str, other: &str) -> Self {
        let mut saved = self.clone();
        saved.take_up(now);
        saved.spare.retain(|packed| packed.holds(other));
        saved
    }

    fn all(&self) -> impl Iterator<Item = &Packed> {
        std::iter::once(&self.packed).chain(&self.spare)
    }

    fn get(&self, hash: &str) -> Option<&Packed> {
        self.all().find(|packed| packed.holds(hash))
    }

    /// Makes the package of this hash the one in use, if it is held; -> whether it is.
    fn take_up(&mut self, hash: &str) -> bool {
        if let Some(at) = self.spare.iter().position(|packed| packed.holds(hash)) {
            let packed = self.spare.remove(at);
            self.replace(packed);
        }
        self.packed.holds(hash)
    }

    /// Puts another package in use, and keeps the one that was.
    fn replace(&mut self, packed: Packed) {
        let before = std::mem::replace(&mut self.packed, packed);
        if !before.package.0.is_empty() {
            self.spare.push(before);
        }
    }

    /// Forgets the oldest of those that are not in use and that `can_be_packed_again`.
    fn thin_out(&mut self, can_be_packed_again: impl Fn(&str) -> bool) {
        while self.spare.len() > MOST_SPARE {
            let Some(at) = self.spare.iter().position(|packed| can_be_packed_again(&packed.hash)) else { return };
            self.spare.remove(at);
        }
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
    /// Packs the package, if it is the one that is asked for and is to be brought along and is not yet. What was brought
    /// along before is kept for undo and A/B: always where this computer has no other copy. Blocks.
    ///
    /// # Errors
    /// When it cannot be packed, or that panics; the project then brings along what it did before.
    pub fn keep_up(&self, package: &Package) -> Result<(), EmbedError> {
        self.keep_up_by(package, Embedded::of)
    }

    /// As [`Self::keep_up`], packed by `pack`. A panic ends here: the package itself plays.
    fn keep_up_by(
        &self,
        package: &Package,
        pack: impl FnOnce(&Package) -> Result<Embedded, EmbedError>,
    ) -> Result<(), EmbedError> {
        // What it leaves half done is whole all the same: packages come and go one by one, under the lock.
        let done = catch_unwind(AssertUnwindSafe(|| self.pack_if_due(package, pack)));
        done.unwrap_or_else(|_| Err(EmbedError::Broke(package.name().to_owned())))
    }

    fn pack_if_due(
        &self,
        package: &Package,
        pack: impl FnOnce(&Package) -> Result<Embedded, EmbedError>,
    ) -> Result<(), EmbedError> {
        let is_meant = || self.request.lock().hash == package.hash();
        let is_due = |embedded: &mut Embedded| embedded.is_wanted && !embedded.take_up(package.hash());
        if !is_meant() || !is_due(&mut self.embedded.lock()) {
            return Ok(());
        }
        let packed = pack(package)?.packed;
        // Much may have been clicked meanwhile.
        let is_meant = is_meant();
        let mut embedded = self.embedded.lock();
        if is_meant && is_due(&mut embedded) {
            embedded.replace(packed);
            embedded.thin_out(is_installed);
        }
        Ok(())
    }
}

/// What the first of these brings along that holds the package of this hash. Copies no texts.
pub fn brought(projects: &[ProjectModel], hash: &str) -> Option<Embedded> {
    projects.iter().map(|project| project.embedded.lock().clone()).find(|embedded| embedded.holds(hash))
}

/// Whether this computer has a sound copy of the package of this hash. Blocks: reads it.
fn is_installed(hash: &str) -> bool {
    let request = ModelRequest { name: String::new(), hash: hash.to_owned() };
    !hash.is_empty() && catalogue::is_sound(&catalogue::find(&request, &Kind::ALL))
}

/// The package of the request among those of these kinds; where its very version is not installed or damaged, what the
/// project brings along. Blocks: may write files.
///
/// # Errors
/// When there is none, and none can be unpacked either.
pub fn find(request: &ModelRequest, kinds: &[Kind], embedded: Option<&Embedded>) -> Result<Found, CatalogueError> {
    let found = catalogue::find(request, kinds);
    if let Ok(found) = &found {
        embed::note_use(found.package.folder());
    }
    let brought = embedded.filter(|embedded| embedded.holds(&request.hash) && !catalogue::is_sound(&found));
    let Some(embedded) = brought else { return found };
    match embedded.bytes(&request.hash) {
        Ok(bytes) => catalogue::find_or_unpack(request, kinds, Some(&bytes)),
        // Another version is better than none.
        Err(_) if found.is_ok() => found,
        Err(error) => Err(error.into()),
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { is_wanted, packed: Packed { hash, package }, spare } = self;
        let (bytes, spare) = (package.0.len(), spare.iter().map(|packed| &packed.hash).collect::<Vec<_>>());
        write!(f, "Embedded {{ is_wanted: {is_wanted}, hash: {hash:?}, package: {bytes} bytes, spare: {spare:?} }}")
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_panic_while_packing_is_an_error_in_words_and_what_was_brought_along_stays() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/horn-codes");
        let package = Package::open(&folder).unwrap();
        let request = ModelRequest { name: package.name().to_owned(), hash: package.hash().to_owned() };
        let mut before = Embedded::wanted();
        before.replace(Packed { hash: "other".into(), package: Text("package".into()) });
        let (request, embedded) = (Arc::new(Mutex::new(request)), Arc::new(Mutex::new(before.clone())));
        let model = ProjectModel { request, embedded };
        let error = model.keep_up_by(&package, |_| panic!("told to")).unwrap_err();
        assert!(error.to_string().starts_with("packing the model “horn-codes” for the project broke."), "{error}");
        assert_eq!(*model.embedded.lock(), before);
        model.keep_up(&package).unwrap();
        let after = model.embedded.lock();
        assert!(after.holds(package.hash()) && after.holds("other"));
    }

    #[test]
    fn of_many_packages_those_stay_that_cannot_be_packed_again_and_the_latest() {
        let packed = |n: usize| Packed { hash: format!("{n}"), package: Text("package".into()) };
        let mut embedded = Embedded { is_wanted: true, ..Embedded::default() };
        for n in 0..20 {
            embedded.replace(packed(n));
            embedded.thin_out(|hash| !["1", "2"].contains(&hash));
        }
        let held: Vec<usize> = (0..20).filter(|n| embedded.holds(&n.to_string())).collect();
        assert_eq!(held, [1, 2, 13, 14, 15, 16, 17, 18, 19]);
        for n in 20..40 {
            embedded.replace(packed(n));
            embedded.thin_out(|_| false);
        }
        assert_eq!(embedded.all().count(), 29, "none of those is to be had again");
    }
}
