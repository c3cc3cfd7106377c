//! Sixteen instances of all plugins in a host of our own, in real time, for as long as one likes: windows open and close, models
//! change, states are saved and loaded, parameters and notes move. Nothing may grow, drop out or leave the numbers.
//!
//! The host is a process of its own, so that a crash is told and not suffered.

mod audio;
mod gaps;
mod host;
mod judge;
mod redrawn;
#[path = "../../tests/window/server.rs"]
#[allow(clippy::unwrap_used, dead_code, missing_docs, reason = "made for the tests of the window")]
mod server;
mod verdict;
mod watch;
mod witness;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::bundle::{self, Bundle, Profile};
use crate::resources;
use crate::setup;
use crate::workspace::Workspace;
use host::{Host, INSTANCES};
use judge::{Judge, Judged, taken};
use server::Server;
use verdict::Minute;
use watch::{Holding, Ticks};
use witness::{Disturbance, Witness};

const RATE_HZ: f64 = 48_000.0;

/// As musicians set their sound cards for a crowded project.
const BLOCK_FRAMES: usize = 512;

const DEFAULT_MINUTES: usize = 10;

/// Plays a drum machine for a minute instead: see [`redrawn`].
const DRUMS: &str = "--drums";

/// The first part of a run: caches fill, pools of sessions and memory reach their size.
const WARM_UP_SHARE: f64 = 0.2;

/// Time between two deeds, in the warm-up and after it.
const PAUSE: [Duration; 2] = [Duration::from_millis(700), Duration::from_millis(1500)];

/// What the windows' threads and the models' loaders may take to end before what is held is counted.
const REST: Duration = Duration::from_secs(2);

/// Names the CLAP for the process that hosts it.
const HOSTED: &str = "TIMBRELOOM_SOAK_HOSTS";

/// Names the process that draws the windows: its time is the session's.
const SERVER: &str = "TIMBRELOOM_SOAK_SERVER";

/// Names a folder with a bundle to play instead of one that is made for it.
const BUNDLED: &str = "TIMBRELOOM_BUNDLED";

/// Where what the plugins and the window's library log goes.
const LOG: &str = "NICE_LOG";

const SEED: u64 = 16;

/// The exit status of a run without faults on a machine that was too busy to find any.
const NOTHING_SHOWN: u8 = 3;

