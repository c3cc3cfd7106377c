//! What an instance of the drum machine shares with its window.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crossbeam_utils::atomic::AtomicCell;
use parking_lot::Mutex;
use rtrb::{Consumer, Producer, RingBuffer};

use super::heard_sound::HeardSound;
use crate::drums::TRACKS;
use crate::hits::shared::Shared;
use crate::model::grains::Tables;
use crate::telemetry::{AtomicF32, EngineState, ModelInfo, Telemetry};

/// Events of the window that wait for a block; what comes while it is full is dropped.
const WAITING_EVENTS: usize = 256;

// Where there is no atomic of its size, a cell is behind a lock: not for the audio thread.
const _: () = assert!(AtomicCell::<f64>::is_lock_free());

/// What is loaded. Main thread and window; never the audio thread.
#[derive(Clone, Debug, Default)]
pub struct LoadedGrainModel {
    /// Its name; of one that is missing, the name that was asked for.
    pub name: String,
    /// Its kinds of hits, by number; none where it is missing.
    pub classes: Vec<String>,
    /// Numbers of an embedding; 0 where it is missing.
    pub embedding: usize,
    /// Its hits and grains.
    pub tables: Option<Arc<Tables>>,
}

/// What is played in the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DrumEvent {
    /// A track is struck.
    Hit {
        /// From 0.
        track: usize,
        /// Over 0, at most 1.
        velocity: f32,
    },
}

/// What the machine does: written by the audio thread with each block, read whenever a frame is drawn.
#[derive(Debug)]
pub struct Display {
    position: AtomicCell<f64>,
    pattern: AtomicU32,
    peaks: [AtomicF32; TRACKS],
    late: AtomicU32,
}

impl Default for Display {
    fn default() -> Self {
        Self {
            position: AtomicCell::new(f64::NAN),
            pattern: AtomicU32::new(0),
            peaks: [0.0; TRACKS].map(AtomicF32::new),
            late: AtomicU32::new(0),
        }
    }
}

impl Display {
    /// Where the song is, beats; `None` while nothing runs.
    pub fn position(&self) -> Option<f64> {
        Some(self.position.load()).filter(|beats| !beats.is_nan())
    }

    /// The pattern that is chosen, by the parameter or by a key: the first one of the chain, from 0.
    pub fn pattern(&self) -> usize {
        self.pattern.load(Ordering::Relaxed) as usize
    }

    /// The largest sample of each track since this was last asked, linear, before the output gain.
    pub fn take_peaks(&self) -> [f32; TRACKS] {
        self.peaks.each_ref().map(|peak| peak.swap(0.0))
    }

    /// How many strikes played an older hit, or none, since theirs was not there yet.
    pub fn late(&self) -> u32 {
        self.late.load(Ordering::Relaxed)
    }

    /// What a block has played.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn show(&self, position: Option<f64>, pattern: usize, peaks: [f32; TRACKS], late: u32) {
        self.position.store(position.unwrap_or(f64::NAN));
        self.pattern.store(pattern as u32, Ordering::Relaxed);
        // A window that takes them at this very moment shows one twice.
        self.peaks.iter().zip(peaks).for_each(|(known, peak)| known.store(known.load().max(peak)));
        self.late.fetch_add(late, Ordering::Relaxed);
    }
}

/// What both use.
pub struct DrumsWindowLink {
    /// State, load, level and sound.
    pub telemetry: Arc<Telemetry>,
    /// What is played.
    pub display: Display,
    /// The kit, and the hits that were last made.
    pub hits: Arc<Shared>,
    /// The walk that is heard.
    pub walk: HeardSound,
    package: Mutex<LoadedGrainModel>,
    packages: AtomicU64,
    events: Mutex<Producer<DrumEvent>>,
}

impl DrumsWindowLink {
    /// With the audio thread's end of what the window plays. `hits`: those of the parameters. Allocates.
    pub fn new(hits: Arc<Shared>) -> (Self, Consumer<DrumEvent>) {
        let (give, take) = RingBuffer::new(WAITING_EVENTS);
        let window_link = Self {
            telemetry: Arc::default(),
            display: Display::default(),
            hits,
            walk: HeardSound::default(),
            package: Mutex::default(),
            packages: AtomicU64::new(0),
            events: Mutex::new(give),
        };
        (window_link, take)
    }

    /// What is loaded.
    pub fn package(&self) -> LoadedGrainModel {
        self.package.lock().clone()
    }

    /// How often something else was loaded.
    pub fn packages(&self) -> u64 {
        self.packages.load(Ordering::Acquire)
    }

    /// Something else is loaded.
    pub fn set_package(&self, package: LoadedGrainModel) {
        *self.package.lock() = package;
        self.packages.fetch_add(1, Ordering::Release);
    }

    /// The machine has panicked while it played.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn note_fault(&self) {
        self.telemetry.set_state(EngineState::Faulted);
    }

    /// Puts into words what the audio thread and the worker can only note. GUI thread.
    pub fn explain_fault(&self) {
        let known = Arc::clone(&self.telemetry.model.lock());
        let message = if self.telemetry.state() == EngineState::Faulted {
            "The drum machine broke while it played and is silent now. Switch the plugin off and on to try again."
                .into()
        } else {
            self.hits.fault()
        };
        if !message.is_empty() && known.message != message {
            self.telemetry.set_model(ModelInfo { message, ..(*known).clone() });
        }
    }

    /// Plays at the beginning of the next block. GUI thread.
    pub fn play(&self, event: DrumEvent) {
        // A host that does not run leaves the queue full: nobody would hear it anyway.
        let _ = self.events.lock().push(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_told_the_largest_peaks_of_all_blocks_since_it_asked() {
        let display = Display::default();
        assert_eq!((display.position(), display.late()), (None, 0));
        display.show(Some(1.5), 3, [0.5; TRACKS], 1);
        display.show(Some(1.75), 3, [0.25; TRACKS], 2);
        assert_eq!((display.position(), display.pattern(), display.late()), (Some(1.75), 3, 3));
        assert_eq!((display.take_peaks(), display.take_peaks()), ([0.5; TRACKS], [0.0; TRACKS]));
        display.show(None, 0, [0.0; TRACKS], 0);
        assert_eq!(display.position(), None);
    }
}
