//! Chunks of samples: WAV, RIFX, RF64, BW64, Wave64, AIFF and AIFF-C, also unfinished, cut and with lying lengths.
//!
//! The library reads the simple ones of these; but it believes every length that a header gives, and cannot go on
//! behind the sound that a header promises. Samples are decoded by the library in any case.

mod format;

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use super::kind::Family;
use super::report::Promise;
use super::source::Source;
pub(super) use format::Flaw;
use format::{Format, Tag};

/// Frames of a packet, about.
const PACKET_FRAMES: u64 = 1152;
/// Bytes of a header's chunk that are kept; longer ones of the kinds that are needed are damage.
const MOST_CHUNK_BYTES: u64 = 1 << 16;
/// Bytes that a file may have behind its sound without a meaning.
const MOST_PADDING_BYTES: u64 = 1 << 16;

/// A file's sound, packet by packet.
pub(super) struct Wave {
    from: BufReader<Source>,
    format: Format,
    /// Bytes of sound that are left; `None`: up to the end of the stream.
    left: Option<u64>,
    /// Whether what follows the sound is looked at when it comes: a stream's end is not known before.
    is_stream: bool,
    position: u64,
    /// What the header promised.
    pub(super) promise: Promise,
    /// Whether the file ends before the end that its header promises.
    pub(super) is_cut_short: bool,
}

/// What the chunks before the sound said.
#[derive(Default)]
struct Header {
    format: Option<Format>,
    /// From a `ds64` chunk.
    data_bytes: Option<u64>,
    /// From a `fact` chunk.
    frames: Option<u64>,
}

impl Wave {
    /// Reads the header and stands before the sound.
    pub(super) fn open(source: Source, family: Family) -> Result<Self, Flaw> {
        let length = source.length();
        let mut from = BufReader::with_capacity(1 << 16, source);
        let mut chunks = Chunks { from: &mut from, family, is_rf64: false, at: 0 };
        chunks.begin()?;
        let mut header = Header::default();
        let mut data = None;
        while header.format.is_none() || data.is_none() {
            let Some(chunk) = chunks.next()? else {
                return Err(if data.is_some() { Flaw::NoFormat } else { Flaw::NoData });
            };
            match &chunk.tag {
                b"fmt " if family != Family::Aiff => {
                    let bytes = chunks.take(&chunk)?;
                    header.format = Some(Format::of_wav(&bytes, family == Family::Rifx)?);
                }
                b"COMM" if family == Family::Aiff => {
                    let (format, frames) = Format::of_aiff(&chunks.take(&chunk)?)?;
                    (header.format, header.frames) = (Some(format), Some(frames));
                }
                b"ds64" => {
                    let bytes = chunks.take(&chunk)?;
                    header.data_bytes = bytes.get(8..16).map(|b| u64::from_le_bytes(b.try_into().unwrap_or_default()));
                }
                b"fact" => {
                    let bytes = chunks.take(&chunk)?;
                    let frames = bytes.get(..4).map(|b| b.try_into().unwrap_or_default());
                    header.frames = frames.map(|b| match family {
                        Family::Rifx => u32::from_be_bytes(b).into(),
                        _ => u32::from_le_bytes(b).into(),
                    });
                }
                b"data" | b"SSND" => {
                    let mut stated = chunk.bytes;
                    if family == Family::Aiff {
                        // Where the sound begins within the chunk, and a block size that nobody uses.
                        let head = chunks.read::<8>()?;
                        let offset = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
                        chunks.skip(offset.into())?;
                        stated = stated.map(|bytes| bytes.saturating_sub(8 + u64::from(offset)));
                    }
                    if chunks.is_rf64 && stated.is_none() {
                        stated = header.data_bytes.filter(|&bytes| bytes != 0 && bytes < u64::MAX / 2);
                    }
                    data = Some((chunks.at, stated));
                    if header.format.is_none() {
                        // The description comes behind the sound: only a file can be gone back in.
                        chunks.skip(stated.ok_or(Flaw::NoFormat)?)?;
                        chunks.align(stated.unwrap_or(0))?;
                    }
                }
                _ => chunks.pass(&chunk)?,
            }
        }
        let (Some(mut format), Some((at, stated))) = (header.format, data) else { return Err(Flaw::NoData) };
        format.family = family;
        // What programs write that do not know the length yet, into a pipe: all ones, or the most that a header holds.
        let stated = stated.filter(|bytes| !matches!(bytes, 0x7fff_f000..=0x8000_0000 | 0xffff_f000..=0xffff_ffff));
        let mut rest = None;
        if let Some(length) = length {
            from.seek(SeekFrom::Start(at)).map_err(Flaw::Io)?;
            rest = Some(length.saturating_sub(at));
        }
        let mut wave = Self {
            from,
            format,
            left: stated.filter(|&bytes| bytes != 0),
            is_stream: rest.is_none(),
            position: 0,
            promise: Promise::None,
            is_cut_short: false,
        };
        wave.settle(family, at, stated, rest)?;
        wave.trust_frames(header.frames);
        Ok(wave)
    }

