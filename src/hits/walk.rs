//! Free synthesis: a walk through the space of grains, with a grain for each hop of it.
//!
//! The window and the program walk alike: from the beginning of a course to its end, again as often as is asked for, and with a
//! pendulum back the same way each time, in as long again.

use super::hear::alone;
use super::renderer::{PEAK, SILENT};
use crate::drums::chance::seed;
use crate::dsp::noise::Noise;
use crate::grains::bands::BANDS;
use crate::grains::schedule::{LAST_HOP, RATE_HZ};
use crate::grains::slots::SLOTS;
use crate::grains::walk::{Grain, WalkSynth};
use crate::model::grains::{Cloud, GrainModel, GrainRows};
use crate::model::graph::SessionError;

/// How old the grains are said to be, frames since an onset: those of hits are as long as those of a walk by then.
const AGE_FRAMES: usize = 4096;

/// Grains that are decoded at once.
const GRAINS_AT_ONCE: usize = 256;

/// Grains until the last one has rung out, and what is played of them, dB.
const RINGING: usize = 3;
const SILENT_DB: f32 = -110.0;

/// Fade where a walk is cut off, frames.
const FADE_FRAMES: usize = 2 * LAST_HOP;

/// Points of a round.
const ROUND: usize = 64;

/// What the seeds of a walk are for.
const LINES: u64 = 1;
const JITTER: u64 = 2;
const NOISE: u64 = 3;

/// The plane on which the space of grains is seen.
#[derive(Clone, Copy)]
pub struct GrainPlane<'a>(pub &'a Cloud);

impl GrainPlane<'_> {
    /// The grain at a place of the plane.
    pub fn grain_at(self, [x, y]: [f32; 2]) -> Vec<f32> {
        let Cloud { middle, axes: [across, up], .. } = self.0;
        middle.iter().zip(across).zip(up).map(|((middle, across), up)| middle + x * across + y * up).collect()
    }

    /// The place of the plane that is nearest to a grain, whichever angle the axes have.
    pub fn place_of(self, z: &[f32]) -> [f32; 2] {
        let Cloud { middle, axes: [across, up], .. } = self.0;
        let from: Vec<f32> = z.iter().zip(middle).map(|(z, middle)| z - middle).collect();
        let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let (xx, yy, xy) = (product(across, across), product(up, up), product(across, up));
        let (x, y) = (product(&from, across), product(&from, up));
        let area = xx * yy - xy * xy;
        if area > 0.0 { [(x * yy - y * xy) / area, (y * xx - x * xy) / area] } else { [0.0; 2] }
    }

    /// The places of the training sound's grains.
    pub fn places(self) -> Vec<[f32; 2]> {
        self.0.grains.chunks_exact(self.0.middle.len()).map(|z| self.place_of(z)).collect()
    }
}

/// The way of a walk: straight lines from place to place.
#[derive(Clone, Debug, PartialEq)]
pub enum Course {
    /// On the plane.
    Plane(Vec<[f32; 2]>),
    /// Anywhere in the space of grains, `[place][latent]`.
    Space(Vec<Vec<f32>>),
}

impl Course {
    /// Around a centre, from the right of it against the clock, as far from it as `reach` says of each share of the way, 0 to 1;
    /// below 0 turns with the clock.
    pub fn round(centre: [f32; 2], turns: f32, reach: impl Fn(f32) -> f32) -> Self {
        let count = ((turns.abs() * ROUND as f32).ceil() as usize).max(1);
        let place = |n: usize| {
            let share = n as f32 / count as f32;
            let (sin, cos) = (share * turns * std::f32::consts::TAU).sin_cos();
            [centre[0] + reach(share) * cos, centre[1] + reach(share) * sin]
        };
        Self::Plane((0..=count).map(place).collect())
    }

    /// So many lines through all of the space, from one grain of the training sound to another: those of a class, or of all where it
    /// has less than two.
    pub fn random(cloud: &Cloud, class: usize, lines: usize, take: u64) -> Self {
        let count = cloud.classes.len();
        let own: Vec<usize> = (0..count).filter(|&grain| cloud.classes[grain] == class).collect();
        let all = if own.len() < 2 { (0..count).collect() } else { own };
        let (mut noise, latent) = (Noise::new(seed([LINES, take])), cloud.middle.len());
        let mut grain = || {
            let drawn = all[((noise.uniform() * all.len() as f32) as usize).min(all.len() - 1)];
            cloud.grains[drawn * latent..(drawn + 1) * latent].to_vec()
        };
        Self::Space((0..=lines).map(|_| grain()).collect())
    }

