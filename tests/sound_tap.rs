//! What the window hears: input and output at the same moment, and at no cost to the audio thread.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::rig::{Act, Rig, always_play, format};
use plugin_ui::SoundColumn;
use timbreloom::listen::Analyser;
use timbreloom::rt::EffectSettings;

/// Ends the process on an allocation where there is to be none. The feature brings its own.
#[cfg(not(feature = "assert_process_allocs"))]
#[global_allocator]
static GUARD: nice_assert_no_alloc::AllocDisabler = nice_assert_no_alloc::AllocDisabler;

const RATE_HZ: f64 = 44_100.0;

fn rig() -> Rig {
    Rig::new(format(RATE_HZ, 512), always_play()).bouncing()
}

/// A tone that rises two octaves in a second, so that each moment has another.
fn rising(frames: usize) -> Vec<f32> {
    let phase = |n: usize| 300.0 * (2f64.powf(2.0 * n as f64 / RATE_HZ) - 1.0) / (2.0 * 2f64.ln());
    (0..frames).map(|n| (0.5 * (std::f64::consts::TAU * phase(n)).sin()) as f32).collect()
}

/// Plays in real time, as a host does, and listens.
fn heard(rig: &mut Rig, sound: &[f32], settings: EffectSettings) -> Vec<SoundColumn> {
    let mut analyser = Analyser::start(Arc::clone(&rig.telemetry.sound), || {}).unwrap();
    while !rig.telemetry.sound.is_open() {
        std::thread::yield_now();
    }
    let mut columns = Vec::new();
    for block in sound.chunks(512) {
        let mut block = block.to_vec();
        rig.processor.process(&mut [&mut block], &[], &settings);
        std::thread::sleep(Duration::from_secs_f64(512.0 / RATE_HZ));
        analyser.read(&mut columns);
    }
    std::thread::sleep(Duration::from_millis(50));
    analyser.read(&mut columns);
    drop(analyser);
    assert!(!rig.telemetry.sound.is_open(), "nobody listens any more");
    columns
}

#[test]
fn input_and_output_of_a_column_are_of_the_same_moment() {
    for mix in [0.0, 1.0] {
        let mut rig = rig();
        assert!(rig.processor.latency_frames() > 1024);
        let columns = heard(&mut rig, &rising(66_150), EffectSettings { mix, ..EffectSettings::default() });
        let loud: Vec<&SoundColumn> = columns.iter().filter(|column| column.input_loudness_db > -40.0).collect();
        assert!(loud.len() > 60, "{} of {} columns", loud.len(), columns.len());
        // The first ones have half a window of silence before them, and a fade of the wet sound.
        for column in &loud[8..] {
            for (input_db, output_db) in column.input_db.iter().zip(&column.output_db).filter(|(db, _)| **db > -30.0) {
                assert!((input_db - output_db).abs() < 0.5, "mix {mix}, {} s: {input_db} {output_db}", column.at_s);
            }
        }
    }
}

#[test]
fn a_window_is_told_the_outputs_loudness_and_how_far_the_model_is_from_the_dry_sound() {
    let twice = Arc::new(|_| Act::Times(2.0));
    let mut rig = Rig::new(format(RATE_HZ, 512), twice).bouncing();
    let settings = EffectSettings { mix: 0.0, output_gain: 0.5, ..EffectSettings::default() };
    assert!(rig.telemetry.wet_above_dry_db.load().is_nan(), "nothing was heard");
    // 997 Hz at half of full scale: -9.03 LUFS in one channel, and half of it comes out.
    let sound: Vec<f32> =
        (0..110_250).map(|n| (0.5 * (std::f64::consts::TAU * 997.0 * f64::from(n) / RATE_HZ).sin()) as f32).collect();
    heard(&mut rig, &sound, settings);
    let (above_db, loudness) = (rig.telemetry.wet_above_dry_db.load(), rig.telemetry.output_lufs.load());
    assert!((above_db - 6.02).abs() < 0.1, "{above_db} dB");
    assert!((loudness + 15.05).abs() < 0.5, "{loudness} LUFS");
    assert_eq!(rig.telemetry.limiter_gain.load(), 1.0, "it is off");
}

#[test]
fn the_audio_thread_neither_allocates_nor_frees_for_it_and_a_full_ring_only_drops() {
    let mut rig = rig();
    let sound = rising(88_200);
    let mut plain = sound.clone();
    plain.chunks_mut(512).for_each(|block| rig.processor.process(&mut [block], &[], &EffectSettings::default()));
    rig.processor.reset();

    let analyser = Analyser::start(Arc::clone(&rig.telemetry.sound), || {}).unwrap();
    while !rig.telemetry.sound.is_open() {
        std::thread::yield_now();
    }
    let mut watched = sound.clone();
    let settings = EffectSettings::default();
    nice_assert_no_alloc::assert_no_alloc(|| {
        // Much faster than real time: the ring of a fifth of a second is full again and again.
        watched.chunks_mut(512).for_each(|block| rig.processor.process(&mut [block], &[], &settings));
    });
    drop(analyser);
    assert_eq!(plain, watched, "the sound is the same, listened to or not");
}
