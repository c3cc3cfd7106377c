//! Which package a word on the command line means, and what to say where it means none.

use std::path::{Path, PathBuf};

use super::Failure;
use crate::model::catalogue::{self, CatalogueError, Found};
use crate::model::codes::CodesPackage;
use crate::model::grains::GrainsPackage;
use crate::model::kinds::{Kind, Package};
use crate::model::request::ModelRequest;

/// From here on a word is taken for a slip of another one (Jaro and Winkler, 0 to 1).
const ALIKE: f64 = 0.8;

/// A package by its folder or by the name of an installed one.
pub(super) fn package(word: &str) -> Result<Package, Failure> {
    if is_folder(word) {
        return Ok(Package::open(Path::new(word))?);
    }
    Ok(requested(&ModelRequest::named(word))?.package)
}

/// The package that a preset or a path asks for.
pub(super) fn requested(request: &ModelRequest) -> Result<Found, Failure> {
    match catalogue::find(request, &Kind::ALL) {
        Err(CatalogueError::NotFound { .. }) => {
            let names: Vec<String> = installed().into_iter().map(|(name, _)| name).collect();
            Err(missing(&request.name, &names))
        }
        found => Ok(found?),
    }
}

/// A codebook by its folder or by the name of an installed one.
pub(super) fn codes(word: &str) -> Result<CodesPackage, Failure> {
    if is_folder(word) {
        return Ok(CodesPackage::open(Path::new(word))?);
    }
    Ok(of_kind(&ModelRequest::named(word), Kind::Codes)?.into_codes()?)
}

/// A grain model by its folder or by the name of an installed one.
pub(super) fn grains(word: &str) -> Result<GrainsPackage, Failure> {
    if is_folder(word) {
        return Ok(GrainsPackage::open(Path::new(word))?);
    }
    requested_grains(&ModelRequest::named(word))
}

/// The grain model that a preset asks for.
pub(super) fn requested_grains(request: &ModelRequest) -> Result<GrainsPackage, Failure> {
    Ok(of_kind(request, Kind::Grains)?.into_grains()?)
}

/// An installed package of one kind.
fn of_kind(request: &ModelRequest, kind: Kind) -> Result<Package, Failure> {
    match catalogue::find(request, &[kind]) {
        Err(CatalogueError::NotFound { .. }) => {
            let word = &request.name;
            let (own, others): (Vec<_>, Vec<_>) = installed().into_iter().partition(|(_, other)| *other == kind);
            let names: Vec<String> = own.into_iter().map(|(name, _)| name).collect();
            let Some((_, other)) = others.iter().find(|(name, _)| name == word) else {
                return Err(missing(word, &names));
            };
            let known = if names.is_empty() {
                "none is installed".into()
            } else {
                format!("installed are {}", names.join(", "))
            };
            let (found, played) = (other.word(), kind.word());
            Err(format!("“{word}” is a {found} model, and this command plays {played} ones: {known}.").into())
        }
        found => Ok(found?.package),
    }
}

/// A package's folder, by itself or by the name of an installed package.
pub(super) fn folder(word: &Path) -> Result<PathBuf, Failure> {
    let text = word.to_string_lossy();
    if is_folder(&text) {
        return Ok(word.to_owned());
    }
    if !word.is_dir() && (word.exists() || text.contains(std::path::is_separator)) {
        return Err(format!(
            "{}: is not a folder. Give a package's folder, or the name of an installed model; `timbreloom models` lists them.",
            word.display()
        )
        .into());
    }
    match package(&text) {
        // No package's folder and no model's name: what is wrong with the folder is told.
        Err(_) if word.is_dir() => Ok(word.to_owned()),
        found => Ok(found?.folder().to_owned()),
    }
}

/// Whether a word means a folder, even where a model has this name.
fn is_folder(word: &str) -> bool {
    let folder = Path::new(word);
    folder.is_dir() && (word.contains(std::path::is_separator) || folder.join("manifest.json").is_file())
}

/// The names of what is installed and sound, and its kinds.
fn installed() -> Vec<(String, Kind)> {
    let sound = catalogue::all().into_iter().filter_map(|(_, package)| package.ok());
    let mut names: Vec<(String, Kind)> = sound.map(|package| (package.name().to_owned(), package.kind())).collect();
    names.sort();
    names.dedup();
    names
}

fn missing(word: &str, names: &[String]) -> Failure {
    let slip = slip(word, names.iter().map(String::as_str), 1);
    format!(
        "the model “{word}” is not installed.{slip} `timbreloom models` lists what is, and `timbreloom import` installs a \
         package; one that lies elsewhere is named by its folder."
    )
    .into()
}

/// The question behind an error, whether a slip of one of these names was meant: at most so many, the likeliest first.
pub(super) fn slip<'a>(word: &str, names: impl Iterator<Item = &'a str>, most: usize) -> String {
    let likeness = |name: &str| strsim::jaro_winkler(&word.to_lowercase(), &name.to_lowercase());
    let mut alike: Vec<(f64, &str)> =
        names.map(|name| (likeness(name), name)).filter(|(likeness, _)| *likeness >= ALIKE).collect();
    alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let alike: Vec<&str> = alike.into_iter().take(most).map(|(_, name)| name).collect();
    if alike.is_empty() { String::new() } else { format!(" Is it “{}”?", alike.join("”, “")) }
}
