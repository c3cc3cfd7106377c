//! What carries a file's name and is none: a pipe holds nobody up, and what is linked into a folder of others is not taken
//! for theirs.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

use common::package::{FILES, copy, general, shipped};
use timbreloom::model::embed;
use timbreloom::model::import::import_into;
use timbreloom::model::kinds::Package;
use timbreloom::preset::{Library, factory};

/// Longer than anything here takes, and shorter than the wait for a model.
const LIMIT: Duration = Duration::from_secs(15);

/// A copy of the small package of the fixtures.
fn package(folder: &Path) -> PathBuf {
    copy(&general(), &folder.join("echo"))
}

fn pipe(path: &Path) {
    let name = std::ffi::CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: a name that ends in NUL.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
}

/// What comes of it; fails when it waits for somebody.
#[track_caller]
fn at_once<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (tell, told) = channel();
    std::thread::spawn(move || tell.send(work()));
    told.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("{what}: it waits for a pipe"))
}

#[test]
fn a_pipe_in_the_place_of_any_file_of_a_package_is_named_at_once() {
    for name in FILES {
        let folder = tempfile::tempdir().unwrap();
        let package = package(folder.path());
        fs::remove_file(package.join(name)).unwrap();
        pipe(&package.join(name));
        let models = folder.path().join("models");
        let error = at_once(name, move || import_into(&models, &package).unwrap_err().to_string());
        assert!(error.contains(name) && error.contains("a pipe"), "{name}: {error}");
    }
}

#[test]
fn a_pipe_in_the_place_of_an_archive_or_a_preset_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("model.zip");
    pipe(&zip);
    let models = folder.path().join("models");
    let error = at_once("archive", move || import_into(&models, &zip).unwrap_err().to_string());
    assert!(error.contains("a pipe"), "{error}");

    let library = Library::at(&folder.path().join("presets"));
    let preset = folder.path().join("preset.json");
    pipe(&preset);
    let error = at_once("preset", move || library.import(&preset, false).unwrap_err().to_string());
    assert!(error.contains("a pipe"), "{error}");
    let library = Library::at(&folder.path().join("presets"));
    fs::create_dir_all(library.folder()).unwrap();
    pipe(&library.folder().join("listed.json"));
    at_once("presets", move || assert!(library.list().is_empty()));
}

#[test]
fn what_is_linked_into_a_package_is_not_handed_on_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("diary");
    fs::write(&secret, "SECRET").unwrap();
    let given = package(folder.path());
    symlink(&secret, given.join("card.md")).unwrap();
    fs::create_dir(given.join("presets")).unwrap();
    let preset = fs::read_dir(shipped("cello").join("presets")).unwrap().next().unwrap().unwrap().path();
    fs::copy(&preset, given.join("presets/own.json")).unwrap();
    let elsewhere = folder.path().join("elsewhere.json");
    fs::copy(&preset, &elsewhere).unwrap();
    symlink(&elsewhere, given.join("presets/linked.json")).unwrap();

    let installed = import_into(&folder.path().join("models"), &given).unwrap();
    let has = |package: &Package, name: &str| package.read_all().unwrap().iter().any(|(there, _)| there == name);
    assert!(has(&installed, "presets/own.json") && has(&installed, "encoder.onnx"));
    for linked in ["card.md", "presets/linked.json"] {
        assert!(!has(&installed, linked) && !installed.folder().join(linked).exists(), "{linked}");
    }
    let Package::Latent(played) = Package::open(&given).unwrap() else { panic!("it is continuous") };
    assert_eq!(factory(&*played).len(), 1, "nor is it listed");
    let packed = embed::pack(&Package::open(&given).unwrap()).unwrap();
    assert!(!packed.windows(7).any(|bytes| bytes == b"card.md"), "nor does it travel with a project");

    // Nor a whole folder.
    fs::remove_dir_all(given.join("presets")).unwrap();
    fs::create_dir(folder.path().join("others")).unwrap();
    fs::copy(&preset, folder.path().join("others/other.json")).unwrap();
    symlink(folder.path().join("others"), given.join("presets")).unwrap();
    assert!(!has(&Package::open(&given).unwrap(), "presets/other.json"));
    assert!(factory(&*played).is_empty());
}

#[test]
fn a_package_behind_links_plays_since_its_files_are_known_by_their_hashes() {
    let folder = tempfile::tempdir().unwrap();
    let (given, farm) = (package(folder.path()), folder.path().join("farm"));
    fs::create_dir(&farm).unwrap();
    for name in FILES {
        symlink(given.join(name), farm.join(name)).unwrap();
    }
    let link = folder.path().join("link");
    symlink(&farm, &link).unwrap();
    assert_eq!(Package::open(&link).unwrap().read_all().unwrap().len(), FILES.len());
}

#[test]
fn presets_that_are_linked_into_a_folder_of_others_are_not_taken_in() {
    let folder = tempfile::tempdir().unwrap();
    let given = folder.path().join("given");
    fs::create_dir(&given).unwrap();
    let mut presets = fs::read_dir(shipped("cello").join("presets")).unwrap().map(|entry| entry.unwrap().path());
    let (own, other) = (presets.next().unwrap(), presets.next().unwrap());
    fs::copy(&own, given.join("own.json")).unwrap();
    symlink(&other, given.join("linked.json")).unwrap();
    pipe(&given.join("pipe.json"));
    let library = Library::at(&folder.path().join("mine"));
    let taken = at_once("folder", {
        let (library, given) = (library.clone(), given.clone());
        move || library.import(&given, false).unwrap().len()
    });
    assert_eq!(taken, 1);
    // One's own folder may be anywhere.
    let link = folder.path().join("link");
    symlink(library.folder(), &link).unwrap();
    assert_eq!(Library::at(&link).list().len(), 1);
}
