//! Sounds to play, ways to cut them into blocks, and how to compare what comes back.

use std::path::Path;

use super::package::root;
use super::plugin::RATE_HZ;

/// Uniform noise in -0.25..0.25, another one for each channel, the same in every run.
pub fn noise(frames: usize) -> Vec<Vec<f32>> {
    let mut random = random(7);
    (0..2).map(|_| (0..frames).map(|_| (random() % 65_536) as f32 / 131_072.0 - 0.25).collect()).collect()
}

/// A linear congruential generator (Numerical Recipes), its upper half.
pub fn random(seed: u32) -> impl FnMut() -> u32 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    }
}

/// A mono file of 16 bits.
pub fn read(path: &Path) -> Vec<f32> {
    let mut reader = hound::WavReader::open(path).unwrap();
    reader.samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect()
}

/// One of the recordings of the fixtures, “sung.wav” and “spoken.wav”: mono at 44.1 kHz.
pub fn recording(name: &str) -> Vec<f32> {
    read(&root().join("tests/fixtures").join(name))
}

/// Something that a model can follow, on both channels.
pub fn sung(frames: usize) -> Vec<Vec<f32>> {
    both_sides(recording("sung.wav").into_iter().cycle().take(frames).collect())
}

pub fn both_sides(mono: Vec<f32>) -> Vec<Vec<f32>> {
    vec![mono.clone(), mono]
}

/// A harmonic tone that rises by an octave, `[frames]`.
pub fn glide(frames: usize) -> Vec<f32> {
    let mut phase = 0.0f64;
    (0..frames)
        .map(|frame| {
            let part = frame as f64 / frames as f64;
            phase += 147.0 * part.exp2() / RATE_HZ;
            let tone: f64 = (1..=12).map(|k| (std::f64::consts::TAU * phase * f64::from(k)).sin() / f64::from(k)).sum();
            (0.15 * tone * (std::f64::consts::PI * part).sin()) as f32
        })
        .collect()
}

/// The ways to cut a sound into blocks, by name.
pub fn partitions() -> Vec<(String, Box<dyn Iterator<Item = usize>>)> {
    let mut ways: Vec<(String, Box<dyn Iterator<Item = usize>>)> = Vec::new();
    for block in [1usize, 64, 333, 512, 4096] {
        ways.push((format!("blocks of {block}"), Box::new(std::iter::repeat(block))));
    }
    let mut random = random(11);
    ways.push(("random blocks".into(), Box::new(std::iter::from_fn(move || Some(1 + random() as usize % 2000)))));
    ways
}

/// Where two sounds part, or `None` when they are bit for bit the same.
pub fn first_difference(a: &[f32], b: &[f32]) -> Option<usize> {
    if a.len() != b.len() {
        return Some(a.len().min(b.len()));
    }
    a.iter().zip(b).position(|(a, b)| a.to_bits() != b.to_bits())
}

/// Fails at the first frame that is not bit for bit the same.
pub fn assert_same(a: &[Vec<f32>], b: &[Vec<f32>], what: &str) {
    for (channel, (a, b)) in a.iter().zip(b).enumerate() {
        assert_eq!(first_difference(a, b), None, "{what}: channel {channel} differs from this frame on");
    }
}

/// Fails unless the output is silence for `latency` frames and then the input, exactly.
pub fn assert_late(output: &[Vec<f32>], input: &[Vec<f32>], latency: usize, what: &str) {
    for (output, input) in output.iter().zip(input) {
        assert!(output[..latency].iter().all(|sample| *sample == 0.0), "{what}: not silent before the latency");
        let difference = output[latency..].iter().zip(input).position(|(a, b)| a != b);
        assert_eq!(difference, None, "{what}: not the input late by {latency} frames");
    }
}

/// The first n partials of a steady tone, each as loud as its number says.
pub fn tone(hz: f64, partials: u32, level: f64, frames: usize) -> Vec<f32> {
    let wave = |frame: usize| -> f64 {
        let phase = std::f64::consts::TAU * hz * frame as f64 / RATE_HZ;
        (1..=partials).map(|k| (phase * f64::from(k)).sin() / f64::from(k)).sum()
    };
    (0..frames).map(|frame| (level * wave(frame)) as f32).collect()
}

pub fn peak(sound: &[f32]) -> f32 {
    sound.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

/// The largest difference of neighbouring samples: where it clicks.
pub fn loudest_step(sound: &[f32]) -> f32 {
    sound.windows(2).fold(0.0, |most, pair| most.max((pair[1] - pair[0]).abs()))
}

/// Root mean square.
pub fn rms(sound: &[f32]) -> f32 {
    (sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len().max(1) as f32).sqrt()
}
