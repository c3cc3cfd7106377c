//! How samples lie in a file of chunks.

use std::io;

use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::well_known::*;
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters};

use super::super::kind::Family;

/// A chunk's name.
pub(super) type Tag = [u8; 4];

/// Why such a file cannot be read.
#[derive(Debug)]
pub(in crate::offline::audio_file) enum Flaw {
    Io(io::Error),
    HeaderCut,
    NoFormat,
    NoData,
    NoFrames,
    /// Samples of a kind that is not read, and its name.
    Foreign(String),
    /// Something that no such file says.
    Damaged(&'static str),
}

impl Flaw {
    pub(super) fn of_header(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::HeaderCut } else { Self::Io(error) }
    }

    pub(super) fn into_io(self) -> io::Error {
        match self {
            Self::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        }
    }
}

/// How samples lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Format {
    pub(super) family: Family,
    codec: AudioCodecId,
    pub(super) channels: usize,
    pub(super) rate_hz: u32,
    /// Bytes of what can only be decoded whole: a frame, or an ADPCM block.
    pub(super) block_bytes: u64,
    /// Frames in it.
    pub(super) block_frames: u64,
    /// All frames, where the last block is known not to be full.
    pub(super) frames: Option<u64>,
}

impl Format {
    /// Of a `fmt ` chunk.
    pub(super) fn of_wav(chunk: &[u8], is_big_endian: bool) -> Result<Self, Flaw> {
        if chunk.len() < 16 {
            return Err(Flaw::HeaderCut);
        }
        let short = |at: usize| {
            let bytes = chunk.get(at..at + 2).map_or([0; 2], |b| [b[0], b[1]]);
            if is_big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
        };
        let rate = [chunk[4], chunk[5], chunk[6], chunk[7]];
        let rate_hz = if is_big_endian { u32::from_be_bytes(rate) } else { u32::from_le_bytes(rate) };
        let (channels, align, bits) = (usize::from(short(2)), usize::from(short(12)), usize::from(short(14)));
        // The extensible kind has the old number in front of what is always the same.
        let kind = if short(0) == 0xfffe && chunk.len() >= 40 { short(24) } else { short(0) };
        let family = if is_big_endian { Family::Rifx } else { Family::Riff };
        let adpcm = |codec, head: usize, first: u64| {
            let per_channel = align.checked_sub(head * channels).filter(|&bytes| bytes > 0);
            let bytes = per_channel.filter(|_| bits == 4 && (1..=2).contains(&channels));
            let bytes = bytes.ok_or(Flaw::Damaged("its ADPCM blocks have an impossible size"))?;
            let block_frames = 2 * bytes as u64 / channels as u64 + first;
            Ok(Self { family, codec, channels, rate_hz, block_bytes: align as u64, block_frames, frames: None })
        };
        let plain = |codec, bytes: usize| {
            let block_bytes = (bytes * channels).max(1) as u64;
            Ok(Self { family, codec, channels, rate_hz, block_bytes, block_frames: 1, frames: None })
        };
        match kind {
            1 => {
                // Samples of 20 or 24 bits may lie in 32, at the upper end.
                let bytes = if (17..32).contains(&bits) && align == 4 * channels { 4 } else { bits.div_ceil(8) };
                if !bits.is_multiple_of(8) && align != bytes * channels {
                    return Err(Flaw::Damaged("its samples have an impossible size"));
                }
                plain(if bytes == 1 { CODEC_ID_PCM_U8 } else { integers(bytes, is_big_endian)? }, bytes)
            }
            3 => match (bits, is_big_endian) {
                (32, false) => plain(CODEC_ID_PCM_F32LE, 4),
                (64, false) => plain(CODEC_ID_PCM_F64LE, 8),
                (32, true) => plain(CODEC_ID_PCM_F32BE, 4),
                (64, true) => plain(CODEC_ID_PCM_F64BE, 8),
                _ => Err(Flaw::Damaged("its samples have an impossible size")),
            },
            6 => plain(CODEC_ID_PCM_ALAW, 1),
            7 => plain(CODEC_ID_PCM_MULAW, 1),
            2 => adpcm(CODEC_ID_ADPCM_MS, 7, 2),
            0x11 => adpcm(CODEC_ID_ADPCM_IMA_WAV, 4, 1),
            other => Err(Flaw::Foreign(match other {
                0x31 => "a WAV file of GSM sound".into(),
                0x50 | 0x55 => "a WAV file around MP3".into(),
                0x160..=0x163 => "a WAV file of Windows Media sound".into(),
                0xff | 0x1600..=0x1610 => "a WAV file of AAC sound".into(),
                0x674f..=0x6771 => "a WAV file around Ogg Vorbis".into(),
                other => format!("a WAV file whose samples are of the kind 0x{other:04x}"),
            })),
        }
    }

