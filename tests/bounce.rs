//! Everything at once: random walk, side-chain, feedback, automation, two models, freeze. What is played is what is
//! bounced, bit for bit, in any process.

mod common;

use common::{Rig, sound};
use sha2::{Digest, Sha256};
use timbreloom::controls::{Controls, Cross, SideChain};
use timbreloom::latency::Margin;
use timbreloom::latency::StreamFormat;
use timbreloom::rt::Settings;

const RATE_HZ: f64 = 48_000.0;
const BLOCK: usize = 512;
const FRAMES: usize = 3 * 48_000;

fn format() -> StreamFormat {
    // two models at once on a busy test machine need more than half a hop
    StreamFormat { host_rate_hz: RATE_HZ, max_block_frames: BLOCK, channels: 1, margin: Margin::Safe }
}

/// A second of each: as it comes; a walk with side-chain and blend; loop, freeze, lock and cross-synthesis.
fn automation(at: usize) -> Settings {
    let time_s = at as f64 / RATE_HZ;
    let mut controls = Controls { song_s: Some(12.5 + time_s), random: 0.8, random_hz: 3.0, ..Controls::default() };
    controls.bias[0] = (time_s * 0.7).sin() as f32;
    if at >= FRAMES / 3 {
        controls.side = SideChain { latent: 0.5, pitch: 0.3, loudness: 0.4 };
        controls.blend = (time_s as f32 - 1.0).clamp(0.0, 0.6);
        controls.smoothing_s = 0.05;
    }
    if at >= FRAMES * 2 / 3 {
        controls.feedback_gain = 1.2;
        controls.feedback_delay_s = 0.03;
        controls.freeze = at < FRAMES * 5 / 6;
        controls.lock = 0b1010;
        controls.cross = Cross::FirstLatent;
        controls.loudness_range = 0.7;
    }
    Settings { controls, ..Settings::default() }
}

fn inputs() -> (Vec<f32>, Vec<f32>) {
    let side = (0..FRAMES).map(|n| 0.2 * ((n as f64 * 146.8 / RATE_HZ).fract() as f32 - 0.5)).collect();
    (sound(FRAMES, RATE_HZ), side)
}

fn bounce() -> Vec<f32> {
    let (input, side) = inputs();
    Rig::of_models(format(), "cello", Some("horn")).bounce(&input, &side, automation)
}

/// As a sound card asks: each block when its last frame has come. Again while the machine was too busy for it.
fn play() -> Vec<f32> {
    (0..10).find_map(|_| play_once()).expect("in one of ten runs nothing comes late")
}

/// `None` when something came too late to be heard.
fn play_once() -> Option<Vec<f32>> {
    let (input, side) = inputs();
    Rig::of_models(format(), "cello", Some("horn")).play_live(RATE_HZ, &input, &side, automation)
}

fn hash(sound: &[f32]) -> String {
    let bytes: Vec<u8> = sound.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_is_played_is_what_is_bounced_bit_for_bit() {
    let (played, bounced) = (play(), bounce());
    assert!(bounced.iter().any(|sample| sample.abs() > 0.01), "there is something to compare");
    assert_eq!(played.iter().zip(&bounced).position(|(a, b)| a.to_bits() != b.to_bits()), None);
}

/// Run as a child of the next test.
#[test]
#[ignore = "prints a hash for the test below"]
fn child_prints_the_hash_of_its_bounce() {
    println!("hash {}", hash(&bounce()));
}

#[test]
fn another_process_bounces_the_same() {
    let program = std::env::current_exe().expect("this test's program");
    let child = || {
        let output = std::process::Command::new(&program)
            .args(["--ignored", "--exact", "child_prints_the_hash_of_its_bounce", "--nocapture"])
            .output()
            .expect("the same program starts again");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let at = text.find("hash ").unwrap_or_else(|| panic!("no hash: {text}"));
        text[at + 5..at + 5 + 64].to_owned()
    };
    let (first, second) = (child(), child());
    assert_eq!(first, second);
    assert_eq!(first, hash(&bounce()));
}

#[test]
fn each_of_the_controls_is_heard() {
    let (input, side) = inputs();
    let plain = |change: &dyn Fn(&mut Controls)| {
        let mut controls = Controls::default();
        change(&mut controls);
        let settings = Settings { controls, ..Settings::default() };
        Rig::of_models(format(), "cello", Some("horn")).bounce(&input[..24_000], &side[..24_000], |_| settings)
    };
    let at_rest = plain(&|_| {});
    type Change = &'static dyn Fn(&mut Controls);
    let changes: [(&str, Change); 12] = [
        ("random", &|c| c.random = 1.0),
        ("amount", &|c| c.amount = 0.0),
        ("smoothing", &|c| c.smoothing_s = 0.3),
        ("freeze", &|c| c.freeze = true),
        ("lock", &|c| c.lock = 1),
        ("solo", &|c| c.solo = 2),
        ("range", &|c| c.loudness_range = 0.5),
        ("side latent", &|c| c.side.latent = 1.0),
        ("side pitch", &|c| c.side.pitch = 1.0),
        ("side loudness", &|c| c.side.loudness = 1.0),
        ("blend", &|c| c.blend = 0.5),
        ("feedback delay", &|c| (c.feedback_gain, c.feedback_delay_s) = (1.0, 0.05)),
    ];
    for (name, change) in changes {
        assert!(plain(change) != at_rest, "{name} changes nothing");
    }
}