    /// Compares what the header promises with what is there.
    fn settle(&mut self, family: Family, at: u64, stated: Option<u64>, rest: Option<u64>) -> Result<(), Flaw> {
        let frames = |format: &Format, bytes: u64| bytes / format.block_bytes * format.block_frames;
        self.promise = match stated {
            None => Promise::None,
            // What a recorder leaves that was not stopped: there is sound, and no length.
            Some(0) => Promise::Unfinished,
            Some(bytes) => Promise::Frames(frames(&self.format, bytes)),
        };
        let Some(rest) = rest else { return Ok(()) };
        let end = match stated {
            None => rest,
            Some(bytes) if bytes >= rest => rest,
            Some(bytes) => {
                self.from.seek(SeekFrom::Start(at + bytes)).map_err(Flaw::Io)?;
                let is_over = self.is_over(family, Some(rest - bytes))?;
                self.from.seek(SeekFrom::Start(at)).map_err(Flaw::Io)?;
                if is_over { bytes } else { rest }
            }
        };
        if end == 0 || (stated == Some(0) && end < self.format.block_bytes) {
            return Err(Flaw::NoFrames);
        }
        self.is_cut_short = stated.is_some_and(|bytes| frames(&self.format, bytes) > frames(&self.format, rest));
        self.left = Some(end);
        Ok(())
    }

    /// Whether the sound is over here: nothing but chunks or padding follows. `rest`: bytes up to a file's end.
    fn is_over(&mut self, family: Family, rest: Option<u64>) -> Result<bool, Flaw> {
        let block = self.format.block_bytes;
        let Some(mut rest) = rest else {
            let head = self.from.fill_buf().map_err(Flaw::Io)?;
            // A stream cannot be looked at as far as its end.
            return Ok((head.len() as u64) < block.max(2)
                || chunk_head(head, family, u64::MAX).is_some()
                || head.get(1..).is_some_and(|head| chunk_head(head, family, u64::MAX).is_some())
                || head.iter().all(|&byte| byte == 0));
        };
        if rest < block.max(2) {
            return Ok(true);
        }
        let start = self.from.stream_position().map_err(Flaw::Io)?;
        // Chunks begin at even places, but not in every file.
        for pad in [start % 2, 0, 1] {
            self.from.seek(SeekFrom::Start(start + pad)).map_err(Flaw::Io)?;
            let mut left = rest - pad;
            let mut found = 0;
            loop {
                let mut head = [0; 24];
                let wanted = left.min(head.len() as u64) as usize;
                self.from.read_exact(&mut head[..wanted]).map_err(Flaw::Io)?;
                match chunk_head(&head[..wanted], family, left) {
                    Some(bytes) if bytes < left => {
                        found += 1;
                        left -= bytes;
                        self.from.seek_relative(bytes as i64 - wanted as i64).map_err(Flaw::Io)?;
                    }
                    Some(_) => return Ok(true),
                    // The last chunk may be followed by an odd byte.
                    None if found > 0 && left < 8 => return Ok(true),
                    None => break,
                }
            }
        }
        // Nothing but zeros is padding, if it is short, and never a loss.
        self.from.seek(SeekFrom::Start(start)).map_err(Flaw::Io)?;
        let is_short = rest <= MOST_PADDING_BYTES;
        while rest > 0 {
            let buffer = self.from.fill_buf().map_err(Flaw::Io)?;
            if buffer.is_empty() || buffer.iter().any(|&byte| byte != 0) {
                return Ok(false);
            }
            let count = buffer.len();
            self.from.consume(count);
            rest = rest.saturating_sub(count as u64);
        }
        Ok(is_short)
    }

