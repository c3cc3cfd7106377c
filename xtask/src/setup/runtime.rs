//! ONNX Runtime's library: out of its makers' Python wheel, pinned, and known by its hash.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::python;
use crate::workspace::{Workspace, succeed};

/// Names a library to use instead.
pub(crate) const VARIABLE: &str = "TIMBRELOOM_ORT";

const VERSION: &str = "1.31.1";

/// The name that the plugin looks for.
pub(crate) const FILE: &str = if cfg!(target_os = "windows") {
    "onnxruntime.dll"
} else if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else {
    "libonnxruntime.so"
};

/// A wheel that holds the library of one platform.
struct Wheel {
    os: &'static str,
    arch: &'static str,
    /// The tag that pip knows the platform by.
    tag: &'static str,
    /// The library in the wheel.
    member: &'static str,
    /// Of the library.
    sha256: &'static str,
}

/// Every wheel of this version. The library is the same in the wheels of all Python versions.
const WHEELS: &[Wheel] = &[
    Wheel {
        os: "linux",
        arch: "x86_64",
        tag: "manylinux_2_28_x86_64",
        member: "onnxruntime/capi/libonnxruntime.so.1.31.1",
        sha256: "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
    },
    Wheel {
        os: "linux",
        arch: "aarch64",
        tag: "manylinux_2_28_aarch64",
        member: "onnxruntime/capi/libonnxruntime.so.1.31.1",
        sha256: "8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467",
    },
    Wheel {
        os: "macos",
        arch: "aarch64",
        tag: "macosx_14_0_arm64",
        member: "onnxruntime/capi/libonnxruntime.1.31.1.dylib",
        sha256: "d586cbe89effc085a09d3341b3cfbd5c322517f9d397aeb20814af21433f2b36",
    },
    Wheel {
        os: "windows",
        arch: "x86_64",
        tag: "win_amd64",
        member: "onnxruntime/capi/onnxruntime.dll",
        sha256: "e45f61e50d8650885452be538a00bb14a715e46a1bc3691000ce947e89ed0306",
    },
    Wheel {
        os: "windows",
        arch: "aarch64",
        tag: "win_arm64",
        member: "onnxruntime/capi/onnxruntime.dll",
        sha256: "dc9e2fe646a72829386a24ac9185a7a4e26d7dbe5dc433d41df063603c00bbc7",
    },
];

/// Takes one member out of the only wheel of a folder. Arguments: folder, member, file to write.
const EXTRACT: &str = "import pathlib, sys, zipfile; folder, member, made = sys.argv[1:]; \
    wheel, = pathlib.Path(folder).glob('*.whl'); \
    pathlib.Path(made).write_bytes(zipfile.ZipFile(wheel).read(member))";

/// The library to use: the user's, or the one in `target/onnxruntime`, fetched when it is not there.
pub(crate) fn library(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        let path = PathBuf::from(named);
        if !path.is_file() {
            bail!("{VARIABLE}={}: there is no such file; name an ONNX Runtime library, or unset it", path.display());
        }
        return path.canonicalize().with_context(|| format!("cannot read {}", path.display()));
    }
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let Some(wheel) = WHEELS.iter().find(|wheel| (wheel.os, wheel.arch) == (os, arch)) else {
        bail!(
            "there is no ONNX Runtime {VERSION} for {os} on {arch} to fetch. Build or find one of 1.24 or newer, and \
             name its library in {VARIABLE}."
        );
    };
    let folder = workspace.target.join("onnxruntime");
    let path = folder.join(FILE);
    if hash_of(&path).is_some_and(|found| found == wheel.sha256) {
        return Ok(path);
    }
    fetch(workspace, wheel, &folder, &path)?;
    Ok(path)
}

fn fetch(workspace: &Workspace, wheel: &Wheel, folder: &Path, path: &Path) -> Result<()> {
    let mut pip = python::ready_pip(workspace)?;
    eprintln!("setup: fetching ONNX Runtime {VERSION} for {}", wheel.tag);
    let download = folder.join("download");
    let _ = std::fs::remove_dir_all(&download);
    std::fs::create_dir_all(&download).with_context(|| format!("cannot make {}", download.display()))?;
    // Any Python can fetch the wheel of any other: this one is there for every platform.
    pip.args(["download", "--quiet", "--no-deps", "--only-binary=:all:", "--python-version", "3.12"]);
    pip.args(["--platform", wheel.tag, &format!("onnxruntime=={VERSION}"), "--dest"]).arg(&download);
    succeed(&mut pip, |words| {
        format!(
            "pip could not fetch ONNX Runtime {VERSION} ({words}). Check the network and run this again, or name a library \
             of 1.24 or newer in {VARIABLE}."
        )
    })?;
    let fresh = download.join(FILE);
    let mut extract = Command::new(workspace.python());
    extract.args(["-c", EXTRACT]).arg(&download).arg(wheel.member).arg(&fresh);
    succeed(&mut extract, |words| {
        format!("the wheel of ONNX Runtime {VERSION} does not hold {} ({words})", wheel.member)
    })?;
    let found = hash_of(&fresh).unwrap_or_default();
    if found != wheel.sha256 {
        bail!(
            "the ONNX Runtime {VERSION} that came has the SHA-256 {found}, but {} is expected: it was changed on its \
             way, and is not used. Run this again on another network, or name a library in {VARIABLE}.",
            wheel.sha256
        );
    }
    std::fs::rename(&fresh, path).with_context(|| format!("cannot write {}", path.display()))?;
    let _ = std::fs::remove_dir_all(&download);
    Ok(())
}

fn hash_of(path: &Path) -> Option<String> {
    std::fs::read(path).ok().map(|bytes| format!("{:x}", Sha256::digest(&bytes)))
}
