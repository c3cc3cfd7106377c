//! What it costs to make a hit of each class, as a whole and in its parts, and to play a block of the drum machine.
//!
//! Of the shipped package; of the small one of the tests where that is not there. Ratios are what counts: the times are this
//! computer's.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rtrb::RingBuffer;
use timbreloom::drums::TRACKS;
use timbreloom::drums::machine::{Machine, MachineSettings, Rings};
use timbreloom::drums::mixer::Delivery;
use timbreloom::drums::pattern::{Patterns, Step};
use timbreloom::drums::recipe::Recipe;
use timbreloom::drums::sequencer::{Part, Sequencer};
use timbreloom::drums::sound::Sound;
use timbreloom::dsp::sample_guard::SampleGuard;
use timbreloom::grains::schedule::{self, times};
use timbreloom::grains::synth::{GrainSynth, Grains};
use timbreloom::hits::hear::alone;
use timbreloom::hits::renderer::Renderer;
use timbreloom::model::grains::{GrainModel, GrainRows, GrainsPackage};

const HOST_HZ: f64 = 48_000.0;
const BLOCK: usize = 64;
const TEMPO_BPM: f64 = 120.0;

/// Blocks of a second.
const SECOND: usize = HOST_HZ as usize / BLOCK;

/// How long each track sounds: much longer than a step.
const SOUND_S: f64 = 3.0;

fn model() -> GrainModel {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = root.join("models").join("drums");
    let is_there = shipped.join("manifest.json").is_file();
    let folder = if is_there { shipped } else { root.join("tests").join("fixtures").join("granular") };
    println!("hits of {}", folder.display());
    let package = GrainsPackage::open(&folder).expect("a sound package");
    GrainModel::load(&package).expect("ONNX Runtime: set TIMBRELOOM_ORT")
}

/// A hit, and what is between the steps of its making.
struct Hit {
    recipe: Recipe,
    e: Vec<f32>,
    class: Vec<f32>,
    frames: usize,
    middles: Vec<usize>,
    z: Vec<f32>,
    onset: Vec<f32>,
    rows: GrainRows,
}

impl Hit {
    fn of(model: &GrainModel, class: usize) -> Self {
        let recipe = Recipe { classes: [class as u8; 2], draw: 1, ..Recipe::default() };
        let mut e = vec![0.0; model.embedding()];
        recipe.embed(&[], &mut e);
        let frames = (f64::from(model.length_s()[class]) * schedule::RATE_HZ) as usize;
        Self {
            recipe,
            e,
            class: alone(class, model.classes().len()),
            frames,
            middles: times(frames),
            z: Vec::new(),
            onset: Vec::new(),
            rows: GrainRows::default(),
        }
    }

    fn run_graphs(&mut self, model: &mut GrainModel) {
        let f0_hz = model.package().middle_hz();
        let Self { e, class, middles, z, onset, rows, .. } = self;
        model.sequence(e, class, f0_hz, middles, z, onset).expect("a sound model");
        model.decode(z, class, f0_hz, middles, rows).expect("a sound model");
    }

    fn synthesise(&self, model: &GrainModel, synth: &mut GrainSynth) -> Vec<f32> {
        let GrainRows { density_db, level_db, place } = &self.rows;
        let grains = Grains { density_db, level_db, place, middles: &self.middles, onset: &self.onset };
        let slots = model.package().slots(model.package().middle_hz());
        synth.synthesise(grains, slots, self.frames, self.recipe.noise_seed())
    }
}

fn making(c: &mut Criterion) {
    let (mut renderer, mut synth) = (Renderer::new(model()), GrainSynth::new());
    let classes = renderer.model().classes().to_vec();
    let mut group = c.benchmark_group("make a hit");
    group.sample_size(20);
    for (class, name) in classes.iter().enumerate() {
        let mut hit = Hit::of(renderer.model(), class);
        println!("{name}: {:.2} s, {} grains", hit.frames as f64 / schedule::RATE_HZ, hit.middles.len());
        group.bench_function(BenchmarkId::new("whole", name), |b| {
            b.iter(|| black_box(renderer.render(&hit.recipe, &[]).expect("a sound model")));
        });
        // What is synthesised has to be there, whatever is left out of the measurement.
        hit.run_graphs(renderer.model_mut());
        group.bench_function(BenchmarkId::new("graphs", name), |b| b.iter(|| hit.run_graphs(renderer.model_mut())));
        group.bench_function(BenchmarkId::new("synthesis", name), |b| {
            b.iter(|| black_box(hit.synthesise(renderer.model(), &mut synth)));
        });
    }
    group.finish();
}

/// Every step of every track.
fn patterns() -> Patterns {
    let mut patterns = Patterns::default();
    patterns.0[0].lines.iter_mut().for_each(|line| line.steps.fill(Step::default().with_velocity(100)));
    patterns
}

/// Each track has a hit of its own.
fn settings() -> MachineSettings {
    let recipes = std::array::from_fn(|track| Recipe { track: track as u8, ..Recipe::default() });
    MachineSettings { recipes, ..MachineSettings::default() }
}

/// A machine whose hits are there: nobody makes any.
fn machine(settings: &MachineSettings) -> Machine {
    let (orders, _) = RingBuffer::new(TRACKS);
    let (mut give, deliveries) = RingBuffer::new(TRACKS);
    let (spent, _) = RingBuffer::new(TRACKS);
    for (track, recipe) in settings.recipes.iter().enumerate() {
        let frames = (0..(SOUND_S * schedule::RATE_HZ) as usize).map(|n| 0.1 * (0.03 * n as f32).cos()).collect();
        let sound = Sound::new(recipe.key(), schedule::RATE_HZ as u32, frames, &mut SampleGuard::default());
        assert!(give.push(Delivery { track, sound: Box::new(sound) }).is_ok(), "the ring has room for all tracks");
    }
    let mut machine = Machine::new(HOST_HZ, Rings { orders, deliveries, spent });
    machine.keep_up(settings);
    machine
}

/// A block of a song, by its number.
fn part(block: usize) -> Part {
    let beats = (block * BLOCK) as f64 / HOST_HZ * TEMPO_BPM / 60.0;
    Part { frames: BLOCK, rate_hz: HOST_HZ, tempo_bpm: TEMPO_BPM, beats: Some(beats) }
}

fn playing(c: &mut Criterion) {
    let (settings, patterns) = (settings(), patterns());
    let mut machine = machine(&settings);
    let (mut left, mut right, mut block) = ([0.0; BLOCK], [0.0; BLOCK], 0);
    let mut play = |machine: &mut Machine| {
        left.fill(0.0);
        right.fill(0.0);
        machine.play(&mut [[&mut left[..], &mut right[..]]], 0..BLOCK, &part(block), &settings, &patterns, |_| {});
        block += 1;
    };
    (0..SECOND).for_each(|_| play(&mut machine));
    assert_eq!(machine.take_late(), 0, "every hit is there");
    assert!(machine.take_peaks().iter().all(|peak| *peak > 0.0), "every track sounds");
    let mut group = c.benchmark_group("play 64 frames");
    group.bench_function("eight tracks", |b| b.iter(|| play(&mut machine)));
    let (mut sequencer, mut block) = (Sequencer::default(), 0);
    group.bench_function("the sequencer alone", |b| {
        b.iter(|| {
            sequencer.process(&part(block), &settings.sequencer, &patterns, |strike| {
                black_box(strike);
            });
            block += 1;
        });
    });
    group.finish();
}

criterion_group!(drums, making, playing);
criterion_main!(drums);
