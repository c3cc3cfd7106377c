//! WAV files that are either whole or absent, written block by block; RF64 where WAV's 4 GiB do not do.

use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::{Audio, AudioFileError, check_channels, check_finite, check_rate};
use crate::offline::output_file::{self, OutputFile};

/// Seed of the dither, so that writing the same audio twice gives the same bytes.
const DITHER_SEED: u64 = 0x7469_6d62_7265;
/// The most bytes that a RIFF header can tell of.
const MOST_RIFF_BYTES: u64 = u32::MAX as u64;
/// Bytes of the chunk that holds an RF64's lengths, with its head.
const DS64_BYTES: u64 = 36;

/// How samples are stored in a written WAV file; the program says it in these words. The dither is triangular, of two steps
/// peak to peak; floats are exact, also beyond full scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum SampleFormat {
    /// 16-bit integers, dithered.
    I16,
    /// 24-bit integers.
    #[default]
    I24,
    /// 32-bit floats.
    F32,
}

/// What writing did to the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriteReport {
    /// Samples beyond full scale that an integer format limited; always 0 for floats.
    pub clipped_samples: u64,
}

/// Writes a WAV file, whole or not at all; blocks. As [`WavWriter`].
///
/// # Errors
/// When the folder is missing, the samples are none, ragged or not finite, or the disk refuses.
pub fn write_wav(path: &Path, audio: &Audio, format: SampleFormat) -> Result<WriteReport, AudioFileError> {
    check_channels(path, audio.channels.len())?;
    let lengths = || audio.channels.iter().map(Vec::len);
    let (shortest, longest) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
    if shortest != longest {
        return Err(AudioFileError::Ragged { path: path.into(), shortest, longest });
    }
    let frames = Some(longest as u64);
    let mut writer = WavWriter::create(path, audio.rate_hz, audio.channels.len(), format, frames)?;
    writer.write(&audio.channels)?;
    writer.finish()
}

/// A WAV file that is being written, block by block. See [`OutputFile`] for where it may go. Samples beyond ±1 are limited
/// in integer formats, and counted. Blocks.
pub struct WavWriter {
    path: PathBuf,
    file: io::BufWriter<OutputFile>,
    format: SampleFormat,
    channels: usize,
    bytes_per_sample: u64,
    /// RF64 from the start, or with room for it.
    has_ds64: bool,
    header_bytes: u64,
    frames: u64,
    dither: Dither,
    report: WriteReport,
}

impl WavWriter {
    /// Begins a file of about `expected_frames`, which may be unknown.
    ///
    /// # Errors
    /// When it cannot be written, as far as that is known, also for want of room.
    pub fn create(
        path: &Path,
        rate_hz: u32,
        channels: usize,
        format: SampleFormat,
        expected_frames: Option<u64>,
    ) -> Result<Self, AudioFileError> {
        check_channels(path, channels)?;
        check_rate(path, rate_hz)?;
        let (bits_per_sample, sample_format) = match format {
            SampleFormat::I16 => (16, hound::SampleFormat::Int),
            SampleFormat::I24 => (24, hound::SampleFormat::Int),
            SampleFormat::F32 => (32, hound::SampleFormat::Float),
        };
        let count = u16::try_from(channels).expect("checked to be at most 64");
        let spec = hound::WavSpec { channels: count, sample_rate: rate_hz, bits_per_sample, sample_format };
        // With the lengths that say “unknown”, which is what a pipe keeps.
        let mut header = spec.into_header_for_infinite_file();
        let file = OutputFile::create(path)?;
        let bytes_per_sample = u64::from(bits_per_sample / 8);
        let expected = expected_frames.map(|frames| frames.saturating_mul(channels as u64 * bytes_per_sample));
        file.check_room(expected.unwrap_or(0))?;
        // Half of it is spared for a file that turns out longer than its header promises.
        let has_ds64 = file.is_seekable() && expected.is_none_or(|bytes| bytes > MOST_RIFF_BYTES / 2);
        if has_ds64 {
            // As the EBU has it (Tech 3306): room for the long lengths, which are junk until they are needed.
            let mut room = b"JUNK".to_vec();
            room.extend((DS64_BYTES as u32 - 8).to_le_bytes());
            room.resize(DS64_BYTES as usize, 0);
            header.splice(12..12, room);
        }
        let header_bytes = header.len() as u64;
        let mut writer = Self {
            path: path.into(),
            file: io::BufWriter::with_capacity(1 << 16, file),
            format,
            channels,
            bytes_per_sample,
            has_ds64,
            header_bytes,
            frames: 0,
            dither: Dither { state: DITHER_SEED },
            report: WriteReport::default(),
        };
        writer.put(&header)?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), AudioFileError> {
        self.file.write_all(bytes).map_err(|error| output_file::failure(&self.path, &error).into())
    }

