//! Packages of this checkout, and copies of them to change.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

/// All that the small package of the fixtures consists of.
pub const FILES: [&str; 4] = ["manifest.json", "encoder.onnx", "decoder.onnx", "parity.f32"];

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn shipped(name: &str) -> PathBuf {
    root().join("models").join(name)
}

/// The small package of the fixtures, “echo”: it plays what it heard a hop ago. See `tests/fixtures/make.py`.
pub fn general() -> PathBuf {
    root().join("tests/fixtures/general")
}

/// The one that is asked for a pitch, “tock”, from 200 to 392 Hz.
pub fn granular_pitched() -> PathBuf {
    root().join("tests/fixtures/granular-pitched")
}

/// The grain model of the fixtures, “tick”, with two kinds of hits. See `tests/fixtures/make_granular.py`.
pub fn granular() -> PathBuf {
    root().join("tests/fixtures/granular")
}

/// Copies a package's files without its presets; -> the copy's folder.
pub fn copy(from: &Path, to: &Path) -> PathBuf {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
    to.to_owned()
}

/// A copy under another name, and so another package, in a folder of that name in `models`.
pub fn renamed(from: &Path, models: &Path, name: &str) -> PathBuf {
    let package = copy(from, &models.join(name));
    alter(&package, |manifest| manifest["name"] = name.into());
    package
}

/// Changes a package's manifest.
pub fn alter(package: &Path, change: impl FnOnce(&mut Value)) {
    let path = package.join("manifest.json");
    let mut manifest = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    fs::write(path, serde_json::to_vec(&manifest).unwrap()).unwrap();
}

/// Changes one of a package's files (“encoder”, “parity”), with the hash that its manifest says it has.
pub fn forge(package: &Path, key: &str, bytes: &[u8]) {
    alter(package, |manifest| {
        fs::write(package.join(manifest[key]["file"].as_str().unwrap()), bytes).unwrap();
        manifest[key]["sha256"] = sha256(bytes).into();
    });
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
