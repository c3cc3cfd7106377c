//! What the instrument's window asks for, and what it is told.

#[path = "codes_files_tests.rs"]
mod files;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nih_plug::params::persist::PersistentField;
use plugin_ui::codes::{CodesRequest, CurvePoint};
use plugin_ui::session::{Request, Session, Side, Slot};
use plugin_ui::{EngineState as Shown, ParamBackend, Tone, codes::param};
use rtrb::Consumer;

use super::browser_lists::Places;
use super::codes::CodesApp;
use super::codes_picture::CodesPicture;
use super::shell::Face;
use super::window_controller::WindowController;
use crate::engine;
use crate::instance::codes_params::CodesParams;
use crate::instance::codes_window_link::{CodesWindowLink, LoadedCodebook};
use crate::instance::desk::InstanceDesk;
use crate::instance::midi_map::{Mapping, Saved};
use crate::instance::midi_play::{MidiPlay, Own};
use crate::instance::project_models::{Loads, ProjectModels};
use crate::model::codes::{CodesPackage, load_book};
use crate::model::request::ModelRequest;
use crate::synth::code_set::CodeSet;
use crate::synth::instrument::{Event, Instrument, Who};
use crate::synth::settings::Song;
use crate::telemetry::{EngineState, ModelInfo};

/// Counts what it is asked for, and loads nothing.
#[derive(Default)]
struct Asks(AtomicUsize);

impl Loads for Asks {
    fn load(&self, _: engine::Slot, _: &ModelRequest, _: Duration) -> bool {
        false
    }

    fn swap(&self, _: engine::Slot, _: &ModelRequest) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn waits_for_restart(&self) -> bool {
        false
    }
}

struct Bench {
    params: Arc<CodesParams>,
    window_link: Arc<CodesWindowLink>,
    events: Consumer<Event>,
    app: CodesApp,
    controller: WindowController,
    asks: Arc<Asks>,
}

impl Bench {
    fn new() -> Self {
        let params = Arc::<CodesParams>::default();
        let (window_link, events) = CodesWindowLink::new();
        let (window_link, asks) = (Arc::new(window_link), Arc::<Asks>::default());
        let project = Arc::new(ProjectModels::new(&*params, Arc::clone(&window_link.telemetry)));
        project.attach(&asks);
        let app = CodesApp::new(Arc::clone(&params), Arc::clone(&window_link));
        let (asked, telemetry) = (Arc::clone(&project), Arc::clone(&window_link.telemetry));
        let mut controller = WindowController::new(CodesApp::PRODUCT, Arc::clone(&params), asked, telemetry, true);
        controller.backend.desk = Some(Box::new(InstanceDesk::new(Arc::clone(&params), project, None)));
        Self { params, window_link, events, app, controller, asks }
    }

    fn with_places(mut self, places: Places) -> Self {
        self.controller.window_session = self.controller.window_session.with_places(places);
        self
    }

    fn ask(&mut self, request: CodesRequest) -> Option<String> {
        self.app.requests.push(request);
        let text = self.app.carry_out(&mut self.controller);
        self.keep_up();
        text
    }

    fn keep_up(&mut self) {
        self.controller.keep_up();
    }

    fn session(&self) -> &Session {
        &self.controller.window_session.session
    }

    /// The package that is asked for is not there.
    fn lose(&self, name: &str) {
        *self.params.kept.model.lock() = ModelRequest::named(name);
        let message = "It is away.".to_owned();
        self.window_link.telemetry.set_model(ModelInfo {
            name: name.into(),
            message,
            is_missing: true,
            ..ModelInfo::default()
        });
    }

    /// Waits until the musician is told something with this word in it.
    fn settle(&mut self, word: &str) {
        while !self.session().notice.as_ref().is_some_and(|notice| notice.text.contains(word)) {
            self.keep_up();
            std::thread::yield_now();
        }
    }

    fn ask_session(&mut self, request: Request) {
        self.ask(CodesRequest::Session(request));
    }

    fn turn(&mut self, value: f32) {
        self.controller.backend.begin(param::ATTACK);
        self.controller.backend.set(param::ATTACK, value);
        self.controller.backend.end(param::ATTACK);
    }

    fn attack(&self) -> f32 {
        self.controller.backend.normalised(param::ATTACK)
    }

    fn is_asked_for(&self) -> bool {
        self.asks.0.load(Ordering::Relaxed) > 0
    }
}

fn horn() -> CodesPackage {
    CodesPackage::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/horn-codes")).unwrap()
}

