//! Another model in a missing one's place: examined first, loaded first, and taken back when asked to.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use nice_plug_core::params::Params;
use parking_lot::Mutex;
use timbreloom::engine::{Engine, Slot};
use timbreloom::instance::desk::InstanceDesk;
use timbreloom::instance::params::EffectParams;
use timbreloom::instance::project::{Loads, Project, RelinkError, Source};
use timbreloom::instance::table;
use timbreloom::model::Loader;
use timbreloom::model::embedded::Embedded;
use timbreloom::model::kinds::{Kind, Package};
use timbreloom::model::latent::LatentPackage;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::request::ModelRequest;
use timbreloom::model::{catalogue, loader, places};
use timbreloom::preset::History;
use timbreloom::preset::compare::switch;
use timbreloom::telemetry::{EngineState, Telemetry};

const LIMIT: Duration = Duration::from_secs(20);

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The small package of the fixtures under another name, and so with another hash.
fn echo(folder: &Path, name: &str) -> PathBuf {
    let (package, from) = (folder.join(name), root().join("tests/fixtures/general"));
    fs::create_dir_all(&package).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, package.join(path.file_name().unwrap())).unwrap();
    }
    let manifest = fs::read_to_string(package.join("manifest.json")).unwrap();
    fs::write(package.join("manifest.json"), manifest.replace(r#""echo""#, &format!(r#""{name}""#))).unwrap();
    package
}

struct Rig {
    params: Arc<EffectParams>,
    telemetry: Arc<Telemetry>,
    project: Project,
    engine: Arc<Engine>,
}

impl Rig {
    /// An instance whose project asks for this model in both places.
    fn asking_for(request: &ModelRequest, make_loader: impl FnOnce(&Project, &EffectParams) -> Loader) -> Self {
        let (params, telemetry) = (Arc::new(EffectParams::default()), Arc::new(Telemetry::default()));
        *params.model.lock() = request.clone();
        *params.second_model.lock() = request.clone();
        let project = Project::new(&*params, Arc::clone(&telemetry));
        let loader = make_loader(&project, &params);
        let engine = Arc::new(Engine::start(loader, Arc::clone(&telemetry)).unwrap());
        project.attach(&engine);
        for slot in [Slot::First, Slot::Second] {
            engine.load(slot, request.clone(), LIMIT);
        }
        Self { params, telemetry, project, engine }
    }

    fn of_catalogue(request: &ModelRequest) -> Self {
        Self::asking_for(request, |project, params| {
            loader::from_catalogue(project.models(), Arc::clone(&params.provider))
        })
    }
}

/// What comes of a load.
#[derive(Clone, Copy)]
enum Answer {
    Plays,
    Fails,
    Refuses(&'static str),
}

/// Loads nothing: what it answers, and what happens meanwhile, is the test's.
struct Stub {
    answer: Answer,
    meanwhile: Box<dyn Fn() + Send + Sync>,
    /// What it was to swap in.
    swapped: Mutex<Vec<String>>,
}

impl Stub {
    fn new(answer: Answer, meanwhile: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { answer, meanwhile: Box::new(meanwhile), swapped: Mutex::default() })
    }
}

impl Loads for Stub {
    fn load(&self, _: Slot, _: &ModelRequest, _: Duration) -> bool {
        (self.meanwhile)();
        matches!(self.answer, Answer::Plays)
    }

    fn swap(&self, _: Slot, request: &ModelRequest) {
        self.swapped.lock().push(request.name.clone());
    }

    fn refuses(&self, _: &Package) -> Option<&'static str> {
        match self.answer {
            Answer::Refuses(reason) => Some(reason),
            Answer::Plays | Answer::Fails => None,
        }
    }

    fn waits_for_restart(&self) -> bool {
        false
    }
}

