//! From what a project asks for to an instrument that plays it: loaded on a thread of its own, and handed over.
//!
//! Another package needs nothing of the host: an instrument's adds no latency and no port. A package that hangs or panics
//! while it is loaded costs its own thread, never the host's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::engine::Slot;
use crate::instance::kept::Kept;
use crate::instance::project_models::{Loads, ProjectModels};
use crate::instance::watched::Watched;
use crate::model::embedded::{self, Embedded, ProjectModel};
use crate::model::kinds;
use crate::model::request::ModelRequest;
use crate::preset::Plugin;
use crate::telemetry::{EngineState, ModelInfo, Telemetry};

/// How long a host waits for a package at most, in all, however often it asks: as long as the effect waits.
pub(super) const LOAD_LIMIT: Duration = Duration::from_secs(20);

/// How long an instance that goes waits for what is still being loaded: a process that ends in the midst of it takes ONNX
/// Runtime away under it, and crashes. After that the thread is left behind: it owns all it needs.
const FAREWELL: Duration = Duration::from_secs(3);

/// For how long, and how often, it is looked for what comes back for what was handed over. A host that has not taken it by
/// then does not run: what it gives back later is freed with the next load, or with the instance.
const RETURN: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(50);

/// How an instrument plays packages.
pub(super) trait Plays: Send + Sync + 'static {
    /// Whose packages they are.
    const PLUGIN: Plugin;
    /// What one is called: “codebook”.
    const WORD: &'static str;
    /// Why one of another kind is not played.
    const REFUSAL: &'static str;

    /// What plays a package.
    type Ready: Send;
    /// What the window shows of it.
    type View;

    /// Loads what is asked for, to be played at this rate, Hz, or says why not. Blocks.
    fn load(
        &self,
        request: &ModelRequest,
        brought: Option<&Embedded>,
        rate_hz: u32,
    ) -> Result<Loaded<Self::Ready, Self::View>, String>;

    /// Has it played in the place of what there was; none is silence. The next one comes only when this has returned.
    ///
    /// # Errors
    /// When what there was does not give way, in whole sentences.
    fn hand_over(&self, ready: Option<Self::Ready>, rate_hz: u32) -> Result<(), String>;

    /// Frees what has come back for what was handed over; false while there was nothing.
    fn free_spent(&self) -> bool;

    /// Shows what is loaded; of what is not there, the name that was asked for alone.
    fn show(&self, name: String, view: Option<Self::View>);
}

/// A package that is loaded.
pub(super) struct Loaded<R, V> {
    /// The package.
    pub(super) package: kinds::Package,
    /// What a musician is told of it, in whole sentences.
    pub(super) remarks: Vec<String>,
    /// What plays it.
    pub(super) ready: R,
    /// What the window shows.
    pub(super) view: V,
}

/// The supply of an instance: for main thread and window.
pub(super) struct Supply<P: Plays>(pub(super) Arc<Shared<P>>);

pub(super) struct Shared<P> {
    /// For the threads that load.
    own: Weak<Self>,
    /// What the project asks for, and what it brings along.
    request: Watched<ModelRequest>,
    models: Vec<ProjectModel>,
    telemetry: Arc<Telemetry>,
    plays: P,
    limit: Duration,
    inner: Mutex<Inner>,
    /// A load has ended, or the instance goes.
    ended: Condvar,
}

struct Inner {
    /// What packages are to be played at, once it is known, Hz.
    rate_hz: Option<u32>,
    /// What is loaded or being loaded, and the rate for it.
    asked: Option<(ModelRequest, u32)>,
    progress: Progress,
    /// Counts loads: only the newest one is wanted.
    newest: u64,
    /// The hash of what is loaded.
    loaded: Option<String>,
    threads: Vec<JoinHandle<()>>,
    is_closing: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Progress {
    Nothing,
    /// Since when.
    Loading(Instant),
    /// Well or badly.
    Ended,
}

impl<P: Plays> Supply<P> {
    /// Of the packages that are installed; a host waits for one so long at most. Loads nothing yet: see [`Self::activate`].
    pub(super) fn new(
        kept: &Kept,
        project: &ProjectModels,
        telemetry: &Arc<Telemetry>,
        plays: P,
        limit: Duration,
    ) -> Self {
        let inner = Inner {
            rate_hz: None,
            asked: None,
            progress: Progress::Nothing,
            newest: 0,
            loaded: None,
            threads: Vec::new(),
            is_closing: false,
        };
        let shared = Arc::new_cyclic(|own| Shared {
            own: own.clone(),
            request: kept.model.clone(),
            models: project.models(),
            telemetry: Arc::clone(telemetry),
            plays,
            limit,
            inner: Mutex::new(inner),
            ended: Condvar::new(),
        });
        let theirs = Arc::downgrade(&shared);
        // A state plays what it asks for when the host's call returns, as far as the limit goes: a bounce may follow at once.
        kept.model.on_set(move || {
            if let Some(shared) = theirs.upgrade() {
                shared.wait(&shared.ask());
            }
        });
        project.attach(&shared);
        Self(shared)
    }