    /// A number of frames that fits the data's last block is exact; any other one lies.
    fn trust_frames(&mut self, frames: Option<u64>) {
        let (Some(frames), Some(left)) = (frames, self.left) else { return };
        let block = self.format.block_frames;
        let held = left / self.format.block_bytes * block;
        if block > 1 && frames <= held && frames + block > held {
            self.format.frames = Some(frames);
            if let Promise::Frames(promised) = &mut self.promise {
                *promised = frames;
            }
        }
    }

    /// How the sound is to be decoded.
    pub(super) fn parameters(&self) -> AudioCodecParameters {
        let mut parameters = self.format.parameters();
        parameters.with_max_frames_per_packet(self.packet_blocks() * self.format.block_frames);
        parameters
    }

    pub(super) fn channels(&self) -> usize {
        self.format.channels
    }

    pub(super) fn rate_hz(&self) -> u32 {
        self.format.rate_hz
    }

    /// Frames that will come, where that is known.
    pub(super) fn frames(&self) -> Option<u64> {
        let held = self.left.map(|left| left / self.format.block_bytes * self.format.block_frames);
        self.format.frames.or(held)
    }

    fn packet_blocks(&self) -> u64 {
        (PACKET_FRAMES / self.format.block_frames).max(1)
    }

    /// The next packet; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Packet>> {
        let block = self.format.block_bytes;
        let mut wanted = self.packet_blocks() * block;
        if let Some(left) = self.left {
            wanted = wanted.min(left);
        }
        let mut bytes = vec![0; wanted as usize];
        let mut there = 0;
        while there < bytes.len() {
            match self.from.read(&mut bytes[there..]) {
                Ok(0) => break,
                Ok(count) => there += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if there < bytes.len() {
            self.is_cut_short |= self.left.is_some_and(|left| left > there as u64);
            self.left = Some(0);
        } else if let Some(left) = &mut self.left {
            *left -= there as u64;
            if *left == 0 && self.is_stream && there > 0 {
                // The stream may well go on behind the sound that its header promises.
                self.is_stream = false;
                let family = self.format.family;
                if !self.is_over(family, None).map_err(Flaw::into_io)? {
                    self.left = None;
                }
            }
        }
        let blocks = there as u64 / block;
        bytes.truncate((blocks * block) as usize);
        if blocks == 0 {
            return Ok(None);
        }
        let frames = blocks * self.format.block_frames;
        let here = Timestamp::from(i64::try_from(self.position).unwrap_or(i64::MAX));
        let mut packet = Packet::new(0, here, Duration::from(frames), bytes);
        self.position += frames;
        if let Some(end) = self.format.frames {
            let over = self.position.saturating_sub(end).min(frames);
            packet.trim_end = Duration::from(over);
            packet.dur = Duration::from(frames - over);
        }
        Ok(Some(packet))
    }
}

/// Bytes that a chunk takes whose head this is, with head and padding, at most `rest`; `None` where there is none.
fn chunk_head(head: &[u8], family: Family, rest: u64) -> Option<u64> {
    let tag = head.get(..4)?;
    if !tag.iter().all(|byte| matches!(byte, b' '..=b'~')) || tag.iter().filter(|b| b.is_ascii_alphabetic()).count() < 2
    {
        return None;
    }
    let size = |at: usize| head.get(at..at + 4).map(|b| [b[0], b[1], b[2], b[3]]);
    let bytes = match family {
        Family::Riff => 8 + u64::from(u32::from_le_bytes(size(4)?)),
        Family::Rifx | Family::Aiff => 8 + u64::from(u32::from_be_bytes(size(4)?)),
        Family::Wave64 => u64::from_le_bytes(head.get(16..24)?.try_into().ok()?).next_multiple_of(8),
    };
    let bytes = bytes + bytes % 2;
    // A stream's last chunks are text, not gigabytes.
    let most = if rest == u64::MAX { 1 << 26 } else { rest + 1 };
    (bytes <= most).then_some(bytes)
}

struct Chunk {
    tag: Tag,
    /// `None`: not known when it was written.
    bytes: Option<u64>,
}

/// Chunk after chunk of a header.
struct Chunks<'a> {
    from: &'a mut BufReader<Source>,
    family: Family,
    is_rf64: bool,
    /// Bytes from the file's start.
    at: u64,
}

