//! Codebooks: packages of the kind that manifests call `discrete`.

mod doctor;
mod model;
mod package;
mod session;
mod shared_books;

pub use model::CodesModel;
pub use package::{CodesPackage, CodesParity, KIND, Measured, Tables};
pub(super) use session::DECODER_PART;
pub use session::{CodeEncoder, load_book};
pub(super) use shared_books::{book_of, played};
