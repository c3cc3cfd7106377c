//! Where in its latent paths a stream is, hop by hop, and what they make of what is heard.

use super::hop::Hop;
use super::hop_count::HopCount;
use crate::controls::{AtEnd, Controls, PathClock, PathControls, PathMode, PlaneWeights};
use crate::dsp::pitch::MAX_HZ;
use crate::latent::choice::{Choice, Weave};
use crate::latent::plane::Place;
use crate::latent::{LatentHop, LatentPath, PathSet, WalkPoint, play, walk};
use crate::model::Model;

/// Places in a hop at which a path is read. Times are worked out by way of seconds and beats, which differ in their last
/// digits by where the host's blocks begin: what is the same place is made the same. A prime, so that what lies on a frame
/// of the host does not lie between two of them.
const GRAIN: f64 = 10_007.0;

/// Places in a quarter note at which the song is looked up, 30 us at 120 a minute, for the same reason: what is fitted to a beat
/// may be long. A power of two, so that what is a plain share of a beat does not lie between two of them.
const BEAT_GRAIN: f64 = 16_384.0;

/// Places in a second at which a walk over the plane is read, 15 us apart, for the same reason. A power of two, so that no frame
/// of a host lies between two of them: each usual rate has fewer twos in it.
const WALK_GRAIN: f64 = 65_536.0;

/// A pitch that is transposed beyond it is held there: two octaves above the highest that is tracked.
const HIGHEST_HZ: f32 = 4.0 * MAX_HZ;

/// When a hop is.
struct Moment<'a> {
    path: &'a PathControls,
    /// Of the song, or of the note, seconds.
    time_s: Option<f64>,
    /// Length of the hop, seconds.
    hop_s: f64,
}

/// What moves along something: along a path, whose units are hops, or along a walk, whose units are seconds.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    count: HopCount,
    /// Units gone by; `None` before the first hop.
    gone: Option<f64>,
}

impl Clock {
    /// Counts a hop in which it does not count.
    fn skip(&mut self) {
        self.count.skip();
    }

    /// Units gone by at a moment, of something of so many units, each so many seconds long.
    fn next(&mut self, moment: &Moment<'_>, length: f64, unit_s: f64) -> f64 {
        let &Moment { path, time_s, hop_s } = moment;
        let rate = f64::from(path.rate);
        let hops = self.count.next(time_s, hop_s);
        let fitted_beats = path.length_beats.filter(|_| path.clock == PathClock::Song);
        let per_s = match fitted_beats {
            Some(length_beats) => path.beats_per_s / length_beats * length * rate,
            None => rate / unit_s,
        };
        let by_time = match (fitted_beats, path.beats) {
            (Some(length_beats), Some(beats)) => {
                let beats = grained(beats + path.since_s * path.beats_per_s, BEAT_GRAIN);
                Some(beats / length_beats * length * rate)
            }
            _ => time_s.map(|time_s| time_s * per_s),
        };
        let gone = match (self.gone, hops, by_time) {
            // A place of the song is a place of the path, whatever was before.
            (_, _, Some(by_time)) if path.clock == PathClock::Song => by_time,
            // Otherwise a change of the rate bends the way and does not make it leap.
            (Some(before), Some(hops), _) => before + per_s * hop_s * hops,
            (_, _, by_time) => by_time.unwrap_or(0.0),
        };
        self.gone = Some(gone);
        gone
    }
}

/// Where in its paths a model is, for the window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PathPlace {
    /// Share of the path whose time counts, 0 to 1; `None` while none plays.
    pub at: Option<f32>,
    /// The place on the plane.
    pub on_plane: Place,
}

/// One model's place in its paths. Allocates nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PathPlayer {
    along: Clock,
    walking: Clock,
    place: PathPlace,
}

impl PathPlayer {
    /// Back to the stream's start.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Counts a hop that is not played, or in which no path is.
    pub(super) fn skip(&mut self) {
        self.along.skip();
        self.walking.skip();
        self.place.at = None;
    }

