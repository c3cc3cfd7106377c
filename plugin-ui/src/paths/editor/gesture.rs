//! What a hand does on the curve: marking a range, drawing, and moving points.

use super::super::{MAX_PATH_POINTS, PathsStatus, StepKind, StepView};
use super::stroke::{Point, Stroke, merged, simplified};
use super::{PathsEditor, Tool, chain, scale};
use crate::control::FINE;

/// A point or an edge is taken hold of from so far, in points of the screen.
pub const GRIP_POINTS: f32 = 10.0;
/// A press that moves by less is a click.
const CLICK_POINTS: f32 = 4.0;
/// A point is fresh until the second press upon it: a double click has one more than what has added it.
const FRESH_PRESSES: u8 = 2;
/// Strokes that are so near become one, in hops.
const TOUCH_HOPS: f32 = 2.0;

/// How the hand is at the moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hand {
    /// A point of the screen, in seconds and in values.
    pub unit: Point,
    /// Off the grid.
    pub is_free: bool,
    /// What is pressed is added to the selection, or taken out of it.
    pub is_adding: bool,
}

impl Hand {
    /// How far apart two places are, in points of the screen.
    fn distance(&self, one: Point, two: Point) -> f32 {
        ((one[0] - two[0]) / self.unit[0]).hypot((one[1] - two[1]) / self.unit[1])
    }
}

/// What is drawn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The axis shown; with the step whose points can be moved, if there is one.
    Line(Option<usize>),
    /// The envelope of the step that is selected in the list.
    Envelope(usize),
}

/// What is under way.
#[derive(Debug)]
pub enum Gesture {
    /// From a moment on, or from the other edge.
    Range { anchor_s: f32, is_click: bool },
    /// By hand.
    Stroke(Stroke),
    /// From a place on.
    Line { from: Point, unit: Point },
    /// The selected points, by one of them; where they were, and where the hand was.
    Points { grabbed: usize, points: Vec<Point>, from: Point },
    /// A box, or a click, with the place on the grid that it is meant for.
    Box { ends: [Point; 2], click: Point, hand: Hand },
}

impl PathsEditor {
    /// See [`Target`].
    pub fn target(&self) -> Target {
        let is_envelope = |index: &usize| {
            let step = &self.steps[*index];
            step.kind == StepKind::Envelope && !step.is_off
        };
        match self.step.filter(|&step| step < self.steps.len()).filter(is_envelope) {
            Some(step) => Target::Envelope(step),
            None => Target::Line(chain::drawn(&self.steps, self.axis)),
        }
    }

    /// Beginning and length of what an envelope acts on, seconds.
    fn envelope_range(&self, step: &StepView) -> [f32; 2] {
        let [from, to] = step.range_s.unwrap_or([0.0, self.window.length_s()]);
        [from, (to - from).max(1e-3)]
    }

    /// The points that can be moved, in seconds and values.
    pub fn points(&self) -> Vec<Point> {
        match self.target() {
            Target::Line(None) => Vec::new(),
            Target::Line(Some(at)) => self.steps[at].points.to_vec(),
            Target::Envelope(at) => {
                let step = &self.steps[at];
                let [from, length] = self.envelope_range(step);
                step.points.iter().map(|&[place, gain]| [from + place * length, gain]).collect()
            }
        }
    }

    /// Puts other points in their place; a line without any goes away.
    fn set_points(&mut self, points: Vec<Point>) {
        let label = self.line_label();
        match self.target() {
            Target::Envelope(at) => {
                if points.is_empty() {
                    return;
                }
                let [from, length] = self.envelope_range(&self.steps[at]);
                let place = |&[time, gain]: &Point| [((time - from) / length).clamp(0.0, 1.0), gain.clamp(0.0, 1.0)];
                self.steps[at].points = points.iter().map(place).collect();
                self.changed(label);
            }
            Target::Line(Some(at)) => {
                if points.is_empty() {
                    self.steps.remove(at);
                    self.step = None;
                } else {
                    self.steps[at].points = points.into();
                }
                self.changed(label);
            }
            Target::Line(None) => {
                let mut step = StepView::new(StepKind::Draw, super::AxisSet::one(self.axis), None);
                step.points = points.into();
                let had_room = chain::push(&mut self.steps, step);
                self.note_room(had_room, label);
            }
        }
    }

