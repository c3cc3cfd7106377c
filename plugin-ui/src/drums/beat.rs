//! The grid of steps: what is shown of it, what is selected, and every edit of patterns.

mod gesture;
mod told;

use std::sync::Arc;

use super::pattern::{Line, Pattern, Patterns, Step, VELOCITY};
use super::{DrumsRequest, DrumsStatus, PATTERNS, STEPS, TRACKS, param};
use crate::ParamBackend;
use gesture::Hand;
pub use gesture::{Spot, Touch};

/// A turned wheel holds its edit so long, so that the next notch is the same step of undo, seconds.
const WHEEL_S: f64 = 0.5;

/// What can be set of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    Velocity,
    Probability,
    Ratchet,
    Shift,
}

impl Aspect {
    /// All of them, as they stand side by side.
    pub const ALL: [Self; 4] = [Self::Velocity, Self::Probability, Self::Ratchet, Self::Shift];

    pub fn name(self) -> &'static str {
        ["Velocity", "Probability", "Ratchet", "Timing"][self as usize]
    }

    /// The lowest value, the highest one, and the one at rest.
    pub fn range(self) -> [i32; 3] {
        [[1, 127, VELOCITY as i32], [1, 100, 100], [1, 8, 1], [-50, 50, 0]][self as usize]
    }

    pub fn of(self, step: &Step) -> i32 {
        match self {
            Self::Velocity => i32::from(step.velocity),
            Self::Probability => i32::from(step.probability),
            Self::Ratchet => i32::from(step.ratchet),
            Self::Shift => i32::from(step.shift),
        }
    }

    /// The same step with another value, as far as it goes.
    fn set(self, step: Step, value: i32) -> Step {
        let [low, high, _] = self.range();
        let value = value.clamp(low, high);
        match self {
            Self::Velocity => Step { velocity: value as u8, ..step },
            Self::Probability => Step { probability: value as u8, ..step },
            Self::Ratchet => Step { ratchet: value as u8, ..step },
            Self::Shift => Step { shift: value as i8, ..step },
        }
    }

    /// What undo calls a change of it.
    fn label(self) -> &'static str {
        ["Step Velocity", "Step Probability", "Step Ratchet", "Step Timing"][self as usize]
    }

    /// A value in words.
    pub fn text(self, value: i32) -> String {
        match self {
            Self::Velocity => value.to_string(),
            Self::Probability => format!("{value} %"),
            Self::Ratchet => format!("x{value}"),
            Self::Shift if value > 0 => format!("+{value} %"),
            Self::Shift => format!("{value} %").replace('-', "\u{2212}"),
        }
    }
}

/// A cell of the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub track: usize,
    pub step: usize,
}

/// What the grid keeps between frames.
#[derive(Debug)]
pub struct BeatView {
    patterns: Patterns,
    /// The plugin's patterns as they were last seen: only others take the place of what is edited here.
    seen: Option<Arc<Patterns>>,
    /// The pattern that is shown.
    shown: usize,
    /// The pattern that the parameter says.
    chosen: Option<usize>,
    /// Where the keyboard is, and where a selection began.
    cursor: Cell,
    anchor: Cell,
    hand: Hand,
    /// The velocity of new steps: that which was set last.
    brush: u8,
    line_copy: Option<Line>,
    pattern_copy: Option<Pattern>,
    /// Hits of the even filling in the line's menu, and where it begins.
    pub fill: [usize; 2],
    /// Another one for each loosening.
    seed: u32,
    /// Whether the grid is played by keys: after a click, the space bar is the host's own.
    pub has_keys: bool,
    /// Whether the keyboard shall come to the grid.
    pub wants_keyboard: bool,
    /// What undo calls the edit under way.
    label: &'static str,
    is_held: bool,
    is_dirty: bool,
    held_until_s: f64,
    /// What the wheel has turned beyond a whole step of velocity: touch pads send parts of a notch.
    turned: f32,
}

impl Default for BeatView {
    fn default() -> Self {
        Self {
            patterns: Patterns::default(),
            seen: None,
            shown: 0,
            chosen: None,
            cursor: Cell::default(),
            anchor: Cell::default(),
            hand: Hand::Free,
            brush: VELOCITY,
            line_copy: None,
            pattern_copy: None,
            fill: [4, 0],
            seed: 0,
            has_keys: false,
            wants_keyboard: false,
            label: "",
            is_held: false,
            is_dirty: false,
            held_until_s: 0.0,
            turned: 0.0,
        }
    }
}

