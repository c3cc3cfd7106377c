//! What a hand does on the grid: take steps in and out, paint over them, pull their velocity, pull a line's end.

use super::{Aspect, BeatView, Cell};
use crate::drums::pattern::Pattern;
use crate::drums::{STEPS, TRACKS};

/// A line's end is taken hold of from so far, in points.
const GRIP_POINTS: f32 = 6.0;
/// A press that moves less up or down is a click, in points.
const CLICK_POINTS: f32 = 4.0;
/// The velocity changes by so much for a point.
const VELOCITY_PER_POINT: f32 = 1.0;

/// A place on the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Steps from the left and tracks from above; halves are the middles of cells.
    pub at: [f32; 2],
    /// From above, in points.
    pub y_points: f32,
    /// The width of a cell, in points.
    pub cell_points: f32,
}

impl Spot {
    fn track(&self) -> usize {
        (self.at[1].max(0.0) as usize).min(TRACKS - 1)
    }

    /// The cell there, or the one nearest to it.
    pub fn cell(&self) -> Cell {
        Cell { track: self.track(), step: (self.at[0].max(0.0) as usize).min(STEPS - 1) }
    }
}

/// What lies under a pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// A step that is played.
    Step(Cell),
    /// The end of a track's line.
    End(usize),
    /// Beyond it.
    Beyond(usize),
}

/// What the hand is at.
#[derive(Clone, Debug, Default)]
pub enum Hand {
    #[default]
    Free,
    /// A step was pressed: what it becomes is seen when it moves or lets go.
    Pressed { cell: Cell, was_on: bool, y_points: f32 },
    /// Takes every step in or out that it passes.
    Painting { is_on: bool, last: [f32; 2] },
    /// Pulls velocities, from those before.
    Pulling { y_points: f32, before: Box<Pattern> },
    /// Pulls the end of a line.
    Ending { track: usize },
    /// Selects as far as it goes.
    Selecting,
}

impl BeatView {
    /// What is there.
    pub fn touch(&self, spot: Spot) -> Touch {
        let track = spot.track();
        let end = self.line(track).count();
        let beyond = (spot.at[0] - end as f32) * spot.cell_points;
        if beyond.abs() <= GRIP_POINTS {
            Touch::End(track)
        } else if beyond > 0.0 {
            Touch::Beyond(track)
        } else {
            Touch::Step(spot.cell())
        }
    }

    /// The pointer goes down; with `is_extending` it selects as far as there.
    pub fn press(&mut self, spot: Spot, is_extending: bool) {
        self.hold();
        match self.touch(spot) {
            Touch::End(track) => {
                self.select_track(track);
                self.hand = Hand::Ending { track };
            }
            Touch::Beyond(track) => self.select_track(track),
            Touch::Step(cell) if is_extending => {
                self.select(cell, true);
                self.hand = Hand::Selecting;
            }
            Touch::Step(cell) => {
                let was_on = self.step(cell).is_on();
                // A pull at one of several steps that are selected pulls them all.
                if !(was_on && self.is_selected(cell)) {
                    self.select(cell, false);
                }
                if !was_on {
                    self.set_on(cell, true);
                }
                self.hand = Hand::Pressed { cell, was_on, y_points: spot.y_points };
            }
        }
    }

    /// Another track, at the same step.
    pub fn select_track(&mut self, track: usize) {
        self.select(Cell { track, step: self.cursor.step }, false);
    }

    /// The pointer moves while it is down.
    pub fn drag_to(&mut self, spot: Spot, is_fine: bool) {
        if let Hand::Pressed { cell, was_on, y_points } = self.hand {
            if spot.cell().step != cell.step || spot.at[0] < 0.0 {
                self.select(cell, false);
                self.set_on(cell, !was_on);
                let last = [cell.step as f32 + 0.5, cell.track as f32 + 0.5];
                self.hand = Hand::Painting { is_on: !was_on, last };
            } else if (spot.y_points - y_points).abs() > CLICK_POINTS {
                self.hand = Hand::Pulling { y_points, before: Box::new(*self.pattern()) };
            }
        }
        match std::mem::take(&mut self.hand) {
            Hand::Painting { is_on, last } => {
                self.paint(is_on, last, spot.at);
                self.hand = Hand::Painting { is_on, last: spot.at };
            }
            Hand::Pulling { y_points, before } => {
                let fine = if is_fine { crate::control::FINE } else { 1.0 };
                let by = ((y_points - spot.y_points) * VELOCITY_PER_POINT * fine).round() as i32;
                for cell in self.reached() {
                    let step = before.lines[cell.track].steps[cell.step];
                    if step.is_on() {
                        let step = Aspect::Velocity.set(step, i32::from(step.velocity) + by);
                        self.put(cell, step, Aspect::Velocity.label());
                    }
                }
                self.note_brush();
                self.hand = Hand::Pulling { y_points, before };
            }
            Hand::Ending { track } => {
                self.set_length(track, spot.at[0].round().max(1.0) as usize);
                self.hand = Hand::Ending { track };
            }
            Hand::Selecting => {
                self.select(spot.cell(), true);
                self.hand = Hand::Selecting;
            }
            other => self.hand = other,
        }
    }

