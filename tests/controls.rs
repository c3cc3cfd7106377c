//! What each group of controls does to the sound, in a CLAP host; `tests/pedalboard/test_controls.py` has the same facts in VST3.
//!
//! Needs the bundle and its models: `cargo xtask test` makes them and runs this.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use common::plugin::{self, EFFECT, RATE_HZ, activate, activate_at, offline, reading, set};
use common::sounds::{assert_same, both_sides, noise, rms, tone};
use common::spectrum::{dominant_hz, power};
use test_host::Event;

/// After so many frames a steady tone sounds steady.
const SETTLED: usize = 48_000;
const TONE_FRAMES: usize = 2 * SETTLED;

/// What comes back from a new instance, the latency taken off. Settings as a musician types them.
fn play(settings: &[(&str, &str)], input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    play_with(settings, input, &[])
}

/// The same, with settings that change on the way: frame, name, text.
fn play_with(settings: &[(&str, &str)], input: &[Vec<f32>], changes: &[(usize, &str, &str)]) -> Vec<Vec<f32>> {
    let mut plugin = offline(EFFECT);
    set(&mut plugin, settings);
    let events: Vec<Event> = changes
        .iter()
        .map(|(frame, name, text)| {
            let (id, value) = reading(&mut plugin, name, text);
            Event::value(*frame, id, value)
        })
        .collect();
    let latency = activate(&mut plugin, 512);
    // Silence behind it, so that all of it comes back.
    let longer: Vec<Vec<f32>> =
        input.iter().map(|channel| [channel.as_slice(), &vec![0.0; latency]].concat()).collect();
    let sound = plugin::play(&mut plugin, &longer, &events);
    sound.into_iter().map(|channel| channel[latency..].to_vec()).collect()
}

/// A bright and a dull tone of one pitch and one level.
fn bright_and_dull() -> [Vec<f32>; 2] {
    let (bright, dull) = (tone(196.0, 40, 0.1, TONE_FRAMES), tone(196.0, 3, 0.1, TONE_FRAMES));
    let gain = rms(&bright) / rms(&dull);
    [bright, dull.into_iter().map(|sample| gain * sample).collect()]
}

/// Level of the last second, dB.
fn level_db(sound: &[Vec<f32>]) -> f32 {
    20.0 * rms(&sound[0][sound[0].len() - SETTLED..]).max(1e-9).log10()
}

/// Mean difference of the levels of 40 bands from 60 Hz to 12 kHz in half a second of sound at either place, dB.
fn apart_db(one: &[f32], other: &[f32]) -> f64 {
    let bands = |sound: &[f32]| -> Vec<f64> {
        let power = power(sound);
        let whole: f64 = power.iter().sum();
        let edge = |n: usize| (60.0 * 200f64.powf(n as f64 / 40.0) * sound.len() as f64 / RATE_HZ) as usize;
        (0..40).map(|n| 10.0 * (power[edge(n)..edge(n + 1)].iter().sum::<f64>() / whole + 1e-7).log10()).collect()
    };
    bands(one).iter().zip(bands(other)).map(|(a, b)| (a - b).abs()).sum::<f64>() / 40.0
}

/// Half a second, from a frame on.
fn piece(sound: &[Vec<f32>], from: usize) -> &[f32] {
    &sound[0][from..from + 24_000]
}

#[test]
fn without_amount_a_bright_and_a_dull_tone_are_one_timbre() {
    let apart = |amount: &str| {
        let [bright, dull] = bright_and_dull().map(|mono| play(&[("Amount", amount)], &both_sides(mono)));
        apart_db(piece(&bright, SETTLED), piece(&dull, SETTLED))
    };
    let (without, with) = (apart("0 %"), apart("100 %"));
    println!("bright and dull: {with:.1} dB apart, {without:.1} dB without amount");
    assert!(without < 0.5 * with, "{without:.1} of {with:.1} dB");
}