#[test]
fn what_is_pressed_in_the_window_comes_to_the_audio_thread_in_its_order_and_a_full_queue_drops() {
    let mut bench = Bench::new();
    bench.ask(CodesRequest::NoteOn { key: 60, velocity: 0.5 });
    bench.ask(CodesRequest::PlayCode { code: 7 });
    bench.ask(CodesRequest::StopCode);
    bench.ask(CodesRequest::NoteOff { key: 60 });
    let who = Who { id: None, channel: Some(0), key: Some(60) };
    for expected in [Event::On(who, 0.5), Event::PlayCode(7), Event::StopCode, Event::Off(who)] {
        assert_eq!(bench.events.pop(), Ok(expected));
    }
    (0..1000).for_each(|_| bench.window_link.play(Event::StopCode));
    assert!(bench.events.slots() < 1000);
}

#[test]
fn a_code_played_by_hand_sounds_at_its_own_pitch_until_the_hand_lets_go_and_keys_leave_it_alone() {
    let book = load_book(&horn()).unwrap();
    let bench = Bench::new();
    let display = Arc::clone(&bench.window_link.display);
    let mut instrument = Instrument::new(&CodeSet::new(&book, 48_000), Arc::clone(&display));
    let settings = bench.params.settings(&Own);
    let song = Song { beats: None, tempo_bpm: 120.0 };
    let mut out = vec![0.0; 4800];
    let mut play = |instrument: &mut Instrument| instrument.render(&mut out, &[], &settings, song);
    let shown = |index: usize| display.voice(index).map(|playing| (playing.code, playing.f0_hz));
    instrument.handle(Event::PlayCode(5), &settings);
    play(&mut instrument);
    assert_eq!(shown(0), Some((5, book.own_hz[5])));
    let key = display.voice(0).unwrap().key;
    instrument.handle(Event::On(Who { key: Some(key), ..Who::default() }, 1.0), &settings);
    instrument.handle(Event::Off(Who { key: Some(key), ..Who::default() }), &settings);
    // A number from another package is no panic.
    instrument.handle(Event::PlayCode(usize::MAX), &settings);
    play(&mut instrument);
    assert_eq!(shown(0).unwrap().0, book.len() - 1);
    (0..40).for_each(|_| play(&mut instrument));
    assert_eq!((display.active(), shown(0).is_some()), (1, true), "the key's note is over, the hand's is not");
    instrument.handle(Event::StopCode, &settings);
    (0..40).for_each(|_| play(&mut instrument));
    assert_eq!(display.active(), 0);
}

#[test]
fn a_curve_that_is_drawn_is_the_saved_one_and_shown() {
    let mut bench = Bench::new();
    let mut picture = CodesPicture::new(bench.window_link.clone(), bench.params.clone());
    picture.refresh();
    assert_eq!((picture.status.curve.len(), picture.status.curve_beats), (3, Some(4.0)));
    let before = Arc::clone(&picture.status.curve);
    picture.refresh();
    assert!(Arc::ptr_eq(&before, &picture.status.curve), "the same until it changes");
    let points = vec![CurvePoint { place: 0.0, value: 0.25 }, CurvePoint { place: 1.0, value: 0.75 }];
    bench.ask(CodesRequest::DrawCurve { points: points.clone(), is_done: true });
    assert_eq!(bench.params.curve.points().0, [(0.0, 0.25), (1.0, 0.75)]);
    picture.refresh();
    assert_eq!(picture.status.curve[..], points);
}

#[test]
fn the_curve_is_shown_at_the_pace_at_which_a_controller_holds_it() {
    let bench = Bench::new();
    let mut picture = CodesPicture::new(bench.window_link.clone(), bench.params.clone());
    bench.params.kept.midi_map.set_mapping(&Mapping::new(param::CURVE_SYNC.0, 20)).unwrap();
    let mut play = MidiPlay::new(&bench.params);
    let mut shown = || {
        picture.refresh();
        picture.status.curve_beats
    };
    assert_eq!(shown(), Some(4.0));
    play.turn(0, 20, 1.0);
    assert_eq!(shown(), Some(32.0));
    play.turn(0, 20, 0.0);
    assert_eq!(shown(), None, "by itself");
    play.reset();
    assert_eq!(shown(), Some(4.0));
}

#[test]
fn a_curve_that_a_preset_draws_out_of_its_range_is_moved_into_it_and_told() {
    let mut bench = Bench::new();
    let text = r#"{"timbreloom_preset":1,"plugin":"codes","name":"Steep","model":{"name":"cello-codes"},"parameters":{},
        "extras":{"curve":[[0,0.25],[1,3]]}}"#;
    bench.ask_session(Request::PasteSettings(text.into()));
    assert_eq!(bench.params.curve.points().0, [(0.0, 0.25), (1.0, 1.0)]);
    let notice = bench.session().notice.clone().unwrap();
    assert_eq!(notice.tone, Tone::Waiting);
    assert!(notice.text.contains("“extras.curve”") && notice.text.contains("[[0,0.25],[1,3]]"), "{}", notice.text);
}

