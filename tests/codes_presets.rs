//! The presets that come with the codebooks: at least six for each, and each one plays: neither too loud nor silent, in tune
//! where it says so, and unlike the codebook at rest and unlike the others.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::sync::Arc;

use common::package::root;
use common::presets::{Judge, sound_presets};
use timbreloom::dsp::descriptors::{Descriptor, describe};
use timbreloom::instance::codes_params::CodesParams;
use timbreloom::instance::codes_table;
use timbreloom::instance::desk::InstanceDesk;
use timbreloom::instance::midi_play::Own;
use timbreloom::model::catalogue;
use timbreloom::model::codes::{CodesPackage, load_book};
use timbreloom::model::kinds::{Kind, Package};
use timbreloom::preset::{History, factory, load};
use timbreloom::synth::code_set::CodeSet;
use timbreloom::synth::instrument::{Event, Instrument, Who};
use timbreloom::synth::settings::Song;

const RATE_HZ: u32 = 44_100;
const BLOCK_FRAMES: usize = 441;

/// Nine of ten hops that have a pitch are nearer to their note, cents.
const MOST_CENTS: f32 = 25.0;

/// Of a preset with a pitch at least this share of the hops has one: else its tuning would be judged by nothing.
const LEAST_SHARE: f32 = 0.1;

/// Presets that are meant to have no pitch.
const UNPITCHED: [&str; 1] = ["Whisper"];

fn codebooks() -> Vec<CodesPackage> {
    let packages = catalogue::all_in(&[root().join("models")]).into_iter().map(|(_, package)| package.unwrap());
    packages
        .filter(|package| package.kind() == Kind::Codes)
        .map(|package: Package| package.into_codes().unwrap())
        .collect()
}

#[test]
fn every_codebook_has_six_sound_presets_or_more_and_their_names_are_their_own() {
    let codebooks = codebooks();
    assert_eq!(codebooks.len(), 5);
    for package in &codebooks {
        sound_presets(package, codes_table(), 6);
    }
}

/// Where the codebook's own players are at home.
fn keys(package: &CodesPackage) -> [u8; 2] {
    let middle = 12.0 * ((package.pitch.min_hz * package.pitch.max_hz).sqrt() / 440.0).log2() + 69.0;
    [middle as u8 - 4, middle as u8 + 3]
}

fn who(key: u8) -> Who {
    Who { id: None, channel: Some(0), key: Some(key) }
}

/// A soft note and a hard one of a second and a half, and what rings after them, in a song of 120 beats a minute.
fn play(package: &CodesPackage, set: &CodeSet, params: &CodesParams) -> Vec<f32> {
    let mut instrument = Instrument::new(set, Arc::default());
    let [low, high] = keys(package);
    let second = |seconds: f32| (seconds * RATE_HZ as f32) as usize / BLOCK_FRAMES;
    let events = [
        (second(0.0), Event::On(who(low), 0.5)),
        (second(1.5), Event::Off(who(low))),
        (second(1.6), Event::On(who(high), 0.9)),
        (second(3.1), Event::Off(who(high))),
    ];
    let mut sound = vec![0.0; second(4.0) * BLOCK_FRAMES];
    for (n, block) in sound.chunks_mut(BLOCK_FRAMES).enumerate() {
        let settings = params.settings(&Own);
        for (_, event) in events.iter().filter(|(at, _)| *at == n) {
            instrument.handle(*event, &settings);
        }
        let song = Song { beats: Some(0.0), tempo_bpm: 120.0 }.later((n * BLOCK_FRAMES) as f64 / f64::from(RATE_HZ));
        instrument.render(block, &[], &settings, song);
    }
    sound
}

/// How far nine of ten hops with a pitch are at most from the note that sounds, cents, in the middle of both notes, if any hop
/// has one; the share of those that have.
fn out_of_tune(package: &CodesPackage, params: &CodesParams, sound: &[f32]) -> (Option<f32>, f32) {
    const HOP: usize = 512;
    let rows = describe(sound, f64::from(RATE_HZ), HOP);
    let hop_at = |seconds: f32| (seconds * RATE_HZ as f32) as usize / HOP;
    let (mut cents, mut all) = (Vec::new(), 0);
    for (key, from) in keys(package).into_iter().zip([0.5, 2.1]) {
        let wanted_hz = 440.0 * ((f32::from(key) - 69.0 + params.pitch.transpose.value()) / 12.0).exp2();
        for row in &rows[hop_at(from)..hop_at(from + 0.9)] {
            all += 1;
            if row[Descriptor::Periodicity as usize] > 0.8 {
                cents.push((1200.0 * (row[Descriptor::Fundamental as usize] / wanted_hz).log2()).abs());
            }
        }
    }
    cents.sort_by(f32::total_cmp);
    (cents.get(cents.len() * 9 / 10).copied(), cents.len() as f32 / all as f32)
}

#[test]
fn every_preset_plays_below_full_scale_in_tune_and_unlike_the_codebook_at_rest_and_the_others() {
    let mut judge = Judge::default();
    for package in codebooks() {
        let set = CodeSet::new(&load_book(&package).unwrap(), RATE_HZ);
        let rest = play(&package, &set, &CodesParams::default());
        judge.begin(&rest);
        for entry in factory(&package) {
            let document = entry.document.unwrap();
            let mut desk = InstanceDesk::loose(Arc::<CodesParams>::default());
            load(&document, codes_table(), &mut desk, &mut History::default()).unwrap();
            let made = play(&package, &set, desk.params());
            let name = format!("{}, {}", package.header.name, document.name);
            judge.hear(&name, &made, &rest, -15.0..=9.0, 1.5);
            let is_raw = document.parameters.get("pitch_mode").is_some_and(|mode| mode == "codes");
            let has_pitch = !is_raw && !UNPITCHED.contains(&document.name.as_str());
            let (cents, share) = out_of_tune(&package, desk.params(), &made);
            let off = cents.map_or_else(|| "no".to_owned(), |cents| format!("{cents:.0}"));
            println!("{name}: {off} cents in {share:.2} of the hops");
            let is_in_tune = cents.is_none_or(|cents| cents < MOST_CENTS);
            judge.check(is_raw || is_in_tune, &name, &format!("{off} cents out of tune"));
            judge.check(!has_pitch || share >= LEAST_SHARE, &name, &format!("a pitch in {share:.2} of the hops"));
        }
    }
    judge.end();
}
