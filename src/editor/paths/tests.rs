use nih_plug::prelude::Params;
use plugin_ui::paths::{AxisSet, MarkerView, PathAxis, SourceView, StepKind, StepView, WalkPoint};

use serde_json::json;

use super::*;
use crate::editor::{App, Face};
use crate::engine::Engine;
use crate::instance::desk::InstanceDesk;
use crate::latent::path::tests::path;
use crate::latent::{Axes, Chain, Operator, Source, Step};

/// A window without a screen, a host or a model.
struct Bench {
    desk: PathsDesk,
    controller: WindowController,
    params: Arc<EffectParams>,
}

impl Bench {
    /// With a path of 30 hops in the first slot.
    fn new() -> Self {
        let (params, telemetry) = (Arc::<EffectParams>::default(), Arc::<Telemetry>::default());
        params.own.paths.put(PathSet::default().with_path(0, "sung", &path(30), &Chain::default()).unwrap());
        let project = Arc::new(ProjectModels::new(&*params, Arc::clone(&telemetry)));
        let mut controller = WindowController::new(
            <App as Face>::PRODUCT,
            Arc::clone(&params),
            Arc::clone(&project),
            Arc::clone(&telemetry),
            true,
        );
        controller.backend.desk = Some(Box::new(InstanceDesk::loose(Arc::clone(&params))));
        Self { desk: PathsDesk::new(Arc::clone(&params), telemetry, project), controller, params }
    }

    fn ask(&mut self, request: PathRequest) {
        self.desk.carry_out(request, &mut self.controller);
    }

    /// Frames, until nothing is left to be done.
    fn rest(&mut self) {
        loop {
            self.desk.keep_up(&mut self.controller);
            if self.desk.jobs.rests() && self.desk.imports.rests() && self.desk.waiting.is_empty() {
                return;
            }
            std::thread::yield_now();
        }
    }

    fn did(&mut self, request: PathRequest) {
        self.ask(request);
        self.rest();
    }

    fn set(&self) -> PathSet {
        self.params.own.paths.get()
    }

    fn undo(&mut self) -> Option<String> {
        let WindowController { backend, .. } = &mut self.controller;
        let undone = backend.history.undo(backend.desk.as_mut().unwrap().as_mut()).map(str::to_owned);
        self.rest();
        undone
    }

    fn notice(&self) -> String {
        self.controller.window_session.session.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default()
    }
}

fn bias(by: f32, is_done: bool) -> PathRequest {
    let mut step = StepView::new(StepKind::Bias, AxisSet::one(PathAxis::Latent(1)), None);
    step.amount = by;
    PathRequest::SetSteps { slot: 0, steps: vec![step], label: "Bias 2".into(), is_done }
}

fn biased(by: f32) -> Chain {
    Chain(vec![Step::new(Operator::Bias { by }, Axes::one(crate::latent::Axis::Latent(1)))])
}

#[test]
fn a_gesture_is_heard_as_it_goes_and_is_one_step_of_undo() {
    let mut bench = Bench::new();
    bench.rest();
    let before = bench.set();
    for by in [0.1, 0.2, 0.3] {
        bench.did(bias(by, false));
        assert_eq!(bench.set().slot(0).unwrap().chain, biased(by));
        assert_eq!(bench.desk.status.view.slots[0].as_ref().unwrap().steps[0].amount, by, "it is seen");
    }
    bench.did(bias(0.4, true));
    assert_eq!(bench.undo().as_deref(), Some("Bias 2"));
    assert_eq!((bench.set(), bench.undo()), (before, None));
}

#[test]
fn of_what_waits_only_where_the_hand_is_now_is_worked_out() {
    let mut bench = Bench::new();
    bench.rest();
    (1..50).for_each(|n| bench.ask(bias(n as f32 * 0.01, false)));
    assert_eq!(bench.desk.waiting.len(), 1);
    bench.did(bias(0.5, true));
    assert_eq!(bench.set().slot(0).unwrap().chain, biased(0.5));
}

