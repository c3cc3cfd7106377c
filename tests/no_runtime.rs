//! Without a usable ONNX Runtime the plugin loads, passes dry sound and never panics; the program says what to do.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::process::{Command, Output};

use test_host::{Format, Library, Pace, Render, bundle};

const RENDERS: &str = "TIMBRELOOM_TEST_RENDERS_DRY";
const RUNTIME: &str = "TIMBRELOOM_ORT";

/// Libraries that are none: not there, and not a library.
fn unusable() -> [String; 2] {
    let root = env!("CARGO_MANIFEST_DIR");
    [format!("{root}/nowhere/libonnxruntime.so"), format!("{root}/Cargo.toml")]
}

/// Does nothing as a test of its own: another one starts it as a process, with an unusable library.
#[test]
fn renders_dry_when_told_to() {
    if std::env::var_os(RENDERS).is_none() {
        return;
    }
    let mut plugin = Library::load(&bundle()).unwrap().instantiate("org.timbreloom.effect").unwrap();
    plugin.set_render(Render::Offline).unwrap();
    plugin.activate(Format { rate_hz: 48_000.0, min_block_frames: 1, max_block_frames: 512 }).unwrap();
    let latency = plugin.latency_frames().unwrap();
    let sound: Vec<f32> = (0..10_000).map(|n| (n as f32 * 0.02).sin() * 0.2).collect();
    let input = vec![sound.clone(), sound];
    let output = plugin.render(&input, &mut std::iter::repeat(512), &[], Pace::Hurry).unwrap();
    assert!(output[0][latency..] == input[0][..10_000 - latency], "dry sound passes unchanged");
    println!("rendered dry");
}

#[test]
fn the_plugin_passes_dry_sound() {
    for library in unusable() {
        let output: Output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "renders_dry_when_told_to", "--nocapture"])
            .env(RENDERS, "1")
            .env(RUNTIME, &library)
            .output()
            .unwrap();
        let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && said.contains("rendered dry"), "{library}: {said}\n{complained}");
    }
}

#[test]
fn the_program_names_the_library_and_what_to_do() {
    for library in unusable() {
        let output = Command::new(env!("CARGO_BIN_EXE_timbreloom"))
            .args(["check", concat!(env!("CARGO_MANIFEST_DIR"), "/models/cello")])
            .env(RUNTIME, &library)
            .output()
            .unwrap();
        let complained = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{complained}");
        assert!(complained.contains(&library) && complained.contains(RUNTIME), "{complained}");
    }
}
