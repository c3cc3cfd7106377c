//! Every test of the project, and one tally at the end.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::bundle::{self, Profile};
use crate::setup;
use crate::tally::Tally;
use crate::workspace::{Workspace, capture, shown};

/// Keeps ONNX Runtime to itself where Python imports it on its own: see `src/model/privacy.rs`.
const NO_TELEMETRY: (&str, &str) = ("ORT_DISABLE_TELEMETRY", "1");

/// Sets up, bundles, runs every test and prints the tally as the last line.
pub(crate) fn test(workspace: &Workspace) -> Result<ExitCode> {
    setup::for_everything(workspace)?;
    bundle::bundle(workspace, Profile::Dev)?;
    let library = setup::runtime::library(workspace)?;

    forget_interrupted_loads(workspace)?;

    let mut cargo = workspace.cargo(&["test", "--workspace", "--no-fail-fast", "--features", bundle::GUARD]);
    cargo.env(setup::runtime::VARIABLE, library).env("TIMBRELOOM_MODELS", workspace.root.join("models"));
    cargo.env("TIMBRELOOM_PYTHON", workspace.python());
    let mut tally = run_cargo(about_this_checkout(&mut cargo, workspace))?;

    let python = workspace.python();
    for folder in ["pedalboard", "daw", "paths"] {
        tally += run_unittest(&python, &workspace.root.join("tests").join(folder), workspace)?;
    }

    let trainer = workspace.target.join("train-venv").join("bin").join("python");
    let has_torch = |python: &Path| {
        let mut imports = Command::new(python);
        imports.args(["-c", "import torch, onnx, onnxruntime"]).env(NO_TELEMETRY.0, NO_TELEMETRY.1);
        capture(&mut imports).is_ok_and(|o| o.status.success())
    };
    let trainer = if trainer.exists() && has_torch(&trainer) { &trainer } else { &python };
    tally += run_unittest(trainer, &workspace.root.join("models").join("training"), workspace)?;
    if !has_torch(trainer) {
        eprintln!(
            "models/training: the tests of networks and export were skipped, they need PyTorch. To run them too: \
             python3 models/training/install.py, then this again."
        );
    }

    // The test itself says so too, but nobody sees what a test prints that passes.
    if cfg!(target_os = "linux") && Command::new("Xvfb").arg("-version").output().is_err() {
        eprintln!(
            "tests/window.rs: the tests of the real window were skipped, they need Xvfb. To run them too: \
             sudo apt-get install xvfb, then this again."
        );
    }

    println!("\n{tally}");
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A run that was broken off while it loaded a model left the model in quarantine, and this run's tests would not get it.
fn forget_interrupted_loads(workspace: &Workspace) -> Result<()> {
    let markers = test_data(workspace).join("timbreloom").join("loading");
    match std::fs::remove_dir_all(&markers) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot clear the folder {}", markers.display()))
        }
        _ => Ok(()),
    }
}

/// What tests find in place of the user's data folder.
fn test_data(workspace: &Workspace) -> PathBuf {
    workspace.target.join("test-data")
}

/// Lets tests find this checkout's bundle, and keeps the models that the user has installed out of them.
pub(crate) fn about_this_checkout<'a>(command: &'a mut Command, workspace: &Workspace) -> &'a mut Command {
    command.env("TIMBRELOOM_BUNDLED", workspace.bundled());
    command.env("XDG_DATA_HOME", test_data(workspace))
}

fn run_cargo(command: &mut Command) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| shown(command))?;
    let output = child.stdout.take().context("cargo's output is a pipe")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("cannot read what cargo prints")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        tally += Tally::of_cargo_line(&line);
    }
    let status = child.wait().context("cannot wait for cargo")?;
    if !status.success() && tally.failed == 0 {
        eprintln!("`{}` broke off ({status})", shown(command));
        tally += Tally::BROKEN;
    }
    Ok(tally)
}

/// Runs the tests in a folder, or in its folder `tests`.
fn run_unittest(python: &Path, folder: &Path, workspace: &Workspace) -> Result<Tally> {
    let mut command = Command::new(python);
    command.args(["-u", "-m", "unittest", "discover"]).current_dir(folder);
    if folder.join("tests").is_dir() {
        command.args(["-s", "tests"]);
    }
    // A bundle has to find its own ONNX Runtime and models.
    command.env_remove(setup::runtime::VARIABLE).env_remove("TIMBRELOOM_MODELS").env("PYTHONDONTWRITEBYTECODE", "1");
    command.env(NO_TELEMETRY.0, NO_TELEMETRY.1);
    about_this_checkout(&mut command, workspace);
    let name = folder.strip_prefix(&workspace.root).unwrap_or(folder).display();
    eprintln!("\n     Running Python tests in {name}");
    let mut child = command.stderr(Stdio::piped()).spawn().with_context(|| shown(&command))?;
    let mut output = child.stderr.take().context("Python's output is a pipe")?;
    let (mut said, mut piece) = (Vec::new(), [0; 4096]);
    // Piece by piece: the dots of a line are to be seen as they come.
    loop {
        match output.read(&mut piece).context("cannot read what Python prints")? {
            0 => break,
            count => {
                eprint!("{}", String::from_utf8_lossy(&piece[..count]));
                said.extend_from_slice(&piece[..count]);
            }
        }
    }
    let status = child.wait().context("cannot wait for Python")?;
    let mut tally = Tally::of_unittest(&String::from_utf8_lossy(&said)).unwrap_or_default();
    let is_empty = tally == Tally::default();
    if is_empty || (!status.success() && tally.failed == 0) {
        eprintln!("`{}` in {name} broke off ({status})", shown(&command));
        tally += Tally::BROKEN;
    }
    Ok(tally)
}
