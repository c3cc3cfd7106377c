//! Without a usable ONNX Runtime the plugin loads, passes dry sound and never panics; the program says what to do.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

#[path = "common/helper.rs"]
mod helper;
#[path = "common/program.rs"]
mod program;

use program::program;

const RUNTIME: &str = "TIMBRELOOM_ORT";

/// Libraries that are none: not there, and not a library.
fn unusable() -> [String; 2] {
    let root = env!("CARGO_MANIFEST_DIR");
    [format!("{root}/nowhere/libonnxruntime.so"), format!("{root}/Cargo.toml")]
}

#[test]
fn the_plugin_passes_dry_sound() {
    for library in unusable() {
        let said = helper::succeed(helper::task("render-dry").env(RUNTIME, &library));
        assert!(said.contains("rendered dry"), "{library}: {said}");
    }
}

#[test]
fn the_program_names_the_library_and_what_to_do() {
    for library in unusable() {
        let output = program().args(["check", "cello"]).env(RUNTIME, &library).output().unwrap();
        let complained = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{complained}");
        assert!(complained.contains(&library) && complained.contains(RUNTIME), "{complained}");
    }
}
