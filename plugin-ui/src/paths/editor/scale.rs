//! The values of an axis: what is shown of them, what they may be, and how they are called.

use super::super::{PathAxis, PathView};
use crate::format;
use crate::typed::{self, Quantity};

/// A loudness that is silence, dB.
const REST_DB: f32 = -60.0;
/// No value of a latent dimension is drawn further out, standard deviations.
const MOST_SD: f32 = 12.0;
/// A scale of latents goes no further, standard deviations.
const SHOWN_SD: f32 = 8.0;
/// A scale of pitches is at least so high, semitones.
const LEAST_SEMITONES: f32 = 14.0;

/// What is between the lower and the upper edge of a plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// At the lower edge.
    pub low: f32,
    /// At the upper edge.
    pub high: f32,
}

impl Scale {
    /// Of an envelope's gains.
    pub const GAIN: Self = Self { low: 0.0, high: 1.0 };

    /// What of an axis is shown: all latent dimensions have the same scale, so that they can be compared.
    pub fn of(axis: PathAxis, path: &PathView) -> Self {
        let range = |axis| path.course(axis).and_then(|course| course.range(0..path.hops));
        match axis {
            PathAxis::Latent(_) => {
                let ranges = PathAxis::all(path.dims).take(path.dims.min(crate::LATENT_DIMS)).filter_map(range);
                let most = ranges.flatten().map(f32::abs).filter(|sd| sd.is_finite()).fold(3.0, f32::max);
                let most = most.ceil().min(SHOWN_SD);
                Self { low: -most, high: most }
            }
            PathAxis::Loudness => Self { low: -70.0, high: 0.0 },
            PathAxis::Pitch => {
                let [low, high] =
                    range(axis).filter(|ends| ends.iter().all(|end| end.is_finite())).unwrap_or([60.0; 2]);
                let middle = (low + high) * 0.5;
                let half = ((high - low) * 0.5 + 2.0).clamp(LEAST_SEMITONES * 0.5, 64.0);
                Self { low: (middle - half).floor(), high: (middle + half).ceil() }
            }
            PathAxis::Voicing => Self { low: 0.0, high: 1.0 },
        }
    }

    /// Where a value is, 0 being the lower edge.
    pub fn share(&self, value: f32) -> f32 {
        (value - self.low) / (self.high - self.low)
    }

    /// The value at a share of the height.
    pub fn value(&self, share: f32) -> f32 {
        self.low + (self.high - self.low) * share
    }

    /// Values with a line, from below, at most so many.
    pub fn ticks(&self, axis: PathAxis, most: usize) -> Vec<f32> {
        let steps: &[f32] = match axis {
            PathAxis::Latent(_) => &[1.0, 2.0, 3.0, 4.0, 8.0],
            PathAxis::Loudness => &[10.0, 20.0, 30.0, 60.0],
            PathAxis::Pitch => &[1.0, 2.0, 4.0, 6.0, 12.0, 24.0, 48.0],
            PathAxis::Voicing => &[0.25, 0.5, 1.0],
        };
        let count = |step: f32| ((self.high / step).floor() - (self.low / step).ceil()) as usize + 1;
        let last = *steps.last().expect("every axis has steps");
        let step = steps.iter().copied().find(|&step| count(step) <= most.max(2)).unwrap_or(last);
        let first = (self.low / step).ceil();
        (0..count(step)).map(|n| (first + n as f32) * step).collect()
    }
}

/// The nearest value that an axis can have.
pub fn limit(axis: PathAxis, value: f32) -> f32 {
    match axis {
        PathAxis::Latent(_) => value.clamp(-MOST_SD, MOST_SD),
        PathAxis::Loudness => value.clamp(-120.0, 20.0),
        PathAxis::Pitch => value.clamp(0.0, 127.0),
        PathAxis::Voicing => value.clamp(0.0, 1.0),
    }
}

/// Where an axis is at rest; a pitch is nowhere.
pub fn rest(axis: PathAxis) -> Option<f32> {
    match axis {
        PathAxis::Latent(_) | PathAxis::Voicing => Some(0.0),
        PathAxis::Loudness => Some(REST_DB),
        PathAxis::Pitch => None,
    }
}

/// How much an arrow key moves a value.
pub fn nudge(axis: PathAxis) -> f32 {
    match axis {
        PathAxis::Latent(_) => 0.1,
        PathAxis::Loudness | PathAxis::Pitch => 1.0,
        PathAxis::Voicing => 0.05,
    }
}

