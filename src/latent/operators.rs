//! What bends a latent path: operators, kept in order as a chain that leaves the path itself as it is.

use serde::{Deserialize, Serialize};

use super::axis::{Axes, Axis};
use super::path::{LatentHop, LatentPath, MAX_HOPS};
use crate::dsp::noise::Noise;

/// Steps that a chain may have.
pub const MAX_STEPS: usize = 64;

/// Points that a drawn line or an envelope may have.
pub const MAX_POINTS: usize = 4096;

/// An envelope's lowest gain where it acts on a loudness: 80 dB down.
const LEAST_GAIN: f32 = 1e-4;

/// A place, and the value there.
pub type Point = (f32, f32);

/// One way of bending a path. Those in the upper half act on the chosen axes, those in the lower half on the whole path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Operator {
    /// z' = by z. Loudness and pitch are scaled around their mean in the range, so that they stay where they are.
    Scale {
        /// Factor, -8 to 8.
        by: f32,
    },
    /// z' = z + by.
    Bias {
        /// In the axis's own unit: standard deviations, dB, semitones.
        by: f32,
    },
    /// z' = z + spread N(0, 1), hop by hop.
    Random {
        /// In the axis's own unit, 0 to 48.
        spread: f32,
        /// The same seed gives the same values; each axis has its own.
        seed: u32,
    },
    /// n -> N - 1 - n.
    Reverse,
    /// A one-pole low-pass there and back, so that nothing is late.
    Smooth {
        /// Time constant, 0 to 10 s.
        time_s: f32,
    },
    /// Each value is held for a step.
    Quantise {
        /// Length of a step, up to 60 s.
        step_s: f32,
    },
    /// z' = z times a drawn gain; on a loudness the gain in dB is added.
    Envelope {
        /// Place in the range and gain, both 0 to 1, in order of place.
        points: Vec<Point>,
    },
    /// z' = what is drawn, from the first point to the last.
    Draw {
        /// Seconds from the path's beginning and value, in order.
        points: Vec<Point>,
    },
    /// Only the range is left.
    Slice,
    /// Slower above 1, quicker below; the ends stay where they are.
    Stretch {
        /// Factor of the length, 0.01 to 100.
        by: f32,
    },
    /// The path, again and again.
    Loop {
        /// Passes in all, 1 to 1000.
        times: u32,
    },
    /// The end is faded over into the beginning, so that the path loops without a step; it is shorter by the fade.
    CrossFade {
        /// Length of the fade; at most half of the path.
        time_s: f32,
    },
}

impl Operator {
    /// Whether it acts on chosen axes; the others act on whole hops.
    pub fn is_of_axes(&self) -> bool {
        !matches!(self, Self::Slice | Self::Stretch { .. } | Self::Loop { .. } | Self::CrossFade { .. })
    }

    /// As windows and files call it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Scale { .. } => "scale",
            Self::Bias { .. } => "bias",
            Self::Random { .. } => "random",
            Self::Reverse => "reverse",
            Self::Smooth { .. } => "smooth",
            Self::Quantise { .. } => "quantise",
            Self::Envelope { .. } => "envelope",
            Self::Draw { .. } => "draw",
            Self::Slice => "slice",
            Self::Stretch { .. } => "stretch",
            Self::Loop { .. } => "loop",
            Self::CrossFade { .. } => "cross_fade",
        }
    }

    /// What is wrong with its values, if anything is.
    fn fault(&self) -> Option<String> {
        let within = |key: &str, value: f32, low: f32, high: f32| {
            (!(low..=high).contains(&value)).then(|| format!("“{key}” should be {low} to {high}, but is {value}"))
        };
        match self {
            Self::Scale { by } => within("by", *by, -8.0, 8.0),
            Self::Bias { by } => within("by", *by, -96.0, 96.0),
            Self::Random { spread, .. } => within("spread", *spread, 0.0, 48.0),
            Self::Smooth { time_s } => within("time_s", *time_s, 0.0, 10.0),
            Self::Quantise { step_s } => within("step_s", *step_s, 0.0, 60.0),
            Self::Stretch { by } => within("by", *by, 0.01, 100.0),
            Self::Loop { times } => within("times", *times as f32, 1.0, 1000.0),
            Self::CrossFade { time_s } => within("time_s", *time_s, 0.0, 3600.0),
            Self::Envelope { points } => fault_of_points(points, 1.0).or_else(|| {
                let beyond = points.iter().position(|(_, gain)| !(0.0..=1.0).contains(gain))?;
                Some(format!("“points” value {beyond} should be a gain from 0 to 1"))
            }),
            Self::Draw { points } => fault_of_points(points, f32::MAX),
            Self::Reverse | Self::Slice => None,
        }
    }
}

