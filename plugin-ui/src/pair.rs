//! Two parameters that one hand moves at once: one across, one up.

use crate::control::set_once;
use crate::{ParamBackend, ParamId};

/// How two parameters lie in a plane.
pub trait Plane {
    /// Across and up; twice the same where there is one alone.
    fn ids(&self) -> [ParamId; 2];
    /// Where they are.
    fn at(&self, params: &dyn ParamBackend) -> [f32; 2];
    /// Both ends of an axis, the lower one first.
    fn ends(&self, axis: usize, params: &dyn ParamBackend) -> [f32; 2];
    /// The value of an axis' parameter at a place.
    fn normalised(&self, axis: usize, place: f32, params: &dyn ParamBackend) -> f32;
    /// What an arrow key moves by.
    fn step(&self) -> [f32; 2];
}

/// A hand in a plane.
#[derive(Debug, Default)]
pub struct Grip<P> {
    /// While it holds: the plane, and where the hand is.
    held: Option<(P, [f32; 2])>,
    /// Where the pointer was seen last, screen points.
    pointer: [f32; 2],
}

impl<P: Plane> Grip<P> {
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    pub fn begin(&mut self, plane: P, params: &mut dyn ParamBackend) {
        self.end(params);
        axes(&plane).for_each(|(_, id)| params.begin(id));
        let at = plane.at(params);
        self.held = Some((plane, at));
    }

    /// The pointer went down here, screen points: [`Self::follow`] goes on from there.
    pub fn press(&mut self, pointer: [f32; 2]) {
        self.pointer = pointer;
    }

    /// Where the pointer was seen last.
    pub fn pointer(&self) -> [f32; 2] {
        self.pointer
    }

    /// How far the pointer came to get here since it was seen last. By its place: no frame that is late or left out loses any of the way.
    pub fn follow(&mut self, pointer: [f32; 2]) -> [f32; 2] {
        let before = std::mem::replace(&mut self.pointer, pointer);
        [pointer[0] - before[0], pointer[1] - before[1]]
    }

    /// Moves by so much to the right and up, as far as the axes go.
    pub fn move_by(&mut self, change: [f32; 2], params: &mut dyn ParamBackend) {
        let Some((plane, at)) = &mut self.held else { return };
        for (axis, id) in axes(plane) {
            let place = moved(plane, axis, at[axis], change[axis], params);
            if place != at[axis] {
                at[axis] = place;
                params.set(id, plane.normalised(axis, place, params));
            }
        }
    }

    /// Moves to a place, as far as the axes go.
    pub fn move_to(&mut self, to: [f32; 2], params: &mut dyn ParamBackend) {
        let Some((plane, at)) = &mut self.held else { return };
        for (axis, id) in axes(plane) {
            let [low, high] = plane.ends(axis, params);
            let place = to[axis].clamp(low, high);
            if place != at[axis] {
                at[axis] = place;
                params.set(id, plane.normalised(axis, place, params));
            }
        }
    }

    /// Where the hand is, while it holds.
    pub fn at(&self) -> Option<[f32; 2]> {
        self.held.as_ref().map(|(_, at)| *at)
    }

    /// Lets go, if it holds.
    pub fn end(&mut self, params: &mut dyn ParamBackend) {
        if let Some((plane, _)) = self.held.take() {
            axes(&plane).for_each(|(_, id)| params.end(id));
        }
    }

    pub fn reset(&mut self, plane: &P, params: &mut dyn ParamBackend) {
        self.end(params);
        for (_, id) in axes(plane) {
            let default = params.default_normalised(id);
            set_once(params, id, default);
        }
    }
}

/// Moves by so much to the right and up, a gesture for each axis.
pub fn nudge(plane: &impl Plane, change: [f32; 2], params: &mut dyn ParamBackend) {
    let at = plane.at(params);
    for (axis, id) in axes(plane).filter(|&(axis, _)| change[axis] != 0.0) {
        let place = moved(plane, axis, at[axis], change[axis], params);
        let normalised = plane.normalised(axis, place, params);
        set_once(params, id, normalised);
    }
}

/// What lies beyond an axis' end stays there until it is moved along the axis.
fn moved(plane: &impl Plane, axis: usize, at: f32, change: f32, params: &dyn ParamBackend) -> f32 {
    let [low, high] = plane.ends(axis, params);
    if change == 0.0 { at } else { (at + change).clamp(low, high) }
}

/// The axes that have a parameter of their own.
fn axes(plane: &impl Plane) -> impl Iterator<Item = (usize, ParamId)> {
    let ids = plane.ids();
    let count = if ids[0] == ids[1] { 1 } else { 2 };
    ids.into_iter().take(count).enumerate()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{FakeParams, Gesture};
    use crate::latent::Biases;
    use crate::param::BIAS;

    fn kinds(params: &FakeParams) -> String {
        params.gestures.iter().map(Gesture::kind).collect()
    }

    #[test]
    fn a_drag_is_one_gesture_of_both_and_comes_back_from_an_end_at_once() {
        let (plane, mut grip, mut params) = (Biases([0, 1]), Grip::default(), FakeParams::default());
        let most = params.plain(BIAS[0], 1.0);
        grip.begin(plane, &mut params);
        grip.move_by([100.0, -0.25], &mut params);
        assert!((plane.at(&params)[0] - most).abs() < 1e-5);
        grip.move_by([-1.0, 0.0], &mut params);
        grip.end(&mut params);
        grip.end(&mut params);
        assert_eq!(kinds(&params), "bbsssee");
        let [across, up] = plane.at(&params);
        assert!((across - most + 1.0).abs() < 1e-5 && (up + 0.25).abs() < 1e-5, "{across} {up}");
    }

    #[test]
    fn keys_and_a_reset_are_a_gesture_for_each_parameter() {
        let (plane, mut params) = (Biases([0, 1]), FakeParams::default());
        nudge(&plane, [0.3, -0.2], &mut params);
        assert!((plane.at(&params)[0] - 0.3).abs() < 1e-5);
        Grip::default().reset(&plane, &mut params);
        assert!(plane.at(&params).iter().all(|bias| bias.abs() < 1e-6));
        assert_eq!(kinds(&params), "bsebse".repeat(2));
        params.gestures.clear();
        nudge(&Biases([3, 3]), [0.3, -0.2], &mut params);
        assert_eq!(kinds(&params), "bse", "one parameter is one gesture");
    }
}
