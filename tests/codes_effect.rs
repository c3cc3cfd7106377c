//! Codes as an effect: what is heard is resynthesised through the codebook.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;
#[path = "common/program.rs"]
mod program;

use std::sync::Arc;
use std::time::Duration;

use common::package::{copy, root, shipped};
use common::rig::{Rig, format};
use common::sounds::first_difference;
use timbreloom::controls::Controls;
use timbreloom::dsp::descriptors::{Descriptor, Row, describe};
use timbreloom::dsp::noise::Noise;
use timbreloom::engine::{Engine, Lane, Slot};
use timbreloom::latency::{Margin, StreamFormat};
use timbreloom::model::Model;
use timbreloom::model::codes::{CodeEncoder, CodesModel, CodesPackage};
use timbreloom::model::kinds::Package;
use timbreloom::model::loader;
use timbreloom::model::provider::{Provider, ProviderChoice};
use timbreloom::model::request::ModelRequest;
use timbreloom::rt::{EffectSettings, Processor};
use timbreloom::telemetry::{EngineState, Telemetry};

const RATE_HZ: f64 = 44_100.0;
const HOP: usize = 512;

const NAMES: [&str; 3] = ["horn-codes", "cello-codes", "voice-codes"];

fn codes(name: &str) -> CodesModel {
    CodesModel::load(&CodesPackage::open(&shipped(name)).unwrap()).unwrap()
}

/// Notes of 0.6 s that swell and fade, between them a tenth of silence: harmonics of falling strength with vibrato.
fn phrase(seconds: f64) -> Vec<f32> {
    const NOTES_HZ: [f64; 6] = [146.8, 196.0, 220.0, 174.6, 293.7, 261.6];
    let mut phase = 0.0;
    (0..(seconds * RATE_HZ) as usize)
        .map(|n| {
            let t = n as f64 / RATE_HZ;
            let (note, at) = ((t / 0.7) as usize, t % 0.7);
            let vibrato = (15.0 / 1200.0 * (std::f64::consts::TAU * 5.5 * t).sin()).exp2();
            phase += NOTES_HZ[note % 6] * vibrato / RATE_HZ;
            let swell = if at < 0.6 { (std::f64::consts::PI * at / 0.6).sin().powf(0.7) } else { 0.0 };
            let bright = 0.45 + 0.35 * (t * 1.7).sin();
            let tone: f64 =
                (1..24).map(|k| bright.powi(k - 1) * (std::f64::consts::TAU * f64::from(k) * phase).sin()).sum();
            (0.25 * swell * tone) as f32
        })
        .collect()
}

fn value(row: &Row, descriptor: Descriptor) -> f32 {
    row[descriptor as usize]
}

/// The codes that a lane plays for this sound, with the input's loudness.
fn codes_of(model: &mut CodesModel, sound: &[f32], controls: &Controls) -> Vec<(usize, f32)> {
    model.reset();
    let mut lane = Lane::new(0, model.shape());
    let hops = sound.chunks_exact(HOP);
    hops.map(|hop| {
        let played = lane.run(model, hop, controls).unwrap();
        (model.code(0).unwrap(), played.loudness_db)
    })
    .collect()
}

fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values[values.len() / 2]
}

fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let mean = |list: &[f32]| list.iter().map(|&v| f64::from(v)).sum::<f64>() / list.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (&a, &b) in a.iter().zip(b) {
        let (a, b) = (f64::from(a) - mean_a, f64::from(b) - mean_b);
        (both, of_a, of_b) = (both + a * b, of_a + a * a, of_b + b * b);
    }
    both / (of_a * of_b).sqrt()
}

/// A note of 4 s with vibrato over noise 40 dB below.
fn held_note() -> Vec<f32> {
    let mut noise = vec![0.0; 4 * 44_100];
    Noise::new(1).fill(&mut noise);
    tone(4.0, 20.0, 5.5).iter().zip(&noise).map(|(tone, noise)| tone + 0.0015 * noise).collect()
}

/// A tone of 220 Hz with so much vibrato (cents, Hz).
fn tone(seconds: f64, depth_cents: f64, vibrato_hz: f64) -> Vec<f32> {
    let mut phase = 0.0;
    (0..(seconds * RATE_HZ) as usize)
        .map(|n| {
            phase += vibrato(n as f64 / RATE_HZ, depth_cents, vibrato_hz) / RATE_HZ;
            let harmonic = |k: i32| 0.6f64.powi(k - 1) * (std::f64::consts::TAU * f64::from(k) * phase).sin();
            (0.15 * (1..24).map(harmonic).sum::<f64>()) as f32
        })
        .collect()
}

