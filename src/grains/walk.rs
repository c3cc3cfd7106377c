//! Makes a sound without an end, grain after grain: all of one length, a hop apart.

use super::noise_part::{NoisePart, grain_seed};
use super::partial_part::{PartialPart, Partials};
use super::schedule::{LAST_HOP, MOST_WINDOW, Window};
use super::slots::Slots;

/// One grain, as a decoder gives it; see [`Grains`](super::synth::Grains).
#[derive(Clone, Copy, Debug)]
pub struct Grain<'a> {
    /// `[BANDS]`, dB re white noise of variance 1.
    pub density_db: &'a [f32],
    /// `[SLOTS]`, dB re full scale.
    pub level_db: &'a [f32],
    /// `[SLOTS]`, -1 to 1 across the slot, and on to -3 or 3 beyond it.
    pub place: &'a [f32],
}

/// From a grain to its middle in the sound, frames: a window rises over two hops.
#[cfg(test)]
const WALK_DELAY_FRAMES: usize = 2 * LAST_HOP;

/// Makes [`LAST_HOP`] frames at 44.1 kHz of each grain that it is given. Allocates in `new` only.
pub struct WalkSynth {
    noise: NoisePart,
    seed: u64,
    /// Grains so far.
    count: u64,
    /// What windows hold that is not complete yet, from the next frame on.
    coming: Vec<f32>,
    /// Where the partials are, once a grain is near.
    partials: Option<PartialPart>,
    /// Of the last grain: its middle is one hop further.
    next: Option<Partials>,
}

impl WalkSynth {
    /// At its start. The seed says which noise it is.
    pub fn new(seed: u64) -> Self {
        Self { noise: NoisePart::new(), seed, count: 0, coming: vec![0.0; MOST_WINDOW], partials: None, next: None }
    }

    /// Takes the next grain and fills `sound` `[LAST_HOP]`: the grain begins to rise in it, and has its middle
    /// two hops behind the first frame of it. The sound rises out of silence, over two hops.
    pub fn next(&mut self, grain: Grain<'_>, slots: Slots, sound: &mut [f32; LAST_HOP]) {
        self.noise.add(grain.density_db, &Window::unbent(), grain_seed(self.seed, self.count), &mut self.coming);
        self.count += 1;
        sound.copy_from_slice(&self.coming[..LAST_HOP]);
        self.coming.copy_within(LAST_HOP.., 0);
        self.coming[MOST_WINDOW - LAST_HOP..].fill(0.0);
        let fed = Partials::new(grain.level_db, grain.place, slots);
        if let Some(next) = self.next.replace(fed) {
            let partials = self.partials.get_or_insert_with(|| PartialPart::before(&next, LAST_HOP));
            partials.glide(next, LAST_HOP, sound);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grains::bands::BANDS;
    use crate::grains::slots::SLOTS;
    use crate::grains::synth::{GrainSynth, Grains};

    const GRAINS: usize = 12;

    /// Grains of noise that rises and two partials that move.
    fn rows() -> [Vec<f32>; 3] {
        let density_db = (0..GRAINS * BANDS).map(|n| -40.0 + (n / BANDS) as f32 + (n % 7) as f32);
        let level_db =
            (0..GRAINS * SLOTS).map(|n| if n % SLOTS % 40 == 9 { -20.0 + (n / SLOTS) as f32 } else { -110.0 });
        let place = (0..GRAINS * SLOTS).map(|n| (n / SLOTS) as f32 / GRAINS as f32);
        [density_db.collect(), level_db.collect(), place.collect()]
    }

    fn walked(synth: &mut WalkSynth, [density_db, level_db, place]: &[Vec<f32>; 3]) -> Vec<f32> {
        let mut sound = Vec::new();
        for n in 0..GRAINS {
            let grain = Grain {
                density_db: &density_db[n * BANDS..][..BANDS],
                level_db: &level_db[n * SLOTS..][..SLOTS],
                place: &place[n * SLOTS..][..SLOTS],
            };
            let mut hop = [0.0; LAST_HOP];
            synth.next(grain, Slots::Erb, &mut hop);
            sound.extend(hop);
        }
        sound
    }

    #[test]
    fn a_walk_is_what_a_hit_of_the_same_grains_is() {
        let rows = rows();
        let sound = walked(&mut WalkSynth::new(5), &rows);
        let middles: Vec<usize> = (0..GRAINS).map(|n| n * LAST_HOP).collect();
        let [density_db, level_db, place] = &rows;
        let grains = Grains { density_db, level_db, place, middles: &middles, onset: &[] };
        let hit = GrainSynth::new().synthesise(grains, Slots::Erb, (GRAINS - 2) * LAST_HOP, 5);
        // The first two windows are bent in a hit.
        let same = 3 * LAST_HOP;
        for (n, (walked, hit)) in sound[WALK_DELAY_FRAMES..].iter().zip(&hit).enumerate().skip(same) {
            assert!((walked - hit).abs() < 1e-5, "frame {n}: {walked}, not {hit}");
        }
    }

    #[test]
    fn a_walk_rises_out_of_silence() {
        let sound = walked(&mut WalkSynth::new(5), &rows());
        assert!(sound[0].abs() < 1e-3 && sound[..200].iter().all(|sample| sample.abs() < 0.01));
        assert!(sound.iter().any(|sample| sample.abs() > 0.01));
    }
}
