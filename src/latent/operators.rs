//! What bends a latent path: operators, and where they act.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::axis::Axes;
use super::path::LatentPath;

/// Points that a drawn line or an envelope may have.
pub const MAX_POINTS: usize = 4096;

/// A place, and the value there.
pub type Point = (f32, f32);

/// One way of bending a path. The first eight act on chosen axes, the last four on whole hops.
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
    pub(super) fn fault(&self) -> Option<String> {
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
            Self::Draw { points } => fault_of_points(points, f32::MAX).or_else(|| {
                let beyond = points.iter().position(|(_, value)| value.abs() > 1000.0)?;
                Some(format!("“points” value {beyond} should be from -1000 to 1000"))
            }),
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
    pub(super) fn range(&self, path: &LatentPath) -> Range<usize> {
        match self.range_s {
            None => 0..path.hops.len(),
            Some((from_s, to_s)) => {
                let from = path.hop_at(f64::from(from_s));
                from..path.hop_at(f64::from(to_s)).max(from)
            }
        }
    }
}
