//! Undo, A/B, and copies between instances.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use nice_plug_core::params::Params;
use nice_plug_core::plugin::PluginState;
use serde_json::{Value, json};
use timbreloom::instance::effect_params::EffectParams;
use timbreloom::instance::paths_field::PATHS;
use timbreloom::instance::saved_state::bring_up_to_date;
use timbreloom::instance::table;
use timbreloom::latent::{PathSet, Plane, Source};
use timbreloom::model::request::ModelRequest;
use timbreloom::preset::compare::{copy_to_other, switch};
use timbreloom::preset::{Compare, Desk, ExtraValue, History, Side, copy, load, paste};

use crate::{assert_near, desk, parsed, preset, settings, shown, turn};

#[test]
fn a_gesture_is_one_step_however_many_values_it_passes() {
    let (mut desk, mut history, now) = (desk(), History::default(), Instant::now());
    let before = settings(&desk);
    history.begin(&mut desk, "mix");
    for value in [0.9, 0.7, 0.4, 0.2] {
        history.set(&mut desk, "mix", value);
    }
    assert_eq!(history.undo(&mut desk), None, "not within a gesture");
    history.end(&mut desk, "mix", "Mix", now);
    turn(&mut desk, &mut history, "transpose", 7.0, now);
    let after = settings(&desk);
    assert_eq!(history.undo(&mut desk), Some("Transpose"));
    assert_eq!((desk.value("mix"), shown(&desk, "transpose")), (0.2, 0.0));
    assert_eq!(history.undo(&mut desk), Some("Mix"));
    assert_eq!(settings(&desk), before);
    assert_eq!(history.undo(&mut desk), None);
    assert_eq!(history.next_redo(), Some("Mix"));
    assert_eq!(history.redo(&mut desk), Some("Mix"));
    assert_eq!(history.redo(&mut desk), Some("Transpose"));
    assert_eq!(settings(&desk), after);
    assert_eq!(history.redo(&mut desk), None);
}

#[test]
fn a_wheel_turned_notch_by_notch_is_one_step_and_another_knob_another() {
    let (mut desk, mut history, start) = (desk(), History::default(), Instant::now());
    let at = |ms| start + Duration::from_millis(ms);
    for (ms, value) in [(0, 1.0), (300, 2.0), (900, 3.0)] {
        turn(&mut desk, &mut history, "transpose", value, at(ms));
    }
    turn(&mut desk, &mut history, "transpose", 9.0, at(2000));
    turn(&mut desk, &mut history, "bias_1", 1.0, at(2100));
    turn(&mut desk, &mut history, "transpose", 8.0, at(2200));
    let mut seen = vec![shown(&desk, "transpose")];
    while history.undo(&mut desk).is_some() {
        seen.push(shown(&desk, "transpose"));
    }
    assert_eq!(seen, [8.0, 9.0, 9.0, 3.0, 0.0]);
    // A gesture that changes nothing is no step.
    turn(&mut desk, &mut history, "transpose", 0.0, at(5000));
    assert_eq!(history.next_undo(), None);
    assert!(history.next_redo().is_some(), "and keeps what can be done again");
}

#[test]
fn undo_leaves_what_automation_has_moved_since() {
    let (mut desk, mut history) = (desk(), History::default());
    load(&parsed(&preset(json!({ "bias_1": 1.0, "mix": 50.0 }))), table(), &mut desk, &mut history).unwrap();
    desk.set("width", 0.9);
    history.undo(&mut desk);
    assert_eq!((shown(&desk, "bias_1"), shown(&desk, "mix"), desk.value("width")), (0.0, 100.0, 0.9));
}