fn fault_of_points(points: &[Point], last: f32) -> Option<String> {
    if !(1..=MAX_POINTS).contains(&points.len()) {
        return Some(format!("“points” should be 1 to {MAX_POINTS} pairs, but are {}", points.len()));
    }
    if let Some(n) = points.iter().position(|(place, value)| !(0.0..=last).contains(place) || !value.is_finite()) {
        return Some(format!("“points” pair {n} should be a place from 0 on and a number"));
    }
    let falls = points.windows(2).position(|pair| pair[1].0 < pair[0].0)?;
    Some(format!("“points” pair {} should not come before the one in front of it", falls + 1))
}

/// An operator, and where it acts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is done.
    pub operator: Operator,
    /// To which axes; of no meaning to those that act on whole hops.
    #[serde(default = "every_dimension")]
    pub axes: Axes,
    /// From when to when, seconds of the path as it comes to this step; all of it without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range_s: Option<(f32, f32)>,
    /// Whether it is switched off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_off: bool,
}

fn every_dimension() -> Axes {
    Axes::LATENT
}

impl Step {
    /// On these axes, all the time.
    pub fn new(operator: Operator, axes: Axes) -> Self {
        Self { operator, axes, range_s: None, is_off: false }
    }

    /// The hops of its range, of so many.
    fn range(&self, path: &LatentPath) -> std::ops::Range<usize> {
        match self.range_s {
            None => 0..path.hops.len(),
            Some((from_s, to_s)) => {
                let from = path.hop_at(f64::from(from_s));
                from..path.hop_at(f64::from(to_s)).max(from)
            }
        }
    }
}

/// Why a chain cannot bend a path.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("step {} ({name}): {reason}", number + 1)]
pub struct ChainError {
    /// Which step, from 0.
    pub number: usize,
    /// Its operator.
    pub name: &'static str,
    /// What is wrong.
    pub reason: String,
}

/// Operators in their order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chain(pub Vec<Step>);

impl Chain {
    /// What the path becomes. Allocates; takes some milliseconds for ten minutes.
    ///
    /// # Errors
    /// Names the step and what was expected; the path would be empty or too long.
    pub fn apply(&self, path: &LatentPath) -> Result<LatentPath, ChainError> {
        let mut bent = path.clone();
        for (number, step) in self.0.iter().enumerate().filter(|(_, step)| !step.is_off) {
            let failed = |reason| ChainError { number, name: step.operator.name(), reason };
            if number >= MAX_STEPS {
                return Err(failed(format!("a chain has at most {MAX_STEPS} steps")));
            }
            bend(&mut bent, step).map_err(failed)?;
        }
        Ok(bent)
    }

    /// Takes axes out of all steps: they are as they were recorded, but for what acts on whole hops.
    pub fn reset(&mut self, axes: Axes) {
        for step in &mut self.0 {
            step.axes = step.axes.without(axes);
        }
        self.0.retain(|step| !step.operator.is_of_axes() || !step.axes.is_empty());
    }
}

fn bend(path: &mut LatentPath, step: &Step) -> Result<(), String> {
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
    let hops = reshape(path, range, &step.operator)?;
    if !(1..=MAX_HOPS).contains(&hops.len()) {
        return Err(format!("1 to {MAX_HOPS} hops should be left, but there would be {}", hops.len()));
    }
    path.hops = hops;
    Ok(())
}

