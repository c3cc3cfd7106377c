//! Timbreloom Codes as CLAP hosts see it.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::iter::repeat;

use common::plugin::{
    CODES, DRUMS, EFFECT, RATE_HZ, activate, activate_at, framed, instance, library, load_with, named, set,
};
use common::sounds::{both_sides, loudest_step, peak, rms, tone};
use serde_json::json;
use test_host::{Event, EventKind, Expression, Instance, NoteEnd, Pace, Render, Take};
use timbreloom::dsp::descriptors::{Descriptor, describe};

const LARGEST: usize = 4096;

struct Player {
    plugin: Instance,
    block: usize,
}

impl Player {
    fn new(texts: &[(&str, &str)]) -> Self {
        Self::at(RATE_HZ, texts)
    }

    fn at(rate_hz: f64, texts: &[(&str, &str)]) -> Self {
        let mut plugin = instance(CODES);
        set(&mut plugin, texts);
        activate_at(&mut plugin, rate_hz, LARGEST);
        Self { plugin, block: 512 }
    }

    /// Both channels are the same: gives one.
    fn play(&mut self, frames: usize, events: &[Event]) -> Vec<f32> {
        let take = Take { alone_frames: Some(frames), events, song_s: Some(1.0), ..Take::default() };
        let mut out = self.plugin.play(&take, &mut repeat(self.block), Pace::Hurry).unwrap();
        assert_eq!(out[0], out[1]);
        assert!(out[0].iter().all(|sample| sample.is_finite()));
        out.swap_remove(0)
    }

    /// From the stream's start.
    fn fresh(&mut self, frames: usize, events: &[Event]) -> Vec<f32> {
        self.plugin.reset().unwrap();
        self.play(frames, events)
    }

    /// Changes what can be changed only while nothing is played.
    fn anew(&mut self, change: impl FnOnce(&mut Instance)) {
        self.plugin.deactivate();
        change(&mut self.plugin);
        activate(&mut self.plugin, LARGEST);
    }

    fn package(&mut self, name: &str) {
        self.anew(|plugin| load_with(plugin, &[("model", named(name))]));
    }
}

fn hz(key: f32) -> f32 {
    440.0 * ((key - 69.0) / 12.0).exp2()
}

fn median(sound: &[f32], descriptor: Descriptor) -> f32 {
    let rows = describe(sound, RATE_HZ, 512);
    let mut values: Vec<f32> = rows[rows.len() / 3..].iter().map(|row| row[descriptor as usize]).collect();
    values.sort_by(f32::total_cmp);
    values[values.len() / 2]
}

fn cents(sound: &[f32], wanted_hz: f32) -> f32 {
    1200.0 * (median(sound, Descriptor::Fundamental) / wanted_hz).log2()
}

fn ranks(values: &[f32]) -> Vec<f32> {
    values.iter().map(|value| values.iter().filter(|other| *other < value).count() as f32).collect()
}

/// Spearman's.
fn rank_correlation(a: &[f32], b: &[f32]) -> f32 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    let (ma, mb) = (mean(&a), mean(&b));
    let sum = |f: &dyn Fn(f32, f32) -> f32| a.iter().zip(&b).map(|(x, y)| f(x - ma, y - mb)).sum::<f32>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

#[test]
fn the_library_holds_all_plugins_and_codes_has_no_latency() {
    let ids: Vec<String> = library().descriptors().into_iter().map(|plugin| plugin.id).collect();
    assert_eq!(ids, [EFFECT, CODES, DRUMS]);
    let mut player = Player::new(&[]);
    assert_eq!(player.plugin.latency_frames().unwrap(), 0);
}

