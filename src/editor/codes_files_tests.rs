//! What the instrument's window makes of packages and presets in files.

use std::path::Path;

use plugin_ui::Tone;
use plugin_ui::codes::{CodesRequest, CurvePoint};
use plugin_ui::session::{PresetCard, Request};
use tempfile::TempDir;

use super::super::browser_lists::{BrowserLists, Places};
use super::Bench;
use crate::model::request::ModelRequest;
use crate::preset::{Document, Plugin};

/// With packages and presets in a folder of its own.
fn with_folder() -> (TempDir, Bench) {
    let data = tempfile::tempdir().unwrap();
    let places = Places::at(data.path(), vec![data.path().join("models")]);
    (data, Bench::new().with_places(places))
}

#[test]
fn packages_of_codes_alone_are_offered() {
    let data = tempfile::tempdir().unwrap();
    let models = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("models")];
    let cards = BrowserLists::read(&Places::at(data.path(), models), Plugin::Codes);
    let names: Vec<&str> = cards.models.iter().map(|card| card.name.as_str()).collect();
    assert!(names.contains(&"horn-codes") && !names.contains(&"horn"), "{names:?}");
    let is_offered = |preset: &PresetCard| names.contains(&&*preset.model) && preset.problem.is_empty();
    assert!(cards.presets.len() >= 6 * names.len() && cards.presets.iter().all(is_offered), "{:?}", cards.presets);
    assert!(cards.models.iter().all(|card| card.problem.is_empty() && !card.hash.is_empty()));
}

#[test]
fn a_package_of_codes_is_imported_listed_and_asked_for_where_it_was_missing() {
    let (data, mut bench) = with_folder();
    bench.ask_session(Request::ImportPackage("nowhere.zip".into()));
    bench.settle("nowhere.zip");
    assert_eq!(bench.session().notice.as_ref().unwrap().tone, Tone::Trouble);

    bench.lose("horn-codes");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/horn-codes");
    bench.ask_session(Request::ImportPackage(path));
    bench.settle("“horn-codes” is installed.");
    assert!(data.path().join("models/horn-codes/manifest.json").is_file());
    assert_eq!(bench.session().models.iter().map(|card| card.name.as_str()).collect::<Vec<_>>(), ["horn-codes"]);
    assert!(bench.is_asked_for());

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/general");
    bench.ask_session(Request::ImportPackage(path));
    bench.settle("for another plugin");
    assert_eq!(bench.session().models.len(), 1);
}

#[test]
fn a_broken_package_is_told_from_one_that_is_for_another_plugin() {
    let (data, mut bench) = with_folder();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, from, file) in
        [("codes", "models/horn-codes", "tables.f32"), ("effect", "tests/fixtures/general", "parity.f32")]
    {
        let broken = data.path().join(name);
        std::fs::create_dir_all(&broken).unwrap();
        for entry in std::fs::read_dir(root.join(from)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, broken.join(path.file_name().unwrap())).unwrap();
            }
        }
        std::fs::write(broken.join(file), "cut").unwrap();
        bench.ask_session(Request::ImportPackage(broken));
        bench.settle(file);
        let notice = bench.session().notice.clone().unwrap();
        assert_eq!(notice.tone, Tone::Trouble);
        assert!(!notice.text.contains("for another plugin"), "{}", notice.text);
    }
    bench.ask_session(Request::ImportPackage(root.join("tests/fixtures/general")));
    bench.settle("for another plugin");
    let notice = bench.session().notice.clone().unwrap();
    assert_eq!(notice.tone, Tone::Good);
    assert!(notice.text.starts_with("“echo” is installed."), "{}", notice.text);
}