    fn points(&self) -> Vec<&[f32]> {
        match self {
            Self::Plane(points) => points.iter().map(|point| &point[..]).collect(),
            Self::Space(points) => points.iter().map(Vec::as_slice).collect(),
        }
    }

    /// How long it is.
    pub fn length(&self) -> f32 {
        self.points().windows(2).map(|pair| distance(pair[0], pair[1])).sum()
    }

    /// The grain at a place of it.
    fn grain(&self, plane: GrainPlane<'_>, place: Vec<f32>) -> Vec<f32> {
        match self {
            Self::Plane(_) => plane.grain_at([place[0], place[1]]),
            Self::Space(_) => place,
        }
    }
}

fn distance(from: &[f32], to: &[f32]) -> f32 {
    from.iter().zip(to).map(|(from, to)| (to - from) * (to - from)).sum::<f32>().sqrt()
}

/// Where so much of a way has been walked.
fn along(points: &[&[f32]], walked: f32) -> Vec<f32> {
    let mut left = walked;
    for pair in points.windows(2) {
        let length = distance(pair[0], pair[1]);
        if left < length {
            let part = left / length;
            return pair[0].iter().zip(pair[1]).map(|(from, to)| from + (to - from) * part).collect();
        }
        left -= length;
    }
    points.last().map(|last| last.to_vec()).unwrap_or_default()
}

/// What is walked, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct WalkAsk {
    /// The way, of one place or more.
    pub course: Course,
    /// The class whose grains are heard; of one that the model has not, its last one.
    pub class: usize,
    /// Of a model that is asked for a pitch: semitones from the middle of its range.
    pub pitch_st: f32,
    /// How long it takes from its beginning to its end, seconds.
    pub length_s: f64,
    /// How far apart on the way its grains are: it stays at each until the next; 0 glides.
    pub step: f32,
    /// How far each grain strays from the way, standard deviations along each axis.
    pub jitter: f32,
    /// Of all that is drawn.
    pub take: u64,
    /// From its end it goes back the same way, in as long again.
    pub is_pendulum: bool,
    /// How often all of that is walked.
    pub rounds: usize,
}

impl WalkAsk {
    /// How long all of it takes, seconds: the way, also back and again.
    pub fn whole_s(&self) -> f64 {
        let ways = if self.is_pendulum { 2 * self.rounds } else { self.rounds };
        ways as f64 * self.length_s
    }

    /// The grains that are heard, in their order.
    fn grains(&self, cloud: &Cloud) -> Vec<Vec<f32>> {
        let (points, length) = (self.course.points(), self.course.length());
        let mut noise = Noise::new(seed([JITTER, self.take]));
        let grain = |n: usize| {
            let seconds = (n * LAST_HOP) as f64 / RATE_HZ;
            let mut place = along(&points, self.stop(self.share(seconds) * length));
            place.iter_mut().for_each(|axis| *axis += self.jitter * noise.normal());
            self.course.grain(GrainPlane(cloud), place)
        };
        (0..frames_of(self.whole_s()).div_ceil(LAST_HOP)).map(grain).collect()
    }

    /// Where on the way the grain lies that is heard when so much is behind: the last one that was passed.
    fn stop(&self, walked: f32) -> f32 {
        if self.step > 0.0 { (walked / self.step).floor() * self.step } else { walked }
    }

    /// How much of its way is behind after so many seconds, 0 to 1.
    fn share(&self, seconds: f64) -> f32 {
        let ways = seconds / self.length_s;
        let share = ways.fract() as f32;
        if self.is_pendulum && ways % 2.0 >= 1.0 { 1.0 - share } else { share }
    }
}

/// So many seconds, frames at [`RATE_HZ`].
fn frames_of(seconds: f64) -> usize {
    (seconds * RATE_HZ).round() as usize
}

/// A walk that was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Walked {
    /// Mono, at [`RATE_HZ`]; none where the walk is silent.
    pub frames: Vec<f32>,
    /// Where its grains are on the plane.
    pub places: Vec<[f32; 2]>,
}

impl Walked {
    /// Ends it after so many seconds, faded out, in place of its ringing.
    pub fn cut(&mut self, seconds: f64) {
        self.frames.truncate(frames_of(seconds));
        let count = self.frames.len();
        for (n, sample) in self.frames.iter_mut().enumerate() {
            *sample *= ((count - n) as f32 / FADE_FRAMES as f32).min(1.0);
        }
    }
}

