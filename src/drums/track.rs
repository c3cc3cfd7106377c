//! One track: its shelf of sounds, the voices that play them, and its level and place between left and right.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use std::ops::Range;

use super::interpolate::Kernels;
use super::settings::TrackSettings;
use super::shelf::{PLACES, Shelf};
use super::signature::Signature;
use super::sound::Sound;
use super::voice::Voice;
use crate::dsp::smooth::Smooth;

/// Hits of a track that sound at once: the last one, and two that fade under it. More than that only strikes less than
/// 2 ms apart would need.
const VOICES: usize = 3;

/// How many sounds of a track can wait for their strike without one of them having to leave before.
pub const WAITING: usize = PLACES - VOICES;

/// How long a hit takes to fall silent when the next one is struck, seconds.
const STRUCK_AGAIN_S: f64 = 0.003;

/// And when another track of its group is, seconds.
const CHOKED_S: f64 = 0.005;

/// Frames that are computed at a time. What is heard does not depend on it.
const CHUNK: usize = 64;

/// What a strike has played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Struck {
    /// The hit that was wanted.
    Wanted,
    /// The one that came last: the wanted one is not there yet.
    Newest,
    /// Nothing: there is no sound yet, or the velocity is 0.
    Nothing,
}

/// A track. Everything but `new` is wait-free; nothing allocates or frees.
pub struct Track {
    shelf: Shelf,
    voices: [Voice; VOICES],
    /// Left and right.
    gains: [Smooth; 2],
    rate_hz: f64,
    kernels: &'static Kernels,
    peak: f32,
}

impl Track {
    /// A silent one for a host's rate, Hz. Not on the audio thread: see [`Kernels::shared`].
    pub fn new(rate_hz: f64) -> Self {
        Self {
            shelf: Shelf::default(),
            voices: Default::default(),
            gains: [Smooth::new(0.0, rate_hz); 2],
            rate_hz,
            kernels: Kernels::shared(),
            peak: 0.0,
        }
    }

    /// Takes a sound; returns the one that has to leave for it.
    pub fn take(&mut self, sound: Box<Sound>) -> Option<Box<Sound>> {
        let voices = &self.voices;
        self.shelf.take(sound, |place| voices.iter().any(|voice| voice.place() == Some(place)))
    }

    /// Whether a hit is there to be struck.
    pub fn has(&self, key: u64) -> bool {
        self.shelf.current(key).is_some()
    }

    /// What the hit of a key is like, or the newest where it is not there yet: what a strike would play.
    pub fn signature(&self, key: u64) -> Option<&Signature> {
        self.shelf.sound(self.shelf.current(key).or_else(|| self.shelf.newest())?)?.signature()
    }

    /// Plays the hit of a key from the next frame on, and ends what sounds.
    pub fn strike(&mut self, velocity: f32, key: u64, settings: &TrackSettings) -> Struck {
        let wanted = self.shelf.current(key);
        let Some(place) = wanted.or_else(|| self.shelf.newest()) else { return Struck::Nothing };
        let Some(sound) = self.shelf.sound(place).filter(|_| velocity > 0.0) else { return Struck::Nothing };
        if !self.is_sounding() {
            self.gains.iter_mut().zip(settings.gains()).for_each(|(gain, target)| gain.set(target));
        }
        let fade_frames = frames(STRUCK_AGAIN_S, self.rate_hz);
        self.voices.iter_mut().for_each(|voice| voice.fade_out(fade_frames));
        if let Some(voice) = self.voices.iter_mut().min_by_key(|voice| voice.worth()) {
            voice.start(place, sound, velocity, settings, self.rate_hz, self.kernels);
        }
        self.shelf.strike(place);
        if wanted.is_some() { Struck::Wanted } else { Struck::Newest }
    }

    /// Another track of its group was struck.
    pub fn choke(&mut self) {
        let fade_frames = frames(CHOKED_S, self.rate_hz);
        self.voices.iter_mut().for_each(|voice| voice.fade_out(fade_frames));
    }

    /// Adds its next frames to a range of a stereo pair, as far as that reaches.
    pub fn render(&mut self, [left, right]: &mut [&mut [f32]; 2], range: Range<usize>, settings: &TrackSettings) {
        let mut at = range.start;
        let end = range.end.min(left.len()).min(right.len());
        let targets = settings.gains();
        while at < end && self.is_sounding() {
            let mut mono = [0.0; CHUNK];
            let mono = &mut mono[..CHUNK.min(end - at)];
            for voice in &mut self.voices {
                match voice.place().and_then(|place| self.shelf.sound(place)) {
                    Some(sound) => voice.render(sound, mono),
                    None => voice.stop(),
                }
            }
            for ((out, gain), target) in [&mut *left, &mut *right].into_iter().zip(&mut self.gains).zip(targets) {
                for (out, sample) in out[at..].iter_mut().zip(&*mono) {
                    let sample = sample * gain.next(target);
                    *out += sample;
                    self.peak = self.peak.max(sample.abs());
                }
            }
            at += mono.len();
        }
    }

    /// Whether it sounds.
    pub fn is_sounding(&self) -> bool {
        self.voices.iter().any(|voice| voice.place().is_some())
    }

    /// The largest sample of either side since this was last asked, linear.
    pub fn take_peak(&mut self) -> f32 {
        std::mem::take(&mut self.peak)
    }

    /// Silent at once; its sounds stay.
    pub fn reset(&mut self) {
        self.voices.iter_mut().for_each(Voice::stop);
        self.peak = 0.0;
    }
}

fn frames(seconds: f64, rate_hz: f64) -> usize {
    (seconds * rate_hz).round() as usize
}
