//! Keeps what the window is told beside the parameters up to date.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use plugin_ui::session::{
    AboutView, ChosenModel, MappedControl, MidiControl, MissingModel, Notice, ProviderView, Session, Side, Slot,
};
use plugin_ui::{ParamId, Tone, Zoom};

use super::browser_lists::{BrowserLists, Places, sentence};
use super::jobs::{JobReport, Jobs};
use super::loaded_preset::LoadedPreset;
use super::model_notes::ModelNotes;
use super::user_file::UserFile;
use super::window_habits::WindowHabits;
use crate::engine;
use crate::instance::instance_params::InstanceParams;
use crate::instance::project_models::ProjectModels;
use crate::model::provider::ProviderChoice;
use crate::model::runtime;
use crate::preset::{self, Desk, Document, History, Plugin, Scene, Table};
use crate::telemetry::{EngineState, Telemetry};

/// How often the session is read again while nothing is asked for.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// What the sessions of the plugins differ in.
#[derive(Clone, Copy)]
pub struct Product {
    /// Which plugin it is.
    pub plugin: Plugin,
    /// What becomes of a package that is installed and of a kind that it does not play, with a space before it.
    pub plays_not: &'static str,
    /// What runs the models where there is no choice.
    pub runs_on: &'static str,
    /// What it calls a model: one, at a sentence's beginning, and many.
    pub words: [&'static str; 2],
}

/// What a control of the side-chain says where there is none.
const NO_SIDE_CHAIN: &str = "No effect: the host gives this track no side-chain. It comes with the CLAP, in the layout \
                             \u{201c}with side-chain\u{201d}.";

/// One instance's session. GUI thread; nothing here waits.
pub struct WindowSession {
    pub(super) params: Arc<dyn InstanceParams>,
    pub(super) product: Product,
    pub(super) project: Arc<ProjectModels>,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) places: Arc<Places>,
    /// What the window is told.
    pub session: Session,
    jobs: Jobs,
    takes_midi: bool,
    loaded: LoadedPreset,
    /// Latents as they were left with models that were played since the project was loaded, by name.
    pub(super) latents: BTreeMap<String, BTreeMap<String, f32>>,
    loads: BTreeMap<String, f32>,
    /// Of which project the session is; see [`MidiMap::projects`](crate::instance::midi_map::MidiMap::projects).
    projects: u32,
    looked: Option<Instant>,
}

impl WindowSession {
    /// For one instance. `takes_midi`: whether its format gives it MIDI.
    pub fn new(
        product: Product,
        params: Arc<dyn InstanceParams>,
        project: Arc<ProjectModels>,
        telemetry: Arc<Telemetry>,
        takes_midi: bool,
    ) -> Self {
        let projects = params.kept().midi_map.projects();
        Self {
            params,
            product,
            project,
            telemetry,
            places: Arc::new(Places::of_user()),
            session: Session::default(),
            jobs: Jobs::default(),
            takes_midi,
            loaded: LoadedPreset::default(),
            latents: BTreeMap::new(),
            loads: BTreeMap::new(),
            projects,
            looked: None,
        }
    }

    #[cfg(test)]
    pub(super) fn with_places(mut self, places: Places) -> Self {
        self.places = Arc::new(places);
        self
    }

    /// The zoom that the window opens with. Blocks for the moment in which a small file is read: the window is made for it.
    pub fn read_zoom(&mut self) -> Zoom {
        self.session.zoom = self.places.data.as_deref().map(WindowHabits::zoom).unwrap_or_default();
        self.session.zoom
    }

    /// The window opens: what is installed is read again.
    pub fn open(&mut self) {
        self.looked = None;
        self.session.about = about();
        self.rescan();
    }

    /// The window closes: what was measured is kept, and the thread goes once it has nothing to do.
    pub fn close(&mut self) {
        // The wish to wait for a controller is the window's own.
        self.params.kept().midi_map.stop_learning();
        self.session.notice = None;
        if let Some(data) = self.places.data.clone().filter(|_| !self.loads.is_empty()) {
            let loads = std::mem::take(&mut self.loads);
            self.run("Keeping what was measured …", move || {
                // Only a figure for the browser: nobody needs to hear that it could not be kept.
                let _ = ModelNotes::change(&data, |notes| notes.loads.extend(loads));
                JobReport::default()
            });
        }
        self.jobs.rest();
    }

