//! Patterns as JSON that a person can write: `{"1": [{"steps": "9...5...9...5.7."}]}` is a line of the first pattern.
//!
//! A pattern is a list of lines by track, and only what differs from a new one is written. In `steps` a dot rests, and a
//! digit is a velocity, 9 the hardest. `length` is how many of the steps are played, if not all; `details` has by step,
//! counted from 1, what a digit does not say: `{"3": {"velocity": 87, "probability": 50, "ratchet": 3, "shift": -20}}`.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{LENGTHS, Line, PROBABILITIES, Pattern, Patterns, RATCHETS, SHIFTS, Step, VELOCITIES};
use crate::drums::{PATTERNS, STEPS, TRACKS};

/// A step that rests.
const REST: char = '.';

/// The digit of the hardest velocity.
const HARDEST: u8 = 9;

/// What errors expect.
const LINE_KEYS: &str = "“steps”, “length” or “details”";
const STEP_KEYS: &str = "“velocity”, “probability”, “ratchet” or “shift”";
const MARKS: &str = "“.” or a digit from 1 to 9";
const NO_VELOCITY: &str = "absent, since “steps” has a rest there";

/// Characters of what was found that an error repeats.
const MAX_FOUND_CHARS: usize = 60;

/// Why a text is no patterns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("In {place}, {key} should be {expected}, but is {found}.")]
pub struct PatternError {
    /// Where: “pattern 2, line 3”.
    pub place: String,
    /// What there.
    pub key: String,
    /// What would do.
    pub expected: String,
    /// What is there.
    pub found: String,
}

fn error(place: &str, key: impl Display, expected: impl Display, found: impl Display) -> PatternError {
    let found = found.to_string().chars().take(MAX_FOUND_CHARS).collect();
    PatternError { place: place.to_owned(), key: key.to_string(), expected: expected.to_string(), found }
}

impl Patterns {
    /// Reads them; those that are not there are empty.
    ///
    /// # Errors
    /// At the first thing that is unknown, or not what it should be.
    pub fn read(json: &Value) -> Result<Self, PatternError> {
        let mut patterns = Self::default();
        for (key, json) in object(json, "the patterns", "the whole")? {
            let expected = format!("the number of a pattern, 1 to {PATTERNS}");
            let n = number(key, PATTERNS).ok_or_else(|| error("the patterns", "a key", expected, quoted(key)))?;
            patterns.0[n - 1] = pattern(json, &format!("pattern {n}"))?;
        }
        Ok(patterns)
    }
}

fn pattern(json: &Value, place: &str) -> Result<Pattern, PatternError> {
    let mut pattern = Pattern::default();
    let expected = format!("a list of at most {TRACKS} lines");
    let lines = json.as_array().ok_or_else(|| error(place, "the whole", &expected, json))?;
    if lines.len() > TRACKS {
        return Err(error(place, "the whole", expected, format!("one of {}", lines.len())));
    }
    for (n, (line, json)) in pattern.lines.iter_mut().zip(lines).enumerate() {
        *line = read_line(json, &format!("{place}, line {}", n + 1))?;
    }
    Ok(pattern)
}

fn read_line(json: &Value, place: &str) -> Result<Line, PatternError> {
    let mut line = Line::default();
    let (mut length, mut details) = (None, None);
    for (key, json) in object(json, place, "the whole")? {
        match key.as_str() {
            "steps" => read_steps(&mut line, json, place)?,
            "length" => length = Some(whole(json, LENGTHS, place, "“length”")?),
            "details" => details = Some(object(json, place, "“details”")?),
            _ => return Err(error(place, "a key", LINE_KEYS, quoted(key))),
        }
    }
    for (key, json) in details.into_iter().flatten() {
        let expected = format!("the number of a step, 1 to {STEPS}");
        let n = number(key, STEPS).ok_or_else(|| error(place, "a key of “details”", expected, quoted(key)))?;
        line.steps[n - 1] = read_details(line.steps[n - 1], json, &format!("{place}, step {n}"))?;
    }
    Ok(length.map_or(line, |length| line.with_length(length)))
}

