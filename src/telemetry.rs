//! What the worker and the audio thread publish for the window: counters, the latent's way, the model in words.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_utils::atomic::AtomicCell;
use parking_lot::Mutex;

use crate::controls::{MAX_DIMS, MAX_MACROS, Playable};
use crate::listen::SoundTap;

mod dropouts;
mod guard_counts;
mod restart_wish;

pub use dropouts::Dropouts;
pub use guard_counts::GuardCounts;
pub use restart_wish::RestartWish;

/// An `f32` behind an atomic.
pub type AtomicF32 = AtomicCell<f32>;

// Where there is no atomic of its size, a cell is behind a lock: not for the audio thread.
const _: () = assert!(
    AtomicF32::is_lock_free() && AtomicCell::<EngineState>::is_lock_free() && AtomicCell::<Playable>::is_lock_free()
);

/// What the worker is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineState {
    /// A model is being loaded; dry sound passes.
    Loading,
    /// The model plays.
    Ready,
    /// There is no model to play: see the message. Dry sound passes.
    Missing,
    /// The model failed while playing: see the message. Dry sound passes.
    Faulted,
    /// The model waits for the host to restart the plugin, since it has another latency. Dry sound passes.
    Waiting,
}

/// The worker's place among the system's threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing has been played yet.
    Unknown,
    /// Just below the audio thread, in real time.
    BelowAudio,
    /// Before other programs, but not in real time.
    Raised,
    /// As the audio thread, which is not in real time itself.
    AsAudio,
    /// At normal priority: the system refused another.
    Refused,
}

/// The model in words and points, for the window. Changes only with the model.
#[derive(Clone, Debug, Default)]
pub struct ModelInfo {
    /// The package's name, or what was asked for.
    pub name: String,
    /// Latent dimensions in use; 0 without a model.
    pub dims: usize,
    /// One or two sentences from the package.
    pub description: String,
    /// Why there is no sound of the model, or a remark (another version was found, say). Empty when all is well.
    pub message: String,
    /// Whether it is asked for and not there.
    pub is_missing: bool,
    /// What the graphs run on.
    pub provider: String,
    /// Why they do not run on something else, in whole sentences; empty when there was no choice.
    pub provider_note: String,
    /// Latents of the training sound, `[point][dimension]`.
    pub reference_cloud: Vec<[f32; MAX_DIMS]>,
    /// First percentile of each dimension over the training sound.
    pub p01: [f32; MAX_DIMS],
    /// Ninety-ninth percentile.
    pub p99: [f32; MAX_DIMS],
    /// Which macros it has.
    pub has_macro: [bool; MAX_MACROS],
    /// What each dimension moves most, in a word; empty where nothing much. Without any where nobody has measured it.
    pub dimension_names: Vec<String>,
}

/// Longer in one hop than a model that is held up by other programs ever was: from then on it is taken to hang.
pub const HANG: Duration = Duration::from_secs(2);

/// No hop counts as more than this share of real time: one that is held up for a second says nothing of the model.
const MOST_LOAD: f32 = 2.0;

/// Latent points kept for the window: 3 s at 86 hops a second.
pub const TRAIL_POINTS: usize = 256;

