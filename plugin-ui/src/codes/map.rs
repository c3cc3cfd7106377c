//! The map of the codes: where they lie, which is nearest, where the voices went, and what is played by hand.

use std::collections::VecDeque;

use super::histogram::Spread;
use super::{CodebookView, CodesRequest, CodesStatus, Descriptor, VOICES};

/// How much of a voice's path is shown, seconds.
pub const PATH_S: f64 = 1.0;
/// Axes are stretched against each other by this much at most.
const MOST_STRETCH: f32 = 1.6;
/// Share of the codes at each side that may lie beyond the map, and how far beyond the others they have to be for it, as a
/// share of the others' width.
const FAR_OFF: f32 = 0.006;
const ROOM: f32 = 0.08;
/// Sideways counts so much more than along when an arrow key looks for a neighbour.
const SIDEWAYS: f32 = 2.5;

/// How the plane of the codes lies in a rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    size: [f32; 2],
    middle: [f32; 2],
    margin: f32,
    /// Screen points for one deviation, across and up.
    pub scale: [f32; 2],
}

impl Plane {
    /// Fits all codes into a rectangle of `size` screen points, `margin` of them free at each side.
    pub fn fit(size: [f32; 2], bounds: [[f32; 2]; 2], margin: f32) -> Self {
        let mut scale: [f32; 2] = std::array::from_fn(|axis| {
            (size[axis] - 2.0 * margin).max(1.0) / (bounds[1][axis] - bounds[0][axis]).max(1e-3)
        });
        let least = scale[0].min(scale[1]);
        scale = scale.map(|scale| scale.min(least * MOST_STRETCH));
        Self { size, middle: std::array::from_fn(|axis| 0.5 * (bounds[0][axis] + bounds[1][axis])), margin, scale }
    }

    /// Screen points from the rectangle's left top corner; what lies beyond the map is at its edge.
    pub fn to_screen(self, at: [f32; 2]) -> [f32; 2] {
        let place = [
            self.size[0] * 0.5 + (at[0] - self.middle[0]) * self.scale[0],
            self.size[1] * 0.5 - (at[1] - self.middle[1]) * self.scale[1],
        ];
        let edge = 0.5 * self.margin;
        // Unlike `min` and `max`, `clamp` leaves what is no number as it is.
        std::array::from_fn(|axis| place[axis].clamp(edge, (self.size[axis] - edge).max(edge)))
    }
}

/// A code that a voice came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub code: usize,
    /// When it came, seconds.
    pub from_s: f64,
    /// When it was last there.
    pub until_s: f64,
    /// Whether the voice came from the step before.
    pub is_joined: bool,
}

/// What the map keeps between frames.
#[derive(Debug, Default)]
pub struct MapView {
    known: Option<(u64, Descriptor)>,
    pub spread: Option<Spread>,
    /// The lowest and the highest place of any code.
    pub bounds: [[f32; 2]; 2],
    paths: [VecDeque<Step>; VOICES],
    keys: [Option<u8>; VOICES],
    /// The code that the keyboard is at.
    pub cursor: usize,
    /// The code that is played by hand.
    held: Option<usize>,
    /// Whether it is the Enter key that plays it.
    pub is_by_key: bool,
}

impl MapView {
    /// Takes the frame's voices; drops what was drawn of another package.
    pub fn update(&mut self, status: &CodesStatus, book: &CodebookView, descriptor: Descriptor, now_s: f64) {
        let known = (book.generation, descriptor);
        if self.known != Some(known) {
            if self.known.is_none_or(|(generation, _)| generation != book.generation) {
                self.bounds = bounds(book);
                self.paths = Default::default();
                self.cursor = middle(book, self.bounds);
            }
            self.spread = Spread::of(book, descriptor);
            self.known = Some(known);
        }
        for (index, voice) in status.voices.iter().enumerate() {
            let path = &mut self.paths[index];
            let voice = voice.as_ref().filter(|voice| voice.code < book.codes.len());
            if let Some(voice) = voice {
                let is_same_note = self.keys[index] == Some(voice.key);
                match path.back_mut().filter(|step| step.code == voice.code && is_same_note) {
                    Some(step) => step.until_s = now_s,
                    None => {
                        let step = Step { code: voice.code, from_s: now_s, until_s: now_s, is_joined: is_same_note };
                        path.push_back(step);
                    }
                }
            }
            self.keys[index] = voice.map(|voice| voice.key);
            while path.front().is_some_and(|step| now_s - step.until_s > PATH_S) {
                path.pop_front();
                if let Some(first) = path.front_mut() {
                    first.is_joined = false;
                }
            }
        }
    }

