//! What the drum machine tells its window, and what the window asks of it.

use std::sync::Arc;

use super::pattern::Patterns;
use super::walk::Walk;
use crate::{ParamId, Request, Status};

/// Tracks of the machine.
pub const TRACKS: usize = 8;

/// The most steps of a line.
pub const STEPS: usize = 16;

/// Patterns of a project.
pub const PATTERNS: usize = 8;

/// Kinds of drums that a package may have at most.
pub const MAX_CLASSES: usize = 32;

/// Whether a track can be heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HitState {
    /// There is none.
    #[default]
    Missing,
    /// It is being made; the one before is heard until then.
    Rendering,
    /// It is heard.
    Ready,
}

/// What a hit looks like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HitPicture {
    /// Another number for another sound.
    pub generation: u64,
    /// The lowest and the highest value of the waveform in each of some 200 columns, full scale is 1.
    pub columns: Vec<[f32; 2]>,
}

/// One track at this frame.
#[derive(Clone, Debug)]
pub struct TrackStatus {
    /// The peak since the last frame, dB of full scale; minus infinity for silence.
    pub level_db: f32,
    /// Whether its hit can be heard.
    pub hit: HitState,
    /// What the hit looks like: the same `Arc` until it changes.
    pub picture: Arc<HitPicture>,
    /// Where the hit lies on the plane of its kind before the pad moves it.
    pub at: [f32; 2],
}

impl Default for TrackStatus {
    fn default() -> Self {
        Self { level_db: f32::NEG_INFINITY, hit: HitState::Missing, picture: Arc::default(), at: [0.0; 2] }
    }
}

/// What is played.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Playing {
    /// Where in the song, quarter notes.
    pub beats: f64,
    /// The pattern, from 0.
    pub pattern: usize,
    /// The step of each track's line, from 0.
    pub steps: [usize; TRACKS],
}

/// The machine at this frame; the editor fills it on the GUI thread.
#[derive(Clone, Debug, Default)]
pub struct DrumsStatus {
    /// State, load, rate, latency and output level; the rest stays at its defaults.
    pub plugin: Status,
    /// All patterns: the same `Arc` until they change.
    pub patterns: Arc<Patterns>,
    /// What is played; `None` while nothing runs.
    pub playing: Option<Playing>,
    /// Each track.
    pub tracks: [TrackStatus; TRACKS],
    /// The walk through grain space: the same `Arc` until it changes.
    pub walk: Arc<Walk>,
    /// How much of the walk has been walked, 0 to 1; `None` while it rests.
    pub walk_at: Option<f32>,
}

/// A kind of drum.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassView {
    /// In the package's words, as “snare”.
    pub name: String,
    /// Some hundred hits on the plane of this kind, at most 400.
    pub cloud: Vec<[f32; 2]>,
}

/// A grain of grain space.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GrainView {
    /// Its place on the plane.
    pub at: [f32; 2],
    /// Its kind, an index into [`KitView::classes`].
    pub class: usize,
}

/// What the window knows about a package; replaced when another is loaded.
#[derive(Clone, Debug, Default)]
pub struct KitView {
    /// Differs for each package loaded, so that the window can drop what it drew of the last one.
    pub generation: u64,
    /// The package's name; of a missing one, the name that was asked for.
    pub name: String,
    /// Its kinds of drums, by number, at most [`MAX_CLASSES`].
    pub classes: Vec<ClassView>,
    /// Some grains of grain space.
    pub grains: Vec<GrainView>,
}

/// Something that the musician asks for beside moving a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum DrumsRequest {
    /// What all plugins know: packages, presets, undo, MIDI learn.
    Session(Request),
    /// Sets several parameters at once: one step of undo.
    SetParams {
        /// What undo calls it.
        label: String,
        /// Which, and their normalised values.
        values: Vec<(ParamId, f32)>,
    },
    /// Puts other patterns in the place of all, to be heard at once.
    SetPatterns {
        /// All of them.
        patterns: Arc<Patterns>,
        /// What undo calls it.
        label: &'static str,
        /// Whether the gesture has ended: one step of undo.
        is_done: bool,
    },
    /// Puts another walk in the place of the one before, to be heard at once.
    SetWalk {
        /// The whole of it.
        walk: Arc<Walk>,
        /// What undo calls it.
        label: &'static str,
        /// Whether the gesture has ended: one step of undo.
        is_done: bool,
    },
    /// Plays a track once.
    PlayHit {
        /// From 0.
        track: usize,
        /// Over 0, at most 1.
        velocity: f32,
    },
    /// Writes a track's hit to a WAV file.
    BounceHit {
        /// From 0.
        track: usize,
    },
    /// Writes the loop of all patterns in the chain to a WAV file.
    BounceLoop,
    /// Gives a track the hit of another one, with all that makes it sound so. One step of undo.
    CopyHit {
        /// From 0.
        from: usize,
        /// From 0.
        to: usize,
    },
    /// Plays the walk from its beginning.
    PlayWalk,
    /// Stops it.
    StopWalk,
    /// Writes the walk to a WAV file.
    BounceWalk,
}
