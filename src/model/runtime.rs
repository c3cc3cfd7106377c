//! ONNX Runtime: where its library lies, and the one environment of the process.

use std::path::PathBuf;

use ort::environment::Environment;
use parking_lot::Mutex;

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
pub enum RuntimeError {
    /// No library where one should be.
    #[error(
        "ONNX Runtime ({LIBRARY}) is not there. Looked for: {}. Install Timbreloom again with its resources folder, \
         or set {RUNTIME_VARIABLE} to the library's path.",
        looked.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NotFound {
        /// The files looked for.
        looked: Vec<PathBuf>,
    },
    /// There is one, but it cannot be used.
    #[error(
        "{path}: is not a usable ONNX Runtime, 1.24 or newer is needed ({reason}). Install Timbreloom again, or point {RUNTIME_VARIABLE} to a newer library."
    )]
    Unusable {
        /// The library.
        path: PathBuf,
        /// What the loader says.
        reason: String,
    },
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
    let looked = library_candidates();
    let path = looked.iter().find(|path| path.is_file()).cloned();
    let path = path.ok_or(RuntimeError::NotFound { looked })?;
    let unusable = |reason: String| RuntimeError::Unusable { path: path.clone(), reason };
    // Any other call of ort before this one would panic when the library is missing or too old.
    let builder = ort::init_from(&path).map_err(|e| unusable(e.to_string()))?;
    let made = builder.with_name("timbreloom").with_telemetry(false).build().map_err(|e| unusable(e.to_string()))?;
    *environment = Some(made.clone());
    Ok(made)
}

fn library_candidates() -> Vec<PathBuf> {
    match std::env::var_os(RUNTIME_VARIABLE) {
        // The user's word is final: falling back in silence would hide a wrong path.
        Some(path) if !path.is_empty() => vec![path.into()],
        _ => resource_folders().into_iter().map(|folder| folder.join(LIBRARY)).collect(),
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

/// The file that holds this very code: the plugin's library, or the program.
#[cfg(unix)]
fn own_path() -> Option<PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::os::unix::ffi::OsStrExt;

    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: dladdr only compares the address with the loaded objects and fills `info`, which is large enough.
    let found = unsafe { libc::dladdr(own_path as *const () as *const libc::c_void, info.as_mut_ptr()) };
    // SAFETY: all-zero bytes are a valid Dl_info (null pointers), and dladdr writes valid ones.
    let info = unsafe { info.assume_init() };
    if found == 0 || info.dli_fname.is_null() {
        return std::env::current_exe().ok();
    }
    // SAFETY: dladdr gave a NUL-terminated string that lives as long as the object that holds this code.
    let name = unsafe { CStr::from_ptr(info.dli_fname) };
    let path = PathBuf::from(OsStr::from_bytes(name.to_bytes()));
    path.canonicalize().ok().or_else(|| std::env::current_exe().ok())
}

/// The file that holds this very code: the plugin's library, or the program.
#[cfg(windows)]
fn own_path() -> Option<PathBuf> {
    use std::os::windows::ffi::OsStringExt;
    use windows_sys::Win32::Foundation::HMODULE;
    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, GetModuleFileNameW,
        GetModuleHandleExW,
    };

    let mut module: HMODULE = std::ptr::null_mut();
    let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    // SAFETY: with FROM_ADDRESS the second argument is an address inside the module, here of this function.
    if unsafe { GetModuleHandleExW(flags, own_path as *const () as *const u16, &mut module) } == 0 {
        return std::env::current_exe().ok();
    }
    let mut name = [0u16; 4096];
    // SAFETY: the buffer's length is passed along; the module handle was just obtained.
    let length = unsafe { GetModuleFileNameW(module, name.as_mut_ptr(), name.len() as u32) };
    (length > 0).then(|| PathBuf::from(std::ffi::OsString::from_wide(&name[..length as usize])))
}
