//! What a hop and a block cost, beside the bare ONNX Runtime calls of the same graphs, in the same run.
//!
//! Ratios are what counts: the times are this computer's.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use timbreloom::controls::{Controls, MAX_DIMS};
use timbreloom::dsp::resample::{HopIn, HopOut};
use timbreloom::engine::{Engine, Lane, Slot};
use timbreloom::latency::Margin;
use timbreloom::latency::StreamFormat;
use timbreloom::model::kinds::Package;
use timbreloom::model::loader;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::request::ModelRequest;
use timbreloom::model::{DecoderInput, Model};
use timbreloom::rt::{EffectSettings, Processor};

const HOST_HZ: f64 = 48_000.0;

const MODEL: &str = "cello";
const LIVE: &str = "cello-live";
const CODES: &str = "horn-codes";

fn load(name: &str) -> Box<dyn Model> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name);
    let package = Package::open(&folder).expect("the shipped package");
    loader::load(&package, &ProviderChoice::CPU).expect("ONNX Runtime: set TIMBRELOOM_ORT")
}

/// One hop through both graphs, and nothing else.
struct Bare {
    model: Box<dyn Model>,
    hop: Vec<f32>,
    noise: Vec<f32>,
    audio: Vec<f32>,
}

impl Bare {
    fn new() -> Self {
        let model = load(MODEL);
        let (hop_frames, columns) = (model.shape().hop_frames, model.shape().noise_columns);
        let hop = (0..hop_frames).map(|n| (n as f32 * 0.03).sin() * 0.1).collect();
        Self { model, hop, noise: vec![0.5; columns], audio: vec![0.0; hop_frames] }
    }

    fn run(&mut self) {
        let mut latent = [0.0; MAX_DIMS];
        let dims = self.model.shape().dims;
        let loudness_db = self.model.encode(0, &self.hop, &mut latent[..dims]).expect("a sound model");
        let latent = &latent[..dims];
        let (noise, sound) = (&self.noise, &self.hop);
        let input = DecoderInput { latent, loudness_db, f0_hz: 220.0, voicing: 1.0, noise, sound };
        self.model.decode(0, &input, &mut self.audio).expect("a sound model");
    }
}

/// One hop through all that the worker does: both resamplers, pitch, noise, graphs.
struct Whole {
    model: Box<dyn Model>,
    lane: Lane,
    hop_in: HopIn,
    hop_out: HopOut,
    sound: Vec<f32>,
    at: usize,
}

impl Whole {
    fn new(name: &str) -> Self {
        let model = load(name);
        let shape = model.shape().clone();
        let ratio = HOST_HZ / f64::from(shape.sample_rate_hz);
        // A tone with harmonics and some noise: the tracker has dips to look at.
        let mut sound = vec![0.0; 48_000];
        timbreloom::dsp::noise::Noise::new(1).fill(&mut sound);
        for (n, sample) in sound.iter_mut().enumerate() {
            let phase = n as f32 * 196.0 / HOST_HZ as f32;
            *sample = *sample * 0.01 + 0.2 * (phase.fract() - 0.5);
        }
        Self {
            lane: Lane::new(0, &shape),
            hop_in: HopIn::new(ratio, shape.hop_frames, true),
            hop_out: HopOut::new(ratio, shape.hop_frames, true),
            model,
            sound,
            at: 0,
        }
    }

    fn run(&mut self) {
        let frames = self.hop_in.missing_frames();
        if self.at + frames > self.sound.len() {
            self.at = 0;
        }
        self.hop_in.push(&self.sound[self.at..self.at + frames]);
        self.at += frames;
        self.lane.run(self.model.as_mut(), self.hop_in.hop(), &Controls::default()).expect("a sound model");
        std::hint::black_box(self.hop_out.push(self.lane.made()));
    }
}