/// Makes a walk's sound, as loud as a hit. It rises out of silence over two hops, and rings out after its last grain. Blocks for
/// some milliseconds a second, allocates.
///
/// # Errors
/// When the model fails.
pub fn walk(model: &mut GrainModel, ask: &WalkAsk) -> Result<Walked, SessionError> {
    let tables = model.tables().clone();
    let grains = ask.grains(&tables.cloud);
    let f0_hz = model.package().pitch_hz(ask.pitch_st);
    let slots = model.package().slots(f0_hz);
    let classes = model.classes().len();
    let class = alone(ask.class.min(classes - 1), classes);
    let (mut synth, mut rows, mut frames) = (WalkSynth::new(seed([NOISE, ask.take])), GrainRows::default(), Vec::new());
    let mut add = |grain: Grain<'_>| {
        let mut hop = [0.0; LAST_HOP];
        synth.next(grain, slots, &mut hop);
        frames.extend(hop);
    };
    for part in grains.chunks(GRAINS_AT_ONCE) {
        model.decode(&part.concat(), &class, f0_hz, &vec![AGE_FRAMES; part.len()], &mut rows)?;
        let partials = rows.level_db.chunks_exact(SLOTS).zip(rows.place.chunks_exact(SLOTS));
        for (density_db, (level_db, place)) in rows.density_db.chunks_exact(BANDS).zip(partials) {
            add(Grain { density_db, level_db, place });
        }
    }
    for _ in 0..RINGING {
        add(Grain { density_db: &[SILENT_DB; BANDS], level_db: &[SILENT_DB; SLOTS], place: &[0.0; SLOTS] });
    }
    lift(&mut frames);
    Ok(Walked { frames, places: grains.iter().map(|z| GrainPlane(&tables.cloud).place_of(z)).collect() })
}

