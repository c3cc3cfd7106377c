//! Everything at once: random walk, side-chain, feedback, automation, two models, freeze. What is played is what is
//! bounced, bit for bit, in any process.

mod common;
#[path = "common/helper.rs"]
mod helper;
#[path = "bounce/song.rs"]
mod song;

use common::Rig;
use song::{RATE_HZ, automation, bounce, format, hash, inputs};
use timbreloom::controls::Controls;
use timbreloom::rt::EffectSettings;

/// As a sound card asks: each block when its last frame has come. Again while the machine was too busy for it.
fn play() -> Vec<f32> {
    (0..10).find_map(|_| play_once()).expect("in one of ten runs nothing comes late")
}

/// `None` when something came too late to be heard.
fn play_once() -> Option<Vec<f32>> {
    let (input, side) = inputs();
    Rig::of_models(format(), "cello", Some("horn")).play_live(RATE_HZ, &input, &side, automation)
}

#[test]
fn what_is_played_is_what_is_bounced_bit_for_bit() {
    let (played, bounced) = (play(), bounce());
    assert!(bounced.iter().any(|sample| sample.abs() > 0.01), "there is something to compare");
    assert_eq!(played.iter().zip(&bounced).position(|(a, b)| a.to_bits() != b.to_bits()), None);
}

#[test]
fn another_process_bounces_the_same() {
    let child = || {
        let output = helper::task("bounce").output().expect("the helper starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
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
        let settings = EffectSettings { controls, ..EffectSettings::default() };
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
