//! Picks wet frames off the ring in their places, and covers for those that are missing.

use crate::link::{AudioHalf, MAX_CHANNELS, Output};

/// Length of the fade when wet sound stops coming or comes back, frames.
const FADE_FRAMES: f32 = 128.0;

/// One frame of wet sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WetFrame {
    pub(super) channels: [f32; MAX_CHANNELS],
    /// True on the first frame of a stretch that came too late.
    pub(super) is_new_underrun: bool,
}

/// The wet stream as the audio thread hears it.
pub(super) struct Wet {
    held: Option<Output>,
    last: [f32; MAX_CHANNELS],
    presence: f32,
    is_missing: bool,
}

impl Wet {
    pub(super) fn new() -> Self {
        Self { held: None, last: [0.0; MAX_CHANNELS], presence: 1.0, is_missing: false }
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }

    /// Looks for frame `index` of the stream of `epoch`; drops what is older. False while it has not come.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub(super) fn seek(&mut self, half: &mut AudioHalf, epoch: u32, index: u64) -> bool {
        loop {
            match &self.held {
                Some(packet) if packet.epoch == epoch && index < packet.start + packet.frames as u64 => {
                    return packet.start <= index;
                }
                _ => self.held = half.receive(),
            }
            if self.held.is_none() {
                return false;
            }
        }
    }

    /// Whether the frame just looked for can no longer come: a later one is there already.
    pub(super) fn has_passed(&self) -> bool {
        self.held.is_some()
    }

    /// The frame at `index`; `is_here` is the answer of [`Self::seek`]. A missing frame is the last one, fading.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub(super) fn frame(&mut self, index: u64, is_here: bool) -> WetFrame {
        let is_new_underrun = !is_here && !self.is_missing;
        self.is_missing = !is_here;
        let step = if is_here { 1.0 } else { -1.0 } / FADE_FRAMES;
        self.presence = (self.presence + step).clamp(0.0, 1.0);
        if let (true, Some(packet)) = (is_here, &self.held) {
            let at = (index - packet.start) as usize;
            self.last = packet.audio.map(|channel| channel[at]);
        }
        WetFrame { channels: self.last.map(|sample| sample * self.presence), is_new_underrun }
    }
}
