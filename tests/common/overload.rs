//! A worker that gets too little time, and what is heard and told of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use timbreloom::rt::EffectSettings;
use timbreloom::telemetry::{Dropouts, EngineState};

use super::common::rig::{Act, HOP, Rig, Script, best_lag, format, sound, wait_until_heard};

pub const RATE_HZ: f64 = 44_100.0;
pub const BLOCK: usize = 512;

pub fn seconds(s: f64) -> usize {
    (s * RATE_HZ) as usize / BLOCK * BLOCK
}

/// What an overload did.
#[derive(Debug)]
pub struct Figures {
    /// Shares of the overload's frames: in their place bit for bit, from a few hops before since the model's own delay
    /// has missed hops, digital silence. What is left is fades.
    pub exact: f64,
    pub old: f64,
    pub silent: f64,
    /// Share of hops that were not played.
    pub skipped: f64,
    /// While it lasted.
    pub told: Dropouts,
    pub latency_before: usize,
    pub latency_after: usize,
    /// From the overload's end to the first frame from which on all are in their place, ms.
    pub recovery_ms: f64,
    /// Share of the last second that is in its place bit for bit.
    pub exact_at_the_end: f64,
    /// Lag at which the last second fits the input best, frames off the latency.
    pub lag_off: i64,
}

/// Plays in real time: a second as it should be, `overload_s` in which each hop takes `load` of the time that there is
/// for it, and `after_s` as it should be.
pub fn overload(load: f64, overload_s: f64, after_s: f64) -> Figures {
    let delay_us = Arc::new(AtomicU64::new(0));
    let theirs = Arc::clone(&delay_us);
    let script: Script = Arc::new(move |_| match theirs.load(Ordering::Relaxed) {
        0 => Act::Play,
        us => Act::Sleep(Duration::from_micros(us)),
    });
    let mut rig = Rig::new(format(RATE_HZ, BLOCK), script);
    let (begin, end) = (seconds(1.0), seconds(1.0) + seconds(overload_s));
    let input = sound(end + seconds(after_s), RATE_HZ);
    let hop_us = 1e6 * HOP as f64 / RATE_HZ;
    let latency_before = rig.processor.latency_frames();
    let (began, mut told) = (Instant::now(), Dropouts::default());
    let telemetry = Arc::clone(&rig.telemetry);
    let out = rig.play(&input, &[BLOCK], |at| {
        wait_until_heard(began, at, RATE_HZ);
        let is_slow = (begin..end).contains(&at);
        delay_us.store(if is_slow { (load * hop_us) as u64 } else { 0 }, Ordering::Relaxed);
        if at == end {
            told = telemetry.dropouts();
        }
        EffectSettings::default()
    });
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
        lag_off: best_lag(&input, &out[out.len() - seconds(1.0)..], out.len() - seconds(1.0)) as i64 - latency as i64,
    }
}
