//! Audio files in and out: decode to planar floats, write WAV that is either whole or absent.

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
use tempfile::NamedTempFile;

/// Most channels a file may have; more is a damaged header rather than music.
pub const MOST_CHANNELS: usize = 64;
/// Sample rates that are read, in Hz; outside lies only damage.
pub const RATES_HZ: std::ops::RangeInclusive<u32> = 1_000..=768_000;
/// Seed of the dither, so that writing the same audio twice gives the same bytes.
const DITHER_SEED: u64 = 0x7469_6d62_7265;
/// Header bytes allowed for beside the samples when checking WAV's 32-bit length field.
const WAV_HEADER_BYTES: u64 = 128;

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

/// How samples are stored in a written WAV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleFormat {
    /// 16-bit integers with triangular dither of two steps peak to peak.
    I16,
    /// 24-bit integers, rounded.
    I24,
    /// 32-bit floats, exact, also beyond full scale.
    F32,
}

/// What writing did to the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriteReport {
    /// Samples beyond full scale that an integer format limited; always 0 for floats.
    pub clipped_samples: u64,
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

/// Writes a WAV file, whole or not at all: into a temporary file beside it, then renamed; blocks.
///
/// An existing file is replaced. Samples beyond ±1 are limited in integer formats, and counted.
///
/// # Errors
/// When the folder is missing, the samples are none, ragged, not finite or too many, or the disk refuses.
pub fn write_wav(path: &Path, audio: &Audio, format: SampleFormat) -> Result<WriteReport, AudioFileError> {
    check_channels(path, audio.channels.len())?;
    check_rate(path, audio.rate_hz)?;
    let lengths = || audio.channels.iter().map(Vec::len);
    let (shortest, longest) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
    if shortest != longest {
        return Err(AudioFileError::Ragged { path: path.into(), shortest, longest });
    }
    check_finite(path, audio)?;
    let (bits_per_sample, sample_format) = match format {
        SampleFormat::I16 => (16, hound::SampleFormat::Int),
        SampleFormat::I24 => (24, hound::SampleFormat::Int),
        SampleFormat::F32 => (32, hound::SampleFormat::Float),
    };
    let bytes = longest as u64 * audio.channels.len() as u64 * u64::from(bits_per_sample / 8);
    if bytes > u64::from(u32::MAX) - WAV_HEADER_BYTES {
        return Err(AudioFileError::TooLong { path: path.into(), bytes });
    }
    let channels = u16::try_from(audio.channels.len()).expect("checked to be at most 64");
    let spec = hound::WavSpec { channels, sample_rate: audio.rate_hz, bits_per_sample, sample_format };

    let write_error = |reason: String| AudioFileError::Write { path: path.into(), reason };
    let temporary = temporary_beside(path, ".wav").map_err(|error| match folder_of(path) {
        folder if !folder.is_dir() => AudioFileError::NoFolder { path: path.into(), folder: folder.into() },
        _ => write_error(error.to_string()),
    })?;
    let buffered = io::BufWriter::new(temporary.as_file());
    let report = write_samples(buffered, spec, audio, format).map_err(|error| write_error(error.to_string()))?;
    temporary.persist(path).map_err(|failure| write_error(failure.error.to_string()))?;
    Ok(report)
}

fn write_samples(
    to: impl io::Write + io::Seek,
    spec: hound::WavSpec,
    audio: &Audio,
    format: SampleFormat,
) -> Result<WriteReport, hound::Error> {
    let mut writer = hound::WavWriter::new(to, spec)?;
    let mut report = WriteReport::default();
    let mut dither = Dither { state: DITHER_SEED };
    let steps = f64::from(1_u32 << (spec.bits_per_sample - 1).min(31));
    for frame in 0..audio.frames() {
        for channel in &audio.channels {
            let sample = channel[frame];
            if format == SampleFormat::F32 {
                writer.write_sample(sample)?;
                continue;
            }
            report.clipped_samples += u64::from(sample.abs() > 1.0);
            let offset = if format == SampleFormat::I16 { dither.next_triangular() } else { 0.0 };
            let scaled = (f64::from(sample) * steps + offset).round().clamp(-steps, steps - 1.0);
            writer.write_sample(scaled as i32)?;
        }
    }
    writer.finalize()?;
    Ok(report)
}

/// Seeded generator of dither (splitmix64, Steele et al. 2014), in steps of the target format.
struct Dither {
    state: u64,
}

impl Dither {
    /// Difference of two uniform values: triangular in -1..1, so that error and sound are uncorrelated.
    fn next_triangular(&mut self) -> f64 {
        self.next_uniform() - self.next_uniform()
    }

