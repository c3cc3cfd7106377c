//! Sound through a plugin, block by block.

use std::time::{Duration, Instant};

use clack_host::events::event_types::ParamValueEvent;
use clack_host::prelude::*;

use crate::error::HostError;
use crate::instance::{INACTIVE, Instance};

/// A point of automation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParamEvent {
    /// When, frames since the start of the call.
    pub frame: usize,
    /// Which parameter.
    pub id: u32,
    /// Its CLAP value; see [`crate::Param`].
    pub value: f64,
}

/// How fast blocks follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// One at once after the other.
    Hurry,
    /// Each when a sound card would ask for it: a block takes its own duration.
    RealTime,
}

impl Instance {
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
        events: &[ParamEvent],
        pace: Pace,
    ) -> Result<Vec<Vec<f32>>, HostError> {
        let format = self.format.ok_or(INACTIVE)?;
        let frames = input.first().map_or(0, Vec::len);
        self.check(input, frames)?;
        if let Some(pair) = events.windows(2).find(|pair| pair[1].frame < pair[0].frame) {
            let expected = format!("at least {} as in the event before", pair[0].frame);
            return Err(HostError::Shape { what: "an event's frame", found: pair[1].frame, expected });
        }
        let mut output: Vec<Vec<f32>> = input.iter().map(|_| vec![0.0; frames]).collect();
        let mut events = events.iter().peekable();
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
                let id = ClapId::from_raw(event.id);
                let id = id.ok_or(HostError::NoSuchParam { name: format!("id {}", event.id), found: Vec::new() })?;
                let frame = (event.frame - at) as u32;
                buffer.push(&ParamValueEvent::new(frame, id, Pckn::match_all(), event.value));
            }
            if pace == Pace::RealTime {
                // A sound card hands a block over when its last frame has been recorded.
                let due = Duration::from_secs_f64(end as f64 / format.rate_hz);
                std::thread::sleep(due.saturating_sub(began.elapsed()));
            }
            self.process(input, &mut output, at..end, &buffer)?;
            self.serve();
            at = end;
        }
        Ok(output)
    }

    fn check(&self, input: &[Vec<f32>], frames: usize) -> Result<(), HostError> {
        if input.len() != self.channels {
            let expected = format!("{} as set by `set_channels`", self.channels);
            return Err(HostError::Shape { what: "channels", found: input.len(), expected });
        }
        if let Some(other) = input.iter().find(|channel| channel.len() != frames) {
            let expected = format!("{frames} as in the first one");
            return Err(HostError::Shape { what: "frames in a channel", found: other.len(), expected });
        }
        Ok(())
    }

    fn process(
        &mut self,
        input: &[Vec<f32>],
        output: &mut [Vec<f32>],
        range: std::ops::Range<usize>,
        events: &EventBuffer,
    ) -> Result<(), HostError> {
        let processor = self.processor.as_mut().ok_or(INACTIVE)?;
        // CLAP lets a plugin write into its input: it gets a copy.
        let mut copies: Vec<Vec<f32>> = input.iter().map(|channel| channel[range.clone()].to_vec()).collect();
        let mut input_ports = AudioPorts::with_capacity(copies.len(), 1);
        let mut output_ports = AudioPorts::with_capacity(copies.len(), 1);
        let input_audio = input_ports.with_input_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_input_only(copies.iter_mut().map(InputChannel::variable)),
        }]);
        let mut output_audio = output_ports.with_output_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(
                output.iter_mut().map(|channel| &mut channel[range.clone()]),
            ),
        }]);
        let mut answers = EventBuffer::new();
        processor.process(
            &input_audio,
            &mut output_audio,
            &InputEvents::from_buffer(events),
            &mut OutputEvents::from_buffer(&mut answers),
            None,
            None,
        )?;
        Ok(())
    }
}
