//! The live latent trajectory and how it fades.

use std::collections::VecDeque;

use crate::LatentPoint;

/// How long a point stays visible.
const FADE_S: f64 = 3.5;
/// More than the hops of the fade at any model's rate in use; older points are dropped first.
const CAPACITY: usize = 512;
/// Points further apart than this in time are not joined by a line.
const GAP_S: f64 = 0.25;

/// A point of dimensions 1 and 2 on its way out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrailPoint {
    /// Dimensions 1 and 2, in standard deviations.
    pub at_sd: [f32; 2],
    /// 1 when new, 0 when gone.
    pub strength: f32,
    /// Whether a line leads here from the point before.
    pub is_joined: bool,
}

/// The last seconds of the trajectory through dimensions 1 and 2.
#[derive(Debug, Default)]
pub struct Trail {
    points: VecDeque<(f64, [f32; 2])>,
    last_push_s: f64,
}

impl Trail {
    /// Adds the points of this frame, oldest first, spread over the time since the last frame; forgets faded ones.
    pub fn push(&mut self, points: &[LatentPoint], now_s: f64) {
        let since_s = (now_s - self.last_push_s).clamp(0.0, GAP_S * 0.5);
        self.last_push_s = now_s;
        for (index, point) in points.iter().enumerate() {
            if !(point[0].is_finite() && point[1].is_finite()) {
                continue;
            }
            let back = (points.len() - 1 - index) as f64 / points.len() as f64;
            self.points.push_back((now_s - back * since_s, [point[0], point[1]]));
        }
        let excess = self.points.len().saturating_sub(CAPACITY);
        self.points.drain(..excess);
        while self.points.front().is_some_and(|(at_s, _)| now_s - at_s >= FADE_S) {
            self.points.pop_front();
        }
    }

    pub fn clear(&mut self) {
        self.points.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The visible points, oldest first.
    pub fn visible(&self, now_s: f64) -> impl Iterator<Item = TrailPoint> {
        let mut before_s = f64::NEG_INFINITY;
        self.points.iter().map(move |&(at_s, at_sd)| {
            let left = (1.0 - (now_s - at_s) / FADE_S).clamp(0.0, 1.0) as f32;
            let is_joined = at_s - before_s <= GAP_S;
            before_s = at_s;
            TrailPoint { at_sd, strength: left.powf(1.5), is_joined }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LATENT_DIMS;

    fn point(x: f32) -> LatentPoint {
        let mut point = [0.0; LATENT_DIMS];
        point[0] = x;
        point
    }

    #[test]
    fn fades_and_is_forgotten() {
        let mut trail = Trail::default();
        trail.push(&[point(1.0)], 10.0);
        let strength = |trail: &Trail, now_s| trail.visible(now_s).next().unwrap().strength;
        assert_eq!(strength(&trail, 10.0), 1.0);
        let half = strength(&trail, 10.0 + FADE_S / 2.0);
        assert!(half < 0.5 && half > strength(&trail, 10.0 + FADE_S * 0.9));
        trail.push(&[], 10.0 + FADE_S);
        assert!(trail.is_empty());
    }

    #[test]
    fn is_bounded() {
        let mut trail = Trail::default();
        for frame in 0..1000 {
            trail.push(&[point(0.0); 10], 5.0 + f64::from(frame) * 1e-4);
        }
        assert_eq!(trail.visible(5.1).count(), CAPACITY);
    }

    #[test]
    fn points_of_one_frame_are_in_order_of_time() {
        let mut trail = Trail::default();
        trail.push(&[], 1.0);
        trail.push(&[point(1.0), point(2.0), point(3.0)], 1.1);
        let strengths: Vec<f32> = trail.visible(1.1).map(|point| point.strength).collect();
        assert!(strengths.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(trail.visible(1.1).last().unwrap().at_sd, [3.0, 0.0]);
    }

    #[test]
    fn a_pause_is_not_bridged_and_nonsense_is_not_drawn() {
        let mut trail = Trail::default();
        trail.push(&[point(0.0)], 1.0);
        trail.push(&[point(1.0), point(f32::NAN)], 2.0);
        let joined: Vec<bool> = trail.visible(2.0).map(|point| point.is_joined).collect();
        assert_eq!(joined, [false, false]);
    }
}
