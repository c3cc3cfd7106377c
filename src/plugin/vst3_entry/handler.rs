//! Stands between the framework and the host's component handler.
//!
//! The framework keeps the handler in a cell that panics when it is changed while a restart is being asked for on its
//! background thread, and tasks that are still waiting would call the handler of a host that has let the component go.
//! So it gets this one, once, and the host's is exchanged within.

use nih_plug::wrapper::vst3::vst3::Steinberg::Vst::{IComponentHandler, IComponentHandlerTrait, ParamID, ParamValue};
use nih_plug::wrapper::vst3::vst3::Steinberg::{int32, kResultFalse, tresult};
use nih_plug::wrapper::vst3::vst3::{Class, ComPtr, ComRef};
use parking_lot::Mutex;

/// The host's handler, as long as the host has one.
#[derive(Default)]
pub(super) struct Relay {
    host: Mutex<Option<Handler>>,
}

#[derive(Clone)]
struct Handler(ComPtr<IComponentHandler>);

// SAFETY: VST3 lets the handler be called from the plugin's own threads for what the framework calls from them
// (`restartComponent`), and its reference count is atomic; the framework sends it to its threads in the same way.
unsafe impl Send for Handler {}

impl Relay {
    /// Puts the host's handler, or none, in the place of the last one.
    ///
    /// # Safety
    /// `handler` is null or a handler that lives for this call.
    pub(super) unsafe fn set(&self, handler: *mut IComponentHandler) {
        // SAFETY: as the caller says; `to_com_ptr` takes a reference of its own.
        let handler = unsafe { ComRef::from_raw(handler) }.map(|handler| Handler(handler.to_com_ptr()));
        // The old one is let go of outside of the lock: that may call into the host.
        let old = std::mem::replace(&mut *self.host.lock(), handler);
        drop(old);
    }

    /// Without a host every request is refused.
    pub(super) fn forget_host(&self) {
        let old = self.host.lock().take();
        drop(old);
    }

    fn with(&self, ask: impl FnOnce(&ComPtr<IComponentHandler>) -> tresult) -> tresult {
        let host = self.host.lock().clone();
        host.map_or(kResultFalse, |host| ask(&host.0))
    }
}

impl Class for Relay {
    type Interfaces = (IComponentHandler,);
}

impl IComponentHandlerTrait for Relay {
    unsafe fn beginEdit(&self, id: ParamID) -> tresult {
        // SAFETY: `with` holds a reference on the handler.
        self.with(|host| unsafe { host.beginEdit(id) })
    }

    unsafe fn performEdit(&self, id: ParamID, value: ParamValue) -> tresult {
        // SAFETY: `with` holds a reference on the handler.
        self.with(|host| unsafe { host.performEdit(id, value) })
    }

    unsafe fn endEdit(&self, id: ParamID) -> tresult {
        // SAFETY: `with` holds a reference on the handler.
        self.with(|host| unsafe { host.endEdit(id) })
    }

    unsafe fn restartComponent(&self, flags: int32) -> tresult {
        // SAFETY: `with` holds a reference on the handler.
        self.with(|host| unsafe { host.restartComponent(flags) })
    }
}
