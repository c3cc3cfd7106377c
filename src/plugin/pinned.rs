//! Keeps the plugin's library in memory once an instance has been made.
//!
//! A host may unload it with the last instance, but threads of the host that have run its code still hold its destructors
//! of thread-local values, and ONNX Runtime's threads its callbacks: where the code has gone, such a thread crashes the
//! host when it ends.

use std::sync::Once;

/// Pins the library for the life of the process. Does nothing where this code is part of a program.
pub fn pin_library() {
    static ONCE: Once = Once::new();
    ONCE.call_once(pin);
}

#[cfg(unix)]
fn pin() {
    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: dladdr only compares the address with the loaded objects and fills `info`, which is large enough.
    let found = unsafe { libc::dladdr(pin as *const () as *const libc::c_void, info.as_mut_ptr()) };
    // SAFETY: all-zero bytes are a valid Dl_info (null pointers), and dladdr writes valid ones.
    let info = unsafe { info.assume_init() };
    if found != 0 && !info.dli_fname.is_null() {
        // SAFETY: the name is that of this loaded object; NOLOAD runs none of its code. The handle is left open on purpose.
        unsafe { libc::dlopen(info.dli_fname, libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE) };
    }
}

#[cfg(windows)]
fn pin() {
    use windows_sys::Win32::Foundation::HMODULE;
    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
    };

    let mut module: HMODULE = std::ptr::null_mut();
    let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
    // SAFETY: with FROM_ADDRESS the second argument is an address inside the module, here of this function.
    unsafe { GetModuleHandleExW(flags, pin as *const () as *const u16, &mut module) };
}