    /// Takes in what threads, host and MIDI have changed. Called for each frame; reads most of it ten times a second.
    pub fn keep_up(&mut self, desk: &mut dyn Desk, history: &mut History) {
        let projects = self.params.kept().midi_map.projects();
        if std::mem::replace(&mut self.projects, projects) != projects {
            history.clear();
            self.latents.clear();
            let kept = self.params.kept().preset.lock().clone();
            self.loaded.begin(&kept, self.params.table(), desk);
            self.looked = None;
        }
        for report in self.jobs.reports() {
            self.take(report, desk, history);
        }
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_INTERVAL) {
            return;
        }
        self.looked = Some(Instant::now());
        self.note_load();
        let session = &mut self.session;
        session.first = chosen(&self.project, Slot::First);
        session.second = chosen(&self.project, Slot::Second);
        session.undo = history.next_undo().map(str::to_owned);
        session.redo = history.next_redo().map(str::to_owned);
        session.side = match desk.compare().side() {
            preset::Side::A => Side::A,
            preset::Side::B => Side::B,
        };
        self.loaded.keep_up(&mut self.params.kept().preset.lock(), self.params.table(), desk);
        session.preset = self.loaded.name().to_owned();
        session.is_preset_edited = self.loaded.is_edited(desk);
        session.needs_restart = self.telemetry.waits_for_restart();
        session.busy = self.jobs.busy().to_owned();
        self.session.provider = self.provider();
        self.session.midi = self.midi();
        self.session.no_side_chain = self.telemetry.has_no_side_chain.load(Ordering::Relaxed).then_some(NO_SIDE_CHAIN);
    }

    /// The parameters as presets name them.
    pub(super) fn table(&self) -> &'static Table {
        self.params.table()
    }

    /// The session is read again with the next frame.
    pub(super) fn look_again(&mut self) {
        self.looked = None;
    }

    /// Tells the musician.
    pub(super) fn tell(&mut self, tone: Tone, text: impl Into<String>) {
        self.session.notice = Some(Notice { tone, text: text.into() });
    }

    /// Queues what would block.
    pub(super) fn run(&mut self, label: impl Into<String>, work: impl FnOnce() -> JobReport + Send + 'static) {
        if let Err(error) = self.jobs.queue(label.into(), work) {
            self.tell(
                Tone::Trouble,
                format!("The system refused a thread ({error}). Close some programs and try again."),
            );
        }
    }

    /// Reads folders again, on the thread.
    pub(super) fn rescan(&mut self) {
        let places = Arc::clone(&self.places);
        let Product { plugin, words: [_, many], .. } = self.product;
        self.run(format!("Looking for {many} and presets …"), move || JobReport {
            cards: Some(BrowserLists::read(&places, plugin)),
            ..JobReport::default()
        });
    }

    /// What is heard is this preset.
    pub(super) fn set_loaded(&mut self, name: String, settings: Scene) {
        self.loaded.set(name, settings);
        self.looked = None;
    }

    /// No preset is heard.
    pub(super) fn forget_loaded(&mut self) {
        self.loaded.forget();
        self.looked = None;
    }

    fn take(&mut self, report: JobReport, desk: &mut dyn Desk, history: &mut History) {
        if let Some(notice) = report.notice {
            self.session.notice = Some(notice);
        }
        if let Some(cards) = report.cards {
            self.session.models = cards.models;
            self.session.presets = cards.presets;
            self.retry();
        }
        if let Some(document) = report.preset {
            self.load_preset(&document, desk, history);
        }
        if let Some(document) = report.saved {
            let (settings, _) = document.scene(self.table(), &document.name);
            self.set_loaded(document.name, settings);
        }
        self.looked = None;
    }

    /// Asks again for a missing model that has turned up.
    fn retry(&self) {
        for slot in [engine::Slot::First, engine::Slot::Second] {
            let Some(missing) = self.project.missing(slot) else { continue };
            let wanted = missing.request;
            let models = self.session.models.iter();
            let mut fitting = models.filter(|card| card.name == wanted.name || card.hash == wanted.hash);
            if fitting.any(|card| card.problem.is_empty() && !card.hash.is_empty()) {
                self.project.retry(slot);
            }
        }
    }

    fn note_load(&mut self) {
        let hash = self.project.wanted(engine::Slot::First).hash;
        let load = self.telemetry.load();
        let is_told = self.params.runs_one_model_once() && load > 0.0 && self.telemetry.state() == EngineState::Ready;
        if hash.is_empty() || !is_told {
            return;
        }
        if let Some(card) = self.session.models.iter_mut().find(|card| card.hash == hash) {
            card.load = Some(load);
        }
        self.loads.insert(hash, load);
    }

    fn provider(&self) -> ProviderView {
        let Some(chosen) = self.project.provider() else {
            let only = ProviderChoice::CPU.name().to_owned();
            return ProviderView {
                offered: vec![only.clone()],
                chosen: only,
                note: self.product.runs_on.to_owned(),
                ..ProviderView::default()
            };
        };
        let info = Arc::clone(&self.telemetry.model.lock());
        ProviderView {
            offered: ProviderChoice::offered().iter().map(|choice| choice.name().to_owned()).collect(),
            chosen: chosen.name().to_owned(),
            running: info.provider.clone(),
            note: info.provider_note.clone(),
        }
    }

    fn midi(&self) -> MidiControl {
        let map = &self.params.kept().midi_map;
        let control = |mapping: crate::instance::midi_map::Mapping| {
            let param = self.param_id(&mapping.param)?;
            let (cc, channel, low, high) = (mapping.cc, mapping.channel, mapping.low, mapping.high);
            Some(MappedControl { param, cc, channel, low, high, held: map.held(&mapping.param) })
        };
        MidiControl {
            is_offered: self.takes_midi,
            mapped: map.mappings().into_iter().filter_map(control).collect(),
            learning: map.learning().and_then(|id| self.param_id(id)),
            soft_takeover: map.soft_takeover(),
        }
    }

    /// A parameter's id as the window names it; `None` for one that is not.
    fn param_id(&self, id: &str) -> Option<ParamId> {
        self.table().get(id).map(|parameter| ParamId(parameter.id.as_str()))
    }

    pub(super) fn load_preset(&mut self, document: &Document, desk: &mut dyn Desk, history: &mut History) {
        let (settings, remarks) = match preset::load(document, self.table(), desk, history) {
            Ok(loaded) => loaded,
            Err(error) => return self.tell(Tone::Trouble, sentence(&error.to_string())),
        };
        self.set_loaded(document.name.clone(), settings);
        self.tell_remarks(&format!("“{}” was loaded, but not all of it: ", document.name), &remarks);
    }

    /// Says what could not be followed, if anything.
    pub(super) fn tell_remarks(&mut self, what: &str, remarks: &[preset::Remark]) {
        if let Some(first) = remarks.first() {
            let more = match remarks.len() - 1 {
                0 => String::new(),
                more => format!(" And {more} more."),
            };
            self.tell(Tone::Waiting, format!("{what}{first}{more}"));
        }
    }
}

