//! The part of a grain that is noise: white noise under the grain's densities, in a window.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner};

use super::bands::{BANDS, BinPlace, bin_places};
use super::quick::{POWERS_PER_DB, cosine, exp2, turns};
use super::schedule::{LAST_HOP, MOST_WINDOW, WINDOW_POWER, Window};
use crate::dsp::noise::Noise;

/// Densities that are played, dB re white noise of variance 1; what is no number is taken for the lower one.
const DENSITIES_DB: (f32, f32) = (-110.0, 20.0);

/// The noise of one grain: of one hit each has its own.
pub(super) fn grain_seed(seed: u64, grain: u64) -> u64 {
    seed ^ (grain.wrapping_add(1) << 32)
}

/// Makes the noise of grains. Allocates in `new` only.
pub(super) struct NoisePart {
    transforms: Vec<Transform>,
    draws: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    frame: Vec<f32>,
    scratch: Vec<Complex<f32>>,
}

/// The transform of one size.
struct Transform {
    inverse: Arc<dyn ComplexToReal<f32>>,
    places: &'static [BinPlace],
}

impl NoisePart {
    pub(super) fn new() -> Self {
        let mut planner = RealFftPlanner::<f32>::new();
        // Hops of one frame are the shortest.
        let sizes = (2..=MOST_WINDOW.ilog2()).map(|power| 1usize << power);
        let transforms: Vec<Transform> =
            sizes.map(|size| Transform { inverse: planner.plan_fft_inverse(size), places: bin_places(size) }).collect();
        let scratch = transforms.iter().map(|transform| transform.inverse.get_scratch_len()).max().unwrap_or(0);
        Self {
            transforms,
            draws: vec![0.0; MOST_WINDOW + 2],
            spectrum: vec![Complex::default(); MOST_WINDOW / 2 + 1],
            frame: vec![0.0; MOST_WINDOW],
            scratch: vec![Complex::default(); scratch],
        }
    }

    /// Adds a grain of densities `[BANDS]`, dB, to a sound whose first frame is that of the onset. What lies outside of the
    /// sound is left out, and so is a window that is longer than [`MOST_WINDOW`].
    pub(super) fn add(&mut self, density_db: &[f32], window: &Window, seed: u64, sound: &mut [f32]) {
        let size = window.size();
        let Some(index) = (size.ilog2() as usize).checked_sub(2).filter(|&index| index < self.transforms.len()) else {
            return;
        };
        self.draw(index, density_db, seed);
        let transform = &self.transforms[index];
        let frame = &mut self.frame[..size];
        transform
            .inverse
            .process_with_scratch(&mut self.spectrum[..size / 2 + 1], frame, &mut self.scratch)
            .expect("the buffers have the plan's sizes, and the first and the last bin are real");
        shape(frame, window);
        let before = usize::try_from(-window.first_frame()).unwrap_or(0).min(window.frames());
        let first = usize::try_from(window.first_frame()).unwrap_or(0).min(sound.len());
        let heard = &frame[before..window.frames()];
        sound[first..].iter_mut().zip(heard).for_each(|(sample, grain)| *sample += grain);
    }

    /// The spectrum of white noise of variance 1 under these densities.
    fn draw(&mut self, index: usize, density_db: &[f32], seed: u64) {
        let places = self.transforms[index].places;
        let bins = places.len();
        let size = 2 * (bins - 1);
        let draws = &mut self.draws[..2 * bins];
        Noise::new(seed).fill(draws);
        let (real, imaginary) = draws.split_at_mut(bins);
        (imaginary[0], imaginary[bins - 1]) = (0.0, 0.0);
        // Bins have half the frame's variance in each of both parts; the inverse transform is not divided by its size.
        let scale = 1.0 / (2.0 * size as f64 * WINDOW_POWER).sqrt();
        let offset = scale.log2() as f32;
        let mut powers = [offset + DENSITIES_DB.0 * POWERS_PER_DB; BANDS];
        for (power, &density) in powers.iter_mut().zip(density_db) {
            // The lower bound comes first: of a number and none, `max` takes the number.
            *power = density.max(DENSITIES_DB.0).min(DENSITIES_DB.1) * POWERS_PER_DB + offset;
        }
        let spectrum = &mut self.spectrum[..bins];
        for (bin, place) in spectrum.iter_mut().zip(places) {
            let (low, high) = (powers[place.band], powers[place.band + 1]);
            bin.re = low + place.share * (high - low);
        }
        for ((bin, &real), &imaginary) in spectrum.iter_mut().zip(&*real).zip(&*imaginary) {
            let gain = exp2(bin.re);
            *bin = Complex::new(real * gain, imaginary * gain);
        }
    }
}

/// Puts a frame under its window.
fn shape(frame: &mut [f32], window: &Window) {
    let mut rest = frame;
    let mut phase = turns(0.5);
    for hop in window.hops() {
        let (quarter, behind) = rest.split_at_mut(hop);
        let step = turns(0.25 / hop.max(1) as f64);
        for (frame, sample) in quarter.iter_mut().enumerate() {
            *sample *= 0.5 + 0.5 * cosine(phase.wrapping_add(step.wrapping_mul(frame as u32)));
        }
        phase = phase.wrapping_add(turns(0.25));
        rest = behind;
    }
}

const _: () = assert!(MOST_WINDOW == 4 * LAST_HOP && MOST_WINDOW.is_power_of_two());