    /// Where a voice was over the last second, oldest first.
    pub fn path(&self, voice: usize) -> impl Iterator<Item = &Step> {
        self.paths.get(voice).into_iter().flatten()
    }

    /// Whether it would look different later though nothing new came.
    pub fn is_moving(&self) -> bool {
        self.paths.iter().any(|path| !path.is_empty())
    }

    /// The code nearest to a place in screen points, and how far away it is.
    pub fn nearest(&self, screen: [f32; 2], plane: Plane, book: &CodebookView) -> Option<(usize, f32)> {
        let distance = |at: [f32; 2]| {
            let [x, y] = plane.to_screen(at);
            (x - screen[0]).hypot(y - screen[1])
        };
        let distances = book.codes.iter().map(|code| distance(code.at)).enumerate();
        distances.filter(|(_, far)| far.is_finite()).min_by(|one, two| one.1.total_cmp(&two.1))
    }

    /// Moves the cursor to the nearest code in a direction (`[1, 0]` is right, `[0, 1]` is up); stays where there is none.
    pub fn step(&mut self, direction: [f32; 2], plane: Plane, book: &CodebookView) {
        let Some(here) = book.codes.get(self.cursor).map(|code| plane.to_screen(code.at)) else { return };
        let price = |at: [f32; 2]| {
            let [x, y] = plane.to_screen(at);
            let (right, up) = (x - here[0], here[1] - y);
            let along = right * direction[0] + up * direction[1];
            let across = (right * direction[1] - up * direction[0]).abs();
            (along > 0.5 && across <= along * 1.2).then_some(along + SIDEWAYS * across)
        };
        let prices = book.codes.iter().enumerate().filter_map(|(code, view)| Some((code, price(view.at)?)));
        if let Some((code, _)) = prices.filter(|(_, price)| price.is_finite()).min_by(|a, b| a.1.total_cmp(&b.1)) {
            self.cursor = code;
        }
    }

    /// Which code is played by hand.
    pub fn held(&self) -> Option<usize> {
        self.held
    }

    /// Plays a code by hand, if it is not the one that sounds.
    pub fn play(&mut self, code: usize, requests: &mut Vec<CodesRequest>) {
        if self.held != Some(code) {
            self.held = Some(code);
            requests.push(CodesRequest::PlayCode { code });
        }
        self.cursor = code;
    }

    /// Lets go of what is played by hand, if anything is.
    pub fn stop(&mut self, requests: &mut Vec<CodesRequest>) {
        self.is_by_key = false;
        if self.held.take().is_some() {
            requests.push(CodesRequest::StopCode);
        }
    }
}

fn bounds(book: &CodebookView) -> [[f32; 2]; 2] {
    let places = || book.codes.iter().map(|code| code.at).filter(|at| at.iter().all(|axis| axis.is_finite()));
    if places().next().is_none() {
        return [[-1.0; 2], [1.0; 2]];
    }
    // A few codes far off do not squeeze the others: they lie at the edge.
    let ends: [[f32; 2]; 2] = std::array::from_fn(|axis| {
        let mut values: Vec<f32> = places().map(|at| at[axis]).collect();
        values.sort_by(f32::total_cmp);
        let last = values.len() - 1;
        let few = (FAR_OFF * last as f32) as usize;
        let (low, high) = (values[few], values[last - few]);
        let room = if few > 0 { (high - low) * ROOM } else { 0.0 };
        [(low - room).max(values[0]), (high + room).min(values[last])]
    });
    [[ends[0][0], ends[1][0]], [ends[0][1], ends[1][1]]]
}

/// The code nearest to the middle: where the keyboard begins.
fn middle(book: &CodebookView, bounds: [[f32; 2]; 2]) -> usize {
    let centre: [f32; 2] = std::array::from_fn(|axis| 0.5 * (bounds[0][axis] + bounds[1][axis]));
    let far = |at: [f32; 2]| (at[0] - centre[0]).hypot(at[1] - centre[1]);
    let codes = book.codes.iter().enumerate().filter(|(_, code)| far(code.at).is_finite());
    codes.min_by(|one, two| far(one.1.at).total_cmp(&far(two.1.at))).map_or(0, |(code, _)| code)
}

/// A code that sounds, and who plays it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sounding {
    /// Its index.
    pub code: usize,
    /// The numbers of its voices as the window counts them, from 1, with dots between.
    pub voices: String,
    /// The loudest of their envelopes, 0 to 1.
    pub amplitude: f32,
}

