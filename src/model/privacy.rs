//! Keeps ONNX Runtime from telling its makers anything.
//!
//! Since 1.29 its official builds carry an uploader. As soon as an environment is made, before any call could forbid it
//! (`with_telemetry(false)` stops events and no more), it writes a device's identity and a data base into the user's cache,
//! and looks its server up. Nothing but the variable `ORT_DISABLE_TELEMETRY`, set to 1, keeps all of that from happening.
//!
//! A plugin lives in a process that is not its own, and other threads may read the environment while we write it. So
//! nothing that could be read is ever changed or freed: on Linux and its likes a new list of variables, the old one's
//! entries and ours, takes the old list's place in one step. glibc before 2.41 frees the list that it replaces in `setenv`,
//! under the eyes of who reads it. The systems whose calls take a lock for readers too get their own call. What is
//! left: another thread that sets a variable in those very microseconds may find its word lost, as between any two
//! that write at once; it is done once in a process, right before the library is opened.

use std::sync::Once;

const VARIABLE: &str = "ORT_DISABLE_TELEMETRY";

/// Forbids it for this process and the ones that it starts, whatever the variable said before. To be called before an
/// environment is made. Blocks for microseconds.
pub(super) fn forbid_telemetry() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if std::env::var_os(VARIABLE).is_none_or(|value| value != "1") {
            set();
        }
    });
}

#[cfg(any(windows, target_vendor = "apple"))]
fn set() {
    // SAFETY: `SetEnvironmentVariableW` is for any thread; Apple's `setenv` and `getenv` take one lock, and nobody keeps
    // hold of this variable's own value.
    unsafe { std::env::set_var(VARIABLE, "1") };
}

#[cfg(all(unix, not(target_vendor = "apple")))]
fn set() {
    use std::ffi::{CStr, CString, c_char};
    use std::sync::atomic::{AtomicPtr, Ordering};

    unsafe extern "C" {
        static mut environ: *mut *mut c_char;
    }
    let Ok(ours) = CString::new(format!("{VARIABLE}=1")) else { return };
    // Never freed: it belongs to the process from now on, as do the lists below.
    let ours = ours.into_raw();
    let is_ours = |entry: *mut c_char| {
        // SAFETY: an entry is a string that ends in NUL.
        let text = unsafe { CStr::from_ptr(entry) }.to_bytes();
        text.strip_prefix(VARIABLE.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'='))
    };
    // SAFETY: libc's pointer to its list lives as long as the process and is aligned; every access here is atomic, and a
    // pointer is read and written in one piece by all others.
    let list = unsafe { AtomicPtr::from_ptr(&raw mut environ) };
    loop {
        let before = list.load(Ordering::Acquire);
        let mut entries = vec![ours];
        let mut at = before;
        // SAFETY: the list, where there is one, ends in a null pointer; nobody may free it but by `setenv` in these very
        // microseconds, which no two threads may do at once anyway.
        while let Some(entry) = unsafe { at.as_ref() }.copied().filter(|entry| !entry.is_null()) {
            if !is_ours(entry) {
                entries.push(entry);
            }
            // SAFETY: not beyond the null pointer at its end.
            at = unsafe { at.add(1) };
        }
        entries.push(std::ptr::null_mut());
        let after = entries.leak().as_mut_ptr();
        if list.compare_exchange(before, after, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_set_and_all_others_stay_while_others_read() {
        let others = || std::env::vars_os().filter(|(name, _)| name != VARIABLE).collect::<Vec<_>>();
        let before = others();
        let is_done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
                    // SAFETY: a name that ends in NUL; what is found is not looked into.
                    #[cfg(unix)]
                    assert!(!unsafe { libc::getenv(c"PATH".as_ptr()) }.is_null());
                }
            });
            for _ in 0..200 {
                set();
            }
            is_done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        assert_eq!(std::env::var(VARIABLE).as_deref(), Ok("1"));
        assert_eq!(std::env::vars_os().filter(|(name, _)| name == VARIABLE).count(), 1);
        assert_eq!(others(), before);
        // libc goes on with the list as with its own.
        let child = std::process::Command::new("sh").args(["-c", "echo $ORT_DISABLE_TELEMETRY"]).output();
        #[cfg(unix)]
        assert_eq!(child.expect("sh").stdout, b"1\n");
    }
}
