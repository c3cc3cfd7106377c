//! Nothing of ours speaks to a network, or writes outside the folders that are ours or that it was told to write to: the
//! system itself is asked, by strace, what program, plugin and trainer do.
//!
//! Without strace, or where it may not look, the tests say so and pass.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;
#[path = "common/helper.rs"]
mod helper;

use std::path::{Component, Path, PathBuf};
use std::process::Command;

use common::package::{general, root, shipped};

/// What opens a connection, and what changes files.
const CALLS: &str = "trace=socket,open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,unlink,unlinkat,\
    rmdir,link,linkat,symlink,symlinkat,truncate,chmod,fchmodat,chown,lchown,fchownat,utimensat";

/// Devices, and a process's account of itself: no files.
const NO_FILES: [&str; 2] = ["/dev/", "/proc/"];

/// A user who has nothing yet.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(home.asked_for()).unwrap();
        home
    }

    /// Where the test tells them to write.
    fn asked_for(&self) -> PathBuf {
        self.folder.path().join("asked for")
    }

    /// What docs/security.md says is ours.
    fn ours(&self) -> PathBuf {
        self.folder.path().join(".local/share/timbreloom")
    }

    /// Runs the command as this user; -> what it did that it should not. `None` without a strace that may look.
    fn watch(&self, command: &Command) -> Option<Vec<String>> {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut watched = Command::new("strace");
        watched.args(["-f", "-qq", "-y", "-s", "4096", "-e", CALLS, "-o"]).arg(log.path());
        watched.arg(command.get_program()).args(command.get_args()).current_dir(self.asked_for());
        // Nothing else of the environment: ONNX Runtime keeps quiet where it believes that it is being tested.
        watched.env_clear().env("HOME", self.folder.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for ours in ["TIMBRELOOM_ORT", "TIMBRELOOM_BUNDLED"] {
            watched.envs(std::env::var_os(ours).map(|value| (ours, value)));
        }
        watched.env("TIMBRELOOM_MODELS", root().join("models")).env("PYTHONDONTWRITEBYTECODE", "1");
        watched.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let Ok(output) = watched.output() else {
            eprintln!("SKIPPED: nobody was watched: strace is not there (apt-get install strace)");
            return None;
        };
        let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if ["PTRACE_TRACEME", "PTRACE_SEIZE", "ptrace("].iter().any(|word| complained.contains(word)) {
            eprintln!("SKIPPED: nobody was watched: strace may not look at a process here ({})", complained.trim());
            return None;
        }
        assert!(output.status.success(), "{command:?}: {said}\n{complained}");
        let log = String::from_utf8_lossy(&std::fs::read(log.path()).unwrap()).into_owned();
        assert!(log.contains("openat("), "strace saw nothing:\n{log}");
        Some(log.lines().filter(|line| !self.is_right(line)).map(ToOwned::to_owned).collect())
    }

    /// Whether a call is one that we say we make.
    fn is_right(&self, line: &str) -> bool {
        let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let Some((name, arguments)) = call.split_once('(') else { return true };
        match name {
            // To processes of this computer, such as the X server.
            "socket" => arguments.starts_with("AF_UNIX"),
            "open" | "openat" | "openat2" => {
                let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_TMPFILE"];
                !writes.iter().any(|flag| arguments.contains(flag)) || self.are_ours(arguments)
            }
            _ => self.are_ours(arguments),
        }
    }

    /// Whether all paths of a call are in folders of ours, and so is the link's own place.
    fn are_ours(&self, arguments: &str) -> bool {
        let ours = [self.ours(), self.asked_for()];
        // A folder is made with those above it.
        let is_above = |path: &Path| self.ours().starts_with(path) && path.starts_with(self.folder.path());
        paths(arguments).iter().all(|path| {
            ours.iter().any(|folder| path.starts_with(folder))
                || is_above(path)
                || NO_FILES.iter().any(|folder| path.starts_with(folder))
        })
    }
}

