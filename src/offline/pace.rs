//! Whether the host is ahead of real time: some render without saying so.
//!
//! Waiting uses the lead up, so a worker slower than real time ends the waiting. A host that was held up and makes up for it
//! by calling at once is late and not ahead: if it were waited for then, it would be late again, and so on for ever.

use std::time::Instant;

/// A host that plays is ahead by its own jitter and, where its block is handed over in parts, by the rest of the block; one
/// that renders, by all that it has rendered. Seconds.
const AHEAD_S: f64 = 0.010;

/// Share of a block's duration that counts: the host's clock may run faster than ours, which is no lead.
const SLACK: f64 = 0.999;

/// A host that does not call for so long was not held up but has stopped, and owes nothing, seconds.
const STOPPED_S: f64 = 1.0;

/// Share of a lead or a debt that is let go in a second of calls. A host that plays soon has neither: what it handed over at
/// once when it started, a slow clock and an old hiccup are forgotten. That of one that renders grows faster.
const FORGOTTEN_PER_S: f64 = 1.0;

/// Compares what the host asks for with the time that passes.
#[derive(Clone, Debug)]
pub struct Pace {
    rate_hz: f64,
    /// What a lead has to exceed, seconds.
    ahead_s: f64,
    /// How much sooner the last block came than a host that plays would give it, seconds; negative: later.
    lead_s: f64,
    /// When it came, and how long it was, seconds; `None` before the first one.
    last: Option<(Instant, f64)>,
}

impl Pace {
    /// Before the first block, of at most `max_block_frames`.
    pub fn new(rate_hz: f64, max_block_frames: usize) -> Self {
        Self { rate_hz, ahead_s: AHEAD_S + max_block_frames as f64 / rate_hz, lead_s: 0.0, last: None }
    }

    /// A stream begins anew.
    pub fn reset(&mut self) {
        self.lead_s = 0.0;
        self.last = None;
    }

    /// The host gives a block of this many frames, now; or a part of one, whose other parts follow at once.
    pub fn count(&mut self, frames: usize, now: Instant) {
        let block_s = frames as f64 / self.rate_hz;
        if let Some((called, last_s)) = self.last {
            let since_s = now.saturating_duration_since(called).as_secs_f64();
            let lead_s = self.lead_s + SLACK * last_s - since_s;
            // Only time that was played counts: nothing is forgotten in a hiccup, nor while it is made up for.
            let kept = 1.0 - (FORGOTTEN_PER_S * since_s.min(block_s)).min(1.0);
            self.lead_s = if lead_s < -STOPPED_S { 0.0 } else { lead_s * kept };
        }
        self.last = Some((now, block_s));
    }

    /// Whether this block came before its time: then nobody is listening.
    pub fn is_ahead(&self) -> bool {
        self.lead_s >= self.ahead_s
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const RATE_HZ: f64 = 48_000.0;
    const BLOCK: usize = 480;

    /// Blocks that come at the given distance. Whether the host was found ahead at each of them.
    fn blocks(every: Duration, count: usize) -> Vec<bool> {
        let (mut pace, began) = (Pace::new(RATE_HZ, BLOCK), Instant::now());
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
        assert_eq!(found[..3], [false; 3]);
        assert!(found[3..].iter().all(|is_ahead| *is_ahead));
    }

    #[test]
    fn a_host_that_plays_is_not_ahead_where_automation_and_controllers_split_its_blocks() {
        let block = Duration::from_secs_f64(1024.0 / RATE_HZ);
        for parts in [&[600, 424][..], &[1023, 1], &[1; 1024], &[500, 300, 0, 200, 24]] {
            let (mut pace, began) = (Pace::new(RATE_HZ, 1024), Instant::now());
            for n in 0..2000u32 {
                for &frames in parts {
                    pace.count(frames, began + block * n);
                    assert!(!pace.is_ahead(), "block {n} of {:?}", &parts[..parts.len().min(5)]);
                }
            }
        }
    }

    #[test]
    fn a_host_that_was_held_up_and_calls_at_once_is_not_waited_for() {
        // In the host's time: a block is given when it is due and the one before is done. Some take long for the host's own
        // reasons; one that is waited for takes as long as a model needs that is three times too slow.
        let block = Duration::from_micros(11_610);
        for hiccup_ms in [15, 30, 100, 400] {
            let (mut pace, began) = (Pace::new(44_100.0, 512), Instant::now());
            let (mut free_at, mut waits) = (began, 0);
            for n in 0..2000u32 {
                let now = free_at.max(began + block * n);
                pace.count(512, now);
                waits += u32::from(pace.is_ahead());
                let took = if pace.is_ahead() { Duration::from_millis(35) } else { Duration::from_micros(200) };
                let held_up = if n % 500 == 100 { Duration::from_millis(hiccup_ms) } else { Duration::ZERO };
                free_at = now + took + held_up;
            }
            assert_eq!(waits, 0, "held up for {hiccup_ms} ms");
        }
    }

    #[test]
    fn a_host_that_plays_and_handed_several_blocks_over_at_its_start_is_not_ahead_for_long() {
        let (mut pace, began) = (Pace::new(RATE_HZ, BLOCK), Instant::now());
        for n in 0..1000u32 {
            pace.count(BLOCK, began + Duration::from_millis(10) * n.saturating_sub(4));
            assert!(!pace.is_ahead() || n < 200, "block {n}");
        }
    }

    #[test]
    fn a_host_that_had_stopped_and_now_renders_is_ahead_at_once() {
        let (mut pace, began) = (Pace::new(RATE_HZ, BLOCK), Instant::now());
        let played = Duration::from_micros(10_010);
        for n in 0..500 {
            pace.count(BLOCK, began + played * n);
        }
        for pause in [Duration::from_millis(10), Duration::from_secs(3)] {
            let again = began + played * 500 + pause;
            let found: Vec<bool> = (0..10)
                .map(|n| {
                    let mut pace = pace.clone();
                    for m in 0..=n {
                        pace.count(BLOCK, again + Duration::from_micros(100) * m);
                    }
                    pace.is_ahead()
                })
                .collect();
            assert!(found[4..].iter().all(|is_ahead| *is_ahead), "{found:?} after a pause of {pause:?}");
        }
    }

    #[test]
    fn a_host_that_plays_again_is_found_out() {
        let (mut pace, began) = (Pace::new(RATE_HZ, BLOCK), Instant::now());
        for _ in 0..100 {
            pace.count(BLOCK, began);
        }
        let much_later = began + Duration::from_secs(5);
        pace.count(BLOCK, much_later);
        assert!(!pace.is_ahead());
    }
}
