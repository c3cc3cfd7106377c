//! Latent paths and the plane in the effect's window: what it is told of them, and what is done with what it asks for.
//!
//! What a request makes of the set is worked out on a thread, one after the other, since bending ten minutes of path takes longer
//! than a frame; what is drawn is made there, too. Of a gesture only its latest state is worked out.

mod change;
mod steps;
#[cfg(test)]
mod tests;
mod view;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use plugin_ui::Tone;
use plugin_ui::paths::{PathRequest, PathsStatus, PathsView, RecordLength, RecordStart, RecordWish, Recording};
use plugin_ui::session::Notice;

use self::change::{Edit, LoadModel, edit};
use self::view::Viewer;
use super::browser_lists::sentence;
use super::jobs::Jobs;
use super::window_controller::WindowController;
use crate::controls::PlaneWeights;
use crate::engine::{self, Slot, Tape};
use crate::instance::effect_params::EffectParams;
use crate::instance::midi_play::HeardInWindow;
use crate::instance::paths_field::PATHS;
use crate::instance::project_models::ProjectModels;
use crate::latent::{PathSet, plane};
use crate::model::loader;
use crate::model::request::ModelRequest;
use crate::offline::latent_path;
use crate::preset::ExtraValue;
use crate::telemetry::Telemetry;

/// How long a window that closes waits for its last edits.
const FAREWELL: Duration = Duration::from_millis(300);

/// What has come of a piece of work.
enum Report {
    /// An edit, what it was made from, and what it has made.
    Edited(Edit, PathSet, Result<PathSet, String>),
    /// What a set looks like.
    Seen(PathSet, Vec<ModelRequest>, Arc<PathsView>),
    /// Something to be said.
    Told(Notice),
}

impl From<Notice> for Report {
    fn from(notice: Notice) -> Self {
        Self::Told(notice)
    }
}

/// One instance's paths in its window. GUI thread; nothing here waits, but when the window closes.
pub struct PathsDesk {
    params: Arc<EffectParams>,
    telemetry: Arc<Telemetry>,
    project: Arc<ProjectModels>,
    heard: HeardInWindow,
    jobs: Jobs<Report>,
    /// In their order; one is worked on at a time.
    waiting: VecDeque<Edit>,
    viewer: Arc<Mutex<Viewer>>,
    seen: Option<(PathSet, Vec<ModelRequest>)>,
    /// The gesture under way, in the words of undo.
    stroke: Option<String>,
    /// See [`PathsStatus`].
    pub status: PathsStatus,
}

impl PathsDesk {
    /// Of an instance.
    pub fn new(params: Arc<EffectParams>, telemetry: Arc<Telemetry>, project: Arc<ProjectModels>) -> Self {
        Self {
            heard: HeardInWindow::new(&params),
            params,
            telemetry,
            project,
            jobs: Jobs::default(),
            waiting: VecDeque::new(),
            viewer: Arc::default(),
            seen: None,
            stroke: None,
            status: PathsStatus::default(),
        }
    }

    fn set(&self) -> PathSet {
        self.params.own.paths.get()
    }

    /// What is recorded and heard; `None` until the plugin has been activated.
    fn tape(&self) -> Option<Arc<Tape>> {
        self.params.own.paths.player().map(|player| Arc::clone(player.tape()))
    }

    /// Takes in what has come of work, and goes on with what waits. Called for each frame.
    pub fn keep_up(&mut self, controller: &mut WindowController) {
        if let Some(take) = self.tape().and_then(|tape| tape.take()) {
            self.waiting.push_back(Edit::new("Record path", move |set| set.with_take(take.slot, &take.path)));
        }
        for report in self.jobs.reports() {
            self.take(report, controller);
        }
        if self.jobs.rests() {
            self.go_on(controller);
        }
        self.look();
    }

