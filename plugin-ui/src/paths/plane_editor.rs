//! What the view of the plane keeps between frames, and how it reacts.

pub mod ground;
pub mod hand;
pub mod markers;
pub mod source;
pub mod trail;
pub mod walk;
pub mod weighing;

use super::PathsStatus;
use crate::ParamBackend;
use ground::Ground;
use hand::Hand;
use markers::Markers;
use trail::PlaceTrail;
use walk::WalkRecorder;

/// See the module.
#[derive(Debug, Default)]
pub struct PlaneEditor {
    pub ground: Ground,
    pub hand: Hand,
    pub markers: Markers,
    pub trail: PlaceTrail,
    pub walk: WalkRecorder,
}

impl PlaneEditor {
    /// Takes the frame's place and plane.
    pub fn update(&mut self, status: &PathsStatus, now_s: f64) {
        self.markers.update(&status.view);
        self.trail.take(status.place, now_s);
    }

    /// Whether it would look different later though nothing new came.
    pub fn is_moving(&self) -> bool {
        !self.trail.is_empty() || self.walk.elapsed_s().is_some()
    }

    /// Ends the gesture under way.
    pub fn release(&mut self, params: &mut dyn ParamBackend) {
        self.hand.release(params);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn the_view_rests_once_the_place_has_rested() {
        let (mut editor, mut status) = (PlaneEditor::default(), fake::paths());
        editor.update(&status, 1.0);
        assert!(!editor.is_moving());
        status.place = [0.9, 0.1];
        editor.update(&status, 1.1);
        assert!(editor.is_moving());
        editor.update(&status, 20.0);
        assert!(!editor.is_moving());
    }
}