    /// The rate is known: loads what the project asks for unless it is there, and waits for it within the limit. `is_again`: also
    /// what is there. Main thread.
    pub(super) fn activate(&self, rate_hz: u32, is_again: bool) {
        let mut inner = self.0.inner.lock();
        inner.rate_hz = Some(rate_hz);
        if is_again {
            inner.progress = Progress::Nothing;
        }
        drop(inner);
        let ticket = self.0.ask();
        self.0.wait(&ticket);
    }

    /// Who plays what is loaded.
    pub(super) fn plays(&self) -> &P {
        &self.0.plays
    }
}

impl<P: Plays> Drop for Supply<P> {
    fn drop(&mut self) {
        let mut inner = self.0.inner.lock();
        inner.is_closing = true;
        let threads = std::mem::take(&mut inner.threads);
        drop(inner);
        self.0.ended.notify_all();
        let began = Instant::now();
        while began.elapsed() < FAREWELL && threads.iter().any(|thread| !thread.is_finished()) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl<P: Plays> Loads for Shared<P> {
    fn load(&self, _: Slot, request: &ModelRequest, _: Duration) -> bool {
        if self.inner.lock().rate_hz.is_none() {
            // Nothing is loaded before the host has started the plugin; the examination has to do.
            return true;
        }
        self.wait(&self.ask_for(request.clone()));
        let inner = self.inner.lock();
        inner.progress == Progress::Ended && inner.loaded.as_ref() == Some(&request.hash)
    }

    /// The project's request and not this one is followed: it may be newer.
    fn swap(&self, _: Slot, _: &ModelRequest) {
        self.ask();
    }

    fn refuses(&self, package: &kinds::Package) -> Option<&'static str> {
        (!P::PLUGIN.kinds().contains(&package.kind())).then_some(P::REFUSAL)
    }

    /// An instrument's package adds no latency and no port.
    fn waits_for_restart(&self) -> bool {
        false
    }
}

/// A load that may be waited for.
struct Ticket(u64);

impl<P: Plays> Shared<P> {
    /// Begins to load what the project asks for now: see [`Self::ask_for`].
    fn ask(&self) -> Ticket {
        let request = self.request.lock().clone();
        self.ask_for(request)
    }

    /// Begins to load a package, unless it is there or on its way. What has failed is tried again.
    fn ask_for(&self, request: ModelRequest) -> Ticket {
        let mut inner = self.inner.lock();
        let Some(rate_hz) = inner.rate_hz.filter(|_| !inner.is_closing) else { return Ticket(inner.newest) };
        let is_same = inner.asked.as_ref().is_some_and(|(asked, rate)| *asked == request && *rate == rate_hz);
        let is_here = match inner.progress {
            Progress::Nothing => false,
            Progress::Loading(_) => is_same,
            Progress::Ended => is_same && inner.loaded.is_some(),
        };
        if is_here {
            return Ticket(inner.newest);
        }
        inner.newest += 1;
        inner.asked = Some((request.clone(), rate_hz));
        inner.progress = Progress::Loading(Instant::now());
        if inner.loaded.is_none() {
            // What is said of another one that is missing is no longer so.
            self.telemetry.set_model(ModelInfo { name: request.name.clone(), ..ModelInfo::default() });
            self.telemetry.set_state(EngineState::Loading);
        }
        inner.threads.retain(|thread| !thread.is_finished());
        self.plays.free_spent();
        let (own, number) = (self.own.clone(), inner.newest);
        let asked = request.clone();
        match std::thread::Builder::new().name("timbreloom-loader".into()).spawn(move || {
            if let Some(own) = own.upgrade() {
                own.load(number, &asked, rate_hz);
            }
        }) {
            Ok(thread) => inner.threads.push(thread),
            Err(error) => {
                let word = P::WORD;
                let reason = format!("the system refused a thread to load the {word} ({error}). Close some programs.");
                self.end(&mut inner, &request, Err(reason));
            }
        }
        Ticket(inner.newest)
    }

