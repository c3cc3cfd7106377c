//! Remote control in a CLAP host: pages of knobs, and the host's modulation.
//!
//! Needs the bundle and a model: `cargo xtask test` makes them and runs this.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::collections::HashSet;

use common::plugin::{CODES, DRUMS, EFFECT, activate, instance, offline, play, reading, set};
use common::sounds::{assert_same, first_difference, noise, sung};
use test_host::{Event, Instance, Param};

const SOUND_FRAMES: usize = 72_000;

fn continuous(plugin: &mut Instance) -> Vec<Param> {
    let params = plugin.params().unwrap();
    params.into_iter().filter(|param| !param.is_stepped).collect()
}

#[test]
fn remote_pages_name_existing_parameters_and_every_one_that_can_be_automated_is_on_a_page() {
    are_complete(&mut offline(EFFECT));
    are_complete(&mut instance(CODES));
    are_complete(&mut instance(DRUMS));
}

fn are_complete(plugin: &mut Instance) {
    let pages = plugin.remote_pages().unwrap();
    let params = plugin.params().unwrap();
    let ids: HashSet<u32> = params.iter().map(|param| param.id).collect();
    let mut covered = HashSet::new();
    for page in &pages {
        let on_page: Vec<u32> = page.params.iter().flatten().copied().collect();
        let different: HashSet<u32> = on_page.iter().copied().collect();
        assert!(!on_page.is_empty() && different.len() == on_page.len(), "{page:?}");
        assert!(different.is_subset(&ids), "{page:?} names a parameter that does not exist");
        covered.extend(different);
    }
    for param in &params {
        // what is left out can only be set while the sound stands still
        assert!(covered.contains(&param.id) || !param.is_automatable, "{} is on no page", param.name);
    }
    let names: HashSet<&str> = pages.iter().map(|page| page.name.as_str()).collect();
    assert_eq!(names.len(), pages.len(), "two pages have one name");
    println!("{} pages: {}", pages.len(), pages.iter().map(|page| page.name.as_str()).collect::<Vec<_>>().join(", "));
}

#[test]
fn remote_pages_are_called_and_ordered_as_a_musician_looks_for_them() {
    let mut plugin = offline(EFFECT);
    let pages = plugin.remote_pages().unwrap();
    assert_eq!(pages[0].name, "Main");
    let mut on = |name: &str, knobs: &[&str]| {
        let page = pages.iter().find(|page| page.name == name).unwrap_or_else(|| panic!("no page “{name}”"));
        let expected: Vec<Option<u32>> = knobs.iter().map(|name| Some(plugin.param(name).unwrap().id)).collect();
        assert_eq!(page.params[..knobs.len()], expected, "{name}");
    };
    on("Macros", &["Bright", "Breath", "Body", "Hollow", "Nasal", "Warm", "Boom", "Air"]);
    on("Latent 1-8 Bias", &["Bias 1", "Bias 2", "Bias 3", "Bias 4", "Bias 5", "Bias 6", "Bias 7", "Bias 8"]);
    on("Latent 9-16 Bias", &["Bias 9", "Bias 10"]);
    on("Latent 1-8 Scale", &["Scale 1"]);
    on("Latent 9-16 Scale", &["Scale 9"]);
    on("Main", &["Mix", "Amount"]);
    on("Loudness", &["Loudness Mode", "Loudness Offset"]);
    on("Random", &["Random Amount", "Random Rate"]);
    on("Feedback", &["Feedback Amount", "Feedback Frequency", "Feedback Q"]);
    on("Second Model", &["Blend"]);
    on("Side-Chain", &["Side-Chain Latent", "Side-Chain Pitch", "Side-Chain Loudness"]);
}

#[test]
fn every_continuous_parameter_can_be_modulated() {
    let mut plugin = offline(EFFECT);
    let params = continuous(&mut plugin);
    assert!(params.len() > 45, "{}", params.len());
    for param in params {
        assert!(param.is_modulatable, "{}", param.name);
    }
}

/// An instance in which every control has something to act on.
fn lively() -> Instance {
    let mut plugin = offline(EFFECT);
    let settings = [
        ("Random Amount", "0.5 sd"),
        ("Feedback Amount", "40 %"),
        ("Bias 1", "0 sd"),
        ("Mix", "80 %"),
        ("Width", "150 %"),
        ("Channels", "Mid + Side"),
    ];
    set(&mut plugin, &settings);
    plugin
}

