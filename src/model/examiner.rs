//! Examines packages that nobody has seen yet, in a process of its own with limits to its time and memory: a graph may
//! never end, ask for all memory, or crash ONNX Runtime, and would take a host with it.
//!
//! The process is the program `timbreloom`, which ships with the plugin; it is named by its whole path. Where it is not at
//! hand the package is examined here, under the quarantine's marker, and that is said. What was found is remembered by the
//! package's hash, which stands for all its bytes.

mod apart;
mod ledger;

use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::doctor::{Diagnosis, Health};
use super::graph::SessionError;
use super::kinds::{self, Package};
use super::manifest::Header;
use super::package::Admitted;
use super::provider::ProviderChoice;
use super::shipped;
pub use apart::{SECONDS_VARIABLE, WORD, answer_for, serve};
pub use ledger::Ledger;

/// What an examination came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Finding {
    Healthy(Health),
    /// Nothing to hold against the package's bytes: a file is missing or another one, there is no runtime, or it is in quarantine.
    Elsewhere(String),
    /// It was ended before it was done, by nothing that the package did: it is not played unexamined, but examined again.
    BrokenOff(String),
    Unfit(String),
}

impl Finding {
    fn of(examined: Result<Health, Diagnosis>) -> Self {
        match examined {
            Ok(health) => Self::Healthy(health),
            Err(
                elsewhere @ (Diagnosis::Package(_)
                | Diagnosis::Session(
                    SessionError::Package(_) | SessionError::Runtime(_) | SessionError::Quarantined(_),
                )),
            ) => Self::Elsewhere(elsewhere.to_string()),
            Err(diagnosis) => Self::Unfit(diagnosis.to_string()),
        }
    }

    fn into_result(self) -> Result<Health, Diagnosis> {
        match self {
            Self::Healthy(health) => Ok(health),
            Self::Elsewhere(text) | Self::BrokenOff(text) | Self::Unfit(text) => Err(Diagnosis::Told(text)),
        }
    }

    fn lasts(&self) -> bool {
        !matches!(self, Self::Elsewhere(_) | Self::BrokenOff(_))
    }
}

/// Why a package that was examined is not loaded.
#[derive(Debug, thiserror::Error)]
#[error("the model “{name}” is not loaded. {reason} To have it examined again: timbreloom check \"{}\"", folder.display())]
pub struct Unfit {
    /// The package's name.
    name: String,
    /// The doctor's words, or how the examination ended.
    reason: String,
    folder: PathBuf,
}

/// That a package was examined within this very process, in words; nothing where it was not.
pub(super) type Remark = Option<&'static str>;

const WITHIN: &str = "The model was examined within this program, since “timbreloom” is not beside the plugin: install it \
                      again with its resources folder.";

/// Held while a package is examined, so that two instances that ask for it at once share one examination.
static EXAMINING: Mutex<()> = Mutex::new(());

/// Examines the package in `folder`, whatever is known of it, and remembers what was found. Blocks for seconds.
///
/// # Errors
/// What speaks against playing it: the first thing that the doctor found, or how the examination ended.
pub fn examine(folder: &Path, choice: &ProviderChoice) -> Result<Health, Diagnosis> {
    let hash = Package::open(folder).ok().map(|package| package.hash().to_owned());
    let (finding, _) = look(folder, choice);
    // What was found on an accelerator is not what plays elsewhere.
    if let Some(hash) = hash.filter(|_| *choice == ProviderChoice::CPU || *choice == ProviderChoice::Auto) {
        Ledger::of_user().remember(&hash, folder, &finding);
    }
    finding.into_result()
}

/// The doctor's word for an installed package, remembered or new. Blocks for seconds where it is not known to be healthy.
///
/// # Errors
/// As [`examine`].
pub fn health_of(package: &Package) -> Result<Health, Diagnosis> {
    match Ledger::of_user().recall(package.hash(), package.folder()) {
        Some(Finding::Healthy(health)) => Ok(health),
        _ => examine(package.folder(), &ProviderChoice::CPU),
    }
}

/// Lets a package be loaded that ships with this version or was found healthy, slow as it may be, and examines one that is
/// not known. Blocks, for seconds the first time.
///
/// # Errors
/// When something speaks against the package itself, or nobody could tell. What speaks against its files is left for the load to find.
pub(super) fn admit(package: &Header) -> Result<(Admitted, Remark), Box<Unfit>> {
    let Header { name, hash, folder, .. } = package;
    if shipped::is_shipped(hash) {
        return Ok((Admitted::by_examiner(hash), None));
    }
    let ledger = Ledger::of_user();
    let judge = |finding: Finding| match finding {
        Finding::Unfit(reason) | Finding::BrokenOff(reason) => {
            Err(Box::new(Unfit { name: name.into(), reason, folder: folder.into() }))
        }
        _ => Ok(Admitted::by_examiner(hash)),
    };
    if let Some(known) = ledger.recall(hash, folder) {
        return judge(known).map(|admitted| (admitted, None));
    }
    let _one = EXAMINING.lock();
    // Another instance may just have done it.
    if let Some(known) = ledger.recall(hash, folder) {
        return judge(known).map(|admitted| (admitted, None));
    }
    let (finding, remark) = look(folder, &ProviderChoice::CPU);
    ledger.remember(hash, folder, &finding);
    judge(finding).map(|admitted| (admitted, remark))
}

/// Examines in a process of its own, or here where there is no program for it.
fn look(folder: &Path, choice: &ProviderChoice) -> (Finding, Remark) {
    match apart::ask(folder, choice) {
        Some(finding) => (finding, None),
        None => (Finding::of(kinds::examine(folder, choice)), Some(WITHIN)),
    }
}
