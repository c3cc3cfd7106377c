//! What a package becomes for the instrument.

use std::sync::Arc;

use crate::codes::book::Codebook;
use crate::codes::matcher::Matcher;
use crate::codes::ranges::Ranges;

/// A codebook at the host's rate with what is needed to choose among its codes. Clones share it.
#[derive(Clone, Debug)]
pub struct CodeSet {
    /// The codes, at the host's rate.
    pub book: Arc<Codebook>,
    /// Without goals; voices set their own.
    pub matcher: Matcher,
    /// Where its descriptors lie.
    pub ranges: Arc<Ranges>,
}

impl CodeSet {
    /// The package's book made ready for a host's rate, Hz. Some milliseconds of work; allocates.
    pub fn new(book: &Codebook, rate_hz: u32) -> Self {
        let book = Arc::new(book.at_rate(rate_hz));
        Self { matcher: Matcher::new(Arc::clone(&book), &[]), ranges: Arc::new(Ranges::new(&book)), book }
    }
}