/// One instance's telemetry, shared by its threads.
///
/// The audio thread touches atomics only. `model` is locked by the worker (on load) and the window, never by `rt`.
pub struct Telemetry {
    state: AtomicCell<EngineState>,
    /// Hops (or parts of them) that came too late to be heard, and packets that found no room.
    pub underruns: AtomicU64,
    /// Host frames of sound that were not there when they were due.
    pub lost_frames: AtomicU64,
    /// The thread that plays, by [`crate::engine::this_thread`]; 0: none yet.
    pub audio_thread: AtomicU32,
    /// The worker's place among the system's threads.
    pub standing: AtomicCell<Standing>,
    /// Hops that were not played since nobody would have heard them any more.
    pub skipped_hops: AtomicU64,
    /// What was held back at the input, the output and of the model's sound.
    pub held: GuardCounts,
    /// Hops that the model ended with an error, NaN or something absurd; they were muted.
    pub bad_hops: AtomicU64,
    /// Share of real time that the worker needs, in millionths, smoothed over about half a second.
    load_ppm: AtomicU32,
    /// Peak of the last block at the input and at the output, linear gain.
    pub input_peak: AtomicF32,
    /// See `input_peak`.
    pub output_peak: AtomicF32,
    /// Least linear gain of the limiter since the window has looked; 1: it did nothing.
    pub limiter_gain: AtomicF32,
    /// Short-term loudness of the output while a window is open, LUFS.
    pub output_lufs: AtomicF32,
    /// How much louder the wet sound is than the dry one, both before the mix, dB; NaN while nobody can tell.
    pub wet_above_dry_db: AtomicF32,
    /// Whether the last block was silence, and all that follow will be until the input sounds or a control moves.
    pub is_silent: AtomicBool,
    /// Latency told to the host, host frames.
    pub latency_frames: AtomicU32,
    /// The host's rate, Hz.
    pub host_rate_hz: AtomicF32,
    /// Linear gain by which the feedback's guard holds the loop back; 1: not at all.
    pub feedback_guard: AtomicF32,
    /// Whether a model waits for the host to restart the plugin.
    pub restart: RestartWish,
    /// Whether a setting waits for the same.
    pub has_new_latency: AtomicBool,
    /// Whether the host has set the plugin up without a side-chain, as it always does for VST3.
    pub has_no_side_chain: AtomicBool,
    /// What the window hears.
    pub sound: Arc<SoundTap>,
    /// Whether the host has called `process` since it was last cleared; the window clears it.
    pub is_running: AtomicBool,
    /// When this was made; what times below count from.
    began: Instant,
    /// When the worker went into the packet that it is in, ms; 0 while it is in none.
    busy_since_ms: AtomicU64,
    /// How often `model` was changed.
    pub model_generation: AtomicU32,
    /// The model in words and points.
    pub model: Mutex<Arc<ModelInfo>>,
    /// The second model; its name is empty while there is none.
    pub second: Mutex<Arc<ModelInfo>>,
    /// Why latent paths of the project do not play, in whole sentences; empty while all that there are do.
    pub paths_note: Mutex<String>,
    /// Which of them can play in the models that are loaded; all, until the worker has looked.
    pub playable: AtomicCell<Playable>,
    /// Where in the path whose time counts the sound is, as a share of its length, 0 to 1; NaN while none plays.
    pub path_at: AtomicF32,
    /// The place on the plane that is used, wherever it comes from, each 0 to 1.
    pub plane_place: [AtomicF32; 2],
    /// Length of a quarter note in the song's tempo, seconds.
    pub beat_s: AtomicF32,
    /// Quarter notes of a bar in the song's signature.
    pub bar_beats: AtomicF32,
    /// What the player's operators were given, and what they made of it.
    trail: Vec<[[AtomicF32; MAX_DIMS]; 2]>,
    trail_points: AtomicU64,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            state: AtomicCell::new(EngineState::Loading),
            underruns: AtomicU64::new(0),
            lost_frames: AtomicU64::new(0),
            audio_thread: AtomicU32::new(0),
            standing: AtomicCell::new(Standing::Unknown),
            skipped_hops: AtomicU64::new(0),
            held: GuardCounts::default(),
            bad_hops: AtomicU64::new(0),
            load_ppm: AtomicU32::new(0),
            input_peak: AtomicF32::default(),
            output_peak: AtomicF32::default(),
            limiter_gain: AtomicF32::new(1.0),
            output_lufs: AtomicF32::new(f32::NEG_INFINITY),
            wet_above_dry_db: AtomicF32::new(f32::NAN),
            is_silent: AtomicBool::new(false),
            latency_frames: AtomicU32::new(0),
            host_rate_hz: AtomicF32::default(),
            feedback_guard: AtomicF32::new(1.0),
            restart: RestartWish::default(),
            has_new_latency: AtomicBool::new(false),
            has_no_side_chain: AtomicBool::new(false),
            sound: Arc::default(),
            is_running: AtomicBool::new(false),
            began: Instant::now(),
            busy_since_ms: AtomicU64::new(0),
            model_generation: AtomicU32::new(0),
            model: Mutex::default(),
            second: Mutex::default(),
            paths_note: Mutex::default(),
            playable: AtomicCell::new(Playable::ALL),
            path_at: AtomicF32::new(f32::NAN),
            plane_place: [0.5; 2].map(AtomicF32::new),
            beat_s: AtomicF32::new(0.5),
            bar_beats: AtomicF32::new(4.0),
            trail: (0..TRAIL_POINTS).map(|_| Default::default()).collect(),
            trail_points: AtomicU64::new(0),
        }
    }
}

impl Telemetry {
    /// What the worker is doing. Wait-free.
    pub fn state(&self) -> EngineState {
        self.state.load()
    }

    /// What a limiter has held back at most in a block: it stays until the window has looked, which may be more seldom. Audio thread,
    /// wait-free.
    pub fn note_limiter(&self, least: f32) {
        self.limiter_gain.store(self.limiter_gain.load().min(least));
    }

    /// Whether something is heard only once the host restarts the plugin. Wait-free.
    pub fn waits_for_restart(&self) -> bool {
        self.restart.is_there() || self.has_new_latency.load(Ordering::Relaxed)
    }

    /// Called by the worker.
    pub fn set_state(&self, state: EngineState) {
        self.state.store(state);
    }

    /// Called by the worker before and after it takes a packet through the models.
    pub fn note_busy(&self, is_busy: bool) {
        let since_ms = if is_busy { self.began.elapsed().as_millis().max(1) as u64 } else { 0 };
        self.busy_since_ms.store(since_ms, Ordering::Release);
    }

    /// How long the worker has been in one packet, a matter of a hop at most; zero while it is in none. Wait-free.
    pub fn busy_for(&self) -> Duration {
        match self.busy_since_ms.load(Ordering::Acquire) {
            0 => Duration::ZERO,
            since_ms => self.began.elapsed().saturating_sub(Duration::from_millis(since_ms)),
        }
    }