    /// Of a `COMM` chunk; -> the format, and the number of frames.
    pub(super) fn of_aiff(chunk: &[u8]) -> Result<(Self, u64), Flaw> {
        if chunk.len() < 18 {
            return Err(Flaw::HeaderCut);
        }
        let channels = usize::from(u16::from_be_bytes([chunk[0], chunk[1]]));
        let frames = u32::from_be_bytes([chunk[2], chunk[3], chunk[4], chunk[5]]);
        let bits = usize::from(u16::from_be_bytes([chunk[6], chunk[7]]));
        let rate_hz = extended(&chunk[8..18]).round() as u32;
        let kind = chunk.get(18..22).unwrap_or(b"NONE");
        let (codec, bytes) = match (kind, bits.div_ceil(8)) {
            (b"NONE" | b"twos" | b"in24" | b"in32" | b"sowt", 1) => (CODEC_ID_PCM_S8, 1),
            (b"NONE" | b"twos" | b"in24" | b"in32", bytes) => (integers(bytes, true)?, bytes),
            (b"sowt" | b"42ni" | b"23ni", bytes) => (integers(bytes, false)?, bytes),
            (b"raw ", 1) => (CODEC_ID_PCM_U8, 1),
            (b"fl32" | b"FL32", _) => (CODEC_ID_PCM_F32BE, 4),
            (b"fl64" | b"FL64", _) => (CODEC_ID_PCM_F64BE, 8),
            (b"alaw" | b"ALAW", _) => (CODEC_ID_PCM_ALAW, 1),
            (b"ulaw" | b"ULAW", _) => (CODEC_ID_PCM_MULAW, 1),
            (other, _) => {
                return Err(Flaw::Foreign(format!("an AIFF file compressed as “{}”", other.escape_ascii())));
            }
        };
        let block_bytes = (bytes * channels).max(1) as u64;
        let family = Family::Aiff;
        Ok((Self { family, codec, channels, rate_hz, block_bytes, block_frames: 1, frames: None }, frames.into()))
    }

    pub(super) fn parameters(&self) -> AudioCodecParameters {
        let mut parameters = AudioCodecParameters::new();
        parameters
            .for_codec(self.codec)
            .with_sample_rate(self.rate_hz)
            .with_channels(Channels::Discrete(self.channels as u16))
            .with_frames_per_block(self.block_frames);
        parameters
    }
}

/// Whole numbers of several bytes.
fn integers(bytes: usize, is_big_endian: bool) -> Result<AudioCodecId, Flaw> {
    match (bytes, is_big_endian) {
        (2, false) => Ok(CODEC_ID_PCM_S16LE),
        (3, false) => Ok(CODEC_ID_PCM_S24LE),
        (4, false) => Ok(CODEC_ID_PCM_S32LE),
        (2, true) => Ok(CODEC_ID_PCM_S16BE),
        (3, true) => Ok(CODEC_ID_PCM_S24BE),
        (4, true) => Ok(CODEC_ID_PCM_S32BE),
        _ => Err(Flaw::Damaged("its samples have an impossible size")),
    }
}

/// AIFF's rate: a float of 80 bits with the high byte first; 0 where it is no positive number.
fn extended(bytes: &[u8]) -> f64 {
    let exponent = i32::from(u16::from_be_bytes([bytes[0], bytes[1]])) - 16383 - 63;
    let mantissa = bytes[2..10].iter().fold(0_u64, |all, &byte| all << 8 | u64::from(byte));
    let value = mantissa as f64 * f64::from(exponent).exp2();
    if value.is_finite() { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_eighty_bits_are_read() {
        assert_eq!(extended(&[0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0]), 44_100.0);
        assert_eq!(extended(&[0x40, 0x0e, 0xbb, 0x80, 0, 0, 0, 0, 0, 0]), 48_000.0);
        assert_eq!(extended(&[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 0.0);
    }
}