/// An instance that plays in real time: the worker's work is on the other thread and not in the figure.
fn instance(block: usize) -> (Engine, Processor) {
    let telemetry = std::sync::Arc::default();
    let loader = Box::new(|_: &ModelRequest| Ok(load(MODEL)));
    let engine = Engine::start(loader, std::sync::Arc::clone(&telemetry)).expect("a thread");
    let shape = engine.load(Slot::First, ModelRequest::default(), Duration::from_secs(20)).expect("a model");
    let format = StreamFormat { host_rate_hz: HOST_HZ, max_block_frames: block, channels: 2, margin: Margin::Normal };
    let mut processor = Processor::new(engine.open_stream(format, &shape, 0), format, telemetry);
    processor.reset();
    (engine, processor)
}

/// Time of one `process` call, the blocks coming at the rate of real time so that the worker keeps up.
fn process_time(block: usize, blocks: u64) -> Duration {
    let (_engine, mut processor) = instance(block);
    let (mut left, mut right) = (vec![0.1; block], vec![0.1; block]);
    let period = Duration::from_secs_f64(block as f64 / HOST_HZ);
    let (began, mut spent) = (Instant::now(), Duration::ZERO);
    for n in 0..blocks {
        std::thread::sleep((period * n as u32).saturating_sub(began.elapsed()));
        let called = Instant::now();
        processor.process(&mut [&mut left, &mut right], &[], &EffectSettings::default());
        spent += called.elapsed();
    }
    spent
}

fn costs(criterion: &mut Criterion) {
    let (mut bare, mut whole) = (Bare::new(), Whole::new(MODEL));
    let (mut live, mut codes) = (Whole::new(LIVE), Whole::new(CODES));
    let mut group = criterion.benchmark_group("hop");
    group.bench_function("bare graphs", |bencher| bencher.iter(|| bare.run()));
    group.bench_function("whole worker at 48 kHz", |bencher| bencher.iter(|| whole.run()));
    group.bench_function("whole worker at 48 kHz, live", |bencher| bencher.iter(|| live.run()));
    group.bench_function("whole worker at 48 kHz, codes", |bencher| bencher.iter(|| codes.run()));
    group.finish();
    let mut group = criterion.benchmark_group("process");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    for block in [64usize, 512] {
        group.bench_function(BenchmarkId::from_parameter(block), |bencher| {
            bencher.iter_custom(|blocks| process_time(block, blocks));
        });
    }
    group.finish();
    summary(&mut bare, &mut whole, &mut live, &mut codes);
}

/// The hops in turns, so that a busy computer slows all alike; the median of each.
fn summary(bare: &mut Bare, whole: &mut Whole, live: &mut Whole, codes: &mut Whole) {
    let [mut bare_s, mut whole_s, mut live_s, mut codes_s] = [const { Vec::new() }; 4];
    for _ in 0..3000 {
        for (times, run) in [
            (&mut bare_s, &mut (|| bare.run()) as &mut dyn FnMut()),
            (&mut whole_s, &mut || whole.run()),
            (&mut live_s, &mut || live.run()),
            (&mut codes_s, &mut || codes.run()),
        ] {
            // Its weights back into the processor's cache, from where the others drove them.
            run();
            let began = Instant::now();
            run();
            times.push(began.elapsed().as_secs_f64());
        }
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let [bare_s, whole_s, live_s, codes_s] = [&mut bare_s, &mut whole_s, &mut live_s, &mut codes_s].map(median);
    let hop_s = 512.0 / 44_100.0;
    println!("bare graphs   {:.3} ms per hop, {:.1} times real time", bare_s * 1e3, hop_s / bare_s);
    println!("whole worker  {:.3} ms per hop, {:.1} times real time", whole_s * 1e3, hop_s / whole_s);
    println!("live          {:.3} ms per hop, {:.1} times real time", live_s * 1e3, hop_s / live_s);
    println!("codes         {:.3} ms per hop, {:.1} times real time", codes_s * 1e3, hop_s / codes_s);
    println!("worker over graphs {:.2}", whole_s / bare_s);
    for block in [64usize, 512] {
        let blocks = 2000 * 64 / block as u64;
        let share = process_time(block, blocks).as_secs_f64() / (blocks as f64 * block as f64 / HOST_HZ);
        println!("process() at {block}-frame blocks: {:.2} % of a core", share * 100.0);
    }
}

criterion_group!(benches, costs);
criterion_main!(benches);
