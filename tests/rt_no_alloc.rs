//! No allocation and no free in `process()`, through the plugin's own entry in the bundle.
//!
//! The bundle for tests is built with nice-plug's guard, which aborts the process on the first one: so each render
//! here is a process of its own, and one of them breaks the rule to show that the guard would see it.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

#[path = "common/helper.rs"]
mod helper;

const BREAKS_THE_RULE: &str = "TIMBRELOOM_TEST_ALLOCATES_IN_PROCESS";

const RENDER: &str = "render-without-allocations";

#[test]
fn process_neither_allocates_nor_frees() {
    for mode in ["realtime", "offline"] {
        let said = helper::succeed(helper::task(RENDER).arg(mode));
        assert!(said.contains("rendered all"), "{mode}: {said}");
    }
}

#[test]
fn the_guard_sees_an_allocation_in_process() {
    let output = helper::task(RENDER).arg("offline").env(BREAKS_THE_RULE, "1").output().unwrap();
    assert!(!output.status.success(), "the guard is blind: {}", String::from_utf8_lossy(&output.stdout));
    // The guard aborts. A helper that does not know its task, or panics, ends by itself.
    let is_by_itself = matches!(output.status.code(), Some(2 | 101));
    assert!(!is_by_itself, "not the guard: {}", String::from_utf8_lossy(&output.stderr));
}
