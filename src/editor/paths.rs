//! Latent paths and the plane in the effect's window: what it is told of them, and what is done with what it asks for.
//!
//! What a request makes of the set is worked out on a thread, one after the other, since bending ten minutes of path takes longer
//! than a frame; what is drawn is made there, too. Of a gesture only its latest state is worked out. A sound is heard on a thread of
//! its own: nothing else waits for it.

mod change;
mod import;
mod steps;
#[cfg(test)]
mod tests;
mod view;

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use plugin_ui::Tone;
use plugin_ui::paths::{
    PathRequest, PathsStatus, PathsView, Place, PlaneView, RecordLength, RecordStart, RecordWish, Recording, SourceView,
};
use plugin_ui::session::Notice;

use self::change::{Edit, LoadModel, edit};
use self::import::Import;
use self::view::Viewer;
use super::browser_lists::sentence;
use super::jobs::Jobs;
use super::window_controller::WindowController;
use crate::controls::PlaneWeights;
use crate::engine::{self, Slot, Take, Tape};
use crate::instance::effect_params::EffectParams;
use crate::instance::midi_play::HeardInWindow;
use crate::instance::paths_field::PATHS;
use crate::instance::project_models::ProjectModels;
use crate::latent::{LatentPath, PathSet, plane};
use crate::model::loader;
use crate::model::request::ModelRequest;
use crate::offline::latent_path;
use crate::preset::ExtraValue;
use crate::telemetry::Telemetry;

/// How long undo, or a window that closes, waits for the edits before it.
const PATIENCE: Duration = Duration::from_millis(300);

/// What has come of a piece of work.
enum Report {
    /// An edit, what it was made from, and what it has made.
    Edited(Asked, PathSet, Result<PathSet, String>),
    /// What a set looks like.
    Seen(PathSet, Vec<ModelRequest>, Arc<PathsView>),
    /// Something to be said.
    Told(Notice),
    /// The work broke.
    Broken(Notice),
}

impl From<Notice> for Report {
    fn from(notice: Notice) -> Self {
        Self::Broken(notice)
    }
}

/// What has come of listening to a file.
enum Heard {
    Path(Import, u32, Result<LatentPath, String>),
    Broken(Notice),
}

impl From<Notice> for Heard {
    fn from(notice: Notice) -> Self {
        Self::Broken(notice)
    }
}

/// An edit, and what it is asked for by.
struct Asked {
    edit: Edit,
    /// Of which project it is; see [`MidiMap::projects`](crate::instance::midi_map::MidiMap::projects).
    project: u32,
    /// The take that it keeps, which stays on the tape until it is drawn.
    take: Option<Take>,
}

