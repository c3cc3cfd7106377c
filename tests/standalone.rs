//! The effect without a host plays a file and ends, where there is neither a sound card nor a screen.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::path::Path;
use std::process::{Command, Output};

fn standalone(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_timbreloom-standalone")).args(arguments).output().unwrap()
}

fn tone(path: &Path) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..22_050 {
        let at = f64::from(n) / 44_100.0;
        file.write_sample(((std::f64::consts::TAU * 220.0 * at).sin() * 10_000.0) as i16).unwrap();
    }
    file.finalize().unwrap();
}

#[test]
fn a_file_is_played_for_two_seconds_and_the_program_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tone.wav");
    tone(&path);
    let play = ["--play", path.to_str().unwrap(), "--no-window", "--seconds", "2", "--backend", "dummy"];
    let output = standalone(&play);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Playing") && said.contains("tone.wav (0.5 s), over and over."), "{said}");
    let (seconds, peak_db) = played(&said);
    // The time that the model needs to load counts among the two seconds.
    assert!((0.2..=2.6).contains(&seconds), "{said}");
    assert!((-60.0..=6.0).contains(&peak_db), "the file is heard: {said}");
}

#[test]
fn what_a_file_lacks_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.wav");
    tone(&path);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let output = standalone(&["--play", path.to_str().unwrap(), "--no-window", "--seconds", "1", "--backend", "dummy"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("cut.wav: it is cut short: its header promises 0.250 s more"),
        "{said}"
    );
}

/// `Played 1.9 s; the loudest sample was -9.3 dB.`
fn played(said: &str) -> (f64, f64) {
    let line = said.lines().find(|line| line.starts_with("Played")).unwrap();
    let numbers: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    (numbers[0], numbers[1])
}

#[test]
fn without_a_file_the_input_is_played() {
    let output = standalone(&["--no-window", "--seconds", "1", "--backend", "dummy"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("Played"), "{said}");
}

#[test]
fn what_cannot_be_played_is_said_in_words() {
    let output = standalone(&["--play", "not there.wav", "--no-window", "--seconds", "1", "--backend", "dummy"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("error: cannot open not there.wav"), "{said}");
}
