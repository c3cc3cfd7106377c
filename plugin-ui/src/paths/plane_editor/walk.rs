//! Recording a walk over the plane, and leaving out what a straight way between its neighbours tells as well.

use super::markers::ask;
use crate::paths::{PathRequest, Place, WalkPoint};
use crate::{ParamBackend, ParamId, Request, param};

/// The value of Path play at which the song moves along.
const SONG: usize = 1;
/// A walk is at most so long, seconds.
pub const MOST_S: f64 = 120.0;
/// Points that a walk may have.
pub const MOST_POINTS: usize = 4096;
/// Points of a recording are at least so far apart, seconds.
const STEP_S: f64 = 1.0 / 250.0;
/// What is left out is nowhere further than this from what was walked.
const TOLERANCE: f32 = 0.002;
/// The first movement began so long before it was seen, seconds.
const FRAME_S: f64 = 1.0 / 60.0;

/// What a walk that plays does at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalkEnd {
    /// It is at its beginning at once.
    Loops,
    /// It goes back.
    Turns,
    /// It stays.
    Stays,
    /// It comes to none by itself: Path position says where it is.
    ByHand,
}

impl WalkEnd {
    /// What the parameters of paths say, which walks follow.
    pub fn of(params: &dyn ParamBackend) -> Self {
        match (step(param::PATH_PLAY, params), step(param::PATH_END, params)) {
            (2, _) => Self::ByHand,
            (_, 0) => Self::Loops,
            (_, 1) => Self::Turns,
            _ => Self::Stays,
        }
    }

    /// The same behind a length.
    pub fn words(self) -> &'static str {
        ["loops", "back and forth", "once", "by Path position"][self as usize]
    }
}

/// How long a walk of so many seconds takes, and what comes then: the song may give it another length.
pub fn told(length_s: f32, params: &dyn ParamBackend) -> String {
    let end = WalkEnd::of(params).words();
    let length = params.normalised(param::PATH_LENGTH);
    if step(param::PATH_PLAY, params) == SONG && step(param::PATH_LENGTH, params) > 0 {
        return format!("{end} in {}", params.text(param::PATH_LENGTH, length));
    }
    format!("{length_s:.1} s, {end}")
}

/// Which of its values a stepped parameter has.
fn step(id: ParamId, params: &dyn ParamBackend) -> usize {
    let last = params.step_count(id).unwrap_or(1) as f32;
    (params.normalised(id) * last).round() as usize
}

/// Records a walk; see the module.
#[derive(Debug, Default)]
pub enum WalkRecorder {
    /// Nothing is recorded.
    #[default]
    Off,
    /// It waits for the first movement.
    Armed,
    /// It records.
    Running {
        /// When the first movement began.
        from_s: f64,
        /// Whether the pointer began it, which ends it when it is let go.
        is_by_pointer: bool,
        /// So far.
        points: Vec<WalkPoint>,
    },
}

impl WalkRecorder {
    pub fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// What was recorded so far; empty before the first movement.
    pub fn points(&self) -> &[WalkPoint] {
        match self {
            Self::Running { points, .. } => points,
            Self::Off | Self::Armed => &[],
        }
    }

    /// How long it has been recording, seconds; `None` while it does not.
    pub fn elapsed_s(&self) -> Option<f32> {
        self.points().last().map(|point| point.time_s)
    }

    /// Switches it on, or off; what was recorded is kept.
    pub fn toggle(&mut self, requests: &mut Vec<Request>) {
        match self {
            Self::Off => *self = Self::Armed,
            Self::Armed | Self::Running { .. } => self.finish(requests),
        }
    }

    /// Takes where the hand has moved the place to, from where. Nothing happens while it is off.
    pub fn take(&mut self, from: Place, to: Place, is_by_pointer: bool, now_s: f64, requests: &mut Vec<Request>) {
        if matches!(self, Self::Armed) && from != to {
            let points = vec![WalkPoint { time_s: 0.0, place: from }];
            *self = Self::Running { from_s: now_s - FRAME_S, is_by_pointer, points };
        }
        let Self::Running { from_s, points, .. } = self else { return };
        let elapsed_s = (now_s - *from_s).min(MOST_S);
        let last_s = points.last().map_or(0.0, |point| f64::from(point.time_s));
        if elapsed_s - last_s >= STEP_S {
            points.push(WalkPoint { time_s: elapsed_s as f32, place: to });
        }
        if elapsed_s >= MOST_S {
            self.finish(requests);
        }
    }

