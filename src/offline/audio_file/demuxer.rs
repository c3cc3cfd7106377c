//! Finds the packets in a file, and what is missing between them.

use std::io::{self, Read as _};
use std::path::Path;

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::errors::Error as DecodeError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;

use super::kind::{Kind, id3_bytes};
use super::mpeg::Mpeg;
use super::reader::damaged;
use super::source::Source;
use super::split::Parts;
use super::wave::Wave;
use super::{AudioFileError, Step};

/// A step in the time that packets tell, from which on something is missing. Less is how some encoders count.
const LEAST_GAP_FRAMES: u64 = 1024;
/// The longest silence that a packet's time alone may ask for, seconds.
const MOST_GAP_SECONDS: u64 = 3600;

/// Finds the packets in a file.
pub(super) enum Demuxer {
    Wave(Box<Wave>),
    Mpeg(Box<Mpeg>),
    Library {
        format: Box<dyn FormatReader>,
        track: u32,
        /// Where packets tell where they belong, so that what is missing is seen.
        clock: Option<Clock>,
        /// What comes behind a gap.
        next: Option<Step>,
        /// Of FLAC: what was appended.
        parts: Option<Parts>,
    },
}

/// The time that packets tell, against the frames that were read.
pub(super) struct Clock {
    /// Frames before the current recording of a chain.
    base_frames: u64,
    /// The time at which it begins, known from its first packet.
    start: Option<i64>,
    /// Its length, if its header tells it.
    promised: Option<u64>,
    most_gap_frames: u64,
}

impl Clock {
    /// Frames that lack at the end of the current recording.
    fn missing(&self, position: u64) -> Option<u64> {
        let missing = (self.base_frames + self.promised?).checked_sub(position)?;
        (missing <= self.most_gap_frames).then_some(missing)
    }

    /// What lies between the frames so far and this packet, if anything does.
    fn compare(&mut self, packet: &Packet, position: u64) -> Option<Step> {
        let (time, frames) = (packet.pts.get(), packet.dur.get());
        let fits =
            |time: i64| u64::try_from(time).is_ok_and(|time| self.promised.is_none_or(|all| time + frames <= all));
        // A first packet that is not at zero: its header knows of what came before, or it was cut out of something longer.
        let is_headless = time > 0 && self.promised.is_some() && fits(time);
        let start = *self.start.get_or_insert(if time <= 0 || is_headless { 0 } else { time });
        let here = i64::try_from(position - self.base_frames.min(position)).unwrap_or(i64::MAX);
        let step = time.saturating_sub(start).saturating_sub(here);
        if step.unsigned_abs() < LEAST_GAP_FRAMES || time < 0 {
            return None;
        }
        if step > 0 && fits(time) && step.unsigned_abs() <= self.most_gap_frames {
            return Some(Step::Gap(step.unsigned_abs()));
        }
        // No time that could be: sound follows sound. A time of about zero begins another recording.
        let is_new = step < 0 && time.unsigned_abs() <= frames;
        self.start = Some(time.saturating_sub(here));
        if is_new {
            (self.base_frames, self.start, self.promised) = (position, Some(0), None);
        }
        is_new.then_some(Step::Begin(None))
    }
}

impl Demuxer {
    /// `position`: frames so far.
    pub(super) fn step(&mut self, position: u64) -> Result<Step, DecodeError> {
        match self {
            Self::Wave(wave) => Ok(wave.next()?.map_or(Step::End, Step::Packet)),
            Self::Mpeg(mpeg) => Ok(mpeg.next()?),
            Self::Library { .. } => self.step_library(position),
        }
    }

