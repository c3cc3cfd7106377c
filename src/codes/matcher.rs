//! Which code has the descriptors that are wanted: by nearest value, hop by hop.

use std::sync::Arc;

use super::book::{Codebook, least};
use crate::dsp::descriptors::{COUNT, Descriptor};

/// Descriptors that may be wanted at once.
pub const MAX_GOALS: usize = 4;

/// What a code without a fundamental costs where one is wanted: more than any that has one.
const UNPITCHED_PRICE: f32 = 1e4;

/// Values this close are as near, in deviations over the codes: two or three per cent of a centroid, which is hardly
/// heard; of a fundamental, where that is much, an eighth of it.
const AS_NEAR: f32 = 0.08;
const AS_NEAR_PITCH: f32 = 0.01;

/// What any change of code costs beside the jump: of equal paths the calmer one.
const CHANGE_COST: f32 = 0.05;

/// What an octave between the own pitches of two codes costs, where codes are played at them.
const OCTAVE_COST: f32 = 4.0;

/// A descriptor that matters, and how much beside the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Which.
    pub descriptor: Descriptor,
    /// Above 0; weights are taken relative to their sum.
    pub weight: f32,
}

/// Prices codes by how far their descriptors are from what is wanted. Everything but `new` is wait-free and does not allocate;
/// clones share the tables.
#[derive(Clone, Debug)]
pub struct Matcher {
    tables: Arc<Tables>,
    goals: [Goal; MAX_GOALS],
    count: usize,
}

/// What is known of a codebook whatever is wanted.
#[derive(Debug)]
struct Tables {
    book: Arc<Codebook>,
    /// `[descriptor][code]`, as perceived, in deviations over the codes.
    own: [Vec<f32>; COUNT],
    /// `[descriptor][code * grid + pitch]`.
    at_grid: [Vec<f32>; COUNT],
    deviations: [f32; COUNT],
    /// One over the variance of the codes' vectors.
    per_variance: f32,
    own_octave: Vec<f32>,
}

impl Matcher {
    /// A matcher for up to [`MAX_GOALS`] goals; those beyond are left out. Allocates.
    pub fn new(book: Arc<Codebook>, goals: &[Goal]) -> Self {
        let deviations = Descriptor::ALL.map(|descriptor| {
            let values: Vec<f32> = book.own.iter().map(|row| descriptor.perceived(row[descriptor as usize])).collect();
            let mean = values.iter().sum::<f32>() / values.len() as f32;
            let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / values.len() as f32;
            // A descriptor in which all codes agree must not outweigh the others.
            square.sqrt().max(1e-3)
        });
        let table = |rows: &[crate::dsp::descriptors::Row]| {
            Descriptor::ALL.map(|descriptor| {
                let index = descriptor as usize;
                rows.iter().map(|row| descriptor.perceived(row[index]) / deviations[index]).collect()
            })
        };
        let (own, at_grid) = (table(&book.own), table(&book.at_grid));
        let count = book.len() as f32;
        let mut variance = 0.0;
        for dim in 0..book.width {
            let values = || book.vectors.iter().skip(dim).step_by(book.width);
            let mean = values().sum::<f32>() / count;
            variance += values().map(|value| (value - mean).powi(2)).sum::<f32>() / count;
        }
        let own_octave = book.own_hz.iter().map(|hz| hz.max(1.0).log2()).collect();
        let tables = Tables { own, at_grid, deviations, per_variance: 1.0 / variance.max(1e-9), own_octave, book };
        let goals_room = [Goal { descriptor: Descriptor::Centroid, weight: 0.0 }; MAX_GOALS];
        let mut matcher = Self { tables: Arc::new(tables), goals: goals_room, count: 0 };
        matcher.set_goals(goals);
        matcher
    }

    /// Other goals, as in [`Self::new`].
    pub fn set_goals(&mut self, goals: &[Goal]) {
        self.count = goals.len().min(MAX_GOALS);
        let goals = &goals[..self.count];
        let sum: f32 = goals.iter().map(|goal| goal.weight.max(0.0)).sum();
        for (place, goal) in self.goals.iter_mut().zip(goals) {
            *place = Goal { weight: if sum > 0.0 { goal.weight.max(0.0) / sum } else { 1.0 }, ..*goal };
        }
    }

    /// What is matched, weights adding up to 1.
    pub fn goals(&self) -> &[Goal] {
        &self.goals[..self.count]
    }

    /// The codes that are matched.
    pub fn book(&self) -> &Arc<Codebook> {
        &self.tables.book
    }

    /// What is wanted of one hop, ready to be compared with codes at a pitch (`None`: each at its own).
    ///
    /// `wanted` holds a value per goal, in the descriptors' units.
    pub fn want(&self, wanted: &[f32], f0_hz: Option<f32>) -> Want {
        let mut scaled = [0.0; MAX_GOALS];
        for (n, goal) in self.goals().iter().enumerate() {
            let value = wanted.get(n).copied().filter(|value| value.is_finite()).unwrap_or(0.0);
            scaled[n] = goal.descriptor.perceived(value) / self.tables.deviations[goal.descriptor as usize];
        }
        Want { scaled, place: f0_hz.map(|hz| self.tables.book.place_of(hz)) }
    }

    /// Weighted mean of the squared differences, in deviations over the codes.
    pub fn price(&self, code: usize, want: &Want) -> f32 {
        let mut price = 0.0;
        // Only codes' own pitches can be wanted: at the player's all have the same.
        if want.place.is_none() && self.wants_pitch() && !self.tables.book.is_pitched(code) {
            price = UNPITCHED_PRICE;
        }
        for (n, goal) in self.goals().iter().enumerate() {
            let index = goal.descriptor as usize;
            let value = match want.place {
                None => self.tables.own[index][code],
                Some((low, share)) => {
                    let row = code * self.tables.book.grid_hz.len() + low;
                    let here = self.tables.at_grid[index][row];
                    if share == 0.0 { here } else { here + share * (self.tables.at_grid[index][row + 1] - here) }
                }
            };
            price += goal.weight * (value - want.scaled[n]) * (value - want.scaled[n]);
        }
        price
    }

