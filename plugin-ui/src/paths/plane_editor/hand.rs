//! The hand that moves the place: the place is where it presses, and finely moved it keeps its distance.

use crate::control::FINE;
use crate::pair::{self, Grip, Plane};
use crate::param::{PLANE_X, PLANE_Y};
use crate::paths::Place;
use crate::{ParamBackend, ParamId};

/// What an arrow key moves the place by.
const NUDGE: f32 = 0.01;

/// The two parameters of the place, each 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlanePlace;

impl Plane for PlanePlace {
    fn ids(&self) -> [ParamId; 2] {
        [PLANE_X, PLANE_Y]
    }

    fn at(&self, params: &dyn ParamBackend) -> [f32; 2] {
        self.ids().map(|id| params.normalised(id))
    }

    fn ends(&self, _: usize, _: &dyn ParamBackend) -> [f32; 2] {
        [0.0, 1.0]
    }

    fn normalised(&self, _: usize, place: f32, _: &dyn ParamBackend) -> f32 {
        place
    }

    fn step(&self) -> [f32; 2] {
        [NUDGE; 2]
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Hand {
    grip: Grip<PlanePlace>,
    /// The pointer, when it was last told of.
    pointer: Place,
    /// How far the place is from the pointer.
    lead: [f32; 2],
}

impl Hand {
    pub fn is_held(&self) -> bool {
        self.grip.is_held()
    }

    /// Takes hold of the place and puts it where the pointer is.
    pub fn press(&mut self, pointer: Place, params: &mut dyn ParamBackend) {
        self.grip.begin(PlanePlace, params);
        (self.pointer, self.lead) = (pointer, [0.0; 2]);
        self.pull(pointer, false, params);
    }

    /// The place goes with the pointer; finely it goes a tenth of the way, and goes on from there.
    pub fn pull(&mut self, pointer: Place, is_fine: bool, params: &mut dyn ParamBackend) {
        if !pointer.iter().all(|axis| axis.is_finite()) {
            return;
        }
        let before = std::mem::replace(&mut self.pointer, pointer);
        if is_fine {
            self.grip.move_by(std::array::from_fn(|axis| (pointer[axis] - before[axis]) * FINE), params);
            let at = self.grip.at().unwrap_or(pointer);
            self.lead = std::array::from_fn(|axis| at[axis] - pointer[axis]);
        } else {
            self.grip.move_to(std::array::from_fn(|axis| pointer[axis] + self.lead[axis]), params);
        }
    }

    pub fn release(&mut self, params: &mut dyn ParamBackend) {
        self.grip.end(params);
    }

    /// Back to where a double-click leads.
    pub fn reset(&mut self, params: &mut dyn ParamBackend) {
        self.grip.reset(&PlanePlace, params);
    }
}

/// Moves the place by key presses to the right and up.
pub fn nudge(presses: [f32; 2], is_fine: bool, params: &mut dyn ParamBackend) {
    let step = NUDGE * if is_fine { FINE } else { 1.0 };
    pair::nudge(&PlanePlace, presses.map(|count| count * step), params);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{FakeParams, Gesture};

    fn kinds(params: &FakeParams, id: ParamId) -> String {
        params.gestures.iter().filter(|gesture| gesture.id() == id).map(Gesture::kind).collect()
    }

    #[test]
    fn the_place_is_where_the_hand_presses_and_one_gesture_of_both() {
        let (mut hand, mut params) = (Hand::default(), FakeParams::default());
        hand.press([0.25, 0.75], &mut params);
        hand.pull([1.5, -0.5], false, &mut params);
        assert_eq!(PlanePlace.at(&params), [1.0, 0.0], "as far as the plane goes");
        hand.pull([0.8, 0.1], false, &mut params);
        hand.release(&mut params);
        hand.release(&mut params);
        assert_eq!(PlanePlace.at(&params), [0.8, 0.1], "no way is lost beyond the edge");
        assert_eq!([PLANE_X, PLANE_Y].map(|id| kinds(&params, id)), ["bssse"; 2]);
    }

    #[test]
    fn a_fine_hand_moves_a_tenth_and_does_not_jump_when_it_is_coarse_again() {
        let (mut hand, mut params) = (Hand::default(), FakeParams::default());
        hand.press([0.5, 0.5], &mut params);
        hand.pull([0.7, 0.5], true, &mut params);
        let near = |params: &FakeParams, x: f32| (params.normalised(PLANE_X) - x).abs() < 1e-5;
        assert!(near(&params, 0.52));
        hand.pull([0.7, 0.5], false, &mut params);
        assert!(near(&params, 0.52), "nothing jumps");
        hand.pull([0.8, 0.5], false, &mut params);
        assert!(near(&params, 0.62));
        hand.pull([f32::NAN, 0.5], false, &mut params);
        assert!(near(&params, 0.62));
    }

    #[test]
    fn keys_move_by_a_hundredth() {
        let mut params = FakeParams::default();
        nudge([2.0, -1.0], false, &mut params);
        let [x, y] = PlanePlace.at(&params);
        assert!((x - 0.52).abs() < 1e-6 && (y - 0.49).abs() < 1e-6, "{x} {y}");
        assert_eq!([PLANE_X, PLANE_Y].map(|id| kinds(&params, id)), ["bse"; 2]);
    }
}
