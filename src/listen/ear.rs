//! Spectrum, loudness and pitch of one sound.

use std::sync::Arc;

use plugin_ui::{SOUND_BANDS, band_hz};
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use crate::dsp::pitch::{MAX_HZ, PitchTracker};
use crate::dsp::weighting::a_weighting;

/// The least level of a band, dB.
const FLOOR_DB: f32 = -120.0;

/// A spectrum is read this much finer than its window resolves: a tone between two bins is then at most .35 dB low.
const FINER: usize = 2;

/// Voicing from which there is a pitch.
const VOICED: f32 = 0.5;

/// How sound is cut for the window's pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Frames of a spectrum: near 46 ms, a power of two.
    pub(super) window_frames: usize,
    /// Frames from a column to the next: a quarter of that.
    pub(super) hop_frames: usize,
    /// Frames that are averaged to one for the pitch tracker, which is made for rates near 44.1 kHz.
    pub(super) thinned: usize,
}

impl Cut {
    pub(super) fn at(rate_hz: f64) -> Self {
        let octaves = (rate_hz / 44_100.0).log2().round().clamp(-2.0, 4.0) as i32;
        let window_frames = (2048.0 * f64::from(octaves).exp2()) as usize;
        Self { window_frames, hop_frames: window_frames / 4, thinned: 1 << octaves.max(0) }
    }
}

/// What is heard at one moment.
pub(super) struct ColumnInput {
    pub(super) band_db: [f32; SOUND_BANDS],
    pub(super) loudness_db: f32,
    pub(super) pitch_hz: Option<f32>,
}

/// Which bins of the spectrum a band covers.
struct Band {
    /// Its centre, bins.
    centre: f32,
    /// The bins that lie in it, none for narrow ones.
    bins: std::ops::Range<usize>,
}

/// Listens to one sound. Allocates in `new` only.
pub(super) struct Ear {
    cut: Cut,
    window: Vec<f32>,
    hann: Arc<[f32]>,
    weighting: Vec<f32>,
    bands: Vec<Band>,
    forward: Arc<dyn RealToComplex<f32>>,
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    level_db: Vec<f32>,
    tracker: PitchTracker,
    thinned: Vec<f32>,
}

impl Ear {
    pub(super) fn new(rate_hz: f64, cut: Cut) -> Self {
        let size = cut.window_frames * FINER;
        let forward = RealFftPlanner::<f32>::new().plan_fft_forward(size);
        let hann = |n: usize| 0.5 - 0.5 * (std::f32::consts::TAU * n as f32 / cut.window_frames as f32).cos();
        let bins = size / 2 + 1;
        let bin_hz = rate_hz as f32 / size as f32;
        let edge = |band: f32| ((band_hz(band) / bin_hz).ceil() as usize).min(bins);
        let band = |band: usize| Band {
            centre: band_hz(band as f32) / bin_hz,
            bins: edge(band as f32 - 0.5)..edge(band as f32 + 0.5),
        };
        let hop_frames = cut.hop_frames / cut.thinned;
        Self {
            cut,
            window: vec![0.0; cut.window_frames],
            hann: (0..cut.window_frames).map(hann).collect(),
            weighting: (0..bins).map(|bin| a_weighting(f64::from(bin as f32 * bin_hz)) as f32).collect(),
            bands: (0..SOUND_BANDS).map(band).collect(),
            frame: forward.make_input_vec(),
            spectrum: forward.make_output_vec(),
            scratch: forward.make_scratch_vec(),
            forward,
            level_db: vec![FLOOR_DB; bins],
            tracker: PitchTracker::new(rate_hz / cut.thinned as f64, MAX_HZ, hop_frames, hop_frames),
            thinned: vec![0.0; hop_frames],
        }
    }

    /// Takes the next hop `[hop_frames]`.
    pub(super) fn listen(&mut self, hop: &[f32]) -> ColumnInput {
        self.window.copy_within(hop.len().., 0);
        let start = self.window.len() - hop.len();
        self.window[start..].copy_from_slice(hop);
        self.frame.fill(0.0);
        for ((frame, sample), hann) in self.frame.iter_mut().zip(&self.window).zip(&*self.hann) {
            // What is no number is silence: a picture is not the place to complain.
            *frame = if sample.is_finite() { sample * hann } else { 0.0 };
        }
        let transformed = self.forward.process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch);
        debug_assert!(transformed.is_ok(), "the buffers are the plan's own");
        let frames = self.window.len() as f32;
        // The window's sum is half its length, that of its squares three eighths.
        let (amplitude, power) = (4.0 / frames, 2.0 / (0.375 * frames * frames * FINER as f32));
        let mut mean_square = 0.0;
        for ((level_db, value), weight) in self.level_db.iter_mut().zip(&self.spectrum).zip(&self.weighting) {
            let squared = value.norm_sqr();
            mean_square += squared * weight * power;
            *level_db = (10.0 * (squared * amplitude * amplitude).log10()).max(FLOOR_DB);
        }
        let loudness_db = 10.0 * mean_square.log10();
        for (thin, frames) in self.thinned.iter_mut().zip(hop.chunks(self.cut.thinned)) {
            *thin = frames.iter().filter(|sample| sample.is_finite()).sum::<f32>() / self.cut.thinned as f32;
        }
        let pitch = self.tracker.next(&self.thinned, loudness_db);
        ColumnInput {
            band_db: std::array::from_fn(|band| self.band_db(&self.bands[band])),
            loudness_db,
            pitch_hz: (pitch.voicing >= VOICED).then_some(pitch.f0_hz),
        }
    }

    /// The highest of the band's bins, or what lies between two where it is narrower.
    fn band_db(&self, band: &Band) -> f32 {
        let (below, share) = (band.centre as usize, band.centre.fract());
        let at = |bin: usize| self.level_db.get(bin).copied().unwrap_or(FLOOR_DB);
        let centre_db = at(below) + share * (at(below + 1) - at(below));
        band.bins.clone().map(at).fold(centre_db, f32::max)
    }

    /// Silence before what comes.
    pub(super) fn reset(&mut self) {
        self.window.fill(0.0);
        self.tracker.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_near_46_ms_and_columns_10_to_25_ms_apart_at_every_rate() {
        for rate_hz in [22_050.0, 32_000.0, 44_100.0, 48_000.0, 88_200.0, 96_000.0, 176_400.0, 192_000.0] {
            let cut = Cut::at(rate_hz);
            let ms = |frames: usize| frames as f64 / rate_hz * 1e3;
            assert!((40.0..=65.0).contains(&ms(cut.window_frames)), "{rate_hz}: {cut:?}");
            assert!((10.0..=25.0).contains(&ms(cut.hop_frames)), "{rate_hz}: {cut:?}");
        }
    }
}
