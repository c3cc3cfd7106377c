//! What the plugin tells the window of latent paths and the plane, and what the window asks of it.

use std::path::PathBuf;
use std::sync::Arc;

use super::course::Course;
use super::step::{PathAxis, StepView};

/// Paths that a project holds.
pub const PATH_SLOTS: usize = 8;

/// Markers that a plane may have.
pub const MAX_MARKERS: usize = 32;

/// A place on the plane, each 0 to 1, from the left and from below.
pub type Place = [f32; 2];

/// A path of the project, as it is drawn. Immutable: another one takes its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PathView {
    /// As the musician calls it.
    pub name: String,
    /// The model that it is of.
    pub model: String,
    /// Why it does not play, in whole sentences; empty when it does.
    pub problem: String,
    /// Latent dimensions.
    pub dims: usize,
    /// Length of a hop, seconds.
    pub hop_s: f64,
    /// Hops of the bent path; 0 where it cannot be bent.
    pub hops: usize,
    /// Length as it was recorded, seconds.
    pub recorded_s: f64,
    /// The bent path, an entry for each of [`PathAxis::all`].
    pub courses: Vec<Course>,
    /// What bends it, in order.
    pub steps: Vec<StepView>,
}

impl PathView {
    /// Length of the bent path, seconds.
    pub fn length_s(&self) -> f64 {
        self.hops as f64 * self.hop_s
    }

    /// One quantity of the bent path.
    pub fn course(&self, axis: PathAxis) -> Option<&Course> {
        self.courses.get(axis.index(self.dims))
    }
}

/// What is heard in a corner of the plane or on a marker.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceView {
    /// The path in this slot, from 0.
    Slot(usize),
    /// A moment that was captured, by its number in [`PlaneView::snapshots`].
    Snapshot(usize),
    /// A random latent, always the same for a seed.
    Random(u32),
    /// What is heard.
    Live,
}

/// A source anywhere on the plane.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkerView {
    /// Where.
    pub place: Place,
    /// What.
    pub source: SourceView,
}

/// A moment of a walk over the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WalkPoint {
    /// From the walk's beginning.
    pub time_s: f32,
    /// Where.
    pub place: Place,
}

/// The plane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaneView {
    /// Below left, below right, above left, above right; an empty one counts for nothing.
    pub corners: [Option<SourceView>; 4],
    /// At most [`MAX_MARKERS`]; where there are none, the corners are the markers.
    pub markers: Vec<MarkerView>,
    /// Why each captured moment does not play; empty for one that does.
    pub snapshots: Vec<String>,
    /// The walk that was recorded, in order of time; empty without one.
    pub walk: Vec<WalkPoint>,
}

/// The paths and the plane of the project. Immutable: another one takes its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PathsView {
    /// By slot.
    pub slots: [Option<Arc<PathView>>; PATH_SLOTS],
    /// See [`PlaneView`].
    pub plane: PlaneView,
    /// What of it cannot be read or played, in whole sentences; empty when all is well.
    pub note: String,
}

/// What is being recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Recording {
    /// Nothing.
    #[default]
    Off,
    /// Armed: it waits for a bar line, or for sound.
    Waiting {
        /// From 0.
        slot: usize,
    },
    /// Under way.
    Running {
        /// From 0.
        slot: usize,
        /// So far, with what came before it was asked for.
        elapsed_s: f32,
        /// In all; `None`: until it is stopped.
        length_s: Option<f32>,
    },
}

/// Latent paths at this frame; the editor fills it on the GUI thread.
#[derive(Clone, Debug, Default)]
pub struct PathsStatus {
    /// The same `Arc` until something changes.
    pub view: Arc<PathsView>,
    /// Where in the path the sound is, as a share of its length; `None` while none plays.
    pub at: Option<f32>,
    /// See [`Recording`].
    pub recording: Recording,
    /// The place on the plane that is heard, wherever it comes from.
    pub place: Place,
    /// How much of each corner, or of each marker by the terrain, is heard there.
    pub weights: Vec<f32>,
    /// Length of a quarter note, seconds, in the song's tempo.
    pub beat_s: f32,
    /// Quarter notes of a bar.
    pub bar_beats: f32,
}

