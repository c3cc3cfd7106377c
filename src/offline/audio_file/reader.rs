//! An audio file, block by block: however long it is, a block is all that is held.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as DecodeError;
use symphonia::core::packet::Packet;

use super::demuxer::{Demuxer, probe};
use super::kind::Kind;
use super::mpeg::Mpeg;
use super::report::{Promise, ReadReport};
use super::source::Source;
use super::wave::{Flaw, Wave};
use super::{AudioFileError, Step, check_channels, check_finite, check_rate};

/// Frames of a block of silence.
const SILENT_FRAMES: u64 = 4096;

/// Four times what the largest packet of any format that is read here holds, FLAC's.
const MOST_PACKET_FRAMES: u64 = 1 << 18;

/// A file that is being read. Blocks and allocates.
pub struct Reader {
    path: PathBuf,
    from: Demuxer,
    decoder: Box<dyn AudioDecoder>,
    rate_hz: u32,
    channels: usize,
    expected_frames: Option<u64>,
    report: ReadReport,
    /// Silence that is still to be given, frames.
    owed_frames: u64,
    /// A block that was decoded already.
    ready: Option<Vec<Vec<f32>>>,
    has_ended: bool,
}

impl Reader {
    /// Opens a file, a FIFO or standard input (`-`), and decodes its first block.
    ///
    /// # Errors
    /// When it is missing, no audio, damaged from the start, empty of sound, or outside the limits.
    pub fn open(path: &Path) -> Result<Self, AudioFileError> {
        // The decoders meet files from anywhere: a bug in one must end as a message, not as a crash.
        catch_unwind(AssertUnwindSafe(|| {
            let source = Source::open(path).map_err(|source| AudioFileError::Open { path: path.into(), source })?;
            Self::begin(path, source)
        }))
        .unwrap_or_else(|_| Err(decoder_failed(path)))
    }

