//! What the view of the plane keeps between frames, and how it reacts.

use super::PathsStatus;
use crate::ParamBackend;

/// See the module.
#[derive(Debug, Default)]
pub struct PlaneEditor {}

impl PlaneEditor {
    /// Takes the frame's place and plane.
    pub fn update(&mut self, _status: &PathsStatus, _now_s: f64) {}

    /// Whether it would look different later though nothing new came.
    pub fn is_moving(&self) -> bool {
        false
    }

    /// Ends the gesture under way.
    pub fn release(&mut self, _params: &mut dyn ParamBackend) {}
}
