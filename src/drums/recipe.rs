//! What a hit is made from: a few numbers, the same hit wherever and whenever it is made.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use super::chance::seed;
use crate::dsp::noise::Noise;

/// Numbers of an embedding at most.
pub const MAX_EMBEDDING: usize = 32;

/// An embedding's numbers are held within this: farther away no model was trained.
const MOST: f32 = 4.0;

/// What the seeds of one recipe are for.
const DRAW: u64 = 1;
const VARIATION: u64 = 2;
const NOISE: u64 = 3;
const PATH: u64 = 4;

/// See the module. Numbers that are none count as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Recipe {
    /// 0 to 7: tracks draw different hits.
    pub track: u8,
    /// The two classes, by their numbers in the model.
    pub classes: [u8; 2],
    /// From the first class (0) to the second (1).
    pub blend: f32,
    /// 0: the kit's own hit; any other: the hit of that number.
    pub draw: i64,
    /// A straight line through grain space in place of a hit.
    pub is_path: bool,
    /// 0: as it was drawn; any other: the variation of that number.
    pub variation: i64,
    /// How far variations go, 0 to 1.
    pub vary: f32,
    /// From the hit (0) to that of [`Self::morph_draw`] (1).
    pub morph: f32,
    /// As [`Self::draw`].
    pub morph_draw: i64,
    /// What is added to the embedding's first two numbers.
    pub pad: [f32; 2],
    /// Of a model that is asked for a pitch: semitones from the middle of its range.
    pub pitch_st: f32,
    /// Of all that is drawn.
    pub take: u32,
    /// Counts the models and kits of an instance: what was made with another one is another hit.
    pub kit: u32,
}

impl Recipe {
    /// The middle hit of the first class.
    pub const NONE: Self = Self {
        track: 0,
        classes: [0; 2],
        blend: 0.0,
        draw: 0,
        is_path: false,
        variation: 0,
        vary: 0.0,
        morph: 0.0,
        morph_draw: 0,
        pad: [0.0; 2],
        pitch_st: 0.0,
        take: 0,
        kit: 0,
    };

    /// Which hit it is: another one for each recipe.
    pub fn key(&self) -> u64 {
        let bits = |value: f32| u64::from(value.to_bits());
        seed([
            u64::from(self.track),
            u64::from(self.classes[0]) << 8 | u64::from(self.classes[1]),
            bits(self.blend),
            self.draw as u64,
            u64::from(self.is_path),
            self.variation as u64,
            bits(self.vary),
            bits(self.morph),
            self.morph_draw as u64,
            bits(self.pad[0]),
            bits(self.pad[1]),
            bits(self.pitch_st),
            u64::from(self.take),
            u64::from(self.kit),
        ])
    }

    /// Of the sound's noise.
    pub fn noise_seed(&self) -> u64 {
        self.seed(NOISE, self.draw, self.variation)
    }

    /// Of where a path begins and ends.
    pub fn path_seed(&self) -> u64 {
        self.seed(PATH, self.draw, self.variation)
    }

    fn seed(&self, purpose: u64, draw: i64, variation: i64) -> u64 {
        seed([purpose, u64::from(self.take), u64::from(self.track), draw as u64, variation as u64])
    }

    /// Writes its embedding; `own` is the kit's own hit, which may be shorter.
    pub fn embed(&self, own: &[f32], e: &mut [f32]) {
        let count = e.len().min(MAX_EMBEDDING);
        let e = &mut e[..count];
        let mut target = [0.0; MAX_EMBEDDING];
        let target = &mut target[..count];
        self.draw(self.draw, own, e);
        let morph = number(self.morph).clamp(0.0, 1.0);
        if morph > 0.0 {
            self.draw(self.morph_draw, own, target);
            towards(e, target, morph);
        }
        let vary = number(self.vary).clamp(0.0, 1.0);
        if self.variation != 0 && vary > 0.0 {
            let mut noise = Noise::new(self.seed(VARIATION, self.draw, self.variation));
            e.iter_mut().for_each(|value| *value += vary * noise.normal());
        }
        e.iter_mut().zip(self.pad).for_each(|(value, pad)| *value += number(pad));
        e.iter_mut().for_each(|value| *value = number(*value).clamp(-MOST, MOST));
    }

    fn draw(&self, draw: i64, own: &[f32], e: &mut [f32]) {
        if draw == 0 {
            e.fill(0.0);
            e.iter_mut().zip(own).for_each(|(value, own)| *value = number(*own));
        } else {
            Noise::new(self.seed(DRAW, draw, 0)).fill(e);
        }
    }
}

