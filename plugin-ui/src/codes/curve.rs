//! The curve's editor: points on a loop, a grid, and shapes to start from.

use std::sync::Arc;

use super::{CodesRequest, CodesStatus, CurvePoint, MAX_CURVE_POINTS};

/// Parts of the loop on the grid that can be chosen; 0: no grid.
pub const GRIDS: [usize; 5] = [0, 4, 8, 16, 32];
/// What an arrow key moves a point by without a grid, and up or down.
const NUDGE: f32 = 0.01;

/// What the editor keeps between frames.
#[derive(Debug)]
pub struct CurveView {
    points: Vec<CurvePoint>,
    /// The plugin's curve as it was last seen: only another one takes the place of what is drawn here.
    seen: Option<Arc<[CurvePoint]>>,
    selected: usize,
    /// An index into [`GRIDS`].
    pub grid: usize,
    is_held: bool,
    is_dirty: bool,
}

impl Default for CurveView {
    fn default() -> Self {
        Self { points: Vec::new(), seen: None, selected: 0, grid: 3, is_held: false, is_dirty: false }
    }
}

impl CurveView {
    /// Takes the plugin's curve, if it is another one and no point is held.
    pub fn update(&mut self, status: &CodesStatus) {
        if self.is_held || self.seen.as_ref().is_some_and(|seen| *seen == status.curve) {
            return;
        }
        let is_sound = |point: &&CurvePoint| point.place.is_finite() && point.value.is_finite();
        let limit =
            |point: &CurvePoint| CurvePoint { place: point.place.clamp(0.0, 1.0), value: point.value.clamp(0.0, 1.0) };
        let mut points: Vec<CurvePoint> = status.curve.iter().filter(is_sound).map(limit).collect();
        points.sort_by(|one, two| one.place.total_cmp(&two.place));
        points.truncate(MAX_CURVE_POINTS);
        // What comes back of one's own drawing leaves the selection alone.
        if points != self.points {
            self.points = points;
            self.selected = self.selected.min(self.points.len().saturating_sub(1));
        }
        self.seen = Some(Arc::clone(&status.curve));
    }

    pub fn points(&self) -> &[CurvePoint] {
        &self.points
    }

    pub fn selected(&self) -> usize {
        self.selected
    }

    pub fn is_held(&self) -> bool {
        self.is_held
    }

    pub fn select(&mut self, index: usize) {
        self.selected = index.min(self.points.len().saturating_sub(1));
    }

    /// The next point or the one before, around the end.
    pub fn select_by(&mut self, by: isize) {
        let count = self.points.len().max(1) as isize;
        self.selected = (self.selected as isize + by).rem_euclid(count) as usize;
    }

    /// The curve's value at a place.
    pub fn at(&self, place: f32) -> f32 {
        let after = self.points.partition_point(|point| point.place <= place);
        match (after.checked_sub(1).map(|n| self.points[n]), self.points.get(after)) {
            (Some(one), Some(two)) => {
                one.value + (place - one.place) / (two.place - one.place).max(1e-9) * (two.value - one.value)
            }
            (Some(one), None) => one.value,
            (None, Some(two)) => two.value,
            (None, None) => 0.0,
        }
    }

    /// The nearest place on the grid.
    pub fn snap(&self, place: f32) -> f32 {
        match GRIDS.get(self.grid) {
            None | Some(0) => place,
            Some(&parts) => (place * parts as f32).round() / parts as f32,
        }
    }

    /// Adds a point and selects it; returns whether there was room.
    pub fn add(&mut self, place: f32, value: f32, is_free: bool) -> bool {
        if self.points.len() >= MAX_CURVE_POINTS || !place.is_finite() || !value.is_finite() {
            return false;
        }
        let place = if is_free { place } else { self.snap(place) }.clamp(0.0, 1.0);
        let after = self.points.partition_point(|point| point.place <= place);
        self.points.insert(after, CurvePoint { place, value: value.clamp(0.0, 1.0) });
        (self.selected, self.is_dirty) = (after, true);
        true
    }

    /// Adds a point half-way to the next one, on the curve: for the keyboard.
    pub fn add_after(&mut self) -> bool {
        let Some(here) = self.points.get(self.selected).copied() else { return self.add(0.5, 0.5, false) };
        let next = self.points.get(self.selected + 1).map_or(1.0, |point| point.place);
        let place = if next > here.place { 0.5 * (here.place + next) } else { 0.5 * here.place };
        self.add(place, self.at(place), true)
    }

    /// Takes hold of the selected point.
    pub fn hold(&mut self) {
        self.is_held = true;
    }

    /// Moves the selected point, on the grid unless free; it stays between its neighbours.
    pub fn move_to(&mut self, place: f32, value: f32, is_free: bool) {
        if !place.is_finite() || !value.is_finite() {
            return;
        }
        let place = if is_free { place } else { self.snap(place) };
        let low = self.selected.checked_sub(1).map_or(0.0, |n| self.points[n].place);
        let high = self.points.get(self.selected + 1).map_or(1.0, |point| point.place);
        let Some(point) = self.points.get_mut(self.selected) else { return };
        let moved = CurvePoint { place: place.clamp(low, high), value: value.clamp(0.0, 1.0) };
        if *point != moved {
            (*point, self.is_dirty) = (moved, true);
        }
    }

