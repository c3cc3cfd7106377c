//! What was recorded and what is heard, between the worker and the window. Behind locks: never for the audio thread.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::latent::{LatentHop, LatentPath};
use crate::model::Shape;
use crate::model::request::ModelRequest;

/// Takes that wait for somebody to keep them; of more the oldest goes.
const MOST_TAKES: usize = 8;

/// What is being recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Recording {
    /// Nothing.
    #[default]
    Off,
    /// It waits for its beginning.
    Waiting {
        /// From 0.
        slot: usize,
    },
    /// It is under way.
    Running {
        /// From 0.
        slot: usize,
        /// Hops so far, with those from before it began.
        hops: usize,
        /// Hops in all; `None`: until it is ended.
        wanted_hops: Option<usize>,
        /// Length of a hop, seconds.
        hop_s: f64,
    },
}

/// A path that was recorded. A copy shares the path.
#[derive(Clone, Debug)]
pub struct Take {
    /// Which slot it is for, from 0.
    pub slot: usize,
    /// What was heard.
    pub path: Arc<LatentPath>,
}

impl PartialEq for Take {
    /// Whether it is the same one.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.path, &other.path) && self.slot == other.slot
    }
}

/// The model that listens, and the last hop that it heard.
struct Listener {
    request: ModelRequest,
    shape: Shape,
    heard: Option<LatentHop>,
}

/// See the module.
#[derive(Default)]
pub struct Tape {
    recording: Mutex<Recording>,
    /// Oldest first.
    takes: Mutex<VecDeque<Take>>,
    listener: Mutex<Option<Listener>>,
}

impl Tape {
    /// What is being recorded.
    pub fn recording(&self) -> Recording {
        *self.recording.lock()
    }

    /// The oldest path that was recorded and still waits. It stays until [`Self::drop_first`] is told that it is kept elsewhere.
    pub fn peek(&self) -> Option<Take> {
        self.takes.lock().front().cloned()
    }

    /// All that wait, the oldest first.
    pub fn peek_all(&self) -> Vec<Take> {
        self.takes.lock().iter().cloned().collect()
    }

    /// Lets a path go that is kept elsewhere, if it is still the oldest one.
    pub fn drop_first(&self, take: &Take) {
        let mut takes = self.takes.lock();
        if takes.front().is_some_and(|first| Arc::ptr_eq(&first.path, &take.path)) {
            // The caller has it, too: nothing long is freed while others wait.
            takes.pop_front();
        }
    }

    /// Lets all paths go that wait.
    pub fn clear(&self) {
        let takes = std::mem::take(&mut *self.takes.lock());
        // Behind the lock: they may be long.
        drop(takes);
    }

    /// The moment that the first model hears, as a path of one hop; `None` while there is no model or nothing was heard yet.
    pub fn snapshot(&self) -> Option<LatentPath> {
        let listener = self.listener.lock();
        let Listener { request, shape, heard } = listener.as_ref()?;
        Some(LatentPath { hops: vec![(*heard)?], ..LatentPath::of(request.clone(), shape) })
    }

    /// The first model, as a path names it, and its shape; `None` while there is none.
    pub fn listener(&self) -> Option<(ModelRequest, Shape)> {
        self.listener.lock().as_ref().map(|now| (now.request.clone(), now.shape.clone()))
    }

    /// Another model listens, or none. The worker calls this and all below.
    pub(super) fn set_model(&self, model: Option<(ModelRequest, Shape)>) {
        *self.listener.lock() = model.map(|(request, shape)| Listener { request, shape, heard: None });
    }

    /// A hop was heard. While the window looks it is left out.
    pub(super) fn note_heard(&self, hop: LatentHop) {
        if let Some(mut listener) = self.listener.try_lock()
            && let Some(listener) = &mut *listener
        {
            listener.heard = Some(hop);
        }
    }

    /// What was heard last is no moment of now any more.
    pub(super) fn forget_heard(&self) {
        if let Some(listener) = &mut *self.listener.lock() {
            listener.heard = None;
        }
    }

    /// What is being recorded has changed.
    pub(super) fn set_recording(&self, recording: Recording) {
        *self.recording.lock() = recording;
    }

    /// It has one more hop. While the window looks it is left out.
    pub(super) fn note_progress(&self, recording: Recording) {
        if let Some(mut now) = self.recording.try_lock() {
            *now = recording;
        }
    }

    /// A path was recorded.
    pub(crate) fn put(&self, take: Take) {
        let mut takes = self.takes.lock();
        takes.push_back(take);
        let oldest = if takes.len() > MOST_TAKES { takes.pop_front() } else { None };
        drop(takes);
        // What is long is freed once nobody waits for it.
        drop(oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::path::tests::path;

    /// One that has a number.
    fn take(slot: usize) -> Take {
        Take { slot, path: Arc::new(path(3)) }
    }

    fn slots(tape: &Tape) -> Vec<usize> {
        std::iter::from_fn(|| {
            let take = tape.peek()?;
            tape.drop_first(&take);
            Some(take.slot)
        })
        .collect()
    }

    #[test]
    fn takes_wait_in_their_order_until_they_are_kept_and_of_nine_the_oldest_goes() {
        let tape = Tape::default();
        assert_eq!(tape.peek(), None);
        (0..3).for_each(|slot| tape.put(take(slot)));
        let first = tape.peek().unwrap();
        assert_eq!(tape.peek().as_ref(), Some(&first), "to look at it takes nothing away");
        tape.drop_first(&take(0));
        assert_eq!(tape.peek().as_ref(), Some(&first), "another one that is equal");
        tape.drop_first(&first);
        tape.drop_first(&first);
        assert_eq!(slots(&tape), [1, 2], "what has gone is not taken for the next one");
        (0..9).for_each(|slot| tape.put(take(slot)));
        assert_eq!(slots(&tape), [1, 2, 3, 4, 5, 6, 7, 8]);
        (0..3).for_each(|slot| tape.put(take(slot)));
        tape.clear();
        assert_eq!(tape.peek(), None);
    }
}
