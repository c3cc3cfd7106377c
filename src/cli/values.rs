//! Values on the command line that are more than a number.

use std::str::FromStr;

use crate::codes::curve::CurveShape;
use crate::dsp::descriptors::Descriptor;
use crate::dsp::pitch::hz_of_note;
use crate::model::provider::{Provider, ProviderChoice};

/// A note: a name (`C4`, `F#2`, `Bb3`), a MIDI number (`60`) or a frequency (`440Hz`). A4 is 440 Hz.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Note {
    pub(super) hz: f32,
}

impl FromStr for Note {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || {
            "should be a note from C-1 to G9 such as C4 or F#2, a MIDI number, or a frequency from 20Hz to 8000Hz"
                .to_owned()
        };
        let text = text.trim();
        if let Some(number) = text.strip_suffix("Hz").or(text.strip_suffix("hz")) {
            let hz: f32 = number.trim().parse().map_err(|_| error())?;
            return if (20.0..=8000.0).contains(&hz) { Ok(Self { hz }) } else { Err(error()) };
        }
        let number = match text.parse::<f32>() {
            Ok(number) => number,
            Err(_) => {
                let mut letters = text.chars();
                let step = match letters.next().ok_or_else(error)?.to_ascii_uppercase() {
                    'C' => 0,
                    'D' => 2,
                    'E' => 4,
                    'F' => 5,
                    'G' => 7,
                    'A' => 9,
                    'B' => 11,
                    _ => return Err(error()),
                };
                let rest = letters.as_str();
                let (turn, rest) = match rest.chars().next() {
                    Some('#') => (1, &rest[1..]),
                    Some('b') => (-1, &rest[1..]),
                    _ => (0, rest),
                };
                let octave: i16 = rest.parse().map_err(|_| error())?;
                if !(-1..=9).contains(&octave) {
                    return Err(error());
                }
                f32::from(12 * (octave + 1) + step + turn)
            }
        };
        if (0.0..=127.0).contains(&number) { Ok(Self { hz: hz_of_note(number) }) } else { Err(error()) }
    }
}

/// A descriptor and where its curve comes from: `centroid=sine`, `centroid=sine:500..2000`, `centroid=drawn.csv`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GoalChoice {
    pub(super) descriptor: Descriptor,
    /// A shape's name, or a file's.
    pub(super) curve: String,
    /// Only for shapes.
    pub(super) range: Option<(f32, f32)>,
}

impl FromStr for GoalChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || "should be a descriptor and a curve, such as centroid=sine, centroid=exp:500..2000 or centroid=drawn.csv";
        let (descriptor, curve) = text.split_once('=').ok_or_else(error)?;
        let descriptor = descriptor.parse()?;
        let parts =
            curve.split_once(':').filter(|(shape, _)| CurveShape::ALL.iter().any(|known| known.name() == *shape));
        let Some((shape, range)) = parts else {
            return if curve.is_empty() {
                Err(error().into())
            } else {
                Ok(Self { descriptor, curve: curve.into(), range: None })
            };
        };
        let ends = range.split_once("..").and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
        let range: (f32, f32) = ends.filter(|(a, b): &(f32, f32)| a.is_finite() && b.is_finite()).ok_or_else(error)?;
        Ok(Self { descriptor, curve: shape.into(), range: Some(range) })
    }
}

/// A descriptor's weight: `centroid=2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WeightChoice {
    pub(super) descriptor: Descriptor,
    pub(super) weight: f32,
}

impl FromStr for WeightChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || "should be a descriptor and a number, such as centroid=2".to_owned();
        let (descriptor, weight) = text.split_once('=').ok_or_else(error)?;
        Ok(Self { descriptor: descriptor.parse()?, weight: weight.trim().parse().map_err(|_| error())? })
    }
}

/// An execution provider, built in or not: one that is not runs on the CPU and says so.
pub(super) fn provider(word: &str) -> Result<ProviderChoice, String> {
    match ProviderChoice::from(word.to_owned()) {
        ProviderChoice::Unknown(_) => {
            let known: Vec<&str> = Provider::ALL.into_iter().map(Provider::id).collect();
            Err(format!("should be auto, {}", known.join(", ")))
        }
        choice => Ok(choice),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_names_numbers_or_frequencies() {
        for (text, hz) in
            [("A4", 440.0), ("69", 440.0), ("440Hz", 440.0), ("c4", 261.6256), ("Bb3", 233.0819), ("A#3", 233.0819)]
        {
            let found = text.parse::<Note>().expect(text).hz;
            assert!((found - hz).abs() < 0.01, "{text}: {found}");
        }
        for bad in ["", "H4", "C", "C99", "-1", "128", "1Hz", "NaN", "infHz", "C#"] {
            assert!(bad.parse::<Note>().is_err(), "{bad}");
        }
    }

    #[test]
    fn goals_are_shapes_with_a_range_or_files() {
        let goal: GoalChoice = "centroid=sine:500..2000".parse().expect("a goal");
        assert_eq!((goal.curve.as_str(), goal.range), ("sine", Some((500.0, 2000.0))));
        let goal: GoalChoice = "bandwidth=C:\\a:b.csv".parse().expect("a goal");
        assert_eq!((goal.curve.as_str(), goal.range), ("C:\\a:b.csv", None));
        for bad in ["", "centroid", "centroid=", "brightness=sine", "centroid=sine:5", "centroid=sine:NaN..3"] {
            assert!(bad.parse::<GoalChoice>().is_err(), "{bad}");
        }
        assert!("centroid=x".parse::<WeightChoice>().is_err());
    }
}