    /// The same for a file that the program brings along, by the name that messages give it.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn of_bytes(name: &Path, bytes: &'static [u8]) -> Result<Self, AudioFileError> {
        Self::begin(name, Source::of_bytes(bytes))
    }

    fn begin(path: &Path, mut source: Source) -> Result<Self, AudioFileError> {
        let open_error = |source| AudioFileError::Open { path: path.into(), source };
        if source.peek(0, 1).map_err(open_error)?.is_empty() {
            return Err(AudioFileError::Empty { path: path.into() });
        }
        let kind = Kind::of(&mut source).map_err(open_error)?;
        let mut promise = Promise::None;
        let (from, parameters, expected_frames) = match kind {
            Kind::Wave(family) => {
                let wave = Wave::open(source, family).map_err(|flaw| flawed(path, flaw))?;
                check_channels(path, wave.channels())?;
                check_rate(path, wave.rate_hz())?;
                promise = wave.promise;
                let (parameters, frames) = (wave.parameters(), wave.frames());
                (Demuxer::Wave(Box::new(wave)), parameters, frames)
            }
            Kind::Mpeg => {
                let none = || AudioFileError::NotAudio { path: path.into(), reason: "no MP3 frame was found".into() };
                let mpeg = Mpeg::open(source).map_err(|error| broken(path, &error))?.ok_or_else(none)?;
                promise = mpeg.promise();
                let (parameters, frames) = (mpeg.parameters(), mpeg.frames());
                (Demuxer::Mpeg(Box::new(mpeg)), parameters, frames)
            }
            Kind::Foreign(what) => return Err(AudioFileError::Foreign { path: path.into(), what: what.into() }),
            Kind::Flac | Kind::Ogg | Kind::Contained | Kind::Unknown => {
                let (from, parameters, frames) = probe(path, source, kind)?;
                if let (Kind::Flac | Kind::Ogg, Some(frames)) = (kind, frames) {
                    promise = Promise::Frames(frames);
                }
                (from, parameters, frames)
            }
        };
        let decoder = decoder_of(path, &parameters)?;
        let mut reader = Self {
            path: path.into(),
            from,
            decoder,
            rate_hz: 0,
            channels: 0,
            expected_frames,
            report: ReadReport { promise, ..ReadReport::default() },
            owed_frames: 0,
            ready: None,
            has_ended: false,
        };
        let mut first = Vec::new();
        if !reader.step_until_sound(&mut first)? {
            return Err(if reader.report.damaged_places > 0 {
                let reason = format!("none of its {} packets could be decoded", reader.report.damaged_places);
                AudioFileError::Damaged { path: path.into(), reason }
            } else {
                AudioFileError::NoFrames { path: path.into() }
            });
        }
        reader.ready = Some(first);
        Ok(reader)
    }

    /// Frames per second.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Number of channels, 1 to [`super::MOST_CHANNELS`].
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Frames that are expected: promised, or guessed from the file's size; `None` where nothing is known.
    pub fn expected_frames(&self) -> Option<u64> {
        self.expected_frames
    }

    /// What reading had to put up with so far; all of it after the last block.
    pub fn report(&self) -> ReadReport {
        self.report
    }

    /// Reads the next block into `[channel][frame]`, in place of what is there; -> `false` at the end.
    ///
    /// # Errors
    /// When the file turns out to be something else on the way, or holds samples that are no numbers.
    pub fn next(&mut self, block: &mut Vec<Vec<f32>>) -> Result<bool, AudioFileError> {
        if self.owed_frames > 0 {
            self.give_silence(block);
        } else if let Some(ready) = self.ready.take() {
            *block = ready;
        } else {
            let more = catch_unwind(AssertUnwindSafe(|| self.step_until_sound(block)));
            if !more.unwrap_or_else(|_| Err(decoder_failed(&self.path)))? {
                return Ok(false);
            }
            if self.owed_frames > 0 {
                // Something was lost in front of what was decoded.
                self.ready = Some(std::mem::take(block));
                return self.next(block);
            }
        }
        check_finite(&self.path, self.report.frames, block)?;
        self.report.frames += block.first().map_or(0, Vec::len) as u64;
        Ok(true)
    }

    /// Frames that were given or are owed.
    fn position(&self) -> u64 {
        self.report.frames + self.owed_frames
    }

    fn lose(&mut self, frames: u64) {
        self.report.damaged_places += 1;
        self.report.silenced_frames += frames;
        self.owed_frames += frames;
    }

    /// Decodes until there is a block, or silence is owed at the end; -> `false`: neither.
    fn step_until_sound(&mut self, block: &mut Vec<Vec<f32>>) -> Result<bool, AudioFileError> {
        block.clear();
        while !self.has_ended {
            let position = self.position();
            match self.from.step(position) {
                Ok(Step::Packet(packet)) => {
                    if self.decode(&packet, block)? {
                        return Ok(true);
                    }
                }
                Ok(Step::Gap(frames)) => self.lose(frames),
                Ok(Step::Begin(parameters)) => {
                    self.report.joined += 1;
                    match parameters {
                        Some(parameters) => self.decoder = decoder_of(&self.path, &parameters)?,
                        None => self.decoder.reset(),
                    }
                }
                Ok(Step::End) => self.end(false),
                Err(error) if self.rate_hz == 0 => return Err(damaged(&self.path, &error)),
                Err(DecodeError::IoError(error)) if error.kind() == io::ErrorKind::InvalidData => {
                    return Err(broken(&self.path, &error));
                }
                Err(_) => self.end(true),
            }
        }
        let is_owed = self.owed_frames > 0 && self.channels > 0;
        if is_owed {
            self.give_silence(block);
        }
        Ok(is_owed)
    }

    /// Some of what is owed.
    fn give_silence(&mut self, block: &mut Vec<Vec<f32>>) {
        let frames = self.owed_frames.min(SILENT_FRAMES);
        self.owed_frames -= frames;
        block.clear();
        block.resize(self.channels, vec![0.0; frames as usize]);
    }

    fn end(&mut self, is_broken: bool) {
        self.has_ended = true;
        self.report.is_cut_short |= is_broken;
        self.report.is_cut_short |= match &self.from {
            Demuxer::Wave(wave) => wave.is_cut_short,
            Demuxer::Mpeg(mpeg) => mpeg.is_cut_short,
            Demuxer::Library { .. } => {
                matches!(self.report.promise, Promise::Frames(frames) if self.position() < frames)
            }
        };
    }

    /// -> whether the packet gave sound.
    fn decode(&mut self, packet: &Packet, block: &mut Vec<Vec<f32>>) -> Result<bool, AudioFileError> {
        match self.decoder.decode(packet) {
            Ok(buffer) => {
                let (found_hz, found) = (buffer.spec().rate(), buffer.spec().channels().count());
                if self.rate_hz == 0 {
                    check_rate(&self.path, found_hz)?;
                    check_channels(&self.path, found)?;
                    (self.rate_hz, self.channels) = (found_hz, found);
                } else if (found_hz, found) != (self.rate_hz, self.channels) {
                    let at_s = self.position() as f64 / f64::from(self.rate_hz);
                    let reason = format!(
                        "at {at_s:.3} s it goes on with {found_hz} Hz and {found} channels, after {} Hz and {}; split it \
                         there",
                        self.rate_hz, self.channels
                    );
                    return Err(AudioFileError::Damaged { path: self.path.clone(), reason });
                }
                buffer.copy_to_vecs_planar(block);
                if let Demuxer::Wave(_) = self.from {
                    // The decoders of blocks do not take off what fills up the last one.
                    let frames = packet.dur.get() as usize;
                    block.iter_mut().for_each(|channel| channel.truncate(frames));
                }
                Ok(block.first().is_some_and(|channel| !channel.is_empty()))
            }
            Err(DecodeError::DecodeError(_) | DecodeError::IoError(_)) => {
                // Packet durations of all formats read here are in frames.
                self.lose(packet.dur.get());
                Ok(false)
            }
            Err(error) => Err(damaged(&self.path, &error)),
        }
    }
}

