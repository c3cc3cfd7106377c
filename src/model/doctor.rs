//! The model doctor: whether a package can be trusted on stage, measured and put in words.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::any_package::is_discrete;
use super::codes_doctor::{self, CodesDiagnosis, CodesHealth};
use super::cpu_time::Watch;
use super::package::{Package, PackageError};
use super::provider::{Provider, ProviderChoice};
use super::session::{ContinuousModel, SessionError};
use super::{DecoderInput, Model, RunError, Stage};
use crate::controls::MAX_DIMS;

/// Slower than this a model cannot keep up on one core with anything beside it, multiples of real time.
const LEAST_TIMES_REAL_TIME: f64 = 2.0;

/// Louder than this no decoder should be at any latent of its range, peak, linear gain (+12 dB).
const MOST_PEAK: f32 = 4.0;

const COST_HOPS: usize = 200;

/// A package in good health, and what was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Health {
    /// The package's name.
    pub name: String,
    /// What its decoder shapes.
    pub stage: Stage,
    /// Largest difference from the training code's own output, absolute, sound and latent.
    pub parity_error: f32,
    /// Real time over the time that encoder and decoder need.
    pub times_real_time: f64,
    /// Largest sample over the reference cloud at the training sound's loudest.
    pub peak: f32,
    /// What the model adds to the latency, frames at its rate.
    pub model_latency_frames: usize,
    /// What the graphs ran on.
    pub provider: String,
    /// Why not on something else, in whole sentences; empty when there was no choice.
    pub provider_note: String,
}

/// The health of a package of either kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnyHealth {
    /// Of a latent space.
    Continuous(Health),
    /// Of a codebook.
    Discrete(CodesHealth),
}

/// Why a package should not be played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Diagnosis {
    /// As it was told by the process that examined it, or how that ended; see [`super::examiner`].
    #[error("{0}")]
    Told(String),
    /// Its files are not what they should be.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// It is discrete, and its own doctor speaks against it.
    #[error(transparent)]
    Codes(#[from] CodesDiagnosis),
    /// Its graphs are not what they should be.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A graph failed while running.
    #[error("{folder}: the model does not run: {error}. Export it again, or ask its maker for a new copy.")]
    Run {
        /// The package.
        folder: PathBuf,
        /// Which graph, and why.
        error: RunError,
    },
    /// It gives something that is no number.
    #[error(
        "{folder}: the model gives values that are not numbers ({what}): it would be heard as silence or a crash. Export it again, or ask its maker for a new copy."
    )]
    NotANumber {
        /// The package.
        folder: PathBuf,
        /// Latent, loudness or sound.
        what: &'static str,
    },
    /// It does not do what the training code did.
    #[error(
        "{folder}: the model played hop by hop differs by {found:.1e} from its maker's example, {tolerance:.1e} is allowed: its streaming export is wrong and would click or drift. Export it again."
    )]
    Parity {
        /// The package.
        folder: PathBuf,
        /// Largest difference.
        found: f32,
        /// Allowed by the manifest.
        tolerance: f32,
    },
    /// It is dangerously loud.
    #[error(
        "{folder}: the model reaches a peak of {found:.1} (full scale is 1) within its own range: it would hurt. Export it again with its loudness checked."
    )]
    TooLoud {
        /// The package.
        folder: PathBuf,
        /// Peak found.
        found: f32,
    },
}

impl Health {
    /// What to say of a model that is healthy and hardly to be played on this computer, in a whole sentence.
    pub fn warning(&self) -> Option<String> {
        cost_warning(self.times_real_time)
    }
}

/// As [`Health::warning`], of real time over the time that a model needs.
pub(super) fn cost_warning(times_real_time: f64) -> Option<String> {
    (times_real_time < LEAST_TIMES_REAL_TIME).then(|| {
        format!(
            "It runs at {times_real_time:.1} times real time on this computer, and {LEAST_TIMES_REAL_TIME} are needed: it \
             would drop out. Use it for bounces only, or train a smaller one."
        )
    })
}

