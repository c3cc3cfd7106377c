//! From what a project asks for to an instrument that plays: loaded on a thread of its own, and handed to the audio thread
//! without a wait on either side.
//!
//! Codes add no latency and no port, so another package needs nothing of the host: it takes the place of the old one between
//! two blocks. A package that hangs or panics while it is loaded costs its own thread, never the host's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_utils::atomic::AtomicCell;
use parking_lot::{Condvar, Mutex};
use rtrb::{Consumer, Producer, RingBuffer};

use crate::engine::Slot;
use crate::instance::codes_params::CodesParams;
use crate::instance::codes_window_link::{CodesWindowLink, LoadedCodebook};
use crate::instance::project_models::{Loads, ProjectModels};
use crate::model::embedded::{self, Embedded, ProjectModel};
use crate::model::kinds;
use crate::model::loader::{self, LoadedCodes};
use crate::model::request::ModelRequest;
use crate::preset::Plugin;
use crate::synth::code_set::CodeSet;
use crate::synth::instrument::Instrument;
use crate::telemetry::{EngineState, ModelInfo};

/// How long a host waits for a package at most, in all, however often it asks: as long as the effect waits.
const LOAD_LIMIT: Duration = Duration::from_secs(20);

/// How long an instance that goes waits for what is still being loaded: a process that ends in the midst of it takes ONNX
/// Runtime away under it, and crashes. After that the thread is left behind: it owns all it needs.
const FAREWELL: Duration = Duration::from_secs(3);

/// For how long, and how often, it is looked for what the audio thread gives back for what it was given. A host that has
/// not taken it by then does not run: what it gives back later is freed with the next load, or with the instance.
const RETURN: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(50);

/// Instruments that have been played and wait to be freed.
const SPENT: usize = 4;

/// Loads what is asked for, or says why not. Blocks.
pub(super) type Load = fn(&ModelRequest, Option<&Embedded>) -> Result<LoadedCodes, String>;

/// What the audio thread is to play.
pub(super) struct Ready {
    /// `None` where the package is missing: silence.
    pub(super) instrument: Option<Instrument>,
    /// What it was made for, Hz.
    pub(super) rate_hz: u32,
}

/// A place for one: what comes takes the place of what was not fetched, so a host that begins to play finds the newest.
/// Lock-free: it is as large as a pointer.
pub(super) type Place = AtomicCell<Option<Box<Ready>>>;

const _: () = assert!(Place::is_lock_free());

/// The audio thread's ends.
pub(super) struct Outlet {
    pub(super) ready: Arc<Place>,
    pub(super) spent: Producer<Box<Ready>>,
}

/// The other side: main thread and window.
pub(super) struct Supply(Arc<Shared>);

struct Shared {
    /// For the threads that load.
    own: Weak<Self>,
    params: Arc<CodesParams>,
    /// What the project asks for and brings along.
    models: Vec<ProjectModel>,
    window_link: Arc<CodesWindowLink>,
    load: Load,
    limit: Duration,
    inner: Mutex<Inner>,
    /// A load has ended, or the instance goes.
    ended: Condvar,
}

struct Inner {
    /// The host's rate, once it is known, Hz.
    rate_hz: Option<u32>,
    /// What is loaded or being loaded, and the rate for it.
    asked: Option<(ModelRequest, u32)>,
    progress: Progress,
    /// Counts loads: only the newest one is wanted.
    newest: u64,
    loaded: Option<LoadedCodes>,
    ready: Arc<Place>,
    spent: Consumer<Box<Ready>>,
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

impl Supply {
    /// Of the packages that are installed. Loads nothing yet: see [`Self::activate`].
    pub(super) fn new(
        params: &Arc<CodesParams>,
        project: &ProjectModels,
        window_link: &Arc<CodesWindowLink>,
    ) -> (Self, Outlet) {
        let load: Load = |request, brought| loader::load_codes(request, brought).map_err(|error| error.to_string());
        Self::by(params, project, window_link, load, LOAD_LIMIT)
    }