/// The parameters of an instance whose project asks for this model, and the project.
fn asking_for(request: &ModelRequest) -> (Arc<EffectParams>, Project) {
    let params = Arc::new(EffectParams::default());
    *params.model.lock() = request.clone();
    let project = Project::new(&*params, Arc::new(Telemetry::default()));
    (params, project)
}

fn gone() -> ModelRequest {
    ModelRequest { name: "gone".into(), hash: "a".repeat(64) }
}

#[track_caller]
fn wait_until(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LIMIT, "it never came to be");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Set for a process with a data folder of its own.
const TASK: &str = "TIMBRELOOM_TEST_RELINKS_IN";

fn in_a_process_of_its_own(test: &str, task: impl FnOnce(&Path)) {
    if let Some(folder) = std::env::var_os(TASK) {
        task(Path::new(&folder));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(TASK, folder.path())
        .env("XDG_DATA_HOME", folder.path().join("data"))
        .env("TIMBRELOOM_MODELS", folder.path().join("models"))
        .output()
        .unwrap();
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // A name that no test has would end well, too.
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{complained}");
}

#[test]
fn a_missing_model_is_named_with_the_folders_and_another_one_takes_its_place_and_is_taken_back() {
    in_a_process_of_its_own(
        "a_missing_model_is_named_with_the_folders_and_another_one_takes_its_place_and_is_taken_back",
        |folder| {
            echo(&folder.join("models"), "installed-echo");
            let brought = echo(folder, "brought-echo");
            let sick = echo(folder, "sick-echo");
            fs::write(sick.join("parity.f32"), "cut").unwrap();
            for slot in [Slot::First, Slot::Second] {
                let rig = Rig::of_catalogue(&gone());
                let missing = rig.project.missing(slot).expect("it is missing");
                assert_eq!(missing.request, gone());
                assert_eq!(missing.looked, places::folders());
                assert!(missing.looked.contains(&folder.join("models")));
                for word in ["“gone” is not installed", "Looked in", folder.join("models").to_str().unwrap()] {
                    assert!(missing.reason.contains(word), "“{word}” is not in: {}", missing.reason);
                }

                // What cannot be used changes nothing.
                let verdict = rig.project.relink(slot, Source::Path(&sick)).unwrap_err();
                assert!(
                    matches!(verdict, RelinkError::Import(_)) && verdict.to_string().contains("parity.f32"),
                    "{verdict}"
                );
                let nobody = rig.project.relink(slot, Source::Installed(&ModelRequest::named("nobody")));
                assert!(nobody.unwrap_err().to_string().contains("“nobody” is not installed"));
                assert_eq!(rig.project.wanted(slot), gone());
                assert!(rig.project.missing(slot).is_some() && !rig.project.can_undo_relink(slot));

                rig.telemetry.needs_restart.store(false, Ordering::Relaxed);
                let health = rig.project.relink(slot, Source::Path(&brought)).unwrap();
                assert_eq!(health.name, "brought-echo");
                assert!(health.times_real_time > 2.0);
                let package = LatentPackage::open(&folder.join("data/timbreloom/models/brought-echo")).unwrap();
                let request = ModelRequest { name: package.header.name, hash: package.header.hash };
                assert_eq!(rig.project.wanted(slot), request);
                assert_eq!(rig.project.missing(slot), None);
                assert!(rig.telemetry.needs_restart.load(Ordering::Relaxed), "there was no stream before");
                let other = if slot == Slot::First { Slot::Second } else { Slot::First };
                assert_eq!(rig.project.wanted(other), gone(), "the other place is left alone");

                let installed = ModelRequest::named("installed-echo");
                rig.project.relink(slot, Source::Installed(&installed)).unwrap();
                assert_eq!(rig.project.wanted(slot).name, "installed-echo");
                assert_eq!(rig.project.undo_relink(slot), Some(request));
                assert_eq!(rig.project.undo_relink(slot), Some(gone()));
                assert_eq!(rig.project.undo_relink(slot), None);
                assert_eq!(rig.project.wanted(slot), gone());
                wait_until(|| rig.project.missing(slot).is_some());
            }
        },
    );
}

#[test]
fn codes_take_a_missing_models_place_and_a_models_takes_theirs() {
    in_a_process_of_its_own("codes_take_a_missing_models_place_and_a_models_takes_theirs", |folder| {
        echo(&folder.join("models"), "installed-echo");
        let asked = ModelRequest { name: "horn-codes".into(), hash: "b".repeat(64) };
        let (brought, sick) = (folder.join("brought"), folder.join("sick"));
        for copy in [&brought, &sick] {
            fs::create_dir_all(copy).unwrap();
            for entry in fs::read_dir(root().join("models/horn-codes")).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
                }
            }
        }
        fs::write(sick.join("tables.f32"), "cut").unwrap();
        let rig = Rig::of_catalogue(&asked);
        let (project, slot) = (&rig.project, Slot::First);
        let bundled = catalogue::find(&ModelRequest::named("horn-codes"), &[Kind::Codes]).is_ok();
        assert_eq!(project.missing(slot).is_none(), bundled, "another version is better than none");
        let error = project.relink(slot, Source::Path(&sick)).unwrap_err().to_string();
        assert!(error.contains("tables.f32"), "{error}");
        assert_eq!(project.wanted(slot), asked, "it is asked for still");

        project.embed(slot, true);
        let health = project.relink(slot, Source::Path(&brought)).unwrap();
        assert!(health.name == "horn-codes" && health.times_real_time > 2.0);
        let hash = project.wanted(slot).hash;
        assert!(hash != asked.hash && folder.join("data/timbreloom/models/horn-codes/tables.f32").is_file());
        assert!(project.missing(slot).is_none() && rig.params.embedded.lock().holds(&hash));
        wait_until(|| rig.telemetry.model.lock().reference_cloud.len() == 512);

        project.relink(slot, Source::Installed(&ModelRequest::named("installed-echo"))).unwrap();
        assert_eq!(project.undo_relink(slot).unwrap().hash, hash);
        assert_eq!(project.undo_relink(slot).unwrap(), asked);
    });
}

