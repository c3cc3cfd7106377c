//! A project's models as the window handles them: what is missing and where it was looked for, another model in its
//! place, a model that travels with the project, and what runs it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;

use super::embedded_field::EmbeddedField;
use super::instance_params::InstanceParams;
use super::midi_map::MidiMap;
use super::watched::Watched;
use crate::engine::{Engine, Slot};
use crate::model::catalogue::{self, CatalogueError};
use crate::model::doctor::{Diagnosis, Health};
use crate::model::embedded::{Embedded, ProjectModel};
use crate::model::import::{self, ImportError};
use crate::model::kinds::{Kind, Package};
use crate::model::provider::ProviderChoice;
use crate::model::request::ModelRequest;
use crate::model::{examiner, places};
use crate::telemetry::{EngineState, ModelInfo, Telemetry};

/// How long a relinked model may take to load; the doctor has loaded it once already.
const LOAD_LIMIT: Duration = Duration::from_secs(20);

const SLOTS: [Slot; 2] = [Slot::First, Slot::Second];

/// Relinks that can be undone.
const MOST_UNDO_STEPS: usize = 32;

/// What loads the models of an instance, and plays them.
pub trait Loads: Send + Sync {
    /// Loads a model and waits for it, at most so long; false: it does not play, and the telemetry says why.
    fn load(&self, slot: Slot, request: &ModelRequest, limit: Duration) -> bool;

    /// Lets another model take the place of the one that plays, once it is there; one without a name is let go. Returns at once.
    fn swap(&self, slot: Slot, request: &ModelRequest);

    /// Why it can play no package of this kind; `None`: it can.
    fn refuses(&self, _package: &Package) -> Option<&'static str> {
        None
    }

    /// Whether a model that comes where there was none plays only once the host has restarted the plugin.
    fn waits_for_restart(&self) -> bool;
}

impl Loads for Engine {
    fn load(&self, slot: Slot, request: &ModelRequest, limit: Duration) -> bool {
        Self::load(self, slot, request.clone(), limit).is_some()
    }

    fn swap(&self, slot: Slot, request: &ModelRequest) {
        if request.name.is_empty() {
            self.unload(slot);
        } else {
            Self::swap(self, slot, request.clone());
        }
    }

    fn refuses(&self, package: &Package) -> Option<&'static str> {
        (!Kind::OF_EFFECT.contains(&package.kind())).then_some("it hears nothing, so it is for Timbreloom Drums")
    }

    /// Without a model there was no stream, and no latency.
    fn waits_for_restart(&self) -> bool {
        true
    }
}

/// A model that is asked for and not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What the project asks for, and goes on asking for.
    pub request: ModelRequest,
    /// Why it is not there, and what to do, in whole sentences.
    pub reason: String,
    /// The folders that were looked through, in their order.
    pub looked: Vec<PathBuf>,
}

/// Where another model comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A package's folder or a zip archive of one; it is installed for this user.
    Path(&'a Path),
    /// An installed package, by name and, if not empty, hash.
    Installed(&'a ModelRequest),
}

/// Why no other model was put in a missing one's place. The project then asks for what it asked for before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelinkError {
    /// It cannot be installed; holds the doctor's verdict where there is one.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// There is none of this name, or it is broken.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The doctor speaks against an installed one.
    #[error("the model “{name}” was not put in its place. {diagnosis}")]
    Unfit {
        /// The package's name.
        name: String,
        /// The doctor's verdict.
        diagnosis: Box<Diagnosis>,
    },
    /// It is healthy and does not play here all the same.
    #[error("the model “{name}” was not put in its place: {reason}")]
    NotLoaded {
        /// The package's name.
        name: String,
        /// The loader's words.
        reason: String,
    },
}

/// Whether and how a model travels with the project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Embedding {
    /// Whether the musician wants it.
    pub is_wanted: bool,
    /// Whether the very model that is asked for is packed, so that saving the project takes it along.
    pub is_packed: bool,
    /// How much longer the project is for it, and for the model on the other side of A/B, bytes.
    pub size_bytes: usize,
    /// Why it is not packed though it is wanted; empty while there is nothing to say.
    pub problem: String,
}

