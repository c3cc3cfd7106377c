//! What joins the server's thread and the audio thread: a ring of asks. It lasts as long as the instance, whichever server runs.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rtrb::{Consumer, Producer, RingBuffer};

use super::backlog::Backlog;
use super::message::OscAsk;

/// Asks on their way at most: more than come within the longest block.
const CAPACITY: usize = 512;

/// What both ends say beside the ring.
struct Told {
    is_on: AtomicBool,
    /// How often all that was asked for was forgotten.
    forgets: AtomicU64,
}

/// An ask, and how often all had been forgotten when it set out.
struct Sent {
    ask: OscAsk,
    forgets: u64,
}

/// The audio thread's end. Dropping it ends the server.
pub struct AudioEnd {
    asks: Consumer<Sent>,
    told: Arc<Told>,
}

/// The server's end.
pub struct ServerEnd {
    asks: Producer<Sent>,
    told: Arc<Told>,
    /// What finds no room: a host may not ask for a block for hours.
    backlog: Backlog,
    /// How often all had been forgotten when that came.
    forgets: u64,
}

/// Makes both ends. Allocates.
pub fn ring() -> (AudioEnd, ServerEnd) {
    let (to_audio, asks) = RingBuffer::new(CAPACITY);
    let told = Arc::new(Told { is_on: AtomicBool::new(false), forgets: AtomicU64::new(0) });
    let audio = AudioEnd { asks, told: Arc::clone(&told) };
    (audio, ServerEnd { asks: to_audio, told, backlog: Backlog::default(), forgets: 0 })
}

impl AudioEnd {
    /// How many asks wait, with those that are forgotten.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn waiting(&self) -> usize {
        self.asks.slots()
    }

    /// The next ask, if one waits and is not forgotten.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn take(&mut self) -> Option<OscAsk> {
        let Sent { ask, forgets } = self.asks.pop().ok()?;
        (forgets == self.forgets()).then_some(ask)
    }

    /// Forgets all that was asked for until now, on its way or followed.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn forget(&self) {
        self.told.forgets.fetch_add(1, Ordering::Release);
    }

    /// How often all was forgotten, by [`Self::forget`] or since a server has stopped; what was asked for counts no longer then.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn forgets(&self) -> u64 {
        self.told.forgets.load(Ordering::Acquire)
    }

    /// Whether a server listens.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn is_on(&self) -> bool {
        self.told.is_on.load(Ordering::Relaxed)
    }
}

impl ServerEnd {
    /// Hands an ask on, as soon as there is room: until then of each thing the last word is kept.
    pub fn ask(&mut self, ask: OscAsk) {
        self.hand_on();
        self.backlog.add(ask);
        self.hand_on();
    }

    /// Hands on what has found no room, as far as there is some now; what is forgotten is not.
    pub fn hand_on(&mut self) {
        let forgets = self.told.forgets.load(Ordering::Acquire);
        if std::mem::replace(&mut self.forgets, forgets) != forgets {
            self.backlog.clear();
        }
        let asks = &mut self.asks;
        self.backlog.give(|ask| asks.push(Sent { ask, forgets }).is_ok());
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
        self.told.forgets.fetch_add(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::MAX_DIMS;

    fn share(share: f32) -> OscAsk {
        OscAsk::Hold { target: 0, share }
    }

    /// All that waits and is not forgotten.
    fn taken(audio: &mut AudioEnd) -> Vec<OscAsk> {
        (0..audio.waiting()).filter_map(|_| audio.take()).collect()
    }

    #[test]
    fn while_nobody_takes_anything_the_last_words_are_kept_and_come_once_there_is_room() {
        let (mut audio, mut server) = ring();
        let latent = OscAsk::Latent(Some([0.5; MAX_DIMS]));
        for n in 0..4 * CAPACITY {
            server.ask(share(n as f32));
        }
        server.ask(OscAsk::Release(Some(1)));
        server.ask(latent);
        let first = taken(&mut audio);
        assert_eq!((first.len(), first.last()), (CAPACITY, Some(&share((CAPACITY - 1) as f32))));
        assert!(taken(&mut audio).is_empty());
        server.hand_on();
        assert_eq!(taken(&mut audio), [share((4 * CAPACITY - 1) as f32), OscAsk::Release(Some(1)), latent]);
        server.hand_on();
        assert!(taken(&mut audio).is_empty(), "once each");
    }

    #[test]
    fn what_waits_is_forgotten_on_its_way_and_before_and_what_comes_then_is_not() {
        let ends: [fn(&AudioEnd, &ServerEnd); 2] = [|audio, _| audio.forget(), |_, server| server.stop()];
        for forget in ends {
            let (mut audio, mut server) = ring();
            for n in 0..2 * CAPACITY {
                server.ask(share(n as f32));
            }
            forget(&audio, &server);
            assert_eq!((taken(&mut audio), audio.forgets()), (vec![], 1));
            server.hand_on();
            assert!(taken(&mut audio).is_empty());
            server.ask(share(0.25));
            assert_eq!(taken(&mut audio), [share(0.25)]);
        }
    }
}