/// One instance's paths in its window. GUI thread; nothing here waits, but when the window closes.
pub struct PathsDesk {
    params: Arc<EffectParams>,
    telemetry: Arc<Telemetry>,
    project: Arc<ProjectModels>,
    heard: HeardInWindow,
    jobs: Jobs<Report>,
    imports: Jobs<Heard>,
    /// Tells an import to end: nobody waits for it any more.
    is_over: Arc<AtomicBool>,
    /// In their order; one is worked on at a time.
    waiting: VecDeque<Asked>,
    /// The take that is being kept, or that found no room in this set.
    taken: Option<(Take, PathSet)>,
    viewer: Arc<Mutex<Viewer>>,
    seen: Option<(PathSet, Vec<ModelRequest>)>,
    /// The gesture under way, in the words of undo.
    stroke: Option<String>,
    /// Whether nobody waits any more for the edit that is being worked on.
    is_given_up: bool,
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
            imports: Jobs::default(),
            is_over: Arc::default(),
            waiting: VecDeque::new(),
            taken: None,
            viewer: Arc::default(),
            seen: None,
            stroke: None,
            is_given_up: false,
            status: PathsStatus::default(),
        }
    }

    fn set(&self) -> PathSet {
        self.params.own.paths.get()
    }

    /// How many projects the instance has been given.
    fn projects(&self) -> u32 {
        self.params.kept.midi_map.projects()
    }

    /// What is recorded and heard; `None` until the plugin has been activated.
    fn tape(&self) -> Option<Arc<Tape>> {
        self.params.own.paths.player().map(|player| Arc::clone(player.tape()))
    }

    /// Takes in what has come of work, and goes on with what waits. Called for each frame.
    pub fn keep_up(&mut self, controller: &mut WindowController) {
        self.ask_for_take();
        for report in self.jobs.reports() {
            self.take(report, controller);
        }
        for heard in self.imports.reports() {
            match heard {
                Heard::Broken(Notice { tone, text }) => controller.window_session.tell(tone, text),
                Heard::Path(_, project, _) if project != self.projects() => {}
                Heard::Path(_, _, Err(reason)) => controller.window_session.tell(Tone::Trouble, sentence(&reason)),
                Heard::Path(import, _, Ok(path)) => self.ask(import.edit(path), None),
            }
        }
        if self.jobs.rests() {
            self.go_on(controller);
        }
        self.look();
    }

    /// Has a new take kept. One that found no room is tried again once there may be some.
    fn ask_for_take(&mut self) {
        let Some(take) = self.tape().and_then(|tape| tape.peek()) else { return };
        let set = self.set();
        let is_known = self.taken.as_ref().is_some_and(|(known, refused_in)| *known == take && *refused_in == set);
        let is_waiting = self.waiting.iter().any(|asked| asked.take.as_ref() == Some(&take));
        if is_known || is_waiting || !self.jobs.rests() {
            return;
        }
        let kept = take.clone();
        let edit = Edit::kept("Record path", move |set| set.with_take(kept.slot, &kept.path));
        self.ask(edit, Some(take));
    }

    fn ask(&mut self, edit: Edit, take: Option<Take>) {
        self.waiting.push_back(Asked { edit, project: self.projects(), take });
    }

    fn take(&mut self, report: Report, controller: &mut WindowController) {
        match report {
            Report::Told(Notice { tone, text }) => controller.window_session.tell(tone, text),
            Report::Broken(Notice { tone, text }) => {
                controller.window_session.tell(tone, text);
                self.end_stroke(controller);
                // What breaks once breaks again: it is not tried in every frame.
                self.seen = Some((self.set(), self.models()));
                self.taken = self.tape().and_then(|tape| tape.peek()).map(|take| (take, self.set()));
            }
            Report::Seen(set, wanted, view) => {
                self.status.view = view;
                self.seen = Some((set, wanted));
                self.is_given_up = false;
            }
            // What was asked for in another project says nothing of this one.
            Report::Edited(asked, ..) if asked.project != self.projects() => self.stroke = None,
            Report::Edited(asked, ..) if std::mem::take(&mut self.is_given_up) && !asked.edit.is_kept => {}
            // Something else came between: what the edit was about may be gone.
            Report::Edited(asked, base, _) if base != self.set() => {
                if asked.edit.is_kept {
                    self.waiting.push_front(asked);
                } else if asked.edit.is_done {
                    let text = "The paths have become others meanwhile, and the last edit was left. Do it again.";
                    controller.window_session.tell(Tone::Waiting, text);
                }
            }
            Report::Edited(asked, _, made) => self.put(asked, made, controller),
        }
    }

    fn put(
        &mut self,
        Asked { edit, take, .. }: Asked,
        made: Result<PathSet, String>,
        controller: &mut WindowController,
    ) {
        let is_made = made.is_ok();
        let made = made.unwrap_or_else(|reason| {
            controller.window_session.tell(Tone::Trouble, sentence(&reason));
            self.set()
        });
        // What belongs to no gesture ends the one under way.
        if !controller.draw(PATHS, &edit.label, &ExtraValue::Paths(made), edit.is_done) {
            return;
        }
        self.stroke = (!edit.is_done).then_some(edit.label);
        let set = self.set();
        match (take, self.tape()) {
            // Where there is room and it cannot be kept, it never can.
            (Some(take), Some(tape)) if is_made || set.free_slot().is_some() => tape.drop_first(&take),
            (Some(take), _) => self.taken = Some((take, set)),
            _ => {}
        }
    }

    /// A gesture that is under way ends as it is.
    fn end_stroke(&mut self, controller: &mut WindowController) {
        if let Some(label) = self.stroke.take() {
            controller.draw(PATHS, &label, &ExtraValue::Paths(self.set()), true);
        }
    }

    /// The models that play, or shall: what listens says which one it is, in its version.
    fn models(&self) -> Vec<ModelRequest> {
        let listens = self.tape().and_then(|tape| tape.listener()).map(|(request, _)| request);
        vec![listens.unwrap_or_else(|| self.project.wanted(Slot::First)), self.project.wanted(Slot::Second)]
    }

    /// Begins the next piece of work, if there is any.
    fn go_on(&mut self, controller: &mut WindowController) {
        let (set, wanted) = (self.set(), self.models());
        let is_seen = self.seen.as_ref().is_some_and(|(seen, models)| *seen == set && *models == wanted);
        if let Some(asked) = self.waiting.pop_front() {
            let work = move || {
                let made = (asked.edit.change)(&set);
                Report::Edited(asked, set, made)
            };
            self.queue(work, controller);
        } else if is_seen {
            // The same, and from here on shared with it, so that it is quickly seen to be the same.
            self.seen = Some((set, wanted));
        } else {
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
            refused_thread(&error, controller);
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
        status.weights = weights(&status.view, status.place, self.params.plane.weights(&self.heard));
    }

    /// Does what is asked for, or queues it.
    pub fn carry_out(&mut self, request: PathRequest, controller: &mut WindowController) {
        match request {
            PathRequest::Export { slot, to } => self.export(slot, to, controller),
            PathRequest::Record(wish) => self.record(&wish, controller),
            PathRequest::StopRecording => self.end_recording(true),
            PathRequest::CancelRecording => self.end_recording(false),
            PathRequest::Import { slot, path } => {
                let set = self.set();
                let is_free = slot.is_none_or(|n| set.slot(n).is_none() && set.unread(n).is_none());
                self.import(Import { slot, path, is_free }, controller);
            }
            request => {
                let Some(edit) = edit(request, self.tape().as_deref(), &self.load()) else { return };
                // The gesture has gone on: only where it is now counts.
                let is_before = |last: &Asked| !last.edit.is_done && last.edit.label == edit.label;
                while self.waiting.back().is_some_and(is_before) {
                    self.waiting.pop_back();
                }
                self.ask(edit, None);
            }
        }
    }

    /// Loads the model that plays, by itself.
    fn load(&self) -> LoadModel {
        let (project, request) = (Arc::clone(&self.project), self.project.wanted(Slot::First));
        let provider = Arc::clone(&self.params.own.provider);
        Arc::new(move || {
            let model = loader::from_catalogue(project.models(), Arc::clone(&provider))(&request);
            model.map_err(|error| error.to_string())
        })
    }

    fn import(&mut self, import: Import, controller: &mut WindowController) {
        let (load, is_over, project) = (self.load(), Arc::clone(&self.is_over), self.projects());
        let work = move || {
            let path = import.read(&load, &is_over);
            Heard::Path(import, project, path)
        };
        if let Err(error) = self.imports.queue("Listening …".into(), work) {
            refused_thread(&error, controller);
        }
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

    /// Something else is about to change the set: undo, a preset, the other side. What is asked for is done first, and a gesture
    /// ends as it is. What takes longer is given up; false then.
    pub fn settle(&mut self, controller: &mut WindowController) -> bool {
        let began = Instant::now();
        while !(self.jobs.rests() && self.waiting.is_empty()) && began.elapsed() < PATIENCE {
            self.keep_up(controller);
            std::thread::sleep(Duration::from_millis(1));
        }
        let is_settled = self.waiting.is_empty() && self.jobs.rests();
        self.is_given_up = !self.jobs.rests();
        self.waiting.retain(|asked| asked.edit.is_kept);
        self.end_stroke(controller);
        is_settled
    }

    /// The window closes. A sound that is being heard goes on, and is taken in when the window opens again.
    pub fn close(&mut self, controller: &mut WindowController) {
        if controller.is_open() {
            self.settle(controller);
        }
        self.jobs.rest();
        self.imports.rest();
    }
}

impl Drop for PathsDesk {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

fn refused_thread(error: &std::io::Error, controller: &mut WindowController) {
    let text = format!("The system refused a thread ({error}). Close some programs and try again.");
    controller.window_session.tell(Tone::Trouble, text);
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

/// How much is heard of each corner, or of each marker: what is empty or cannot play leaves its share to the others.
fn weights(view: &PathsView, place: Place, weighing: PlaneWeights) -> Vec<f32> {
    let PlaneView { corners, markers, snapshots, .. } = &view.plane;
    let is_terrain = weighing == PlaneWeights::Terrain;
    let has_markers = is_terrain && !markers.is_empty();
    let mut weights = match weighing {
        PlaneWeights::Discs => plane::discs(place).to_vec(),
        PlaneWeights::Terrain => {
            let places: Vec<Place> = markers.iter().map(|marker| marker.place).collect();
            let places = if has_markers { &places[..] } else { &plane::CORNERS };
            let mut weights = vec![0.0; places.len()];
            plane::terrain(place, places, &mut weights);
            weights
        }
        PlaneWeights::Off | PlaneWeights::Lines => plane::bilinear(place).to_vec(),
    };
    let plays = |source: &SourceView| match *source {
        SourceView::Slot(n) => view.slots.get(n).and_then(Option::as_ref).is_some_and(|path| path.problem.is_empty()),
        SourceView::Snapshot(n) => snapshots.get(n).is_some_and(String::is_empty),
        SourceView::Random(_) | SourceView::Live => true,
    };
    let sources: Vec<Option<&SourceView>> = match has_markers {
        true => markers.iter().map(|marker| Some(&marker.source)).collect(),
        false => corners.iter().map(Option::as_ref).collect(),
    };
    for (weight, source) in weights.iter_mut().zip(sources) {
        if !source.is_some_and(plays) {
            *weight = 0.0;
        }
    }
    let sum: f32 = weights.iter().sum();
    if sum > 0.0 {
        weights.iter_mut().for_each(|weight| *weight /= sum);
    }
    weights
}

fn exported(set: &PathSet, slot: usize, to: &Path) -> Notice {
    let written = set.slot(slot).ok_or_else(|| format!("There is no path in slot {}.", slot + 1)).and_then(|slot| {
        let is_known = |ending: &OsStr| ["json", "npz"].iter().any(|known| ending.eq_ignore_ascii_case(known));
        // Whatever the name, a path file is one of the two.
        let to = if to.extension().is_some_and(is_known) {
            to.to_owned()
        } else {
            [to.as_os_str(), OsStr::new(".json")].into_iter().collect::<OsString>().into()
        };
        if to.exists() {
            return Err(format!("{}: is there already. Choose another name.", to.display()));
        }
        latent_path::write(&to, &slot.bent_path()).map(|()| to).map_err(|error| error.to_string())
    });
    match written {
        Ok(to) => Notice { tone: Tone::Good, text: format!("The path is in {}.", to.display()) },
        Err(reason) => Notice { tone: Tone::Trouble, text: sentence(&reason) },
    }
}
