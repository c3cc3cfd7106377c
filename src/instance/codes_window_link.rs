//! What an instance of the instrument shares with its window.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rtrb::{Consumer, Producer, RingBuffer};

use crate::codes::book::Codebook;
use crate::synth::display::Display;
use crate::synth::instrument::Event;
use crate::telemetry::{EngineState, ModelInfo, Telemetry};

/// Events of the window that wait for a block; what comes while it is full is dropped.
const WAITING_EVENTS: usize = 256;

/// What is loaded. Main thread and window; never the audio thread.
#[derive(Clone, Debug, Default)]
pub struct LoadedCodebook {
    /// Its name; of one that is missing, the name that was asked for.
    pub name: String,
    /// Its codes.
    pub book: Option<Arc<Codebook>>,
    /// The lowest and the highest pitch of its training, Hz.
    pub pitch_hz: Option<[f32; 2]>,
}

/// What both use.
pub struct CodesWindowLink {
    /// What the voices play.
    pub display: Arc<Display>,
    /// State, load, level and sound.
    pub telemetry: Arc<Telemetry>,
    package: Mutex<LoadedCodebook>,
    packages: AtomicU64,
    events: Mutex<Producer<Event>>,
}

impl CodesWindowLink {
    /// With the audio thread's end of what the window plays. Allocates.
    pub fn new() -> (Self, Consumer<Event>) {
        let (give, take) = RingBuffer::new(WAITING_EVENTS);
        let window_link = Self {
            display: Arc::default(),
            telemetry: Arc::default(),
            package: Mutex::default(),
            packages: AtomicU64::new(0),
            events: Mutex::new(give),
        };
        (window_link, take)
    }

    /// What is loaded.
    pub fn package(&self) -> LoadedCodebook {
        self.package.lock().clone()
    }

    /// How often something else was loaded.
    pub fn packages(&self) -> u64 {
        self.packages.load(Ordering::Acquire)
    }

    /// Something else is loaded.
    pub fn set_package(&self, package: LoadedCodebook) {
        *self.package.lock() = package;
        self.packages.fetch_add(1, Ordering::Release);
    }

    /// The package has panicked while it played.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn note_fault(&self) {
        self.telemetry.set_state(EngineState::Faulted);
    }

    /// Puts into words what the audio thread can only note. GUI thread.
    pub fn explain_fault(&self) {
        let known = Arc::clone(&self.telemetry.model.lock());
        if self.telemetry.state() == EngineState::Faulted {
            let message = format!(
                "The codebook “{}” broke while it played and is silent now. Choose another one, or switch the plugin \
                 off and on to try this one again.",
                known.name
            );
            if known.message != message {
                self.telemetry.set_model(ModelInfo { message, ..(*known).clone() });
            }
        }
    }

    /// Plays at the beginning of the next block. GUI thread.
    pub fn play(&self, event: Event) {
        // A host that does not run leaves the queue full: nobody would hear it anyway.
        let _ = self.events.lock().push(event);
    }
}
