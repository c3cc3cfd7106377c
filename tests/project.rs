//! A project on its way between computers: every parameter and setting comes back, a model travels with the project, and
//! one that is missing changes nothing. The bundle's CLAP in the small host of `tests/host`.
//!
//! Needs the bundle: `cargo xtask test` makes it and runs this. Another computer is a process with an empty data folder.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[path = "host/sounds.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod sounds;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sounds::{assert_late, noise, rms, sung};
use test_host::{Event, Format, Instance, Library, Pace, Render, Take, bundle};

const RATE_HZ: f64 = 48_000.0;

/// Set for a process that stands for another computer: what it does, and the folder that it shares with this one.
const TASK: &str = "TIMBRELOOM_TEST_TASK";
const SHARED: &str = "TIMBRELOOM_TEST_SHARED";
const PLUGIN: &str = "TIMBRELOOM_TEST_PLUGIN";

const EFFECT: &str = "org.timbreloom.effect";
const CODES: &str = "org.timbreloom.codes";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn instance() -> Instance {
    instance_of(EFFECT)
}

fn instance_of(id: &str) -> Instance {
    let mut plugin = Library::load(&bundle()).unwrap().instantiate(id).unwrap();
    plugin.set_render(Render::Offline).unwrap();
    plugin
}

/// What an instance with this state plays, and its latency.
fn play(plugin: &mut Instance, input: &[Vec<f32>]) -> (usize, Vec<Vec<f32>>) {
    plugin.activate(Format { rate_hz: RATE_HZ, min_block_frames: 1, max_block_frames: 512 }).unwrap();
    let latency = plugin.latency_frames().unwrap();
    (latency, plugin.render(input, &mut std::iter::empty(), &[], Pace::Hurry).unwrap())
}

/// A CLAP state of nice-plug: eight bytes of length, then JSON, in which `fields` holds JSON texts.
fn content(state: &[u8]) -> Value {
    serde_json::from_slice(&state[8..]).unwrap()
}

fn state_of(content: &Value) -> Vec<u8> {
    let text = serde_json::to_vec(content).unwrap();
    [&(text.len() as u64).to_le_bytes()[..], &text].concat()
}

fn fields(state: &[u8]) -> BTreeMap<String, Value> {
    let fields = content(state)["fields"].clone();
    let texts: BTreeMap<String, String> = serde_json::from_value(fields).unwrap();
    texts.into_iter().map(|(key, text)| (key, serde_json::from_str(&text).unwrap())).collect()
}

/// The same state with other settings.
fn with(state: &[u8], settings: &[(&str, Value)]) -> Vec<u8> {
    let mut content = content(state);
    for (key, value) in settings {
        assert!(!content["fields"][key].is_null(), "no setting is called {key}");
        content["fields"][key] = value.to_string().into();
    }
    state_of(&content)
}

/// What an instance of the instrument plays with two notes; it adds no latency.
fn play_notes(plugin: &mut Instance) -> Vec<Vec<f32>> {
    plugin.activate(Format { rate_hz: RATE_HZ, min_block_frames: 1, max_block_frames: 512 }).unwrap();
    let events = [Event::note_on(0, 0, 50, 100), Event::note_on(20_000, 0, 57, 70), Event::note_off(40_000, 0, 50)];
    let take = Take { alone_frames: Some(48_000), events: &events, ..Take::default() };
    plugin.play(&take, &mut std::iter::repeat(512), Pace::Hurry).unwrap()
}

/// A model that nobody has installed: a shipped one under another name, and so with another hash. -> its folder.
fn strange(folder: &Path, shipped: &str) -> PathBuf {
    let package = folder.join(format!("strange-{shipped}"));
    fs::create_dir_all(&package).unwrap();
    for entry in fs::read_dir(root().join("models").join(shipped)).unwrap() {
        let path = entry.unwrap().path();
        // Its presets are in a folder, and no part of its hash.
        if path.is_file() {
            fs::copy(&path, package.join(path.file_name().unwrap())).unwrap();
        }
    }
    let manifest = fs::read_to_string(package.join("manifest.json")).unwrap();
    let name = |name: &str| format!(r#""name": "{name}""#);
    let renamed = manifest.replacen(&name(shipped), &name(&format!("strange-{shipped}")), 1);
    assert_ne!(renamed, manifest);
    fs::write(package.join("manifest.json"), renamed).unwrap();
    package
}

/// A process on which nothing is installed but what is bundled and, perhaps, what lies in `models`.
fn another_computer(task: &str, shared: &Path, data: &Path, models: Option<&Path>) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "does_its_task_when_told_to", "--nocapture"]);
    command.env(TASK, task).env(SHARED, shared).env("XDG_DATA_HOME", data);
    command.env("TIMBRELOOM_MODELS", models.unwrap_or(&shared.join("an-empty-folder")));
    command
}

