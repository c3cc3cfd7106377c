//! The instrument's parameters as a [`Desk`].

use std::sync::Arc;

use nice_plug_core::context::gui::GuiContext;
use serde_json::Value;

use super::codes_params::CodesParams;
use super::codes_stage::Stage;
use super::desk::Values;
use super::drawn;
use crate::model::request::ModelRequest;
use crate::preset::{Compare, Desk};

/// An instance of the instrument. GUI thread.
pub struct CodesDesk {
    params: Arc<CodesParams>,
    stage: Arc<Stage>,
    values: Values,
}

impl CodesDesk {
    /// For the life of a window. Without a host values are set at once.
    pub fn new(params: Arc<CodesParams>, stage: Arc<Stage>, host: Option<GuiContext>) -> Self {
        let curve = params.curve.clone();
        let values = Values::new(params.clone(), host, move || curve.states());
        Self { params, stage, values }
    }
}

impl Desk for CodesDesk {
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

    /// Controllers are sources of the targets here: none holds a parameter.
    fn let_go_of_controllers(&mut self) {}

    fn models(&self) -> [ModelRequest; 2] {
        [self.params.model.lock().clone(), ModelRequest::named("")]
    }

    /// Another package takes the place of the one that plays once it is loaded.
    fn set_models(&mut self, [wanted, _]: &[ModelRequest; 2]) {
        self.params.model.lock().clone_from(wanted);
        self.stage.ask();
    }

    fn compare(&self) -> Compare {
        self.params.compare.lock().clone()
    }

    fn set_compare(&mut self, compare: Compare) {
        *self.params.compare.lock() = compare;
    }

    fn extra(&self, id: &str) -> Value {
        if id == drawn::CURVE { drawn::to_json(&self.params.curve.points()) } else { Value::Null }
    }

    fn set_extra(&mut self, id: &str, value: &Value) {
        if let Some(points) = drawn::from_json(value).filter(|_| id == drawn::CURVE) {
            self.params.curve.draw(points);
        }
    }
}
