//! A model that is slow, fails or breaks: the sound stays in its place, and the plugin closes.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use common::rig::{Act, DELAY, Echo, Rig, Script, always_play, best_lag, format, sound, wait_until, wait_until_heard};
use parking_lot::Mutex;
use timbreloom::engine::{Engine, Slot};
use timbreloom::latent::{Chain, LatentHop, LatentPath, PathSet};
use timbreloom::model::Loader;
use timbreloom::model::request::ModelRequest;
use timbreloom::rt::EffectSettings;
use timbreloom::telemetry::EngineState;

const RATE_HZ: f64 = 44_100.0;
const BLOCK: usize = 512;

fn rig(script: Script) -> Rig {
    Rig::new(format(RATE_HZ, BLOCK), script)
}

fn play(rig: &mut Rig, input: &[f32]) -> Vec<f32> {
    rig.play(input, &[BLOCK], |_| EffectSettings::default())
}

/// Plays in real time: each block takes as long as it lasts.
fn play_paced(rig: &mut Rig, input: &[f32]) -> Vec<f32> {
    play_in_parts(rig, input, &[BLOCK])
}

/// The same with blocks that are handed over in parts, as where automation splits them.
fn play_in_parts(rig: &mut Rig, input: &[f32], parts: &[usize]) -> Vec<f32> {
    let (began, block) = (Instant::now(), parts.iter().sum::<usize>());
    let out = rig.play(input, parts, |at| {
        if at % block == 0 {
            wait_until_heard(began, at, RATE_HZ);
        }
        EffectSettings::default()
    });
    wait_until_heard(began, input.len(), RATE_HZ);
    out
}

/// Frames of `out` that are exactly the input, `latency` late.
fn in_place(input: &[f32], out: &[f32], latency: usize) -> Vec<bool> {
    (latency..out.len()).map(|n| out[n] == input[n - latency]).collect()
}

#[test]
fn late_hops_are_counted_and_what_follows_is_in_its_place() {
    let script = Arc::new(|hop| if hop == 30 { Act::Sleep(Duration::from_millis(150)) } else { Act::Play });
    let mut rig = rig(script);
    let input = sound(88_200, RATE_HZ);
    let out = play_paced(&mut rig, &input);
    assert!(rig.telemetry.underruns.load(Ordering::Relaxed) >= 1);
    assert!(out.iter().all(|s| s.is_finite()));
    let latency = rig.processor.latency_frames();
    let exact = in_place(&input, &out, latency);
    assert!(exact[..10_000].iter().all(|&e| e), "before the stall all is well");
    assert!(!exact.iter().all(|&e| e), "the stall is heard");
    let tail = &exact[exact.len() - 20_000..];
    assert!(tail.iter().all(|&e| e), "half a second later the sound is exactly in its place again");
}

#[test]
fn a_stall_of_half_a_second_comes_back_aligned_and_is_told() {
    let input = sound(3 * 44_100, RATE_HZ);
    let (stalled, calm) = input.split_at(172 * BLOCK);
    // Again while the machine was too busy for what follows the stall.
    let played = (0..10).find_map(|_| {
        let script = Arc::new(|hop| if hop == 60 { Act::Sleep(Duration::from_millis(500)) } else { Act::Play });
        let mut rig = rig(script);
        let mut out = play_paced(&mut rig, stalled);
        let lost = rig.telemetry.lost_frames.load(Ordering::Relaxed);
        out.extend(play_paced(&mut rig, calm));
        (rig.telemetry.lost_frames.load(Ordering::Relaxed) == lost).then_some((rig, out))
    });
    let (mut rig, out) = played.expect("in one of ten runs nothing else comes late");
    let latency = rig.processor.latency_frames();
    let last = out.len() - 44_100;
    assert_eq!(best_lag(&input, &out[last..], last), latency, "by cross-correlation of the last second");
    let exact = in_place(&input, &out, latency);
    assert!(exact[exact.len() - 20_000..].iter().all(|&e| e), "and to the bit");
    // It was silent, and nothing but the input in its place was heard beside the fades.
    let silent = out[latency..].iter().filter(|&&sample| sample == 0.0).count();
    assert!(silent > 15_000, "{silent} frames of silence");
    let dropouts = rig.telemetry.dropouts();
    assert!(dropouts.times >= 1 && (0.3..1.5).contains(&dropouts.lost_s), "{dropouts:?}");
    assert!(dropouts.skipped_hops >= 20, "{dropouts:?}");
    let told = dropouts.sentence().expect("something happened");
    for words in [
        "The model was too late",
        "of its sound dropped out",
        "what follows is in its place",
        "close other heavy programs",
    ] {
        assert!(told.contains(words), "“{words}” is not in: {told}");
    }
    // A new start has nothing to tell.
    rig.processor.reset();
    assert_eq!(rig.telemetry.dropouts().sentence(), None);
}

