//! A worker that is too slow: what is heard, what is told, and how the sound comes back.
//!
//! The tables of `docs/performance.md`: `cargo bench --bench overload`

mod common;
#[path = "common/overload.rs"]
#[allow(dead_code, reason = "the test and the bench need a part of it each")]
mod overload;

use overload::overload;

#[test]
fn an_overload_drops_out_and_says_so_and_the_sound_comes_back_in_its_place() {
    let figures = overload(3.0, 1.5, 2.5);
    assert!(figures.exact < 0.9, "it was no overload: {figures:?}");
    assert!(figures.told.times >= 1 && figures.told.skipped_hops >= 10, "{figures:?}");
    let told = figures.told.sentence().unwrap_or_default();
    assert!(told.contains("dropped out") && told.contains("It needs"), "{told}");
    assert_eq!(figures.latency_before, figures.latency_after);
    assert_eq!(figures.lag_off, 0, "{figures:?}");
    assert!(figures.exact_at_the_end > 0.5, "{figures:?}");
}
