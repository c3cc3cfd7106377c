//! The host's side: what a plugin may ask for, counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use clack_extensions::gui::{GuiSize, HostGui, HostGuiImpl};
use clack_extensions::latency::{HostLatency, HostLatencyImpl};
use clack_extensions::params::{
    HostParams, HostParamsImplMainThread, HostParamsImplShared, ParamClearFlags, ParamRescanFlags,
};
use clack_extensions::state::{HostState, HostStateImpl};
use clack_host::prelude::*;

/// How often a plugin has called its host since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Callbacks {
    /// Wishes to be deactivated and activated again.
    pub restarts: u32,
    /// Announcements of another latency.
    pub latency_changes: u32,
}

/// The counters behind [`Callbacks`].
#[derive(Default)]
pub(crate) struct Counters {
    restarts: AtomicU32,
    latency_changes: AtomicU32,
    wants_main_thread: AtomicBool,
}

impl Counters {
    pub(crate) fn read(&self) -> Callbacks {
        Callbacks {
            restarts: self.restarts.load(Ordering::Relaxed),
            latency_changes: self.latency_changes.load(Ordering::Relaxed),
        }
    }

    /// Whether the plugin has asked to be called on the main thread since the last look.
    pub(crate) fn take_main_thread_wish(&self) -> bool {
        self.wants_main_thread.swap(false, Ordering::AcqRel)
    }
}

/// What the plugin may call from any thread.
pub(crate) struct Shared(pub(crate) Arc<Counters>);

/// What the plugin may call from the main thread.
pub(crate) struct MainThread(pub(crate) Arc<Counters>);

/// Names the handlers for clack.
pub(crate) struct Handlers;

impl HostHandlers for Handlers {
    type Shared<'a> = Shared;
    type MainThread<'a> = MainThread;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _: &Shared) {
        builder.register::<HostGui>().register::<HostLatency>().register::<HostParams>().register::<HostState>();
    }
}

impl SharedHandler<'_> for Shared {
    fn request_restart(&self) {
        self.0.restarts.fetch_add(1, Ordering::Relaxed);
    }

    fn request_process(&self) {}

    fn request_callback(&self) {
        self.0.wants_main_thread.store(true, Ordering::Release);
    }
}

/// The window stays as its host wants it.
impl HostGuiImpl for Shared {
    fn resize_hints_changed(&self) {}

    fn request_resize(&self, _: GuiSize) -> Result<(), HostError> {
        Err(HostError::Message("this host's windows have the size that it gives them"))
    }

    fn request_show(&self) -> Result<(), HostError> {
        Err(HostError::Message("this host shows windows by itself"))
    }

    fn request_hide(&self) -> Result<(), HostError> {
        Err(HostError::Message("this host hides windows by itself"))
    }

    fn closed(&self, _: bool) {}
}

impl HostParamsImplShared for Shared {
    fn request_flush(&self) {}
}

impl MainThreadHandler<'_> for MainThread {}

impl HostLatencyImpl for MainThread {
    fn changed(&self) {
        self.0.latency_changes.fetch_add(1, Ordering::Relaxed);
    }
}

impl HostParamsImplMainThread for MainThread {
    fn rescan(&self, _: ParamRescanFlags) {}

    fn clear(&self, _: ClapId, _: ParamClearFlags) {}
}

impl HostStateImpl for MainThread {
    fn mark_dirty(&self) {}
}
