//! What bends a path, step by step.

use std::sync::Arc;

use crate::LATENT_DIMS;

/// Steps that a path may have.
pub const MAX_PATH_STEPS: usize = 64;

/// Points that a drawn line or an envelope may have.
pub const MAX_PATH_POINTS: usize = 4096;

/// One of a path's quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PathAxis {
    /// A latent dimension, from 0; standard deviations.
    Latent(usize),
    /// dB(A) re full scale.
    Loudness,
    /// MIDI notes with fractions, 69 being 440 Hz.
    Pitch,
    /// 0 to 1.
    Voicing,
}

impl PathAxis {
    /// All of a path of so many dimensions, in the order of [`PathView::courses`](super::PathView::courses).
    pub fn all(dims: usize) -> impl Iterator<Item = Self> {
        let others = [Self::Loudness, Self::Pitch, Self::Voicing];
        (0..dims.min(LATENT_DIMS)).map(Self::Latent).chain(others)
    }

    /// Its place among [`Self::all`].
    pub fn index(self, dims: usize) -> usize {
        match self {
            Self::Latent(dim) => dim,
            Self::Loudness => dims,
            Self::Pitch => dims + 1,
            Self::Voicing => dims + 2,
        }
    }

    fn bit(self) -> u32 {
        match self {
            Self::Latent(dim) => 1 << dim,
            Self::Loudness => 1 << LATENT_DIMS,
            Self::Pitch => 1 << (LATENT_DIMS + 1),
            Self::Voicing => 1 << (LATENT_DIMS + 2),
        }
    }
}

/// A choice of axes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AxisSet(u32);

impl AxisSet {
    /// Every latent dimension.
    pub const LATENT: Self = Self((1 << LATENT_DIMS) - 1);
    /// All that there are.
    pub const ALL: Self = Self((1 << (LATENT_DIMS + 3)) - 1);

    /// One alone.
    pub fn one(axis: PathAxis) -> Self {
        Self(axis.bit())
    }

    /// Whether an axis is among them.
    pub fn has(self, axis: PathAxis) -> bool {
        self.0 & axis.bit() != 0
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
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// z' = amount z; loudness and pitch around their mean.
    Scale,
    /// z' = z + amount.
    Bias,
    /// z' = z + amount N(0, 1), by a seed.
    Random,
    /// n -> N - 1 - n.
    Reverse,
    /// A low-pass of so many seconds.
    Smooth,
    /// Each value is held for so many seconds.
    Quantise,
    /// z' = z times a drawn gain, both 0 to 1: place in the range, and gain.
    Envelope,
    /// z' = what is drawn: seconds from the path's beginning, and value.
    Draw,
    /// Only the range is left.
    Slice,
    /// So many times as long.
    Stretch,
    /// So many passes in a row.
    Loop,
    /// The end is faded over into the beginning, for so many seconds.
    CrossFade,
}

impl StepKind {
    /// All of them, as menus list them.
    pub const ALL: [Self; 12] = [
        Self::Scale,
        Self::Bias,
        Self::Random,
        Self::Reverse,
        Self::Smooth,
        Self::Quantise,
        Self::Envelope,
        Self::Draw,
        Self::Slice,
        Self::Stretch,
        Self::Loop,
        Self::CrossFade,
    ];

    /// The name in the window.
    pub fn name(self) -> &'static str {
        [
            "Scale",
            "Bias",
            "Random",
            "Reverse",
            "Smooth",
            "Quantise",
            "Envelope",
            "Draw",
            "Slice",
            "Stretch",
            "Loop",
            "Cross-fade",
        ][self as usize]
    }

    /// Whether it acts on chosen axes; the others act on whole hops.
    pub fn is_of_axes(self) -> bool {
        !matches!(self, Self::Slice | Self::Stretch | Self::Loop | Self::CrossFade)
    }

    /// Lowest, highest and first amount, the unit behind it, and decimals; `None` of one that has none.
    pub fn amount(self) -> Option<([f32; 3], &'static str, usize)> {
        match self {
            Self::Scale => Some(([-8.0, 8.0, 1.5], " x", 2)),
            Self::Bias => Some(([-96.0, 96.0, 0.5], "", 2)),
            Self::Random => Some(([0.0, 48.0, 0.3], "", 2)),
            Self::Smooth => Some(([0.0, 10.0, 0.1], " s", 3)),
            Self::Quantise => Some(([0.0, 60.0, 0.125], " s", 3)),
            Self::Stretch => Some(([0.01, 100.0, 2.0], " x", 2)),
            Self::Loop => Some(([1.0, 1000.0, 2.0], " x", 0)),
            Self::CrossFade => Some(([0.0, 3600.0, 0.2], " s", 2)),
            Self::Reverse | Self::Envelope | Self::Draw | Self::Slice => None,
        }
    }
}

/// A step, and where it acts.
#[derive(Clone, Debug, PartialEq)]
pub struct StepView {
    /// What is done.
    pub kind: StepKind,
    /// How much: see [`StepKind::amount`].
    pub amount: f32,
    /// Of [`StepKind::Random`] alone.
    pub seed: u32,
    /// Of [`StepKind::Envelope`] and [`StepKind::Draw`] alone, in order of place, 1 to [`MAX_PATH_POINTS`].
    pub points: Arc<[[f32; 2]]>,
    /// To which axes; of no meaning to those that act on whole hops.
    pub axes: AxisSet,
    /// From when to when, seconds of the path as it comes to this step; all of it without.
    pub range_s: Option<[f32; 2]>,
    /// Whether it is switched off.
    pub is_off: bool,
}

impl StepView {
    /// One with its first values, on these axes and in this range.
    pub fn new(kind: StepKind, axes: AxisSet, range_s: Option<[f32; 2]>) -> Self {
        let amount = kind.amount().map_or(0.0, |([_, _, first], ..)| first);
        let points = match kind {
            StepKind::Envelope => vec![[0.0, 1.0], [1.0, 1.0]],
            StepKind::Draw => vec![[range_s.map_or(0.0, |[from, _]| from), 0.0]],
            _ => Vec::new(),
        };
        Self { kind, amount, seed: 1, points: points.into(), axes, range_s, is_off: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_its_own_place_and_its_own_bit() {
        for (index, axis) in PathAxis::all(5).enumerate() {
            assert_eq!(axis.index(5), index);
            let others = PathAxis::all(LATENT_DIMS).filter(|other| *other != axis);
            assert!(others.into_iter().all(|other| !AxisSet::one(axis).has(other)));
            assert!(AxisSet::ALL.has(axis) && AxisSet::one(axis).without(AxisSet::ALL).is_empty());
        }
    }

    #[test]
    fn a_new_step_changes_what_is_heard() {
        for (kind, neutral) in [(StepKind::Scale, 1.0), (StepKind::Bias, 0.0), (StepKind::Stretch, 1.0)] {
            let amount = StepView::new(kind, AxisSet::LATENT, None).amount;
            assert!((amount - neutral).abs() >= 0.5, "{}", kind.name());
        }
    }

    #[test]
    fn a_new_step_is_within_its_range() {
        for kind in StepKind::ALL {
            let step = StepView::new(kind, AxisSet::LATENT, Some([1.0, 2.0]));
            if let Some(([low, high, _], ..)) = kind.amount() {
                assert!((low..=high).contains(&step.amount), "{}", kind.name());
            }
            assert_eq!(step.points.is_empty(), !matches!(kind, StepKind::Envelope | StepKind::Draw));
        }
    }
}
