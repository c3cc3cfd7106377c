//! From a recipe to a sound, by a grain model.

use crate::drums::chance::seed;
use crate::drums::recipe::Recipe;
use crate::dsp::noise::Noise;
use crate::grains::schedule::{RATE_HZ, times};
use crate::grains::synth::{GrainSynth, Grains};
use crate::model::grains::{GrainModel, GrainRows};
use crate::model::graph::SessionError;

/// Peak of every hit, linear: as loud as those that models are trained on.
pub(super) const PEAK: f32 = 0.8;

/// What is softer all to the end is not kept, as a share of the peak: -70 dB.
const TAIL: f32 = 3e-4;

/// A hit that is hardly there is not lifted to be one, peak, linear.
pub(super) const SILENT: f32 = 1e-4;

/// Fade at a hit's end, frames; of a path, whose end may be loud, as a share of it.
const FADE_FRAMES: usize = 220;
const PATH_FADE: f64 = 0.25;

/// What a recipe's second class takes part in.
fn shares(recipe: &Recipe, count: usize) -> Vec<f32> {
    let mut shares = vec![0.0; count];
    let blend = if recipe.blend.is_finite() { recipe.blend.clamp(0.0, 1.0) } else { 0.0 };
    let of = |class: u8| usize::from(class).min(count - 1);
    shares[of(recipe.classes[0])] += 1.0 - blend;
    shares[of(recipe.classes[1])] += blend;
    shares
}

/// A rendered hit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Made {
    /// Mono, at [`RATE_HZ`].
    pub frames: Vec<f32>,
    /// Its embedding; of a path too, which does not follow it.
    pub e: Vec<f32>,
}

/// Makes hits; for the worker, and for who makes some without a host.
pub struct Renderer {
    model: GrainModel,
    synth: GrainSynth,
    rows: GrainRows,
    z: Vec<f32>,
    onset: Vec<f32>,
}

impl Renderer {
    /// With a model that is loaded. Allocates.
    pub fn new(model: GrainModel) -> Self {
        Self { model, synth: GrainSynth::new(), rows: GrainRows::default(), z: Vec::new(), onset: Vec::new() }
    }

    /// What it makes hits with.
    pub fn model(&self) -> &GrainModel {
        &self.model
    }

    /// What it makes hits with, to hear hits with.
    pub fn model_mut(&mut self) -> &mut GrainModel {
        &mut self.model
    }

    /// Makes a hit; `own` is the embedding of the kit's own one. Blocks for some milliseconds, allocates.
    ///
    /// # Errors
    /// When the model fails.
    pub fn render(&mut self, recipe: &Recipe, own: &[f32]) -> Result<Made, SessionError> {
        let mut e = vec![0.0; self.model.embedding()];
        recipe.embed(own, &mut e);
        let class = shares(recipe, self.model.classes().len());
        let length_s: f32 = self.model.length_s().iter().zip(&class).map(|(length_s, share)| length_s * share).sum();
        let frames = (f64::from(length_s) * RATE_HZ) as usize;
        let middles = times(frames);
        let f0_hz = self.model.package().pitch_hz(recipe.pitch_st);
        if recipe.is_path {
            self.onset.clear();
            self.walk_straight(recipe, middles.len());
        } else {
            self.model.sequence(&e, &class, f0_hz, &middles, &mut self.z, &mut self.onset)?;
        }
        self.model.decode(&self.z, &class, f0_hz, &middles, &mut self.rows)?;
        let GrainRows { density_db, level_db, place } = &self.rows;
        let grains = Grains { density_db, level_db, place, middles: &middles, onset: &self.onset };
        let slots = self.model.package().slots(f0_hz);
        let made = self.synth.synthesise(grains, slots, frames, recipe.noise_seed());
        let fade = if recipe.is_path { (PATH_FADE * frames as f64) as usize } else { FADE_FRAMES };
        Ok(Made { frames: finished(made, fade), e })
    }

    /// A straight line through grain space, from one grain of the training sound to another: of the recipe's class, or from its
    /// first one to its second one.
    fn walk_straight(&mut self, recipe: &Recipe, count: usize) {
        let [from, to] = [recipe.classes[0], recipe.classes[usize::from(recipe.blend > 0.0)]];
        let [from, to] =
            [self.any_grain(from, seed([recipe.path_seed(), 0])), self.any_grain(to, seed([recipe.path_seed(), 1]))];
        self.z.clear();
        for n in 0..count {
            let share = n as f32 / (count.max(2) - 1) as f32;
            self.z.extend(from.iter().zip(&to).map(|(from, to)| from + (to - from) * share));
        }
    }