    /// The pointer is let go.
    pub fn let_go(&mut self) {
        if let Hand::Pressed { cell, was_on: true, .. } = std::mem::take(&mut self.hand) {
            self.select(cell, false);
            self.set_on(cell, false);
        }
    }

    /// What the velocity of the step in the hand is, while it is pulled.
    pub fn pulled(&self) -> Option<u8> {
        matches!(self.hand, Hand::Pulling { .. }).then(|| self.step(self.cursor).velocity)
    }

    /// Every cell on the way: a quick hand skips none.
    fn paint(&mut self, is_on: bool, from: [f32; 2], to: [f32; 2]) {
        let far = (to[0] - from[0]).abs().max((to[1] - from[1]).abs());
        let parts = (far * 4.0).ceil().clamp(1.0, 1000.0) as usize;
        for part in 0..=parts {
            let at = [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part as f32 / parts as f32);
            let is_inside = at[0] >= 0.0 && (0.0..TRACKS as f32).contains(&at[1]);
            let cell = Cell { track: at[1].max(0.0) as usize, step: at[0].max(0.0) as usize };
            if is_inside && cell.step < self.line(cell.track).count() {
                self.set_on(cell, is_on);
                self.select(cell, false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(step: f32, track: f32) -> Spot {
        Spot { at: [step, track], y_points: track * 40.0, cell_points: 30.0 }
    }

    fn on(view: &BeatView, track: usize) -> Vec<usize> {
        (0..STEPS).filter(|&step| view.line(track).steps[step].is_on()).collect()
    }

    #[test]
    fn a_click_takes_a_step_in_and_the_next_one_out() {
        let mut view = BeatView::default();
        for expected in [vec![3], vec![]] {
            view.press(spot(3.5, 1.5), false);
            view.let_go();
            assert_eq!(on(&view, 1), expected);
        }
    }

    #[test]
    fn a_quick_stroke_paints_every_step_on_its_way_and_wipes_from_one_that_was_in() {
        let mut view = BeatView::default();
        view.press(spot(2.5, 0.5), false);
        view.drag_to(spot(9.5, 0.5), false);
        view.let_go();
        assert_eq!(on(&view, 0), [2, 3, 4, 5, 6, 7, 8, 9]);
        view.press(spot(9.5, 0.5), false);
        view.drag_to(spot(4.5, 0.5), false);
        view.let_go();
        assert_eq!(on(&view, 0), [2, 3]);
    }

    #[test]
    fn a_pull_up_or_down_sets_the_velocity_and_new_steps_have_it_too() {
        let mut view = BeatView::default();
        view.press(spot(0.5, 2.5), false);
        view.drag_to(spot(0.5, 3.5), false);
        view.let_go();
        assert_eq!(view.step(Cell { track: 2, step: 0 }).velocity, 60);
        view.press(spot(4.5, 2.5), false);
        view.let_go();
        assert_eq!(view.step(Cell { track: 2, step: 4 }).velocity, 60);
    }

    #[test]
    fn a_stroke_with_shift_selects_and_changes_nothing() {
        let mut view = BeatView::default();
        view.press(spot(1.5, 1.5), false);
        view.let_go();
        view.press(spot(3.5, 1.5), true);
        view.drag_to(spot(4.5, 2.5), false);
        view.let_go();
        assert_eq!(view.selected().count(), 8);
        assert_eq!([on(&view, 1), on(&view, 2)], [vec![1], vec![]]);
    }

    #[test]
    fn the_end_of_a_line_is_pulled_and_what_lies_beyond_is_kept() {
        let mut view = BeatView::default();
        view.press(spot(12.5, 0.5), false);
        view.let_go();
        view.press(spot(16.1, 0.5), false);
        view.drag_to(spot(5.2, 0.5), false);
        view.let_go();
        assert_eq!((view.line(0).length, on(&view, 0)), (5, vec![12]));
        assert_eq!(view.touch(spot(7.5, 0.5)), Touch::Beyond(0));
        view.press(spot(7.5, 0.5), false);
        view.let_go();
        assert_eq!(on(&view, 0), [12], "beyond the end nothing is taken in");
    }
}
