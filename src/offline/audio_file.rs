//! Audio files in and out, as planar floats.

mod demuxer;
mod kind;
mod mpeg;
mod reader;
mod report;
mod source;
mod split;
mod wave;
mod write;

use std::io;
use std::path::{Path, PathBuf};

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::packet::Packet;

pub use reader::Reader;
pub use report::{Promise, ReadReport};
pub use write::{SampleFormat, WavWriter, WriteReport, write_wav};

use super::output_file::OutputError;

/// Most channels a file may have; more is a damaged header rather than music.
pub const MOST_CHANNELS: usize = 64;
/// Sample rates that are read, in Hz; outside lies only damage.
pub const RATES_HZ: std::ops::RangeInclusive<u32> = 1_000..=768_000;

/// Decoded audio, planar, as `[channel][frame]`; all channels have the same length; full scale is 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Audio {
    /// Frames per second.
    pub rate_hz: u32,
    /// Samples of each channel.
    pub channels: Vec<Vec<f32>>,
}

impl Audio {
    /// Length in frames.
    pub fn frames(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.frames() as f64 / f64::from(self.rate_hz)
    }

    /// Mean of all channels, one sample per frame; allocates.
    pub fn mono(&self) -> Vec<f32> {
        mono(&self.channels)
    }
}

/// Mean of all channels of a block, one sample per frame; allocates.
pub fn mono(channels: &[Vec<f32>]) -> Vec<f32> {
    if let [only] = channels {
        return only.clone();
    }
    let gain = 1.0 / channels.len().max(1) as f32;
    let frames = channels.first().map_or(0, Vec::len);
    (0..frames).map(|frame| gain * channels.iter().map(|channel| channel[frame]).sum::<f32>()).collect()
}

/// What comes next in a file that is read.
enum Step {
    Packet(Packet),
    /// So many frames are missing.
    Gap(u64),
    /// Another recording: with these parameters, or as before.
    Begin(Option<AudioCodecParameters>),
    End,
}

/// Why an audio file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum AudioFileError {
    #[error("cannot open {}: {source}; check the path and that you may read the file", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("{} is empty (0 bytes); record or export it again", path.display())]
    Empty { path: PathBuf },
    #[error("{} is not a sound file of a kind that is known here ({reason}); convert it to WAV first", path.display())]
    NotAudio { path: PathBuf, reason: String },
    #[error("{} is {what}, which cannot be read as sound; give a sound file, or convert it to WAV first", path.display())]
    Foreign { path: PathBuf, what: String },
    #[error("{} is longer than the {} minutes that can be worked on at once here; split it", path.display(), limit_s / 60)]
    TooLongToHold { path: PathBuf, limit_s: u64 },
    #[error("{} holds no audio track that can be decoded; export its sound as WAV", path.display())]
    NoTrack { path: PathBuf },
    #[error("{} is damaged ({reason}); export it again or convert it to WAV", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("{} holds no sound: its audio is 0 frames long; record or export it again", path.display())]
    NoFrames { path: PathBuf },
    #[error("{} has {found} channels, expected 1 to {MOST_CHANNELS}; export it in mono or stereo", path.display())]
    Channels { path: PathBuf, found: usize },
    #[error("{} has a sample rate of {found_hz} Hz, expected {} to {} Hz; export it at 44100 or 48000 Hz",
            path.display(), RATES_HZ.start(), RATES_HZ.end())]
    Rate { path: PathBuf, found_hz: u32 },
    #[error("{}: the sample of channel {channel} at frame {frame} is not a finite number; \
             find the effect that made it and render the sound again", path.display())]
    NotFinite { path: PathBuf, channel: usize, frame: usize },
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error("cannot write {}: its channels differ in length ({shortest} to {longest} frames)", path.display())]
    Ragged { path: PathBuf, shortest: usize, longest: usize },
    #[error("cannot write {}: {bytes} bytes of sound do not fit WAV's 4 GiB; write fewer channels or shorter pieces", path.display())]
    TooLong { path: PathBuf, bytes: u64 },
}

/// Samples of all channels that are held in memory at once, 2 GiB of them; longer files are read with a [`Reader`].
const MOST_SAMPLES: u64 = 1 << 29;

/// Reads a sound file whole, or standard input (`-`), and tells what was wrong with one that could be used all the same;
/// allocates and blocks.
///
/// # Errors
/// When the file is missing, no audio, damaged from the start, empty of sound, too long, or outside the limits.
pub fn read(path: &Path) -> Result<(Audio, ReadReport), AudioFileError> {
    read_all(path, Reader::open(path)?)
}

