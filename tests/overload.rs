//! A worker that is too slow: what is heard, what is told, and how the sound comes back.
//!
//! The table of `docs/performance.md`, 75 s: `cargo test --test overload -- --ignored --nocapture`

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{Act, BusyThreads, HOP, Rig, Script, sound};
use timbreloom::engine::StreamFormat;
use timbreloom::latency::Margin;
use timbreloom::rt::Settings;
use timbreloom::telemetry::{Dropouts, EngineState};

const RATE_HZ: f64 = 44_100.0;
const BLOCK: usize = 512;

fn seconds(s: f64) -> usize {
    (s * RATE_HZ) as usize / BLOCK * BLOCK
}

/// What an overload did.
#[derive(Debug)]
struct Figures {
    /// Shares of the overload's frames: in their place bit for bit, from a few hops before since the model's own delay
    /// has missed hops, digital silence. What is left is fades.
    exact: f64,
    old: f64,
    silent: f64,
    /// Share of hops that were not played.
    skipped: f64,
    /// While it lasted.
    told: Dropouts,
    latency_before: usize,
    latency_after: usize,
    /// From the overload's end to the first frame from which on all are in their place, ms.
    recovery_ms: f64,
    /// Share of the last second that is in its place bit for bit.
    exact_at_the_end: f64,
    /// Lag at which the last second fits the input best, frames off the latency.
    lag_off: i64,
}

/// Plays in real time: a second as it should be, `overload_s` in which each hop takes `load` of the time that there is
/// for it, and `after_s` as it should be.
fn overload(load: f64, overload_s: f64, after_s: f64) -> Figures {
    let delay_us = Arc::new(AtomicU64::new(0));
    let theirs = Arc::clone(&delay_us);
    let script: Script = Arc::new(move |_| match theirs.load(Ordering::Relaxed) {
        0 => Act::Play,
        us => Act::Sleep(Duration::from_micros(us)),
    });
    let format = StreamFormat { host_rate_hz: RATE_HZ, max_block_frames: BLOCK, channels: 1, margin: Margin::Normal };
    let mut rig = Rig::new(format, script);
    let (begin, end) = (seconds(1.0), seconds(1.0) + seconds(overload_s));
    let input = sound(end + seconds(after_s), RATE_HZ);
    let hop_us = 1e6 * HOP as f64 / RATE_HZ;
    let latency_before = rig.processor.latency_frames();
    let (began, mut played, mut told) = (Instant::now(), 0, Dropouts::default());
    let telemetry = Arc::clone(&rig.telemetry);
    let out = rig.play(
        &input,
        &[BLOCK],
        |at| {
            let is_slow = (begin..end).contains(&at);
            delay_us.store(if is_slow { (load * hop_us) as u64 } else { 0 }, Ordering::Relaxed);
            if at == end {
                told = telemetry.dropouts();
            }
            Settings::default()
        },
        |frames| {
            played += frames;
            let due = Duration::from_secs_f64(played as f64 / RATE_HZ);
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        },
    );
    assert_eq!(rig.telemetry.state(), EngineState::Ready, "an overload is no fault");
    let latency = rig.processor.latency_frames();
    let is_exact: Vec<bool> = (0..out.len()).map(|n| n >= latency && out[n] == input[n - latency]).collect();
    // What is given in the overload is heard a little later; what counts is what is heard in it.
    let heard = begin + latency..end;
    let is_old = |n: usize| (1..=4).any(|hops| out[n] == input[n - latency - hops * HOP]);
    let share = |count: usize| count as f64 / heard.len() as f64;
    let from = (end..out.len()).rev().find(|&n| !is_exact[n]).map_or(end, |n| n + 1);
    Figures {
        exact: share(heard.clone().filter(|&n| is_exact[n]).count()),
        old: share(heard.clone().filter(|&n| !is_exact[n] && out[n] != 0.0 && is_old(n)).count()),
        silent: share(heard.clone().filter(|&n| out[n] == 0.0).count()),
        skipped: told.skipped_hops as f64 / (overload_s * RATE_HZ / HOP as f64),
        told,
        latency_before,
        latency_after: latency,
        recovery_ms: (from - end) as f64 / RATE_HZ * 1e3,
        exact_at_the_end: is_exact[out.len() - seconds(1.0)..].iter().filter(|&&e| e).count() as f64
            / seconds(1.0) as f64,
        lag_off: best_lag(&input, &out[out.len() - seconds(1.0)..], out.len() - seconds(1.0)) - latency as i64,
    }
}

