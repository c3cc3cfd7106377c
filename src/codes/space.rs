//! The space in which codes are steered: the codebook's principal components, weighted by use, in deviations.
//!
//! With `u` the use of code `k` as a share of all and `v` its vector: `m = sum u v`, `C = sum u (v - m)(v - m)'`, which is
//! `E diag(s^2) E'` with the largest variance first. A vector `x` is the point `z = diag(1/s) E' (x - m)`, and a point is the
//! vector `m + E diag(s) z`: over the codes as they were used `z` has mean 0 and deviation 1. Beyond [`MAX_DIMS`] dimensions, and
//! in those without variance, a point's vector is at the mean.

use super::book::Codebook;
use crate::controls::MAX_DIMS;

/// A dimension with less variance than this share of the first one's is none.
const LEAST_SHARE: f64 = 1e-9;

/// Turns through all pairs of axes after which the axes are found; a dozen are more than enough for 64 of them.
const MOST_SWEEPS: usize = 30;

/// Codes whose neighbours are looked for: as many as most books have.
const NEIGHBOURED: usize = 512;

/// Share of the use that lies outside the range, on each side.
const OUTSIDE: f64 = 0.01;

/// The basis, and where the codes lie in it. Everything but `new` is wait-free and does not allocate.
#[derive(Clone, Debug)]
pub struct CodeSpace {
    width: usize,
    dims: usize,
    mean: Vec<f32>,
    /// `[dim * width]`: rows of `diag(1/s) E'`.
    to_point: Vec<f32>,
    /// `[dim * width]`: columns of `E diag(s)`.
    to_vector: Vec<f32>,
    codes: Vec<[f32; MAX_DIMS]>,
    p01: [f32; MAX_DIMS],
    p99: [f32; MAX_DIMS],
    spacing: f32,
}

impl CodeSpace {
    /// The space of a codebook. Where training used no code, each counts the same.
    pub fn new(book: &Codebook) -> Self {
        let width = book.width;
        let shares = shares(&book.used);
        let rows = || book.vectors.chunks_exact(width).zip(&shares);
        let mut mean = vec![0.0f64; width];
        for (vector, share) in rows() {
            mean.iter_mut().zip(vector).for_each(|(mean, &value)| *mean += share * f64::from(value));
        }
        let mut covariance = vec![0.0f64; width * width];
        for (vector, share) in rows() {
            for a in 0..width {
                for b in 0..width {
                    covariance[a * width + b] +=
                        share * (f64::from(vector[a]) - mean[a]) * (f64::from(vector[b]) - mean[b]);
                }
            }
        }
        let mut axes = eigen(covariance, width);
        let least = LEAST_SHARE * axes[0].0.max(0.0);
        axes.truncate(MAX_DIMS);
        axes.retain(|(variance, _)| *variance > least);
        let mut space = Self {
            width,
            dims: axes.len().max(1),
            mean: mean.iter().map(|&value| value as f32).collect(),
            to_point: Vec::new(),
            to_vector: Vec::new(),
            codes: Vec::new(),
            p01: [0.0; MAX_DIMS],
            p99: [0.0; MAX_DIMS],
            spacing: spacing(book),
        };
        for (variance, axis) in &axes {
            let deviation = variance.sqrt();
            space.to_point.extend(axis.iter().map(|value| (value / deviation) as f32));
            space.to_vector.extend(axis.iter().map(|value| (value * deviation) as f32));
        }
        // All codes the same: a dimension that does nothing.
        space.to_point.resize(space.dims * width, 0.0);
        space.to_vector.resize(space.dims * width, 0.0);
        space.codes = (0..book.len())
            .map(|code| {
                let mut point = [0.0; MAX_DIMS];
                space.point(book.vector(code), &mut point[..space.dims]);
                point
            })
            .collect();
        for dim in 0..space.dims {
            let mut values: Vec<(f32, f64)> =
                space.codes.iter().zip(&shares).map(|(code, &share)| (code[dim], share)).collect();
            values.sort_by(|a, b| a.0.total_cmp(&b.0));
            (space.p01[dim], space.p99[dim]) = (percentile(&values, OUTSIDE), percentile(&values, 1.0 - OUTSIDE));
        }
        space
    }

    /// Dimensions, 1..=[`MAX_DIMS`].
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// The codes as points; dimensions the space lacks are 0.
    pub fn codes(&self) -> &[[f32; MAX_DIMS]] {
        &self.codes
    }