#[test]
fn every_note_of_a_scale_is_within_five_cents() {
    for (package, low, high, step) in [
        ("cello-codes", 36, 84, 2),
        ("horn-codes", 36, 77, 5),
        ("flute-codes", 60, 96, 5),
        ("voice-codes", 48, 81, 5),
        ("clarinet-codes", 50, 91, 5),
    ] {
        let mut player = Player::new(&[]);
        player.package(package);
        for key in (low..=high).step_by(step) {
            let sound = player.fresh(24_000, &[Event::note_on(0, 0, key, 100)]);
            assert!(peak(&sound) > 0.003, "{package} {key}: {}", peak(&sound));
            let off = cents(&sound, hz(f32::from(key)));
            assert!(off.abs() < 5.0, "{package}, key {key}: {off} cents");
        }
    }
}

#[test]
fn loudness_follows_velocity() {
    let mut player = Player::new(&[]);
    let loudness: Vec<f32> = (1..=127)
        .step_by(14)
        .map(|velocity| median(&player.fresh(24_000, &[Event::note_on(0, 0, 57, velocity)]), Descriptor::Loudness))
        .collect();
    assert!(loudness.windows(2).all(|pair| pair[1] > pair[0] + 1.0), "{loudness:?}");
    assert!((loudness[9] - loudness[0] - 29.8).abs() < 2.0, "{loudness:?}");
}

#[test]
fn the_centroid_follows_the_mod_wheel_and_the_pitch_stays() {
    for choice in ["Nearest", "Path"] {
        let mut player = Player::new(&[("Code Choice", choice), ("Target 1 Base", "5"), ("Target 1 from Wheel", "90")]);
        let (mut wheel, mut centroid) = (Vec::new(), Vec::new());
        for value in (0..=127).step_by(9) {
            let events = [Event::controller(0, 0, 1, value), Event::note_on(0, 0, 57, 100)];
            let sound = player.fresh(24_000, &events);
            assert!(cents(&sound, 220.0).abs() < 5.0, "{choice}, wheel at {value}: {}", cents(&sound, 220.0));
            wheel.push(f32::from(value));
            centroid.push(median(&sound, Descriptor::Centroid));
        }
        let correlation = rank_correlation(&wheel, &centroid);
        println!("{choice}: {correlation} {centroid:?}");
        assert!(correlation >= 0.95, "{choice}: {correlation}, {centroid:?}");
        assert!(centroid[14] > 1.5 * centroid[0], "{centroid:?}");
    }
}

#[test]
fn slide_pressure_and_brightness_are_heard_per_note() {
    let amounts = ["Slide", "Pressure"].map(|source| format!("Target 1 from {source}"));
    for (what, amount, event) in [
        ("slide", &amounts[0], Event::controller(0, 2, 74, 127)),
        ("brightness", &amounts[0], Event { frame: 0, kind: EventKind::Expression(1, Expression::Brightness, 1.0) }),
        ("channel pressure", &amounts[1], Event { frame: 0, kind: EventKind::Midi([0xd2, 127, 0]) }),
        ("key pressure", &amounts[1], Event { frame: 0, kind: EventKind::Midi([0xa2, 57, 127]) }),
        ("note pressure", &amounts[1], Event { frame: 0, kind: EventKind::Expression(1, Expression::Pressure, 1.0) }),
    ] {
        let mut player =
            Player::new(&[("MPE", "On"), ("Target 1 Base", "10"), (amount, "80"), ("Pressure Range", "0")]);
        let mut centroid = |channel: u8, id: u32, event: Event| {
            let on = Event { frame: 0, kind: EventKind::NoteOn(id, channel, 57, 0.8) };
            median(&player.fresh(24_000, &[on, event]), Descriptor::Centroid)
        };
        let (mine, anothers) = (centroid(2, 1, event), centroid(5, 9, event));
        assert!(mine > 1.5 * anothers, "{what}: {mine} Hz, another note {anothers} Hz");
    }
}

