//! A step as somebody types it: `bias 0.5 on 1,2 from 0.5 to 1.25`.

use std::str::FromStr;

use super::axis::Axes;
use super::operators::{Operator, Point, Step};

/// What may be said, for whoever said something else.
const EXPECTED: &str = "scale F, bias F, random F [seed N], reverse, smooth S, quantise S, envelope PLACE:GAIN,…, \
                        draw S:VALUE,…, slice, stretch F, loop N or cross_fade S, then [on AXES] [from S] [to S]";

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        let has_value = !matches!(name, "reverse" | "slice");
        let (value, pairs) = match &rest[..] {
            [value, pairs @ ..] if has_value => (*value, pairs),
            pairs => ("", pairs),
        };
        let number = || number(value, name);
        let operator = match name {
            "scale" => Operator::Scale { by: number()? },
            "bias" => Operator::Bias { by: number()? },
            "random" => Operator::Random { spread: number()?, seed: 1 },
            "reverse" => Operator::Reverse,
            "smooth" => Operator::Smooth { time_s: number()? },
            "quantise" => Operator::Quantise { step_s: number()? },
            "envelope" => Operator::Envelope { points: points(value)? },
            "draw" => Operator::Draw { points: points(value)? },
            "slice" => Operator::Slice,
            "stretch" => Operator::Stretch { by: number()? },
            "loop" => Operator::Loop { times: whole(value, name)? },
            "cross_fade" => Operator::CrossFade { time_s: number()? },
            _ => return Err(format!("“{text}” should be one of {EXPECTED}")),
        };
        let mut step = Self::new(operator, Axes::LATENT);
        let (mut from_s, mut to_s) = (None, None);
        for pair in pairs.chunks(2) {
            match (pair, &mut step.operator) {
                (["on", axes], _) => step.axes = axes.parse()?,
                (["from", time], _) => from_s = Some(self::number(time, "from")?),
                (["to", time], _) => to_s = Some(self::number(time, "to")?),
                (["seed", given], Operator::Random { seed, .. }) => *seed = whole(given, "seed")?,
                _ => return Err(format!("“{}” in “{text}”: expected was {EXPECTED}", pair.join(" "))),
            }
        }
        if from_s.is_some() || to_s.is_some() {
            step.range_s = Some((from_s.unwrap_or(0.0), to_s.unwrap_or(f32::MAX)));
        }
        Ok(step)
    }
}

fn number(text: &str, of: &str) -> Result<f32, String> {
    // Windows show a true minus.
    let value = text.replace('−', "-").parse().ok().filter(|value: &f32| value.is_finite());
    value.ok_or_else(|| format!("“{of} {text}”: a number was expected"))
}

fn whole(text: &str, of: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("“{of} {text}”: a whole number was expected"))
}

fn points(text: &str) -> Result<Vec<Point>, String> {
    let point = |pair: &str| {
        let (place, value) = pair.split_once(':').ok_or_else(|| format!("“{pair}”: place:value was expected"))?;
        Ok((number(place, "place")?, number(value, "value")?))
    };
    text.split(',').map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::Axis;

    #[test]
    fn a_step_is_read_with_its_axes_and_its_range() {
        let step = |text: &str| text.parse::<Step>().unwrap();
        assert_eq!(step("scale 1.5"), Step::new(Operator::Scale { by: 1.5 }, Axes::LATENT));
        assert_eq!(step("reverse on all"), Step::new(Operator::Reverse, Axes::ALL));
        let bias = step("bias −0.5 on 1,loudness from 0.5 to 2");
        assert_eq!((bias.operator, bias.range_s), (Operator::Bias { by: -0.5 }, Some((0.5, 2.0))));
        assert!(bias.axes.has(Axis::Latent(0)) && bias.axes.has(Axis::Loudness) && !bias.axes.has(Axis::Latent(1)));
        assert_eq!(step("random 0.3 seed 9").operator, Operator::Random { spread: 0.3, seed: 9 });
        assert_eq!(step("slice from 1").range_s, Some((1.0, f32::MAX)));
        assert_eq!(step("draw 0:0,1.5:-2 on 3").operator, Operator::Draw { points: vec![(0.0, 0.0), (1.5, -2.0)] });
    }

    #[test]
    fn what_is_no_step_is_told_with_what_would_be_one() {
        for (text, words) in [
            ("", "should be one of scale F"),
            ("scales 2", "should be one of scale F"),
            ("scale", "“scale ”: a number was expected"),
            ("scale two", "“scale two”: a number was expected"),
            ("bias nan", "a number was expected"),
            ("loop 1.5", "“loop 1.5”: a whole number was expected"),
            ("scale 2 seed 3", "“seed 3” in “scale 2 seed 3”"),
            ("reverse on", "“on” in “reverse on”"),
            ("bias 1 on 17", "“17” should be a dimension from 1 to 16"),
            ("draw 1", "“1”: place:value was expected"),
        ] {
            let error = text.parse::<Step>().unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
