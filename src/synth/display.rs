//! What a window needs to show: written by the audio thread once per hop, read whenever a frame is drawn.

use crossbeam_utils::atomic::AtomicCell;

use super::VOICES;
use super::modulation::TARGETS;

// Where there is no atomic of its size, a cell is behind a lock: not for the audio thread.
const _: () = assert!(AtomicCell::<f32>::is_lock_free());

/// What one voice does. Each value is right by itself; two read one after the other may be a hop apart.
#[derive(Debug, Default)]
struct VoiceDisplay {
    /// The code, and 1; 0 while it rests.
    code: AtomicCell<u32>,
    key: AtomicCell<u8>,
    f0_hz: AtomicCell<f32>,
    amplitude: AtomicCell<f32>,
    curve_at: AtomicCell<f32>,
    wanted: [AtomicCell<f32>; TARGETS],
    achieved: [AtomicCell<f32>; TARGETS],
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
        Some(Playing {
            code: voice.code.load().checked_sub(1)? as usize,
            key: voice.key.load(),
            f0_hz: voice.f0_hz.load(),
            amplitude: voice.amplitude.load(),
            curve_at: voice.curve_at.load(),
            wanted: voice.wanted.each_ref().map(AtomicCell::load),
            achieved: voice.achieved.each_ref().map(AtomicCell::load),
        })
    }

    /// How many voices sound.
    pub fn active(&self) -> usize {
        self.voices.iter().filter(|voice| voice.code.load() > 0).count()
    }

    /// # Realtime
    /// Wait-free.
    pub(super) fn show(&self, index: usize, playing: &Playing) {
        let Some(voice) = self.voices.get(index) else { return };
        voice.f0_hz.store(playing.f0_hz);
        voice.amplitude.store(playing.amplitude);
        voice.curve_at.store(playing.curve_at);
        for n in 0..TARGETS {
            voice.wanted[n].store(playing.wanted[n]);
            voice.achieved[n].store(playing.achieved[n]);
        }
        voice.key.store(playing.key);
        voice.code.store(playing.code as u32 + 1);
    }

    /// # Realtime
    /// Wait-free.
    pub(super) fn clear(&self, index: usize) {
        if let Some(voice) = self.voices.get(index) {
            voice.code.store(0);
        }
    }
}