    /// The pointer was let go: ends what it began.
    pub fn let_go(&mut self, requests: &mut Vec<Request>) {
        if matches!(self, Self::Running { is_by_pointer: true, .. }) {
            self.finish(requests);
        }
    }

    /// Ends it, and asks for what was recorded to be kept.
    fn finish(&mut self, requests: &mut Vec<Request>) {
        if let Self::Running { points, .. } = std::mem::take(self)
            && points.len() > 1
        {
            ask(requests, PathRequest::SetWalk(simplified(&points)));
        }
    }
}

/// The same walk with fewer points: nowhere, at no time, further than a pixel or two from it; first and last stay.
pub fn simplified(points: &[WalkPoint]) -> Vec<WalkPoint> {
    let mut tolerance = TOLERANCE;
    loop {
        let kept = within(points, tolerance);
        if kept.len() <= MOST_POINTS {
            return kept;
        }
        tolerance *= 2.0;
    }
}

/// By Ramer, Douglas and Peucker; as far off as a point is at its time, so that rests stay rests.
fn within(points: &[WalkPoint], tolerance: f32) -> Vec<WalkPoint> {
    let mut is_kept = vec![false; points.len()];
    let Some(last) = points.len().checked_sub(1) else { return Vec::new() };
    (is_kept[0], is_kept[last]) = (true, true);
    let mut parts = vec![(0, last)];
    while let Some((from, to)) = parts.pop() {
        let far = (from + 1..to).map(|n| (n, off(points[n], points[from], points[to])));
        if let Some((n, _)) = far.max_by(|one, two| one.1.total_cmp(&two.1)).filter(|(_, far)| *far > tolerance) {
            is_kept[n] = true;
            parts.extend([(from, n), (n, to)]);
        }
    }
    points.iter().zip(is_kept).filter(|(_, is_kept)| *is_kept).map(|(point, _)| *point).collect()
}

