//! Operators in their order, which leave the path itself as it is.

use serde::{Deserialize, Serialize};

use super::axis::Axes;
use super::bend::bend;
use super::operators::Step;
use super::path::{LatentPath, MAX_HOPS};

/// Steps that a chain may have.
pub const MAX_STEPS: usize = 64;

/// Why a chain cannot bend a path.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("step {} ({name}): {reason}", number + 1)]
pub struct ChainError {
    /// Which step, from 0.
    pub number: usize,
    /// Its operator.
    pub name: &'static str,
    /// What is wrong.
    pub reason: String,
}

/// Operators in their order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chain(pub Vec<Step>);

impl Chain {
    /// What the path becomes. Allocates; takes some milliseconds for ten minutes.
    ///
    /// # Errors
    /// Names the step and what was expected; the path would be empty or too long.
    pub fn apply(&self, path: &LatentPath) -> Result<LatentPath, ChainError> {
        self.apply_within(path, MAX_HOPS)
    }

    /// As [`Self::apply`], of at most so many hops after each step.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn apply_within(&self, path: &LatentPath, most_hops: usize) -> Result<LatentPath, ChainError> {
        let mut bent = path.clone();
        for (number, step) in self.0.iter().enumerate().filter(|(_, step)| !step.is_off) {
            let failed = |reason| ChainError { number, name: step.operator.name(), reason };
            if number >= MAX_STEPS {
                return Err(failed(format!("a chain has at most {MAX_STEPS} steps")));
            }
            bend(&mut bent, step, most_hops).map_err(failed)?;
        }
        Ok(bent)
    }

    /// Takes axes out of all steps: they are as they were recorded, but for what acts on whole hops.
    pub fn reset(&mut self, axes: Axes) {
        for step in &mut self.0 {
            step.axes = step.axes.without(axes);
        }
        self.0.retain(|step| !step.operator.is_of_axes() || !step.axes.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::path::tests::path;
    use crate::latent::{Axis, Operator};

    fn bent(path: &LatentPath, operator: Operator, axes: Axes) -> LatentPath {
        Chain(vec![Step::new(operator, axes)]).apply(path).unwrap()
    }

    #[test]
    fn reverse_twice_gives_the_path_again_to_the_bit() {
        let path = path(101);
        let once = bent(&path, Operator::Reverse, Axes::ALL);
        assert_eq!(once.hops[0], path.hops[100]);
        assert_eq!(bent(&once, Operator::Reverse, Axes::ALL), path);
    }

    #[test]
    fn what_is_reset_is_as_it_was_recorded_and_the_rest_stays_bent() {
        let path = path(50);
        let mut chain = Chain(vec![
            Step::new(Operator::Bias { by: 1.0 }, Axes::LATENT),
            Step::new(Operator::Reverse, Axes::one(Axis::Latent(0))),
        ]);
        chain.reset(Axes::one(Axis::Latent(0)));
        assert_eq!(chain.0.len(), 1, "a step without an axis is gone");
        let bent = chain.apply(&path).unwrap();
        for (bent, hop) in bent.hops.iter().zip(&path.hops) {
            assert_eq!((bent.latent[0], bent.latent[1]), (hop.latent[0], hop.latent[1] + 1.0));
        }
        chain.reset(Axes::ALL);
        assert_eq!(chain.apply(&path).unwrap(), path);
    }

    #[test]
    fn a_step_that_is_off_does_nothing_and_a_range_bends_nothing_around_it() {
        let path = path(100);
        let mut step = Step::new(Operator::Bias { by: 2.0 }, Axes::one(Axis::Latent(1)));
        step.range_s = Some((0.25, 0.5));
        let bent = Chain(vec![step.clone()]).apply(&path).unwrap();
        let moved: Vec<usize> = (0..100).filter(|&n| bent.hops[n] != path.hops[n]).collect();
        assert_eq!((moved.first(), moved.last()), (Some(&path.hop_at(0.25)), Some(&(path.hop_at(0.5) - 1))));
        step.is_off = true;
        assert_eq!(Chain(vec![step]).apply(&path).unwrap(), path);
    }

    #[test]
    fn random_is_the_same_for_its_seed_and_of_its_own_for_each_axis() {
        let path = path(2000);
        let random = |seed, axes| bent(&path, Operator::Random { spread: 0.5, seed }, axes);
        let (all, one) = (random(3, Axes::LATENT), random(3, Axes::one(Axis::Latent(1))));
        let of = |path: &LatentPath, d: usize| path.hops.iter().map(|hop| hop.latent[d]).collect::<Vec<_>>();
        assert_eq!(of(&all, 1), of(&one, 1), "whatever else is chosen");
        assert_eq!(of(&one, 0), of(&path, 0));
        assert_ne!(of(&all, 1), of(&random(4, Axes::LATENT), 1));
        let added = |d| of(&all, d).iter().zip(of(&path, d)).map(|(a, b)| a - b).collect::<Vec<f32>>();
        let (first, second) = (added(0), added(1));
        let square = |values: &[f32]| values.iter().map(|v| v * v).sum::<f32>() / values.len() as f32;
        assert!((square(&first) - 0.25).abs() < 0.02);
        let product: f32 = first.iter().zip(&second).map(|(a, b)| a * b).sum::<f32>() / 2000.0;
        assert!(product.abs() < 0.02, "{product}");
    }

    #[test]
    fn a_cross_fade_makes_the_end_meet_the_beginning() {
        let mut path = path(200);
        for (n, hop) in path.hops.iter_mut().enumerate() {
            hop.latent[0] = n as f32;
        }
        let fade_s = 20.0 * path.hop_s() as f32;
        let looped = bent(&path, Operator::CrossFade { time_s: fade_s }, Axes::ALL);
        assert_eq!(looped.hops.len(), 180);
        assert_eq!((looped.hops[0].latent[0], looped.hops[179].latent[0]), (180.0, 179.0));
        let whole = bent(&path, Operator::CrossFade { time_s: 3600.0 }, Axes::ALL);
        assert_eq!(whole.hops.len(), 100, "at most half of it");
    }

    #[test]
    fn a_stretch_keeps_both_ends_and_a_loop_repeats() {
        let path = path(40);
        for by in [0.01, 0.5, 1.0, 2.0, 7.3] {
            let other = bent(&path, Operator::Stretch { by }, Axes::ALL);
            assert_eq!(other.hops.len(), ((40.0 * by).round() as usize).max(1));
            assert_eq!(other.hops[0], path.hops[0]);
            if other.hops.len() > 1 {
                assert_eq!(other.hops.last(), path.hops.last(), "{by}");
            }
        }
        assert_eq!(bent(&path, Operator::Stretch { by: 1.0 }, Axes::ALL), path);
        let looped = bent(&path, Operator::Loop { times: 3 }, Axes::ALL);
        assert_eq!(looped.hops, path.hops.repeat(3));
    }

    #[test]
    fn a_drawn_line_is_there_and_an_envelope_fades_a_loudness_in_db() {
        let path = path(100);
        let hop_s = path.hop_s() as f32;
        let line = vec![(10.0 * hop_s, -1.0), (20.0 * hop_s, 1.0)];
        let drawn = bent(&path, Operator::Draw { points: line }, Axes::one(Axis::Latent(2)));
        assert!((drawn.hops[15].latent[2]).abs() < 1e-4 && (drawn.hops[20].latent[2] - 1.0).abs() < 1e-4);
        assert_eq!((drawn.hops[9], drawn.hops[21]), (path.hops[9], path.hops[21]));
        let fade = Operator::Envelope { points: vec![(0.0, 0.0), (1.0, 1.0)] };
        let faded = bent(&path, fade, Axes::one(Axis::Loudness));
        assert!((faded.hops[0].loudness_db - (path.hops[0].loudness_db - 80.0)).abs() < 1e-3);
        assert_eq!(faded.hops[99], path.hops[99]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_step_and_key() {
        let path = path(10);
        let refused = |operator, range_s| {
            let step = Step { range_s, ..Step::new(operator, Axes::ALL) };
            Chain(vec![Step::new(Operator::Reverse, Axes::ALL), step]).apply(&path).unwrap_err().to_string()
        };
        for (operator, words) in [
            (Operator::Scale { by: f32::NAN }, "step 2 (scale): “by” should be -8 to 8, but is NaN"),
            (Operator::Stretch { by: 0.0 }, "step 2 (stretch): “by” should be 0.01 to 100"),
            (Operator::Loop { times: 0 }, "step 2 (loop): “times” should be 1 to 1000"),
            (Operator::Draw { points: vec![] }, "step 2 (draw): “points” should be 1 to 4096 pairs, but are 0"),
            (Operator::Draw { points: vec![(1.0, 0.0), (0.5, 0.0)] }, "“points” pair 1 should not come before"),
            (Operator::Envelope { points: vec![(0.0, 2.0)] }, "“points” value 0 should be a gain from 0 to 1"),
        ] {
            let said = refused(operator, None);
            assert!(said.contains(words), "{said}");
        }
        assert!(refused(Operator::Slice, Some((0.5, 0.2))).contains("“range_s” should go from a time to a later one"));
        assert!(refused(Operator::Slice, Some((60.0, 61.0))).contains("1 to 4194304 hops should be left"));
        let often = Step::new(Operator::Loop { times: 1000 }, Axes::ALL);
        let long = Chain(vec![often.clone(), often]).apply(&path).unwrap_err();
        assert!(long.to_string().starts_with("step 2 (loop): 1 to 4194304 hops should be left"), "{long}");
    }

    #[test]
    fn a_chain_is_read_as_it_is_written() {
        let mut step = Step::new(Operator::Random { spread: 0.5, seed: 9 }, "1,2,loudness".parse().unwrap());
        step.range_s = Some((0.5, 1.25));
        let chain = Chain(vec![step, Step::new(Operator::Reverse, Axes::ALL)]);
        let text = serde_json::to_string(&chain).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"[{"operator":{"random":{"spread":0.5,"seed":9}},"axes":"1,2,loudness","range_s":[0.5,1.25]},"#,
                r#"{"operator":"reverse","axes":"all"}]"#
            )
        );
        assert_eq!(serde_json::from_str::<Chain>(&text).unwrap(), chain);
    }
}
