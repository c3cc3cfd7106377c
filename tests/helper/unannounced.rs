//! Renders that the host does not announce, beside threads that want the processor too.

use std::time::{Duration, Instant};

use crate::common::rig::{BusyThreads, Rig, format, sound};
use crate::common::sounds::first_difference;
use crate::renders::{RATE_HZ, announced, render};

/// Renders the cello that often beside three busy threads; prints how many are as the announced one.
pub fn busy(renders: usize) {
    let input = sound(3 * 48_000, RATE_HZ);
    let mut rig = Rig::of_models(format(RATE_HZ, 512), "cello", None);
    let expected = announced(&mut rig, &input, 512);
    assert!(expected.iter().any(|sample| sample.abs() > 0.01), "there is something to compare");
    let _neighbours = BusyThreads::start(3);
    let mut equal = 0;
    for run in 0..renders {
        // As a new instance: nothing is known of the host.
        let mut rig = Rig::of_models(format(RATE_HZ, 512), "cello", None);
        rig.restart(false);
        let began = Instant::now();
        let pause = |at: usize| Duration::from_millis(if at == run { 300 } else { 0 });
        let out = render(&mut rig, &input, 512, pause);
        let difference = first_difference(&out, &expected);
        equal += usize::from(difference.is_none());
        println!("render {run}: {:.1} s, first difference {difference:?}", began.elapsed().as_secs_f64());
    }
    println!("{equal} of {renders} equal");
}
