//! A walk through grain space that is heard while it is drawn: its way to the audio thread, and how it is played there.

use std::ops::Range;

use parking_lot::Mutex;

use super::handover::{Giver, Taker, handover};
use crate::drums::settings::TrackSettings;
use crate::drums::sound::Sound;
use crate::drums::track::Track;
use crate::dsp::sample_guard::SampleGuard;
use crate::grains::schedule::RATE_HZ;

/// All walks have the same key: the one that came last is played.
const KEY: u64 = 1;

/// The window's end. Never used on the audio thread.
pub struct HeardWalk(Mutex<(Giver<Sound>, Option<Taker<Sound>>)>);

impl Default for HeardWalk {
    fn default() -> Self {
        let (giver, taker) = handover();
        Self(Mutex::new((giver, Some(taker))))
    }
}

impl HeardWalk {
    /// Plays a walk, mono at 44.1 kHz, in the place of the one before: from its beginning, and again and again. Allocates.
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
pub struct WalkPlayer {
    taker: Taker<Sound>,
    track: Track,
}

impl WalkPlayer {
    /// A silent one for a host's rate, Hz. Not on the audio thread.
    pub fn new(taker: Taker<Sound>, rate_hz: f64) -> Self {
        Self { taker, track: Track::new(rate_hz) }
    }

    /// The end of the way, for a player of another rate that takes its place. Not on the audio thread.
    pub fn into_end(self) -> Taker<Sound> {
        self.taker
    }

    /// Adds its next frames to a range of a stereo pair.
    pub fn render(&mut self, out: &mut [&mut [f32]; 2], range: Range<usize>) {
        let (settings, came) = (TrackSettings::default(), self.came());
        if came || !self.is_sounding() {
            self.track.strike(1.0, KEY, &settings);
        }
        self.track.render(out, range, &settings);
    }

    /// Whether it is heard.
    pub fn is_sounding(&self) -> bool {
        self.track.is_sounding()
    }

    /// Takes what has come, while what leaves for it can go back.
    fn came(&mut self) -> bool {
        if self.taker.room() == 0 {
            return false;
        }
        let Some(sound) = self.taker.take() else { return false };
        if let Some(left) = self.track.take(sound) {
            self.taker.give_back(left);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(player: &mut WalkPlayer, frames: usize) -> Vec<f32> {
        let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
        player.render(&mut [&mut left, &mut right], 0..frames);
        left
    }

    #[test]
    fn a_walk_begins_again_at_its_end_until_it_is_stopped() {
        let walk = HeardWalk::default();
        let mut player = WalkPlayer::new(walk.take_end().unwrap(), RATE_HZ);
        assert!(walk.take_end().is_none() && played(&mut player, 64) == [0.0; 64]);
        walk.play(vec![0.5; 100]);
        assert_eq!(played(&mut player, 100), [0.5; 100]);
        assert_eq!(played(&mut player, 50), [0.5; 50]);
        walk.stop();
        let fading = played(&mut player, 400);
        assert!(fading[0] > 0.3 && fading[300..] == [0.0; 100]);
        assert!(played(&mut player, 64) == [0.0; 64] && !player.is_sounding());
    }

    #[test]
    fn walks_that_are_played_out_come_back_to_be_freed() {
        let walk = HeardWalk::default();
        let mut player = WalkPlayer::new(walk.take_end().unwrap(), RATE_HZ);
        for n in 0..40 {
            walk.play(vec![n as f32 / 100.0; 1000]);
            played(&mut player, 200);
        }
        assert!((played(&mut player, 1)[0] - 0.39).abs() < 1e-6);
    }
}
