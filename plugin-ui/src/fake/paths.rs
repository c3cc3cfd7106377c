//! Latent paths without a plugin.

use std::f32::consts::TAU;
use std::sync::Arc;

use crate::paths::{
    AxisSet, Course, MarkerView, PathAxis, PathView, PathsStatus, PathsView, PlaneView, SourceView, StepKind, StepView,
    WalkPoint,
};

/// A path of so many hops in which everything moves, the same at each call. Rests in between have no pitch.
pub fn path(name: &str, dims: usize, hops: usize, seed: u32) -> PathView {
    let speed = |axis: usize| 0.05 + 0.031 * ((axis as u32 * 7 + seed * 13) % 11) as f32;
    let wave = |axis: usize, time_s: f32| {
        let slow = (TAU * speed(axis) * time_s + axis as f32).sin();
        let quick = (TAU * (2.1 + speed(axis) * 9.0) * time_s).sin();
        slow + 0.18 * quick
    };
    let hop_s = 512.0 / 44_100.0;
    let course = |axis: PathAxis| {
        let value = |hop: usize| {
            let time_s = hop as f32 * hop_s;
            let is_rest = (time_s * 0.8 + seed as f32 * 0.3).fract() > 0.88;
            match axis {
                PathAxis::Latent(dim) => wave(dim, time_s) * (2.0 - 0.1 * dim as f32),
                PathAxis::Loudness => -24.0 + 8.0 * wave(17, time_s) - if is_rest { 28.0 } else { 0.0 },
                PathAxis::Pitch if is_rest => f32::NAN,
                PathAxis::Pitch => (57.0 + 5.0 * wave(18, time_s)).round() + 0.2 * (TAU * 5.5 * time_s).sin(),
                PathAxis::Voicing => {
                    if is_rest {
                        0.1
                    } else {
                        0.93
                    }
                }
            }
        };
        Course::new((0..hops).map(value).collect())
    };
    PathView {
        name: name.to_owned(),
        model: "cello".into(),
        problem: String::new(),
        dims,
        hop_s: f64::from(hop_s),
        hops,
        recorded_s: hops as f64 * f64::from(hop_s),
        courses: PathAxis::all(dims).map(course).collect(),
        steps: Vec::new(),
    }
}

/// A project with three paths, one of them bent and one of another model, and a plane.
pub fn paths() -> PathsStatus {
    let mut sung = path("Sung phrase", 16, 690, 1);
    let mut draw = StepView::new(StepKind::Draw, AxisSet::one(PathAxis::Latent(0)), None);
    draw.points = vec![[1.0, 0.0], [2.0, 1.8], [3.2, -1.1], [4.0, 0.4]].into();
    let mut bias = StepView::new(StepKind::Bias, AxisSet::one(PathAxis::Latent(2)), Some([2.0, 5.0]));
    bias.amount = 0.8;
    let mut smooth = StepView::new(StepKind::Smooth, AxisSet::LATENT, None);
    smooth.is_off = true;
    sung.steps = vec![draw, bias, smooth];
    let mut other = path("Horn call", 12, 300, 3);
    other.model = "horn".into();
    other.problem = "It is of “horn”, and “cello” plays.".into();
    let mut slots: [Option<Arc<PathView>>; 8] = Default::default();
    slots[0] = Some(Arc::new(sung));
    slots[1] = Some(Arc::new(path("Spoken", 16, 430, 2)));
    slots[3] = Some(Arc::new(other));
    let corners = [
        Some(SourceView::Slot(0)),
        Some(SourceView::Slot(1)),
        Some(SourceView::Snapshot(0)),
        Some(SourceView::Random(7)),
    ];
    let marker = |x, y, source| MarkerView { place: [x, y], source };
    let markers = vec![
        marker(0.2, 0.3, SourceView::Slot(0)),
        marker(0.75, 0.2, SourceView::Slot(1)),
        marker(0.6, 0.8, SourceView::Random(3)),
        marker(0.15, 0.85, SourceView::Live),
        marker(0.45, 0.5, SourceView::Snapshot(1)),
    ];
    let walk = (0..60).map(|n| {
        let angle = TAU * n as f32 / 60.0;
        WalkPoint { time_s: n as f32 * 0.1, place: [0.5 + 0.35 * angle.cos(), 0.5 + 0.3 * (2.0 * angle).sin()] }
    });
    let plane = PlaneView { corners, markers, snapshots: vec![String::new(), String::new()], walk: walk.collect() };
    PathsStatus {
        view: Arc::new(PathsView { slots, plane, note: String::new() }),
        at: Some(0.4),
        place: [0.35, 0.6],
        weights: vec![0.26, 0.14, 0.39, 0.21],
        beat_s: 0.5,
        bar_beats: 4.0,
        ..PathsStatus::default()
    }
}
