//! From what is asked for to what runs: found, examined where nobody knows it, and loaded.

use std::sync::Arc;

use parking_lot::Mutex;

use super::catalogue::CatalogueError;
use super::codes::{self, CodesPackage};
use super::doctor::Diagnosis;
use super::embedded::{self, Embedded, ProjectModel};
use super::examiner::{self, Remark, Unfit};
use super::grains::{self, GrainModel, GrainsPackage};
use super::kinds::{Kind, Package};
use super::package_files::PackageError;
use super::provider::{Provider, ProviderChoice};
use super::quarantine::{Quarantine, Quarantined};
use super::request::ModelRequest;
use super::{Loader, Model};
use crate::codes::book::Codebook;

/// Why a package is not played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// No package answers the request.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// What answers it is of a kind that is not played here.
    #[error(transparent)]
    Kind(#[from] PackageError),
    /// An examination speaks against it.
    #[error(transparent)]
    Unfit(#[from] Box<Unfit>),
    /// It cannot be run, or is not what it says it is.
    #[error(transparent)]
    Broken(Box<Diagnosis>),
}

impl From<Diagnosis> for LoadError {
    fn from(diagnosis: Diagnosis) -> Self {
        Self::Broken(Box::new(diagnosis))
    }
}

/// The package ready to run, on what is asked for or, with a note in its description, on what there is. Blocks, for seconds
/// where nobody has examined it yet.
///
/// # Errors
/// When a file is damaged, ONNX Runtime is missing, the package is not what it says it is, an examination speaks against it,
/// or it crashed an earlier process.
pub fn load(package: &Package, choice: &ProviderChoice) -> Result<Box<dyn Model>, LoadError> {
    // Before it goes with a load that goes well.
    let warning = Quarantine::of_user().warning(package.hash(), Provider::Cpu);
    let (admitted, remark) = examiner::admit(package.header())?;
    let mut model = package.run(&admitted, choice)?;
    remarks(remark, warning).for_each(|remark| model.remark(remark));
    Ok(model)
}

/// What is to be said of a package that is loaded all the same. The later one is what a musician should know first.
fn remarks(remark: Remark, warning: Option<Quarantined>) -> impl Iterator<Item = String> {
    [remark.map(str::to_owned), warning.map(|warning| warning.to_string())].into_iter().flatten()
}

/// The codes of a package, shared by all who play them, and what is to be said of it. Blocks for about half a second when
/// nobody does yet, and for seconds where nobody has examined it yet.
///
/// # Errors
/// As [`load`].
pub fn load_book(package: &CodesPackage) -> Result<(Arc<Codebook>, Vec<String>), LoadError> {
    let hash = &package.header.hash;
    if let Some(book) = codes::played(hash) {
        return Ok((book, Vec::new()));
    }
    // Its encoder is not loaded: what that has ended says nothing of this load. Before it goes with a load that goes well.
    let warning = Quarantine::of_user().warning_of_part(hash, Provider::Cpu, codes::DECODER_PART);
    let (admitted, remark) = examiner::admit(&package.header)?;
    Ok((codes::book_of(&admitted, package)?, remarks(remark, warning).collect()))
}

/// Codes that answer a request.
#[derive(Clone, Debug)]
pub struct LoadedCodes {
    /// The package they are from.
    pub package: CodesPackage,
    /// At the package's own rate.
    pub book: Arc<Codebook>,
    /// What a musician is told of it, in whole sentences: that it is another version than the project was made with, who
    /// examined it, and what it ended before.
    pub remarks: Vec<String>,
}

/// The codes of the request's hash or else of its name; where that very version is not installed or damaged, of the package
/// that the project has brought along. Blocks as [`load_book`]; may write files.
///
/// # Errors
/// When there is no such package, it has no codes, or it cannot be played.
pub fn load_codes(request: &ModelRequest, brought: Option<&Embedded>) -> Result<LoadedCodes, LoadError> {
    let found = embedded::find(request, &[Kind::Codes], brought)?;
    let package = found.package.into_codes()?;
    let (book, said) = load_book(&package)?;
    let other = found.version.remark(&request.name);
    Ok(LoadedCodes { package, book, remarks: other.into_iter().chain(said).collect() })
}

/// A grain model that answers a request.
pub struct LoadedGrains {
    /// The package that it is from.
    pub package: GrainsPackage,
    /// With sessions of its own, for the worker that makes hits.
    pub model: GrainModel,
    /// As those of [`LoadedCodes`].
    pub remarks: Vec<String>,
}

/// The grain model of the request's hash or else of its name; where that very version is not installed or damaged, of the
/// package that the project has brought along. Blocks for some milliseconds, and for seconds where nobody has examined it yet;
/// may write files.
///
/// # Errors
/// When there is no such package, it is no grain model, or it cannot be played.
pub fn load_grains(request: &ModelRequest, brought: Option<&Embedded>) -> Result<LoadedGrains, LoadError> {
    let found = embedded::find(request, &[Kind::Grains], brought)?;
    let package = found.package.into_grains()?;
    let (model, said) = load_grain_model(&package)?;
    let other = found.version.remark(&request.name);
    Ok(LoadedGrains { package, model, remarks: other.into_iter().chain(said).collect() })
}

/// The grain model of a package, and what is to be said of it. Blocks as [`load_grains`].
///
/// # Errors
/// As [`load`].
pub fn load_grain_model(package: &GrainsPackage) -> Result<(GrainModel, Vec<String>), LoadError> {
    // Its encoders are not loaded: what those have ended says nothing of this load. Before it goes with a load that goes well.
    let warning = Quarantine::of_user().warning_of_part(&package.header.hash, Provider::Cpu, grains::MAKING_PART);
    let (admitted, remark) = examiner::admit(&package.header)?;
    let model = GrainModel::load_admitted(&admitted, package)?;
    Ok((model, remarks(remark, warning).collect()))
}

/// A loader for the engine. Writes the hash of what was found into those of `projects` that ask for it by name, so that
/// they keep asking for exactly this model; a request that already has a hash stays as it is. What a project is to bring
/// along is packed here, so that it is there when the project is saved.
pub fn from_catalogue(projects: Vec<ProjectModel>, provider: Arc<Mutex<ProviderChoice>>) -> Loader {
    Box::new(move |request| {
        let brought = embedded::brought(&projects, &request.hash);
        let found = embedded::find(request, &Kind::OF_EFFECT, brought.as_ref())?;
        let choice = provider.lock().clone();
        let mut model = load(&found.package, &choice)?;
        if let Some(remark) = found.version.remark(&request.name) {
            model.remark(remark);
        }
        for project in &projects {
            {
                let mut asked = project.request.lock();
                if asked.hash.is_empty() && asked.name == found.package.name() {
                    found.package.hash().clone_into(&mut asked.hash);
                }
            }
            if let Err(error) = project.keep_up(&found.package) {
                model.remark(error.to_string());
            }
        }
        Ok(model)
    })
}
