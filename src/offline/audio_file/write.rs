//! WAV files that are either whole or absent.

use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use super::{Audio, AudioFileError, check_channels, check_finite, check_rate};

/// Seed of the dither, so that writing the same audio twice gives the same bytes.
const DITHER_SEED: u64 = 0x7469_6d62_7265;
/// Header bytes allowed for beside the samples when checking WAV's 32-bit length field.
const WAV_HEADER_BYTES: u64 = 128;

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
pub(in crate::offline) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Creates a temporary file in the folder of `path`, on the same disk so that a rename replaces it at once.
pub(in crate::offline) fn temporary_beside(path: &Path, suffix: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".timbreloom-").suffix(suffix);
    // Temporary files are private by default; the result is an ordinary file under the user's umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder_of(path))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::tests::{folder, largest_difference, sine};
    use super::super::{ReadReport, read, read_with_report};
    use super::*;

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
