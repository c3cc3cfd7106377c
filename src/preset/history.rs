//! Undo of every edit: what was changed from what to what, and nothing else, so that automation in between stays.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::desk::Desk;
use super::extra::ExtraValue;
use super::scene::Scene;
use super::sides::Compare;
use crate::model::request::ModelRequest;

/// Steps kept; the oldest go.
pub const MAX_STEPS: usize = 200;

/// What the extras of all steps may take, bytes; the oldest go. Latent paths are long.
const MAX_EXTRA_BYTES: usize = 256 << 20;

/// Gestures of one parameter that follow each other as quickly as this are one step: a wheel turned notch by notch.
pub const TOGETHER: Duration = Duration::from_millis(700);

/// A value before and after.
type BeforeAfter<T> = (T, T);

/// One step.
#[derive(Clone, Debug, Default)]
struct Step {
    label: String,
    values: BTreeMap<String, BeforeAfter<f32>>,
    models: Option<BeforeAfter<[ModelRequest; 2]>>,
    extras: BTreeMap<String, BeforeAfter<ExtraValue>>,
    compare: Option<BeforeAfter<Compare>>,
    /// What its extras take: what they were before is that of an earlier step, or of none.
    bytes: usize,
    /// When its gesture ended; `None` for what is no gesture.
    ended: Option<Instant>,
}

impl Step {
    fn apply(&self, desk: &mut dyn Desk, is_undo: bool) {
        fn pick<T>(pair: &BeforeAfter<T>, is_undo: bool) -> &T {
            if is_undo { &pair.0 } else { &pair.1 }
        }
        if let Some(models) = &self.models {
            desk.set_models(pick(models, is_undo));
        }
        for (id, pair) in &self.values {
            desk.begin(id);
            desk.set(id, *pick(pair, is_undo));
            desk.end(id);
        }
        for (id, pair) in &self.extras {
            desk.set_extra(id, pick(pair, is_undo));
        }
        if let Some(compare) = &self.compare {
            desk.set_compare(pick(compare, is_undo).clone());
        }
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.models.is_none() && self.extras.is_empty() && self.compare.is_none()
    }
}

/// What can be undone and done again. One per instance; not saved.
#[derive(Debug, Default)]
pub struct History {
    /// The latest last.
    done: VecDeque<Step>,
    /// The next to be done again last.
    undone: Vec<Step>,
    /// Gestures under way, by id: the value before, and the latest.
    open: BTreeMap<String, BeforeAfter<f32>>,
    /// The extra that is being drawn, and what it was before the stroke.
    stroke: Option<(String, ExtraValue)>,
}

impl History {
    /// A gesture begins at a parameter: passed on to the desk, its value remembered.
    pub fn begin(&mut self, desk: &mut dyn Desk, id: &str) {
        let before = desk.value(id);
        self.open.entry(id.to_owned()).or_insert((before, before));
        desk.begin(id);
    }

    /// A value within a gesture: passed on.
    pub fn set(&mut self, desk: &mut dyn Desk, id: &str, normalised: f32) {
        if let Some((_, after)) = self.open.get_mut(id) {
            *after = normalised;
        }
        desk.set(id, normalised);
    }

    /// The gesture ends: passed on, and a step if it has changed anything. `name` is the parameter's, `now` a clock's.
    pub fn end(&mut self, desk: &mut dyn Desk, id: &str, name: &str, now: Instant) {
        desk.end(id);
        let Some((before, after)) = self.open.remove(id) else { return };
        if before == after {
            return;
        }
        self.undone.clear();
        if let Some(last) = self.done.back_mut() {
            let follows = last.ended.is_some_and(|ended| now.saturating_duration_since(ended) <= TOGETHER);
            if let (true, Some((_, latest))) = (follows, last.values.get_mut(id)) {
                *latest = after;
                last.ended = Some(now);
                return;
            }
        }
        let values = BTreeMap::from([(id.to_owned(), (before, after))]);
        self.push(Step { label: name.to_owned(), values, ended: Some(now), ..Step::default() });
    }

