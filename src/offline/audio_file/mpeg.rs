//! MP3: frames and nothing else, with tags between them.
//!
//! The library decodes the frames. Finding them is done here, since a guess of the length from the first frames ends its
//! sound, what begins a second recording is thrown away by it, and what is damaged is not counted.

use std::collections::VecDeque;
use std::io::{self, Read};

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::CODEC_ID_MP3;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use super::Step;
use super::kind::id3_bytes;
use super::report::Promise;
use super::source::Source;

/// Bytes read at once.
const READ_BYTES: usize = 1 << 16;
/// Packets looked ahead: as many as padding at a recording's end may fill.
const AHEAD: usize = 9;
/// Bytes at the end that are no sound and no known tag, and still no loss.
const MOST_TRAILING_BYTES: u64 = 4096;
/// Headers that follow each other by their own lengths, until a beginning is believed.
const CHAIN: usize = 3;

/// An MP3 file, frame by frame.
pub(super) struct Mpeg {
    from: Source,
    buffer: Vec<u8>,
    at: usize,
    has_ended: bool,
    first: Header,
    is_synced: bool,
    /// Whether no frame was seen yet.
    is_beginning: bool,
    /// Of the frames that were last seen.
    mean_bytes: f64,
    ahead: VecDeque<Found>,
    piece: Piece,
    pub(super) is_cut_short: bool,
    promised_frames: Option<u64>,
}

enum Found {
    Frame(Box<[u8]>),
    Gap(u64),
    Tag(Piece),
    End,
}

/// One recording, as its tag describes it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Piece {
    /// Frames of sound before delay and padding are taken off.
    stated: Option<u64>,
    delay: u64,
    padding: u64,
    /// Frames so far, delay included.
    position: u64,
}

impl Piece {
    fn sounding(&self) -> Option<u64> {
        Some(self.stated?.saturating_sub(self.delay + self.padding))
    }
}

/// A frame's header (ISO 11172-3, 13818-3), of layer III only.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Header {
    is_mpeg1: bool,
    rate_hz: u32,
    channels: usize,
    /// Header included.
    bytes: usize,
    has_crc: bool,
}

impl Header {
    fn parse(head: &[u8]) -> Option<Self> {
        const RATES_MPEG1: [u32; 14] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
        const RATES_MPEG2: [u32; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
        let &[0xff, second, third, fourth, ..] = head else { return None };
        // Synchronised, and of layer III.
        if second & 0xe6 != 0xe2 {
            return None;
        }
        let (version, index) = (second >> 3 & 3, usize::from(third >> 4));
        let rate_hz = *[44_100, 48_000, 32_000].get(usize::from(third >> 2 & 3))?;
        let (is_mpeg1, rate_hz) = match version {
            3 => (true, rate_hz),
            2 => (false, rate_hz / 2),
            0 => (false, rate_hz / 4),
            _ => return None,
        };
        let table = if is_mpeg1 { RATES_MPEG1 } else { RATES_MPEG2 };
        let bits_per_s = 1000 * table.get(index.checked_sub(1)?)?;
        let bytes = (if is_mpeg1 { 144 } else { 72 }) * bits_per_s / rate_hz + u32::from(third >> 1 & 1);
        let channels = if fourth >> 6 == 3 { 1 } else { 2 };
        Some(Self { is_mpeg1, rate_hz, channels, bytes: bytes as usize, has_crc: second & 1 == 0 })
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.is_mpeg1, self.rate_hz, self.channels) == (other.is_mpeg1, other.rate_hz, other.channels)
    }

    fn frames(&self) -> u64 {
        if self.is_mpeg1 { 1152 } else { 576 }
    }

    fn side_bytes(&self) -> usize {
        match (self.is_mpeg1, self.channels) {
            (true, 2) => 32,
            (true, _) | (false, 2) => 17,
            (false, _) => 9,
        }
    }
}

/// The header of a frame here that others follow by their own lengths.
fn chain_at(bytes: &[u8], at: usize) -> Option<Header> {
    let first = Header::parse(bytes.get(at..)?)?;
    let mut next = at + first.bytes;
    for count in 1..CHAIN {
        match bytes.get(next..).filter(|rest| rest.len() >= 4) {
            Some(rest) => next += Header::parse(rest).filter(|header| header.is_like(&first))?.bytes,
            // A file that ends here is short, and no counter-proof.
            None if count > 1 || next == bytes.len() => break,
            None => return None,
        }
    }
    Some(first)
}