    /// Where it was in the last hop.
    pub(super) fn place(&self) -> PathPlace {
        self.place
    }

    /// Whether paths say something in the next hop, which is not counted by this; one that is over does not.
    pub(super) fn is_heard(&self, set: &PathSet, model: &dyn Model, controls: &Controls) -> bool {
        let mut ahead = *self;
        ahead.next(set, model, controls).is_some()
    }

    /// What the paths say in the next hop, the same for each lane; `None` while none is to be heard.
    pub(super) fn next(&mut self, set: &PathSet, model: &dyn Model, controls: &Controls) -> Option<Weave> {
        let path = &controls.path;
        let shape = model.shape();
        self.place = PathPlace { at: None, on_plane: path.place };
        let note_s = path.note.map(|note| note.age_s + path.since_s).filter(|age_s| *age_s >= 0.0);
        let is_heard = path.is_on() && (path.clock != PathClock::Note || note_s.is_some());
        if !is_heard {
            self.skip();
            return None;
        }
        let song_s = controls.song_s.map(|song_s| song_s + path.since_s);
        let time_s = if path.clock == PathClock::Note { note_s } else { song_s };
        let hop_s = shape.hop_frames as f64 / f64::from(shape.sample_rate_hz);
        let moment = Moment { path, time_s, hop_s };
        // A position reaches the very end, also of a path that comes round.
        let at_end = if path.clock == PathClock::Position { AtEnd::Stop } else { path.at_end };
        self.place.on_plane = self.walked(&set.plane().walk, &moment, at_end);
        let there = PathControls { place: self.place.on_plane, ..*path };
        let Some(choice) = Choice::of(set, &there, &|path| plays(model, path)) else {
            self.along.skip();
            return None;
        };
        let Some((hops, path_hop_s)) = choice.time() else {
            self.along.skip();
            return Some(choice.at(0.0, at_end));
        };
        let (length, last) = (hops as f64, (hops - 1) as f64);
        let gone = self.along.next(&moment, length, path_hop_s);
        let place = match path.clock {
            PathClock::Position => f64::from(path.position) * last,
            _ => play::place(grained(gone + f64::from(path.start) * length, GRAIN), hops, at_end)?,
        };
        self.place.at = Some((place / last.max(1.0)).min(1.0) as f32);
        Some(choice.at(place, at_end))
    }

    /// The place on the plane: where the controls are, or where the walk is that was recorded.
    fn walked(&mut self, walk: &[WalkPoint], moment: &Moment<'_>, at_end: AtEnd) -> Place {
        let path = moment.path;
        if !path.walks || path.plane == PlaneWeights::Off || walk.is_empty() {
            self.walking.skip();
            return path.place;
        }
        let length_s = walk::length_s(walk);
        let gone_s = self.walking.next(moment, length_s, 1.0);
        let time_s = match path.clock {
            PathClock::Position => f64::from(path.position) * length_s,
            _ => grained(gone_s, WALK_GRAIN),
        };
        walk::at(walk, time_s, at_end).unwrap_or(path.place)
    }
}

/// Whether a path's latents mean something to a model. Does not allocate in models that play.
pub(super) fn plays(model: &dyn Model, path: &LatentPath) -> bool {
    path.dims == model.shape().dims && model.is_of(&path.model)
}

/// The nearest of so many places in a unit.
fn grained(units: f64, grain: f64) -> f64 {
    (units * grain).round() / grain
}

