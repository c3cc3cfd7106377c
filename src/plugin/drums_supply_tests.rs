//! Grain models that are missing, broken or replaced, and hits that come.

use std::path::Path;
use std::time::{Duration, Instant};

use nih_plug::params::persist::PersistentField;

use super::*;
use crate::bounce::patience;
use crate::drums::machine::{Machine, MachineSettings};
use crate::drums::pattern::Patterns;
use crate::drums::sequencer::Part;
use crate::hits::tests::period_hz;
use crate::instance::midi_play::Own;
use crate::instance::param_set;
use crate::instance::project_models::Loads;
use crate::model::grains::{GrainModel, GrainsPackage};
use crate::model::kinds;
use crate::telemetry::EngineState;

const LONG: Duration = Duration::from_secs(60);

/// Of a strike, frames.
const HEARD_FRAMES: usize = 9_600;

/// By what it is asked for: panics, is not there, or one of the fixtures' grain models.
fn load(request: &ModelRequest, _: Option<&Embedded>) -> Result<LoadedGrains, String> {
    match request.name.as_str() {
        "panics" => panic!("as a hostile package does"),
        "nowhere" => Err("There is none.".into()),
        name => {
            let folder = if name == "tock" { "granular-pitched" } else { "granular" };
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
            let package = GrainsPackage::open(&folder).map_err(|error| error.to_string())?;
            let model = GrainModel::load(&package).map_err(|error| error.to_string())?;
            Ok(LoadedGrains { package, model, remarks: vec!["It ticks.".into()] })
        }
    }
}

struct Bench {
    params: DrumsParams,
    window_link: Arc<DrumsWindowLink>,
    _project: ProjectModels,
    supply: Supply<DrumsPlayed>,
    machine: Machine,
}

impl Bench {
    fn asking_for(name: &str) -> Self {
        let params = DrumsParams::default();
        *params.kept.model.lock() = ModelRequest::named(name);
        let window_link = Arc::new(DrumsWindowLink::new(Arc::clone(&params.hits)).0);
        let project = ProjectModels::new(&params, Arc::clone(&window_link.telemetry));
        let plays = DrumsPlayed::by(load, &window_link);
        let rings = plays.start().unwrap().unwrap();
        let supply = Supply::new(&params.kept, &project, &window_link.telemetry, plays, LONG);
        supply.activate(44_100, false);
        Self { params, window_link, _project: project, supply, machine: Machine::new(48_000.0, rings) }
    }

    fn settings(&self) -> MachineSettings {
        self.params.settings(&Own)
    }

    /// Strikes the first track once its hit is there, as in a bounce; the largest sample of what is heard.
    fn struck(&mut self) -> f32 {
        self.heard().iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()))
    }

    /// What is heard of the first track when it is struck, as in a bounce; one side, at 48 kHz.
    fn heard(&mut self) -> Vec<f32> {
        let (settings, began) = (self.settings(), Instant::now());
        while !self.machine.has_all(&settings) {
            self.machine.keep_up(&settings);
            assert!(began.elapsed() < LONG, "no hits come");
            std::thread::sleep(Duration::from_millis(1));
        }
        self.machine.set_patience(Some(patience::LIMIT));
        self.machine.hit(0, 1.0, &settings);
        let (mut left, mut right) = (vec![0.0; HEARD_FRAMES], vec![0.0; HEARD_FRAMES]);
        let part = Part { frames: HEARD_FRAMES, rate_hz: 48_000.0, tempo_bpm: 120.0, beats: None };
        let outs = &mut [[&mut left[..], &mut right[..]]];
        self.machine.play(outs, 0..HEARD_FRAMES, &part, &settings, &Patterns::default(), |_| {});
        left
    }

    fn state(&self) -> EngineState {
        self.window_link.telemetry.state()
    }
}

