//! Makes a hit: noise under the densities of its grains, a sine for each of their partials, and the wave that it begins with.

use super::bands::BANDS;
use super::noise_part::{NoisePart, grain_seed};
use super::partial_part::{PartialPart, Partials};
use super::schedule::{MOST_FRAMES, Window};
use super::slots::{SLOTS, Slots};

/// The loudest sample of an onset, full scale is 1: that of noise at its densest.
const LOUDEST_ONSET: f32 = 10.0;

/// A hit, as a model gives it; the shortest list of grains says how many there are.
#[derive(Clone, Copy, Debug)]
pub struct Grains<'a> {
    /// `[grains * BANDS]`, dB re white noise of variance 1; those from -110 to 20 are played.
    pub density_db: &'a [f32],
    /// `[grains * SLOTS]`, dB re full scale; what is below -90 is silent, and 6 is the loudest.
    pub level_db: &'a [f32],
    /// `[grains * SLOTS]`, -1 to 1 across the slot, and on to -3 or 3 beyond it.
    pub place: &'a [f32],
    /// `[grains]`, frames since the onset, as [`times`](super::schedule::times) gives them.
    pub middles: &'a [usize],
    /// The very wave that the hit begins with, [`ONSET_FRAMES`](super::onset::ONSET_FRAMES) or none: full scale is 1, and what
    /// is above 10 is played as that.
    pub onset: &'a [f32],
}

/// Makes hits at 44.1 kHz; the same calls give the same samples. Allocates in `new`, and the result.
pub struct GrainSynth {
    noise: NoisePart,
}

impl GrainSynth {
    /// With all that is made once.
    pub fn new() -> Self {
        Self { noise: NoisePart::new() }
    }

    /// A hit of that many frames, at most 6 s. The seed says which noise it is.
    #[must_use]
    pub fn synthesise(&mut self, grains: Grains<'_>, slots: Slots, frames: usize, seed: u64) -> Vec<f32> {
        let mut sound = vec![0.0; frames.min(MOST_FRAMES)];
        for (index, density_db) in grains.density_db.chunks_exact(BANDS).enumerate().take(grains.middles.len()) {
            let window = Window::of(grains.middles, index);
            self.noise.add(density_db, &window, grain_seed(seed, index as u64), &mut sound);
        }
        add_partials(grains, slots, &mut sound);
        for (sample, &onset) in sound.iter_mut().zip(grains.onset) {
            // What is no number is silent.
            *sample += if onset.is_nan() { 0.0 } else { onset.clamp(-LOUDEST_ONSET, LOUDEST_ONSET) };
        }
        sound
    }
}

impl Default for GrainSynth {
    fn default() -> Self {
        Self::new()
    }
}