    /// An extra as far as its stroke has come: passed on, and a step once the stroke is done and has changed anything. One
    /// extra is drawn at a time.
    pub fn draw(&mut self, desk: &mut dyn Desk, id: &str, label: &str, value: &ExtraValue, is_done: bool) {
        let (id, before) = self.stroke.take().unwrap_or_else(|| (id.to_owned(), desk.extra(id)));
        desk.set_extra(&id, value);
        if !is_done {
            self.stroke = Some((id, before));
            return;
        }
        let after = desk.extra(&id);
        if before != after {
            self.undone.clear();
            let extras = BTreeMap::from([(id, (before, after))]);
            self.push(Step { label: label.to_owned(), extras, ..Step::default() });
        }
    }

    /// Sets all that differs from `target` as one step: a preset, a random setting, another model.
    pub fn change(&mut self, desk: &mut dyn Desk, label: String, target: &Scene) {
        let compare = desk.compare();
        self.change_both(desk, label, target, compare);
    }

    /// As [`Self::change`], with another state of A/B.
    pub fn change_both(&mut self, desk: &mut dyn Desk, label: String, target: &Scene, compare: Compare) {
        let pairs = target.values.iter().map(|(id, after)| (id.clone(), (desk.value(id), *after)));
        let values = pairs.filter(|(_, (before, after))| before != after).collect();
        let models = Some((desk.models(), target.models.clone())).filter(|(before, after)| before != after);
        let pairs = target.extras.iter().map(|(id, after)| (id.clone(), (desk.extra(id), after.clone())));
        let extras = pairs.filter(|(_, (before, after))| before != after).collect();
        let compare = Some((desk.compare(), compare)).filter(|(before, after)| before != after);
        let step = Step { label, values, models, extras, compare, ..Step::default() };
        if step.is_empty() {
            return;
        }
        step.apply(desk, false);
        self.undone.clear();
        self.push(step);
    }

    /// Asks for other models as one step.
    pub fn choose_models(&mut self, desk: &mut dyn Desk, label: String, models: [ModelRequest; 2]) {
        self.change(desk, label, &Scene { values: BTreeMap::new(), models, extras: BTreeMap::new() });
    }

    /// Takes the last step back; -> its label, or `None` when there is none or a gesture is under way.
    pub fn undo(&mut self, desk: &mut dyn Desk) -> Option<&str> {
        if self.is_under_way() {
            return None;
        }
        let mut step = self.done.pop_back()?;
        step.apply(desk, true);
        // A gesture after this is not the continuation of what was undone.
        step.ended = None;
        if let Some(last) = self.done.back_mut() {
            last.ended = None;
        }
        self.undone.push(step);
        self.undone.last().map(|step| step.label.as_str())
    }

    /// Does the last step that was undone again; -> its label, or `None`.
    pub fn redo(&mut self, desk: &mut dyn Desk) -> Option<&str> {
        if self.is_under_way() {
            return None;
        }
        let step = self.undone.pop()?;
        step.apply(desk, false);
        self.push(step);
        self.done.back().map(|step| step.label.as_str())
    }

    /// What [`Self::undo`] would take back.
    pub fn next_undo(&self) -> Option<&str> {
        self.done.back().map(|step| step.label.as_str())
    }

    /// What [`Self::redo`] would do again.
    pub fn next_redo(&self) -> Option<&str> {
        self.undone.last().map(|step| step.label.as_str())
    }

    /// Forgets everything: the host has loaded another project.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn is_under_way(&self) -> bool {
        !self.open.is_empty() || self.stroke.is_some()
    }

    fn push(&mut self, mut step: Step) {
        if self.done.len() == MAX_STEPS {
            self.done.pop_front();
        }
        step.bytes = step.extras.values().map(|(before, after)| after.bytes_beyond(before)).sum();
        self.done.push_back(step);
        while self.done.len() > 1 && self.done.iter().map(|step| step.bytes).sum::<usize>() > MAX_EXTRA_BYTES {
            self.done.pop_front();
        }
    }
}
