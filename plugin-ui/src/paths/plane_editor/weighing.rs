//! How much of each corner or marker is heard at a place: the same formulas as the plugin's, to shade the ground.

use crate::paths::Place;
use crate::{ParamBackend, param};

/// The corners, in the order of [`PlaneView::corners`](crate::paths::PlaneView::corners).
pub const CORNERS: [Place; 4] = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];

/// How steeply a marker's weight falls with the distance.
const STEEPNESS: i32 = 3;
/// Nearer to a marker than this is on it.
const ON_IT: f32 = 1e-4;

/// How a place is weighed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weighing {
    /// Between four corners, bilinear.
    #[default]
    Lines,
    /// By discs around the corners.
    Discs,
    /// By the distance from markers.
    Terrain,
}

impl Weighing {
    /// What the parameter says; `None` while the plane is off.
    pub fn of(params: &dyn ParamBackend) -> Option<Self> {
        let last = params.step_count(param::PLANE).unwrap_or(3) as f32;
        match (params.normalised(param::PLANE) * last).round() as usize {
            1 => Some(Self::Lines),
            2 => Some(Self::Discs),
            3 => Some(Self::Terrain),
            _ => None,
        }
    }

    /// The weights at a place, as many as there are `places` of corners or markers; they add up to 1.
    pub fn weights(self, at: Place, places: &[Place]) -> Vec<f32> {
        let at = at.map(|axis| if axis.is_nan() { 0.5 } else { axis.clamp(0.0, 1.0) });
        let far = |place: &Place| (place[0] - at[0]).hypot(place[1] - at[1]);
        match self {
            Self::Lines => {
                let [x, y] = at;
                let side = |corner: f32, at: f32| if corner < 0.5 { 1.0 - at } else { at };
                places.iter().map(|&[left, low]| side(left, x) * side(low, y)).collect()
            }
            Self::Discs => shared_out(places.iter().map(|place| (1.0 - far(place)).max(0.0)).collect()),
            Self::Terrain => {
                if let Some(on) = places.iter().position(|place| far(place) < ON_IT) {
                    return (0..places.len()).map(|n| if n == on { 1.0 } else { 0.0 }).collect();
                }
                let nearest = places.iter().map(far).fold(f32::INFINITY, f32::min);
                shared_out(places.iter().map(|place| (nearest / far(place)).powi(STEEPNESS)).collect())
            }
        }
    }
}

/// The same shares, so that they add up to 1; nothing of nothing.
pub fn shared_out(mut weights: Vec<f32>) -> Vec<f32> {
    let sum: f32 = weights.iter().sum();
    if sum > 0.0 {
        weights.iter_mut().for_each(|weight| *weight /= sum);
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakeParams;

    const ALL: [Weighing; 3] = [Weighing::Lines, Weighing::Discs, Weighing::Terrain];

    #[test]
    fn weights_add_up_to_one_and_none_is_negative() {
        let markers = [[0.2, 0.3], [0.8, 0.25], [0.5, 0.9], [0.5, 0.9], [0.51, 0.9]];
        for (x, y) in (-2..=22).flat_map(|x| (-2..=22).map(move |y| (x as f32 / 20.0, y as f32 / 20.0))) {
            for weighing in ALL {
                let places = if weighing == Weighing::Terrain { &markers[..] } else { &CORNERS };
                let weights = weighing.weights([x, y], places);
                let sum: f32 = weights.iter().sum();
                assert!((sum - 1.0).abs() < 1e-5, "{weighing:?} at {x}, {y}: {sum}");
                assert!(weights.iter().all(|weight| (0.0..=1.0).contains(weight)), "{weights:?}");
            }
        }
    }

    #[test]
    fn in_a_corner_and_on_a_marker_that_one_is_alone() {
        for (n, corner) in CORNERS.into_iter().enumerate() {
            let alone: Vec<f32> = (0..4).map(|other| if other == n { 1.0 } else { 0.0 }).collect();
            for weighing in ALL {
                assert_eq!(weighing.weights(corner, &CORNERS), alone, "{weighing:?}");
            }
        }
        let markers = [[0.2, 0.3], [0.8, 0.25], [0.2, 0.3]];
        assert_eq!(Weighing::Terrain.weights(markers[1], &markers), [0.0, 1.0, 0.0]);
        assert_eq!(Weighing::Terrain.weights(markers[2], &markers), [1.0, 0.0, 0.0], "of two the first");
        assert_eq!(Weighing::Terrain.weights([0.5, 0.5], &[]), []);
    }

    #[test]
    fn between_corners_the_formulas_are_those_of_the_page() {
        assert_eq!(Weighing::Lines.weights([0.25, 0.5], &CORNERS), [0.375, 0.125, 0.375, 0.125]);
        let discs = Weighing::Discs.weights([0.5, 0.0], &CORNERS);
        assert_eq!(discs, [0.5, 0.5, 0.0, 0.0], "the upper discs end before");
        let terrain = Weighing::Terrain.weights([0.25, 0.0], &[[0.0, 0.0], [0.75, 0.0]]);
        assert!((terrain[0] / terrain[1] - 8.0).abs() < 1e-4, "{terrain:?}");
    }

    #[test]
    fn the_parameter_says_how_a_place_is_weighed() {
        let mut params = FakeParams::default();
        for (plain, weighing) in [(0.0, None), (1.0, Some(ALL[0])), (2.0, Some(ALL[1])), (3.0, Some(ALL[2]))] {
            params.put_plain(param::PLANE, plain);
            assert_eq!(Weighing::of(&params), weighing);
        }
    }
}
