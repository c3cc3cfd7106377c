//! Packages that are broken in every way we could think of: each is refused with a sentence that names the file, the
//! key where there is one, and what to do; and the shipped one is healthy.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::package::{alter, copy, forge, general, shipped};
use serde_json::{Value, json};
use tempfile::TempDir;
use timbreloom::model::Stage;
use timbreloom::model::doctor::{Diagnosis, Health};
use timbreloom::model::kinds;
use timbreloom::model::provider::ProviderChoice;

/// A copy of a package to break.
struct Copy(TempDir);

impl Copy {
    /// Of the shipped one.
    fn new() -> Self {
        Self::of(&shipped("cello"))
    }

    fn of(package: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(package, folder.path());
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn edit(self, change: impl FnOnce(&mut Value)) -> Self {
        alter(self.0.path(), change);
        self
    }

    /// Replaces a file and makes the manifest agree with it.
    fn forge(self, key: &str, bytes: &[u8]) -> Self {
        forge(self.0.path(), key, bytes);
        self
    }

    fn verdict(&self) -> String {
        verdict(self.0.path())
    }
}

fn examine(folder: &Path) -> Result<Health, Diagnosis> {
    kinds::examine(folder, &ProviderChoice::CPU)
}

fn verdict(folder: &Path) -> String {
    match examine(folder) {
        Ok(health) => format!("healthy: {health:?}"),
        Err(diagnosis) => diagnosis.to_string(),
    }
}

#[track_caller]
fn assert_says(verdict: &str, words: &[&str]) {
    for word in words {
        assert!(verdict.contains(word), "“{word}” is not in: {verdict}");
    }
}

#[test]
fn the_shipped_package_is_healthy_and_does_what_its_training_code_did() {
    let health = examine(&shipped("cello")).unwrap();
    assert_eq!(health.name, "cello");
    assert!(health.parity_error < 1e-3, "{health:?}");
    assert!(health.peak > 0.05, "{health:?}");
}

#[test]
fn a_general_decoder_gets_the_sound_that_the_encoder_heard() {
    let health = examine(&general()).unwrap();
    assert_eq!((health.name.as_str(), health.stage), ("echo", Some(Stage::General)));
    // It gives back its sound: only with the right hop of it is the example met.
    assert!(health.parity_error < 1e-5, "{health:?}");
    assert_eq!(examine(&shipped("cello")).unwrap().stage, Some(Stage::Pitched), "as a manifest without a stage means");
}

#[test]
fn a_stage_that_is_not_the_graphs_is_refused() {
    let copy = Copy::of(&general()).edit(|m| drop(m.as_object_mut().unwrap().remove("stage")));
    assert_says(&copy.verdict(), &["decoder.onnx", "asks for the inputs", "sound"]);
    let copy = Copy::new().edit(|m| m["stage"] = json!("general"));
    assert_says(&copy.verdict(), &["decoder.onnx", "“sound”", "[batch, 512]", "missing"]);
}

#[test]
fn a_graph_is_named_by_the_file_that_the_manifest_names() {
    let copy = Copy::new();
    fs::rename(copy.path("encoder.onnx"), copy.path("ear.onnx")).unwrap();
    let copy = copy.edit(|m| m["encoder"]["file"] = json!("ear.onnx"));
    assert!(copy.verdict().starts_with("healthy"), "{}", copy.verdict());
    let copy = copy.edit(|m| m["encoder"]["state_size"] = json!(7));
    assert_says(&copy.verdict(), &["ear.onnx", "“state”"]);
}

#[test]
fn a_key_that_stands_twice_is_refused_wherever_it_is() {
    for (once, twice) in
        [("\"hop_frames\":", "\"hop_frames\": 256, \"hop_frames\":"), ("\"dims\":", "\"dims\": 3, \"dims\":")]
    {
        let copy = Copy::new();
        let text = fs::read_to_string(copy.path("manifest.json")).unwrap();
        assert!(text.contains(once));
        fs::write(copy.path("manifest.json"), text.replacen(once, twice, 1)).unwrap();
        assert_says(&copy.verdict(), &["manifest.json", "duplicate field", once.trim_matches([':', '"'])]);
    }
}

#[test]
fn missing_and_unreadable_files_are_named() {
    let copy = Copy::new();
    fs::remove_file(copy.path("manifest.json")).unwrap();
    assert_says(&copy.verdict(), &["manifest.json", "cannot be read", "again"]);
    let copy = Copy::new();
    fs::remove_file(copy.path("decoder.onnx")).unwrap();
    assert_says(&copy.verdict(), &["decoder.onnx", "cannot be read"]);
    let copy = Copy::new();
    fs::remove_file(copy.path("parity.f32")).unwrap();
    assert_says(&copy.verdict(), &["parity.f32", "cannot be read"]);
    assert_says(&verdict(&shipped("cello").join("manifest.json")), &["manifest.json", "cannot be read"]);
    assert_says(&verdict(tempfile::tempdir().unwrap().path()), &["manifest.json", "cannot be read"]);
}

#[test]
fn truncated_oversized_and_newer_manifests_are_refused() {
    let copy = Copy::new();
    let whole = fs::read(copy.path("manifest.json")).unwrap();
    for length in [0, 1, whole.len() / 2, whole.len() - 2] {
        fs::write(copy.path("manifest.json"), &whole[..length]).unwrap();
        assert_says(&copy.verdict(), &["manifest.json", "not a valid manifest", "Export the model again"]);
    }
    fs::write(copy.path("manifest.json"), vec![b' '; 5 << 20]).unwrap();
    assert_says(&copy.verdict(), &["manifest.json", "5242880 bytes", "4194304"]);
    let copy = Copy::new().edit(|m| m["format"] = json!(2));
    assert_says(&copy.verdict(), &["format 2", "reads format 1", "Update Timbreloom"]);
    let copy = Copy::new().edit(|m| m["format"] = json!("one"));
    assert_says(&copy.verdict(), &["“format”"]);
}

#[test]
fn mislabelled_values_name_their_key_and_what_was_expected() {
    /// What is wrong, how it is made so, and the words to expect.
    type Case = (&'static str, Box<dyn Fn(&mut Value)>, &'static [&'static str]);
    let cases: Vec<Case> = vec![
        ("unknown key", Box::new(|m| m["colour"] = json!("red")), &["colour"]),
        ("missing key", Box::new(|m| drop(m.as_object_mut().unwrap().remove("hop_frames"))), &["hop_frames"]),
        (
            "wrong type",
            Box::new(|m| m["hop_frames"] = json!("512")),
            &["not a valid manifest", "“hop_frames”", "string"],
        ),
        ("wrong item", Box::new(|m| m["latent"]["p01"][3] = json!(null)), &["“latent.p01[3]”", "null"]),
        ("stage", Box::new(|m| m["stage"] = json!("comb")), &["“stage”", "“pitched” or “general”", "is comb"]),
        ("kind", Box::new(|m| m["kind"] = json!("modal")), &["“kind”", "“discrete” or “granular”", "modal"]),
        ("name", Box::new(|m| m["name"] = json!("../cello")), &["“name”"]),
        ("hop 0", Box::new(|m| m["hop_frames"] = json!(0)), &["“hop_frames”", "32 to 2048", "is 0"]),
        ("hop huge", Box::new(|m| m["hop_frames"] = json!(1u64 << 40)), &["“hop_frames”"]),
        ("rate", Box::new(|m| m["sample_rate_hz"] = json!(44)), &["“sample_rate_hz”", "is 44"]),
        ("dims", Box::new(|m| m["latent"]["dims"] = json!(17)), &["“latent.dims”", "1 to 16", "is 17"]),
        ("list", Box::new(|m| m["latent"]["p99"] = json!([1.0])), &["“latent.p99”", "16 finite numbers"]),
        ("order", Box::new(|m| m["latent"]["p01"] = json!(vec![9.0; 16])), &["“latent.p01”", "latent.p99"]),
        ("cloud", Box::new(|m| m["reference_cloud"] = json!([])), &["“reference_cloud”"]),
        ("cloud row", Box::new(|m| m["reference_cloud"][3] = json!([1.0])), &["“reference_cloud”"]),
        ("pitch", Box::new(|m| m["pitch"] = json!({"min_hz": 900.0, "max_hz": 90.0})), &["“pitch”"]),
        ("loudness", Box::new(|m| m["loudness_db"]["p50"] = json!(40.0)), &["“loudness_db”"]),
        ("path", Box::new(|m| m["encoder"]["file"] = json!("../secret")), &["“encoder.file”", "../secret"]),
        (
            "hash",
            Box::new(|m| m["decoder"]["sha256"] = json!("abc")),
            &["“decoder.sha256”", "64 hexadecimal", "is abc"],
        ),
        ("hops", Box::new(|m| m["parity"]["hops"] = json!(23)), &["“parity.hops”", "bytes"]),
        ("columns", Box::new(|m| m["noise_columns"] = json!(777)), &["decoder.onnx", "“noise”", "[batch, 777]"]),
        ("flicker", Box::new(|m| m["flicker_columns"] = json!(9999)), &["“flicker_columns”", "0 to 1216", "is 9999"]),
        (
            "macro's name",
            Box::new(|m| m["macros"] = json!([{ "name": "shiny", "direction": vec![0.0; 16] }])),
            &["“macros.name”", "one of bright, breath", "is shiny"],
        ),
        (
            "macro twice",
            Box::new(|m| m["macros"] = json!(vec![json!({ "name": "air", "direction": vec![0.5; 16] }); 2])),
            &["“macros.name”", "each once", "is air"],
        ),
        (
            "macro too short",
            Box::new(|m| m["macros"] = json!([{ "name": "air", "direction": [1.0] }])),
            &["“macros.direction”", "16 finite numbers"],
        ),
        (
            "macro too far",
            Box::new(|m| m["macros"] = json!([{ "name": "air", "direction": vec![9.0; 16] }])),
            &["“macros.direction”", "-8 to 8", "is 9"],
        ),
        (
            "too few names",
            Box::new(|m| m["dimension_names"] = json!(["bright"])),
            &["“dimension_names”", "16 dimensions", "is 1"],
        ),
        (
            "no word",
            Box::new(|m| m["dimension_names"] = json!(vec!["<b>"; 16])),
            &["“dimension_names”", "letters", "is <b>"],
        ),
        ("state", Box::new(|m| m["encoder"]["state_size"] = json!(7)), &["encoder.onnx", "“state”", "[batch, 7]"]),
    ];
    for (name, change, words) in cases {
        let verdict = Copy::new().edit(change).verdict();
        assert!(!verdict.starts_with("healthy"), "{name} passed");
        assert_says(&verdict, words);
        // Each names its file and what to do: “Export the model again”, “export it again”.
        let file = match name {
            "hops" => "parity.f32",
            "columns" => "decoder.onnx",
            "state" => "encoder.onnx",
            _ => "manifest.json",
        };
        assert_says(&verdict, &[file, "xport"]);
    }
    // JSON has no infinity, but a number may overflow into one.
    let copy = Copy::new();
    let text = fs::read_to_string(copy.path("manifest.json")).unwrap().replacen(
        "\"max_hz\": ",
        "\"max_hz\": 1e999 , \"x\": ",
        1,
    );
    fs::write(copy.path("manifest.json"), text).unwrap();
    assert_says(&copy.verdict(), &["manifest.json", "not a valid manifest", "number out of range"]);
}

#[test]
fn damaged_and_foreign_graphs_are_refused() {
    let copy = Copy::new();
    let encoder = fs::read(copy.path("encoder.onnx")).unwrap();
    let decoder = fs::read(copy.path("decoder.onnx")).unwrap();
    fs::write(copy.path("encoder.onnx"), &encoder[..encoder.len() / 2]).unwrap();
    assert_says(&copy.verdict(), &["encoder.onnx", "SHA-256", "damaged"]);
    let verdict = Copy::new().forge("encoder", &encoder[..encoder.len() / 2]).verdict();
    assert_says(&verdict, &["encoder.onnx", "no ONNX file, or a damaged one"]);
    assert_says(&Copy::new().forge("decoder", b"not a graph").verdict(), &["decoder.onnx", "no ONNX file"]);
    assert_says(&Copy::new().forge("encoder", &decoder).verdict(), &["encoder.onnx", "“audio”", "missing"]);
    let swapped = Copy::new().forge("encoder", &decoder).forge("decoder", &encoder);
    assert_says(&swapped.verdict(), &["encoder.onnx", "not of the same model", "export it again"]);
    let copy = Copy::new();
    fs::File::options().write(true).open(copy.path("decoder.onnx")).unwrap().set_len(300 << 20).unwrap();
    assert_says(&copy.verdict(), &["decoder.onnx", "314572800 bytes", "at most"]);
}

#[test]
fn a_model_that_plays_something_else_than_its_makers_or_no_numbers_is_refused() {
    let copy = Copy::new();
    let mut parity = fs::read(copy.path("parity.f32")).unwrap();
    let last = parity.len() - 4;
    parity[last..].copy_from_slice(&0.7f32.to_le_bytes());
    let copy = copy.forge("parity", &parity);
    let folder = copy.0.path().to_str().unwrap();
    assert_says(&copy.verdict(), &[folder, "differs", "Export it again"]);

    let copy = Copy::new();
    let mut parity = fs::read(copy.path("parity.f32")).unwrap();
    let output = parity.len() - 512 * 4;
    parity[output..].fill(0xff);
    let copy = copy.forge("parity", &parity);
    assert_says(&copy.verdict(), &[copy.0.path().to_str().unwrap(), "not numbers"]);

    let copy = Copy::new();
    let mut decoder = fs::read(copy.path("decoder.onnx")).unwrap();
    // All bits set is NaN wherever the floats of the weights begin. There, in the middle of a matrix.
    let inside = decoder.len() * 2 / 5;
    decoder[inside..inside + 4096].fill(0xff);
    assert_says(&copy.forge("decoder", &decoder).verdict(), &["not numbers", "Export it again"]);
}
