//! All tracks: strikes in, sound out, and the sounds' way to the audio thread and back.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use std::ops::Range;

use rtrb::{Consumer, Producer};

use super::TRACKS;
use super::settings::TrackSettings;
use super::signature::Signature;
use super::sound::Sound;
use super::track::{Struck, Track};

/// A sound on its way to a track.
pub struct Delivery {
    /// From 0.
    pub track: usize,
    /// What it is to have.
    pub sound: Box<Sound>,
}

/// The sampler. Everything but `new` is wait-free; nothing allocates or frees.
pub struct Mixer {
    tracks: [Track; TRACKS],
}

impl Mixer {
    /// A silent one for a host's rate, Hz. Not on the audio thread: see [`super::interpolate::Kernels::shared`].
    pub fn new(rate_hz: f64) -> Self {
        Self { tracks: std::array::from_fn(|_| Track::new(rate_hz)) }
    }

    /// Takes the sounds that have come and sends back those that leave for them. While there is no room on the way back,
    /// sounds wait on the way in. `arrived` hears of each that has come, its track and key.
    pub fn exchange(
        &mut self,
        deliveries: &mut Consumer<Delivery>,
        spent: &mut Producer<Box<Sound>>,
        mut arrived: impl FnMut(usize, u64),
    ) {
        while spent.slots() > 0
            && let Ok(Delivery { track, sound }) = deliveries.pop()
        {
            arrived(track, sound.key());
            let leaves = match self.tracks.get_mut(track) {
                Some(track) => track.take(sound),
                None => Some(sound),
            };
            if let Some(Err(rtrb::PushError::Full(sound))) = leaves.map(|sound| spent.push(sound)) {
                // Never: there was room for it. A leak would be better than a free on this thread.
                std::mem::forget(sound);
            }
        }
    }

    /// Whether a hit of a track is there to be struck.
    pub fn has(&self, track: usize, key: u64) -> bool {
        self.tracks.get(track).is_some_and(|track| track.has(key))
    }

    /// What a strike of a track with a hit would sound like; `None` where it would be silent.
    pub fn signature(&self, track: usize, key: u64) -> Option<&Signature> {
        self.tracks.get(track)?.signature(key)
    }

    /// Strikes a track at the next frame that is rendered, with the hit of a key, or the newest where it is not there yet;
    /// velocity 0 to 1. Other tracks of its group fall silent. Of two strikes of a group at one frame the later call wins.
    pub fn strike(&mut self, track: usize, velocity: f32, key: u64, settings: &[TrackSettings; TRACKS]) -> Struck {
        let Some(own) = settings.get(track) else { return Struck::Nothing };
        let struck = self.tracks[track].strike(velocity, key, own);
        if struck != Struck::Nothing && own.choke != 0 {
            let group = self.tracks.iter_mut().zip(settings).enumerate();
            group
                .filter(|(other, (_, settings))| *other != track && settings.choke == own.choke)
                .for_each(|(_, (other, _))| other.choke());
        }
        struck
    }

    /// Adds the next frames to a range of stereo pairs, as far as those reach: of each track to its own pair, and of those
    /// that have none to the first. So one pair has all, and [`TRACKS`] pairs have one track each.
    pub fn render(&mut self, outs: &mut [[&mut [f32]; 2]], range: Range<usize>, settings: &[TrackSettings; TRACKS]) {
        let pairs = outs.len();
        for (number, (track, settings)) in self.tracks.iter_mut().zip(settings).enumerate() {
            if track.is_sounding()
                && let Some(out) = outs.get_mut(if number < pairs { number } else { 0 })
            {
                track.render(out, range.clone(), settings);
            }
        }
    }

    /// Whether any track sounds.
    pub fn is_sounding(&self) -> bool {
        self.tracks.iter().any(Track::is_sounding)
    }

    /// The largest sample of each track since this was last asked, linear, of either side.
    pub fn take_peaks(&mut self) -> [f32; TRACKS] {
        self.tracks.each_mut().map(Track::take_peak)
    }

    /// Silent at once; the sounds stay.
    pub fn reset(&mut self) {
        self.tracks.iter_mut().for_each(Track::reset);
    }
}

#[cfg(test)]
#[path = "mixer_tests.rs"]
mod tests;