    /// Whether the model hangs: it has been in one hop for longer than [`HANG`]. Dry sound is heard then. Wait-free.
    pub fn is_hanging(&self) -> bool {
        self.busy_for() > HANG
    }

    /// What hanging means and what to do; `None` while the model does not hang. Allocates.
    pub fn hanging_sentence(&self) -> Option<String> {
        let busy_for = self.busy_for();
        (busy_for > HANG).then(|| {
            format!(
                "The model has not answered for {:.0} s: dry sound is heard until it does. If it never does, save, choose \
                 another model, and restart the host.",
                busy_for.as_secs_f32()
            )
        })
    }

    /// Replaces the model's description. May block: worker and main thread only.
    pub fn set_model(&self, info: ModelInfo) {
        *self.model.lock() = Arc::new(info);
        self.model_generation.fetch_add(1, Ordering::Release);
    }

    /// Replaces the second model's description. May block: worker and main thread only.
    pub fn set_second(&self, info: ModelInfo) {
        *self.second.lock() = Arc::new(info);
        self.model_generation.fetch_add(1, Ordering::Release);
    }

    /// Says why latent paths do not play. May block: worker only.
    pub fn set_paths_note(&self, note: String) {
        *self.paths_note.lock() = note;
    }

    /// Share of real time that the worker needs, 1 = all of it. Wait-free.
    pub fn load(&self) -> f32 {
        self.load_ppm.load(Ordering::Relaxed) as f32 * 1e-6
    }

    /// Called by the worker after each hop with that hop's share of real time.
    pub fn note_load(&self, share: f32) {
        // One pole over some 40 hops; only the worker writes. A hop that other programs held up is no more than too late.
        let smooth = self.load() + (share.min(MOST_LOAD) - self.load()) * 0.025;
        self.load_ppm.store((smooth * 1e6) as u32, Ordering::Relaxed);
    }

    /// Called by the worker after each hop with its latent before and after the player's operators.
    pub fn note_latent(&self, raw: &[f32; MAX_DIMS], latent: &[f32; MAX_DIMS]) {
        let count = self.trail_points.load(Ordering::Relaxed);
        for (slots, values) in self.trail[count as usize % TRAIL_POINTS].iter().zip([raw, latent]) {
            slots.iter().zip(values).for_each(|(slot, &value)| slot.store(value));
        }
        self.trail_points.store(count + 1, Ordering::Release);
    }

    /// Appends the latent points since `seen` (as many as are still held), before and after the player's operators, and
    /// returns the new `seen`.
    ///
    /// A point may be half overwritten when the reader is three seconds late; it is a picture, not data.
    pub fn latents_since(
        &self,
        seen: u64,
        raw_points: &mut Vec<[f32; MAX_DIMS]>,
        points: &mut Vec<[f32; MAX_DIMS]>,
    ) -> u64 {
        let count = self.trail_points.load(Ordering::Acquire);
        for index in seen.max(count.saturating_sub(TRAIL_POINTS as u64))..count {
            let [raw, latent] = &self.trail[index as usize % TRAIL_POINTS];
            raw_points.push(raw.each_ref().map(AtomicF32::load));
            points.push(latent.each_ref().map(AtomicF32::load));
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_hop_that_was_held_up_hardly_moves_the_load_and_a_model_that_is_too_slow_shows() {
        let telemetry = Telemetry::default();
        for _ in 0..400 {
            telemetry.note_load(0.22);
        }
        telemetry.note_load(170.0);
        assert!((0.22..0.3).contains(&telemetry.load()), "{}", telemetry.load());
        for _ in 0..400 {
            telemetry.note_load(1.5);
        }
        assert!((telemetry.load() - 1.5).abs() < 0.01, "{}", telemetry.load());
    }

    #[test]
    fn the_trail_gives_each_point_once_and_the_newest_when_late() {
        let telemetry = Telemetry::default();
        let (mut raw, mut points) = (Vec::new(), Vec::new());
        let seen = telemetry.latents_since(0, &mut raw, &mut points);
        assert!(points.is_empty());
        for n in 0..3 {
            telemetry.note_latent(&[-(n as f32); MAX_DIMS], &[n as f32; MAX_DIMS]);
        }
        let seen = telemetry.latents_since(seen, &mut raw, &mut points);
        assert_eq!(raw.iter().map(|p| p[3]).collect::<Vec<_>>(), [0.0, -1.0, -2.0]);
        assert_eq!(points.iter().map(|p| p[0]).collect::<Vec<_>>(), [0.0, 1.0, 2.0]);
        for n in 0..TRAIL_POINTS + 10 {
            telemetry.note_latent(&[-(n as f32); MAX_DIMS], &[n as f32; MAX_DIMS]);
        }
        points.clear();
        telemetry.latents_since(seen, &mut raw, &mut points);
        assert_eq!(points.len(), TRAIL_POINTS);
        assert_eq!(points.last().map(|p| p[0]), Some((TRAIL_POINTS + 9) as f32));
    }
}
