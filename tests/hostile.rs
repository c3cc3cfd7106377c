//! Packages that lie about their graphs, have no bounds, or end the process: what plays goes on, and the reason is told.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use common::hostile::{codes_package, endless, package};
use common::package::{alter, general, renamed};
#[cfg(target_os = "linux")]
use common::package::{copy, forge, root};
use timbreloom::model::Model;
use timbreloom::model::codes::{CodesPackage, load_book};
use timbreloom::model::examiner::SECONDS_VARIABLE;
use timbreloom::model::kinds::Package;
use timbreloom::model::latent::{LatentModel, LatentPackage};
use timbreloom::model::loader;
use timbreloom::model::provider::ProviderChoice;

#[test]
fn a_graph_that_gives_other_sizes_than_it_declares_is_an_error_with_both() {
    let folder = tempfile::tempdir().unwrap();
    for (graph, fixture, words) in [
        ("encoder", "latent-short", "“latent” has 1 values where 2 are declared"),
        ("encoder", "loudness-empty", "“loudness” has 0 values where 1 are declared"),
        ("encoder", "state-long", "“state_out” has 2 values where 1 are declared"),
        ("decoder", "audio-short", "“audio” has 32 values where 64 are declared"),
    ] {
        let package = LatentPackage::open(&package(folder.path(), graph, fixture)).unwrap();
        let error = LatentModel::load_apart(&package).err().expect(fixture).to_string();
        assert!(error.contains(words) && error.contains(&format!("{graph}.onnx")), "{fixture}: {error}");
    }
}

#[test]
fn a_graph_that_lies_later_fails_in_that_hop_and_keeps_its_state() {
    let folder = tempfile::tempdir().unwrap();
    let package = LatentPackage::open(&package(folder.path(), "encoder", "latent-short-late")).unwrap();
    let mut model = LatentModel::load_apart(&package).unwrap();
    let (sound, mut latent) = (vec![0.1; package.shape.hop_frames], [0.0; 2]);
    for hop in 0..16 {
        model.encode(0, &sound, &mut latent).unwrap_or_else(|error| panic!("hop {hop}: {error}"));
    }
    for _ in 0..2 {
        let error = model.encode(0, &sound, &mut latent).unwrap_err().to_string();
        assert!(error.contains("the encoder failed: its “latent” has 1 values where 2 are declared"), "{error}");
    }
    model.reset();
    model.encode(0, &sound, &mut latent).unwrap();
}

#[test]
fn a_decoder_that_is_a_value_short_for_some_codes_gives_no_codebook() {
    let folder = tempfile::tempdir().unwrap();
    let package = CodesPackage::open(&codes_package(folder.path(), "decoder", "codes-short")).unwrap();
    let error = load_book(&package).unwrap_err().to_string();
    assert!(error.contains("“bands” has 191 values where 192 are declared"), "{error}");
}

#[test]
fn graphs_that_name_files_draw_random_numbers_or_have_impossible_axes_are_not_loaded() {
    let folder = tempfile::tempdir().unwrap();
    for (fixture, words) in [
        ("external", "a part of it lies in another file"),
        ("runtime-format", "it is in ONNX Runtime's own format"),
        ("random", "it draws random numbers by itself (RandomNormalLike)"),
        ("axis", "“state” has an axis of -5 values"),
        ("functions", "at most 20000 are accepted"),
    ] {
        let package = LatentPackage::open(&package(folder.path(), "encoder", fixture)).unwrap();
        let error = LatentModel::load_apart(&package).err().expect(fixture).to_string();
        assert!(error.contains("this graph is not loaded") && error.contains(words), "{fixture}: {error}");
    }
}

/// The program with a data folder of its own, and two seconds for an examination.
fn program(data: &Path, arguments: &[&dyn AsRef<OsStr>]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_timbreloom"));
    command.args(arguments.iter().map(|argument| argument.as_ref()));
    command.env("XDG_DATA_HOME", data).env("TIMBRELOOM_MODELS", data.join("none")).env(SECONDS_VARIABLE, "2");
    command.env("XDG_RUNTIME_DIR", data.join("run"));
    command.output().unwrap()
}

#[track_caller]
fn complains(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{:?}: {said}", output.status);
    said
}

#[cfg(target_os = "linux")]
#[test]
fn what_never_ends_floods_the_memory_or_crashes_is_refused_by_check_and_import_which_live() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for (package, words) in [
        (endless(folder.path()), "was not done after 2 s of processor time"),
        (package(folder.path(), "encoder", "expand"), "4294967296"),
        (package(folder.path(), "encoder", "crash"), "ended the process in which it was examined (signal: 8 (SIGFPE)"),
    ] {
        for command in ["check", "import"] {
            let said = complains(&program(&data, &[&command, &package]));
            assert!(said.contains(words), "{command} {}: {said}", package.display());
        }
    }
    assert_eq!(fs::read_dir(data.join("timbreloom/models")).map_or(0, |models| models.flatten().count()), 0);
    assert_eq!(fs::read_dir(data.join("timbreloom/loading")).map_or(0, Iterator::count), 0, "nobody is in quarantine");
}

/// A process that this one has started.
#[cfg(target_os = "linux")]
fn child_of(parent: u32) -> Option<i32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let mut names = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    names.find(|process: &i32| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // Behind the name, which may hold anything: the state, and the parent.
        stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)) == Some(&parent.to_string())
    })
}

