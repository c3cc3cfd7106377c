//! What every kind of package has: a header, files, a doctor, and a way to run.

use std::path::Path;

use super::doctor::{Diagnosis, Health};
use super::manifest::Header;
use super::package_files::{NamedFile, PackageError, read_files, size_of_files};
use super::provider::ProviderChoice;
use super::{Model, PitchRange, Stage};

/// What lists and browsers show of a package beside its header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// What its decoder shapes.
    pub stage: Stage,
    /// Latent dimensions, 1..=MAX_DIMS.
    pub dims: usize,
    /// The pitches of the training sound; `None` for models that take no pitch.
    pub pitch: Option<PitchRange>,
    /// How many codes it has, if it has any.
    pub codes: Option<usize>,
}

/// That nothing speaks against a package: [`examiner`](super::examiner) alone says so.
pub struct Admitted(());

impl Admitted {
    pub(super) fn by_examiner() -> Self {
        Self(())
    }
}

/// A package of one kind, whose manifest has been checked. [`kinds`](super::kinds) lists the kinds.
pub trait PackageKind {
    /// What packages of all kinds say.
    fn header(&self) -> &Header;

    /// What lists show beside.
    fn summary(&self) -> Summary;

    /// What a list says of it behind its name: half a sentence.
    fn in_a_list(&self) -> String;

    /// The files that its manifest names.
    fn named_files(&self) -> Vec<NamedFile<'_>>;

    /// Has its doctor examine it in this very process, on what is asked for where it has a choice: files, shapes, example,
    /// loudness, cost. Blocks for seconds. A package of others belongs to [`examiner`](super::examiner).
    ///
    /// # Errors
    /// The first thing found that speaks against playing it.
    fn examine(&self, choice: &ProviderChoice) -> Result<Health, Diagnosis>;

    /// Makes it ready to run, on what is asked for or, with a note in its description, on what there is: for
    /// [`loader`](super::loader). Blocks.
    ///
    /// # Errors
    /// When a file is damaged, ONNX Runtime is missing, the package is not what it says it is, or it crashed an earlier
    /// process.
    fn run(&self, admitted: &Admitted, choice: &ProviderChoice) -> Result<Box<dyn Model>, Diagnosis>;

    /// Its folder.
    fn folder(&self) -> &Path {
        &self.header().folder
    }

    /// SHA-256 of the manifest: the package's identity. Hexadecimal.
    fn hash(&self) -> &str {
        &self.header().hash
    }

    /// Name, as shown.
    fn name(&self) -> &str {
        &self.header().name
    }

    /// The package's files by name, hashes compared: manifest, what that names, and the card and presets if there are any
    /// (`presets/NAME.json`). Blocks, allocates as much.
    ///
    /// # Errors
    /// When a file is missing, too large or another one.
    fn read_all(&self) -> Result<Vec<(String, Vec<u8>)>, PackageError> {
        read_files(self.folder(), self.hash(), &self.named_files())
    }

    /// Bytes of the files of [`Self::read_all`]; those that are missing count as none. Blocks.
    fn size_bytes(&self) -> u64 {
        size_of_files(self.folder(), &self.named_files())
    }
}