impl BeatView {
    /// Takes the plugin's patterns, if they are others and no step is held, and the pattern that is chosen; with
    /// `is_following` the one that sounds is shown.
    pub fn update(&mut self, status: &DrumsStatus, params: &dyn ParamBackend, is_following: bool) {
        let chosen = params.plain(param::PATTERN, params.normalised(param::PATTERN)).round() as usize;
        let chosen = chosen.clamp(1, PATTERNS) - 1;
        if self.chosen.replace(chosen) != Some(chosen) {
            self.show(chosen);
        }
        let sounding = status.playing.map(|playing| playing.pattern);
        if let Some(sounding) = sounding.filter(|&other| is_following && other != self.shown && !self.is_held) {
            self.show(sounding);
        }
        if self.is_held || self.seen.as_ref().is_some_and(|seen| *seen == status.patterns) {
            return;
        }
        self.patterns = status.patterns.repaired();
        self.seen = Some(Arc::clone(&status.patterns));
        self.keep_within();
    }

    /// The pattern that is shown.
    pub fn pattern(&self) -> &Pattern {
        &self.patterns.patterns[self.shown]
    }

    pub fn patterns(&self) -> &[Pattern; PATTERNS] {
        &self.patterns.patterns
    }

    pub fn shown(&self) -> usize {
        self.shown
    }

    pub fn show(&mut self, pattern: usize) {
        self.shown = pattern.min(PATTERNS - 1);
        self.hand = Hand::Free;
        self.keep_within();
    }

    pub fn line(&self, track: usize) -> &Line {
        &self.pattern().lines[track.min(TRACKS - 1)]
    }

    pub fn step(&self, cell: Cell) -> Step {
        self.line(cell.track).steps[cell.step.min(STEPS - 1)]
    }

    pub fn cursor(&self) -> Cell {
        self.cursor
    }

    pub fn is_held(&self) -> bool {
        self.is_held
    }

    pub fn can_paste_line(&self) -> bool {
        self.line_copy.is_some()
    }

    pub fn can_paste_pattern(&self) -> bool {
        self.pattern_copy.is_some()
    }

    /// The selected cells, row by row; beyond the end of a line there is none.
    pub fn selected(&self) -> impl Iterator<Item = Cell> {
        let range = |one: usize, two: usize| one.min(two)..=one.max(two);
        let steps = range(self.anchor.step, self.cursor.step);
        let cells = range(self.anchor.track, self.cursor.track)
            .flat_map(move |track| steps.clone().map(move |step| Cell { track, step }));
        cells.filter(|cell| cell.step < self.line(cell.track).count())
    }

    pub fn is_selected(&self, cell: Cell) -> bool {
        let within = |at: usize, one: usize, two: usize| (one.min(two)..=one.max(two)).contains(&at);
        within(cell.track, self.anchor.track, self.cursor.track)
            && within(cell.step, self.anchor.step, self.cursor.step)
    }

    /// Puts the cursor on a cell; with `is_extending` the selection goes from where it began to there.
    pub fn select(&mut self, cell: Cell, is_extending: bool) {
        self.cursor = cell;
        self.keep_within();
        if !is_extending {
            self.anchor = self.cursor;
        }
    }

    /// Moves the cursor by so many steps to the right and tracks down.
    pub fn move_by(&mut self, [right, down]: [isize; 2], is_extending: bool) {
        let track = self.cursor.track.saturating_add_signed(down).min(TRACKS - 1);
        let last = self.line(track).count() - 1;
        // The cursor stays on the steps that are played.
        let step = self.cursor.step.saturating_add_signed(right).min(last);
        self.select(Cell { track, step }, is_extending);
    }

    fn keep_within(&mut self) {
        self.cursor.track = self.cursor.track.min(TRACKS - 1);
        self.cursor.step = self.cursor.step.min(self.line(self.cursor.track).count() - 1);
        self.anchor = Cell { track: self.anchor.track.min(TRACKS - 1), step: self.anchor.step.min(STEPS - 1) };
    }

    /// Changes the pattern that is shown; `label` is what undo calls it.
    fn edit(&mut self, label: &'static str, change: impl FnOnce(&mut Pattern)) {
        let pattern = &mut self.patterns.patterns[self.shown];
        let before = *pattern;
        change(pattern);
        if *pattern != before {
            (self.label, self.is_dirty) = (label, true);
        }
        self.keep_within();
    }

    fn put(&mut self, cell: Cell, step: Step, label: &'static str) {
        self.edit(label, |pattern| pattern.lines[cell.track].steps[cell.step] = step);
    }

    /// Takes steps in or out: all that are selected, as the one under the cursor is not.
    pub fn toggle(&mut self) {
        let is_on = !self.step(self.cursor).is_on();
        for cell in self.selected().collect::<Vec<_>>() {
            self.set_on(cell, is_on);
        }
    }

