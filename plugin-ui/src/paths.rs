//! Latent paths and the plane, as the window knows them: what the plugin tells, and what the musician asks for.

mod contract;
mod course;
pub(crate) mod editor;
pub(crate) mod files;
pub(crate) mod plane_editor;
mod step;

pub use contract::{
    MAX_MARKERS, MarkerView, PATH_SLOTS, PathRequest, PathView, PathsStatus, PathsView, Place, PlaneView, RecordLength,
    RecordStart, RecordWish, Recording, SourceView, WalkPoint,
};
pub use course::Course;
pub use step::{AxisSet, MAX_PATH_POINTS, MAX_PATH_STEPS, PathAxis, StepKind, StepView};