    fn take(&mut self, report: Report, controller: &mut WindowController) {
        match report {
            Report::Told(Notice { tone, text }) => controller.window_session.tell(tone, text),
            Report::Seen(set, wanted, view) => {
                self.status.view = view;
                self.seen = Some((set, wanted));
            }
            // Another project or undo came between: what a gesture was about is gone, all else is done again.
            Report::Edited(edit, base, _) if base != self.set() => {
                if edit.is_done {
                    self.waiting.push_front(edit);
                }
            }
            Report::Edited(edit, _, made) => self.put(&edit, made, controller),
        }
    }

    fn put(&mut self, edit: &Edit, made: Result<PathSet, String>, controller: &mut WindowController) {
        let made = made.unwrap_or_else(|reason| {
            controller.window_session.tell(Tone::Trouble, sentence(&reason));
            self.set()
        });
        // What belongs to no gesture ends the one under way.
        controller.draw(PATHS, &edit.label, &ExtraValue::Paths(made), edit.is_done);
        self.stroke = (!edit.is_done).then(|| edit.label.clone());
    }

    /// Begins the next piece of work, if there is any.
    fn go_on(&mut self, controller: &mut WindowController) {
        let wanted: Vec<ModelRequest> = [Slot::First, Slot::Second].map(|slot| self.project.wanted(slot)).into();
        let set = self.set();
        if let Some(edit) = self.waiting.pop_front() {
            let work = move || {
                let made = (edit.change)(&set);
                Report::Edited(edit, set, made)
            };
            self.queue(work, controller);
        } else if self.seen.as_ref().is_none_or(|(seen, models)| *seen != set || *models != wanted) {
            let viewer = Arc::clone(&self.viewer);
            let work = move || {
                let view = viewer.lock().view(&set, &wanted);
                Report::Seen(set, wanted, view)
            };
            self.queue(work, controller);
        }
    }

    fn queue(&mut self, work: impl FnOnce() -> Report + Send + 'static, controller: &mut WindowController) {
        if let Err(error) = self.jobs.queue("Bending …".into(), work) {
            let text = format!("The system refused a thread ({error}). Close some programs and try again.");
            controller.window_session.tell(Tone::Trouble, text);
        }
    }

    /// What plays and what is recorded now.
    fn look(&mut self) {
        let tape = self.tape();
        let (telemetry, status) = (&self.telemetry, &mut self.status);
        let at = telemetry.path_at.load();
        status.at = (0.0..=1.0).contains(&at).then_some(at);
        status.place = telemetry.plane_place.each_ref().map(|axis| axis.load());
        status.beat_s = telemetry.beat_s.load();
        status.bar_beats = telemetry.bar_beats.load();
        status.recording = tape.map_or(Recording::Off, |tape| shown(tape.recording()));
        let set = self.params.own.paths.get();
        let markers: Vec<plane::Place> = set.plane().markers.iter().map(|marker| marker.place).collect();
        let place = status.place;
        status.weights = match self.params.plane.weights(&self.heard) {
            PlaneWeights::Discs => plane::discs(place).to_vec(),
            PlaneWeights::Terrain if markers.is_empty() => weighed(place, &plane::CORNERS),
            PlaneWeights::Terrain => weighed(place, &markers),
            PlaneWeights::Off | PlaneWeights::Lines => plane::bilinear(place).to_vec(),
        };
    }

    /// Does what is asked for, or queues it.
    pub fn carry_out(&mut self, request: PathRequest, controller: &mut WindowController) {
        match request {
            PathRequest::Export { slot, to } => self.export(slot, to, controller),
            PathRequest::Record(wish) => self.record(&wish, controller),
            PathRequest::StopRecording => self.end_recording(true),
            PathRequest::CancelRecording => self.end_recording(false),
            request => {
                let Some(edit) = edit(request, self.tape().and_then(|tape| tape.snapshot()), &self.load()) else {
                    return;
                };
                // The gesture has gone on: only where it is now counts.
                while self.waiting.back().is_some_and(|last| !last.is_done && last.label == edit.label) {
                    self.waiting.pop_back();
                }
                self.waiting.push_back(edit);
            }
        }
    }

