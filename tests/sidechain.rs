//! The side-chain in a CLAP host: a layout of its own, and what follows it.
//!
//! Needs the bundle and a model: `cargo xtask test` makes them and runs this.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]
#![allow(dead_code, reason = "each test binary uses its own part of the helpers")]

#[path = "host/bundle.rs"]
mod bundle;
#[path = "host/sounds.rs"]
mod sounds;

use bundle::{RATE_HZ, activate, offline};
use sounds::{assert_same, first_difference, rms, sung};
use test_host::{Instance, Pace, Take};

const SOUND_FRAMES: usize = 96_000;

/// An instance that bounces, with a side-chain.
fn with_side(layout: &str, settings: &[(&str, &str)]) -> Instance {
    let mut plugin = offline();
    plugin.set_layout(layout).unwrap();
    for (name, text) in settings {
        plugin.set_by_text(name, text).unwrap();
    }
    plugin
}

/// What comes back, the latency taken off.
fn bounce(settings: &[(&str, &str)], input: &[Vec<f32>], side: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut plugin = with_side("Stereo with side-chain", settings);
    let latency = activate(&mut plugin, 512);
    let take = Take { input, side, ..Take::default() };
    let sound = plugin.play(&take, &mut std::iter::empty(), Pace::Hurry).unwrap();
    sound.into_iter().map(|channel| channel[latency..].to_vec()).collect()
}

/// A steady tone with harmonics, on both sides.
fn tone(hz: f64, level: impl Fn(usize) -> f64) -> Vec<Vec<f32>> {
    let mono: Vec<f32> = (0..SOUND_FRAMES)
        .map(|frame| {
            let phase = std::f64::consts::TAU * hz * frame as f64 / RATE_HZ;
            let wave: f64 = (1..=12).map(|k| (phase * f64::from(k)).sin() / f64::from(k)).sum();
            (level(frame) * wave) as f32
        })
        .collect();
    vec![mono.clone(), mono]
}

/// The pitch of a steady sound, Hz, by the peak of its autocorrelation between 60 and 600 Hz.
fn pitch_hz(sound: &[f32]) -> f64 {
    let middle = &sound[SOUND_FRAMES / 2..SOUND_FRAMES / 2 + 16_384];
    let score = |lag: usize| -> f64 {
        let pairs = middle.iter().zip(&middle[lag..]);
        let (mut product, mut power) = (0.0, 1e-9);
        for (a, b) in pairs {
            product += f64::from(a * b);
            power += f64::from(a * a + b * b) / 2.0;
        }
        product / power
    };
    let scores: Vec<f64> = (80..=800).map(score).collect();
    let best = scores.iter().copied().fold(0.0, f64::max);
    // The shortest period that is as good, so that two periods are not taken for one; then up to its top.
    let mut at = scores.iter().position(|score| *score > 0.95 * best).unwrap();
    while at + 1 < scores.len() && scores[at + 1] > scores[at] {
        at += 1;
    }
    RATE_HZ / (at + 80) as f64
}

fn cents(a_hz: f64, b_hz: f64) -> f64 {
    1200.0 * (a_hz / b_hz).log2()
}

#[test]
fn pitch_follows_the_side_chain_as_far_as_its_share() {
    let (main, side) = (tone(147.0, |_| 0.1), tone(220.0, |_| 0.1));
    for (share, expected_hz) in [("0 %", 147.0), ("50 %", (147.0f64 * 220.0).sqrt()), ("100 %", 220.0)] {
        let sound = bounce(&[("Side-Chain Pitch", share)], &main, &side);
        let found_hz = pitch_hz(&sound[0]);
        println!("{share}: {found_hz:.1} Hz, {:.0} cents from {expected_hz:.1} Hz", cents(found_hz, expected_hz));
        assert!(cents(found_hz, expected_hz).abs() < 30.0, "{share}: {found_hz:.1} Hz, not {expected_hz:.1}");
    }
}

/// How periodic a steady sound is, 0 to 1, at the best pitch between 60 and 600 Hz.
fn periodicity(sound: &[f32]) -> f64 {
    let middle = &sound[SOUND_FRAMES / 2..SOUND_FRAMES / 2 + 16_384];
    let score = |lag: usize| {
        let pairs = middle.iter().zip(&middle[lag..]).map(|(a, b)| (f64::from(*a), f64::from(*b)));
        let (product, power) =
            pairs.fold((0.0, 1e-9), |(product, power), (a, b)| (product + a * b, power + 0.5 * (a * a + b * b)));
        product / power
    };
    (80..=800).map(score).fold(0.0, f64::max)
}