/// As long as the text is.
fn read_steps(line: &mut Line, json: &Value, place: &str) -> Result<(), PatternError> {
    let wrong = |found: &dyn Display| error(place, "“steps”", format!("a text of 1 to {STEPS} steps"), found);
    let text = json.as_str().ok_or_else(|| wrong(json))?;
    let length = text.chars().take(STEPS + 1).count();
    if !(1..=STEPS).contains(&length) {
        return Err(wrong(&quoted(text)));
    }
    *line = line.with_length(length as u8);
    for (n, (step, mark)) in line.steps.iter_mut().zip(text.chars()).enumerate() {
        let digit = mark.to_digit(10).filter(|digit| *digit > 0);
        match digit {
            Some(digit) => *step = step.with_velocity(velocity(digit as u8)),
            None if mark == REST => {}
            None => {
                let key = format!("step {} of “steps”", n + 1);
                return Err(error(place, key, MARKS, quoted(mark)));
            }
        }
    }
    Ok(())
}

fn read_details(mut step: Step, json: &Value, place: &str) -> Result<Step, PatternError> {
    for (key, json) in object(json, place, "the whole")? {
        step = match key.as_str() {
            "velocity" if step.is_rest() => {
                return Err(error(place, "“velocity”", NO_VELOCITY, json));
            }
            "velocity" => step.with_velocity(whole(json, VELOCITIES, place, "“velocity”")?),
            "probability" => step.with_probability(whole(json, PROBABILITIES, place, "“probability”")?),
            "ratchet" => step.with_ratchet(whole(json, RATCHETS, place, "“ratchet”")?),
            "shift" => step.with_shift(whole(json, SHIFTS, place, "“shift”")?),
            _ => return Err(error(place, "a key", STEP_KEYS, quoted(key))),
        }
    }
    Ok(step)
}

fn object<'a>(json: &'a Value, place: &str, key: &str) -> Result<&'a Map<String, Value>, PatternError> {
    json.as_object().ok_or_else(|| error(place, key, "an object in braces", json))
}

fn whole<T>(json: &Value, range: RangeInclusive<T>, place: &str, key: &str) -> Result<T, PatternError>
where
    T: Copy + Display + PartialOrd + TryFrom<i64>,
{
    let value = json.as_i64().and_then(|value| T::try_from(value).ok()).filter(|value| range.contains(value));
    let expected = || format!("a whole number from {} to {}", range.start(), range.end());
    value.ok_or_else(|| error(place, key, expected(), json))
}

/// A number counted from 1, as it is written: “01” would be the same one twice.
fn number(key: &str, most: usize) -> Option<usize> {
    (1..=most).find(|n| n.to_string() == key)
}

fn quoted(text: impl Display) -> String {
    format!("“{text}”")
}

/// What a digit from 1 to 9 says.
fn velocity(digit: u8) -> u8 {
    let (digit, hardest, most) = (u16::from(digit), u16::from(HARDEST), u16::from(*VELOCITIES.end()));
    ((digit * most + hardest / 2) / hardest) as u8
}

/// The mark that comes nearest to a step.
fn mark(step: Step) -> char {
    let nearest = (1..=HARDEST).min_by_key(|digit| velocity(*digit).abs_diff(step.velocity()));
    nearest.filter(|_| !step.is_rest()).map_or(REST, |digit| char::from(b'0' + digit))
}

/// What a step has that its mark does not say.
#[derive(Serialize)]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    velocity: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratchet: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shift: Option<i8>,
}

impl Details {
    /// `None` where the mark says all.
    fn of(step: Step) -> Option<Self> {
        let said = Step::default().with_velocity(mark(step).to_digit(10).map_or(0, |digit| velocity(digit as u8)));
        (step != said).then(|| Self {
            velocity: Some(step.velocity).filter(|velocity| *velocity != said.velocity),
            probability: Some(step.probability).filter(|probability| *probability != said.probability),
            ratchet: Some(step.ratchet).filter(|ratchet| *ratchet != said.ratchet),
            shift: Some(step.shift).filter(|shift| *shift != said.shift),
        })
    }
}

