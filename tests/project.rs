//! A project on its way between computers: every parameter and setting comes back, a model travels with the project, and
//! one that is missing changes nothing. The bundle's CLAP in the small host of `tests/host`.
//!
//! Needs the bundle: `cargo xtask test` makes it and runs this. Another computer is a process with an empty data folder.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;
#[path = "project/damage.rs"]
mod damage;
#[path = "project/elsewhere.rs"]
mod elsewhere;
#[path = "common/helper.rs"]
mod helper;
#[path = "project/paths.rs"]
mod paths;

use std::fs;

use common::package::root;
use common::plugin::{EFFECT, activate, content, fields, load_with, named, offline, play};
use common::sounds::{assert_late, noise};
use serde_json::json;
use test_host::Instance;

#[test]
fn models_that_are_missing_change_nothing_in_the_saved_project() {
    let missing = |name: &str, digit: &str| json!({ "name": name, "hash": digit.repeat(64) });
    let first = [("model", missing("nobody-has-this", "a"))];
    let second = [("second_model", missing("nor-this", "b"))];
    let embedded = [
        ("embedded", json!({ "is_wanted": true, "hash": "a".repeat(64), "package": "UEs=" })),
        ("second_embedded", json!({ "is_wanted": true, "hash": "c".repeat(64), "package": "of another model" })),
        ("provider", json!("a-word-of-the-future")),
    ];
    let cases = [first.to_vec(), second.to_vec(), [&first[..], &second[..], &embedded[..]].concat()];
    for settings in cases {
        let mut plugin = offline(EFFECT);
        plugin.set_by_text("Bias 1", "1 sd").unwrap();
        load_with(&mut plugin, &settings);
        let before = plugin.save_state().unwrap();
        let input = noise(20_000);
        let latency = activate(&mut plugin, 512);
        let output = play(&mut plugin, &input, &[]);
        let has_first = settings.iter().all(|(key, _)| *key != "model");
        if !has_first {
            assert_late(&output, &input, latency, "without its model");
        }
        plugin.deactivate();
        let after = plugin.save_state().unwrap();
        if has_first {
            // The first model was asked for by its name; its hash is filled in once it is found.
            assert_eq!(fields(&after)["second_model"], fields(&before)["second_model"]);
        } else {
            assert!(after == before, "the state has changed: {settings:?}");
        }
        for (key, value) in &settings {
            assert_eq!(fields(&after)[*key], *value, "{key}");
        }
        // and again, through another instance
        let mut other = offline(EFFECT);
        other.load_state(&after).unwrap();
        activate(&mut other, 512);
        play(&mut other, &input, &[]);
        assert!(other.save_state().unwrap() == after);
    }
}

/// Every parameter, with a value that is not its default.
fn unusual_values(plugin: &mut Instance) -> Vec<(u32, f64)> {
    let params = plugin.params().unwrap();
    let value = |(index, param): (usize, &test_host::Param)| {
        let share = 0.15 + 0.7 * (index as f64 * 0.618).fract();
        let value = param.min + share * (param.max - param.min);
        let value = if param.is_stepped { value.round() } else { value };
        let is_default = (value - param.default).abs() < 0.02 * (param.max - param.min);
        let other_end = if param.default > (param.min + param.max) / 2.0 { param.min } else { param.max };
        (param.id, if is_default { other_end } else { value })
    };
    params.iter().enumerate().map(value).collect()
}

#[test]
fn every_parameter_and_every_setting_comes_back() {
    let mapping = json!({ "param": "bias_3", "cc": 74, "channel": 2, "low": 0.25, "high": 0.75 });
    let other = json!({
        "timbreloom_preset": 1,
        "name": "A",
        "comment": "",
        "model": { "name": "flute", "hash": "" },
        "second_model": { "name": "voice", "hash": "d".repeat(64) },
        "parameters": { "mix": 50.0, "freeze": true },
    });
    let plane = json!({ "corners": [{ "random": 7 }, "live", null, { "slot": 0 }], "markers": [] });
    let paths = json!({ "slots": [null, { "name": "of a later version" }], "plane": plane, "later": true });
    let settings = [
        ("model", named("horn")),
        ("second_model", json!({ "name": "no-such-model", "hash": "e".repeat(64) })),
        ("embedded", json!({ "is_wanted": true, "hash": "f".repeat(64), "package": "UEsFBg==" })),
        ("second_embedded", json!({ "is_wanted": true, "hash": "", "package": "" })),
        ("provider", json!("cpu")),
        ("paths", paths),
        ("osc", json!({ "is_on": false, "port": 9100, "send_port": 0 })),
        ("midi_map", json!({ "soft_takeover": true, "mappings": [mapping] })),
        ("compare", json!({ "side": "B", "other": other })),
        ("preset", json!({ "name": "Fog", "is_edited": true })),
        ("state_version", json!(1)),
        ("window", json!([1234, 777])),
        ("layout", json!({ "left": "sound", "right": "lanes", "panel": null, "folded": ["stereo"] })),
    ];
    let mut plugin = offline(EFFECT);
    let defaults = plugin.save_state().unwrap();
    for key in fields(&defaults).keys() {
        assert!(settings.iter().any(|(set, _)| set == key), "the setting “{key}” is not tried here");
    }
    load_with(&mut plugin, &settings);
    let unusual = unusual_values(&mut plugin);
    plugin.set_values(&unusual).unwrap();
    assert!(unusual.len() > 90);
    let saved = plugin.save_state().unwrap();
    let (was, is) = (content(&defaults)["params"].clone(), content(&saved)["params"].clone());
    for (id, value) in was.as_object().unwrap() {
        assert_ne!(is[id], *value, "{id} is still at its default");
    }
    for (key, value) in &settings {
        assert_eq!(fields(&saved)[*key], *value, "{key}");
    }

    let mut other = offline(EFFECT);
    other.load_state(&saved).unwrap();
    for (id, value) in &unusual {
        assert_eq!(other.value(*id).unwrap(), plugin.value(*id).unwrap(), "{id}");
        assert!((other.value(*id).unwrap() - value).abs() < 1e-4, "{id}");
    }
    assert!(other.save_state().unwrap() == saved, "saved again, the state is another");

    // A new project's state over it: nothing of the old one stays.
    other.load_state(&defaults).unwrap();
    assert!(other.save_state().unwrap() == defaults);
}

/// An old project over a newer one: no model of the newer one stays, embedded or not.
#[test]
fn an_older_project_takes_nothing_over_from_the_one_before_it() {
    let mut plugin = offline(EFFECT);
    let fresh = plugin.save_state().unwrap();
    let embedded = json!({ "is_wanted": true, "hash": "", "package": "" });
    let newer = [("second_model", named("horn")), ("embedded", embedded), ("provider", json!("cpu"))];
    load_with(&mut plugin, &newer);
    let old = fs::read(root().join("tests/fixtures/states/0.1.0-first.clapstate")).unwrap();
    plugin.load_state(&old).unwrap();
    let kept = fields(&plugin.save_state().unwrap());
    for key in ["second_model", "embedded", "second_embedded", "provider"] {
        if !fields(&old).contains_key(key) {
            assert_eq!(kept[key], fields(&fresh)[key], "{key}");
        }
    }
}