    fn next_uniform(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The folder a file lies in; `.` for a bare name.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Creates a temporary file in the folder of `path`, on the same disk so that a rename replaces it at once.
pub(super) fn temporary_beside(path: &Path, suffix: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".timbreloom-").suffix(suffix);
    // Temporary files are private by default; the result is an ordinary file under the user's umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder_of(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn sine(rate_hz: u32, channels: usize, frames: usize) -> Audio {
        let sample = |channel: usize, frame: usize| {
            let phase = std::f32::consts::TAU * 441.0 * frame as f32 / rate_hz as f32;
            0.5 * (phase * (channel + 1) as f32).sin()
        };
        let channels = (0..channels).map(|c| (0..frames).map(|f| sample(c, f)).collect()).collect();
        Audio { rate_hz, channels }
    }

    fn largest_difference(a: &Audio, b: &Audio) -> f32 {
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
    fn every_written_format_reads_back_within_its_step() {
        let folder = folder();
        // I16: half a step of rounding and one of dither; I24: half a step.
        let cases = [
            (SampleFormat::I16, 1.5 / 32768.0),
            (SampleFormat::I24, 0.5 / 8_388_608.0 + f32::EPSILON),
            (SampleFormat::F32, 0.0),
        ];
        for (format, tolerance) in cases {
            for (rate_hz, channels, frames) in [(44_100, 1, 1), (48_000, 2, 5_000), (192_000, 6, 1_153), (8_000, 18, 7)]
            {
                let path = folder.path().join("a.wav");
                let audio = sine(rate_hz, channels, frames);
                assert_eq!(write_wav(&path, &audio, format).unwrap(), WriteReport::default());
                let (back, report) = read_with_report(&path).unwrap();
                assert_eq!(report, ReadReport::default());
                let difference = largest_difference(&audio, &back);
                assert!(difference <= tolerance, "{format:?} {rate_hz} Hz x{channels}: {difference}");
            }
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file may stay behind");
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
    fn dither_is_repeatable_and_unbiased() {
        let folder = folder();
        let (a, b) = (folder.path().join("a.wav"), folder.path().join("b.wav"));
        let quiet = Audio { rate_hz: 44_100, channels: vec![vec![0.3 / 32768.0; 100_000]] };
        for path in [&a, &b] {
            write_wav(path, &quiet, SampleFormat::I16).unwrap();
        }
        assert_eq!(fs::read(&a).unwrap(), fs::read(&b).unwrap());
        let mean = read(&a).unwrap().channels[0].iter().sum::<f32>() / 100_000.0 * 32768.0;
        assert!((mean - 0.3).abs() < 0.02, "dither keeps what lies below a step: {mean}");
    }

    #[test]
    fn clipping_is_limited_and_counted_in_integers_only() {
        let folder = folder();
        let path = folder.path().join("a.wav");
        let hot = Audio { rate_hz: 44_100, channels: vec![vec![1.5, -2.0, 1.0, -1.0, 0.0]] };
        for (format, clipped) in [(SampleFormat::I16, 2), (SampleFormat::I24, 2), (SampleFormat::F32, 0)] {
            assert_eq!(write_wav(&path, &hot, format).unwrap().clipped_samples, clipped);
            let peak = read(&path).unwrap().channels[0].iter().fold(0.0_f32, |peak, s| peak.max(s.abs()));
            assert_eq!(peak, if format == SampleFormat::F32 { 2.0 } else { 1.0 });
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

    #[test]
    fn random_damage_never_panics() {
        let folder = folder();
        let path = folder.path().join("a.wav");
        let whole = wav_bytes(1, 2, 44_100, 16, &[7; 400]);
        let mut chance = Dither { state: 1 };
        for _ in 0..2_000 {
            let mut bytes = whole.clone();
            for _ in 0..3 {
                bytes[(chance.next_uniform() * 48.0) as usize] = (chance.next_uniform() * 256.0) as u8;
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

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = folder();
        let path = folder.path().join("a.wav");
        let good = sine(44_100, 1, 10);
        write_wav(&path, &good, SampleFormat::F32).unwrap();
        let with = |channels| Audio { rate_hz: 44_100, channels };
        let write = |audio: &Audio| write_wav(&path, audio, SampleFormat::F32).unwrap_err();
        assert!(matches!(write(&with(vec![vec![f32::NAN]])), AudioFileError::NotFinite { .. }));
        assert!(matches!(write(&with(vec![vec![0.0], vec![]])), AudioFileError::Ragged { .. }));
        assert!(matches!(write(&with(vec![])), AudioFileError::Channels { found: 0, .. }));
        assert!(matches!(write(&Audio { rate_hz: 0, ..good.clone() }), AudioFileError::Rate { .. }));
        assert_eq!(read(&path).unwrap(), good);

        let missing = write_wav(&folder.path().join("no/a.wav"), &good, SampleFormat::I16).unwrap_err();
        assert!(matches!(missing, AudioFileError::NoFolder { .. }), "{missing}");
        // A folder in the file's place fails at the last step, the rename.
        fs::create_dir(folder.path().join("b.wav")).unwrap();
        let blocked = write_wav(&folder.path().join("b.wav"), &good, SampleFormat::I16).unwrap_err();
        assert!(matches!(blocked, AudioFileError::Write { .. }), "{blocked}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file may stay behind");
    }
}