/// The same for a file that the program brings along, by the name that messages give it.
///
/// # Errors
/// As [`read`].
pub fn decode(name: &Path, bytes: &'static [u8]) -> Result<Audio, AudioFileError> {
    Ok(read_all(name, Reader::of_bytes(name, bytes)?)?.0)
}

fn read_all(path: &Path, mut reader: Reader) -> Result<(Audio, ReadReport), AudioFileError> {
    let (rate_hz, count) = (reader.rate_hz(), reader.channels());
    let most_frames = MOST_SAMPLES / count as u64;
    let too_long =
        || AudioFileError::TooLongToHold { path: path.into(), limit_s: most_frames / u64::from(rate_hz.max(1)) };
    let mut channels = vec![Vec::new(); count];
    let mut block = Vec::new();
    while reader.next(&mut block)? {
        if reader.report().frames > most_frames {
            return Err(too_long());
        }
        for (channel, more) in channels.iter_mut().zip(&block) {
            channel.extend_from_slice(more);
        }
    }
    let audio = Audio { rate_hz, channels };
    if audio.frames() == 0 {
        return Err(AudioFileError::NoFrames { path: path.into() });
    }
    Ok((audio, reader.report()))
}

fn check_channels(path: &Path, found: usize) -> Result<(), AudioFileError> {
    if (1..=MOST_CHANNELS).contains(&found) {
        Ok(())
    } else {
        Err(AudioFileError::Channels { path: path.into(), found })
    }
}

fn check_rate(path: &Path, found_hz: u32) -> Result<(), AudioFileError> {
    if RATES_HZ.contains(&found_hz) { Ok(()) } else { Err(AudioFileError::Rate { path: path.into(), found_hz }) }
}

