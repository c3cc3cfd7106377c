//! What joins the server's thread and the audio thread: a ring of asks. It lasts as long as the instance, whichever server runs.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rtrb::{Consumer, Producer, RingBuffer};

use super::message::OscAsk;

/// Asks on their way at most: more than come within the longest block.
const CAPACITY: usize = 512;

/// What both ends say beside the ring.
struct Told {
    is_on: AtomicBool,
    /// How often a server has stopped.
    stops: AtomicU32,
}

/// The audio thread's end. Dropping it ends the server.
pub struct AudioEnd {
    asks: Consumer<OscAsk>,
    told: Arc<Told>,
}

/// The server's end.
pub struct ServerEnd {
    asks: Producer<OscAsk>,
    told: Arc<Told>,
}

/// Makes both ends. Allocates.
pub fn ring() -> (AudioEnd, ServerEnd) {
    let (to_audio, asks) = RingBuffer::new(CAPACITY);
    let told = Arc::new(Told { is_on: AtomicBool::new(false), stops: AtomicU32::new(0) });
    (AudioEnd { asks, told: Arc::clone(&told) }, ServerEnd { asks: to_audio, told })
}

impl AudioEnd {
    /// How many asks wait.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn waiting(&self) -> usize {
        self.asks.slots()
    }

    /// The next ask, if one waits.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn take(&mut self) -> Option<OscAsk> {
        self.asks.pop().ok()
    }

    /// Whether a server listens.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn is_on(&self) -> bool {
        self.told.is_on.load(Ordering::Relaxed)
    }

    /// How often a server has stopped; what it asked for counts no longer then.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn stops(&self) -> u32 {
        self.told.stops.load(Ordering::Acquire)
    }
}

impl ServerEnd {
    /// Hands an ask on; false when there is no room and it is lost.
    pub fn ask(&mut self, ask: OscAsk) -> bool {
        self.asks.push(ask).is_ok()
    }

    /// Whether the plugin has let go of its end.
    pub fn is_abandoned(&self) -> bool {
        self.asks.is_abandoned()
    }

    /// A server begins to listen.
    pub fn begin(&self) {
        self.told.is_on.store(true, Ordering::Relaxed);
    }

    /// It listens no longer: what it asked for is to be let go.
    pub fn stop(&self) {
        self.told.is_on.store(false, Ordering::Relaxed);
        self.told.stops.fetch_add(1, Ordering::Release);
    }
}