#[test]
fn a_note_begins_in_its_frame_and_sounds_the_same_wherever_that_is() {
    let mut player = Player::new(&[("Attack", "1")]);
    let at = |player: &mut Player, frame| player.fresh(9000, &[Event::note_on(frame, 0, 60, 100)]);
    let first = at(&mut player, 0);
    assert!(peak(&first[..48]) > 0.001, "{}", peak(&first[..48]));
    for frame in [1, 100, 511, 512, 777] {
        let sound = at(&mut player, frame);
        assert_eq!(peak(&sound[..frame]), 0.0);
        assert!(sound[frame..] == first[..9000 - frame], "from frame {frame}");
    }
}

/// Chords, bends, wheels, pedals, expression, all within half a second.
fn busy() -> Vec<Event> {
    let mut events = Vec::new();
    for n in 0..14u8 {
        let frame = 997 * usize::from(n);
        events.push(Event::note_on(frame, n % 3, 40 + 3 * n, 60 + 4 * n));
        events.push(Event::controller(frame + 31, n % 3, 1, 9 * n));
        events.push(Event::bend(frame + 100, n % 3, i16::from(n) * 500 - 3000));
        events.push(Event { frame: frame + 150, kind: EventKind::NoteOn(u32::from(n), 5, 50 + n, 0.7) });
        events.push(Event { frame: frame + 200, kind: EventKind::Expression(u32::from(n), Expression::Tuning, 0.3) });
        events.push(Event { frame: frame + 300, kind: EventKind::Expression(u32::from(n), Expression::Pressure, 0.9) });
        events.push(Event::controller(frame + 300, n % 3, 64, if n % 4 == 0 { 127 } else { 0 }));
        if n > 3 {
            events.push(Event::note_off(frame + 500, (n - 3) % 3, 40 + 3 * (n - 3)));
            events.push(Event { frame: frame + 600, kind: EventKind::NoteOff(u32::from(n - 3)) });
        }
    }
    events
}

const EVERYTHING: &[(&str, &str)] = &[
    ("LFO Sync", "1/8"),
    ("LFO Shape", "Random"),
    ("Target 1 from LFO", "40"),
    ("Target 1 from Curve", "-30"),
    ("Target 1 from Envelope", "20"),
    ("Target 2 Weight", "60"),
    ("Target 2 from Key", "50"),
    ("Glide", "80"),
];

#[test]
fn a_bounce_is_what_was_played_at_every_block_size() {
    for choice in ["Nearest", "Path"] {
        let mut texts = EVERYTHING.to_vec();
        texts.push(("Code Choice", choice));
        let play = |render, block| {
            let mut player = Player::new(&texts);
            player.anew(|plugin| plugin.set_render(render).unwrap());
            player.block = block;
            player.fresh(24_000, &busy())
        };
        let live = play(Render::Realtime, 512);
        assert!(peak(&live) > 0.01);
        for (render, block) in
            [(Render::Offline, 4096), (Render::Offline, 31), (Render::Realtime, 1), (Render::Realtime, 333)]
        {
            assert!(play(render, block) == live, "{choice}: {render:?} in blocks of {block}");
        }
    }
}

#[test]
fn the_same_take_is_the_same_sound_and_in_another_take_harmonics_begin_elsewhere() {
    let mut player = Player::new(&[]);
    let notes = [Event::note_on(0, 0, 60, 100)];
    let first = player.fresh(4000, &notes);
    assert!(player.fresh(4000, &notes) == first);
    player.plugin.set_by_text("Take", "2").unwrap();
    let other = player.fresh(4000, &notes);
    let apart: Vec<f32> = first.iter().zip(&other).map(|(a, b)| a - b).collect();
    assert!(rms(&apart) > 0.316 * rms(&first), "not the noise alone is another");
}

