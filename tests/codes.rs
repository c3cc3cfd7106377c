//! Discrete models: what the packages promise, targets met, bad input told, and the same sound live and offline.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

mod common;
#[path = "common/program.rs"]
mod program;

use common::package::{alter, copy, root, sha256, shipped};
use program::{fail, json, succeed};
use serde_json::Value;
use timbreloom::codes::book::Codebook;
use timbreloom::codes::matcher::{Goal, Matcher};
use timbreloom::codes::path::PathSearch;
use timbreloom::codes::voice::{Play, Voice};
use timbreloom::dsp::descriptors::{Descriptor, describe};
use timbreloom::model::catalogue;
use timbreloom::model::codes::{CodesPackage, load_book};
use timbreloom::model::doctor::Diagnosis;
use timbreloom::model::kinds::{self, Kind};
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::request::ModelRequest;
use timbreloom::offline::target::{self, TargetAsk};

fn packages() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("models")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        entries.filter(|path| path.is_dir() && path.to_string_lossy().ends_with("-codes")).collect();
    found.sort();
    assert!(found.len() >= 5, "{found:?}");
    found
}

fn horn_book() -> Arc<Codebook> {
    load_book(&CodesPackage::open(&shipped("horn-codes")).unwrap()).unwrap()
}

/// A copy of the horn, changed, its hashes made to agree again.
fn altered(folder: &Path, change: impl FnOnce(&mut Value, &mut Vec<f32>)) -> PathBuf {
    let copy = copy(&shipped("horn-codes"), &folder.join("altered"));
    let bytes = std::fs::read(copy.join("tables.f32")).unwrap();
    let mut tables: Vec<f32> = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    alter(&copy, |manifest| {
        change(manifest, &mut tables);
        let bytes: Vec<u8> = tables.iter().flat_map(|value| value.to_le_bytes()).collect();
        if manifest["tables"]["sha256"] != "kept" {
            manifest["tables"]["sha256"] = sha256(&bytes).into();
        }
        std::fs::write(copy.join("tables.f32"), bytes).unwrap();
    });
    copy
}

/// Where the descriptors of a code at its own pitch begin in the tables.
fn own_descriptors(code: usize) -> usize {
    let (codes, width) = (512, 16);
    512 + codes * width + codes + codes + 2 * codes + 7 * code
}

#[test]
fn every_package_is_healthy_and_used_all_its_codes() {
    for folder in packages() {
        let health = kinds::examine(&folder, &ProviderChoice::CPU).unwrap_or_else(|error| panic!("{error}"));
        assert!(health.codes.is_some_and(|codes| codes >= 512), "{health:?}");
        let book = load_book(&CodesPackage::open(&folder).unwrap()).unwrap();
        assert!(book.used.iter().all(|&count| count > 0.0), "{}", folder.display());
        assert!(book.successors.iter().flatten().all(|(code, _)| usize::from(*code) < book.len()));
    }
}

#[test]
fn targets_are_met_by_path_and_by_nearest_on_every_package() {
    for folder in packages() {
        for descriptor in ["centroid", "bandwidth", "fundamental"] {
            for shape in ["sine", "exp"] {
                for (matching, least) in [("path", 0.99), ("nearest", 0.985)] {
                    let goal = format!("{descriptor}={shape}");
                    let note: &[&str] = if descriptor == "fundamental" { &[] } else { &["--note", "C4"] };
                    let ask = ["target", folder.to_str().unwrap(), "-g", &goal, "--match", matching];
                    let made = json(&[&ask, note].concat());
                    let r = made["goals"][0]["correlation"].as_f64().unwrap();
                    assert!(r >= least, "{} {goal} by {matching}: {r}", folder.display());
                }
            }
        }
    }
}

#[test]
fn a_scale_is_in_tune_within_five_cents_whatever_the_code() {
    let book = horn_book();
    let bright = book.sorted(Descriptor::Centroid, None);
    for (step, note) in (36..=76).step_by(2).enumerate() {
        let f0_hz = 440.0 * ((note as f32 - 69.0) / 12.0).exp2();
        // A code with a pitch: of noise alone there is none to be measured.
        let pitched: Vec<usize> = bright.iter().copied().filter(|&code| book.is_pitched(code)).collect();
        let code = pitched[(step * 19) % pitched.len()];
        let plays = vec![Play { code, f0_hz, level_db: -20.0 }; 40];
        let rows = describe(&target::render(&book, &plays, 1), 44_100.0, 512);
        for row in &rows[10..38] {
            let cents = 1200.0 * (row[Descriptor::Fundamental as usize] / f0_hz).log2();
            assert!(
                row[Descriptor::Periodicity as usize] < 0.7 || cents.abs() < 5.0,
                "note {note}, code {code}: {cents}"
            );
        }
    }
}

