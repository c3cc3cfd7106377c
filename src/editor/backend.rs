//! The plugin's parameters as the window uses them: every gesture goes by the history, so that it can be undone.

use std::sync::Arc;
use std::time::Instant;

use nih_plug::prelude::Params;
use plugin_ui::{ParamBackend, ParamId};

use crate::instance::param_set::{Handle, ParamSet};
use crate::preset::{Desk, History};

/// The parameters of one instance. GUI thread.
pub struct Backend {
    params: ParamSet,
    /// Where values are set; `None` while no window is open.
    pub desk: Option<Box<dyn Desk + Send>>,
    /// One for the instance: a window that is opened again can undo what was done in it before.
    pub history: History,
}

impl Backend {
    pub fn new(params: Arc<dyn Params>) -> Self {
        Self { params: ParamSet::new(params), desk: None, history: History::default() }
    }

    fn param(&self, id: ParamId) -> Handle<'_> {
        self.params.get(id.0).expect("plugin-ui's ids are this plugin's: held by a test")
    }
}

impl ParamBackend for Backend {
    fn name(&self, id: ParamId) -> String {
        self.param(id).name()
    }

    fn normalised(&self, id: ParamId) -> f32 {
        match &self.desk {
            // What was set last, whether or not the host has brought it yet.
            Some(desk) => desk.value(id.0),
            None => self.param(id).share(),
        }
    }

    fn default_normalised(&self, id: ParamId) -> f32 {
        self.param(id).default_share()
    }

    fn plain(&self, id: ParamId, normalised: f32) -> f32 {
        self.param(id).plain(normalised)
    }

    fn normalise(&self, id: ParamId, plain: f32) -> f32 {
        self.param(id).share_of(plain)
    }

    fn text(&self, id: ParamId, normalised: f32) -> String {
        self.param(id).text(normalised)
    }

    fn parse(&self, id: ParamId, text: &str) -> Option<f32> {
        self.param(id).parse(text)
    }

    fn step_count(&self, id: ParamId) -> Option<usize> {
        self.param(id).steps()
    }

    fn begin(&mut self, id: ParamId) {
        if let Some(desk) = &mut self.desk {
            self.history.begin(desk.as_mut(), id.0);
        }
    }

    fn set(&mut self, id: ParamId, normalised: f32) {
        if let Some(desk) = &mut self.desk {
            self.history.set(desk.as_mut(), id.0, normalised);
        }
    }

    fn end(&mut self, id: ParamId) {
        let name = self.name(id);
        if let Some(desk) = &mut self.desk {
            self.history.end(desk.as_mut(), id.0, &name, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::codes_params::CodesParams;
    use crate::instance::desk::InstanceDesk;
    use crate::instance::drums_params::DrumsParams;
    use crate::instance::effect_params::EffectParams;

    #[test]
    fn every_parameter_of_the_window_is_one_of_the_plugin() {
        let check = |params: Arc<dyn Params>, ids: &mut dyn Iterator<Item = ParamId>| {
            let backend = Backend::new(params);
            for id in ids {
                assert!(backend.params.get(id.0).is_some(), "{}", id.0);
                let text = backend.text(id, backend.default_normalised(id));
                assert!(backend.parse(id, &text).is_some(), "{}: its own text {text:?} is not understood", id.0);
            }
        };
        check(Arc::<EffectParams>::default(), &mut plugin_ui::param::all());
        check(Arc::<CodesParams>::default(), &mut plugin_ui::codes::param::all());
        check(Arc::<DrumsParams>::default(), &mut plugin_ui::drums::param::all());
    }

    #[test]
    fn a_gesture_is_a_step_of_undo_under_the_parameters_name() {
        let params = Arc::<EffectParams>::default();
        let mut backend = Backend::new(params.clone());
        backend.begin(plugin_ui::param::MIX);
        backend.set(plugin_ui::param::MIX, 0.1);
        assert_eq!(params.mix.value(), 1.0, "without a window nothing is set");
        backend.desk = Some(Box::new(InstanceDesk::loose(Arc::clone(&params))));
        backend.begin(plugin_ui::param::MIX);
        backend.set(plugin_ui::param::MIX, 0.5);
        backend.set(plugin_ui::param::MIX, 0.25);
        assert_eq!((params.mix.value(), backend.normalised(plugin_ui::param::MIX)), (0.25, 0.25));
        backend.end(plugin_ui::param::MIX);
        assert_eq!(backend.history.next_undo(), Some("Mix"));
        let mut desk = InstanceDesk::loose(Arc::clone(&params));
        backend.history.undo(&mut desk);
        assert_eq!(params.mix.value(), 1.0);
    }
}
