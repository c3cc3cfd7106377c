//! Hearing the walk: it is made on a thread, played again and again, and made anew when it has become another one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use plugin_ui::Tone;
use plugin_ui::drums::Walk;
use plugin_ui::session::Notice;

use super::bounce::Source;
use crate::editor::browser_lists::sentence;
use crate::editor::jobs::Jobs;
use crate::editor::window_controller::WindowController;
use crate::instance::drums_window_link::DrumsWindowLink;
use crate::offline::audio_file::Audio;
use crate::offline::drums::{render_walk, walk_s};

/// So much of it is made at least, seconds: it rises out of silence only where all of that begins again.
const LEAST_S: f64 = 10.0;

/// What has come of making a walk.
enum Report {
    /// The wish that it answers, and how it is walked.
    Made(u64, Pace, Result<Audio, String>),
    Broken(Notice),
}

impl From<Notice> for Report {
    fn from(notice: Notice) -> Self {
        Self::Broken(notice)
    }
}

/// A tempo that differs by less is the same: some hosts' trembles.
const AS_FAST: f64 = 0.005;

/// How a walk is walked.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pace {
    /// From its beginning to its end, seconds.
    way_s: f64,
    is_pendulum: bool,
}

impl Pace {
    fn of(walk: &Walk, tempo_bpm: f64) -> Self {
        Self { way_s: walk_s(walk, tempo_bpm), is_pendulum: walk.is_pendulum }
    }

    /// How often it is walked in what is made of it.
    fn rounds(self) -> usize {
        let round_s = if self.is_pendulum { 2.0 * self.way_s } else { self.way_s };
        (LEAST_S / round_s).ceil().max(1.0) as usize
    }

    /// How much of its way is behind after so many seconds, 0 to 1.
    fn share(self, seconds: f64) -> f32 {
        let ways = seconds / self.way_s;
        let is_back = self.is_pendulum && ways.rem_euclid(2.0) >= 1.0;
        let share = ways.rem_euclid(1.0) as f32;
        if is_back { 1.0 - share } else { share }
    }
}

/// What is to be heard, and all that it depends on.
#[derive(Clone, Debug)]
struct Wanted {
    walk: Walk,
    pace: Pace,
    /// See [`DrumsWindowLink::packages`].
    packages: u64,
    /// Hz; an audio thread of another one has nothing to play yet.
    host_rate_hz: f32,
}

impl Wanted {
    fn is_same(&self, other: &Self) -> bool {
        let is_as_fast = (self.pace.way_s / other.pace.way_s - 1.0).abs() < AS_FAST
            && self.pace.is_pendulum == other.pace.is_pendulum;
        is_as_fast
            && self.walk == other.walk
            && self.packages == other.packages
            && self.host_rate_hz == other.host_rate_hz
    }
}

/// What is heard.
struct Playing {
    since: Instant,
    pace: Pace,
    /// Until it begins again.
    whole: Duration,
}

/// One instance's walk in its window. GUI thread; nothing here waits.
pub struct Walking {
    window_link: Arc<DrumsWindowLink>,
    jobs: Jobs<Report>,
    wanted: Option<Wanted>,
    /// Counts wishes: only the newest one is answered.
    wish: u64,
    playing: Option<Playing>,
}

impl Walking {
    /// Of an instance, at rest.
    pub fn new(window_link: Arc<DrumsWindowLink>) -> Self {
        Self { window_link, jobs: Jobs::default(), wanted: None, wish: 0, playing: None }
    }

    /// Plays a walk once it is made.
    pub fn play(&mut self, walk: &Walk, source: Source, tempo_bpm: f64, controller: &mut WindowController) {
        self.wish += 1;
        self.wanted = Some(self.wanting(walk, tempo_bpm));
        let (wish, walk, pace) = (self.wish, walk.clone(), Pace::of(walk, tempo_bpm));
        let work = move || {
            let made = source.mono(|renderer, _| render_walk(renderer, &walk, tempo_bpm, pace.rounds()));
            Report::Made(wish, pace, made)
        };
        if let Err(error) = self.jobs.queue("Walking …".into(), work) {
            let text = format!("The system refused a thread ({error}). Close some programs and try again.");
            controller.window_session.tell(Tone::Trouble, text);
        }
    }

