//! A line for each minute, and what they say together.

use std::fmt::Write;

use super::host::Deeds;
use super::judge::{Judged, Losses};
use super::watch::Holding;

/// What a window may leave behind, bytes: baseview keeps 72 kB of each and Mesa 12 (docs/upstream.md).
const PER_WINDOW_BYTES: u64 = 100 << 10;

/// By how much memory may swing from minute to minute without growing: what is allocated, and what is resident.
const ALLOCATED_SWING_BYTES: u64 = 4 << 20;
const RESIDENT_SWING_BYTES: u64 = 48 << 20;

/// By how many threads their number may swing: what loads a model waits for another load, and ends when nothing hurries it.
const THREADS_SWING: u64 = 2;

/// Silence of an effect that no machine excuses, ms: what is late is covered for a hop or some, and a stalled machine plays nothing
/// at all.
const MOST_SILENT_MS: f64 = 1000.0;

/// Below this share of its time in quiet, a run shows nothing of dropouts.
const LEAST_QUIET_SHARE: f64 = 0.25;

/// A minute's figures.
#[derive(Clone, Debug, Default)]
pub(super) struct Minute {
    pub(super) holding: Holding,
    pub(super) judged: Judged,
    pub(super) longest_silence_ms: f64,
    pub(super) blocks: u64,
    pub(super) not_finite: u64,
    pub(super) failures: u64,
    pub(super) peak_db: f64,
    pub(super) round_p999_ms: f64,
    pub(super) round_worst_ms: f64,
    pub(super) own_share: f64,
    pub(super) others_share: f64,
    /// Since the beginning.
    pub(super) deeds: Deeds,
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
    let Judged { quiet, disturbed, .. } = minute.judged;
    format!(
        "{number:4} | {:8.1} {:9.2} {:7} {:5} | {:5.0} {:9} {:5} | {:14} {:7.0} {:6} | {:11.2} {:7.2} {:5.1} | {:3.0} {:6.0} | {:7} {:5} {:6} {:3}",
        holding.resident_bytes as f64 / 1e6,
        holding.allocated_bytes as f64 / 1e6,
        holding.threads,
        holding.files,
        quiet.seconds,
        quiet.dropouts,
        quiet.late_blocks,
        disturbed.dropouts,
        disturbed.lost_ms,
        disturbed.late_blocks,
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
        let number = number + 1;
        let Losses { seconds, dropouts, lost_ms, late_blocks } = minute.judged.quiet;
        if dropouts + late_blocks > 0 || lost_ms > 0.0 {
            faults.push(format!(
                "minute {number}: {dropouts} dropouts, {lost_ms:.0} ms lost and {late_blocks} late blocks in {seconds:.0} quiet s"
            ));
        }
        if minute.longest_silence_ms > MOST_SILENT_MS {
            faults.push(format!("minute {number}: an effect was silent for {:.1} s", minute.longest_silence_ms / 1e3));
        }
    }
    faults.extend(growth(minutes.get(warm_up..).unwrap_or_default()));
    faults
}

/// Whether enough of the time was quiet for the run to say something of dropouts.
pub(super) fn is_shown(all: &Judged) -> bool {
    let (quiet, disturbed) = (all.quiet.seconds, all.disturbed.seconds);
    quiet > LEAST_QUIET_SHARE * (quiet + disturbed)
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
    fn what_is_lost_in_quiet_counts_and_a_sample_that_is_no_number_always() {
        let lost = Losses { seconds: 50.0, dropouts: 2, lost_ms: 30.0, late_blocks: 1 };
        let in_minute_five = |judged: Judged| minutes(move |n, m| m.judged = if n == 4 { judged } else { m.judged });
        let quiet = Judged { quiet: lost, ..Judged::default() };
        let fault = "minute 5: 2 dropouts, 30 ms lost and 1 late blocks in 50 quiet s";
        assert_eq!(faults(&in_minute_five(quiet), 1), [fault]);
        // Silence that began when the machine was disturbed, and does not end.
        let stays = Losses { dropouts: 0, late_blocks: 0, ..lost };
        assert_eq!(faults(&in_minute_five(Judged { quiet: stays, ..quiet }), 1).len(), 1);
        assert_eq!(faults(&in_minute_five(Judged { disturbed: lost, ..Judged::default() }), 1), [""; 0]);
        let silent = |ms: f64| minutes(move |n, m| m.longest_silence_ms = if n == 4 { ms } else { 0.0 });
        assert_eq!(faults(&silent(300.0), 1), [""; 0]);
        assert_eq!(faults(&silent(1500.0), 1), ["minute 5: an effect was silent for 1.5 s"]);
        assert_eq!(faults(&minutes(|n, m| m.not_finite = u64::from(n == 0)), 1), ["1 samples were not finite"]);
    }

    #[test]
    fn a_run_that_was_hardly_ever_quiet_shows_nothing() {
        let of = |quiet_s: f64, disturbed_s: f64| Judged {
            quiet: Losses { seconds: quiet_s, ..Losses::default() },
            disturbed: Losses { seconds: disturbed_s, ..Losses::default() },
            ..Judged::default()
        };
        assert!(is_shown(&of(20.0, 40.0)) && !is_shown(&of(10.0, 50.0)) && !is_shown(&of(0.0, 0.0)));
    }
}