/// By how many frames `out`, which begins at frame `at`, lags behind `input`, by cross-correlation.
fn best_lag(input: &[f32], out: &[f32], at: usize) -> i64 {
    let score = |lag: i64| -> f64 {
        let from = at as i64 - lag;
        out.iter().enumerate().map(|(n, &o)| f64::from(o) * f64::from(input[(from + n as i64) as usize])).sum()
    };
    (0..6000).max_by(|&a, &b| score(a).total_cmp(&score(b))).unwrap_or(0)
}

#[test]
fn an_overload_drops_out_and_says_so_and_the_sound_comes_back_in_its_place() {
    let figures = overload(3.0, 1.5, 2.5);
    assert!(figures.exact < 0.9, "it was no overload: {figures:?}");
    assert!(figures.told.times >= 1 && figures.told.skipped_hops >= 10, "{figures:?}");
    let told = figures.told.sentence().unwrap_or_default();
    assert!(told.contains("dropped out") && told.contains("It needs"), "{told}");
    assert_eq!(figures.latency_before, figures.latency_after);
    assert_eq!(figures.lag_off, 0, "{figures:?}");
    assert!(figures.exact_at_the_end > 0.5, "{figures:?}");
}

#[test]
#[ignore = "a table of 75 s, for a machine that does nothing else"]
fn the_table_of_overloads() {
    println!(
        "| load | in its place | a few hops old | fades | silent | hops left out | dropouts | load told | back after |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for load in [1.1, 1.5, 3.0] {
        let f = overload(load, 20.0, 3.0);
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        println!(
            "| {} | {} | {} | {} | {} | {} | {}, {:.1} s | {} | {:.0} ms, {} frames off |",
            percent(load),
            percent(f.exact),
            percent(f.old),
            percent(1.0 - f.exact - f.old - f.silent),
            percent(f.silent),
            percent(f.skipped),
            f.told.times,
            f.told.lost_s,
            percent(f64::from(f.told.load)),
            f.recovery_ms,
            f.lag_off
        );
        println!("{}", f.told.sentence().unwrap_or_default());
    }
}

#[test]
#[ignore = "90 s, to be run on one core: taskset -c 0 cargo test --test overload -- --ignored --nocapture neighbours"]
fn the_table_of_busy_neighbours() {
    println!("| busy threads beside it | audio thread | dropouts | lost of 10 s | load told | worker |");
    println!("|---|---|---|---|---|---|");
    for is_real_time in [false, true] {
        for neighbours in [0, 1, 3, 6] {
            let row = std::thread::spawn(move || beside(neighbours, is_real_time));
            println!("{}", row.join().expect("it plays"));
        }
    }
}

/// Ten seconds in real time on this thread, as a row of the table.
fn beside(neighbours: usize, is_real_time: bool) -> String {
    let format = StreamFormat { host_rate_hz: RATE_HZ, max_block_frames: BLOCK, channels: 1, margin: Margin::Normal };
    let mut rig = Rig::of_models(format, "cello", None);
    rig.processor.set_waits(false);
    rig.processor.reset();
    let busy = BusyThreads::start(neighbours);
    let place = if is_real_time { real_time() } else { "normal" };
    #[cfg(target_os = "linux")]
    // SAFETY: takes nothing and cannot fail.
    rig.telemetry.audio_thread.store(unsafe { libc::gettid() } as u32, std::sync::atomic::Ordering::Relaxed);
    let (began, mut played) = (Instant::now(), 0);
    rig.play(
        &sound(seconds(10.0), RATE_HZ),
        &[BLOCK],
        |_| Settings::default(),
        |frames| {
            played += frames;
            let due = Duration::from_secs_f64(played as f64 / RATE_HZ);
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        },
    );
    drop(busy);
    let told = rig.telemetry.dropouts();
    format!(
        "| {neighbours} | {place} | {} | {:.1} s | {:.0} % | {:?} |",
        told.times,
        told.lost_s,
        100.0 * told.load,
        rig.telemetry.standing()
    )
}

/// Gives this thread what a host gives its audio threads, where the system lets it.
#[cfg(target_os = "linux")]
fn real_time() -> &'static str {
    let param = libc::sched_param { sched_priority: 70 };
    // SAFETY: 0 is this thread, and the parameter is only read.
    match unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const param) } {
        0 => "real time",
        _ => "real time refused",
    }
}

#[cfg(not(target_os = "linux"))]
fn real_time() -> &'static str {
    "not tried"
}