#[test]
fn played_live_hop_by_hop_it_is_the_offline_sound_bit_for_bit() {
    let book = horn_book();
    let goals = [Goal { descriptor: Descriptor::Centroid, weight: 1.0 }];
    let ask = TargetAsk {
        goals: vec![(goals[0], target::Source::Shape(timbreloom::codes::curve::CurveShape::Sine, None))],
        f0_hz: Some(220.0),
        seconds: Some(1.0),
        cycles: 2.0,
        is_fitted: false,
        path: Some((0.3, 8)),
        level_db: -20.0,
        seed: 5,
    };
    let offline = target::play(&book, "horn-codes", &ask).unwrap();
    let mut search = PathSearch::new(Matcher::new(book.clone(), &goals), 0.3, 8);
    let mut voice = Voice::new(book.clone(), 5);
    let (mut live, mut hop) = (Vec::new(), vec![0.0; 512]);
    let wanted = &offline.scores[0].wanted;
    let mut play = |code, live: &mut Vec<f32>| {
        voice.next(Play { code, f0_hz: 220.0, level_db: -20.0 }, &mut hop);
        live.extend_from_slice(&hop);
    };
    for value in wanted {
        if let Some(code) = search.next(&[*value], Some(220.0)) {
            play(code, &mut live);
        }
    }
    assert_eq!(live.len(), (wanted.len() - 8) * 512, "the look-ahead is the only delay");
    while let Some(code) = search.finish() {
        play(code, &mut live);
    }
    assert_eq!(live, offline.sound[..live.len()]);
}

#[test]
fn descriptors_that_disagree_with_the_decoder_are_refused_and_nothing_is_played() {
    let folder = tempfile::tempdir().unwrap();
    let copy = altered(folder.path(), |_, tables| tables[own_descriptors(33)] *= 1.5);
    let error = kinds::examine(&copy, &ProviderChoice::CPU).unwrap_err();
    assert!(matches!(error, Diagnosis::Descriptor { code: 33, descriptor: Descriptor::Centroid, .. }), "{error}");
    let told = fail(&["check", copy.to_str().unwrap()]);
    for part in ["altered", "descriptors disagree", "code 33", "centroid", "Hz", "xport the model again"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // Played without a check it is refused all the same, if the few codes that are heard tell.
    let copy = altered(folder.path(), |_, tables| (0..512).for_each(|code| tables[own_descriptors(code)] *= 1.5));
    let output = folder.path().join("a.wav");
    let told = fail(&["target", copy.to_str().unwrap(), "-g", "centroid=sine", "-o", output.to_str().unwrap()]);
    assert!(told.contains("descriptors disagree"), "{told}");
    assert!(!output.exists());
}

#[test]
fn a_manifest_that_makes_no_sense_is_told_by_key() {
    type Change = Box<dyn FnOnce(&mut Value, &mut Vec<f32>)>;
    let cases: Vec<(&str, Change)> = vec![
        ("“kind”", Box::new(|m, _| m["kind"] = "modal".into())),
        ("“codes”", Box::new(|m, _| m["codes"] = 1.into())),
        ("“width”", Box::new(|m, _| m["width"] = 1000.into())),
        ("“tables.file”", Box::new(|m, _| m["codes"] = 511.into())),
        ("“pitch_grid_hz”", Box::new(|m, _| m["pitch_grid_hz"] = serde_json::json!([200.0, 100.0]))),
        ("“descriptors”", Box::new(|m, _| m["descriptors"] = serde_json::json!(["brightness"]))),
        ("“measured.first_hop”", Box::new(|m, _| m["measured"]["first_hop"] = 12.into())),
        ("“encoder.file”", Box::new(|m, _| m["encoder"]["file"] = "../encoder.onnx".into())),
        ("“vectors”", Box::new(|_, tables| tables[600] = f32::NAN)),
        ("“own_hz”", Box::new(|_, tables| tables[own_descriptors(0) - 1024 - 512] = 5.0)),
        ("“own descriptors”", Box::new(|_, tables| tables[own_descriptors(7)] = f32::INFINITY)),
        ("“transitions”", Box::new(|_, tables| *tables.iter_mut().rev().nth(1).unwrap() = 512.0)),
        ("SHA-256", Box::new(|m, _| m["tables"]["sha256"] = "kept".into())),
        ("unknown field", Box::new(|m, _| m["more"] = 1.into())),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (told, change) in cases {
        let copy = altered(folder.path(), change);
        let error = kinds::examine(&copy, &ProviderChoice::CPU).expect_err(told).to_string();
        assert!(error.contains(told) && error.contains("altered"), "{told}: {error}");
    }
}

#[test]
fn a_target_that_cannot_be_met_is_told_and_nothing_is_played() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let nan = file("nan.csv", "700\nNaN\n");
    let empty = file("empty.csv", "");
    let far = file("far.csv", "700\n800\n90000\n");
    let output = folder.path().join("a.wav");
    let goal = |text: &str| format!("centroid={text}");
    let cases: Vec<(Vec<String>, Vec<&str>)> = vec![
        (vec![goal(&nan)], vec!["nan.csv, line 2", "finite", "NaN", "Correct the line"]),
        (vec![goal(&empty)], vec!["empty.csv", "no values", "Draw or export"]),
        (vec![goal(&far)], vec!["far.csv, line 3", "horn-codes", "90000.0", "--fit"]),
        (vec![goal("sine:100..700")], vec!["the range of centroid=sine", "100.0", "Hz"]),
        (vec![goal("sine"), goal("exp")], vec!["centroid is asked for twice"]),
        (vec![goal("nowhere.csv")], vec!["centroid=nowhere.csv", "no such file"]),
        (vec!["fundamental=sine".into(), "--note=C4".into()], vec!["the note holds the fundamental"]),
        (vec![goal("sine"), "--seconds=0".into()], vec!["length"]),
        (vec![goal("sine"), "--seconds=NaN".into()], vec!["length"]),
        (vec![goal("sine"), "--cycles=-1".into()], vec!["cycles"]),
        (vec![goal("sine"), "--weight=bandwidth=2".into()], vec!["--weight bandwidth=2 has no goal"]),
        (vec![goal("sine"), "--weight=centroid=-1".into()], vec!["weight of centroid"]),
        (vec![goal("sine"), "--level=7".into()], vec!["--level"]),
        (vec![goal("sine"), "--jump=NaN".into()], vec!["--jump"]),
    ];
    for (arguments, told) in cases {
        let mut all = vec!["target", "horn-codes", "-o", output.to_str().unwrap()];
        for argument in &arguments {
            if !argument.starts_with("--") {
                all.push("-g");
            }
            all.push(argument);
        }
        let error = fail(&all);
        assert!(told.iter().all(|part| error.contains(part)), "{all:?}: {error}");
        assert!(!output.exists(), "{all:?}");
    }
    let told = fail(&["codebook", "cello"]);
    assert!(told.contains("“cello” is a continuous model") && told.contains("horn-codes"), "{told}");
    succeed(&["target", "horn-codes", "-g", &goal(&far), "--fit", "-o", output.to_str().unwrap()]);
    assert!(output.exists());
}

#[test]
fn drawn_curves_other_sounds_and_weights_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = folder.path().join("drawn.csv");
    std::fs::write(&drawn, "seconds,hz\n0,600\n1,1500\n2,700\n").unwrap();
    let goal = format!("centroid={}", drawn.display());
    let made = json(&["target", "horn-codes", "-g", &goal, "--note", "A3"]);
    assert_eq!(made["hops"], 172);
    assert!(made["goals"][0]["correlation"].as_f64().unwrap() > 0.99, "{made}");
    let sung = format!("centroid={}", "tests/fixtures/sung.wav");
    let made = json(&["target", "cello-codes", "-g", &sung, "--fit", "--note", "A3"]);
    assert!(made["goals"][0]["correlation"].as_f64().unwrap() > 0.9, "{made}");
    let both = |weight: &str| {
        let goals = ["-g", "centroid=ramp", "-g", "fundamental=sine", "--weight", weight];
        let made = json(&[&["target", "horn-codes"][..], &goals].concat());
        made["goals"][0]["correlation"].as_f64().unwrap()
    };
    assert!(both("centroid=20") > both("centroid=0.05"), "weights decide");
}