    /// Takes the selected steps out.
    pub fn take_out(&mut self) {
        for cell in self.selected().collect::<Vec<_>>() {
            self.set_on(cell, false);
        }
    }

    fn set_on(&mut self, cell: Cell, is_on: bool) {
        let velocity = self.brush;
        match (is_on, self.step(cell).is_on()) {
            (true, false) => self.put(cell, Step { velocity, ..Step::default() }, "Steps In"),
            (false, true) => self.put(cell, Step::default(), "Steps Out"),
            _ => {}
        }
    }

    /// The steps that an edit reaches: those of the selection that sound; if none does, the one under the cursor.
    fn reached(&self) -> Vec<Cell> {
        let sounding: Vec<Cell> = self.selected().filter(|&cell| self.step(cell).is_on()).collect();
        if sounding.is_empty() { vec![self.cursor] } else { sounding }
    }

    /// Sets a value of all selected steps; a velocity brings a silent step in.
    pub fn set(&mut self, aspect: Aspect, value: i32) {
        for cell in self.reached() {
            let step = self.step(cell);
            if step.is_on() || aspect == Aspect::Velocity {
                self.put(cell, aspect.set(step, value), aspect.label());
            }
        }
        self.note_brush();
    }

    /// Moves a value of all selected steps, each from where it is.
    pub fn change(&mut self, aspect: Aspect, by: i32) {
        for cell in self.reached() {
            let step = self.step(cell);
            if step.is_on() {
                self.put(cell, aspect.set(step, aspect.of(&step) + by), aspect.label());
            }
        }
        self.note_brush();
    }

    /// Moves velocities as the wheel does.
    pub fn turn(&mut self, by: f32) {
        let whole = (self.turned + by).trunc();
        self.turned += by - whole;
        self.change(Aspect::Velocity, whole as i32);
    }

    /// The next value of a few, around the end: for a key that is pressed again and again.
    pub fn cycle(&mut self, aspect: Aspect, is_back: bool) {
        let values: &[i32] = match aspect {
            Aspect::Probability => &[100, 75, 50, 25, 10],
            _ => &[1, 2, 3, 4, 5, 6, 7, 8],
        };
        let now = aspect.of(&self.step(self.cursor));
        let at = values.iter().position(|&value| value == now);
        let count = values.len();
        let next = match (at, is_back) {
            (None, _) => 0,
            (Some(at), false) => (at + 1) % count,
            (Some(at), true) => (at + count - 1) % count,
        };
        self.set(aspect, values[next]);
    }

    fn note_brush(&mut self) {
        if let Some(velocity) = Some(self.step(self.cursor).velocity).filter(|&velocity| velocity > 0) {
            self.brush = velocity;
        }
    }

    /// Sets how many steps of a line are played.
    pub fn set_length(&mut self, track: usize, length: usize) {
        self.edit("Line Length", |pattern| pattern.lines[track].length = length.clamp(1, STEPS) as u8);
    }

    /// Another line in the place of a track's, as one edit.
    pub fn change_line(&mut self, track: usize, label: &'static str, change: impl FnOnce(&mut Line)) {
        self.edit(label, |pattern| change(&mut pattern.lines[track]));
    }

    /// Moves a line a little off the grid, as a hand would; another way each time.
    pub fn loosen(&mut self, track: usize) {
        self.seed = self.seed.wrapping_add(1);
        let seed = self.seed.wrapping_mul(TRACKS as u32).wrapping_add(track as u32);
        self.change_line(track, "Loosen Line", |line| line.loosen(seed));
    }

    pub fn copy_line(&mut self, track: usize) {
        self.line_copy = Some(*self.line(track));
    }

    pub fn paste_line(&mut self, track: usize) {
        if let Some(copy) = self.line_copy {
            self.change_line(track, "Paste Line", |line| *line = copy);
        }
    }

    pub fn copy_pattern(&mut self) {
        self.pattern_copy = Some(*self.pattern());
    }

    pub fn paste_pattern(&mut self) {
        if let Some(copy) = self.pattern_copy {
            self.edit("Paste Pattern", |pattern| *pattern = copy);
        }
    }

    pub fn clear_pattern(&mut self) {
        self.edit("Clear Pattern", |pattern| *pattern = Pattern::default());
    }

    /// Moves all lines so many steps to the right, each around its own end.
    pub fn turn_pattern(&mut self, by: isize) {
        self.edit("Shift Pattern", |pattern| pattern.lines.iter_mut().for_each(|line| line.turn(by)));
    }

    /// Takes hold: what is edited until it is let go is one step of undo.
    pub fn hold(&mut self) {
        self.is_held = true;
    }

