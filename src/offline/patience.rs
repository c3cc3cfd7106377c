//! How a bounce waits for the worker: bounded, and only when the host said that it is in no hurry.

use std::time::{Duration, Instant};

/// No model takes this long for a hop or to load; one that does has died, and the host must not hang with it.
const LIMIT: Duration = Duration::from_secs(20);

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

/// A bounded wait that is not repeated once it was in vain.
#[derive(Debug, Default)]
pub struct Patience {
    is_lost: bool,
}

impl Patience {
    /// Waits until `is_over` says so. False when it never did; from then on every wait returns at once.
    pub fn wait(&mut self, mut is_over: impl FnMut() -> bool) -> bool {
        if is_over() {
            return true;
        }
        if self.is_lost {
            return false;
        }
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            if began.elapsed() < RESTLESS {
                breathe();
            } else {
                std::thread::sleep(NAP);
            }
            if is_over() {
                return true;
            }
        }
        self.is_lost = true;
        false
    }

    /// A new stream deserves new patience.
    pub fn renew(&mut self) {
        self.is_lost = false;
    }
}
