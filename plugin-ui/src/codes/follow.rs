//! Wanted against achieved: the last seconds of one voice, and how near it comes.

use std::collections::VecDeque;

use super::{CodesStatus, Descriptor, TARGETS, VOICES};

/// How much of the past is shown, seconds.
pub const SPAN_S: f64 = 8.0;

/// What was wanted and what was there at a moment, each as the voice told it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    pub at_s: f64,
    pub wanted: [f32; TARGETS],
    pub achieved: [f32; TARGETS],
    /// Whether the same note sounded in the moment before.
    pub is_joined: bool,
}

/// What the view keeps between frames.
#[derive(Debug, Default)]
pub struct FollowView {
    /// The package's generation and what the targets want.
    known: Option<(u64, [Descriptor; TARGETS])>,
    moments: VecDeque<Moment>,
    /// The voice that is followed and its key.
    followed: Option<(usize, u8)>,
}

impl FollowView {
    /// Takes the frame's voices. One voice is followed as long as its note sounds, then the loudest.
    pub fn update(&mut self, status: &CodesStatus, generation: u64, descriptors: [Descriptor; TARGETS], now_s: f64) {
        let known = (generation, descriptors);
        if self.known.replace(known) != Some(known) {
            self.moments.clear();
        }
        let key = |voice: usize| status.voices.get(voice).copied().flatten().map(|voice| voice.key);
        let before = self.followed;
        if before.is_none_or(|(voice, was)| key(voice) != Some(was)) {
            let sounding = (0..VOICES).filter_map(|index| Some((index, status.voices[index]?)));
            let loudest = sounding.max_by(|one, two| one.1.amplitude.total_cmp(&two.1.amplitude));
            self.followed = loudest.map(|(index, voice)| (index, voice.key));
        }
        if let Some(voice) = self.followed.and_then(|(voice, _)| status.voices[voice]) {
            let is_joined = self.followed == before && !self.moments.is_empty();
            self.moments.push_back(Moment { at_s: now_s, wanted: voice.wanted, achieved: voice.achieved, is_joined });
        }
        while self.moments.front().is_some_and(|moment| now_s - moment.at_s > SPAN_S) {
            self.moments.pop_front();
        }
    }

    /// The voice that is followed, from 0.
    pub fn voice(&self) -> Option<usize> {
        self.followed.map(|(voice, _)| voice)
    }

    /// All that is kept, oldest first.
    pub fn moments(&self) -> impl Iterator<Item = &Moment> {
        self.moments.iter()
    }

    pub fn newest(&self) -> Option<&Moment> {
        self.moments.back()
    }

    /// Whether it would look different later though nothing new came.
    pub fn is_moving(&self) -> bool {
        !self.moments.is_empty()
    }

    /// Mean distance of a target's two curves over what is shown, in the descriptor's unit; `None` without any.
    pub fn mean_error(&self, target: usize) -> Option<f32> {
        let errors = self.moments.iter().map(|moment| (moment.wanted[target] - moment.achieved[target]).abs());
        let errors: Vec<f32> = errors.filter(|error| error.is_finite()).collect();
        (!errors.is_empty()).then(|| errors.iter().sum::<f32>() / errors.len() as f32)
    }

    /// Both ends of the scale of a target's plot, as perceived: what is shown and `range`, whichever is wider.
    pub fn ends(&self, target: usize, descriptor: Descriptor, range: Option<[f32; 2]>) -> [f32; 2] {
        let values = self.moments.iter().flat_map(|moment| [moment.wanted[target], moment.achieved[target]]);
        let values = values.filter_map(|value| descriptor.perceived(value)).chain(range.into_iter().flatten());
        let [low, high] =
            values.fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)]);
        if low > high {
            return [0.0, 1.0];
        }
        let room = ((high - low) * 0.06).max(0.02);
        [low - room, high + room]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::PlayingVoice;
    use crate::fake::DESCRIPTORS;

    const WANTS: [Descriptor; TARGETS] = [DESCRIPTORS[0]; TARGETS];

    fn status(voices: &[(usize, u8, f32)]) -> CodesStatus {
        let mut status = CodesStatus::default();
        for &(index, key, amplitude) in voices {
            let (wanted, achieved) = ([1000.0; 3], [1010.0, f32::NAN, 1000.0]);
            status.voices[index] = Some(PlayingVoice { key, amplitude, wanted, achieved, ..PlayingVoice::default() });
        }
        status
    }

    #[test]
    fn one_voice_is_followed_while_its_note_sounds_then_the_loudest() {
        let mut view = FollowView::default();
        view.update(&status(&[(1, 60, 0.4)]), 1, WANTS, 1.0);
        view.update(&status(&[(1, 60, 0.2), (4, 67, 0.9)]), 1, WANTS, 1.1);
        assert_eq!(view.voice(), Some(1));
        view.update(&status(&[(1, 72, 0.1), (4, 67, 0.9)]), 1, WANTS, 1.2);
        assert_eq!(view.voice(), Some(4));
        let joined: Vec<bool> = view.moments().map(|moment| moment.is_joined).collect();
        assert_eq!(joined, [false, true, false]);
        view.update(&CodesStatus::default(), 1, WANTS, 20.0);
        assert_eq!((view.voice(), view.is_moving()), (None, false));
    }

    #[test]
    fn the_error_is_in_the_descriptors_unit_and_nonsense_does_not_count() {
        let mut view = FollowView::default();
        assert_eq!(view.mean_error(0), None);
        view.update(&status(&[(0, 60, 1.0)]), 1, WANTS, 1.0);
        assert_eq!([0, 1, 2].map(|target| view.mean_error(target)), [Some(10.0), None, Some(0.0)]);
        let [low, high] = view.ends(0, WANTS[0], Some([9.0, 11.0]));
        assert!(low < 9.0 && high > 11.0);
        assert_eq!(FollowView::default().ends(0, WANTS[0], None), [0.0, 1.0]);
    }

    #[test]
    fn another_package_or_another_descriptor_begins_again() {
        let mut view = FollowView::default();
        for (generation, wants) in [(1, WANTS), (2, WANTS), (2, [DESCRIPTORS[5]; TARGETS])] {
            view.update(&status(&[(0, 60, 1.0)]), generation, wants, 1.0);
            assert_eq!(view.moments().count(), 1);
        }
    }
}