#[test]
fn a_window_that_closes_in_the_midst_of_a_gesture_leaves_a_step_of_undo() {
    let mut bench = Bench::new();
    bench.did(bias(0.3, false));
    bench.desk.close(&mut bench.controller);
    assert_eq!(bench.set().slot(0).unwrap().chain, biased(0.3));
    assert_eq!(bench.undo().as_deref(), Some("Bias 2"));
}

#[test]
fn another_project_ends_what_was_about_the_one_before() {
    let mut bench = Bench::new();
    bench.rest();
    let other = PathSet::default().with_path(0, "other", &path(9), &Chain::default()).unwrap();
    bench.ask(bias(0.3, false));
    bench.desk.keep_up(&mut bench.controller);
    // While it is being bent.
    bench.params.own.paths.put(other.clone());
    bench.rest();
    assert_eq!(bench.set(), other, "a gesture is gone");
    bench.ask(PathRequest::Copy { from: 0, to: 3 });
    bench.desk.keep_up(&mut bench.controller);
    let named = other.with_name(0, "named");
    bench.params.own.paths.put(named.clone());
    bench.rest();
    assert_eq!(bench.set(), named, "what was asked of others is left, and told");
    assert!(bench.notice().contains("Do it again"), "{}", bench.notice());
}

#[test]
fn paths_are_named_copied_flattened_interpolated_and_cleared() {
    let mut bench = Bench::new();
    bench.did(PathRequest::Rename { slot: 0, name: "bass".into() });
    bench.did(bias(1.0, true));
    bench.did(PathRequest::Copy { from: 0, to: 2 });
    bench.did(PathRequest::Flatten { slot: 2 });
    bench.did(PathRequest::Interpolate { first: 0, second: 2, to: 4 });
    let set = bench.set();
    let (one, flat, between) = (set.slot(0).unwrap(), set.slot(2).unwrap(), set.slot(4).unwrap());
    assert_eq!((one.hops(), one.chain.0.len(), flat.chain.0.len()), (flat.hops(), 1, 0));
    assert_eq!((flat.name.as_str(), between.name.as_str()), ("bass", "bass to bass"));
    assert_eq!(flat.path.hops, one.hops(), "what was bent is what is recorded");
    bench.did(PathRequest::Clear { slot: 0 });
    assert!(bench.set().slot(0).is_none());
    bench.did(PathRequest::Flatten { slot: 0 });
    assert_eq!(bench.notice(), "There is no path in slot 1.");
    assert_eq!(bench.undo().as_deref(), Some("Clear slot 1"), "what failed is no step");
}

#[test]
fn a_path_goes_to_a_file_and_comes_back_to_the_bit() {
    let mut bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    for (name, kept) in [("a.NPZ", "a.NPZ"), ("b.json", "b.json"), ("c 1.5", "c 1.5.json")] {
        bench.did(PathRequest::Export { slot: 0, to: folder.path().join(name) });
        let file = folder.path().join(kept);
        assert!(bench.notice().contains(kept) && file.is_file(), "{}", bench.notice());
        bench.did(PathRequest::Import { slot: None, path: file.clone() });
        bench.did(PathRequest::Export { slot: 0, to: file });
        assert!(bench.notice().contains("is there already. Choose another name"), "{}", bench.notice());
    }
    for (slot, name) in [(1, "a"), (2, "b"), (3, "c 1.5")] {
        let set = bench.set();
        let slot = set.slot(slot).unwrap();
        assert_eq!((slot.name.as_str(), &*slot.path), (name, &path(30)));
    }
    let wrong = folder.path().join("wrong.json");
    std::fs::write(&wrong, "{}").unwrap();
    bench.did(PathRequest::Import { slot: Some(5), path: wrong });
    assert!(bench.notice().contains("wrong.json: is not a latent path"), "{}", bench.notice());
    bench.did(PathRequest::Export { slot: 7, to: folder.path().join("d.json") });
    assert_eq!(bench.notice(), "There is no path in slot 8.");
}