/// What an axis is called.
pub fn name(axis: PathAxis) -> String {
    match axis {
        PathAxis::Latent(dim) => (dim + 1).to_string(),
        PathAxis::Loudness => "Loudness".into(),
        PathAxis::Pitch => "Pitch".into(),
        PathAxis::Voicing => "Voicing".into(),
    }
}

/// A value with its unit.
pub fn text(axis: PathAxis, value: f32) -> String {
    let text = match axis {
        PathAxis::Latent(_) => format!("{value:.2} sd"),
        PathAxis::Loudness => format!("{value:.1} dB"),
        PathAxis::Pitch => {
            let key = value.round();
            let cents = ((value - key) * 100.0).round();
            let away = if cents == 0.0 { String::new() } else { format!(" {cents:+.0} ct") };
            format!("{}{}", format::key(key as i32), away.replace('-', "\u{2212}"))
        }
        PathAxis::Voicing => format!("{:.0} %", value * 100.0),
    };
    text.strip_prefix('-').map_or_else(|| text.clone(), |rest| format!("\u{2212}{rest}"))
}

/// The value of a line on a scale, short.
pub fn tick(axis: PathAxis, value: f32) -> String {
    match axis {
        PathAxis::Pitch => format::key(value.round() as i32),
        PathAxis::Voicing => format!("{:.0} %", value * 100.0),
        _ if value < 0.0 => format!("\u{2212}{:.0}", -value),
        _ => format!("{value:.0}"),
    }
}

/// What to type for a value, with an example at the end.
pub fn hint(axis: PathAxis) -> &'static str {
    match axis {
        PathAxis::Latent(_) => "standard deviations, as 1.5",
        PathAxis::Loudness => "dB, as \u{2212}24",
        PathAxis::Pitch => "a note, as A3 or 57",
        PathAxis::Voicing => "per cent, as 50",
    }
}

/// The value that a typed text means: a number with or without its unit, a key as C#3 of a pitch.
pub fn parse(axis: PathAxis, text: &str) -> Option<f32> {
    let quantity = match axis {
        PathAxis::Latent(_) => Quantity::Deviations,
        PathAxis::Loudness => Quantity::Decibels,
        PathAxis::Pitch => Quantity::Key,
        PathAxis::Voicing => Quantity::Percent,
    };
    typed::read(text, quantity, [f32::MIN, f32::MAX]).map(|value| limit(axis, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn a_scale_holds_what_is_there_and_its_ticks_lie_within() {
        let path = fake::path("One", 16, 690, 1);
        for axis in PathAxis::all(16) {
            let scale = Scale::of(axis, &path);
            let ticks = scale.ticks(axis, 6);
            assert!((2..=7).contains(&ticks.len()), "{axis:?}: {ticks:?}");
            assert!(ticks.iter().all(|&value| (-0.001..=1.001).contains(&scale.share(value))), "{axis:?}: {ticks:?}");
            assert!((scale.share(scale.value(0.3)) - 0.3).abs() < 1e-5);
        }
        let empty = Scale::of(PathAxis::Pitch, &PathView::default());
        assert!(empty.high - empty.low >= 12.0);
    }

    #[test]
    fn values_are_told_and_typed_in_the_axis_unit() {
        let said = [
            (PathAxis::Latent(2), -1.2),
            (PathAxis::Loudness, -24.0),
            (PathAxis::Pitch, 69.0),
            (PathAxis::Voicing, 0.5),
        ];
        let texts: Vec<String> = said.iter().map(|&(axis, value)| text(axis, value)).collect();
        assert_eq!(texts, ["\u{2212}1.20 sd", "\u{2212}24.0 dB", "A4", "50 %"]);
        for ((axis, value), text) in said.into_iter().zip(&texts) {
            assert_eq!(parse(axis, text), Some(value), "{text}");
        }
        for (axis, value) in said {
            let example = hint(axis).rsplit(' ').next().unwrap();
            let wanted = match axis {
                PathAxis::Latent(_) => 1.5,
                PathAxis::Pitch => 57.0,
                _ => value,
            };
            assert_eq!(parse(axis, example), Some(wanted), "{}", hint(axis));
        }
        assert_eq!(text(PathAxis::Pitch, 60.78), "C#4 \u{2212}22 ct");
        assert_eq!(
            [parse(PathAxis::Pitch, "60.5"), parse(PathAxis::Latent(0), "far"), parse(PathAxis::Voicing, "7")],
            [Some(60.5), None, Some(0.07)]
        );
    }
}
