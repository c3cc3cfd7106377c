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

macro_rules! replay_each {
    ($($test:ident: $target:literal, $fresh:ident;)*) => {
        $(#[test]
        fn $test() {
            replay($target, $fresh);
        })*
    };
}

replay_each! {
    manifests: "manifest", FRESH;
    graphs: "graph", FRESH_WITH_MODEL;
    archives: "archive", FRESH;
    states_of_the_effect: "state", FRESH;
    states_of_codes: "codes-state", FRESH;
    states_of_drums: "drums-state", FRESH;
    presets: "preset", FRESH;
    latent_paths: "path", FRESH;
    archives_of_numpy: "npz", FRESH;
    chains: "chain", FRESH;
    paths_of_projects: "path-set", FRESH;
    osc_packets: "osc", FRESH;
    drawn_curves: "csv", FRESH;
    audio_files: "audio", FRESH;
    events_of_the_effect: "events", FRESH_WITH_MODEL;
    events_of_codes: "codes-events", FRESH_WITH_MODEL;
    events_of_drums: "drums-events", FRESH_WITH_MODEL;
}
