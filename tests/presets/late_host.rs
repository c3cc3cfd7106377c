//! A host that is told of gestures, and applies their values when it likes.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::time::Instant;

use nice_plug_core::context::PluginApi;
use nice_plug_core::context::gui::{GuiContext, GuiContextInner};
use nice_plug_core::params::internals::ParamPtr;
use nice_plug_core::params::{Param, Params};
use nice_plug_core::plugin::PluginState;
use parking_lot::Mutex;
use serde_json::json;
use timbreloom::engine::{Engine, Slot};
use timbreloom::instance::desk::InstanceDesk;
use timbreloom::instance::effect_params::EffectParams;
use timbreloom::instance::project_models::ProjectModels;
use timbreloom::instance::saved_state::bring_up_to_date;
use timbreloom::instance::table;
use timbreloom::model::request::ModelRequest;
use timbreloom::model::{Model, Shape};
use timbreloom::preset::{Desk, History, load};
use timbreloom::rt::Processor;
use timbreloom::telemetry::Telemetry;

use crate::common::rig::{Echo, LIMIT, always_play, format, wait_until};
use crate::{parsed, preset, shown, turn};

/// What a host was told, and a host that applies values only when told to.
#[derive(Default)]
struct LateHost {
    said: Mutex<Vec<(&'static str, ParamPtr, f32)>>,
    restarts: Mutex<u32>,
}

impl LateHost {
    fn desk(self: &Arc<Self>, params: &Arc<EffectParams>, project: &Arc<ProjectModels>) -> InstanceDesk<EffectParams> {
        let host = GuiContext::new(Arc::new(Shared(Arc::clone(self))));
        InstanceDesk::new(Arc::clone(params), Arc::clone(project), Some(host))
    }

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
    let mut desk = host.desk(&params, &Arc::new(ProjectModels::new(&*params, Arc::default())));
    load(&parsed(&preset(json!({ "mix": 50.0, "transpose": 7.0 }))), table(), &mut desk, &mut history).unwrap();
    let said: Vec<_> = host.said.lock().iter().map(|(what, param, _)| (*what, *param)).collect();
    let whole = |param: ParamPtr| [("begin", param), ("set", param), ("end", param)];
    let wanted = [whole(params.mix.as_ptr()), whole(params.transpose.as_ptr())].concat();
    assert_eq!(said, wanted, "only what differs, each as a gesture");
    assert_eq!(desk.models(), [ModelRequest::named("horn"), ModelRequest::named("")]);
    assert_eq!((params.mix.value(), shown(&desk, "mix")), (1.0, 50.0), "asked for, not yet applied");
    // An edit before the host has applied the last one begins from what was asked for.
    turn(&mut desk, &mut history, "mix", 20.0, Instant::now());
    host.apply();
    assert_eq!((params.mix.value(), shown(&desk, "mix")), (0.2, 20.0));
    history.undo(&mut desk);
    host.apply();
    assert_eq!(params.mix.value(), 0.5);
    // A preset for any version of the model that is asked for already asks for no other.
    let horn = ModelRequest { name: "horn".into(), hash: "a".repeat(64) };
    *params.kept.model.lock() = horn.clone();
    load(&parsed(&preset(json!({ "mix": 50.0, "transpose": 7.0 }))), table(), &mut desk, &mut history).unwrap();
    assert_eq!((&desk.models()[0], history.next_undo()), (&horn, Some("Preset “Test”")));
    assert_eq!(history.next_redo(), Some("Mix"), "nothing has changed: no step");
    *params.kept.model.lock() = ModelRequest::named("horn");
    // Automation after that counts.
    // SAFETY: `params` is alive.
    unsafe { params.mix.as_ptr()._internal_set_normalized_value(0.9) };
    assert_eq!(shown(&desk, "mix"), 90.0);
    history.undo(&mut desk);
    host.apply();
    assert_eq!((shown(&desk, "mix"), shown(&desk, "transpose")), (100.0, 0.0));
    assert_eq!(desk.models()[0].name, "cello");
    assert_eq!(*host.restarts.lock(), 0);
}

#[test]
fn what_the_host_has_brought_is_forgotten_and_its_own_undo_and_another_project_count() {
    let (params, host) = (Arc::new(EffectParams::default()), Arc::new(LateHost::default()));
    let mut desk = host.desk(&params, &Arc::new(ProjectModels::new(&*params, Arc::default())));
    let mut history = History::default();
    let half = parsed(&preset(json!({ "mix": 50.0 })));
    load(&half, table(), &mut desk, &mut history).unwrap();
    assert_eq!(shown(&desk, "mix"), 50.0, "asked for");
    host.apply();
    // Another parameter is looked at meanwhile.
    assert_eq!(shown(&desk, "transpose"), 0.0);
    // The host's own undo.
    // SAFETY: `params` is alive.
    unsafe { params.mix.as_ptr()._internal_set_normalized_value(1.0) };
    assert_eq!(shown(&desk, "mix"), 100.0);
    load(&half, table(), &mut desk, &mut history).unwrap();
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
    bring_up_to_date::<EffectParams>(&mut state);
    params.deserialize_fields(&state.fields);
    assert_eq!(desk.value("mix"), 0.5);
}

#[test]
fn another_model_takes_over_without_a_restart_and_one_of_another_latency_asks_for_one() {
    let (params, telemetry) = (Arc::new(EffectParams::default()), Arc::new(Telemetry::default()));
    let project = Arc::new(ProjectModels::new(&*params, Arc::clone(&telemetry)));
    // Every model is the same echo; a stream for a shorter delay than it has does not fit.
    let (loaded, names) = mpsc::channel();
    let loader = move |request: &ModelRequest| {
        loaded.send(request.name.clone()).unwrap();
        Ok(Box::new(Echo::new(always_play())) as Box<dyn Model>)
    };
    let engine = Arc::new(Engine::start(Box::new(loader), Arc::clone(&telemetry)).unwrap());
    project.attach(&engine);
    let host = Arc::new(LateHost::default());
    let mut desk = host.desk(&params, &project);
    let shape = engine.load(Slot::First, ModelRequest::named("cello"), LIMIT).unwrap();
    assert_eq!(names.recv_timeout(LIMIT).unwrap(), "cello");
    let mut choose = |wanted: [&str; 2]| {
        let before = telemetry.model_generation.load(Ordering::Relaxed);
        desk.set_models(&wanted.map(ModelRequest::named));
        wait_until(|| telemetry.model_generation.load(Ordering::Relaxed) != before);
        let waits = telemetry.waits_for_restart();
        telemetry.restart.clear();
        waits
    };
    assert!(choose(["flute", ""]), "there was no stream");
    assert_eq!(names.recv_timeout(LIMIT).unwrap(), "flute");
    let format = format(44_100.0, 512);
    let _processor = Processor::new(engine.open_stream(format, &shape, 0), format, Arc::clone(&telemetry));
    assert!(!choose(["horn", ""]), "it fits");
    assert_eq!(names.recv_timeout(LIMIT).unwrap(), "horn");
    assert!(!choose(["horn", "flute"]), "a second one");
    assert_eq!(names.recv_timeout(LIMIT).unwrap(), "flute");
    assert!(!choose(["horn", ""]), "let go");
    assert_eq!(names.try_recv(), Err(mpsc::TryRecvError::Empty), "what is there already is not loaded again");
    let short = Shape { delay_frames: 0, ..shape };
    let _processor = Processor::new(engine.open_stream(format, &short, 0), format, Arc::clone(&telemetry));
    desk.set_models(&["cello", ""].map(ModelRequest::named));
    wait_until(|| telemetry.waits_for_restart());
    assert_eq!(*host.restarts.lock(), 0, "the audio thread asks for it, and not during a bounce");
}
