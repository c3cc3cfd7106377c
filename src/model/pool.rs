//! Sessions shared by all instances of a package in this process.
//!
//! A session is 8 MB of weights and holds no state of ours: the graphs take their state in and give it out. So a
//! process keeps, for each package, as many sessions as can run at once: one per core, and no more than there are
//! instances. A worker borrows one for a call and gives it back. Never used on the audio thread.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, LazyLock, OnceLock, Weak};

use ort::session::Session;
use parking_lot::{Condvar, Mutex};

use super::graph::SessionError;
use super::manifest::Header;
use super::provider::Provider;
use super::quarantine::playing::{Call, Watch};
use super::shipped;

/// The pools of this process by their package's hash and what runs it. An entry outlives its pool until the next pool is made.
static POOLS: LazyLock<Mutex<HashMap<Key, Weak<Pool>>>> = LazyLock::new(Mutex::default);

/// A package's hash and what runs it.
type Key = (String, Provider);

/// The sessions of one package.
pub(super) struct Pool {
    /// Held while sessions are loaded, so that two instances do not load for one another; never by a borrower.
    growth: Mutex<Growth>,
    most_sessions: usize,
    /// Of a package that others made.
    watch: OnceLock<Watch>,
    encoders: IdleSessions,
    decoders: IdleSessions,
    rest: Mutex<Option<Arc<Rest>>>,
}

/// The encoder's and the decoder's state once nothing has sounded for a while.
pub(super) type Rest = [Vec<f32>; 2];

#[derive(Default)]
struct Growth {
    instances: usize,
    sessions: usize,
}

/// An instance's share in a pool. The sessions are freed with the last share.
pub(super) struct Share {
    pool: Arc<Pool>,
}

impl Share {
    /// A share in the process's pool of this package, which grows here by what `load` gives if it should. Blocks while it loads.
    ///
    /// The files are read only when the pool grows: other instances play what was checked before.
    ///
    /// # Errors
    /// Those of `load`, or when earlier processes ended while they played the package; the pool is then as it was.
    pub(super) fn of<G: Into<Graphs>>(
        header: &Header,
        provider: Provider,
        load: impl FnOnce() -> Result<G, SessionError>,
    ) -> Result<Self, SessionError> {
        let pool = pool_of(&header.hash, provider);
        pool.be_watched(&header.name, &header.hash, provider)?;
        Self::in_pool(pool, load)
    }

    /// A pool of its own: for who examines these very files.
    ///
    /// # Errors
    /// Those of `load`.
    pub(super) fn apart<G: Into<Graphs>>(load: impl FnOnce() -> Result<G, SessionError>) -> Result<Self, SessionError> {
        Self::in_pool(Arc::new(Pool::new(1)), load)
    }

    fn in_pool<G: Into<Graphs>>(
        pool: Arc<Pool>,
        load: impl FnOnce() -> Result<G, SessionError>,
    ) -> Result<Self, SessionError> {
        let mut growth = pool.growth.lock();
        if growth.sessions < pool.most_sessions.min(growth.instances + 1) {
            let graphs = load()?.into();
            pool.encoders.put(graphs.encoder);
            if let Some(decoder) = graphs.decoder {
                pool.decoders.put(decoder);
            }
            growth.sessions += 1;
        }
        growth.instances += 1;
        drop(growth);
        Ok(Self { pool })
    }

    /// The states after silence, found by `find` for all instances once. Blocks as [`Self::encoder`] and [`Self::decoder`].
    ///
    /// # Errors
    /// Those of `find`.
    pub(super) fn rest(
        &self,
        find: impl FnOnce(&mut Session, &mut Session) -> Result<Rest, SessionError>,
    ) -> Result<Arc<Rest>, SessionError> {
        let mut known = self.pool.rest.lock();
        if let Some(rest) = &*known {
            return Ok(rest.clone());
        }
        let rest = Arc::new(find(&mut self.encoder(), &mut self.decoder())?);
        *known = Some(rest.clone());
        Ok(rest)
    }

