//! Audio files in and out, as planar floats.

mod write;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::codecs::audio::well_known::CODEC_ID_MP3;
use symphonia::core::errors::Error as DecodeError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

pub use write::{SampleFormat, WriteReport, write_wav};
pub(super) use write::{folder_of, temporary_beside};

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
        if let [only] = self.channels.as_slice() {
            return only.clone();
        }
        let gain = 1.0 / self.channels.len().max(1) as f32;
        (0..self.frames()).map(|frame| gain * self.channels.iter().map(|channel| channel[frame]).sum::<f32>()).collect()
    }
}

/// What reading had to put up with; all zero and false for a sound file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadReport {
    /// Damaged packets, replaced by silence of the same length so that what follows keeps its time.
    pub damaged_packets: u64,
    /// Whether the file ended, or became unreadable, before the end its header promises.
    pub is_cut_short: bool,
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
    #[error("{} is not a WAV, FLAC, MP3 or Ogg Vorbis file ({reason}); convert it to WAV first", path.display())]
    NotAudio { path: PathBuf, reason: String },
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
    #[error("cannot write {}: the folder {} does not exist; create it or choose another", path.display(), folder.display())]
    NoFolder { path: PathBuf, folder: PathBuf },
    #[error("cannot write {}: its channels differ in length ({shortest} to {longest} frames)", path.display())]
    Ragged { path: PathBuf, shortest: usize, longest: usize },
    #[error("cannot write {}: {bytes} bytes of sound do not fit WAV's 4 GiB; write fewer channels or shorter pieces", path.display())]
    TooLong { path: PathBuf, bytes: u64 },
    #[error("cannot write {}: {reason}; check free space and that you may write there", path.display())]
    Write { path: PathBuf, reason: String },
}

/// Reads a WAV, FLAC, MP3 or Ogg Vorbis file; allocates and blocks.
///
/// # Errors
/// When the file is missing, no audio, damaged from the start, empty of sound, or outside the limits.
pub fn read(path: &Path) -> Result<Audio, AudioFileError> {
    read_with_report(path).map(|(audio, _)| audio)
}

/// Reads like [`read`] and tells what was wrong with a file that could be used all the same.
///
/// # Errors
/// As [`read`].
pub fn read_with_report(path: &Path) -> Result<(Audio, ReadReport), AudioFileError> {
    let open_error = |source| AudioFileError::Open { path: path.into(), source };
    let mut file = File::open(path).map_err(open_error)?;
    let metadata = file.metadata().map_err(open_error)?;
    if metadata.is_dir() {
        return Err(open_error(io::ErrorKind::IsADirectory.into()));
    }
    if metadata.len() == 0 {
        return Err(AudioFileError::Empty { path: path.into() });
    }
    check_wav_header(path, &mut file)?;
    file.seek(SeekFrom::Start(0)).map_err(open_error)?;

    // The decoders meet files from anywhere: a bug in one must end as a message, not as a crash.
    let decoded = catch_unwind(AssertUnwindSafe(|| decode(path, file)));
    let (audio, report) = decoded.unwrap_or_else(|_| {
        Err(AudioFileError::Damaged { path: path.into(), reason: "the decoder failed on it".into() })
    })?;
    if audio.frames() == 0 {
        return Err(AudioFileError::NoFrames { path: path.into() });
    }
    check_finite(path, &audio)?;
    Ok((audio, report))
}

