//! Which package a word on the command line means, and what to say where it means none.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use super::Failure;
use crate::model::any_package::{AnyPackage, is_discrete};
use crate::model::catalogue::{self, CatalogueError};
use crate::model::codes_package::CodesPackage;
use crate::model::request::ModelRequest;

/// From here on a word is taken for a slip of another one (Jaro and Winkler, 0 to 1).
const ALIKE: f64 = 0.8;

/// A package by its folder or by the name of an installed one.
pub(super) fn package(word: &str) -> Result<AnyPackage, Failure> {
    let folder = Path::new(word);
    if folder.is_dir() && (word.contains(MAIN_SEPARATOR) || folder.join("manifest.json").is_file()) {
        return Ok(AnyPackage::open(folder)?);
    }
    match catalogue::find(&ModelRequest::named(word)) {
        Ok(found) => Ok(found.package),
        Err(CatalogueError::NotFound { .. }) => Err(missing(word, &names(|_| true))),
        Err(error) => Err(error.into()),
    }
}

/// A discrete package by its folder or by the name of an installed one.
pub(super) fn codes(word: &str) -> Result<CodesPackage, Failure> {
    match catalogue::find_codes(word) {
        Err(CatalogueError::NotFound { .. }) => {
            let discrete = names(is_discrete);
            if names(|_| true).iter().any(|name| name == word) {
                let known = if discrete.is_empty() { "none is installed".into() } else { discrete.join(", ") };
                return Err(
                    format!("“{word}” is a continuous model, and only discrete ones have codes: {known}.").into()
                );
            }
            Err(missing(word, &discrete))
        }
        found => Ok(found?),
    }
}

/// A package's folder, by itself or by the name of an installed package.
pub(super) fn folder(word: &Path) -> Result<PathBuf, Failure> {
    if word.is_dir() {
        return Ok(word.to_owned());
    }
    match word.to_str().filter(|name| !name.contains(MAIN_SEPARATOR) && !word.exists()) {
        Some(name) => Ok(package(name)?.folder().to_owned()),
        None => Err(format!(
            "{}: is not a folder. Give a package's folder, or the name of an installed model; `timbreloom models` lists them.",
            word.display()
        )
        .into()),
    }
}

/// What is installed, by name, of the folders that count.
fn names(counts: impl Fn(&Path) -> bool) -> Vec<String> {
    let packages = catalogue::every_in(&catalogue::folders());
    let sound = packages.into_iter().filter(|(path, _)| counts(path)).filter_map(|(_, package)| package.ok());
    let mut names: Vec<String> = sound.map(|package| package.name().to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

fn missing(word: &str, names: &[String]) -> Failure {
    let likeness = |name: &String| strsim::jaro_winkler(word, name);
    let nearest =
        names.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|name| likeness(name) >= ALIKE);
    let slip = nearest.map(|name| format!(" Is it “{name}”?")).unwrap_or_default();
    format!(
        "the model “{word}” is not installed.{slip} `timbreloom models` lists what is, and `timbreloom import` installs a \
         package; one that lies elsewhere is named by its folder."
    )
    .into()
}
