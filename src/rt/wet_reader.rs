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

/// The wet stream as the audio thread hears it. Wait-free, no allocation.
pub(super) struct WetReader {
    held: Option<Output>,
    last: [f32; MAX_CHANNELS],
    presence: f32,
    is_missing: bool,
    /// A fade out runs to its end, even when frames come back meanwhile: they would not fit to the held sample.
    is_fading_out: bool,
}

impl WetReader {
    pub(super) fn new() -> Self {
        Self { held: None, last: [0.0; MAX_CHANNELS], presence: 1.0, is_missing: false, is_fading_out: false }
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }

    /// Looks for frame `index` of the stream of `epoch`; drops what is older. False while it has not come.
    pub(super) fn seek(&mut self, half: &mut AudioHalf, epoch: u32, index: u64) -> bool {
        loop {
            match &self.held {
                Some(packet) if packet.epoch == epoch && index < packet.start + packet.frames as u64 => {
                    return packet.start <= index && !packet.is_left_out;
                }
                _ => self.held = half.receive(),
            }
            if self.held.is_none() {
                return false;
            }
        }
    }

    /// Whether the frame just looked for can no longer come: it was left out, or a later one is there already.
    pub(super) fn has_passed(&self) -> bool {
        self.held.is_some()
    }

    /// Whether what is heard is silence and stays so until something is to be heard in the input.
    pub(super) fn rests(&self) -> bool {
        self.held.as_ref().is_some_and(|packet| packet.rests) && self.last == [0.0; MAX_CHANNELS]
    }

    /// The frame at `index`; `is_here` is the answer of [`Self::seek`]. A missing frame is the last one, fading.
    pub(super) fn frame(&mut self, index: u64, is_here: bool) -> WetFrame {
        let is_new_underrun = !is_here && !self.is_missing;
        self.is_missing = !is_here;
        self.is_fading_out |= is_new_underrun;
        if self.is_fading_out || !is_here {
            self.presence = (self.presence - 1.0 / FADE_FRAMES).max(0.0);
            self.is_fading_out &= self.presence > 0.0;
        } else if let Some(packet) = &self.held {
            self.presence = (self.presence + 1.0 / FADE_FRAMES).min(1.0);
            let at = (index - packet.start) as usize;
            self.last = packet.audio.map(|channel| channel[at]);
        }
        WetFrame { channels: self.last.map(|sample| sample * self.presence), is_new_underrun }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::PACKET_FRAMES;

    #[test]
    fn frames_that_were_left_out_are_missing_and_nobody_is_to_wait_for_them() {
        let (mut half, mut worker) = crate::link::new(1024);
        let mut wet = WetReader::new();
        assert!(!wet.seek(&mut half, 1, 0) && !wet.has_passed(), "still to come");
        for (start, is_left_out) in [(0, true), (32, false)] {
            let audio = [[0.5; PACKET_FRAMES]; MAX_CHANNELS];
            worker.send(Output { epoch: 1, start, frames: PACKET_FRAMES, is_left_out, rests: false, audio });
        }
        assert!(!wet.seek(&mut half, 1, 0) && wet.has_passed());
        assert!(wet.seek(&mut half, 1, 32));
    }

    #[test]
    fn a_gap_of_any_length_fades_and_never_steps() {
        for gap in [1u64, 20, 127, 128, 129, 500] {
            let mut wet = WetReader::new();
            let (mut before, mut steepest, mut underruns) = (0.8, 0.0f32, 0);
            for index in 0..2000u64 {
                let is_here = !(100..100 + gap).contains(&index);
                let audio = [[if index < 100 { 0.8 } else { -0.8 }; PACKET_FRAMES]; MAX_CHANNELS];
                wet.held = Some(Output { start: index / 32 * 32, frames: PACKET_FRAMES, audio, ..Output::default() });
                let frame = wet.frame(index, is_here);
                steepest = steepest.max((frame.channels[0] - before).abs());
                before = frame.channels[0];
                underruns += u32::from(frame.is_new_underrun);
            }
            assert!(steepest <= 0.8 / FADE_FRAMES + 1e-6, "{gap}: {steepest}");
            assert_eq!((before, underruns), (-0.8, 1), "{gap}");
        }
    }
}
