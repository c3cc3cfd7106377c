//! The wish that the host restart the plugin, with the stream that it is about.

use std::sync::atomic::{AtomicU32, Ordering};

/// Whether a model waits for the host to restart the plugin, since the stream is made for a shorter delay or another rate.
///
/// While the plugin is activated a model may still be held against the stream before: what it lacks there, the next one may
/// have. So a wish has its stream's number, and counts as long as no other stream is opened. Every method is wait-free.
#[derive(Default)]
pub struct RestartWish {
    /// Number of the stream that was opened last; 0: there was none.
    newest: AtomicU32,
    /// The stream in which something waits, and 1; 0: nothing waits.
    waits_in: AtomicU32,
}

impl RestartWish {
    /// A stream is opened, and what has waited in another one does so no longer; -> its number.
    pub fn open_stream(&self) -> u32 {
        self.newest.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Number of the stream that was opened last.
    pub fn newest(&self) -> u32 {
        self.newest.load(Ordering::Relaxed)
    }

    /// Whether something waits, as far as the stream of this number goes.
    pub fn set(&self, stream: u32, waits: bool) {
        self.waits_in.store(if waits { stream + 1 } else { 0 }, Ordering::Relaxed);
    }

    /// The host has restarted the plugin.
    pub fn clear(&self) {
        self.set(0, false);
    }

    /// Whether something waits in the stream that was opened last.
    pub fn is_there(&self) -> bool {
        self.waits_in.load(Ordering::Relaxed) == self.newest() + 1
    }
}