    fn wants_pitch(&self) -> bool {
        self.goals().iter().any(|goal| goal.descriptor == Descriptor::Fundamental)
    }

    /// What it costs to go from one code to another, 1 for one deviation of the codebook; more over the distance of their
    /// own pitches, where they are played at them.
    pub fn move_cost(&self, from: usize, to: usize, is_own_pitch: bool) -> f32 {
        if from == to {
            return 0.0;
        }
        let octaves =
            if is_own_pitch { (self.tables.own_octave[from] - self.tables.own_octave[to]).abs() } else { 0.0 };
        self.tables.book.distance(from, to) * self.tables.per_variance + OCTAVE_COST * octaves + CHANGE_COST
    }

    /// The nearest code by value; of those as near (within a small part of a deviation), the one that is the least jump from
    /// the last code.
    pub fn nearest_to(&self, last: Option<usize>, wanted: &[f32], f0_hz: Option<f32>) -> usize {
        let nearest = self.nearest(wanted, f0_hz);
        let Some(last) = last else { return nearest };
        let want = self.want(wanted, f0_hz);
        let spare = if self.wants_pitch() { AS_NEAR_PITCH } else { AS_NEAR };
        let limit = (self.price(nearest, &want).sqrt() + spare).powi(2);
        let mut best = (f32::MAX, nearest);
        for code in 0..self.tables.book.len() {
            if self.price(code, &want) <= limit {
                let cost = self.move_cost(last, code, f0_hz.is_none());
                if cost < best.0 {
                    best = (cost, code);
                }
            }
        }
        best.1
    }

    /// The nearest code; the first of equals.
    pub fn nearest(&self, wanted: &[f32], f0_hz: Option<f32>) -> usize {
        let want = self.want(wanted, f0_hz);
        least((0..self.tables.book.len()).map(|code| self.price(code, &want))).1
    }
}

/// See [`Matcher::want`].
#[derive(Clone, Copy, Debug)]
pub struct Want {
    scaled: [f32; MAX_GOALS],
    place: Option<(usize, f32)>,
}

#[cfg(test)]
mod tests {
    use super::super::book::tests::ladder;
    use super::*;

    fn matcher(goals: &[(Descriptor, f32)]) -> Matcher {
        let goals: Vec<Goal> = goals.iter().map(|&(descriptor, weight)| Goal { descriptor, weight }).collect();
        Matcher::new(Arc::new(ladder(64)), &goals)
    }

    #[test]
    fn the_nearest_code_has_the_nearest_value() {
        let by_centroid = matcher(&[(Descriptor::Centroid, 1.0)]);
        assert_eq!(by_centroid.nearest(&[500.0 + 300.0 + 20.0 + 1.0], Some(200.0)), 30);
        // The same centroid at another pitch is another code's.
        assert_eq!(by_centroid.nearest(&[500.0 + 300.0 + 40.0 + 1.0], Some(400.0)), 30);
        let by_pitch = matcher(&[(Descriptor::Fundamental, 1.0)]);
        assert_eq!(by_pitch.nearest(&[217.2], None), 17);
    }

    #[test]
    fn weights_decide_between_goals_that_disagree() {
        let wanted = [500.0 + 10.0 * 10.0 + 20.0, 240.0];
        let code =
            |weight| matcher(&[(Descriptor::Centroid, weight), (Descriptor::Fundamental, 1.0)]).nearest(&wanted, None);
        assert!(code(100.0) < 12, "{}", code(100.0));
        assert!(code(0.01) > 38, "{}", code(0.01));
        assert!((12..38).contains(&code(1.0)), "{}", code(1.0));
    }

    #[test]
    fn of_codes_as_near_the_least_jump_is_taken() {
        let by_centroid = matcher(&[(Descriptor::Centroid, 1.0)]);
        // Codes are 10 Hz apart, a deviation is about a third of an octave.
        let wanted = [500.0 + 300.0 + 23.0 + 4.0];
        assert_eq!(by_centroid.nearest(&wanted, None), 30);
        assert_eq!(by_centroid.nearest_to(Some(31), &wanted, None), 31);
        // Within 0.08 of a deviation, 15 Hz: 32 is the last that is as near.
        assert_eq!(by_centroid.nearest_to(Some(63), &wanted, None), 32);
        assert_eq!(by_centroid.nearest_to(None, &wanted, None), 30);
    }

    #[test]
    fn codes_without_a_pitch_are_not_played_for_one() {
        let mut book = ladder(64);
        book.own[17][Descriptor::Periodicity as usize] = 0.3;
        let goals = [Goal { descriptor: Descriptor::Fundamental, weight: 1.0 }];
        let found = Matcher::new(Arc::new(book), &goals).nearest(&[217.0], None);
        assert!(found == 16 || found == 18, "{found}");
    }

    #[test]
    fn nonsense_still_finds_a_code() {
        for value in [f32::NAN, f32::INFINITY, -1e30, 0.0] {
            assert!(matcher(&[(Descriptor::Centroid, 1.0)]).nearest(&[value], Some(f32::NAN)) < 64);
        }
        assert!(matcher(&[]).nearest(&[], None) < 64);
        assert!(matcher(&[(Descriptor::Centroid, 0.0)]).nearest(&[600.0], None) < 64);
    }
}
