//! What of a set is played in a hop: one path, two that are morphed, or what lies around a place on the plane.

use super::path::{LatentHop, LatentPath};
use super::plane::{CORNERS, bilinear, discs, terrain};
use super::play;
use super::set::PathSet;
use super::sources::{MAX_MARKERS, Source};
use crate::controls::{AtEnd, MAX_DIMS, PathControls, PlaneWeights};
use crate::dsp::noise::Noise;

/// What can be heard at a place.
#[derive(Clone, Copy)]
enum Pick<'a> {
    Path(&'a [LatentHop]),
    Moment(LatentHop),
    Random(u32),
    Live,
}

/// See the module. Each pick has its weight; they add up to 1.
pub struct Choice<'a> {
    picks: [(Pick<'a>, f32); MAX_MARKERS],
    count: usize,
    /// Hops and length of a hop, seconds, of the path whose time counts.
    time: Option<(usize, f64)>,
}

impl<'a> Choice<'a> {
    /// What the controls choose of a set, as far as it `plays` in the model at hand; the others' weights are shared out among
    /// what does. `None` where nothing does. Allocates nothing.
    pub fn of(set: &'a PathSet, controls: &PathControls, plays: &dyn Fn(&LatentPath) -> bool) -> Option<Self> {
        let mut choice = Self { picks: [(Pick::Live, 0.0); MAX_MARKERS], count: 0, time: None };
        let plane = set.plane();
        let corners = |weights: [f32; 4]| plane.corners.iter().map(Option::as_ref).zip(weights);
        match controls.plane {
            PlaneWeights::Off => {
                let pair = [(controls.slot, 1.0 - controls.morph), (controls.morph_slot, controls.morph)];
                for (slot, weight) in pair {
                    choice.add_path(set, usize::from(slot), weight, plays, false);
                }
            }
            PlaneWeights::Lines => choice.add(set, corners(bilinear(controls.place)), plays),
            PlaneWeights::Discs => choice.add(set, corners(discs(controls.place)), plays),
            PlaneWeights::Terrain => {
                let mut weights = [0.0; MAX_MARKERS];
                let mut places = [[0.0; 2]; MAX_MARKERS];
                let markers = plane.markers.len().min(MAX_MARKERS);
                if markers == 0 {
                    let weights = &mut weights[..CORNERS.len()];
                    terrain(controls.place, &CORNERS, weights);
                    choice.add(set, plane.corners.iter().map(Option::as_ref).zip(weights.iter().copied()), plays);
                } else {
                    for (place, marker) in places.iter_mut().zip(&plane.markers) {
                        *place = marker.place;
                    }
                    terrain(controls.place, &places[..markers], &mut weights[..markers]);
                    choice.add(set, plane.markers.iter().map(|marker| Some(&marker.source)).zip(weights), plays);
                }
            }
        }
        choice.balanced()
    }

    fn add(
        &mut self,
        set: &'a PathSet,
        sources: impl Iterator<Item = (Option<&'a Source>, f32)>,
        plays: &dyn Fn(&LatentPath) -> bool,
    ) {
        for (source, weight) in sources.take(MAX_MARKERS) {
            match source {
                None => {}
                Some(Source::Slot(n)) => self.add_path(set, *n, weight, plays, true),
                Some(Source::Snapshot(path)) => {
                    if let Some(hop) = path.hops.first().filter(|_| plays(path)) {
                        self.push(Pick::Moment(*hop), weight);
                    }
                }
                Some(Source::Random(seed)) => self.push(Pick::Random(*seed), weight),
                Some(Source::Live) => self.push(Pick::Live, weight),
            }
        }
    }

    /// The time is that of the first path, or of the longest one.
    fn add_path(
        &mut self,
        set: &'a PathSet,
        n: usize,
        weight: f32,
        plays: &dyn Fn(&LatentPath) -> bool,
        is_longest: bool,
    ) {
        let Some(slot) = set.slot(n).filter(|slot| !slot.hops().is_empty() && plays(&slot.path)) else { return };
        let hops = slot.hops().len();
        if self.time.is_none_or(|(before, _)| is_longest && hops > before) {
            self.time = Some((hops, slot.path.hop_s()));
        }
        self.push(Pick::Path(slot.hops()), weight);
    }

    fn push(&mut self, pick: Pick<'a>, weight: f32) {
        if let Some(place) = self.picks.get_mut(self.count) {
            *place = (pick, weight);
            self.count += 1;
        }
    }

    /// With weights that add up to 1; `None` where nothing has any.
    fn balanced(mut self) -> Option<Self> {
        let picks = &mut self.picks[..self.count];
        let sum: f32 = picks.iter().map(|(_, weight)| weight).sum();
        if sum <= 0.0 {
            return None;
        }
        picks.iter_mut().for_each(|(_, weight)| *weight /= sum);
        Some(self)
    }

    /// Hops and length of a hop, seconds, of the path whose time counts: the one that morphs, the longest one around the
    /// plane. `None` where none has any.
    pub fn time(&self) -> Option<(usize, f64)> {
        self.time
    }

    /// What is heard at a place of that path, in hops; in the others at the same share of their length.
    pub fn at(&self, place: f64, at_end: AtEnd) -> Weave {
        let hops = self.time.map_or(1, |(hops, _)| hops);
        let mut weave = Weave { threads: [(Thread::Live, 0.0); MAX_MARKERS], count: 0 };
        for &(pick, weight) in self.picks[..self.count].iter().filter(|(_, weight)| *weight > 0.0) {
            let thread = match pick {
                Pick::Path(path) => Thread::Hop(play::at(path, stretched(place, hops, path.len(), at_end), at_end)),
                Pick::Moment(hop) => Thread::Hop(hop),
                Pick::Random(seed) => Thread::Random(seed),
                Pick::Live => Thread::Live,
            };
            weave.threads[weave.count] = (thread, weight);
            weave.count += 1;
        }
        weave
    }
}

/// A place in a path of so many hops, in one of so many others.
fn stretched(place: f64, hops: usize, others: usize, at_end: AtEnd) -> f64 {
    if hops == others {
        return place;
    }
    let ratio = match at_end {
        // With the way from the last hop back to the first.
        AtEnd::Loop => others as f64 / hops as f64,
        AtEnd::PingPong | AtEnd::Stop => (others - 1) as f64 / (hops - 1).max(1) as f64,
    };
    place * ratio
}

#[derive(Clone, Copy)]
enum Thread {
    Hop(LatentHop),
    Random(u32),
    Live,
}

/// What paths say of a hop, whatever is heard in it.
pub struct Weave {
    threads: [(Thread, f32); MAX_MARKERS],
    count: usize,
}

impl Weave {
    /// Woven for a lane, in which this is heard. Where one thread alone has a weight it is that thread to the bit.
    pub fn of(&self, live: &LatentHop) -> LatentHop {
        let mut hops = [LatentHop::default(); MAX_MARKERS];
        for (hop, (thread, _)) in hops.iter_mut().zip(&self.threads[..self.count]) {
            *hop = match thread {
                Thread::Hop(hop) => *hop,
                Thread::Random(seed) => LatentHop { latent: drawn(*seed), ..*live },
                Thread::Live => *live,
            };
        }
        LatentHop::weighted(hops.iter().zip(self.threads[..self.count].iter().map(|(_, weight)| *weight)))
    }
}

fn drawn(seed: u32) -> [f32; MAX_DIMS] {
    let mut latent = [0.0; MAX_DIMS];
    Noise::new(u64::from(seed)).fill(&mut latent);
    latent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::path::tests::path;
    use crate::latent::sources::{Marker, Plane};
    use crate::latent::{Chain, LatentPath};

    /// Four paths of one length and a fifth, in the slots; each moves elsewhere.
    fn set() -> PathSet {
        let of = |n: usize, hops: usize| LatentPath { hops: path(hops + 10 * n).hops[10 * n..].to_vec(), ..path(1) };
        (0..5).fold(PathSet::default(), |set, n| {
            set.with_path(n, "sung", &of(n, if n < 4 { 40 } else { 100 }), &Chain::default()).unwrap()
        })
    }

    fn heard(set: &PathSet, controls: &PathControls, place: f64) -> LatentHop {
        let live = LatentHop { latent: [9.0; MAX_DIMS], loudness_db: -9.0, ..LatentHop::default() };
        Choice::of(set, controls, &|_| true).unwrap().at(place, controls.at_end).of(&live)
    }

    #[test]
    fn a_corner_is_its_slots_path_to_the_bit_whatever_the_weights() {
        let set = set();
        for plane in [PlaneWeights::Lines, PlaneWeights::Discs, PlaneWeights::Terrain] {
            for (n, &place) in CORNERS.iter().enumerate() {
                let controls = PathControls { plane, place, ..PathControls::default() };
                for hop in [0, 1, 39] {
                    assert_eq!(heard(&set, &controls, hop as f64), set.slot(n).unwrap().hops()[hop], "{plane:?} {n}");
                }
            }
        }
    }

    #[test]
    fn a_morph_ends_at_both_paths_and_stretches_the_other_to_the_first() {
        let set = set();
        let hops = |n: usize| set.slot(n).unwrap().hops();
        let morph = |slot, morph_slot, morph| {
            let at_end = AtEnd::Stop;
            PathControls { slot, morph_slot, morph, at_end, ..PathControls::default() }
        };
        assert_eq!(heard(&set, &morph(1, 2, 0.0), 7.0), hops(1)[7]);
        assert_eq!(heard(&set, &morph(1, 2, 1.0), 7.0), hops(2)[7]);
        assert_eq!(heard(&set, &morph(1, 2, 0.25), 7.0), LatentHop::between(&hops(1)[7], &hops(2)[7], 0.25));
        assert_eq!(heard(&set, &morph(0, 4, 1.0), 39.0), hops(4)[99], "the other's end is reached with the first's");
        assert_eq!(heard(&set, &morph(0, 7, 0.5), 3.0), hops(0)[3], "an empty slot counts for nothing");
        assert!(Choice::of(&set, &morph(6, 7, 0.5), &|_| true).is_none());
    }

    #[test]
    fn what_is_of_another_model_counts_for_nothing() {
        let set = set();
        let controls = PathControls { plane: PlaneWeights::Lines, place: [0.3, 0.6], ..PathControls::default() };
        assert!(Choice::of(&set, &controls, &|_| false).is_none());
        let live = Plane { corners: [Some(Source::Live), None, None, Some(Source::Slot(0))], ..Plane::default() };
        let set = set.with_plane(&live);
        let choice = Choice::of(&set, &controls, &|_| false).unwrap();
        let heard = LatentHop { loudness_db: -3.0, ..LatentHop::default() };
        assert_eq!((choice.time(), choice.at(0.0, AtEnd::Loop).of(&heard)), (None, heard));
    }

    #[test]
    fn a_marker_may_be_a_moment_a_random_latent_or_what_is_heard() {
        let moment = LatentPath { hops: vec![path(20).hops[5]], ..path(1) };
        let sources = [Source::Snapshot(Box::new(moment.clone())), Source::Random(7), Source::Live];
        let places = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]];
        let markers = places.into_iter().zip(sources).map(|(place, source)| Marker { place, source }).collect();
        let set = set().with_plane(&Plane { markers, ..Plane::default() });
        let at = |place| {
            let controls = PathControls { plane: PlaneWeights::Terrain, place, ..PathControls::default() };
            heard(&set, &controls, 0.0)
        };
        assert_eq!(at(places[0]), moment.hops[0]);
        assert_eq!(at(places[2]).latent, [9.0; MAX_DIMS]);
        let random = at(places[1]);
        assert_eq!((random, random.loudness_db), (at(places[1]), -9.0));
        assert!(random.latent.iter().all(|value| value.abs() < 3.5) && random.latent[0] != random.latent[1]);
    }
}