impl From<CodesHealth> for Health {
    /// In the effect codes are pitched, and on the CPU whatever is asked for; the cost is that of eight voices.
    fn from(health: CodesHealth) -> Self {
        Self {
            name: health.name,
            stage: Stage::Pitched,
            parity_error: health.parity_error,
            times_real_time: health.times_real_time,
            peak: health.peak,
            model_latency_frames: health.model_latency_frames,
            provider: Provider::Cpu.name().into(),
            provider_note: String::new(),
        }
    }
}

impl From<AnyHealth> for Health {
    fn from(health: AnyHealth) -> Self {
        match health {
            AnyHealth::Continuous(health) => health,
            AnyHealth::Discrete(health) => health.into(),
        }
    }
}

/// Examines the package in `folder`, of either kind, on the CPU: files, shapes, parity, loudness, cost. Blocks for about a second.
///
/// # Errors
/// The first thing found that speaks against playing it.
pub fn examine(folder: &Path) -> Result<Health, Diagnosis> {
    examine_on(folder, &ProviderChoice::CPU)
}

/// As [`examine`], on what is asked for or what there is.
///
/// # Errors
/// As [`examine`].
pub fn examine_on(folder: &Path, choice: &ProviderChoice) -> Result<Health, Diagnosis> {
    examine_here(folder, choice).map(Into::into)
}

/// As [`examine_on`], in all detail. In this very process: a package of others belongs to [`super::examiner`].
///
/// # Errors
/// As [`examine`].
pub fn examine_here(folder: &Path, choice: &ProviderChoice) -> Result<AnyHealth, Diagnosis> {
    if is_discrete(folder) {
        return Ok(AnyHealth::Discrete(codes_doctor::examine(folder)?));
    }
    examine_continuous(folder, choice).map(AnyHealth::Continuous)
}

fn examine_continuous(folder: &Path, choice: &ProviderChoice) -> Result<Health, Diagnosis> {
    let package = Package::open(folder)?;
    // On sessions of its own: these very files are examined, not what another instance loaded before.
    let mut model = ContinuousModel::load_apart_on(&package, choice)?;
    let parity_error = examine_parity(&package, &mut model)?;
    let peak = examine_loudness(&package, &mut model)?;
    let times_real_time = measure_cost(&package, &mut model)?;
    let info = model.info();
    Ok(Health {
        name: package.name,
        provider: info.provider,
        provider_note: info.provider_note,
        stage: package.shape.stage,
        parity_error,
        times_real_time,
        peak,
        model_latency_frames: package.shape.hop_frames + package.shape.delay_frames,
    })
}

/// Plays the package's example hop by hop; -> the largest difference from what the training code made of it whole.
fn examine_parity(package: &Package, model: &mut ContinuousModel) -> Result<f32, Diagnosis> {
    let parity = package.read_parity()?;
    let (hop, dims, columns) = (package.shape.hop_frames, package.shape.dims, package.shape.noise_columns);
    let (mut latent, mut audio) = ([0.0; MAX_DIMS], vec![0.0; hop]);
    let mut worst = 0.0f32;
    let failed = |error| Diagnosis::Run { folder: package.folder.clone(), error };
    let mut differ = |made: &[f32], wanted: &[f32], what| -> Result<(), Diagnosis> {
        for (made, wanted) in made.iter().zip(wanted) {
            // The example too: a difference from NaN would be lost in the comparison.
            if !made.is_finite() || !wanted.is_finite() {
                return Err(Diagnosis::NotANumber { folder: package.folder.clone(), what });
            }
            worst = worst.max((made - wanted).abs());
        }
        Ok(())
    };
    model.reset();
    for n in 0..package.parity.hops {
        let row = |list: &[f32], width: usize| list[n * width..(n + 1) * width].to_vec();
        let sound = row(&parity.audio, hop);
        let loudness_db = model.encode(0, &sound, &mut latent[..dims]).map_err(failed)?;
        let wanted_latent = row(&parity.latent, dims);
        differ(&latent[..dims], &wanted_latent, "latent")?;
        // dB are some hundred times larger than sound: compared on sound's scale
        differ(&[loudness_db * 0.01], &[parity.loudness_db[n] * 0.01], "loudness")?;
        let input = DecoderInput {
            latent: &wanted_latent,
            loudness_db: parity.loudness_db[n],
            f0_hz: parity.f0_hz[n],
            voicing: parity.voicing[n],
            noise: &row(&parity.noise, columns),
            sound: &sound,
        };
        model.decode(0, &input, &mut audio).map_err(failed)?;
        differ(&audio, &row(&parity.output, hop), "sound")?;
    }
    let tolerance = package.parity.tolerance;
    if worst <= tolerance {
        Ok(worst)
    } else {
        Err(Diagnosis::Parity { folder: package.folder.clone(), found: worst, tolerance })
    }
}