/// Hz at a time.
fn vibrato(time_s: f64, depth_cents: f64, vibrato_hz: f64) -> f64 {
    220.0 * (depth_cents / 1200.0 * (std::f64::consts::TAU * vibrato_hz * time_s).sin()).exp2()
}

fn bounced(name: &str, sound: &[f32], settings: EffectSettings) -> Vec<f32> {
    Rig::of_models(format(RATE_HZ, HOP), name, None).bounce(sound, &[], |_| settings)
}

fn with(controls: Controls) -> EffectSettings {
    EffectSettings { controls, ..EffectSettings::default() }
}

#[test]
fn the_inputs_pitch_and_loudness_come_through_the_codes() {
    let sound = phrase(5.0);
    let rows_in = describe(&sound, RATE_HZ, HOP);
    for name in NAMES {
        let rows_out = describe(&bounced(name, &sound, EffectSettings::default()), RATE_HZ, HOP);
        let pairs = || rows_in.iter().zip(&rows_out);
        let is_note = |row: &Row| value(row, Descriptor::Loudness) > -45.0 && value(row, Descriptor::Periodicity) > 0.8;
        let cents: Vec<f32> = pairs()
            .filter(|(heard, _)| is_note(heard))
            .map(|(a, b)| 1200.0 * (value(b, Descriptor::Fundamental) / value(a, Descriptor::Fundamental)).log2().abs())
            .collect();
        let far = cents.iter().filter(|cents| **cents > 10.0).count() as f32 / cents.len() as f32;
        let off = median(cents);
        assert!(off < 2.0 && far < 0.02, "{name}: {off} cents off, {far} of the hops by more than 10");
        let loudness = |row: &Row| value(row, Descriptor::Loudness).max(-60.0);
        let [heard, made] = [&rows_in, &rows_out].map(|rows| rows.iter().map(loudness).collect::<Vec<_>>());
        let follows = correlation(&heard, &made);
        let louder_db = median(heard.iter().zip(&made).filter(|(a, _)| **a > -45.0).map(|(a, b)| b - a).collect());
        println!("{name}: {off:.2} cents, loudness {follows:.4}, {louder_db:.2} dB");
        assert!(follows > 0.98 && louder_db.abs() < 1.5, "{name}: loudness {follows}, {louder_db} dB");
    }
}

#[test]
fn turned_down_by_twenty_decibels_the_input_keeps_its_codes() {
    let loud = phrase(5.0);
    let soft: Vec<f32> = loud.iter().map(|sample| 0.1 * sample).collect();
    for name in NAMES {
        let mut model = codes(name);
        let [loud, soft] = [&loud, &soft].map(|sound| codes_of(&mut model, sound, &Controls::default()));
        let heard: Vec<_> = loud.iter().zip(&soft).filter(|((_, loudness_db), _)| *loudness_db > -40.0).collect();
        let kept = heard.iter().filter(|((a, _), (b, _))| a == b).count();
        assert!(heard.len() > 300 && kept * 100 >= heard.len() * 99, "{name}: {kept} of {}", heard.len());
    }
}

#[test]
fn a_held_note_does_not_flicker_between_codes() {
    for name in NAMES {
        let codes = codes_of(&mut codes(name), &held_note(), &Controls::default());
        let held = &codes[8..];
        let changes = held.windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
        println!("{name}: another code in {changes} of {} hops", held.len());
        assert!(changes * 100 < held.len() * 12, "{name}: {changes} changes in {} hops", held.len());
    }
}

#[test]
fn the_latency_reported_is_the_lag_of_the_sound() {
    const STEP: usize = 16;
    let sound = phrase(5.0);
    for rate_hz in [44_100.0, 48_000.0] {
        let mut rig = Rig::of_models(format(rate_hz, HOP), "horn-codes", None);
        let out = rig.bounce(&sound, &[], |_| EffectSettings::default());
        let levels = |sound: &[f32]| {
            let powers: Vec<f32> = sound.chunks_exact(STEP).map(|step| step.iter().map(|s| s * s).sum()).collect();
            powers.windows(64).map(|span| (span.iter().sum::<f32>() + 1e-9).ln().max(-8.0)).collect::<Vec<_>>()
        };
        let (heard, made) = (levels(&sound), levels(&out));
        let likeness = |lag: &i32| {
            let at = (100 + lag) as usize;
            let length = heard.len() - 200;
            correlation(&heard[100..100 + length], &made[at..at + length])
        };
        let lag = (-90..90).max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap();
        println!("{rate_hz} Hz: {} frames beyond what is reported", lag * STEP as i32);
        // 1 ms: an eleventh of a hop.
        assert!(lag.unsigned_abs() as usize * STEP <= 48, "{lag} steps late");
    }
}

