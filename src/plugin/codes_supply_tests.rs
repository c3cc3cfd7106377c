//! Packages that hang, break, are missing or replaced, and an instrument that goes on.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nih_plug::params::persist::PersistentField;

use super::super::caught::caught;
use super::super::codes_player::Player;
use super::*;
use crate::engine::Slot;
use crate::instance::midi_play::Own;
use crate::instance::project_models::Loads;
use crate::model::codes::CodesPackage;
use crate::model::kinds;
use crate::synth::instrument::{Event, Who};
use crate::synth::settings::Song;
use crate::telemetry::EngineState;

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(60);

/// By what it is asked for: hangs for a second, panics, or one of the repository's packages.
fn load(request: &ModelRequest, _: Option<&Embedded>) -> Result<LoadedCodes, String> {
    match request.name.as_str() {
        "slow" => {
            std::thread::sleep(Duration::from_secs(1));
            load(&ModelRequest::named("horn-codes"), None)
        }
        "panics" => panic!("as a hostile package does"),
        "broken" => {
            // One row short: what the checks let pass is found when it is played.
            let mut loaded = load(&ModelRequest::named("horn-codes"), None)?;
            Arc::make_mut(&mut loaded.book).bands.truncate(100);
            Ok(loaded)
        }
        "gone" => {
            // Its files went away as soon as it was loaded, and there is more to say of it.
            let mut loaded = load(&ModelRequest::named("horn-codes"), None)?;
            loaded.package.header.folder = "nowhere".into();
            loaded.remarks = vec!["It is another version.".into(), "It ended a program.".into()];
            Ok(loaded)
        }
        name => {
            let package = CodesPackage::open(&folder_of(name)).map_err(|error| error.to_string())?;
            let (book, remarks) = loader::load_book(&package).map_err(|error| error.to_string())?;
            Ok(LoadedCodes { package, book, remarks })
        }
    }
}

fn folder_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name)
}

struct Bench {
    params: Arc<CodesParams>,
    window_link: Arc<CodesWindowLink>,
    project: Arc<ProjectModels>,
    supply: Supply<CodesPlayed>,
    player: Player,
}

impl Bench {
    fn asking_for(name: &str, limit: Duration) -> Self {
        let params = Arc::<CodesParams>::default();
        *params.kept.model.lock() = ModelRequest::named(name);
        let window_link = Arc::new(CodesWindowLink::new().0);
        let project = Arc::new(ProjectModels::new(&*params, Arc::clone(&window_link.telemetry)));
        let (plays, taker) = CodesPlayed::by(load, &window_link);
        let supply = Supply::new(&params.kept, &project, &window_link.telemetry, plays, limit);
        Self { params, window_link, project, supply, player: Player::new(taker) }
    }

    /// One whose held note is heard.
    fn playing(name: &str) -> Self {
        let mut bench = Self::asking_for(name, LONG);
        bench.activate();
        assert!(bench.sounds());
        bench
    }

    /// As a host's activation; how long it took.
    fn activate(&mut self) -> Duration {
        let began = Instant::now();
        let was_broken = self.player.start(48_000);
        self.supply.activate(48_000, was_broken);
        self.player.start(48_000);
        began.elapsed()
    }

    /// As a block of the audio thread.
    fn block(&mut self) -> Vec<f32> {
        let mut out = vec![0.0; 480];
        self.player.take_loaded(false);
        let song = Song { beats: None, tempo_bpm: 120.0 };
        if caught(|| self.player.render(&mut out, &[], &self.params.settings(&Own), song)).is_none() {
            self.player.give_up();
            self.window_link.note_fault();
            out.fill(0.0);
        }
        out
    }

    fn press(&mut self, key: u8) {
        let who = Who { id: None, channel: Some(0), key: Some(key) };
        self.player.handle(Event::On(who, 0.9), &self.params.settings(&Own));
    }

    fn state(&self) -> EngineState {
        self.window_link.telemetry.state()
    }

    fn message(&self) -> String {
        self.window_link.telemetry.model.lock().message.clone()
    }

    fn is_heard(&mut self) -> bool {
        (0..20).any(|_| self.block().iter().any(|sample| sample.abs() > 1e-3))
    }

    /// Whether a key that is pressed now is heard.
    fn sounds(&mut self) -> bool {
        self.press(60);
        self.is_heard()
    }
}

