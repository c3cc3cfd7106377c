//! Five times a second: what was lost, and whether the session answers for it or the machine does.
//!
//! This is a thread of its own, so that no deed of the main thread stretches what is judged at once.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::RATE_HZ;
use super::audio::Counts;
use super::watch::Ticks;
use super::witness::{Disturbance, Witness};

/// What is judged at once.
const SPAN: Duration = Duration::from_millis(200);

/// Spans after a disturbed one in which it may still be heard: what waited meanwhile is made up for, and what came too late is
/// covered after the latency, with a fade.
const ECHO_SPANS: usize = 5;

/// Spans over which processor time is counted: it is told in hundredths of a second.
const SHARE_SPANS: usize = 5;

/// Above this share of the processors' time, taken by other programs, a span is not quiet.
const QUIET_SHARE: f64 = 0.1;

/// Above this share of a processor, the session's own real-time threads stop whatever else runs there, a witness too.
const FULL_SHARE: f64 = 0.9;

/// What went on around a span.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Surroundings {
    /// Of the processors' time, taken by other programs.
    pub(super) others_share: f64,
    /// Of a processor's time, taken by the session's own real-time threads: on average, or by the busiest if that is more.
    pub(super) urgent_share: f64,
    /// Whether the machine's host took a processor away.
    pub(super) is_stolen: bool,
    pub(super) disturbance: Disturbance,
}

impl Surroundings {
    fn is_quiet(self) -> bool {
        // The session's own threads stop the witness where they fill a processor, but do not slow its work.
        let is_stalled = self.disturbance.is_stall() && self.urgent_share < FULL_SHARE;
        self.others_share < QUIET_SHARE && !self.is_stolen && !is_stalled && !self.disturbance.is_slow()
    }
}

/// What went wrong in time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Losses {
    pub(super) seconds: f64,
    pub(super) dropouts: u64,
    pub(super) lost_ms: f64,
    pub(super) late_blocks: u64,
}

impl std::ops::AddAssign for Losses {
    fn add_assign(&mut self, other: Self) {
        self.seconds += other.seconds;
        self.dropouts += other.dropouts;
        self.lost_ms += other.lost_ms;
        self.late_blocks += other.late_blocks;
    }
}

/// What was lost while nothing else disturbed, and else.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Judged {
    pub(super) quiet: Losses,
    pub(super) disturbed: Losses,
    pub(super) worst: Disturbance,
}

impl std::ops::AddAssign for Judged {
    fn add_assign(&mut self, other: Self) {
        self.quiet += other.quiet;
        self.disturbed += other.disturbed;
        self.worst = self.worst.worse(other.worst);
    }
}

/// Sorts what was lost by what went on, span by span.
struct Sorter {
    sum: Judged,
    /// Spans that a disturbance may still be heard in. Nothing is known of what was before the first.
    echo: usize,
}

impl Default for Sorter {
    fn default() -> Self {
        Self { sum: Judged::default(), echo: ECHO_SPANS }
    }
}

impl Sorter {
    /// -> whether the session answers for it.
    fn enter(&mut self, losses: Losses, surroundings: Surroundings) -> bool {
        if !surroundings.is_quiet() {
            self.echo = ECHO_SPANS + 1;
        }
        let is_quiet = self.echo == 0;
        *(if is_quiet { &mut self.sum.quiet } else { &mut self.sum.disturbed }) += losses;
        self.sum.worst = self.sum.worst.worse(surroundings.disturbance);
        self.echo = self.echo.saturating_sub(1);
        is_quiet
    }
}

