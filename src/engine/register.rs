//! Which octave of an input a model plays: the nearest that lies about the middle of its own notes.

use super::hop::Hop;
use crate::model::Shape;

/// Farther than this a model's pitches are not moved, octaves.
const FARTHEST: f32 = 2.0;
/// The input's middle is the mean of its log pitch over about this long, seconds.
const MEMORY_S: f32 = 8.0;
/// Another octave is taken when the input's middle lies this far from the model's, octaves. Half an octave would be the nearest;
/// what is more lets a tune about the half way keep its own.
const TURN: f32 = 0.6;
/// So many hops without pitch or sound are a rest, in which a change is not heard.
const REST_HOPS: u32 = 3;
/// One lane's choice, with its memory. Allocates nothing. A pure function of the hops, so that a bounce chooses as it was played.
#[derive(Clone, Debug)]
pub(super) struct Register {
    /// The middle of the model's pitches, log2 Hz; `None` where it has none.
    home: Option<f32>,
    /// Share of a voiced hop in the mean, once enough of them were heard.
    share: f32,
    /// The mean log2 pitch of what was heard.
    middle: f32,
    /// Voiced hops in it.
    heard: u32,
    /// Hops since the last voiced one.
    rest: u32,
    octaves: f32,
}

impl Register {
    pub(super) fn new(shape: &Shape) -> Self {
        let hop_s = shape.hop_frames as f32 / shape.sample_rate_hz as f32;
        Self {
            home: shape.pitch.map(|pitch| 0.5 * (pitch.min_hz.log2() + pitch.max_hz.log2())),
            share: hop_s / MEMORY_S,
            middle: 0.0,
            heard: 0,
            rest: REST_HOPS,
            octaves: 0.0,
        }
    }

    /// Back to the stream's start.
    pub(super) fn reset(&mut self) {
        (self.middle, self.heard, self.rest, self.octaves) = (0.0, 0, REST_HOPS, 0.0);
    }

    /// Hears the hop's pitch, as it came; -> by how many octaves it is to be moved, whole ones. Changes after a rest alone.
    pub(super) fn next(&mut self, hop: &Hop) -> f32 {
        let Some(home) = self.home else { return 0.0 };
        if !hop.has_pitch() {
            self.rest = self.rest.saturating_add(1);
            return self.octaves;
        }
        let pitch = hop.f0_hz.log2();
        self.heard = self.heard.saturating_add(1);
        self.middle += (pitch - self.middle) * self.share.max(1.0 / self.heard as f32);
        let wanted = home - self.middle;
        if self.rest >= REST_HOPS && (wanted - self.octaves).abs() > TURN {
            self.octaves = wanted.round().clamp(-FARTHEST, FARTHEST);
        }
        self.rest = 0;
        self.octaves
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lane::tests::shape;
    use crate::model::PitchRange;

    /// A model that is at home around 110 Hz.
    fn low() -> Register {
        Register::new(&Shape { pitch: Some(PitchRange { min_hz: 55.0, max_hz: 220.0 }), ..shape(1024) })
    }

    fn sung(f0_hz: f32) -> Hop {
        Hop { f0_hz, voicing: 1.0, ..Hop::default() }
    }

    fn rest() -> Hop {
        Hop { f0_hz: 440.0, voicing: 0.0, ..Hop::default() }
    }

    #[test]
    fn the_first_note_is_brought_near_the_models_middle_in_whole_octaves() {
        for (f0_hz, octaves) in [(110.0, 0.0), (220.0, -1.0), (500.0, -2.0), (3520.0, -2.0), (30.0, 2.0), (160.0, 0.0)]
        {
            assert_eq!(low().next(&sung(f0_hz)), octaves, "{f0_hz} Hz");
        }
    }

    #[test]
    fn a_held_note_never_changes_its_octave_however_far_it_glides() {
        let mut register = low();
        let first = register.next(&sung(220.0));
        for n in 0..2000 {
            let f0_hz = 220.0 * (n as f32 / 1000.0).exp2();
            assert_eq!(register.next(&sung(f0_hz)), first);
            // A consonant of two hops is no rest.
            if n % 40 == 0 {
                assert_eq!([(); 2].map(|()| register.next(&rest())), [first; 2]);
            }
        }
    }

    #[test]
    fn a_tune_around_the_half_way_keeps_its_octave_and_another_register_takes_its_own_after_a_rest() {
        let mut register = low();
        let mut phrase = |f0_hz: f32| {
            for _ in 0..10 {
                register.next(&rest());
            }
            (0..60).map(|_| register.next(&sung(f0_hz))).last().expect("hops")
        };
        assert_eq!(phrase(220.0), -1.0);
        // 156 Hz lies half an octave from either.
        for f0_hz in [150.0, 165.0, 140.0, 180.0, 156.0] {
            assert_eq!(phrase(f0_hz), -1.0, "{f0_hz} Hz");
        }
        let high = (0..40).map(|_| phrase(880.0)).last().expect("phrases");
        assert_eq!(high, -2.0);
    }

    #[test]
    fn a_model_without_pitch_moves_nothing_and_a_reset_forgets() {
        let mut none = Register::new(&Shape { pitch: None, ..shape(1024) });
        assert_eq!(none.next(&sung(880.0)), 0.0);
        let mut register = low();
        register.next(&sung(440.0));
        register.reset();
        assert_eq!((register.next(&rest()), register.next(&sung(110.0))), (0.0, 0.0));
    }
}