/// The paths of a call's arguments: `AT_FDCWD</where it runs>, "relative"`, `"/absolute"`.
fn paths(arguments: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folder = PathBuf::new();
    let mut rest = arguments;
    while let Some(at) = rest.find(['<', '"']) {
        let end = if rest[at..].starts_with('<') { '>' } else { '"' };
        let Some((text, after)) = rest[at + 1..].split_once(end) else { break };
        if end == '>' {
            folder = PathBuf::from(text)
        } else {
            found.push(plain(&folder.join(text)))
        }
        rest = after;
        if rest.starts_with(") = ") {
            break;
        }
    }
    found
}

/// The path without ways back, as far as no links are on it.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

#[track_caller]
fn assert_private(home: &Home, command: &Command) {
    if let Some(wrong) = home.watch(command) {
        assert!(wrong.is_empty(), "{command:?}:\n{}", wrong.join("\n"));
    }
}

#[test]
fn who_writes_elsewhere_or_opens_a_connection_is_seen() {
    for (what, word) in [("write-elsewhere", "elsewhere"), ("speak", "AF_INET")] {
        let Some(wrong) = Home::new().watch(&helper::task(what)) else { return };
        assert!(wrong.len() == 1 && wrong[0].contains(word), "{what}: {wrong:?}");
    }
}

#[test]
fn the_program_keeps_to_itself() {
    let home = Home::new();
    let sung = root().join("tests/fixtures/sung.wav");
    let sung = sung.to_str().unwrap();
    let general = general();
    for arguments in [
        &["models"][..],
        &["check", "cello"],
        &["import", general.to_str().unwrap()],
        &["transfer", sung, "-o", "out.wav", "--plot", "out.png"],
        &["encode", sung, "-o", "path.json"],
        &["decode", "path.json", "-o", "again.wav"],
        &["describe", sung],
        &["presets"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_timbreloom"));
        command.args(arguments);
        assert_private(&home, &command);
    }
}

#[test]
fn all_plugins_keep_to_themselves() {
    for id in ["org.timbreloom.effect", "org.timbreloom.codes", "org.timbreloom.drums"] {
        assert_private(&Home::new(), helper::task("play-watched").arg(id));
    }
}

/// As far as its libraries are there: recordings are prepared without PyTorch, and measured with ONNX Runtime alone.
#[test]
fn the_trainer_keeps_to_itself() {
    let trainer = root().join("target/train-venv/bin/python");
    let named = std::env::var_os("TIMBRELOOM_PYTHON").map(PathBuf::from);
    let Some(python) = Some(trainer).filter(|path| path.exists()).or(named) else {
        eprintln!("SKIPPED: the trainer was not watched: TIMBRELOOM_PYTHON names no Python");
        return;
    };
    let home = Home::new();
    let sounds = home.asked_for().join("sounds");
    std::fs::create_dir(&sounds).unwrap();
    std::fs::copy(root().join("tests/fixtures/sung.wav"), sounds.join("sung.wav")).unwrap();
    let train = |arguments: &[&str]| {
        let mut command = Command::new(&python);
        command.args(["-m", "timbreloom_train"]).args(arguments).env("PYTHONPATH", root().join("models/training"));
        command
    };
    let has = |module: &str| {
        let mut command = Command::new(&python);
        command.args(["-c", &format!("import {module}")]).env("ORT_DISABLE_TELEMETRY", "1");
        command.output().is_ok_and(|output| output.status.success())
    };
    if !["numpy", "scipy", "soundfile"].into_iter().all(has) {
        eprintln!("SKIPPED: the trainer was not watched: {} lacks its libraries", python.display());
        return;
    }
    assert_private(&home, &train(&["prepare", "sounds", "cache.npz", "--minutes", "0.1"]));
    if has("onnxruntime") {
        let cello = shipped("cello");
        let figures = ["--limit", "1", "--json", "figures.json", "--figure", "figure.png"];
        assert_private(&home, &train(&[&["evaluate", cello.to_str().unwrap(), "sounds"], &figures[..]].concat()));
    } else {
        eprintln!("SKIPPED: measuring a package was not watched: {} lacks onnxruntime", python.display());
    }
    if has("torch") {
        assert_private(&home, &train(&["train", "cache.npz", "model.pt", "--minutes", "0.1"]));
        assert_private(&home, &train(&["export", "model.pt", "cache.npz", "package", "--name", "mine"]));
    } else {
        eprintln!("SKIPPED: training was not watched: {} lacks PyTorch", python.display());
    }
}