#[test]
fn a_grain_model_is_heard_shown_and_asked_for_from_then_on() {
    let mut bench = Bench::asking_for("tick");
    assert_eq!(bench.state(), EngineState::Ready);
    assert_eq!(bench.window_link.telemetry.model.lock().message, "It ticks.");
    let shown = bench.window_link.package();
    assert_eq!((shown.name.as_str(), shown.classes), ("tick", vec!["kick".to_owned(), "hat".to_owned()]));
    assert!(shown.tables.is_some());
    assert_eq!(bench.params.kept.model.lock().hash.len(), 64);
    assert!(bench.struck() > 0.5);
    assert_eq!(bench.params.hits.view(0).columns.len(), crate::hits::shared::COLUMNS);
}

#[test]
fn a_model_that_panics_or_is_missing_is_silence_told_and_another_is_heard_at_once() {
    let mut bench = Bench::asking_for("panics");
    assert_eq!(bench.state(), EngineState::Missing);
    let message = bench.window_link.telemetry.model.lock().message.clone();
    assert!(message.contains("the drum kit “panics” broke while it was loaded"), "{message}");
    assert_eq!(bench.struck(), 0.0);
    PersistentField::set(&bench.params.kept.model, ModelRequest::named("tick"));
    assert!(bench.struck() > 0.5);
    PersistentField::set(&bench.params.kept.model, ModelRequest::named("nowhere"));
    assert_eq!((bench.state(), bench.window_link.package().classes), (EngineState::Missing, Vec::new()));
    bench.machine.reset();
    assert_eq!(bench.struck(), 0.0, "the hits of the model that has gone are not struck");
}

#[test]
fn a_track_that_is_tuned_asks_a_model_of_notes_for_the_note_and_plays_hits_faster() {
    let tuned = |name: &str, text: &str| {
        let mut bench = Bench::asking_for(name);
        let handles = param_set::handles(&bench.params);
        for (id, text) in [("tune_1", text), ("class_1", "1"), ("draw_1", "1")] {
            let (_, param) = handles.iter().find(|(own, _)| own == id).unwrap();
            param.set(param.parse(text).unwrap());
        }
        let settings = bench.settings();
        (settings.recipes[0].pitch_st, settings.tracks[0].tune_st, bench.heard())
    };
    let (asked_st, played_st, _) = tuned("tick", "4");
    assert_eq!((asked_st, played_st), (0.0, 4.0));
    let (asked_st, played_st, high) = tuned("tock", "4");
    assert_eq!((asked_st, played_st), (4.0, 0.0));
    let (_, _, middle) = tuned("tock", "0");
    // Behind the first wave, which has a pitch of its own.
    let pitch_hz = |sound: &[f32]| period_hz(&sound[2_250..3_800], [250.0, 400.0], 48_000.0);
    let interval_st = 12.0 * (pitch_hz(&high) / pitch_hz(&middle)).log2();
    assert!((interval_st - 4.0).abs() < 0.3, "{interval_st}");
    let last = |sound: &[f32]| sound.iter().rposition(|sample| *sample != 0.0).unwrap();
    assert!(last(&high).abs_diff(last(&middle)) < 100, "a note rings as long at any pitch");
}

#[test]
fn classes_are_drums_by_their_names_and_those_that_there_are_not_the_last() {
    let bench = Bench::asking_for("tick");
    let drums = &bench.supply.plays().drums;
    assert_eq!(
        [0, 1, 2, 31, 255].map(|class| drums.of(class)),
        [Drum::Kick, Drum::ClosedHat, Drum::ClosedHat, Drum::ClosedHat, Drum::ClosedHat]
    );
    PersistentField::set(&bench.params.kept.model, ModelRequest::named("nowhere"));
    assert_eq!(bench.supply.plays().drums.of(0), Drum::Other);
}

#[test]
fn a_package_without_grains_is_refused_and_told_what_it_is_for() {
    let bench = Bench::asking_for("tick");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/horn-codes");
    let refusal = Loads::refuses(&*bench.supply.0, &kinds::Package::open(&folder).unwrap());
    assert_eq!(refusal, Some("it has no grains, so it is for another plugin of Timbreloom"));
}
