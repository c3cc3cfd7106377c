//! Renders that the host does not announce: what they give is what an announced one gives, sample by sample, on a busy
//! computer too; and no wait outlasts what it waits for.
//!
//! Sixty renders of the cello on one core beside three busy threads, some minutes:
//! `cargo build --example test-helper && cargo test --test unannounced -- --ignored --nocapture sixty`

mod common;
#[path = "common/helper.rs"]
mod helper;
#[path = "unannounced/renders.rs"]
mod renders;

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::rig::{Act, Rig, Script, always_play, format, sound, wait_until_heard};
use common::sounds::first_difference;
use renders::{RATE_HZ, announced, render};
use timbreloom::rt::EffectSettings;

/// A model that takes a fifth of the time there is.
fn working() -> Script {
    Arc::new(|_| Act::Sleep(Duration::from_millis(2)))
}

#[test]
fn what_is_not_announced_equals_what_is_at_every_block_size_and_wherever_the_host_pauses() {
    let input = sound(72_000, RATE_HZ);
    for (block, most) in [(512, 512), (64, 64), (64, 1024), (4096, 4096)] {
        let mut rig = Rig::new(format(RATE_HZ, most), working());
        let expected = announced(&mut rig, &input, block);
        drop(rig);
        for pauses in [&[][..], &[0], &[1], &[2], &[3], &[7], &[20], &[5, 20, 21]] {
            let mut rig = Rig::new(format(RATE_HZ, most), working());
            let pause = |at: usize| Duration::from_millis(if pauses.contains(&at) { 300 } else { 0 });
            let began = Instant::now();
            let out = render(&mut rig, &input, block, pause);
            let difference = first_difference(&out, &expected);
            assert_eq!(difference, None, "blocks of {block} of at most {most}, 300 ms before {pauses:?}");
            assert!(began.elapsed() < Duration::from_secs(15), "the host does not hang");
        }
    }
}

#[test]
fn a_wait_ends_when_what_it_waits_for_was_lost() {
    // A host that plays, and a model that stands still while the host asks for more than the rings hold: packets are lost.
    // Then it renders, and is waited for: but not for what was lost.
    let stands_still = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&stands_still);
    let script: Script = Arc::new(move |_| {
        while theirs.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Act::Play
    });
    let mut rig = Rig::new(format(RATE_HZ, 512), script);
    let input = sound(4 * 48_000, RATE_HZ);
    let latency = rig.processor.latency_frames();
    let mut out = input.clone();
    let began = Instant::now();
    for (at, block) in out.chunks_mut(512).enumerate() {
        match at {
            0..100 => wait_until_heard(began, at * 512, RATE_HZ),
            // It owes half a second, and pays it back at once.
            100 => {
                stands_still.store(true, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(500));
            }
            130 => stands_still.store(false, Ordering::Relaxed),
            _ => {}
        }
        rig.processor.process(&mut [block], &[], &EffectSettings::default());
    }
    assert!(rig.telemetry.lost_frames.load(Ordering::Relaxed) > 5000, "nothing was lost");
    assert!(began.elapsed() < Duration::from_secs(10), "the host hung for {:?}", began.elapsed());
    let last = out.len() - 48_000;
    let expected = announced(&mut Rig::new(format(RATE_HZ, 512), always_play()), &input, 512);
    assert_eq!(first_difference(&out[last..], &expected[last..]), None, "of {latency}: the sound is back in its place");
}

/// What the helper says of so many renders when it has one core only; `None` where there is no `taskset`.
fn on_one_core(renders: usize) -> Option<String> {
    let helper = helper::task("render-beside-busy-threads");
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(helper.get_program()).args(helper.get_args()).arg(renders.to_string());
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    Some(text)
}

#[test]
fn what_is_not_announced_equals_what_is_on_a_busy_computer_too() {
    let Some(text) = on_one_core(3) else {
        return println!("skipped: there is no taskset");
    };
    assert!(text.contains("3 of 3 equal"), "{text}");
}

#[test]
#[ignore = "some minutes of a core that is busy"]
fn sixty_renders_on_one_core_beside_three_busy_threads_are_equal() {
    let Some(text) = on_one_core(60) else {
        return println!("skipped: there is no taskset");
    };
    println!("{text}");
    assert!(text.contains("60 of 60 equal"), "{text}");
}
