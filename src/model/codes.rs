//! Codebooks: packages of the kind `codes`.

mod doctor;
mod model;
mod package;
mod session;
mod shared_books;

pub use model::CodesModel;
pub use package::{CodesPackage, CodesParity, KIND, Measured, Tables};
pub use session::{CodeEncoder, load_book};
pub use shared_books::book_of;
