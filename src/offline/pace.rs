//! Whether the host is ahead of real time: some render without saying so.
//!
//! Waiting uses the lead up: a host that plays and hands over several blocks in a burst is never held up by more than it
//! was ahead, and a worker slower than real time ends the waiting.

use std::time::{Duration, Instant};

/// A host that plays is ahead by its own jitter; one that renders, by all that it has rendered.
const AHEAD: Duration = Duration::from_millis(10);

/// Share of a block's duration that counts: the host's clock may run faster than ours, which is no lead.
const SLACK: f64 = 0.999;

/// Compares what the host asks for with the time that passes.
#[derive(Debug)]
pub struct Pace {
    rate_hz: f64,
    /// When a host that plays would give the next block; `None` before the first one.
    due: Option<Instant>,
    is_ahead: bool,
}

impl Pace {
    /// Before the first block.
    pub fn new(rate_hz: f64) -> Self {
        Self { rate_hz, due: None, is_ahead: false }
    }

    /// A stream begins anew.
    pub fn reset(&mut self) {
        self.due = None;
        self.is_ahead = false;
    }

    /// The host gives a block of this many frames, now.
    pub fn count(&mut self, frames: usize, now: Instant) {
        let due = self.due.map_or(now, |due| due.max(now));
        self.is_ahead = due.duration_since(now) >= AHEAD;
        self.due = Some(due + Duration::from_secs_f64(SLACK * frames as f64 / self.rate_hz));
    }

    /// Whether this block came before its time: then nobody is listening.
    pub fn is_ahead(&self) -> bool {
        self.is_ahead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 48_000.0;
    const BLOCK: usize = 480;

    /// Blocks that come at the given distance. Whether the host was found ahead at each of them.
    fn blocks(every: Duration, count: usize) -> Vec<bool> {
        let (mut pace, began) = (Pace::new(RATE_HZ), Instant::now());
        (0..count as u32)
            .map(|block| {
                pace.count(BLOCK, began + every * block);
                pace.is_ahead()
            })
            .collect()
    }

    #[test]
    fn a_host_that_plays_is_never_ahead_even_by_a_fast_clock() {
        assert!(blocks(Duration::from_micros(9_995), 60_000).iter().all(|is_ahead| !is_ahead));
    }

    #[test]
    fn a_host_that_renders_is_ahead_once_it_has_asked_for_more_than_time_has_passed() {
        let found = blocks(Duration::from_millis(1), 10);
        assert_eq!(found[..2], [false, false]);
        assert!(found[2..].iter().all(|is_ahead| *is_ahead));
    }

    #[test]
    fn a_host_that_plays_again_is_found_out() {
        let (mut pace, began) = (Pace::new(RATE_HZ), Instant::now());
        for _ in 0..100 {
            pace.count(BLOCK, began);
        }
        let much_later = began + Duration::from_secs(5);
        pace.count(BLOCK, much_later);
        assert!(!pace.is_ahead());
    }
}