    /// First and ninety-ninth percentile of each dimension over the codes as they were used; 0 beyond [`Self::dims`].
    pub fn range(&self) -> [[f32; MAX_DIMS]; 2] {
        [self.p01, self.p99]
    }

    /// Mean distance of a code's vector from its nearest neighbour's.
    pub fn spacing(&self) -> f32 {
        self.spacing
    }

    /// A vector `[width]` as a point `[dims]`, in deviations.
    pub fn point(&self, vector: &[f32], point: &mut [f32]) {
        for (row, value) in self.to_point.chunks_exact(self.width).zip(point) {
            *value = row.iter().zip(vector).zip(&self.mean).map(|((axis, x), mean)| axis * (x - mean)).sum();
        }
    }

    /// A point `[dims]` as a vector `[width]`.
    pub fn vector(&self, point: &[f32], vector: &mut [f32]) {
        vector.copy_from_slice(&self.mean);
        for (row, value) in self.to_vector.chunks_exact(self.width).zip(point) {
            vector.iter_mut().zip(row).for_each(|(x, axis)| *x += value * axis);
        }
    }
}

/// Each code's share of the use.
fn shares(used: &[f32]) -> Vec<f64> {
    let total: f64 = used.iter().map(|&count| f64::from(count)).sum();
    let share = |&count: &f32| if total > 0.0 { f64::from(count) / total } else { 1.0 / used.len() as f64 };
    used.iter().map(share).collect()
}

/// See [`CodeSpace::spacing`]; of evenly picked codes in a large book.
fn spacing(book: &Codebook) -> f32 {
    let picked = (0..book.len()).step_by(book.len().div_ceil(NEIGHBOURED).max(1));
    let nearest = |code: usize| {
        let others = (0..book.len()).filter(|&other| other != code).map(|other| book.distance(code, other));
        others.fold(f32::MAX, f32::min).sqrt()
    };
    let count = picked.len();
    picked.map(nearest).sum::<f32>() / count as f32
}

/// The least value below which, with it, this share of the use lies.
fn percentile(values: &[(f32, f64)], share: f64) -> f32 {
    let mut below = 0.0;
    let reached = values.iter().find(|(_, part)| {
        below += part;
        below >= share
    });
    reached.or(values.last()).map_or(0.0, |(value, _)| *value)
}