#[test]
fn codebook_traverse_and_describe_write_what_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (png, csv, wav, plot, rows) = (at("a.png"), at("a.csv"), at("a.wav"), at("b.png"), at("b.csv"));
    let told = json(&["codebook", "flute-codes", "-d", "rolloff", "--plot", &png, "--csv", &csv, "--note", "C5"]);
    assert_eq!((told["codes"].as_u64(), told["used"].as_u64()), (Some(512), Some(512)));
    assert_eq!(std::fs::read_to_string(&csv).unwrap().lines().count(), 513);
    let told = json(&["traverse", "flute-codes", "-d", "bandwidth", "-o", &wav, "--plot", &plot, "--note", "C5"]);
    assert!(told["score"]["correlation"].as_f64().unwrap() > 0.98, "{told}");
    for picture in [&png, &plot] {
        assert!(std::fs::read(picture).unwrap().starts_with(b"\x89PNG"));
    }
    succeed(&["describe", &wav, "-o", &rows]);
    let text = std::fs::read_to_string(&rows).unwrap();
    assert!(text.starts_with("seconds,centroid_hz,bandwidth_hz,"));
    // Code after code at one note: in the middle of the order there is more of it than of breath.
    let lines: Vec<&str> = text.lines().collect();
    let middle: Vec<f32> = lines[lines.len() / 3].split(',').map(|field| field.parse().unwrap()).collect();
    assert!((middle[3] - 523.25).abs() < 3.0, "{middle:?}");
}

#[test]
fn discrete_packages_are_listed_apart_from_the_effects_models() {
    assert!(catalogue::find(&ModelRequest::named("horn-codes"), &[Kind::Codes]).is_ok());
    let list = json(&["models"]);
    let kinds: Vec<&Value> = list["models"].as_array().unwrap().iter().collect();
    let named = |name: &str| kinds.iter().find(|model| model["name"] == name);
    assert_eq!(named("horn-codes").unwrap()["kind"], "discrete");
    assert!(named("horn").unwrap()["dims"].is_number());
    assert!(kinds.iter().all(|model| model.get("error").is_none()), "{list}");
}