#[test]
fn the_old_model_is_asked_for_until_the_new_one_has_loaded() {
    in_a_process_of_its_own("the_old_model_is_asked_for_until_the_new_one_has_loaded", |folder| {
        let old = LatentPackage::open(&echo(&folder.join("models"), "old-echo")).unwrap();
        echo(&folder.join("models"), "new-echo");
        let request = ModelRequest { name: old.header.name, hash: old.header.hash };
        let rig = Rig::asking_for(&request, |project, params| {
            let mut real = loader::from_catalogue(project.models(), Arc::clone(&params.provider));
            let asked = Arc::clone(&params.model);
            Box::new(move |request| {
                assert_eq!(asked.lock().name, "old-echo", "asked for before it has loaded");
                if request.name == "new-echo" { Err("this computer is out of memory".into()) } else { real(request) }
            })
        });
        assert_eq!(rig.telemetry.state(), EngineState::Ready);
        let error = rig.project.relink(Slot::First, Source::Installed(&ModelRequest::named("new-echo"))).unwrap_err();
        assert!(matches!(error, RelinkError::NotLoaded { .. }), "{error}");
        assert!(error.to_string().contains("out of memory"), "{error}");
        assert_eq!(*rig.params.model.lock(), request);
        assert!(!rig.project.can_undo_relink(Slot::First));
        // The old one comes back and plays on.
        wait_until(|| rig.telemetry.state() == EngineState::Ready);
        assert_eq!(rig.telemetry.model.lock().name, "old-echo");
        drop(rig.engine);
    });
}

