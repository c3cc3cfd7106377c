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
    /// What its decoder shapes; grain models shape nothing that is heard.
    pub stage: Option<Stage>,
    /// Latent dimensions, 1..=MAX_DIMS; of grain models those of the embedding, 2..=32.
    pub dims: usize,
    /// The pitches of the training sound; `None` for models that take no pitch.
    pub pitch: Option<PitchRange>,
    /// How many codes it has, if it has any.
    pub codes: Option<usize>,
    /// How many kinds of drums it has, if it has any.
    pub classes: Option<usize>,
}

/// That nothing speaks against the package of one hash, which stands for all its bytes: [`examiner`](super::examiner) says
/// so, and nobody else.
///
/// It guards the ways on which what a project or a musician asks for comes to run: [`PackageKind::run`], the shared codes and
/// the grain models of a drum machine. It does not guard what loads a package of the caller's own choice, for doctors, tests and
/// benches: [`LatentModel::load`](super::latent::LatentModel::load), [`CodesModel::load`](super::codes::CodesModel::load),
/// [`codes::load_book`](super::codes::load_book), [`CodeEncoder::load`](super::codes::CodeEncoder::load) and
/// [`GrainModel::load`](super::grains::GrainModel::load).
pub struct Admitted {
    hash: String,
}

impl Admitted {
    /// For [`examiner`](super::examiner) alone.
    pub(super) fn by_examiner(hash: &str) -> Self {
        Self { hash: hash.to_owned() }
    }

    /// That it was said of this very package.
    ///
    /// # Errors
    /// When it was said of another one.
    pub(super) fn check(&self, package: &Header) -> Result<(), Diagnosis> {
        if self.hash == package.hash {
            return Ok(());
        }
        Err(Diagnosis::NotAdmitted { folder: package.folder.clone() })
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
    /// When another package was admitted, a file is damaged, ONNX Runtime is missing, the package is not what it says it is,
    /// or it crashed an earlier process.
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

#[cfg(test)]
mod tests {
    use super::super::codes::book_of;
    use super::super::kinds::Package;
    use super::*;

    fn package(name: &str) -> Package {
        Package::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name)).expect("it ships")
    }

    #[test]
    fn what_is_said_of_one_package_lets_no_other_one_run() {
        let admitted = Admitted::by_examiner(package("cello").hash());
        for name in ["horn", "horn-codes"] {
            let error = package(name).run(&admitted, &ProviderChoice::CPU).err().expect(name).to_string();
            assert!(error.contains(name) && error.contains("nobody has examined"), "{error}");
        }
        let codes = package("horn-codes").into_codes().expect("codes");
        assert!(matches!(book_of(&admitted, &codes), Err(Diagnosis::NotAdmitted { .. })));
    }
}