impl Chunks<'_> {
    fn begin(&mut self) -> Result<(), Flaw> {
        // ID3 tags may stand before it; the kind was found behind them.
        while let length @ 1.. = super::kind::id3_bytes(self.from.fill_buf().map_err(Flaw::Io)?) {
            self.skip(length)?;
        }
        if self.family == Family::Wave64 {
            self.read::<40>()?;
            return Ok(());
        }
        let head = self.read::<12>()?;
        self.is_rf64 = matches!(&head[..4], b"RF64" | b"BW64");
        Ok(())
    }

    fn read<const N: usize>(&mut self) -> Result<[u8; N], Flaw> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes).map_err(Flaw::of_header)?;
        self.at += N as u64;
        Ok(bytes)
    }

    /// The next chunk's head; `None` at the end.
    fn next(&mut self) -> Result<Option<Chunk>, Flaw> {
        if self.from.fill_buf().map_err(Flaw::Io)?.is_empty() {
            // A header that ends without sound is cut, unless it is one that lacks only its description.
            return if self.at <= 12 { Err(Flaw::HeaderCut) } else { Ok(None) };
        }
        let (tag, bytes) = match self.family {
            Family::Wave64 => {
                let head = self.read::<24>()?;
                let bytes = u64::from_le_bytes(head[16..].try_into().unwrap_or_default());
                ([head[0], head[1], head[2], head[3]], Some(bytes.saturating_sub(24)).filter(|&b| b < u64::MAX / 4))
            }
            Family::Riff => {
                let head = self.read::<8>()?;
                let bytes = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
                ([head[0], head[1], head[2], head[3]], Some(u64::from(bytes)).filter(|_| bytes != u32::MAX))
            }
            Family::Rifx | Family::Aiff => {
                let head = self.read::<8>()?;
                let bytes = u32::from_be_bytes([head[4], head[5], head[6], head[7]]);
                ([head[0], head[1], head[2], head[3]], Some(u64::from(bytes)).filter(|_| bytes != u32::MAX))
            }
        };
        Ok(Some(Chunk { tag, bytes }))
    }

    fn take(&mut self, chunk: &Chunk) -> Result<Vec<u8>, Flaw> {
        let length = chunk.bytes.filter(|&bytes| bytes <= MOST_CHUNK_BYTES).ok_or(Flaw::HeaderCut)?;
        let mut bytes = vec![0; length as usize];
        self.from.read_exact(&mut bytes).map_err(Flaw::of_header)?;
        self.at += length;
        self.align(length)?;
        Ok(bytes)
    }

    fn pass(&mut self, chunk: &Chunk) -> Result<(), Flaw> {
        let length = chunk.bytes.ok_or(Flaw::HeaderCut)?;
        self.skip(length)?;
        self.align(length)
    }

    fn align(&mut self, length: u64) -> Result<(), Flaw> {
        let pad = match self.family {
            Family::Wave64 => length.next_multiple_of(8) - length,
            _ => length % 2,
        };
        self.skip(pad)
    }

    fn skip(&mut self, length: u64) -> Result<(), Flaw> {
        if self.from.get_ref().length().is_some() {
            self.from.seek_relative(i64::try_from(length).map_err(|_| Flaw::HeaderCut)?).map_err(Flaw::Io)?;
        } else {
            io::copy(&mut self.from.by_ref().take(length), &mut io::sink()).map_err(Flaw::Io)?;
        }
        self.at = self.at.saturating_add(length);
        Ok(())
    }
}