#[test]
fn a_package_that_panics_while_it_is_loaded_is_missing_and_the_host_goes_on() {
    let mut bench = Bench::asking_for("panics", LONG);
    bench.activate();
    assert_eq!(bench.state(), EngineState::Missing);
    assert!(bench.message().contains("“panics” broke while it was loaded"), "{}", bench.message());
    assert!(!bench.sounds());
    *bench.params.kept.model.lock() = ModelRequest::named("horn-codes");
    bench.activate();
    assert!(bench.sounds());
}

#[test]
fn a_package_that_cannot_be_packed_for_the_project_plays_and_says_so_beside_all_else() {
    let mut bench = Bench::asking_for("gone", LONG);
    bench.params.kept.embedded.lock().is_wanted = true;
    bench.activate();
    assert_eq!(bench.state(), EngineState::Ready);
    for words in ["It is another version. It ended a program.", "nowhere"] {
        assert!(bench.message().contains(words), "“{words}” is not in: {}", bench.message());
    }
    assert_eq!(bench.params.kept.embedded.lock().size_bytes(), 0);
    bench.press(60);
    assert!(bench.is_heard());
}

#[test]
fn a_package_without_codes_is_refused_and_told_what_it_is_for() {
    let bench = Bench::asking_for("horn-codes", LONG);
    let refusal = |name: &str| Loads::refuses(&*bench.supply.0, &kinds::Package::open(&folder_of(name)).unwrap());
    assert_eq!(refusal("horn-codes"), None);
    assert_eq!(refusal("horn"), Some("it has no codes, so it is for another plugin of Timbreloom"));
}

