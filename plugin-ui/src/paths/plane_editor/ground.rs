//! The ground of the plane: at each place a blend of the colours of what is heard there.

use super::source::Spot;
use super::weighing::{Weighing, shared_out};
use crate::paths::Place;

/// Cells across and up; the colours of their corners are kept.
pub const CELLS: usize = 32;

/// Calm colours of corners and markers, in their order and again from the start; red, green, blue.
const COLOURS: [[u8; 3]; 8] = [
    [0x64, 0x92, 0xe6],
    [0xc4, 0x74, 0xc6],
    [0xdb, 0x93, 0x4e],
    [0x7c, 0xb2, 0x62],
    [0xdc, 0x6c, 0x86],
    [0x9a, 0x84, 0xe2],
    [0x57, 0xa4, 0xb8],
    [0xc4, 0xae, 0x54],
];
/// What cannot be heard.
const UNHEARD: [u8; 3] = [0x5a, 0x62, 0x70];
/// The window's own ground, and how much of a colour is laid over it.
const BELOW: [u8; 3] = [0x10, 0x12, 0x16];
const STRENGTH: f32 = 0.54;

/// The colour of a corner or marker by its number.
pub fn colour(number: usize, plays: bool) -> [u8; 3] {
    if plays { COLOURS[number % COLOURS.len()] } else { UNHEARD }
}

/// Colours at the corners of [`CELLS`] by [`CELLS`] cells, kept until what lies on the plane changes.
#[derive(Debug, Default)]
pub struct Ground {
    known: Option<(Weighing, Vec<Spot>)>,
    colours: Vec<[u8; 3]>,
}

impl Ground {
    /// Row by row from below, each from the left; computed anew where it is of something else.
    pub fn of(&mut self, weighing: Weighing, spots: &[Spot]) -> &[[u8; 3]] {
        let is_known = self.known.as_ref().is_some_and(|(known, old)| *known == weighing && old == spots);
        if !is_known {
            let places: Vec<Place> = spots.iter().map(|spot| spot.place).collect();
            let at = |n: usize| [n % (CELLS + 1), n / (CELLS + 1)].map(|cell| cell as f32 / CELLS as f32);
            let blend = |n: usize| blend(heard(weighing.weights(at(n), &places), spots));
            self.colours = (0..(CELLS + 1) * (CELLS + 1)).map(blend).collect();
            self.known = Some((weighing, spots.to_vec()));
        }
        &self.colours
    }
}

/// The weights of what plays alone: the others' are shared out among these.
pub fn heard(mut weights: Vec<f32>, spots: &[Spot]) -> Vec<f32> {
    for (weight, _) in weights.iter_mut().zip(spots).filter(|(_, spot)| !spot.plays) {
        *weight = 0.0;
    }
    shared_out(weights)
}

/// A mixture of light: that of bytes would be muddy between two colours.
fn blend(weights: Vec<f32>) -> [u8; 3] {
    let light = |byte: u8| (f32::from(byte) / 255.0).powi(2);
    let total: f32 = weights.iter().sum();
    std::array::from_fn(|channel| {
        let lit: f32 = weights.iter().enumerate().map(|(n, weight)| weight * light(colour(n, true)[channel])).sum();
        let above = lit.sqrt() * 255.0;
        let below = f32::from(BELOW[channel]);
        (below + (above - below) * STRENGTH * total.min(1.0)).round().clamp(0.0, 255.0) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::tests::luminance;
    use crate::paths::SourceView;
    use crate::paths::plane_editor::weighing::CORNERS;

    fn corners(plays: [bool; 4]) -> Vec<Spot> {
        let spot = |(place, plays)| Spot { place, source: Some(SourceView::Live), plays };
        CORNERS.into_iter().zip(plays).map(spot).collect()
    }

    #[test]
    fn a_corner_has_its_own_colour_and_the_middle_that_of_all() {
        let mut ground = Ground::default();
        let colours = ground.of(Weighing::Lines, &corners([true; 4])).to_vec();
        let at = |x: usize, y: usize| colours[y * (CELLS + 1) + x];
        for (n, [x, y]) in [[0, 0], [CELLS, 0], [0, CELLS], [CELLS, CELLS]].into_iter().enumerate() {
            let mut alone = vec![0.0; 4];
            alone[n] = 1.0;
            assert_eq!(at(x, y), blend(alone), "corner {n}");
        }
        assert_eq!(at(CELLS / 2, CELLS / 2), blend(vec![0.25; 4]));
    }

    #[test]
    fn what_cannot_play_gives_its_ground_to_the_others() {
        let mut ground = Ground::default();
        let colours = ground.of(Weighing::Lines, &corners([true, false, false, false])).to_vec();
        // In the other corners nothing is heard at all.
        assert_eq!(colours[CELLS / 2], colours[0]);
        assert_eq!(colours[CELLS], BELOW);
        assert_eq!(ground.of(Weighing::Lines, &corners([false; 4]))[5], BELOW);
    }

    #[test]
    fn the_point_stands_out_from_the_brightest_ground() {
        let accent = luminance([0x5c, 0xdc, 0xc6]);
        for n in 0..COLOURS.len() {
            let mut alone = vec![0.0; COLOURS.len()];
            alone[n] = 1.0;
            let contrast = (accent + 0.05) / (luminance(blend(alone)) + 0.05);
            assert!(contrast >= 3.0, "{n}: {contrast}");
        }
    }
}
