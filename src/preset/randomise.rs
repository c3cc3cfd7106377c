//! A throw of the dice within what is musical.

use super::scene::Scene;
use super::table::Table;
use crate::controls::MAX_DIMS;
use crate::dsp::noise::Noise;

/// A dimension that does not follow at all is a special case; one that is exaggerated twice is too.
const SCALE: (f32, f32) = (0.25, 1.75);

/// How the dice fall.
#[derive(Clone, Debug)]
pub struct Chance {
    /// The same seed gives the same throw.
    pub seed: u64,
    /// From 0, nothing changes, to 1, wherever the dice fall; between, that share of the way.
    pub strength: f32,
    /// Dimensions of the model; those beyond stay.
    pub dims: usize,
    /// First percentile of each dimension over the model's training sound: the least bias drawn.
    pub p01: [f32; MAX_DIMS],
    /// Ninety-ninth percentile: the largest bias drawn.
    pub p99: [f32; MAX_DIMS],
}

/// Other settings near these: the latent, and what the table says. Bias and Scale of a dimension whose Lock is on stay; so does Blend without a second model.
pub fn randomise(settings: &Scene, table: &Table, chance: &Chance) -> Scene {
    let strength = if chance.strength.is_finite() { chance.strength.clamp(0.0, 1.0) } else { 0.0 };
    let mut dice = Noise::new(chance.seed);
    let mut drawn = settings.clone();
    // What stays is drawn, too, so that locking one dimension leaves the others' throw as it is.
    let mut draw = |id: &str, low: f32, high: f32, stays: bool| {
        let at = dice.uniform();
        let Some(parameter) = table.get(id).filter(|_| !stays) else { return };
        let Some(value) = drawn.values.get_mut(id) else { return };
        let (low, high) = ((parameter.normalised)(low), (parameter.normalised)(high));
        *value += (low + (high - low) * at - *value) * strength;
    };
    for d in 0..MAX_DIMS {
        let is_locked = settings.values.get(&format!("lock_{}", d + 1)).is_some_and(|&lock| lock >= 0.5);
        let stays = is_locked || d >= chance.dims;
        draw(&format!("bias_{}", d + 1), chance.p01[d], chance.p99[d], stays);
        draw(&format!("scale_{}", d + 1), SCALE.0, SCALE.1, stays);
    }
    let has_second = !settings.models[1].name.is_empty();
    for &(id, low, high) in table.drawn {
        draw(id, low, high, id == "blend" && !has_second);
    }
    drawn
}
