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

/// What the host and the musician have settled on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StreamFormat {
    /// The host's rate, Hz.
    pub host_rate_hz: f64,
    /// The largest block the host may give, frames.
    pub max_block_frames: usize,
    /// 1 or 2.
    pub channels: usize,
    /// How much time the worker is granted.
    pub margin: Margin,
}

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
    /// How much time the worker is granted.
    pub margin: Margin,
}

/// The time that the worker is granted, at the least, between the arrival of a hop's last frame and the moment its
/// sound is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Margin {
    /// A fifth of a hop: for playing live on a computer with little else to do.
    Low,
    /// Half a hop keeps a model that needs a tenth of real time clear of scheduling jitter of 4 ms, and 512-frame
    /// blocks at 48 kHz under 60 ms in all.
    #[default]
    Normal,
    /// Two hops: for a crowded project.
    Safe,
}

impl Margin {
    fn hops(self) -> f64 {
        match self {
            Self::Low => 0.2,
            Self::Normal => 0.5,
            Self::Safe => 2.0,
        }
    }
}

/// When wet sound is heard; all in host frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// The wet stream's first frame is played this long after the stream's start.
    pub preroll_frames: usize,
    /// What the host is told, and what delays the dry sound.
    pub reported_frames: usize,
    /// After so many frames the grids of packets, resampler and hops meet again; 1 where they never do.
    pub period_frames: usize,
}

impl Timing {
    /// Host frames per model frame.
    pub fn ratio(&self) -> f64 {
        self.host_rate_hz / self.model_rate_hz
    }

    /// Computes the latency. Pure; any thread.
    pub fn latency(&self) -> Latency {
        let ratio = self.ratio();
        let hop_host_frames = self.hop_frames as f64 * ratio;
        let budget_frames = (hop_host_frames * self.margin.hops()).ceil() as usize;
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
        Latency {
            preroll_frames,
            reported_frames: reported.round() as usize,
            period_frames: self.period_frames().unwrap_or(1),
        }
    }

    /// See [`Latency::period_frames`]; `None` for rates that are not whole numbers of hertz.
    fn period_frames(&self) -> Option<usize> {
        let whole = |rate_hz: f64| (rate_hz.fract() == 0.0 && rate_hz >= 1.0).then_some(rate_hz as usize);
        let (host, model) = (whole(self.host_rate_hz)?, whole(self.model_rate_hz)?);
        let common = gcd(host, model);
        let model_frames = lcm(model / common, self.hop_frames);
        Some(lcm(model_frames / (model / common) * (host / common), PACKET_FRAMES))
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

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn lcm(a: usize, b: usize) -> usize {
    a / gcd(a, b) * b
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::resample::{HopIn, HopOut};

    /// When each wet frame is ready, by brute force: the resamplers themselves, packet by packet, block by block.
    /// Returns the fewest host frames of time, over all wet frames, between a hop's arrival and its being due.
    fn least_slack_frames(timing: &Timing, blocks: &[usize]) -> i64 {
        let ratio = timing.ratio();
        let needed = resample::is_needed(timing.host_rate_hz, timing.model_rate_hz);
        let mut hop_in = HopIn::new(ratio, timing.hop_frames, needed);
        let mut hop_out = HopOut::new(ratio, timing.hop_frames, needed);
        let preroll = timing.latency().preroll_frames as i64;
        let (mut taken, mut given, mut least) = (0i64, 0i64, i64::MAX);
        let mut block_ends = blocks.iter().cycle().scan(0i64, |end, &block| {
            *end += block as i64;
            Some(*end)
        });
        let mut block_end = 0;
        for _ in 0..120 {
            let frames = hop_in.missing_frames();
            taken += frames as i64;
            assert!(hop_in.push(&vec![0.0; frames]));
            // The packet that holds the hop's last frame leaves in the block that fills it.
            let packet_end = ((taken as usize).div_ceil(PACKET_FRAMES) * PACKET_FRAMES) as i64;
            while block_end < packet_end {
                block_end = block_ends.next().expect("the list is endless");
            }
            // The hop's first wet frame is due in the block that holds it, and that block is called for at its end.
            let first_wet = given + preroll;
            least = least.min(first_wet + 1 - block_end);
            given += hop_out.push(&vec![0.0; timing.hop_frames]).len() as i64;
        }
        least
    }

    #[test]
    fn all_grids_meet_after_the_period() {
        for (host_rate_hz, wanted) in
            [(44_100.0, 512), (48_000.0, 81_920), (96_000.0, 163_840), (22_050.0, 256), (47_999.5, 1)]
        {
            let timing = Timing {
                host_rate_hz,
                model_rate_hz: 44_100.0,
                hop_frames: 512,
                delay_frames: 1024,
                max_block_frames: 512,
                margin: Margin::Normal,
            };
            assert_eq!(timing.latency().period_frames, wanted, "{host_rate_hz}");
        }
    }

    #[test]
    fn every_hop_has_its_budget_at_every_rate_and_block_and_hop() {
        for host_rate_hz in [22_050.0, 32_000.0, 44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0] {
            for hop_frames in [256, 512] {
                for max_block_frames in [1, 16, 64, 333, 512, 1024, 8192] {
                    let margin = [Margin::Low, Margin::Normal, Margin::Safe][max_block_frames % 3];
                    let timing = Timing {
                        host_rate_hz,
                        model_rate_hz: 44_100.0,
                        hop_frames,
                        delay_frames: 1024,
                        max_block_frames,
                        margin,
                    };
                    let budget = (hop_frames as f64 * timing.ratio() * margin.hops()).floor() as i64;
                    for blocks in [vec![max_block_frames], vec![max_block_frames, 1, max_block_frames.div_ceil(2)]] {
                        let slack = least_slack_frames(&timing, &blocks);
                        assert!(slack >= budget, "{timing:?} in {blocks:?}: {slack} of {budget} frames");
                        // And not much more than needed: latency is what musicians feel.
                        let spare = slack - budget;
                        assert!(
                            spare <= (max_block_frames + PACKET_FRAMES + 16) as i64 + 8,
                            "{timing:?}: {spare} spare"
                        );
                    }
                }
            }
        }
    }
}
