//! A host that is told of gestures, and applies their values when it likes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use nice_plug_core::context::PluginApi;
use nice_plug_core::context::gui::{GuiContext, GuiContextInner};
use nice_plug_core::params::internals::ParamPtr;
use nice_plug_core::params::{Param, Params};
use nice_plug_core::plugin::PluginState;
use parking_lot::Mutex;
use serde_json::json;
use timbreloom::model::request::ModelRequest;
use timbreloom::plugin::desk::HostDesk;
use timbreloom::plugin::params::{EffectParams, mend_state};
use timbreloom::plugin::table;
use timbreloom::preset::{Desk, History, load};

use crate::{parsed, preset, shown, turn};

/// What a host was told, and a host that applies values only when told to.
#[derive(Default)]
struct LateHost {
    said: Mutex<Vec<(&'static str, ParamPtr, f32)>>,
    restarts: Mutex<u32>,
}

impl LateHost {
    fn state(&self) -> PluginState {
        PluginState { version: String::new(), params: BTreeMap::new(), fields: BTreeMap::new() }
    }

    fn apply(&self) {
        for (what, param, value) in self.said.lock().drain(..) {
            if what == "set" {
                // SAFETY: the test keeps the parameters alive.
                unsafe { param._internal_set_normalized_value(value) };
            }
        }
    }
}

/// The framework wants to own its host.
struct Shared(Arc<LateHost>);

impl GuiContextInner for Shared {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }

    unsafe fn raw_begin_set_parameter(&self, param: ParamPtr) {
        self.0.said.lock().push(("begin", param, 0.0));
    }

    unsafe fn raw_set_parameter_normalized(&self, param: ParamPtr, normalized: f32) {
        self.0.said.lock().push(("set", param, normalized));
    }

    unsafe fn raw_end_set_parameter(&self, param: ParamPtr) {
        self.0.said.lock().push(("end", param, 0.0));
    }

    fn get_state(&self) -> PluginState {
        self.0.state()
    }

    fn set_state(&self, _: PluginState) {}

    fn request_restart(&self) {
        *self.0.restarts.lock() += 1;
    }
}

#[test]
fn a_host_sees_whole_gestures_and_may_apply_them_late() {
    let (params, host, mut history) =
        (Arc::new(EffectParams::default()), Arc::new(LateHost::default()), History::default());
    let mut desk = HostDesk::new(Arc::clone(&params), GuiContext::new(Arc::new(Shared(Arc::clone(&host)))));
    load(&parsed(&preset(json!({ "mix": 50.0, "transpose": 7.0 }))), table(), &mut desk, &mut history);
    let said: Vec<_> = host.said.lock().iter().map(|(what, param, _)| (*what, *param)).collect();
    let whole = |param: ParamPtr| [("begin", param), ("set", param), ("end", param)];
    let wanted = [whole(params.mix.as_ptr()), whole(params.transpose.as_ptr())].concat();
    assert_eq!(said, wanted, "only what differs, each as a gesture");
    assert_eq!(*host.restarts.lock(), 1, "for the other model");
    assert_eq!((params.mix.value(), shown(&desk, "mix")), (1.0, 50.0), "asked for, not yet applied");
    // An edit before the host has applied the last one begins from what was asked for.
    turn(&mut desk, &mut history, "mix", 20.0, Instant::now());
    host.apply();
    assert_eq!((params.mix.value(), shown(&desk, "mix")), (0.2, 20.0));
    history.undo(&mut desk);
    host.apply();
    assert_eq!(params.mix.value(), 0.5);
    // A preset for any version of the model that is asked for already asks for no other, and for no restart.
    let horn = ModelRequest { name: "horn".into(), hash: "a".repeat(64) };
    *params.model.lock() = horn.clone();
    load(&parsed(&preset(json!({ "mix": 50.0, "transpose": 7.0 }))), table(), &mut desk, &mut history);
    assert_eq!((&desk.models()[0], *host.restarts.lock(), history.next_undo()), (&horn, 1, Some("Preset “Test”")));
    assert_eq!(history.next_redo(), Some("Mix"), "nothing has changed: no step");
    *params.model.lock() = ModelRequest::named("horn");
    // Automation after that counts.
    // SAFETY: `params` is alive.
    unsafe { params.mix.as_ptr()._internal_set_normalized_value(0.9) };
    assert_eq!(shown(&desk, "mix"), 90.0);
    history.undo(&mut desk);
    host.apply();
    assert_eq!((shown(&desk, "mix"), shown(&desk, "transpose")), (100.0, 0.0));
    assert_eq!((desk.models()[0].name.as_str(), *host.restarts.lock()), ("cello", 2));
}

#[test]
fn what_the_host_has_brought_is_forgotten_and_its_own_undo_and_another_project_count() {
    let (params, host) = (Arc::new(EffectParams::default()), Arc::new(LateHost::default()));
    let mut desk = HostDesk::new(Arc::clone(&params), GuiContext::new(Arc::new(Shared(Arc::clone(&host)))));
    let mut history = History::default();
    let half = parsed(&preset(json!({ "mix": 50.0 })));
    load(&half, table(), &mut desk, &mut history);
    assert_eq!(shown(&desk, "mix"), 50.0, "asked for");
    host.apply();
    // Another parameter is looked at meanwhile.
    assert_eq!(shown(&desk, "transpose"), 0.0);
    // The host's own undo.
    // SAFETY: `params` is alive.
    unsafe { params.mix.as_ptr()._internal_set_normalized_value(1.0) };
    assert_eq!(shown(&desk, "mix"), 100.0);
    load(&half, table(), &mut desk, &mut history);
    host.apply();
    assert_eq!((params.mix.value(), shown(&desk, "mix")), (0.5, 50.0), "the preset again");
    // A choice takes the nearest step: here the one where it is.
    for id in ["freeze", "feedback_sync"] {
        desk.set(id, 0.03);
        assert_eq!(desk.value(id), 0.0, "{id}");
    }
    // Another project, with the same value as before, before the host has brought this one.
    desk.set("mix", 0.25);
    assert_eq!(desk.value("mix"), 0.25);
    let mut state = host.state();
    mend_state(&mut state);
    params.deserialize_fields(&state.fields);
    assert_eq!(desk.value("mix"), 0.5);
}
