//! A-weighting (IEC 61672-1): as a curve for spectra, and as a filter for sound that is to be weighed as it is, without a window.
//!
//! The filter is the bilinear transform of the curve's poles: within 0.8 dB of the curve up to 10 kHz.

use std::f64::consts::PI;

/// The curve's poles, Hz: the first and the last are double.
const POLES_HZ: [f64; 4] = [20.598_997, 107.652_65, 737.862_23, 12_194.217];

/// Gain that makes it 1 at 1 kHz.
const GAIN: f64 = 1.2589;

/// A-weighting as a gain of power, 1 at 1 kHz.
pub(crate) fn a_weighting(hz: f64) -> f64 {
    let f2 = hz * hz + 1e-9;
    let gain = 12194f64.powi(2) * f2 * f2
        / ((f2 + 20.6f64.powi(2))
            * ((f2 + 107.7f64.powi(2)) * (f2 + 737.9f64.powi(2))).sqrt()
            * (f2 + 12194f64.powi(2)));
    (gain * 1.2589).powi(2)
}

/// Weighs a stream of sound. Allocates nothing.
#[derive(Clone, Debug)]
pub(crate) struct AWeighting {
    sections: [Section; 3],
}

/// Two poles and two zeros, with their memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section {
    forward: [f64; 3],
    back: [f64; 2],
    state: [f64; 2],
}

impl AWeighting {
    /// For sound at `rate_hz`.
    pub(crate) fn new(rate_hz: f64) -> Self {
        let [low, middle, high, top] = POLES_HZ.map(|hz| (PI * hz / rate_hz).tan());
        let mut sections =
            [Section::high_pass(low, low), Section::high_pass(middle, high), Section::low_pass(top, top)];
        sections[0].forward = sections[0].forward.map(|value| GAIN * value);
        Self { sections }
    }

    /// The weighted mean square of the next frames.
    pub(crate) fn mean_square(&mut self, sound: &[f32]) -> f32 {
        let power: f64 = sound
            .iter()
            .map(|&sample| self.sections.iter_mut().fold(f64::from(sample), |value, section| section.next(value)))
            .map(|value| value * value)
            .sum();
        (power / sound.len() as f64) as f32
    }

    /// Back to silence.
    pub(crate) fn reset(&mut self) {
        self.sections.iter_mut().for_each(Section::reset);
    }
}

impl Section {
    /// Two poles at these (warped) frequencies, and two zeros at 0 Hz.
    fn high_pass(a: f64, b: f64) -> Self {
        Self::new([1.0, -2.0, 1.0], a, b)
    }

    /// Two poles, and two zeros at half the rate.
    fn low_pass(a: f64, b: f64) -> Self {
        Self::new([a * b, 2.0 * a * b, a * b], a, b)
    }

    fn new(forward: [f64; 3], a: f64, b: f64) -> Self {
        let whole = (1.0 + a) * (1.0 + b);
        let back = [((a - 1.0) * (b + 1.0) + (a + 1.0) * (b - 1.0)) / whole, (a - 1.0) * (b - 1.0) / whole];
        Self::with(forward.map(|value| value / whole), back)
    }

    /// By its coefficients; the first one of the poles is 1.
    pub(super) fn with(forward: [f64; 3], back: [f64; 2]) -> Self {
        Self { forward, back, state: [0.0; 2] }
    }

    /// Back to silence.
    pub(super) fn reset(&mut self) {
        self.state = [0.0; 2];
    }

    pub(super) fn next(&mut self, sample: f64) -> f64 {
        let made = self.forward[0] * sample + self.state[0];
        self.state[0] = self.forward[1] * sample - self.back[0] * made + self.state[1];
        self.state[1] = self.forward[2] * sample - self.back[1] * made;
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_that_of_the_standard() {
        // IEC 61672-1, table 3, rounded to .1 dB there.
        for (hz, db) in [(31.62, -39.4), (100.0, -19.1), (316.2, -6.6), (1000.0, 0.0), (3162.0, 1.2), (10_000.0, -2.5)]
        {
            let found_db = 10.0 * a_weighting(hz).log10();
            assert!((found_db - db).abs() < 0.1, "{hz} Hz: {found_db}");
        }
    }

    #[test]
    fn it_weighs_as_the_loudness_meter_does() {
        const RATE_HZ: f64 = 44_100.0;
        for hz in [40.0, 100.0, 500.0, 1000.0, 3000.0, 5000.0, 10_000.0] {
            let mut filter = AWeighting::new(RATE_HZ);
            let sound: Vec<f32> =
                (0..44_100).map(|n| (std::f64::consts::TAU * hz * f64::from(n) / RATE_HZ).sin() as f32).collect();
            filter.mean_square(&sound[..22_050]);
            let found_db = 10.0 * (2.0 * f64::from(filter.mean_square(&sound[22_050..]))).log10();
            let wanted_db = 10.0 * a_weighting(hz).log10();
            assert!((found_db - wanted_db).abs() < 0.8, "{hz} Hz: {found_db} dB, not {wanted_db}");
        }
    }
}
