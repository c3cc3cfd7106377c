//! How much of a sound lies in each band of each grain.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use super::bands::{BANDS, band_weights};
use super::schedule::Window;

/// Measures the densities of grains.
pub(super) struct Densities {
    planner: RealFftPlanner<f64>,
}

impl Densities {
    /// With no transform made yet.
    pub(super) fn new() -> Self {
        Self { planner: RealFftPlanner::new() }
    }

    /// The power density of each band of each grain `[grains * BANDS]`: 1 is white noise of variance 1. Allocates.
    pub(super) fn of(&mut self, sound: &[f32], middles: &[usize]) -> Vec<f64> {
        let mut found = Vec::with_capacity(middles.len() * BANDS);
        for grain in 0..middles.len() {
            let window = Window::of(middles, grain);
            let power = power_under(&window, sound, &self.planner.plan_fft_forward(window.size()));
            found.extend(band_weights(window.size()).iter().map(|band| band.mean(&power)));
        }
        found
    }
}

impl Default for Densities {
    fn default() -> Self {
        Self::new()
    }
}

/// The power of each bin of the sound under a window, re the window's: silence where there is no sound. Nothing is before the
/// onset, so the window counts from there on only.
fn power_under(window: &Window, sound: &[f32], transform: &Arc<dyn RealToComplex<f64>>) -> Vec<f64> {
    let mut frame = vec![0.0; window.size()];
    let mut heard = 0.0;
    for ((slot, weight), at) in frame.iter_mut().zip(window.weights()).zip(window.first_frame()..) {
        let Ok(at) = usize::try_from(at) else { continue };
        heard += weight * weight;
        *slot = sound.get(at).map_or(0.0, |&sample| weight * f64::from(sample));
    }
    let mut spectrum: Vec<Complex<f64>> = transform.make_output_vec();
    transform.process(&mut frame, &mut spectrum).expect("the buffers have the plan's sizes");
    spectrum.iter().map(|bin| bin.norm_sqr() / heard).collect()
}
