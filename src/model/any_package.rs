//! A package of either kind, for all that asks for a model by name, carries it about, or plays it in the effect.

use std::path::Path;

use super::Model;
use super::codes_doctor::CodesDiagnosis;
use super::codes_model::CodesModel;
use super::codes_package::{self, CodesPackage};
use super::examiner::{self, Unfit};
use super::manifest::kind_of;
use super::package::{Package, PackageError};
use super::provider::{Provider, ProviderChoice};
use super::quarantine::Quarantine;
use super::session::{ContinuousModel, SessionError};

/// A package whose manifest has been checked.
#[derive(Clone, Debug)]
pub enum AnyPackage {
    /// A latent space.
    Continuous(Box<Package>),
    /// A codebook.
    Discrete(Box<CodesPackage>),
}

/// Why a package is not played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A continuous one.
    #[error(transparent)]
    Continuous(#[from] SessionError),
    /// A discrete one.
    #[error(transparent)]
    Discrete(Box<CodesDiagnosis>),
    /// An examination speaks against it.
    #[error(transparent)]
    Unfit(#[from] Box<Unfit>),
}

impl From<CodesDiagnosis> for LoadError {
    fn from(diagnosis: CodesDiagnosis) -> Self {
        Self::Discrete(Box::new(diagnosis))
    }
}

impl AnyPackage {
    /// Reads and checks the manifest of the package in `folder`; touches no other file. Blocks, allocates.
    ///
    /// # Errors
    /// Names the file, the key, what was expected and what was found.
    pub fn open(folder: &Path) -> Result<Self, PackageError> {
        if is_discrete(folder) {
            return Ok(CodesPackage::open(folder)?.into());
        }
        Ok(Package::open(folder)?.into())
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Continuous(package) => &package.folder,
            Self::Discrete(package) => &package.folder,
        }
    }

    /// SHA-256 of the manifest: the package's identity. Hexadecimal.
    pub fn hash(&self) -> &str {
        match self {
            Self::Continuous(package) => &package.hash,
            Self::Discrete(package) => &package.hash,
        }
    }

    /// Name, as shown.
    pub fn name(&self) -> &str {
        match self {
            Self::Continuous(package) => &package.name,
            Self::Discrete(package) => &package.name,
        }
    }

    /// What may be done with it.
    pub fn licence(&self) -> &str {
        match self {
            Self::Continuous(package) => &package.licence,
            Self::Discrete(package) => &package.licence,
        }
    }

    /// See [`Package::read_all`].
    ///
    /// # Errors
    /// When a file is missing, too large or another one.
    pub fn read_all(&self) -> Result<Vec<(String, Vec<u8>)>, PackageError> {
        match self {
            Self::Continuous(package) => package.read_all(),
            Self::Discrete(package) => package.read_all(),
        }
    }

    /// Bytes of the files of [`Self::read_all`]; those that are missing count as none. Blocks.
    pub fn size_bytes(&self) -> u64 {
        match self {
            Self::Continuous(package) => package.size_bytes(),
            Self::Discrete(package) => package.size_bytes(),
        }
    }

    /// The package ready to run, on what is asked for or, with a note in its description, on what there is. Blocks, for
    /// seconds where nobody has examined it yet.
    ///
    /// # Errors
    /// When a file is damaged, ONNX Runtime is missing, the package is not what it says it is, an examination speaks
    /// against it, or it crashed an earlier process.
    pub fn load_on(&self, choice: &ProviderChoice) -> Result<Box<dyn Model>, LoadError> {
        let warning = Quarantine::of_user().warning(self.hash(), Provider::Cpu);
        let mut model: Box<dyn Model> = match self {
            Self::Continuous(package) => {
                let remark = examiner::admit(&package.name, &package.hash, &package.folder)?;
                let mut model = Box::new(ContinuousModel::load_on(package, choice)?);
                if let Some(remark) = remark {
                    model.remark(remark.to_owned());
                }
                model
            }
            Self::Discrete(package) => Box::new(CodesModel::load_on(package, choice)?),
        };
        if let Some(warning) = warning {
            model.remark(warning.to_string());
        }
        Ok(model)
    }
}

/// Whether the package in this folder says that it is a codebook. Blocks: reads the manifest.
pub fn is_discrete(folder: &Path) -> bool {
    kind_of(folder).as_deref() == Some(codes_package::KIND)
}

impl From<Package> for AnyPackage {
    fn from(package: Package) -> Self {
        Self::Continuous(Box::new(package))
    }
}

impl From<CodesPackage> for AnyPackage {
    fn from(package: CodesPackage) -> Self {
        Self::Discrete(Box::new(package))
    }
}