fn number(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}

/// Goes a share of the way from one embedding to another. Between two of normal length all are of normal length (Shoemake's
/// way over the sphere, with lengths in a straight line): the middle of a straight line would be an average hit.
fn towards(e: &mut [f32], target: &[f32], share: f32) {
    let length = |values: &[f32]| values.iter().map(|value| value * value).sum::<f32>().sqrt();
    let (from, to) = (length(e), length(target));
    let product: f32 = e.iter().zip(target).map(|(a, b)| a * b).sum();
    let angle = (product / (from * to)).clamp(-1.0, 1.0).acos();
    let sine = angle.sin();
    // Nearly alike, opposite, or one of them nowhere: there is no sphere to go over.
    let (keep, take) = if sine.is_nan() || sine < 1e-3 {
        (1.0 - share, share)
    } else {
        let grown = from + (to - from) * share;
        (grown / from * ((1.0 - share) * angle).sin() / sine, grown / to * (share * angle).sin() / sine)
    };
    e.iter_mut().zip(target).for_each(|(value, target)| *value = *value * keep + target * take);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedding(recipe: Recipe) -> [f32; 16] {
        let mut e = [0.0; 16];
        recipe.embed(&[0.5, -1.0], &mut e);
        e
    }

    fn length(values: &[f32]) -> f32 {
        values.iter().map(|value| value * value).sum::<f32>().sqrt()
    }

    #[test]
    fn draw_nought_is_the_kits_own_hit_and_others_are_normal() {
        let own = embedding(Recipe::default());
        assert_eq!((own[0], own[1], own[2]), (0.5, -1.0, 0.0));
        let all: Vec<f32> = (1..400).flat_map(|draw| embedding(Recipe { draw, ..Recipe::default() })).collect();
        let mean = all.iter().sum::<f32>() / all.len() as f32;
        assert!(mean.abs() < 0.05 && (length(&all).powi(2) / all.len() as f32 - 1.0).abs() < 0.05);
    }

    #[test]
    fn a_recipe_makes_one_hit_and_another_number_another_one() {
        let recipe = Recipe { draw: 3, variation: 2, vary: 0.3, take: 5, ..Recipe::default() };
        assert_eq!((recipe.key(), embedding(recipe)), (recipe.key(), embedding(recipe)));
        for other in [
            Recipe { draw: 4, ..recipe },
            Recipe { variation: 3, ..recipe },
            Recipe { vary: 0.4, ..recipe },
            Recipe { take: 6, ..recipe },
            Recipe { track: 1, ..recipe },
            Recipe { pad: [0.0, 0.1], ..recipe },
            Recipe { morph: 0.5, morph_draw: 9, ..recipe },
        ] {
            assert!(other.key() != recipe.key() && embedding(other) != embedding(recipe), "{other:?}");
        }
        for same_place in [
            Recipe { kit: 1, ..recipe },
            Recipe { classes: [1, 0], ..recipe },
            Recipe { is_path: true, ..recipe },
            Recipe { pitch_st: 1.0, ..recipe },
        ] {
            assert!(same_place.key() != recipe.key() && embedding(same_place) == embedding(recipe));
        }
    }

    #[test]
    fn a_morph_ends_at_its_target_and_keeps_the_length_of_hits() {
        let at = |morph| embedding(Recipe { draw: 7, morph, morph_draw: 8, ..Recipe::default() });
        let target = embedding(Recipe { draw: 8, ..Recipe::default() });
        let (start, middle, end) = (at(0.0), at(0.5), at(1.0));
        assert!(end.iter().zip(target).all(|(a, b)| (a - b).abs() < 1e-5));
        assert!((length(&middle) - 0.5 * (length(&start) + length(&end))).abs() < 1e-3);
        let to_own = embedding(Recipe { draw: 7, morph: 1.0, morph_draw: 0, ..Recipe::default() });
        assert!((to_own[0] - 0.5).abs() < 1e-5 && to_own[5].abs() < 1e-5);
    }

    #[test]
    fn absurd_numbers_are_held() {
        let mut e = [0.0; 64];
        let wild =
            Recipe { pad: [f32::NAN, 1e30], vary: f32::INFINITY, variation: 1, morph: f32::NAN, ..Recipe::default() };
        wild.embed(&[f32::NAN, 1e30, -1e30], &mut e);
        assert!(e.iter().all(|value| value.abs() <= MOST));
    }
}
