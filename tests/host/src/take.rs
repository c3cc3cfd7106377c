//! What is played through a plugin: sound, side-chain, events, and where in the song.

pub use clack_host::events::event_types::NoteExpressionType;
use clack_host::events::event_types::{
    MidiEvent, NoteChokeEvent, NoteExpressionEvent, NoteOffEvent, NoteOnEvent, ParamModEvent, ParamValueEvent,
    TransportEvent, TransportFlags,
};
use clack_host::events::{EventFlags, EventHeader, Match};
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, SecondsTime};

use crate::error::HostError;

/// Beats per minute of a song that has no other tempo.
const TEMPO_BPM: f64 = 120.0;

/// Something that happens at a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When, frames since the start of the call.
    pub frame: usize,
    /// What.
    pub kind: EventKind,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EventKind {
    /// A point of automation: a parameter's CLAP value; see [`crate::Param`].
    Value {
        /// Which parameter.
        id: u32,
        /// Its value.
        value: f64,
    },
    /// The host's modulation: what is added to the parameter's value until the next such event.
    Modulation {
        /// Which parameter.
        id: u32,
        /// How much, in the parameter's CLAP values.
        amount: f64,
    },
    /// A MIDI 1.0 message.
    Midi([u8; 3]),
    /// A CLAP note begins: the host's number for it, channel, key, velocity 0 to 1.
    NoteOn(u32, u8, u8, f64),
    /// A CLAP note ends.
    NoteOff(u32),
    /// A CLAP note is cut off.
    NoteChoke(u32),
    /// Expression of a CLAP note.
    Expression(u32, NoteExpressionType, f64),
}

impl Event {
    /// A point of automation.
    pub fn value(frame: usize, id: u32, value: f64) -> Self {
        Self { frame, kind: EventKind::Value { id, value } }
    }

    /// Modulation by the host.
    pub fn modulation(frame: usize, id: u32, amount: f64) -> Self {
        Self { frame, kind: EventKind::Modulation { id, amount } }
    }

    /// A MIDI note of channel 0..=15 begins; velocity 1..=127.
    pub fn note_on(frame: usize, channel: u8, key: u8, velocity: u8) -> Self {
        Self { frame, kind: EventKind::Midi([0x90 | channel & 15, key & 127, velocity & 127]) }
    }

    /// A MIDI note ends.
    pub fn note_off(frame: usize, channel: u8, key: u8) -> Self {
        Self { frame, kind: EventKind::Midi([0x80 | channel & 15, key & 127, 64]) }
    }

    /// A MIDI pitch bend, -8192..=8191.
    pub fn bend(frame: usize, channel: u8, value: i16) -> Self {
        let value = (i32::from(value) + 8192).clamp(0, 16_383);
        Self { frame, kind: EventKind::Midi([0xe0 | channel & 15, (value & 127) as u8, (value >> 7) as u8]) }
    }

    /// A controller of channel 0..=15 moves to 0..=127.
    pub fn controller(frame: usize, channel: u8, cc: u8, value: u8) -> Self {
        Self { frame, kind: EventKind::Midi([0xb0 | channel & 15, cc & 127, value & 127]) }
    }

    /// Hands it to a plugin, as of a block that begins at frame `start`.
    pub(crate) fn push_to(self, buffer: &mut EventBuffer, start: usize) -> Result<(), HostError> {
        let frame = (self.frame - start) as u32;
        let only = |id: u32| Pckn::new(Match::All, Match::All, Match::All, id);
        let known = |id: u32| {
            ClapId::from_raw(id).ok_or(HostError::NoSuchParam { name: format!("id {id}"), found: Vec::new() })
        };
        match self.kind {
            EventKind::Value { id, value } => {
                buffer.push(&ParamValueEvent::new(frame, known(id)?, Pckn::match_all(), value))
            }
            EventKind::Modulation { id, amount } => {
                buffer.push(&ParamModEvent::new(frame, known(id)?, Pckn::match_all(), amount))
            }
            EventKind::NoteOn(id, channel, key, velocity) => {
                let note = Pckn::new(0u16, u16::from(channel), u16::from(key), id);
                buffer.push(&NoteOnEvent::new(frame, note, velocity));
            }
            EventKind::NoteOff(id) => buffer.push(&NoteOffEvent::new(frame, only(id), 0.0)),
            EventKind::NoteChoke(id) => buffer.push(&NoteChokeEvent::new(frame, only(id))),
            EventKind::Expression(id, kind, value) => {
                buffer.push(&NoteExpressionEvent::new(frame, only(id), kind, value));
            }
            EventKind::Midi(bytes) => buffer.push(&MidiEvent::new(frame, 0, bytes)),
        }
        Ok(())
    }
}

/// What is played in one call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Take<'a> {
    /// The main input, `[channel][frame]`.
    pub input: &'a [Vec<f32>],
    /// The side-chain in the same shape; empty for a layout without one.
    pub side: &'a [Vec<f32>],
    /// For a plugin without an input: how long it plays, frames. Its outputs are stereo.
    pub alone_frames: Option<usize>,
    /// Outputs that it has beside the main one.
    pub more_outputs: usize,
    /// In the order of their frames.
    pub events: &'a [Event],
    /// Where in the song the call begins, seconds; the song plays on from there. `None`: the host does not tell.
    pub song_s: Option<f64>,
    /// Beats per minute of the song, for as long as the call: its beats count as if it had always had this tempo. `None`: 120.
    pub tempo_bpm: Option<f64>,
}

/// A song that plays, at this many seconds.
pub(crate) fn transport(song_s: f64, tempo_bpm: Option<f64>) -> TransportEvent {
    TransportEvent {
        header: EventHeader::new_core(0, EventFlags::empty()),
        flags: TransportFlags::IS_PLAYING | TransportFlags::HAS_SECONDS_TIMELINE | TransportFlags::HAS_TEMPO,
        song_pos_beats: BeatTime::from(0.0),
        song_pos_seconds: SecondsTime::from(song_s),
        tempo: tempo_bpm.unwrap_or(TEMPO_BPM),
        tempo_inc: 0.0,
        loop_start_beats: BeatTime::from(0.0),
        loop_end_beats: BeatTime::from(0.0),
        loop_start_seconds: SecondsTime::from(0.0),
        loop_end_seconds: SecondsTime::from(0.0),
        bar_start: BeatTime::from(0.0),
        bar_number: 0,
        time_signature_numerator: 4,
        time_signature_denominator: 4,
    }
}