    fn line_label(&self) -> String {
        match self.target() {
            Target::Envelope(at) => chain::label(StepKind::Envelope, self.steps[at].axes, self.dims()),
            Target::Line(_) => chain::label(StepKind::Draw, super::AxisSet::one(self.axis), self.dims()),
        }
    }

    /// The range that points may be in: from, to.
    fn limits(&self) -> [Point; 2] {
        match self.target() {
            Target::Envelope(at) => {
                let [from, length] = self.envelope_range(&self.steps[at]);
                [[from, 0.0], [from + length, 1.0]]
            }
            Target::Line(_) => {
                let ends = [f32::MIN, f32::MAX].map(|end| scale::limit(self.axis, end));
                [[0.0, ends[0]], [self.window.length_s(), ends[1]]]
            }
        }
    }

    /// The nearest place that can be drawn on; times snap if so asked, pitches to semitones.
    fn placed(&self, at: Point, snaps_time: bool, is_free: bool, status: &PathsStatus) -> Point {
        let [low, high] = self.limits();
        let time = if snaps_time && !is_free { self.snap.time(at[0], status) } else { at[0] };
        let is_key = matches!((self.target(), self.axis), (Target::Line(_), super::PathAxis::Pitch));
        let value = if is_key && self.snap.is_semitones && !is_free { at[1].round() } else { at[1] };
        [time.clamp(low[0], high[0]), value.clamp(low[1], high[1])]
    }

    /// The point of the line that a hand would take hold of.
    pub fn near(&self, at: Point, hand: Hand) -> Option<usize> {
        let far = self.points().into_iter().map(|point| hand.distance(point, at)).enumerate();
        far.min_by(|one, two| one.1.total_cmp(&two.1)).filter(|(_, far)| *far <= GRIP_POINTS).map(|(index, _)| index)
    }

    /// The other edge of the selected range, if a hand would take hold of one.
    pub fn opposite_edge(&self, at_s: f32, hand: Hand) -> Option<f32> {
        let [from, to] = self.selection?;
        let is_near = |edge: f32| ((edge - at_s) / hand.unit[0]).abs() <= GRIP_POINTS * 0.5;
        if is_near(to) { Some(from) } else { is_near(from).then_some(to) }
    }

    /// The hand presses.
    pub fn press(&mut self, at: Point, hand: Hand, status: &PathsStatus) {
        if self.path.is_none() || !at.iter().all(|number| number.is_finite()) {
            return;
        }
        self.gesture = Some(match self.tool {
            Tool::Select => {
                let edge = self.opposite_edge(at[0], hand);
                // Shift goes on from the edge that is further away.
                let far = |[from, to]: [f32; 2]| if at[0] > (from + to) * 0.5 { from } else { to };
                let anchor = edge.or(self.selection.filter(|_| hand.is_free).map(far));
                let anchor_s = anchor.unwrap_or_else(|| self.placed(at, true, hand.is_free, status)[0]);
                Gesture::Range { anchor_s, is_click: anchor.is_none() }
            }
            Tool::Points => {
                let points = self.points();
                let near = self.near(at, hand);
                let is_on_it = near.is_some_and(|index| self.selected.has(index));
                self.fresh_presses = if is_on_it { self.fresh_presses.saturating_sub(1) } else { 0 };
                match near {
                    Some(index) => {
                        if hand.is_adding {
                            self.selected.toggle(index);
                        } else if !self.selected.has(index) {
                            self.selected.only(index);
                        }
                        Gesture::Points { grabbed: index, points, from: at }
                    }
                    None => {
                        let click = self.placed(at, true, hand.is_free, status);
                        Gesture::Box { ends: [at, at], click, hand }
                    }
                }
            }
            Tool::Freehand => {
                let mut stroke = Stroke::new(hand.unit);
                stroke.add(self.placed(at, false, hand.is_free, status));
                Gesture::Stroke(stroke)
            }
            Tool::Line => Gesture::Line { from: self.placed(at, true, hand.is_free, status), unit: hand.unit },
        });
        self.hold();
    }