#[test]
fn presets_of_the_other_plugin_are_taken_in_and_counted_apart_and_a_broken_one_is_named() {
    let (data, mut bench) = with_folder();
    let given = data.path().join("given");
    std::fs::create_dir_all(&given).unwrap();
    let preset = |plugin: &str, name: &str| {
        format!(
            r#"{{"timbreloom_preset":1,"plugin":"{plugin}","name":"{name}","model":{{"name":"horn-codes"}},"parameters":{{}}}}"#
        )
    };
    std::fs::write(given.join("a.json"), preset("codes", "Mine")).unwrap();
    std::fs::write(given.join("b.json"), preset("effect", "Theirs")).unwrap();
    std::fs::write(given.join("c.json"), "{}").unwrap();
    bench.ask_session(Request::ImportPresets(given));
    bench.settle("Presets taken in: 1. For another plugin, and listed there: 1. Not all:");
    assert!(bench.session().notice.as_ref().unwrap().text.contains("c.json"));
    let names: Vec<&str> = bench.session().presets.iter().map(|preset| preset.name.as_str()).collect();
    assert_eq!(names, ["Mine"]);
}

#[test]
fn a_preset_holds_values_package_and_curve() {
    let (_data, mut bench) = with_folder();
    let first = bench.params.curve.points();
    bench.turn(0.75);
    bench.ask(CodesRequest::DrawCurve { points: vec![CurvePoint { place: 0.5, value: 0.25 }], is_done: true });
    bench.ask_session(Request::SavePreset { name: "Slow".into(), comment: String::new(), may_replace: false });
    bench.settle("“Slow” is saved.");
    assert_eq!((bench.session().preset.as_str(), bench.session().is_preset_edited), ("Slow", false));
    bench.ask(CodesRequest::DrawCurve { points: vec![CurvePoint { place: 0.5, value: 0.75 }], is_done: true });
    assert!(bench.session().is_preset_edited, "another curve is another sound");
    bench.ask_session(Request::Initialise);
    assert_eq!((bench.params.curve.points(), bench.session().preset.as_str()), (first, ""));
    let path = bench.session().presets.iter().find(|preset| preset.name == "Slow").unwrap().path.clone();
    bench.ask_session(Request::LoadPreset(path));
    while bench.session().preset.is_empty() {
        bench.keep_up();
        std::thread::yield_now();
    }
    assert!((bench.attack() - 0.75).abs() < 1e-4);
    assert_eq!(bench.params.curve.points().0, [(0.5, 0.25)]);
    let copied = bench.ask(CodesRequest::Session(Request::CopySettings)).unwrap();
    let mut other = Bench::new();
    other.ask_session(Request::PasteSettings(copied));
    assert!((other.attack() - 0.75).abs() < 1e-4 && other.params.curve.points().0 == [(0.5, 0.25)]);
}

#[test]
fn a_second_model_in_a_preset_is_left_out_and_told_and_its_file_keeps_it() {
    let (data, mut bench) = with_folder();
    let text = r#"{"timbreloom_preset":1,"plugin":"codes","name":"Two","model":{"name":"cello-codes"},
        "second_model":{"name":"flute"},"parameters":{"attack":70}}"#;
    let path = data.path().join("two.json");
    std::fs::write(&path, text).unwrap();
    bench.ask_session(Request::LoadPreset(path.clone()));
    bench.settle("“second_model” should be absent");
    assert!(bench.session().notice.as_ref().unwrap().text.ends_with("but is \"flute\": left out."));
    assert_eq!((bench.session().preset.as_str(), bench.session().is_preset_edited), ("Two", false));

    bench.ask_session(Request::ImportPresets(path));
    bench.settle("Presets taken in: 1.");
    let named = |bench: &Bench, name: &str| {
        let mut presets = bench.session().presets.iter();
        presets.find(|preset| preset.name == name).map(|preset| preset.path.clone()).unwrap()
    };
    let path = named(&bench, "Two");
    bench.ask_session(Request::RenamePreset { path, name: "Three".into() });
    bench.settle("is called “Three” now");
    let kept = Document::read(&named(&bench, "Three")).unwrap();
    assert_eq!(kept.second_model, Some(ModelRequest::named("flute")));
}