    /// Loads the model that plays, by itself.
    fn load(&self) -> LoadModel {
        let (project, request) = (Arc::clone(&self.project), self.project.wanted(Slot::First));
        let provider = Arc::clone(&self.params.own.provider);
        Arc::new(move || {
            let model = loader::from_catalogue(project.models(), Arc::clone(&provider))(&request);
            let model = model.map_err(|error| error.to_string())?;
            // The loader may have filled in the version.
            Ok((model, project.wanted(Slot::First)))
        })
    }

    fn export(&mut self, slot: usize, to: PathBuf, controller: &mut WindowController) {
        let set = self.set();
        self.queue(move || Report::Told(exported(&set, slot, &to)), controller);
    }

    fn record(&self, wish: &RecordWish, controller: &mut WindowController) {
        match self.params.own.paths.player() {
            Some(engine) => engine.record(asked(wish)),
            None => {
                controller.window_session.tell(Tone::Waiting, "Nothing plays yet: let the host play, and record then.")
            }
        }
    }

    fn end_recording(&self, is_kept: bool) {
        if let Some(engine) = self.params.own.paths.player() {
            engine.end_record(is_kept);
        }
    }

    /// The window closes: a gesture ends as it is, and what is short is done first. What takes longer, a sound that is being
    /// heard, goes on, and is taken in when the window opens again.
    pub fn close(&mut self, controller: &mut WindowController) {
        let began = Instant::now();
        while !(self.jobs.rests() && self.waiting.is_empty()) && began.elapsed() < FAREWELL {
            self.keep_up(controller);
            std::thread::sleep(Duration::from_millis(1));
        }
        // Of a gesture that is over there is nothing to wait for.
        self.waiting.retain(|edit| edit.is_done);
        if let Some(label) = self.stroke.take() {
            controller.draw(PATHS, &label, &ExtraValue::Paths(self.set()), true);
        }
        self.jobs.rest();
    }
}

fn asked(wish: &RecordWish) -> engine::RecordAsk {
    engine::RecordAsk {
        slot: wish.slot,
        start: match wish.start {
            RecordStart::Now => engine::RecordStart::Now,
            RecordStart::Bar => engine::RecordStart::Bar,
            RecordStart::Sound => engine::RecordStart::Sound,
        },
        length: match wish.length {
            RecordLength::Open => engine::RecordLength::Open,
            RecordLength::Seconds(seconds) => engine::RecordLength::Seconds(seconds),
            RecordLength::Bars(bars) => engine::RecordLength::Bars(bars),
        },
        pre_roll_s: wish.pre_roll_s,
    }
}

fn shown(recording: engine::Recording) -> Recording {
    match recording {
        engine::Recording::Off => Recording::Off,
        engine::Recording::Waiting { slot } => Recording::Waiting { slot },
        engine::Recording::Running { slot, hops, wanted_hops, hop_s } => Recording::Running {
            slot,
            elapsed_s: (hops as f64 * hop_s) as f32,
            length_s: wanted_hops.map(|hops| (hops as f64 * hop_s) as f32),
        },
    }
}

fn weighed(place: plane::Place, markers: &[plane::Place]) -> Vec<f32> {
    let mut weights = vec![0.0; markers.len()];
    plane::terrain(place, markers, &mut weights);
    weights
}

fn exported(set: &PathSet, slot: usize, to: &Path) -> Notice {
    let written = set.slot(slot).ok_or_else(|| format!("There is no path in slot {}.", slot + 1)).and_then(|slot| {
        // Whatever the ending, a path file is one of the two.
        let is_known = to.extension().is_some_and(|ending| ["json", "npz"].iter().any(|known| ending == *known));
        let to = if is_known { to.to_owned() } else { to.with_extension("json") };
        latent_path::write(&to, &slot.bent_path()).map(|()| to).map_err(|error| error.to_string())
    });
    match written {
        Ok(to) => Notice { tone: Tone::Good, text: format!("The path is in {}.", to.display()) },
        Err(reason) => Notice { tone: Tone::Trouble, text: sentence(&reason) },
    }
}
