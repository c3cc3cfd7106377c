//! A project's models as the window handles them: what is missing and where it was looked for, another model in its
//! place, a model that travels with the project, and what runs it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;

use super::brought::Brought;
use super::params::EffectParams;
use crate::engine::{Engine, Slot};
use crate::model::any_package::AnyPackage;
use crate::model::catalogue::{self, CatalogueError, ImportError};
use crate::model::doctor::{Diagnosis, Health};
use crate::model::embedded::{Embedded, ProjectModel};
use crate::model::examiner;
use crate::model::provider::ProviderChoice;
use crate::model::request::ModelRequest;
use crate::telemetry::{EngineState, ModelInfo, Telemetry};

/// How long a relinked model may take to load; the doctor has loaded it once already.
const LOAD_LIMIT: Duration = Duration::from_secs(20);

/// Relinks that can be undone.
const MOST_UNDO_STEPS: usize = 32;

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
    request: ModelRequest,
    embedded: Embedded,
}

/// A place for a model.
struct Place {
    model: ProjectModel,
    brought: Brought,
    undo: Mutex<Vec<Before>>,
    problem: Mutex<String>,
}

impl Place {
    fn new(request: &Arc<Mutex<ModelRequest>>, brought: &Brought) -> Self {
        let model = ProjectModel { request: Arc::clone(request), embedded: Arc::clone(brought) };
        Self { model, brought: brought.clone(), undo: Mutex::default(), problem: Mutex::default() }
    }

    fn pack(&self, package: &AnyPackage) {
        let outcome = self.model.keep_up(package);
        *self.problem.lock() = outcome.err().map(|error| error.to_string()).unwrap_or_default();
    }
}

/// One instance's models. Shared by the plugin and its window; never used on the audio thread.
pub struct Project {
    places: [Arc<Place>; 2],
    provider: Arc<Mutex<ProviderChoice>>,
    telemetry: Arc<Telemetry>,
    engine: Mutex<Weak<Engine>>,
    choices: AtomicU32,
    /// What the engine was last asked for, first and second.
    asked: Mutex<[ModelRequest; 2]>,
}

impl Project {
    /// The project behind these parameters, before the engine has started.
    pub fn new(params: &EffectParams, telemetry: Arc<Telemetry>) -> Self {
        let place = |request, brought| Arc::new(Place::new(request, brought));
        Self {
            places: [place(&params.model, &params.embedded), place(&params.second_model, &params.second_embedded)],
            provider: Arc::clone(&params.provider),
            telemetry,
            engine: Mutex::default(),
            choices: AtomicU32::new(0),
            asked: Mutex::new([ModelRequest::named(""), ModelRequest::named("")]),
        }
    }

    /// Both models, for the loader.
    pub fn models(&self) -> Vec<ProjectModel> {
        self.places.iter().map(|place| place.model.clone()).collect()
    }

    /// Where the models are loaded from now on.
    pub fn attach(&self, engine: &Arc<Engine>) {
        *self.engine.lock() = Arc::downgrade(engine);
    }

