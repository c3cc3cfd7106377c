//! What a preset's text means, and what is refused.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use timbreloom::instance::table;
use timbreloom::model::request::ModelRequest;
use timbreloom::preset::{Desk, Document, History, load};

use crate::{desk, parsed, preset, refusal, settings, shown};

#[test]
fn a_preset_is_loaded_in_the_units_that_are_shown_and_names_only_what_it_changes() {
    let mut desk = desk();
    desk.set("bypass", 1.0);
    desk.set("latency", 1.0);
    desk.set("transpose", 0.9);
    let document = parsed(&preset(json!({
        "feedback_frequency": 440.0, "stability": 60, "input_gain": -6.0, "freeze": true, "loudness_mode": "manual",
        "random_take": 77, "bias_3": -1.5,
    })));
    let (_, remarks) = load(&document, table(), &mut desk, &mut History::default()).unwrap();
    assert_eq!(remarks, []);
    for (id, value) in [
        ("feedback_frequency", 440.0),
        ("stability", 60.0),
        ("input_gain", -6.0),
        ("freeze", 1.0),
        ("loudness_mode", 1.0),
        ("random_take", 77.0),
        ("bias_3", -1.5),
        ("transpose", 0.0),
    ] {
        assert!((shown(&desk, id) - value).abs() < 1e-3, "{id}: {}", shown(&desk, id));
    }
    assert_eq!((desk.value("bypass"), desk.value("latency")), (1.0, 1.0), "they are the project's");
    assert_eq!(desk.models(), [ModelRequest::named("horn"), ModelRequest::named("")]);
    let again = Document::of(&settings(&desk), table(), "Test", "");
    assert_eq!(
        serde_json::to_value(&again).unwrap()["parameters"],
        json!({
            "feedback_frequency": 440.0, "stability": 60.0, "input_gain": -6.0, "freeze": true, "loudness_mode": "manual",
            "random_take": 77, "bias_3": -1.5,
        })
    );
}

#[test]
fn what_cannot_be_followed_is_remarked_and_the_rest_is_loaded() {
    let document = parsed(&preset(json!({
        "warp_factor": 9, "transpose": 99.0, "loudness_mode": "loud", "freeze": 1, "random_take": 1.5, "bypass": true,
        "mix": "all", "feedback_sync": null, "scale_1": 2.0,
    })));
    let mut desk = desk();
    let (_, remarks) = load(&document, table(), &mut desk, &mut History::default()).unwrap();
    let said: BTreeMap<&str, String> =
        remarks.iter().map(|r| (r.key.trim_start_matches("parameters."), r.to_string())).collect();
    assert_eq!(said.len(), 8, "{said:?}");
    for (key, words) in [
        ("warp_factor", ["“parameters.warp_factor”", "a parameter of this version", "is 9"]),
        ("transpose", ["a number (st) from -24 to 24", "is 99.0", "the nearest value was taken"]),
        ("loudness_mode", ["one of “follow”, “manual”", "is \"loud\"", "the default was taken"]),
        ("freeze", ["true or false", "is 1", "the default was taken"]),
        ("random_take", ["a whole number from 1 to 9999", "is 1.5", "the default was taken"]),
        ("bypass", ["left to the project", "is true", "left as it was"]),
        ("mix", ["a number (%) from 0 to 100", "is \"all\"", "the default was taken"]),
        ("feedback_sync", ["1/8d", "is null", "the default was taken"]),
    ] {
        for word in words {
            assert!(said[key].contains(word), "{word}: {}", said[key]);
        }
        assert!(said[key].starts_with("Test: "), "{}", said[key]);
    }
    assert_eq!((shown(&desk, "scale_1"), shown(&desk, "transpose"), shown(&desk, "mix")), (2.0, 24.0, 100.0));
    assert_eq!(desk.value("bypass"), 0.0);
}

