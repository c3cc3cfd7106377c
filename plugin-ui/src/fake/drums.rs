//! A drum kit without a package, a drum machine without a host.

use std::sync::Arc;

use crate::drums::{
    ClassView, DrumsRequest, DrumsStatus, GrainView, HitPicture, HitState, KitView, MAX_CLASSES, Pattern, Patterns,
    Playing, STEPS, Step, TRACKS, TrackStatus, Walk, WalkKind, param,
};
use crate::fake::{self, FakeParams};
use crate::{EngineState, ParamBackend, Status};

const CLASSES: [&str; 9] = ["kick", "snare", "clap", "closed hat", "open hat", "tom", "rim", "cymbal", "percussion"];
/// The class of each track.
const KIT: [usize; TRACKS] = [0, 1, 2, 3, 4, 5, 6, 8];
const TEMPO_BPM: f64 = 112.0;
/// Quarter notes of a step.
const STEP_BEATS: f64 = 0.25;

/// The drum machine's parameters.
pub fn drums_params() -> FakeParams {
    let mut fake = FakeParams::empty();
    for (id, name, range, unit, decimals) in [
        (param::OUTPUT_GAIN, "Output Gain", [-60.0, 24.0, 0.0], " dB", 1),
        (param::SWING, "Swing", [50.0, 75.0, 50.0], " %", 0),
        (param::PATTERN, "Pattern", [1.0, 8.0, 1.0], "", 0),
        (param::CHAIN, "Chain", [1.0, 8.0, 1.0], "", 0),
        (param::TAKE, "Take", [1.0, 9999.0, 1.0], "", 0),
        (param::SENSITIVITY, "Sensitivity", [0.0, 100.0, 50.0], " %", 0),
    ] {
        fake.add(id, name, range, unit, decimals);
    }
    for (id, steps) in [(param::PATTERN, 7), (param::CHAIN, 7), (param::TAKE, 9998)] {
        fake.param_mut(id).step_count = Some(steps);
    }
    fake.add_choice(param::LIMITER, "Limiter", &["Off", "On"]);
    fake.add_choice(param::STEP, "Step", &["1/8", "1/8T", "1/16", "1/16T", "1/32"]);
    fake.put_plain(param::STEP, 2.0);
    fake.add_choice(param::RUN, "Run", &["With Host", "Always"]);
    fake.add_choice(param::EVOLVE, "Evolve", &["Off", "Step", "Beat", "Bar", "2 Bars", "4 Bars"]);
    fake.add_choice(param::EVOLVE_WHAT, "Evolve What", &["Draw", "Vary"]);
    fake.add_choice(param::LISTEN, "Listen", &["Off", "On"]);
    for track in 0..TRACKS {
        let name = |what: &str| format!("{what} {}", track + 1);
        for (ids, what, range, unit, decimals) in [
            (param::CLASS, "Class", [0.0, MAX_CLASSES as f32 - 1.0, KIT[track] as f32], "", 0),
            (param::CLASS_B, "Class B", [0.0, MAX_CLASSES as f32 - 1.0, KIT[track] as f32], "", 0),
            (param::BLEND, "Blend", [0.0, 100.0, 0.0], " %", 0),
            (param::DRAW, "Draw", [0.0, 9999.0, 0.0], "", 0),
            (param::VARIATION, "Variation", [0.0, 9999.0, 0.0], "", 0),
            (param::VARY, "Vary", [0.0, 100.0, 0.0], " %", 0),
            (param::MORPH, "Morph", [0.0, 100.0, 0.0], " %", 0),
            (param::MORPH_DRAW, "Morph Draw", [0.0, 9999.0, 1.0], "", 0),
            (param::PAD_X, "Pad X", [-3.0, 3.0, 0.0], "", 2),
            (param::PAD_Y, "Pad Y", [-3.0, 3.0, 0.0], "", 2),
            (param::TUNE, "Tune", [-24.0, 24.0, 0.0], " st", 1),
            (param::DECAY, "Decay", [0.0, 100.0, 100.0], " %", 0),
            (param::LEVEL, "Level", [-60.0, 12.0, 0.0], " dB", 1),
            (param::PAN, "Pan", [-100.0, 100.0, 0.0], "", 0),
        ] {
            fake.add(ids[track], &name(what), range, unit, decimals);
        }
        for (ids, steps) in [
            (param::CLASS, MAX_CLASSES - 1),
            (param::CLASS_B, MAX_CLASSES - 1),
            (param::DRAW, 9999),
            (param::VARIATION, 9999),
            (param::MORPH_DRAW, 9999),
        ] {
            fake.param_mut(ids[track]).step_count = Some(steps);
        }
        for (ids, what) in [
            (param::PATH, "Path"),
            (param::REVERSE, "Reverse"),
            (param::LOCK, "Lock"),
            (param::MUTE, "Mute"),
            (param::SOLO, "Solo"),
        ] {
            fake.add_choice(ids[track], &name(what), &["Off", "On"]);
        }
        fake.add_choice(param::CHOKE[track], &name("Choke"), &["Off", "1", "2", "3", "4"]);
    }
    fake
}

