//! What the drum machine's window asks for, and what it is told.

use std::sync::Arc;

use plugin_ui::ParamBackend;
use plugin_ui::drums::{HitState, Step, Walk, WalkKind, param};
use plugin_ui::session::Request;
use rtrb::Consumer;

use super::*;
use crate::hits::kit::Kit;
use crate::instance::desk::InstanceDesk;
use crate::instance::drums_window_link::LoadedGrainModel;
use crate::model::grains::{Cloud, Tables};
use crate::telemetry::EngineState;

struct Bench {
    params: Arc<DrumsParams>,
    window_link: Arc<DrumsWindowLink>,
    events: Consumer<DrumEvent>,
    app: DrumsApp,
    controller: WindowController,
}

impl Bench {
    fn new() -> Self {
        let params = Arc::<DrumsParams>::default();
        let (window_link, events) = DrumsWindowLink::new(Arc::clone(&params.hits));
        let window_link = Arc::new(window_link);
        let project = Arc::new(ProjectModels::new(&*params, Arc::clone(&window_link.telemetry)));
        let app = DrumsApp::new(Arc::clone(&params), Arc::clone(&window_link), Arc::clone(&project));
        let (asked, telemetry) = (Arc::clone(&project), Arc::clone(&window_link.telemetry));
        let mut controller = WindowController::new(DrumsApp::PRODUCT, Arc::clone(&params), asked, telemetry, true);
        controller.backend.desk = Some(Box::new(InstanceDesk::new(Arc::clone(&params), project, None)));
        let mut bench = Self { params, window_link, events, app, controller };
        bench.load("clay");
        bench
    }

    fn load(&mut self, name: &str) {
        let cloud = Cloud {
            middle: vec![0.0; 2],
            axes: [vec![1.0, 0.0], vec![0.0, 1.0]],
            grains: vec![0.5, 0.25],
            classes: vec![1],
        };
        let hits = vec![vec![0.1, 0.2, 0.3], vec![-0.1, -0.2, -0.3]];
        self.window_link.set_package(LoadedGrainModel {
            name: name.into(),
            classes: vec!["kick".into(), "snare".into()],
            embedding: 3,
            tables: Some(Arc::new(Tables { hits, cloud })),
        });
        self.window_link.telemetry.set_state(EngineState::Ready);
        self.app.picture.refresh();
    }

    fn ask(&mut self, request: DrumsRequest) {
        self.app.requests.push(request);
        self.app.carry_out(&mut self.controller);
        self.app.picture.refresh();
    }

    fn undo(&mut self) {
        self.ask(DrumsRequest::Session(Request::Undo));
    }

    fn next_undo(&self) -> Option<&str> {
        self.controller.backend.history.next_undo()
    }

    fn told(&self) -> &str {
        self.controller.window_session.session.notice.as_ref().map_or("", |notice| &notice.text)
    }
}

#[test]
fn patterns_are_heard_as_they_are_drawn_and_a_stroke_is_one_step_of_undo() {
    let mut bench = Bench::new();
    let before = Arc::clone(&bench.app.picture.status.patterns);
    bench.app.picture.refresh();
    assert!(Arc::ptr_eq(&before, &bench.app.picture.status.patterns), "the same until it changes");
    let mut patterns = *before;
    for (velocity, is_done) in [(40, false), (100, true)] {
        patterns.patterns[2].lines[1].steps[5] = Step { velocity, shift: -12, ..Step::default() };
        bench.ask(DrumsRequest::SetPatterns { patterns: Arc::new(patterns), label: "Step Velocity", is_done });
        assert_eq!(bench.params.patterns.get().0[2].lines[1].steps[5].velocity(), velocity);
        assert_eq!(*bench.app.picture.status.patterns, patterns);
    }
    assert_eq!(bench.next_undo(), Some("Step Velocity"));
    bench.undo();
    assert_eq!((*bench.app.picture.status.patterns == *before, bench.next_undo()), (true, None));
}

#[test]
fn parameters_that_are_thrown_together_are_one_step_of_undo() {
    let mut bench = Bench::new();
    let values = [0, 3].map(|track| (param::DRAW[track], bench.controller.backend.normalise(param::DRAW[track], 7.0)));
    bench.ask(DrumsRequest::SetParams { label: "Draw All".into(), values: values.into() });
    let draws = |bench: &Bench| [0, 1, 3].map(|track| bench.params.tracks[track].draw.value());
    assert_eq!((draws(&bench), bench.next_undo()), ([7, 0, 7], Some("Draw All")));
    bench.undo();
    assert_eq!((draws(&bench), bench.next_undo()), ([0; 3], None));
}

