//! How late the plugin's sound is: one pure function, tested against a simulated stream.
//!
//! The way of a sound, in host frames, `r` being the host's rate over the model's:
//!
//! ```text
//! input --> packet grid --> resampler --> hop --> model --> resampler --> ring --> output
//!           up to 31        filter        hop*r   delay*r   filter        block + budget
//! ```

use crate::dsp::resample;
use crate::link::PACKET_FRAMES;

/// What the latency depends on; constant while the plugin is active.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// The host's sample rate, Hz.
    pub host_rate_hz: f64,
    /// The model's sample rate, Hz.
    pub model_rate_hz: f64,
    /// New frames per model call, at the model's rate.
    pub hop_frames: usize,
    /// How much later than its input the model's output is, beyond the hop, at the model's rate.
    pub delay_frames: usize,
    /// The largest block the host may give, host frames.
    pub max_block_frames: usize,
}

/// When wet sound is heard; all in host frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// The wet stream's first frame is played this long after the stream's start.
    pub preroll_frames: usize,
    /// What the host is told, and what delays the dry sound.
    pub reported_frames: usize,
}

/// Share of a hop's duration that the worker is granted, at the least, between the arrival of a hop's last frame
/// and the moment its sound is due. Half a hop keeps a model that needs a tenth of real time clear of
/// scheduling jitter of 4 ms, and 512-frame blocks at 48 kHz under 60 ms in all.
const BUDGET_HOPS: f64 = 0.5;

impl Timing {
    /// Host frames per model frame.
    pub fn ratio(&self) -> f64 {
        self.host_rate_hz / self.model_rate_hz
    }

    /// Computes the latency. Pure; any thread.
    pub fn latency(&self) -> Latency {
        let ratio = self.ratio();
        let hop_host_frames = self.hop_frames as f64 * ratio;
        let budget_frames = (hop_host_frames * BUDGET_HOPS).ceil() as usize;
        // The hop's last input frame may wait for its packet to fill, and that packet for the host's block to end.
        let waiting_frames = PACKET_FRAMES - 1 + self.max_block_frames.saturating_sub(2);
        let assembly_frames = if resample::is_needed(self.host_rate_hz, self.model_rate_hz) {
            // Frames from the first one that a hop plays to the last one that it needs; see `resample`.
            (hop_host_frames + resample::INPUT_MARGIN + resample::OUTPUT_MARGIN * ratio).ceil() as usize + 1
        } else {
            self.hop_frames
        };
        let preroll_frames = assembly_frames + waiting_frames + budget_frames;
        let reported = preroll_frames as f64 + self.wet_delay_frames();
        Latency { preroll_frames, reported_frames: reported.round() as usize }
    }

    /// By how much frame `n` of the wet stream is later than frame `n` of the input, host frames, exact.
    pub fn wet_delay_frames(&self) -> f64 {
        let ratio = self.ratio();
        let model = self.delay_frames as f64 * ratio;
        if resample::is_needed(self.host_rate_hz, self.model_rate_hz) {
            model + resample::delay_frames(1.0 / ratio) + resample::delay_frames(ratio) * ratio
        } else {
            model
        }
    }
}
