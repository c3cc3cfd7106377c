//! Acoustic descriptors: how their values are told, and the scales on which equal steps are about equally audible.

use crate::format::capital;
use crate::sound_view::hertz;
use crate::summary::signed;

/// A descriptor of a code's sound, as the plugin tells of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// Its place among all of them, and of its value among those of a code.
    pub index: usize,
    /// In small letters.
    pub name: &'static str,
    /// `Hz`, `dB`, `dB(A)`, or nothing.
    pub unit: &'static str,
    /// Whether it is a pitch: a code without one has no value.
    pub is_pitch: bool,
}

impl Descriptor {
    /// As it stands by itself in the window.
    pub fn label(self) -> String {
        capital(self.name)
    }

    /// Whether equal ratios sound like equal steps.
    pub fn is_ratio(self) -> bool {
        self.unit == "Hz"
    }

    /// The value on a scale of equal steps: octaves of frequencies; `None` for what is no value.
    pub fn perceived(self, value: f32) -> Option<f32> {
        let perceived = if self.is_ratio() { value.log2() } else { value };
        perceived.is_finite().then_some(perceived)
    }

    /// The inverse of [`Self::perceived`].
    pub fn plain(self, perceived: f32) -> f32 {
        if self.is_ratio() { perceived.exp2() } else { perceived }
    }

    /// A value for reading, with its unit.
    pub fn text(self, value: f32) -> String {
        match self.unit {
            _ if !value.is_finite() => "\u{2013}".to_owned(),
            "Hz" => hertz(value),
            "" => signed(value, 2),
            unit => format!("{} {unit}", signed(value, 1)),
        }
    }

    /// Places on the scale from `low` to `high` (as perceived) that are worth a label, at most `most`, with their texts.
    pub fn ticks(self, low: f32, high: f32, most: usize) -> Vec<(f32, String)> {
        if (high - low).is_nan() || high - low < 1e-4 || most == 0 {
            return Vec::new();
        }
        let fits = |values: &Vec<f32>| values.len() <= most;
        let values: Option<Vec<f32>> = if self.is_ratio() {
            let (low, high) = (self.plain(low), self.plain(high));
            let decades = |steps: &'static [f32]| -> Vec<f32> {
                let all = (0..6).flat_map(|power| steps.iter().map(move |step| step * 10_f32.powi(power)));
                all.filter(|value| (low..=high).contains(value)).collect()
            };
            let sets: [&'static [f32]; 5] = [
                &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
                &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0],
                &[1.0, 2.0, 5.0],
                &[1.0, 3.0],
                &[1.0],
            ];
            sets.into_iter().map(decades).find(fits)
        } else {
            let steps = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0_f32];
            let even = |step: f32| -> Vec<f32> {
                let (first, last) = ((low / step).ceil() as i32, (high / step).floor() as i32);
                // Counted before they are made: a wide span has millions of small steps.
                let last = last.min(first.saturating_add(most as i32));
                (first..=last).map(|n| n as f32 * step).collect()
            };
            steps.into_iter().map(even).find(fits)
        };
        let label = |value: f32| match self.unit {
            "Hz" if value >= 1000.0 => format!("{}k", value / 1000.0),
            "Hz" => format!("{value}"),
            "" => signed(value, 2),
            _ => signed(value, if value.fract() == 0.0 { 0 } else { 1 }),
        };
        let values = values.unwrap_or_default().into_iter();
        values.filter_map(|value| Some((self.perceived(value)?, label(value)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{DESCRIPTORS, codebook};

    const CENTROID: Descriptor = DESCRIPTORS[0];
    const FLATNESS: Descriptor = DESCRIPTORS[5];

    #[test]
    fn equal_ratios_of_frequency_are_equal_steps_and_nonsense_has_none() {
        let step = |low, high| CENTROID.perceived(high).unwrap() - CENTROID.perceived(low).unwrap();
        assert!((step(200.0, 400.0) - step(1000.0, 2000.0)).abs() < 1e-5);
        for nonsense in [f32::NAN, 0.0, -3.0, f32::INFINITY] {
            assert_eq!(CENTROID.perceived(nonsense), None, "{nonsense}");
        }
        assert_eq!(FLATNESS.perceived(-30.0), Some(-30.0));
    }

    #[test]
    fn ticks_are_round_inside_and_not_too_many() {
        let perceived = |hz: f32| hz.log2();
        let ticks = CENTROID.ticks(perceived(180.0), perceived(6000.0), 6);
        let texts: Vec<&str> = ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["200", "500", "1k", "2k", "5k"]);
        let ticks = FLATNESS.ticks(-41.0, -8.0, 5);
        assert_eq!(ticks.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [-40.0, -30.0, -20.0, -10.0]);
        for odd in [[f32::NAN, 1.0], [2.0, 2.0], [0.0, 1e9]] {
            assert!(FLATNESS.ticks(odd[0], odd[1], 5).len() <= 5);
        }
    }

    #[test]
    fn names_are_understood_in_any_case() {
        assert_eq!(codebook().named(" Centroid "), Some(CENTROID));
        assert_eq!(codebook().named("colour"), None);
    }
}
