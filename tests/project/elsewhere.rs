//! Other computers: processes with empty data folders.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::common::hostile::endless;
use crate::common::package::{granular, renamed, shipped};
use crate::common::plugin::{CODES, DRUMS, EFFECT, fields, named, offline, with};
use crate::helper::{self, succeed};

/// A process with a data folder of its own, on which nothing is installed but what is bundled and, perhaps, what lies
/// in `models`.
struct Computer<'a> {
    shared: &'a Path,
    data: PathBuf,
    models: Option<&'a Path>,
}

impl Computer<'_> {
    fn task(&self, task: &str, id: &str) -> Command {
        let mut command = helper::task(task);
        command.arg(id).arg(self.shared).env("XDG_DATA_HOME", &self.data);
        command.env("TIMBRELOOM_MODELS", self.models.unwrap_or(&self.shared.join("an-empty-folder")));
        command
    }

    /// Makes a project that brings the strange model along, and saves it as `made`.
    fn make(&self, id: &str, model: &str) -> Command {
        let mut command = self.task("make-project", id);
        command.arg(model);
        command
    }

    /// Opens a project, plays it, and saves it as `made`.
    fn play(&self, id: &str, project: &str, made: &str) -> Command {
        let mut command = self.task("play-project", id);
        command.args([project, made]);
        command
    }
}

fn read(shared: &Path, name: &str) -> Vec<u8> {
    fs::read(shared.join(name)).unwrap()
}

#[test]
fn a_project_plays_the_same_samples_where_its_embedded_model_is_not_installed() {
    travels(EFFECT, &shipped("flute"), "dry true");
}

#[test]
fn a_project_brings_its_codes_along_as_any_model() {
    travels(EFFECT, &shipped("horn-codes"), "dry true");
}

#[test]
fn a_project_of_the_instrument_brings_its_codes_along() {
    travels(CODES, &shipped("horn-codes"), "silent true");
}

#[test]
fn a_project_of_the_drum_machine_brings_its_grain_model_along() {
    travels(DRUMS, &granular(), "silent true");
}

/// An embedded model goes to another computer and plays there; without what the project brought along it is missing, and
/// the project keeps asking for it. `without`: what is heard then.
fn travels(id: &str, package: &Path, without: &str) {
    let model = package.file_name().unwrap().to_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let shared = folder.path();
    let models = shared.join("models");
    // A model that nobody has installed.
    renamed(package, &models, &format!("strange-{model}"));
    let here = Computer { shared, data: shared.join("here"), models: Some(&models) };
    succeed(&mut here.make(id, model));
    let project = read(shared, "made.after");
    let brought = &fields(&project)["embedded"];
    assert_eq!(brought["hash"], fields(&project)["model"]["hash"]);
    assert!(brought["package"].as_str().unwrap().len() > 10_000, "it is not packed");

    let there = Computer { shared, data: shared.join("there"), models: None };
    succeed(&mut there.play(id, "made.after", "opened"));
    let sound = read(shared, "opened.f32");
    assert!(sound == read(shared, "made.f32"), "it sounds otherwise on another computer");
    assert!(sound.iter().any(|&byte| byte != 0));
    assert!(read(shared, "opened.after") == project, "the project has changed");
    assert!(read(shared, "opened.before") == project);
    let unpacked = there.data.join("timbreloom/embedded").join(brought["hash"].as_str().unwrap());
    assert!(unpacked.join("decoder.onnx").is_file());

    // Without what it brought along the model is missing there, and the project is none the worse for it.
    let nothing = json!({ "is_wanted": false, "hash": "", "package": "" });
    let mut damaged = brought.clone();
    let text = damaged["package"].as_str().unwrap();
    // Within the files' bytes, so that the archive opens and only the hashes tell.
    let middle = text.len() / 2;
    let letter = if &text[middle..=middle] == "A" { "B" } else { "A" };
    damaged["package"] = format!("{}{letter}{}", &text[..middle], &text[middle + 1..]).into();
    let no_base64 = json!({ "is_wanted": true, "hash": brought["hash"], "package": "no Base64!" });
    for (name, embedded) in [("without", nothing), ("damaged", damaged), ("garbled", no_base64)] {
        fs::write(shared.join(name), with(&project, &[("embedded", embedded.clone())])).unwrap();
        let there = Computer { shared, data: shared.join(name).join("x"), models: None };
        let said = succeed(&mut there.play(id, name, name));
        assert!(said.contains(without), "{name}: {said}");
        let (before, after) = (read(shared, &format!("{name}.before")), read(shared, &format!("{name}.after")));
        assert!(before == after, "{name}: the project has changed");
        assert_eq!(fields(&after)["embedded"], embedded, "{name}");
        assert_eq!(fields(&after)["model"], fields(&project)["model"], "{name}");
    }
}

#[test]
fn a_model_that_never_ends_is_examined_once_and_the_project_opens_and_plays_dry() {
    let folder = tempfile::tempdir().unwrap();
    let shared = folder.path();
    let models = shared.join("models");
    endless(&models);
    let project = with(&offline(EFFECT).save_state().unwrap(), &[("model", named("endless"))]);
    fs::write(shared.join("project"), project).unwrap();
    let there = Computer { shared, data: shared.join("data"), models: Some(&models) };
    let open = |made: &str| {
        let said = succeed(there.play(EFFECT, "project", made).env("TIMBRELOOM_EXAMINATION_S", "2"));
        assert!(said.contains("dry true"), "{said}");
        assert!(read(shared, &format!("{made}.before")) == read(shared, &format!("{made}.after")));
        let found: Vec<_> =
            fs::read_dir(there.data.join("timbreloom/examined")).unwrap().map(|e| e.unwrap().path()).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        let text = fs::read_to_string(&found[0]).unwrap();
        assert!(text.contains("was not done after 2 s of processor time"), "{text}");
        fs::metadata(&found[0]).unwrap().modified().unwrap()
    };
    // The second time it is not even tried.
    assert_eq!(open("first"), open("second"));
    // Nobody is accused of having ended a host.
    assert_eq!(fs::read_dir(there.data.join("timbreloom/loading")).map_or(0, Iterator::count), 0);
}