#[test]
fn pitch_is_heard_when_it_was_played() {
    let rows = describe(&bounced("horn-codes", &tone(4.0, 50.0, 6.0), EffectSettings::default()), RATE_HZ, HOP);
    let late_by = |late_s: f64| {
        let off = rows.iter().enumerate().skip(30).map(|(n, row)| {
            // The tracker's moment: half of what it compares, and half a period, before the hop's end.
            let centre_s = ((n + 1) * HOP) as f64 / RATE_HZ - 0.5 * (1166.0 / RATE_HZ + 1.0 / 220.0);
            let wanted = vibrato(centre_s - late_s, 50.0, 6.0);
            (1200.0 * (f64::from(value(row, Descriptor::Fundamental)) / wanted).log2()).powi(2)
        });
        (off.sum::<f64>() / (rows.len() - 30) as f64).sqrt()
    };
    let cents = late_by(0.0);
    println!("{cents:.2} cents; were it 1 ms early {:.2}, late {:.2}", late_by(-0.001), late_by(0.001));
    assert!(cents < 5.0, "{cents} cents off, root mean square");
}

#[test]
fn what_is_played_is_what_is_bounced_bit_for_bit_alone_and_blended() {
    let (sound, side) = (phrase(1.5), tone(1.5, 0.0, 1.0));
    let settings = |at: usize| {
        let time_s = at as f64 / RATE_HZ;
        let mut controls = Controls { song_s: Some(3.0 + time_s), random: 0.6, random_hz: 3.0, ..Controls::default() };
        controls.bias[0] = time_s.sin() as f32;
        controls.side.latent = 0.3;
        controls.blend = (time_s as f32 - 0.3).clamp(0.0, 0.6);
        (controls.feedback_gain, controls.feedback_delay_s) = (0.6, 0.03);
        controls.freeze = time_s > 1.3;
        with(controls)
    };
    let format = StreamFormat { margin: Margin::Safe, ..format(RATE_HZ, HOP) };
    for (first, second) in [("horn-codes", None), ("cello", Some("horn-codes")), ("cello-codes", Some("horn-codes"))] {
        let bounced = Rig::of_models(format, first, second).bounce(&sound, &side, settings);
        assert!(bounced.iter().all(|s| s.is_finite()) && bounced.iter().any(|s| s.abs() > 0.01), "{first}");
        let live = || Rig::of_models(format, first, second).play_live(RATE_HZ, &sound, &side, settings);
        let live = (0..10).find_map(|_| live()).expect("in one of ten runs nothing comes late");
        assert_eq!(first_difference(&live, &bounced), None, "{first} {second:?}");
    }
}

#[test]
fn digital_silence_is_answered_with_silence() {
    let mut sound = tone(0.5, 0.0, 1.0);
    let end = sound.len();
    sound.resize(end + 40 * HOP, 0.0);
    let out = bounced("horn-codes", &sound, EffectSettings::default());
    assert!(out[end / 2..end].iter().any(|sample| sample.abs() > 0.01));
    // The window has passed, and what was played in it.
    assert!(out[end + 6 * HOP..].iter().all(|sample| *sample == 0.0), "the note hums on");
}

#[test]
fn reset_starts_anew_bit_for_bit() {
    let sound = phrase(1.0);
    let mut model = codes("horn-codes");
    let play = |model: &mut CodesModel| {
        let mut lane = Lane::new(0, model.shape());
        let mut out = Vec::new();
        for hop in sound.chunks_exact(HOP) {
            lane.run(model, hop, &Controls::default()).unwrap();
            out.extend(lane.made().iter().map(|sample| sample.to_bits()));
        }
        out
    };
    let first = play(&mut model);
    assert!(play(&mut model) != first, "there is something to forget");
    model.reset();
    assert!(play(&mut model) == first);
    assert!(play(&mut codes("horn-codes")) == first);
}

