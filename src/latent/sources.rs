//! What lies around the plane: paths of the set, moments, random latents, and what is heard.

use serde::{Deserialize, Serialize};

use super::path::LatentPath;
use super::plane::Place;
use super::walk::{self, WalkPoint};

/// Markers that a plane may have.
pub const MAX_MARKERS: usize = 32;

/// What is heard in a corner or on a marker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// The path in this slot of the set, from 0.
    Slot(usize),
    /// A moment: the first hop of a path.
    Snapshot(Box<LatentPath>),
    /// A latent out of a normal distribution, always the same for a seed; loudness and pitch are those of what is heard.
    Random(u32),
    /// What is heard.
    Live,
}

/// A source anywhere on the plane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marker {
    /// From the left and from below, 0 to 1.
    pub place: Place,
    /// What is heard there.
    pub source: Source,
}

/// Corners and markers, and a walk over the plane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plane {
    /// In the order of [`CORNERS`](super::plane::CORNERS); an empty one counts for nothing.
    pub corners: [Option<Source>; 4],
    /// Where there are none, the corners are the markers.
    pub markers: Vec<Marker>,
    /// In order of time; empty where none was recorded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub walk: Vec<WalkPoint>,
}

impl Default for Plane {
    /// The first four paths in the corners.
    fn default() -> Self {
        Self { corners: std::array::from_fn(|n| Some(Source::Slot(n))), markers: Vec::new(), walk: Vec::new() }
    }
}

impl Plane {
    /// Checks what a project says.
    ///
    /// # Errors
    /// Names the key, and what was expected.
    pub fn check(&self) -> Result<(), String> {
        let count = self.markers.len();
        if count > MAX_MARKERS {
            return Err(format!("“markers” should be at most {MAX_MARKERS}, but are {count}"));
        }
        let sources = self.corners.iter().flatten().chain(self.markers.iter().map(|marker| &marker.source));
        let mut snapshots = sources.filter_map(|source| match source {
            Source::Snapshot(path) => Some(path.hops.len()),
            _ => None,
        });
        if let Some(hops) = snapshots.find(|hops| *hops != 1) {
            return Err(format!("“snapshot” should be a path of one hop, but has {hops}"));
        }
        let is_place = |marker: &Marker| marker.place.iter().all(|value| (0.0..=1.0).contains(value));
        match self.markers.iter().position(|marker| !is_place(marker)) {
            Some(n) => Err(format!("“markers” {n} “place” should be two numbers from 0 to 1")),
            None => walk::check(&self.walk),
        }
    }
}
