//! Hostile files and notes. Each target reads a case as an attacker's file and must answer with a result or an error: no panic,
//! no abort, no hang, no unbounded memory.
//!
//! `cargo xtask test` replays the stored cases of `tests/fixtures/fuzz` and a few hundred new ones; `cargo xtask fuzz` starts
//! `tests/fuzz/program.rs` again and again in processes with limits, guided by coverage. `docs/security.md`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

#[path = "fuzz/cases.rs"]
mod cases;
mod common;
#[path = "fuzz/json.rs"]
mod json;
#[path = "fuzz/mutate.rs"]
mod mutate;
#[path = "fuzz/replay.rs"]
mod replay;
#[path = "fuzz/targets.rs"]
mod targets;
#[path = "fuzz/wire.rs"]
mod wire;

use replay::replay;

/// New cases that each replay makes besides the stored ones; where a case loads a model, fewer.
const FRESH: usize = 300;
const FRESH_WITH_MODEL: usize = 20;

#[test]
fn manifests() {
    replay("manifest", FRESH);
}

#[test]
fn graphs() {
    replay("graph", FRESH_WITH_MODEL);
}

#[test]
fn archives() {
    replay("archive", FRESH);
}

#[test]
fn states_of_the_effect() {
    replay("state", FRESH);
}

#[test]
fn states_of_codes() {
    replay("codes-state", FRESH);
}

#[test]
fn presets() {
    replay("preset", FRESH);
}

#[test]
fn latent_paths() {
    replay("path", FRESH);
}

#[test]
fn drawn_curves() {
    replay("csv", FRESH);
}

#[test]
fn audio_files() {
    replay("audio", FRESH);
}

#[test]
fn events_of_the_effect() {
    replay("events", FRESH_WITH_MODEL);
}

#[test]
fn events_of_codes() {
    replay("codes-events", FRESH_WITH_MODEL);
}
