//! The plane: how much of each sound is heard at a place, between four corners or among markers anywhere.

/// A place on the plane, each 0 to 1, from the left and from below.
pub type Place = [f32; 2];

/// The corners, in the order of their weights: below left, below right, above left, above right.
pub const CORNERS: [Place; 4] = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];

/// How steeply a marker's weight falls with the distance; see [`terrain`].
const STEEPNESS: i32 = 3;

/// Nearer to a marker than this is on it; a pixel of the largest window is wider.
const ON_IT: f32 = 1e-4;

/// The weights of four corners, bilinear: (1 - x)(1 - y), x(1 - y), (1 - x)y, xy.
pub fn bilinear(place: Place) -> [f32; 4] {
    let [x, y] = held(place);
    [(1.0 - x) * (1.0 - y), x * (1.0 - y), (1.0 - x) * y, x * y]
}

/// The weights of four corners by discs of influence, as the seeds drew them and Max's `nodes` weighs them: each disc's
/// weight falls in a straight line from 1 in its centre, the corner, to 0 at its edge, one side of the plane away, and
/// what is there is divided by its sum. In a corner the other three discs end, so that its sound is alone there.
pub fn discs(place: Place) -> [f32; 4] {
    let place = held(place);
    normalised(CORNERS.map(|corner| (1.0 - distance(place, corner)).max(0.0)))
}

/// The weights of markers anywhere, by inverse distance: w = d^-3, divided by their sum (D. Shepard, "A two-dimensional
/// interpolation function for irregularly-spaced data", ACM 1968, with an exponent of 3). It is smooth between the
/// markers, and on a marker that one is alone; of several at one place the first. Writes as many weights as there are markers.
pub fn terrain(place: Place, markers: &[Place], weights: &mut [f32]) {
    let place = held(place);
    let at = |marker: &Place| distance(place, held(*marker));
    weights.fill(0.0);
    if let Some(on) = markers.iter().position(|marker| at(marker) < ON_IT) {
        if let Some(weight) = weights.get_mut(on) {
            *weight = 1.0;
        }
        return;
    }
    let nearest = markers.iter().map(at).fold(f32::INFINITY, f32::min);
    let mut sum = 0.0;
    for (weight, marker) in weights.iter_mut().zip(markers) {
        // By the nearest one's distance, so that no power is beyond a float's range.
        *weight = (nearest / at(marker)).powi(STEEPNESS);
        sum += *weight;
    }
    weights.iter_mut().for_each(|weight| *weight /= sum);
}

fn held(place: Place) -> Place {
    // What is no number is the middle.
    place.map(|value| if value.is_nan() { 0.5 } else { value.clamp(0.0, 1.0) })
}

fn distance(a: Place, b: Place) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn normalised(weights: [f32; 4]) -> [f32; 4] {
    let sum: f32 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::noise::Noise;

    /// Places all over the plane, its edges and beyond.
    fn places() -> Vec<Place> {
        let grid = (0..=20).flat_map(|x| (0..=20).map(move |y| [x as f32 / 20.0, y as f32 / 20.0]));
        let mut noise = Noise::new(1);
        let anywhere = (0..2000).map(move |_| [noise.uniform() * 1.2 - 0.1, noise.uniform() * 1.2 - 0.1]);
        grid.chain(anywhere).collect()
    }

    #[test]
    fn weights_add_up_to_one_everywhere_and_none_is_negative() {
        let markers = [[0.2, 0.3], [0.8, 0.25], [0.5, 0.9], [0.5, 0.9], [0.51, 0.9]];
        let mut weights = [0.0; 5];
        for place in places() {
            terrain(place, &markers, &mut weights);
            for weights in [&bilinear(place)[..], &discs(place), &weights] {
                let sum: f32 = weights.iter().sum();
                assert!((sum - 1.0).abs() < 1e-6 && weights.iter().all(|w| (0.0..=1.0).contains(w)), "{place:?}");
            }
        }
    }

    #[test]
    fn in_a_corner_and_on_a_marker_that_sound_is_alone() {
        for (n, &corner) in CORNERS.iter().enumerate() {
            let mut alone = [0.0; 4];
            alone[n] = 1.0;
            assert_eq!((bilinear(corner), discs(corner)), (alone, alone));
        }
        let markers = [[0.2, 0.3], [0.8, 0.25], [0.2, 0.3]];
        let mut weights = [0.0; 3];
        terrain(markers[1], &markers, &mut weights);
        assert_eq!(weights, [0.0, 1.0, 0.0]);
        terrain(markers[2], &markers, &mut weights);
        assert_eq!(weights, [1.0, 0.0, 0.0], "of two at one place the first");
        terrain([f32::NAN, 0.3], &[], &mut []);
    }

    #[test]
    fn a_small_step_on_the_plane_is_a_small_step_of_the_weights() {
        let markers = [[0.2, 0.3], [0.8, 0.25], [0.5, 0.9]];
        let (mut here, mut there) = ([0.0; 3], [0.0; 3]);
        for [x, y] in places() {
            terrain([x, y], &markers, &mut here);
            terrain([x + 1e-3, y], &markers, &mut there);
            let most = here.iter().zip(there).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(most < 0.02, "{most} at {x}, {y}");
        }
    }
}
