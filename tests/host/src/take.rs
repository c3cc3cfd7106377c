//! What is played through a plugin: sound, side-chain, events, and where in the song.

use clack_host::events::event_types::{MidiEvent, ParamModEvent, ParamValueEvent, TransportEvent, TransportFlags};
use clack_host::events::{EventFlags, EventHeader};
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, SecondsTime};

use crate::error::HostError;
use crate::play::ParamEvent;

/// Beats per minute of the song.
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

    /// A controller of channel 0..=15 moves to 0..=127.
    pub fn controller(frame: usize, channel: u8, cc: u8, value: u8) -> Self {
        Self { frame, kind: EventKind::Midi([0xb0 | channel & 15, cc & 127, value & 127]) }
    }

    /// Hands it to a plugin, as of a block that begins at frame `start`.
    pub(crate) fn push_to(self, buffer: &mut EventBuffer, start: usize) -> Result<(), HostError> {
        let frame = (self.frame - start) as u32;
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
            EventKind::Midi(bytes) => buffer.push(&MidiEvent::new(frame, 0, bytes)),
        }
        Ok(())
    }
}

impl From<ParamEvent> for Event {
    fn from(ParamEvent { frame, id, value }: ParamEvent) -> Self {
        Self::value(frame, id, value)
    }
}

/// What is played in one call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Take<'a> {
    /// The main input, `[channel][frame]`.
    pub input: &'a [Vec<f32>],
    /// The side-chain in the same shape; empty for a layout without one.
    pub side: &'a [Vec<f32>],
    /// In the order of their frames.
    pub events: &'a [Event],
    /// Where in the song the call begins, seconds; the song plays on from there. `None`: the host does not tell.
    pub song_s: Option<f64>,
}

/// A song that plays, at this many seconds.
pub(crate) fn transport(song_s: f64) -> TransportEvent {
    TransportEvent {
        header: EventHeader::new_core(0, EventFlags::empty()),
        flags: TransportFlags::IS_PLAYING | TransportFlags::HAS_SECONDS_TIMELINE | TransportFlags::HAS_TEMPO,
        song_pos_beats: BeatTime::from(0.0),
        song_pos_seconds: SecondsTime::from(song_s),
        tempo: TEMPO_BPM,
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
