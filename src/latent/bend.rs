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
        let dims = path.dims;
        for axis in Axis::all(dims).filter(|axis| step.axes.has(*axis)) {
            bend_axis(&mut path.hops, range.clone(), axis, &step.operator, hop_s);
        }
        return Ok(());
    }
    let hops = reshape(path, range, &step.operator, most_hops)?;
    if !(1..=most_hops).contains(&hops.len()) {
        return Err(format!("1 to {most_hops} hops should be left, but there would be {}", hops.len()));
    }
    path.hops = hops;
    Ok(())
}

/// The values of an axis in a range, and back: hops that have none are passed over.
fn bend_axis(hops: &mut [LatentHop], range: Range<usize>, axis: Axis, operator: &Operator, hop_s: f32) {
    let first = range.start;
    let hops = &mut hops[range];
    if let Operator::Reverse = operator {
        return reverse(hops, axis);
    }
    if let Operator::Draw { points } = operator {
        return draw(hops, first, axis, points, hop_s);
    }
    let places: Vec<usize> = (0..hops.len()).filter(|&n| axis.get(&hops[n]).is_some()).collect();
    let mut values: Vec<f32> = places.iter().filter_map(|&n| axis.get(&hops[n])).collect();
    match operator {
        Operator::Scale { by } => {
            let middle = if let Axis::Latent(_) = axis { 0.0 } else { mean(&values) };
            values.iter_mut().for_each(|value| *value = by * (*value - middle) + middle);
        }
        Operator::Bias { by } => values.iter_mut().for_each(|value| *value += by),
        Operator::Random { spread, seed } => {
            let mut noise = vec![0.0; values.len()];
            Noise::new(u64::from(*seed) << 32 | u64::from(axis.index())).fill(&mut noise);
            values.iter_mut().zip(noise).for_each(|(value, noise)| *value += spread * noise);
        }
        Operator::Smooth { time_s } => smooth(&mut values, *time_s, hop_s),
        Operator::Quantise { step_s } => {
            let step = ((step_s / hop_s).round() as usize).max(1);
            for k in 1..values.len() {
                if places[k] / step == places[k - 1] / step {
                    values[k] = values[k - 1];
                }
            }
        }
        Operator::Envelope { points } => {
            let last = hops.len().saturating_sub(1).max(1) as f32;
            for (&n, value) in places.iter().zip(&mut values) {
                let gain = at(points, n as f32 / last);
                if axis == Axis::Loudness {
                    *value += 20.0 * gain.max(LEAST_GAIN).log10();
                } else {
                    *value *= gain;
                }
            }
        }
        // Handled above, or acts on whole hops.
        _ => {}
    }
    for (n, value) in places.into_iter().zip(values) {
        axis.set(&mut hops[n], value);
    }
}

fn mean(values: &[f32]) -> f32 {
    let sum: f64 = values.iter().map(|&value| f64::from(value)).sum();
    (sum / values.len().max(1) as f64) as f32
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

fn draw(hops: &mut [LatentHop], first: usize, axis: Axis, points: &[Point], hop_s: f32) {
    let (Some(begin), Some(end)) = (points.first(), points.last()) else { return };
    for (n, hop) in hops.iter_mut().enumerate() {
        let time_s = (first + n) as f32 * hop_s;
        // A point alone is the hop that is nearest to it.
        let reach = 0.5 * hop_s;
        if (begin.0 - reach..end.0 + reach).contains(&time_s) {
            axis.set(hop, at(points, time_s));
        }
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

fn smooth(values: &mut [f32], time_s: f32, hop_s: f32) {
    if time_s <= 0.0 {
        return;
    }
    let keep = (-hop_s / time_s).exp();
    let pass = |values: &mut dyn Iterator<Item = &mut f32>| {
        let mut before: Option<f32> = None;
        for value in values {
            *value += keep * (before.unwrap_or(*value) - *value);
            before = Some(*value);
        }
    };
    pass(&mut values.iter_mut());
    pass(&mut values.iter_mut().rev());
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
