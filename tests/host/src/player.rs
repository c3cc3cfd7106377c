//! A plugin's half for the audio thread, in a thread of its own as in a DAW: windows, states and loads go on beside it.

use clack_host::prelude::*;

use crate::error::HostError;
use crate::handlers::Handlers;
use crate::instance::{INACTIVE, Instance};
use crate::take::{Event, transport};

/// What plays an active plugin, block by block, on whatever thread holds it. It goes back to its [`Instance`] before that is
/// deactivated or dropped: without it a plugin can be neither.
pub struct Player {
    processor: StartedPluginAudioProcessor<Handlers>,
    channels: usize,
    max_block_frames: usize,
    events: EventBuffer,
    answers: EventBuffer,
    input_ports: AudioPorts,
    output_ports: AudioPorts,
}

impl Instance {
    /// Hands the playing over; until it is back, [`Self::render`] and [`Self::reset`] answer that the plugin is inactive.
    ///
    /// # Errors
    /// When the plugin is inactive, or its playing has been handed over already.
    pub fn lend_player(&mut self) -> Result<Player, HostError> {
        let format = self.format.ok_or(INACTIVE)?;
        let processor = self.processor.take().ok_or(INACTIVE)?;
        Ok(Player {
            processor,
            channels: self.channels,
            max_block_frames: format.max_block_frames,
            events: EventBuffer::with_capacity(64),
            answers: EventBuffer::with_capacity(1024),
            input_ports: AudioPorts::with_capacity(2, 1),
            output_ports: AudioPorts::with_capacity(2, 1),
        })
    }

    /// Takes the playing back.
    pub fn return_player(&mut self, player: Player) {
        self.processor = Some(player.processor);
    }
}

impl Player {
    /// Plays a block: `input[channel][frame]`, empty for an instrument, into two channels of `output`. Events count their frames
    /// from the block's start; `song_s` is where in the song that is, seconds, while it plays. Audio thread.
    ///
    /// # Errors
    /// When the plugin fails, or the sound has another shape than agreed on.
    pub fn process(
        &mut self,
        input: &mut [Vec<f32>],
        output: &mut [Vec<f32>],
        events: &[Event],
        song_s: Option<f64>,
    ) -> Result<(), HostError> {
        let frames = output.first().map_or(0, Vec::len);
        if !(1..=self.max_block_frames).contains(&frames) {
            let expected = format!("1..={}", self.max_block_frames);
            return Err(HostError::Shape { what: "frames in a block", found: frames, expected });
        }
        if !input.is_empty() && input.len() != self.channels {
            let expected = format!("{} as in the layout", self.channels);
            return Err(HostError::Shape { what: "channels", found: input.len(), expected });
        }
        self.events.clear();
        self.answers.clear();
        for event in events {
            event.push_to(&mut self.events, 0)?;
        }
        let inputs = if input.is_empty() { None } else { Some(input) };
        let input_audio = self.input_ports.with_input_buffers(inputs.into_iter().map(|input| AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_input_only(input.iter_mut().map(InputChannel::variable)),
        }));
        let mut output_audio = self.output_ports.with_output_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(output.iter_mut().map(Vec::as_mut_slice)),
        }]);
        self.processor.process(
            &input_audio,
            &mut output_audio,
            &InputEvents::from_buffer(&self.events),
            &mut OutputEvents::from_buffer(&mut self.answers),
            None,
            song_s.map(|song_s| transport(song_s, None)).as_ref(),
        )?;
        Ok(())
    }

    /// Sends the plugin back to the stream's start. Audio thread.
    pub fn reset(&mut self) {
        self.processor.reset();
    }
}
