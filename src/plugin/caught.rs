//! An instrument at the audio callback's boundary: whatever is in the package, the host goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a block's work; `None` when it has panicked.
///
/// A panic itself allocates, which an audio thread must not do: but it happens once, and the host lives.
pub(super) fn caught<R>(work: impl FnOnce() -> R) -> Option<R> {
    // What it leaves half done is for the caller to play no more.
    catch_unwind(AssertUnwindSafe(work)).map_err(std::mem::forget).ok()
}
