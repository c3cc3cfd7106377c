//! Streams in memory, for what the framework writes and reads.

use std::ffi::c_void;

use nih_plug::wrapper::vst3::vst3::Steinberg::{
    IBStream, IBStream_::IStreamSeekMode_, IBStreamTrait, int32, int64, kInvalidArgument, kResultOk, tresult,
};
use nih_plug::wrapper::vst3::vst3::{Class, ComRef};
use parking_lot::Mutex;

use crate::plugin::state_text::MOST_BYTES;

/// What is written goes to the end, what is read comes from the place that was sought.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) bytes: Mutex<Vec<u8>>,
    place: Mutex<usize>,
}

impl From<Vec<u8>> for Memory {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into(), place: Mutex::default() }
    }
}

/// The rest of a host's stream; `None` where it is longer than any state.
///
/// # Safety
/// `stream` is a stream that lives for this call.
pub(super) unsafe fn read_all(stream: ComRef<'_, IBStream>) -> Option<Vec<u8>> {
    let (mut bytes, mut chunk) = (Vec::new(), vec![0u8; 1 << 16]);
    loop {
        let mut count = 0;
        // Some hosts report a failure for what they have read well: only the count is believed, as the framework does.
        // SAFETY: the chunk has as many bytes as are asked for.
        let _ = unsafe { stream.read(chunk.as_mut_ptr().cast(), chunk.len() as int32, &mut count) };
        match usize::try_from(count).ok().and_then(|count| chunk.get(..count)) {
            Some([]) => return Some(bytes),
            Some(read) => bytes.extend_from_slice(read),
            None => return None,
        }
        if bytes.len() as u64 > MOST_BYTES {
            return None;
        }
    }
}

impl Class for Memory {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Memory {
    unsafe fn read(&self, buffer: *mut c_void, bytes: int32, read: *mut int32) -> tresult {
        let Ok(most) = usize::try_from(bytes) else { return kInvalidArgument };
        if buffer.is_null() {
            return kInvalidArgument;
        }
        let (all, mut place) = (self.bytes.lock(), self.place.lock());
        let left = all.get(*place..).unwrap_or_default();
        let left = &left[..left.len().min(most)];
        // SAFETY: the framework's buffer has as many bytes as it says, and is not ours.
        unsafe { std::ptr::copy_nonoverlapping(left.as_ptr(), buffer.cast(), left.len()) };
        *place += left.len();
        if !read.is_null() {
            // SAFETY: a place for the number, which is at most `bytes`.
            unsafe { read.write(left.len() as int32) };
        }
        kResultOk
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

    unsafe fn seek(&self, by: int64, mode: int32, found: *mut int64) -> tresult {
        let mut place = self.place.lock();
        let from = match mode.try_into() {
            Ok(IStreamSeekMode_::kIBSeekSet) => 0,
            Ok(IStreamSeekMode_::kIBSeekCur) => *place,
            Ok(IStreamSeekMode_::kIBSeekEnd) => self.bytes.lock().len(),
            _ => return kInvalidArgument,
        };
        let Some(sought) = isize::try_from(by).ok().and_then(|by| from.checked_add_signed(by)) else {
            return kInvalidArgument;
        };
        *place = sought;
        if !found.is_null() {
            // SAFETY: a place for the number.
            unsafe { found.write(sought as int64) };
        }
        kResultOk
    }

    unsafe fn tell(&self, place: *mut int64) -> tresult {
        if place.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: a place for the number.
        unsafe { place.write(*self.place.lock() as int64) };
        kResultOk
    }
}
