//! What moves the timbre: a fixed matrix of sources and targets.

use crate::dsp::descriptors::Descriptor;

/// Descriptors that may be wanted at once.
pub const TARGETS: usize = 3;

/// How many sources there are.
pub const SOURCES: usize = 9;

/// What a target may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// 0 to 1.
    Velocity,
    /// The mod wheel, controller 1; 0 to 1.
    Wheel,
    /// MPE slide: controller 74 or the note's brightness; 0 to 1.
    Slide,
    /// Channel pressure or the note's own; 0 to 1.
    Pressure,
    /// From the middle C, 1 for four octaves up, -1 for four down.
    Key,
    /// The amplitude's envelope; 0 to 1.
    Envelope,
    /// -1 to 1.
    Lfo,
    /// The drawn curve; 0 to 1.
    Curve,
    /// Where the side-chain's own descriptor lies in the codes' range; 0 to 1.
    SideChain,
}

impl Source {
    /// In the order of the matrix.
    pub const ALL: [Self; SOURCES] = [
        Self::Velocity,
        Self::Wheel,
        Self::Slide,
        Self::Pressure,
        Self::Key,
        Self::Envelope,
        Self::Lfo,
        Self::Curve,
        Self::SideChain,
    ];

    /// As users read it.
    pub fn name(self) -> &'static str {
        ["Velocity", "Wheel", "Slide", "Pressure", "Key", "Envelope", "LFO", "Curve", "Side-Chain"][self as usize]
    }
}

/// A descriptor that is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetSettings {
    /// Which.
    pub descriptor: Descriptor,
    /// How much it counts beside the others; 0 is not at all.
    pub weight: f32,
    /// Where in the codes' range, 0 to 1, without modulation.
    pub base: f32,
    /// What each source adds, in ranges; in the order of [`Source`].
    pub amounts: [f32; SOURCES],
}

/// The sources of one note at one moment; the side-chain's place is different for each target.
pub type Values = [f32; SOURCES];

/// Where in its range a target shall be, 0 to 1.
///
/// # Realtime
/// Wait-free, no allocation.
pub fn share(target: &TargetSettings, values: &Values) -> f32 {
    let added: f32 = target.amounts.iter().zip(values).map(|(amount, value)| amount * value).sum();
    let share = target.base + added;
    if share.is_nan() { 0.5 } else { share.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_moves_its_target_by_its_amount() {
        for source in Source::ALL {
            let mut target =
                TargetSettings { descriptor: Descriptor::Centroid, weight: 1.0, base: 0.3, amounts: [0.0; SOURCES] };
            let mut values = [0.0; SOURCES];
            values[source as usize] = 0.5;
            assert_eq!(share(&target, &values), 0.3);
            target.amounts[source as usize] = 0.8;
            assert!((share(&target, &values) - 0.7).abs() < 1e-6);
            target.amounts[source as usize] = -0.9;
            assert_eq!(share(&target, &values), 0.0);
        }
    }
}
