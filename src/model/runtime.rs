//! ONNX Runtime: where its library lies, and the one environment of the process.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ort::environment::Environment;
use parking_lot::Mutex;

use super::privacy;

/// Names another ONNX Runtime library than the bundled one.
pub const RUNTIME_VARIABLE: &str = "TIMBRELOOM_ORT";

#[cfg(target_os = "windows")]
const LIBRARY: &str = "onnxruntime.dll";
#[cfg(target_os = "macos")]
const LIBRARY: &str = "libonnxruntime.dylib";
#[cfg(not(any(target_os = "windows", target_os = "macos")))]
const LIBRARY: &str = "libonnxruntime.so";

/// Why there is no ONNX Runtime.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum RuntimeError {
    #[error(
        "ONNX Runtime ({LIBRARY}) is not there. Looked for: {}. Install Timbreloom again with its resources folder, \
         or set {RUNTIME_VARIABLE} to the library's path.",
        looked.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NotFound { looked: Vec<PathBuf> },
    #[error(
        "{RUNTIME_VARIABLE}={}: this is not the library's whole path, and none is looked for in the current folder. \
         Give a path that begins at the root, or unset the variable.",
        .0.display()
    )]
    NotAbsolute(PathBuf),
    #[error(
        "{path}: is not a usable ONNX Runtime, 1.24 or newer is needed ({reason}). Install Timbreloom again, or point {RUNTIME_VARIABLE} to a newer library."
    )]
    Unusable { path: PathBuf, reason: String },
}

static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);

/// The process's environment; loads the library on the first call. May be called again after an error. Blocks.
///
/// # Errors
/// When no usable library is found.
pub fn environment() -> Result<Environment, RuntimeError> {
    let mut environment = ENVIRONMENT.lock();
    if let Some(environment) = environment.as_ref() {
        return Ok(environment.clone());
    }
    let path = library()?;
    let unusable = |reason: String| RuntimeError::Unusable { path: path.clone(), reason };
    privacy::forbid_telemetry();
    // Any other call of ort before this one would panic when the library is missing or too old.
    let builder = ort::init_from(&path).map_err(|e| unusable(e.to_string()))?;
    let made = builder.with_name("timbreloom").with_telemetry(false).build().map_err(|e| unusable(e.to_string()))?;
    *environment = Some(made.clone());
    Ok(made)
}

/// Where the library lies.
pub(super) fn library() -> Result<PathBuf, RuntimeError> {
    let looked = library_candidates()?;
    let path = looked.iter().find(|path| path.is_file()).cloned();
    path.ok_or(RuntimeError::NotFound { looked })
}

fn library_candidates() -> Result<Vec<PathBuf>, RuntimeError> {
    let named = std::env::var_os(RUNTIME_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    match named {
        // The user's word is final: falling back in silence would hide a wrong path.
        Some(path) if path.is_absolute() => Ok(vec![path]),
        // A DAW's current folder is anywhere, and code from there is anyone's.
        Some(path) => Err(RuntimeError::NotAbsolute(path)),
        None => Ok(resource_folders().into_iter().map(|folder| folder.join(LIBRARY)).collect()),
    }
}

/// Folders that may hold what ships with the plugin, most particular first.
///
/// VST3: `Timbreloom.vst3/Contents/Resources`; CLAP and the program: `timbreloom-resources` beside the file; built
/// from source: `target/onnxruntime` and the repository itself.
pub fn resource_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(own) = own_path()
        && let Some(folder) = own.parent()
    {
        folders.push(folder.join("timbreloom-resources"));
        if let Some(contents) = folder.parent() {
            folders.push(contents.join("Resources"));
        }
        // target/{debug,release}[/deps] of a checkout
        for above in folder.ancestors().take(4) {
            if above.file_name().is_some_and(|name| name == "target") {
                folders.push(above.join("onnxruntime"));
                folders.extend(above.parent().map(PathBuf::from));
            }
        }
    }
    folders
}

/// The file that holds this very code, the plugin's library or the program, by its whole name. Never one that somebody
/// else gave it: `argv[0]` is the caller's, and a relative name means another file in every folder.
fn own_path() -> Option<&'static Path> {
    static OWN: OnceLock<Option<PathBuf>> = OnceLock::new();
    OWN.get_or_init(|| {
        let own = loaded_from().or_else(|| std::env::current_exe().ok())?;
        own.is_absolute().then(|| own.canonicalize().unwrap_or(own))
    })
    .as_deref()
}

