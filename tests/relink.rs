//! Another model in a missing one's place: examined first, loaded first, and taken back when asked to.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;
#[path = "relink/meanwhile.rs"]
mod meanwhile;
#[path = "relink/travel.rs"]
mod travel;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::package::{copy, general, renamed, shipped};
use common::rig::{LIMIT, wait_until};
use nice_plug_core::params::Params;
use timbreloom::engine::{Engine, Slot};
use timbreloom::instance::effect_params::EffectParams;
use timbreloom::instance::project_models::{ProjectModels, RelinkError, Source};
use timbreloom::model::Loader;
use timbreloom::model::embedded::Embedded;
use timbreloom::model::kinds::Kind;
use timbreloom::model::latent::LatentPackage;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::request::ModelRequest;
use timbreloom::model::{catalogue, loader, places};
use timbreloom::telemetry::{EngineState, Telemetry};

/// The small package of the fixtures under another name, and so with another hash.
fn echo(folder: &Path, name: &str) -> PathBuf {
    renamed(&general(), folder, name)
}

struct Rig {
    params: Arc<EffectParams>,
    telemetry: Arc<Telemetry>,
    project: ProjectModels,
    engine: Arc<Engine>,
}

impl Rig {
    /// An instance whose project asks for this model in both places.
    fn asking_for(request: &ModelRequest, make_loader: impl FnOnce(&ProjectModels, &EffectParams) -> Loader) -> Self {
        let (params, telemetry) = (Arc::new(EffectParams::default()), Arc::new(Telemetry::default()));
        *params.kept.model.lock() = request.clone();
        *params.own.second_model.lock() = request.clone();
        let project = ProjectModels::new(&*params, Arc::clone(&telemetry));
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
            loader::from_catalogue(project.models(), Arc::clone(&params.own.provider))
        })
    }
}

fn gone() -> ModelRequest {
    ModelRequest { name: "gone".into(), hash: "a".repeat(64) }
}

/// Set for a process with a data folder of its own.
const TASK: &str = "TIMBRELOOM_TEST_RELINKS_IN";

/// Runs the test that this is called in, and no other, anew.
fn in_a_process_of_its_own<T: FnOnce(&Path)>(task: T) {
    if let Some(folder) = std::env::var_os(TASK) {
        task(Path::new(&folder));
        return;
    }
    // `relink::travel::the_test::{{closure}}`
    let name = std::any::type_name::<T>();
    let test = name.trim_start_matches("relink::").trim_end_matches("::{{closure}}");
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
    in_a_process_of_its_own(|folder| {
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

            rig.telemetry.restart.clear();
            let health = rig.project.relink(slot, Source::Path(&brought)).unwrap();
            assert_eq!(health.name, "brought-echo");
            assert!(health.times_real_time > 2.0);
            let package = LatentPackage::open(&folder.join("data/timbreloom/models/brought-echo")).unwrap();
            let request = ModelRequest { name: package.header.name, hash: package.header.hash };
            assert_eq!(rig.project.wanted(slot), request);
            assert_eq!(rig.project.missing(slot), None);
            assert!(rig.telemetry.waits_for_restart(), "there was no stream before");
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
    });
}

#[test]
fn codes_take_a_missing_models_place_and_a_models_takes_theirs() {
    in_a_process_of_its_own(|folder| {
        echo(&folder.join("models"), "installed-echo");
        let asked = ModelRequest { name: "horn-codes".into(), hash: "b".repeat(64) };
        let [brought, sick] = ["brought", "sick"].map(|name| copy(&shipped("horn-codes"), &folder.join(name)));
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
        assert!(project.missing(slot).is_none() && rig.params.kept.embedded.lock().holds(&hash));
        wait_until(|| rig.telemetry.model.lock().reference_cloud.len() == 512);

        project.relink(slot, Source::Installed(&ModelRequest::named("installed-echo"))).unwrap();
        assert_eq!(project.undo_relink(slot).unwrap().hash, hash);
        assert_eq!(project.undo_relink(slot).unwrap(), asked);
    });
}

#[test]
fn the_old_model_is_asked_for_until_the_new_one_has_loaded() {
    in_a_process_of_its_own(|folder| {
        let old = LatentPackage::open(&echo(&folder.join("models"), "old-echo")).unwrap();
        echo(&folder.join("models"), "new-echo");
        let request = ModelRequest { name: old.header.name, hash: old.header.hash };
        let rig = Rig::asking_for(&request, |project, params| {
            let mut real = loader::from_catalogue(project.models(), Arc::clone(&params.own.provider));
            let asked = Arc::clone(&params.kept.model);
            Box::new(move |request| {
                assert_eq!(asked.lock().name, "old-echo", "asked for before it has loaded");
                if request.name == "new-echo" { Err("this computer is out of memory".into()) } else { real(request) }
            })
        });
        assert_eq!(rig.telemetry.state(), EngineState::Ready);
        let error = rig.project.relink(Slot::First, Source::Installed(&ModelRequest::named("new-echo"))).unwrap_err();
        assert!(matches!(error, RelinkError::NotLoaded { .. }), "{error}");
        assert!(error.to_string().contains("out of memory"), "{error}");
        assert_eq!(*rig.params.kept.model.lock(), request);
        assert!(!rig.project.can_undo_relink(Slot::First));
        // The old one comes back and plays on.
        wait_until(|| rig.telemetry.state() == EngineState::Ready);
        assert_eq!(rig.telemetry.model.lock().name, "old-echo");
        drop(rig.engine);
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
fn a_relink_is_undone_in_its_own_project_alone() {
    in_a_process_of_its_own(|folder| {
        let (here, its_bytes) = packed(&echo(&folder.join("models"), "here-echo"));
        let rig = Rig::of_catalogue(&gone());
        let (project, slot) = (&rig.project, Slot::First);
        project.embed(slot, true);
        project.relink(slot, Source::Installed(&here)).unwrap();
        assert!(project.can_undo_relink(slot));
        assert_eq!(saved(&rig.params), its_bytes);

        let other = EffectParams::default();
        let (away, other_bytes) = packed(&echo(folder, "away-echo"));
        *other.kept.model.lock() = away.clone();
        *other.kept.embedded.lock() = serde_json::from_value(other_bytes.clone()).unwrap();
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
fn another_provider_is_chosen_while_it_plays_and_what_runs_is_told() {
    in_a_process_of_its_own(|folder| {
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