/// The values of an axis in a range, and back: hops that have none are passed over.
fn bend_axis(hops: &mut [LatentHop], range: std::ops::Range<usize>, axis: Axis, operator: &Operator, hop_s: f32) {
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
fn reshape(path: &LatentPath, range: std::ops::Range<usize>, operator: &Operator) -> Result<Vec<LatentHop>, String> {
    let hops = &path.hops;
    // All but a slice bend the range and keep what is around it.
    let around = |within: Vec<LatentHop>| [&hops[..range.start], &within, &hops[range.end..]].concat();
    let of_range = &hops[range.clone()];
    let long = |count: f64| -> Result<usize, String> {
        let total = count + (hops.len() - of_range.len()) as f64;
        if total > MAX_HOPS as f64 {
            return Err(format!("1 to {MAX_HOPS} hops should be left, but there would be {total}"));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::path::tests::path;

    fn bent(path: &LatentPath, operator: Operator, axes: Axes) -> LatentPath {
        Chain(vec![Step::new(operator, axes)]).apply(path).unwrap()
    }

    #[test]
    fn reverse_twice_gives_the_path_again_to_the_bit() {
        let path = path(101);
        let once = bent(&path, Operator::Reverse, Axes::ALL);
        assert_eq!(once.hops[0], path.hops[100]);
        assert_eq!(bent(&once, Operator::Reverse, Axes::ALL), path);
    }

    #[test]
    fn what_is_reset_is_as_it_was_recorded_and_the_rest_stays_bent() {
        let path = path(50);
        let mut chain = Chain(vec![
            Step::new(Operator::Bias { by: 1.0 }, Axes::LATENT),
            Step::new(Operator::Reverse, Axes::one(Axis::Latent(0))),
        ]);
        chain.reset(Axes::one(Axis::Latent(0)));
        assert_eq!(chain.0.len(), 1, "a step without an axis is gone");
        let bent = chain.apply(&path).unwrap();
        for (bent, hop) in bent.hops.iter().zip(&path.hops) {
            assert_eq!((bent.latent[0], bent.latent[1]), (hop.latent[0], hop.latent[1] + 1.0));
        }
        chain.reset(Axes::ALL);
        assert_eq!(chain.apply(&path).unwrap(), path);
    }

    #[test]
    fn a_step_that_is_off_does_nothing_and_a_range_bends_nothing_around_it() {
        let path = path(100);
        let mut step = Step::new(Operator::Bias { by: 2.0 }, Axes::one(Axis::Latent(1)));
        step.range_s = Some((0.25, 0.5));
        let bent = Chain(vec![step.clone()]).apply(&path).unwrap();
        let moved: Vec<usize> = (0..100).filter(|&n| bent.hops[n] != path.hops[n]).collect();
        assert_eq!((moved.first(), moved.last()), (Some(&path.hop_at(0.25)), Some(&(path.hop_at(0.5) - 1))));
        step.is_off = true;
        assert_eq!(Chain(vec![step]).apply(&path).unwrap(), path);
    }

    #[test]
    fn random_is_the_same_for_its_seed_and_of_its_own_for_each_axis() {
        let path = path(2000);
        let random = |seed, axes| bent(&path, Operator::Random { spread: 0.5, seed }, axes);
        let (all, one) = (random(3, Axes::LATENT), random(3, Axes::one(Axis::Latent(1))));
        let of = |path: &LatentPath, d: usize| path.hops.iter().map(|hop| hop.latent[d]).collect::<Vec<_>>();
        assert_eq!(of(&all, 1), of(&one, 1), "whatever else is chosen");
        assert_eq!(of(&one, 0), of(&path, 0));
        assert_ne!(of(&all, 1), of(&random(4, Axes::LATENT), 1));
        let added = |d| of(&all, d).iter().zip(of(&path, d)).map(|(a, b)| a - b).collect::<Vec<f32>>();
        let (first, second) = (added(0), added(1));
        let square = |values: &[f32]| values.iter().map(|v| v * v).sum::<f32>() / values.len() as f32;
        assert!((square(&first) - 0.25).abs() < 0.02);
        let product: f32 = first.iter().zip(&second).map(|(a, b)| a * b).sum::<f32>() / 2000.0;
        assert!(product.abs() < 0.02, "{product}");
    }

    #[test]
    fn a_cross_fade_makes_the_end_meet_the_beginning() {
        let mut path = path(200);
        for (n, hop) in path.hops.iter_mut().enumerate() {
            hop.latent[0] = n as f32;
        }
        let fade_s = 20.0 * path.hop_s() as f32;
        let looped = bent(&path, Operator::CrossFade { time_s: fade_s }, Axes::ALL);
        assert_eq!(looped.hops.len(), 180);
        assert_eq!((looped.hops[0].latent[0], looped.hops[179].latent[0]), (180.0, 179.0));
        let whole = bent(&path, Operator::CrossFade { time_s: 3600.0 }, Axes::ALL);
        assert_eq!(whole.hops.len(), 100, "at most half of it");
    }

    #[test]
    fn a_stretch_keeps_both_ends_and_a_loop_repeats() {
        let path = path(40);
        for by in [0.01, 0.5, 1.0, 2.0, 7.3] {
            let other = bent(&path, Operator::Stretch { by }, Axes::ALL);
            assert_eq!(other.hops.len(), ((40.0 * by).round() as usize).max(1));
            assert_eq!(other.hops[0], path.hops[0]);
            if other.hops.len() > 1 {
                assert_eq!(other.hops.last(), path.hops.last(), "{by}");
            }
        }
        assert_eq!(bent(&path, Operator::Stretch { by: 1.0 }, Axes::ALL), path);
        let looped = bent(&path, Operator::Loop { times: 3 }, Axes::ALL);
        assert_eq!(looped.hops, path.hops.repeat(3));
    }

    #[test]
    fn a_drawn_line_is_there_and_an_envelope_fades_a_loudness_in_db() {
        let path = path(100);
        let hop_s = path.hop_s() as f32;
        let line = vec![(10.0 * hop_s, -1.0), (20.0 * hop_s, 1.0)];
        let drawn = bent(&path, Operator::Draw { points: line }, Axes::one(Axis::Latent(2)));
        assert!((drawn.hops[15].latent[2]).abs() < 1e-4 && (drawn.hops[20].latent[2] - 1.0).abs() < 1e-4);
        assert_eq!((drawn.hops[9], drawn.hops[21]), (path.hops[9], path.hops[21]));
        let fade = Operator::Envelope { points: vec![(0.0, 0.0), (1.0, 1.0)] };
        let faded = bent(&path, fade, Axes::one(Axis::Loudness));
        assert!((faded.hops[0].loudness_db - (path.hops[0].loudness_db - 80.0)).abs() < 1e-3);
        assert_eq!(faded.hops[99], path.hops[99]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_step_and_key() {
        let path = path(10);
        let refused = |operator, range_s| {
            let step = Step { range_s, ..Step::new(operator, Axes::ALL) };
            Chain(vec![Step::new(Operator::Reverse, Axes::ALL), step]).apply(&path).unwrap_err().to_string()
        };
        for (operator, words) in [
            (Operator::Scale { by: f32::NAN }, "step 2 (scale): “by” should be -8 to 8, but is NaN"),
            (Operator::Stretch { by: 0.0 }, "step 2 (stretch): “by” should be 0.01 to 100"),
            (Operator::Loop { times: 0 }, "step 2 (loop): “times” should be 1 to 1000"),
            (Operator::Draw { points: vec![] }, "step 2 (draw): “points” should be 1 to 4096 pairs, but are 0"),
            (Operator::Draw { points: vec![(1.0, 0.0), (0.5, 0.0)] }, "“points” pair 1 should not come before"),
            (Operator::Envelope { points: vec![(0.0, 2.0)] }, "“points” value 0 should be a gain from 0 to 1"),
        ] {
            let said = refused(operator, None);
            assert!(said.contains(words), "{said}");
        }
        assert!(refused(Operator::Slice, Some((0.5, 0.2))).contains("“range_s” should go from a time to a later one"));
        assert!(refused(Operator::Slice, Some((60.0, 61.0))).contains("1 to 4194304 hops should be left"));
        let often = Step::new(Operator::Loop { times: 1000 }, Axes::ALL);
        let long = Chain(vec![often.clone(), often]).apply(&path).unwrap_err();
        assert!(long.to_string().starts_with("step 2 (loop): 1 to 4194304 hops should be left"), "{long}");
    }

    #[test]
    fn a_chain_is_read_as_it_is_written() {
        let mut step = Step::new(Operator::Random { spread: 0.5, seed: 9 }, "1,2,loudness".parse().unwrap());
        step.range_s = Some((0.5, 1.25));
        let chain = Chain(vec![step, Step::new(Operator::Reverse, Axes::ALL)]);
        let text = serde_json::to_string(&chain).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"[{"operator":{"random":{"spread":0.5,"seed":9}},"axes":"1,2,loudness","range_s":[0.5,1.25]},"#,
                r#"{"operator":"reverse","axes":"all"}]"#
            )
        );
        assert_eq!(serde_json::from_str::<Chain>(&text).unwrap(), chain);
    }
}