fn decoder_of(path: &Path, parameters: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, AudioFileError> {
    // Decoders make room for as many at once, whatever a header says.
    if let Some(frames) = parameters.max_frames_per_packet.filter(|frames| *frames > MOST_PACKET_FRAMES) {
        let reason = format!("its header promises packets of {frames} frames, at most {MOST_PACKET_FRAMES} are read");
        return Err(AudioFileError::Damaged { path: path.into(), reason });
    }
    // Gapless: the encoder's delay and padding, where the file states them, are no part of the sound.
    let options = AudioDecoderOptions::default().gapless(true);
    symphonia::default::get_codecs().make_audio_decoder(parameters, &options).map_err(|_| {
        if parameters.codec == CODEC_ID_OPUS {
            AudioFileError::Foreign { path: path.into(), what: "Opus".into() }
        } else {
            AudioFileError::NoTrack { path: path.into() }
        }
    })
}

fn decoder_failed(path: &Path) -> AudioFileError {
    AudioFileError::Damaged { path: path.into(), reason: "the decoder failed on it".into() }
}

pub(super) fn damaged(path: &Path, error: &DecodeError) -> AudioFileError {
    match error {
        DecodeError::IoError(error) => broken(path, error),
        error => AudioFileError::Damaged { path: path.into(), reason: error.to_string() },
    }
}

fn broken(path: &Path, error: &io::Error) -> AudioFileError {
    AudioFileError::Damaged { path: path.into(), reason: error.to_string() }
}

fn flawed(path: &Path, flaw: Flaw) -> AudioFileError {
    let path = path.to_owned();
    let because = |reason: &str| AudioFileError::Damaged { path: path.clone(), reason: reason.into() };
    match flaw {
        Flaw::Io(source) => AudioFileError::Open { path, source },
        Flaw::HeaderCut => because("its header is cut short"),
        Flaw::NoFormat => because("its header does not say how its samples lie"),
        Flaw::NoData => because("it has a header, and no sound behind it"),
        Flaw::NoFrames => AudioFileError::NoFrames { path },
        Flaw::Foreign(what) => AudioFileError::Foreign { path, what },
        Flaw::Damaged(reason) => because(reason),
    }
}
