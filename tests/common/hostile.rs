//! Packages with a graph that lies, floods, hangs or crashes; see `tests/fixtures/graphs/make.py`.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The fixture of the general stage with another graph in the place of `graph` (`encoder` or `decoder`), named after it.
pub fn package(folder: &Path, graph: &str, fixture: &str) -> PathBuf {
    made(folder, &root().join("tests/fixtures/general"), graph, fixture)
}

/// As [`package`], of a shipped discrete one.
pub fn codes_package(folder: &Path, graph: &str, fixture: &str) -> PathBuf {
    made(folder, &root().join("models/horn-codes"), graph, fixture)
}

fn made(folder: &Path, of: &Path, graph: &str, fixture: &str) -> PathBuf {
    let name = fixture.trim_start_matches("../");
    let package = folder.join(name);
    fs::create_dir_all(&package).unwrap();
    for entry in fs::read_dir(of).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), package.join(entry.file_name())).unwrap();
    }
    let bytes = fs::read(root().join("tests/fixtures/graphs").join(fixture).with_extension("onnx")).unwrap();
    let hash = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    fs::write(package.join(graph).with_extension("onnx"), bytes).unwrap();
    alter(&package, |manifest| {
        manifest["name"] = name.into();
        manifest[graph]["sha256"] = hash.into();
    });
    package
}

/// Changes a package's manifest.
pub fn alter(package: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    let path = package.join("manifest.json");
    let mut manifest = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    fs::write(path, serde_json::to_vec(&manifest).unwrap()).unwrap();
}
