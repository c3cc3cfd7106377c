//! Draws a pitch to the nearest of some notes.

use super::hop::Hop;
use crate::controls::Intonation;

/// A held note is left only for one that lies nearer by this much, semitones: between two notes it does not flutter.
const STAYS: f32 = 0.3;
/// So many hops without pitch end a note; the next one is chosen afresh. A consonant is shorter.
const REST_HOPS: u32 = 6;

/// One lane's correction, with its memory. Allocates nothing. A pure function of the hops, so that a bounce is as it was played.
#[derive(Clone, Debug)]
pub(super) struct Tuner {
    /// The note that is meant, as a key, A4 at 440 Hz being 69.
    note: Option<i32>,
    /// What is added to the pitch for it, semitones.
    correction: f32,
    /// Hops since the last one with a pitch.
    rest: u32,
}

impl Default for Tuner {
    fn default() -> Self {
        Self { note: None, correction: 0.0, rest: REST_HOPS }
    }
}

impl Tuner {
    /// Hears the hop's pitch, as it would sound; -> by how many semitones it is to be moved.
    ///
    /// The correction goes to what is missing by a one-pole low-pass of `time_s`: a vibrato that is quicker stays, a note that is
    /// held comes in tune.
    pub(super) fn next(&mut self, hop: &Hop, intonation: &Intonation, hop_s: f32) -> f32 {
        if hop.has_pitch() {
            let pitch = 69.0 + 12.0 * (hop.f0_hz / 440.0).log2();
            self.note = self.meant(pitch, intonation);
            let missing = self.note.map_or(0.0, |note| note as f32 - pitch);
            let keep = if intonation.time_s > 0.0 { (-hop_s / intonation.time_s).exp() } else { 0.0 };
            self.correction = missing + keep * (self.correction - missing);
            self.rest = 0;
        } else {
            self.rest = self.rest.saturating_add(1);
        }
        intonation.amount * self.correction
    }

    /// The note that is nearest, or the one that is held.
    fn meant(&self, pitch: f32, intonation: &Intonation) -> Option<i32> {
        let (middle, away) = (pitch.round() as i32, |note: i32| (note as f32 - pitch).abs());
        let notes = (middle - 11..=middle + 11).filter(|&note| intonation.notes.has(note));
        let nearest = notes.min_by(|&one, &two| away(one).total_cmp(&away(two)))?;
        let held = self.note.filter(|&note| self.rest < REST_HOPS && intonation.notes.has(note));
        Some(held.filter(|&held| away(held) < away(nearest) + STAYS).unwrap_or(nearest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::PitchClasses;

    const HOP_S: f32 = 512.0 / 44_100.0;
    /// C major.
    const MAJOR: [u8; 7] = [0, 2, 4, 5, 7, 9, 11];

    fn at_once(notes: PitchClasses) -> Intonation {
        Intonation { amount: 1.0, notes, ..Intonation::default() }
    }

    fn sung(key: f32) -> Hop {
        Hop { f0_hz: 440.0 * ((key - 69.0) / 12.0).exp2(), voicing: 1.0, ..Hop::default() }
    }

    #[test]
    fn each_pitch_comes_to_the_nearest_note_of_the_scale() {
        let major = at_once(PitchClasses::above(60, &MAJOR));
        for (sung_key, heard) in [(60.2, 60), (61.2, 62), (60.8, 60), (63.6, 64), (65.9, 65), (69.49, 69), (-11.7, -12)]
        {
            let moved = Tuner::default().next(&sung(sung_key), &major, HOP_S);
            assert!((sung_key + moved - heard as f32).abs() < 1e-3, "{sung_key} went to {}", sung_key + moved);
        }
        let one = at_once(PitchClasses::of(60));
        let moved = Tuner::default().next(&sung(67.0), &one, HOP_S);
        assert!((67.0 + moved - 72.0).abs() < 1e-3, "the held key, in the nearest octave");
    }

    #[test]
    fn no_amount_and_no_notes_change_nothing_and_half_goes_half_the_way() {
        let major = PitchClasses::above(60, &MAJOR);
        for unmoved in [Intonation { amount: 0.0, ..at_once(major) }, at_once(PitchClasses::NONE)] {
            assert_eq!(Tuner::default().next(&sung(60.4), &unmoved, HOP_S), 0.0);
        }
        let half = Intonation { amount: 0.5, ..at_once(major) };
        assert!((Tuner::default().next(&sung(60.4), &half, HOP_S) + 0.2).abs() < 1e-3);
    }

    #[test]
    fn a_pitch_about_the_half_way_does_not_flutter_between_two_notes() {
        let chromatic = at_once(PitchClasses::above(0, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
        let mut tuner = Tuner::default();
        tuner.next(&sung(60.1), &chromatic, HOP_S);
        for n in 0..200 {
            let key = 60.5 + 0.12 * (n as f32).sin();
            let heard = key + tuner.next(&sung(key), &chromatic, HOP_S);
            assert!((heard - 60.0).abs() < 1e-3, "{key} went to {heard}");
        }
        let heard = 60.8 + tuner.next(&sung(60.8), &chromatic, HOP_S);
        assert!((heard - 61.0).abs() < 1e-3, "what is clearly the next note is it");
        (0..REST_HOPS).for_each(|_| {
            tuner.next(&Hop::default(), &chromatic, HOP_S);
        });
        let heard = 60.45 + tuner.next(&sung(60.45), &chromatic, HOP_S);
        assert!((heard - 60.0).abs() < 1e-3, "after a rest the nearest, whatever was held");
    }

    #[test]
    fn with_time_a_held_note_comes_in_tune_and_its_vibrato_stays() {
        let slow = Intonation { time_s: 0.15, ..at_once(PitchClasses::above(60, &MAJOR)) };
        let mut tuner = Tuner::default();
        // 35 cents flat, with a vibrato of 5.5 Hz, 30 cents to each side.
        let heard: Vec<f32> = (0..260)
            .map(|n| {
                let key = 68.65 + 0.3 * (std::f32::consts::TAU * 5.5 * n as f32 * HOP_S).sin();
                key + tuner.next(&sung(key), &slow, HOP_S)
            })
            .collect();
        assert!((heard[0] - 68.65).abs() < 0.05, "it begins as it was sung: {}", heard[0]);
        let late = &heard[130..];
        let middle = late.iter().sum::<f32>() / late.len() as f32;
        let spread = late.iter().fold(0.0f32, |most, key| most.max((key - middle).abs()));
        assert!((middle - 69.0).abs() < 0.03, "{middle}");
        assert!((0.25..0.33).contains(&spread), "{spread}");
    }

    #[test]
    fn a_consonant_keeps_the_correction() {
        let slow = Intonation { time_s: 0.05, ..at_once(PitchClasses::above(60, &MAJOR)) };
        let mut tuner = Tuner::default();
        let before = (0..60).map(|_| tuner.next(&sung(68.7), &slow, HOP_S)).last();
        let through = tuner.next(&Hop { f0_hz: 300.0, voicing: 0.1, ..Hop::default() }, &slow, HOP_S);
        assert_eq!(Some(through), before);
    }
}
