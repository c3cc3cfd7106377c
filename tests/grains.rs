//! Grain models: listed, examined and installed as all packages, and played by what plays hits alone.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::path::Path;
use std::process::Output;

mod common;
#[path = "common/helper.rs"]
mod helper;
#[path = "common/program.rs"]
mod program;

use common::package::{granular, renamed, root, shipped};
use program::{fail, json, program, succeed};
use serde_json::Value;

/// The program, for a user of this data folder, with these models beside their own.
fn run(data: &Path, models: &Path, arguments: &[&str]) -> Output {
    let mut command = program();
    command.env("XDG_DATA_HOME", data).env("TIMBRELOOM_MODELS", models);
    command.args(arguments).output().unwrap()
}

#[test]
fn a_grain_model_is_examined_in_words_and_for_machines() {
    let folder = granular();
    let folder = folder.to_str().unwrap();
    let told = succeed(&["check", folder]);
    for part in ["tick: healthy. hits made at", "(kick)", "(hat) times real time", "of its maker's example"] {
        assert!(told.contains(part), "“{part}” is not in: {told}");
    }
    assert!(!told.contains("latency") && !told.contains("hop by hop"), "{told}");
    let told = json(&["check", folder]);
    assert_eq!((&told["kind"], &told["classes"][1]["name"]), (&"granular".into(), &"hat".into()));
    assert!(told["classes"][0]["times_real_time"].as_f64().unwrap() > 0.0, "{told}");
    assert!(["stage", "codes", "model_latency_frames"].iter().all(|key| told.get(key).is_none()), "{told}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_grain_model_is_installed_listed_and_taken_for_no_codebook() {
    let folder = tempfile::tempdir().unwrap();
    let (data, none) = (folder.path().join("data"), folder.path().join("none"));
    let output = run(&data, &none, &["import", granular().to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let list: Value = serde_json::from_slice(&run(&data, &none, &["models", "--json"]).stdout).unwrap();
    let model = list["models"].as_array().unwrap().iter().find(|model| model["name"] == "tick").unwrap();
    assert_eq!((&model["kind"], &model["classes"], &model["dims"]), (&"granular".into(), &2.into(), &4.into()));
    assert!(["stage", "codes", "model_latency_ms"].iter().all(|key| model.get(key).is_none()), "{model}");
    let told = String::from_utf8(run(&data, &none, &["models"]).stdout).unwrap();
    assert!(told.contains("2 kinds of hits, 44100 Hz, for Timbreloom Drums"), "{told}");
    let told = String::from_utf8(run(&data, &none, &["codebook", "tick"]).stderr).unwrap();
    assert!(told.contains("“tick” is a granular model, and this command plays discrete ones"), "{told}");
}

#[test]
fn a_grain_model_is_not_played_by_the_effect_and_no_file_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.wav");
    let sound = root().join("tests/fixtures/sung.wav");
    let told = fail(&[
        "transfer",
        sound.to_str().unwrap(),
        "-m",
        granular().to_str().unwrap(),
        "-o",
        output.to_str().unwrap(),
    ]);
    assert!(told.contains("is a grain model") && told.contains("Timbreloom Drums plays it"), "{told}");
    assert!(!output.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_drum_machine_gets_a_grain_model_by_its_name_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (data, models) = (folder.path().join("data"), folder.path().join("models"));
    renamed(&granular(), &models, "my drums");
    // Of the same name, and of a kind that comes first where all are played.
    renamed(&shipped("horn-codes"), &models.join("other"), "my drums");
    renamed(&shipped("horn-codes"), &models, "my codes");
    let paths = std::env::join_paths([models.join("other"), models]).unwrap();
    let load = |name: &str| {
        let mut task = helper::task("load-grains");
        helper::succeed(task.arg(name).env("XDG_DATA_HOME", &data).env("TIMBRELOOM_MODELS", &paths))
    };
    let told = load("my drums");
    assert!(told.starts_with("my drums: kick, hat."), "{told}");
    let told = load("my codes");
    assert!(told.contains("the model “my codes” is not installed"), "{told}");
}
