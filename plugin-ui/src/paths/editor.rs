//! What the view of latent paths keeps between frames, and how it reacts.

pub mod chain;
mod edit;
mod gesture;
pub mod handles;
pub mod record;
pub mod scale;
pub mod snap;
mod stroke;
pub mod window;

use std::sync::Arc;

pub use gesture::{Hand, Target};

use super::{
    AxisSet, PATH_SLOTS, PathAxis, PathRequest, PathView, PathsStatus, PathsView, RecordStart, RecordWish, Recording,
    StepView,
};
use crate::Request;
use gesture::Gesture;
use handles::Selected;
use record::RecordSettings;
use scale::Scale;
use snap::Snap;
use window::TimeWindow;

/// So long after an edit another answer of the plugin may still be one to an edit before, seconds.
const ANSWER_S: f64 = 0.5;

/// What the pointer does on the curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Marks a range of time.
    #[default]
    Select,
    /// Adds, moves and deletes points.
    Points,
    /// Draws as the hand moves.
    Freehand,
    /// Draws straight from one place to another.
    Line,
}

impl Tool {
    /// All of them, as they stand side by side.
    pub const ALL: [Self; 4] = [Self::Select, Self::Points, Self::Freehand, Self::Line];

    /// The name, and what is done with it.
    pub fn words(self) -> [&'static str; 2] {
        [
            ["Select", "Drag: mark a range of time, in which steps then act. Click or Escape: none. Ctrl A: all"],
            [
                "Points",
                "Click: add a point. Drag: move it, or mark several in a box. Double-click or Delete: remove. Shift: off the grid",
            ],
            ["Freehand", "Drag: draw the curve by hand. Shift: off the semitones"],
            ["Line", "Drag: draw a straight line. Shift: off the grid"],
        ][self as usize]
    }
}

/// What lies beneath the curve where there is no room for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// Nothing: the curve has all the room.
    Curve,
    /// What bends the path.
    #[default]
    Steps,
    /// How it is played.
    Playing,
}

/// What the menu of a slot asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotForm {
    /// Another name.
    Rename(String),
    /// Where a copy goes.
    Copy,
    /// The file that is taken in.
    Import(String),
    /// The file that is written.
    Export(String),
}

/// An amount that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountTyping {
    /// Of which step.
    pub step: usize,
    /// What there is so far.
    pub text: String,
    /// It was entered and is no number.
    pub is_wrong: bool,
    /// The field was opened in this frame and still has to take the keyboard.
    pub is_new: bool,
}

/// See the module.
#[derive(Debug)]
pub struct PathsEditor {
    view: Arc<PathsView>,
    /// Which slot is shown; `None` before the musician has seen any.
    shown: Option<usize>,
    path: Option<Arc<PathView>>,
    /// What bends the path shown, with the gesture under way.
    steps: Vec<StepView>,
    /// The path that the steps were taken from.
    taken: Option<Arc<PathView>>,
    /// The steps as they were before the gesture under way.
    before: Vec<StepView>,
    gesture: Option<Gesture>,
    is_held: bool,
    is_dirty: bool,
    /// Whether the plugin has been told of the gesture under way.
    has_told: bool,
    /// What undo calls the last edit.
    label: String,
    /// Until when the plugin's answer to the last edit is waited for, seconds.
    answer_by_s: Option<f64>,
    was_recording: bool,
    seed: u32,
    axis: PathAxis,
    scale: Scale,
    /// Whether steps act on all latent dimensions, not on the axis shown alone.
    pub is_all: bool,
    /// See [`Tool`].
    pub tool: Tool,
    /// See [`Snap`].
    pub snap: Snap,
    /// See [`TimeWindow`].
    pub window: TimeWindow,
    /// Where steps act, seconds; everywhere without.
    pub selection: Option<[f32; 2]>,
    /// Which points of the line are selected.
    pub selected: Selected,
    /// So many presses upon the point that was added last until a double click deletes it.
    fresh_presses: u8,
    step: Option<usize>,
    /// See [`RecordSettings`].
    pub record: RecordSettings,
    /// The recording that was asked for last, until it has ended.
    asked: Option<RecordWish>,
    /// See [`Pane`].
    pub pane: Pane,
    /// What the menu of the slot shown asks for; `None`: it lists what can be done.
    pub form: Option<SlotForm>,
    /// The value to be set, as it is typed.
    pub set_text: String,
    /// It was entered and means nothing.
    pub is_set_wrong: bool,
    /// See [`AmountTyping`].
    pub typing: Option<AmountTyping>,
    /// Why the last edit was not done; empty when it was.
    pub trouble: &'static str,
}

