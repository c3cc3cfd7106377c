//! Whether a VST3 host says with a block that it renders it offline.
//!
//! VST3 hosts name the mode at the set-up and again with each block. Some change it between blocks only (Ardour); nice-plug 0.4.2
//! reads it at the set-up alone. So what a block says goes past the framework, by the thread that plays the block.

use std::cell::Cell;

thread_local! {
    /// What the host says of the block that this thread plays.
    static IS_OFFLINE: Cell<bool> = const { Cell::new(false) };
}

/// Plays a block by the framework's function. Audio thread, wait-free.
pub(super) fn around<T>(is_offline: bool, process: impl FnOnce() -> T) -> T {
    let before = IS_OFFLINE.replace(is_offline);
    let result = process();
    IS_OFFLINE.set(before);
    result
}

/// For the plugin's `process`: whether this block is said to be offline; never outside VST3. Wait-free.
pub(super) fn is_offline() -> bool {
    IS_OFFLINE.get()
}
