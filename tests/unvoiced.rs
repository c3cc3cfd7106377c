//! What has no pitch is played without one, and no louder than it came.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use common::package::shipped;
use timbreloom::controls::{Controls, Loudness};
use timbreloom::dsp::noise::Noise;
use timbreloom::dsp::pitch::{MAX_HZ, PitchTracker};
use timbreloom::engine::Lane;
use timbreloom::model::Model;
use timbreloom::model::kinds::Package;
use timbreloom::model::loader;
use timbreloom::model::provider::ProviderChoice;

const RATE_HZ: f64 = 44_100.0;
const HOP: usize = 512;
/// Hops of each sound; the first are the models' memory filling.
const HOPS: usize = 70;
const SETTLED: usize = 20;

/// A general stage shapes the very sound that it hears, and follows its loudness, which hum has less of than power: so much louder
/// than it was may come out of those, dB, of hum into *drums-live* 1.9.
const GENERAL_RISE_DB: f64 = 2.0;

/// Loudness is followed as dB(A), of which a deep note has less than it has power: of hum into *synth* 0.6.
const HUM_RISE_DB: f64 = 1.0;

const GENERAL: [&str; 2] = ["strings", "drums-live"];

/// What a tracker says before its first pitch.
const FIRST_HZ: f32 = 110.0;

const MODELS: [&str; 18] = [
    "cello",
    "cello-live",
    "horn",
    "flute",
    "voice",
    "choir",
    "strings",
    "drums-live",
    "clarinet",
    "trombone",
    "guitar",
    "synth",
    "scream",
    "horn-codes",
    "cello-codes",
    "flute-codes",
    "voice-codes",
    "clarinet-codes",
];

fn load(name: &str) -> Box<dyn Model> {
    loader::load(&Package::open(&shipped(name)).unwrap(), &ProviderChoice::CPU).unwrap()
}

fn white() -> Vec<f32> {
    let mut sound = vec![0.0; HOPS * HOP];
    Noise::new(5).fill(&mut sound);
    sound
}

/// Noise through two resonances: air past a mouth.
fn breath() -> Vec<f32> {
    let mut sound = white();
    for hz in [900.0, 2400.0] {
        let radius = 0.93f64;
        let turn = 2.0 * radius * (std::f64::consts::TAU * hz / RATE_HZ).cos();
        let (mut one, mut two) = (0.0, 0.0);
        for sample in &mut sound {
            let here = f64::from(*sample) + turn * one - radius * radius * two;
            (two, one) = (one, here);
            *sample = here as f32;
        }
    }
    sound
}

/// Hands that clap at random: decaying bursts of noise, forty a second.
fn applause() -> Vec<f32> {
    let mut chance = Noise::new(9);
    let mut level = 0.0f32;
    white()
        .iter()
        .map(|noise| {
            level *= 0.995;
            if f64::from(chance.uniform()) < 40.0 / RATE_HZ {
                level += 0.3 + chance.uniform();
            }
            noise * level
        })
        .collect()
}

/// The mains with their harmonics.
fn hum() -> Vec<f32> {
    let partial = |n: usize, k: usize| (std::f64::consts::TAU * 50.0 * k as f64 * n as f64 / RATE_HZ).sin() / k as f64;
    (0..HOPS * HOP).map(|n| [1, 2, 3, 5, 7].map(|k| partial(n, k)).iter().sum::<f64>() as f32).collect()
}

fn rms_db(sound: &[f32]) -> f64 {
    let power = sound.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / sound.len() as f64;
    10.0 * (power + 1e-20).log10()
}

fn at_level(mut sound: Vec<f32>, level_db: f64) -> Vec<f32> {
    let gain = 10f64.powf((level_db - rms_db(&sound)) / 20.0) as f32;
    sound.iter_mut().for_each(|sample| *sample *= gain);
    sound
}

fn play(model: &mut dyn Model, sound: &[f32], controls: &Controls) -> Vec<f32> {
    model.reset();
    let mut lane = Lane::new(0, model.shape());
    let mut wet = Vec::with_capacity(sound.len());
    for hop in sound.chunks_exact(HOP) {
        lane.run(model, hop, controls).unwrap();
        wet.extend_from_slice(lane.made());
    }
    wet
}

/// What the second model makes of the first one's latent.
fn play_crossed([first, second]: [&mut dyn Model; 2], sound: &[f32], controls: &Controls) -> Vec<f32> {
    let [mut first_lane, mut second_lane] = [&*first, &*second].map(|model| Lane::new(0, model.shape()));
    let mut wet = Vec::with_capacity(sound.len());
    for audio in sound.chunks_exact(HOP) {
        let hop = first_lane.run(first, audio, controls).unwrap();
        second_lane.play_along(second, audio, &hop, controls).unwrap();
        wet.extend_from_slice(second_lane.made());
    }
    wet
}

