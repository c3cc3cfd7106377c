//! What each operator does to the hops of a path.

use std::ops::Range;

use super::axis::Axis;
use super::operators::{Operator, Point, Step};
use super::path::{LatentHop, LatentPath};
use crate::dsp::noise::Noise;

/// An envelope's lowest gain where it acts on a loudness: 80 dB down.
const LEAST_GAIN: f32 = 1e-4;

/// Does a step, to a path of at most so many hops before and after.
pub(super) fn bend(path: &mut LatentPath, step: &Step, most_hops: usize) -> Result<(), String> {
    if let Some((from_s, to_s)) = step.range_s
        && !(from_s.is_finite() && to_s.is_finite() && 0.0 <= from_s && from_s < to_s)
    {
        return Err(format!("“range_s” should go from a time to a later one, but is {from_s} to {to_s}"));
    }
    if let Some(fault) = step.operator.fault() {
        return Err(fault);
    }
    let range = step.range(path);
    if step.operator.is_of_axes() {
        let hop_s = path.hop_s() as f32;
        let axes: Vec<Axis> = Axis::all(path.dims).filter(|axis| step.axes.has(*axis)).collect();
        bend_axes(&mut path.hops, range, &axes, &step.operator, hop_s);
        return Ok(());
    }
    let hops = reshape(path, range, &step.operator, most_hops)?;
    if !(1..=most_hops).contains(&hops.len()) {
        return Err(format!("1 to {most_hops} hops should be left, but there would be {}", hops.len()));
    }
    path.hops = hops;
    Ok(())
}

/// Hops that are bent for one axis after the other: as many as the cache nearest to the processor holds.
const BLOCK: usize = 128;

/// Bends axes in a range; hops that have no value of an axis are passed over.
fn bend_axes(hops: &mut [LatentHop], range: Range<usize>, axes: &[Axis], operator: &Operator, hop_s: f32) {
    let first = range.start;
    let hops = &mut hops[range];
    let last = hops.len().saturating_sub(1);
    match operator {
        Operator::Scale { by } => {
            let middles: Vec<f32> = axes.iter().map(|&axis| middle(hops, axis)).collect();
            each(hops, axes, |_, n, _, value| by * (value - middles[n]) + middles[n]);
        }
        Operator::Bias { by } => each(hops, axes, |_, _, _, value| value + by),
        Operator::Random { spread, seed } => {
            let of_axis = |axis: &Axis| Noise::new(u64::from(*seed) << 32 | u64::from(axis.index()));
            let mut noises: Vec<Noise> = axes.iter().map(of_axis).collect();
            each(hops, axes, |_, n, _, value| value + spread * noises[n].normal());
        }
        Operator::Reverse => axes.iter().for_each(|&axis| reverse(hops, axis)),
        Operator::Smooth { time_s } => smooth(hops, axes, *time_s, hop_s),
        Operator::Quantise { step_s } => {
            let step = ((step_s / hop_s).round() as usize).max(1);
            // The step that an axis is in, and its value there.
            let mut held = vec![(usize::MAX, 0.0); axes.len()];
            each(hops, axes, |k, n, _, value| {
                if held[n].0 != k / step {
                    held[n] = (k / step, value);
                }
                held[n].1
            });
        }
        Operator::Envelope { points } => {
            let gains: Vec<f32> = (0..hops.len()).map(|k| at(points, k as f32 / last.max(1) as f32)).collect();
            each(hops, axes, |k, _, axis, value| match axis {
                Axis::Loudness => value + 20.0 * gains[k].max(LEAST_GAIN).log10(),
                _ => value * gains[k],
            });
        }
        Operator::Draw { points } => {
            let (Some(begin), Some(end)) = (points.first(), points.last()) else { return };
            // A point alone is the hop that is nearest to it.
            let reach = 0.5 * hop_s;
            let within = begin.0 - reach..end.0 + reach;
            for (k, hop) in hops.iter_mut().enumerate() {
                let time_s = (first + k) as f32 * hop_s;
                if within.contains(&time_s) {
                    let value = at(points, time_s);
                    axes.iter().for_each(|axis| axis.set(hop, value));
                }
            }
        }
        // These act on whole hops.
        Operator::Slice | Operator::Stretch { .. } | Operator::Loop { .. } | Operator::CrossFade { .. } => {}
    }
}

/// Gives each value of the axes another one: of hop `k`, of the axis that is the `n`-th of them.
fn each(hops: &mut [LatentHop], axes: &[Axis], mut bent: impl FnMut(usize, usize, Axis, f32) -> f32) {
    for (block, hops) in hops.chunks_mut(BLOCK).enumerate() {
        for (n, &axis) in axes.iter().enumerate() {
            for (k, hop) in hops.iter_mut().enumerate() {
                if let Some(value) = axis.get(hop) {
                    axis.set(hop, bent(block * BLOCK + k, n, axis, value));
                }
            }
        }
    }
}

