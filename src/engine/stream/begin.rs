//! Where a stream begins: in the midst of a song, after a reset, and behind a gap.

use super::{HopReport, Models, Stream};
use crate::link::{Input, PACKET_FRAMES};

/// A gap longer than this is not filled with silence but resets the stream's state behind it, seconds.
const LONGEST_FILLED_GAP_S: f64 = 2.0;

impl Stream {
    pub(super) fn restart(&mut self, epoch: u32, models: &mut Models) {
        self.forget(models);
        for channel in &mut self.channels {
            channel.hop_in.reset();
            channel.hop_out.reset();
        }
        self.middle.reset();
        self.side_in.reset();
        self.history.clear();
        self.dual_until = 0;
        self.has_leapt = true;
        self.epoch = epoch;
        self.taken_frames = 0;
        self.given_frames = 0;
    }

    /// Models and lanes at the state of a stream's start.
    fn forget(&mut self, models: &mut Models) {
        for part in [&mut self.first, &mut self.second, &mut self.next_first].into_iter().flatten() {
            part.reset();
        }
        for model in [&mut models.first, &mut models.second, &mut models.next_first].into_iter().flatten() {
            model.reset();
        }
        self.blend = None;
        self.silent_hops = 0;
    }

    /// Moves resamplers, hops and noise on to the stream's first frame, with nothing heard and nothing played: the count
    /// begins where the song is, see `Processor`.
    pub(super) fn begin_at(&mut self, start: u64) {
        let silence = [0.0; PACKET_FRAMES];
        while self.taken_frames < start {
            let left = (start - self.taken_frames) as usize;
            let frames = self.channels[0].hop_in.missing_frames().min(PACKET_FRAMES).min(left);
            let mut is_complete = false;
            for channel in &mut self.channels {
                is_complete = channel.hop_in.push(&silence[..frames]);
            }
            self.side_in.push(&silence[..frames]);
            self.taken_frames += frames as u64;
            if is_complete {
                for part in [&mut self.first, &mut self.second].into_iter().flatten() {
                    part.skip();
                }
                let mut given = 0;
                for channel in &mut self.channels {
                    channel.sum.fill(0.0);
                    given = channel.hop_out.push(&channel.sum).len();
                }
                self.given_frames += given as u64;
            }
        }
    }

    /// Packets were lost on the way: silence in their place.
    pub(super) fn fill_gap(&mut self, start: u64, models: &mut Models, report: &mut dyn FnMut(HopReport)) {
        let longest = (LONGEST_FILLED_GAP_S * self.timing.host_rate_hz) as u64;
        if start - self.taken_frames > longest {
            self.forget(models);
        }
        while self.taken_frames < start {
            // Lost packets are whole, and the grid is theirs.
            let silence = Input { epoch: self.epoch, start: self.taken_frames, ..Input::default() };
            self.take(&silence, models, report);
        }
    }
}
