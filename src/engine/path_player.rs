//! Where in its latent paths a stream is, hop by hop, and what they make of what is heard.

use super::hop::Hop;
use super::hop_count::HopCount;
use crate::controls::{AtEnd, Controls, PathClock, PathControls, PathMode};
use crate::dsp::pitch::MAX_HZ;
use crate::latent::choice::{Choice, Weave};
use crate::latent::play;
use crate::latent::{LatentHop, LatentPath, PathSet};
use crate::model::Model;

/// Places in a hop at which a path is read. Times are worked out by way of seconds and beats, which differ in their last
/// digits by where the host's blocks begin: what is the same place is made the same. A prime, so that what lies on a frame
/// of the host does not lie between two of them.
const GRAIN: f64 = 10_007.0;

/// A pitch that is transposed beyond it is held there: two octaves above the highest that is tracked.
const HIGHEST_HZ: f32 = 4.0 * MAX_HZ;

/// One model's place in its paths. Allocates nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PathPlayer {
    count: HopCount,
    /// Hops of the path gone by; `None` before the first.
    elapsed: Option<f64>,
}

impl PathPlayer {
    /// Back to the stream's start.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Counts a hop that is not played, or in which no path is.
    pub(super) fn skip(&mut self) {
        self.count.skip();
    }

    /// What the paths say in the next hop, the same for each lane; `None` while none is to be heard.
    pub(super) fn next(&mut self, set: &PathSet, model: &dyn Model, controls: &Controls) -> Option<Weave> {
        let path = &controls.path;
        let shape = model.shape();
        let choice = if path.is_on() { Choice::of(set, path, &|path| plays(model, path)) } else { None };
        let note_s = path.note.map(|note| note.age_s + path.since_s).filter(|age_s| *age_s >= 0.0);
        let is_heard = path.clock != PathClock::Note || note_s.is_some();
        let Some(choice) = choice.filter(|_| is_heard) else {
            self.skip();
            return None;
        };
        // A position reaches the very end, also of a path that comes round.
        let at_end = if path.clock == PathClock::Position { AtEnd::Stop } else { path.at_end };
        let Some((hops, path_hop_s)) = choice.time() else {
            self.skip();
            return Some(choice.at(0.0, at_end));
        };
        let hop_s = shape.hop_frames as f64 / f64::from(shape.sample_rate_hz);
        let song_s = controls.song_s.map(|song_s| song_s + path.since_s);
        let time_s = if path.clock == PathClock::Note { note_s } else { song_s };
        let elapsed = self.elapsed(path, time_s, hops as f64, path_hop_s, hop_s);
        let place = match path.clock {
            PathClock::Position => Some(f64::from(path.position) * (hops - 1) as f64),
            _ => play::place(grained(elapsed + f64::from(path.start) * hops as f64), hops, at_end),
        };
        place.map(|place| choice.at(place, at_end))
    }

    /// Hops of the path gone by in the hop at this time of the song or of the note.
    fn elapsed(&mut self, path: &PathControls, time_s: Option<f64>, hops: f64, path_hop_s: f64, hop_s: f64) -> f64 {
        let rate = f64::from(path.rate);
        let gone = self.count.next(time_s, hop_s);
        let is_fitted = path.clock == PathClock::Song && path.turns_per_s > 0.0;
        let per_s = if is_fitted { path.turns_per_s * hops * rate } else { rate / path_hop_s };
        let by_time = match path.turns.filter(|_| is_fitted) {
            Some(turns) => Some((turns + path.since_s * path.turns_per_s) * hops * rate),
            None => time_s.map(|time_s| time_s * per_s),
        };
        let elapsed = match (self.elapsed, gone, by_time) {
            // A place of the song is a place of the path, whatever was before.
            (_, _, Some(by_time)) if path.clock == PathClock::Song => by_time,
            // Otherwise a change of the rate bends the way and does not make it leap.
            (Some(before), Some(gone), _) => before + per_s * hop_s * gone,
            (_, _, by_time) => by_time.unwrap_or(0.0),
        };
        self.elapsed = Some(elapsed);
        elapsed
    }
}

/// Whether a path's latents mean something to a model. Does not allocate in models that play.
pub(super) fn plays(model: &dyn Model, path: &LatentPath) -> bool {
    path.dims == model.shape().dims && model.is_of(&path.model)
}

fn grained(hops: f64) -> f64 {
    (hops * GRAIN).round() / GRAIN
}

/// Lets a hop follow what paths say of it.
pub(super) fn follow(hop: &mut Hop, said: &LatentHop, controls: &PathControls, dims: usize) {
    let share = controls.amount;
    for (value, said) in hop.latent.iter_mut().zip(said.latent).take(dims) {
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
    use crate::controls::PathNote;
    use crate::engine::lane::tests::Deaf;
    use crate::latent::Chain;
    use crate::latent::path::tests::path;

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
        let at = |bars: f64| {
            let path = PathControls { turns: Some(bars / 2.0), turns_per_s: 0.25, ..on(PathClock::Song) };
            at_s(2.0 * bars, path)
        };
        let song = [0.0, 0.5, 1.0, 1.5, 2.0, 7.0, 8.0, 8.02].map(at);
        assert_eq!(places(&song), [0.0, 25.0, 50.0, 75.0, 0.0, 50.0, 0.0, 1.0].map(Some));
        let start = PathControls { start: 0.25, ..song[1].path };
        assert_eq!(places(&[Controls { path: start, ..song[1] }]), [Some(50.0)]);
        // While the song stands still it goes on as fast.
        let still = Controls { song_s: None, path: PathControls { turns: None, ..song[1].path }, ..song[1] };
        let next = places(&[song[1], still, still])[2].unwrap();
        assert!((next - 25.0 - 2.0 * (HOP_S * 25.0) as f32).abs() < 1e-3, "{next}");
        let late = Controls { path: PathControls { since_s: 0.4, ..song[0].path }, ..song[0] };
        assert_eq!(places(&[late]), [Some(10.0)], "the moment is later than the controls");
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
            let note = Some(PathNote { key, age_s: hops * HOP_S });
            Controls { path: PathControls { note, ..on(PathClock::Note) }, ..Controls::default() }
        };
        let none = Controls { path: on(PathClock::Note), ..Controls::default() };
        let played =
            [none, held(0.0, 60), held(1.0, 60), held(2.0, 60), none, held(0.0, 72), held(1.0, 72), held(-0.1, 60)];
        assert_eq!(places(&played), [None, Some(0.0), Some(1.0), Some(2.0), None, Some(0.0), Some(1.0), None]);
        assert_eq!((played[1].path.transposition(), played[5].path.transposition()), (1.0, 2.0));
        assert!(!none.plays_by_itself() && !played[1].plays_by_itself());
        let alone =
            |controls: Controls| Controls { path: PathControls { has_loudness: true, ..controls.path }, ..controls };
        assert!(!alone(none).plays_by_itself() && alone(played[1]).plays_by_itself());
    }
}
