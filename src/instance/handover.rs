//! What is handed to the audio thread whole, without a wait on either side: the newest takes the place of what was not
//! fetched, and what the audio thread has done with comes back to be freed.

use std::sync::Arc;

use crossbeam_utils::atomic::AtomicCell;
use rtrb::{Consumer, Producer, RingBuffer};

/// Things that have been used and wait to be freed.
const SPENT: usize = 4;

/// A place for one. Lock-free: it is as large as a pointer.
type Place<T> = AtomicCell<Option<Box<T>>>;

const _: () = assert!(Place::<u8>::is_lock_free());

/// The side that makes things; not for the audio thread.
pub struct Giver<T> {
    ready: Arc<Place<T>>,
    spent: Consumer<Box<T>>,
}

/// The audio thread's end.
pub struct Taker<T> {
    ready: Arc<Place<T>>,
    spent: Producer<Box<T>>,
}

/// Both ends. Allocates.
pub fn handover<T>() -> (Giver<T>, Taker<T>) {
    let ready = Arc::new(Place::default());
    let (give_back, spent) = RingBuffer::new(SPENT);
    (Giver { ready: Arc::clone(&ready), spent }, Taker { ready, spent: give_back })
}

impl<T> Giver<T> {
    /// Puts it where the audio thread finds it; frees what nobody has fetched, and what has come back.
    pub fn give(&mut self, what: Box<T>) {
        drop(self.ready.swap(Some(what)));
        self.free_spent();
    }

    /// Frees what the audio thread has given back; false when there was nothing.
    pub fn free_spent(&mut self) -> bool {
        std::iter::from_fn(|| self.spent.pop().ok()).count() > 0
    }
}

impl<T> Taker<T> {
    /// What has been given since this was last asked.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn take(&self) -> Option<Box<T>> {
        self.ready.take()
    }

    /// How many things may go back before any is freed.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn room(&self) -> usize {
        self.spent.slots()
    }

    /// Sends back what is not used any more; there is to be room for it.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn give_back(&mut self, what: Box<T>) {
        if let Err(rtrb::PushError::Full(what)) = self.spent.push(what) {
            // Never: there was room for it. A leak would be better than a free on this thread.
            std::mem::forget(what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_found_once_and_what_comes_back_is_freed_by_who_gave_it() {
        let (mut giver, mut taker) = handover();
        let [first, second] = [Arc::new(1), Arc::new(2)];
        giver.give(Box::new(Arc::clone(&first)));
        giver.give(Box::new(Arc::clone(&second)));
        assert_eq!(Arc::strong_count(&first), 1, "nobody has fetched it");
        let taken = taker.take().unwrap();
        assert_eq!(**taken, 2);
        assert!(taker.take().is_none() && !giver.free_spent());
        let room = taker.room();
        taker.give_back(taken);
        assert_eq!((taker.room(), Arc::strong_count(&second)), (room - 1, 2));
        assert!(giver.free_spent());
        assert_eq!((taker.room(), Arc::strong_count(&second)), (room, 1));
    }
}