#[test]
fn each_stroke_of_the_curve_is_one_step_and_comes_back_to_the_bit_and_to_the_ear() {
    let mut bench = Bench::new();
    let draw = |bench: &mut Bench, values: &[f32], is_done| {
        let place = |n: usize| n as f32 / 7.0;
        let points = values.iter().enumerate().map(|(n, &value)| CurvePoint { place: place(n), value }).collect();
        bench.ask(CodesRequest::DrawCurve { points, is_done });
    };
    let now = |bench: &Bench| (bench.params.curve.points(), bench.params.curve.table().at(0.05));
    let first = now(&bench);
    draw(&mut bench, &[0.1, 0.2], false);
    draw(&mut bench, &[0.1, 0.3], false);
    bench.ask_session(Request::Undo);
    assert_eq!((now(&bench).0.0[1].1, bench.session().undo.clone()), (0.3, None), "the hand is still on it");
    draw(&mut bench, &[0.1, 1.0 / 3.0], true);
    let second = now(&bench);
    draw(&mut bench, &[0.1, 1.0 / 3.0], true);
    draw(&mut bench, &[0.7, 0.123_456_79, 0.2], true);
    let third = now(&bench);
    assert!(first.1 != second.1 && second.1 != third.1, "the audio thread reads another one");
    assert_eq!(bench.session().undo.as_deref(), Some("Curve"));

    bench.ask_session(Request::Undo);
    assert_eq!((now(&bench), bench.session().undo.as_deref()), (second.clone(), Some("Curve")));
    bench.ask_session(Request::Undo);
    assert_eq!((now(&bench), bench.session().undo.as_deref()), (first.clone(), None));
    bench.ask_session(Request::Redo);
    bench.ask_session(Request::Redo);
    assert_eq!((now(&bench), bench.session().redo.as_deref()), (third, None));
    bench.ask_session(Request::Undo);
    draw(&mut bench, &[0.5], true);
    assert_eq!(bench.session().redo, None, "what is drawn now takes the place of what was undone");
    bench.ask_session(Request::Undo);
    assert_eq!(now(&bench), second);
}