#[test]
fn corners_markers_and_walks_are_set_and_what_cannot_be_is_told() {
    let mut bench = Bench::new();
    let marker = |x, source| MarkerView { place: [x, 0.5], source };
    bench.did(PathRequest::SetCorner { corner: 1, source: None });
    bench.did(PathRequest::SetCorner { corner: 2, source: Some(SourceView::Random(9)) });
    bench.did(PathRequest::AddMarker(marker(0.1, SourceView::Slot(0))));
    bench.did(PathRequest::AddMarker(marker(0.2, SourceView::Live)));
    let moved = |x, is_done| PathRequest::SetMarker { number: 1, marker: marker(x, SourceView::Live), is_done };
    bench.did(moved(0.6, false));
    bench.did(moved(0.7, true));
    bench.did(PathRequest::RemoveMarker { number: 0 });
    let points = [0.0, 1.0].map(|time_s| WalkPoint { time_s, place: [time_s, 0.5] });
    bench.did(PathRequest::SetWalk(points.to_vec()));
    let plane = bench.set().plane().clone();
    assert_eq!(plane.corners, [Some(Source::Slot(0)), None, Some(Source::Random(9)), Some(Source::Slot(3))]);
    assert_eq!((plane.markers.len(), plane.markers[0].place, plane.walk.len()), (1, [0.7, 0.5], 2));
    assert_eq!(bench.desk.status.view.plane.walk, points);
    // The plane is off, and the place in its middle: of the corners one is empty, and one has nothing in its slot.
    assert_eq!(bench.desk.status.weights, [0.5, 0.0, 0.5, 0.0]);
    let far = marker(7.0, SourceView::Live);
    for (request, words) in [
        (PathRequest::CaptureCorner { corner: 0 }, "Nothing is heard yet"),
        (PathRequest::AddMarker(far), "“place” should be two numbers from 0 to 1"),
        (PathRequest::RemoveMarker { number: 4 }, "The marker is gone."),
        (PathRequest::SetCorner { corner: 0, source: Some(SourceView::Snapshot(3)) }, "The captured moment is gone."),
        (PathRequest::SetCorner { corner: 9, source: None }, "There is no such corner."),
    ] {
        bench.did(request);
        assert!(bench.notice().contains(words), "{words}: {}", bench.notice());
        assert_eq!(*bench.set().plane(), plane);
    }
    assert_eq!(bench.undo().as_deref(), Some("Walk"));
}

/// A take on the tape of an engine without a model, which the bench's paths are played by.
fn recorded(bench: &Bench, hops: usize) -> (Arc<Engine>, Take) {
    let engine = Arc::new(Engine::start(Box::new(|_| Err("there is none".into())), Arc::default()).unwrap());
    bench.params.own.paths.attach(&engine);
    let take = Take { slot: 3, path: Arc::new(path(hops)) };
    engine.tape().put(take.clone());
    (engine, take)
}

fn saved(bench: &Bench) -> PathSet {
    serde_json::from_str(&bench.params.serialize_fields()["paths"]).unwrap()
}

#[test]
fn a_take_is_a_step_of_undo_and_a_project_that_is_saved_before_has_it_too() {
    let mut bench = Bench::new();
    let (engine, take) = recorded(&bench, 12);
    let before = bench.set();
    // No window is open: what is saved has it, and what plays waits for the window.
    assert_eq!(saved(&bench).slot(3).unwrap().path, take.path);
    assert_eq!((bench.set(), engine.tape().peek()), (before.clone(), Some(take.clone())));
    bench.rest();
    bench.rest();
    assert_eq!((bench.set().slot(3).unwrap().name.as_str(), engine.tape().peek()), ("Take 1", None));
    assert_eq!(saved(&bench), bench.set(), "once");
    assert_eq!(bench.undo().as_deref(), Some("Record path"));
    assert_eq!(bench.set(), before);
}