/// Nine kinds of drums, each a bent cloud, and a grain space in which they lie side by side; the same at each call.
pub fn kit() -> KitView {
    let mut normal = fake::normal(808);
    let cloud = |normal: &mut dyn FnMut() -> f32, bend: f32| -> Vec<[f32; 2]> {
        (0..320)
            .map(|_| {
                let [one, two] = [normal(), normal()];
                [one, 0.8 * two + bend * (one * one - 1.0)]
            })
            .collect()
    };
    let classes = CLASSES.iter().enumerate().map(|(class, name)| ClassView {
        name: (*name).to_owned(),
        cloud: cloud(&mut normal, 0.25 * (class as f32 * 1.7).sin()),
    });
    let classes = classes.collect();
    let mut grains = Vec::new();
    for n in 0..1400 {
        let class = n % CLASSES.len();
        let turn = class as f32 * std::f32::consts::TAU / CLASSES.len() as f32;
        let (far, wide) = (1.9 + 0.7 * (class as f32 * 2.3).sin(), 0.45);
        let at = [far * turn.cos() + wide * normal(), far * turn.sin() + wide * normal()];
        grains.push(GrainView { at, class });
    }
    KitView { generation: 1, name: "studio-drums".to_owned(), classes, grains }
}

/// A beat with lines of unequal length, soft hits, rolls and hits by chance; three further patterns.
fn patterns() -> Patterns {
    let on = |velocity: u8| Step { velocity, ..Step::default() };
    let mut beat = Pattern::default();
    let mut put = |track: usize, steps: &[(usize, Step)]| {
        for &(at, step) in steps {
            beat.lines[track].steps[at] = step;
        }
    };
    put(0, &[(0, on(120)), (3, on(72)), (6, on(110)), (10, Step { probability: 50, ..on(96) })]);
    put(1, &[(4, on(118)), (7, Step { probability: 40, shift: 20, ..on(34) }), (12, on(122)), (15, on(28))]);
    put(2, &[(12, Step { shift: 12, ..on(90) })]);
    for step in 0..STEPS {
        put(3, &[(step, on([104, 46, 78, 50][step % 4]))]);
    }
    put(3, &[(11, Step { ratchet: 3, ..on(92) }), (15, Step { ratchet: 2, ..on(70) })]);
    put(4, &[(2, Step { shift: -14, ..on(84) }), (10, on(80))]);
    put(5, &[(0, on(64)), (2, on(88)), (5, Step { ratchet: 4, probability: 60, ..on(100) })]);
    put(6, &[(1, on(70)), (4, on(52))]);
    put(7, &[(3, on(60)), (8, Step { probability: 30, ..on(110) })]);
    (beat.lines[5].length, beat.lines[6].length, beat.lines[7].length) = (7, 5, 12);
    let mut patterns = Patterns::default();
    patterns.patterns[0] = beat;
    patterns.patterns[1] = beat;
    patterns.patterns[1].lines[0].steps[8] = on(127);
    patterns.patterns[3] = beat;
    patterns.patterns[3].lines[1] = beat.lines[0];
    patterns
}

