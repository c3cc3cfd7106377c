//! A sound that the window lets be heard: its way to the audio thread, and how it is played there.

use std::ops::Range;

use parking_lot::Mutex;

use super::handover::{Giver, Taker, handover};
use crate::drums::settings::TrackSettings;
use crate::drums::sound::Sound;
use crate::drums::track::Track;
use crate::dsp::sample_guard::SampleGuard;
use crate::grains::schedule::RATE_HZ;

/// All sounds have the same key: the one that came last is played.
const KEY: u64 = 1;

/// The window's end. Never used on the audio thread.
pub struct HeardSound(Mutex<(Giver<Sound>, Option<Taker<Sound>>)>);

impl Default for HeardSound {
    fn default() -> Self {
        let (giver, taker) = handover();
        Self(Mutex::new((giver, Some(taker))))
    }
}

impl HeardSound {
    /// Plays a sound, mono at 44.1 kHz, in the place of the one before: from its beginning, and again and again. Allocates.
    pub fn play(&self, frames: Vec<f32>) {
        let sound = Sound::new(KEY, RATE_HZ as u32, frames, &mut SampleGuard::default());
        self.0.lock().0.give(Box::new(sound));
    }

    /// Plays none any more. Allocates.
    pub fn stop(&self) {
        self.play(Vec::new());
    }

    /// The audio thread's end; `None` when it is taken.
    pub fn take_end(&self) -> Option<Taker<Sound>> {
        self.0.lock().1.take()
    }
}

/// The audio thread's end. Everything but `new` and `into_end` is wait-free; nothing allocates or frees.
pub struct SoundPlayer {
    taker: Taker<Sound>,
    track: Track,
    /// Whether there is a sound to be played again and again.
    has_sound: bool,
    /// Whether it has come since the last frame.
    is_new: bool,
}

impl SoundPlayer {
    /// A silent one for a host's rate, Hz. Not on the audio thread.
    pub fn new(taker: Taker<Sound>, rate_hz: f64) -> Self {
        Self { taker, track: Track::new(rate_hz), has_sound: false, is_new: false }
    }

    /// The end of the way, for a player of another rate that takes its place. Not on the audio thread.
    pub fn into_end(self) -> Taker<Sound> {
        self.taker
    }

    /// Adds its next frames to a range of a stereo pair.
    pub fn render(&mut self, out: &mut [&mut [f32]; 2], range: Range<usize>) {
        self.fetch();
        let settings = TrackSettings::default();
        if std::mem::take(&mut self.is_new) || !self.is_sounding() {
            self.track.strike(1.0, KEY, &settings);
        }
        self.track.render(out, range, &settings);
    }

    /// Puts its next frames in the place of a range of a mono or stereo track, as long as it plays; `made` is room for two channels
    /// of the range.
    pub fn replace(&mut self, track: &mut [&mut [f32]], range: Range<usize>, made: &mut [Vec<f32>; 2]) {
        self.fetch();
        let [left, right] = made;
        let (Some(left), Some(right)) = (left.get_mut(..range.len()), right.get_mut(..range.len())) else { return };
        if !self.is_playing() {
            return;
        }
        left.fill(0.0);
        right.fill(0.0);
        self.render(&mut [&mut *left, &mut *right], 0..range.len());
        for (channel, made) in track.iter_mut().zip([left, right]) {
            channel[range.clone()].copy_from_slice(made);
        }
    }

    /// Whether it is heard.
    pub fn is_sounding(&self) -> bool {
        self.track.is_sounding()
    }

    /// Whether it plays a sound, and be it the sound's own silence, or fades one out.
    pub fn is_playing(&self) -> bool {
        self.has_sound || self.is_sounding()
    }

    /// Takes what has come, while what leaves for it can go back. Rendering does it, too.
    pub fn fetch(&mut self) {
        if self.taker.room() == 0 {
            return;
        }
        let Some(sound) = self.taker.take() else { return };
        (self.has_sound, self.is_new) = (!sound.frames().is_empty(), true);
        if let Some(left) = self.track.take(sound) {
            self.taker.give_back(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(player: &mut SoundPlayer, frames: usize) -> Vec<f32> {
        let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
        player.render(&mut [&mut left, &mut right], 0..frames);
        left
    }

    #[test]
    fn a_sound_begins_again_at_its_end_until_it_is_stopped() {
        let heard = HeardSound::default();
        let mut player = SoundPlayer::new(heard.take_end().unwrap(), RATE_HZ);
        assert!(heard.take_end().is_none() && played(&mut player, 64) == [0.0; 64]);
        heard.play(vec![0.5; 100]);
        assert_eq!(played(&mut player, 100), [0.5; 100]);
        assert_eq!(played(&mut player, 50), [0.5; 50]);
        heard.stop();
        let fading = played(&mut player, 400);
        assert!(fading[0] > 0.3 && fading[300..] == [0.0; 100]);
        assert!(played(&mut player, 64) == [0.0; 64] && !player.is_sounding());
    }

    #[test]
    fn a_sound_takes_a_tracks_place_from_when_it_comes_until_it_has_faded() {
        for channels in [1, 2] {
            let heard = HeardSound::default();
            let mut player = SoundPlayer::new(heard.take_end().unwrap(), RATE_HZ);
            let mut made = [(); 2].map(|()| vec![0.0; 64]);
            let mut after = |player: &mut SoundPlayer| {
                let mut track = vec![vec![0.9; 64]; channels];
                let mut track: Vec<&mut [f32]> = track.iter_mut().map(Vec::as_mut_slice).collect();
                player.replace(&mut track, 10..64, &mut made);
                assert!(track.iter().all(|channel| *channel == track[0]));
                track[0].to_vec()
            };
            assert_eq!(after(&mut player), [0.9; 64], "nothing is tried");
            heard.play([[0.25; 54], [0.0; 54]].concat());
            assert_eq!(after(&mut player), [[0.9; 10].as_slice(), &[0.25; 54]].concat());
            assert_eq!(after(&mut player), [[0.9; 10].as_slice(), &[0.0; 54]].concat(), "its own silence");
            assert_eq!(after(&mut player)[10..], [0.25; 54], "again");
            heard.stop();
            (0..20).for_each(|_| drop(after(&mut player)));
            assert_eq!(after(&mut player), [0.9; 64], "the input is heard again");
        }
    }

    #[test]
    fn sounds_that_are_played_out_come_back_to_be_freed() {
        let heard = HeardSound::default();
        let mut player = SoundPlayer::new(heard.take_end().unwrap(), RATE_HZ);
        for n in 0..40 {
            heard.play(vec![n as f32 / 100.0; 1000]);
            played(&mut player, 200);
        }
        assert!((played(&mut player, 1)[0] - 0.39).abs() < 1e-6);
    }
}
