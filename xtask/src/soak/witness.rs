//! A witness of what the machine does to the most urgent thread on each processor: a virtual machine whose host takes the
//! processor away, or shares it with a neighbour, stops or slows everything that runs there, and nobody who plays can help that.

use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two looks; with what each one does it takes a fiftieth of a processor. What stalls for less is not seen: with a round of
/// blocks that takes 3 ms, there is room for it, and for some of them, in the 10.7 ms of a block of 512 frames.
const PERIOD: Duration = Duration::from_millis(1);

/// Above this the machine has stalled.
const MOST_LATE_MS: f64 = 1.5;

/// Above this the machine is slow, times what the same work takes beside busy threads of our own ([`Witness::calibrate`]): so a
/// session cannot be its cause. This work lies in the nearest cache; where a neighbour slows even that by a quarter, models that
/// are read from memory take twice as long.
const MOST_SLOW: f64 = 1.25;

/// Where our own threads alone make that work take longer than this, times as long as by itself, slowness says nothing.
const MOST_SLOWED_BY_US: f64 = 1.5;

/// Of a small computation within the nearest cache, about 20 microseconds.
const WORK_ROUNDS: usize = 50;
const WORK_FRAMES: usize = 1024;

/// Touched with each look, a line of each page, as far as the models' memory reaches: some machines take pages away.
const PAGES: usize = 256;
const PAGE_FRAMES: usize = 1024;

/// Until the usual pace is known; then so many looks, each of a moment, beside busy threads whose memory no cache holds.
const LEARN: Duration = Duration::from_millis(1200);
const LOOK: Duration = Duration::from_millis(200);
const LOOKS: usize = 9;
const BUSY_FRAMES: usize = 8 << 20;

/// The worst that the witness saw since the last time it was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Disturbance {
    /// How late the most urgent thread was woken.
    pub(super) late_ms: f64,
    /// How many times as long as beside busy threads of our own the same work took, for 3 ms and more.
    pub(super) slowness: f64,
}

impl Disturbance {
    pub(super) fn is_stall(self) -> bool {
        self.late_ms > MOST_LATE_MS
    }

    pub(super) fn is_slow(self) -> bool {
        self.slowness > MOST_SLOW
    }

    pub(super) fn worse(self, other: Self) -> Self {
        Self { late_ms: self.late_ms.max(other.late_ms), slowness: self.slowness.max(other.slowness) }
    }
}

/// A thread on each processor; they end when this is dropped.
pub(super) struct Witness {
    seen: Arc<Seen>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    has_ended: AtomicBool,
    /// A thread was not given its place or its priority, so that anything may stop it.
    is_common: AtomicBool,
    /// How much longer the same work takes beside busy threads of our own, a thousandth of times; 0 until that was measured.
    by_us_permille: AtomicU64,
    late_us: AtomicU64,
    slowness_permille: AtomicU64,
}

impl Witness {
    pub(super) fn start() -> io::Result<Self> {
        let seen = Arc::new(Seen::default());
        let mut witness = Self { seen, threads: Vec::new() };
        for processor in super::watch::processors() {
            let seen = Arc::clone(&witness.seen);
            let thread = std::thread::Builder::new().name("soak-witness".into());
            witness.threads.push(thread.spawn(move || watch(processor, &seen))?);
        }
        Ok(witness)
    }

    /// Whether it stands above all else. If not, it sees nothing that would excuse anything.
    pub(super) fn is_urgent(&self) -> bool {
        !self.seen.is_common.load(Ordering::Relaxed)
    }

    /// How much longer the same work takes beside a busy thread of our own on each processor, which the session may be: the
    /// median of looks, since the machine may be disturbed meanwhile. From now on only what is slower than that is told; nothing
    /// is where that is much. Takes three seconds.
    pub(super) fn calibrate(&self) -> f64 {
        let is_over = AtomicBool::new(false);
        std::thread::sleep(LEARN);
        let mut found = std::thread::scope(|scope| {
            for _ in super::watch::processors() {
                scope.spawn(|| {
                    let mut memory = vec![1.0f32; BUSY_FRAMES];
                    while !is_over.load(Ordering::Relaxed) {
                        black_box(&mut memory).iter_mut().for_each(|sample| *sample = *sample * 0.999 + 0.001);
                    }
                });
            }
            self.take();
            let look = |_| {
                std::thread::sleep(LOOK);
                self.take().slowness
            };
            let found: Vec<f64> = (0..LOOKS).map(look).collect();
            is_over.store(true, Ordering::Relaxed);
            found
        });
        found.sort_by(f64::total_cmp);
        let by_us = found.get(LOOKS / 2).copied().unwrap_or(1.0);
        self.seen.by_us_permille.store((by_us * 1e3) as u64, Ordering::Relaxed);
        by_us
    }