/// Variances and axes `[size]` of a symmetric matrix `[size * size]`, largest first; the largest part of each axis is
/// positive, so that no dimension ever turns round. Jacobi's method (Golub and Van Loan, Matrix Computations, 8.5): own code,
/// because the exact axes are part of a project's sound, and a dependency may change its.
fn eigen(mut matrix: Vec<f64>, size: usize) -> Vec<(f64, Vec<f64>)> {
    let mut axes = vec![0.0f64; size * size];
    (0..size).for_each(|n| axes[n * size + n] = 1.0);
    let scale: f64 = (0..size).map(|n| matrix[n * size + n].abs()).sum();
    for _ in 0..MOST_SWEEPS {
        let mut rest = 0.0;
        for p in 0..size {
            for q in p + 1..size {
                let off = matrix[p * size + q];
                rest += off * off;
                if off == 0.0 {
                    continue;
                }
                let half = 0.5 * (matrix[q * size + q] - matrix[p * size + p]) / off;
                let tangent = half.signum() / (half.abs() + (half * half + 1.0).sqrt());
                let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
                let sine = tangent * cosine;
                let turn = |list: &mut [f64], a: usize, b: usize| {
                    let (x, y) = (list[a], list[b]);
                    (list[a], list[b]) = (cosine * x - sine * y, sine * x + cosine * y);
                };
                for n in 0..size {
                    turn(&mut matrix, n * size + p, n * size + q);
                }
                for n in 0..size {
                    turn(&mut matrix, p * size + n, q * size + n);
                    // Rows of `axes` are the axes.
                    turn(&mut axes, p * size + n, q * size + n);
                }
            }
        }
        if rest.sqrt() <= 1e-14 * scale {
            break;
        }
    }
    let mut found: Vec<(f64, Vec<f64>)> =
        (0..size).map(|n| (matrix[n * size + n], axes[n * size..(n + 1) * size].to_vec())).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (_, axis) in &mut found {
        let largest =
            axis.iter().copied().fold(0.0f64, |most, value| if value.abs() > most.abs() { value } else { most });
        if largest < 0.0 {
            axis.iter_mut().for_each(|value| *value = -*value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::book::tests::ladder;
    use super::*;

    /// Codes of `width` values with correlated columns of falling variance.
    fn book(width: usize, codes: usize) -> Codebook {
        let mut draws = vec![0.0; width * codes];
        crate::dsp::noise::Noise::new(5).fill(&mut draws);
        for row in draws.chunks_exact_mut(width) {
            for n in 0..width {
                row[n] = 1.0 + row[n] / (n + 1) as f32 + if n > 0 { 0.4 * row[n - 1] } else { 0.0 };
            }
        }
        let used = (0..codes).map(|code| (code % 7) as f32).collect();
        Codebook { width, vectors: draws, used, ..ladder(codes) }
    }

    #[test]
    fn over_the_codes_as_used_each_dimension_has_mean_nothing_and_deviation_one_and_none_goes_with_another() {
        let book = book(12, 300);
        let space = CodeSpace::new(&book);
        let total: f32 = book.used.iter().sum();
        for a in 0..12 {
            let mean: f32 = space.codes().iter().zip(&book.used).map(|(z, u)| z[a] * u).sum::<f32>() / total;
            assert!(mean.abs() < 1e-4, "{a}: {mean}");
            for b in 0..12 {
                let both: f32 = space.codes().iter().zip(&book.used).map(|(z, u)| z[a] * z[b] * u).sum::<f32>() / total;
                assert!((both - f32::from(u8::from(a == b))).abs() < 1e-3, "{a} {b}: {both}");
            }
        }
        let deviation = |dim: usize| space.to_vector[dim * 12..][..12].iter().map(|v| v * v).sum::<f32>();
        assert!((1..12).all(|dim| deviation(dim) <= deviation(dim - 1)), "the largest variance first");
        let below = |dim: usize, limit: f32| {
            let part: f32 = space.codes().iter().zip(&book.used).filter(|(z, _)| z[dim] < limit).map(|(_, u)| u).sum();
            part / total
        };
        let [p01, p99] = space.range();
        assert!((0..12).all(|dim| below(dim, p01[dim]) < 0.01 && below(dim, p99[dim]) < 0.99 + 1e-6));
        assert!((0..12).all(|dim| below(dim, p01[dim] + 0.2) >= 0.01));
    }

    #[test]
    fn a_vector_comes_back_from_its_point_and_its_code_with_it() {
        let book = book(16, 200);
        let space = CodeSpace::new(&book);
        let (mut point, mut back) = ([0.0; 16], [0.0; 16]);
        for code in 0..book.len() {
            space.point(book.vector(code), &mut point);
            space.vector(&point, &mut back);
            assert!(back.iter().zip(book.vector(code)).all(|(a, b)| (a - b).abs() < 1e-4));
            assert_eq!(book.quantise(&back), code);
        }
    }

    #[test]
    fn a_wider_vector_keeps_its_largest_dimensions_and_one_value_is_one_dimension() {
        let wide = CodeSpace::new(&book(40, 400));
        assert_eq!(wide.dims(), MAX_DIMS);
        let mut vector = [0.0; 40];
        wide.vector(&[0.0; MAX_DIMS], &mut vector);
        assert_eq!(vector[..], wide.mean[..]);
        // The ladder's second value is always 0.
        assert_eq!(CodeSpace::new(&ladder(9)).dims(), 1);
        let same = CodeSpace::new(&Codebook { vectors: vec![0.5; 18], ..ladder(9) });
        assert_eq!((same.dims(), same.codes()[3][0]), (1, 0.0));
        assert_eq!((same.spacing(), CodeSpace::new(&ladder(9)).spacing()), (0.0, 1.0));
    }

    #[test]
    fn an_axis_points_to_its_largest_part_whatever_the_order_of_the_codes() {
        let book = book(6, 120);
        let mut turned = book.clone();
        turned.vectors = book.vectors.chunks_exact(6).rev().flatten().copied().collect();
        turned.used.reverse();
        let (a, b) = (CodeSpace::new(&book), CodeSpace::new(&turned));
        assert!(a.to_vector.iter().zip(&b.to_vector).all(|(a, b)| (a - b).abs() < 1e-5));
        assert!(a.to_vector.chunks(6).all(|axis| axis.iter().copied().fold(0.0f32, |m, v| if v.abs() > m.abs() {
            v
        } else {
            m
        }) > 0.0));
    }
}
