//! The text of a saved state before the framework reads it. The framework refuses a state whole for one value that it cannot
//! read; here that value goes, so that [`saved_state`](crate::instance::saved_state) can put its default in the place.

use nice_plug_core::plugin::ParamValue;
use nih_plug::prelude::PluginState;
use serde::Deserialize;
use serde_json::{Map, Value};

/// No state is longer, bytes: neither the framework nor we take one.
pub const MOST_BYTES: u64 = 256 << 20;

/// The text with what can be read of it; `None` where it can be read as it is, or is no state at all. Allocates as much.
pub fn repair_text(text: &[u8]) -> Option<Vec<u8>> {
    if serde_json::from_slice::<PluginState>(text).is_ok() {
        return None;
    }
    let parsed = serde_json::from_slice(text).or_else(|_| serde_json::from_slice(&without_huge_numbers(text)));
    let Ok(Value::Object(mut state)) = parsed else { return None };
    // Another program's text is no state of ours with all values missing.
    if !["params", "fields"].iter().any(|part| state.get(*part).is_some_and(Value::is_object)) {
        return None;
    }
    keep(&mut state, "params", |value| ParamValue::deserialize(value).is_ok());
    keep(&mut state, "fields", Value::is_string);
    if !state.get("version").is_some_and(Value::is_string) {
        state.insert("version".into(), "".into());
    }
    serde_json::to_vec(&state).ok()
}

/// The text with `null` for numbers beyond those of 64 bits (`1e999`), which end the parser and are no value of ours.
fn without_huge_numbers(text: &[u8]) -> Vec<u8> {
    let is_numeral = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let (mut sound, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some(&byte) = rest.first() {
        let length = match byte {
            b'"' => string_length(rest),
            b'-' | b'0'..=b'9' => rest.iter().take_while(|byte| is_numeral(byte)).count(),
            _ => 1,
        };
        let (token, behind) = rest.split_at(length);
        let number = std::str::from_utf8(token).ok().and_then(|token| token.parse::<f64>().ok());
        sound.extend_from_slice(if number.is_some_and(f64::is_infinite) { b"null" } else { token });
        rest = behind;
    }
    sound
}

/// Bytes of the string that `text` begins with, its quotes included.
fn string_length(text: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = text.iter().skip(1).position(|&byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(text.len(), |end| end + 2)
}

/// Leaves of this part of the state what is readable, and an empty one where there is none.
fn keep(state: &mut Map<String, Value>, part: &str, is_readable: impl Fn(&Value) -> bool) {
    match state.get_mut(part) {
        Some(Value::Object(values)) => values.retain(|_, value| is_readable(value)),
        _ => drop(state.insert(part.into(), Value::Object(Map::new()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(text: &str) -> PluginState {
        serde_json::from_slice(&repair_text(text.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn one_value_that_cannot_be_read_takes_nothing_else_with_it() {
        for broken in ["null", "7", "{}", r#"{"quantum": 1}"#, r#"{"f32": "loud"}"#, r#"{"f32": 1, "i32": 1}"#, "[]"] {
            let state = repaired(&format!(
                r#"{{"version": "1", "params": {{"mix": {broken}, "stability": {{"f32": 0.1}}}}, "fields": {{"model": "{{}}"}}}}"#
            ));
            assert!(matches!(state.params["stability"], ParamValue::F32(value) if value == 0.1), "{broken}");
            assert!(!state.params.contains_key("mix") && state.fields["model"] == "{}", "{broken}");
        }
        let state =
            repaired(r#"{"version": 1, "params": {"mix": {"f32": 0.5}}, "fields": {"model": 7, "layout": "x"}}"#);
        assert!(state.params.contains_key("mix") && state.fields["layout"] == "x" && state.fields.len() == 1);
        for huge in ["1e999", "-1E+999", r#"{"f32": 1e400}"#, r#"[1, "1e999", 1e999]"#] {
            let state = repaired(&format!(
                r#"{{"params": {{"mix": {huge}, "stability": {{"f32": 1e-9}}}}, "fields": {{"layout": "\" 1e999 \\"}}}}"#
            ));
            assert!(matches!(state.params["stability"], ParamValue::F32(value) if value == 1e-9), "{huge}");
            assert!(!state.params.contains_key("mix") && state.fields["layout"] == "\" 1e999 \\", "{huge}");
        }
        assert!(repaired(r#"{"params": {"mix": {"f32": 0.5}}}"#).params.contains_key("mix"));
        assert!(repaired(r#"{"version": "1", "params": null, "fields": {"layout": "x"}}"#).params.is_empty());
    }

    #[test]
    fn what_can_be_read_and_what_is_no_state_are_left_as_they_are() {
        for text in [
            r#"{"version": "1", "params": {"mix": {"f32": 0.5}}, "fields": {}}"#,
            "",
            "null",
            "{}",
            "[1, 2]",
            r#"{"name": "of something else", "fields": 7}"#,
            r#"{"version": "1", "params": {"mix""#,
        ] {
            assert!(repair_text(text.as_bytes()).is_none(), "{text}");
        }
    }
}
