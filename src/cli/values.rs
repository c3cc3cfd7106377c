//! Values on the command line that are more than a number.

use std::str::FromStr;

use crate::controls::MAX_DIMS;
use crate::model::provider::{Provider, ProviderChoice};
use crate::offline::audio_file::SampleFormat;

/// A latent dimension (from 1) and its value: `3=1.5`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DimensionValue {
    /// From 0.
    pub(super) dimension: usize,
    pub(super) value: f32,
}

impl FromStr for DimensionValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || format!("should be a dimension from 1 to {MAX_DIMS} and a number, such as 1=0.8");
        let (dimension, value) = text.split_once('=').ok_or_else(error)?;
        let dimension: usize = dimension.trim().parse().map_err(|_| error())?;
        let value: f32 = value.trim().parse().map_err(|_| error())?;
        if (1..=MAX_DIMS).contains(&dimension) && value.is_finite() {
            Ok(Self { dimension: dimension - 1, value })
        } else {
            Err(error())
        }
    }
}

/// `follow`, or a level such as `-12dB`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum LoudnessChoice {
    Follow,
    LevelDb(f32),
}

impl FromStr for LoudnessChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "follow" {
            return Ok(Self::Follow);
        }
        let number = text.trim().trim_end_matches("dB").trim();
        match number.parse::<f32>() {
            Ok(level_db) if (-120.0..=20.0).contains(&level_db) => Ok(Self::LevelDb(level_db)),
            _ => Err("should be “follow” or a level from -120dB to 20dB, such as -12dB".into()),
        }
    }
}

/// An execution provider, built in or not: one that is not runs on the CPU and says so.
pub(super) fn provider(word: &str) -> Result<ProviderChoice, String> {
    match ProviderChoice::from(word.to_owned()) {
        ProviderChoice::Unknown(_) => {
            let known: Vec<&str> = Provider::ALL.into_iter().map(Provider::id).collect();
            Err(format!("should be auto, {}", known.join(", ")))
        }
        choice => Ok(choice),
    }
}

/// Samples of a WAV file.
#[derive(Clone, Copy, Debug, Default, PartialEq, clap::ValueEnum)]
pub(super) enum Format {
    /// 16-bit integers, dithered.
    I16,
    /// 24-bit integers.
    #[default]
    I24,
    /// 32-bit floats.
    F32,
}

impl From<Format> for SampleFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::I16 => Self::I16,
            Format::I24 => Self::I24,
            Format::F32 => Self::F32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimension_values_count_from_one_and_reject_nonsense() {
        assert_eq!("1=0.8".parse(), Ok(DimensionValue { dimension: 0, value: 0.8 }));
        assert_eq!("16=-2".parse(), Ok(DimensionValue { dimension: 15, value: -2.0 }));
        for bad in ["0=1", "17=1", "1", "1=", "x=1", "1=NaN", "1=inf"] {
            assert!(bad.parse::<DimensionValue>().is_err(), "{bad}");
        }
    }

    #[test]
    fn loudness_is_follow_or_a_level() {
        assert_eq!("follow".parse(), Ok(LoudnessChoice::Follow));
        assert_eq!("-12dB".parse(), Ok(LoudnessChoice::LevelDb(-12.0)));
        assert_eq!("-12".parse(), Ok(LoudnessChoice::LevelDb(-12.0)));
        for bad in ["loud", "", "NaN", "200dB"] {
            assert!(bad.parse::<LoudnessChoice>().is_err(), "{bad}");
        }
    }
}