    /// The hand moves with the button down.
    pub fn drag_to(&mut self, at: Point, hand: Hand, status: &PathsStatus) {
        if !at.iter().all(|number| number.is_finite()) {
            return;
        }
        let Some(mut gesture) = self.gesture.take() else { return };
        match &mut gesture {
            Gesture::Range { anchor_s, is_click } => {
                let at_s = self.placed(at, true, hand.is_free, status)[0];
                let ends = [anchor_s.min(at_s), anchor_s.max(at_s)];
                *is_click &= ((at[0] - *anchor_s) / hand.unit[0]).abs() <= CLICK_POINTS;
                if !*is_click {
                    self.selection = (ends[1] > ends[0]).then_some(ends);
                }
            }
            Gesture::Stroke(stroke) => {
                stroke.add(self.placed(at, false, hand.is_free, status));
                self.put(&stroke.line(), hand.unit);
            }
            Gesture::Line { from, unit } => {
                let to = self.placed(at, true, hand.is_free, status);
                let line = if to[0] < from[0] { [to, *from] } else { [*from, to] };
                self.put(&line, *unit);
            }
            Gesture::Points { grabbed, points, from } => {
                let [low, high] = self.limits();
                let start = points[*grabbed];
                let wanted = [start[0] + at[0] - from[0], start[1] + at[1] - from[1]];
                // Up and down alone leaves the moment where it is, though it lies off the grid.
                let moves_time = ((at[0] - from[0]) / hand.unit[0]).abs() > CLICK_POINTS;
                let wanted = self.placed(wanted, moves_time, hand.is_free, status);
                let by = [if moves_time { wanted[0] - start[0] } else { 0.0 }, wanted[1] - start[1]];
                let moved = self.selected.moved(points, by, low, high);
                if hand.distance(at, *from) > 0.0 && moved != self.points() {
                    self.set_points(moved);
                }
            }
            Gesture::Box { ends, .. } => ends[1] = at,
        }
        self.gesture = Some(gesture);
    }

    /// Puts a drawn line over the steps as they were before.
    fn put(&mut self, line: &[Point], unit: Point) {
        if line.len() < 2 {
            return;
        }
        self.steps.clone_from(&self.before);
        match self.target() {
            Target::Envelope(_) => {
                let whole = merged(&self.points(), line, f32::INFINITY).unwrap_or_default();
                self.set_points(simplified(&whole, unit, MAX_PATH_POINTS));
            }
            Target::Line(_) => {
                let touch_s = TOUCH_HOPS * self.path.as_ref().map_or(0.0, |path| path.hop_s as f32);
                let had_room = chain::draw(&mut self.steps, self.axis, line, unit, touch_s);
                let label = self.line_label();
                self.note_room(had_room, label);
            }
        }
    }

    /// The hand lets go.
    pub fn end_gesture(&mut self) {
        match self.gesture.take() {
            Some(Gesture::Range { is_click: true, .. }) => self.selection = None,
            Some(Gesture::Box { ends, click, hand }) => {
                if hand.distance(ends[0], ends[1]) > CLICK_POINTS {
                    self.selected.within(&self.points(), ends);
                } else {
                    self.fresh_presses = if self.add_point(click) { FRESH_PRESSES } else { 0 };
                }
            }
            _ => {}
        }
    }

    /// The box that is being drawn around points.
    pub fn marked_box(&self) -> Option<[Point; 2]> {
        match &self.gesture {
            Some(Gesture::Box { ends, hand, .. }) if hand.distance(ends[0], ends[1]) > CLICK_POINTS => Some(*ends),
            _ => None,
        }
    }

    /// Gives up what is under way.
    pub fn cancel(&mut self) {
        if self.gesture.take().is_some() {
            self.steps.clone_from(&self.before);
            self.is_dirty = self.has_told;
        }
    }

    /// Whether the hand draws, marks or moves something.
    pub fn is_under_way(&self) -> bool {
        self.gesture.is_some()
    }

    /// Adds a point where it is, and selects it; returns whether there was room.
    fn add_point(&mut self, at: Point) -> bool {
        let mut points = self.points();
        if points.len() >= MAX_PATH_POINTS {
            return false;
        }
        let index = points.partition_point(|point| point[0] <= at[0]);
        points.insert(index, at);
        self.set_points(points);
        self.selected.only(index);
        true
    }

