//! The side-chain in a CLAP host: a layout of its own, and what follows it.
//!
//! Needs the bundle and a model: `cargo xtask test` makes them and runs this.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use common::plugin::{EFFECT, RATE_HZ, activate, offline, play, set};
use common::sounds::{assert_same, both_sides, first_difference, rms, sung, tone};
use test_host::{Instance, Pace, Take};

const SOUND_FRAMES: usize = 96_000;

/// An instance that bounces, with a side-chain.
fn with_side(layout: &str, settings: &[(&str, &str)]) -> Instance {
    let mut plugin = offline(EFFECT);
    plugin.set_layout(layout).unwrap();
    set(&mut plugin, settings);
    plugin
}

fn play_beside(plugin: &mut Instance, input: &[Vec<f32>], side: &[Vec<f32>]) -> Vec<Vec<f32>> {
    plugin.play(&Take { input, side, ..Take::default() }, &mut std::iter::empty(), Pace::Hurry).unwrap()
}

/// What comes back, the latency taken off.
fn bounce(settings: &[(&str, &str)], input: &[Vec<f32>], side: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut plugin = with_side("Stereo with side-chain", settings);
    let latency = activate(&mut plugin, 512);
    let sound = play_beside(&mut plugin, input, side);
    sound.into_iter().map(|channel| channel[latency..].to_vec()).collect()
}

/// A steady tone with harmonics, on both sides.
fn held(hz: f64) -> Vec<Vec<f32>> {
    both_sides(tone(hz, 12, 0.1, SOUND_FRAMES))
}

/// How like itself a steady sound is when it is 80 to 800 frames late, periods of 600 to 60 Hz: 1 when it is the same.
fn autocorrelation(sound: &[f32]) -> Vec<f64> {
    let middle = &sound[SOUND_FRAMES / 2..SOUND_FRAMES / 2 + 16_384];
    let score = |lag: usize| {
        let pairs = middle.iter().zip(&middle[lag..]).map(|(a, b)| (f64::from(*a), f64::from(*b)));
        let (product, power) =
            pairs.fold((0.0, 1e-9), |(product, power), (a, b)| (product + a * b, power + 0.5 * (a * a + b * b)));
        product / power
    };
    (80..=800).map(score).collect()
}

/// The pitch of a steady sound, Hz.
fn pitch_hz(sound: &[f32]) -> f64 {
    let scores = autocorrelation(sound);
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
    let (main, side) = (held(147.0), held(220.0));
    for (share, expected_hz) in [("0 %", 147.0), ("50 %", (147.0f64 * 220.0).sqrt()), ("100 %", 220.0)] {
        let sound = bounce(&[("Side-Chain Pitch", share)], &main, &side);
        let found_hz = pitch_hz(&sound[0]);
        println!("{share}: {found_hz:.1} Hz, {:.0} cents from {expected_hz:.1} Hz", cents(found_hz, expected_hz));
        assert!(cents(found_hz, expected_hz).abs() < 30.0, "{share}: {found_hz:.1} Hz, not {expected_hz:.1}");
    }
}

/// In between, a hop has a part of its voicing (`src/engine/steer.rs` and its tests); what a decoder makes of that it has learnt.
#[test]
fn a_side_chain_without_a_pitch_takes_the_tone_away_at_a_full_share() {
    let mut random = fastrand::Rng::with_seed(3);
    let hiss: Vec<f32> = (0..SOUND_FRAMES).map(|_| 0.2 * (random.f32() - 0.5)).collect();
    let (main, side) = (held(147.0), both_sides(hiss));
    let heard = |share: &str| {
        autocorrelation(&bounce(&[("Side-Chain Pitch", share)], &main, &side)[0]).into_iter().fold(0.0, f64::max)
    };
    let (without, with) = (heard("0 %"), heard("100 %"));
    println!("periodic by {without:.2} without, {with:.2} with the side-chain's pitch");
    assert!(without > 0.9 && with < 0.5, "{without:.2} without, {with:.2} with");
}

#[test]
fn loudness_follows_the_side_chain() {
    // Half a second loud, half a second 20 dB below.
    let steps = tone(196.0, 12, 0.2, SOUND_FRAMES).into_iter().enumerate();
    let steps = steps.map(|(frame, sample)| if (frame / 24_000).is_multiple_of(2) { sample } else { 0.1 * sample });
    let (main, side) = (held(196.0), both_sides(steps.collect()));
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
    let (main, side) = (held(147.0), sung(SOUND_FRAMES));
    let made = |share: &str, side: &[Vec<f32>]| bounce(&[("Side-Chain Latent", share)], &main, side);
    let (without, with) = (made("0 %", &side), made("100 %", &side));
    let apart: Vec<f32> = without[0].iter().zip(&with[0]).map(|(a, b)| a - b).collect();
    let share = rms(&apart) / rms(&without[0]);
    println!("latent of a voice instead of a tone's: {:.0} % of the sound is another", 100.0 * share);
    assert!(share > 0.1, "{share}");
    let other = made("100 %", &held(300.0));
    assert!(first_difference(&other[0], &with[0]).is_some(), "any side-chain sounds the same");
    // at no share it is not heard at all
    assert_same(&made("0 %", &held(300.0)), &without, "another side-chain at 0 %");
}

#[test]
fn a_side_chain_that_is_not_asked_for_changes_nothing() {
    let input = sung(SOUND_FRAMES / 2);
    let side = sung(SOUND_FRAMES / 2);
    let mut plain = offline(EFFECT);
    activate(&mut plain, 512);
    let expected = play(&mut plain, &input, &[]);
    let mut plugin = with_side("Stereo with side-chain", &[]);
    activate(&mut plugin, 512);
    assert_same(&play_beside(&mut plugin, &input, &side), &expected, "with a side-chain");
    // and the layout of a mono track
    let mut mono = with_side("Mono with side-chain", &[("Side-Chain Pitch", "100 %")]);
    activate(&mut mono, 512);
    let followed = play_beside(&mut mono, &input[..1], &side[..1]);
    // the same sound in both inputs: following it changes nothing to speak of
    assert!(rms(&followed[0]) > 1e-3);
}
