//! Sound through a plugin, block by block.

use std::time::{Duration, Instant};

use clack_host::events::UnknownEvent;
use clack_host::events::event_types::TransportEvent;
use clack_host::events::spaces::CoreEventSpace;
use clack_host::prelude::*;

use crate::error::HostError;
use crate::gui::Touch;
use crate::instance::{INACTIVE, Instance};
use crate::take::{Event, Take, transport};

/// How fast blocks follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// One at once after the other.
    Hurry,
    /// Each when a sound card would ask for it: a block takes its own duration.
    RealTime,
}

/// A note that the plugin has told the host to be over; `None` is any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteEnd {
    /// The host's number.
    pub id: Option<u32>,
    /// 0 to 15.
    pub channel: Option<u16>,
    /// MIDI key.
    pub key: Option<u16>,
}

impl NoteEnd {
    fn of(event: &UnknownEvent) -> Option<Self> {
        let CoreEventSpace::NoteEnd(event) = event.as_core_event()? else { return None };
        let note = event.pckn();
        let (id, channel, key) = (note.note_id, note.channel, note.key);
        Some(Self {
            id: id.as_specific().copied(),
            channel: channel.as_specific().copied(),
            key: key.as_specific().copied(),
        })
    }
}

/// A note that the plugin has played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Note {
    /// When, frames since the start of the call.
    pub frame: usize,
    /// MIDI key.
    pub key: u16,
    /// 0 to 1; `None`: it ends.
    pub velocity: Option<f64>,
}

impl Note {
    /// Of a block that begins at frame `start`.
    fn of(event: &UnknownEvent, start: usize) -> Option<Self> {
        let frame = start + event.header().time() as usize;
        let key = |note: Pckn| note.key.as_specific().copied();
        match event.as_core_event()? {
            CoreEventSpace::NoteOn(event) => {
                Some(Self { frame, key: key(event.pckn())?, velocity: Some(event.velocity()) })
            }
            CoreEventSpace::NoteOff(event) => Some(Self { frame, key: key(event.pckn())?, velocity: None }),
            _ => None,
        }
    }
}

impl Instance {
    /// The notes that the plugin has played since the last call.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// The notes that the plugin has ended since the last call.
    pub fn take_note_ends(&mut self) -> Vec<NoteEnd> {
        std::mem::take(&mut self.note_ends)
    }

    /// Plays `input[channel][frame]` through the plugin and returns what it gives in the same shape, latency and all.
    /// Calls follow each other without a seam. Blocks take their sizes from `blocks`, the last one what is left; when
    /// `blocks` ends, the largest size that was agreed on goes on. `events` are in the order of their frames.
    ///
    /// # Errors
    /// When the plugin is inactive or fails, or the sound has another shape than agreed on.
    pub fn render(
        &mut self,
        input: &[Vec<f32>],
        blocks: &mut dyn Iterator<Item = usize>,
        events: &[Event],
        pace: Pace,
    ) -> Result<Vec<Vec<f32>>, HostError> {
        self.play(&Take { input, events, ..Take::default() }, blocks, pace)
    }

