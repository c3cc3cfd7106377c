//! Instances of both plugins, what they play, and what they save.

use std::collections::BTreeMap;

use serde_json::Value;
use test_host::{Format, Instance, Library, Pace, Render, bundle};

pub const RATE_HZ: f64 = 48_000.0;

pub const EFFECT: &str = "org.timbreloom.effect";
pub const CODES: &str = "org.timbreloom.codes";

pub fn instance_of(id: &str) -> Instance {
    let mut plugin = Library::load(&bundle()).unwrap().instantiate(id).unwrap();
    plugin.set_render(Render::Offline).unwrap();
    plugin
}

/// What an instance with this state plays, and its latency.
pub fn play(plugin: &mut Instance, input: &[Vec<f32>]) -> (usize, Vec<Vec<f32>>) {
    plugin.activate(Format { rate_hz: RATE_HZ, min_block_frames: 1, max_block_frames: 512 }).unwrap();
    let latency = plugin.latency_frames().unwrap();
    (latency, plugin.render(input, &mut std::iter::empty(), &[], Pace::Hurry).unwrap())
}

/// A CLAP state of nice-plug: eight bytes of length, then JSON, in which `fields` holds JSON texts.
pub fn content(state: &[u8]) -> Value {
    serde_json::from_slice(&state[8..]).unwrap()
}

pub fn state_of(content: &Value) -> Vec<u8> {
    let text = serde_json::to_vec(content).unwrap();
    [&(text.len() as u64).to_le_bytes()[..], &text].concat()
}

pub fn fields(state: &[u8]) -> BTreeMap<String, Value> {
    let fields = content(state)["fields"].clone();
    let texts: BTreeMap<String, String> = serde_json::from_value(fields).unwrap();
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
