//! How the audio thread waits for the worker: bounded, and only for a host that is in no hurry.

use std::time::{Duration, Instant};

/// No model takes this long for a hop or to load; one that does has died, and the host must not hang with it.
pub const LIMIT: Duration = Duration::from_secs(20);

/// A hop is often there within this time: until then only the turn is given up, since a sleep takes longer than asked.
const RESTLESS: Duration = Duration::from_micros(600);

/// Pauses between two turns given up: some 5 us.
const PAUSES: u32 = 100;

/// Sleep between two looks after that: a twentieth of what a hop takes to compute.
const NAP: Duration = Duration::from_micros(50);

/// Waits some microseconds without leaving the processor to the kernel, as easy as can be on the other half of a shared core:
/// the worker may be computing there. Then gives the turn to whoever wants it.
pub fn breathe() {
    for _ in 0..PAUSES {
        std::hint::spin_loop();
    }
    std::thread::yield_now();
}

/// Waits until `is_over` says so, at most for `limit`. How long it took; no time is read where it is over already.
pub fn wait(limit: Duration, mut is_over: impl FnMut() -> bool) -> Duration {
    if is_over() {
        return Duration::ZERO;
    }
    let began = Instant::now();
    loop {
        let waited = began.elapsed();
        if waited >= limit || is_over() {
            return waited;
        }
        if waited < RESTLESS {
            breathe();
        } else {
            #[expect(clippy::disallowed_methods, reason = "a host that waits for the sound is in no hurry")]
            std::thread::sleep(NAP);
        }
    }
}