#[test]
fn a_frozen_or_locked_latent_does_not_follow_the_timbre_and_loudness_does() {
    let [bright, dull] = bright_and_dull();
    let sound = both_sides(bright.into_iter().chain(dull.into_iter().map(|sample| 0.3 * sample)).collect());
    let change = |changes: &[(usize, &str, &str)]| {
        let made = play_with(&[], &sound, changes);
        let (before, after) = (piece(&made, SETTLED), piece(&made, TONE_FRAMES + SETTLED));
        let fallen_db = 20.0 * (rms(before) / rms(after)).log10();
        assert!(fallen_db > 6.0, "{changes:?}: {fallen_db:.1} dB");
        apart_db(before, after)
    };
    let locks: Vec<String> = (1..=16).map(|n| format!("Lock {n}")).collect();
    let at = TONE_FRAMES - 4800;
    let all_locked: Vec<(usize, &str, &str)> = locks.iter().map(|name| (at, name.as_str(), "On")).collect();
    let (free, frozen, locked) = (change(&[]), change(&[(at, "Freeze", "On")]), change(&all_locked));
    println!("bright to dull: {free:.1} dB, {frozen:.1} frozen, {locked:.1} with all dimensions locked");
    assert!(frozen < 0.6 * free && locked < 0.6 * free, "{free:.1}, {frozen:.1}, {locked:.1} dB");
}

#[test]
fn loudness_follows_the_input_within_its_range_or_stays_where_it_is_set() {
    let step_db = |settings: &[(&str, &str)]| {
        let [loud, quiet] = [0.2, 0.02].map(|level| play(settings, &both_sides(tone(196.0, 12, level, TONE_FRAMES))));
        level_db(&loud) - level_db(&quiet)
    };
    for (settings, wanted_db) in [
        (&[("Loudness Mode", "Follow")][..], 20.0),
        (&[("Loudness Range", "50 %")], 10.0),
        (&[("Loudness Mode", "Manual"), ("Loudness Level", "-20 dB")], 0.0),
    ] {
        let found_db = step_db(settings);
        println!("20 dB of input, {settings:?}: {found_db:.1} dB");
        assert!((found_db - wanted_db).abs() < 3.0, "{settings:?}: {found_db:.1} dB, not {wanted_db}");
    }
}

#[test]
fn a_burst_into_silence_sings_where_the_loops_band_pass_is() {
    let mut burst = vec![0.0; 4 * SETTLED];
    burst[..480].copy_from_slice(&noise(480)[0]);
    for (text, hz) in [("200 Hz", 200.0), ("1200 Hz", 1200.0)] {
        let settings = [("Feedback Amount", "200 %"), ("Feedback Frequency", text), ("Feedback Q", "7")];
        let made = play(&settings, &both_sides(burst.clone()));
        let late = &made[0][made[0].len() - 65_536..];
        assert!(rms(late) > 3e-3, "{text}: nothing sings");
        let found_hz = dominant_hz(late, RATE_HZ);
        println!("{text}: {found_hz:.0} Hz");
        assert!((found_hz / hz).log2().abs() < 1.0 / 3.0, "{text}: {found_hz:.0} Hz");
    }
}

#[test]
fn width_0_is_mono_and_the_side_of_the_input_is_kept_when_asked_for() {
    let sound = vec![tone(196.0, 12, 0.1, TONE_FRAMES), tone(247.0, 12, 0.1, TONE_FRAMES)];
    let side = |made: &[Vec<f32>]| -> Vec<f32> { made[0].iter().zip(&made[1]).map(|(l, r)| l - r).collect() };
    let both = play(&[("Channels", "Left + Right")], &sound);
    assert!(rms(&side(&both)) > 0.1 * rms(&both[0]));
    let narrow = play(&[("Channels", "Left + Right"), ("Width", "0 %")], &sound);
    assert!(rms(&side(&narrow)) < 1e-6);
    let mid = play(&[], &sound);
    assert_same(&mid[..1], &mid[1..], "right of the middle");
    let kept = side(&play(&[("Channels", "Mid + Side")], &sound));
    let off: Vec<f32> = kept.iter().zip(side(&sound)).map(|(got, wanted)| got - wanted).collect();
    assert!(rms(&off[SETTLED..]) < 0.02 * rms(&side(&sound)), "{}", rms(&off[SETTLED..]));
}

/// How far the strongest of a tone's first ten partials lies from where it belongs, in the last second, cents; at most 80.
fn cents_from(hz: f64, sound: &[f32]) -> f64 {
    let late = &sound[sound.len() - 65_536..];
    let (power, bin_hz) = (power(late), RATE_HZ / late.len() as f64);
    let bins = (1..=10).flat_map(|k| {
        let edge = |cents: f64| (f64::from(k) * hz * 2f64.powf(cents / 1200.0) / bin_hz) as usize;
        (edge(-80.0)..=edge(80.0)).map(move |bin| (k, bin))
    });
    let (k, bin) = bins.max_by(|(_, a), (_, b)| power[*a].total_cmp(&power[*b])).unwrap();
    let [before, at, after] = [bin - 1, bin, bin + 1].map(|bin| power[bin].ln());
    let peak = bin as f64 + 0.5 * (before - after) / (before - 2.0 * at + after);
    1200.0 * (peak * bin_hz / (f64::from(k) * hz)).log2()
}

