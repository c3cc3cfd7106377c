//! States that are not what this plugin saved.

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::common::plugin::{EFFECT, activate, content, fields, offline, play, set, state_of};
use crate::common::sounds::{peak, sung};

/// What a state may say of a parameter, sense or nonsense.
fn any_value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        Just(1e30),
        Just(-1e30),
        Just(1e39),
        Just(0.0),
        Just(1e-42),
        any::<f32>().prop_map(f64::from).prop_filter("no JSON", |number| number.is_finite()),
        -5.0..5.0f64,
    ];
    let word = prop_oneof![Just("off"), Just("linked"), Just("safe"), Just(""), Just("nobody's id")];
    prop_oneof![
        4 => number.prop_map(|number| json!({ "f32": number })),
        2 => any::<i32>().prop_map(|whole| json!({ "i32": whole })),
        2 => (-3..12i32).prop_map(|whole| json!({ "i32": whole })),
        1 => any::<bool>().prop_map(|is_on| json!({ "bool": is_on })),
        2 => word.prop_map(|word| json!({ "string": word })),
    ]
}

/// What a state may say of a setting: JSON in a text, or no JSON.
fn any_field() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[ -~]{0,12}".prop_map(Value::from),
        Just(json!("null")),
        Just(json!("[4294967295, 0]")),
        Just(json!(
            r#"{"side": "B", "other": {"timbreloom_preset": 1, "name": "", "model": {"name": ""}, "parameters": {"mix": 1e300, "channels": 7}}}"#
        )),
        Just(json!(r#"{"mappings": [{"param": "mix", "cc": 300, "low": 1e30}], "soft_takeover": true}"#)),
        Just(json!(r#"{"is_wanted": true, "hash": "../..", "package": "UEs="}"#)),
    ]
}

/// Indices of parameters or settings, and what the state says of them.
type Changes = Vec<(usize, Value)>;

/// Whatever a state says, the host goes on: it may be refused, but it neither ends the process nor reaches the ears as
/// anything but numbers.
#[test]
fn a_damaged_state_neither_ends_the_host_nor_plays_what_is_no_sound() {
    let plugin = RefCell::new(offline(EFFECT));
    let defaults = plugin.borrow_mut().save_state().unwrap();
    let ids: Vec<String> = content(&defaults)["params"].as_object().unwrap().keys().cloned().collect();
    let keys: Vec<String> = fields(&defaults).into_keys().filter(|key| !key.ends_with("model")).collect();
    let input = sung(4_000);
    let try_it = |state: &Value| {
        let mut plugin = plugin.borrow_mut();
        // It may be refused.
        let _ = plugin.load_state(&state_of(state));
        let saved = content(&plugin.save_state().unwrap());
        activate(&mut plugin, 512);
        let sound = play(&mut plugin, &input, &[]).concat();
        plugin.deactivate();
        plugin.load_state(&defaults).unwrap();
        let is_sound = sound.iter().all(|sample| sample.is_finite());
        (saved["params"].clone(), is_sound.then(|| peak(&sound)))
    };

    // The two that were found by hand.
    let mut state = content(&defaults);
    state["params"]["channels"] = json!({ "i32": 9 });
    assert_eq!(try_it(&state).0["channels"], json!({ "string": "mid" }));
    state["params"]["output_gain"] = json!({ "f32": 1e30 });
    state["params"]["mix"] = json!({ "f32": 7 });
    let (saved, loudest) = try_it(&state);
    assert_eq!(saved["mix"], json!({ "f32": 1.0 }));
    assert!(loudest.is_some_and(|loudest| loudest < 100.0), "{loudest:?}");

    // What cannot be read at all becomes its default, and all else is loaded.
    for unreadable in [json!(null), json!({ "f64": 1 }), json!({ "f32": "1" })] {
        state["params"]["mix"] = unreadable;
        assert_eq!(try_it(&state).0, saved);
    }

    let values = proptest::collection::vec((0..ids.len(), any_value()), 0..30);
    let settings = proptest::collection::vec((0..keys.len(), any_field()), 0..3);
    let mut runner = TestRunner::new(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() });
    let state_with = |(values, settings): (Changes, Changes)| {
        let mut state = content(&defaults);
        for (at, value) in values {
            state["params"][&ids[at]] = value;
        }
        for (at, value) in settings {
            state["fields"][&keys[at]] = value;
        }
        state
    };
    let outcome = runner.run(&(values, settings).prop_map(state_with), |state| {
        // The loudest that the controls allow: 24 dB in, 24 dB out, and the feedback's limit.
        let (_, loudest) = try_it(&state);
        prop_assert!(loudest.is_some_and(|loudest| loudest < 1000.0), "{:?}", loudest);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn one_value_that_cannot_be_read_takes_nothing_else_of_the_project_with_it() {
    let mut plugin = offline(EFFECT);
    set(&mut plugin, &[("Stability", "70 %"), ("Mix", "40 %")]);
    let saved = plugin.save_state().unwrap();
    let stability = content(&saved)["params"]["stability"].clone();
    for broken in [Value::Null, json!(7), json!({ "quantum": 1 }), json!({ "f32": "loud" }), json!([])] {
        let mut content = content(&saved);
        content["params"]["mix"] = broken.clone();
        content["fields"]["layout"] = broken.clone();
        let mut fresh = offline(EFFECT);
        fresh.load_state(&state_of(&content)).unwrap_or_else(|error| panic!("{broken}: {error}"));
        let loaded = self::content(&fresh.save_state().unwrap());
        assert_eq!(loaded["params"]["stability"], stability, "{broken}");
        assert_eq!(loaded["params"]["mix"], json!({ "f32": 1.0 }), "{broken}");
        assert_eq!(loaded["fields"]["model"], content["fields"]["model"], "{broken}");
    }
}