/// Decodes the reference cloud at the training sound's loudest, and at the edges that a musician can reach.
fn examine_loudness(package: &Package, model: &mut ContinuousModel) -> Result<f32, Diagnosis> {
    let dims = package.shape.dims;
    let mut noise = vec![0.0; package.shape.noise_columns];
    let mut source = crate::dsp::noise::Noise::new(1);
    // What a general stage shapes: noise, so that every band has something.
    let mut sound = vec![0.0; package.shape.hop_frames];
    let mut sound_source = crate::dsp::noise::Noise::new(2);
    let failed = |error| Diagnosis::Run { folder: package.folder.clone(), error };
    let mut audio = vec![0.0; package.shape.hop_frames];
    let f0_hz = package.shape.pitch.map_or(0.0, |range| (range.min_hz * range.max_hz).sqrt());
    let mut peak = 0.0f32;
    model.reset();
    let edges = [[3.0; MAX_DIMS], [-3.0; MAX_DIMS]];
    let step = package.reference_cloud.len().div_ceil(100);
    let cloud = package.reference_cloud.iter().step_by(step);
    for (is_edge, latent) in cloud.map(|l| (false, l)).chain(edges.iter().map(|l| (true, l))) {
        source.fill(&mut noise);
        let loudness_db = package.loudness_db.p99;
        sound_source.fill(&mut sound);
        sound.iter_mut().for_each(|sample| *sample *= 0.1);
        let input =
            DecoderInput { latent: &latent[..dims], loudness_db, f0_hz, voicing: 1.0, noise: &noise, sound: &sound };
        model.decode(0, &input, &mut audio).map_err(failed)?;
        if audio.iter().any(|sample| !sample.is_finite()) {
            return Err(Diagnosis::NotANumber { folder: package.folder.clone(), what: "sound" });
        }
        // The edges only have to stay numbers: out there a model may be loud.
        if !is_edge {
            peak = audio.iter().fold(peak, |peak, sample| peak.max(sample.abs()));
        }
    }
    model.reset();
    if peak <= MOST_PEAK { Ok(peak) } else { Err(Diagnosis::TooLoud { folder: package.folder.clone(), found: peak }) }
}

/// By the time that this thread works: eight examinations at once, or a bounce beside them, make no model slower.
fn measure_cost(package: &Package, model: &mut ContinuousModel) -> Result<f64, Diagnosis> {
    let is_on_cpu = model.info().provider == Provider::Cpu.name();
    let shape = &package.shape;
    let sound: Vec<f32> = (0..shape.hop_frames).map(|n| (n as f32 * 0.03).sin() * 0.1).collect();
    let (mut latent, mut audio) = ([0.0; MAX_DIMS], vec![0.0; shape.hop_frames]);
    let noise = vec![0.5; shape.noise_columns];
    let failed = |error| Diagnosis::Run { folder: package.folder.clone(), error };
    let watch = if is_on_cpu { Watch::of_work() } else { Watch::of_time() };
    for _ in 0..COST_HOPS {
        let loudness_db = model.encode(0, &sound, &mut latent[..shape.dims]).map_err(failed)?;
        let latent = &latent[..shape.dims];
        let input = DecoderInput { latent, loudness_db, f0_hz: 220.0, voicing: 1.0, noise: &noise, sound: &sound };
        model.decode(0, &input, &mut audio).map_err(failed)?;
    }
    model.reset();
    let sound_s = (COST_HOPS * shape.hop_frames) as f64 / f64::from(shape.sample_rate_hz);
    Ok(sound_s / watch.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_computer_is_a_warning_and_no_refusal() {
        assert_eq!(cost_warning(2.0), None);
        let warning = cost_warning(1.4).unwrap_or_default();
        assert!(warning.contains("1.4 times real time") && warning.contains("bounces"), "{warning}");
    }
}
