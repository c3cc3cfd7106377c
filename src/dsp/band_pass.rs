//! The feedback loop's band-pass.

/// Second-order band-pass with 0 dB at its centre.
///
/// Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients", BPF with constant 0 dB peak gain;
/// transposed direct form II.
#[derive(Clone, Debug, Default)]
pub struct BandPass {
    b0: f32,
    a1: f32,
    a2: f32,
    s1: f32,
    s2: f32,
}

impl BandPass {
    /// Sets the centre and the quality factor; the state stays, so that a sweep does not click.
    ///
    /// `centre_hz` is kept between 20 Hz and 0.45 of the rate, `q` between 0.1 and 100.
    pub fn tune(&mut self, centre_hz: f32, q: f32, rate_hz: f32) {
        let omega = std::f32::consts::TAU * centre_hz.clamp(20.0, 0.45 * rate_hz) / rate_hz;
        let alpha = omega.sin() / (2.0 * q.clamp(0.1, 100.0));
        let a0 = 1.0 + alpha;
        self.b0 = alpha / a0;
        self.a1 = -2.0 * omega.cos() / a0;
        self.a2 = (1.0 - alpha) / a0;
    }

    /// Filters one sample.
    pub fn next(&mut self, x: f32) -> f32 {
        let y = self.b0 * x + self.s1;
        self.s1 = self.s2 - self.a1 * y;
        self.s2 = -self.b0 * x - self.a2 * y;
        y
    }

    /// Forgets what it holds.
    pub fn reset(&mut self) {
        self.s1 = 0.0;
        self.s2 = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain_at(hz: f32) -> f32 {
        let mut filter = BandPass::default();
        filter.tune(1000.0, 4.0, 44_100.0);
        let out: Vec<f32> =
            (0..44_100).map(|n| filter.next((std::f32::consts::TAU * hz * n as f32 / 44_100.0).sin())).collect();
        out[22_050..].iter().fold(0.0, |peak, s| peak.max(s.abs()))
    }

    #[test]
    fn the_centre_passes_at_unity_and_octaves_away_are_damped() {
        assert!((gain_at(1000.0) - 1.0).abs() < 0.01);
        // |H| = 1 / sqrt(1 + Q^2 (f/f0 - f0/f)^2), the analogue prototype
        let expected = 1.0 / (1.0f32 + 16.0 * 1.5f32.powi(2)).sqrt();
        assert!((gain_at(500.0) - expected).abs() < 0.02);
        assert!((gain_at(2000.0) - expected).abs() < 0.02);
    }
}
