//! Tries what was found before.

use fastrand::Rng;

use crate::cases::{MOST_GROWTH, peak_bytes, stored, stored_folder};
use crate::targets::target;

/// The stored cases of a target, its seeds, and some new ones that are the same each time: none may panic.
pub fn replay(name: &str, fresh: usize) {
    let scratch = tempfile::tempdir().unwrap();
    let mut target = target(name, scratch.path());
    let seeds = target.seeds();
    let cases: Vec<Vec<u8>> = seeds.into_iter().chain(stored(&stored_folder(name))).collect();
    for case in &cases {
        let before = peak_bytes();
        target.attack(case);
        assert!(peak_bytes() - before < MOST_GROWTH, "{} MB at once", (peak_bytes() - before) >> 20);
    }
    let mut random = Rng::with_seed(16);
    for _ in 0..fresh {
        let case = target.mutate(&cases[random.usize(..cases.len())], &mut random);
        target.attack(&case);
    }
}