/// The engine's word for a place.
pub(super) fn place(slot: Slot) -> engine::Slot {
    match slot {
        Slot::First => engine::Slot::First,
        Slot::Second => engine::Slot::Second,
    }
}

/// What ships to be read, as far as it is there.
fn about() -> AboutView {
    let find = |name: &str| {
        runtime::resource_folders().into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
    };
    AboutView { manual: find("docs/manual.md"), third_party: find("THIRD-PARTY.md") }
}

fn chosen(project: &ProjectModels, slot: Slot) -> ChosenModel {
    let slot = place(slot);
    let (wanted, embedding) = (project.wanted(slot), project.embedding(slot));
    let missing = project.missing(slot);
    ChosenModel {
        name: wanted.name,
        hash: wanted.hash,
        missing: missing.map(|missing| MissingModel {
            name: missing.request.name,
            reason: missing.reason,
            looked: missing.looked,
        }),
        can_undo_relink: project.can_undo_relink(slot),
        is_embedding_wanted: embedding.is_wanted,
        embedded_bytes: if embedding.is_packed { embedding.size_bytes as u64 } else { 0 },
        embedding_problem: embedding.problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The repository itself is among the folders that are looked through, and the bundle has the same names.
    #[test]
    fn the_manual_and_the_list_of_what_comes_from_others_are_found() {
        let AboutView { manual, third_party } = about();
        assert!(manual.is_some_and(|path| path.ends_with("docs/manual.md")));
        assert!(third_party.is_some_and(|path| path.ends_with("THIRD-PARTY.md")));
    }
}
