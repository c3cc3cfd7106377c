//! The pitch of a note, for models that are asked for one.

use super::renderer::{PEAK, SILENT};
use crate::dsp::descriptors::{Descriptor, Row, describe};
use crate::dsp::pitch::{LEVEL_GATE_DB, WINDOW_FRAMES};
use crate::grains::schedule::RATE_HZ;
use crate::model::grains::GrainsPackage;

/// Looks at the sound that far apart, frames.
const HOP_FRAMES: usize = 512;

/// What is softer than the loudest moment by this is not the note any more, dB.
const RANGE_DB: f32 = 30.0;

/// So much of what sounds has a pitch, or the whole has none.
const LEAST_SHARE: f32 = 0.5;

/// A note is another one when its pitch is so far from the last one's, octaves: 80 cents, for so many looks.
const OTHER_OCTAVES: f32 = 80.0 / 1200.0;
const LOOKS: usize = 4;

/// The median pitch of a sound at [`RATE_HZ`], Hz; `None` where half of what is heard or more has none. Allocates.
pub fn pitch_of(sound: &[f32]) -> Option<f32> {
    let rows = looks(sound);
    let level_db = |row: &Row| row[Descriptor::Loudness as usize];
    let loudest_db = rows.iter().map(level_db).fold(LEVEL_GATE_DB, f32::max);
    let heard = || rows.iter().filter(|row| level_db(row) > (loudest_db - RANGE_DB).max(LEVEL_GATE_DB));
    let mut pitches_hz: Vec<f32> = heard().filter_map(voiced_hz).collect();
    pitches_hz.sort_by(f32::total_cmp);
    let is_note = pitches_hz.len() as f32 > LEAST_SHARE * heard().count() as f32;
    is_note.then(|| pitches_hz[pitches_hz.len() / 2])
}

/// The pitch of a sound at [`RATE_HZ`] that a model is asked for, Hz: what lies beyond its range by octaves within it. `None` where the
/// sound has none, or the model takes none. Allocates.
pub fn pitch_for(package: &GrainsPackage, sound: &[f32]) -> Option<f32> {
    let range = package.pitch?;
    let hz = pitch_of(sound)?;
    let octaves = if hz < range.min_hz {
        (range.min_hz / hz).log2().ceil()
    } else if hz > range.max_hz {
        -(hz / range.max_hz).log2().ceil()
    } else {
        0.0
    };
    // A range of less than an octave may have no such note.
    Some((hz * octaves.exp2()).clamp(range.min_hz, range.max_hz))
}

/// Where a sound at [`RATE_HZ`] goes from one note to another, struck or not, frames. Allocates.
pub(super) fn note_changes(sound: &[f32]) -> Vec<usize> {
    let (mut changes, mut note_hz, mut others_hz) = (Vec::new(), None::<f32>, Vec::new());
    let is_near = |one_hz: f32, two_hz: f32| (one_hz / two_hz).log2().abs() < OTHER_OCTAVES;
    for (n, row) in looks(sound).iter().enumerate() {
        let Some(hz) = voiced_hz(row) else {
            others_hz.clear();
            continue;
        };
        let Some(last_hz) = note_hz else {
            note_hz = Some(hz);
            continue;
        };
        // Another note that stays, not a slip; a long glide is cut where it has come so far.
        if is_near(hz, last_hz) || others_hz.first().is_some_and(|other_hz| !is_near(hz, *other_hz)) {
            others_hz.clear();
        }
        if !is_near(hz, last_hz) {
            others_hz.push(hz);
        }
        if others_hz.len() == LOOKS {
            // A look sees the middle of what came before it.
            changes.push(((n + 2 - LOOKS) * HOP_FRAMES).saturating_sub(WINDOW_FRAMES / 2));
            note_hz = Some(hz);
            others_hz.clear();
        }
    }
    changes
}

/// What is seen of a sound, as loud as hits are: soft ones have a pitch, too.
fn looks(sound: &[f32]) -> Vec<Row> {
    let peak = sound.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    let gain = if peak > SILENT && peak.is_finite() { PEAK / peak } else { 0.0 };
    let scaled: Vec<f32> = sound.iter().map(|sample| if sample.is_finite() { gain * sample } else { 0.0 }).collect();
    describe(&scaled, RATE_HZ, HOP_FRAMES)
}

/// Hz; `None` where there is no pitch.
fn voiced_hz(row: &Row) -> Option<f32> {
    (row[Descriptor::Periodicity as usize] > 0.0).then_some(row[Descriptor::Fundamental as usize])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::noise::Noise;
    use crate::hits::tests::{tick, tock};

    /// Notes one after another, each half a second long, without a gap.
    fn notes(all_hz: &[f32]) -> Vec<f32> {
        let mut turns = [0.0f32; 5];
        let frames = all_hz.iter().flat_map(|hz| std::iter::repeat_n(*hz, 22_050));
        frames
            .map(|hz| {
                let partials = turns.iter_mut().zip(1..).map(|(turns, number)| {
                    *turns = (*turns + number as f32 * hz / RATE_HZ as f32).fract();
                    (std::f32::consts::TAU * *turns).sin() / number as f32
                });
                0.3 * partials.sum::<f32>()
            })
            .collect()
    }

    #[test]
    fn a_note_has_its_pitch_and_noise_and_silence_have_none() {
        let found_hz = pitch_of(&notes(&[196.0])).unwrap();
        assert!((1200.0 * (found_hz / 196.0).log2()).abs() < 10.0, "{found_hz}");
        let mut noise = vec![0.0; 22_050];
        Noise::new(1).fill(&mut noise);
        for sound in [&noise[..], &[0.0; 9000], &[], &[f32::NAN; 3000]] {
            assert_eq!(pitch_of(sound), None);
        }
    }

    #[test]
    fn a_note_beyond_the_range_is_asked_for_octaves_away() {
        let package = tock().package().clone();
        for (hz, wanted_hz) in [(247.0, 247.0), (123.5, 247.0), (587.3, 293.7), (1174.7, 293.7)] {
            let found_hz = pitch_for(&package, &notes(&[hz])).unwrap();
            assert!((1200.0 * (found_hz / wanted_hz).log2()).abs() < 15.0, "{hz}: {found_hz}, not {wanted_hz}");
        }
        assert_eq!(pitch_for(tick().package(), &notes(&[247.0])), None);
    }

    #[test]
    fn notes_change_where_they_do_and_a_held_one_nowhere() {
        let changes = note_changes(&notes(&[220.0, 247.0, 330.0]));
        assert_eq!(changes.len(), 2, "{changes:?}");
        assert!(
            changes.iter().zip([22_050, 44_100]).all(|(found, wanted)| found.abs_diff(wanted) < 1500),
            "{changes:?}"
        );
        let soft: Vec<f32> = notes(&[220.0, 330.0]).iter().map(|sample| 0.003 * sample).collect();
        assert_eq!(note_changes(&soft).len(), 1);
        assert!(note_changes(&notes(&[220.0, 222.0, 220.0])).is_empty());
        assert!(note_changes(&[0.0; 9000]).is_empty());
    }
}