/// Where a chain of frames begins in these bytes, if one does.
fn chain(bytes: &[u8]) -> Option<(usize, Header)> {
    (0..bytes.len()).find_map(|at| Some((at, chain_at(bytes, at)?)))
}

/// Whether these are the first bytes of an MP3.
pub(super) fn begins(head: &[u8]) -> bool {
    chain(head).is_some()
}

impl Mpeg {
    /// Finds the first frame. `None`: there is none.
    pub(super) fn open(from: Source) -> io::Result<Option<Self>> {
        let none = Header { is_mpeg1: true, rate_hz: 0, channels: 0, bytes: 0, has_crc: false };
        let mut mpeg = Self {
            from,
            buffer: Vec::new(),
            at: 0,
            has_ended: false,
            first: none,
            is_synced: false,
            is_beginning: true,
            mean_bytes: 0.0,
            ahead: VecDeque::new(),
            piece: Piece::default(),
            is_cut_short: false,
            promised_frames: None,
        };
        while mpeg.skip_tag()? {}
        mpeg.fill(READ_BYTES)?;
        let Some((at, header)) = chain(mpeg.rest()) else { return Ok(None) };
        mpeg.at += at;
        (mpeg.first, mpeg.is_synced) = (header, true);
        while mpeg.ahead.len() < AHEAD && !matches!(mpeg.ahead.back(), Some(Found::End)) {
            let found = mpeg.find()?;
            mpeg.ahead.push_back(found);
        }
        if let Some(Found::Tag(piece)) = mpeg.ahead.front() {
            mpeg.piece = *piece;
            mpeg.promised_frames = piece.sounding();
            mpeg.ahead.pop_front();
        }
        Ok(Some(mpeg))
    }

    pub(super) fn parameters(&self) -> AudioCodecParameters {
        let mut parameters = AudioCodecParameters::new();
        parameters.for_codec(CODEC_ID_MP3).with_sample_rate(self.first.rate_hz);
        parameters
    }

    /// What the first recording's tag promises: nothing where it has none.
    pub(super) fn promise(&self) -> Promise {
        self.promised_frames.map_or(Promise::None, Promise::Frames)
    }

    /// Frames that will come, from the tag, or about, from the file's length; `None` for a stream.
    pub(super) fn frames(&self) -> Option<u64> {
        let guess = || Some(self.from.length()? / self.first.bytes.max(1) as u64 * self.first.frames());
        self.promised_frames.or_else(guess)
    }

    /// What comes next.
    pub(super) fn next(&mut self) -> io::Result<Step> {
        while self.ahead.len() < AHEAD && !matches!(self.ahead.back(), Some(Found::End)) {
            let found = self.find()?;
            self.ahead.push_back(found);
        }
        Ok(match self.ahead.pop_front() {
            Some(Found::Frame(bytes)) => Step::Packet(self.packet(bytes)),
            Some(Found::Gap(frames)) => {
                self.piece.position += frames;
                Step::Gap(frames)
            }
            Some(Found::Tag(piece)) => {
                self.close_piece();
                self.piece = piece;
                Step::Begin(None)
            }
            Some(Found::End) | None => {
                self.close_piece();
                self.ahead.push_back(Found::End);
                Step::End
            }
        })
    }

    /// Compares a recording with its tag. Some tags count themselves, so one frame more or less says nothing.
    fn close_piece(&mut self) {
        let spare = 2 * self.first.frames();
        if let Some(stated) = self.piece.stated {
            self.is_cut_short |= self.piece.position + spare <= stated;
        }
    }

    fn packet(&mut self, bytes: Box<[u8]>) -> Packet {
        let frames = self.first.frames();
        let start = self.piece.position;
        self.piece.position += frames;
        let mut packet = Packet::new(0, Timestamp::from(0), Duration::from(frames), bytes);
        let trim_start = self.piece.delay.saturating_sub(start).min(frames);
        let mut trim_end = 0;
        if let Some(stated) = self.piece.stated {
            let end = stated.saturating_sub(self.piece.padding);
            // Padding is taken off where the recording ends as its tag says; data that goes on is no padding.
            let is_end = |found: &Found| matches!(found, Found::Tag(_) | Found::End);
            let left = self.ahead.iter().position(is_end).map(|count| count as u64 * frames);
            let is_as_stated = left.is_some_and(|left| self.piece.position + left <= stated);
            if is_as_stated {
                trim_end = self.piece.position.saturating_sub(end).min(frames - trim_start);
            }
        }
        packet.trim_start = Duration::from(trim_start);
        packet.trim_end = Duration::from(trim_end);
        packet.dur = Duration::from(frames - trim_start - trim_end);
        packet
    }

