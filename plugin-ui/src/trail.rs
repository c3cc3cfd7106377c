//! The live latent trajectory: what the encoder gave and what the decoder got, over the last seconds.

use std::collections::VecDeque;

use crate::{LatentPoint, ModelView, Status};

/// More hops a second than any model in use makes.
const MOST_HOPS_PER_S: f64 = 146.0;
/// Points further apart than this in time are not joined by a line.
const GAP_S: f64 = 0.12;
/// The points of a frame are spread over at most this time.
const SPREAD_S: f64 = 0.125;
/// While neither input nor output is louder there is a rest, dB of full scale: the model goes on, but nobody plays.
const REST_DB: f32 = -66.0;

/// A latent frame on its way out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    pub at_s: f64,
    /// As the decoder gets it: after scale and bias.
    pub point: LatentPoint,
    /// As the encoder gave it.
    pub raw: LatentPoint,
    /// Whether a line leads here from the moment before.
    pub is_joined: bool,
}

impl Moment {
    /// 1 when new, 0 when `keep_s` old.
    pub fn strength(&self, now_s: f64, keep_s: f64) -> f32 {
        let left = (1.0 - (now_s - self.at_s) / keep_s).clamp(0.0, 1.0) as f32;
        left.powf(1.5)
    }
}

/// The last seconds of the trajectory.
#[derive(Debug, Default)]
pub struct Trail {
    /// Of which model it is.
    generation: u64,
    moments: VecDeque<Moment>,
    last_push_s: f64,
    /// A rest came after the newest moment.
    is_broken: bool,
}

impl Trail {
    /// Takes the frame's points, and keeps those of the last `keep_s` seconds. Another model begins anew; a rest leaves a
    /// gap, however short it is; and a window that was opened again has a clock that begins anew.
    pub fn take(&mut self, status: &Status, model: &ModelView, keep_s: f64, now_s: f64) {
        if std::mem::replace(&mut self.generation, model.generation) != model.generation {
            self.moments.clear();
        }
        if now_s < self.last_push_s {
            // What came while nobody looked has no place on this clock.
            self.moments.clear();
            self.last_push_s = now_s;
            return;
        }
        let is_rest = status.input_level_db.max(status.output_level_db) < REST_DB;
        if is_rest {
            self.is_broken = true;
            self.push(&[], &[], keep_s, now_s);
        } else {
            self.push(&status.points, &status.raw_points, keep_s, now_s);
        }
    }

