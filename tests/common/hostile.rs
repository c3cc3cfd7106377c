//! Packages with a graph that lies, floods, hangs or crashes; see `tests/fixtures/graphs/make.py`.

use std::fs;
use std::path::{Path, PathBuf};

use super::package::{forge, general, renamed, root, shipped};

/// The fixture of the general stage with another graph in the place of `graph` (`encoder` or `decoder`), named after it.
pub fn package(folder: &Path, graph: &str, fixture: &str) -> PathBuf {
    made(folder, &general(), graph, fixture)
}

/// As [`package`], of a shipped discrete one.
pub fn codes_package(folder: &Path, graph: &str, fixture: &str) -> PathBuf {
    made(folder, &shipped("horn-codes"), graph, fixture)
}

/// What keeps the general stage's fixture from ending, in the place of its encoder.
pub fn endless(folder: &Path) -> PathBuf {
    package(folder, "encoder", "../endless")
}

fn made(folder: &Path, of: &Path, graph: &str, fixture: &str) -> PathBuf {
    let package = renamed(of, folder, fixture.trim_start_matches("../"));
    let graph_file = root().join("tests/fixtures/graphs").join(fixture).with_extension("onnx");
    forge(&package, graph, &fs::read(graph_file).unwrap());
    package
}
