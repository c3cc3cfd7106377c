//! One quantity of a path over time, to be drawn however long it is.

use std::ops::Range;

/// Each level of the pyramid sums up so many ranges of the one below.
const FOLD: usize = 8;

/// The values of one axis, hop by hop, and lowest and highest of ever longer ranges of them. Immutable; made off the window's
/// thread where a path is long.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    values: Vec<f32>,
    /// Lowest and highest of [`FOLD`] values, of [`FOLD`] squared, and so on; NaN where there is no value.
    levels: Vec<Vec<[f32; 2]>>,
}

impl Course {
    /// Of values hop by hop; NaN where there is none. Allocates.
    pub fn new(values: Vec<f32>) -> Self {
        let mut levels: Vec<Vec<[f32; 2]>> = Vec::new();
        let of_values = |part: &[f32]| part.iter().map(|&value| [value; 2]).reduce(widest).unwrap_or([f32::NAN; 2]);
        let of_ranges = |part: &[[f32; 2]]| part.iter().copied().reduce(widest).unwrap_or([f32::NAN; 2]);
        let mut next: Vec<[f32; 2]> = values.chunks(FOLD).map(of_values).collect();
        while next.len() > 1 {
            let above = next.chunks(FOLD).map(of_ranges).collect();
            levels.push(std::mem::replace(&mut next, above));
        }
        levels.push(next);
        Self { values, levels }
    }

    /// Hop by hop; NaN where there is none.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Lowest and highest value of some hops; `None` where there is none. Takes as long for few hops as for many.
    pub fn range(&self, hops: Range<usize>) -> Option<[f32; 2]> {
        let (mut from, mut to) = (hops.start.min(self.values.len()), hops.end.min(self.values.len()));
        let mut widest_so_far = [f32::NAN; 2];
        let mut take = |range: [f32; 2]| widest_so_far = widest(widest_so_far, range);
        // From the values up, as long as whole ranges of the level above are left; the ragged ends are taken at each level.
        let of = |level: usize, at: usize| if level == 0 { [self.values[at]; 2] } else { self.levels[level - 1][at] };
        let mut level = 0;
        while from < to {
            if level == self.levels.len() || to - from < 2 * FOLD {
                (from..to).for_each(|at| take(of(level, at)));
                break;
            }
            while !from.is_multiple_of(FOLD) {
                take(of(level, from));
                from += 1;
            }
            while !to.is_multiple_of(FOLD) {
                to -= 1;
                take(of(level, to));
            }
            (from, to, level) = (from / FOLD, to / FOLD, level + 1);
        }
        Some(widest_so_far).filter(|[low, _]| !low.is_nan())
    }
}

/// The range of both; `min` and `max` pass NaN over.
fn widest(one: [f32; 2], other: [f32; 2]) -> [f32; 2] {
    [one[0].min(other[0]), one[1].max(other[1])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_that_of_its_values_however_long_it_is() {
        let value = |n: usize| if n % 37 == 5 { f32::NAN } else { ((n * 7919) % 1013) as f32 - 500.0 };
        for count in [0, 1, 7, 8, 9, 64, 65, 1000, 5000] {
            let course = Course::new((0..count).map(value).collect());
            for (from, to) in [(0, count), (3, 5), (0, 1), (7, 803), (13, 4999), (count, count + 9), (900, 20)] {
                let to_hop = to.min(count);
                let wanted = (from..to_hop.max(from)).filter(|&n| n < count).map(value).filter(|v| !v.is_nan());
                let wanted = wanted.map(|v| [v; 2]).reduce(widest);
                assert_eq!(course.range(from..to), wanted, "{count}: {from}..{to}");
            }
        }
    }
}