#[test]
fn a_and_b_hold_a_curve_each_and_a_side_that_was_kept_without_one_leaves_it() {
    let mut bench = Bench::new();
    let draw = |bench: &mut Bench, value: f32| {
        let points = vec![CurvePoint { place: 0.0, value }];
        bench.ask(CodesRequest::DrawCurve { points, is_done: true });
    };
    let now = |bench: &Bench| bench.params.curve.points().0;
    let first = now(&bench);
    bench.ask_session(Request::SwitchSide);
    draw(&mut bench, 0.25);
    bench.ask_session(Request::SwitchSide);
    assert_eq!(now(&bench), first);
    // With the project, too.
    let text = serde_json::to_string(&*bench.params.kept.compare.lock()).unwrap();
    *bench.params.kept.compare.lock() = serde_json::from_str(&text).unwrap();
    bench.ask_session(Request::SwitchSide);
    assert_eq!(now(&bench), [(0.0, 0.25)]);
    bench.ask_session(Request::Undo);
    assert_eq!(now(&bench), first);
    bench.ask_session(Request::CopyToOtherSide);
    draw(&mut bench, 0.75);
    bench.ask_session(Request::SwitchSide);
    assert_eq!(now(&bench), first);

    let other = r#"{"timbreloom_preset":1,"name":"B","model":{"name":"cello-codes"},"parameters":{}}"#;
    let kept = format!(r#"{{"side":"A","other":{other}}}"#);
    *bench.params.kept.compare.lock() = serde_json::from_str(&kept).unwrap();
    draw(&mut bench, 0.5);
    bench.ask_session(Request::SwitchSide);
    assert_eq!((now(&bench), bench.session().side), (vec![(0.0, 0.5)], Side::B));
}

#[test]
fn another_codebook_is_asked_for_without_a_restart_and_can_be_undone() {
    let mut bench = Bench::new();
    let choose = |slot| Request::ChooseModel { slot, name: "horn-codes".into(), hash: "ab".into() };
    bench.ask_session(choose(Slot::Second));
    assert_eq!(bench.params.kept.model.lock().name, "cello-codes", "there is no second one");
    assert!(!bench.is_asked_for());
    bench.ask_session(choose(Slot::First));
    assert_eq!(*bench.params.kept.model.lock(), ModelRequest { name: "horn-codes".into(), hash: "ab".into() });
    assert!(bench.is_asked_for());
    assert_eq!((bench.session().first.name.as_str(), bench.session().needs_restart), ("horn-codes", false));
    bench.ask_session(Request::Undo);
    assert_eq!(bench.params.kept.model.lock().name, "cello-codes");
}

#[test]
fn gestures_can_be_undone_and_a_and_b_hold_different_settings() {
    let mut bench = Bench::new();
    let first = bench.attack();
    bench.turn(0.75);
    bench.ask_session(Request::Undo);
    assert_eq!(bench.attack(), first);
    bench.ask_session(Request::SwitchSide);
    bench.turn(0.5);
    bench.ask_session(Request::SwitchSide);
    assert!((bench.attack() - first).abs() < 1e-4 && bench.session().side == Side::A);
    bench.ask_session(Request::SwitchSide);
    assert!((bench.attack() - 0.5).abs() < 1e-4 && bench.session().side == Side::B);
    // Another project has another past.
    PersistentField::set(&bench.params.kept.midi_map, Saved::default());
    bench.ask_session(Request::Dismiss);
    assert_eq!(bench.session().undo, None);
}

#[test]
fn the_window_knows_the_codes_or_what_is_missing_and_asks_again_when_it_turns_up() {
    let package = horn();
    let bench = Bench::new();
    let mut picture = CodesPicture::new(bench.window_link.clone(), bench.params.clone());
    picture.refresh();
    assert!(picture.book.codes.is_empty() && picture.status.voices.iter().all(Option::is_none));
    let book = load_book(&package).unwrap();
    bench.window_link.set_package(LoadedCodebook {
        name: package.header.name,
        book: Some(book.clone()),
        ..LoadedCodebook::default()
    });
    bench.window_link.telemetry.set_state(EngineState::Ready);
    picture.refresh();
    assert_eq!((picture.book.codes.len(), picture.status.plugin.state.clone()), (book.len(), Shown::Ready));
    assert_eq!(picture.book.codes[3].at, book.plane[3]);
    assert_eq!((picture.book.codes[3].values, picture.book.named("Rolloff").unwrap().index), (book.own[3], 6));

    let mut bench = Bench::new();
    bench.lose("cello-codes");
    bench.ask_session(Request::Dismiss);
    assert_eq!(bench.session().first.missing.as_ref().unwrap().reason, "It is away.");
    assert!(!bench.is_asked_for());
    let models = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("models")];
    let data = tempfile::tempdir().unwrap();
    let mut bench = bench.with_places(Places::at(data.path(), models));
    bench.controller.window_session.open();
    while !bench.is_asked_for() {
        bench.ask_session(Request::Dismiss);
        std::thread::yield_now();
    }
}

#[test]
fn curves_to_start_from_go_from_bottom_to_top_and_the_sine_comes_back() {
    let bench = Bench::new();
    let picture = CodesPicture::new(bench.window_link, bench.params);
    let names: Vec<&str> = picture.status.shapes.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["sine", "exp", "log", "ramp"]);
    let ends = [(16, 0.0), (16, 1.0), (16, 1.0), (1, 1.0)];
    for ((name, points), (parts, end)) in picture.status.shapes.iter().zip(ends) {
        assert!(points.len() == parts + 1 && points[0] == CurvePoint::default(), "{name}: {points:?}");
        assert!(points[parts].place == 1.0 && (points[parts].value - end).abs() < 1e-5, "{name}: {points:?}");
    }
}

#[test]
fn a_controller_is_learnt_and_holds_a_parameter() {
    let mut bench = Bench::new();
    bench.ask_session(Request::Learn(Some(param::ATTACK)));
    assert!(bench.session().midi.is_offered && bench.session().midi.learning == Some(param::ATTACK));
    let mut play = MidiPlay::new(&bench.params);
    play.turn(0, 20, 1.0);
    bench.ask_session(Request::Dismiss);
    let mapped = &bench.session().midi.mapped;
    assert_eq!((mapped.len(), mapped[0].param, mapped[0].cc, mapped[0].held), (1, param::ATTACK, 20, Some(1.0)));
    let attack_s = |bench: &Bench, play: &MidiPlay| bench.params.settings(play).envelope.attack_s;
    assert!((attack_s(&bench, &play) - 10.0).abs() < 1e-3 && bench.attack() < 0.5, "its own value stays");
    bench.ask_session(Request::Initialise);
    play.settle();
    assert!((attack_s(&bench, &play) - 0.015).abs() < 1e-4, "whole settings let go");
    bench.ask_session(Request::Unmap(param::ATTACK));
    assert!(bench.session().midi.mapped.is_empty());
}
