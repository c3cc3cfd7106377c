use std::path::{Path, PathBuf};

use super::*;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/graphs")
}

fn refusal(name: &str) -> String {
    let file = std::fs::read(fixtures().join(name).with_extension("onnx")).expect("the fixture");
    check(&file).expect_err(name).to_string()
}

#[test]
fn what_lies_outside_is_random_or_without_bounds_is_refused_with_the_reason() {
    for (name, words) in [
        ("external", "another file (the weights “to_latent”)"),
        ("runtime-format", "ONNX Runtime's own format"),
        ("random", "random numbers by itself (RandomNormalLike)"),
        ("random-branch", "random numbers by itself (RandomNormal)"),
        ("random-function", "random numbers by itself (Bernoulli)"),
        ("axis", "“state” has an axis of -5 values"),
        ("functions", "153203 operators, at most 20000"),
        ("functions-deep", "over 8 levels of graphs or functions"),
        ("branches", "over 8 levels of graphs or functions"),
    ] {
        let said = refusal(name);
        assert!(said.contains(words), "{name}: {said}");
    }
}

#[test]
fn every_graph_of_ours_is_taken() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = std::fs::read_dir(root.join("models")).expect("the models").flatten().map(|entry| entry.path());
    let mut graphs = 0;
    for folder in folders.chain([root.join("tests/fixtures/general")]) {
        for name in ["encoder.onnx", "decoder.onnx"] {
            let Ok(file) = std::fs::read(folder.join(name)) else { continue };
            assert_eq!(check(&file), Ok(()), "{}", folder.join(name).display());
            graphs += 1;
        }
    }
    assert!(graphs >= 28, "{graphs}");
}

#[test]
fn what_is_no_graph_or_cut_short_is_refused_and_nothing_breaks() {
    assert_eq!(check(b""), Err(Refusal::NotOnnx));
    assert_eq!(check(b"RIFF....WAVE"), Err(Refusal::NotOnnx));
    let whole = std::fs::read(fixtures().join("plain.onnx")).expect("the fixture");
    assert_eq!(check(&whole), Ok(()));
    for length in 0..whole.len() {
        // A cut between two fields of the whole may leave a graph.
        let _ = check(&whole[..length]);
    }
    // Every byte, with every bit turned.
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut broken = whole.clone();
            broken[at] ^= 1 << bit;
            let _ = check(&broken);
        }
    }
}

/// A field of a message: key and length, and what it holds.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    let mut length = content.len();
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(content);
    bytes
}

#[test]
fn a_field_that_comes_twice_is_looked_at_twice() {
    let node = |name: &[u8]| field(1, &[field(4, name), field(4, b"Identity")].concat());
    // The last name counts for the runtime; a graph that comes twice is merged.
    let twice = [field(7, &node(b"RandomUniform")), field(7, &node(b"Identity"))].concat();
    assert_eq!(check(&twice), Err(Refusal::Random("RandomUniform".into())));
    // Held in this file, says the lower half, and elsewhere, says the number as a whole.
    let place = [0x70, 0x81, 0x80, 0x80, 0x80, 0x10];
    assert!(matches!(check(&field(7, &field(5, &place))), Err(Refusal::Outside(_))));
}

#[test]
fn graphs_nested_without_end_and_huge_tensors_are_refused() {
    let mut graph = Vec::new();
    for _ in 0..20_000 {
        graph = field(1, &field(5, &field(6, &graph)));
        if graph.len() > 200_000 {
            break;
        }
    }
    assert!(matches!(check(&field(7, &graph)), Err(Refusal::TooMuch { .. })));
    // 2^30 by 2^40 values, in two numbers.
    let dims = [&[0x08, 0x80, 0x80, 0x80, 0x80, 0x04][..], &[0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]].concat();
    assert!(matches!(check(&field(7, &field(5, &dims))), Err(Refusal::TooMuch { what: "values in a tensor", .. })));
    let dropout = |inputs: usize| field(7, &field(1, &[field(4, b"Dropout"), field(1, b"x").repeat(inputs)].concat()));
    assert_eq!(check(&dropout(2)), Ok(()));
    assert_eq!(check(&dropout(3)), Err(Refusal::Random("Dropout".into())));
}