/// When a recording begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordStart {
    /// At once.
    #[default]
    Now,
    /// With the next bar of the song; at once while it stands still.
    Bar,
    /// With the first sound.
    Sound,
}

/// How long a recording is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RecordLength {
    /// Until it is stopped.
    Open,
    /// Seconds.
    Seconds(f32),
    /// Bars of the song's tempo and signature when it begins.
    Bars(u32),
}

/// What shall be recorded of the input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordWish {
    /// Into which slot, from 0.
    pub slot: usize,
    /// When it begins.
    pub start: RecordStart,
    /// How long it is.
    pub length: RecordLength,
    /// What came so long before it begins is recorded, too; seconds, 0 to 10.
    pub pre_roll_s: f32,
}

/// Something that the musician asks for. Each is one step of undo, but where it says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub enum PathRequest {
    /// Bends a path by other steps.
    SetSteps {
        /// From 0.
        slot: usize,
        /// In order, at most [`MAX_PATH_STEPS`](super::MAX_PATH_STEPS).
        steps: Vec<StepView>,
        /// What undo calls it, as “Bias 1”.
        label: String,
        /// Whether the gesture has ended: only then it is a step of undo.
        is_done: bool,
    },
    /// Gives a path another name.
    Rename {
        /// From 0.
        slot: usize,
        /// 1 to 64 characters.
        name: String,
    },
    /// Empties a slot.
    Clear {
        /// From 0.
        slot: usize,
    },
    /// Puts a copy of a path, with its steps, into another slot.
    Copy {
        /// From 0.
        from: usize,
        /// From 0.
        to: usize,
    },
    /// Makes the bent path the recorded one, and its steps none.
    Flatten {
        /// From 0.
        slot: usize,
    },
    /// Puts a random walk through the latent space into a slot.
    DrawRandom {
        /// From 0.
        slot: usize,
        /// Length.
        seconds: f32,
        /// The same seed gives the same walk.
        seed: u32,
    },
    /// Puts what lies between two paths into a slot: from the first, at its beginning, to the second, at its end.
    Interpolate {
        /// From 0.
        first: usize,
        /// From 0.
        second: usize,
        /// From 0.
        to: usize,
    },
    /// Takes a path from a sound or from a path file.
    Import {
        /// From 0; `None`: the first that is free.
        slot: Option<usize>,
        /// The file.
        path: PathBuf,
    },
    /// Writes the bent path to a file, `.json` or `.npz`. No step of undo.
    Export {
        /// From 0.
        slot: usize,
        /// The file.
        to: PathBuf,
    },
    /// Arms a recording, or begins it. The path is a step of undo once it is there.
    Record(RecordWish),
    /// Ends the recording: what there is of it is kept.
    StopRecording,
    /// Ends the recording: nothing of it is kept. No step of undo.
    CancelRecording,
    /// Puts a source into a corner, or takes it out.
    SetCorner {
        /// In the order of [`PlaneView::corners`].
        corner: usize,
        /// `None`: nothing.
        source: Option<SourceView>,
    },
    /// Puts the moment that is heard into a corner.
    CaptureCorner {
        /// In the order of [`PlaneView::corners`].
        corner: usize,
    },
    /// Puts a marker on the plane.
    AddMarker(MarkerView),
    /// Puts a marker with the moment that is heard on the plane.
    CaptureMarker {
        /// Where.
        place: Place,
        /// The marker whose place it takes, by its number in [`PlaneView::markers`]; `None`: it is one more.
        number: Option<usize>,
    },
    /// Puts another marker in the place of one.
    SetMarker {
        /// By its number in [`PlaneView::markers`].
        number: usize,
        /// What it becomes.
        marker: MarkerView,
        /// Whether the gesture has ended: only then it is a step of undo.
        is_done: bool,
    },
    /// Takes a marker away.
    RemoveMarker {
        /// By its number in [`PlaneView::markers`].
        number: usize,
    },
    /// Keeps a walk over the plane; an empty one takes it away.
    SetWalk(Vec<WalkPoint>),
}