/// What a relink puts back when it is undone.
struct Before {
    /// Of which project: what another one asked for and brought along is not this one's. See [`MidiMap::projects`].
    project: u32,
    request: ModelRequest,
    embedded: Embedded,
}

/// A place for a model.
struct Place {
    model: ProjectModel,
    brought: EmbeddedField,
    undo: Mutex<Vec<Before>>,
    problem: Mutex<String>,
}

impl Place {
    fn new(request: &Arc<Mutex<ModelRequest>>, brought: &EmbeddedField) -> Self {
        let model = ProjectModel { request: Arc::clone(request), embedded: Arc::clone(brought) };
        Self { model, brought: brought.clone(), undo: Mutex::default(), problem: Mutex::default() }
    }

    fn pack(&self, package: &Package) {
        let outcome = self.model.keep_up(package);
        *self.problem.lock() = outcome.err().map(|error| error.to_string()).unwrap_or_default();
    }
}

/// One instance's models. Shared by the plugin and its window; never used on the audio thread.
pub struct ProjectModels {
    /// The first, and the second where there is one.
    places: Vec<Arc<Place>>,
    provider: Option<Arc<Mutex<ProviderChoice>>>,
    /// Counts the projects that were loaded.
    map: MidiMap,
    telemetry: Arc<Telemetry>,
    /// `None` until something loads models.
    loads: Mutex<Option<Weak<dyn Loads>>>,
    choices: AtomicU32,
    /// What was last asked for, first and second.
    asked: Mutex<[ModelRequest; 2]>,
}

impl ProjectModels {
    /// The project behind these parameters, before anything loads models.
    pub fn new(params: &impl InstanceParams, telemetry: Arc<Telemetry>) -> Self {
        let place =
            |(request, brought): (&Watched<ModelRequest>, &EmbeddedField)| Arc::new(Place::new(request, brought));
        Self {
            places: params.places().into_iter().map(place).collect(),
            provider: params.provider().map(|provider| Arc::clone(provider)),
            map: params.kept().midi_map.clone(),
            telemetry,
            loads: Mutex::default(),
            choices: AtomicU32::new(0),
            asked: Mutex::new([ModelRequest::named(""), ModelRequest::named("")]),
        }
    }

    /// All models, for the loader.
    pub fn models(&self) -> Vec<ProjectModel> {
        self.places.iter().map(|place| place.model.clone()).collect()
    }