#[test]
fn what_is_no_preset_is_refused_with_place_key_and_what_to_do() {
    for (bytes, words) in [
        (b"".to_vec(), vec!["is not a Timbreloom preset", "EOF"]),
        (b"{\"name\": 3}".to_vec(), vec!["“timbreloom_preset” is missing"]),
        (b"[1, 2]".to_vec(), vec!["“timbreloom_preset” is missing"]),
        (b"\xff\xfe".to_vec(), vec!["is not a Timbreloom preset"]),
        (b"{\"timbreloom_preset\": 2, \"all\": \"new\"}".to_vec(), vec!["preset format 2", "reads format 1", "Update"]),
        (b"{\"timbreloom_preset\": \"x\"}".to_vec(), vec!["preset format \"x\""]),
        (b"{\"timbreloom_preset\": 1}".to_vec(), vec!["missing field `name`"]),
        (vec![b' '; (64 << 20) + 1], vec!["over 67108864 bytes"]),
    ] {
        let error = refusal(&bytes);
        for word in words {
            assert!(error.starts_with("test.json: ") && error.contains(word), "{error}");
        }
    }
    let broken = |key: &str, value: Value| {
        let mut preset = preset(json!({}));
        preset[key] = value;
        refusal(preset.to_string().as_bytes())
    };
    for (error, words) in [
        (broken("name", json!("")), ["“name” should be 1 to 64 characters", "is empty"]),
        (broken("name", json!("a\nb")), ["“name” should be", "on one line"]),
        (broken("name", json!(7)), ["“name”: ", "invalid type: integer"]),
        (
            broken("model", json!({ "name": "x", "hash": "../.." })),
            ["“model.hash” should be empty, or a SHA-256", "is ../.."],
        ),
        (broken("model", json!({ "name": 1 })), ["“model.name”: ", "invalid type"]),
        (broken("second_model", json!({ "name": "" })), ["“second_model.name” should be", "is empty"]),
        (broken("comment", json!("x".repeat(2001))), ["“comment” should be at most 2000", "is xxx"]),
        (broken("parameters", json!([])), ["“parameters”: ", "invalid type"]),
        (broken("extra", json!(1)), ["unknown field `extra`", "Save it again"]),
    ] {
        for word in words {
            assert!(error.contains(word), "{word}: {error}");
        }
    }
}

proptest! {
    #[test]
    fn every_setting_comes_back_from_its_text(values in prop::collection::vec(0.0f32..=1.0, 128), take in 0u32..9999) {
        let mut desk = desk();
        for (parameter, value) in table().of_preset().zip(&values) {
            desk.set(&parameter.id, *value);
        }
        desk.set("random_take", take as f32 / 9998.0);
        let first = settings(&desk);
        let document = Document::of(&first, table(), "Random", "of a test");
        let back = Document::parse(document.text().as_bytes(), "test").unwrap();
        prop_assert_eq!(&back, &document);
        let (second, remarks) = back.scene(table(), "test");
        prop_assert_eq!(remarks, []);
        // What it plays is the same, whatever the host's fader said beyond the steps of a switch.
        for (id, value) in &second.values {
            let parameter = table().get(id).unwrap();
            let (a, b) = ((parameter.shown)(*value), (parameter.shown)(first.values[id]));
            prop_assert!((a - b).abs() <= 1e-5 * a.abs().max(1.0), "{}: {} and {}", id, a, b);
        }
    }

    #[test]
    fn no_text_is_a_panic_and_no_value_leaves_its_range(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        key in prop::sample::select(table().all().iter().map(|p| p.id.clone()).collect::<Vec<_>>()),
        number in any::<f64>(),
        text in ".*",
    ) {
        let _ = Document::parse(&bytes, "test");
        for value in [json!(number), json!(text), json!([number]), json!({ "a": text }), json!(number > 0.0), json!(u64::MAX)] {
            if let Ok(document) = Document::parse(preset(json!({ key.clone(): value })).to_string().as_bytes(), "test") {
                let (settings, _) = document.scene(table(), "test");
                prop_assert!(settings.values.values().all(|value| (0.0..=1.0).contains(value)));
            }
        }
    }
}