/// Lets a hop follow what paths say of it.
pub(super) fn follow(hop: &mut Hop, said: &LatentHop, controls: &PathControls, dims: usize) {
    let share = controls.amount;
    let latent = hop.latent.iter_mut().zip(said.latent).take(if controls.has_latent { dims } else { 0 });
    for (value, said) in latent {
        match controls.mode {
            PathMode::Off => {}
            PathMode::Replace => *value = between(*value, said, share),
            PathMode::Add => *value += share * said,
        }
    }
    hop.hushed = match (controls.has_pitch, controls.has_loudness) {
        // With the path's pitch comes what is a noise.
        (true, _) => between(hop.hushed, said.hushed, share),
        // A loudness of its own is played whatever is heard, at the last pitch, as a level that is set by hand.
        (false, true) => between(hop.hushed, 0.0, share),
        (false, false) => hop.hushed,
    };
    if controls.has_loudness {
        // What is heard sets no limit: the path says how loud it is.
        hop.heard_db = between(hop.heard_db, said.loudness_db, share);
        hop.level_db = between(hop.level_db, said.level_db, share);
        hop.loudness_db = between(hop.loudness_db, said.loudness_db, share);
    }
    if controls.has_pitch {
        let heard = LatentHop { f0_hz: hop.f0_hz, voicing: hop.voicing, ..LatentHop::default() };
        let said = LatentHop { f0_hz: said.f0_hz * controls.transposition(), voicing: said.voicing, ..heard };
        let made = LatentHop::between(&heard, &said, share);
        (hop.f0_hz, hop.voicing) = (made.f0_hz.min(HIGHEST_HZ), made.voicing);
    }
}

