//! What a file is, by its first bytes: names lie.

use std::io;

use super::mpeg;
use super::source::Source;

/// Bytes that are looked at to tell what a file is.
const HEAD_BYTES: usize = 16 << 10;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Chunks of samples: WAV and its larger relatives, AIFF.
    Wave(Family),
    /// MP3: frames and nothing else.
    Mpeg,
    /// FLAC, whose packets say where they belong.
    Flac,
    /// Ogg, likewise.
    Ogg,
    /// CAF, MP4, Matroska: read by the library alone.
    Contained,
    /// Something that is known, and not read.
    Foreign(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// How chunks are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// RIFF, RF64 and BW64.
    Riff,
    /// RIFX: the same with the high byte first.
    Rifx,
    /// Sony's Wave64.
    Wave64,
    /// AIFF and AIFF-C.
    Aiff,
}

/// Bytes of an ID3v2 tag that begins here, with its header; 0 where there is none.
pub(super) fn id3_bytes(head: &[u8]) -> u64 {
    match head {
        [b'I', b'D', b'3', version, _, flags, a, b, c, d, ..] if *version < 0xff && (a | b | c | d) & 0x80 == 0 => {
            let length = [a, b, c, d].iter().fold(0, |length, &&byte| length << 7 | u64::from(byte));
            // The header, and the footer that a flag tells of.
            10 + length + if flags & 0x10 == 0 { 0 } else { 10 }
        }
        _ => 0,
    }
}

impl Kind {
    /// Looks at the beginning, behind any ID3 tags, and reads nothing.
    pub(super) fn of(source: &mut Source) -> io::Result<Self> {
        let (mut at, mut tags) = (0, 0);
        let mut head = source.peek(0, HEAD_BYTES)?;
        while let length @ 1.. = id3_bytes(&head) {
            (at, tags) = (at + length, tags + 1);
            if tags > 8 {
                return Ok(Self::Unknown);
            }
            head = source.peek(at, HEAD_BYTES)?;
        }
        Ok(Self::of_bytes(&head))
    }

    fn of_bytes(head: &[u8]) -> Self {
        let form = head.get(8..12).unwrap_or_default();
        let is = |tag: &[u8], at: usize| head.get(at..at + tag.len()) == Some(tag);
        match head.get(..4).unwrap_or_default() {
            b"RIFF" | b"RF64" | b"BW64" if form == b"WAVE" || form.len() < 4 => Self::Wave(Family::Riff),
            b"RIFX" if form == b"WAVE" || form.len() < 4 => Self::Wave(Family::Rifx),
            b"riff" if is(&[0x2e, 0x91, 0xcf, 0x11], 4) => Self::Wave(Family::Wave64),
            b"FORM" if form == b"AIFF" || form == b"AIFC" || form.len() < 4 => Self::Wave(Family::Aiff),
            b"fLaC" => Self::Flac,
            b"OggS" if head.windows(8).take(512).any(|word| word == b"OpusHead") => Self::Foreign("Ogg Opus"),
            b"OggS" if head.windows(7).take(512).any(|word| word == b"Speex  ") => Self::Foreign("Ogg Speex"),
            b"OggS" => Self::Ogg,
            b"caff" | b"\x1a\x45\xdf\xa3" => Self::Contained,
            _ if is(b"ftyp", 4) || is(b"moov", 4) => Self::Contained,
            _ => match Self::foreign(head, form) {
                Some(name) => Self::Foreign(name),
                None if mpeg::begins(head) => Self::Mpeg,
                None => Self::Unknown,
            },
        }
    }

