//! Instances of one package share its sessions: the same sound to the bit, 32 of them in little memory, none left.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[path = "common/helper.rs"]
mod helper;
#[path = "pool/hops.rs"]
mod hops;

use common::package::{alter, copy, general, shipped};
use hops::{cores, play};
use timbreloom::controls::MAX_DIMS;
use timbreloom::model::latent::{LatentModel, LatentPackage};
use timbreloom::model::request::ModelRequest;
use timbreloom::model::{Model, pool};

fn cello() -> LatentPackage {
    LatentPackage::open(&shipped("cello")).unwrap()
}

#[test]
fn instances_that_play_at_once_sound_as_each_does_alone() {
    let package = cello();
    let alone: Vec<Vec<u32>> = (0..8).map(|seed| play(&mut LatentModel::load_apart(&package).unwrap(), seed)).collect();
    assert!(alone[0] != alone[1], "seeds make a difference");
    let mut together: Vec<LatentModel> = (0..8).map(|_| LatentModel::load(&package).unwrap()).collect();
    assert!(pool::shared(&package.header.hash).sessions <= cores());
    for _ in 0..2 {
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                together.iter_mut().enumerate().map(|(seed, model)| scope.spawn(move || play(model, seed))).collect();
            for (seed, thread) in threads.into_iter().enumerate() {
                assert!(thread.join().unwrap() == alone[seed], "instance {seed} sounds different among others");
            }
        });
        // A second time from the start: a reset forgets all of the first.
        together.iter_mut().for_each(Model::reset);
    }
}

#[test]
fn a_model_is_that_of_earlier_versions_whose_latents_it_kept() {
    let folder = tempfile::tempdir().unwrap();
    let package = copy(&general(), &folder.path().join("echo"));
    let earlier = "a".repeat(64);
    let request = |name: &str, hash: &str| ModelRequest { name: name.into(), hash: hash.into() };
    let asks =
        [request("echo", &earlier), request("other", &earlier), request("echo", &"b".repeat(64)), request("echo", "")];
    let answers = || {
        let model = LatentModel::load_apart(&LatentPackage::open(&package).unwrap()).unwrap();
        asks.each_ref().map(|ask| model.is_of(ask))
    };
    assert_eq!(answers(), [false, false, false, true]);
    alter(&package, |manifest| manifest["training"]["latents_of"] = vec![earlier.clone()].into());
    assert_eq!(answers(), [true, false, false, true]);
}

#[test]
fn a_call_that_fails_leaves_the_state_as_it_was() {
    let package = cello();
    let expected = play(&mut LatentModel::load_apart(&package).unwrap(), 3);
    let mut model = LatentModel::load_apart(&package).unwrap();
    let mut latent = [0.0; MAX_DIMS];
    let dims = package.shape.dims;
    model.encode(0, &[0.5; 7], &mut latent[..dims]).unwrap_err();
    model.encode(1, &[0.5; 7], &mut latent[..dims]).unwrap_err();
    assert!(play(&mut model, 3) == expected);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn thirty_two_instances_share_their_weights_and_leave_nothing() {
    for name in ["cello", "cello-codes"] {
        let said = helper::succeed(helper::task("measure-memory").arg(name));
        println!("{name}: {said}");
        assert!(said.contains("measured"), "{name}: {said}");
    }
}
