//! The ring between the audio thread and the window's analyser.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use rtrb::{Consumer, Producer, RingBuffer};

/// Frames that travel together.
pub const PIECE_FRAMES: usize = 32;

/// How much sound waits for an analyser that is held up, seconds: as long as a busy system keeps a thread waiting.
const ROOM_S: f64 = 0.2;

/// Some frames of input and output, both mono; the input is as late as the output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Frames since the sound began.
    pub start: u64,
    /// The dry sound that is mixed: the input, late by the latency.
    pub input: [f32; PIECE_FRAMES],
    /// What the host gets.
    pub output: [f32; PIECE_FRAMES],
}

/// The reader's end of one feed.
pub(super) struct Line {
    pub(super) pieces: Consumer<Piece>,
    pub(super) rate_hz: f64,
}

/// Where the audio thread's feed and the window's analyser meet.
#[derive(Default)]
pub struct SoundTap {
    is_open: AtomicBool,
    line: Mutex<Option<Line>>,
}

impl SoundTap {
    /// The audio thread's end of a new ring, in the place of the last one. Allocates; never on the audio thread.
    pub fn feed(&self, rate_hz: f64) -> Feed {
        let (pieces, reader) = RingBuffer::new((rate_hz * ROOM_S) as usize / PIECE_FRAMES + 1);
        *self.line.lock() = Some(Line { pieces: reader, rate_hz });
        Feed { pieces, piece: Piece { start: 0, input: [0.0; PIECE_FRAMES], output: [0.0; PIECE_FRAMES] }, filled: 0 }
    }

    /// Whether anybody listens.
    ///
    /// # Realtime
    /// Wait-free.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    pub(super) fn set_open(&self, is_open: bool) {
        self.is_open.store(is_open, Ordering::Relaxed);
    }

    /// The newest feed, if it has not been taken.
    pub(super) fn take_line(&self) -> Option<Line> {
        self.line.lock().take()
    }

    /// Leaves a feed for the next reader, unless a newer one is there.
    pub(super) fn put_back(&self, line: Line) {
        let mut place = self.line.lock();
        if place.is_none() {
            *place = Some(line);
        }
    }
}

/// The audio thread's end. Every method is wait-free and does not allocate.
pub struct Feed {
    pieces: Producer<Piece>,
    piece: Piece,
    filled: usize,
}

impl Feed {
    /// One frame; a full piece leaves, or is dropped where the ring is full.
    pub fn push(&mut self, input: f32, output: f32) {
        self.piece.input[self.filled] = input;
        self.piece.output[self.filled] = output;
        self.filled += 1;
        if self.filled == PIECE_FRAMES {
            // The count goes on: the reader sees by it what is missing.
            let _ = self.pieces.push(self.piece);
            self.piece.start += PIECE_FRAMES as u64;
            self.filled = 0;
        }
    }

    /// Counts frames that nobody listens to.
    pub fn skip(&mut self, frames: usize) {
        self.piece.start += (self.filled + frames) as u64;
        self.filled = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_ring_only_drops_and_the_count_goes_on() {
        let tap = SoundTap::default();
        let mut feed = tap.feed(48_000.0);
        let mut line = tap.take_line().unwrap();
        let room = line.pieces.buffer().capacity();
        for n in 0..(room + 10) * PIECE_FRAMES {
            feed.push(n as f32, -(n as f32));
        }
        let mut starts = Vec::new();
        while let Ok(piece) = line.pieces.pop() {
            assert_eq!((piece.input[5], piece.output[5]), (piece.start as f32 + 5.0, -(piece.start as f32) - 5.0));
            starts.push(piece.start);
        }
        assert_eq!(starts, (0..room as u64).map(|n| n * PIECE_FRAMES as u64).collect::<Vec<_>>());
        feed.skip(7);
        (0..PIECE_FRAMES).for_each(|_| feed.push(0.0, 0.0));
        assert_eq!(line.pieces.pop().unwrap().start, ((room + 10) * PIECE_FRAMES + 7) as u64);
    }

    #[test]
    fn a_newer_feed_is_not_replaced_by_an_older_one() {
        let tap = SoundTap::default();
        let _first = tap.feed(44_100.0);
        let old = tap.take_line().unwrap();
        let _second = tap.feed(96_000.0);
        tap.put_back(old);
        assert_eq!(tap.take_line().unwrap().rate_hz, 96_000.0);
    }
}