    /// Moves the selected point by key presses to the right and up: a step of the grid, or a hundredth.
    pub fn nudge(&mut self, presses: [f32; 2], is_fine: bool) {
        let Some(point) = self.points.get(self.selected).copied() else { return };
        let fine = if is_fine { crate::control::FINE } else { 1.0 };
        let parts = GRIDS.get(self.grid).copied().unwrap_or(0);
        let is_free = is_fine || parts == 0;
        let step = if is_free { NUDGE * fine } else { 1.0 / parts as f32 };
        // Off the grid, a press goes to the next line, not a whole step beyond it.
        let place = point.place + presses[0] * step;
        self.move_to(place, point.value + presses[1] * NUDGE * fine, is_free || presses[0] == 0.0);
    }

    /// Deletes the selected point; the last one stays.
    pub fn delete(&mut self) {
        if self.points.len() > 1 && self.selected < self.points.len() {
            self.points.remove(self.selected);
            self.selected = self.selected.min(self.points.len() - 1);
            self.is_dirty = true;
        }
    }

    /// Starts over with other points.
    pub fn start_with(&mut self, points: &[CurvePoint]) {
        (self.points, self.selected, self.is_dirty, self.is_held) = (points.to_vec(), 0, true, false);
    }

    /// Lets go, and tells the plugin what has changed. To be called once per frame.
    pub fn tell(&mut self, is_let_go: bool, requests: &mut Vec<CodesRequest>) {
        let was_held = self.is_held;
        if is_let_go {
            self.is_held = false;
        }
        let is_done = !self.is_held;
        if std::mem::take(&mut self.is_dirty) || (was_held && is_done) {
            requests.push(CodesRequest::DrawCurve { points: self.points.clone(), is_done });
        }
    }
}

/// Whether the drawn curve moves any target that counts.
pub fn is_heard(params: &dyn crate::ParamBackend) -> bool {
    let moves = |target: usize| {
        let amount = super::param::FROM_CURVE[target];
        params.plain(amount, params.normalised(amount)).abs() > 1e-4
            && params.normalised(super::param::WEIGHT[target]) > 0.0
    };
    (0..super::TARGETS).any(moves)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(points: &[(f32, f32)]) -> CodesStatus {
        let curve = points.iter().map(|&(place, value)| CurvePoint { place, value }).collect();
        CodesStatus { curve, ..CodesStatus::default() }
    }

    fn view(points: &[(f32, f32)]) -> CurveView {
        let mut view = CurveView::default();
        view.update(&status(points));
        view
    }

    fn places(view: &CurveView) -> Vec<f32> {
        view.points().iter().map(|point| point.place).collect()
    }

    #[test]
    fn points_are_added_on_the_grid_in_order_and_within_limits() {
        let mut view = view(&[(0.0, 0.0), (1.0, 1.0)]);
        assert!(view.add(0.49, 7.0, false) && view.add(0.27, 0.5, true));
        assert_eq!(places(&view), [0.0, 0.27, 0.5, 1.0]);
        assert_eq!((view.selected(), view.points()[2].value), (1, 1.0));
        assert!(!view.add(f32::NAN, 0.5, true));
        while view.add(0.1, 0.1, true) {}
        assert_eq!(view.points().len(), MAX_CURVE_POINTS);
    }

    #[test]
    fn a_point_stays_between_its_neighbours_and_the_last_one_is_not_deleted() {
        let mut view = view(&[(0.0, 0.0), (0.5, 1.0), (0.75, 0.0)]);
        view.select(1);
        view.move_to(3.0, -1.0, false);
        assert_eq!(view.points()[1], CurvePoint { place: 0.75, value: 0.0 });
        for _ in 0..5 {
            view.delete();
        }
        assert_eq!(view.points().len(), 1);
    }

    #[test]
    fn keys_move_by_the_grid_sideways_and_finely_with_shift() {
        let mut view = view(&[(0.0, 0.0), (0.51, 0.5), (1.0, 0.0)]);
        view.select(1);
        view.nudge([0.0, 1.0], false);
        assert_eq!(view.points()[1].place, 0.51, "up leaves the place alone");
        view.nudge([1.0, 0.0], false);
        assert_eq!(view.points()[1].place, 0.5625);
        view.nudge([1.0, 0.0], true);
        assert!((view.points()[1].place - 0.5635).abs() < 1e-5);
        view.select_by(-2);
        assert_eq!(view.selected(), 2);
        assert!(view.add_after());
        assert_eq!(view.points().len(), 4);
    }

    #[test]
    fn a_gesture_ends_with_one_step_of_undo() {
        let (mut view, mut requests) = (view(&[(0.0, 0.0), (1.0, 1.0)]), Vec::new());
        view.tell(true, &mut requests);
        assert!(requests.is_empty(), "nothing was changed");
        view.select(1);
        view.hold();
        view.move_to(1.0, 0.5, false);
        view.tell(false, &mut requests);
        view.tell(false, &mut requests);
        view.tell(true, &mut requests);
        let done: Vec<bool> =
            requests.iter().map(|request| matches!(request, CodesRequest::DrawCurve { is_done: true, .. })).collect();
        assert_eq!(done, [false, true]);
    }

    #[test]
    fn the_plugins_curve_is_taken_when_it_is_another_and_never_under_the_hand() {
        let mut view = view(&[(0.0, 0.0), (1.0, 1.0)]);
        view.select(1);
        view.hold();
        view.move_to(1.0, 0.3, true);
        view.update(&status(&[(0.5, 0.5)]));
        assert_eq!(view.points().len(), 2);
        view.tell(true, &mut Vec::new());
        view.update(&status(&[(0.9, f32::NAN), (0.5, 9.0), (0.2, 0.1)]));
        assert_eq!(view.points(), [CurvePoint { place: 0.2, value: 0.1 }, CurvePoint { place: 0.5, value: 1.0 }]);
    }
}
