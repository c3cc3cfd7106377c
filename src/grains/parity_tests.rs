//! What is heard and made is what the trainer hears and makes: `models/training/tests/grains_fixture.py`.

use super::bands::BANDS;
use super::features::{Analyser, COLUMNS};
use super::onset::ONSET_FRAMES;
use super::schedule::{RATE_HZ, times};
use super::slots::{SLOTS, Slots};
use super::synth::{GrainSynth, Grains};
use crate::dsp::noise::Noise;

#[derive(serde::Deserialize)]
struct Fixture {
    heard: Vec<Heard>,
    sounds: Vec<Sound>,
}

/// Of a hit's rows and the samples of its first wave each so-and-so-many-th.
#[derive(serde::Deserialize)]
struct Heard {
    f0_hz: Option<f32>,
    frames: usize,
    every: usize,
    rows: Vec<Vec<f32>>,
    wave: Vec<f32>,
}

/// Of a sound's samples each so-and-so-many-th.
#[derive(serde::Deserialize)]
struct Sound {
    f0_hz: Option<f32>,
    seed: u64,
    frames: usize,
    every: usize,
    sound: Vec<f32>,
}

fn slots(f0_hz: Option<f32>) -> Slots {
    f0_hz.map_or(Slots::Erb, |f0_hz| Slots::Harmonics { f0_hz })
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("../../tests/fixtures/grains.json")).expect("the fixture is valid")
}

/// Two sines that die away, and a burst of noise.
fn hit(frames: usize) -> Vec<f32> {
    let mut noise = Noise::new(1);
    let sample = |n: usize| {
        let t = n as f64 / RATE_HZ;
        let wave = |hz: f64, phase: f64| (std::f64::consts::TAU * hz * t + phase).sin();
        let glide = std::f64::consts::TAU * 12.0 * (1.0 - (-t / 0.05).exp());
        let sines = 0.5 * wave(180.0, glide) * (-t / 0.12).exp() + 0.2 * wave(1271.0, 1.0) * (-t / 0.08).exp();
        (sines + 0.2 * f64::from(noise.normal()) * (-t / 0.004).exp()) as f32
    };
    (0..frames).map(sample).collect()
}

#[test]
fn a_hit_is_heard_as_the_trainer_hears_it() {
    let mut analyser = Analyser::new();
    for expected in fixture().heard {
        let heard = analyser.hear(&hit(expected.frames), slots(expected.f0_hz));
        let rows: Vec<&[f32]> = heard.rows.chunks_exact(COLUMNS).collect();
        assert_eq!(rows.len(), heard.middles.len());
        assert!(expected.rows.len() > 4 && expected.rows.len() == rows.len().div_ceil(expected.every));
        for (n, (row, expected)) in rows.iter().step_by(expected.every).zip(&expected.rows).enumerate() {
            assert_eq!(expected.len(), COLUMNS);
            for (column, (heard, expected)) in row.iter().zip(expected).enumerate() {
                assert!((heard - expected).abs() < 1e-3, "row {n}, column {column}: {heard}, not {expected}");
            }
        }
        assert_eq!((heard.wave.len(), expected.wave.len()), (ONSET_FRAMES, ONSET_FRAMES.div_ceil(expected.every)));
        for (n, (heard, expected)) in heard.wave.iter().step_by(expected.every).zip(&expected.wave).enumerate() {
            assert!((heard - expected).abs() < 1e-5, "sample {n} of the first wave: {heard}, not {expected}");
        }
    }
}

#[test]
fn a_hit_is_made_as_the_trainer_makes_it() {
    let mut synth = GrainSynth::new();
    for expected in fixture().sounds {
        let middles = times(expected.frames);
        let mut noise = Noise::new(expected.seed);
        let (mut density_db, mut level_db, mut place) = (Vec::new(), Vec::new(), Vec::new());
        for _ in &middles {
            density_db.extend((0..BANDS).map(|_| -45.0 + 20.0 * noise.normal()));
            level_db.extend((0..SLOTS).map(|_| -60.0 + 20.0 * noise.normal()));
            place.extend((0..SLOTS).map(|_| noise.normal()));
        }
        let onset: Vec<f32> = (0..ONSET_FRAMES).map(|_| 0.1 * noise.normal()).collect();
        let (density_db, level_db, place) = (&*density_db, &*level_db, &*place);
        let grains = Grains { density_db, level_db, place, middles: &middles, onset: &onset };
        let sound = synth.synthesise(grains, slots(expected.f0_hz), expected.frames, expected.seed);
        assert_eq!(sound.len(), expected.frames);
        for (n, (made, expected)) in sound.iter().step_by(expected.every).zip(&expected.sound).enumerate() {
            assert!((made - expected).abs() < 1e-4, "sample {n}: {made}, not {expected}");
        }
    }
}