    /// The name of what is often taken for sound, or is sound that is not read.
    fn foreign(head: &[u8], form: &[u8]) -> Option<&'static str> {
        const NAMES: &[(&[u8], &str)] = &[
            (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media (WMA)"),
            (b"wvpk", "WavPack"),
            (b"MAC ", "Monkey's Audio (APE)"),
            (b"TTA1", "True Audio (TTA)"),
            (b"MPCK", "Musepack"),
            (b"MP+", "Musepack"),
            (b"OFR ", "OptimFROG"),
            (b"DSD ", "DSD sound (DSF)"),
            (b"FRM8", "DSD sound (DSDIFF)"),
            (b".snd", "Sun/NeXT sound (AU)"),
            (b"ADIF", "AAC without a container"),
            (b"\x0b\x77", "Dolby Digital (AC-3)"),
            (b"\x7f\xfe\x80\x01", "DTS sound"),
            (b"#!AMR", "AMR, a telephone's sound"),
            (b".RMF", "RealAudio"),
            (b"MThd", "a MIDI file: notes, and no sound"),
            (b"\x00\x05\x16\x07", "an AppleDouble file (`._...`), which macOS puts beside a file on foreign disks"),
            (b"PK\x03\x04", "a ZIP archive"),
            (b"Rar!", "a RAR archive"),
            (b"7z\xbc\xaf", "a 7z archive"),
            (b"\x1f\x8b", "a gzip archive, such as an Ableton Live set"),
            (b"\x89PNG", "a picture (PNG)"),
            (b"\xff\xd8\xff", "a picture (JPEG)"),
            (b"GIF8", "a picture (GIF)"),
            (b"%PDF", "a PDF document"),
            (b"\x7fELF", "a program"),
            (b"version https://git-lfs", "a pointer of Git LFS: the file itself was not fetched (`git lfs pull`)"),
            (b"REAPER_", "a REAPER project"),
            (b"<REAPER_PROJECT", "a REAPER project"),
            (b"{\\rtf", "a text document"),
        ];
        let known = NAMES.iter().find(|(tag, _)| head.starts_with(tag)).map(|(_, name)| *name);
        let adts = || matches!(head, [0xff, second, ..] if second & 0xf6 == 0xf0).then_some("AAC without a container");
        let riff = || match (head.get(..4)?, form) {
            (b"RIFF", b"AVI ") => Some("a film (AVI)"),
            (b"RIFF", b"RMID") => Some("a MIDI file: notes, and no sound"),
            (b"RIFF", b"sfbk") => Some("a sound font"),
            (b"RIFF", b"WEBP") => Some("a picture (WebP)"),
            _ => None,
        };
        let text = || {
            let start = head.get(..512).unwrap_or(head);
            let text = std::str::from_utf8(start).or_else(|e| std::str::from_utf8(&start[..e.valid_up_to()])).ok()?;
            let is_whole = text.len() + 4 > start.len();
            let begins = text.trim_start_matches('\u{feff}').trim_start();
            let lower = begins.get(..begins.len().min(16)).unwrap_or_default().to_ascii_lowercase();
            if lower.starts_with("<!doctype") || lower.starts_with("<html") {
                return Some("a page of the web, such as a download's error message");
            }
            let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
            (is_whole && text.len() > 16 && text.chars().all(is_text)).then_some("a text file")
        };
        known.or_else(riff).or_else(adts).or_else(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_first_bytes() {
        for (head, kind) in [
            (&b"RIFF\0\0\0\0WAVEfmt "[..], Kind::Wave(Family::Riff)),
            (b"RF64\xff\xff\xff\xffWAVEds64", Kind::Wave(Family::Riff)),
            (b"FORM\0\0\0\0AIFCCOMM", Kind::Wave(Family::Aiff)),
            (b"fLaC\0\0\0\x22", Kind::Flac),
            (b"caff\0\x01", Kind::Contained),
            (b"MThd\0\0\0\x06", Kind::Foreign("a MIDI file: notes, and no sound")),
            (b"RIFF\0\0\0\0AVI LIST", Kind::Foreign("a film (AVI)")),
            (b"\xff\xf1\x50\x80\x2e\x7f\xfc", Kind::Foreign("AAC without a container")),
            (b"<!DOCTYPE html><html><head>", Kind::Foreign("a page of the web, such as a download's error message")),
            (b"Dear diary, today I renamed a text file.", Kind::Foreign("a text file")),
            (b"\x00\x01\x02\x03\x04\x05\x06\x07", Kind::Unknown),
            (b"", Kind::Unknown),
        ] {
            assert_eq!(Kind::of_bytes(head), kind, "{:?}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn tags_tell_their_length() {
        assert_eq!(id3_bytes(b"ID3\x04\0\0\0\0\x02\x01rest"), 10 + 257);
        assert_eq!(id3_bytes(b"ID3\x04\0\x10\0\0\0\x01rest"), 21);
        assert_eq!(id3_bytes(b"ID3"), 0);
        assert_eq!(id3_bytes(b"RIFF\0\0\0\0WAVE"), 0);
    }
}