    /// The worst since the last time.
    pub(super) fn take(&self) -> Disturbance {
        let taken = |count: &AtomicU64| count.swap(0, Ordering::Relaxed) as f64 / 1e3;
        let (late_ms, slowness) = (taken(&self.seen.late_us), taken(&self.seen.slowness_permille));
        if !self.is_urgent() {
            return Disturbance::default();
        }
        let by_us = (self.seen.by_us_permille.load(Ordering::Relaxed) as f64 / 1e3).max(1.0);
        Disturbance { late_ms, slowness: if by_us > MOST_SLOWED_BY_US { 1.0 } else { slowness / by_us } }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.seen.has_ended.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn watch(processor: usize, seen: &Seen) {
    let is_placed = super::watch::stay_on(processor);
    if !(super::watch::take_real_time_priority(super::watch::ABOVE_AUDIO) && is_placed) {
        seen.is_common.store(true, Ordering::Relaxed);
    }
    let (mut work, mut pages) = ([1.0f32; WORK_FRAMES], vec![1.0f32; PAGES * PAGE_FRAMES]);
    let mut pace = Pace::default();
    let mut due = Instant::now();
    while !seen.has_ended.load(Ordering::Relaxed) {
        due += PERIOD;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let woken = Instant::now();
        for _ in 0..WORK_ROUNDS {
            black_box(&mut work).iter_mut().for_each(|sample| *sample = *sample * 0.999 + 0.001);
        }
        black_box(&mut pages).iter_mut().step_by(PAGE_FRAMES).for_each(|sample| *sample += 1.0);
        let took = woken.elapsed();
        let slowness = pace.slowness(took.as_secs_f64());
        // It may be stopped while it works, too.
        seen.late_us.fetch_max((woken - due + took).as_micros() as u64, Ordering::Relaxed);
        seen.slowness_permille.fetch_max((slowness * 1e3) as u64, Ordering::Relaxed);
        // What was missed is not made up for.
        due = due.max(Instant::now() - PERIOD);
    }
}

/// How long the same work took lately, beside how long it usually takes.
#[derive(Default)]
struct Pace {
    beats: u64,
    /// The median of all times, followed in small steps, seconds.
    usual_s: f64,
    recent_s: [f64; Self::RECENT],
}

impl Pace {
    const RECENT: usize = 4;

    /// Steps until the usual time is known: a second.
    const LEARNING: u64 = 1000;

    /// Of the median: a step up or down with each time, larger at first.
    const STEP: [f64; 2] = [2e-2, 1e-3];

    /// The median of the last times over the usual one; 1 while that is not known yet.
    fn slowness(&mut self, took_s: f64) -> f64 {
        let is_learning = self.beats < Self::LEARNING;
        let step = Self::STEP[usize::from(!is_learning)];
        self.usual_s = match self.beats {
            0 => took_s,
            _ => self.usual_s * if took_s > self.usual_s { 1.0 + step } else { 1.0 - step },
        };
        self.recent_s[self.beats as usize % Self::RECENT] = took_s;
        self.beats += 1;
        let mut sorted = self.recent_s;
        sorted.sort_by(f64::total_cmp);
        // The lower of the two in the middle: one long interrupt is not a slow machine.
        if is_learning { 1.0 } else { sorted[Self::RECENT / 2 - 1] / self.usual_s }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worst slowness over times around 25 microseconds, with `change` made to each.
    fn worst(change: impl Fn(usize, f64) -> f64) -> f64 {
        let (mut pace, mut random) = (Pace::default(), fastrand::Rng::with_seed(1));
        (0..5000).map(|n| pace.slowness(change(n, 25e-6 * (1.0 + 0.1 * random.f64())))).fold(0.0, f64::max)
    }

    #[test]
    fn a_machine_that_goes_at_half_its_pace_for_some_milliseconds_is_slow_and_one_that_is_interrupted_is_not() {
        assert!((1.0..1.1).contains(&worst(|_, s| s)));
        assert!((1.8..2.2).contains(&worst(|n, s| if (3000..3008).contains(&n) { 2.0 * s } else { s })));
        assert!((1.0..1.1).contains(&worst(|n, s| if n % 500 == 499 { 20.0 * s } else { s })));
        // What is so for good is usual.
        assert!(worst(|n, s| if n > 1100 { 2.0 * s } else { s }) > 1.8);
        assert!((1.0..1.1).contains(&worst(|n, s| if n > 100 { 2.0 * s } else { s })));
    }

    #[test]
    fn a_witness_that_anything_may_stop_excuses_nothing() {
        let witness = Witness { seen: Arc::default(), threads: Vec::new() };
        let see = || {
            witness.seen.late_us.store(20_000, Ordering::Relaxed);
            witness.seen.slowness_permille.store(3_000, Ordering::Relaxed);
            witness.take()
        };
        assert_eq!(see(), Disturbance { late_ms: 20.0, slowness: 3.0 });
        witness.seen.by_us_permille.store(1200, Ordering::Relaxed);
        assert_eq!(see(), Disturbance { late_ms: 20.0, slowness: 2.5 });
        witness.seen.by_us_permille.store(1600, Ordering::Relaxed);
        assert_eq!(see(), Disturbance { late_ms: 20.0, slowness: 1.0 });
        witness.seen.is_common.store(true, Ordering::Relaxed);
        assert!(!see().is_stall() && !see().is_slow());
    }

    #[test]
    fn each_processor_is_watched() {
        let witness = Witness::start().expect("threads start");
        assert_eq!(witness.threads.len(), super::super::watch::processors().len());
        std::thread::sleep(Duration::from_millis(100));
        let (is_urgent, seen) = (witness.is_urgent(), witness.take());
        assert!(if is_urgent { seen.late_ms > 0.0 && seen.slowness >= 1.0 } else { !seen.is_stall() }, "{seen:?}");
    }
}
