//! The package that most of these tests pack.

use std::fs;
use std::path::{Path, PathBuf};

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A small package of 8 dimensions; see `tests/fixtures/make.py`.
pub fn echo() -> PathBuf {
    root().join("tests").join("fixtures").join("general")
}

pub const FILES: [&str; 4] = ["manifest.json", "encoder.onnx", "decoder.onnx", "parity.f32"];

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in FILES {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}