#[test]
fn a_package_that_hangs_holds_up_the_host_once_and_plays_when_it_comes() {
    let mut bench = Bench::asking_for("slow", SHORT);
    let first = bench.activate();
    assert!(SHORT <= first && first < Duration::from_millis(900), "{first:?}");
    assert_eq!(bench.state(), EngineState::Loading);
    assert!(bench.message().contains("“slow” has been loading"), "{}", bench.message());
    let second = bench.activate();
    assert!(second < SHORT / 2, "{second:?}");
    assert!(!bench.sounds());
    let began = Instant::now();
    while !bench.player.take_loaded(false) && began.elapsed() < LONG {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(bench.sounds());
    assert_eq!(bench.state(), EngineState::Ready);
}

#[test]
fn a_package_that_panics_while_it_plays_is_silence_told_and_tried_again_at_the_next_start() {
    let mut bench = Bench::asking_for("broken", LONG);
    bench.activate();
    assert_eq!(bench.state(), EngineState::Ready);
    assert!(!bench.sounds());
    assert_eq!(bench.state(), EngineState::Faulted);
    bench.window_link.explain_fault();
    assert!(bench.message().contains("broke while it played"), "{}", bench.message());
    assert_eq!(bench.window_link.display.active(), 0);
    *bench.params.kept.model.lock() = ModelRequest::named("cello-codes");
    bench.activate();
    assert_eq!(bench.state(), EngineState::Ready);
    assert!(bench.sounds());
}

#[test]
fn a_package_that_panics_again_while_its_notes_are_ended_is_asked_nothing_more() {
    let mut bench = Bench::playing("horn-codes");
    bench.player.instrument().unwrap().is_half_done = true;
    assert!(!bench.is_heard());
    assert_eq!(bench.state(), EngineState::Faulted);
    PersistentField::set(&bench.params.kept.model, ModelRequest::named("cello-codes"));
    assert!(bench.player.take_loaded(false));
    assert_eq!(bench.state(), EngineState::Ready);
    assert!(bench.sounds());
}

#[test]
fn a_package_that_panics_while_it_rings_out_does_so_once() {
    let mut bench = Bench::playing("horn-codes");
    PersistentField::set(&bench.params.kept.model, ModelRequest::named("nowhere"));
    bench.player.instrument().unwrap().is_half_done = true;
    assert!(bench.player.take_loaded(false) && bench.player.is_sounding());
    bench.block();
    assert_eq!(bench.state(), EngineState::Faulted);
    assert!(!bench.player.is_sounding());
    bench.window_link.telemetry.set_state(EngineState::Missing);
    assert!(!bench.is_heard());
    assert_eq!(bench.state(), EngineState::Missing, "no block panicked again");
    PersistentField::set(&bench.params.kept.model, ModelRequest::named("cello-codes"));
    assert!(bench.player.take_loaded(false));
    assert!(bench.sounds());
}

#[test]
fn another_package_plays_without_a_restart_and_a_state_before_the_host_goes_on() {
    let mut bench = Bench::playing("horn-codes");
    assert_eq!(bench.params.kept.model.lock().hash.len(), 64, "the project goes on asking for this one");
    // As the window does: it returns at once, and the old one plays on until the new one is there.
    bench.project.choose(&[ModelRequest::named("cello-codes"), ModelRequest::named("")]);
    let began = Instant::now();
    while bench.window_link.package().name != "cello-codes" && began.elapsed() < LONG {
        assert!(bench.is_heard());
    }
    assert!(bench.is_heard());
    // As a host does.
    PersistentField::set(&bench.params.kept.model, ModelRequest::named("flute-codes"));
    assert_eq!(bench.window_link.package().name, "flute-codes");
    assert!(bench.player.take_loaded(false));
    assert!(bench.is_heard(), "the held note goes on");
    // One that is not there: what sounded fades out, and all is silent.
    PersistentField::set(&bench.params.kept.model, ModelRequest::named("nowhere"));
    assert_eq!(bench.state(), EngineState::Missing);
    (0..5).for_each(|_| drop(bench.block()));
    assert!(!bench.sounds());
}

#[test]
fn of_packages_asked_for_while_the_host_rests_the_last_one_plays_from_a_bounces_start() {
    let mut bounce = Bench::asking_for("horn-codes", LONG);
    bounce.activate();
    PersistentField::set(&bounce.params.kept.model, ModelRequest::named("cello-codes"));
    PersistentField::set(&bounce.params.kept.model, ModelRequest::named("flute-codes"));
    bounce.activate();
    assert!(!bounce.player.take_loaded(true), "nothing is left to come");
    let mut alone = Bench::asking_for("flute-codes", LONG);
    alone.activate();
    bounce.press(60);
    alone.press(60);
    for _ in 0..20 {
        assert!(bounce.block() == alone.block(), "the newest one plays");
    }
    assert!(alone.is_heard());
}

#[test]
fn the_host_is_told_of_notes_that_end_with_their_package_and_not_of_those_that_go_on() {
    let held = Who { id: None, channel: Some(0), key: Some(60) };
    let mut bench = Bench::playing("horn-codes");
    PersistentField::set(&bench.params.kept.model, ModelRequest::named("cello-codes"));
    assert!(bench.player.take_loaded(false) && bench.is_heard());
    assert_eq!(bench.player.next_end(), None, "it goes on");
    // A missing one, with what is left of the old one still to be heard; and one that breaks.
    PersistentField::set(&bench.params.kept.model, ModelRequest::named("nowhere"));
    assert!(bench.player.take_loaded(false));
    assert_eq!((bench.player.next_end(), bench.player.next_end()), (Some(held), None));
    assert!(bench.is_heard());
    assert_eq!(bench.player.next_end(), None, "once");
    PersistentField::set(&bench.params.kept.model, ModelRequest::named("broken"));
    assert!(bench.player.take_loaded(false));
    assert!(!bench.sounds());
    assert_eq!(bench.state(), EngineState::Faulted);
    assert_eq!((bench.player.next_end(), bench.player.next_end()), (Some(held), None));
}

#[test]
fn in_a_bounce_no_package_changes_within_a_note() {
    let mut bench = Bench::playing("horn-codes");
    PersistentField::set(&bench.params.kept.model, ModelRequest::named("cello-codes"));
    assert!(!bench.player.take_loaded(true));
    bench.player.handle(Event::Controller(0, 120, 0.0), &bench.params.settings(&Own));
    let mut out = vec![0.0; 4800];
    let song = Song { beats: None, tempo_bpm: 120.0 };
    bench.player.render(&mut out, &[], &bench.params.settings(&Own), song);
    assert!(bench.player.take_loaded(true));
}

#[test]
fn what_takes_the_place_is_what_the_project_asks_for_by_then() {
    let mut bench = Bench::asking_for("horn-codes", LONG);
    bench.activate();
    // A relink that failed asks for what there was before it, while a state has come.
    bench.supply.0.swap(Slot::First, &ModelRequest::named("cello-codes"));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(bench.window_link.package().name, "horn-codes");
    let request = |name: &str| ModelRequest {
        name: name.into(),
        hash: CodesPackage::open(&folder_of(name)).unwrap().header.hash,
    };
    assert!(Loads::load(&*bench.supply.0, Slot::First, &request("flute-codes"), LONG));
    let other_version = ModelRequest { hash: "0".repeat(64), ..request("cello-codes") };
    assert!(
        !Loads::load(&*bench.supply.0, Slot::First, &other_version, LONG),
        "another version is not what was asked for"
    );
}
