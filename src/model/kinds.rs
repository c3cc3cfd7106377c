//! The kinds of packages there are. Whoever adds one gives it a folder, implements [`PackageKind`] and adds it here.

use std::ops::Deref;
use std::path::Path;

use super::codes::CodesPackage;
use super::doctor::{Diagnosis, Health};
use super::grains::GrainsPackage;
use super::latent::LatentPackage;
use super::manifest::{self, Check, Manifest};
use super::package::PackageKind;
use super::package_files::{MANIFEST, PackageError};
use super::provider::ProviderChoice;

/// A kind of package. Of two packages of one name that of the first kind is meant: projects asked for it when there was
/// nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A latent space.
    Latent,
    /// A codebook.
    Codes,
    /// A grain model.
    Grains,
}

impl Kind {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Latent, Self::Codes, Self::Grains];

    /// Those that the effect plays: they hear.
    pub const OF_EFFECT: [Self; 2] = [Self::Latent, Self::Codes];

    /// The manifest's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Latent => super::latent::KIND,
            Self::Codes => super::codes::KIND,
            Self::Grains => super::grains::KIND,
        }
    }

    /// What people call it: one, and many.
    pub fn names(self) -> [&'static str; 2] {
        match self {
            Self::Latent => ["a latent space", "latent spaces"],
            Self::Codes => ["a codebook", "codebooks"],
            Self::Grains => ["a grain model", "grain models"],
        }
    }
}

/// A package of any kind whose manifest has been checked, for all that asks for a model by name, carries it about, or plays
/// it. What it can do is in [`PackageKind`].
#[derive(Clone, Debug)]
pub enum Package {
    /// A latent space.
    Latent(Box<LatentPackage>),
    /// A codebook.
    Codes(Box<CodesPackage>),
    /// A grain model.
    Grains(Box<GrainsPackage>),
}

impl Package {
    /// Reads and checks the manifest of the package in `folder`; touches no other file. Blocks, allocates.
    ///
    /// # Errors
    /// Names the file, the key, what was expected and what was found.
    pub fn open(folder: &Path) -> Result<Self, PackageError> {
        let manifest = Manifest::read(folder)?;
        let word = manifest.kind();
        let kind = Kind::ALL.into_iter().find(|kind| Some(kind.word()) == word);
        match (kind, word) {
            // One that does not say what it is lacks a key of any kind.
            (Some(Kind::Latent), _) | (None, None) => Ok(LatentPackage::parse(manifest)?.into()),
            (Some(Kind::Codes), _) => Ok(CodesPackage::parse(manifest)?.into()),
            (Some(Kind::Grains), _) => Ok(GrainsPackage::parse(manifest)?.into()),
            (None, Some(word)) => {
                let known = Kind::ALL.map(|kind| format!("“{}”", kind.word())).join(" or ");
                Err(Check { path: &manifest.path() }.bad("kind", &known, word))
            }
        }
    }

    /// Which kind it is of.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Latent(_) => Kind::Latent,
            Self::Codes(_) => Kind::Codes,
            Self::Grains(_) => Kind::Grains,
        }
    }

    /// The codebook that it is, for what plays nothing else.
    ///
    /// # Errors
    /// When it is of another kind.
    pub fn into_codes(self) -> Result<CodesPackage, PackageError> {
        match self {
            Self::Codes(package) => Ok(*package),
            other => Err(other.is_no(Kind::Codes)),
        }
    }

    /// The grain model that it is, for what plays nothing else.
    ///
    /// # Errors
    /// When it is of another kind.
    pub fn into_grains(self) -> Result<GrainsPackage, PackageError> {
        match self {
            Self::Grains(package) => Ok(*package),
            other => Err(other.is_no(Kind::Grains)),
        }
    }

    fn is_no(&self, wanted: Kind) -> PackageError {
        let path = self.folder().join(MANIFEST);
        Check { path: &path }.bad("kind", &format!("“{}”", wanted.word()), self.kind().word())
    }
}

impl Deref for Package {
    type Target = dyn PackageKind;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Latent(package) => &**package,
            Self::Codes(package) => &**package,
            Self::Grains(package) => &**package,
        }
    }
}

impl From<LatentPackage> for Package {
    fn from(package: LatentPackage) -> Self {
        Self::Latent(Box::new(package))
    }
}

impl From<CodesPackage> for Package {
    fn from(package: CodesPackage) -> Self {
        Self::Codes(Box::new(package))
    }
}

impl From<GrainsPackage> for Package {
    fn from(package: GrainsPackage) -> Self {
        Self::Grains(Box::new(package))
    }
}

/// The kind that the manifest in `folder` names, be the package sound or broken; `None` where it names none. Blocks.
pub fn kind_of(folder: &Path) -> Option<Kind> {
    let word = manifest::kind_in(folder)?;
    Kind::ALL.into_iter().find(|kind| kind.word() == word)
}

/// Has the package in `folder` examined in this very process: see [`PackageKind::examine`]. Blocks for seconds.
///
/// # Errors
/// The first thing found that speaks against playing it.
pub fn examine(folder: &Path, choice: &ProviderChoice) -> Result<Health, Diagnosis> {
    Package::open(folder)?.examine(choice)
}