/// From the first, at 0, to the second, at 1: there to the bit.
fn between(first: f32, second: f32, share: f32) -> f32 {
    if share == 1.0 { second } else { first + share * (second - first) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::{PathNote, Playable};
    use crate::engine::lane::tests::Deaf;
    use crate::latent::path::tests::path;
    use crate::latent::{Chain, Plane};

    const HOP_S: f64 = 512.0 / 44_100.0;

    /// A path of so many hops whose latent counts them, for a model of one dimension.
    fn set(hops: usize) -> PathSet {
        let mut path = LatentPath { dims: 1, ..path(hops) };
        path.model.name.clear();
        for (n, hop) in path.hops.iter_mut().enumerate() {
            (hop.latent, hop.latent[0]) = ([0.0; _], n as f32);
        }
        PathSet::default().with_path(0, "counted", &path, &Chain::default()).unwrap()
    }

    /// The place in a hundred hops, hop by hop.
    fn places(controls: &[Controls]) -> Vec<Option<f32>> {
        let (set, model, mut player) = (set(100), Deaf::new(1024), PathPlayer::default());
        let live = LatentHop::default();
        let mut place = |controls| player.next(&set, &model, controls).map(|weave| weave.of(&live).latent[0]);
        controls.iter().map(&mut place).collect()
    }

    fn on(clock: PathClock) -> PathControls {
        PathControls { mode: PathMode::Replace, clock, ..PathControls::default() }
    }

    /// At a quarter note of a song of 120 a minute, as long as so many of them.
    fn fitted(beats: f64, length_beats: f64) -> PathControls {
        PathControls { beats: Some(beats), length_beats: Some(length_beats), ..on(PathClock::Song) }
    }

    fn at_s(song_s: f64, path: PathControls) -> Controls {
        Controls { song_s: Some(song_s), path, ..Controls::default() }
    }

    #[test]
    fn free_goes_on_hop_by_hop_and_begins_where_the_song_does() {
        let by_itself = Controls { path: on(PathClock::Free), ..Controls::default() };
        assert_eq!(places(&[by_itself; 3]), [0.0, 1.0, 2.0].map(Some));
        let song = [0, 1, 2, 90, 91].map(|hop| at_s(f64::from(hop) * HOP_S, on(PathClock::Free)));
        assert_eq!(places(&song), [0.0, 1.0, 2.0, 90.0, 91.0].map(Some), "a leap is followed");
        let faster = |hop: i32, rate| at_s(f64::from(hop) * HOP_S, PathControls { rate, ..on(PathClock::Free) });
        let bent = [faster(4, 1.0), faster(5, 1.0), faster(6, 2.0), faster(7, 2.0), faster(8, 1.0)];
        assert_eq!(places(&bent), [4.0, 5.0, 7.0, 9.0, 10.0].map(Some), "a change of the rate does not leap");
    }

    #[test]
    fn once_is_over_and_ping_pong_comes_back() {
        let of = |at_end| {
            let hops = [97, 98, 99, 100, 101];
            places(&hops.map(|hop| at_s(f64::from(hop) * HOP_S, PathControls { at_end, ..on(PathClock::Free) })))
        };
        assert_eq!(of(AtEnd::Stop), [Some(97.0), Some(98.0), Some(99.0), None, None]);
        assert_eq!(of(AtEnd::PingPong), [97.0, 98.0, 99.0, 98.0, 97.0].map(Some));
        assert_eq!(of(AtEnd::Loop), [97.0, 98.0, 99.0, 0.0, 1.0].map(Some));
    }

    #[test]
    fn a_path_that_is_fitted_to_two_bars_begins_again_at_every_second_bar_line() {
        // Four quarters at 120 a minute are 2 s, two bars 4.
        let at = |bars: f64| at_s(2.0 * bars, fitted(4.0 * bars, 8.0));
        let song = [0.0, 0.5, 1.0, 1.5, 2.0, 7.0, 8.0, 9.5].map(at);
        assert_eq!(places(&song), [0.0, 25.0, 50.0, 75.0, 0.0, 50.0, 0.0, 75.0].map(Some));
        let start = PathControls { start: 0.25, ..song[1].path };
        assert_eq!(places(&[Controls { path: start, ..song[1] }]), [Some(50.0)]);
        // While the song stands still it goes on as fast.
        let still = Controls { song_s: None, path: PathControls { beats: None, ..song[1].path }, ..song[1] };
        let next = places(&[song[1], still, still])[2].unwrap();
        assert!((next - 25.0 - 2.0 * (HOP_S * 25.0) as f32).abs() < 1e-3, "{next}");
        let late = Controls { path: PathControls { since_s: 1.0, ..song[0].path }, ..song[0] };
        assert_eq!(places(&[late]), [Some(25.0)], "the moment is later than the controls");
    }

    #[test]
    fn a_place_of_the_song_is_one_place_whichever_block_tells_it() {
        // Ten minutes into a song, a quarter note as long as the path; a host that counts beats in 2^31 parts.
        for (bpm, start) in [(120.0, 1203.0), (90.0, 907.25), (93.75, 951.125)] {
            let beats_per_s = bpm / 60.0;
            let told = |frame: f64| ((start + frame / 48_000.0 * beats_per_s) * 2f64.powi(31)).round() / 2f64.powi(31);
            for moment in (0..40_000).step_by(1671) {
                let moment = f64::from(moment);
                let at = |block: f64| {
                    let block = (moment / block).floor() * block;
                    let since_s = (moment - block) / 48_000.0;
                    let path = PathControls { beats_per_s, since_s, ..fitted(told(block), 1.0) };
                    places(&[at_s(0.0, path)])[0].unwrap().to_bits()
                };
                assert_eq!([1.0, 97.0, 512.0, 4096.0].map(at), [at(64.0); 4], "{bpm} a minute, frame {moment}");
            }
        }
    }

    #[test]
    fn a_place_of_the_song_is_one_place_of_a_walk_whichever_block_tells_it() {
        // Ten minutes into a song, where a walk of two seconds begins again at a rate of 1.25, and 10 ms before and after that.
        let path = PathControls { plane: PlaneWeights::Lines, walks: true, rate: 1.25, ..on(PathClock::Song) };
        for seam in 376..388 {
            for moment in [-480.0, 0.0, 480.0].map(|by| f64::from(seam) * 76_800.0 + by) {
                let at = |block: f64| {
                    let block = (moment / block).floor() * block;
                    let since_s = (moment - block) / 48_000.0;
                    xs(&[at_s(block / 48_000.0, PathControls { since_s, ..path })])[0].to_bits()
                };
                assert_eq!([1.0, 97.0, 512.0, 4096.0].map(at), [at(64.0); 4], "frame {moment}");
            }
        }
    }

    /// A plane of two paths of a hundred hops, 0 and 1 to the left and to the right, over which a walk goes and comes back.
    fn walked(controls: &[Controls]) -> Vec<Option<PathPlace>> {
        let flat = |value: f32| {
            let mut path = LatentPath { dims: 1, ..path(100) };
            path.model.name.clear();
            path.hops.iter_mut().for_each(|hop| hop.latent[0] = value);
            path
        };
        let point = |time_s, x| WalkPoint { time_s, place: [x, 0.0] };
        let walk = vec![point(0.0, 0.0), point(1.0, 1.0), point(2.0, 0.5)];
        let set = PathSet::default().with_plane(&Plane { walk, ..Plane::default() });
        let set = set.with_path(0, "left", &flat(0.0), &Chain::default()).unwrap();
        let set = set.with_path(1, "right", &flat(1.0), &Chain::default()).unwrap();
        let (model, mut player) = (Deaf::new(1024), PathPlayer::default());
        let mut place = |controls| {
            let heard = player.next(&set, &model, controls)?.of(&LatentHop::default()).latent[0];
            assert!((heard - player.place().on_plane[0]).abs() < 1e-6, "the place is what is heard");
            Some(player.place())
        };
        controls.iter().map(&mut place).collect()
    }

    fn xs(controls: &[Controls]) -> Vec<f32> {
        walked(controls).into_iter().map(|place| place.unwrap().on_plane[0]).collect()
    }

    #[test]
    fn a_walk_moves_the_place_on_the_plane_by_the_clock_of_the_path() {
        let on = |clock| PathControls { plane: PlaneWeights::Lines, place: [0.125, 0.0], walks: true, ..on(clock) };
        let near = |is: Vec<f32>, wanted: &[f32]| {
            assert!(is.iter().zip(wanted).all(|(is, wanted)| (is - wanted).abs() < 1e-4), "{is:?}, {wanted:?}");
        };
        let times = |path: PathControls| xs(&[0.0, 0.5, 1.5, 2.25, 3.0].map(|song_s| at_s(song_s, path)));
        for clock in [PathClock::Free, PathClock::Song] {
            near(times(on(clock)), &[0.0, 0.5, 0.75, 0.25, 1.0]);
        }
        near(times(PathControls { at_end: AtEnd::PingPong, ..on(PathClock::Song) }), &[0.0, 0.5, 0.75, 0.625, 1.0]);
        near(times(PathControls { rate: 2.0, ..on(PathClock::Song) }), &[0.0, 1.0, 1.0, 0.5, 0.0]);
        assert_eq!(times(PathControls { walks: false, ..on(PathClock::Song) }), [0.125; 5]);
        let still = Controls { path: on(PathClock::Free), ..Controls::default() };
        near(xs(&[still; 3]), &[0.0, HOP_S as f32, 2.0 * HOP_S as f32]);
        let bar =
            |beats| at_s(0.0, PathControls { beats: Some(beats), length_beats: Some(8.0), ..on(PathClock::Song) });
        near(xs(&[0.0, 2.0, 4.0, 6.0, 9.0].map(bar)), &[0.0, 0.5, 1.0, 0.75, 0.25]);
        let at = |position| at_s(0.0, PathControls { position, ..on(PathClock::Position) });
        near(xs(&[0.0, 0.25, 0.75, 1.0].map(at)), &[0.0, 0.5, 0.75, 0.5]);
        let held = |age_s| {
            let note = Some(PathNote { key: 60, age_s, touch: [None; 2] });
            Controls { path: PathControls { note, ..on(PathClock::Note) }, ..Controls::default() }
        };
        near(xs(&[0.0, 0.5, 1.5].map(held)), &[0.0, 0.5, 0.75]);
        let once = PathControls { at_end: AtEnd::Stop, ..on(PathClock::Free) };
        assert_eq!(walked(&[at_s(3.0, once)])[0], None, "the paths are over, wherever the walk is");
    }

    #[test]
    fn the_window_is_told_where_in_the_path_the_sound_is() {
        let (set, model, mut player) = (set(100), Deaf::new(1024), PathPlayer::default());
        let mut at = |controls: Controls| {
            let weave = player.next(&set, &model, &controls);
            assert_eq!(weave.is_some(), player.place().at.is_some());
            player.place().at
        };
        let song = |hop: f64| at_s(hop * HOP_S, PathControls { at_end: AtEnd::Stop, ..on(PathClock::Song) });
        assert_eq!([0.0, 33.0, 99.0, 101.0].map(|hop| at(song(hop))), [Some(0.0), Some(1.0 / 3.0), Some(1.0), None]);
        let position = PathControls { position: 0.75, ..on(PathClock::Position) };
        assert_eq!(at(at_s(0.0, position)), Some(0.75));
        assert_eq!(at(at_s(0.0, PathControls { mode: PathMode::Off, ..position })), None);
        player.skip();
        assert_eq!(player.place().at, None);
    }

    #[test]
    fn a_path_leaves_to_the_input_what_it_does_not_say() {
        let said =
            LatentHop { f0_hz: 300.0, loudness_db: -10.0, voicing: 1.0, latent: [2.0; _], ..LatentHop::default() };
        let heard = Hop { f0_hz: 200.0, loudness_db: -30.0, ..Hop::default() };
        let of = |[has_latent, has_loudness, has_pitch]: [bool; 3]| {
            let mut hop = heard;
            let mode = PathMode::Replace;
            let controls = PathControls { mode, has_latent, has_loudness, has_pitch, ..PathControls::default() };
            follow(&mut hop, &said, &controls, 4);
            (hop.latent[3], hop.loudness_db, hop.f0_hz)
        };
        assert_eq!(of([true, true, true]), (2.0, -10.0, 300.0));
        assert_eq!(of([false, true, true]), (0.0, -10.0, 300.0));
        assert_eq!(of([true, false, false]), (2.0, -30.0, 200.0));
        assert_eq!(of([false, false, true]), (0.0, -30.0, 300.0));
    }

    #[test]
    fn a_position_is_a_share_of_the_path() {
        let at =
            |position| Controls { path: PathControls { position, ..on(PathClock::Position) }, ..Controls::default() };
        assert_eq!(places(&[at(0.0), at(1.0), at(0.5)]), [0.0, 99.0, 49.5].map(Some));
    }

    #[test]
    fn a_note_plays_from_the_start_while_it_is_held() {
        let held = |hops: f64, key| {
            let note = Some(PathNote { key, age_s: hops * HOP_S, touch: [None; 2] });
            Controls { path: PathControls { note, ..on(PathClock::Note) }, ..Controls::default() }
        };
        let none = Controls { path: on(PathClock::Note), ..Controls::default() };
        let played =
            [none, held(0.0, 60), held(1.0, 60), held(2.0, 60), none, held(0.0, 72), held(1.0, 72), held(-0.1, 60)];
        assert_eq!(places(&played), [None, Some(0.0), Some(1.0), Some(2.0), None, Some(0.0), Some(1.0), None]);
        assert_eq!((played[1].path.transposition(), played[5].path.transposition()), (1.0, 2.0));
        let plays_by_itself = |controls: &Controls| controls.plays_by_itself(Playable::ALL);
        assert!(!plays_by_itself(&none) && !plays_by_itself(&played[1]));
        let alone =
            |controls: Controls| Controls { path: PathControls { has_loudness: true, ..controls.path }, ..controls };
        assert!(!plays_by_itself(&alone(none)) && plays_by_itself(&alone(played[1])));
    }
}
