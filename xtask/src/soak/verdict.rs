//! A line for each minute, and what they say together.

use std::fmt::Write;

use super::host::Deeds;
use super::watch::Holding;
use super::witness::Disturbance;

/// What a window may leave behind, bytes: baseview keeps 72 kB of each and Mesa 12 (docs/upstream.md).
const PER_WINDOW_BYTES: u64 = 100 << 10;

/// By how much memory may swing from minute to minute without growing: what is allocated, and what is resident.
const ALLOCATED_SWING_BYTES: u64 = 4 << 20;
const RESIDENT_SWING_BYTES: u64 = 48 << 20;

/// By how many threads their number may swing: what loads a model waits for another load, and ends when nothing hurries it.
const THREADS_SWING: u64 = 2;

/// Above this share of the processors' time, taken by other programs, a second was not quiet.
const QUIET_SHARE: f64 = 0.1;

/// What went on in a second besides the session.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Surroundings {
    /// Of the processors' time, taken by other programs.
    pub(super) others_share: f64,
    pub(super) disturbance: Disturbance,
}

impl Surroundings {
    fn is_quiet(self) -> bool {
        self.others_share < QUIET_SHARE && !self.disturbance.is_felt()
    }
}

/// What went wrong in time; judged only where nothing else disturbed.
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

/// A minute's figures.
#[derive(Clone, Debug, Default)]
pub(super) struct Minute {
    pub(super) holding: Holding,
    pub(super) quiet: Losses,
    pub(super) busy: Losses,
    pub(super) blocks: u64,
    pub(super) not_finite: u64,
    pub(super) failures: u64,
    pub(super) peak_db: f64,
    pub(super) round_p999_ms: f64,
    pub(super) round_worst_ms: f64,
    /// The worst of its seconds.
    pub(super) disturbance: Disturbance,
    pub(super) own_share: f64,
    pub(super) others_share: f64,
    /// Since the beginning.
    pub(super) deeds: Deeds,
}

impl Minute {
    /// Adds what was lost in a second with the second of these surroundings; the first are of the second before it, whose
    /// disturbances are heard up to a latency and a fade after it. `None`: nothing is known of it.
    pub(super) fn lose(&mut self, losses: Losses, before: Option<Surroundings>, now: Surroundings) {
        let is_quiet = before.is_some_and(Surroundings::is_quiet) && now.is_quiet();
        *(if is_quiet { &mut self.quiet } else { &mut self.busy }) += losses;
        self.disturbance = self.disturbance.worse(now.disturbance);
    }
}

/// What stands above the lines.
pub(super) const HEAD: &str = concat!(
    "     | resident allocated threads files | quiet: dropouts  late | else: dropouts    lost   late | round p99.9   worst  ",
    "peak | own others | windows swaps states new\n",
    " min |       MB        MB               |     s                 |                      ms       |          ms      ms  ",
    "  dB |   %      % |",
);

pub(super) fn line(number: usize, minute: &Minute) -> String {
    let (holding, deeds) = (&minute.holding, &minute.deeds);
    format!(
        "{number:4} | {:8.1} {:9.2} {:7} {:5} | {:5.0} {:9} {:5} | {:14} {:7.0} {:6} | {:11.2} {:7.2} {:5.1} | {:3.0} {:6.0} | {:7} {:5} {:6} {:3}",
        holding.resident_bytes as f64 / 1e6,
        holding.allocated_bytes as f64 / 1e6,
        holding.threads,
        holding.files,
        minute.quiet.seconds,
        minute.quiet.dropouts,
        minute.quiet.late_blocks,
        minute.busy.dropouts,
        minute.busy.lost_ms,
        minute.busy.late_blocks,
        minute.round_p999_ms,
        minute.round_worst_ms,
        minute.peak_db,
        minute.own_share * 100.0,
        minute.others_share * 100.0,
        deeds.windows,
        deeds.swaps,
        deeds.saves + deeds.loads,
        deeds.renewals,
    )
}

/// What was found wrong, in sentences; nothing: all is well.
pub(super) fn faults(minutes: &[Minute], warm_up: usize) -> Vec<String> {
    let mut faults = Vec::new();
    let sum = |count: fn(&Minute) -> u64| minutes.iter().map(count).sum::<u64>();
    let (not_finite, failures) = (sum(|m| m.not_finite), sum(|m| m.failures));
    if not_finite > 0 {
        faults.push(format!("{not_finite} samples were not finite"));
    }
    if failures > 0 {
        faults.push(format!("{failures} blocks were refused"));
    }
    for (number, minute) in minutes.iter().enumerate() {
        let Losses { seconds, dropouts, late_blocks, .. } = minute.quiet;
        if dropouts + late_blocks > 0 {
            faults.push(format!(
                "minute {}: {dropouts} dropouts and {late_blocks} late blocks in {seconds:.0} quiet s",
                number + 1
            ));
        }
    }
    faults.extend(growth(minutes.get(warm_up..).unwrap_or_default()));
    faults
}

