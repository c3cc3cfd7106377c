//! What the patterns play, as notes for the host.

use nice_plug_core::midi::{Channel, Key, VoiceID};
use nih_plug::prelude::*;

use crate::drums::TRACKS;

/// How long a note is: a hit has no end of its own.
const NOTE_S: f64 = 0.030;

/// MIDI's usual channel for drums, from 0.
const CHANNEL: u8 = 9;

/// The notes that are held. Wait-free, no allocation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Notes {
    /// By track: the key, and frames from the block's beginning to its end.
    held: [Option<(u8, usize)>; TRACKS],
}

impl Notes {
    /// A track is struck on a frame of the block; `send` is given what the host is to hear until then, in order.
    pub(super) fn strike(
        &mut self,
        track: usize,
        (frame, key, velocity): (usize, u8, f32),
        rate_hz: f64,
        mut send: impl FnMut(NoteEvent<()>),
    ) {
        self.end_until(frame + 1, &mut send);
        // Another track may have the same key, and this one may have had another.
        for (other, held) in self.held.iter_mut().enumerate() {
            if let Some((_, end)) = held.as_mut().filter(|(held, _)| *held == key || other == track) {
                *end = frame;
            }
        }
        self.end_until(frame + 1, &mut send);
        send(note(frame, key, Some(velocity)));
        if let Some(held) = self.held.get_mut(track) {
            *held = Some((key, frame + (NOTE_S * rate_hz) as usize));
        }
    }

    /// A block ends.
    pub(super) fn end_block(&mut self, frames: usize, send: impl FnMut(NoteEvent<()>)) {
        self.end_until(frames, send);
        self.held.iter_mut().flatten().for_each(|(_, end)| *end -= frames);
    }

    /// Ends the notes that end before a frame.
    fn end_until(&mut self, frame: usize, mut send: impl FnMut(NoteEvent<()>)) {
        let next = |held: &[Option<(u8, usize)>; TRACKS]| {
            let ends = held.iter().enumerate().filter_map(|(track, held)| Some((held.as_ref()?.1, track)));
            ends.filter(|(end, _)| *end < frame).min()
        };
        while let Some((end, track)) = next(&self.held) {
            if let Some((key, _)) = self.held[track].take() {
                send(note(end, key, None));
            }
        }
    }
}

/// A note that begins with a velocity, or ends.
fn note(frame: usize, key: u8, velocity: Option<f32>) -> NoteEvent<()> {
    let (timing, voice_id, channel, key) =
        (frame as u32, VoiceID::Wildcard, Channel::Number(CHANNEL), Key::Number(key));
    match velocity {
        Some(velocity) => NoteEvent::NoteOn { timing, voice_id, channel, key, velocity },
        None => NoteEvent::NoteOff { timing, voice_id, channel, key, velocity: 0.0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frame, key, and whether the note begins.
    fn heard(event: NoteEvent<()>) -> (u32, u8, bool) {
        match event {
            NoteEvent::NoteOn { timing, key, .. } => (timing, key.number().unwrap(), true),
            NoteEvent::NoteOff { timing, key, .. } => (timing, key.number().unwrap(), false),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn notes_end_after_their_time_in_order_whatever_the_block() {
        let (mut notes, mut sent) = (Notes::default(), Vec::new());
        notes.strike(0, (10, 36, 1.0), 1000.0, |event| sent.push(heard(event)));
        notes.strike(1, (20, 42, 0.5), 1000.0, |event| sent.push(heard(event)));
        notes.end_block(32, |event| sent.push(heard(event)));
        assert_eq!(sent, [(10, 36, true), (20, 42, true)]);
        sent.clear();
        notes.strike(1, (12, 42, 0.5), 1000.0, |event| sent.push(heard(event)));
        notes.end_block(32, |event| sent.push(heard(event)));
        assert_eq!(sent, [(8, 36, false), (12, 42, false), (12, 42, true)]);
        sent.clear();
        notes.end_block(32, |event| sent.push(heard(event)));
        assert_eq!(sent, [(10, 42, false)]);
    }

    #[test]
    fn a_key_that_is_struck_again_by_any_track_ends_first() {
        let (mut notes, mut sent) = (Notes::default(), Vec::new());
        notes.strike(0, (0, 36, 1.0), 1000.0, |event| sent.push(heard(event)));
        notes.strike(3, (5, 36, 1.0), 1000.0, |event| sent.push(heard(event)));
        notes.end_block(100, |event| sent.push(heard(event)));
        assert_eq!(sent, [(0, 36, true), (5, 36, false), (5, 36, true), (35, 36, false)]);
    }
}
