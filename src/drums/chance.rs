//! Everything that is drawn: a number that follows from what it is drawn for, so that a song sounds the same wherever it is
//! begun.

use crate::dsp::noise::Noise;

/// A seed of its own for each list of numbers.
pub fn seed(parts: impl IntoIterator<Item = u64>) -> u64 {
    parts.into_iter().fold(0, |seed, part| Noise::new(seed ^ part).next_u64())
}