    /// As [`Self::render`], with a side-chain and a song.
    ///
    /// # Errors
    /// When the plugin is inactive or fails, or the sound has another shape than agreed on.
    pub fn play(
        &mut self,
        take: &Take<'_>,
        blocks: &mut dyn Iterator<Item = usize>,
        pace: Pace,
    ) -> Result<Vec<Vec<f32>>, HostError> {
        let format = self.format.ok_or(INACTIVE)?;
        let input = take.input;
        let frames = take.alone_frames.unwrap_or_else(|| input.first().map_or(0, Vec::len));
        if take.alone_frames.is_some() {
            check(input, frames, 0)?;
            check(take.side, frames, take.side.len())?;
        } else {
            check(input, frames, self.channels)?;
            check(take.side, frames, self.side_channels)?;
        }
        if let Some(pair) = take.events.windows(2).find(|pair| pair[1].frame < pair[0].frame) {
            let expected = format!("at least {} as in the event before", pair[0].frame);
            return Err(HostError::Shape { what: "an event's frame", found: pair[1].frame, expected });
        }
        let outputs = if take.alone_frames.is_some() { 2 * (1 + take.more_outputs) } else { input.len() };
        let mut output = vec![vec![0.0; frames]; outputs];
        let mut events = take.events.iter().peekable();
        let mut buffer = EventBuffer::new();
        let (began, mut at) = (Instant::now(), 0);
        while at < frames {
            let block = blocks.next().unwrap_or(format.max_block_frames);
            if !(1..=format.max_block_frames).contains(&block) {
                let expected = format!("1..={}", format.max_block_frames);
                return Err(HostError::Shape { what: "frames in a block", found: block, expected });
            }
            let end = (at + block).min(frames);
            buffer.clear();
            while let Some(event) = events.next_if(|event| event.frame < end) {
                event.push_to(&mut buffer, at)?;
            }
            if pace == Pace::RealTime {
                // A sound card hands a block over when its last frame has been recorded.
                let due = Duration::from_secs_f64(end as f64 / format.rate_hz);
                std::thread::sleep(due.saturating_sub(began.elapsed()));
            }
            let transport = take.song_s.map(|song_s| transport(song_s + at as f64 / format.rate_hz, take.tempo_bpm));
            self.process(take, &mut output, at..end, &buffer, transport.as_ref())?;
            self.serve();
            at = end;
        }
        Ok(output)
    }

    fn process(
        &mut self,
        take: &Take<'_>,
        output: &mut [Vec<f32>],
        range: std::ops::Range<usize>,
        events: &EventBuffer,
        transport: Option<&TransportEvent>,
    ) -> Result<(), HostError> {
        let processor = self.processor.as_mut().ok_or(INACTIVE)?;
        // CLAP lets a plugin write into its input: it gets a copy.
        let copy = |sound: &[Vec<f32>]| sound.iter().map(|channel| channel[range.clone()].to_vec()).collect::<Vec<_>>();
        let mut ports = Vec::new();
        if !take.input.is_empty() {
            ports.push(copy(take.input));
        }
        if !take.side.is_empty() {
            ports.push(copy(take.side));
        }
        let mut input_ports = AudioPorts::with_capacity(4, ports.len());
        let mut output_ports = AudioPorts::with_capacity(output.len(), 1 + take.more_outputs);
        let input_audio = input_ports.with_input_buffers(ports.iter_mut().map(|port| AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_input_only(port.iter_mut().map(InputChannel::variable)),
        }));
        let port_channels = output.len() / (1 + take.more_outputs);
        let mut output_audio =
            output_ports.with_output_buffers(output.chunks_mut(port_channels.max(1)).map(|port| AudioPortBuffer {
                latency: 0,
                channels: AudioPortBufferType::f32_output_only(
                    port.iter_mut().map(|channel| &mut channel[range.clone()]),
                ),
            }));
        // Not to grow in the midst of a block: a plugin that is linked in may forbid it.
        let mut answers = EventBuffer::with_capacity(1024);
        processor.process(
            &input_audio,
            &mut output_audio,
            &InputEvents::from_buffer(events),
            &mut OutputEvents::from_buffer(&mut answers),
            None,
            transport,
        )?;
        self.touches.extend(answers.iter().filter_map(Touch::of));
        self.note_ends.extend(answers.iter().filter_map(NoteEnd::of));
        self.notes.extend(answers.iter().filter_map(|event| Note::of(event, range.start)));
        Ok(())
    }
}

fn check(sound: &[Vec<f32>], frames: usize, channels: usize) -> Result<(), HostError> {
    if sound.len() != channels {
        let expected = format!("{channels} as in the layout");
        return Err(HostError::Shape { what: "channels", found: sound.len(), expected });
    }
    if let Some(other) = sound.iter().find(|channel| channel.len() != frames) {
        let expected = format!("{frames} as in the first one");
        return Err(HostError::Shape { what: "frames in a channel", found: other.len(), expected });
    }
    Ok(())
}