#[test]
fn a_preset_and_a_choice_of_models_are_one_step_each_and_a_new_edit_ends_the_way_forward() {
    let (mut desk, mut history) = (desk(), History::default());
    let start = settings(&desk);
    load(&parsed(&preset(json!({ "bias_1": 1.0, "freeze": true }))), table(), &mut desk, &mut history).unwrap();
    let models = [ModelRequest::named("flute"), ModelRequest::named("voice")];
    history.choose_models(&mut desk, "Model “flute”".into(), models.clone());
    assert_eq!(desk.models(), models);
    assert_eq!(history.undo(&mut desk), Some("Model “flute”"));
    assert_eq!(desk.models()[0].name, "horn");
    assert_eq!(history.undo(&mut desk), Some("Preset “Test”"));
    assert_eq!(settings(&desk), start);
    turn(&mut desk, &mut history, "mix", 10.0, Instant::now());
    assert_eq!(history.next_redo(), None);
    // The same again changes nothing, and is no step.
    let now = settings(&desk);
    history.change(&mut desk, "nothing".into(), &now);
    assert_eq!(history.next_undo(), Some("Mix"));
}

#[test]
fn the_oldest_steps_go() {
    let (mut desk, mut history, start) = (desk(), History::default(), Instant::now());
    for n in 1..=250 {
        turn(&mut desk, &mut history, "mix", n as f32 / 10.0, start + Duration::from_secs(n));
    }
    let mut steps = 0;
    while history.undo(&mut desk).is_some() {
        steps += 1;
    }
    assert_eq!(steps, 200);
    assert!((shown(&desk, "mix") - 5.0).abs() < 1e-3);
}

#[test]
fn a_and_b_hold_complete_settings_and_the_first_time_the_same() {
    let (mut desk, mut history, now) = (desk(), History::default(), Instant::now());
    turn(&mut desk, &mut history, "feedback_frequency", 333.3, now);
    turn(&mut desk, &mut history, "input_gain", -7.7, now);
    desk.set_models(&[ModelRequest::named("horn"), ModelRequest::named("choir")]);
    let a = settings(&desk);
    switch(table(), &mut desk, &mut history);
    assert_eq!((desk.compare().side(), settings(&desk)), (Side::B, a.clone()));
    turn(&mut desk, &mut history, "transpose", -5.0, now);
    desk.set_models(&[ModelRequest::named("flute"), ModelRequest::named("")]);
    let b = settings(&desk);
    for _ in 0..5 {
        switch(table(), &mut desk, &mut history);
        assert_near(&settings(&desk), &a);
        switch(table(), &mut desk, &mut history);
        assert_near(&settings(&desk), &b);
    }
    copy_to_other(table(), &mut desk, &mut history);
    switch(table(), &mut desk, &mut history);
    assert_eq!(desk.compare().side(), Side::A);
    assert_near(&settings(&desk), &b);
    // Undo takes the switch back with its side, and the copy with what it replaced.
    assert_eq!(history.undo(&mut desk), Some("Switch to A"));
    assert_eq!(desk.compare().side(), Side::B);
    assert_eq!(history.undo(&mut desk), Some("Copy B to A"));
    switch(table(), &mut desk, &mut history);
    assert_near(&settings(&desk), &a);
}

#[test]
fn the_other_side_is_saved_with_the_project_and_a_state_from_before_has_none() {
    let (mut desk, mut history) = (desk(), History::default());
    switch(table(), &mut desk, &mut history);
    turn(&mut desk, &mut history, "transpose", 3.0, Instant::now());
    let fields = desk.params().serialize_fields();
    let params = EffectParams::default();
    params.deserialize_fields(&fields);
    assert_eq!(*params.kept.compare.lock(), desk.compare());
    assert_eq!(params.kept.compare.lock().side(), Side::B);
    // An older state over a newer one: one side, and not the newer one's other.
    let mut older = PluginState { version: String::new(), params: BTreeMap::new(), fields: BTreeMap::new() };
    bring_up_to_date::<EffectParams>(&mut older);
    params.deserialize_fields(&older.fields);
    assert_eq!(params.kept.compare.lock().side(), Side::A);
    assert_eq!(params.kept.compare.lock().other_models(), [None, None]);
    // A damaged one over one that is on its other side: as if there were none.
    let mut load = |text: &str| {
        params.deserialize_fields(&fields);
        assert_eq!(params.kept.compare.lock().side(), Side::B);
        older.fields.insert("compare".to_owned(), text.to_owned());
        bring_up_to_date::<EffectParams>(&mut older);
        params.deserialize_fields(&older.fields);
        params.kept.compare.lock().clone()
    };
    for damaged in ["{\"side\": 7", "{\"side\": 7}", "{\"side\": \"B\", \"other\": []}"] {
        assert_eq!(load(damaged), Compare::default(), "{damaged}");
    }
    // What a newer version has added, in it or in the other side's settings, is passed over.
    let mut newer: serde_json::Value = serde_json::from_str(&fields["compare"]).unwrap();
    newer["crossfade"] = json!(0.5);
    newer["other"]["third_model"] = json!({ "name": "of the future" });
    assert_eq!(load(&newer.to_string()), desk.compare());
}

