//! Parameters that are numbers: their range, and how they are shown.

use nih_plug::prelude::*;

/// Held as a factor and shown in percent.
pub(super) fn percentage(name: impl Into<String>, default: f32, min: f32, max: f32) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Linear { min, max })
        .with_unit(" %")
        .with_value_to_string(formatters::v2s_f32_percentage(1))
        .with_string_to_value(formatters::s2v_f32_percentage())
}

/// Shown as it is held.
pub(super) fn linear(
    name: impl Into<String>,
    default: f32,
    min: f32,
    max: f32,
    unit: &'static str,
    digits: usize,
) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Linear { min, max })
        .with_unit(unit)
        .with_value_to_string(formatters::v2s_f32_rounded(digits))
}

/// Finer at the low end, the more so the further `skew` is below 0.
pub(super) fn skewed(
    name: &str,
    default: f32,
    [min, max]: [f32; 2],
    skew: f32,
    unit: &'static str,
    digits: usize,
) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Skewed { min, max, factor: FloatRange::skew_factor(skew) })
        .with_unit(unit)
        .with_value_to_string(formatters::v2s_f32_rounded(digits))
}
