//! Curves that were drawn elsewhere, read from CSV files.

use std::path::{Path, PathBuf};

/// Most lines of a drawn curve.
pub const MAX_POINTS: usize = 1_000_000;

/// Why a drawn curve cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum CurveError {
    #[error("{}: cannot be read ({reason}); check the path and that you may read the file", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{}: holds no values; expected one number per line, or “seconds, value”. Draw or export the curve again", path.display())]
    Empty { path: PathBuf },
    #[error("{}, line {line}: expected {expected}, found “{found}”. Correct the line, or remove it", path.display())]
    Line { path: PathBuf, line: usize, expected: &'static str, found: String },
    #[error("{}: has more than {MAX_POINTS} lines; thin it out", path.display())]
    TooLong { path: PathBuf },
}

/// A drawn curve: what it is worth when.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// `(seconds, value)`, in order of time; where the file gives no times, 0 to 1 over the whole.
    pub points: Vec<(f32, f32)>,
    /// Whether the file gives times.
    pub is_timed: bool,
    /// The line of each point in the file, from 1.
    pub lines: Vec<usize>,
}

impl Drawn {
    /// Reads a CSV file: a number per line, or seconds and a number; `,`, `;` or a tab between them; a heading and lines
    /// that begin with `#` are skipped. Blocks, allocates.
    ///
    /// # Errors
    /// Names the file, the line, what was expected and what was found.
    pub fn read(path: &Path) -> Result<Self, CurveError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| CurveError::Unreadable { path: path.into(), reason: error.to_string() })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, CurveError> {
        let mut points: Vec<(f32, f32)> = Vec::new();
        let mut lines = Vec::new();
        let mut is_timed = None;
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let content = line.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let bad = |expected| CurveError::Line {
                path: path.into(),
                line: index + 1,
                expected,
                found: content.chars().take(60).collect(),
            };
            let fields: Vec<&str> = content.split([',', ';', '\t']).map(str::trim).collect();
            let numbers: Option<Vec<f32>> = fields.iter().map(|field| field.parse().ok()).collect();
            let Some(numbers) = numbers else {
                // Only the first line may be a heading, and a heading has no number in it.
                let is_heading = is_timed.is_none() && fields.iter().all(|field| field.parse::<f32>().is_err());
                if is_heading && index == 0 {
                    continue;
                }
                return Err(bad("a number, or seconds and a number"));
            };
            if numbers.iter().any(|number| !number.is_finite()) {
                return Err(bad("finite numbers"));
            }
            let (seconds, value) = match numbers[..] {
                [value] => (None, value),
                [seconds, value] => (Some(seconds), value),
                _ => return Err(bad("one or two numbers")),
            };
            if *is_timed.get_or_insert(seconds.is_some()) != seconds.is_some() {
                return Err(bad("as many numbers as in the lines before"));
            }
            let seconds = seconds.unwrap_or(points.len() as f32);
            if seconds < 0.0 || points.last().is_some_and(|last| seconds < last.0) {
                return Err(bad("a time not before that of the line above, from 0"));
            }
            if points.len() == MAX_POINTS {
                return Err(CurveError::TooLong { path: path.into() });
            }
            points.push((seconds, value));
            lines.push(index + 1);
        }
        let Some(last) = points.last().map(|point| point.0) else {
            return Err(CurveError::Empty { path: path.into() });
        };
        let is_timed = is_timed.unwrap_or(false);
        if !is_timed {
            points.iter_mut().for_each(|point| point.0 /= last.max(1.0));
        }
        Ok(Self { points, is_timed, lines })
    }

    /// The time of the last point, seconds; `None` where the file gives no times.
    pub fn seconds(&self) -> Option<f32> {
        self.points.last().filter(|_| self.is_timed).map(|point| point.0)
    }

    /// Its value at a time (in seconds, or 0 to 1), straight lines between the points, held at both ends.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn at(&self, time: f32) -> f32 {
        let above = self.points.partition_point(|point| point.0 <= time);
        match (above.checked_sub(1).and_then(|low| self.points.get(low)), self.points.get(above)) {
            (Some(low), Some(high)) => low.1 + (high.1 - low.1) * (time - low.0) / (high.0 - low.0).max(1e-9),
            (Some(only), None) | (None, Some(only)) => only.1,
            (None, None) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Drawn, CurveError> {
        Drawn::parse(Path::new("drawn.csv"), text)
    }

    #[test]
    fn a_drawn_curve_is_straight_between_its_points() {
        let timed = parse("seconds;hz\n0; 100\n1; 200\n\n# the end\n3; 0\n").unwrap();
        assert_eq!((timed.seconds(), timed.at(0.5), timed.at(2.0), timed.at(9.0)), (Some(3.0), 150.0, 100.0, 0.0));
        assert_eq!(timed.lines, [2, 3, 6]);
        let plain = parse("1\n2\n4").unwrap();
        assert_eq!((plain.seconds(), plain.at(0.25), plain.at(0.75)), (None, 1.5, 3.0));
        assert_eq!(parse("7").unwrap().at(0.3), 7.0);
    }

    #[test]
    fn a_bad_curve_is_refused_by_file_and_line() {
        for (text, told) in [
            ("100\nNaN\n", "drawn.csv, line 2: expected finite numbers, found “NaN”"),
            ("100\n\n1e39\n", "line 3: expected finite numbers"),
            ("0,1\n1,2\n0.5,3\n", "line 3: expected a time not before"),
            ("0,1\n2\n", "line 2: expected as many numbers"),
            ("1,2,3\n", "line 1: expected one or two"),
            ("1\nlouder\n", "line 2: expected a number"),
            ("", "holds no values"),
            ("# nothing\nseconds, hz\n", "line 2: expected a number"),
            ("hz\n", "holds no values"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(told) && error.contains("drawn.csv"), "{text:?}: {error}");
        }
        let error = Drawn::read(Path::new("no-such.csv")).unwrap_err().to_string();
        assert!(error.contains("no-such.csv"), "{error}");
    }
}