impl Default for PathsEditor {
    fn default() -> Self {
        Self {
            view: Arc::default(),
            shown: None,
            path: None,
            steps: Vec::new(),
            taken: None,
            before: Vec::new(),
            gesture: None,
            is_held: false,
            is_dirty: false,
            has_told: false,
            label: String::new(),
            answer_by_s: None,
            was_recording: false,
            seed: 1,
            axis: PathAxis::Latent(0),
            scale: Scale { low: -3.0, high: 3.0 },
            is_all: false,
            tool: Tool::default(),
            snap: Snap::default(),
            window: TimeWindow::of(1.0),
            selection: None,
            selected: Selected::default(),
            fresh_presses: 0,
            step: None,
            record: RecordSettings::default(),
            asked: None,
            pane: Pane::default(),
            form: None,
            set_text: String::new(),
            is_set_wrong: false,
            typing: None,
            trouble: "",
        }
    }
}

impl PathsEditor {
    /// Takes the frame's paths: no steps under the hand, nor answers to edits before the last one.
    pub fn update(&mut self, status: &PathsStatus, now_s: f64) {
        self.view = Arc::clone(&status.view);
        let recorded = match status.recording {
            Recording::Off => None,
            Recording::Waiting { slot } | Recording::Running { slot, .. } => Some(slot),
        };
        if let Some(slot) = recorded.filter(|_| !self.was_recording) {
            self.show(slot);
        }
        if self.was_recording && recorded.is_none() {
            self.asked = None;
        }
        self.was_recording = recorded.is_some();
        self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(now_s.to_bits() as u32 | 1);
        self.take_path();
        if self.answer_by_s.is_some_and(|by_s| now_s > by_s) {
            self.answer_by_s = None;
        }
        self.take_steps();
        if !self.is_held {
            self.set_scale();
        }
    }

    /// Whether it would look different later though nothing new came.
    pub fn is_moving(&self) -> bool {
        self.answer_by_s.is_some()
    }

    fn take_path(&mut self) {
        let path = self.view.slots[self.shown()].clone();
        if is_same(path.as_ref(), self.path.as_ref()) {
            return;
        }
        let length_s = path.as_ref().map_or(1.0, |path| path.length_s() as f32);
        match self.path.is_some() {
            true => self.window.set_length(length_s),
            false => self.window = TimeWindow::of(length_s),
        }
        self.selection = self.selection.map(|ends| ends.map(|end| end.min(length_s))).filter(|[from, to]| from < to);
        if let (PathAxis::Latent(dim), Some(path)) = (self.axis, &path) {
            self.axis = PathAxis::Latent(dim.min(path.dims.saturating_sub(1)));
        }
        self.path = path;
    }

    fn take_steps(&mut self) {
        if self.is_held || is_same(self.path.as_ref(), self.taken.as_ref()) {
            return;
        }
        let steps = self.path.as_ref().map_or(&[][..], |path| &path.steps);
        if steps != self.steps {
            if self.answer_by_s.is_some() {
                return;
            }
            self.steps = steps.to_vec();
            self.selected.clear();
            self.typing = None;
        }
        (self.answer_by_s, self.taken) = (None, self.path.clone());
        self.step = self.step.filter(|&step| step < self.steps.len());
    }

    fn set_scale(&mut self) {
        self.scale = match (self.target(), &self.path) {
            (Target::Envelope(_), _) => Scale::GAIN,
            (Target::Line(_), Some(path)) => Scale::of(self.axis, path),
            (Target::Line(_), None) => Scale::of(self.axis, &PathView::default()),
        };
    }

    /// Which slot is shown.
    pub fn shown(&self) -> usize {
        self.shown.unwrap_or(0)
    }

    /// Shows the slot that plays, if the musician has not chosen another.
    pub fn show_first(&mut self, playing: usize) {
        if self.shown.is_none() {
            self.show(playing);
        }
    }

    /// Shows a slot.
    pub fn show(&mut self, slot: usize) {
        let slot = slot.min(PATH_SLOTS - 1);
        if self.shown == Some(slot) || self.is_held {
            return;
        }
        self.shown = Some(slot);
        (self.path, self.taken, self.answer_by_s, self.selection) = (None, None, None, None);
        (self.step, self.form, self.typing, self.trouble) = (None, None, None, "");
        self.steps.clear();
        self.selected.clear();
        self.take_path();
        self.take_steps();
        self.set_scale();
    }

    /// All paths.
    pub fn view(&self) -> &PathsView {
        &self.view
    }

    /// The path that is shown.
    pub fn path(&self) -> Option<&Arc<PathView>> {
        self.path.as_ref()
    }

    /// What bends it, with the gesture under way.
    pub fn steps(&self) -> &[StepView] {
        &self.steps
    }

