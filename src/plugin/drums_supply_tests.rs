//! Grain models that are missing, broken or replaced, and hits that come.

use std::path::Path;
use std::time::{Duration, Instant};

use nih_plug::params::persist::PersistentField;

use super::*;
use crate::bounce::patience;
use crate::drums::machine::{Machine, MachineSettings};
use crate::drums::pattern::Patterns;
use crate::drums::sequencer::Part;
use crate::instance::midi_play::Own;
use crate::instance::project_models::Loads;
use crate::model::grains::{GrainModel, GrainsPackage};
use crate::model::kinds;
use crate::telemetry::EngineState;

const LONG: Duration = Duration::from_secs(60);

/// By what it is asked for: panics, is not there, or the fixtures' grain model.
fn load(request: &ModelRequest, _: Option<&Embedded>) -> Result<LoadedGrains, String> {
    match request.name.as_str() {
        "panics" => panic!("as a hostile package does"),
        "nowhere" => Err("There is none.".into()),
        _ => {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/granular");
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
        let (settings, began) = (self.settings(), Instant::now());
        while !self.machine.has_all(&settings) {
            self.machine.keep_up(&settings);
            assert!(began.elapsed() < LONG, "no hits come");
            std::thread::sleep(Duration::from_millis(1));
        }
        self.machine.set_patience(Some(patience::LIMIT));
        self.machine.hit(0, 1.0, &settings);
        let (mut left, mut right) = (vec![0.0; 4800], vec![0.0; 4800]);
        let part = Part { frames: 4800, rate_hz: 48_000.0, tempo_bpm: 120.0, beats: None };
        let outs = &mut [[&mut left[..], &mut right[..]]];
        self.machine.play(outs, 0..4800, &part, &settings, &Patterns::default(), |_| {});
        left.iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()))
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