    /// Appends a block, `[channel][frame]`, all channels as long.
    ///
    /// # Errors
    /// When a sample is no finite number, or the disk refuses.
    pub fn write(&mut self, block: &[Vec<f32>]) -> Result<(), AudioFileError> {
        check_finite(&self.path, self.frames, block)?;
        let frames = block.first().map_or(0, Vec::len);
        let mut bytes = Vec::with_capacity(frames.min(1 << 16) * self.channels * self.bytes_per_sample as usize);
        let steps = f64::from(1_u32 << (8 * self.bytes_per_sample - 1).min(31));
        for frame in 0..frames {
            for channel in block {
                let sample = channel[frame];
                if self.format == SampleFormat::F32 {
                    bytes.extend(sample.to_le_bytes());
                    continue;
                }
                self.report.clipped_samples += u64::from(sample.abs() > 1.0);
                let offset = if self.format == SampleFormat::I16 { self.dither.next_triangular() } else { 0.0 };
                let scaled = (f64::from(sample) * steps + offset).round().clamp(-steps, steps - 1.0);
                bytes.extend(&(scaled as i32).to_le_bytes()[..self.bytes_per_sample as usize]);
            }
            if bytes.len() >= 1 << 16 {
                self.put(&bytes)?;
                bytes.clear();
            }
        }
        self.frames += frames as u64;
        self.put(&bytes)
    }