#[test]
fn a_model_travels_with_the_project_while_it_is_wanted_and_through_relinking() {
    in_a_process_of_its_own("a_model_travels_with_the_project_while_it_is_wanted_and_through_relinking", |folder| {
        echo(&folder.join("models"), "one-echo");
        echo(&folder.join("models"), "other-echo");
        let rig = Rig::of_catalogue(&ModelRequest::named("one-echo"));
        let (project, slot) = (&rig.project, Slot::Second);
        assert_eq!(project.embedding(slot), Default::default());
        project.embed(slot, true);
        wait_until(|| project.embedding(slot).is_packed);
        let packed = rig.params.second_embedded.lock().clone();
        assert!(packed.holds(&project.wanted(slot).hash) && packed.size_bytes() > 1000);
        assert_eq!(project.embedding(Slot::First), Default::default(), "the other place is left alone");

        project.relink(slot, Source::Installed(&ModelRequest::named("other-echo"))).unwrap();
        let embedding = project.embedding(slot);
        assert!(embedding.is_packed && embedding.problem.is_empty());
        assert!(rig.params.second_embedded.lock().holds(&project.wanted(slot).hash));
        assert!(project.undo_relink(slot).is_some());
        assert_eq!(*rig.params.second_embedded.lock(), packed, "the only copy may have been in the project");

        project.embed(slot, false);
        assert_eq!(project.embedding(slot), Default::default());
        assert_eq!(rig.params.second_embedded.lock().size_bytes(), 0);
        // One that cannot be had here is not packed, and not forgotten either.
        let rig = Rig::of_catalogue(&gone());
        rig.project.embed(Slot::First, true);
        let embedding = rig.project.embedding(Slot::First);
        assert!(embedding.is_wanted && !embedding.is_packed);
    });
}

/// What the first model's place of the project saves.
fn saved(params: &EffectParams) -> serde_json::Value {
    serde_json::from_str(&params.serialize_fields()["embedded"]).unwrap()
}

/// An installed model, and its bytes as a project saves them.
fn packed(folder: &Path) -> (ModelRequest, serde_json::Value) {
    let package = LatentPackage::open(folder).unwrap();
    let saved = serde_json::to_value(Embedded::of(&package.clone().into()).unwrap()).unwrap();
    (ModelRequest { name: package.header.name, hash: package.header.hash }, saved)
}

#[test]
fn the_only_copy_of_a_model_outlives_another_one_that_is_tried_and_undone() {
    in_a_process_of_its_own("the_only_copy_of_a_model_outlives_another_one_that_is_tried_and_undone", |folder| {
        // It is nowhere but in the project, and does not load here.
        let (away, its_bytes) = packed(&echo(folder, "away-echo"));
        let (here, other_bytes) = packed(&echo(&folder.join("models"), "here-echo"));
        let rig = Rig::asking_for(&away, |project, params| {
            *params.embedded.lock() = serde_json::from_value(its_bytes.clone()).unwrap();
            let mut real = loader::from_catalogue(project.models(), Arc::clone(&params.provider));
            Box::new(move |request| if request.name == "away-echo" { Err("not here".into()) } else { real(request) })
        });
        assert!(rig.project.missing(Slot::First).is_some());
        let (mut desk, mut history) = (InstanceDesk::loose(Arc::clone(&rig.params)), History::default());
        history.choose_models(&mut desk, "Another".into(), [here.clone(), away.clone()]);
        rig.engine.load(Slot::First, here.clone(), LIMIT).unwrap();
        assert_eq!(saved(&rig.params), other_bytes, "the one that is asked for travels, and no other");
        let length = other_bytes["package"].as_str().unwrap().len();
        assert_eq!(rig.project.embedding(Slot::First).size_bytes, length);

        // Saved at once, before anything was loaded, and after it could not be.
        history.undo(&mut desk).unwrap();
        assert_eq!(saved(&rig.params), its_bytes);
        assert!(rig.engine.load(Slot::First, away.clone(), LIMIT).is_none());
        assert_eq!(saved(&rig.params), its_bytes);
        history.redo(&mut desk).unwrap();
        assert_eq!(saved(&rig.params), other_bytes);
    });
}