/// Checks the channels, rate and data length of a WAV header; other files pass.
///
/// The decoder refuses these too, but with a reason that names neither the value nor the remedy.
fn check_wav_header(path: &Path, file: &mut File) -> Result<(), AudioFileError> {
    let damaged = |_| AudioFileError::Damaged { path: path.into(), reason: "its WAV header is cut short".into() };
    let mut riff = Vec::new();
    file.take(12).read_to_end(&mut riff).map_err(|source| AudioFileError::Open { path: path.into(), source })?;
    if !riff.starts_with(b"RIFF") {
        return Ok(());
    }
    if riff.len() < 12 {
        return Err(damaged(()));
    }
    if &riff[8..] != b"WAVE" {
        return Ok(());
    }
    loop {
        let mut head = [0; 8];
        file.read_exact(&mut head).map_err(|_| damaged(()))?;
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let mut left = i64::from(length) + i64::from(length % 2);
        match &head[..4] {
            b"fmt " => {
                let mut format = [0; 8];
                file.read_exact(&mut format).map_err(|_| damaged(()))?;
                left -= 8;
                check_channels(path, usize::from(u16::from_le_bytes([format[2], format[3]])))?;
                check_rate(path, u32::from_le_bytes([format[4], format[5], format[6], format[7]]))?;
            }
            b"data" if length == 0 => return Err(AudioFileError::NoFrames { path: path.into() }),
            b"data" => return Ok(()),
            _ => {}
        }
        file.seek(SeekFrom::Current(left)).map_err(|_| damaged(()))?;
    }
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

fn check_finite(path: &Path, audio: &Audio) -> Result<(), AudioFileError> {
    for (index, samples) in audio.channels.iter().enumerate() {
        if let Some(frame) = samples.iter().position(|sample| !sample.is_finite()) {
            return Err(AudioFileError::NotFinite { path: path.into(), channel: index + 1, frame });
        }
    }
    Ok(())
}

fn decode(path: &Path, file: File) -> Result<(Audio, ReadReport), AudioFileError> {
    let damaged = |error: DecodeError| AudioFileError::Damaged { path: path.into(), reason: error.to_string() };
    let mut hint = Hint::new();
    if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
        hint.with_extension(extension);
    }
    let stream = MediaSourceStream::new(Box::new(file), Default::default());
    let mut format = symphonia::default::get_probe()
        .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| AudioFileError::NotAudio { path: path.into(), reason: error.to_string() })?;
    let no_track = || AudioFileError::NoTrack { path: path.into() };
    let track = format.default_track(TrackType::Audio).ok_or_else(no_track)?;
    let track_id = track.id;
    let parameters = track.codec_params.as_ref().and_then(|codec| codec.audio()).ok_or_else(no_track)?;
    // An MP3 without a length header gets one guessed from its size: no promise.
    let promised_frames = track.num_frames.filter(|_| parameters.codec != CODEC_ID_MP3);
    // Gapless: the encoder's delay and padding, where the file states them, are no part of the sound.
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default().gapless(true))
        .map_err(|_| no_track())?;

    let mut rate_hz = 0;
    let mut channels: Vec<Vec<f32>> = Vec::new();
    let mut report = ReadReport::default();
    let mut silence_owed_frames = 0;
    let mut planes: Vec<Vec<f32>> = Vec::new();
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) if packet.track_id == track_id => packet,
            Ok(Some(_)) => continue,
            Ok(None) => break,
            Err(error) if channels.is_empty() => return Err(damaged(error)),
            Err(_) => {
                report.is_cut_short = true;
                break;
            }
        };
        match decoder.decode(&packet) {
            Ok(buffer) => {
                let (found_hz, found) = (buffer.spec().rate(), buffer.spec().channels().count());
                if channels.is_empty() {
                    check_rate(path, found_hz)?;
                    check_channels(path, found)?;
                    rate_hz = found_hz;
                    channels = vec![vec![0.0; silence_owed_frames]; found];
                } else if found_hz != rate_hz || found != channels.len() {
                    let reason = "its sample rate or channel count changes on the way".into();
                    return Err(AudioFileError::Damaged { path: path.into(), reason });
                }
                buffer.copy_to_vecs_planar(&mut planes);
                for (channel, plane) in channels.iter_mut().zip(&planes) {
                    channel.extend_from_slice(plane);
                }
            }
            Err(DecodeError::DecodeError(_) | DecodeError::IoError(_)) => {
                report.damaged_packets += 1;
                // Packet durations of all formats read here are in frames, without delay and padding.
                let frames = packet.dur.get() as usize;
                if channels.is_empty() {
                    silence_owed_frames += frames;
                }
                for channel in &mut channels {
                    channel.resize(channel.len() + frames, 0.0);
                }
            }
            Err(error) => return Err(damaged(error)),
        }
    }
    if channels.is_empty() && report.damaged_packets > 0 {
        let reason = format!("none of its {} packets could be decoded", report.damaged_packets);
        return Err(AudioFileError::Damaged { path: path.into(), reason });
    }
    let audio = Audio { rate_hz, channels };
    report.is_cut_short |= promised_frames.is_some_and(|frames| (audio.frames() as u64) < frames);
    Ok((audio, report))
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
            assert_eq!(read(&path).unwrap().channels, [[0.5, -0.5]], "{bits} bits");
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
        assert!(matches!(error_of(text.as_bytes()), AudioFileError::NotAudio { .. }));
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
        let (audio, report) = read_with_report(&path).unwrap();
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