/// Runs for so many minutes; prints a line for each, and the verdict.
pub(crate) fn soak(workspace: &Workspace, args: &[&str]) -> Result<ExitCode> {
    let minutes = match args[..] {
        [] => Some(DEFAULT_MINUTES),
        ["--minutes", number] => {
            Some(number.parse().ok().filter(|n| *n >= 1).context("--minutes takes a whole number from 1")?)
        }
        [DRUMS] => None,
        _ => bail!("soak takes --minutes N or {DRUMS}, and nothing else"),
    };
    if let Some(clap) = std::env::var_os(HOSTED) {
        return match minutes {
            Some(minutes) => host_for(clap.into(), minutes),
            None => redrawn::play(clap.as_ref()),
        };
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
    command.arg("soak").args(args).env(HOSTED, clap).env("XDG_DATA_HOME", &nobodys);
    command.env_remove(setup::runtime::VARIABLE).env_remove("TIMBRELOOM_MODELS").env_remove("WAYLAND_DISPLAY");
    let log = workspace.target.join("soak.log");
    resources::remove(&log)?;
    command.env(LOG, &log);
    let server = Server::start();
    match &server {
        Ok(server) => {
            command.env("DISPLAY", server.display()).env("LIBGL_ALWAYS_SOFTWARE", "1");
            command.env(SERVER, server.id().to_string());
        }
        Err(reason) => {
            eprintln!("No windows are opened: {reason}");
            command.env_remove("DISPLAY").env_remove(SERVER);
        }
    }
    let status = command.status().context("cannot start the host")?;
    if status.code().is_none() {
        println!("\nFAILED: the host was ended by its system: {status}");
    }
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

fn host_for(clap: PathBuf, minutes: usize) -> Result<ExitCode> {
    let has_display = std::env::var_os("DISPLAY").is_some();
    let server = std::env::var(SERVER).ok().and_then(|id| id.parse().ok());
    let witness = Witness::start().context("cannot start a thread to watch the machine")?;
    println!("Beside busy threads of our own, the same work takes {:.2} times as long.", witness.calibrate());
    if !witness.is_urgent() {
        println!("The system gives no real-time priority, so nothing is excused by what the machine does.");
    }
    let began = Instant::now();
    let mut host = Host::start(&clap, has_display, SEED)?;
    let judge = Judge::start(Arc::clone(&host.counts), witness, server).context("cannot start a thread to judge")?;
    if host.counts.is_common.load(Ordering::Relaxed) {
        println!("The audio threads play without the priority that hosts give theirs.");
    }
    println!(
        "{INSTANCES} instances play since {:.1} s, blocks of {BLOCK_FRAMES} frames at {RATE_HZ} Hz ({:.2} ms)\n\n{}",
        began.elapsed().as_secs_f64(),
        BLOCK_FRAMES as f64 / RATE_HZ * 1e3,
        verdict::HEAD
    );
    let warm_up = ((minutes as f64 * WARM_UP_SHARE).ceil() as usize).min(minutes);
    let mut found = Vec::new();
    for number in 1..=minutes {
        let minute = one_minute(&mut host, &judge, server, PAUSE[usize::from(number > warm_up)])?;
        println!("{}", verdict::line(number, &minute));
        found.push(minute);
    }
    println!("\nDone in {minutes} minutes: {:?}", host.deeds);
    let mut all = Judged::default();
    found.iter().for_each(|minute| all += minute.judged);
    let Judged { quiet, disturbed, worst: Disturbance { late_ms, slowness } } = all;
    println!(
        "At the worst the machine woke the most urgent thread {late_ms:.1} ms late, and took {slowness:.1} times as long \
         for the same work as beside busy threads of our own."
    );
    println!(
        "Quiet: {:.0} s, {} dropouts, {} late blocks. With other programs at work, or the machine stalled or slow, told and \
         not judged: {:.0} s, {} dropouts of {:.1} s together, {} late blocks. The longest silence: {:.0} ms.",
        quiet.seconds,
        quiet.dropouts,
        quiet.late_blocks,
        disturbed.seconds,
        disturbed.dropouts,
        disturbed.lost_ms / 1e3,
        disturbed.late_blocks,
        found.iter().map(|minute| minute.longest_silence_ms).fold(0.0, f64::max)
    );
    if minutes - warm_up < 3 {
        println!("Too short to say anything about growth: from 4 minutes on.");
    }
    let began = Instant::now();
    drop((judge, host));
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
    let (word, code) = match (faults.is_empty(), verdict::is_shown(&all)) {
        (false, _) => ("FAILED", ExitCode::FAILURE),
        (true, true) => ("held", ExitCode::SUCCESS),
        (true, false) => {
            ("nothing shown of dropouts: the machine was hardly ever quiet", ExitCode::from(NOTHING_SHOWN))
        }
    };
    println!("\nsoak: {word}");
    Ok(code)
}

fn one_minute(host: &mut Host, judge: &Judge, server: Option<u32>, pause: Duration) -> Result<Minute> {
    let (began, ticks) = (Instant::now(), Ticks::now(server));
    let mut minute = Minute::default();
    let mut next = began + pause;
    while began.elapsed() < Duration::from_secs(60) {
        host.idle()?;
        let now = Instant::now();
        if now >= began + Duration::from_secs(60) - REST {
            host.close_windows();
        } else if now >= next {
            host.act()?;
            next = Instant::now() + pause;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let shares = Ticks::now(server).shares_since(&ticks);
    (minute.own_share, minute.others_share) = (shares.own, shares.others);
    minute.judged = judge.take();
    let counts = &host.counts;
    minute.longest_silence_ms = taken(&counts.longest_silence_frames) as f64 / RATE_HZ * 1e3;
    (minute.round_p999_ms, minute.round_worst_ms) = counts.rounds.take();
    minute.blocks = taken(&counts.blocks);
    minute.not_finite = taken(&counts.not_finite);
    minute.failures = taken(&counts.failures);
    minute.peak_db = 20.0 * f64::from(f32::from_bits(counts.peak.swap(0, Ordering::Relaxed))).log10();
    (minute.holding, minute.deeds) = (Holding::now(), host.deeds);
    Ok(minute)
}