#[test]
fn a_relink_is_undone_in_its_own_project_alone() {
    in_a_process_of_its_own("a_relink_is_undone_in_its_own_project_alone", |folder| {
        let (here, its_bytes) = packed(&echo(&folder.join("models"), "here-echo"));
        let rig = Rig::of_catalogue(&gone());
        let (project, slot) = (&rig.project, Slot::First);
        project.embed(slot, true);
        project.relink(slot, Source::Installed(&here)).unwrap();
        assert!(project.can_undo_relink(slot));
        assert_eq!(saved(&rig.params), its_bytes);

        let other = EffectParams::default();
        let (away, other_bytes) = packed(&echo(folder, "away-echo"));
        *other.model.lock() = away.clone();
        *other.embedded.lock() = serde_json::from_value(other_bytes.clone()).unwrap();
        rig.params.deserialize_fields(&other.serialize_fields());
        assert!(!project.can_undo_relink(slot));
        assert_eq!(project.undo_relink(slot), None);
        assert_eq!((project.wanted(slot), saved(&rig.params)), (away.clone(), other_bytes.clone()));

        // One that is made there is undone there, and with it no other.
        project.relink(slot, Source::Installed(&here)).unwrap();
        assert_eq!(saved(&rig.params), its_bytes);
        assert_eq!(project.undo_relink(slot), Some(away));
        assert_eq!(saved(&rig.params), other_bytes);
        assert_eq!(project.undo_relink(slot), None);
    });
}

#[test]
fn a_project_that_comes_while_a_relink_loads_is_left_alone_even_where_it_asks_for_the_same() {
    let test = "a_project_that_comes_while_a_relink_loads_is_left_alone_even_where_it_asks_for_the_same";
    in_a_process_of_its_own(test, |folder| {
        echo(&folder.join("models"), "here-echo");
        let (params, project) = asking_for(&gone());
        let theirs = Arc::clone(&params);
        let stub = Stub::new(Answer::Plays, move || theirs.deserialize_fields(&theirs.serialize_fields()));
        project.attach(&stub);
        let error = project.relink(Slot::First, Source::Installed(&ModelRequest::named("here-echo"))).unwrap_err();
        assert!(error.to_string().contains("another project was loaded meanwhile"), "{error}");
        assert_eq!(project.wanted(Slot::First), gone());
        assert_eq!(*stub.swapped.lock(), ["gone"]);
        assert!(!project.can_undo_relink(Slot::First));
    });
}

#[test]
fn a_wish_that_comes_while_a_relink_loads_wins_whether_that_plays_or_not() {
    in_a_process_of_its_own("a_wish_that_comes_while_a_relink_loads_wins_whether_that_plays_or_not", |folder| {
        echo(&folder.join("models"), "here-echo");
        for answer in [Answer::Plays, Answer::Fails] {
            let (params, project) = asking_for(&gone());
            let asked = Arc::clone(&params.model);
            let stub = Stub::new(answer, move || *asked.lock() = ModelRequest::named("newer"));
            project.attach(&stub);
            let error = project.relink(Slot::First, Source::Installed(&ModelRequest::named("here-echo"))).unwrap_err();
            assert!(matches!(error, RelinkError::NotLoaded { .. }), "{error}");
            let is_told = error.to_string().contains("“newer” was asked for meanwhile");
            assert_eq!(is_told, matches!(answer, Answer::Plays), "{error}");
            assert_eq!(project.wanted(Slot::First), ModelRequest::named("newer"));
            assert_eq!(*stub.swapped.lock(), ["newer"], "and not what was asked for before");
            assert!(!project.can_undo_relink(Slot::First));
        }
    });
}