    /// Waits until a load has ended or another one is wanted, at most until the limit after it began: what hangs costs a
    /// host this long once. What comes later plays from then on.
    fn wait(&self, ticket: &Ticket) {
        let mut inner = self.inner.lock();
        while let Progress::Loading(began) = inner.progress {
            if inner.newest != ticket.0 || inner.is_closing {
                return;
            }
            if self.ended.wait_until(&mut inner, began + self.limit).timed_out() {
                break;
            }
        }
        if matches!(inner.progress, Progress::Loading(_)) && inner.loaded.is_none() {
            let name = inner.asked.as_ref().map_or(String::new(), |(request, _)| request.name.clone());
            let message = format!(
                "The {} “{name}” has been loading for {} s. It plays as soon as it is there; if it never comes, it hangs: \
                 choose another one.",
                P::WORD,
                self.limit.as_secs()
            );
            self.telemetry.set_model(ModelInfo { name, message, is_missing: true, ..ModelInfo::default() });
        }
    }

    /// Loads and hands over. On a thread of its own.
    fn load(&self, number: u64, request: &ModelRequest, rate_hz: u32) {
        let loaded = catch_unwind(AssertUnwindSafe(|| {
            let brought = embedded::brought(&self.models, &request.hash);
            self.plays.load(request, brought.as_ref(), rate_hz)
        }));
        let broken = || format!("the {} “{}” broke while it was loaded", P::WORD, request.name);
        let mut loaded = loaded.unwrap_or_else(|_| Err(broken()));
        let is_wanted = |inner: &Inner| inner.newest == number && !inner.is_closing;
        if let Ok(loaded) = &mut loaded {
            let mut inner = self.inner.lock();
            if !is_wanted(&inner) {
                return;
            }
            self.keep_hash(&mut inner, request, loaded.package.hash());
            drop(inner);
            loaded.remarks.extend(self.pack(&loaded.package));
        }
        let mut inner = self.inner.lock();
        if !is_wanted(&inner) {
            return;
        }
        let (ready, said) = match loaded {
            Ok(Loaded { package, remarks, ready, view }) => (Some(ready), Ok((package, remarks, view))),
            Err(reason) => (None, Err(reason)),
        };
        let handed = self.plays.hand_over(ready, rate_hz);
        self.end(&mut inner, request, said.and_then(|said| handed.map(|()| said)));
        let until = Instant::now() + RETURN;
        let mut has_returned = false;
        // Half of what comes back is the old package: freed now, and not when the next is asked for.
        while !has_returned && inner.newest == number && !inner.is_closing && Instant::now() < until {
            self.ended.wait_for(&mut inner, LOOK);
            has_returned = self.plays.free_spent();
        }
    }

    /// Packs what the project is to bring along, so that it is there when the project is saved; -> why it could not. Blocks.
    fn pack(&self, package: &kinds::Package) -> Vec<String> {
        let errors = self.models.iter().filter_map(|model| model.keep_up(package).err());
        errors.map(|error| error.to_string()).collect()
    }

    /// A load has ended, perhaps with remarks: tells window and host.
    fn end(
        &self,
        inner: &mut Inner,
        request: &ModelRequest,
        loaded: Result<(kinds::Package, Vec<String>, P::View), String>,
    ) {
        inner.progress = Progress::Ended;
        let (name, message, view) = match loaded {
            Ok((package, remarks, view)) => {
                inner.loaded = Some(package.hash().to_owned());
                (package.name().to_owned(), remarks.join(" "), Some(view))
            }
            Err(reason) => {
                inner.loaded = None;
                (request.name.clone(), reason, None)
            }
        };
        let is_missing = inner.loaded.is_none();
        self.telemetry.set_model(ModelInfo { name: name.clone(), message, is_missing, ..ModelInfo::default() });
        self.telemetry.set_state(if is_missing { EngineState::Missing } else { EngineState::Ready });
        self.plays.show(name, view);
        self.ended.notify_all();
    }

    /// A project that asks by name goes on asking for exactly this package.
    fn keep_hash(&self, inner: &mut Inner, request: &ModelRequest, hash: &str) {
        let mut asked = self.request.lock();
        if *asked == *request && request.hash.is_empty() {
            hash.clone_into(&mut asked.hash);
            if let Some((known, _)) = &mut inner.asked {
                known.clone_from(&asked);
            }
        }
    }
}