    /// As [`Self::new`], with another loader and another limit for waiting.
    fn by(
        params: &Arc<CodesParams>,
        project: &ProjectModels,
        window_link: &Arc<CodesWindowLink>,
        load: Load,
        limit: Duration,
    ) -> (Self, Outlet) {
        let ready = Arc::new(Place::default());
        let (spent, take_spent) = RingBuffer::new(SPENT);
        let inner = Inner {
            rate_hz: None,
            asked: None,
            progress: Progress::Nothing,
            newest: 0,
            loaded: None,
            ready: Arc::clone(&ready),
            spent: take_spent,
            threads: Vec::new(),
            is_closing: false,
        };
        let shared = Arc::new_cyclic(|own| Shared {
            own: own.clone(),
            params: Arc::clone(params),
            models: project.models(),
            window_link: Arc::clone(window_link),
            load,
            limit,
            inner: Mutex::new(inner),
            ended: Condvar::new(),
        });
        let theirs = Arc::downgrade(&shared);
        // A state plays what it asks for when the host's call returns, as far as the limit goes: a bounce may follow at once.
        params.kept.model.on_set(move || {
            if let Some(shared) = theirs.upgrade() {
                shared.wait(&shared.ask());
            }
        });
        project.attach(&shared);
        (Self(shared), Outlet { ready, spent })
    }

    /// The host's rate is known: loads what the project asks for unless it is there, and waits for it within the limit.
    /// `is_again`: also what is there. Main thread.
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
}

impl Drop for Supply {
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

impl Loads for Shared {
    fn load(&self, _: Slot, request: &ModelRequest, _: Duration) -> bool {
        if self.inner.lock().rate_hz.is_none() {
            // Nothing is loaded before the host has started the plugin; the examination has to do.
            return true;
        }
        self.wait(&self.ask_for(request.clone()));
        let inner = self.inner.lock();
        let is_it = |loaded: &LoadedCodes| loaded.package.header.hash == request.hash;
        inner.progress == Progress::Ended && inner.loaded.as_ref().is_some_and(is_it)
    }

    /// The project's request and not this one is followed: it may be newer.
    fn swap(&self, _: Slot, _: &ModelRequest) {
        self.ask();
    }

    fn refuses(&self, package: &kinds::Package) -> Option<&'static str> {
        (!Plugin::Codes.kinds().contains(&package.kind()))
            .then_some("it has no codes, so it is for the effect Timbreloom")
    }

    /// Codes add no latency and no port.
    fn waits_for_restart(&self) -> bool {
        false
    }
}

impl Inner {
    /// Frees what the audio thread has given back; false when there was nothing.
    fn free_spent(&mut self) -> bool {
        std::iter::from_fn(|| self.spent.pop().ok()).count() > 0
    }
}

/// A load that may be waited for.
struct Ticket(u64);

impl Shared {
    /// Begins to load what the project asks for now: see [`Self::ask_for`].
    fn ask(&self) -> Ticket {
        let request = self.params.kept.model.lock().clone();
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
            self.window_link.telemetry.set_model(ModelInfo { name: request.name.clone(), ..ModelInfo::default() });
            self.window_link.telemetry.set_state(EngineState::Loading);
        }
        inner.threads.retain(|thread| !thread.is_finished());
        inner.free_spent();
        let (own, number) = (self.own.clone(), inner.newest);
        let asked = request.clone();
        match std::thread::Builder::new().name("timbreloom-loader".into()).spawn(move || {
            if let Some(own) = own.upgrade() {
                own.load(number, &asked, rate_hz);
            }
        }) {
            Ok(thread) => inner.threads.push(thread),
            Err(error) => {
                let reason =
                    format!("the system refused a thread to load the codebook ({error}). Close some programs.");
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
                "The codebook “{name}” has been loading for {} s. It plays as soon as it is there; if it never comes, it \
                 hangs: choose another one.",
                self.limit.as_secs()
            );
            self.window_link.telemetry.set_model(ModelInfo { name, message, is_missing: true, ..ModelInfo::default() });
        }
    }