    /// Plays none any more.
    pub fn stop(&mut self) {
        self.wish += 1;
        self.wanted = None;
        if self.playing.take().is_some() {
            self.window_link.walk.stop();
        }
    }

    /// Whether it plays, and not this walk at this tempo, by the package and for the audio thread that are there now. Not while one
    /// is made: a tempo that glides would ask for one with every frame.
    pub fn is_behind(&self, walk: &Walk, tempo_bpm: f64) -> bool {
        self.jobs.rests() && self.wanted.as_ref().is_some_and(|wanted| !wanted.is_same(&self.wanting(walk, tempo_bpm)))
    }

    fn wanting(&self, walk: &Walk, tempo_bpm: f64) -> Wanted {
        Wanted {
            walk: walk.clone(),
            pace: Pace::of(walk, tempo_bpm),
            packages: self.window_link.packages(),
            host_rate_hz: self.window_link.telemetry.host_rate_hz.load(),
        }
    }

    /// Takes in what was made. Called for each frame.
    pub fn keep_up(&mut self, controller: &mut WindowController) {
        for report in self.jobs.reports() {
            match report {
                Report::Made(wish, ..) if wish != self.wish => {}
                Report::Made(_, pace, Ok(Audio { rate_hz, mut channels })) => {
                    let frames = channels.pop().unwrap_or_default();
                    let whole = Duration::from_secs_f64(frames.len() as f64 / f64::from(rate_hz));
                    self.window_link.walk.play(frames);
                    self.playing = Some(Playing { since: Instant::now(), pace, whole });
                }
                Report::Made(_, _, Err(reason)) => {
                    self.stop();
                    controller.window_session.tell(Tone::Trouble, sentence(&reason));
                }
                Report::Broken(Notice { tone, text }) => {
                    self.stop();
                    controller.window_session.tell(tone, text);
                }
            }
        }
    }

    /// How much of the walk has been walked, 0 to 1; `None` while it rests.
    pub fn at(&self) -> Option<f32> {
        let Playing { since, pace, whole } = self.playing.as_ref()?;
        let heard_s = since.elapsed().as_secs_f64() % whole.as_secs_f64().max(f64::MIN_POSITIVE);
        Some(pace.share(heard_s))
    }

    /// The window closes: nobody hears it any more.
    pub fn close(&mut self) {
        self.stop();
        self.jobs.rest();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_is_the_same_at_a_tempo_that_hardly_moves_and_another_one_at_the_next() {
        let at = |way_s| Wanted {
            walk: Walk::default(),
            pace: Pace { way_s, is_pendulum: false },
            packages: 1,
            host_rate_hz: 48_000.0,
        };
        assert!(at(2.0).is_same(&at(2.005)) && !at(2.0).is_same(&at(2.02)));
        assert!(!at(2.0).is_same(&Wanted { packages: 2, ..at(2.0) }));
        assert!(!at(2.0).is_same(&Wanted { host_rate_hz: 44_100.0, ..at(2.0) }));
    }

    #[test]
    fn a_pendulum_is_shown_on_its_way_back() {
        let pace = Pace { way_s: 2.0, is_pendulum: false };
        assert_eq!([0.0, 1.0, 2.5].map(|seconds| pace.share(seconds)), [0.0, 0.5, 0.25]);
        let pendulum = Pace { is_pendulum: true, ..pace };
        assert_eq!([0.5, 2.0, 2.5, 4.5].map(|seconds| pendulum.share(seconds)), [0.25, 1.0, 0.75, 0.25]);
        assert_eq!((pace.rounds(), pendulum.rounds()), (5, 3));
        assert_eq!(Pace { way_s: 120.0, ..pace }.rounds(), 1);
    }
}
