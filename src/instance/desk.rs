//! A plugin's parameters as a [`Desk`]: through a host, and without one.

use std::collections::HashMap;
use std::sync::Arc;

use nice_plug_core::context::gui::GuiContext;
use nih_plug::prelude::Params;
use parking_lot::{Mutex, MutexGuard};

use super::instance_params::InstanceParams;
use super::param_set::{Handle, ParamSet};
use super::project_models::ProjectModels;
use crate::model::request::ModelRequest;
use crate::preset::{Compare, Desk, ExtraValue};

/// The values of an instance's parameters: set by gestures that the host sees and can record. GUI thread.
struct Values {
    params: ParamSet,
    /// `None`: without a host values are set at once.
    host: Option<GuiContext>,
    /// How often a state has been loaded.
    projects: Box<dyn Fn() -> u32 + Send>,
    pending: Mutex<Pending>,
}

/// Values that the host has not yet brought: hosts apply them in their next block.
#[derive(Default)]
struct Pending {
    /// What was set, and what was there then: it counts until something else is there.
    values: HashMap<String, (f32, f32)>,
    /// Of which project.
    project: u32,
}

impl Values {
    /// For the life of a window. `projects` tells how often a state has been loaded.
    fn new(params: Arc<dyn Params>, host: Option<GuiContext>, projects: impl Fn() -> u32 + Send + 'static) -> Self {
        Self { params: ParamSet::new(params), host, projects: Box::new(projects), pending: Mutex::default() }
    }

    fn live(&self, id: &str) -> f32 {
        self.params.get(id).map_or(0.0, Handle::share)
    }

    /// Forgets all that the host has brought, so that a value that comes back to what it was is not taken for one that
    /// has not moved yet; and all of it with another project.
    fn settle(&self) -> MutexGuard<'_, Pending> {
        let mut pending = self.pending.lock();
        let project = (self.projects)();
        let is_same = std::mem::replace(&mut pending.project, project) == project;
        pending.values.retain(|id, (_, before)| is_same && *before == self.live(id));
        pending
    }

    /// See [`Desk::value`].
    fn value(&self, id: &str) -> f32 {
        let set = self.settle().values.get(id).map(|(set, _)| *set);
        set.unwrap_or_else(|| self.live(id))
    }

    /// See [`Desk::begin`].
    fn begin(&mut self, id: &str) {
        if let (Some(param), Some(host)) = (self.params.get(id), &self.host) {
            param.begin(host);
        }
    }

    /// See [`Desk::set`].
    fn set(&mut self, id: &str, normalised: f32) {
        let Some(param) = self.params.get(id) else { return };
        let Some(host) = &self.host else {
            param.set(normalised);
            return;
        };
        let (live, comes) = (param.share(), param.nearest(normalised));
        param.ask(host, normalised);
        // After the host's call, in which it may ask for values.
        let mut pending = self.settle();
        if comes == live {
            pending.values.remove(id);
        } else {
            pending.values.insert(id.to_owned(), (comes, live));
        }
    }

    /// See [`Desk::end`].
    fn end(&mut self, id: &str) {
        if let (Some(param), Some(host)) = (self.params.get(id), &self.host) {
            param.end(host);
        }
    }
}

/// An instance as a [`Desk`]: in a host, or by itself. GUI thread.
pub struct InstanceDesk<P> {
    params: Arc<P>,
    project: Option<Arc<ProjectModels>>,
    values: Values,
}

impl<P: InstanceParams> InstanceDesk<P> {
    /// For the life of a window. Without a host values are set at once.
    pub fn new(params: Arc<P>, project: Arc<ProjectModels>, host: Option<GuiContext>) -> Self {
        Self { project: Some(project), ..Self::with(params, host) }
    }

    /// Parameters that no host plays, and models that nobody loads: for the program and for tests.
    pub fn loose(params: Arc<P>) -> Self {
        Self::with(params, None)
    }

    fn with(params: Arc<P>, host: Option<GuiContext>) -> Self {
        let map = params.kept().midi_map.clone();
        let values = Values::new(params.clone(), host, move || map.projects());
        Self { params, project: None, values }
    }

    /// The parameters.
    pub fn params(&self) -> &Arc<P> {
        &self.params
    }
}

impl<P: InstanceParams> Desk for InstanceDesk<P> {
    fn value(&self, id: &str) -> f32 {
        self.values.value(id)
    }

    fn begin(&mut self, id: &str) {
        self.values.begin(id);
    }

    fn set(&mut self, id: &str, normalised: f32) {
        self.values.set(id, normalised);
    }

    fn end(&mut self, id: &str) {
        self.values.end(id);
    }

    fn let_go_of_controllers(&mut self) {
        self.params.kept().midi_map.let_go_of_all();
    }

    fn models(&self) -> [ModelRequest; 2] {
        let mut models = [ModelRequest::named(""), ModelRequest::named("")];
        for (model, (asked, _)) in models.iter_mut().zip(self.params.places()) {
            model.clone_from(&asked.lock());
        }
        models
    }

    /// The other model takes over while it plays; only one of another latency waits for the host to restart the plugin.
    fn set_models(&mut self, wanted: &[ModelRequest; 2]) {
        if let Some(project) = &self.project {
            return project.choose(wanted);
        }
        for ((asked, _), wanted) in self.params.places().into_iter().zip(wanted) {
            asked.lock().clone_from(wanted);
        }
    }

    fn compare(&self) -> Compare {
        self.params.kept().compare.lock().clone()
    }

    fn set_compare(&mut self, compare: Compare) {
        *self.params.kept().compare.lock() = compare;
    }

    fn extra(&self, id: &str) -> ExtraValue {
        self.params.extra(id)
    }

    fn set_extra(&mut self, id: &str, value: &ExtraValue) {
        self.params.set_extra(id, value);
    }
}
