//! What the parameters of every plugin have beside their values.

use super::embedded_field::EmbeddedField;
use super::kept::Kept;
use super::watched::Watched;
use crate::model::provider::ProviderChoice;
use crate::model::request::ModelRequest;
use crate::preset::{ExtraValue, Table};
use nih_plug::prelude::Params;

/// The parameters of a plugin, and all that its projects save.
pub trait InstanceParams: Params {
    /// The parameters as presets name them.
    fn table(&self) -> &'static Table;

    /// What every plugin keeps.
    fn kept(&self) -> &Kept;

    /// The models that the project asks for, and what it brings along of each: the first, and the second where there is one.
    fn places(&self) -> Vec<(&Watched<ModelRequest>, &EmbeddedField)> {
        vec![(&self.kept().model, &self.kept().embedded)]
    }

    /// What is to run them, where there is a choice.
    fn provider(&self) -> Option<&Watched<ProviderChoice>>;

    /// See [`Desk::extra`](crate::preset::Desk::extra).
    fn extra(&self, _id: &str) -> ExtraValue {
        ExtraValue::default()
    }

    /// See [`Desk::set_extra`](crate::preset::Desk::set_extra).
    fn set_extra(&self, _id: &str, _value: &ExtraValue) {}

    /// Whether the load that is measured now is that of its first model run once, so that models can be compared by it.
    fn runs_one_model_once(&self) -> bool;

    /// Whether a text is a value of a setting that only this plugin saves.
    fn reads_own(key: &str, text: &str) -> bool
    where
        Self: Sized;
}
