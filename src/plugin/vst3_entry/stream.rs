//! A stream in memory, for what the framework writes.

use std::ffi::c_void;

use nih_plug::wrapper::vst3::vst3::Class;
use nih_plug::wrapper::vst3::vst3::Steinberg::{
    IBStream, IBStreamTrait, int32, int64, kInvalidArgument, kNotImplemented, kResultOk, tresult,
};
use parking_lot::Mutex;

/// Takes all that is written, in one go.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) bytes: Mutex<Vec<u8>>,
}

impl Class for Memory {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Memory {
    unsafe fn read(&self, _: *mut c_void, _: int32, _: *mut int32) -> tresult {
        kNotImplemented
    }

    unsafe fn write(&self, buffer: *mut c_void, bytes: int32, written: *mut int32) -> tresult {
        let Ok(length) = usize::try_from(bytes) else { return kInvalidArgument };
        if buffer.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: the framework writes as many bytes as it says.
        self.bytes.lock().extend_from_slice(unsafe { std::slice::from_raw_parts(buffer.cast(), length) });
        if !written.is_null() {
            // SAFETY: a place for the number.
            unsafe { written.write(bytes) };
        }
        kResultOk
    }

    unsafe fn seek(&self, _: int64, _: int32, _: *mut int64) -> tresult {
        kNotImplemented
    }

    unsafe fn tell(&self, _: *mut int64) -> tresult {
        kNotImplemented
    }
}