    fn step_library(&mut self, position: u64) -> Result<Step, DecodeError> {
        let Self::Library { format, track, clock, next, parts } = self else { return Ok(Step::End) };
        if let Some(step) = next.take() {
            return Ok(step);
        }
        loop {
            match format.next_packet() {
                Ok(Some(packet)) if packet.track_id == *track => {
                    let Some(clock) = clock else { return Ok(Step::Packet(packet)) };
                    let step = clock.compare(&packet, position);
                    if matches!(step, Some(Step::Gap(_) | Step::Begin(_))) {
                        *next = Some(Step::Packet(packet));
                        return Ok(step.unwrap_or(Step::End));
                    }
                    return Ok(Step::Packet(packet));
                }
                Ok(Some(_)) => {}
                Ok(None) => return next_part(self, position),
                Err(DecodeError::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof && parts.is_some() => {
                    // The end of one of several, or the end of all.
                    let missing = clock.as_ref().and_then(|clock| clock.missing(position)).unwrap_or(0);
                    return match next_part(self, position + missing)? {
                        Step::End => Err(error.into()),
                        step if missing == 0 => Ok(step),
                        step => {
                            let Self::Library { next, .. } = self else { return Ok(step) };
                            *next = Some(step);
                            Ok(Step::Gap(missing))
                        }
                    };
                }
                Err(DecodeError::ResetRequired) => {
                    let next = format.default_track(TrackType::Audio);
                    let next = next.and_then(|next| Some((next.id, next.codec_params.as_ref()?.audio()?.clone())));
                    let Some((id, parameters)) = next else { return Ok(Step::End) };
                    *track = id;
                    if let Some(clock) = clock {
                        *clock = Clock { base_frames: position, start: None, promised: None, ..*clock };
                    }
                    return Ok(Step::Begin(Some(parameters)));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Goes on with the recording that was appended, if there is one.
fn next_part(from: &mut Demuxer, position: u64) -> Result<Step, DecodeError> {
    let Demuxer::Library { parts: Some(parts), .. } = from else { return Ok(Step::End) };
    if !parts.advance()? {
        return Ok(Step::End);
    }
    let (more, parameters, _) = probe_parts(parts.clone())?;
    *from = more;
    if let Demuxer::Library { clock: Some(clock), .. } = from {
        clock.base_frames = position;
    }
    Ok(Step::Begin(Some(parameters)))
}

pub(super) type Probed = (Demuxer, AudioCodecParameters, Option<u64>);

pub(super) fn probe(path: &Path, source: Source, kind: Kind) -> Result<Probed, AudioFileError> {
    let mut hint = Hint::new();
    if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
        hint.with_extension(extension);
    }
    let probed = match kind {
        Kind::Flac => without_tags(source).map_err(DecodeError::from).and_then(|source| probe_parts(Parts::of(source))),
        _ => probe_with(&hint, Box::new(source), kind == Kind::Ogg),
    };
    probed.map_err(|error| match error {
        DecodeError::Unsupported(NO_TRACK) => AudioFileError::NoTrack { path: path.into() },
        error if kind == Kind::Unknown => AudioFileError::NotAudio { path: path.into(), reason: error.to_string() },
        error => damaged(path, &error),
    })
}

/// Passes the ID3 tags that stand before a FLAC's own mark.
fn without_tags(mut source: Source) -> io::Result<Source> {
    while let length @ 1.. = id3_bytes(&source.peek(0, 10)?) {
        io::copy(&mut source.by_ref().take(length), &mut io::sink())?;
    }
    Ok(source)
}

/// How [`probe_with`] says that there is no track of sound.
const NO_TRACK: &str = "no track of sound";

fn probe_parts(parts: Parts) -> Result<Probed, DecodeError> {
    let (mut from, parameters, frames) = probe_with(&Hint::new(), Box::new(parts.clone()), true)?;
    if let Demuxer::Library { clock: Some(clock), parts: place, .. } = &mut from {
        (clock.promised, *place) = (frames, Some(parts));
    }
    Ok((from, parameters, frames))
}

fn probe_with(hint: &Hint, source: Box<dyn MediaSource>, tells_time: bool) -> Result<Probed, DecodeError> {
    let stream = MediaSourceStream::new(source, Default::default());
    let options = (FormatOptions::default(), MetadataOptions::default());
    let format = symphonia::default::get_probe().probe(hint, stream, options.0, options.1)?;
    let track = format.default_track(TrackType::Audio).ok_or(DecodeError::Unsupported(NO_TRACK))?;
    let parameters = track.codec_params.as_ref().and_then(|codec| codec.audio());
    let parameters = parameters.ok_or(DecodeError::Unsupported(NO_TRACK))?.clone();
    let (track, frames) = (track.id, track.num_frames);
    let clock = tells_time.then(|| Clock {
        base_frames: 0,
        start: None,
        promised: None,
        most_gap_frames: MOST_GAP_SECONDS * u64::from(parameters.sample_rate.unwrap_or(48_000)),
    });
    Ok((Demuxer::Library { format, track, clock, next: None, parts: None }, parameters, frames))
}