    /// Latent dimensions of the path that is shown.
    pub fn dims(&self) -> usize {
        self.path.as_ref().map_or(0, |path| path.dims.min(crate::LATENT_DIMS))
    }

    /// The axis that is drawn on.
    pub fn axis(&self) -> PathAxis {
        self.axis
    }

    /// Draws on another axis.
    pub fn set_axis(&mut self, axis: PathAxis) {
        // Who chooses what is no latent dimension means that alone.
        self.is_all &= matches!(axis, PathAxis::Latent(_));
        if self.axis != axis && !self.is_held {
            self.axis = axis;
            self.selected.clear();
            if let Target::Envelope(_) = self.target() {
                self.step = None;
            }
            self.set_scale();
        }
    }

    /// The next axis or the one before, around the end.
    pub fn step_axis(&mut self, by: isize) {
        let all: Vec<PathAxis> = PathAxis::all(self.dims()).collect();
        let at = (self.axis.index(self.dims()) as isize + by).rem_euclid(all.len() as isize);
        self.set_axis(all[at as usize]);
    }

    /// On which axes steps act that are added now.
    pub fn scope(&self) -> AxisSet {
        if self.is_all { AxisSet::LATENT } else { AxisSet::one(self.axis) }
    }

    /// The same in words, as “axis 3”.
    pub fn scope_name(&self) -> String {
        match self.axis {
            _ if self.is_all => "all latents".into(),
            PathAxis::Latent(dim) => format!("axis {}", dim + 1),
            other => scale::name(other).to_lowercase(),
        }
    }

    /// Where steps act, in words.
    pub fn range_name(&self) -> String {
        self.selection.map_or_else(|| "everywhere".into(), range_name)
    }

    /// The values between the lower and the upper edge of the plot.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The step that is selected in the list.
    pub fn step(&self) -> Option<usize> {
        self.step
    }

    /// Selects a step of the list; an envelope is drawn on then.
    pub fn select_step(&mut self, step: Option<usize>) {
        if !self.is_held {
            self.step = step.filter(|&step| step < self.steps.len());
            self.selected.clear();
            self.set_scale();
        }
    }

    /// Whether a gesture is under way.
    pub fn is_held(&self) -> bool {
        self.is_held
    }

    /// A number by chance.
    pub fn fresh_seed(&mut self) -> u32 {
        self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        1 + (self.seed >> 8) % 999_999
    }

    /// The first slot without a path.
    pub fn free_slot(&self) -> Option<usize> {
        self.view.slots.iter().position(Option::is_none)
    }

    /// Where a recording goes: into the slot shown if it is empty, else into the first one that is.
    pub fn record_slot(&self) -> Option<usize> {
        Some(self.shown()).filter(|&slot| self.view.slots[slot].is_none()).or_else(|| self.free_slot())
    }

    /// What is recorded into a slot from now on; it is remembered.
    pub fn wish(&mut self, slot: usize) -> RecordWish {
        let wish = self.record.wish(slot);
        self.asked = Some(wish);
        wish
    }

    /// What a recording into a slot that is armed waits for; `None` where that is not known.
    pub fn awaited(&self, slot: usize) -> Option<RecordStart> {
        self.asked.filter(|wish| wish.slot == slot).map(|wish| wish.start).filter(|start| *start != RecordStart::Now)
    }

    /// Where a file goes: into the slot shown if it is empty; `None`: into the first one that is.
    pub fn import_slot(&self) -> Option<usize> {
        Some(self.shown()).filter(|&slot| self.view.slots[slot].is_none())
    }

    /// Lets go where the hand has, and tells the plugin what has changed. To be called once per frame.
    pub fn tell(&mut self, is_let_go: bool, now_s: f64, requests: &mut Vec<Request>) {
        if is_let_go {
            self.end_gesture();
        }
        let was_held = self.is_held;
        self.is_held &= !is_let_go;
        let is_done = !self.is_held;
        let is_news = std::mem::take(&mut self.is_dirty);
        self.has_told |= is_news;
        if !(is_news || was_held && is_done && self.has_told) || self.path.is_none() {
            return;
        }
        if is_done {
            self.has_told = false;
            self.answer_by_s = Some(now_s + ANSWER_S);
        }
        let (slot, steps, label) = (self.shown(), self.steps.clone(), self.label.clone());
        requests.push(Request::Path(PathRequest::SetSteps { slot, steps, label, is_done }));
    }
}

/// A range of time in words.
pub fn range_name([from, to]: [f32; 2]) -> String {
    format!("{from:.2} to {to:.2} s")
}

fn is_same(one: Option<&Arc<PathView>>, other: Option<&Arc<PathView>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

#[cfg(test)]
mod tests;
