//! On which frame a moment of the song falls, whatever blocks the host uses.

use super::TICK_BEATS;
use super::grid::Grid;

/// How far the host's position may be from where the last block ended, in frames, or else a tick: what is rounded adds up, and
/// is nothing to follow.
const NEAR_FRAMES: f64 = 1.5;

/// Beyond this it is a jump, in beats: no loop is so short, and a tempo that changes within a block, which the host tells
/// with the next one only, seldom leads so far astray.
pub const LEAP_BEATS: f64 = 1.0 / 16.0;

/// A moment so little after a frame still falls on it, in frames: more than positions are rounded by.
const SLACK_FRAMES: f64 = 1e-3;

/// Counts frames from a position of the host's on, as long as the host agrees.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Position at frame 0, beats.
    anchor: f64,
    per_frame: f64,
    /// Frames since then.
    count: i64,
    /// Moments up to this one have had their frame, beats.
    past: f64,
    grid: Grid,
}

impl Clock {
    /// A clock that begins at a position, beats; `per_frame`: beats, above 0.
    pub fn begin(beats: f64, per_frame: f64, grid: Grid) -> Self {
        // What lies less than a frame before would have fallen on this one.
        Self { anchor: beats, per_frame, count: 0, past: beats - per_frame * (1.0 - SLACK_FRAMES), grid }
    }

    /// Where the next frame is, beats.
    pub fn position(&self) -> f64 {
        self.beats(self.count)
    }

    /// The clock for frames that the host says begin at this position: itself where the two agree; where the tempo has
    /// changed, or they have drifted apart, one that leaves nothing out and gives nothing twice; after a jump, a new one.
    #[must_use]
    pub fn follow(self, beats: f64, per_frame: f64, grid: Grid) -> Self {
        let apart = (beats - self.position()).abs();
        if apart > LEAP_BEATS {
            return Self::begin(beats, per_frame, grid);
        }
        let near = (NEAR_FRAMES * self.per_frame).max(TICK_BEATS);
        if apart <= near && per_frame == self.per_frame && grid == self.grid {
            return self;
        }
        let mut past = self.past();
        if grid.length == self.grid.length {
            // Another swing moves the steps: those that have been are still those.
            past = grid.beats(self.grid.place(past));
        }
        Self { anchor: beats, per_frame, count: 0, past, grid }
    }

    /// The moments that may fall on one of the next frames lie between these, beats.
    pub fn span(&self, frames: usize) -> (f64, f64) {
        (self.past(), self.beats(self.count + frames as i64))
    }

    /// On which of the next frames a moment falls: the first one that is not before it.
    pub fn frame(&self, beats: f64, frames: usize) -> Option<usize> {
        let frame = ((beats - self.anchor) / self.per_frame - SLACK_FRAMES).ceil().max(0.0) as i64;
        let frame = usize::try_from(frame - self.count).ok().filter(|frame| *frame < frames);
        frame.filter(|_| beats > self.past)
    }

    /// Goes on by some frames.
    pub fn advance(&mut self, frames: usize) {
        self.count += frames as i64;
    }

    fn beats(&self, frame: i64) -> f64 {
        self.anchor + frame as f64 * self.per_frame
    }

    /// The last moment that has had its frame.
    fn past(&self) -> f64 {
        if self.count == 0 {
            self.past
        } else {
            self.past.max(self.beats(self.count - 1) + SLACK_FRAMES * self.per_frame)
        }
    }
}