/// What an axis is scaled around: a latent around its mean over the training sound, all others around their own.
fn middle(hops: &[LatentHop], axis: Axis) -> f32 {
    if let Axis::Latent(_) = axis {
        return 0.0;
    }
    let values = hops.iter().filter_map(|hop| axis.get(hop));
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + f64::from(value), count + 1));
    (sum / f64::from(count.max(1))) as f32
}

/// What a quantity is made of is moved as it is, so that twice gives the same bits again.
fn reverse(hops: &mut [LatentHop], axis: Axis) {
    let last = hops.len().saturating_sub(1);
    for n in 0..hops.len() / 2 {
        let (mut first, mut second) = (hops[n], hops[last - n]);
        match axis {
            Axis::Latent(d) => std::mem::swap(&mut first.latent[d], &mut second.latent[d]),
            Axis::Loudness => {
                std::mem::swap(&mut first.loudness_db, &mut second.loudness_db);
                std::mem::swap(&mut first.level_db, &mut second.level_db);
                std::mem::swap(&mut first.hushed, &mut second.hushed);
            }
            Axis::Pitch => std::mem::swap(&mut first.f0_hz, &mut second.f0_hz),
            Axis::Voicing => std::mem::swap(&mut first.voicing, &mut second.voicing),
        }
        (hops[n], hops[last - n]) = (first, second);
    }
}

/// Straight from point to point, held at both ends.
fn at(points: &[Point], place: f32) -> f32 {
    let after = points.partition_point(|point| point.0 <= place);
    match (after.checked_sub(1).map(|before| points[before]), points.get(after)) {
        (Some(before), Some(next)) => before.1 + (place - before.0) / (next.0 - before.0) * (next.1 - before.1),
        (Some(before), None) => before.1,
        (None, Some(next)) => next.1,
        (None, None) => 0.0,
    }
}

/// There and back, so that nothing is late.
fn smooth(hops: &mut [LatentHop], axes: &[Axis], time_s: f32, hop_s: f32) {
    if time_s <= 0.0 {
        return;
    }
    let keep = (-hop_s / time_s).exp();
    for _ in 0..2 {
        let mut before: Vec<Option<f32>> = vec![None; axes.len()];
        each(hops, axes, |_, n, _, value| {
            let smoothed = value + keep * (before[n].unwrap_or(value) - value);
            before[n] = Some(smoothed);
            smoothed
        });
        hops.reverse();
    }
}

/// What acts on whole hops.
fn reshape(
    path: &LatentPath,
    range: Range<usize>,
    operator: &Operator,
    most_hops: usize,
) -> Result<Vec<LatentHop>, String> {
    let hops = &path.hops;
    // All but a slice bend the range and keep what is around it.
    let around = |within: Vec<LatentHop>| [&hops[..range.start], &within, &hops[range.end..]].concat();
    let of_range = &hops[range.clone()];
    let long = |count: f64| -> Result<usize, String> {
        let total = count + (hops.len() - of_range.len()) as f64;
        if total > most_hops as f64 {
            return Err(format!("1 to {most_hops} hops should be left, but there would be {total}"));
        }
        Ok(count as usize)
    };
    Ok(match operator {
        Operator::Slice => of_range.to_vec(),
        Operator::Stretch { by } => {
            let count = long((of_range.len() as f64 * f64::from(*by)).round().max(1.0))?;
            around(stretched(of_range, count))
        }
        Operator::Loop { times } => {
            long(of_range.len() as f64 * f64::from(*times))?;
            around(of_range.repeat(*times as usize))
        }
        Operator::CrossFade { time_s } => {
            let fade = ((f64::from(*time_s) / path.hop_s()).round() as usize).min(of_range.len() / 2);
            let end = of_range.len() - fade;
            let over = |n: usize| LatentHop::between(&of_range[end + n], &of_range[n], n as f32 / fade as f32);
            around((0..fade).map(over).chain(of_range[fade..end].iter().copied()).collect())
        }
        _ => hops.clone(),
    })
}

/// So many hops from first to last, between the nearest two; as many as there are give the same again.
pub(super) fn stretched(hops: &[LatentHop], count: usize) -> Vec<LatentHop> {
    let Some(last) = hops.len().checked_sub(1) else { return Vec::new() };
    if count == hops.len() {
        return hops.to_vec();
    }
    let step = if count > 1 { last as f64 / (count - 1) as f64 } else { 0.0 };
    (0..count)
        .map(|n| {
            let place = (n as f64 * step).min(last as f64);
            let before = place as usize;
            LatentHop::between(&hops[before], &hops[(before + 1).min(last)], (place - before as f64) as f32)
        })
        .collect()
}