/// Partials glide between the middles of grains, and stay as they are before the first and behind the last.
fn add_partials(grains: Grains<'_>, slots: Slots, sound: &mut [f32]) {
    let rows = grains.level_db.chunks_exact(SLOTS).zip(grains.place.chunks_exact(SLOTS));
    let mut partials =
        rows.map(|(level_db, place)| Partials::new(level_db, place, slots)).zip(grains.middles).peekable();
    let Some((first, _)) = partials.peek() else { return };
    let mut part = PartialPart::at(first.clone());
    let (mut at, frames) = (0, sound.len());
    for (next, &middle) in partials {
        part.glide(next, middle.saturating_sub(at), &mut sound[at.min(frames)..]);
        at = at.max(middle);
    }
    part.hold(&mut sound[at.min(frames)..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::noise::Noise;
    use crate::grains::densities::Densities;
    use crate::grains::onset::ONSET_FRAMES;
    use crate::grains::schedule::{RATE_HZ, times};

    const SILENT_DB: f32 = -110.0;

    /// A hit of grains that are all alike.
    fn hit(density_db: f32, level_db: [f32; SLOTS], place: f32, slots: Slots, frames: usize, seed: u64) -> Vec<f32> {
        let middles = times(frames);
        let grains = Grains {
            density_db: &vec![density_db; middles.len() * BANDS],
            level_db: &level_db.repeat(middles.len()),
            place: &vec![place; middles.len() * SLOTS],
            middles: &middles,
            onset: &[],
        };
        GrainSynth::new().synthesise(grains, slots, frames, seed)
    }

    fn power(sound: &[f32]) -> f64 {
        sound.iter().map(|&sample| f64::from(sample * sample)).sum::<f64>() / sound.len() as f64
    }

    #[test]
    fn white_noise_of_0_db_has_the_variance_1_from_the_onset_on() {
        let takes: Vec<Vec<f32>> =
            (0..300).map(|seed| hit(0.0, [SILENT_DB; SLOTS], 0.0, Slots::Erb, 6000, seed)).collect();
        let between =
            |from: usize, to: usize| takes.iter().map(|take| power(&take[from..to])).sum::<f64>() / takes.len() as f64;
        for (from, to) in [(16, 60), (60, 300), (300, 2000), (2000, 5400)] {
            let variance = between(from, to);
            assert!((variance - 1.0).abs() < 0.05, "{from} to {to}: {variance}");
        }
        // The first grain has none before it: 0.8 dB less at the onset itself.
        assert!((0.8..1.0).contains(&between(0, 16)), "{}", between(0, 16));
    }

    #[test]
    fn a_partial_has_its_level_and_its_frequency() {
        let mut level_db = [SILENT_DB; SLOTS];
        level_db[2] = -6.0;
        let sound = hit(SILENT_DB, level_db, 0.4, Slots::Harmonics { f0_hz: 400.0 }, 20_000, 1);
        // Hardly any noise, and 20 cents above the third harmonic.
        let hz = 1200.0 * (20.0f64 / 1200.0).exp2();
        let amplitude = 10f64.powf(-0.3) - 10f64.powf(-4.5);
        for (n, &sample) in sound.iter().enumerate() {
            let expected = amplitude * (std::f64::consts::TAU * hz * n as f64 / RATE_HZ).sin();
            assert!((f64::from(sample) - expected).abs() < 5e-5, "frame {n}: {sample}, not {expected}");
        }
    }

    #[test]
    fn an_attack_is_in_its_first_millisecond() {
        let mut noise = Noise::new(8);
        let struck: Vec<f32> = (0..9000).map(|n| 0.5 * noise.normal() * (-(n as f32) / 100.0).exp()).collect();
        let middles = times(struck.len());
        let densities = Densities::new().of(&struck, &middles);
        let density_db: Vec<f32> = densities.iter().map(|&density| 10.0 * density.log10() as f32).collect();
        let rows = vec![SILENT_DB; middles.len() * SLOTS];
        let grains = Grains { density_db: &density_db, level_db: &rows, place: &rows, middles: &middles, onset: &[] };
        let mut synth = GrainSynth::new();
        let mut take = |seed| synth.synthesise(grains, Slots::Erb, struck.len(), seed);
        let takes: Vec<Vec<f32>> = (0..100).map(&mut take).collect();
        for (from, to) in [(0, 44), (44, 132), (132, 441)] {
            let made = takes.iter().map(|take| power(&take[from..to])).sum::<f64>() / takes.len() as f64;
            let difference_db = 10.0 * (made / power(&struck[from..to])).log10();
            assert!(difference_db.abs() < 3.0, "{from} to {to}: {difference_db} dB");
        }
    }

    #[test]
    fn nothing_is_heard_before_a_grain_begins() {
        let middles = times(9000);
        let loud = middles.iter().position(|&middle| middle > 6000).unwrap();
        let mut density_db = vec![SILENT_DB; middles.len() * BANDS];
        density_db[loud * BANDS..].fill(0.0);
        let rows = vec![SILENT_DB; middles.len() * SLOTS];
        let grains = Grains { density_db: &density_db, level_db: &rows, place: &rows, middles: &middles, onset: &[] };
        let sound = GrainSynth::new().synthesise(grains, Slots::Erb, 9000, 1);
        assert!(power(&sound[..middles[loud - 2]]) < 1e-10 && power(&sound[middles[loud]..]) > 0.5);
    }

    #[test]
    fn an_onset_is_added_from_the_first_frame_on() {
        let middles = times(3000);
        let density_db = vec![-20.0; middles.len() * BANDS];
        let rows = vec![-20.0; middles.len() * SLOTS];
        let wave: Vec<f32> = (0..ONSET_FRAMES).map(|n| 0.5 - n as f32 / 2048.0).collect();
        let mut synth = GrainSynth::new();
        let mut made = |onset: &[f32], frames| {
            let grains = Grains { density_db: &density_db, level_db: &rows, place: &rows, middles: &middles, onset };
            synth.synthesise(grains, Slots::Erb, frames, 1)
        };
        for frames in [500, 3000] {
            let sums = made(&[], frames).into_iter().zip(wave.iter().chain(std::iter::repeat(&0.0)));
            assert_eq!(made(&wave, frames), sums.map(|(sample, onset)| sample + onset).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_seed_says_which_noise_it_is() {
        let take = |seed| hit(-20.0, [-30.0; SLOTS], 0.0, Slots::Erb, 3000, seed);
        assert_eq!(take(4), take(4));
        assert_ne!(take(4), take(5));
    }

    #[test]
    fn whatever_a_decoder_gives_the_sound_is_numbers() {
        let middles = times(4000);
        let mut synth = GrainSynth::new();
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30] {
            let (bands, slots) = (vec![value; middles.len() * BANDS], vec![value; middles.len() * SLOTS]);
            let onset = &bands[..ONSET_FRAMES];
            let grains = Grains { density_db: &bands, level_db: &slots, place: &slots, middles: &middles, onset };
            for slots in [Slots::Erb, Slots::Harmonics { f0_hz: 60.0 }, Slots::Harmonics { f0_hz: value }] {
                let sound = synth.synthesise(grains, slots, 4000, 1);
                assert!(sound.len() == 4000 && sound.iter().all(|sample| sample.abs() < 200.0), "{value}, {slots:?}");
            }
            let few = Grains { density_db: &bands[..BANDS + 5], level_db: &slots[..3], ..grains };
            assert!(synth.synthesise(few, Slots::Erb, 4000, 1).iter().all(|sample| sample.is_finite()));
        }
        let none = Grains { density_db: &[], level_db: &[], place: &[], middles: &[], onset: &[] };
        assert_eq!(synth.synthesise(none, Slots::Erb, usize::MAX, 1), vec![0.0; MOST_FRAMES]);
    }
}
