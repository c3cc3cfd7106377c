//! What is lost when the model has too little time: the tables of `docs/performance.md`, for a machine that does nothing else.
//!
//!     cargo bench --bench overload -- loads                           75 s
//!     taskset -c 0 cargo bench --bench overload -- neighbours         90 s, all on one core

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/common/overload.rs"]
#[allow(dead_code, reason = "the test and the bench need a part of it each")]
mod overload;

use std::time::Instant;

use common::rig::{BusyThreads, Rig, format, sound, wait_until_heard};
use overload::{BLOCK, RATE_HZ, overload, seconds};
use timbreloom::rt::EffectSettings;

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for (name, table) in [("loads", loads as fn()), ("neighbours", neighbours)] {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            table();
        }
    }
}

/// Hops that each take so much of the time that there is for one.
fn loads() {
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

/// Beside threads that compute without a pause.
fn neighbours() {
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
    let mut rig = Rig::of_models(format(RATE_HZ, BLOCK), "cello", None);
    rig.restart(false);
    let busy = BusyThreads::start(neighbours);
    let place = if is_real_time { real_time() } else { "normal" };
    #[cfg(target_os = "linux")]
    // SAFETY: takes nothing and cannot fail.
    rig.telemetry.audio_thread.store(unsafe { libc::gettid() } as u32, std::sync::atomic::Ordering::Relaxed);
    let began = Instant::now();
    rig.play(&sound(seconds(10.0), RATE_HZ), &[BLOCK], |at| {
        wait_until_heard(began, at, RATE_HZ);
        EffectSettings::default()
    });
    drop(busy);
    let told = rig.telemetry.dropouts();
    format!(
        "| {neighbours} | {place} | {} | {:.1} s | {:.0} % | {:?} |",
        told.times,
        told.lost_s,
        100.0 * told.load,
        rig.telemetry.standing.load()
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