    /// Where the models are loaded from now on.
    pub fn attach<L: Loads + 'static>(&self, loads: &Arc<L>) {
        let loads: Weak<L> = Arc::downgrade(loads);
        *self.loads.lock() = Some(loads);
    }

    /// Asks for these models, the first and the second, whether they are there or not; a second one without a name is let
    /// go. One that plays is faded over to the other; the telemetry says when the host has to restart the plugin.
    /// Returns at once.
    pub fn choose(&self, wanted: &[ModelRequest; 2]) {
        for (slot, wanted) in SLOTS.into_iter().zip(wanted) {
            let Some(place) = self.place(slot) else { continue };
            let old = std::mem::replace(&mut *place.model.request.lock(), wanted.clone());
            if old != *wanted {
                self.bring_in(slot, wanted);
            }
        }
    }

    /// Asks for the models that a state has named since the engine was last asked, as [`Self::choose`] does. Returns at once.
    pub fn follow(&self) {
        for slot in SLOTS {
            let wanted = self.wanted(slot);
            if self.asked.lock()[slot as usize] != wanted {
                self.bring_in(slot, &wanted);
            }
        }
    }

    /// What loads models was asked for what the project asks for now.
    pub fn note_asked(&self, slot: Slot) {
        self.asked.lock()[slot as usize] = self.wanted(slot);
    }

    /// Asks again for a model that was not there, since it may be now. Returns at once.
    pub fn retry(&self, slot: Slot) {
        if let Some(missing) = self.missing(slot) {
            self.bring_in(slot, &missing.request);
        }
    }

    /// How often models were asked for; what `activate` had it load may play no longer.
    pub fn choices(&self) -> u32 {
        self.choices.load(Ordering::Acquire)
    }

    /// What the project asks for; no name: nothing.
    pub fn wanted(&self, slot: Slot) -> ModelRequest {
        self.place(slot).map_or_else(|| ModelRequest::named(""), |place| place.model.request.lock().clone())
    }

    /// What is not there, why, and where it was looked for; `None` when it plays, loads, or nothing is asked for.
    pub fn missing(&self, slot: Slot) -> Option<Missing> {
        let info = self.info(slot);
        let request = self.wanted(slot);
        let is_missing = info.is_missing && !request.name.is_empty();
        is_missing.then(|| Missing { request, reason: info.message.clone(), looked: places::folders() })
    }

    /// Puts another model in a place: examines it, installs it if it comes from a path, loads it, and only then asks for
    /// it instead of the old one. Blocks for a second or more: not for the thread that paints.
    ///
    /// # Errors
    /// When it cannot be found, installed or loaded, the doctor speaks against it, or another model was asked for or another
    /// project loaded meanwhile; nothing has changed then.
    pub fn relink(&self, slot: Slot, to: Source<'_>) -> Result<Health, RelinkError> {
        let project = self.map.projects();
        let (package, health) = find(to)?;
        let request = ModelRequest { name: package.name().to_owned(), hash: package.hash().to_owned() };
        let not_loaded = |reason| RelinkError::NotLoaded { name: package.name().to_owned(), reason };
        let place = self.place(slot).ok_or_else(|| not_loaded("there is no such place here".into()))?;
        let old = place.model.request.lock().clone();
        let was_missing = self.missing(slot).is_some() || self.telemetry.state() != EngineState::Ready;
        if let Some(loads) = self.loads() {
            if let Some(reason) = loads.refuses(&package) {
                return Err(not_loaded(reason.into()));
            }
            self.choices.fetch_add(1, Ordering::AcqRel);
            if !loads.load(slot, &request, LOAD_LIMIT) {
                let reason = self.info(slot).message.clone();
                // What was asked for before, unless there is a newer wish.
                self.ask_for(slot, &self.wanted(slot));
                return Err(not_loaded(reason));
            }
            if was_missing && loads.waits_for_restart() {
                self.telemetry.restart.set(self.telemetry.restart.newest(), true);
            }
        }
        // A load takes its time, and the loader may have filled in the hash meanwhile.
        let is_old = |now: &ModelRequest| now.name == old.name && (old.hash.is_empty() || now.hash == old.hash);
        let mut now = place.model.request.lock();
        let is_same_project = self.map.projects() == project;
        if !is_same_project || !is_old(&now) {
            let newer = now.clone();
            drop(now);
            self.ask_for(slot, &newer);
            return Err(not_loaded(match is_same_project {
                true => format!("“{}” was asked for meanwhile", newer.name),
                false => "another project was loaded meanwhile".into(),
            }));
        }
        // With the hash that the loader has filled in: only by it is what the project brings along found again.
        let replaced = std::mem::replace(&mut *now, request);
        drop(now);
        let embedded = place.model.embedded.lock().clone();
        let mut undo = place.undo.lock();
        undo.retain(|before| before.project == project);
        if undo.len() == MOST_UNDO_STEPS {
            undo.remove(0);
        }
        undo.push(Before { project, request: replaced, embedded });
        drop(undo);
        place.pack(&package);
        Ok(health)
    }

    /// Takes the last relink of this project back; -> what is asked for again, `None` when there is nothing to undo. Returns
    /// at once.
    pub fn undo_relink(&self, slot: Slot) -> Option<ModelRequest> {
        let place = self.place(slot)?;
        let before = place.undo.lock().pop_if(|before| before.project == self.map.projects())?;
        *place.model.request.lock() = before.request.clone();
        *place.model.embedded.lock() = before.embedded;
        place.problem.lock().clear();
        self.ask_for(slot, &before.request);
        Some(before.request)
    }

    /// Whether [`Self::undo_relink`] would do anything.
    pub fn can_undo_relink(&self, slot: Slot) -> bool {
        let is_ours = |before: &Before| before.project == self.map.projects();
        self.place(slot).is_some_and(|place| place.undo.lock().last().is_some_and(is_ours))
    }

    /// Whether and how the model of this place travels with the project.
    pub fn embedding(&self, slot: Slot) -> Embedding {
        let Some(place) = self.place(slot) else { return Embedding::default() };
        let hash = place.model.request.lock().hash.clone();
        let embedded = place.brought.to_save();
        Embedding {
            is_wanted: embedded.is_wanted,
            is_packed: embedded.holds(&hash),
            size_bytes: embedded.size_bytes(),
            problem: place.problem.lock().clone(),
        }
    }

    /// Lets the model travel with the project, or no longer. Returns at once: it is packed on a thread of its own, half
    /// a second for 8 MB; see [`Self::embedding`].
    pub fn embed(&self, slot: Slot, is_wanted: bool) {
        let Some(place) = self.place(slot) else { return };
        place.problem.lock().clear();
        {
            let mut embedded = place.model.embedded.lock();
            if !is_wanted {
                *embedded = Embedded::default();
                return;
            }
            embedded.is_wanted = true;
        }
        let theirs = Arc::clone(place);
        let work = move || {
            let request = theirs.model.request.lock().clone();
            // One that is not here cannot be packed, and one that will be is packed when it is loaded.
            if let Ok(found) = catalogue::find(&request, &Kind::ALL) {
                theirs.pack(&found.package);
            }
        };
        if let Err(error) = std::thread::Builder::new().name("timbreloom-packer".into()).spawn(work) {
            *place.problem.lock() =
                format!("the system refused a thread to pack the model ({error}). Close some programs.");
        }
    }

    /// What shall run the models; `None` where there is no choice.
    pub fn provider(&self) -> Option<ProviderChoice> {
        self.provider.as_ref().map(|provider| provider.lock().clone())
    }

    /// Chooses what runs the models, and loads them again for it; what really runs is in their descriptions. Returns
    /// at once.
    pub fn set_provider(&self, choice: ProviderChoice) {
        let Some(provider) = &self.provider else { return };
        *provider.lock() = choice;
        for slot in SLOTS {
            self.ask_for(slot, &self.wanted(slot));
        }
    }

    /// As [`Self::ask_for`], of a model that may be the first one that comes.
    fn bring_in(&self, slot: Slot, request: &ModelRequest) {
        let waits = self.loads().is_some_and(|loads| loads.waits_for_restart());
        self.ask_for(slot, request);
        if waits && slot == Slot::First && self.telemetry.latency_frames.load(Ordering::Relaxed) == 0 {
            self.telemetry.restart.set(self.telemetry.restart.newest(), true);
        }
    }

    fn ask_for(&self, slot: Slot, request: &ModelRequest) {
        let Some(loads) = self.loads() else { return };
        self.choices.fetch_add(1, Ordering::AcqRel);
        self.asked.lock()[slot as usize].clone_from(request);
        loads.swap(slot, request);
    }

    fn place(&self, slot: Slot) -> Option<&Arc<Place>> {
        self.places.get(slot as usize)
    }

    fn loads(&self) -> Option<Arc<dyn Loads>> {
        self.loads.lock().as_ref()?.upgrade()
    }

    fn info(&self, slot: Slot) -> Arc<ModelInfo> {
        match slot {
            Slot::First => Arc::clone(&self.telemetry.model.lock()),
            Slot::Second => Arc::clone(&self.telemetry.second.lock()),
        }
    }
}

/// The package, and the doctor's word for it.
fn find(to: Source<'_>) -> Result<(Package, Health), RelinkError> {
    let package = match to {
        Source::Path(path) => import::import(path)?,
        Source::Installed(request) => catalogue::find(request, &Kind::ALL)?.package,
    };
    let name = package.name().to_owned();
    let health = examiner::health_of(&package)
        .map_err(|diagnosis| RelinkError::Unfit { name, diagnosis: Box::new(diagnosis) })?;
    Ok((package, health))
}
