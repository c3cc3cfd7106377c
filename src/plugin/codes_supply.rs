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

use crate::instance::codes_params::CodesParams;
use crate::instance::codes_stage::{Lost, Package, Stage};
use crate::model::codes_loader::{self, LoadedCodes};
use crate::model::request::ModelRequest;
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
pub(super) type Load = fn(&ModelRequest) -> Result<LoadedCodes, String>;

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
    params: Arc<CodesParams>,
    stage: Arc<Stage>,
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
    pub(super) fn new(params: &Arc<CodesParams>, stage: &Arc<Stage>) -> (Self, Outlet) {
        Self::by(params, stage, |request| codes_loader::load(request).map_err(|error| error.to_string()), LOAD_LIMIT)
    }

    /// As [`Self::new`], with another loader and another limit for waiting.
    fn by(params: &Arc<CodesParams>, stage: &Arc<Stage>, load: Load, limit: Duration) -> (Self, Outlet) {
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
        let shared = Arc::new(Shared {
            params: Arc::clone(params),
            stage: Arc::clone(stage),
            load,
            limit,
            inner: Mutex::new(inner),
            ended: Condvar::new(),
        });
        let theirs = Arc::downgrade(&shared);
        // A state plays what it asks for when the host's call returns, as far as the limit goes: a bounce may follow at once.
        params.model.on_set(move || with(&theirs, |shared| shared.wait(&shared.ask())));
        let theirs = Arc::downgrade(&shared);
        stage.on_ask(move || {
            with(&theirs, |shared| {
                shared.ask();
            });
        });
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

fn with(shared: &Weak<Shared>, work: impl FnOnce(&Arc<Shared>)) {
    if let Some(shared) = shared.upgrade() {
        work(&shared);
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
    /// Begins to load what is asked for now, unless it is there or on its way. What has failed is tried again.
    fn ask(self: &Arc<Self>) -> Ticket {
        let request = self.params.model.lock().clone();
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
            self.stage.telemetry.set_state(EngineState::Loading);
        }
        inner.threads.retain(|thread| !thread.is_finished());
        inner.free_spent();
        let (shared, number) = (Arc::clone(self), inner.newest);
        let asked = request.clone();
        match std::thread::Builder::new().name("timbreloom-loader".into()).spawn(move || {
            shared.load(number, &asked, rate_hz);
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
            self.stage.telemetry.set_model(ModelInfo { name, message, is_missing: true, ..ModelInfo::default() });
        }
    }

    /// Loads and hands over. On a thread of its own.
    fn load(&self, number: u64, request: &ModelRequest, rate_hz: u32) {
        let made = catch_unwind(AssertUnwindSafe(|| {
            let loaded = (self.load)(request)?;
            let set = CodeSet::new(&loaded.book, rate_hz);
            Ok((Instrument::new(&set, Arc::clone(&self.stage.display)), loaded))
        }));
        let made = made.unwrap_or_else(|_| Err(format!("the codebook “{}” broke while it was loaded", request.name)));
        let (instrument, loaded) = match made {
            Ok((instrument, loaded)) => (Some(instrument), Ok(loaded)),
            Err(reason) => (None, Err(reason)),
        };
        let mut inner = self.inner.lock();
        if inner.newest != number || inner.is_closing {
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

    /// A load has ended: tells window, host and project.
    fn end(&self, inner: &mut Inner, request: &ModelRequest, loaded: Result<LoadedCodes, String>) {
        inner.progress = Progress::Ended;
        let telemetry = &self.stage.telemetry;
        let mut message = String::new();
        let package = match loaded {
            Ok(loaded) => {
                if loaded.is_other_version {
                    message = format!(
                        "This is another version of “{}” than the project was made with: it may sound different.",
                        request.name
                    );
                }
                let package = Package {
                    name: loaded.package.name.clone(),
                    book: Some(Arc::clone(&loaded.book)),
                    pitch_hz: Some([loaded.package.pitch.min_hz, loaded.package.pitch.max_hz]),
                    lost: None,
                };
                self.keep_hash(inner, request, &loaded);
                inner.loaded = Some(loaded);
                package
            }
            Err(reason) => {
                message.clone_from(&reason);
                inner.loaded = None;
                let lost = Some(Lost::new(request.clone(), reason));
                Package { name: request.name.clone(), lost, ..Package::default() }
            }
        };
        let is_missing = inner.loaded.is_none();
        telemetry.set_model(ModelInfo { name: package.name.clone(), message, is_missing, ..ModelInfo::default() });
        telemetry.set_state(if is_missing { EngineState::Missing } else { EngineState::Ready });
        self.stage.set_package(package);
        self.ended.notify_all();
    }

    /// A project that asks by name goes on asking for exactly this package.
    fn keep_hash(&self, inner: &mut Inner, request: &ModelRequest, loaded: &LoadedCodes) {
        let mut asked = self.params.model.lock();
        if *asked == *request && request.hash.is_empty() {
            asked.hash.clone_from(&loaded.package.hash);
            if let Some((known, _)) = &mut inner.asked {
                known.clone_from(&asked);
            }
        }
    }
}

#[cfg(test)]
#[path = "codes_supply_tests.rs"]
mod tests;