    /// Adds a point half-way between the selected one and the next, or in the middle of what is in sight: for the keyboard.
    pub fn add_point_after(&mut self) {
        let points = self.points();
        let middle = (self.window.start_s() + self.window.end_s()) * 0.5;
        let at = match self.selected.first().filter(|&index| index < points.len()) {
            Some(index) => match points.get(index + 1) {
                Some(next) => [0, 1].map(|at| (points[index][at] + next[at]) * 0.5),
                None => [(points[index][0] + self.window.end_s().max(points[index][0])) * 0.5, points[index][1]],
            },
            None => [middle, self.value_at(middle)],
        };
        let [low, high] = self.limits();
        self.add_point([at[0].clamp(low[0], high[0]), at[1].clamp(low[1], high[1])]);
    }

    /// The value of the axis shown at a moment; the middle of the scale where there is none.
    pub fn value_at(&self, at_s: f32) -> f32 {
        let value = self.path.as_ref().and_then(|path| {
            let hop = (f64::from(at_s.max(0.0)) / path.hop_s.max(1e-6)) as usize;
            path.course(self.axis)?.values().get(hop).copied()
        });
        value.filter(|value| value.is_finite()).unwrap_or_else(|| self.scale.value(0.5))
    }

    /// Whether the last click is the second one of a double click whose first has added the point: it deletes nothing.
    pub fn is_second_click(&self) -> bool {
        self.fresh_presses > 0
    }

    /// Deletes the selected points, or the one that a hand is on.
    pub fn delete_points(&mut self, under: Option<usize>) {
        if let Some(index) = under {
            self.selected.only(index);
        }
        if !self.selected.is_empty() {
            let points = self.points();
            let left = self.selected.removed(&points);
            self.gesture = None;
            self.set_points(left);
        }
    }

    /// Moves the selected points by key presses to the right and up.
    pub fn nudge(&mut self, presses: [f32; 2], is_fine: bool, status: &PathsStatus) {
        let points = self.points();
        let Some(start) = self.selected.first().and_then(|index| points.get(index).copied()) else { return };
        let fine = if is_fine { FINE } else { 1.0 };
        let step_s = self.snap.step_s(status).filter(|_| !is_fine).unwrap_or(self.window.span_s() * 0.01 * fine);
        let step = match self.target() {
            Target::Envelope(_) => 0.05,
            Target::Line(_) => scale::nudge(self.axis),
        };
        let wanted = [start[0] + presses[0] * step_s, start[1] + presses[1] * step * fine];
        let wanted = self.placed(wanted, presses[0] != 0.0, is_fine, status);
        let by = [if presses[0] == 0.0 { 0.0 } else { wanted[0] - start[0] }, wanted[1] - start[1]];
        let by = [by[0], if presses[1] == 0.0 { 0.0 } else { by[1] }];
        let [low, high] = self.limits();
        // As long as the key is down, however often it repeats.
        self.hold();
        self.set_points(self.selected.moved(&points, by, low, high));
    }

    /// Moves the selected range by key presses, or its end alone; without one it begins with what is in sight.
    pub fn nudge_range(&mut self, presses: f32, is_end_alone: bool, status: &PathsStatus) {
        let step_s = self.snap.step_s(status).unwrap_or(self.window.span_s() * 0.02);
        let length_s = self.window.length_s();
        let [from, to] = self.selection.unwrap_or([self.window.start_s(); 2]);
        let ends = if is_end_alone {
            [from, (to + presses * step_s).clamp(from, length_s)]
        } else {
            let by = (presses * step_s).clamp(-from, length_s - to);
            [from + by, to + by]
        };
        self.selection = (ends[0] < ends[1]).then_some(ends);
    }

    /// Selects all: the whole path, or all points.
    pub fn select_all(&mut self) {
        match self.tool {
            Tool::Points => self.selected.all(self.points().len()),
            _ => self.selection = Some([0.0, self.window.length_s()]),
        }
    }

    /// Selects nothing; returns whether anything was.
    pub fn select_none(&mut self) -> bool {
        let is_any =
            self.selection.is_some() || !self.selected.is_empty() || matches!(self.target(), Target::Envelope(_));
        self.selected.clear();
        self.selection = None;
        if let Target::Envelope(_) = self.target() {
            self.select_step(None);
        }
        is_any
    }
}
