//! Documents of JSON that are almost right: a valid one with one or a few places changed, so that readers get far into them.

use fastrand::Rng;
use serde_json::{Map, Number, Value, json};

/// Changes one to three places, within texts that are JSON themselves too.
pub fn mutate(bytes: &[u8], random: &mut Rng) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    for _ in 0..random.usize(1..4) {
        change(&mut value, random);
    }
    Some(serde_json::to_vec(&value).unwrap())
}

/// Walks down to a place by chance and changes it.
fn change(value: &mut Value, random: &mut Rng) {
    let stays = random.u32(..8) == 0;
    match value {
        Value::Array(items) if !items.is_empty() && !stays => {
            let at = random.usize(..items.len());
            change(&mut items[at], random);
        }
        Value::Object(fields) if !fields.is_empty() && !stays => {
            let at = random.usize(..fields.len());
            if let Some((_, inner)) = fields.iter_mut().nth(at) {
                change(inner, random);
            }
        }
        Value::String(text) if !stays => match serde_json::from_str::<Value>(text) {
            Ok(mut inner) if !inner.is_number() || random.bool() => {
                change(&mut inner, random);
                *text = inner.to_string();
            }
            _ => *text = odd_text(text, random),
        },
        _ => *value = changed(value, random),
    }
}

fn changed(value: &Value, random: &mut Rng) -> Value {
    match (random.u32(..4), value) {
        (0, _) => odd_value(random),
        (1, Value::Number(number)) => json!(number.as_f64().unwrap_or(0.0) * [-1.0, 0.5, 2.0, 1e3][random.usize(..4)]),
        (_, Value::Number(_)) => Value::Number(odd_number(random)),
        (_, Value::Bool(is)) => json!(!is),
        (_, Value::Array(items)) => {
            let mut items = items.clone();
            match random.u32(..4) {
                0 => items.clear(),
                1 => items.truncate(random.usize(..items.len().max(1))),
                2 if items.len() < 5000 => items.extend(items.clone()),
                _ => {
                    let item = items.first().cloned().unwrap_or(Value::Null);
                    // Lists of lists of lists would take all memory here, and not where they are read.
                    let most = if item.is_array() || item.is_object() || items.len() > 5000 { 1 } else { 3 };
                    items.resize(items.len() + [1, 20, 3000][random.usize(..most)], item);
                }
            }
            Value::Array(items)
        }
        (_, Value::Object(fields)) => Value::Object(odd_fields(fields, random)),
        _ => odd_value(random),
    }
}

fn odd_fields(fields: &Map<String, Value>, random: &mut Rng) -> Map<String, Value> {
    let mut fields = fields.clone();
    let keys: Vec<String> = fields.keys().cloned().collect();
    if keys.is_empty() {
        fields.insert(odd_text("key", random), odd_value(random));
        return fields;
    }
    let (key, other) = (&keys[random.usize(..keys.len())], &keys[random.usize(..keys.len())]);
    match random.u32(..4) {
        0 => drop(fields.remove(key)),
        1 => {
            let value = fields.remove(key).unwrap_or(Value::Null);
            fields.insert(odd_text(key, random), value);
        }
        2 => {
            let value = fields[other].clone();
            fields.insert(key.clone(), value);
        }
        _ => {
            fields.insert(odd_text(key, random), odd_value(random));
        }
    }
    fields
}

fn odd_number(random: &mut Rng) -> Number {
    let whole = [0, 1, 2, 3, 16, 17, 63, 64, 65, 255, 512, 65_536, 1 << 31, u64::from(u32::MAX), 1 << 53, u64::MAX];
    let broken = [-1.0, -0.0, 0.5, 1e-308, 1e38, 3.5e38, 1e308, -1e308, 44_100.5, f64::MIN_POSITIVE];
    match random.u32(..4) {
        0 => Number::from_f64(broken[random.usize(..broken.len())]).unwrap(),
        1 => Number::from(random.i64(..)),
        2 => Number::from_f64(random.f64() * 10f64.powi(random.i32(-6..12))).unwrap(),
        _ => Number::from(whole[random.usize(..whole.len())]),
    }
}

fn odd_value(random: &mut Rng) -> Value {
    match random.u32(..8) {
        0 => Value::Null,
        1 => json!(random.bool()),
        2 => json!([]),
        3 => json!({}),
        4 => json!(odd_text("", random)),
        5 => {
            let depth = random.usize(2..120);
            (0..depth).fold(json!(1), |inner, _| json!([inner]))
        }
        _ => Value::Number(odd_number(random)),
    }
}

/// Names that lead out of folders, options, markup, control characters, and what is merely long or strange.
fn odd_text(text: &str, random: &mut Rng) -> String {
    let odd = [
        "",
        ".",
        "..",
        "../../etc/passwd",
        "/dev/zero",
        "a/b",
        "a\\b",
        "C:\\x",
        "-",
        "--help",
        "\0",
        "\u{1b}[31m",
        "\n",
        "\u{202e}",
        "NaN",
        "inf",
        "null",
        "continuous",
        "discrete",
        "general",
        "pitched",
        "CON",
        "<b>",
        "%s%n",
        "é́",
        "🎻",
        "0",
        "0000000000000000000000000000000000000000000000000000000000000000",
    ];
    match random.u32(..5) {
        0 if text.len() < 200 => text.repeat([2, 50, 500][random.usize(..3)]),
        1 => text.chars().rev().collect(),
        2 => text.chars().skip(1).collect(),
        _ => odd[random.usize(..odd.len())].to_owned(),
    }
}
