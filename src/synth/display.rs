//! What a window needs to show: written by the audio thread once per hop, read whenever a frame is drawn.

use std::sync::atomic::{AtomicU32, Ordering};

use super::VOICES;
use super::modulation::TARGETS;

/// No code.
const NONE: u32 = u32::MAX;

/// What one voice does. Each value is right by itself; two read one after the other may be a hop apart.
#[derive(Debug)]
pub struct VoiceDisplay {
    code: AtomicU32,
    key: AtomicU32,
    f0_hz: AtomicU32,
    amplitude: AtomicU32,
    curve_at: AtomicU32,
    wanted: [AtomicU32; TARGETS],
    achieved: [AtomicU32; TARGETS],
}

impl Default for VoiceDisplay {
    fn default() -> Self {
        let zero = || AtomicU32::new(0);
        Self {
            code: AtomicU32::new(NONE),
            key: zero(),
            f0_hz: zero(),
            amplitude: zero(),
            curve_at: zero(),
            wanted: std::array::from_fn(|_| zero()),
            achieved: std::array::from_fn(|_| zero()),
        }
    }
}

/// A voice that sounds, as [`Display::voice`] gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Playing {
    /// The code.
    pub code: usize,
    /// MIDI key.
    pub key: u8,
    /// Fundamental, Hz.
    pub f0_hz: f32,
    /// The envelope, 0 to 1.
    pub amplitude: f32,
    /// Where in the drawn curve it is, 0 to 1.
    pub curve_at: f32,
    /// What each target asks for, in its descriptor's unit.
    pub wanted: [f32; TARGETS],
    /// What the code has of it, by the package's tables.
    pub achieved: [f32; TARGETS],
}

/// All voices.
#[derive(Debug, Default)]
pub struct Display {
    voices: [VoiceDisplay; VOICES],
}

impl Display {
    /// What a voice plays, `None` where it rests. For the window's thread.
    pub fn voice(&self, index: usize) -> Option<Playing> {
        let voice = self.voices.get(index)?;
        let code = voice.code.load(Ordering::Relaxed);
        let value = |slot: &AtomicU32| f32::from_bits(slot.load(Ordering::Relaxed));
        (code != NONE).then(|| Playing {
            code: code as usize,
            key: voice.key.load(Ordering::Relaxed) as u8,
            f0_hz: value(&voice.f0_hz),
            amplitude: value(&voice.amplitude),
            curve_at: value(&voice.curve_at),
            wanted: std::array::from_fn(|n| value(&voice.wanted[n])),
            achieved: std::array::from_fn(|n| value(&voice.achieved[n])),
        })
    }

    /// How many voices sound.
    pub fn active(&self) -> usize {
        self.voices.iter().filter(|voice| voice.code.load(Ordering::Relaxed) != NONE).count()
    }

    /// # Realtime
    /// Wait-free.
    pub(super) fn show(&self, index: usize, playing: &Playing) {
        let Some(voice) = self.voices.get(index) else { return };
        let put = |slot: &AtomicU32, value: f32| slot.store(value.to_bits(), Ordering::Relaxed);
        put(&voice.f0_hz, playing.f0_hz);
        put(&voice.amplitude, playing.amplitude);
        put(&voice.curve_at, playing.curve_at);
        for n in 0..TARGETS {
            put(&voice.wanted[n], playing.wanted[n]);
            put(&voice.achieved[n], playing.achieved[n]);
        }
        voice.key.store(u32::from(playing.key), Ordering::Relaxed);
        voice.code.store(playing.code as u32, Ordering::Relaxed);
    }

    /// # Realtime
    /// Wait-free.
    pub(super) fn clear(&self, index: usize) {
        if let Some(voice) = self.voices.get(index) {
            voice.code.store(NONE, Ordering::Relaxed);
        }
    }
}