/// Compares the last third with the first third, each by the least that was held: what comes and goes is not growth.
fn growth(minutes: &[Minute]) -> Vec<String> {
    let third = minutes.len() / 3;
    if third == 0 {
        return Vec::new();
    }
    let (first, last) = (&minutes[..third], &minutes[minutes.len() - third..]);
    let least =
        |minutes: &[Minute], held: fn(&Holding) -> u64| minutes.iter().map(|m| held(&m.holding)).min().unwrap_or(0);
    let windows = |minutes: &[Minute]| minutes.last().map_or(0, |minute| minute.deeds.windows);
    let for_windows = (windows(last) - windows(first)) * PER_WINDOW_BYTES;
    let mut faults = Vec::new();
    let mut check = |what: &str, held: fn(&Holding) -> u64, granted: u64, unit: u64| {
        let (before, after) = (least(first, held), least(last, held));
        if after > before + granted {
            let mut fault = format!("{what} grew from {} to {}", before / unit, after / unit);
            if granted > 0 {
                let _ = write!(fault, ", by more than the {} granted", granted / unit);
            }
            faults.push(fault);
        }
    };
    check("allocated memory (kB)", |h| h.allocated_bytes, ALLOCATED_SWING_BYTES + for_windows, 1000);
    check("resident memory (kB)", |h| h.resident_bytes, RESIDENT_SWING_BYTES + for_windows, 1000);
    check("the number of threads", |h| h.threads, THREADS_SWING, 1);
    check("the number of open files", |h| h.files, 0, 1);
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(change: impl Fn(usize, &mut Minute)) -> Vec<Minute> {
        let holding = Holding { resident_bytes: 400 << 20, allocated_bytes: 200 << 20, threads: 40, files: 20 };
        (0..10)
            .map(|n| {
                let mut minute = Minute { holding, blocks: 11_250, ..Minute::default() };
                change(n, &mut minute);
                minute
            })
            .collect()
    }

    #[test]
    fn a_steady_quiet_run_has_no_faults() {
        assert_eq!(faults(&minutes(|_, _| {}), 1), [""; 0]);
        // What is held for a while, and what comes in the warm-up, is not growth.
        let wavy = |n: usize, minute: &mut Minute| {
            minute.holding.allocated_bytes += if n.is_multiple_of(2) { 30 << 20 } else { 0 };
            minute.holding.threads = if n == 0 { 20 } else { 40 + (n % 2) as u64 };
        };
        assert_eq!(faults(&minutes(wavy), 1), [""; 0]);
    }

    #[test]
    fn what_grows_is_named() {
        let found = |change: fn(usize, &mut Minute)| faults(&minutes(change), 1);
        assert!(found(|n, m| m.holding.allocated_bytes += n as u64 * (1 << 20))[0].starts_with("allocated memory"));
        assert!(found(|n, m| m.holding.resident_bytes += n as u64 * (10 << 20))[0].starts_with("resident memory"));
        assert!(found(|n, m| m.holding.threads += n as u64)[0].starts_with("the number of threads"));
        assert!(found(|n, m| m.holding.files += n as u64 / 3)[0].starts_with("the number of open files"));
    }

    #[test]
    fn what_each_window_is_known_to_leave_is_granted() {
        let opened = |n: usize, minute: &mut Minute| {
            minute.deeds.windows = n as u64 * 10;
            minute.holding.allocated_bytes += n as u64 * 10 * (95 << 10);
        };
        assert_eq!(faults(&minutes(opened), 1), [""; 0]);
    }

    #[test]
    fn a_dropout_counts_in_a_quiet_second_only_and_a_sample_that_is_no_number_always() {
        let lost = Losses { seconds: 1.0, dropouts: 2, lost_ms: 30.0, late_blocks: 1 };
        let quiet = Surroundings { others_share: 0.02, disturbance: Disturbance { late_ms: 1.0, slowness: 1.1 } };
        let in_minute_five = |before, now| {
            minutes(move |n, m| {
                if n == 4 {
                    m.lose(lost, before, now)
                }
            })
        };
        let found = faults(&in_minute_five(Some(quiet), quiet), 1);
        assert_eq!(found, ["minute 5: 2 dropouts and 1 late blocks in 1 quiet s"]);
        let busy = Surroundings { others_share: 0.5, ..quiet };
        let stalled = Surroundings { disturbance: Disturbance { late_ms: 8.0, ..quiet.disturbance }, ..quiet };
        let slowed = Surroundings { disturbance: Disturbance { slowness: 2.0, ..quiet.disturbance }, ..quiet };
        for disturbed in [busy, stalled, slowed] {
            for (before, now) in [(Some(disturbed), quiet), (Some(quiet), disturbed), (None, quiet)] {
                assert_eq!(faults(&in_minute_five(before, now), 1), [""; 0]);
            }
        }
        assert_eq!(faults(&minutes(|n, m| m.not_finite = u64::from(n == 0)), 1), ["1 samples were not finite"]);
    }
}
