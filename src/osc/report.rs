//! What became of what came.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

/// As a window shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OscCounts {
    /// Messages that were followed.
    pub taken: u64,
    /// Messages, or whole packets, that made no sense, or were answers.
    pub refused: u64,
    /// Messages, or packets that nobody looked into, that came quicker than they are heard.
    pub flooded: u64,
    /// Why the last one was refused, a whole sentence; empty while none was.
    pub last_refusal: String,
}

/// Counted by the server, read by the window. Never used on the audio thread.
#[derive(Default)]
pub struct OscReport {
    taken: AtomicU64,
    refused: AtomicU64,
    flooded: AtomicU64,
    last_refusal: Mutex<String>,
}

impl OscReport {
    /// The counts of this moment. Allocates.
    pub fn counts(&self) -> OscCounts {
        OscCounts {
            taken: self.taken.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            flooded: self.flooded.load(Ordering::Relaxed),
            last_refusal: self.last_refusal.lock().clone(),
        }
    }

    pub(super) fn note_taken(&self) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_flooded(&self, messages: usize) {
        self.flooded.fetch_add(messages as u64, Ordering::Relaxed);
    }

    pub(super) fn note_refused(&self, why: &str) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        why.clone_into(&mut self.last_refusal.lock());
    }
}