#[test]
fn bias_moves_through_the_codes_and_freeze_holds_one() {
    let sound = held_note();
    let mut model = codes("cello-codes");
    let mut play = |change: &dyn Fn(&mut Controls)| {
        let mut controls = Controls::default();
        change(&mut controls);
        codes_of(&mut model, &sound, &controls)[20..].iter().map(|(code, _)| *code).collect::<Vec<usize>>()
    };
    let plain = play(&|_| {});
    for bias in [-1.5, 1.5] {
        assert_ne!(play(&|controls| controls.bias[0] = bias)[100], plain[100], "bias {bias}");
    }
    let still = play(&|controls| controls.freeze = true);
    assert!(still.iter().all(|code| *code == still[0]));
    // Nothing of the input's timbre: the code nearest to the middle of the space, whatever is played.
    let middle = play(&|controls| controls.amount = 0.0);
    assert!(middle.iter().all(|code| *code == middle[0]));
    let cloud = model.info().reference_cloud;
    let beyond = |dim: usize| cloud.iter().filter(|z| z[dim] > model.shape().p99[dim]).count();
    assert!(cloud.len() == 512 && (0..model.shape().dims).all(|dim| beyond(dim) < 40));
}

#[test]
fn the_loudness_is_the_one_that_the_packages_encoder_measures() {
    let mut encoder = CodeEncoder::load(&CodesPackage::open(&shipped("horn-codes")).unwrap()).unwrap();
    let mut model = codes("horn-codes");
    let (mut latent, mut vector) = ([0.0; 16], [0.0; 16]);
    for hop in phrase(2.0).chunks_exact(HOP) {
        let graph_db = encoder.next(hop, 0.9, &mut vector).unwrap();
        let meter_db = model.encode(0, hop, &mut latent).unwrap();
        assert!((graph_db - meter_db).abs() < 0.01, "{graph_db} and {meter_db} dB(A)");
    }
}

#[test]
fn a_card_that_is_asked_for_is_answered_with_the_cpu_and_a_note() {
    let package = Package::open(&shipped("horn-codes")).unwrap();
    let info = |choice: ProviderChoice| loader::load(&package, &choice).unwrap().info();
    let asked = info(ProviderChoice::Only(Provider::Cuda));
    assert_eq!(asked.provider, "CPU");
    assert!(asked.provider_note.contains("CUDA is asked for, but codes run on the CPU"), "{}", asked.provider_note);
    assert!(info(ProviderChoice::Auto).provider_note.is_empty());
}

#[test]
fn damaged_codes_are_refused_in_words_and_dry_sound_passes() {
    let folder = tempfile::tempdir().unwrap();
    // Of a package that no other test plays: an instance takes what is in memory by its hash.
    for (file, at) in [("encoder.onnx", 5000), ("tables.f32", 5000), ("manifest.json", 3)] {
        let package = copy(&shipped("flute-codes"), &folder.path().join(file));
        let mut bytes = std::fs::read(package.join(file)).unwrap();
        bytes[at] ^= 1;
        std::fs::write(package.join(file), bytes).unwrap();
        let (open, telemetry) = (package.clone(), Arc::new(Telemetry::default()));
        let loader = move |_: &ModelRequest| Ok(loader::load(&Package::open(&open)?, &ProviderChoice::CPU)?);
        let engine = Engine::start(Box::new(loader), Arc::clone(&telemetry)).unwrap();
        assert!(engine.load(Slot::First, ModelRequest::named("flute-codes"), Duration::from_secs(20)).is_none());
        let message = telemetry.model.lock().message.clone();
        assert!(telemetry.state() == EngineState::Missing && message.contains(file), "{message}");
        let mut processor = Processor::new(None, format(RATE_HZ, HOP), telemetry);
        let mut block = [0.25; 512];
        processor.process(&mut [&mut block], &[], &EffectSettings::default());
        assert_eq!(block, [0.25; 512]);
    }
}

#[test]
fn the_program_transfers_through_codes_and_takes_latent_paths_through_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let sung = root().join("tests/fixtures/sung.wav").to_str().unwrap().to_owned();
    let out = at("out.wav");
    let said = program::succeed(&["transfer", &sung, "-m", "horn-codes", "-o", &out, "--plot", &at("out.png")]);
    assert!(said.contains("through horn-codes"), "{said}");
    program::succeed(&["encode", &sung, "--model", "horn-codes", "-o", &at("sung.json")]);
    program::succeed(&["decode", &at("sung.json"), "-o", &at("back.wav")]);
    for name in ["out.wav", "back.wav"] {
        let mut reader = hound::WavReader::open(at(name)).unwrap();
        let loudest = reader.samples::<i32>().map(|sample| sample.unwrap().unsigned_abs()).max().unwrap();
        assert!(loudest > 1000, "{name}");
    }
}