    /// Holds for a moment: the wheel has no end of its own.
    pub fn hold_for_wheel(&mut self, now_s: f64) {
        (self.is_held, self.held_until_s) = (true, now_s + WHEEL_S);
    }

    /// Lets go, and tells the plugin what has changed. To be called once per frame.
    pub fn tell(&mut self, is_let_go: bool, now_s: f64, requests: &mut Vec<DrumsRequest>) {
        let was_held = self.is_held;
        if is_let_go && now_s >= self.held_until_s {
            self.is_held = false;
        }
        let (is_done, is_dirty) = (!self.is_held, std::mem::take(&mut self.is_dirty));
        if is_dirty || (was_held && is_done && !self.label.is_empty()) {
            let (patterns, label) = (Arc::new(self.patterns), self.label);
            requests.push(DrumsRequest::SetPatterns { patterns, label, is_done });
        }
        if is_done {
            self.label = "";
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    fn view() -> BeatView {
        let mut view = BeatView::default();
        view.update(&DrumsStatus::default(), &fake::drums_params(), false);
        view
    }

    #[test]
    fn a_selection_is_changed_each_step_from_where_it_is() {
        let mut view = view();
        view.select(Cell { track: 1, step: 2 }, false);
        view.set(Aspect::Velocity, 40);
        view.select(Cell { track: 1, step: 3 }, false);
        view.set(Aspect::Velocity, 120);
        view.select(Cell { track: 1, step: 0 }, true);
        view.change(Aspect::Velocity, 20);
        let velocities: Vec<u8> = view.line(1).steps[..5].iter().map(|step| step.velocity).collect();
        assert_eq!(velocities, [0, 0, 60, 127, 0], "silent steps stay so");
    }

    #[test]
    fn the_plugins_answer_leaves_what_is_edited_alone() {
        let mut view = view();
        let params = fake::drums_params();
        view.toggle();
        let mut told = Vec::new();
        view.tell(true, 0.0, &mut told);
        assert!(matches!(told[..], [DrumsRequest::SetPatterns { is_done: true, .. }]), "{told:?}");
        // The plugin has not heard of it yet, then it has.
        view.update(&DrumsStatus::default(), &params, false);
        assert!(view.step(Cell::default()).is_on());
        let Some(DrumsRequest::SetPatterns { patterns, .. }) = told.pop() else { panic!() };
        view.update(&DrumsStatus { patterns, ..DrumsStatus::default() }, &params, false);
        view.tell(true, 1.0, &mut told);
        assert!(view.step(Cell::default()).is_on() && told.is_empty());
        // Undo in the plugin is seen.
        view.update(&DrumsStatus::default(), &params, false);
        assert!(!view.step(Cell::default()).is_on());
    }

    #[test]
    fn the_cursor_stays_on_steps_that_are_played() {
        let mut view = view();
        view.set_length(2, 5);
        view.select(Cell { track: 1, step: 12 }, false);
        view.move_by([0, 1], false);
        assert_eq!(view.cursor(), Cell { track: 2, step: 4 });
        view.move_by([9, 99], false);
        assert_eq!(view.cursor(), Cell { track: 7, step: 13 });
    }

    #[test]
    fn a_selection_ends_where_each_line_does() {
        let mut view = view();
        view.set_length(1, 3);
        view.select(Cell { track: 0, step: 1 }, false);
        view.select(Cell { track: 2, step: 4 }, true);
        view.toggle();
        let on = |track: usize| view.line(track).steps.iter().filter(|step| step.is_on()).count();
        assert_eq!([on(0), on(1), on(2)], [4, 2, 4]);
    }

    #[test]
    fn a_key_goes_through_ratchets_and_probabilities_and_around() {
        let mut view = view();
        view.toggle();
        view.cycle(Aspect::Ratchet, true);
        assert_eq!(view.step(Cell::default()).ratchet, 8);
        view.cycle(Aspect::Ratchet, false);
        view.cycle(Aspect::Probability, false);
        let step = view.step(Cell::default());
        assert_eq!((step.ratchet, step.probability), (1, 75));
    }

    #[test]
    fn notches_of_the_wheel_are_one_step_of_undo() {
        let mut view = view();
        view.toggle();
        let mut told = Vec::new();
        view.tell(true, 0.0, &mut told);
        for notch in 1..=3 {
            view.hold_for_wheel(f64::from(notch) * 0.1);
            view.change(Aspect::Velocity, -4);
            view.tell(true, f64::from(notch) * 0.1, &mut told);
        }
        view.tell(true, 2.0, &mut told);
        let done = |told: &DrumsRequest| matches!(told, DrumsRequest::SetPatterns { is_done: true, .. });
        assert_eq!(told.iter().map(done).collect::<Vec<_>>(), [true, false, false, false, true]);
    }
}