#[test]
fn stealing_a_voice_makes_no_click() {
    let mut player = Player::new(&[("Attack", "20")]);
    let chord: Vec<Event> = (0..8).map(|n| Event::note_on(0, 0, 48 + 3 * n, 110)).collect();
    let held = player.fresh(30_000, &chord);
    let mut stolen = chord.clone();
    // One by one, in the middle of hops, all eight are taken by the softest of notes.
    stolen.extend((0..8).map(|n| Event::note_on(9000 + 1501 * n, 0, 75 + n as u8, 1)));
    let sound = player.fresh(30_000, &stolen);
    assert!(sound[..9000] == held[..9000]);
    let (usual, most) = (loudest_step(&held), loudest_step(&sound[8990..]));
    assert!(most < 1.1 * usual, "{most} beside {usual} without");
    // And they are gone: what is left are notes of velocity 1.
    assert!(peak(&sound[24_000..]) < 0.2 * peak(&held), "{} {}", peak(&sound[24_000..]), peak(&held));
}

#[test]
fn no_note_hangs() {
    let chord: Vec<Event> = (0..8).map(|n| Event::note_on(0, n % 2, 48 + 3 * n, 110)).collect();
    let pedal = |value| [Event::controller(10, 0, 64, value), Event::controller(10, 1, 64, value)];
    let both = |cc| [Event::controller(9000, 0, cc, 0), Event::controller(9000, 1, cc, 0)];
    for (what, held, end) in [
        ("all notes off", 0, both(123).to_vec()),
        ("all notes off with the pedal down", 127, both(123).to_vec()),
        ("all sound off", 0, both(120).to_vec()),
        ("keys up", 0, (0..8).map(|n| Event::note_off(9000, n % 2, 48 + 3 * n)).collect()),
        (
            "keys up, then the pedal",
            127,
            (0..8)
                .map(|n| Event::note_off(8000, n % 2, 48 + 3 * n))
                .chain([Event::controller(9000, 0, 64, 0), Event::controller(9000, 1, 64, 0)])
                .collect(),
        ),
    ] {
        let mut player = Player::new(&[]);
        let mut events = chord.clone();
        events.extend(pedal(held));
        events.extend(end);
        let sound = player.fresh(48_000, &events);
        assert!(peak(&sound[8500..9000]) > 0.01, "{what}");
        assert_eq!(peak(&sound[36_000..]), 0.0, "{what}");
    }
    let mut player = Player::new(&[]);
    player.fresh(9000, &chord);
    player.plugin.reset().unwrap();
    assert_eq!(peak(&player.play(9000, &[])), 0.0, "a reset");
}

#[test]
fn the_host_is_told_of_the_end_of_each_note_by_its_number() {
    let mut player = Player::new(&[("Release", "20")]);
    let on = |frame, id| Event { frame, kind: EventKind::NoteOn(id, 3, 60 + id as u8, 0.8) };
    let off = |frame, id| Event { frame, kind: EventKind::NoteOff(id) };
    player.play(4800, &[on(0, 1), on(0, 2), on(7, 3), off(2000, 2)]);
    let end = |id: u32| NoteEnd { id: Some(id), channel: Some(3), key: Some(60 + id as u16) };
    assert_eq!(player.plugin.take_note_ends(), [end(2)]);
    player.play(4800, &[Event { frame: 5, kind: EventKind::NoteChoke(1) }]);
    assert_eq!(player.plugin.take_note_ends(), [end(1)]);
    // Eight others: one of them takes the voice of the one that is held.
    let others: Vec<Event> = (0..8).map(|n| on(10 * n as usize, 10 + n)).collect();
    player.play(4800, &others);
    assert_eq!(player.plugin.take_note_ends(), [end(3)]);
}

#[test]
fn another_package_in_a_state_plays_from_the_next_block_on_without_a_restart() {
    let notes = [Event::note_on(0, 0, 60, 100)];
    let mut fresh = Player::new(&[]);
    fresh.package("horn-codes");
    let horn = fresh.fresh(9000, &notes);
    let mut player = Player::new(&[]);
    let cello = player.fresh(9000, &notes);
    assert!(cello != horn);
    let before = player.plugin.callbacks().restarts;
    load_with(&mut player.plugin, &[("model", named("horn-codes"))]);
    // The block in which it comes.
    player.play(512, &[]);
    assert!(player.fresh(9000, &notes) == horn);
    assert_eq!(player.plugin.callbacks().restarts, before);
}

