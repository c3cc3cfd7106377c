//! Many instances in one process, and one after the other.

use test_host::Instance;

use crate::common::plugin::{EFFECT, activate, offline, play};
use crate::common::sounds::{assert_same, sung};

/// Resident memory of this process, MB; `None` where there is no /proc.
fn resident_mb() -> Option<f64> {
    let pages: f64 = std::fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096.0 / 1e6)
}

pub fn thirty_two() {
    let input = sung(12_000);
    let round = || {
        let mut plugins: Vec<Instance> = (0..32).map(|_| offline(EFFECT)).collect();
        for plugin in &mut plugins {
            activate(plugin, 512);
        }
        let sounds: Vec<_> = plugins.iter_mut().map(|plugin| play(plugin, &input, &[])).collect();
        for sound in &sounds {
            assert_same(sound, &sounds[0], "an instance among 32");
        }
        for plugin in &mut plugins {
            assert!(!plugin.save_state().unwrap().is_empty());
        }
        let during = resident_mb();
        drop(plugins);
        (during, resident_mb())
    };
    round();
    let (during, first) = round();
    round();
    round();
    let (_, later) = round();
    if let (Some(during), Some(first), Some(later)) = (during, first, later) {
        println!("32 instances: {during:.0} MB resident, {first:.0} MB after them, {later:.0} MB three rounds later");
        assert!(later < first + 8.0, "{first:.0} MB after the second round, {later:.0} MB after the fifth");
    }
}

/// The library is loaded with each instance, and unloaded after it.
pub fn one_after_the_other() {
    let sounds = [(); 3].map(|()| {
        let mut plugin = offline(EFFECT);
        activate(&mut plugin, 512);
        play(&mut plugin, &sung(24_000), &[])
    });
    assert_same(&sounds[1], &sounds[0], "the second time");
    assert_same(&sounds[2], &sounds[0], "the third time");
}