/// A thread; it ends when this is dropped.
pub(super) struct Judge {
    sorter: Arc<Mutex<Sorter>>,
    has_ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Judge {
    /// `helper`: a process that works for the session, and is counted with it.
    pub(super) fn start(counts: Arc<Counts>, witness: Witness, helper: Option<u32>) -> io::Result<Self> {
        let (sorter, has_ended) = (Arc::default(), Arc::default());
        let (theirs, ended) = (Arc::clone(&sorter), Arc::clone(&has_ended));
        let thread = std::thread::Builder::new().name("soak-judge".into());
        let thread = thread.spawn(move || judge(&counts, &witness, helper, &theirs, &ended))?;
        Ok(Self { sorter, has_ended, thread: Some(thread) })
    }

    /// What was found since the last time.
    pub(super) fn take(&self) -> Judged {
        std::mem::take(&mut self.sorter.lock().unwrap_or_else(PoisonError::into_inner).sum)
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn judge(counts: &Counts, witness: &Witness, helper: Option<u32>, sorter: &Mutex<Sorter>, has_ended: &AtomicBool) {
    let mut earlier = VecDeque::from([Ticks::now(helper)]);
    let mut began = Instant::now();
    while !has_ended.load(Ordering::Relaxed) {
        std::thread::sleep(SPAN);
        // First what was lost, then why: what the witness sees in between excuses at the most too much.
        let losses = Losses {
            seconds: began.elapsed().as_secs_f64(),
            dropouts: taken(&counts.dropouts),
            lost_ms: taken(&counts.lost_frames) as f64 / RATE_HZ * 1e3,
            late_blocks: taken(&counts.late_blocks),
        };
        began = Instant::now();
        let disturbance = witness.take();
        let ticks = Ticks::now(helper);
        let shares = ticks.shares_since(&earlier[0]);
        let (others_share, urgent_share, is_stolen) = (shares.others, shares.urgent, shares.is_stolen);
        earlier.push_back(ticks);
        if earlier.len() > SHARE_SPANS {
            earlier.pop_front();
        }
        let surroundings = Surroundings { others_share, urgent_share, is_stolen, disturbance };
        let is_quiet = sorter.lock().unwrap_or_else(PoisonError::into_inner).enter(losses, surroundings);
        let instances = taken(&counts.instances_lost);
        if is_quiet && losses.dropouts + losses.late_blocks > 0 {
            tell(counts, losses, surroundings, instances);
        }
    }
}

/// What went on when something was lost in quiet, for whoever looks for the cause.
fn tell(counts: &Counts, losses: Losses, surroundings: Surroundings, instances: u64) {
    let instances: Vec<u32> = (0..u64::BITS).filter(|index| instances >> index & 1 == 1).collect();
    let last = counts.last_deed.lock().ok().and_then(|last| *last);
    let deed = last.map_or_else(String::new, |(what, index, when)| {
        format!("; {:.1} s after {what}, instance {index}", when.elapsed().as_secs_f64())
    });
    println!("     | lost in quiet, instances {instances:?}: {losses:?}, {surroundings:?}{deed}");
}

/// What was counted since the last time.
pub(super) fn taken(count: &AtomicU64) -> u64 {
    count.swap(0, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Surroundings = Surroundings {
        others_share: 0.02,
        urgent_share: 0.3,
        is_stolen: false,
        disturbance: Disturbance { late_ms: 1.0, slowness: 1.1 },
    };

    /// The dropouts in quiet spans when there is one in each, and all surroundings are quiet but the tenth.
    fn judged_with(tenth: Surroundings) -> u64 {
        let mut sorter = Sorter::default();
        let losses = Losses { seconds: 0.2, dropouts: 1, lost_ms: 3.0, late_blocks: 0 };
        for span in 1..=40 {
            sorter.enter(losses, if span == 10 { tenth } else { QUIET });
        }
        assert_eq!(sorter.sum.quiet.dropouts + sorter.sum.disturbed.dropouts, 40);
        sorter.sum.quiet.dropouts
    }

    #[test]
    fn a_disturbance_excuses_its_own_span_and_a_second_after_it() {
        let at_the_start = ECHO_SPANS as u64;
        assert_eq!(judged_with(QUIET), 40 - at_the_start);
        let busy = Surroundings { others_share: 0.5, ..QUIET };
        let stalled = Surroundings { disturbance: Disturbance { late_ms: 8.0, ..QUIET.disturbance }, ..QUIET };
        let slow = Surroundings { disturbance: Disturbance { slowness: 2.0, ..QUIET.disturbance }, ..QUIET };
        let stolen = Surroundings { is_stolen: true, ..QUIET };
        for disturbed in [busy, stalled, slow, stolen] {
            assert_eq!(judged_with(disturbed), 40 - at_the_start - 1 - ECHO_SPANS as u64, "{disturbed:?}");
        }
    }

    #[test]
    fn a_witness_that_the_session_itself_stops_excuses_nothing() {
        let filled = Surroundings {
            urgent_share: 0.97,
            disturbance: Disturbance { late_ms: 50.0, ..QUIET.disturbance },
            ..QUIET
        };
        assert_eq!(judged_with(filled), judged_with(QUIET));
    }
}
