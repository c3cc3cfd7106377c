//! Eight voices with all modulation: at least eight times real time on one core, or this fails.
//!
//! Each way to choose codes is measured for itself, and the longest block of 64 frames, in which a chord of eight begins.

#![expect(clippy::expect_used, reason = "a bench stops where it cannot measure")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use timbreloom::codes::curve::Shape;
use timbreloom::dsp::descriptors::Descriptor;
use timbreloom::model::codes_package::CodesPackage;
use timbreloom::model::codes_session::load_book;
use timbreloom::synth::code_set::CodeSet;
use timbreloom::synth::curve::CurveTable;
use timbreloom::synth::instrument::{Event, Instrument, VOICES, Who};
use timbreloom::synth::lfo::LfoShape;
use timbreloom::synth::modulation::SOURCES;
use timbreloom::synth::settings::{Adsr, Pace, Settings, Song, TargetSettings};

const RATE_HZ: u32 = 48_000;
const BLOCK: usize = 64;
const SECONDS: usize = 20;

/// The least accepted.
const LEAST_RATIO: f64 = 8.0;

fn settings(curve: &CurveTable, is_path: bool) -> Settings<'_> {
    let target = |descriptor| TargetSettings { descriptor, weight: 1.0, base: 0.4, amounts: [0.15; SOURCES] };
    Settings {
        tuning_hz: 440.0,
        transpose: 0.0,
        bend_range: 2.0,
        mpe_range: 48.0,
        is_mpe: true,
        glide_s: 0.1,
        is_raw: false,
        is_path,
        jump: 0.3,
        velocity_db: 30.0,
        pressure_db: 6.0,
        envelope: Adsr { attack_s: 0.01, decay_s: 0.5, sustain: 0.7, release_s: 0.3 },
        lfo_shape: LfoShape::Shape(Shape::Sine),
        lfo_pace: Pace::Beats(1.0),
        curve,
        curve_pace: Pace::Beats(4.0),
        seed: 1,
        targets: [Descriptor::Centroid, Descriptor::Bandwidth, Descriptor::Flatness].map(target),
        output_gain: 0.7,
    }
}

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join("cello-codes");
    let package = CodesPackage::open(&folder).expect("the shipped package");
    let book = load_book(&package).expect("ONNX Runtime: set TIMBRELOOM_ORT");
    let set = CodeSet::new(&book, RATE_HZ);
    let mut is_enough = true;
    for is_path in [false, true] {
        let curve = CurveTable::default();
        let settings = settings(&curve, is_path);
        let mut instrument = Instrument::new(&set, Arc::default());
        let side = vec![0.1; BLOCK];
        let mut out = vec![0.0; BLOCK];
        let (mut longest_s, began) = (0.0f64, Instant::now());
        for block in 0..SECONDS * RATE_HZ as usize / BLOCK {
            let block_began = Instant::now();
            let song = Song { beats: Some((block * BLOCK) as f64 / f64::from(RATE_HZ) * 2.0), tempo_bpm: 120.0 };
            // A new chord each second: all voices are stolen at once.
            if block % (RATE_HZ as usize / BLOCK) == 0 {
                for n in 0..VOICES as u8 {
                    let who = Who { id: None, channel: Some(n + 1), key: Some(40 + 5 * n) };
                    instrument.obey(Event::On(who, 0.8), &settings);
                }
            }
            let wheel = (block % 128) as f32 / 127.0;
            instrument.obey(Event::Controller(0, 1, wheel), &settings);
            instrument.obey(Event::Bend(1 + (block % 8) as u8, wheel - 0.5), &settings);
            instrument.render(&mut out, &[&side], &settings, song);
            black_box(&out);
            longest_s = longest_s.max(block_began.elapsed().as_secs_f64());
        }
        let ratio = SECONDS as f64 / began.elapsed().as_secs_f64();
        is_enough &= ratio >= LEAST_RATIO;
        let name = if is_path { "least-cost path" } else { "nearest code" };
        println!(
            "{VOICES} voices, {name}: {ratio:.1} times real time; the longest block of {BLOCK} frames took {:.2} ms of {:.2} ms",
            longest_s * 1e3,
            BLOCK as f64 / f64::from(RATE_HZ) * 1e3
        );
    }
    assert!(is_enough, "less than {LEAST_RATIO} times real time");
}
