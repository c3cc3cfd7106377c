//! The effect without a host in real time: a clock asks for the blocks, as a sound card does.

use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::render::{Models, Part, RenderError};
use crate::latency::{Margin, StreamFormat};
use crate::latent::PathSet;
use crate::rt::EffectSettings;
use crate::telemetry::Telemetry;

/// Mono or stereo, late by the latency, with dropouts where the computer is too slow. Blocks.
pub struct Live {
    part: Part,
    rate_hz: u32,
    /// When the first block was asked for.
    began: Option<Instant>,
    frames: u64,
}

impl Live {
    /// Plays these models, and these latent paths from its first block on.
    ///
    /// # Errors
    /// When two models do not fit each other, or the system refuses a thread.
    pub fn new(
        rate_hz: u32,
        channels: usize,
        models: Models,
        paths: PathSet,
        max_block_frames: usize,
    ) -> Result<Self, RenderError> {
        let format =
            StreamFormat { host_rate_hz: f64::from(rate_hz), max_block_frames, channels, margin: Margin::Normal };
        let part = Part::new(models, format)?;
        part.engine.set_paths(paths);
        Ok(Self { part, rate_hz, began: None, frames: 0 })
    }

    /// What the engine tells of itself.
    pub fn telemetry(&self) -> &Arc<Telemetry> {
        &self.part.telemetry
    }

    /// Waits until the block before has been heard. The block's settings are those of the moment after that.
    pub fn await_turn(&mut self) {
        let began = *self.began.get_or_insert_with(Instant::now);
        let due = Duration::from_secs_f64(self.frames as f64 / f64::from(self.rate_hz));
        sleep(due.saturating_sub(began.elapsed()));
    }

    /// Plays a block in its place, `[channel][frame]`, at most as long as it was said.
    ///
    /// # Errors
    /// When the model fails.
    pub fn play(&mut self, block: &mut [Vec<f32>], settings: &EffectSettings) -> Result<(), RenderError> {
        self.frames += block.first().map_or(0, Vec::len) as u64;
        self.part.process(block, settings)
    }
}