#[test]
fn settings_are_copied_between_instances_and_garbage_changes_nothing() {
    let (mut from, mut to, mut history) = (desk(), desk(), History::default());
    for parameter in table().of_preset() {
        from.set(&parameter.id, 0.37);
    }
    from.set_models(&[ModelRequest::named("voice"), ModelRequest::named("choir")]);
    let untouched = settings(&to);
    let text = copy(table(), &from);
    assert_eq!(paste(&text, table(), &mut to, &mut history).unwrap(), []);
    assert_eq!(copy(table(), &to), text);
    assert_eq!(history.undo(&mut to), Some("Paste"));
    assert_eq!(settings(&to), untouched);
    for garbage in ["", "hello", "{\"timbreloom_preset\": 3}", &text[..text.len() / 2]] {
        let error = paste(garbage, table(), &mut to, &mut history).unwrap_err().to_string();
        assert!(error.starts_with("the clipboard: "), "{error}");
        assert_eq!(settings(&to), untouched);
    }
}

#[test]
fn latent_paths_go_with_presets_sides_and_copies_and_stay_where_there_are_none() {
    let (mut desk, mut history) = (desk(), History::default());
    let live = Plane { corners: std::array::from_fn(|_| Some(Source::Live)), ..Plane::default() };
    let none = desk.extra(PATHS);
    let text_without = copy(table(), &desk);
    let drawn = ExtraValue::Paths(PathSet::default().with_plane(&live));
    history.draw(&mut desk, PATHS, "Plane", &drawn, true);
    let text = copy(table(), &desk);
    assert!(text.contains("\"live\""), "{text}");
    // The other side has them, too, until it gets others.
    switch(table(), &mut desk, &mut history);
    history.draw(&mut desk, PATHS, "Plane", &none, true);
    switch(table(), &mut desk, &mut history);
    assert_eq!(desk.extra(PATHS), drawn, "side A");
    switch(table(), &mut desk, &mut history);
    assert_eq!(desk.extra(PATHS), none, "side B has none, and says so");
    paste(&text, table(), &mut desk, &mut history).unwrap();
    assert_eq!(desk.extra(PATHS), drawn);
    // A preset from which nothing was recorded is no reason to lose what the musician has recorded.
    paste(&text_without, table(), &mut desk, &mut history).unwrap();
    assert_eq!(desk.extra(PATHS), drawn);
    let mut with: Value = serde_json::from_str(&text).unwrap();
    with["extras"] = json!({ PATHS: 7 });
    let remarks = paste(&with.to_string(), table(), &mut desk, &mut history).unwrap();
    let said = remarks[0].to_string();
    assert!(
        said.contains("“extras.paths” should be a set of latent paths") && said.contains("left as it was"),
        "{said}"
    );
    assert_eq!(desk.extra(PATHS), drawn);
    while desk.extra(PATHS) == drawn {
        assert!(history.undo(&mut desk).is_some());
    }
    // What is no set is no reason to lose one.
    desk.set_extra(PATHS, &json!(7).into());
    assert_eq!(desk.extra(PATHS), none);
}