/// In between, a hop has a part of its voicing (`src/engine/steer.rs` and its tests); what a decoder makes of that it has learnt.
#[test]
fn a_side_chain_without_a_pitch_takes_the_tone_away_at_a_full_share() {
    let mut random = fastrand::Rng::with_seed(3);
    let hiss: Vec<f32> = (0..SOUND_FRAMES).map(|_| 0.2 * (random.f32() - 0.5)).collect();
    let (main, side) = (tone(147.0, |_| 0.1), vec![hiss.clone(), hiss]);
    let heard = |share: &str| periodicity(&bounce(&[("Side-Chain Pitch", share)], &main, &side)[0]);
    let (without, with) = (heard("0 %"), heard("100 %"));
    println!("periodic by {without:.2} without, {with:.2} with the side-chain's pitch");
    assert!(without > 0.9 && with < 0.5, "{without:.2} without, {with:.2} with");
}

#[test]
fn loudness_follows_the_side_chain() {
    // Half a second loud, half a second 20 dB below.
    let steps = |frame: usize| if (frame / 24_000).is_multiple_of(2) { 0.2 } else { 0.02 };
    let (main, side) = (tone(196.0, |_| 0.1), tone(196.0, steps));
    let step_db = |share: &str| {
        let sound = bounce(&[("Side-Chain Loudness", share)], &main, &side);
        // the middles of a loud and a quiet stretch
        let level = |at: usize| rms(&sound[0][at - 6000..at + 6000]);
        20.0 * (level(2 * 24_000 + 12_000) / level(24_000 + 12_000)).log10()
    };
    let (without, with) = (step_db("0 %"), step_db("100 %"));
    println!("loud over quiet: {without:.1} dB without, {with:.1} dB with the side-chain's loudness");
    assert!(without.abs() < 2.0 && with > 12.0, "{without:.1} dB without, {with:.1} dB with");
}

#[test]
fn the_latent_of_the_side_chain_is_heard() {
    let (main, side) = (tone(147.0, |_| 0.1), sung(SOUND_FRAMES));
    let made = |share: &str, side: &[Vec<f32>]| bounce(&[("Side-Chain Latent", share)], &main, side);
    let (without, with) = (made("0 %", &side), made("100 %", &side));
    let apart: Vec<f32> = without[0].iter().zip(&with[0]).map(|(a, b)| a - b).collect();
    let share = rms(&apart) / rms(&without[0]);
    println!("latent of a voice instead of a tone's: {:.0} % of the sound is another", 100.0 * share);
    assert!(share > 0.1, "{share}");
    let other = made("100 %", &tone(300.0, |_| 0.2));
    assert!(first_difference(&other[0], &with[0]).is_some(), "any side-chain sounds the same");
    // at no share it is not heard at all
    assert_same(&made("0 %", &tone(300.0, |_| 0.2)), &without, "another side-chain at 0 %");
}

#[test]
fn a_side_chain_that_is_not_asked_for_changes_nothing() {
    let input = sung(SOUND_FRAMES / 2);
    let side = sung(SOUND_FRAMES / 2);
    let mut plain = offline();
    activate(&mut plain, 512);
    let expected = bundle::play(&mut plain, &input, &[]);
    let mut plugin = with_side("Stereo with side-chain", &[]);
    activate(&mut plugin, 512);
    let take = Take { input: &input, side: &side, ..Take::default() };
    assert_same(&plugin.play(&take, &mut std::iter::empty(), Pace::Hurry).unwrap(), &expected, "with a side-chain");
    // and the layout of a mono track
    let mut mono = with_side("Mono with side-chain", &[("Side-Chain Pitch", "100 %")]);
    activate(&mut mono, 512);
    let take = Take { input: &input[..1], side: &side[..1], ..Take::default() };
    let followed = mono.play(&take, &mut std::iter::empty(), Pace::Hurry).unwrap();
    // the same sound in both inputs: following it changes nothing to speak of
    assert!(rms(&followed[0]) > 1e-3);
}
