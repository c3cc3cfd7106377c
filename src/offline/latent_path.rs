//! Latent paths as files: what the encoder says of a sound, frame by frame, and back.

use std::fs::File;
use std::io::{BufReader, BufWriter, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use super::STANDARD;
use super::audio_file::Audio;
use super::output_file::{self, OutputError, OutputFile};
use crate::controls::Controls;
use crate::dsp::resample::{self, HopIn};
use crate::engine::{Hop, Lane};
use crate::latent::{LatentPath, npz};
use crate::model::request::ModelRequest;
use crate::model::{Model, RunError};

/// A hop is some 300 bytes of text; more than a gigabyte would fill the memory and mean nothing.
const MAX_BYTES: u64 = 1 << 30;

/// Ending of the files that NumPy reads; all others are JSON.
const NPZ: &str = "npz";

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
            path: LatentPath::of(request, &shape),
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
            self.path.hops.push(hop.to_path());
        }
        self.rest.drain(..at);
        Ok(())
    }

    /// Hops so far.
    pub fn hops(&self) -> usize {
        self.path.hops.len()
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
) -> Result<LatentPath, RunError> {
    let mut encoder = PathEncoder::new(rate_hz, model, request, controls);
    encoder.push(sound)?;
    encoder.finish()
}

/// Decodes to a mono sound at the model's rate, aligned with what was encoded; a general stage gets silence to
/// shape, and plays its own comb and noise. Blocks.
///
/// # Errors
/// When the decoder fails.
pub fn decode(path: &LatentPath, model: &mut dyn Model) -> Result<Audio, RunError> {
    let shape = model.shape().clone();
    let mut lane = Lane::new(0, &shape);
    model.reset();
    let mut sound = Vec::with_capacity(path.hops.len() * shape.hop_frames);
    for hop in &path.hops {
        lane.synthesise(model, &Hop::of_path(hop))?;
        sound.extend_from_slice(lane.made());
    }
    sound.drain(..shape.delay_frames.min(sound.len()));
    Ok(Audio { rate_hz: shape.sample_rate_hz, channels: vec![sound] })
}

/// Reads and checks a file, `.npz` or JSON.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn read(path: &Path) -> Result<LatentPath, PathError> {
    let file = |reason: String| PathError::File { path: path.to_owned(), reason };
    let wrong = |reason: String| PathError::NotAPath { path: path.to_owned(), reason };
    // A pipe has no length to be asked for, and a device no end.
    let from: Box<dyn Read> = if path == Path::new(STANDARD) {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(path).map_err(|e| file(e.to_string()))?)
    };
    let mut from = BufReader::new(from.take(MAX_BYTES));
    let too_long = || file(format!("is longer than the {MAX_BYTES} bytes that are read at most"));
    if is_npz(path) {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).map_err(|e| file(e.to_string()))?;
        return match from.get_ref().limit() {
            0 => Err(too_long()),
            _ => npz::read(Cursor::new(bytes)).map_err(wrong),
        };
    }
    serde_json::from_reader(&mut from).map_err(|error| {
        if from.get_ref().limit() == 0 {
            too_long()
        } else if error.is_io() {
            file(error.to_string())
        } else {
            wrong(error.to_string())
        }
    })
}

/// Writes the file, `.npz` or JSON by its ending, whole or not at all.
///
/// # Errors
/// Names the file.
pub fn write(path: &Path, latent_path: &LatentPath) -> Result<(), PathError> {
    let failed = |error: std::io::Error| output_file::failure(path, &error);
    let mut file = BufWriter::new(OutputFile::create(path)?);
    if is_npz(path) {
        // An archive's index comes last and names places before it.
        let bytes = npz::write(latent_path, Cursor::new(Vec::new())).map_err(failed)?.into_inner();
        file.write_all(&bytes).map_err(failed)?;
    } else {
        serde_json::to_writer(&mut file, latent_path).map_err(|error| failed(error.into()))?;
    }
    file.into_inner().map_err(|error| failed(error.into_error()))?.finish()?;
    Ok(())
}

fn is_npz(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(NPZ))
}
