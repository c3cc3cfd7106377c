//! Two processes that die while they load the same part of a package leave it in quarantine; one is a warning, and one that
//! lives, or fails, is nothing.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;
#[path = "common/helper.rs"]
mod helper;
#[cfg(target_os = "linux")]
#[path = "common/program.rs"]
mod program;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::package::shipped;
#[cfg(target_os = "linux")]
use program::program;
use timbreloom::model::latent::LatentPackage;
use timbreloom::model::provider::Provider;
use timbreloom::model::quarantine::Quarantine;

fn cello() -> LatentPackage {
    LatentPackage::open(&shipped("cello")).unwrap()
}

/// What a load comes to.
fn well<T>(loaded: T) -> Result<T, &'static str> {
    Ok(loaded)
}

/// A process that loads, and how it ends.
fn loader(ends: &str, folder: &Path) -> Command {
    let mut command = helper::task("load");
    command.arg(ends).arg(folder);
    command
}

fn load(ends: &str, folder: &Path) -> Output {
    loader(ends, folder).output().unwrap()
}

fn load_part(part: &str, ends: &str, folder: &Path) -> Output {
    loader(ends, folder).args(["part", part]).output().unwrap()
}

/// What a version says that does not know of providers, processes and parts.
fn earlier_note() -> String {
    format!(r#"{{"name":"cello","hash":"{}","pid":1,"began_unix_s":1}}"#, cello().header.hash)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn markers(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// Lets as many processes crash as it takes.
fn crash(folder: &Path) {
    for _ in 0..2 {
        let crashed = load("abort", folder);
        assert!(!crashed.status.success(), "{}", said(&crashed));
    }
}

#[test]
fn one_crash_is_a_warning_that_goes_when_the_package_loads_well() {
    let folder = tempfile::tempdir().unwrap();
    let quarantine = Quarantine::in_folder(folder.path());
    for _ in 0..2 {
        assert!(!load("abort", folder.path()).status.success());
        assert!(quarantine.held().is_empty());
        let warning = quarantine.warning(&cello().header.hash, Provider::Cpu).unwrap();
        assert!(!warning.is_out() && warning.to_string().contains("tried once more"), "{warning}");
        assert!(quarantine.warning("another", Provider::Cpu).is_none());
        assert!(said(&load("well", folder.path())).contains("loaded"));
        assert!(quarantine.warning(&cello().header.hash, Provider::Cpu).is_none());
        assert_eq!(markers(folder.path()), 0);
    }
}

#[test]
fn a_part_that_loads_well_takes_no_strike_of_another_part_away() {
    let folder = tempfile::tempdir().unwrap();
    let quarantine = Quarantine::in_folder(folder.path());
    for strikes in 1..=2 {
        assert!(said(&load_part("decoder", "well", folder.path())).contains("loading"));
        assert!(!load_part("encoder", "abort", folder.path()).status.success());
        assert_eq!(markers(folder.path()), strikes);
    }
    assert_eq!(quarantine.held().len(), 1);
    assert!(said(&load_part("encoder", "well", folder.path())).contains("quarantine"));
}

#[test]
fn one_strike_each_of_two_parts_are_two_warnings_and_two_of_one_put_that_part_in_quarantine() {
    let folder = tempfile::tempdir().unwrap();
    let quarantine = Quarantine::in_folder(folder.path());
    let crash_part = |part: &str| assert!(!load_part(part, "abort", folder.path()).status.success());
    let is_tried = |part: &str| said(&load_part(part, "well", folder.path())).contains("loading");
    crash_part("decoder");
    crash_part("encoder");
    assert!(quarantine.held().is_empty(), "one each");
    assert_eq!(
        (markers(folder.path()), quarantine.warning(&cello().header.hash, Provider::Cpu).unwrap().strikes),
        (2, 1)
    );
    crash_part("encoder");
    assert!(!is_tried("encoder") && is_tried("decoder"));
    assert_eq!(markers(folder.path()), 2, "the decoder's is pardoned");
    // The other part's strike comes later, and is not what holds the package.
    crash_part("decoder");
    let held = quarantine.held();
    assert_eq!((held.len(), held[0].strikes, held[0].markers.len()), (1, 2, 3), "the package is, as a part of it is");
    assert!(quarantine.warning(&cello().header.hash, Provider::Cpu).is_none());
    assert!(said(&load("well", folder.path())).contains("“cello” is in quarantine"), "nor is it loaded as a whole");
    std::fs::remove_file(held[0].markers.last().unwrap()).unwrap();
    assert!(quarantine.held().is_empty(), "by the file that was named");
    assert!(is_tried("encoder") && is_tried("decoder"));
    assert_eq!(markers(folder.path()), 0);
}

#[test]
fn a_strike_of_no_part_counts_for_all_parts() {
    let folder = tempfile::tempdir().unwrap();
    let quarantine = Quarantine::in_folder(folder.path());
    let is_tried = |part: &str| said(&load_part(part, "well", folder.path())).contains("loading");
    let by_whole = || assert!(!load("abort", folder.path()).status.success());
    let by_earlier = || std::fs::write(folder.path().join("earlier.json"), earlier_note()).unwrap();
    let ways: [&dyn Fn(); 2] = [&by_whole, &by_earlier];
    for way in ways {
        way();
        assert!(!load_part("encoder", "abort", folder.path()).status.success());
        assert_eq!(quarantine.held()[0].strikes, 2);
        assert!(!is_tried("encoder"));
        assert!(is_tried("decoder"), "once is a warning");
        // Nobody knows whose it was: whichever part loads well takes it away.
        assert_eq!((markers(folder.path()), quarantine.held().len()), (1, 0));
        assert!(is_tried("encoder"));
        assert_eq!(markers(folder.path()), 0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn codes_that_ended_one_process_are_loaded_once_more_with_a_warning() {
    use timbreloom::model::codes::CodesPackage;
    use timbreloom::model::loader;
    use timbreloom::model::request::ModelRequest;

    /// Set for a process with a data folder of its own.
    const OWN_DATA: &str = "TIMBRELOOM_TEST_LOADS_CODES_IN";

    let Some(data) = std::env::var_os(OWN_DATA) else {
        let data = tempfile::tempdir().unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "codes_that_ended_one_process_are_loaded_once_more_with_a_warning", "--nocapture"]);
        let output = command.env(OWN_DATA, data.path()).env("XDG_DATA_HOME", data.path()).output().unwrap();
        let complained = String::from_utf8_lossy(&output.stderr);
        // A name that no test has would end well, too.
        assert!(output.status.success() && said(&output).contains("1 passed"), "{}\n{complained}", said(&output));
        return;
    };
    let hash = CodesPackage::open(&shipped("horn-codes")).unwrap().header.hash;
    let loading = Path::new(&data).join("timbreloom/loading");
    std::fs::create_dir_all(&loading).unwrap();
    let strike = |part: &str| {
        let note = serde_json::json!({
            "name": "horn-codes", "hash": hash, "pid": 1, "began_unix_s": 1, "provider": "cpu", "part": part,
        });
        std::fs::write(loading.join(part).with_extension("json"), note.to_string()).unwrap();
    };
    let request = ModelRequest { name: "horn-codes".into(), hash: hash.clone() };
    let remarks = || loader::load_codes(&request, None).unwrap().remarks;
    strike("decoder");
    let warned = remarks();
    assert!(warned.len() == 1 && warned[0].contains("ended while it loaded the model “horn-codes”"), "{warned:?}");
    // It went well. The encoder is not loaded for codes that are played from tables.
    strike("encoder");
    assert!(remarks().is_empty(), "{:?}", remarks());
}

#[test]
fn a_process_that_loads_a_package_many_times_at_once_ends_once() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!load("abort among others", folder.path()).status.success());
    assert_eq!(markers(folder.path()), 3);
    let quarantine = Quarantine::in_folder(folder.path());
    assert!(quarantine.held().is_empty());
    assert_eq!(quarantine.warning(&cello().header.hash, Provider::Cpu).unwrap().strikes, 1);
    assert!(said(&load("well", folder.path())).contains("loaded"));
    assert_eq!(markers(folder.path()), 0);
}

#[test]
fn a_package_that_crashed_its_processes_is_refused_until_it_is_released() {
    let folder = tempfile::tempdir().unwrap();
    crash(folder.path());
    assert_eq!(markers(folder.path()), 2);
    for _ in 0..2 {
        let refused = said(&load("well", folder.path()));
        let held = Quarantine::in_folder(folder.path()).held();
        let marker = held[0].markers.last().unwrap().display().to_string();
        for word in ["“cello” is in quarantine", "timbreloom models --release \"cello\"", &marker, &held[0].when] {
            assert!(refused.contains(word), "“{word}” is not in: {refused}");
        }
        assert!(!refused.contains("loading"), "it was tried all the same: {refused}");
    }
    let quarantine = Quarantine::in_folder(folder.path());
    assert!(quarantine.release("flute").unwrap().is_empty());
    assert_eq!(quarantine.release("cello").unwrap()[0].hash, cello().header.hash);
    assert!(said(&load("well", folder.path())).contains("loaded"));
    assert_eq!(markers(folder.path()), 0);
}

#[test]
fn a_crash_with_another_provider_excludes_that_provider_for_the_package_and_not_the_package() {
    let folder = tempfile::tempdir().unwrap();
    let with_cuda = |ends| loader(ends, folder.path()).arg("cuda").output().unwrap();
    for _ in 0..2 {
        assert!(!with_cuda("abort").status.success());
    }
    let refused = said(&with_cuda("well"));
    for words in ["CUDA is in quarantine for the model “cello”", "with CUDA", "timbreloom models --release \"cello\""]
    {
        assert!(refused.contains(words), "“{words}” is not in: {refused}");
    }
    let quarantine = Quarantine::in_folder(folder.path());
    assert_eq!(quarantine.guard(&cello().header, Provider::CoreMl, || well(1)).unwrap(), Ok(1));
    assert!(said(&load("well", folder.path())).contains("loaded"), "the CPU is still there");
    assert_eq!(quarantine.release("cello").unwrap().len(), 1);
    assert!(said(&with_cuda("well")).contains("loaded"));
    // What crashes on the CPU is not tried on a card either; nor is what an earlier version says crashed.
    crash(folder.path());
    assert!(said(&with_cuda("well")).contains("the model “cello” is in quarantine"));
    quarantine.release("cello").unwrap();
    std::fs::write(folder.path().join("earlier.json"), earlier_note()).unwrap();
    std::fs::write(folder.path().join("earlier too.json"), earlier_note()).unwrap();
    assert!(said(&with_cuda("well")).contains("the model “cello” is in quarantine"));
    assert!(said(&load("well", folder.path())).contains("the model “cello” is in quarantine"));
    quarantine.release("cello").unwrap();
    // A word from a later version is about that provider alone.
    let note =
        format!(r#"{{"name":"cello","hash":"{}","pid":1,"began_unix_s":1,"provider":"quantum"}}"#, cello().header.hash);
    std::fs::write(folder.path().join("later.json"), &note).unwrap();
    std::fs::write(folder.path().join("later too.json"), note).unwrap();
    assert!(said(&load("well", folder.path())).contains("loaded"));
}

#[test]
fn success_and_ordinary_errors_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let quarantine = Quarantine::in_folder(folder.path());
    let error = quarantine.guard(&cello().header, Provider::Cpu, || {
        assert_eq!(markers(folder.path()), 1);
        Err::<(), _>("not a graph")
    });
    assert_eq!(error.unwrap(), Err("not a graph"));
    assert_eq!(markers(folder.path()), 0);
    let panicked = std::panic::catch_unwind(|| {
        quarantine.guard(&cello().header, Provider::Cpu, || -> Result<(), ()> { panic!("told to") })
    });
    assert!(panicked.is_err());
    assert_eq!(markers(folder.path()), 0);
    assert!(said(&load("panic", folder.path())).contains("loaded"));
}

#[test]
fn an_ordinary_error_takes_no_strike_away_and_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let quarantine = Quarantine::in_folder(folder.path());
    assert!(!load("abort", folder.path()).status.success());
    for _ in 0..2 {
        quarantine.guard(&cello().header, Provider::Cpu, || Err::<(), _>("not enough memory")).unwrap().unwrap_err();
        assert_eq!(
            (markers(folder.path()), quarantine.warning(&cello().header.hash, Provider::Cpu).unwrap().strikes),
            (1, 1)
        );
    }
    quarantine.guard(&cello().header, Provider::Cpu, || well(())).unwrap().unwrap();
    assert_eq!(markers(folder.path()), 0);
}

