//! No allocation and no free in `process()`, through the plugin's own entry in the bundle.
//!
//! The bundle for tests is built with nice-plug's guard, which aborts the process on the first one: so each render
//! here is a process of its own, and one of them breaks the rule to show that the guard would see it.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

#[path = "common/helper.rs"]
mod helper;

use std::process::Output;

const BREAKS_THE_RULE: &str = "TIMBRELOOM_TEST_ALLOCATES_IN_PROCESS";

fn render_elsewhere(mode: &str, breaks_the_rule: bool) -> Output {
    let mut command = helper::task("render-without-allocations");
    command.arg(mode);
    if breaks_the_rule {
        command.env(BREAKS_THE_RULE, "1");
    }
    command.output().unwrap()
}

#[test]
fn process_neither_allocates_nor_frees() {
    for mode in ["realtime", "offline"] {
        let output = render_elsewhere(mode, false);
        let said = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("rendered all"), "{mode}: {said}\n{complained}");
    }
}

#[test]
fn the_guard_sees_an_allocation_in_process() {
    let output = render_elsewhere("offline", true);
    assert!(!output.status.success(), "the guard is blind: {}", String::from_utf8_lossy(&output.stdout));
    // The guard aborts. A helper that does not know its task, or panics, ends by itself.
    let is_by_itself = matches!(output.status.code(), Some(2 | 101));
    assert!(!is_by_itself, "not the guard: {}", String::from_utf8_lossy(&output.stderr));
}