#[test]
fn while_playing_nobody_waits_for_a_stall_also_where_blocks_come_in_parts() {
    let (end, gate) = mpsc::channel();
    let (gate, outlasted) = (Mutex::new(gate), Arc::new(AtomicBool::new(false)));
    let told = Arc::clone(&outlasted);
    // The model stands still until the sound has been played to its end, or, if that waits for the model, for long.
    let script = Arc::new(move |hop| {
        if hop == 60 {
            told.store(gate.lock().recv_timeout(Duration::from_secs(10)).is_err(), Ordering::Relaxed);
        }
        Act::Play
    });
    let mut rig = Rig::new(format(RATE_HZ, 1024), script);
    play_in_parts(&mut rig, &sound(61_440, RATE_HZ), &[600, 424]);
    end.send(()).expect("the model stands still");
    drop(rig);
    assert!(!outlasted.load(Ordering::Relaxed), "the audio thread waited");
}

/// Plays a model that stands still from hop 60 on until the sound has been played to its end.
fn play_hanging(frames: usize) -> (Rig, Vec<f32>, Vec<f32>) {
    let (end, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let script = Arc::new(move |hop| {
        if hop == 60 {
            let _ = gate.lock().recv_timeout(Duration::from_secs(60));
        }
        Act::Play
    });
    let mut rig = rig(script);
    let input = sound(frames, RATE_HZ);
    let out = play_paced(&mut rig, &input);
    assert!(rig.telemetry.is_hanging());
    end.send(()).expect("it hangs");
    (rig, input, out)
}

#[test]
fn a_model_that_hangs_is_silent_for_two_seconds_and_then_dry_sound_passes_until_it_answers() {
    let (mut rig, input, out) = play_hanging(4 * 44_100);
    let latency = rig.processor.latency_frames();
    let exact = in_place(&input, &out, latency);
    assert!(exact[exact.len() - 20_000..].iter().all(|&e| e), "dry sound, in its place");
    let silent = out[latency..].iter().filter(|&&sample| sample == 0.0).count();
    assert!((60_000..140_000).contains(&silent), "{silent} frames of silence");
    assert_eq!(rig.telemetry.state(), EngineState::Ready);
    // The model gives what it hears, so its sound cannot be told from the dry one but by what is counted.
    let lost = rig.telemetry.lost_frames.load(Ordering::Relaxed);
    play_paced(&mut rig, &sound(44_100, RATE_HZ));
    assert!(!rig.telemetry.is_hanging());
    assert_eq!(rig.telemetry.hanging_sentence(), None);
    assert!(rig.telemetry.lost_frames.load(Ordering::Relaxed) <= lost + 44_100 / 2, "it plays again");
}

#[test]
fn a_worker_that_hangs_holds_nobody_up_who_asks_for_another_model() {
    let script = Arc::new(|hop| if hop == 5 { Act::Sleep(Duration::from_secs(8)) } else { Act::Play });
    let mut rig = rig(script);
    play_paced(&mut rig, &sound(3 * 44_100, RATE_HZ));
    let told = rig.telemetry.hanging_sentence().expect("it hangs");
    assert!(told.contains("The model has not answered for") && told.contains("choose another model"), "{told}");
    let began = Instant::now();
    let asked = rig.engine.load(Slot::First, ModelRequest::named("another"), Duration::from_secs(20));
    assert!(asked.is_none() && began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[test]
fn a_worker_that_hangs_holds_nobody_up_who_gives_it_paths() {
    let (begun, begins) = mpsc::channel();
    let (end, gate) = mpsc::channel::<()>();
    let held = Mutex::new((begun, gate));
    let script = Arc::new(move |hop| {
        if hop == 2 {
            let held = held.lock();
            let (begun, gate) = &*held;
            begun.send(()).expect("the test waits for it");
            let _ = gate.recv_timeout(Duration::from_secs(60));
        }
        Act::Play
    });
    let mut rig = rig(script);
    play(&mut rig, &sound(8 * BLOCK, RATE_HZ));
    begins.recv().expect("it comes to that hop");
    let path = LatentPath {
        model: ModelRequest::named("horn"),
        sample_rate_hz: 44_100,
        hop_frames: 512,
        dims: 4,
        hops: vec![LatentHop::default(); 3],
    };
    let set = |slot| PathSet::default().with_path(slot, "sung", &path, &Chain::default()).expect("it is a path");
    let sets: Vec<PathSet> = (0..40).map(|n| set(n % 8)).collect();
    let began = Instant::now();
    sets.into_iter().for_each(|set| rig.engine.set_paths(set));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    end.send(()).expect("it hangs");
    wait_until(|| rig.telemetry.paths_note.lock().contains("in slot 8"));
}

#[test]
fn a_bounce_waits_however_slow_the_model_is() {
    let script = Arc::new(|hop| if hop % 10 == 0 { Act::Sleep(Duration::from_millis(60)) } else { Act::Play });
    let mut rig = rig(script).bouncing();
    let input = sound(30_000, RATE_HZ);
    let out = play(&mut rig, &input);
    assert!(in_place(&input, &out, rig.processor.latency_frames()).iter().all(|&e| e));
    assert_eq!(rig.telemetry.underruns.load(Ordering::Relaxed), 0);
}

#[test]
fn a_bounce_that_rests_while_a_hop_takes_long_waits_for_it_all_the_same() {
    let script = Arc::new(|hop| if hop == 20 { Act::Sleep(Duration::from_secs(4)) } else { Act::Play });
    let mut rig = rig(script).bouncing();
    let input = sound(30_720, RATE_HZ);
    // The worker is in that hop, and nothing of it is due yet.
    let (before, after) = input.split_at(21 * BLOCK);
    let mut out = play(&mut rig, before);
    std::thread::sleep(Duration::from_millis(2500));
    assert!(rig.telemetry.is_hanging());
    out.extend(play(&mut rig, after));
    // The model plays what the dry sound is, but not while one is faded to the other.
    assert_eq!(rig.telemetry.lost_frames.load(Ordering::Relaxed), 0);
    assert!(!rig.telemetry.is_hanging(), "it was waited for");
    assert!(in_place(&input, &out, rig.processor.latency_frames()).iter().all(|&e| e));
}

#[test]
fn a_second_model_that_cannot_run_beside_the_first_asks_for_no_restart() {
    let loader: Loader = Box::new(|request| match request.name.as_str() {
        "missing" => Err(Box::from("no such model")),
        "fine" => Ok(Box::new(Echo::new(always_play()).with_hop(256))),
        "late" => Ok(Box::new(Echo::new(always_play()).with_delay(4 * DELAY))),
        _ => Ok(Box::new(Echo::new(always_play()))),
    });
    let rig = Rig::with(format(RATE_HZ, BLOCK), loader, None);
    let waits = || rig.telemetry.waits_for_restart();
    let load = |slot, name| rig.engine.load(slot, ModelRequest::named(name), Duration::from_secs(20)).is_some();
    for name in ["coarse", "another"] {
        assert!(load(Slot::Second, "fine") && !waits(), "{name}: no restart would let it run");
        assert!(load(Slot::First, name) && !waits(), "{name}");
    }
    // One that a restart lets run is waited for, until it is not wanted any more.
    for _ in 0..2 {
        assert!(load(Slot::Second, "late") && waits());
        rig.engine.unload(Slot::Second);
        assert!(!load(Slot::Second, "missing") && !waits());
        assert!(load(Slot::Second, "late") && waits());
        assert!(!load(Slot::Second, "missing") && !waits());
    }
    assert!(load(Slot::First, "late") && waits());
    assert!(load(Slot::First, "coarse") && !waits());
}

#[test]
fn a_failed_hop_is_muted_and_counted_and_the_rest_is_in_its_place() {
    for act in [Act::Fail, Act::NotANumber] {
        let script = Arc::new(move |hop| if hop == 20 { act } else { Act::Play });
        let mut rig = rig(script).bouncing();
        let input = sound(40_000, RATE_HZ);
        let out = play(&mut rig, &input);
        assert_eq!(rig.telemetry.bad_hops.load(Ordering::Relaxed), 1, "{act:?}");
        assert!(out.iter().all(|s| s.is_finite()));
        let exact = in_place(&input, &out, rig.processor.latency_frames());
        assert!(exact[exact.len() - 10_000..].iter().all(|&e| e), "{act:?}");
        assert_eq!(rig.telemetry.state(), EngineState::Ready);
    }
}

#[test]
fn a_model_that_panics_or_never_works_is_given_up_and_dry_sound_passes() {
    for act in [Act::Panic, Act::Fail, Act::NotANumber] {
        let script = Arc::new(move |hop| if hop >= 20 { act } else { Act::Play });
        let mut rig = rig(script).bouncing();
        let input = sound(80_000, RATE_HZ);
        let began = Instant::now();
        let out = play(&mut rig, &input);
        assert!(began.elapsed() < Duration::from_secs(10), "the host does not hang");
        assert_eq!(rig.telemetry.state(), EngineState::Faulted, "{act:?}");
        assert!(!rig.telemetry.model.lock().message.is_empty());
        let exact = in_place(&input, &out, rig.processor.latency_frames());
        assert!(exact[exact.len() - 10_000..].iter().all(|&e| e), "{act:?}: aligned dry sound at the end");
    }
}

#[test]
fn closing_while_the_model_is_busy_returns() {
    let script = Arc::new(|_| Act::Sleep(Duration::from_millis(300)));
    let mut rig = rig(script);
    play(&mut rig, &sound(4096, RATE_HZ));
    let began = Instant::now();
    drop(rig);
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn closing_waits_for_what_is_still_being_loaded() {
    // A process that ends while ONNX Runtime loads crashes. What was asked for first is not wanted any more, and loads on.
    let ended = Arc::new(AtomicBool::new(false));
    let (told, (begun, begins)) = (Arc::clone(&ended), mpsc::channel());
    let loader: Loader = Box::new(move |request| {
        if request.name == "slow" {
            begun.send(()).unwrap();
            std::thread::sleep(Duration::from_millis(300));
            told.store(true, Ordering::Release);
        }
        Err(Box::from("no such model"))
    });
    let engine = Engine::start(loader, Arc::default()).unwrap();
    engine.swap(Slot::First, ModelRequest::named("slow"));
    begins.recv().unwrap();
    engine.swap(Slot::First, ModelRequest::named("other"));
    drop(engine);
    assert!(ended.load(Ordering::Acquire));
}

#[test]
fn a_model_that_is_swapped_while_playing_takes_over_without_a_gap_or_a_click() {
    let input = sound(88_200, RATE_HZ);
    // Long enough for the other one to be loaded, to listen for a quarter of a second and to be faded in.
    let (swap, faded) = (40_960, 40_960 + 25_088);
    // Again while the machine was too busy for it; what comes late at the swap itself is what is looked for here.
    let swapped = (0..10).find_map(|_| {
        let mut rig = rig(always_play());
        let underruns = |rig: &Rig| rig.telemetry.underruns.load(Ordering::Relaxed);
        let generation = rig.telemetry.model_generation.load(Ordering::Relaxed);
        let before = play_paced(&mut rig, &input[..swap]);
        let late_before = underruns(&rig);
        rig.engine.swap(Slot::First, ModelRequest::default());
        let during = play_paced(&mut rig, &input[swap..faded]);
        assert!(rig.telemetry.model_generation.load(Ordering::Relaxed) > generation, "the other model came in time");
        let late_until_faded = underruns(&rig);
        let after = play_paced(&mut rig, &input[faded..]);
        let is_quiet = late_before == 0 && underruns(&rig) == late_until_faded;
        is_quiet.then(|| ([before, during, after].concat(), rig.processor.latency_frames()))
    });
    // the other one echoes as the first one does: not a sample shows that it is another
    let (out, latency) = swapped.expect("in one of ten runs nothing comes late but at the swap");
    let wrong = (latency..out.len()).find(|&n| out[n] != input[n - latency]);
    assert_eq!(wrong, None, "swapped at {swap}");
}

#[test]
fn a_stream_that_begins_within_a_packet_has_its_controls_from_the_first_frame() {
    let input = sound(8_192, RATE_HZ);
    let mut settings = EffectSettings::default();
    settings.controls.bias[0] = 1.0;
    // what the first hops were given is heard for long
    settings.controls.smoothing_s = 1.0;
    settings.controls.song_s = Some(17.0 / RATE_HZ);
    let mut rig = rig(always_play()).bouncing();
    let latency = rig.processor.latency_frames();
    let played = rig.play(&input, &[BLOCK], |_| settings);
    let wrong = (latency..played.len()).find(|&n| played[n] != 2.0 * input[n - latency]);
    assert_eq!(wrong, None, "of {latency}");
}
