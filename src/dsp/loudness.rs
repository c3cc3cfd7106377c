//! A-weighted loudness of the last 2048 frames, and the spectrum that it is weighed from.
//!
//! A-weighting: IEC 61672-1. Hann window, magnitudes scaled so that the power summed over the bins is the sound's mean
//! square. The same as `models/training/timbreloom_train/features.py` does for the trainer.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use super::pitch::WINDOW_FRAMES;
use super::weighting::a_weighting;

/// Power added to the loudness: silence is at -80 dB(A).
const POWER_FLOOR: f64 = 1e-8;

/// Weighs one channel hop by hop. Everything but `new` is wait-free and does not allocate.
pub struct LoudnessMeter {
    window: Vec<f32>,
    shape: Vec<f32>,
    frame: Vec<f32>,
    transform: Arc<dyn RealToComplex<f32>>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    power: Vec<f64>,
    weighting: Vec<f64>,
}

impl LoudnessMeter {
    /// For sound at `rate_hz`.
    pub fn new(rate_hz: f64) -> Self {
        let transform = RealFftPlanner::<f32>::new().plan_fft_forward(WINDOW_FRAMES);
        let shape = (0..WINDOW_FRAMES)
            .map(|n| 0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / WINDOW_FRAMES as f64).cos())
            .map(|weight| weight as f32);
        let bin_hz = rate_hz / WINDOW_FRAMES as f64;
        Self {
            window: vec![0.0; WINDOW_FRAMES],
            shape: shape.collect(),
            frame: transform.make_input_vec(),
            spectrum: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            power: vec![0.0; WINDOW_FRAMES / 2 + 1],
            weighting: (0..=WINDOW_FRAMES / 2).map(|bin| a_weighting(bin as f64 * bin_hz)).collect(),
            transform,
        }
    }

    /// Takes the next hop, at most [`WINDOW_FRAMES`]; returns the loudness of the last [`WINDOW_FRAMES`] frames, dB(A) re
    /// full scale, silence before the first.
    pub fn next(&mut self, hop: &[f32]) -> f64 {
        self.window.copy_within(hop.len().., 0);
        let start = self.window.len() - hop.len();
        self.window[start..].copy_from_slice(hop);
        for ((slot, sample), weight) in self.frame.iter_mut().zip(&self.window).zip(&self.shape) {
            *slot = sample * weight;
        }
        self.transform
            .process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch)
            .expect("buffers have the plan's sizes");
        // 2 (2 / N)^2 / 1.5: twice for the negative frequencies, over the Hann window's mean square.
        let scale = 2.0 * (2.0 / WINDOW_FRAMES as f64).powi(2) / 1.5;
        for (power, bin) in self.power.iter_mut().zip(&self.spectrum) {
            *power = scale * f64::from(bin.norm_sqr());
        }
        let weighted: f64 = self.power.iter().zip(&self.weighting).map(|(power, weight)| power * weight).sum();
        10.0 * (weighted + POWER_FLOOR).log10()
    }

    /// The power in each bin of the last window, `[WINDOW_FRAMES / 2 + 1]`.
    pub fn power(&self) -> &[f64] {
        &self.power
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        self.window.fill(0.0);
    }
}
