//! The plugin's parameters as a [`Desk`]: through a host, and without one.

use std::collections::HashMap;
use std::sync::Arc;

use nice_plug_core::context::gui::GuiContext;
use nih_plug::prelude::*;

use super::params::EffectParams;
use crate::model::request::ModelRequest;
use crate::preset::{Compare, Desk};

/// Parameters by id.
struct Pointers(HashMap<String, ParamPtr>);

impl Pointers {
    fn of(params: &EffectParams) -> Self {
        Self(params.param_map().into_iter().map(|(id, param, _group)| (id, param)).collect())
    }
}

fn models(params: &EffectParams) -> [ModelRequest; 2] {
    [params.model.lock().clone(), params.second_model.lock().clone()]
}

fn set_models(params: &EffectParams, [first, second]: &[ModelRequest; 2]) {
    params.model.lock().clone_from(first);
    params.second_model.lock().clone_from(second);
}

/// An instance in a host: values are set by gestures that the host sees and can record. GUI thread.
pub struct HostDesk {
    params: Arc<EffectParams>,
    pointers: Pointers,
    host: GuiContext,
    /// Values that the host has not yet brought, and what was there when they were set: hosts apply them in their next
    /// block. They count until something else is there.
    pending: HashMap<String, (f32, f32)>,
}

impl HostDesk {
    /// For the life of a window.
    pub fn new(params: Arc<EffectParams>, host: GuiContext) -> Self {
        let pointers = Pointers::of(&params);
        Self { params, pointers, host, pending: HashMap::new() }
    }

    fn live(&self, id: &str) -> f32 {
        // SAFETY: the pointers come from `params`, which this struct keeps alive.
        self.pointers.0.get(id).map_or(0.0, |param| unsafe { param.unmodulated_normalized_value() })
    }
}

impl Desk for HostDesk {
    fn value(&self, id: &str) -> f32 {
        let live = self.live(id);
        match self.pending.get(id) {
            Some(&(set, before)) if before == live => set,
            _ => live,
        }
    }

    fn begin(&mut self, id: &str) {
        if let Some(&param) = self.pointers.0.get(id) {
            // SAFETY: as in `live`.
            unsafe { self.host.raw_begin_set_parameter(param) };
        }
    }

    fn set(&mut self, id: &str, normalised: f32) {
        let Some(&param) = self.pointers.0.get(id) else { return };
        let live = self.live(id);
        // SAFETY: as in `live`.
        unsafe { self.host.raw_set_parameter_normalized(param, normalised) };
        self.pending.insert(id.to_owned(), (normalised, live));
    }

    fn end(&mut self, id: &str) {
        if let Some(&param) = self.pointers.0.get(id) {
            // SAFETY: as in `live`.
            unsafe { self.host.raw_end_set_parameter(param) };
        }
    }

    fn let_go_of_controllers(&mut self) {
        self.params.midi_map.let_go_of_all();
    }

    fn models(&self) -> [ModelRequest; 2] {
        models(&self.params)
    }

    /// The host starts the plugin anew, which loads what has changed.
    fn set_models(&mut self, wanted: &[ModelRequest; 2]) {
        set_models(&self.params, wanted);
        self.host.request_restart();
    }

    fn compare(&self) -> Compare {
        self.params.compare.lock().clone()
    }

    fn set_compare(&mut self, compare: Compare) {
        *self.params.compare.lock() = compare;
    }
}

/// Parameters without a host, for the program and for tests: values are set at once.
pub struct LooseDesk {
    params: Arc<EffectParams>,
    pointers: Pointers,
}

impl LooseDesk {
    /// Parameters that no host plays.
    pub fn new(params: Arc<EffectParams>) -> Self {
        let pointers = Pointers::of(&params);
        Self { params, pointers }
    }

    /// The parameters.
    pub fn params(&self) -> &Arc<EffectParams> {
        &self.params
    }
}

impl Desk for LooseDesk {
    fn value(&self, id: &str) -> f32 {
        // SAFETY: the pointers come from `params`, which this struct keeps alive.
        self.pointers.0.get(id).map_or(0.0, |param| unsafe { param.unmodulated_normalized_value() })
    }

    fn begin(&mut self, _: &str) {}

    fn set(&mut self, id: &str, normalised: f32) {
        if let Some(param) = self.pointers.0.get(id) {
            // SAFETY: as in `value`.
            unsafe { param._internal_set_normalized_value(normalised) };
        }
    }

    fn end(&mut self, _: &str) {}

    fn let_go_of_controllers(&mut self) {
        self.params.midi_map.let_go_of_all();
    }

    fn models(&self) -> [ModelRequest; 2] {
        models(&self.params)
    }

    fn set_models(&mut self, wanted: &[ModelRequest; 2]) {
        set_models(&self.params, wanted);
    }

    fn compare(&self) -> Compare {
        self.params.compare.lock().clone()
    }

    fn set_compare(&mut self, compare: Compare) {
        *self.params.compare.lock() = compare;
    }
}