#[test]
fn a_track_that_is_given_anothers_hit_plays_it_as_its_own() {
    let mut bench = Bench::new();
    let mut kit = Kit::default();
    kit.set_own(1, &[0.5, -1.0, 0.25]);
    bench.params.hits.set_kit(kit.clone());
    bench.app.picture.refresh();
    bench.ask(DrumsRequest::CopyHit { from: 1, to: 6 });
    assert_eq!(bench.params.hits.kit().own(6), [0.5, -1.0, 0.25]);
    assert_eq!(bench.params.tracks[6].class.value(), bench.params.tracks[1].class.value());
    assert_eq!(bench.app.picture.status.tracks[6].at, [0.5, -1.0]);
    assert_eq!(bench.next_undo(), Some("Copy Hit 2 to 7"));
    bench.undo();
    assert_eq!((bench.params.hits.kit(), bench.next_undo()), (kit, None));
    bench.ask(DrumsRequest::CopyHit { from: 1, to: 99 });
    assert_eq!(bench.next_undo(), None);
    bench.window_link.set_package(LoadedGrainModel::default());
    bench.app.picture.refresh();
    bench.ask(DrumsRequest::CopyHit { from: 1, to: 6 });
    assert!(bench.told().contains("no drum kit") && bench.next_undo().is_none(), "{}", bench.told());
}

#[test]
fn a_track_that_is_pressed_comes_to_the_audio_thread() {
    let mut bench = Bench::new();
    bench.ask(DrumsRequest::PlayHit { track: 5, velocity: 0.75 });
    let expected = DrumEvent::Hit { track: 5, velocity: 0.75 };
    assert!(bench.events.pop().is_ok_and(|event| event == expected));
}

#[test]
fn a_walk_that_is_drawn_is_the_saved_one() {
    let mut bench = Bench::new();
    let walk = Walk { kind: WalkKind::Line, points: vec![[0.0, 0.5], [1.0, -0.5]], class: 1, ..Walk::default() };
    bench.ask(DrumsRequest::SetWalk { walk: Arc::new(walk.clone()), label: "Draw Walk", is_done: true });
    assert_eq!((bench.params.walk.get(), bench.next_undo()), (walk.clone(), Some("Draw Walk")));
    assert_eq!(*bench.app.picture.status.walk, walk);
    assert_eq!(bench.app.picture.status.walk_at, None);
}

#[test]
fn the_kit_is_made_anew_only_for_another_package() {
    let mut bench = Bench::new();
    let kit = |bench: &Bench| (bench.app.picture.kit.generation, bench.app.picture.kit.name.clone());
    let first = kit(&bench);
    bench.app.picture.refresh();
    assert_eq!(kit(&bench), first);
    bench.load("glass");
    let second = kit(&bench);
    assert!(second.0 != first.0 && second.1 == "glass");
    assert_eq!(bench.app.picture.kit.classes[1].cloud, [[-0.1, -0.2]]);
    assert_eq!(bench.app.picture.kit.grains[0].at, [0.5, 0.25]);
}

#[test]
fn without_a_kit_no_track_has_a_hit_and_with_one_they_are_awaited() {
    let mut bench = Bench::new();
    let states = |bench: &Bench| bench.app.picture.status.tracks.each_ref().map(|track| track.hit);
    assert_eq!(states(&bench), [HitState::Rendering; TRACKS]);
    bench.window_link.telemetry.set_state(EngineState::Missing);
    bench.app.picture.refresh();
    assert_eq!(states(&bench), [HitState::Missing; TRACKS]);
}

#[test]
fn the_place_in_the_song_late_hits_and_peaks_are_told() {
    let mut bench = Bench::new();
    assert_eq!((bench.app.picture.status.playing, &*bench.app.picture.status.plugin.dropouts), (None, ""));
    let mut peaks = [0.0; TRACKS];
    peaks[2] = 0.5;
    bench.window_link.display.show(Some(1.3), 4, peaks, 2);
    bench.app.picture.refresh();
    let status = &bench.app.picture.status;
    let playing = status.playing.unwrap();
    assert_eq!((playing.beats, playing.pattern, playing.steps), (1.3, 4, [5; TRACKS]));
    assert!(status.plugin.dropouts.starts_with("2 hits were not made in time") && status.plugin.underruns == 2);
    assert!((status.tracks[2].level_db + 6.02).abs() < 0.01 && status.tracks[0].level_db == f32::NEG_INFINITY);
}
