//! A CLAP host's state on its way to the framework, see [`state_text`](super::state_text).

use std::ffi::c_void;

use clap_sys::plugin::clap_plugin;
use clap_sys::stream::clap_istream;

use super::state_text::{MOST_BYTES, repair_text};

/// Bytes before the text: its length.
const HEAD: usize = 8;

/// The framework's `load`.
pub type Load = unsafe extern "C" fn(*const clap_plugin, *const clap_istream) -> bool;

/// Has the framework load what can be read of a state. Main thread.
///
/// # Safety
/// `plugin` and `stream` are what a host has given to `clap_plugin_state.load`, and `load` is the framework's function.
pub unsafe fn load(load: Load, plugin: *const clap_plugin, stream: *const clap_istream) -> bool {
    // SAFETY: the host's stream, or null, as the caller promises.
    let Some(bytes) = (unsafe { stream.as_ref() }).and_then(read_state) else { return false };
    let mended = bytes.get(HEAD..).and_then(repair_text);
    let bytes = mended.map_or(bytes, |text| [&(text.len() as u64).to_le_bytes()[..], &text].concat());
    let mut left = &bytes[..];
    let replay = clap_istream { ctx: (&raw mut left).cast(), read: Some(read) };
    // SAFETY: as the caller promises; the stream outlives the call.
    unsafe { load(plugin, &replay) }
}

/// The length and the text, or as much as there is; `None` when the host reports an error, or it is longer than any.
fn read_state(stream: &clap_istream) -> Option<Vec<u8>> {
    let (next, mut bytes, mut chunk) = (stream.read?, Vec::new(), vec![0u8; 1 << 16]);
    let mut wanted = HEAD;
    while bytes.len() < wanted {
        let most = chunk.len().min(wanted - bytes.len());
        // SAFETY: the buffer has at least as many bytes as are asked for.
        let count = usize::try_from(unsafe { next(stream, chunk.as_mut_ptr().cast(), most as u64) }).ok()?;
        if count == 0 {
            break;
        }
        bytes.extend_from_slice(chunk.get(..count)?);
        if let (HEAD, Some(head)) = (bytes.len(), bytes.first_chunk()) {
            wanted += usize::try_from(Some(u64::from_le_bytes(*head)).filter(|length| *length <= MOST_BYTES)?).ok()?;
        }
    }
    Some(bytes)
}

/// Reads on in the slice that `ctx` points to.
unsafe extern "C" fn read(stream: *const clap_istream, buffer: *mut c_void, size: u64) -> i64 {
    // SAFETY: this is the stream of `load`, whose `ctx` is its slice, to itself while the framework reads.
    let left = unsafe { &mut *(*stream).ctx.cast::<&[u8]>() };
    let count = left.len().min(usize::try_from(size).unwrap_or(usize::MAX));
    let (now, later) = left.split_at(count);
    // SAFETY: the framework's buffer has `size` bytes, and is not ours.
    unsafe { std::ptr::copy_nonoverlapping(now.as_ptr(), buffer.cast(), count) };
    *left = later;
    count as i64
}