/// What is no number is silence, and the rest is at the peak of hits; nothing where it is silent.
fn lift(frames: &mut Vec<f32>) {
    frames.iter_mut().filter(|sample| !sample.is_finite()).for_each(|sample| *sample = 0.0);
    let peak = frames.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    if peak <= SILENT {
        return frames.clear();
    }
    frames.iter_mut().for_each(|sample| *sample *= PEAK / peak);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hits::tests::tick;

    fn ask(course: Course) -> WalkAsk {
        let (step, jitter, take, is_pendulum, rounds) = (0.0, 0.0, 1, false, 1);
        WalkAsk { course, class: 0, pitch_st: 0.0, length_s: 0.5, step, jitter, take, is_pendulum, rounds }
    }

    fn line() -> Course {
        Course::Plane(vec![[-1.0, 0.5], [1.0, -0.5]])
    }

    fn places(ask: &WalkAsk) -> Vec<[f32; 2]> {
        let tables = tick().tables().clone();
        let plane = GrainPlane(&tables.cloud);
        ask.grains(&tables.cloud).iter().map(|z| plane.place_of(z)).collect()
    }

    fn are_near(one: [f32; 2], two: [f32; 2]) -> bool {
        (one[0] - two[0]).hypot(one[1] - two[1]) < 1e-3
    }

    #[test]
    fn a_place_of_the_plane_comes_back_from_its_grain_whichever_angle_the_axes_have() {
        let cloud = Cloud {
            middle: vec![1.0, 2.0, 3.0],
            axes: [vec![2.0, 0.0, 0.0], vec![1.0, 0.5, 0.0]],
            grains: vec![0.0; 3],
            classes: vec![0],
        };
        let plane = GrainPlane(&cloud);
        assert_eq!(plane.grain_at([1.0, 2.0]), [5.0, 3.0, 3.0]);
        assert!(are_near(plane.place_of(&[5.0, 3.0, 9.0]), [1.0, 2.0]));
        let flat = Cloud { axes: [vec![0.0; 3], vec![0.0; 3]], ..cloud };
        assert_eq!(GrainPlane(&flat).place_of(&[1.0; 3]), [0.0; 2]);
    }

    /// As near as the way is walked within a hop.
    fn are_a_hop_apart(one: [f32; 2], two: [f32; 2]) -> bool {
        (one[0] - two[0]).hypot(one[1] - two[1]) < 0.1
    }

    #[test]
    fn a_walk_goes_from_its_beginning_to_its_end() {
        let there = places(&ask(line()));
        assert_eq!(there.len(), 44);
        assert!(are_near(there[0], [-1.0, 0.5]) && are_a_hop_apart(there[43], [1.0, -0.5]));
        assert!(places(&ask(Course::Plane(vec![[0.3, 0.2]]))).iter().all(|place| are_near(*place, [0.3, 0.2])));
        let round = Course::round([0.5, 0.0], -2.0, |_| 0.25);
        assert!((round.length() - 2.0 * std::f32::consts::TAU * 0.25).abs() < 0.01);
        let spiral = places(&ask(Course::round([0.0; 2], 1.5, |share| share)));
        assert!(are_near(spiral[0], [0.0, 0.0]) && are_a_hop_apart(spiral[43], [-1.0, 0.0]));
    }

    #[test]
    fn a_pendulum_goes_back_the_same_way_in_as_long_again_and_rounds_begin_anew() {
        let pendulum = WalkAsk { is_pendulum: true, ..ask(line()) };
        let twice = WalkAsk { rounds: 2, ..ask(line()) };
        assert_eq!([&ask(line()), &pendulum, &twice].map(WalkAsk::whole_s), [0.5, 1.0, 1.0]);
        let shares = |ask: &WalkAsk| [0.0, 0.25, 0.5, 0.75].map(|seconds| ask.share(seconds));
        assert_eq!((shares(&twice), shares(&pendulum)), ([0.0, 0.5, 0.0, 0.5], [0.0, 0.5, 1.0, 0.5]));
        assert_eq!(WalkAsk { rounds: 2, ..pendulum.clone() }.share(1.25), 0.5);
        let (there, back) = (places(&ask(line())), places(&pendulum));
        assert!(back.len() == 87 && back[..43] == there[..43]);
        assert!((1..43).all(|n| are_a_hop_apart(back[86 - n], back[n])));
    }

    #[test]
    fn steps_stay_where_they_are_and_jitter_strays() {
        let mut stops = places(&WalkAsk { step: 0.5, ..ask(line()) });
        stops.dedup_by(|one, two| are_near(*one, *two));
        assert_eq!(stops.len(), 5, "{stops:?}");
        let stepping = WalkAsk { step: 0.5, ..ask(line()) };
        let heard = [0.0, 0.25, 0.5, 0.75, 1.25, 2.0].map(|walked| stepping.stop(walked));
        assert_eq!(heard, [0.0, 0.0, 0.5, 0.5, 1.0, 2.0], "each is heard until the next is reached");
        let jittered = |take| places(&WalkAsk { jitter: 0.1, take, ..ask(line()) });
        assert_eq!(jittered(1), jittered(1));
        assert_ne!(jittered(1), jittered(2));
        assert_ne!(jittered(1), places(&ask(line())));
    }

    #[test]
    fn lines_through_the_space_begin_at_grains_of_the_class() {
        let tables = tick().tables().clone();
        let Course::Space(points) = Course::random(&tables.cloud, 1, 3, 7) else { panic!("it is in the space") };
        let is_of_class = |point: &Vec<f32>| {
            let grains = tables.cloud.grains.chunks_exact(3).zip(&tables.cloud.classes);
            grains.filter(|(_, class)| **class == 1).any(|(grain, _)| grain == point)
        };
        assert!(points.len() == 4 && points.iter().all(is_of_class), "{points:?}");
        assert_eq!(Course::random(&tables.cloud, 1, 3, 7), Course::Space(points));
    }

    #[test]
    fn a_walk_rings_out_and_is_the_same_of_a_take() {
        let mut model = tick();
        let mut made = |take| walk(&mut model, &WalkAsk { take, ..ask(line()) }).unwrap();
        let walked = made(1);
        assert_eq!((walked.frames.len(), walked.places.len()), ((44 + RINGING) * LAST_HOP, 44));
        let peak = walked.frames.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        assert!((peak - PEAK).abs() < 1e-3, "{peak}");
        let last = walked.frames.last().copied().unwrap();
        assert!(walked.frames[0].abs() < 0.05 && last.abs() < 1e-3, "{last}");
        assert_eq!(made(1), walked);
        assert_ne!(made(2).frames, walked.frames);
    }

    #[test]
    fn a_walk_that_is_cut_sounds_as_long_as_it_was_asked_for() {
        let whole = walk(&mut tick(), &ask(line())).unwrap();
        let mut cut = whole.clone();
        cut.cut(ask(line()).whole_s());
        assert_eq!((cut.frames.len(), &cut.places), (22_050, &whole.places));
        let faded = 22_050 - FADE_FRAMES;
        assert!(cut.frames[..faded] == whole.frames[..faded] && cut.frames[22_049].abs() < 0.05);
    }

    #[test]
    fn a_class_that_the_model_has_not_is_its_last_one() {
        let made = |class| walk(&mut tick(), &WalkAsk { class, ..ask(line()) }).unwrap();
        assert!(made(99) == made(1) && made(1) != made(0));
    }

    #[test]
    fn a_walk_is_as_loud_as_a_hit() {
        let mut sound = vec![0.1, f32::NAN, -0.2];
        lift(&mut sound);
        assert_eq!(sound, [0.4, 0.0, -0.8]);
        let mut silent = vec![0.0; 4];
        lift(&mut silent);
        assert!(silent.is_empty());
    }
}