/// Every code that sounds, once: of two rings at one place only the upper would be seen.
pub fn sounding(status: &CodesStatus) -> Vec<Sounding> {
    let mut all: Vec<Sounding> = Vec::new();
    for (number, voice) in (1..).zip(&status.voices).filter_map(|(number, voice)| Some((number, voice.as_ref()?))) {
        match all.iter_mut().find(|sounding| sounding.code == voice.code) {
            Some(sounding) => {
                sounding.voices += &format!("\u{b7}{number}");
                sounding.amplitude = sounding.amplitude.max(voice.amplitude);
            }
            None => all.push(Sounding { code: voice.code, voices: number.to_string(), amplitude: voice.amplitude }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{CodeView, PlayingVoice};
    use crate::fake::DESCRIPTORS;

    const CENTROID: Descriptor = DESCRIPTORS[0];

    fn grid() -> CodebookView {
        let code = |n: usize| CodeView { at: [(n % 5) as f32, (n / 5) as f32], values: [100.0; 7], is_pitched: true };
        CodebookView { generation: 1, codes: (0..25).map(code).collect(), ..CodebookView::default() }
    }

    fn view(book: &CodebookView) -> MapView {
        let mut view = MapView::default();
        view.update(&CodesStatus::default(), book, CENTROID, 0.0);
        view
    }

    #[test]
    fn voices_that_share_a_code_share_its_ring_and_none_is_missing() {
        let mut status = CodesStatus::default();
        for (index, code, amplitude) in [(0, 7, 0.2), (1, 3, 0.9), (2, 7, 0.6), (7, 7, 0.1)] {
            status.voices[index] = Some(PlayingVoice { code, amplitude, ..PlayingVoice::default() });
        }
        let ring = |code, voices: &str, amplitude| Sounding { code, voices: voices.to_owned(), amplitude };
        assert_eq!(super::sounding(&status), [ring(7, "1\u{b7}3\u{b7}8", 0.6), ring(3, "2", 0.9)]);
    }

    fn sounding(code: usize, key: u8) -> CodesStatus {
        let mut status = CodesStatus::default();
        status.voices[2] = Some(PlayingVoice { code, key, ..PlayingVoice::default() });
        status
    }

    #[test]
    fn arrows_go_to_the_neighbour_in_their_direction_and_stop_at_the_edge() {
        let (book, plane) = (grid(), Plane::fit([300.0, 200.0], [[0.0; 2], [4.0; 2]], 10.0));
        let mut view = view(&book);
        assert_eq!(view.cursor, 12);
        let mut go = |direction, expected| {
            view.step(direction, plane, &book);
            assert_eq!(view.cursor, expected, "{direction:?}");
        };
        go([1.0, 0.0], 13);
        go([0.0, 1.0], 18);
        go([-1.0, 0.0], 17);
        go([0.0, -1.0], 12);
        go([0.0, -1.0], 7);
        go([0.0, -1.0], 2);
        go([0.0, -1.0], 2);
    }

    #[test]
    fn the_nearest_code_is_that_on_the_screen() {
        let (book, plane) = (grid(), Plane::fit([300.0, 200.0], [[0.0; 2], [4.0; 2]], 10.0));
        let at = plane.to_screen([3.1, 0.9]);
        assert_eq!(view(&book).nearest(at, plane, &book).unwrap().0, 8);
        assert_eq!(view(&book).nearest(at, plane, &CodebookView::default()), None);
        assert!(plane.to_screen([0.0, 4.0])[1] < plane.to_screen([0.0, 0.0])[1], "up is up");
        assert!(plane.scale[0] / plane.scale[1] <= MOST_STRETCH);
    }

    #[test]
    fn a_path_is_a_second_long_and_another_note_begins_again() {
        let book = grid();
        let mut view = view(&book);
        for (at_s, code, key) in [(1.0, 3, 60), (1.1, 3, 60), (1.2, 4, 60), (1.3, 9, 62), (1.4, 9999, 62)] {
            view.update(&sounding(code, key), &book, CENTROID, at_s);
        }
        let steps: Vec<(usize, bool)> = view.path(2).map(|step| (step.code, step.is_joined)).collect();
        assert_eq!(steps, [(3, false), (4, true), (9, false)]);
        view.update(&CodesStatus::default(), &book, CENTROID, 2.15);
        assert_eq!(view.path(2).count(), 2);
        view.update(&CodesStatus::default(), &book, CENTROID, 3.0);
        assert!(!view.is_moving());
    }

    #[test]
    fn places_that_are_no_numbers_are_left_out() {
        let mut book = grid();
        book.codes[0].at = [f32::NAN, f32::INFINITY];
        assert_eq!(view(&book).bounds, [[0.0; 2], [4.0; 2]]);
        assert_eq!(view(&CodebookView::default()).bounds, [[-1.0; 2], [1.0; 2]]);
    }
}