/// Share of the hops that have this pitch: a narrow noise may have one of its own, from hop to hop another.
fn tone_share(sound: &[f32], hz: f32) -> f64 {
    let mut tracker = PitchTracker::new(RATE_HZ, MAX_HZ, HOP, 1024);
    let is_tone = |hop: &[f32]| {
        let pitch = tracker.next(hop, -20.0);
        pitch.voicing > 0.0 && (12.0 * (pitch.f0_hz / hz).log2()).abs() < 0.5
    };
    let are_tones: Vec<bool> = sound.chunks_exact(HOP).map(is_tone).collect();
    let judged = &are_tones[SETTLED.min(are_tones.len() / 2)..];
    judged.iter().filter(|&&is| is).count() as f64 / judged.len() as f64
}

/// Stability at its default.
fn controls() -> Controls {
    Controls { stability: 0.3, ..Controls::default() }
}

/// How much louder the second is, dB, once the models' memory is full.
fn rise_db(dry: &[f32], wet: &[f32]) -> f64 {
    rms_db(&wet[SETTLED * HOP..]) - rms_db(&dry[SETTLED * HOP..])
}

#[test]
fn nothing_without_a_pitch_comes_out_as_a_tone_or_louder() {
    let sounds = [("white noise", white()), ("breath", breath()), ("applause", applause()), ("hum", hum())];
    let mut failures = Vec::new();
    for name in MODELS {
        let mut model = load(name);
        for (what, sound) in &sounds {
            for level_db in [-60.0, -40.0, -20.0] {
                let dry = at_level(sound.clone(), level_db);
                let wet = play(model.as_mut(), &dry, &controls());
                let (rise, tone) = (rise_db(&dry, &wet), tone_share(&wet, FIRST_HZ));
                let line =
                    format!("{name}, {what} at {level_db} dB: {rise:+.1} dB, {:.0} % at {FIRST_HZ} Hz", 100.0 * tone);
                println!("{line}");
                // Hum has a pitch, where it is not too soft to be heard.
                let most_db = match *what {
                    _ if GENERAL.contains(&name) => GENERAL_RISE_DB,
                    "hum" => HUM_RISE_DB,
                    _ => 0.0,
                };
                if rise > most_db || (tone > 0.1 && *what != "hum") {
                    failures.push(line);
                }
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn a_pause_with_hiss_does_not_go_on_at_the_last_note() {
    let tone = |n: usize, k: usize| (std::f64::consts::TAU * 220.0 * (k * n) as f64 / RATE_HZ).sin() / k as f64;
    let note: Vec<f32> = (0..30 * HOP).map(|n| 0.1 * (1..8).map(|k| tone(n, k)).sum::<f64>() as f32).collect();
    let hiss = at_level(white(), -50.0);
    let sound = [note, hiss.clone()].concat();
    for name in MODELS {
        if GENERAL.contains(&name) {
            continue;
        }
        let wet = play(load(name).as_mut(), &sound, &controls());
        let pause = &wet[30 * HOP..];
        assert!(tone_share(pause, 220.0) < 0.1, "{name}: {}", tone_share(pause, 220.0));
        assert!(rise_db(&hiss, pause) < 0.0, "{name}: {}", rise_db(&hiss, pause));
        assert!(tone_share(&wet[..30 * HOP], 220.0) > 0.9, "{name}: the note sounds");
    }
}

#[test]
fn a_model_that_plays_anothers_latent_makes_no_tone_of_noise_either() {
    let dry = at_level(white(), -30.0);
    for [first, second] in [["cello", "flute"], ["flute", "choir"], ["voice", "horn"]] {
        let [mut one, mut other] = [first, second].map(load);
        let wet = play_crossed([one.as_mut(), other.as_mut()], &dry, &controls());
        let (rise, tone) = (rise_db(&dry, &wet), tone_share(&wet, FIRST_HZ));
        println!("{second} with the latent of {first}: {rise:+.1} dB, {:.0} % at {FIRST_HZ} Hz", 100.0 * tone);
        assert!(rise < 0.0 && tone < 0.1, "{second} with the latent of {first}: {rise:+.1} dB, {tone:.2}");
    }
}

#[test]
fn noise_into_a_level_set_by_hand_plays_on_at_the_last_note() {
    let by_hand = Controls { loudness: Loudness::Manual, loudness_level_db: -20.0, ..controls() };
    let wet = play(load("flute").as_mut(), &at_level(white(), -30.0), &by_hand);
    assert!(tone_share(&wet, FIRST_HZ) > 0.9);
}
