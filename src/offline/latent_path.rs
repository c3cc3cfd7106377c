//! Latent paths as files: what the encoder says of a sound, frame by frame, and back.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::STANDARD;
use super::audio_file::Audio;
use super::output_file::{self, OutputError, OutputFile};
use crate::controls::{Controls, MAX_DIMS};
use crate::dsp::resample::{self, HopIn};
use crate::engine::{Hop, Lane};
use crate::model::request::ModelRequest;
use crate::model::{Model, RunError};

/// The version of the file that this code writes and reads.
const FORMAT: u32 = 1;

/// Longer paths than this (14 hours at 86 hops a second) are not meant for a file.
const MAX_HOPS: usize = 1 << 22;
/// A hop is some 300 bytes of text; more than a gigabyte would fill the memory and mean nothing.
const MAX_BYTES: u64 = 1 << 30;

/// A sound's way through a model's latent space; one entry per hop in every list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatentPath {
    format: u32,
    /// The model that made it: a latent means nothing to another one.
    pub model: ModelRequest,
    /// Rate of the model, Hz.
    pub sample_rate_hz: u32,
    /// Frames per hop at that rate.
    pub hop_frames: usize,
    /// `[hop][dimension]`, standard deviations.
    pub latent: Vec<Vec<f32>>,
    /// dB(A) re full scale.
    pub loudness_db: Vec<f32>,
    /// Hz; 0 for models without pitch.
    pub f0_hz: Vec<f32>,
    /// 0 to 1.
    pub voicing: Vec<f32>,
    /// How far the harmonics are lowered where a noise was heard, 0 to 1; may be left out: not at all.
    #[serde(default)]
    pub hushed: Vec<f32>,
    /// Most level that a hop with lowered harmonics may have, dB re full scale; goes with `hushed`.
    #[serde(default)]
    pub level_db: Vec<f32>,
}

/// Encodes a mono sound of any rate, part by part, steadied and steered by controls (feedback and side-chain excepted);
/// with a stability of 0 and all else at rest it is what was analysed. Blocks. The last hop is filled up with silence, and
/// one delay's worth of hops follows, so that decoding gives the whole sound back.
pub struct PathEncoder<'a> {
    model: &'a mut dyn Model,
    controls: Controls,
    hop_in: HopIn,
    lane: Lane,
    /// What does not fill a hop yet.
    rest: Vec<f32>,
    tail_frames: usize,
    dims: usize,
    path: LatentPath,
}

impl<'a> PathEncoder<'a> {
    /// For a sound at `rate_hz`.
    pub fn new(rate_hz: u32, model: &'a mut dyn Model, request: ModelRequest, controls: &Controls) -> Self {
        let shape = model.shape().clone();
        let (host_hz, model_hz) = (f64::from(rate_hz), f64::from(shape.sample_rate_hz));
        let ratio = host_hz / model_hz;
        model.reset();
        Self {
            model,
            controls: Controls { feedback_gain: 0.0, ..*controls },
            hop_in: HopIn::new(ratio, shape.hop_frames, resample::is_needed(host_hz, model_hz)),
            lane: Lane::new(0, &shape),
            rest: Vec::new(),
            tail_frames: ((shape.delay_frames + shape.hop_frames) as f64 * ratio).ceil() as usize + 64,
            dims: shape.dims,
            path: LatentPath {
                format: FORMAT,
                model: request,
                sample_rate_hz: shape.sample_rate_hz,
                hop_frames: shape.hop_frames,
                latent: Vec::new(),
                loudness_db: Vec::new(),
                f0_hz: Vec::new(),
                voicing: Vec::new(),
                hushed: Vec::new(),
                level_db: Vec::new(),
            },
        }
    }

    /// Appends sound.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn push(&mut self, sound: &[f32]) -> Result<(), RunError> {
        self.rest.extend_from_slice(sound);
        let mut at = 0;
        while self.rest.len() - at >= self.hop_in.missing_frames() {
            let end = at + self.hop_in.missing_frames();
            self.hop_in.push(&self.rest[at..end]);
            at = end;
            let hop = self.lane.analyse(self.model, self.hop_in.hop(), &self.controls)?;
            let hop = self.lane.steady_and_steer(hop, &self.controls);
            self.path.latent.push(hop.latent[..self.dims].to_vec());
            self.path.loudness_db.push(hop.loudness_db);
            self.path.f0_hz.push(hop.f0_hz);
            self.path.voicing.push(hop.voicing);
            self.path.hushed.push(hop.hushed);
            self.path.level_db.push(hop.level_db + hop.loudness_db - hop.heard_db);
        }
        self.rest.drain(..at);
        Ok(())
    }

    /// The path to the sound's end.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn finish(mut self) -> Result<LatentPath, RunError> {
        self.push(&vec![0.0; self.tail_frames])?;
        Ok(self.path)
    }
}

