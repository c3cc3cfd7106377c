//! What the view of latent paths keeps between frames, and how it reacts.

use super::PathsStatus;

/// See the module.
#[derive(Debug, Default)]
pub struct PathsEditor {}

impl PathsEditor {
    /// Takes the frame's paths.
    pub fn update(&mut self, _status: &PathsStatus, _now_s: f64) {}
}