    /// Completes the header and puts the file in its place.
    ///
    /// # Errors
    /// When the disk refuses, or a file became far longer than expected.
    pub fn finish(mut self) -> Result<WriteReport, AudioFileError> {
        let data_bytes = self.frames * self.channels as u64 * self.bytes_per_sample;
        let riff_bytes = self.header_bytes - 8 + data_bytes;
        if self.file.get_ref().is_seekable() {
            let patches: Vec<(u64, Vec<u8>)> = if riff_bytes <= MOST_RIFF_BYTES {
                let short = |bytes: u64| (bytes as u32).to_le_bytes().to_vec();
                vec![(4, short(riff_bytes)), (self.header_bytes - 4, short(data_bytes))]
            } else if self.has_ds64 {
                let lengths = [riff_bytes, data_bytes, self.frames].map(u64::to_le_bytes).concat();
                vec![(0, b"RF64".to_vec()), (12, b"ds64".to_vec()), (20, lengths)]
            } else {
                return Err(AudioFileError::TooLong { path: self.path, bytes: data_bytes });
            };
            for (at, bytes) in patches {
                let put = |file: &mut io::BufWriter<OutputFile>| {
                    file.seek(SeekFrom::Start(at))?;
                    file.write_all(&bytes)
                };
                put(&mut self.file).map_err(|error| output_file::failure(&self.path, &error))?;
            }
        }
        let file = self.file.into_inner().map_err(|error| output_file::failure(&self.path, error.error()))?;
        file.finish()?;
        Ok(self.report)
    }
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::read;
    use super::super::tests::{folder, largest_difference, sine};
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
                let (back, report) = read(&path).unwrap();
                assert!(report.is_sound(), "{report:?}");
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
        let mean = read(&a).unwrap().0.channels[0].iter().sum::<f32>() / 100_000.0 * 32768.0;
        assert!((mean - 0.3).abs() < 0.02, "dither keeps what lies below a step: {mean}");
    }

    #[test]
    fn clipping_is_limited_and_counted_in_integers_only() {
        let folder = folder();
        let path = folder.path().join("a.wav");
        let hot = Audio { rate_hz: 44_100, channels: vec![vec![1.5, -2.0, 1.0, -1.0, 0.0]] };
        for (format, clipped) in [(SampleFormat::I16, 2), (SampleFormat::I24, 2), (SampleFormat::F32, 0)] {
            assert_eq!(write_wav(&path, &hot, format).unwrap().clipped_samples, clipped);
            let peak = read(&path).unwrap().0.channels[0].iter().fold(0.0_f32, |peak, s| peak.max(s.abs()));
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
        assert_eq!(read(&path).unwrap().0, good);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file may stay behind");
    }

    /// The header is the one of `hound`, which wrote these files before they were written block by block.
    #[test]
    fn a_file_is_the_one_that_hound_writes() {
        let folder = folder();
        let (ours, theirs) = (folder.path().join("a.wav"), folder.path().join("b.wav"));
        for (format, bits, kind) in
            [(SampleFormat::I24, 24, hound::SampleFormat::Int), (SampleFormat::F32, 32, hound::SampleFormat::Float)]
        {
            for channels in [1, 2, 6] {
                let audio = sine(48_000, channels, 501);
                write_wav(&ours, &audio, format).unwrap();
                let channels = channels as u16;
                let spec = hound::WavSpec { channels, sample_rate: 48_000, bits_per_sample: bits, sample_format: kind };
                let mut writer = hound::WavWriter::create(&theirs, spec).unwrap();
                for frame in 0..501 {
                    for channel in &audio.channels {
                        match format {
                            SampleFormat::F32 => writer.write_sample(channel[frame]).unwrap(),
                            _ => writer.write_sample((channel[frame] as f64 * 8_388_608.0).round() as i32).unwrap(),
                        }
                    }
                }
                writer.finalize().unwrap();
                assert!(fs::read(&ours).unwrap() == fs::read(&theirs).unwrap(), "{format:?} x{channels}");
            }
        }
    }

    /// Its header has room for lengths beyond 4 GiB, and the sound is the same.
    #[test]
    fn a_file_of_unknown_length_reads_back_and_can_become_an_rf64() {
        let folder = folder();
        let path = folder.path().join("a.wav");
        let audio = sine(44_100, 2, 3_000);
        let mut writer = WavWriter::create(&path, 44_100, 2, SampleFormat::F32, None).unwrap();
        writer.write(&audio.channels).unwrap();
        writer.finish().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        assert_eq!(&bytes[12..16], b"JUNK");
        let (back, report) = read(&path).unwrap();
        assert!(back == audio && report.is_sound(), "{report:?}");
        // As a file of 4 GiB and more says it; one that is that long is no test.
        let data_bytes = 3_000_u64 * 8;
        let lengths = [bytes.len() as u64 - 8, data_bytes, 3_000].map(u64::to_le_bytes).concat();
        let header_bytes = bytes.len() - data_bytes as usize;
        for (at, part) in
            [(0, &b"RF64"[..]), (4, &[0xff; 4]), (12, b"ds64"), (20, &lengths), (header_bytes - 4, &[0xff; 4])]
        {
            bytes[at..at + part.len()].copy_from_slice(part);
        }
        fs::write(&path, bytes).unwrap();
        let (back, report) = read(&path).unwrap();
        assert!(back == audio && report.is_sound(), "{report:?}");
    }
}
