//! Where bytes come from: a file, or what can be read only once, such as a pipe.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use symphonia::core::io::MediaSource;

use crate::offline::STANDARD;

/// Bytes of a stream that are looked at, at most, before they are read.
const MOST_AHEAD: usize = 32 << 20;

/// A file, or a stream with what was looked at ahead.
pub(super) struct Source {
    inner: Inner,
    /// Of a stream: what was looked at before it was read, and how much of that was read since.
    ahead: Vec<u8>,
    read: usize,
}

enum Inner {
    File { file: File, bytes: u64 },
    Stream(Box<dyn Read + Send + Sync>),
}

impl Source {
    /// Opens a file, a FIFO, a device, or standard input (`-`). Blocks until a FIFO has a writer.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let inner = if path == Path::new(STANDARD) {
            Inner::Stream(Box::new(io::stdin()))
        } else {
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            if metadata.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if metadata.is_file() { Inner::File { file, bytes: metadata.len() } } else { Inner::Stream(Box::new(file)) }
        };
        Ok(Self { inner, ahead: Vec::new(), read: 0 })
    }

    /// What the program brings along.
    pub(super) fn of_bytes(bytes: &'static [u8]) -> Self {
        Self { inner: Inner::Stream(Box::new(bytes)), ahead: Vec::new(), read: 0 }
    }

    /// Up to `length` bytes from `offset` bytes ahead, without reading them. Fewer only at the end, or very far ahead.
    pub(super) fn peek(&mut self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        match &mut self.inner {
            Inner::File { file, .. } => {
                let here = file.stream_position()?;
                file.seek(SeekFrom::Start(here.saturating_add(offset)))?;
                let mut bytes = Vec::new();
                file.take(length as u64).read_to_end(&mut bytes)?;
                file.seek(SeekFrom::Start(here))?;
                Ok(bytes)
            }
            Inner::Stream(stream) => {
                let Some(from) = usize::try_from(offset).ok().and_then(|offset| self.read.checked_add(offset)) else {
                    return Ok(Vec::new());
                };
                let to = from.saturating_add(length).min(MOST_AHEAD);
                let missing = to.saturating_sub(self.ahead.len());
                stream.take(missing as u64).read_to_end(&mut self.ahead)?;
                Ok(self.ahead.get(from..to.min(self.ahead.len())).unwrap_or_default().to_vec())
            }
        }
    }

    /// Length of a file, bytes; `None` for a stream.
    pub(super) fn length(&self) -> Option<u64> {
        match self.inner {
            Inner::File { bytes, .. } => Some(bytes),
            Inner::Stream(_) => None,
        }
    }
}

impl Read for Source {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match &mut self.inner {
            Inner::File { file, .. } => file.read(to),
            Inner::Stream(stream) => {
                let rest = &self.ahead[self.read..];
                if rest.is_empty() {
                    return stream.read(to);
                }
                let count = rest.len().min(to.len());
                to[..count].copy_from_slice(&rest[..count]);
                self.read += count;
                if self.read == self.ahead.len() {
                    self.ahead = Vec::new();
                    self.read = 0;
                }
                Ok(count)
            }
        }
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.inner {
            Inner::File { file, .. } => file.seek(to),
            Inner::Stream(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

impl MediaSource for Source {
    fn is_seekable(&self) -> bool {
        matches!(self.inner, Inner::File { .. })
    }

    fn byte_len(&self) -> Option<u64> {
        self.length()
    }
}