/// A line as it is written.
#[derive(Serialize)]
struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<u8>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    details: BTreeMap<usize, Details>,
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let details = self.steps.iter().enumerate().filter_map(|(n, step)| Some((n + 1, Details::of(*step)?)));
        // What lies beyond the length is kept, too.
        let last = self.steps.iter().rposition(|step| !step.is_rest()).map_or(0, |last| last + 1);
        let count = last.max(self.length.into());
        let steps: String = self.steps[..count].iter().map(|step| mark(*step)).collect();
        let is_empty = last == 0 && count == STEPS;
        Written {
            steps: Some(steps).filter(|_| !is_empty),
            length: Some(self.length).filter(|length| usize::from(*length) != count),
            details: details.collect(),
        }
        .serialize(serializer)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let filled = self.lines.iter().rposition(|line| *line != Line::default()).map_or(0, |last| last + 1);
        serializer.collect_seq(&self.lines[..filled])
    }
}

impl Serialize for Patterns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let filled = self.0.iter().enumerate().filter(|(_, pattern)| **pattern != Pattern::default());
        serializer.collect_map(filled.map(|(n, pattern)| (n + 1, pattern)))
    }
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dsp::noise::Noise;

    fn again(patterns: &Patterns) -> Patterns {
        serde_json::from_str(&serde_json::to_string(patterns).unwrap()).unwrap()
    }

    #[test]
    fn what_a_person_writes_is_read() {
        let text = r#"{"2": [{}, {"steps": "9...5.", "details":
            {"5": {"velocity": 70, "ratchet": 3}, "6": {"shift": -20}}}]}"#;
        let patterns: Patterns = serde_json::from_str(text).unwrap();
        let line = patterns.0[1].lines[1];
        assert_eq!((line.length(), line.steps[0].velocity(), line.steps[1]), (6, 127, Step::default()));
        assert_eq!(line.steps[4], Step::default().with_velocity(70).with_ratchet(3));
        assert_eq!(line.steps[5], Step::default().with_shift(-20));
        assert_eq!(serde_json::to_string(&patterns).unwrap(), text.replace(char::is_whitespace, ""));
    }

    #[test]
    fn digits_are_spaced_evenly_and_the_nearest_one_is_written() {
        assert_eq!([1, 2, 3, 4, 5, 6, 7, 8, 9].map(velocity), [14, 28, 42, 56, 71, 85, 99, 113, 127]);
        let marks = [0, 1, 14, 20, 22, 87, 127].map(|velocity| mark(Step::default().with_velocity(velocity)));
        assert_eq!(marks, ['.', '1', '1', '1', '2', '6', '9']);
    }

    #[test]
    fn only_what_differs_from_a_new_one_is_written() {
        let mut patterns = Patterns::default();
        assert_eq!(serde_json::to_value(patterns).unwrap(), json!({}));
        patterns.0[4].lines[2].steps[1] = Step::default().with_velocity(127);
        assert_eq!(serde_json::to_value(patterns).unwrap(), json!({"5": [{}, {}, {"steps": ".9.............."}]}));
        // Shorter, with a step that is not played.
        patterns.0[4].lines[2] = patterns.0[4].lines[2].with_length(1);
        assert_eq!(serde_json::to_value(patterns).unwrap(), json!({"5": [{}, {}, {"steps": ".9", "length": 1}]}));
        assert_eq!(again(&patterns), patterns);
        let short = json!({"1": [{"steps": "..."}]});
        assert_eq!(serde_json::to_value(Patterns::read(&short).unwrap()).unwrap(), short);
    }

    #[test]
    fn every_pattern_is_read_as_it_is_written() {
        let mut noise = Noise::new(1);
        let mut below = |most: u32| (noise.uniform() * most as f32) as u32;
        for _ in 0..300 {
            let mut patterns = Patterns::default();
            for line in patterns.0.iter_mut().flat_map(|pattern| &mut pattern.lines) {
                *line = line.with_length([16, below(20) as u8][below(2) as usize]);
                let kind = below(4);
                for step in line.steps.iter_mut().filter(|_| kind > 0) {
                    *step = match below(4) {
                        0 | 1 => Step::default(),
                        2 => Step::default().with_velocity(velocity(1 + below(9) as u8)),
                        _ => Step::default()
                            .with_velocity(below(128) as u8)
                            .with_probability(below(120) as u8)
                            .with_ratchet(below(10) as u8)
                            .with_shift(below(101) as i8 - 50),
                    };
                }
            }
            assert_eq!(again(&patterns), patterns);
        }
    }

    #[test]
    fn bad_text_is_refused_with_its_place() {
        let of_step = |step: &str, details: Value| json!({"1": [{"details": {step: details}}]});
        let velocity = |velocity: u8| json!({"1": [{"steps": "9", "details": {"1": {"velocity": velocity}}}]});
        let shift = |shift: Value| of_step("3", json!({"shift": shift}));
        let number = "a whole number from";
        for (json, place, key, expected, found) in [
            (json!([]), "the patterns", "the whole", "an object in braces", "[]"),
            (json!({"0": []}), "the patterns", "a key", "the number of a pattern, 1 to 8", "“0”"),
            (json!({"01": []}), "the patterns", "a key", "the number of a pattern, 1 to 8", "“01”"),
            (json!({"9": []}), "the patterns", "a key", "the number of a pattern, 1 to 8", "“9”"),
            (json!({"1": {}}), "pattern 1", "the whole", "a list of at most 8 lines", "{}"),
            (json!({"8": vec![json!({}); 9]}), "pattern 8", "the whole", "a list of at most 8 lines", "one of 9"),
            (json!({"1": ["9"]}), "pattern 1, line 1", "the whole", "an object in braces", "\"9\""),
            (json!({"1": [{}, {"step": "9"}]}), "pattern 1, line 2", "a key", LINE_KEYS, "“step”"),
            (json!({"1": [{"steps": 9}]}), "pattern 1, line 1", "“steps”", "a text of 1 to 16 steps", "9"),
            (json!({"1": [{"steps": ""}]}), "pattern 1, line 1", "“steps”", "a text of 1 to 16 steps", "“”"),
            (json!({"1": [{"steps": "9.0"}]}), "pattern 1, line 1", "step 3 of “steps”", MARKS, "“0”"),
            (json!({"1": [{"length": 17}]}), "pattern 1, line 1", "“length”", &format!("{number} 1 to 16"), "17"),
            (json!({"1": [{"details": 1}]}), "pattern 1, line 1", "“details”", "an object in braces", "1"),
            (
                of_step("17", json!({})),
                "pattern 1, line 1",
                "a key of “details”",
                "the number of a step, 1 to 16",
                "“17”",
            ),
            (of_step("3", json!(5)), "pattern 1, line 1, step 3", "the whole", "an object in braces", "5"),
            (of_step("3", json!({"pan": 1})), "pattern 1, line 1, step 3", "a key", STEP_KEYS, "“pan”"),
            (of_step("3", json!({"velocity": 5})), "pattern 1, line 1, step 3", "“velocity”", NO_VELOCITY, "5"),
            (velocity(0), "pattern 1, line 1, step 1", "“velocity”", &format!("{number} 1 to 127"), "0"),
            (velocity(128), "pattern 1, line 1, step 1", "“velocity”", &format!("{number} 1 to 127"), "128"),
            (shift(json!(-51)), "pattern 1, line 1, step 3", "“shift”", &format!("{number} -50 to 50"), "-51"),
            (shift(json!(0.5)), "pattern 1, line 1, step 3", "“shift”", &format!("{number} -50 to 50"), "0.5"),
            (shift(json!(1e300)), "pattern 1, line 1, step 3", "“shift”", &format!("{number} -50 to 50"), "1e+300"),
        ] {
            let refused = Patterns::read(&json).unwrap_err();
            assert_eq!(refused, error(place, key, expected, found), "{json}");
        }
        let long = json!({"1": [{"steps": "9".repeat(1_000_000)}]});
        assert!(Patterns::read(&long).unwrap_err().to_string().len() < 200);
        let error = serde_json::from_str::<Patterns>(r#"{"3": 7}"#).unwrap_err().to_string();
        assert!(error.starts_with("In pattern 3, the whole should be a list of at most 8 lines, but is 7."), "{error}");
    }
}
