//! What the window hears: the audio thread leaves input and output in a ring, and a thread of the open window makes
//! spectra, pitch and loudness of them.

mod analyser;
mod column;
mod ear;
mod tap;

pub use analyser::Analyser;
pub use column::Analysis;
pub use tap::{Feed, PIECE_FRAMES, Piece, SoundTap};
