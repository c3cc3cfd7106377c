//! The kits that come with the grain models: at least six for each, fourteen for the drums, and each one plays: below full scale, with a sound
//! of every track that is struck, and unlike the model at rest and unlike the others.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::collections::HashSet;
use std::sync::Arc;

use common::package::root;
use common::presets::{Judge, sound_presets};
use common::sounds::peak;
use serde_json::{Value, json};
use timbreloom::drums::TRACKS;
use timbreloom::drums::pattern::{Pattern, Patterns, Step};
use timbreloom::hits::renderer::Renderer;
use timbreloom::instance::desk::InstanceDesk;
use timbreloom::instance::drums_params::DrumsParams;
use timbreloom::instance::drums_table;
use timbreloom::instance::midi_play::Own;
use timbreloom::model::catalogue;
use timbreloom::model::grains::GrainsPackage;
use timbreloom::model::kinds::{Kind, Package};
use timbreloom::model::loader::load_grain_model;
use timbreloom::offline::drums::{Song, render_loop};
use timbreloom::preset::{History, factory, load};

/// As many as the longest chain of a kit.
const BARS: u32 = 4;

fn models() -> Vec<GrainsPackage> {
    let packages = catalogue::all_in(&[root().join("models")]).into_iter().map(|(_, package)| package.unwrap());
    packages
        .filter(|package| package.kind() == Kind::Grains)
        .map(|package: Package| package.into_grains().unwrap())
        .collect()
}

#[test]
fn every_grain_model_has_six_sound_kits_or_more_the_drums_fourteen_and_their_names_are_their_own() {
    let models = models();
    assert!(!models.is_empty());
    for package in &models {
        let classes = package.classes.len();
        let least = if package.header.name == "drums" { 14 } else { 6 };
        for (place, document) in sound_presets(package, drums_table(), least) {
            for n in 1..=TRACKS {
                let of_track = |what: &str| document.parameters.get(&format!("{what}_{n}")).and_then(Value::as_u64);
                let class = of_track("class").unwrap_or(n as u64 - 1);
                let blend = document.parameters.get(&format!("blend_{n}")).map_or(0.0, |blend| blend.as_f64().unwrap());
                let class_b = if blend > 0.0 { of_track("class_b").unwrap_or(n as u64 - 1) } else { class };
                assert!(class.max(class_b) < classes as u64, "{place}: track {n} is no drum of the model");
                assert!(of_track("draw").is_some_and(|draw| draw > 0), "{place}: track {n} has not drawn its hit");
            }
            let patterns = Patterns::read(document.extras.unwrap()["patterns"].json().unwrap()).unwrap();
            let filled = patterns.0.iter().take_while(|pattern| **pattern != Pattern::default()).count();
            assert!((2..=4).contains(&filled), "{place}: {filled} patterns");
            assert_eq!(document.parameters["chain"], filled, "{place}: all of them are played");
        }
    }
}

/// Bars of a song of 120 beats a minute: `[channel][frame]`, left and right of each track.
fn play(package: &GrainsPackage, params: &DrumsParams) -> Vec<Vec<f32>> {
    let (settings, patterns) = (params.settings(&Own), params.patterns.get());
    let song = Song {
        settings: &settings,
        patterns: &patterns,
        bars: BARS,
        tempo_bpm: 120.0,
        rate_hz: 44_100,
        pairs: TRACKS,
        is_loop: false,
    };
    render_loop(Renderer::new(load_grain_model(package).unwrap().0), params.hits.kit(), &song).unwrap()
}

/// All tracks: left and right.
fn mixed(channels: &[Vec<f32>]) -> [Vec<f32>; 2] {
    [0, 1].map(|side| {
        let mut sum = vec![0.0; channels[side].len()];
        for channel in channels.iter().skip(side).step_by(2) {
            sum.iter_mut().zip(channel).for_each(|(sum, sample)| *sum += sample);
        }
        sum
    })
}

fn mono([left, right]: &[Vec<f32>; 2]) -> Vec<f32> {
    left.iter().zip(right).map(|(left, right)| 0.5 * (left + right)).collect()
}

/// The tracks that are struck in these bars whatever chance says.
fn struck(params: &DrumsParams) -> HashSet<usize> {
    let (sequencer, patterns) = (params.settings(&Own).sequencer, params.patterns.get());
    let steps = (0..i64::from(BARS) * sequencer.step.per_bar()).flat_map(|index| {
        let lines = patterns.0[sequencer.pattern_at(index)].lines;
        lines.map(|line| line.steps[line.looped(index)]).into_iter().enumerate()
    });
    let is_sure = |(_, step): &(usize, Step)| !step.is_rest() && step.probability() == 100;
    steps.filter(is_sure).map(|(track, _)| track).collect()
}

#[test]
fn every_kit_plays_below_full_scale_on_all_its_tracks_and_unlike_the_model_at_rest_and_the_others() {
    let mut judge = Judge::default();
    for package in models() {
        let rest = DrumsParams::default();
        let beat = json!({"1": [{}, {"steps": "8.5."}, {}, {"steps": "9......."}, {}, {}, {"steps": "....9..."}]});
        rest.patterns.put(Patterns::read(&beat).unwrap());
        let rest = mono(&mixed(&play(&package, &rest)));
        judge.begin(&rest);
        for entry in factory(&package) {
            let document = entry.document.unwrap();
            let mut desk = InstanceDesk::loose(Arc::<DrumsParams>::default());
            load(&document, drums_table(), &mut desk, &mut History::default()).unwrap();
            let channels = play(&package, desk.params());
            let name = format!("{}, {}", package.header.name, document.name);
            for track in struck(desk.params()) {
                let loudest = peak(&channels[2 * track]).max(peak(&channels[2 * track + 1]));
                judge.check(loudest > 0.004, &name, &format!("track {} peaks at {loudest:.4}", track + 1));
            }
            let mixed = mixed(&channels);
            let loudest = peak(&mixed[0]).max(peak(&mixed[1]));
            judge.check((0.3..=0.95).contains(&loudest), &name, &format!("it peaks at {loudest:.2}"));
            judge.hear(&name, &mono(&mixed), &rest, -15.0..=9.0, 1.5);
        }
    }
    judge.end();
}
