//! Presets as text and files, undo, A/B, chance and copies: on the plugin's own parameters, without a host and with one
//! that applies values late.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod chance;
#[path = "../common/mod.rs"]
mod common;
mod controllers;
mod edits;
mod files;
mod late_host;
mod text;

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use timbreloom::instance::desk::InstanceDesk;
use timbreloom::instance::effect_params::EffectParams;
use timbreloom::instance::table;
use timbreloom::preset::{Desk, Document, History, Scene};

fn desk() -> InstanceDesk<EffectParams> {
    InstanceDesk::loose(Arc::default())
}

fn settings(desk: &dyn Desk) -> Scene {
    Scene::take(table(), desk)
}

/// A value in shown units.
fn shown(desk: &dyn Desk, id: &str) -> f32 {
    (table().get(id).unwrap().shown)(desk.value(id))
}

/// Turns one knob, in shown units.
fn turn(desk: &mut dyn Desk, history: &mut History, id: &str, value: f32, now: Instant) {
    let parameter = table().get(id).unwrap();
    history.begin(desk, id);
    history.set(desk, id, (parameter.normalised)(value));
    history.end(desk, id, &parameter.name, now);
}

fn preset(parameters: Value) -> Value {
    json!({ "timbreloom_preset": 1, "name": "Test", "model": { "name": "horn" }, "parameters": parameters })
}

fn parsed(value: &Value) -> Document {
    Document::parse(value.to_string().as_bytes(), "test.json").unwrap()
}

#[track_caller]
fn refusal(bytes: &[u8]) -> String {
    Document::parse(bytes, "test.json").unwrap_err().to_string()
}

#[track_caller]
fn assert_near(a: &Scene, b: &Scene) {
    assert_eq!(a.models, b.models);
    assert_eq!(a.values.len(), b.values.len());
    for (id, value) in &a.values {
        assert!((value - b.values[id]).abs() < 1e-6, "{id}: {value}, not {}", b.values[id]);
    }
}