#[track_caller]
fn succeed(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success(), "{said}\n{}", String::from_utf8_lossy(&stderr));
    said
}

/// Loads `project`, plays, saves; leaves the sound (f32) and the state in the shared folder, under `made`. `project` is
/// saved anew before it is played, so that both states were written by this version.
fn open_and_play(id: &str, shared: &Path, project: &str, made: &str) {
    let mut plugin = instance_of(id);
    plugin.load_state(&fs::read(shared.join(project)).unwrap()).unwrap();
    fs::write(shared.join(format!("{made}.before")), plugin.save_state().unwrap()).unwrap();
    let input = sung(48_000);
    let (latency, sound) = match id {
        CODES => (0, play_notes(&mut plugin)),
        _ => play(&mut plugin, &input),
    };
    let bytes: Vec<u8> = sound[0].iter().flat_map(|sample| sample.to_le_bytes()).collect();
    fs::write(shared.join(format!("{made}.f32")), bytes).unwrap();
    fs::write(shared.join(format!("{made}.after")), plugin.save_state().unwrap()).unwrap();
    let is_dry = sound[0][latency..] == input[0][..input[0].len() - latency];
    let is_silent = sound[0].iter().all(|sample| *sample == 0.0);
    println!("{made}: latency {latency}, dry {is_dry}, silent {is_silent}, rms {}", rms(&sound[0]));
}

/// Does nothing as a test of its own: others start it as a process.
#[test]
fn does_its_task_when_told_to() {
    let (Ok(task), Some(shared)) = (std::env::var(TASK), std::env::var_os(SHARED).map(PathBuf::from)) else { return };
    let id = std::env::var(PLUGIN).unwrap_or_else(|_| EFFECT.into());
    match task.split_once(' ').unwrap_or((&task, "")) {
        ("make", shipped) => {
            let wanted = json!({ "is_wanted": true, "hash": "", "package": "" });
            let asks = json!({ "name": format!("strange-{shipped}"), "hash": "" });
            let plain = with(&instance_of(&id).save_state().unwrap(), &[("model", asks)]);
            fs::write(shared.join("embedding"), with(&plain, &[("embedded", wanted)])).unwrap();
            open_and_play(&id, &shared, "embedding", "made");
        }
        ("open", names) => {
            let (project, made) = names.split_once(' ').unwrap();
            open_and_play(&id, &shared, project, made);
        }
        _ => panic!("no task is called {task}"),
    }
}

fn read(shared: &Path, name: &str) -> Vec<u8> {
    fs::read(shared.join(name)).unwrap()
}

#[test]
fn a_project_plays_the_same_samples_where_its_embedded_model_is_not_installed() {
    travels(EFFECT, "flute", "dry true");
}

#[test]
fn a_project_brings_its_codes_along_as_any_model() {
    travels(EFFECT, "horn-codes", "dry true");
}

#[test]
fn a_project_of_the_instrument_brings_its_codes_along() {
    travels(CODES, "horn-codes", "silent true");
}

