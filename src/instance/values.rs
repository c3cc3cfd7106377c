//! Parameters by what they hold: their range, how they are shown, and how what people type is read.

use std::sync::Arc;

use nih_plug::prelude::*;
use plugin_ui::typed::{self, Quantity};

/// Held as a factor and shown in percent.
pub(super) fn percentage(name: impl Into<String>, default: f32, min: f32, max: f32) -> FloatParam {
    percent(FloatParam::new(name, default, FloatRange::Linear { min, max }), [min, max])
}

/// The same in whole percent: finer steps are not heard.
pub(super) fn whole_percentage(name: impl Into<String>, default: f32, min: f32, max: f32) -> FloatParam {
    percentage(name, default, min, max).with_value_to_string(formatters::v2s_f32_percentage(0))
}

/// The same over any range.
pub(super) fn percent(param: FloatParam, range: [f32; 2]) -> FloatParam {
    param
        .with_unit(" %")
        .with_value_to_string(formatters::v2s_f32_percentage(1))
        .with_string_to_value(reader(Quantity::Percent, range))
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
    as_held(FloatParam::new(name, default, FloatRange::Linear { min, max }), [min, max], unit, digits)
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
    let range = FloatRange::Skewed { min, max, factor: FloatRange::skew_factor(skew) };
    as_held(FloatParam::new(name, default, range), [min, max], unit, digits)
}

/// A frequency that is shown in Hz and, from 1000 on, in kHz; finer at the low end.
pub(super) fn frequency(name: &str, default_hz: f32, range_hz: [f32; 2]) -> FloatParam {
    skewed(name, default_hz, range_hz, -2.0, "", 2)
        .with_value_to_string(formatters::v2s_f32_hz_then_khz(2))
        .with_string_to_value(reader(Quantity::Hertz, range_hz))
}

/// Held as linear gain and shown in dB.
pub(super) fn gain(name: &str, default: f32, [low_db, high_db]: [f32; 2]) -> FloatParam {
    let [min, max] = [low_db, high_db].map(util::db_to_gain);
    let range = FloatRange::Skewed { min, max, factor: FloatRange::gain_skew_factor(low_db, high_db) };
    FloatParam::new(name, default, range)
        .with_unit(" dB")
        .with_value_to_string(formatters::v2s_f32_gain_to_db(1))
        .with_string_to_value(reader(Quantity::Gain, [min, max]))
}

/// A whole number.
pub(super) fn whole(name: impl Into<String>, default: i32, min: i32, max: i32) -> IntParam {
    let read = reader(Quantity::Number, [min as f32, max as f32]);
    IntParam::new(name, default, IntRange::Linear { min, max })
        .with_string_to_value(Arc::new(move |text| read(text).map(|value| value.round() as i32)))
}

/// On or off. What is neither leaves it as it is.
pub(super) fn switch(name: impl Into<String>, default: bool) -> BoolParam {
    BoolParam::new(name, default).with_string_to_value(Arc::new(|text| match text.trim().to_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Some(true),
        "off" | "false" | "no" | "0" => Some(false),
        _ => None,
    }))
}

fn as_held(param: FloatParam, range: [f32; 2], unit: &'static str, digits: usize) -> FloatParam {
    let quantity = match unit {
        " dB" => Quantity::Decibels,
        " st" => Quantity::Semitones,
        " ms" => Quantity::Milliseconds,
        " Hz" => Quantity::Hertz,
        " sd" => Quantity::Deviations,
        " x" => Quantity::Factor,
        _ => Quantity::Number,
    };
    param
        .with_unit(unit)
        .with_value_to_string(formatters::v2s_f32_rounded(digits))
        .with_string_to_value(reader(quantity, range))
}

type Reader = Arc<dyn Fn(&str) -> Option<f32> + Send + Sync>;

fn reader(quantity: Quantity, range: [f32; 2]) -> Reader {
    Arc::new(move |text| typed::read(text, quantity, range))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::codes_params::CodesParams;
    use crate::instance::drums_params::DrumsParams;
    use crate::instance::effect_params::EffectParams;
    use crate::instance::param_set::{ParamSet, Typed};

    fn all() -> [ParamSet; 3] {
        let params: [Arc<dyn Params>; 3] =
            [Arc::new(EffectParams::default()), Arc::new(CodesParams::default()), Arc::new(DrumsParams::default())];
        params.map(ParamSet::new)
    }

    #[test]
    fn every_parameter_reads_what_it_shows_however_it_is_typed() {
        for set in all() {
            for (id, param) in set.all() {
                for step in 0..=40 {
                    let share = param.nearest(step as f32 / 40.0);
                    let shown = param.text(share);
                    let mut typed =
                        vec![shown.clone(), format!("  {shown} "), shown.replace(' ', ""), shown.to_lowercase()];
                    if matches!(param.typed(), Typed::Float(_)) {
                        typed.extend([shown.replace('.', ","), shown.replace('-', "\u{2212}"), shown.to_uppercase()]);
                        let unit = shown.trim_end_matches(|letter: char| letter.is_alphabetic() || letter == '%');
                        typed.extend((!shown.ends_with("kHz")).then(|| unit.to_owned()));
                    }
                    for text in typed {
                        let read = param.parse(&text);
                        let again = read.map(|share| param.text(share));
                        assert_eq!(again.as_deref(), Some(shown.as_str()), "{id}: {text:?} -> {read:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_parameter_takes_what_means_nothing() {
        for set in all() {
            for (id, param) in set.all() {
                for text in ["", "loud", "--3", "3 apples", "1.2.3", "nan", "\u{221E}"] {
                    assert_eq!(param.parse(text), None, "{id}: {text:?}");
                }
            }
        }
    }

    #[test]
    fn the_band_pass_goes_where_it_is_typed() {
        let set = ParamSet::new(Arc::new(EffectParams::default()));
        let param = set.get("feedback_frequency").expect("it is there");
        for (text, hz) in [("1k", 1000.0), ("2k", 2000.0), ("1,5 kHz", 1500.0), ("A4", 440.0), ("1,000 Hz", 1000.0)] {
            let share = param.parse(text).expect("it means something");
            assert!((param.plain(share) - hz).abs() < 0.1, "{text}: {} Hz", param.plain(share));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_a_value_out_of_range_or_a_panic(text in ".{0,12}") {
            let set = ParamSet::new(Arc::new(EffectParams::default()));
            for (id, param) in set.all() {
                if let Some(share) = param.parse(&text) {
                    proptest::prop_assert!((0.0..=1.0).contains(&share), "{}: {:?} -> {}", id, text, share);
                }
            }
        }
    }
}