#[test]
fn bends_glides_and_the_tuning_move_the_pitch() {
    let last = |sound: &[f32], wanted_hz: f32| cents(&sound[sound.len() - 20_000..], wanted_hz).abs() < 5.0;
    let on = |frame, key| Event::note_on(frame, 0, key, 100);
    let mut player = Player::new(&[]);
    assert!(last(&player.fresh(30_000, &[on(0, 57), Event::bend(500, 0, 8191)]), hz(59.0)));
    // Another channel's bend is another note's.
    assert!(last(&player.fresh(30_000, &[on(0, 57), Event::bend(500, 3, 8191)]), hz(57.0)));
    let clap = |value| {
        [
            Event { frame: 0, kind: EventKind::NoteOn(7, 0, 57, 0.8) },
            Event { frame: 0, kind: EventKind::Expression(7, Expression::Tuning, value) },
        ]
    };
    assert!(last(&player.fresh(30_000, &clap(0.37)), hz(57.37)));
    let mut mpe = Player::new(&[("MPE", "On")]);
    let bent = [Event::bend(0, 2, 1024), Event::note_on(0, 2, 57, 100)];
    assert!(last(&mpe.fresh(30_000, &bent), hz(57.0 + 6.0)), "an eighth of 48");
    assert!(last(&mpe.fresh(30_000, &[Event::bend(0, 0, 8191), bent[1]]), hz(59.0)), "the master's bend");
    let mut tuned = Player::new(&[("Tuning", "432"), ("Transpose", "5")]);
    assert!(last(&tuned.fresh(30_000, &[on(0, 57)]), 432.0 / 2.0 * (5.0f32 / 12.0).exp2()));
    let mut gliding = Player::new(&[("Glide", "400")]);
    let glide = gliding.fresh(48_000, &[on(0, 48), Event::note_off(4000, 0, 48), on(12_000, 60)]);
    assert!(last(&glide, hz(60.0)));
    let half_way = &glide[12_000 + 7000..12_000 + 12_200];
    let pitch = 69.0 + 12.0 * (median(half_way, Descriptor::Fundamental) / 440.0).log2();
    assert!((51.0..59.0).contains(&pitch), "{pitch}");
}

#[test]
fn raw_codes_sound_at_their_own_pitch() {
    let mut player = Player::new(&[
        ("Pitch From", "Raw Codes"),
        ("Target 1 Descriptor", "Fundamental"),
        ("Target 1 Base", "0"),
        ("Target 1 from Velocity", "0"),
        ("Target 1 from Wheel", "100"),
    ]);
    let pitches: Vec<f32> = [0, 40, 80, 120]
        .map(|value| {
            let events = [Event::controller(0, 0, 1, value), Event::note_on(0, 0, 57, 100)];
            median(&player.fresh(24_000, &events), Descriptor::Fundamental)
        })
        .to_vec();
    assert!(pitches.windows(2).all(|pair| pair[1] > 1.1 * pair[0]), "{pitches:?}");
}

#[test]
fn a_side_chains_brightness_is_followed() {
    let mut player =
        Player::new(&[("Target 1 Base", "0"), ("Target 1 from Velocity", "0"), ("Target 1 from Side-Chain", "100")]);
    player.anew(|plugin| plugin.set_layout("Stereo with side-chain").unwrap());
    let mut centroid = |side_hz: f64, block| {
        player.plugin.reset().unwrap();
        let side = both_sides(tone(side_hz, 1, 0.2, 24_000));
        let events = [Event::note_on(0, 0, 57, 100)];
        let take = Take { alone_frames: Some(24_000), side: &side, events: &events, ..Take::default() };
        let out = player.plugin.play(&take, &mut repeat(block), Pace::Hurry).unwrap();
        (median(&out[0], Descriptor::Centroid), out)
    };
    let (dark, bright) = (centroid(300.0, 512), centroid(4000.0, 512));
    assert!(bright.0 > 1.5 * dark.0, "{} {}", dark.0, bright.0);
    assert!(centroid(4000.0, 77).1 == bright.1, "at another block size");
}

