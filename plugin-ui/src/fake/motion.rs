//! A trajectory through all dimensions, as scale and bias move it.

use super::FakeParams;
use crate::param::{BIAS, SCALE};
use crate::{LATENT_DIMS, LatentPoint, ParamBackend, Status};

/// Replaces the points of a status by as many that move in every dimension: before scale and bias, and after.
pub fn wander(status: &mut Status, now_s: f64, params: &FakeParams) {
    let count = status.points.len();
    let plain = |id| params.plain(id, params.normalised(id));
    let raw = |index: usize| -> LatentPoint {
        let at_s = now_s as f32 - (count - 1 - index) as f32 * 512.0 / 44_100.0;
        std::array::from_fn(|dim| {
            let number = dim as f32;
            let slow = (at_s * (0.9 + 0.37 * (number * 1.7).sin()) + number * 2.1).sin();
            let quick = (at_s * (7.1 + 1.9 * (number * 0.9).cos()) + number).sin();
            1.1 * slow + 0.3 * quick * (0.6 * at_s + number).sin()
        })
    };
    status.raw_points = (0..count).map(raw).collect();
    status.points = status.raw_points.clone();
    for point in &mut status.points {
        for dim in 0..LATENT_DIMS {
            point[dim] = point[dim] * plain(SCALE[dim]) + plain(BIAS[dim]);
        }
    }
}
