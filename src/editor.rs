//! Joins `plugin-ui` to the plugin.
use crate::plugin::params::EffectParams;
use crate::telemetry::Telemetry;
use std::sync::Arc;
pub(crate) type EffectEditor = ();
pub(crate) fn create(_: Arc<EffectParams>, _: Arc<Telemetry>) -> Option<EffectEditor> {
    None
}