#[test]
fn two_processes_may_load_a_package_at_once_and_a_killed_one_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let mut slow = loader("wait", folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(slow.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("loading")));
    assert_eq!(markers(folder.path()), 1);
    assert!(Quarantine::in_folder(folder.path()).held().is_empty(), "the other process lives");
    // In this process too, within and after another load.
    let quarantine = Quarantine::in_folder(folder.path());
    let within = || quarantine.guard(&cello().header, Provider::Cpu, || well(()));
    quarantine.guard(&cello().header, Provider::Cpu, within).unwrap().unwrap().unwrap();
    assert!(said(&load("well", folder.path())).contains("loaded"));
    slow.kill().unwrap();
    slow.wait().unwrap();
    assert_eq!(quarantine.warning(&cello().header.hash, Provider::Cpu).unwrap().strikes, 1);
}

#[test]
fn a_folder_that_cannot_be_written_and_files_that_are_no_markers_are_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    assert_eq!(Quarantine::in_folder(&file).guard(&cello().header, Provider::Cpu, || well(1)).unwrap(), Ok(1));
    assert_eq!(
        Quarantine::in_folder(&file.join("below")).guard(&cello().header, Provider::Cpu, || well(2)).unwrap(),
        Ok(2)
    );
    std::fs::write(folder.path().join("empty.json"), "").unwrap();
    std::fs::write(folder.path().join("other.json"), "[1, 2").unwrap();
    std::fs::write(folder.path().join("binary.json"), [0xff; 9000]).unwrap();
    assert_eq!(Quarantine::in_folder(folder.path()).guard(&cello().header, Provider::Cpu, || well(3)).unwrap(), Ok(3));
    // A damaged time is no reason to crash.
    let note = format!(r#"{{"name":"cello","hash":"{}","pid":1,"began_unix_s":{}}}"#, cello().header.hash, u64::MAX);
    std::fs::write(folder.path().join("far.json"), &note).unwrap();
    std::fs::write(folder.path().join("far too.json"), note).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("endless.json")).unwrap();
    assert!(
        Quarantine::in_folder(folder.path())
            .guard(&cello().header, Provider::Cpu, || well(4))
            .unwrap_err()
            .when
            .starts_with("9999")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_program_refuses_names_and_releases_a_quarantined_model() {
    let data = tempfile::tempdir().unwrap();
    crash(&data.path().join("timbreloom").join("loading"));
    let run = |arguments: &[&str]| program().args(arguments).env("XDG_DATA_HOME", data.path()).output().unwrap();
    let package = shipped("cello");
    let package = package.to_str().unwrap();
    let check = run(&["check", package]);
    let complained = String::from_utf8_lossy(&check.stderr);
    assert_eq!(check.status.code(), Some(2), "{complained}");
    assert!(complained.contains("“cello” is in quarantine"), "{complained}");
    assert!(said(&run(&["models"])).contains("(quarantine)     the model “cello”"));
    let unknown = run(&["models", "--release", "tuba"]);
    let complained = String::from_utf8_lossy(&unknown.stderr);
    assert!(complained.contains("“tuba” is not in quarantine. In quarantine: “cello”"), "{complained}");
    let released = run(&["models", "--release", "cello", "--json"]);
    let released: serde_json::Value = serde_json::from_slice(&released.stdout).unwrap();
    assert_eq!(released["released"][0]["name"], "cello");
    assert!(said(&run(&["check", package])).contains("healthy"));
    assert_eq!(markers(&data.path().join("timbreloom").join("loading")), 0);
}