    /// Adds the points of this frame, oldest first, spread over the time since the last frame; forgets old ones.
    ///
    /// `raw` is as long as `points`; where it is not, nothing is known to have been changed.
    fn push(&mut self, points: &[LatentPoint], raw: &[LatentPoint], keep_s: f64, now_s: f64) {
        let since_s = (now_s - self.last_push_s).clamp(0.0, SPREAD_S);
        self.last_push_s = now_s;
        for (index, point) in points.iter().enumerate() {
            let raw = raw.get(index).unwrap_or(point);
            if !point.iter().chain(raw).all(|value| value.is_finite()) {
                continue;
            }
            let back = (points.len() - 1 - index) as f64 / points.len() as f64;
            let at_s = now_s - back * since_s;
            let is_broken = std::mem::take(&mut self.is_broken);
            let is_joined = !is_broken && self.moments.back().is_some_and(|before| at_s - before.at_s <= GAP_S);
            self.moments.push_back(Moment { at_s, point: *point, raw: *raw, is_joined });
        }
        let capacity = (keep_s * MOST_HOPS_PER_S) as usize;
        let excess = self.moments.len().saturating_sub(capacity);
        self.moments.drain(..excess);
        while self.moments.front().is_some_and(|moment| now_s - moment.at_s >= keep_s) {
            self.moments.pop_front();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.moments.is_empty()
    }

    /// What is kept, oldest first.
    pub fn moments(&self) -> impl DoubleEndedIterator<Item = &Moment> {
        self.moments.iter()
    }

    pub fn newest(&self) -> Option<&Moment> {
        self.moments.back()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LATENT_DIMS;

    const KEEP_S: f64 = 3.5;

    fn point(x: f32) -> LatentPoint {
        let mut point = [0.0; LATENT_DIMS];
        point[0] = x;
        point
    }

    #[test]
    fn fades_and_is_forgotten() {
        let mut trail = Trail::default();
        trail.push(&[point(1.0)], &[point(1.0)], KEEP_S, 10.0);
        let strength = |trail: &Trail, now_s| trail.newest().unwrap().strength(now_s, KEEP_S);
        assert_eq!(strength(&trail, 10.0), 1.0);
        let half = strength(&trail, 10.0 + KEEP_S / 2.0);
        assert!(half < 0.5 && half > strength(&trail, 10.0 + KEEP_S * 0.9));
        trail.push(&[], &[], KEEP_S, 10.0 + KEEP_S);
        assert!(trail.is_empty());
    }

    #[test]
    fn is_bounded() {
        let mut trail = Trail::default();
        for frame in 0..1000 {
            trail.push(&[point(0.0); 10], &[], KEEP_S, 5.0 + f64::from(frame) * 1e-4);
        }
        assert_eq!(trail.moments().count(), (KEEP_S * MOST_HOPS_PER_S) as usize);
    }

    #[test]
    fn points_of_one_frame_are_in_order_of_time_and_know_where_they_came_from() {
        let mut trail = Trail::default();
        trail.push(&[], &[], KEEP_S, 1.0);
        trail.push(&[point(1.0), point(2.0), point(3.0)], &[point(-1.0), point(-2.0)], KEEP_S, 1.1);
        let times: Vec<f64> = trail.moments().map(|moment| moment.at_s).collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
        let ends: Vec<[f32; 2]> = trail.moments().map(|moment| [moment.raw[0], moment.point[0]]).collect();
        assert_eq!(ends, [[-1.0, 1.0], [-2.0, 2.0], [3.0, 3.0]]);
    }

    #[test]
    fn a_short_rest_is_a_gap_though_the_model_goes_on() {
        let mut trail = Trail::default();
        let model = ModelView::default();
        let mut status = Status { points: vec![point(0.5)], output_level_db: -20.0, ..Status::default() };
        trail.take(&status, &model, KEEP_S, 1.0);
        trail.take(&status, &model, KEEP_S, 1.02);
        status.output_level_db = -90.0;
        trail.take(&status, &model, KEEP_S, 1.04);
        status.output_level_db = -20.0;
        trail.take(&status, &model, KEEP_S, 1.06);
        let joined: Vec<bool> = trail.moments().map(|moment| moment.is_joined).collect();
        assert_eq!(joined, [false, true, false]);
    }

    #[test]
    fn a_window_that_is_opened_again_begins_with_an_empty_trail() {
        let (mut trail, model) = (Trail::default(), ModelView::default());
        let status = Status { points: vec![point(0.5)], output_level_db: -20.0, ..Status::default() };
        trail.take(&status, &model, KEEP_S, 60.0);
        // The new window's clock starts at zero; what came meanwhile comes at once.
        let meanwhile = Status { points: vec![point(0.1); 256], ..status.clone() };
        trail.take(&meanwhile, &model, KEEP_S, 0.02);
        assert!(trail.is_empty(), "{} moments are left", trail.moments().count());
        trail.take(&status, &model, KEEP_S, 0.04);
        assert_eq!(trail.moments().map(|moment| (moment.at_s, moment.is_joined)).collect::<Vec<_>>(), [(0.04, false)]);
    }

    #[test]
    fn a_pause_is_not_bridged_and_nonsense_is_not_drawn() {
        let mut trail = Trail::default();
        trail.push(&[point(0.0)], &[], KEEP_S, 1.0);
        trail.push(&[point(1.0), point(f32::NAN)], &[], KEEP_S, 2.0);
        let joined: Vec<bool> = trail.moments().map(|moment| moment.is_joined).collect();
        assert_eq!(joined, [false, false]);
    }
}
