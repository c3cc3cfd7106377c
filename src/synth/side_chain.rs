//! What is heard at the side-chain, described hop by hop.

use crate::dsp::descriptors::{COUNT, Describer, Row};

/// Describes one channel in hops of the codes' length. Everything but `new` is wait-free and does not allocate.
pub struct SideAnalyser {
    describer: Describer,
    hop: Vec<f32>,
    filled: usize,
    row: Row,
}

impl SideAnalyser {
    /// For sound at a rate, in hops of so many frames. Allocates.
    pub fn new(rate_hz: f64, hop_frames: usize) -> Self {
        let hop_frames = hop_frames.min(crate::dsp::pitch::WINDOW_FRAMES);
        Self {
            describer: Describer::new(rate_hz, hop_frames),
            hop: vec![0.0; hop_frames],
            filled: 0,
            row: [0.0; COUNT],
        }
    }

    /// Frames until the next description.
    pub fn missing_frames(&self) -> usize {
        self.hop.len() - self.filled
    }

    /// Hears the mean of the channels, at most [`Self::missing_frames`].
    pub fn hear(&mut self, channels: &[&[f32]]) {
        let frames = channels.first().map_or(0, |channel| channel.len()).min(self.missing_frames());
        let scale = 1.0 / channels.len().max(1) as f32;
        for (n, slot) in self.hop[self.filled..self.filled + frames].iter_mut().enumerate() {
            let sum: f32 = channels.iter().filter_map(|channel| channel.get(n)).sum();
            *slot = if sum.is_finite() { sum * scale } else { 0.0 };
        }
        self.filled += frames;
        if self.filled == self.hop.len() {
            self.row = self.describer.next(&self.hop);
            self.filled = 0;
        }
    }

    /// The last hop's descriptors.
    pub fn row(&self) -> &Row {
        &self.row
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        self.describer.reset();
        self.filled = 0;
        self.row = [0.0; COUNT];
    }
}
