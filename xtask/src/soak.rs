//! Sixteen instances of both plugins in a host of our own, in real time, for as long as one likes: windows open and close, models
//! change, states are saved and loaded, parameters and notes move. Nothing may grow, drop out or leave the numbers.
//!
//! The host is a process of its own, so that a crash is told and not suffered.

mod audio;
mod host;
#[path = "../../tests/window/server.rs"]
#[allow(clippy::unwrap_used, dead_code, missing_docs, reason = "made for the tests of the window")]
mod server;
mod verdict;
mod watch;
mod witness;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::bundle::{self, Bundle, Profile};
use crate::resources;
use crate::setup;
use crate::workspace::Workspace;
use audio::Counts;
use host::Host;
use server::Server;
use verdict::{Losses, Minute, Surroundings};
use watch::{Holding, Ticks};
use witness::{Disturbance, Witness};

const RATE_HZ: f64 = 48_000.0;

/// As musicians set their sound cards.
const BLOCK_FRAMES: usize = 256;

const DEFAULT_MINUTES: usize = 10;

/// The first part of a run: caches fill, pools of sessions and memory reach their size.
const WARM_UP_SHARE: f64 = 0.2;

/// Time between two deeds, in the warm-up and after it.
const PAUSE: [Duration; 2] = [Duration::from_millis(700), Duration::from_millis(1500)];

/// What the windows' threads and the models' loaders may take to end before what is held is counted.
const REST: Duration = Duration::from_secs(2);

/// Names the CLAP for the process that hosts it.
const HOSTED: &str = "TIMBRELOOM_SOAK_HOSTS";

/// Names a folder with a bundle to play instead of one that is made for it.
const BUNDLED: &str = "TIMBRELOOM_BUNDLED";

/// Where what the plugins and the window's library log goes.
const LOG: &str = "NICE_LOG";

const SEED: u64 = 16;