#[test]
fn a_take_without_room_waits_on_the_tape_and_is_told_once() {
    let mut bench = Bench::new();
    let full = (1..8).fold(bench.set(), |set, n| set.with_copy(0, n).unwrap());
    bench.params.own.paths.put(full);
    let (engine, take) = recorded(&bench, 12);
    for _ in 0..3 {
        bench.rest();
    }
    assert!(bench.notice().contains("clear one, and what was recorded goes there"), "{}", bench.notice());
    bench.controller.window_session.session.notice = None;
    bench.rest();
    assert_eq!((bench.notice().as_str(), engine.tape().peek()), ("", Some(take.clone())));
    bench.did(PathRequest::Clear { slot: 5 });
    bench.rest();
    assert_eq!((&bench.set().slot(5).unwrap().path, engine.tape().peek()), (&take.path, None));
}

#[test]
fn a_take_and_an_edit_of_the_project_before_do_not_come_into_the_next_one() {
    let mut bench = Bench::new();
    let (engine, _) = recorded(&bench, 12);
    let other = EffectParams::default();
    let set = PathSet::default().with_path(0, "other", &path(9), &Chain::default()).unwrap();
    other.own.paths.put(set.clone());
    bench.ask(PathRequest::Clear { slot: 0 });
    bench.desk.keep_up(&mut bench.controller);
    bench.params.deserialize_fields(&other.serialize_fields());
    bench.rest();
    assert_eq!((bench.set(), engine.tape().peek()), (set, None));
}

#[test]
fn what_cannot_be_read_is_shown_as_such_and_stays_whatever_is_done_around_it() {
    let mut bench = Bench::new();
    let later = json!({ "slots": [{ "name": "of a later version" }], "plane": { "planets": 9 } });
    bench.params.own.paths.put(PathSet::read(&later, &PathSet::default()));
    bench.rest();
    assert!(bench.desk.status.view.slots[0].as_ref().unwrap().problem.contains("cannot be read here"));
    for (request, words) in [
        (PathRequest::DrawRandom { slot: 0, seconds: 1.0, seed: 1 }, "no model"),
        (PathRequest::Copy { from: 3, to: 0 }, "Slot 1 holds what cannot be read here"),
        (PathRequest::SetCorner { corner: 0, source: None }, "plane cannot be read here, and is kept"),
        (PathRequest::SetWalk(Vec::new()), "plane cannot be read here, and is kept"),
    ] {
        bench.did(request);
        assert!(bench.notice().contains(words) || words == "no model", "{words}: {}", bench.notice());
        assert_eq!(serde_json::to_value(bench.set()).unwrap(), later);
    }
}

#[test]
fn an_import_does_not_take_the_place_of_what_has_come_meanwhile() {
    let mut bench = Bench::new();
    let set = bench.set();
    let import = |is_free| Import { slot: Some(3), path: "song.wav".into(), is_free };
    // A take went there while the sound was heard.
    let taken = set.with_take(3, &path(5)).unwrap();
    let made = (import(true).edit(path(9)).change)(&taken).unwrap();
    assert_eq!(made.slot(3), taken.slot(3));
    assert_eq!((made.slot(1).unwrap().name.as_str(), made.slot(1).unwrap().hops().len()), ("song", 9));
    // What was there already is what was meant.
    let made = (import(false).edit(path(9)).change)(&taken).unwrap();
    assert_eq!(made.slot(3).unwrap().hops().len(), 9);
    bench.rest();
}

#[test]
fn a_host_that_brings_the_same_paths_again_takes_no_take_away() {
    let bench = Bench::new();
    let (engine, take) = recorded(&bench, 12);
    let fields = EffectParams::default();
    fields.own.paths.put(bench.set());
    bench.params.deserialize_fields(&fields.serialize_fields());
    assert_eq!(engine.tape().peek(), Some(take));
}

#[test]
fn what_takes_too_long_for_undo_is_what_is_taken_back() {
    let mut bench = Bench::new();
    bench.did(bias(0.3, true));
    let before = bench.set();
    let slow = Edit::new("Slow", |set| {
        std::thread::sleep(2 * PATIENCE);
        Ok(set.without(0))
    });
    bench.desk.ask(slow, None);
    bench.desk.keep_up(&mut bench.controller);
    assert!(!bench.desk.settle(&mut bench.controller), "it is given up");
    bench.rest();
    assert_eq!(bench.set(), before);
    assert_eq!(bench.undo().as_deref(), Some("Bias 2"), "and no step");
}
