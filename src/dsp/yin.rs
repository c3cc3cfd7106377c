//! YIN's cumulative-mean-normalised difference of a window's end with what came before it.
//!
//! De Cheveigne and Kawahara, JASA 111 (2002), equations 6 and 8.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// Share of the window's energy that is added to the difference and to its mean: a window that is silent but for its
/// beginning has differences of nothing, and this makes them shallow.
const ONSET_REST: f64 = 1e-3;

/// The difference of windows of one length. Allocates in `new` only.
pub(super) struct Yin {
    /// Lags are below it.
    pub(super) lags: usize,
    /// Frames that are compared with those before them.
    pub(super) width_frames: usize,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    frame: Vec<f32>,
    tail: Vec<Complex<f32>>,
    whole: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    correlation: Vec<f32>,
    energy: Vec<f64>,
    difference: Vec<f64>,
}

impl Yin {
    /// For windows of `window_frames`, whose last `width_frames` are compared with what came up to `lags` before them: together
    /// no more than the window.
    pub(super) fn new(window_frames: usize, width_frames: usize, lags: usize) -> Self {
        // The tail's first frame less the longest lag is the window's first: nothing wraps around in this size.
        let mut planner = RealFftPlanner::<f32>::new();
        let (forward, inverse) = (planner.plan_fft_forward(window_frames), planner.plan_fft_inverse(window_frames));
        let scratch_frames = forward.get_scratch_len().max(inverse.get_scratch_len());
        Self {
            lags,
            width_frames,
            frame: vec![0.0; window_frames],
            tail: forward.make_output_vec(),
            whole: forward.make_output_vec(),
            scratch: vec![Complex::default(); scratch_frames],
            correlation: inverse.make_output_vec(),
            forward,
            inverse,
            energy: vec![0.0; window_frames + 1],
            difference: vec![0.0; lags],
        }
    }

    /// Takes a window `[window_frames]`, in reverse: its last frames are compared with those before them.
    pub(super) fn take(&mut self, window: &[f32]) {
        self.transform(window, window.len());
        std::mem::swap(&mut self.tail, &mut self.whole);
        let mut sum = 0.0;
        for (n, &sample) in window.iter().rev().enumerate() {
            sum += f64::from(sample) * f64::from(sample);
            self.energy[n + 1] = sum;
        }
        self.compare(window, self.width_frames);
    }

    /// Compares fewer frames of the window that was taken, this many.
    pub(super) fn compare(&mut self, window: &[f32], width_frames: usize) {
        self.transform(window, width_frames);
        for (tail, whole) in self.tail.iter_mut().zip(&self.whole) {
            *tail = tail.conj() * whole;
        }
        // The transform wants them real; rounding may leave a trace.
        let last = self.tail.len() - 1;
        self.tail[0].im = 0.0;
        self.tail[last].im = 0.0;
        self.inverse
            .process_with_scratch(&mut self.tail, &mut self.correlation, &mut self.scratch)
            .expect("buffers have the plan's sizes");
        let scale = 1.0 / self.frame.len() as f64;
        let tail_energy = self.energy[width_frames];
        let rest = ONSET_REST * self.energy[self.lags + width_frames] + 1e-9;
        let mut cumulative = 0.0;
        for lag in 0..self.lags {
            let energy = self.energy[lag + width_frames] - self.energy[lag];
            let raw = (tail_energy + energy - 2.0 * scale * f64::from(self.correlation[lag])).max(0.0);
            cumulative += raw;
            self.difference[lag] = (raw + rest) / (cumulative / lag.max(1) as f64 + rest);
        }
        self.difference[0] = 1.0;
    }

    /// The spectrum of the window's last frames, into `tail`.
    fn transform(&mut self, window: &[f32], frames: usize) {
        self.frame.fill(0.0);
        for (slot, &sample) in self.frame[..frames].iter_mut().zip(window.iter().rev()) {
            *slot = sample;
        }
        self.forward
            .process_with_scratch(&mut self.frame, &mut self.tail, &mut self.scratch)
            .expect("buffers have the plan's sizes");
    }

    /// The least difference from the lag `low` to `high`, within those known; 1 where none is.
    pub(super) fn least(&self, low: usize, high: usize) -> f64 {
        let high = high.min(self.lags - 1);
        self.difference.get(low..=high).map_or(1.0, |values| values.iter().copied().fold(1.0, f64::min))
    }

    /// The dip at a lag from 1 to `lags` - 2, if there is one: its lag by the parabola through its neighbours, and its depth.
    pub(super) fn dip(&self, lag: usize) -> Option<(f64, f64)> {
        let (before, here, after) = (self.difference[lag - 1], self.difference[lag], self.difference[lag + 1]);
        if here > before || here >= after {
            return None;
        }
        let bend = before - 2.0 * here + after;
        let offset = 0.5 * (before - after) / if bend.abs() < 1e-9 { 1.0 } else { bend };
        let offset = offset.clamp(-0.5, 0.5);
        Some((lag as f64 + offset, (here - 0.25 * (before - after) * offset).max(0.0)))
    }
}