#[test]
fn a_state_comes_back_as_it_was_and_garbage_does_no_harm() {
    let mut player = Player::new(&[("Attack", "70"), ("Target 2 from Slide", "33"), ("MPE", "On")]);
    player.package("horn-codes");
    let notes = [Event::note_on(0, 0, 60, 100)];
    let sound = player.fresh(9000, &notes);
    let state = player.plugin.save_state().unwrap();
    assert!(String::from_utf8_lossy(&state).contains("horn-codes"));
    let mut other = Player::new(&[]);
    other.anew(|plugin| plugin.load_state(&state).unwrap());
    assert!(other.fresh(9000, &notes) == sound);
    assert_eq!(other.plugin.save_state().unwrap(), state);
    for garbage in [&b""[..], b"{}", b"garbage", &[0xff; 300], &state[..state.len() / 2]] {
        let _ = other.plugin.load_state(garbage);
        let _ = other.plugin.load_state(&framed(garbage));
        assert!(peak(&other.fresh(9000, &notes)) > 0.0);
    }
    let wild = br#"{"version":"9","params":{"attack":{"f32":1e30},"choice":{"i32":77}},"fields":{"curve":"[[2,3]]","model":"7"}}"#;
    let _ = other.plugin.load_state(&framed(wild));
    assert!(other.fresh(9000, &notes).iter().all(|sample| sample.is_finite()));
}

#[test]
fn a_package_that_is_missing_stays_asked_for_and_all_is_silent() {
    let mut player = Player::new(&[]);
    player.package("no-such-codes");
    assert_eq!(peak(&player.fresh(9000, &[Event::note_on(0, 0, 60, 100)])), 0.0);
    assert!(String::from_utf8_lossy(&player.plugin.save_state().unwrap()).contains("no-such-codes"));
    player.package("flute-codes");
    assert!(peak(&player.fresh(9000, &[Event::note_on(0, 0, 72, 100)])) > 0.003);
}

#[test]
fn another_rate_is_in_tune_too() {
    for rate_hz in [44_100.0, 96_000.0] {
        let mut player = Player::at(rate_hz, &[]);
        let sound = player.fresh(rate_hz as usize / 2, &[Event::note_on(0, 0, 57, 100)]);
        let rows = describe(&sound, rate_hz, 512);
        let found = rows[rows.len() - 1][Descriptor::Fundamental as usize];
        assert!((1200.0 * (found / 220.0).log2()).abs() < 5.0, "{rate_hz}: {found}");
    }
}

#[test]
fn a_controller_that_is_mapped_holds_its_parameter_from_its_own_frame_on() {
    let mut player = Player::new(&[]);
    let mapping = json!({ "param": "output_gain", "cc": 20, "channel": null, "low": 0.0, "high": 1.0 });
    load_with(&mut player.plugin, &[("midi_map", json!({ "soft_takeover": false, "mappings": [mapping] }))]);
    let at = 24_321;
    let note = Event::note_on(0, 0, 57, 100);
    let plain = player.fresh(48_000, &[note]);
    let held = player.fresh(48_000, &[note, Event::controller(at, 0, 20, 0)]);
    assert!(plain[..at] == held[..at]);
    let level = |sound: &[f32]| sound.iter().map(|s| f64::from(s * s)).sum::<f64>().sqrt();
    let down_db = 20.0 * (level(&held[at + 2000..]) / level(&plain[at + 2000..])).log10();
    assert!((-61.0..-59.0).contains(&down_db), "{down_db}");
    // In blocks of another size, too, and the parameter itself is left alone.
    player.block = 77;
    assert!(player.fresh(48_000, &[note, Event::controller(at, 0, 20, 0)]) == held);
    let gain = player.plugin.param("Output Gain").unwrap();
    assert_eq!(player.plugin.value(gain.id).unwrap(), gain.default);
}