#[test]
fn intonation_brings_a_flat_note_in_tune_to_the_scale_and_to_held_keys() {
    // 31 cents below G3.
    let (flat_hz, g3_hz, d3_hz) = (192.5, 195.998, 146.832);
    let input = both_sides(tone(flat_hz, 12, 0.1, TONE_FRAMES));
    let at_once = [("Intonation", "100 %"), ("Intonation Time", "0 ms")];
    for (settings, hz) in [
        (&[][..], flat_hz),
        (&at_once[..], g3_hz),
        (&[at_once[0], at_once[1], ("Intonation Scale", "Major Pentatonic"), ("Intonation Key", "D#")], g3_hz),
        // D, F, G, A and C.
        (&[at_once[0], at_once[1], ("Intonation Scale", "Minor Pentatonic"), ("Intonation Key", "D")], g3_hz),
        (&[at_once[0], at_once[1], ("Intonation Scale", "Held Notes")], flat_hz),
    ] {
        let off = cents_from(hz, &play(settings, &input)[0]);
        assert!(off.abs() < 8.0, "{settings:?}: {off:.1} cents from {hz} Hz");
    }
    let mut plugin = offline(EFFECT);
    set(&mut plugin, &[at_once[0], at_once[1], ("Intonation Scale", "Held Notes")]);
    activate(&mut plugin, 512);
    let made = plugin::play(&mut plugin, &input, &[Event::note_on(100, 0, 74, 90)]);
    let off = cents_from(d3_hz, &made[0]);
    assert!(off.abs() < 8.0, "D5 is held, D3 is next: {off:.1} cents");
}

#[test]
fn the_wet_gain_moves_the_model_alone_and_the_limiter_keeps_peaks_below_its_ceiling() {
    let input = both_sides(tone(196.0, 12, 0.1, TONE_FRAMES));
    let dry = play(&[("Mix", "0 %")], &input);
    let quiet = play(&[("Mix", "50 %"), ("Wet Gain", "-60 dB")], &input);
    let halved: Vec<f32> = dry[0].iter().map(|sample| 0.5 * sample).collect();
    let off: Vec<f32> = quiet[0].iter().zip(&halved).map(|(got, wanted)| got - wanted).collect();
    assert!(rms(&off[SETTLED..]) < 0.01 * rms(&halved), "{}", rms(&off));
    let peak = |sound: &[Vec<f32>]| sound.iter().flatten().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    let plain = play(&[], &input);
    let held = play(&[("Limiter", "On")], &input);
    assert!(peak(&plain) < 0.44, "{}", peak(&plain));
    assert_same(&plain, &held, "what is soft is not changed");
    let loud = play(&[("Wet Gain", "24 dB")], &input);
    let held = play(&[("Wet Gain", "24 dB"), ("Limiter", "On")], &input);
    assert!(peak(&loud) > 1.0, "{}", peak(&loud));
    assert!((0.5..0.892).contains(&peak(&held)), "{}", peak(&held));
}

#[test]
fn wet_sound_comes_at_every_rate_and_block() {
    let mut levels = Vec::new();
    for rate_hz in [22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0] {
        for block in [1, 333, 8192] {
            let frames = rate_hz as usize;
            let mono = tone(196.0 * RATE_HZ / rate_hz, 12, 0.1, frames);
            let mut plugin = offline(EFFECT);
            activate_at(&mut plugin, rate_hz, block);
            let made = plugin::play(&mut plugin, &both_sides(mono), &[]);
            assert!(made[0].iter().all(|sample| sample.is_finite()));
            levels.push(20.0 * rms(&made[0][frames / 2..]).max(1e-9).log10());
        }
    }
    let (low, high) = levels.iter().fold((f32::MAX, f32::MIN), |(low, high), db| (low.min(*db), high.max(*db)));
    println!("{low:.1} to {high:.1} dB");
    assert!(high - low < 1.5, "{levels:?}");
}