    /// One of a class's grains, drawn; of all, where it has none.
    fn any_grain(&self, class: u8, drawn: u64) -> Vec<f32> {
        let (cloud, latent) = (&self.model.tables().cloud, self.model.latent());
        let class = usize::from(class).min(self.model.classes().len() - 1);
        let own: Vec<usize> = (0..cloud.classes.len()).filter(|&grain| cloud.classes[grain] == class).collect();
        let all = if own.is_empty() { (0..cloud.classes.len()).collect() } else { own };
        let place = Noise::new(drawn).uniform() * all.len() as f32;
        let grain = all[(place as usize).min(all.len() - 1)];
        cloud.grains[grain * latent..(grain + 1) * latent].to_vec()
    }
}

/// At its peak, without its silent end, faded out there.
fn finished(mut sound: Vec<f32>, fade_frames: usize) -> Vec<f32> {
    let peak = sound.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    // Written so that NaN is silence.
    if !(peak > SILENT && peak.is_finite()) {
        return Vec::new();
    }
    let last = sound.iter().rposition(|sample| sample.abs() > TAIL * peak).unwrap_or(0);
    sound.truncate((last + FADE_FRAMES).min(sound.len()));
    let (count, fade) = (sound.len(), fade_frames.min(sound.len()));
    let gain = PEAK / peak;
    for (n, sample) in sound.iter_mut().enumerate() {
        let left = (count - n) as f32 / fade.max(1) as f32;
        *sample *= gain * left.min(1.0);
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grains::onset::ONSET_FRAMES;
    use crate::hits::tests::{period_hz, tock};

    #[test]
    fn a_hit_is_lifted_to_its_peak_and_loses_its_silent_end() {
        let mut sound = vec![0.0; 4000];
        sound[..1000].fill(0.1);
        let made = finished(sound, FADE_FRAMES);
        assert_eq!(made.len(), 1000 - 1 + FADE_FRAMES);
        assert!((made[0] - PEAK).abs() < 1e-6 && made[made.len() - 1].abs() < 1e-6);
        assert!(finished(vec![1e-6; 100], 10).is_empty());
        assert!(finished(vec![f32::NAN; 100], 10).is_empty());
    }

    #[test]
    fn a_note_has_the_pitch_that_is_asked_for_within_the_models_range() {
        let mut renderer = Renderer::new(tock());
        let package = renderer.model().package().clone();
        let range = package.pitch.unwrap();
        assert_eq!(package.pitch_hz(0.0), package.middle_hz());
        for (pitch_st, wanted_hz) in
            [(5.0, package.middle_hz() * (5.0f32 / 12.0).exp2()), (99.0, range.max_hz), (-99.0, range.min_hz)]
        {
            assert!((package.pitch_hz(pitch_st) - wanted_hz).abs() < 1e-2);
            let made =
                renderer.render(&Recipe { draw: 1, classes: [1, 1], pitch_st, ..Recipe::default() }, &[]).unwrap();
            let found_hz = period_hz(&made.frames[ONSET_FRAMES..], [190.0, 400.0], RATE_HZ as f32);
            assert!((1200.0 * (found_hz / wanted_hz).log2()).abs() < 60.0, "{found_hz}, not {wanted_hz}");
        }
        for pitch_st in [f32::NAN, f32::INFINITY] {
            assert_eq!(package.pitch_hz(pitch_st), package.middle_hz());
        }
    }

    #[test]
    fn classes_are_blended_and_those_that_are_not_there_are_the_last() {
        let recipe = Recipe { classes: [0, 200], blend: 0.25, ..Recipe::default() };
        assert_eq!(shares(&recipe, 3), [0.75, 0.0, 0.25]);
        assert_eq!(shares(&Recipe { blend: f32::NAN, ..recipe }, 3), [1.0, 0.0, 0.0]);
        assert_eq!(shares(&Recipe { classes: [1, 1], ..recipe }, 2), [0.0, 1.0]);
    }
}
