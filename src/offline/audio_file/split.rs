//! A stream cut where another FLAC begins in it: the library's reader takes what is appended for damage.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use symphonia::core::io::MediaSource;

use super::source::Source;

/// How a FLAC begins: its mark, and a first block that is always of one kind and length, the last one or not.
const MARKS: [&[u8; 8]; 2] = [b"fLaC\x00\x00\x00\x22", b"fLaC\x80\x00\x00\x22"];
const MARK_BYTES: usize = MARKS[0].len();
/// Bytes read at once.
const READ_BYTES: u64 = 1 << 16;

/// Gives one FLAC after the other.
#[derive(Clone)]
pub(super) struct Parts(Arc<Mutex<Splitter>>);

struct Splitter {
    from: Source,
    /// What was read and not given; what is given never reaches into the last bytes before the end, which may begin a mark.
    buffer: Vec<u8>,
    has_ended: bool,
    /// Where the next FLAC begins in the buffer.
    next: Option<usize>,
    /// Whether the current one has been given a byte: its own mark ends nothing.
    has_begun: bool,
}

impl Parts {
    pub(super) fn of(from: Source) -> Self {
        let splitter = Splitter { from, buffer: Vec::new(), has_ended: false, next: None, has_begun: false };
        Self(Arc::new(Mutex::new(splitter)))
    }

    /// Goes on to the next FLAC; -> whether there is one. Leaves out what was not read of the current one.
    pub(super) fn advance(&self) -> io::Result<bool> {
        let mut splitter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rest = [0; 4096];
        while splitter.read(&mut rest)? > 0 {}
        splitter.has_begun = false;
        let is_more = splitter.next.take().is_some();
        splitter.look(0);
        Ok(is_more)
    }
}

impl Splitter {
    /// Looks for the next mark in what is new.
    fn look(&mut self, from: usize) {
        let start = from.max(usize::from(!self.has_begun));
        let words = self.buffer.get(start..).unwrap_or_default().windows(MARK_BYTES);
        self.next =
            words.enumerate().find(|(_, word)| MARKS.iter().any(|mark| *word == *mark)).map(|(at, _)| start + at);
    }

    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.next.is_none() && self.buffer.len() <= MARK_BYTES && !self.has_ended {
            let known = (self.buffer.len() + 1).saturating_sub(MARK_BYTES);
            let mut chunk = vec![0; READ_BYTES as usize];
            let count = self.from.read(&mut chunk)?;
            self.has_ended = count == 0;
            self.buffer.extend_from_slice(&chunk[..count]);
            self.look(known);
        }
        let ready = match self.next {
            Some(next) => next,
            None if self.has_ended => self.buffer.len(),
            None => self.buffer.len().saturating_sub(MARK_BYTES),
        };
        let count = ready.min(to.len());
        to[..count].copy_from_slice(&self.buffer[..count]);
        self.buffer.drain(..count);
        self.next = self.next.map(|next| next - count);
        self.has_begun |= count > 0;
        Ok(count)
    }
}

impl Read for Parts {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).read(to)
    }
}

impl Seek for Parts {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl MediaSource for Parts {
    fn is_seekable(&self) -> bool {
        false
    }

    fn byte_len(&self) -> Option<u64> {
        None
    }
}
