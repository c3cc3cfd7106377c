//! What the doctors of all kinds of packages say: whether one can be trusted on stage, measured and put in words.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::graph::SessionError;
use super::package_files::PackageError;
use super::{RunError, Stage};
use crate::dsp::descriptors::Descriptor;

/// Slower than this a model cannot keep up on one core with anything beside it, multiples of real time.
const LEAST_TIMES_REAL_TIME: f64 = 2.0;

/// Louder than this no model should be within its own range, peak, linear gain (+12 dB).
pub(super) const MOST_PEAK: f32 = 4.0;

/// What decibels are compared by: they are some hundred times larger than sound.
pub(super) const DB_SCALE: f32 = 0.01;

/// A package in good health, and what was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Health {
    /// The package's name.
    pub name: String,
    /// What its decoder shapes; grain models shape nothing that is heard.
    pub stage: Option<Stage>,
    /// How many codes it has, if it has any.
    pub codes: Option<usize>,
    /// The kinds of drums that it has, if it has any.
    pub classes: Option<Vec<ClassHealth>>,
    /// Largest difference from the training code's own output, absolute, sound and latent.
    pub parity_error: f32,
    /// Largest difference between a code's stored descriptor and its sound's, octaves of frequencies.
    pub descriptor_error: Option<f32>,
    /// Real time over the time that a hop needs, or that of eight voices of codes, or the slowest hit of a grain model.
    pub times_real_time: f64,
    /// Largest sample within its range at the training sound's loudest, or of the middle hits of a grain model.
    pub peak: f32,
    /// What the model adds to the latency, frames at its rate; hits of grain models are made before they sound.
    pub model_latency_frames: usize,
    /// What the graphs ran on.
    pub provider: String,
    /// Why not on something else, in whole sentences; empty when there was no choice.
    pub provider_note: String,
}

/// What was measured of one kind of drums.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClassHealth {
    /// As the package names it.
    pub name: String,
    /// Length of its longest hit over the time in which it is made.
    pub times_real_time: f64,
}

/// Why a package should not be played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum Diagnosis {
    /// As it was told by the process that examined it, or how that ended; see [`super::examiner`].
    #[error("{0}")]
    Told(String),
    /// It is another one than the one that was admitted; see [`super::package::Admitted`].
    #[error("{}: nobody has examined this package, but another one. Load it again.", folder.display())]
    NotAdmitted { folder: PathBuf },
    #[error(transparent)]
    Package(#[from] PackageError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error("{folder}: the model does not run: {error}. Export it again, or ask its maker for a new copy.")]
    Run { folder: PathBuf, error: RunError },
    #[error(
        "{folder}: the model gives values that are not numbers ({what}): it would be heard as silence or a crash. Export it again, or ask its maker for a new copy."
    )]
    NotANumber { folder: PathBuf, what: &'static str },
    #[error(
        "{folder}: the model played hop by hop differs by {found:.1e} from its maker's example, {tolerance:.1e} is allowed: its streaming export is wrong and would click or drift. Export it again."
    )]
    Parity { folder: PathBuf, found: f32, tolerance: f32 },
    #[error(
        "{}: the model differs by {found:.1e} from its maker's example ({what}), {tolerance:.1e} is allowed: it would not \
         sound as it was trained. Export it again.", folder.display()
    )]
    Example { folder: PathBuf, what: &'static str, found: f32, tolerance: f32 },
    #[error(
        "{}: the descriptors disagree with the decoder: code {code} at {f0_hz:.1} Hz should have a {descriptor} of \
         {stored:.3} {}, but sounds with {heard:.3}. Targets would be missed: export the model again, or ask its maker for a \
         new copy.", folder.display(), descriptor.unit()
    )]
    Descriptor { folder: PathBuf, code: usize, f0_hz: f32, descriptor: Descriptor, stored: f32, heard: f32 },
    #[error(
        "{}: code {code} reaches a peak of {found:.1} (full scale is 1) at the training sound's loudest: it would hurt. \
         Export the model again with its loudness checked.", folder.display()
    )]
    CodeTooLoud { folder: PathBuf, code: usize, found: f32 },
    /// To be played in the effect.
    #[error(
        "{}: is a grain model, which makes single hits and hears nothing: Timbreloom Drums plays it. Choose a latent space or a \
         codebook here.", folder.display()
    )]
    ForDrums { folder: PathBuf },
    #[error(
        "{}: the middle hit of “{class}” reaches a peak of {found:.1} (full scale is 1): it would hurt. Export the model again \
         with its loudness checked.", folder.display()
    )]
    HitTooLoud { folder: PathBuf, class: String, found: f32 },
    #[error(
        "{}: the middle hit of “{class}” is silent (its peak is {found:.1e}, full scale is 1): nothing would be heard of it. \
         Export the model again, or ask its maker for a new copy.", folder.display()
    )]
    HitSilent { folder: PathBuf, class: String, found: f32 },
    #[error(
        "{folder}: the model reaches a peak of {found:.1} (full scale is 1) within its own range: it would hurt. Export it again with its loudness checked."
    )]
    TooLoud { folder: PathBuf, found: f32 },
}

impl Health {
    /// What to say of a model that is healthy and hardly to be played on this computer, in a whole sentence.
    pub fn warning(&self) -> Option<String> {
        let what_comes = match self.classes {
            Some(_) => "new hits would come late. Draw them before they are needed",
            None => "it would drop out. Use it for bounces only",
        };
        cost_warning(self.times_real_time, what_comes)
    }
}

fn cost_warning(times_real_time: f64, what_comes: &str) -> Option<String> {
    (times_real_time < LEAST_TIMES_REAL_TIME).then(|| {
        format!(
            "It runs at {times_real_time:.1} times real time on this computer, and {LEAST_TIMES_REAL_TIME} are needed: \
             {what_comes}, or train a smaller one."
        )
    })
}

/// Compares what a model makes with its maker's example, part by part.
pub(super) struct Comparison<'a> {
    folder: &'a Path,
    tolerance: f32,
    worst: f32,
}

impl<'a> Comparison<'a> {
    /// Of the package in this folder, with the largest difference accepted.
    pub(super) fn new(folder: &'a Path, tolerance: f32) -> Self {
        Self { folder, tolerance, worst: 0.0 }
    }

    /// Values of one part, called `what`; their differences count so many times.
    ///
    /// # Errors
    /// When one is too large, or no number.
    pub(super) fn compare(
        &mut self,
        made: &[f32],
        wanted: &[f32],
        scale: f32,
        what: &'static str,
    ) -> Result<(), Diagnosis> {
        let differ = |(made, wanted): (&f32, &f32)| {
            let difference = (made - wanted).abs() * scale;
            // A difference from NaN would be lost in the comparison.
            if difference.is_nan() { f32::INFINITY } else { difference }
        };
        let found = made.iter().zip(wanted).map(differ).fold(0.0, f32::max);
        self.worst = self.worst.max(found);
        if found <= self.tolerance {
            return Ok(());
        }
        Err(Diagnosis::Example { folder: self.folder.to_owned(), what, found, tolerance: self.tolerance })
    }

    /// The largest difference of all.
    pub(super) fn worst(&self) -> f32 {
        self.worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_computer_is_a_warning_and_no_refusal() {
        assert_eq!(cost_warning(2.0, "it would drop out"), None);
        let warning = cost_warning(1.4, "it would drop out").unwrap_or_default();
        assert!(warning.contains("1.4 times real time") && warning.contains("needed: it would drop out,"), "{warning}");
    }
}