/// Of a block that so many frames lie before.
fn check_finite(path: &Path, before: u64, block: &[Vec<f32>]) -> Result<(), AudioFileError> {
    for (index, samples) in block.iter().enumerate() {
        if let Some(frame) = samples.iter().position(|sample| !sample.is_finite()) {
            let frame = before as usize + frame;
            return Err(AudioFileError::NotFinite { path: path.into(), channel: index + 1, frame });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    pub(super) fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    pub(super) fn sine(rate_hz: u32, channels: usize, frames: usize) -> Audio {
        let sample = |channel: usize, frame: usize| {
            let phase = std::f32::consts::TAU * 441.0 * frame as f32 / rate_hz as f32;
            0.5 * (phase * (channel + 1) as f32).sin()
        };
        let channels = (0..channels).map(|c| (0..frames).map(|f| sample(c, f)).collect()).collect();
        Audio { rate_hz, channels }
    }

    pub(super) fn largest_difference(a: &Audio, b: &Audio) -> f32 {
        assert_eq!((a.rate_hz, a.channels.len(), a.frames()), (b.rate_hz, b.channels.len(), b.frames()));
        let pairs = a.channels.iter().flatten().zip(b.channels.iter().flatten());
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }

    /// A WAV header with the given fields, followed by `data`.
    fn wav_bytes(format: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        let frame_bytes = channels.wrapping_mul(bits / 8);
        let mut bytes = b"RIFF".to_vec();
        bytes.extend((36 + data.len() as u32).to_le_bytes());
        bytes.extend(b"WAVEfmt \x10\0\0\0");
        bytes.extend([format.to_le_bytes(), channels.to_le_bytes()].concat());
        bytes.extend([rate_hz.to_le_bytes(), rate_hz.wrapping_mul(frame_bytes.into()).to_le_bytes()].concat());
        bytes.extend([frame_bytes.to_le_bytes(), bits.to_le_bytes()].concat());
        bytes.extend(b"data");
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.extend(data);
        bytes
    }

    /// What reading a file of these bytes answers; the message must name the file.
    fn error_of(bytes: &[u8]) -> AudioFileError {
        let folder = folder();
        let path = folder.path().join("take.wav");
        fs::write(&path, bytes).unwrap();
        let error = read(&path).unwrap_err();
        assert!(error.to_string().contains("take.wav"), "{error}");
        error
    }

    #[test]
    fn pcm_of_every_width_has_full_scale_one() {
        let folder = folder();
        let path = folder.path().join("a.wav");
        let cases: [(u16, u16, &[u8]); 6] = [
            (1, 8, &[0xc0, 0x40]),
            (1, 16, &[0, 0x40, 0, 0xc0]),
            (1, 24, &[0, 0, 0x40, 0, 0, 0xc0]),
            (1, 32, &[0, 0, 0, 0x40, 0, 0, 0, 0xc0]),
            (3, 32, &[0, 0, 0, 0x3f, 0, 0, 0, 0xbf]),
            (3, 64, &[0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 0, 0, 0, 0, 0, 0, 0xe0, 0xbf]),
        ];
        for (format, bits, data) in cases {
            fs::write(&path, wav_bytes(format, 1, 44_100, bits, data)).unwrap();
            assert_eq!(read(&path).unwrap().0.channels, [[0.5, -0.5]], "{bits} bits");
        }
    }

    #[test]
    fn helpers_measure_and_mix() {
        let audio = Audio { rate_hz: 2_000, channels: vec![vec![1.0, 0.0, 0.5], vec![0.0, 0.0, -0.5]] };
        assert_eq!((audio.frames(), audio.seconds()), (3, 0.0015));
        assert_eq!(audio.mono(), [0.5, 0.0, 0.0]);
        assert_eq!(Audio { rate_hz: 1_000, channels: vec![] }.mono(), [0.0; 0]);
    }

    #[test]
    fn files_that_hold_no_audio_are_told_apart() {
        let missing = read(Path::new("no/such/take.wav")).unwrap_err();
        assert!(matches!(missing, AudioFileError::Open { .. }), "{missing}");
        let open_folder = read(folder().path()).unwrap_err();
        assert!(matches!(open_folder, AudioFileError::Open { .. }), "{open_folder}");
        assert!(matches!(error_of(b""), AudioFileError::Empty { .. }));
        let text = "Dear diary, today I renamed a text file.\n".repeat(300);
        assert!(matches!(error_of(text.as_bytes()), AudioFileError::Foreign { .. }));
        assert!(matches!(error_of(b"x"), AudioFileError::NotAudio { .. }));
        assert!(matches!(error_of(&wav_bytes(1, 2, 44_100, 16, &[])), AudioFileError::NoFrames { .. }));
    }

    #[test]
    fn every_cut_of_a_header_is_an_error_and_of_the_data_is_reported() {
        let whole = wav_bytes(1, 2, 44_100, 16, &[1; 400]);
        for length in 1..=44 {
            let error = error_of(&whole[..length]);
            if (4..44).contains(&length) {
                assert!(matches!(error, AudioFileError::Damaged { .. }), "{length}: {error}");
            }
        }
        let folder = folder();
        let path = folder.path().join("a.wav");
        fs::write(&path, &whole[..244]).unwrap();
        let (audio, report) = read(&path).unwrap();
        assert_eq!((audio.frames(), report.is_cut_short), (50, true));
    }

    #[test]
    fn absurd_headers_name_what_they_say() {
        for channels in [0, 65, u16::MAX] {
            let error = error_of(&wav_bytes(1, channels, 44_100, 16, &[0; 1_000]));
            assert!(
                matches!(error, AudioFileError::Channels { found, .. } if found == usize::from(channels)),
                "{error}"
            );
        }
        for rate_hz in [0, 999, 768_001, u32::MAX] {
            let error = error_of(&wav_bytes(1, 2, rate_hz, 16, &[0; 1_000]));
            assert!(matches!(error, AudioFileError::Rate { found_hz, .. } if found_hz == rate_hz), "{error}");
        }
        for bits in [0, 1, 12, 48, u16::MAX] {
            let error = error_of(&wav_bytes(1, 2, 44_100, bits, &[0; 1_000]));
            assert!(matches!(error, AudioFileError::NotAudio { .. } | AudioFileError::Damaged { .. }), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn random_damage_never_panics(damage in proptest::array::uniform3((0_usize..48, proptest::num::u8::ANY))) {
            let folder = folder();
            let path = folder.path().join("a.wav");
            let mut bytes = wav_bytes(1, 2, 44_100, 16, &[7; 400]);
            for (at, byte) in damage {
                bytes[at] = byte;
            }
            fs::write(&path, bytes).unwrap();
            let _ = read(&path);
        }
    }

    #[test]
    fn samples_that_are_no_numbers_are_located() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let data: Vec<u8> = [0.0, 0.1, 0.2, bad].iter().flat_map(|sample| sample.to_le_bytes()).collect();
            let error = error_of(&wav_bytes(3, 2, 44_100, 32, &data));
            assert!(matches!(error, AudioFileError::NotFinite { channel: 2, frame: 1, .. }), "{error}");
        }
    }
}
