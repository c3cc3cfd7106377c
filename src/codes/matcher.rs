//! Which code has the descriptors that are wanted: by nearest value, hop by hop.

use std::sync::Arc;

use super::book::Codebook;
use crate::dsp::descriptors::Descriptor;

/// Descriptors that may be wanted at once.
pub const MAX_GOALS: usize = 4;

/// A descriptor that matters, and how much beside the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Which.
    pub descriptor: Descriptor,
    /// Above 0; weights are taken relative to their sum.
    pub weight: f32,
}

/// Prices codes by how far their descriptors are from what is wanted. Allocates in `new` only.
#[derive(Clone, Debug)]
pub struct Matcher {
    book: Arc<Codebook>,
    goals: Vec<Goal>,
    /// `[goal][code]`, as perceived, in deviations over the codes.
    own: Vec<Vec<f32>>,
    /// `[goal][code * grid + pitch]`.
    at_grid: Vec<Vec<f32>>,
    deviations: Vec<f32>,
}

impl Matcher {
    /// A matcher for up to [`MAX_GOALS`] goals; those beyond are left out. Allocates.
    pub fn new(book: Arc<Codebook>, goals: &[Goal]) -> Self {
        let sum: f32 = goals.iter().take(MAX_GOALS).map(|goal| goal.weight.max(0.0)).sum();
        let goals: Vec<Goal> = goals
            .iter()
            .take(MAX_GOALS)
            .map(|goal| Goal { weight: if sum > 0.0 { goal.weight.max(0.0) / sum } else { 1.0 }, ..*goal })
            .collect();
        let deviation = |descriptor: Descriptor| {
            let values: Vec<f32> = book.own.iter().map(|row| descriptor.perceived(row[descriptor as usize])).collect();
            let mean = values.iter().sum::<f32>() / values.len() as f32;
            let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / values.len() as f32;
            // A descriptor in which all codes agree must not outweigh the others.
            square.sqrt().max(1e-3)
        };
        let deviations: Vec<f32> = goals.iter().map(|goal| deviation(goal.descriptor)).collect();
        let table = |rows: &[crate::dsp::descriptors::Row]| -> Vec<Vec<f32>> {
            let scaled = |(goal, spread): (&Goal, &f32)| {
                let descriptor = goal.descriptor;
                rows.iter().map(|row| descriptor.perceived(row[descriptor as usize]) / spread).collect()
            };
            goals.iter().zip(&deviations).map(scaled).collect()
        };
        let (own, at_grid) = (table(&book.own), table(&book.at_grid));
        Self { own, at_grid, deviations, goals, book }
    }

    /// What is matched, weights adding up to 1.
    pub fn goals(&self) -> &[Goal] {
        &self.goals
    }

    /// The codes that are matched.
    pub fn book(&self) -> &Arc<Codebook> {
        &self.book
    }

    /// What is wanted of one hop, ready to be compared with codes at a pitch (`None`: each at its own).
    ///
    /// `wanted` holds a value per goal, in the descriptors' units.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn want(&self, wanted: &[f32], f0_hz: Option<f32>) -> Want {
        let mut scaled = [0.0; MAX_GOALS];
        for (n, goal) in self.goals.iter().enumerate() {
            let value = wanted.get(n).copied().filter(|value| value.is_finite()).unwrap_or(0.0);
            scaled[n] = goal.descriptor.perceived(value) / self.deviations[n];
        }
        Want { scaled, place: f0_hz.map(|hz| self.book.place_of(hz)) }
    }

    /// Weighted mean of the squared differences, in deviations over the codes.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn price(&self, code: usize, want: &Want) -> f32 {
        let mut price = 0.0;
        for (n, goal) in self.goals.iter().enumerate() {
            let value = match want.place {
                None => self.own[n][code],
                Some((low, share)) => {
                    let row = code * self.book.grid_hz.len() + low;
                    let here = self.at_grid[n][row];
                    if share == 0.0 { here } else { here + share * (self.at_grid[n][row + 1] - here) }
                }
            };
            price += goal.weight * (value - want.scaled[n]) * (value - want.scaled[n]);
        }
        price
    }

    /// The nearest code; the first of equals.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn nearest(&self, wanted: &[f32], f0_hz: Option<f32>) -> usize {
        let want = self.want(wanted, f0_hz);
        let mut best = (f32::MAX, 0);
        for code in 0..self.book.len() {
            let price = self.price(code, &want);
            if price < best.0 {
                best = (price, code);
            }
        }
        best.1
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
    fn nonsense_still_finds_a_code() {
        for value in [f32::NAN, f32::INFINITY, -1e30, 0.0] {
            assert!(matcher(&[(Descriptor::Centroid, 1.0)]).nearest(&[value], Some(f32::NAN)) < 64);
        }
        assert!(matcher(&[]).nearest(&[], None) < 64);
        assert!(matcher(&[(Descriptor::Centroid, 0.0)]).nearest(&[600.0], None) < 64);
    }
}
