//! From a project's request to codes that can be played. Shared by all instances of a process.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::catalogue::{self, CatalogueError};
use super::codes_doctor::{CodesDiagnosis, load_trusted};
use super::codes_package::CodesPackage;
use super::embed;
use super::embedded::Embedded;
use super::request::ModelRequest;
use crate::codes::book::Codebook;

/// Why a request has no codes to play.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodesError {
    /// No package answers it.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The package that does cannot be played, or does not sound as it says.
    #[error(transparent)]
    Unfit(#[from] CodesDiagnosis),
}

/// Codes that answer a request.
#[derive(Clone, Debug)]
pub struct LoadedCodes {
    /// The package they are from.
    pub package: CodesPackage,
    /// At the package's own rate.
    pub book: Arc<Codebook>,
    /// Whether the project was made with another version.
    pub is_other_version: bool,
}

/// The codes of a package while anyone plays them. Locked while they are loaded.
type Shelf = Arc<Mutex<Weak<Codebook>>>;

/// By hash. A package is read once, while anyone plays it.
static PLAYED: Mutex<Vec<(String, Shelf)>> = Mutex::new(Vec::new());

/// The codes of the request's hash or else of its name; where that very version is not installed or damaged, of the package
/// that the project has brought along. Blocks for about half a second when nobody plays them yet; may write files.
///
/// # Errors
/// When there is no such package, or it cannot be played.
pub fn load(request: &ModelRequest, brought: Option<&Embedded>) -> Result<LoadedCodes, CodesError> {
    let package = find(request, brought)?;
    let is_other_version = !request.hash.is_empty() && request.hash != package.hash;
    let book = book_of(&package)?;
    Ok(LoadedCodes { package, book, is_other_version })
}

/// The codes of a package. Blocks for about half a second when nobody plays them yet.
///
/// # Errors
/// As [`load_trusted`].
pub fn book_of(package: &CodesPackage) -> Result<Arc<Codebook>, CodesDiagnosis> {
    let shelf = shelf_of(&package.hash);
    // Kept locked: two instances that ask at once share one load. A package that hangs holds up nobody who asks for another.
    let mut played = shelf.lock();
    if let Some(book) = played.upgrade() {
        return Ok(book);
    }
    let book = load_trusted(package)?;
    *played = Arc::downgrade(&book);
    Ok(book)
}

fn shelf_of(hash: &str) -> Shelf {
    let mut played = PLAYED.lock();
    // One that is locked is being loaded.
    let is_in_use =
        |shelf: &Shelf| Arc::strong_count(shelf) > 1 || shelf.try_lock().is_none_or(|book| book.strong_count() > 0);
    played.retain(|(_, shelf)| is_in_use(shelf));
    if let Some((_, shelf)) = played.iter().find(|(known, _)| known == hash) {
        return Arc::clone(shelf);
    }
    let shelf = Shelf::default();
    played.push((hash.to_owned(), Arc::clone(&shelf)));
    shelf
}

fn find(request: &ModelRequest, brought: Option<&Embedded>) -> Result<CodesPackage, CatalogueError> {
    let found = installed(request);
    if let Ok(package) = &found {
        embed::note_use(&package.folder);
    }
    let is_sound = || found.as_ref().is_ok_and(|found| found.hash == request.hash && found.read_all().is_ok());
    let Some(brought) = brought.filter(|brought| brought.holds(&request.hash) && !is_sound()) else { return found };
    let unpacked = brought.bytes(&request.hash).and_then(|bytes| embed::unpack(&bytes, &request.hash));
    let unpacked = unpacked.map_err(CatalogueError::from).and_then(|folder| Ok(CodesPackage::open(&folder)?));
    // Another version is better than none.
    if unpacked.is_err() && found.is_ok() { found } else { unpacked }
}

fn installed(request: &ModelRequest) -> Result<CodesPackage, CatalogueError> {
    if !request.hash.is_empty() {
        let by_hash = catalogue::all_codes().into_iter().filter_map(|(_, package)| package.ok());
        if let Some(package) = by_hash.into_iter().find(|package| package.hash == request.hash) {
            return Ok(package);
        }
    }
    catalogue::find_codes(&request.name)
}