    /// Loads and hands over. On a thread of its own.
    fn load(&self, number: u64, request: &ModelRequest, rate_hz: u32) {
        let made = catch_unwind(AssertUnwindSafe(|| {
            let brought = embedded::brought(&self.models, &request.hash);
            let loaded = (self.load)(request, brought.as_ref())?;
            let set = CodeSet::new(&loaded.book, rate_hz);
            Ok((Instrument::new(&set, Arc::clone(&self.window_link.display)), loaded))
        }));
        let made = made.unwrap_or_else(|_| Err(format!("the codebook “{}” broke while it was loaded", request.name)));
        let (instrument, mut loaded) = match made {
            Ok((instrument, loaded)) => (Some(instrument), Ok(loaded)),
            Err(reason) => (None, Err(reason)),
        };
        let is_wanted = |inner: &Inner| inner.newest == number && !inner.is_closing;
        if let Ok(loaded) = &mut loaded {
            let mut inner = self.inner.lock();
            if !is_wanted(&inner) {
                return;
            }
            self.keep_hash(&mut inner, request, loaded);
            drop(inner);
            loaded.remarks.extend(self.pack(&loaded.package.clone().into()));
        }
        let mut inner = self.inner.lock();
        if !is_wanted(&inner) {
            return;
        }
        // What nobody has fetched is freed here.
        drop(inner.ready.swap(Some(Box::new(Ready { instrument, rate_hz }))));
        self.end(&mut inner, request, loaded);
        let until = Instant::now() + RETURN;
        let mut has_returned = false;
        // Half of what comes back is the old package: freed now, and not when the next is asked for.
        while !has_returned && inner.newest == number && !inner.is_closing && Instant::now() < until {
            self.ended.wait_for(&mut inner, LOOK);
            has_returned = inner.free_spent();
        }
    }

    /// Packs what the project is to bring along, so that it is there when the project is saved; -> why it could not. Blocks.
    fn pack(&self, package: &kinds::Package) -> Vec<String> {
        let errors = self.models.iter().filter_map(|model| model.keep_up(package).err());
        errors.map(|error| error.to_string()).collect()
    }

    /// A load has ended, perhaps with remarks: tells window and host.
    fn end(&self, inner: &mut Inner, request: &ModelRequest, loaded: Result<LoadedCodes, String>) {
        inner.progress = Progress::Ended;
        let telemetry = &self.window_link.telemetry;
        let (message, package) = match loaded {
            Ok(loaded) => {
                let message = loaded.remarks.join(" ");
                let package = LoadedCodebook {
                    name: loaded.package.header.name.clone(),
                    book: Some(Arc::clone(&loaded.book)),
                    pitch_hz: Some([loaded.package.pitch.min_hz, loaded.package.pitch.max_hz]),
                };
                inner.loaded = Some(loaded);
                (message, package)
            }
            Err(reason) => {
                inner.loaded = None;
                (reason, LoadedCodebook { name: request.name.clone(), ..LoadedCodebook::default() })
            }
        };
        let is_missing = inner.loaded.is_none();
        telemetry.set_model(ModelInfo { name: package.name.clone(), message, is_missing, ..ModelInfo::default() });
        telemetry.set_state(if is_missing { EngineState::Missing } else { EngineState::Ready });
        self.window_link.set_package(package);
        self.ended.notify_all();
    }

    /// A project that asks by name goes on asking for exactly this package.
    fn keep_hash(&self, inner: &mut Inner, request: &ModelRequest, loaded: &LoadedCodes) {
        let mut asked = self.params.kept.model.lock();
        if *asked == *request && request.hash.is_empty() {
            asked.hash.clone_from(&loaded.package.header.hash);
            if let Some((known, _)) = &mut inner.asked {
                known.clone_from(&asked);
            }
        }
    }
}

#[cfg(test)]
#[path = "codes_supply_tests.rs"]
mod tests;