#[test]
fn a_model_that_cannot_be_played_here_is_refused_with_its_reason_before_it_is_loaded() {
    let test = "a_model_that_cannot_be_played_here_is_refused_with_its_reason_before_it_is_loaded";
    in_a_process_of_its_own(test, |folder| {
        echo(&folder.join("models"), "here-echo");
        let (_, project) = asking_for(&gone());
        let stub = Stub::new(Answer::Refuses("it has no codes"), || panic!("it was loaded"));
        project.attach(&stub);
        let error = project.relink(Slot::First, Source::Installed(&ModelRequest::named("here-echo"))).unwrap_err();
        assert_eq!(error.to_string(), "the model “here-echo” was not put in its place: it has no codes");
        assert_eq!(project.wanted(Slot::First), gone());
        assert!(stub.swapped.lock().is_empty(), "what plays goes on");
    });
}

#[test]
fn a_relink_that_is_undone_asks_for_the_version_that_was_found_meanwhile() {
    in_a_process_of_its_own("a_relink_that_is_undone_asks_for_the_version_that_was_found_meanwhile", |folder| {
        echo(&folder.join("models"), "here-echo");
        let (params, project) = asking_for(&ModelRequest::named("gone"));
        let asked = Arc::clone(&params.model);
        // As a loader does that finds the old one after all.
        let stub = Stub::new(Answer::Plays, move || asked.lock().hash = gone().hash);
        project.attach(&stub);
        project.relink(Slot::First, Source::Installed(&ModelRequest::named("here-echo"))).unwrap();
        assert_eq!(project.undo_relink(Slot::First), Some(gone()));
        assert_eq!(*params.model.lock(), gone());
    });
}

#[test]
fn the_models_of_both_sides_of_a_b_travel() {
    in_a_process_of_its_own("the_models_of_both_sides_of_a_b_travel", |folder| {
        let (a, bytes_of_a) = packed(&echo(&folder.join("models"), "a-echo"));
        let (b, bytes_of_b) = packed(&echo(&folder.join("models"), "b-echo"));
        let rig = Rig::of_catalogue(&a);
        rig.project.embed(Slot::First, true);
        wait_until(|| rig.project.embedding(Slot::First).is_packed);
        let (mut desk, mut history) = (InstanceDesk::loose(Arc::clone(&rig.params)), History::default());
        switch(table(), &mut desk, &mut history);
        assert_eq!(saved(&rig.params), bytes_of_a, "both sides have the same");
        history.choose_models(&mut desk, "Another".into(), [b.clone(), a.clone()]);
        rig.engine.load(Slot::First, b, LIMIT).unwrap();
        let both = saved(&rig.params);
        let packed = |saved: &serde_json::Value| (saved["hash"].clone(), saved["package"].clone());
        assert_eq!(packed(&both), packed(&bytes_of_b));
        assert_eq!(both["spare"].as_array().unwrap().iter().map(packed).collect::<Vec<_>>(), [packed(&bytes_of_a)]);

        // In another instance the other side is heard, saved before and after it has loaded.
        let rig = Rig::asking_for(&a, |project, params| {
            params.deserialize_fields(&rig.params.serialize_fields());
            fs::remove_dir_all(folder.join("models")).unwrap();
            loader::from_catalogue(project.models(), Arc::clone(&params.provider))
        });
        assert_eq!(saved(&rig.params), both);
        let mut desk = InstanceDesk::loose(Arc::clone(&rig.params));
        switch(table(), &mut desk, &mut history);
        assert_eq!(packed(&saved(&rig.params)), packed(&bytes_of_a));
        rig.engine.load(Slot::First, a, LIMIT).expect("the project has brought it along");
        assert_eq!(packed(&saved(&rig.params)), packed(&bytes_of_a));
        assert_eq!(packed(&saved(&rig.params)["spare"][0]), packed(&bytes_of_b));
    });
}

