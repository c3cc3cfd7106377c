//! Models that travel with the project.

use std::fs;
use std::sync::Arc;

use nice_plug_core::params::Params;
use timbreloom::engine::Slot;
use timbreloom::instance::desk::InstanceDesk;
use timbreloom::instance::project_models::Source;
use timbreloom::instance::table;
use timbreloom::model::embedded::Embedded;
use timbreloom::model::latent::LatentPackage;
use timbreloom::model::loader;
use timbreloom::model::request::ModelRequest;
use timbreloom::preset::History;
use timbreloom::preset::compare::switch;
use timbreloom::telemetry::EngineState;

use crate::{LIMIT, Rig, echo, gone, in_a_process_of_its_own, packed, saved, wait_until};

#[test]
fn a_model_travels_with_the_project_while_it_is_wanted_and_through_relinking() {
    in_a_process_of_its_own(|folder| {
        echo(&folder.join("models"), "one-echo");
        echo(&folder.join("models"), "other-echo");
        let rig = Rig::of_catalogue(&ModelRequest::named("one-echo"));
        let (project, slot) = (&rig.project, Slot::Second);
        assert_eq!(project.embedding(slot), Default::default());
        project.embed(slot, true);
        wait_until(|| project.embedding(slot).is_packed);
        let packed = rig.params.own.second_embedded.lock().clone();
        assert!(packed.holds(&project.wanted(slot).hash) && packed.size_bytes() > 1000);
        assert_eq!(project.embedding(Slot::First), Default::default(), "the other place is left alone");

        project.relink(slot, Source::Installed(&ModelRequest::named("other-echo"))).unwrap();
        let embedding = project.embedding(slot);
        assert!(embedding.is_packed && embedding.problem.is_empty());
        assert!(rig.params.own.second_embedded.lock().holds(&project.wanted(slot).hash));
        assert!(project.undo_relink(slot).is_some());
        assert_eq!(*rig.params.own.second_embedded.lock(), packed, "the only copy may have been in the project");

        project.embed(slot, false);
        assert_eq!(project.embedding(slot), Default::default());
        assert_eq!(rig.params.own.second_embedded.lock().size_bytes(), 0);
        // One that cannot be had here is not packed, and not forgotten either.
        let rig = Rig::of_catalogue(&gone());
        rig.project.embed(Slot::First, true);
        let embedding = rig.project.embedding(Slot::First);
        assert!(embedding.is_wanted && !embedding.is_packed);
    });
}

#[test]
fn the_only_copy_of_a_model_outlives_another_one_that_is_tried_and_undone() {
    in_a_process_of_its_own(|folder| {
        // It is nowhere but in the project, and does not load here.
        let (away, its_bytes) = packed(&echo(folder, "away-echo"));
        let (here, other_bytes) = packed(&echo(&folder.join("models"), "here-echo"));
        let rig = Rig::asking_for(&away, |project, params| {
            *params.kept.embedded.lock() = serde_json::from_value(its_bytes.clone()).unwrap();
            let mut real = loader::from_catalogue(project.models(), Arc::clone(&params.own.provider));
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
fn the_models_of_both_sides_of_a_b_travel() {
    in_a_process_of_its_own(|folder| {
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
            loader::from_catalogue(project.models(), Arc::clone(&params.own.provider))
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
    in_a_process_of_its_own(|folder| {
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
    in_a_process_of_its_own(|folder| {
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
                    *params.kept.embedded.lock() = bad.clone();
                    *params.own.second_embedded.lock() = bad.clone();
                    loader::from_catalogue(project.models(), Arc::clone(&params.own.provider))
                });
                let missing = rig.project.missing(slot).expect("it is missing");
                assert!(missing.reason.contains(words), "“{words}” is not in: {}", missing.reason);
                assert_eq!(rig.project.wanted(slot), request);
                assert!(*rig.params.kept.embedded.lock() == bad && *rig.params.own.second_embedded.lock() == bad);
            }
        }
        // With sound bytes it plays, though it is not installed.
        let rig = Rig::asking_for(&request, |project, params| {
            *params.kept.embedded.lock() = serde_json::from_value(good).unwrap();
            loader::from_catalogue(project.models(), Arc::clone(&params.own.provider))
        });
        assert_eq!(rig.project.missing(Slot::First), None);
        assert_eq!(rig.telemetry.state(), EngineState::Ready);
    });
}
