//! What a latent path has a value of at every hop.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::path::LatentHop;
use crate::controls::MAX_DIMS;
use crate::dsp::pitch::{hz_of_note, note_of_hz};

/// Latents, loudness and pitch are held within these, far beyond what any model makes or plays.
const LATENT_SD: std::ops::RangeInclusive<f32> = -1e3..=1e3;
const LOUDNESS_DB: std::ops::RangeInclusive<f32> = -400.0..=60.0;
const PITCH: std::ops::RangeInclusive<f32> = -20.0..=140.0;

/// One of a path's quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Axis {
    /// A latent dimension, from 0; standard deviations.
    Latent(usize),
    /// dB(A) re full scale.
    Loudness,
    /// In MIDI notes with fractions, 69 being 440 Hz. Hops without a pitch have none.
    Pitch,
    /// 0 to 1.
    Voicing,
}

impl Axis {
    /// All of a path of so many dimensions.
    pub fn all(dims: usize) -> impl Iterator<Item = Self> {
        let others = [Self::Loudness, Self::Pitch, Self::Voicing];
        (0..dims.min(MAX_DIMS)).map(Self::Latent).chain(others)
    }

    /// The value of a hop; `None` where it has none.
    pub fn get(self, hop: &LatentHop) -> Option<f32> {
        match self {
            Self::Latent(d) => hop.latent.get(d).copied(),
            Self::Loudness => Some(hop.loudness_db),
            Self::Pitch => (hop.f0_hz > 0.0).then(|| note_of_hz(hop.f0_hz)),
            Self::Voicing => Some(hop.voicing),
        }
    }

    /// Gives a hop another value, held within what an axis may have; leaves a hop that has none.
    pub fn set(self, hop: &mut LatentHop, value: f32) {
        match self {
            Self::Latent(d) => {
                if let Some(of_hop) = hop.latent.get_mut(d) {
                    *of_hop = held(value, LATENT_SD);
                }
            }
            Self::Loudness => {
                let value = held(value, LOUDNESS_DB);
                // What a hop with lowered harmonics may sound at moves with it.
                hop.level_db += value - hop.loudness_db;
                hop.loudness_db = value;
            }
            Self::Pitch if hop.f0_hz > 0.0 => hop.f0_hz = hz_of_note(held(value, PITCH)),
            Self::Pitch => {}
            Self::Voicing => hop.voicing = value.clamp(0.0, 1.0),
        }
    }

    /// A number of its own for each, below 32: latents first.
    pub(super) fn index(self) -> u32 {
        match self {
            Self::Latent(d) => d as u32,
            Self::Loudness => MAX_DIMS as u32,
            Self::Pitch => MAX_DIMS as u32 + 1,
            Self::Voicing => MAX_DIMS as u32 + 2,
        }
    }

    fn of_index(index: u32) -> Self {
        const DIMS: u32 = MAX_DIMS as u32;
        match index {
            0..DIMS => Self::Latent(index as usize),
            DIMS => Self::Loudness,
            index if index == DIMS + 1 => Self::Pitch,
            _ => Self::Voicing,
        }
    }
}

fn held(value: f32, within: std::ops::RangeInclusive<f32>) -> f32 {
    value.clamp(*within.start(), *within.end())
}

impl fmt::Display for Axis {
    /// As files and options name it: a dimension by its number, from 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latent(d) => write!(f, "{}", d + 1),
            Self::Loudness => f.write_str("loudness"),
            Self::Pitch => f.write_str("pitch"),
            Self::Voicing => f.write_str("voicing"),
        }
    }
}

impl FromStr for Axis {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "loudness" => Ok(Self::Loudness),
            "pitch" => Ok(Self::Pitch),
            "voicing" => Ok(Self::Voicing),
            _ => match text.parse::<usize>() {
                Ok(d) if (1..=MAX_DIMS).contains(&d) => Ok(Self::Latent(d - 1)),
                _ => Err(format!("“{text}” should be a dimension from 1 to {MAX_DIMS}, loudness, pitch or voicing")),
            },
        }
    }
}

/// A choice of axes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Axes(u32);

impl Axes {
    /// Every latent dimension, and nothing else.
    pub const LATENT: Self = Self((1 << MAX_DIMS) - 1);
    /// All that there are.
    pub const ALL: Self = Self((1 << (MAX_DIMS + 3)) - 1);

    /// One alone.
    pub fn one(axis: Axis) -> Self {
        Self(1 << axis.index())
    }

    /// Whether an axis is among them.
    pub fn has(self, axis: Axis) -> bool {
        self.0 >> axis.index() & 1 == 1
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those of both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that the other lacks.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// In order: latent dimensions, loudness, pitch, voicing.
    pub fn iter(self) -> impl Iterator<Item = Axis> {
        (0..MAX_DIMS as u32 + 3).filter(move |index| self.0 >> index & 1 == 1).map(Axis::of_index)
    }
}

impl fmt::Display for Axes {
    /// As options and files name them: `1,2,loudness`, `latent` for all dimensions, `all`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, rest) = match *self {
            Self::ALL => return f.write_str("all"),
            axes if axes.0 & Self::LATENT.0 == Self::LATENT.0 => ("latent", self.without(Self::LATENT)),
            axes => ("", axes),
        };
        f.write_str(name)?;
        for (n, axis) in rest.iter().enumerate() {
            let comma = if n > 0 || !name.is_empty() { "," } else { "" };
            write!(f, "{comma}{axis}")?;
        }
        Ok(())
    }
}

impl FromStr for Axes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').map(str::trim).try_fold(Self::default(), |axes, name| {
            Ok(axes.with(match name {
                "all" => Self::ALL,
                "latent" => Self::LATENT,
                name => Self::one(name.parse()?),
            }))
        })
    }
}

impl Serialize for Axes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Axes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_axis_and_every_choice_is_read_as_it_is_written() {
        for axis in Axis::all(MAX_DIMS) {
            assert_eq!(axis.to_string().parse(), Ok(axis));
            assert_eq!(Axis::of_index(axis.index()), axis);
        }
        for text in ["1", "1,2,loudness", "latent", "latent,pitch", "all", "16,voicing"] {
            assert_eq!(text.parse::<Axes>().map(|axes| axes.to_string()), Ok(text.to_owned()));
        }
        for wrong in ["", "0", "17", "1;2", "loud", "1,,2", "-1"] {
            let error = wrong.parse::<Axes>().unwrap_err();
            assert!(error.contains("dimension from 1 to 16"), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_value_that_is_set_is_there_and_a_hop_without_a_pitch_gets_none() {
        let mut hop = LatentHop { f0_hz: 220.0, loudness_db: -20.0, level_db: -18.0, ..LatentHop::default() };
        assert!((Axis::Pitch.get(&hop).unwrap() - 57.0).abs() < 1e-5);
        Axis::Pitch.set(&mut hop, 69.0);
        Axis::Loudness.set(&mut hop, -26.0);
        Axis::Latent(3).set(&mut hop, 1.5);
        Axis::Voicing.set(&mut hop, 7.0);
        assert_eq!(
            (hop.f0_hz, hop.loudness_db, hop.level_db, hop.latent[3], hop.voicing),
            (440.0, -26.0, -24.0, 1.5, 1.0)
        );
        hop.f0_hz = 0.0;
        Axis::Pitch.set(&mut hop, 60.0);
        assert_eq!((Axis::Pitch.get(&hop), hop.f0_hz), (None, 0.0));
    }
}