    /// Asks for these models, the first and the second, whether they are there or not; a second one without a name is let
    /// go. One that plays is faded over to the other; the telemetry says when the host has to start the plugin anew.
    /// Returns at once.
    pub fn choose(&self, wanted: &[ModelRequest; 2]) {
        for (slot, wanted) in [Slot::First, Slot::Second].into_iter().zip(wanted) {
            let old = std::mem::replace(&mut *self.place(slot).model.request.lock(), wanted.clone());
            let Some(engine) = self.engine().filter(|_| old != *wanted) else { continue };
            self.ask_for(&engine, slot, wanted);
            if slot == Slot::First && self.telemetry.latency_frames.load(Ordering::Relaxed) == 0 {
                // Without a model there was no stream.
                self.telemetry.needs_restart.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Asks for the models that a state has named since the engine was last asked, as [`Self::choose`] does. Returns at once.
    pub fn follow(&self) {
        let Some(engine) = self.engine() else { return };
        for slot in [Slot::First, Slot::Second] {
            let wanted = self.wanted(slot);
            if self.asked.lock()[slot as usize] == wanted {
                continue;
            }
            self.ask_for(&engine, slot, &wanted);
            if slot == Slot::First && self.telemetry.latency_frames.load(Ordering::Relaxed) == 0 {
                // Without a model there was no stream.
                self.telemetry.needs_restart.store(true, Ordering::Relaxed);
            }
        }
    }

    /// The engine was asked for what the project asks for now.
    pub fn note_asked(&self, slot: Slot) {
        self.asked.lock()[slot as usize] = self.wanted(slot);
    }

    /// Asks again for a model that was not there, since it may be now. Returns at once.
    pub fn retry(&self, slot: Slot) {
        let (Some(engine), Some(missing)) = (self.engine(), self.missing(slot)) else { return };
        self.ask_for(&engine, slot, &missing.request);
        if slot == Slot::First && self.telemetry.latency_frames.load(Ordering::Relaxed) == 0 {
            // Without a model there was no stream.
            self.telemetry.needs_restart.store(true, Ordering::Relaxed);
        }
    }

    /// How often the engine was asked for models since it started; what `activate` had it load may play no longer.
    pub fn choices(&self) -> u32 {
        self.choices.load(Ordering::Acquire)
    }

    /// What the project asks for; no name: nothing.
    pub fn wanted(&self, slot: Slot) -> ModelRequest {
        self.place(slot).model.request.lock().clone()
    }

    /// What is not there, why, and where it was looked for; `None` when it plays, loads, or nothing is asked for.
    pub fn missing(&self, slot: Slot) -> Option<Missing> {
        let info = self.info(slot);
        let request = self.wanted(slot);
        let is_missing = info.is_missing && !request.name.is_empty();
        is_missing.then(|| Missing { request, reason: info.message.clone(), looked: catalogue::folders() })
    }

    /// Puts another model in a place: examines it, installs it if it comes from a path, loads it, and only then asks for
    /// it instead of the old one. Blocks for a second or more: not for the thread that paints.
    ///
    /// # Errors
    /// When it cannot be found, installed or loaded, or the doctor speaks against it; nothing has changed then.
    pub fn relink(&self, slot: Slot, to: Source<'_>) -> Result<Health, RelinkError> {
        let (package, health) = find(to)?;
        let request = ModelRequest { name: package.name().to_owned(), hash: package.hash().to_owned() };
        let place = self.place(slot);
        let old = place.model.request.lock().clone();
        let was_missing = self.missing(slot).is_some() || self.telemetry.state() != EngineState::Ready;
        if let Some(engine) = self.engine() {
            self.choices.fetch_add(1, Ordering::AcqRel);
            if engine.load(slot, request.clone(), LOAD_LIMIT).is_none() {
                let reason = self.info(slot).message.clone();
                self.ask_for(&engine, slot, &old);
                return Err(RelinkError::NotLoaded { name: package.name().to_owned(), reason });
            }
            if was_missing {
                // Without a model there was no stream, and no latency.
                self.telemetry.needs_restart.store(true, Ordering::Relaxed);
            }
        }
        let embedded = place.model.embedded.lock().clone();
        let mut undo = place.undo.lock();
        if undo.len() == MOST_UNDO_STEPS {
            undo.remove(0);
        }
        undo.push(Before { request: old, embedded });
        drop(undo);
        *place.model.request.lock() = request;
        place.pack(&package);
        Ok(health)
    }

    /// Takes the last relink back; -> what is asked for again, `None` when there is nothing to undo. Returns at once.
    pub fn undo_relink(&self, slot: Slot) -> Option<ModelRequest> {
        let place = self.place(slot);
        let before = place.undo.lock().pop()?;
        *place.model.request.lock() = before.request.clone();
        *place.model.embedded.lock() = before.embedded;
        place.problem.lock().clear();
        if let Some(engine) = self.engine() {
            self.ask_for(&engine, slot, &before.request);
        }
        Some(before.request)
    }

    /// Whether [`Self::undo_relink`] would do anything.
    pub fn can_undo_relink(&self, slot: Slot) -> bool {
        !self.place(slot).undo.lock().is_empty()
    }

    /// Whether and how the model of this place travels with the project.
    pub fn embedding(&self, slot: Slot) -> Embedding {
        let place = self.place(slot);
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
        let place = Arc::clone(self.place(slot));
        place.problem.lock().clear();
        {
            let mut embedded = place.model.embedded.lock();
            if !is_wanted {
                *embedded = Embedded::default();
                return;
            }
            embedded.is_wanted = true;
        }
        let theirs = Arc::clone(&place);
        let work = move || {
            let request = theirs.model.request.lock().clone();
            // One that is not here cannot be packed, and one that will be is packed when it is loaded.
            if let Ok(found) = catalogue::find(&request) {
                theirs.pack(&found.package);
            }
        };
        if let Err(error) = std::thread::Builder::new().name("timbreloom-packer".into()).spawn(work) {
            *place.problem.lock() =
                format!("the system refused a thread to pack the model ({error}). Close some programs.");
        }
    }

    /// What shall run the models.
    pub fn provider(&self) -> ProviderChoice {
        self.provider.lock().clone()
    }

    /// Chooses what runs the models, and loads them again for it; what really runs is in their descriptions. Returns
    /// at once.
    pub fn set_provider(&self, choice: ProviderChoice) {
        *self.provider.lock() = choice;
        let Some(engine) = self.engine() else { return };
        for slot in [Slot::First, Slot::Second] {
            self.ask_for(&engine, slot, &self.wanted(slot));
        }
    }

    fn ask_for(&self, engine: &Engine, slot: Slot, request: &ModelRequest) {
        self.choices.fetch_add(1, Ordering::AcqRel);
        self.asked.lock()[slot as usize].clone_from(request);
        if request.name.is_empty() {
            engine.unload(slot);
        } else {
            engine.swap(slot, request.clone());
        }
    }

    fn place(&self, slot: Slot) -> &Arc<Place> {
        match slot {
            Slot::First => &self.places[0],
            Slot::Second => &self.places[1],
        }
    }

    fn engine(&self) -> Option<Arc<Engine>> {
        self.engine.lock().upgrade()
    }

    fn info(&self, slot: Slot) -> Arc<ModelInfo> {
        match slot {
            Slot::First => Arc::clone(&self.telemetry.model.lock()),
            Slot::Second => Arc::clone(&self.telemetry.second.lock()),
        }
    }
}

/// The package, and the doctor's word for it.
fn find(to: Source<'_>) -> Result<(AnyPackage, Health), RelinkError> {
    let package = match to {
        Source::Path(path) => catalogue::import(path)?,
        Source::Installed(request) => catalogue::find(request)?.package,
    };
    let name = package.name().to_owned();
    let health = examiner::health_of(&package)
        .map_err(|diagnosis| RelinkError::Unfit { name, diagnosis: Box::new(diagnosis) })?;
    Ok((package, health))
}