/// An embedded model goes to another computer and plays there; without what the project brought along it is missing, and
/// the project keeps asking for it. `without`: what is heard then.
fn travels(id: &str, shipped: &str, without: &str) {
    let another_computer = |task: &str, shared: &Path, data: &Path, models: Option<&Path>| {
        let mut command = another_computer(task, shared, data, models);
        command.env(PLUGIN, id);
        command
    };
    let folder = tempfile::tempdir().unwrap();
    let shared = folder.path();
    let models = shared.join("models");
    strange(&models, shipped);
    succeed(&mut another_computer(&format!("make {shipped}"), shared, &shared.join("here"), Some(&models)));
    let project = read(shared, "made.after");
    let brought = &fields(&project)["embedded"];
    assert_eq!(brought["hash"], fields(&project)["model"]["hash"]);
    assert!(brought["package"].as_str().unwrap().len() > 1_000_000, "it is not packed");

    let there = shared.join("there");
    succeed(&mut another_computer("open made.after opened", shared, &there, None));
    let sound = read(shared, "opened.f32");
    assert!(sound == read(shared, "made.f32"), "it sounds otherwise on another computer");
    assert!(sound.iter().any(|&byte| byte != 0));
    assert!(read(shared, "opened.after") == project, "the project has changed");
    assert!(read(shared, "opened.before") == project);
    let unpacked = there.join("timbreloom/embedded").join(brought["hash"].as_str().unwrap());
    assert!(unpacked.join("decoder.onnx").is_file());

    // Without what it brought along the model is missing there, and the project is none the worse for it.
    let nothing = json!({ "is_wanted": false, "hash": "", "package": "" });
    let mut damaged = brought.clone();
    let text = damaged["package"].as_str().unwrap();
    // Within the files' bytes, so that the archive opens and only the hashes tell.
    let middle = text.len() / 2;
    let letter = if &text[middle..=middle] == "A" { "B" } else { "A" };
    damaged["package"] = format!("{}{letter}{}", &text[..middle], &text[middle + 1..]).into();
    let no_base64 = json!({ "is_wanted": true, "hash": brought["hash"], "package": "no Base64!" });
    for (name, embedded) in [("without", nothing), ("damaged", damaged), ("garbled", no_base64)] {
        fs::write(shared.join(name), with(&project, &[("embedded", embedded.clone())])).unwrap();
        let said =
            succeed(&mut another_computer(&format!("open {name} {name}"), shared, &shared.join(name).join("x"), None));
        assert!(said.contains(without), "{name}: {said}");
        let (before, after) = (read(shared, &format!("{name}.before")), read(shared, &format!("{name}.after")));
        assert!(before == after, "{name}: the project has changed");
        assert_eq!(fields(&after)["embedded"], embedded, "{name}");
        assert_eq!(fields(&after)["model"], fields(&project)["model"], "{name}");
    }
}

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
        let mut plugin = instance();
        plugin.set_by_text("Bias 1", "1 sd").unwrap();
        let state = plugin.save_state().unwrap();
        plugin.load_state(&with(&state, &settings)).unwrap();
        let before = plugin.save_state().unwrap();
        let input = noise(20_000);
        let (latency, output) = play(&mut plugin, &input);
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
        let mut other = instance();
        other.load_state(&after).unwrap();
        play(&mut other, &input);
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
    let settings = [
        ("model", json!({ "name": "horn", "hash": "" })),
        ("second_model", json!({ "name": "no-such-model", "hash": "e".repeat(64) })),
        ("embedded", json!({ "is_wanted": true, "hash": "f".repeat(64), "package": "UEsFBg==" })),
        ("second_embedded", json!({ "is_wanted": true, "hash": "", "package": "" })),
        ("provider", json!("cpu")),
        ("midi_map", json!({ "soft_takeover": true, "mappings": [mapping] })),
        ("compare", json!({ "side": "B", "other": other })),
        ("state_version", json!(1)),
        ("window", json!([1234, 777])),
        ("layout", json!({ "left": "sound", "right": "lanes", "panel": null, "folded": ["stereo"] })),
    ];
    let mut plugin = instance();
    let defaults = plugin.save_state().unwrap();
    for key in fields(&defaults).keys() {
        assert!(settings.iter().any(|(set, _)| set == key), "the setting “{key}” is not tried here");
    }
    plugin.load_state(&with(&defaults, &settings)).unwrap();
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

    let mut other = instance();
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
    let plugin = RefCell::new(instance());
    let defaults = plugin.borrow_mut().save_state().unwrap();
    let ids: Vec<String> = content(&defaults)["params"].as_object().unwrap().keys().cloned().collect();
    let keys: Vec<String> = fields(&defaults).into_keys().filter(|key| !key.ends_with("model")).collect();
    let input = sung(4_000);
    let try_it = |state: &Value| {
        let mut plugin = plugin.borrow_mut();
        // It may be refused.
        let _ = plugin.load_state(&state_of(state));
        let saved = content(&plugin.save_state().unwrap());
        let (_, sound) = play(&mut plugin, &input);
        plugin.deactivate();
        let loudest = sound.iter().flatten().fold(0.0f32, |loudest, sample| loudest.max(sample.abs()));
        let is_sound = sound.iter().flatten().all(|sample| sample.is_finite());
        plugin.load_state(&defaults).unwrap();
        (saved["params"].clone(), is_sound.then_some(loudest))
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

/// An old project over a newer one: no model of the newer one stays, embedded or not.
#[test]
fn an_older_project_takes_nothing_over_from_the_one_before_it() {
    let mut plugin = instance();
    let fresh = plugin.save_state().unwrap();
    let newer = with(
        &fresh,
        &[
            ("second_model", json!({ "name": "horn", "hash": "" })),
            ("embedded", json!({ "is_wanted": true, "hash": "", "package": "" })),
            ("provider", json!("cpu")),
        ],
    );
    plugin.load_state(&newer).unwrap();
    let old = fs::read(root().join("tests/fixtures/states/0.1.0-first.clapstate")).unwrap();
    plugin.load_state(&old).unwrap();
    let kept = fields(&plugin.save_state().unwrap());
    for key in ["second_model", "embedded", "second_embedded", "provider"] {
        if !fields(&old).contains_key(key) {
            assert_eq!(kept[key], fields(&fresh)[key], "{key}");
        }
    }
}

/// A package that loads for ever: the fixture's, with an encoder that goes round 2^40 times.
fn endless(folder: &Path) {
    let (package, fixtures) = (folder.join("endless"), root().join("tests/fixtures"));
    fs::create_dir_all(&package).unwrap();
    for name in ["decoder.onnx", "parity.f32"] {
        fs::copy(fixtures.join("general").join(name), package.join(name)).unwrap();
    }
    let encoder = fs::read(fixtures.join("endless.onnx")).unwrap();
    let mut manifest: Value =
        serde_json::from_slice(&fs::read(fixtures.join("general/manifest.json")).unwrap()).unwrap();
    manifest["name"] = "endless".into();
    manifest["encoder"]["sha256"] =
        Sha256::digest(&encoder).iter().map(|b| format!("{b:02x}")).collect::<String>().into();
    fs::write(package.join("manifest.json"), manifest.to_string()).unwrap();
    fs::write(package.join("encoder.onnx"), encoder).unwrap();
}

#[test]
fn one_value_that_cannot_be_read_takes_nothing_else_of_the_project_with_it() {
    let mut plugin = instance();
    plugin.set_by_text("Stability", "70 %").unwrap();
    plugin.set_by_text("Mix", "40 %").unwrap();
    let saved = plugin.save_state().unwrap();
    let stability = content(&saved)["params"]["stability"].clone();
    for broken in [Value::Null, json!(7), json!({ "quantum": 1 }), json!({ "f32": "loud" }), json!([])] {
        let mut content = content(&saved);
        content["params"]["mix"] = broken.clone();
        content["fields"]["layout"] = broken.clone();
        let mut fresh = instance();
        fresh.load_state(&state_of(&content)).unwrap_or_else(|error| panic!("{broken}: {error}"));
        let loaded = self::content(&fresh.save_state().unwrap());
        assert_eq!(loaded["params"]["stability"], stability, "{broken}");
        assert_eq!(loaded["params"]["mix"], json!({ "f32": 1.0 }), "{broken}");
        assert_eq!(loaded["fields"]["model"], content["fields"]["model"], "{broken}");
    }
}

#[test]
fn a_model_that_never_ends_is_examined_once_and_the_project_opens_and_plays_dry() {
    let folder = tempfile::tempdir().unwrap();
    let shared = folder.path();
    let models = shared.join("models");
    endless(&models);
    let project = with(&instance().save_state().unwrap(), &[("model", json!({ "name": "endless", "hash": "" }))]);
    fs::write(shared.join("project"), project).unwrap();
    let data = shared.join("data");
    let open = |made: &str| {
        let task = format!("open project {made}");
        let said = succeed(another_computer(&task, shared, &data, Some(&models)).env("TIMBRELOOM_EXAMINATION_S", "2"));
        assert!(said.contains("dry true"), "{said}");
        assert!(read(shared, &format!("{made}.before")) == read(shared, &format!("{made}.after")));
        let found: Vec<_> =
            fs::read_dir(data.join("timbreloom/examined")).unwrap().map(|e| e.unwrap().path()).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        let text = fs::read_to_string(&found[0]).unwrap();
        assert!(text.contains("was not done after 2 s of processor time"), "{text}");
        fs::metadata(&found[0]).unwrap().modified().unwrap()
    };
    // The second time it is not even tried.
    assert_eq!(open("first"), open("second"));
    // Nobody is accused of having ended a host.
    assert_eq!(fs::read_dir(data.join("timbreloom/loading")).map_or(0, Iterator::count), 0);
}
