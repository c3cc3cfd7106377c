//! Instances of the plugins in a CLAP host, what they play, and what they save.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use test_host::{Event, Format, Instance, Library, Pace, Render, bundle};
use timbreloom::model::embedded::Embedded;
use timbreloom::model::kinds::Package;

use super::package::granular;

pub const EFFECT: &str = "org.timbreloom.effect";
pub const CODES: &str = "org.timbreloom.codes";
pub const DRUMS: &str = "org.timbreloom.drums";
pub const RATE_HZ: f64 = 48_000.0;

/// The bundle's CLAP.
pub fn library() -> Library {
    Library::load(&bundle()).unwrap()
}

pub fn instance(id: &str) -> Instance {
    library().instantiate(id).unwrap()
}

/// An instance that bounces.
pub fn offline(id: &str) -> Instance {
    let mut plugin = instance(id);
    plugin.set_render(Render::Offline).unwrap();
    plugin
}

/// Sets parameters as a musician types them.
pub fn set(plugin: &mut Instance, settings: &[(&str, &str)]) {
    for (name, text) in settings {
        plugin.set_by_text(name, text).unwrap();
    }
}

/// Activates at 48 kHz and returns the latency, frames.
pub fn activate(plugin: &mut Instance, max_block_frames: usize) -> usize {
    activate_at(plugin, RATE_HZ, max_block_frames)
}

pub fn activate_at(plugin: &mut Instance, rate_hz: f64, max_block_frames: usize) -> usize {
    plugin.activate(Format { rate_hz, min_block_frames: 1, max_block_frames }).unwrap();
    plugin.latency_frames().unwrap()
}

/// Plays in a hurry, in the largest blocks.
pub fn play(plugin: &mut Instance, input: &[Vec<f32>], events: &[Event]) -> Vec<Vec<f32>> {
    plugin.render(input, &mut std::iter::empty(), events, Pace::Hurry).unwrap()
}

/// The id and the CLAP value of a text, as "Mix", "50 %".
pub fn reading(plugin: &mut Instance, name: &str, text: &str) -> (u32, f64) {
    let id = plugin.param(name).unwrap().id;
    (id, plugin.text_to_value(id, text).unwrap())
}

/// A CLAP state of nice-plug: eight bytes of length, then JSON, in which `fields` holds JSON texts.
pub fn content(state: &[u8]) -> Value {
    serde_json::from_slice(&state[8..]).unwrap()
}

pub fn state_of(content: &Value) -> Vec<u8> {
    framed(&serde_json::to_vec(content).unwrap())
}

/// These bytes as a state frames them.
pub fn framed(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u64).to_le_bytes()[..], bytes].concat()
}

/// What is saved beside the parameters.
pub fn fields(state: &[u8]) -> BTreeMap<String, Value> {
    let texts: BTreeMap<String, String> = serde_json::from_value(content(state)["fields"].clone()).unwrap();
    texts.into_iter().map(|(key, text)| (key, serde_json::from_str(&text).unwrap())).collect()
}

/// The same state with other settings.
pub fn with(state: &[u8], settings: &[(&str, Value)]) -> Vec<u8> {
    let mut content = content(state);
    for (key, value) in settings {
        assert!(!content["fields"][key].is_null(), "no setting is called {key}");
        content["fields"][key] = value.to_string().into();
    }
    state_of(&content)
}

/// Loads what the instance has saved with other settings.
pub fn load_with(plugin: &mut Instance, settings: &[(&str, Value)]) {
    let state = with(&plugin.save_state().unwrap(), settings);
    plugin.load_state(&state).unwrap();
}

/// What a state says that asks for a model by its name: for `model` and `second_model`.
pub fn named(model: &str) -> Value {
    json!({ "name": model, "hash": "" })
}

/// What a state says of a drum machine that brings the grain model of the fixtures along.
pub fn ticking() -> [(&'static str, Value); 2] {
    let package = Package::open(&granular()).unwrap();
    let embedded = serde_json::to_value(Embedded::of(&package).unwrap()).unwrap();
    [("model", json!({ "name": package.name(), "hash": package.hash() })), ("embedded", embedded)]
}
