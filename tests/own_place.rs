//! The program knows its own place from the system, not from the name that it was called by or the folder it was called in.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::package::{general, renamed};

/// An installed program with a model of its own, and another folder in which everything has the same names.
struct Places {
    folder: tempfile::TempDir,
}

impl Places {
    fn new() -> Self {
        let places = Self { folder: tempfile::tempdir().unwrap() };
        for (folder, name) in [(places.installed(), "own"), (places.elsewhere(), "planted")] {
            renamed(&general(), &folder.join("timbreloom-resources/models"), name);
        }
        let program = places.installed().join("timbreloom");
        if std::fs::hard_link(env!("CARGO_BIN_EXE_timbreloom"), &program).is_err() {
            std::fs::copy(env!("CARGO_BIN_EXE_timbreloom"), &program).unwrap();
        }
        let library = places.elsewhere().join("timbreloom-resources/libonnxruntime.so");
        std::fs::write(library, "code from the current folder").unwrap();
        // A mere folder of the program's name is enough to be taken for it.
        std::fs::create_dir(places.elsewhere().join("timbreloom")).unwrap();
        places
    }

    fn installed(&self) -> PathBuf {
        self.folder.path().join("installed")
    }

    fn elsewhere(&self) -> PathBuf {
        self.folder.path().join("elsewhere")
    }

    /// Runs it in the other folder, found through PATH as a shell would, or under a name.
    fn run(&self, called: Option<&Path>, arguments: &[&str]) -> Output {
        let mut command = match called {
            None => Command::new("timbreloom"),
            Some(_) => Command::new(self.installed().join("timbreloom")),
        };
        if let Some(name) = called {
            command.arg0(name);
        }
        command.args(arguments).current_dir(self.elsewhere());
        command.env("PATH", self.installed()).env("XDG_DATA_HOME", self.folder.path().join("data"));
        command.env_remove("TIMBRELOOM_MODELS").env_remove("TIMBRELOOM_ORT").output().unwrap()
    }
}

#[test]
fn models_and_library_come_from_beside_the_program_however_it_is_called() {
    let places = Places::new();
    let own = places.elsewhere().join("timbreloom");
    for called in [None, Some(Path::new("timbreloom")), Some(Path::new("./timbreloom")), Some(own.as_path())] {
        let models = places.run(called, &["models"]);
        let said = String::from_utf8_lossy(&models.stdout);
        assert!(said.contains("own") && !said.contains("planted"), "{called:?}: {said}");
        let check = places.run(called, &["check", "own"]);
        let complained = String::from_utf8_lossy(&check.stderr);
        let looked = places.installed().canonicalize().unwrap().join("timbreloom-resources/libonnxruntime.so");
        assert!(complained.contains(&looked.display().to_string()), "{called:?}: {complained}");
        assert!(!complained.contains("elsewhere"), "{called:?}: {complained}");
    }
}

#[test]
fn a_library_is_named_by_its_whole_path_or_not_at_all() {
    let places = Places::new();
    for name in ["libonnxruntime.so", "timbreloom-resources/libonnxruntime.so", "./libonnxruntime.so"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_timbreloom"));
        command.args(["check", "own"]).current_dir(places.elsewhere()).env("TIMBRELOOM_ORT", name);
        command.env("TIMBRELOOM_MODELS", places.installed().join("timbreloom-resources/models"));
        let output = command.output().unwrap();
        let complained = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{complained}");
        assert!(complained.contains(name) && complained.contains("whole path"), "{complained}");
    }
}
