//! Tells a CLAP host of another latency while it activates the plugin, and asks for nothing.
//!
//! CLAP lets the latency change within `activate`, where the host is told. nice-plug 0.4.2 tells itself only afterwards, when
//! the plugin is active, and so asks for a restart to tell the host there: once at the first activation, and once more after
//! every restart that brought another latency. So the plugin's latency goes past the framework, by the thread that
//! activates: the host is told within the very call.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use clap_sys::ext::latency::{CLAP_EXT_LATENCY, clap_host_latency};
use nih_plug::prelude::{ActivateContext, Plugin};
use nih_plug::wrapper::clap::clap_host;

thread_local! {
    /// What the plugin that this thread activates has told; `None` while none is activated by way of this module.
    static TOLD: Cell<Option<Option<u32>>> = const { Cell::new(None) };
}

/// For the plugin's `activate`: what its latency is, frames. Main thread.
pub(super) fn tell<P: Plugin>(frames: u32, context: &mut impl ActivateContext<P>) {
    match TOLD.get() {
        Some(_) => TOLD.set(Some(Some(frames))),
        // Not CLAP.
        None => context.set_latency_samples(frames),
    }
}

/// Activates the plugin by the framework's function, and tells the host when its latency has changed by that. Main thread.
///
/// # Safety
/// `host` is the structure of the plugin's host, which lives.
pub(super) unsafe fn around(host: *const clap_host, current: &AtomicU32, activate: impl FnOnce() -> bool) -> bool {
    let before = TOLD.replace(Some(None));
    let is_active = activate();
    let told = TOLD.replace(before).flatten();
    let Some(frames) = told.filter(|_| is_active) else { return is_active };
    if current.swap(frames, Ordering::SeqCst) != frames {
        // SAFETY: as the caller says.
        unsafe { announce(host) };
    }
    is_active
}

/// # Safety
/// `host` is the host's own structure.
unsafe fn announce(host: *const clap_host) {
    // SAFETY: see above; under this id hosts return this type or null.
    let latency = unsafe {
        let Some(get_extension) = host.as_ref().and_then(|host| host.get_extension) else { return };
        get_extension(host, CLAP_EXT_LATENCY.as_ptr()).cast::<clap_host_latency>().as_ref()
    };
    if let Some(changed) = latency.and_then(|latency| latency.changed) {
        // SAFETY: on the main thread, while the plugin is activated, as CLAP asks.
        unsafe { changed(host) };
    }
}