/// The file that the system has loaded this code from, by the system's own account.
#[cfg(target_os = "linux")]
fn loaded_from() -> Option<PathBuf> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let here = loaded_from as *const () as usize;
    // Not dladdr: it gives the name that the loader was given, for a program `argv[0]`.
    let maps = std::fs::read("/proc/self/maps").ok()?;
    maps.split(|byte| *byte == b'\n')
        .find_map(|line| mapped_file(line, here))
        .map(|name| OsStr::from_bytes(name).into())
}

/// The file of a line of `/proc/self/maps`, if its range has this address.
#[cfg(target_os = "linux")]
fn mapped_file(line: &[u8], address: usize) -> Option<&[u8]> {
    // Range, rights, offset, device, inode, and the name, which may have spaces.
    let mut parts = line.splitn(6, |byte| *byte == b' ');
    let (start, end) = std::str::from_utf8(parts.next()?).ok()?.split_once('-')?;
    let number = |digits| usize::from_str_radix(digits, 16).ok();
    if !(number(start)?..number(end)?).contains(&address) {
        return None;
    }
    let name = parts.nth(4)?.trim_ascii_start();
    // Replaced while it runs, as by an update: what it brings along is still beside it.
    let name = name.strip_suffix(b" (deleted)").unwrap_or(name);
    name.starts_with(b"/").then_some(name)
}

/// The file that the system has loaded this code from, where it gives the whole name.
#[cfg(all(unix, not(target_os = "linux")))]
fn loaded_from() -> Option<PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::os::unix::ffi::OsStrExt;

    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: dladdr only compares the address with the loaded objects and fills `info`, which is large enough.
    let found = unsafe { libc::dladdr(loaded_from as *const () as *const libc::c_void, info.as_mut_ptr()) };
    // SAFETY: all-zero bytes are a valid Dl_info (null pointers), and dladdr writes valid ones.
    let info = unsafe { info.assume_init() };
    if found == 0 || info.dli_fname.is_null() {
        return None;
    }
    // SAFETY: dladdr gave a NUL-terminated string that lives as long as the object that holds this code.
    let name = unsafe { CStr::from_ptr(info.dli_fname) };
    Some(PathBuf::from(OsStr::from_bytes(name.to_bytes()))).filter(|path| path.is_absolute())
}

/// The file that the system has loaded this code from.
#[cfg(windows)]
fn loaded_from() -> Option<PathBuf> {
    use std::os::windows::ffi::OsStringExt;
    use windows_sys::Win32::Foundation::HMODULE;
    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, GetModuleFileNameW,
        GetModuleHandleExW,
    };

    let mut module: HMODULE = std::ptr::null_mut();
    let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    // SAFETY: with FROM_ADDRESS the second argument is an address inside the module, here of this function.
    if unsafe { GetModuleHandleExW(flags, loaded_from as *const () as *const u16, &mut module) } == 0 {
        return None;
    }
    let mut name = [0u16; 4096];
    // SAFETY: the buffer's length is passed along; the module handle was just obtained.
    let length = unsafe { GetModuleFileNameW(module, name.as_mut_ptr(), name.len() as u32) };
    (length > 0).then(|| PathBuf::from(std::ffi::OsString::from_wide(&name[..length as usize])))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_systems_account_names_the_file_whatever_its_name() {
        let line = |name: &str| format!("7f00-7f80 r-xp 00001000 08:01 4242   {name}");
        let file = |name: &str| mapped_file(line(name).as_bytes(), 0x7f10).map(|found| found.to_owned());
        assert_eq!(file("/a b/c  d.clap").as_deref(), Some(&b"/a b/c  d.clap"[..]));
        assert_eq!(file("/a/b.clap (deleted)").as_deref(), Some(&b"/a/b.clap"[..]));
        for none in ["", "[vdso]", "timbreloom", "./timbreloom"] {
            assert_eq!(file(none), None, "{none}");
        }
        for outside in [0x7eff, 0x7f80] {
            assert_eq!(mapped_file(line("/a").as_bytes(), outside), None);
        }
        assert_eq!(mapped_file(b"", 0), None);
    }

    #[test]
    fn the_own_place_is_this_program() {
        assert_eq!(own_path(), std::env::current_exe().ok().as_deref());
    }
}
