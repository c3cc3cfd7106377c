//! The sound view: the last seconds of what was heard, and how a place in it reads.

use std::collections::VecDeque;

use crate::sound::{SOUND_BANDS, SoundColumn, band_hz};
use crate::{Status, format, summary};

/// How much of the past the view shows, seconds.
pub const SPAN_S: f64 = 8.0;
/// The picture's columns: so many a second, whatever the rate at which the sound comes.
pub const TEXELS_PER_S: f64 = 64.0;
/// Columns further apart than this are not the same sound: what lies between is silence.
const GAP_S: f64 = 0.06;

/// What the sound view keeps between frames.
#[derive(Debug, Default)]
pub struct SoundView {
    columns: VecDeque<SoundColumn>,
    /// Rises whenever the sound begins again.
    pub epoch: u64,
}

impl SoundView {
    /// Takes the frame's columns. Time that goes back is a new sound.
    pub fn update(&mut self, status: &Status) {
        for column in &status.sound {
            if !column.at_s.is_finite() {
                continue;
            }
            if self.newest_s().is_some_and(|newest_s| column.at_s < newest_s) {
                self.columns.clear();
                self.epoch += 1;
            }
            self.columns.push_back(column.clone());
        }
        let Some(newest_s) = self.newest_s() else { return };
        while self.columns.front().is_some_and(|column| newest_s - column.at_s > SPAN_S) {
            self.columns.pop_front();
        }
    }

    /// Time of the newest column, seconds since the sound began; `None` before any.
    pub fn newest_s(&self) -> Option<f64> {
        self.columns.back().map(|column| column.at_s)
    }

    /// All that is kept, oldest first.
    pub fn columns(&self) -> impl DoubleEndedIterator<Item = &SoundColumn> {
        self.columns.iter()
    }

    pub fn newest(&self) -> Option<&SoundColumn> {
        self.columns.back()
    }

    /// The last column up to a time, `None` in a gap.
    pub fn at(&self, at_s: f64) -> Option<&SoundColumn> {
        let after = self.columns.partition_point(|column| column.at_s <= at_s);
        let column = self.columns.get(after.checked_sub(1)?)?;
        (at_s - column.at_s <= GAP_S).then_some(column)
    }

    /// What belongs into a column of the picture; these are numbered from the beginning of the sound.
    pub fn texel(&self, number: i64) -> Option<&SoundColumn> {
        self.at((number + 1) as f64 / TEXELS_PER_S)
    }
}

/// The column of the picture in which a time lies.
pub fn texel_at(at_s: f64) -> i64 {
    (at_s * TEXELS_PER_S).floor() as i64
}

/// The band in which a frequency lies, as a place between bands.
pub fn band_at(hz: f32) -> f32 {
    let (low, high) = (band_hz(0.0), band_hz((SOUND_BANDS - 1) as f32));
    (hz / low).ln() / (high / low).ln() * (SOUND_BANDS - 1) as f32
}

/// The nearest note of equal temperament and how far away the frequency is, as `A4 +12 ct`.
pub fn note(hz: f32) -> String {
    let exact = 69.0 + 12.0 * (hz / 440.0).log2();
    if !exact.is_finite() {
        return String::new();
    }
    let nearest = exact.round();
    let cents = ((exact - nearest) * 100.0).round();
    let sign = if cents > 0.0 { "+" } else { "" };
    format!("{} {sign}{} ct", format::key(nearest as i32), summary::signed(cents, 0))
}

/// A frequency for reading.
pub fn hertz(hz: f32) -> String {
    match hz {
        _ if hz >= 10_000.0 => format!("{:.1} kHz", hz / 1000.0),
        _ if hz >= 1000.0 => format!("{:.2} kHz", hz / 1000.0),
        _ => format!("{hz:.0} Hz"),
    }
}

/// What is heard now, as one text for a screen reader; `input` is what that is called which comes in, if anything does.
pub fn spoken(view: &SoundView, input: Option<&str>) -> String {
    let Some(column) = view.newest() else { return "No sound yet.".to_owned() };
    let side = |name: &str, hz: Option<f32>, loudness_db: f32| {
        let pitch = hz.map_or_else(|| "no pitch".to_owned(), |hz| format!("{} ({})", hertz(hz), note(hz)));
        format!("{name}: {pitch}, {}(A).", summary::level(loudness_db))
    };
    let input = input.map(|name| side(name, column.input_hz, column.input_loudness_db) + " ");
    input.unwrap_or_default() + &side("Output", column.output_hz, column.output_loudness_db)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(at_s: f64) -> SoundColumn {
        SoundColumn {
            at_s,
            input_db: [-60.0; SOUND_BANDS],
            output_db: [-60.0; SOUND_BANDS],
            input_hz: Some(440.0),
            output_hz: None,
            input_loudness_db: -20.0,
            output_loudness_db: f32::NEG_INFINITY,
        }
    }

    fn heard(times: &[f64]) -> SoundView {
        let mut view = SoundView::default();
        let sound = times.iter().map(|&at_s| column(at_s)).collect();
        view.update(&Status { sound, ..Status::default() });
        view
    }

    #[test]
    fn keeps_the_span_and_forgets_what_is_older() {
        let times: Vec<f64> = (0..1000).map(|n| f64::from(n) * 0.02).collect();
        let view = heard(&times);
        let oldest = view.columns().next().unwrap().at_s;
        assert!(view.newest_s().unwrap() - oldest <= SPAN_S && view.columns().count() >= 400);
    }

    #[test]
    fn time_that_goes_back_is_a_new_sound() {
        let view = heard(&[1.0, 1.02, 0.0, f64::NAN, 0.02]);
        assert_eq!((view.epoch, view.columns().count()), (1, 2));
    }

    #[test]
    fn a_picture_has_no_holes_at_any_rate_and_silence_in_gaps() {
        for step_s in [0.010, 0.0116, 0.025] {
            let times: Vec<f64> = (0..100).map(|n| f64::from(n) * step_s).collect();
            let view = heard(&times);
            assert!((0..texel_at(99.0 * step_s)).all(|texel| view.texel(texel).is_some()), "{step_s}");
        }
        let view = heard(&[0.0, 0.02, 1.0]);
        assert!(view.at(0.5).is_none() && view.at(1.0).is_some() && view.at(-1.0).is_none());
    }

    #[test]
    fn frequencies_read_as_bands_and_notes() {
        assert!((band_at(band_hz(37.0)) - 37.0).abs() < 1e-3);
        assert_eq!([note(440.0), note(443.0), note(261.0)], ["A4 0 ct", "A4 +12 ct", "C4 \u{2212}4 ct"]);
        assert_eq!([hertz(442.0), hertz(1234.0), hertz(12_345.0)], ["442 Hz", "1.23 kHz", "12.3 kHz"]);
        assert_eq!(note(0.0), "");
    }
}