    fn rest(&self) -> &[u8] {
        &self.buffer[self.at..]
    }

    /// Has `wanted` bytes at hand, or all that are left.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        while self.rest().len() < wanted && !self.has_ended {
            self.buffer.drain(..self.at);
            self.at = 0;
            let before = self.buffer.len();
            let count = (&mut self.from).take(READ_BYTES as u64).read_to_end(&mut self.buffer)?;
            self.has_ended = count < READ_BYTES;
            debug_assert_eq!(self.buffer.len(), before + count);
        }
        Ok(())
    }

    /// Passes a tag that stands here; -> whether one did.
    fn skip_tag(&mut self) -> io::Result<bool> {
        self.fill(160)?;
        let rest = self.rest();
        let ape = |flags_at: usize| {
            let word = |at: usize| rest.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            let (length, flags) = (u64::from(word(12)?), word(flags_at)?);
            // A tag's head tells of what follows it, its foot of what came before.
            Some(32 + if flags & 1 << 29 == 0 { 0 } else { length })
        };
        let mut length = id3_bytes(rest);
        // An old tag has 128 bytes, and ends a recording: only another one, or nothing, comes behind it.
        let is_old = |rest: &[u8]| {
            let behind = rest.get(128..)?;
            let is_frame = || Header::parse(behind).is_some_and(|header| header.is_like(&self.first));
            Some(behind.is_empty() || id3_bytes(behind) > 0 || is_frame())
        };
        if rest.starts_with(b"TAG") && is_old(rest) == Some(true) {
            length = 128;
        } else if rest.starts_with(b"APETAGEX") {
            length = ape(20).unwrap_or(32);
        }
        if length == 0 {
            return Ok(false);
        }
        while length > 0 {
            self.fill(1)?;
            let count = self.rest().len().min(usize::try_from(length).unwrap_or(usize::MAX));
            if count == 0 {
                break;
            }
            self.at += count;
            length -= count as u64;
        }
        Ok(true)
    }

    /// Whether a frame or a tag, or the end, is `offset` bytes ahead.
    fn is_border(&mut self, offset: usize) -> io::Result<bool> {
        self.fill(offset + 12)?;
        let rest = self.rest().get(offset..).unwrap_or_default();
        let is_tag = || rest.starts_with(b"TAG") || rest.starts_with(b"APETAGEX") || id3_bytes(rest) > 0;
        Ok(rest.is_empty() || Header::parse(rest).is_some_and(|header| header.is_like(&self.first)) || is_tag())
    }

    /// The next frame, gap or tag.
    fn find(&mut self) -> io::Result<Found> {
        let mut lost_bytes = 0_u64;
        loop {
            if self.skip_tag()? {
                continue;
            }
            if self.rest().len() < 4 {
                self.is_cut_short |= lost_bytes > MOST_TRAILING_BYTES;
                return Ok(Found::End);
            }
            let header = Header::parse(self.rest());
            if let Some(header) = header.filter(|header| header.is_like(&self.first)) {
                self.fill(header.bytes + 12)?;
                if self.rest().len() < header.bytes {
                    // The last frame is cut.
                    self.is_cut_short |= self.is_synced;
                    self.at = self.buffer.len();
                    return Ok(Found::End);
                }
                let is_whole = self.is_border(header.bytes)?;
                if is_whole || (self.is_synced && !self.breaks_off(header.bytes)?) {
                    let lost = self.frames_in(lost_bytes);
                    if lost > 0 && !self.is_beginning {
                        self.is_synced = true;
                        return Ok(Found::Gap(lost));
                    }
                    self.is_synced = true;
                    let bytes: Box<[u8]> = self.rest()[..header.bytes].into();
                    self.at += header.bytes;
                    if let Some(piece) = tag(&bytes, &header) {
                        self.is_beginning = false;
                        return Ok(Found::Tag(piece));
                    }
                    self.is_beginning = false;
                    self.mean_bytes +=
                        (header.bytes as f64 - self.mean_bytes) / if self.mean_bytes > 0.0 { 8.0 } else { 1.0 };
                    return Ok(Found::Frame(bytes));
                }
            } else if lost_bytes == 0 || header.is_some() {
                self.fill(READ_BYTES)?;
                if let Some(other) = chain_at(self.rest(), 0).filter(|other| !other.is_like(&self.first)) {
                    let text = format!(
                        "it goes on with {} Hz and {} channels, after {} Hz and {}; split it there",
                        other.rate_hz, other.channels, self.first.rate_hz, self.first.channels
                    );
                    return Err(io::Error::new(io::ErrorKind::InvalidData, text));
                }
            }
            self.is_synced = false;
            self.at += 1;
            lost_bytes += 1;
        }
    }

    /// Whether another frame begins within this one: then it lacks its end.
    fn breaks_off(&mut self, bytes: usize) -> io::Result<bool> {
        self.fill(bytes + 4096)?;
        let end = (bytes + 4096).min(self.rest().len());
        let found = chain(&self.rest()[4..end]).filter(|(_, header)| header.is_like(&self.first));
        Ok(found.is_some_and(|(at, _)| at + 4 < bytes))
    }

    /// How many frames of sound so many bytes hold, in whole MP3 frames.
    fn frames_in(&self, bytes: u64) -> u64 {
        let mean = if self.mean_bytes > 0.0 { self.mean_bytes } else { self.first.bytes as f64 };
        (bytes as f64 / mean.max(1.0)).round() as u64 * self.first.frames()
    }
}