#[cfg(target_os = "linux")]
#[test]
fn an_examination_that_is_ended_from_outside_holds_nothing_against_the_package_and_is_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let package = endless(folder.path());
    for signal in [libc::SIGKILL, libc::SIGTERM] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_timbreloom"));
        command.arg("check").arg(&package).env("XDG_DATA_HOME", &data).env(SECONDS_VARIABLE, "60");
        command.env("TIMBRELOOM_MODELS", data.join("none")).env("XDG_RUNTIME_DIR", data.join("run"));
        let check = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let examiner = loop {
            match child_of(check.id()) {
                Some(examiner) => break examiner,
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        // It has begun to examine.
        std::thread::sleep(Duration::from_millis(500));
        // SAFETY: a process that this test has started.
        assert_eq!(unsafe { libc::kill(examiner, signal) }, 0);
        let said = complains(&check.wait_with_output().unwrap());
        assert!(said.contains("was ended from outside") && said.contains("Try it again"), "{said}");
        assert!(!said.contains("new copy"), "it says nothing of the package: {said}");
        assert_eq!(fs::read_dir(data.join("timbreloom/examined")).map_or(0, Iterator::count), 0);
    }
    assert!(complains(&program(&data, &[&"check", &package])).contains("was not done after 2 s of processor time"));
    assert_eq!(fs::read_dir(data.join("timbreloom/examined")).map_or(0, Iterator::count), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_verdict_is_remembered_by_hash_for_every_copy_until_the_package_is_checked_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let crash = package(folder.path(), "encoder", "crash");
    let copy = copy(&crash, &folder.path().join("a copy"));
    let sound = root().join("tests/fixtures/sung.wav");
    let out = folder.path().join("out.wav");
    let play = |package: &Path| complains(&program(&data, &[&"transfer", &sound, &"-m", &package, &"-o", &out]));
    let said = play(&crash);
    for words in ["is not loaded", "it would have ended the host", "timbreloom check", "crash"] {
        assert!(said.contains(words), "“{words}” is not in: {said}");
    }
    let entry = fs::read_dir(data.join("timbreloom/examined")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&entry).unwrap();
    fs::write(&entry, text.replace("it would have ended the host", "so it was found yesterday")).unwrap();
    let said = play(&copy);
    assert!(said.contains("so it was found yesterday") && said.contains("a copy"), "{said}");
    // Asked for, it is examined again.
    let said = complains(&program(&data, &[&"check", &copy]));
    assert!(said.contains("it would have ended the host"), "{said}");
    assert!(!play(&crash).contains("yesterday"));
}

#[test]
fn the_limit_of_loudness_holds_for_a_package_that_was_copied_or_brought_along() {
    let folder = tempfile::tempdir().unwrap();
    let loud = renamed(&general(), folder.path(), "loud");
    alter(&loud, |manifest| {
        // A latent 1 of its training sound at which it is a thousand times as loud.
        manifest["reference_cloud"] = serde_json::json!([[0, 0], [1000, 0]]);
        // Of a hash that no run before has seen.
        manifest["description"] = format!("{:?} {}", std::time::SystemTime::now(), std::process::id()).into();
    });
    let error = loader::load(&Package::open(&loud).unwrap(), &ProviderChoice::CPU).err().expect("too loud").to_string();
    assert!(error.contains("is not loaded") && error.contains("it would hurt"), "{error}");
}

/// A package that plays on silence as its example says: all of it is zeros.
#[cfg(target_os = "linux")]
fn silent_example(package: &Path) {
    let example = package.join("parity.f32");
    let zeros = vec![0; fs::metadata(&example).unwrap().len() as usize];
    forge(package, "parity", &zeros);
}

#[cfg(target_os = "linux")]
#[test]
fn a_graph_that_turns_bad_in_hop_400_ends_two_processes_and_no_third() {
    use std::os::unix::process::ExitStatusExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let package = package(folder.path(), "encoder", "crash-late");
    silent_example(&package);
    let sound = root().join("tests/fixtures/sung.wav");
    let out = folder.path().join("out.wav");
    let play = || program(&data, &[&"transfer", &sound, &"-m", &package, &"-o", &out]);
    for time in 0..2 {
        let output = play();
        assert_eq!(output.status.signal(), Some(8), "{time}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let said = complains(&play());
    for words in ["the model “crash-late” is in quarantine", "while it played this model", "models --release"] {
        assert!(said.contains(words), "“{words}” is not in: {said}");
    }
    assert!(String::from_utf8_lossy(&program(&data, &[&"models"]).stdout).contains("while it played this model"));
    let released = program(&data, &[&"models", &"--release", &"crash-late"]);
    assert!(released.status.success(), "{released:?}");
    assert_eq!(play().status.signal(), Some(8), "tried again, as told");
}

#[cfg(target_os = "linux")]
#[test]
fn a_model_that_hangs_in_hop_400_ends_a_transfer_in_words_and_leaves_no_sound_that_is_dry() {
    let folder = tempfile::tempdir().unwrap();
    let package = package(folder.path(), "encoder", "hang-late");
    silent_example(&package);
    let sound = root().join("tests/fixtures/sung.wav");
    let out = folder.path().join("out.wav");
    let said = complains(&program(&folder.path().join("data"), &[&"transfer", &sound, &"-m", &package, &"-o", &out]));
    assert!(said.contains("the model failed while playing (it has not answered for"), "{said}");
    assert!(!out.exists());
}