/// Runs for so many minutes; prints a line for each, and the verdict.
pub(crate) fn soak(workspace: &Workspace, args: &[&str]) -> Result<ExitCode> {
    let minutes = match args[..] {
        [] => DEFAULT_MINUTES,
        ["--minutes", number] => {
            number.parse().ok().filter(|n| *n >= 1).context("--minutes takes a whole number from 1")?
        }
        _ => bail!("soak takes --minutes N and nothing else"),
    };
    if let Some(clap) = std::env::var_os(HOSTED) {
        return host_for(clap.into(), minutes);
    }
    let folder = match std::env::var_os(BUNDLED).filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => {
            setup::for_everything(workspace)?;
            bundle::bundle(workspace, Profile::Release)?;
            workspace.bundled()
        }
    };
    let clap = Bundle::at(&folder).clap;
    if !clap.exists() {
        bail!("there is no bundle at {}: unset {BUNDLED}, and one is made", clap.display());
    }
    // Nobody's models and no earlier run's quarantine.
    let nobodys = workspace.target.join("soak-data");
    resources::remove(&nobodys)?;
    let mut command = Command::new(std::env::current_exe().context("cannot tell where this program lies")?);
    command.args(["soak", "--minutes", &minutes.to_string()]).env(HOSTED, clap).env("XDG_DATA_HOME", &nobodys);
    command.env_remove(setup::runtime::VARIABLE).env_remove("TIMBRELOOM_MODELS").env_remove("WAYLAND_DISPLAY");
    let log = workspace.target.join("soak.log");
    resources::remove(&log)?;
    command.env(LOG, &log);
    let server = Server::start();
    match &server {
        Ok(server) => {
            command.env("DISPLAY", server.display()).env("LIBGL_ALWAYS_SOFTWARE", "1");
        }
        Err(reason) => {
            eprintln!("No windows are opened: {reason}");
            command.env_remove("DISPLAY");
        }
    }
    let status = command.status().context("cannot start the host")?;
    if status.code().is_none() {
        println!("\nFAILED: the host was ended by its system: {status}");
    }
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn host_for(clap: PathBuf, minutes: usize) -> Result<ExitCode> {
    let has_display = std::env::var_os("DISPLAY").is_some();
    let began = Instant::now();
    let mut host = Host::start(&clap, has_display, SEED)?;
    let witness = Witness::start().context("cannot start a thread to watch the machine")?;
    println!(
        "{} instances play since {:.1} s, blocks of {BLOCK_FRAMES} frames at {RATE_HZ} Hz ({:.2} ms)\n\n{}",
        host.instances(),
        began.elapsed().as_secs_f64(),
        BLOCK_FRAMES as f64 / RATE_HZ * 1e3,
        verdict::HEAD
    );
    let warm_up = ((minutes as f64 * WARM_UP_SHARE).ceil() as usize).min(minutes);
    let mut found = Vec::new();
    for number in 1..=minutes {
        let minute = one_minute(&mut host, &witness, PAUSE[usize::from(number > warm_up)])?;
        println!("{}", verdict::line(number, &minute));
        found.push(minute);
    }
    println!("\nDone in {minutes} minutes: {:?}", host.deeds);
    let mut all = Minute::default();
    for minute in &found {
        all.quiet += minute.quiet;
        all.busy += minute.busy;
        all.disturbance = all.disturbance.worse(minute.disturbance);
    }
    let Disturbance { late_ms, slowness } = all.disturbance;
    println!(
        "At the worst the machine woke the most urgent thread {late_ms:.1} ms late, and ran {slowness:.1} times as long as \
         usual for the same work."
    );
    println!(
        "Quiet: {:.0} s, {} dropouts, {} late blocks. With other programs at work, or the machine stalled or slow, told and \
         not judged: {:.0} s, {} dropouts of {:.1} s together, {} late blocks.",
        all.quiet.seconds,
        all.quiet.dropouts,
        all.quiet.late_blocks,
        all.busy.seconds,
        all.busy.dropouts,
        all.busy.lost_ms / 1e3,
        all.busy.late_blocks
    );
    if all.quiet.seconds < 1.0 {
        println!("The machine was never quiet, so nothing is said about dropouts.");
    }
    if minutes - warm_up < 3 {
        println!("Too short to say anything about growth: from 4 minutes on.");
    }
    let began = Instant::now();
    drop(host);
    std::thread::sleep(REST);
    let after = Holding::now();
    println!(
        "After the last instance ({:.1} s): {:.1} MB resident, {:.2} MB allocated, {} threads, {} files",
        began.elapsed().as_secs_f64(),
        after.resident_bytes as f64 / 1e6,
        after.allocated_bytes as f64 / 1e6,
        after.threads,
        after.files
    );
    let faults = verdict::faults(&found, warm_up);
    for fault in &faults {
        println!("FAULT: {fault}");
    }
    println!("\n{}", if faults.is_empty() { "soak: held" } else { "soak: FAILED" });
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn one_minute(host: &mut Host, witness: &Witness, pause: Duration) -> Result<Minute> {
    let (began, ticks) = (Instant::now(), Ticks::now());
    let mut minute = Minute::default();
    let (mut next, mut second, mut ticks_then) = (began + pause, began, ticks);
    let mut before = None;
    let surroundings = |ticks: Ticks, then: Ticks| Surroundings {
        others_share: ticks.shares_since(then).1,
        disturbance: witness.take(),
    };
    while began.elapsed() < Duration::from_secs(60) {
        host.idle()?;
        let now = Instant::now();
        if now >= began + Duration::from_secs(60) - REST {
            host.close_windows();
        } else if now >= next {
            host.act()?;
            next = Instant::now() + pause;
        }
        if second.elapsed() >= Duration::from_secs(1) {
            let ticks = Ticks::now();
            let now = surroundings(ticks, ticks_then);
            minute.lose(losses(host.counts(), second.elapsed()), before, now);
            (second, ticks_then, before) = (Instant::now(), ticks, Some(now));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let now = surroundings(Ticks::now(), ticks_then);
    minute.lose(losses(host.counts(), second.elapsed()), before, now);
    (minute.own_share, minute.others_share) = Ticks::now().shares_since(ticks);
    let counts = host.counts();
    let mut rounds_us = counts.rounds_us.lock().map(|mut rounds| std::mem::take(&mut *rounds)).unwrap_or_default();
    rounds_us.sort_unstable();
    let at = |share: f64| {
        let index = ((rounds_us.len() as f64 * share) as usize).min(rounds_us.len().saturating_sub(1));
        rounds_us.get(index).map_or(0.0, |us| f64::from(*us) / 1e3)
    };
    (minute.round_p999_ms, minute.round_worst_ms) = (at(0.999), at(1.0));
    drop(rounds_us);
    minute.blocks = taken(&counts.blocks);
    minute.not_finite = taken(&counts.not_finite);
    minute.failures = taken(&counts.failures);
    minute.peak_db = 20.0 * f64::from(f32::from_bits(counts.peak.swap(0, Ordering::Relaxed))).log10();
    (minute.holding, minute.deeds) = (Holding::now(), host.deeds);
    Ok(minute)
}

fn losses(counts: &Counts, time: Duration) -> Losses {
    Losses {
        seconds: time.as_secs_f64(),
        dropouts: taken(&counts.dropouts),
        lost_ms: taken(&counts.lost_frames) as f64 / RATE_HZ * 1e3,
        late_blocks: taken(&counts.late_blocks),
    }
}

/// What was counted since the last time.
fn taken(count: &AtomicU64) -> u64 {
    count.swap(0, Ordering::Relaxed)
}