/// What a frame says that holds no sound but a recording's description (Xing, Info, LAME, VBRI).
fn tag(frame: &[u8], header: &Header) -> Option<Piece> {
    let word = |at: usize| frame.get(at..at + 4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]));
    let head = 4 + if header.has_crc { 2 } else { 0 };
    let is_empty = |to: usize| frame.get(head..to).is_some_and(|side| side.iter().all(|&byte| byte == 0));
    let at = 4 + header.side_bytes();
    if matches!(frame.get(at..at + 4), Some(b"Xing" | b"Info")) && is_empty(at) {
        let flags = word(at + 4)?;
        let mut next = at + 8;
        let stated = if flags & 1 != 0 { word(next).map(u64::from) } else { None };
        for (flag, bytes) in [(1, 4), (2, 4), (4, 100), (8, 4)] {
            next += if flags & flag != 0 { bytes } else { 0 };
        }
        let mut piece = Piece { stated: stated.map(|count| count * header.frames()), ..Piece::default() };
        let by = frame.get(next..next + 4);
        if let (Some(b"LAME" | b"Lavf" | b"Lavc"), Some(trim)) = (by, frame.get(next + 21..next + 24)) {
            let trim = u64::from(trim[0]) << 16 | u64::from(trim[1]) << 8 | u64::from(trim[2]);
            // A decoder is late by 528 frames and one.
            piece.delay = 529 + (trim >> 12);
            piece.padding = (trim & 0xfff).saturating_sub(529);
        }
        return Some(piece);
    }
    if frame.get(36..40) == Some(b"VBRI") && is_empty(36) {
        return Some(Piece { stated: word(50).map(|count| u64::from(count) * header.frames()), ..Piece::default() });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_length_rate_and_channels() {
        let header = Header::parse(&[0xff, 0xfb, 0x90, 0x64]).unwrap();
        assert_eq!((header.rate_hz, header.channels, header.bytes, header.frames()), (44_100, 2, 417, 1152));
        let header = Header::parse(&[0xff, 0xf3, 0x40, 0xc4]).unwrap();
        assert_eq!((header.rate_hz, header.channels, header.frames(), header.side_bytes()), (22_050, 1, 576, 9));
        for bad in
            [[0xff, 0xfb, 0xf0, 0x64], [0xff, 0xfb, 0x0c, 0x64], [0xff, 0xf1, 0x50, 0x80], [0xfe, 0xfb, 0x90, 0x64]]
        {
            assert_eq!(Header::parse(&bad), None, "{bad:x?}");
        }
    }
}