#[test]
fn a_model_too_large_to_travel_is_named_and_plays_all_the_same() {
    in_a_process_of_its_own("a_model_too_large_to_travel_is_named_and_plays_all_the_same", |folder| {
        let package = echo(&folder.join("models"), "large-echo");
        fs::write(package.join("card.md"), vec![b' '; 25 << 20]).unwrap();
        let rig = Rig::of_catalogue(&ModelRequest::named("large-echo"));
        rig.project.embed(Slot::First, true);
        wait_until(|| !rig.project.embedding(Slot::First).problem.is_empty());
        let problem = rig.project.embedding(Slot::First).problem;
        assert!(problem.contains("“large-echo” is 26.2 MB"), "{problem}");
        assert!(!rig.project.embedding(Slot::First).is_packed);
        // The next time it is loaded the description says so, too.
        assert!(rig.engine.load(Slot::First, rig.project.wanted(Slot::First), LIMIT).is_some());
        assert!(rig.telemetry.model.lock().message.contains("26.2 MB"));
        assert_eq!(rig.telemetry.state(), EngineState::Ready);
    });
}

#[test]
fn what_is_wrong_with_an_embedded_model_is_told_and_the_project_keeps_it() {
    in_a_process_of_its_own("what_is_wrong_with_an_embedded_model_is_told_and_the_project_keeps_it", |folder| {
        let package = LatentPackage::open(&echo(folder, "embedded-echo")).unwrap();
        let request = ModelRequest { name: package.header.name.clone(), hash: package.header.hash.clone() };
        let good = serde_json::to_value(Embedded::of(&package.clone().into()).unwrap()).unwrap();
        let text = good["package"].as_str().unwrap().to_owned();
        for (package, words) in [
            ("no Base64!".to_owned(), "its text is damaged"),
            (text[..text.len() / 8 * 4].to_owned(), "the model embedded in this project cannot be unpacked"),
        ] {
            let mut bad = good.clone();
            bad["package"] = package.into();
            let bad: Embedded = serde_json::from_value(bad).unwrap();
            for slot in [Slot::First, Slot::Second] {
                let rig = Rig::asking_for(&request, |project, params| {
                    *params.embedded.lock() = bad.clone();
                    *params.second_embedded.lock() = bad.clone();
                    loader::from_catalogue(project.models(), Arc::clone(&params.provider))
                });
                let missing = rig.project.missing(slot).expect("it is missing");
                assert!(missing.reason.contains(words), "“{words}” is not in: {}", missing.reason);
                assert_eq!(rig.project.wanted(slot), request);
                assert!(*rig.params.embedded.lock() == bad && *rig.params.second_embedded.lock() == bad);
            }
        }
        // With sound bytes it plays, though it is not installed.
        let rig = Rig::asking_for(&request, |project, params| {
            *params.embedded.lock() = serde_json::from_value(good).unwrap();
            loader::from_catalogue(project.models(), Arc::clone(&params.provider))
        });
        assert_eq!(rig.project.missing(Slot::First), None);
        assert_eq!(rig.telemetry.state(), EngineState::Ready);
    });
}

#[test]
fn another_provider_is_chosen_while_it_plays_and_what_runs_is_told() {
    in_a_process_of_its_own("another_provider_is_chosen_while_it_plays_and_what_runs_is_told", |folder| {
        echo(&folder.join("models"), "one-echo");
        let rig = Rig::of_catalogue(&ModelRequest::named("one-echo"));
        assert_eq!(rig.project.provider(), Some(ProviderChoice::Auto));
        let info = || Arc::clone(&rig.telemetry.model.lock());
        assert!(!info().provider.is_empty());
        rig.project.set_provider(ProviderChoice::Unknown("abacus".into()));
        wait_until(|| info().provider_note.contains("“abacus” is asked for, which this version"));
        assert_eq!(info().provider, "CPU");
        rig.project.set_provider(ProviderChoice::CPU);
        wait_until(|| info().provider_note.is_empty());
        assert_eq!(rig.telemetry.state(), EngineState::Ready);
    });
}