/// Why a path file is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum PathError {
    #[error("{path}: {reason}. Check the name and the folder's permissions.")]
    File { path: PathBuf, reason: String },
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error("{path}: is not a latent path ({reason}). Make one with `timbreloom encode`.")]
    NotAPath { path: PathBuf, reason: String },
}

impl LatentPath {
    /// Encodes a mono sound of any rate at once; as [`PathEncoder`].
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn encode(
        sound: &[f32],
        rate_hz: u32,
        model: &mut dyn Model,
        request: ModelRequest,
        controls: &Controls,
    ) -> Result<Self, RunError> {
        let mut encoder = PathEncoder::new(rate_hz, model, request, controls);
        encoder.push(sound)?;
        encoder.finish()
    }

    /// Decodes to a mono sound at the model's rate, aligned with what was encoded; a general stage gets silence to
    /// shape, and plays its own comb and noise. Blocks.
    ///
    /// # Errors
    /// When the decoder fails.
    pub fn decode(&self, model: &mut dyn Model) -> Result<Audio, RunError> {
        let shape = model.shape().clone();
        let mut lane = Lane::new(0, &shape);
        model.reset();
        let mut sound = Vec::with_capacity(self.hops() * shape.hop_frames);
        for n in 0..self.hops() {
            let mut hop = Hop {
                latent: [0.0; MAX_DIMS],
                loudness_db: self.loudness_db[n],
                f0_hz: self.f0_hz[n],
                voicing: self.voicing[n],
                heard_db: self.loudness_db[n],
                level_db: self.level_db.get(n).copied().unwrap_or_default(),
                hushed: self.hushed.get(n).map_or(0.0, |hushed| hushed.clamp(0.0, 1.0)),
                ..Hop::default()
            };
            hop.latent[..shape.dims].copy_from_slice(&self.latent[n]);
            lane.synthesise(model, &hop)?;
            sound.extend_from_slice(lane.made());
        }
        sound.drain(..shape.delay_frames.min(sound.len()));
        Ok(Audio { rate_hz: shape.sample_rate_hz, channels: vec![sound] })
    }

    /// Number of hops.
    pub fn hops(&self) -> usize {
        self.latent.len()
    }

    /// Reads and checks a file.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, PathError> {
        let file = |reason: String| PathError::File { path: path.to_owned(), reason };
        // A pipe has no length to be asked for, and a device no end.
        let from: Box<dyn Read> = if path == Path::new(STANDARD) {
            Box::new(std::io::stdin())
        } else {
            Box::new(File::open(path).map_err(|e| file(e.to_string()))?)
        };
        let mut from = BufReader::new(from.take(MAX_BYTES));
        let wrong = |reason: String| PathError::NotAPath { path: path.to_owned(), reason };
        let read: Self = serde_json::from_reader(&mut from).map_err(|error| {
            if from.get_ref().limit() == 0 {
                file(format!("is longer than the {MAX_BYTES} bytes that are read at most"))
            } else if error.is_io() {
                file(error.to_string())
            } else {
                wrong(error.to_string())
            }
        })?;
        read.check().map_err(wrong)?;
        Ok(read)
    }

    fn check(&self) -> Result<(), String> {
        if self.format != FORMAT {
            return Err(format!("“format” should be {FORMAT}, but is {}", self.format));
        }
        let hops = self.hops();
        if hops == 0 || hops > MAX_HOPS {
            return Err(format!("“latent” should hold 1 to {MAX_HOPS} hops, but holds {hops}"));
        }
        let optional = [("hushed", &self.hushed), ("level_db", &self.level_db)];
        let all = [("loudness_db", &self.loudness_db), ("f0_hz", &self.f0_hz), ("voicing", &self.voicing)];
        let has_optional = optional.iter().any(|(_, list)| !list.is_empty());
        for (key, list) in all.into_iter().chain(optional.into_iter().filter(|_| has_optional)) {
            if list.len() != hops {
                return Err(format!("“{key}” should have {hops} values like “latent”, but has {}", list.len()));
            }
            if let Some(n) = list.iter().position(|v| !v.is_finite()) {
                return Err(format!("“{key}” value {n} is not a finite number"));
            }
        }
        let dims = self.latent[0].len();
        for (n, row) in self.latent.iter().enumerate() {
            if row.len() != dims || dims > MAX_DIMS {
                return Err(format!("“latent” hop {n} has {} values, {dims} (at most {MAX_DIMS}) expected", row.len()));
            }
            if row.iter().any(|v| !v.is_finite()) {
                return Err(format!("“latent” hop {n} holds something that is not a finite number"));
            }
        }
        Ok(())
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// Names the file.
    pub fn write(&self, path: &Path) -> Result<(), PathError> {
        let failed = |error: std::io::Error| output_file::failure(path, &error);
        let mut file = BufWriter::new(OutputFile::create(path)?);
        serde_json::to_writer(&mut file, self).map_err(|error| failed(error.into()))?;
        file.into_inner().map_err(|error| failed(error.into_error()))?.finish()?;
        Ok(())
    }
}
