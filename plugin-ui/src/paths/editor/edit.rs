//! Edits of the path's steps that are done at once, and those of a value that is dragged.

use super::super::{AxisSet, PathAxis, StepKind, StepView};
use super::{PathsEditor, chain, scale};

/// What is said when a path takes no more steps.
const FULL: &str = "A path has at most 64 steps. Delete some, or flatten the path in its menu.";

impl PathsEditor {
    /// Notes that the steps have changed, and what undo calls it.
    pub(super) fn changed(&mut self, label: String) {
        (self.label, self.is_dirty, self.trouble) = (label, true, "");
    }

    /// Notes that there was no room for another step.
    pub(super) fn note_room(&mut self, had_room: bool, label: String) {
        if had_room {
            self.changed(label);
        } else {
            self.trouble = FULL;
        }
    }

    /// Takes hold: what changes from now on is one step of undo.
    pub fn hold(&mut self) {
        if !self.is_held {
            self.before.clone_from(&self.steps);
            self.is_held = true;
        }
    }

    /// Adds a step of a kind on the chosen axes in the selected range, and selects it.
    pub fn add(&mut self, kind: StepKind) {
        let seed = self.fresh_seed();
        let (axes, range) = (self.scope(), self.selection);
        let Some(path) = &self.path else { return };
        let step = chain::fresh(kind, axes, range, seed, path);
        let label = chain::label(kind, axes, path.dims);
        let had_room = chain::push(&mut self.steps, step);
        self.note_room(had_room, label);
        if had_room {
            self.select_step(Some(self.steps.len() - 1));
        }
    }

    /// Takes the chosen axes out of all steps.
    pub fn reset(&mut self) {
        let axes = self.scope();
        let before = self.steps.clone();
        chain::reset(&mut self.steps, axes);
        if self.steps != before {
            self.changed(format!("Reset {}", self.axes_name(axes)));
            self.select_step(None);
        }
    }

    /// Why the chosen axes cannot be put at rest; `None` where they can.
    pub fn why_no_rest(&self) -> Option<&'static str> {
        (!self.is_all && scale::rest(self.axis).is_none()).then_some("A pitch has no zero: set it to a note instead.")
    }

    /// What the rest of the chosen axes is called.
    pub fn rest_name(&self) -> &'static str {
        if self.axis == PathAxis::Loudness && !self.is_all { "Silence" } else { "Zero" }
    }

    /// Puts the chosen axes at rest, in the selected range or everywhere.
    pub fn rest(&mut self) {
        if let Some(rest) = scale::rest(self.chosen_axis()) {
            self.hold_at(rest, self.rest_name());
        }
    }

    /// What a value for the chosen axes is a value of.
    fn chosen_axis(&self) -> PathAxis {
        if self.is_all { PathAxis::Latent(0) } else { self.axis }
    }

    /// What can be typed to set the chosen axes to.
    pub fn set_hint(&self) -> &'static str {
        scale::hint(self.chosen_axis())
    }

    /// Sets the chosen axes to a typed value, in the selected range or everywhere; returns whether it was one.
    pub fn set_typed(&mut self) -> bool {
        let value = scale::parse(self.chosen_axis(), &self.set_text);
        if let Some(value) = value {
            self.hold_at(value, "Set");
        }
        value.is_some()
    }

    fn hold_at(&mut self, value: f32, what: &str) {
        let axes = self.scope();
        let Some(path) = &self.path else { return };
        let step = chain::held(axes, value, self.selection, path.length_s() as f32);
        if chain::is_heard_already(&self.steps, &step) {
            return;
        }
        let had_room = chain::push(&mut self.steps, step);
        self.note_room(had_room, format!("{what} {}", self.axes_name(axes)));
    }

    fn axes_name(&self, axes: AxisSet) -> String {
        chain::axes_name(axes, self.dims()).to_lowercase()
    }

    /// Changes a step; undo calls it by a word and the step's name.
    pub fn change(&mut self, index: usize, what: &str, change: impl FnOnce(&mut StepView)) {
        let dims = self.dims();
        let Some(step) = self.steps.get_mut(index) else { return };
        let before = step.clone();
        change(step);
        if *step != before {
            let name = chain::label(step.kind, step.axes, dims);
            self.changed(if what.is_empty() { name } else { format!("{what} {name}") });
        }
    }

    /// Sets a step's amount, within its limits.
    pub fn set_amount(&mut self, index: usize, amount: f32) {
        self.change(index, "", |step| {
            if let Some(([low, high, _], ..)) = step.kind.amount()
                && amount.is_finite()
            {
                step.amount = amount.clamp(low, high);
                if step.kind == StepKind::Loop {
                    step.amount = step.amount.round();
                }
            }
        });
    }

    /// Moves a step by so many places, as far as there are some.
    pub fn move_step(&mut self, index: usize, by: isize) {
        let to = index.saturating_add_signed(by).min(self.steps.len().saturating_sub(1));
        if index < self.steps.len() && to != index {
            let step = self.steps.remove(index);
            let label = format!("Move {}", chain::label(step.kind, step.axes, self.dims()));
            self.steps.insert(to, step);
            self.changed(label);
            self.select_step(Some(to));
        }
    }

    /// Deletes a step; the next one is selected.
    pub fn delete_step(&mut self, index: usize) {
        if index < self.steps.len() {
            let step = self.steps.remove(index);
            self.changed(format!("Delete {}", chain::label(step.kind, step.axes, self.dims())));
            self.select_step(self.steps.len().checked_sub(1).map(|last| index.min(last)));
        }
    }
}