    /// A session of the encoder, once one is free. Blocks while as many workers as there are sessions run one.
    pub(super) fn encoder(&self) -> Borrowed<'_> {
        self.pool.borrow(&self.pool.encoders)
    }

    /// A session of the decoder, once one is free. Blocks while as many workers as there are sessions run one. Codes
    /// have none.
    pub(super) fn decoder(&self) -> Borrowed<'_> {
        self.pool.borrow(&self.pool.decoders)
    }
}

/// The process's pool of the package of this hash, made where there is none yet.
fn pool_of(hash: &str, provider: Provider) -> Arc<Pool> {
    let mut pools = POOLS.lock();
    pools.retain(|_, pool| pool.strong_count() > 0);
    let key = (hash.to_owned(), provider);
    let known = pools.get(&key).and_then(Weak::upgrade);
    known.unwrap_or_else(|| {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let pool = Arc::new(Pool::new(cores));
        pools.insert(key, Arc::downgrade(&pool));
        pool
    })
}

/// What a pool grows by.
pub(super) struct Graphs {
    pub(super) encoder: Session,
    /// Codes have none.
    pub(super) decoder: Option<Session>,
}

impl Drop for Share {
    fn drop(&mut self) {
        self.pool.growth.lock().instances -= 1;
    }
}

impl Pool {
    fn new(most_sessions: usize) -> Self {
        Self {
            growth: Mutex::default(),
            most_sessions,
            watch: OnceLock::new(),
            encoders: IdleSessions::default(),
            decoders: IdleSessions::default(),
            rest: Mutex::default(),
        }
    }

    /// From the first share on a package is watched that does not ship with this version.
    fn be_watched(&self, name: &str, hash: &str, provider: Provider) -> Result<(), SessionError> {
        // Two that come at once do this one after the other.
        let _growth = self.growth.lock();
        if self.watch.get().is_none()
            && !shipped::is_shipped(hash)
            && let Some(watch) = Watch::begin(name, hash, provider)?
        {
            let _ = self.watch.set(watch);
        }
        Ok(())
    }

    fn borrow<'a>(&'a self, idle: &'a IdleSessions) -> Borrowed<'a> {
        let session = idle.take();
        Borrowed { idle, session: Some(session), _call: self.watch.get().map(Watch::call) }
    }
}

/// Sessions of one graph that are not in use; the one that was used last is on top, still in the cache.
#[derive(Default)]
struct IdleSessions {
    free: Mutex<Vec<Session>>,
    returned: Condvar,
}

impl IdleSessions {
    fn put(&self, session: Session) {
        self.free.lock().push(session);
        self.returned.notify_one();
    }

    fn take(&self) -> Session {
        let mut free = self.free.lock();
        loop {
            if let Some(session) = free.pop() {
                return session;
            }
            self.returned.wait(&mut free);
        }
    }
}

/// A session for one call; goes back to the idle ones when dropped, after a panic too.
pub(super) struct Borrowed<'a> {
    idle: &'a IdleSessions,
    session: Option<Session>,
    _call: Option<Call<'a>>,
}

impl Deref for Borrowed<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session.as_ref().expect("taken in `drop` only")
    }
}

impl DerefMut for Borrowed<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session.as_mut().expect("taken in `drop` only")
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.idle.put(session);
        }
    }
}

/// What this process holds of a package, for the window and the tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Loaded instances that share sessions.
    pub instances: usize,
    /// Sessions of each graph.
    pub sessions: usize,
}

/// What this process holds of the package of this hash, on all providers. Waits while one is being loaded.
pub fn shared(hash: &str) -> Shared {
    let pools: Vec<Arc<Pool>> =
        POOLS.lock().iter().filter(|((of, _), _)| of == hash).filter_map(|(_, pool)| pool.upgrade()).collect();
    pools.iter().fold(Shared::default(), |sum, pool| {
        let growth = pool.growth.lock();
        Shared { instances: sum.instances + growth.instances, sessions: sum.sessions + growth.sessions }
    })
}
