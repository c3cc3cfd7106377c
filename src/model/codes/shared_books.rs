//! Codes that are being played, shared by all instances of a process.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::CodesPackage;
use super::doctor::hear_some;
use super::session::load_book;
use crate::codes::book::Codebook;
use crate::model::doctor::Diagnosis;

/// The codes of a package while anyone plays them. Locked while they are loaded.
type SharedBook = Arc<Mutex<Weak<Codebook>>>;

/// By hash. A package is read once, while anyone plays it.
static PLAYED: Mutex<Vec<(String, SharedBook)>> = Mutex::new(Vec::new());

/// The codes of a package, a few of them heard and compared with their descriptors. Blocks for about half a second when
/// nobody plays them yet.
///
/// # Errors
/// As [`load_book`], or when a descriptor is not the sound's.
pub fn book_of(package: &CodesPackage) -> Result<Arc<Codebook>, Diagnosis> {
    let shelf = shelf_of(&package.header.hash);
    // Kept locked: two instances that ask at once share one load. A package that hangs holds up nobody who asks for another.
    let mut played = shelf.lock();
    if let Some(book) = played.upgrade() {
        return Ok(book);
    }
    let book = load_book(package)?;
    hear_some(package, &book)?;
    *played = Arc::downgrade(&book);
    Ok(book)
}

fn shelf_of(hash: &str) -> SharedBook {
    let mut played = PLAYED.lock();
    // One that is locked is being loaded.
    let is_in_use = |shelf: &SharedBook| {
        Arc::strong_count(shelf) > 1 || shelf.try_lock().is_none_or(|book| book.strong_count() > 0)
    };
    played.retain(|(_, shelf)| is_in_use(shelf));
    if let Some((_, shelf)) = played.iter().find(|(known, _)| known == hash) {
        return Arc::clone(shelf);
    }
    let shelf = SharedBook::default();
    played.push((hash.to_owned(), Arc::clone(&shelf)));
    shelf
}