/// How far a point is from where the straight way from one to another would be at its time.
fn off(point: WalkPoint, one: WalkPoint, two: WalkPoint) -> f32 {
    let share = (point.time_s - one.time_s) / (two.time_s - one.time_s).max(1e-6);
    let away = |axis: usize| point.place[axis] - (one.place[axis] + (two.place[axis] - one.place[axis]) * share);
    away(0).hypot(away(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakeParams;

    #[test]
    fn a_walk_ends_as_the_paths_do() {
        let mut params = FakeParams::default();
        let ends = [0.0, 1.0, 2.0].map(|end| {
            params.put_plain(param::PATH_END, end);
            WalkEnd::of(&params).words()
        });
        assert_eq!(ends, ["loops", "back and forth", "once"]);
        params.put_plain(param::PATH_PLAY, 2.0);
        assert_eq!(WalkEnd::of(&params), WalkEnd::ByHand);
    }

    #[test]
    fn a_walk_in_the_song_has_the_songs_length() {
        let mut params = FakeParams::default();
        assert_eq!(told(16.1, &params), "16.1 s, loops");
        params.put_plain(param::PATH_LENGTH, 4.0);
        assert_eq!(told(16.1, &params), "16.1 s, loops", "time moves it");
        params.put_plain(param::PATH_PLAY, 1.0);
        assert_eq!(told(16.1, &params), "loops in 2 Bars");
        params.put_plain(param::PATH_LENGTH, 0.0);
        assert_eq!(told(16.1, &params), "16.1 s, loops");
    }

    fn walked(requests: &[Request]) -> &[WalkPoint] {
        match requests {
            [Request::Path(PathRequest::SetWalk(points))] => points,
            other => panic!("no walk, but {other:?}"),
        }
    }

    #[test]
    fn a_walk_begins_with_the_first_movement_and_ends_with_the_release() {
        let (mut walk, mut requests) = (WalkRecorder::default(), Vec::new());
        walk.take([0.1; 2], [0.2; 2], true, 1.0, &mut requests);
        assert!(!walk.is_on(), "nobody asked for it");
        walk.toggle(&mut requests);
        for frame in 0..60 {
            walk.take([0.1; 2], [0.1; 2], true, 2.0 + f64::from(frame) / 60.0, &mut requests);
        }
        assert_eq!(walk.elapsed_s(), None);
        for frame in 0..=60 {
            let x = 0.1 + 0.01 * frame as f32;
            walk.take([0.1; 2], [x, 0.1], true, 3.0 + f64::from(frame) / 60.0, &mut requests);
        }
        walk.let_go(&mut requests);
        let points = walked(&requests);
        assert_eq!((points[0].time_s, points[0].place), (0.0, [0.1; 2]));
        let last = points[points.len() - 1];
        assert!((last.time_s - 1.0).abs() < 1e-3 && (last.place[0] - 0.7).abs() < 1e-5, "{last:?}");
        assert!(!walk.is_on());
    }

    #[test]
    fn a_second_press_without_a_movement_keeps_the_stored_walk() {
        let (mut walk, mut requests) = (WalkRecorder::default(), Vec::new());
        walk.toggle(&mut requests);
        walk.let_go(&mut requests);
        assert!(walk.is_on(), "a click does not end it");
        walk.toggle(&mut requests);
        assert!(requests.is_empty() && !walk.is_on());
    }

    #[test]
    fn what_keys_walked_ends_with_a_second_press() {
        let (mut walk, mut requests) = (WalkRecorder::default(), Vec::new());
        walk.toggle(&mut requests);
        walk.take([0.5; 2], [0.51, 0.5], false, 1.0, &mut requests);
        walk.take([0.51, 0.5], [0.51, 0.5], false, 2.0, &mut requests);
        walk.let_go(&mut requests);
        assert!(requests.is_empty());
        walk.toggle(&mut requests);
        assert_eq!(walked(&requests).len(), 3, "the rest is part of it");
    }

    #[test]
    fn a_long_walk_ends_by_itself() {
        let (mut walk, mut requests) = (WalkRecorder::default(), Vec::new());
        walk.toggle(&mut requests);
        for frame in 0..200 * 60 {
            let at = frame as f32 * 0.01;
            walk.take([0.0; 2], [at.sin().abs(), at.cos().abs()], true, f64::from(frame) / 60.0, &mut requests);
        }
        let points = walked(&requests);
        assert!(points.len() <= MOST_POINTS && (points[points.len() - 1].time_s - 120.0).abs() < 1e-3);
    }

    #[test]
    fn a_straight_way_needs_two_points_and_a_rest_stays_a_rest() {
        let point = |time_s: f32, x: f32| WalkPoint { time_s, place: [x, 0.5] };
        let straight: Vec<WalkPoint> = (0..100).map(|n| point(n as f32 * 0.1, n as f32 * 0.01)).collect();
        assert_eq!(simplified(&straight), [straight[0], straight[99]]);
        let rest = [point(0.0, 0.0), point(1.0, 0.4), point(2.0, 0.4), point(3.0, 0.4), point(4.0, 0.8)];
        assert_eq!(simplified(&rest), [rest[0], rest[1], rest[3], rest[4]]);
        assert_eq!(simplified(&[]), []);
    }

    #[test]
    fn what_is_left_out_is_near_what_is_left_and_never_more_than_fits() {
        let circle = |n: usize| {
            let at = n as f32 * 0.02;
            WalkPoint { time_s: n as f32 / 60.0, place: [0.5 + 0.4 * at.cos(), 0.5 + 0.4 * at.sin()] }
        };
        let points: Vec<WalkPoint> = (0..3000).map(circle).collect();
        let kept = simplified(&points);
        assert!(kept.len() < 500, "{}", kept.len());
        for point in &points {
            let after = kept.partition_point(|kept| kept.time_s < point.time_s).clamp(1, kept.len() - 1);
            assert!(off(*point, kept[after - 1], kept[after]) <= TOLERANCE + 1e-4);
        }
        let wild = |n: usize| WalkPoint { time_s: n as f32 / 250.0, place: [(n * 7919 % 101) as f32 / 100.0, 0.5] };
        assert!(simplified(&(0..30_000).map(wild).collect::<Vec<_>>()).len() <= MOST_POINTS);
    }
}
