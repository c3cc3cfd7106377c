//! What was recorded and what is heard, between the worker and the window. Behind locks: never for the audio thread.

use parking_lot::Mutex;

use crate::latent::chance::random_walk;
use crate::latent::{LatentHop, LatentPath};
use crate::model::Shape;
use crate::model::request::ModelRequest;

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

/// A path that was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Take {
    /// Which slot it is for, from 0.
    pub slot: usize,
    /// What was heard.
    pub path: LatentPath,
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
    take: Mutex<Option<Take>>,
    listener: Mutex<Option<Listener>>,
}

impl Tape {
    /// What is being recorded.
    pub fn recording(&self) -> Recording {
        *self.recording.lock()
    }

    /// The path that was recorded last, once.
    pub fn take(&self) -> Option<Take> {
        self.take.lock().take()
    }

    /// The moment that the first model hears, as a path of one hop; `None` while there is no model or nothing was heard yet.
    pub fn snapshot(&self) -> Option<LatentPath> {
        let listener = self.listener.lock();
        let Listener { request, shape, heard } = listener.as_ref()?;
        Some(LatentPath { hops: vec![(*heard)?], ..LatentPath::of(request.clone(), shape) })
    }

    /// A random walk through the first model's latent space, see [`random_walk`]; `None` while there is no model.
    pub fn random_walk(&self, pitch_hz: Option<f32>, seconds: f32, seed: u32) -> Option<LatentPath> {
        let listener = self.listener.lock();
        let (request, shape) = listener.as_ref().map(|now| (now.request.clone(), now.shape.clone()))?;
        // Longer than the worker may be held up.
        drop(listener);
        Some(random_walk(request, &shape, pitch_hz, seconds, seed))
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
    pub(super) fn put(&self, take: Take) {
        *self.take.lock() = Some(take);
    }
}