#[test]
fn modulation_moves_the_sound_from_its_frame_on() {
    let at = 30_011;
    // two sides, so that the width is heard
    let mut input = sung(SOUND_FRAMES);
    input[1] = noise(SOUND_FRAMES).swap_remove(1);
    let mut plugin = lively();
    let latency = activate(&mut plugin, 512);
    let plain = play(&mut plugin, &input, &[]);
    for (name, amount, slack) in [
        ("Mix", -0.5, 8),
        ("Output Gain", -0.3, 8),
        ("Width", -0.5, 8),
        // heard by way of the model's ear, a window of 46 ms
        ("Input Gain", -0.3, 2400),
        // a hop is 557 host frames long and takes one value
        ("Bias 1", 0.3, 1200),
        ("Scale 2", 0.3, 1200),
        ("Amount", -0.5, 1200),
        ("Transpose", 0.2, 1200),
        ("Stability", 0.5, 1200),
        ("Smoothing", 0.5, 1200),
        ("Loudness Offset", 0.2, 1200),
        ("Random Amount", 0.4, 1200),
        ("Feedback Amount", 0.3, 1200),
        ("Feedback Frequency", 0.2, 1200),
        ("Feedback Q", 0.4, 1200),
    ] {
        let id = plugin.param(name).unwrap().id;
        plugin.reset().unwrap();
        let events = [Event::modulation(at, id, amount), Event::modulation(SOUND_FRAMES - 1, id, 0.0)];
        let moved = play(&mut plugin, &input, &events);
        let parting = first_difference(&moved[0], &plain[0]).unwrap_or_else(|| panic!("{name} is not heard"));
        let late = parting as i64 - (at + latency) as i64;
        println!("{name}: heard {late} frames from its event");
        assert!((-slack..=slack).contains(&late), "{name}: heard {late} frames from its event");
    }
}

#[test]
fn modulation_sounds_as_automation_by_the_same_amount_and_goes_back() {
    let input = sung(SOUND_FRAMES);
    let (there, back) = (20_011, 40_007);
    // Their halves and quarters are exact, so that value plus modulation is to the bit what automation says.
    for name in ["Bias 1", "Amount", "Mix", "Transpose"] {
        let made = |events: &dyn Fn(u32) -> [Event; 3]| {
            let mut plugin = lively();
            activate(&mut plugin, 512);
            let id = plugin.param(name).unwrap().id;
            play(&mut plugin, &input, &events(id))
        };
        let modulated = made(&|id| {
            [Event::value(0, id, 0.5), Event::modulation(there, id, 0.25), Event::modulation(back, id, 0.0)]
        });
        let automated =
            made(&|id| [Event::value(0, id, 0.5), Event::value(there, id, 0.75), Event::value(back, id, 0.5)]);
        let still = made(&|id| [Event::value(0, id, 0.5), Event::value(there, id, 0.5), Event::value(back, id, 0.5)]);
        assert_same(&modulated, &automated, name);
        assert!(first_difference(&modulated[0], &still[0]).is_some(), "{name} is not heard");
    }
}

#[test]
fn once_modulation_is_back_at_0_the_sound_is_what_it_was_bit_for_bit() {
    let input = sung(SOUND_FRAMES);
    let mut plugin = lively();
    activate(&mut plugin, 512);
    let before = play(&mut plugin, &input, &[]);
    let params = continuous(&mut plugin);
    let there = params.iter().enumerate().map(|(n, param)| Event::modulation(501 + 3 * n, param.id, 0.3));
    let back = params.iter().enumerate().map(|(n, param)| Event::modulation(30_003 + 5 * n, param.id, 0.0));
    let events: Vec<Event> = there.chain(back).collect();
    plugin.reset().unwrap();
    let modulated = play(&mut plugin, &input, &events);
    assert!(first_difference(&modulated[0], &before[0]).is_some(), "modulation is not heard");
    plugin.reset().unwrap();
    assert_same(&play(&mut plugin, &input, &[]), &before, "after the modulation");
}

#[test]
fn modulation_changes_neither_the_value_that_the_host_reads_nor_the_saved_state() {
    let mut plugin = lively();
    activate(&mut plugin, 512);
    let params = plugin.params().unwrap();
    let values =
        |plugin: &mut Instance| -> Vec<f64> { params.iter().map(|param| plugin.value(param.id).unwrap()).collect() };
    let (before, state) = (values(&mut plugin), plugin.save_state().unwrap());
    let events: Vec<Event> = params
        .iter()
        .filter(|param| param.is_modulatable)
        .enumerate()
        .map(|(n, param)| Event::modulation(3 * n, param.id, if param.default > 0.5 { -0.3 } else { 0.3 }))
        .collect();
    play(&mut plugin, &noise(4800), &events);
    assert_eq!(values(&mut plugin), before, "while it is modulated");
    assert_eq!(plugin.save_state().unwrap(), state, "saved while it is modulated");
    // what the host sets meanwhile is its value, too
    let (id, value) = reading(&mut plugin, "Bias 1", "2 sd");
    plugin.set_values(&[(id, value)]).unwrap();
    assert_eq!(plugin.value(id).unwrap(), value);
}
