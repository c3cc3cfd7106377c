//! Codes that are being played, shared by all instances of a process.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::CodesPackage;
use super::doctor::check_some_descriptors;
use super::session::load_book;
use crate::codes::book::Codebook;
use crate::model::doctor::Diagnosis;
use crate::model::package::Admitted;

/// The codes of a package while anyone plays them. Locked while they are loaded.
type SharedBook = Arc<Mutex<Weak<Codebook>>>;

/// By hash. A package is read once, while anyone plays it.
static PLAYED: Mutex<Vec<(String, SharedBook)>> = Mutex::new(Vec::new());

/// The codes of a package, a few of them heard and compared with their descriptors. Blocks for about half a second when
/// nobody plays them yet.
///
/// # Errors
/// When another package was admitted, as [`load_book`], or when a descriptor is not the sound's.
pub(in crate::model) fn book_of(admitted: &Admitted, package: &CodesPackage) -> Result<Arc<Codebook>, Diagnosis> {
    admitted.check(&package.header)?;
    any_book_of(package)
}

/// As [`book_of`], for who has seen to it that the package was admitted, or chooses it for a test.
///
/// # Errors
/// As [`load_book`], or when a descriptor is not the sound's.
pub(super) fn any_book_of(package: &CodesPackage) -> Result<Arc<Codebook>, Diagnosis> {
    let shared = shared(&package.header.hash);
    // Kept locked: two instances that ask at once share one load. A package that hangs holds up nobody who asks for another.
    let mut played = shared.lock();
    if let Some(book) = played.upgrade() {
        return Ok(book);
    }
    let book = load_book(package)?;
    check_some_descriptors(package, &book)?;
    *played = Arc::downgrade(&book);
    Ok(book)
}

/// The codes of the package of this hash, if anyone plays them. Waits while they are loaded.
pub(in crate::model) fn played(hash: &str) -> Option<Arc<Codebook>> {
    let shared = shared(hash);
    let book = shared.lock();
    book.upgrade()
}

fn shared(hash: &str) -> SharedBook {
    let mut played = PLAYED.lock();
    // One that is locked is being loaded.
    let is_in_use = |shared: &SharedBook| {
        Arc::strong_count(shared) > 1 || shared.try_lock().is_none_or(|book| book.strong_count() > 0)
    };
    played.retain(|(_, shared)| is_in_use(shared));
    if let Some((_, shared)) = played.iter().find(|(known, _)| known == hash) {
        return Arc::clone(shared);
    }
    let shared = SharedBook::default();
    played.push((hash.to_owned(), Arc::clone(&shared)));
    shared
}
