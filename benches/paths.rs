//! What it costs to bend, keep and play latent paths: ten minutes at 16 dimensions, beside a copy of the same hops.
//!
//! Ratios are what counts: the times are this computer's.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use serde_json::Value;
use timbreloom::controls::{AtEnd, MAX_DIMS, PathControls, PlaneWeights};
use timbreloom::latent::choice::Choice;
use timbreloom::latent::{Axes, Chain, LatentHop, LatentPath, Operator, PathSet, Step};
use timbreloom::model::request::ModelRequest;

/// Ten minutes at 86 hops a second.
const HOPS: usize = 51_680;

fn path(hops: usize) -> LatentPath {
    let hop = |n: usize| {
        let latent = std::array::from_fn(|d| (0.013 * (d + 1) as f32 * n as f32).sin());
        LatentHop {
            latent,
            loudness_db: -20.0 + (0.05 * n as f32).cos(),
            f0_hz: 220.0 + (n % 500) as f32,
            voicing: 0.9,
            ..LatentHop::default()
        }
    };
    LatentPath {
        model: ModelRequest::named("cello"),
        sample_rate_hz: 44_100,
        hop_frames: 512,
        dims: MAX_DIMS,
        hops: (0..hops).map(hop).collect(),
    }
}

/// Each operator on all axes of ten minutes; the copy that each chain makes first is in its time, and beside it.
fn bending(c: &mut Criterion) {
    let path = path(HOPS);
    let points = |last: f32| (0..256).map(|n| (last * n as f32 / 255.0, (0.1 * n as f32).sin().abs())).collect();
    let operators = [
        Operator::Scale { by: 1.5 },
        Operator::Bias { by: 0.5 },
        Operator::Random { spread: 0.3, seed: 7 },
        Operator::Reverse,
        Operator::Smooth { time_s: 0.1 },
        Operator::Quantise { step_s: 0.25 },
        Operator::Envelope { points: points(1.0) },
        Operator::Draw { points: points(600.0) },
        Operator::Slice,
        Operator::Stretch { by: 1.5 },
        Operator::Loop { times: 2 },
        Operator::CrossFade { time_s: 0.5 },
    ];
    let mut group = c.benchmark_group("bend ten minutes");
    group.bench_function("copy alone", |b| b.iter(|| black_box(path.clone())));
    for operator in operators {
        for (axes, name) in [(Axes::LATENT, "16 dimensions"), (Axes::ALL, "all axes")] {
            let chain = Chain(vec![Step::new(operator.clone(), axes)]);
            let id = BenchmarkId::new(operator.name(), name);
            group.bench_function(id, |b| b.iter(|| black_box(chain.apply(&path).expect("it can be bent"))));
        }
    }
    group.finish();
}

/// What an edit in the window costs beside the bending, and what a project costs to save and to load.
fn keeping(c: &mut Criterion) {
    let set = PathSet::default().with_path(0, "long", &path(HOPS), &Chain::default()).expect("it fits");
    let text = serde_json::to_string(&set).expect("it can be written");
    println!(
        "ten minutes in a project: {} bytes of text, {} in memory",
        text.len(),
        set.bytes_beyond(&PathSet::default())
    );
    let json: Value = serde_json::from_str(&text).expect("it is JSON");
    let mut group = c.benchmark_group("keep ten minutes");
    group.sample_size(10);
    group.bench_function("rename", |b| b.iter(|| black_box(set.with_name(0, "other"))));
    group.bench_function("save", |b| b.iter(|| black_box(serde_json::to_string(&set).expect("it can be written"))));
    group.bench_function("load", |b| b.iter(|| black_box(PathSet::read(&json, &PathSet::default()))));
    group.bench_function("load what is there", |b| b.iter(|| black_box(PathSet::read(&json, &set))));
    group.finish();
}

/// A hop: one path, two that are morphed, four around the plane.
fn playing(c: &mut Criterion) {
    let one = PathSet::default();
    let set = (0..4).fold(one, |set, n| set.with_path(n, "one", &path(4000 + n), &Chain::default()).expect("it fits"));
    let mut group = c.benchmark_group("play a hop");
    let live = LatentHop::default();
    for (name, controls) in [
        ("one path", PathControls::default()),
        ("morph", PathControls { morph: 0.4, ..PathControls::default() }),
        ("plane", PathControls { plane: PlaneWeights::Lines, place: [0.3, 0.6], ..PathControls::default() }),
    ] {
        let mut place = 0.0;
        group.bench_function(name, |b| {
            b.iter(|| {
                place = (place + 1.3) % 3999.0;
                let choice = Choice::of(&set, &controls, &|_| true).expect("there is one");
                black_box(choice.at(place, AtEnd::Loop).of(&live))
            });
        });
    }
    group.finish();
}

criterion_group!(paths, bending, keeping, playing);
criterion_main!(paths);