/// What a hit of a class might look like.
fn picture(class: usize, seed: u32) -> HitPicture {
    let mut normal = fake::normal(seed.wrapping_mul(7919).wrapping_add(class as u32));
    let (fall, noise) = ([5.0, 8.0, 9.0, 26.0, 5.0, 5.5, 22.0, 2.6, 10.0][class % 9], [0.12, 0.6, 0.9][class % 3]);
    let columns = (0..200)
        .map(|n| {
            let at = n as f32 / 200.0;
            let level = (-fall * at).exp() * (1.0 - (-at * 300.0).exp() * 0.4);
            let swing = 1.0 - noise + noise * (0.5 + 0.3 * normal()).clamp(0.1, 1.0);
            let tone = 0.85 + 0.15 * (at * 160.0).sin();
            [-level * swing * tone, level * swing * (1.7 - tone).min(1.0)]
        })
        .collect();
    HitPicture { generation: u64::from(seed), columns }
}

/// A machine at rest, with a beat and a walk.
pub fn drums_resting(params: &FakeParams) -> DrumsStatus {
    let plain = |id| params.plain(id, params.normalised(id)).round() as usize;
    let tracks = std::array::from_fn(|track| {
        let turn = track as f32 * 1.9;
        TrackStatus {
            hit: HitState::Ready,
            picture: Arc::new(picture(plain(param::CLASS[track]), 1 + plain(param::DRAW[track]) as u32)),
            at: [1.1 * turn.sin(), 0.7 * turn.cos()],
            ..TrackStatus::default()
        }
    });
    let walk = Walk { kind: WalkKind::Spiral, points: vec![[0.1, 0.2], [2.1, 0.9]], turns: 2.5, ..Walk::default() };
    DrumsStatus {
        plugin: Status {
            state: EngineState::Ready,
            host_rate_hz: 48_000.0,
            load: 0.04,
            product: crate::Product::DRUMS,
            provider: "CPU".into(),
            ..Status::default()
        },
        patterns: Arc::new(patterns()),
        tracks,
        walk: Arc::new(walk),
        ..DrumsStatus::default()
    }
}

/// The same playing, at so many seconds: hits light the meters and fade.
pub fn drums_playing(now_s: f64, params: &FakeParams) -> DrumsStatus {
    let mut status = drums_resting(params);
    let beats = now_s * TEMPO_BPM / 60.0;
    let step = (beats / STEP_BEATS) as usize;
    let since_s = (beats / STEP_BEATS).fract() * STEP_BEATS * 60.0 / TEMPO_BPM;
    let beat = &status.patterns.patterns[0];
    let steps = std::array::from_fn(|track| step % beat.lines[track].played().len());
    for (track, shown) in status.tracks.iter_mut().enumerate() {
        let hit = beat.lines[track].steps[steps[track]];
        if hit.is_on() {
            shown.level_db = 20.0 * (f32::from(hit.velocity) / 127.0).log10() - 4.0 - 90.0 * since_s as f32;
        }
    }
    status.playing = Some(Playing { beats, pattern: 0, steps });
    status.walk_at = Some((beats / 4.0).fract() as f32);
    status.plugin.output_lufs = -13.8;
    status.plugin.output_level_db = -8.0 - 30.0 * since_s as f32;
    status.plugin.is_running = true;
    status
}

/// Does what the window asks for, as the plugin would: patterns, walks and parameters that are set together.
pub fn obey(request: &DrumsRequest, status: &mut DrumsStatus, params: &mut FakeParams) {
    match request {
        DrumsRequest::SetPatterns { patterns, .. } => status.patterns = Arc::clone(patterns),
        DrumsRequest::SetWalk { walk, .. } => status.walk = Arc::clone(walk),
        DrumsRequest::SetParams { values, .. } => values.iter().for_each(|&(id, value)| params.put(id, value)),
        DrumsRequest::PlayWalk => status.walk_at = Some(0.0),
        DrumsRequest::StopWalk => status.walk_at = None,
        _ => {}
    }
}
