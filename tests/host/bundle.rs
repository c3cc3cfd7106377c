//! The bundle under test, its instances, and its saved states.

use test_host::{Event, Format, Instance, Library, Pace, Render, Take, bundle};

pub const EFFECT: &str = "org.timbreloom.effect";
pub const RATE_HZ: f64 = 48_000.0;

/// The bundle's CLAP.
pub fn library() -> Library {
    Library::load(&bundle()).unwrap()
}

/// An instance that bounces.
pub fn offline() -> Instance {
    let mut plugin = library().instantiate(EFFECT).unwrap();
    plugin.set_render(Render::Offline).unwrap();
    plugin
}

/// Activates at 48 kHz and returns the latency, frames.
pub fn activate(plugin: &mut Instance, max_block_frames: usize) -> usize {
    plugin.activate(Format { rate_hz: RATE_HZ, min_block_frames: 1, max_block_frames }).unwrap();
    plugin.latency_frames().unwrap()
}

/// Plays in a hurry, in the largest blocks.
pub fn play(plugin: &mut Instance, input: &[Vec<f32>], events: &[Event]) -> Vec<Vec<f32>> {
    plugin.play(&Take { input, events, ..Take::default() }, &mut std::iter::empty(), Pace::Hurry).unwrap()
}

/// The id and the CLAP value of a text, as "Mix", "50 %".
pub fn reading(plugin: &mut Instance, name: &str, text: &str) -> (u32, f64) {
    let id = plugin.param(name).unwrap().id;
    (id, plugin.text_to_value(id, text).unwrap())
}

/// What a CLAP state of nice-plug holds: eight bytes of length, then JSON.
pub fn read(state: &[u8]) -> serde_json::Value {
    serde_json::from_slice(&state[8..]).unwrap()
}

/// The same state with another text in one of its fields; `None` takes the field away.
pub fn with_field(state: &[u8], key: &str, text: Option<&str>) -> Vec<u8> {
    let mut json = read(state);
    let fields = json["fields"].as_object_mut().unwrap();
    match text {
        Some(text) => fields.insert(key.to_owned(), text.into()),
        None => fields.remove(key),
    };
    let text = serde_json::to_vec(&json).unwrap();
    [&(text.len() as u64).to_le_bytes()[..], &text].concat()
}
