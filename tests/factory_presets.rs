//! The presets that come with the models: each is sound, at least eight for each model, and each one plays: neither too
//! loud nor silent, and unlike the model at rest and unlike the others.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::package::{root, shipped};
use common::presets::{Judge, sound_presets};
use common::sounds::{recording, rms};
use timbreloom::instance::desk::InstanceDesk;
use timbreloom::instance::effect_params::EffectParams;
use timbreloom::instance::midi_play::Own;
use timbreloom::instance::table;
use timbreloom::instance::transport::TransportPosition;
use timbreloom::model::kinds::{Kind, kind_of};
use timbreloom::model::latent::{LatentModel, LatentPackage};
use timbreloom::model::{Model, Stage};
use timbreloom::offline::audio_file::Audio;
use timbreloom::offline::render::Bounce;
use timbreloom::preset::{Desk, History, factory, load};
use timbreloom::rt::EffectSettings;

fn models() -> Vec<LatentPackage> {
    let entries = std::fs::read_dir(root().join("models")).unwrap().map(|entry| entry.unwrap().path());
    // Discrete models are for another instrument.
    let is_model = |path: &PathBuf| kind_of(path) == Some(Kind::Latent);
    let mut folders: Vec<PathBuf> = entries.filter(is_model).collect();
    folders.sort();
    folders.iter().map(|folder| LatentPackage::open(folder).unwrap()).collect()
}

#[test]
fn every_model_has_eight_sound_presets_or_more_and_their_names_are_their_own() {
    let models = models();
    assert_eq!(models.len(), 13);
    let installed: HashSet<&str> = models.iter().map(|package| package.header.name.as_str()).collect();
    for package in &models {
        for (place, document) in sound_presets(package, table(), 8) {
            let second = document.second_model.as_ref().map(|second| second.name.as_str());
            assert!(second.is_none_or(|second| installed.contains(second)), "{place}: {second:?}");
            if package.shape.stage == Stage::General {
                assert!(!document.parameters.contains_key("transpose"), "{place}: it would not be heard");
            }
        }
    }
}

/// A part of a sound of the repository, at -20 dBFS (root mean square), and half a second of silence.
fn excerpt(file: &str, from_s: f32, seconds: f32) -> Audio {
    let mut sound = recording(file)[(from_s * 44_100.0) as usize..][..(seconds * 44_100.0) as usize].to_vec();
    let gain = 0.1 / rms(&sound);
    sound.iter_mut().for_each(|sample| *sample *= gain);
    sound.resize(sound.len() + 11_025, 0.0);
    Audio { rate_hz: 44_100, channels: vec![sound] }
}

fn play(package: &LatentPackage, second: Option<&str>, settings: &EffectSettings, sound: &Audio) -> Vec<f32> {
    let boxed =
        |folder: &Path| Box::new(LatentModel::load(&LatentPackage::open(folder).unwrap()).unwrap()) as Box<dyn Model>;
    let second = second.map(shipped);
    let make = || Ok((boxed(&package.header.folder), second.as_deref().map(boxed)));
    let mut bounce = Bounce::new(sound.rate_hz, 1, make, settings, 512).unwrap();
    let mut made = vec![Vec::new()];
    for block in sound.channels[0].chunks(512) {
        bounce.play(vec![block.to_vec()], &mut made).unwrap();
    }
    bounce.finish(&mut made).unwrap();
    made.remove(0)
}

#[test]
fn every_preset_plays_below_full_scale_and_unlike_the_model_at_rest_and_the_others() {
    let (sung, spoken) = (excerpt("sung.wav", 0.3, 1.4), excerpt("spoken.wav", 0.1, 1.4));
    let mut judge = Judge::default();
    for package in models() {
        let sound = if package.shape.stage == Stage::Pitched { &sung } else { &spoken };
        judge.begin(&play(&package, None, &EffectSettings::default(), sound));
        // While it lives, the sessions of the package are not loaded again.
        let _kept = LatentModel::load(&package).unwrap();
        for entry in factory(&package) {
            let document = entry.document.unwrap();
            let mut desk = InstanceDesk::loose(Arc::<EffectParams>::default());
            load(&document, table(), &mut desk, &mut History::default()).unwrap();
            let settings = desk.params().settings(&TransportPosition::default(), &Own);
            let [_, second] = desk.models();
            let second = Some(second.name.as_str()).filter(|name| !name.is_empty());
            let made = play(&package, second, &settings, sound);
            let name = format!("{}, {}", package.header.name, document.name);
            judge.hear(&name, &made, &sound.channels[0], -14.0..=6.0, 1.0);
        }
    }
    judge.end();
}
