//! The process of its own: how it is started, limited and asked, and what it does.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::Finding;
use super::ledger::EDITION;
use crate::model::kinds;
use crate::model::provider::{Provider, ProviderChoice};
use crate::model::quarantine;
use crate::model::runtime;

mod limits;

/// The program's first argument that makes it an examiner.
pub const WORD: &str = "examine-apart";

/// Seconds of processor time that an examination may take; see [`DEFAULT_SECONDS`].
pub const SECONDS_VARIABLE: &str = "TIMBRELOOM_EXAMINATION_S";

/// A healthy package takes 1 to 4 s on the computers this was made on.
const DEFAULT_SECONDS: u64 = 20;

/// So many times as long by the clock: other programs may want the processor too. What it ends is no fault of the package.
const CLOCK_FACTOR: u64 = 10;

/// Room in memory: two graphs of 256 MiB, each some times in it while it is loaded.
const MEMORY_BYTES: u64 = 3 << 30;

/// More than any answer.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

#[cfg(windows)]
const PROGRAM: &str = "timbreloom.exe";
#[cfg(not(windows))]
const PROGRAM: &str = "timbreloom";

/// The first line that an examiner says whose answers this version reads: what else is named `timbreloom` says something else.
fn greeting() -> String {
    format!("timbreloom {} examines, edition {EDITION}", env!("CARGO_PKG_VERSION"))
}

fn seconds() -> u64 {
    let asked = std::env::var(SECONDS_VARIABLE).ok().and_then(|text| text.parse().ok());
    asked.filter(|seconds| (1..=3600).contains(seconds)).unwrap_or(DEFAULT_SECONDS)
}

/// Where the program may be, by whole paths: this very one, what ships with the plugin, or a checkout's.
fn programs() -> Vec<PathBuf> {
    let is_program = |path: &PathBuf| path.file_stem().is_some_and(|name| name == "timbreloom");
    let own = std::env::current_exe().ok().filter(is_program);
    let mut programs: Vec<PathBuf> = own.into_iter().collect();
    for folder in runtime::resource_folders() {
        programs.push(folder.join(PROGRAM));
        if let Some(target) = folder.parent().filter(|_| folder.ends_with("target/onnxruntime")) {
            programs.push(target.join(if cfg!(debug_assertions) { "debug" } else { "release" }).join(PROGRAM));
        }
    }
    programs.retain(|path| path.is_absolute() && path.is_file());
    programs
}

/// Has the package examined in a process of its own; `None` where there is no program for it. Blocks for seconds.
pub(super) fn ask(folder: &Path, choice: &ProviderChoice) -> Option<Finding> {
    // Its own current folder is another one.
    let folder = std::path::absolute(folder).ok()?;
    programs().into_iter().find_map(|program| ask_program(&program, &folder, choice))
}

fn ask_program(program: &Path, folder: &Path, choice: &ProviderChoice) -> Option<Finding> {
    let mut command = Command::new(program);
    command.arg(WORD).arg(folder).arg(String::from(choice.clone())).arg(seconds().to_string());
    if let Ok(library) = runtime::library() {
        command.env(runtime::RUNTIME_VARIABLE, library);
    }
    // Whatever is named without a path is looked for where nothing of a project lies.
    command.current_dir(program.parent()?);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    limits::prepare(&mut command);
    let mut child = command.spawn().ok()?;
    let (answer, ended) = listen(&mut child, Duration::from_secs(seconds() * CLOCK_FACTOR));
    let said = String::from_utf8_lossy(&answer);
    let mut lines = said.lines();
    if lines.next() != Some(&greeting()) {
        return None;
    }
    let finding = lines.next_back().and_then(|line| serde_json::from_str(line).ok());
    Some(finding.unwrap_or_else(|| last_words(folder, &ended)))
}

/// How an examiner's life ended.
enum Ended {
    /// By itself; `None` where the host has the system hide it.
    With(Option<ExitStatus>),
    /// It was stopped when the time was up.
    Stopped,
}

/// What the child says until it ends or the time is up.
fn listen(child: &mut Child, limit: Duration) -> (Vec<u8>, Ended) {
    let Some(output) = child.stdout.take() else { return (Vec::new(), Ended::Stopped) };
    let (sender, receiver) = sync_channel(1);
    let read = move || {
        let mut said = Vec::new();
        let _ = output.take(MAX_ANSWER_BYTES).read_to_end(&mut said);
        let _ = sender.send(said);
    };
    let reader = std::thread::Builder::new().name("timbreloom-reader".into()).spawn(read);
    let said = match reader {
        Ok(_) => receiver.recv_timeout(limit),
        Err(_) => Err(RecvTimeoutError::Disconnected),
    };
    match said {
        Ok(said) => (said, Ended::With(child.wait().ok())),
        Err(_) => {
            let _ = child.kill();
            let _ = child.wait();
            // What it had said comes at once now.
            (receiver.recv_timeout(Duration::from_secs(1)).unwrap_or_default(), Ended::Stopped)
        }
    }
}

/// Of an examination that gave no answer.
fn last_words(folder: &Path, ended: &Ended) -> Finding {
    let folder = folder.display();
    let again = "Nothing is held against the model. Try it again, with fewer other programs open.";
    let Ended::With(status) = ended else {
        return Finding::BrokenOff(format!(
            "{folder}: the examination was not done after {} s, since other programs kept the processor busy. {again}",
            seconds() * CLOCK_FACTOR
        ));
    };
    let Some(status) = status else {
        return Finding::BrokenOff(format!(
            "{folder}: the examination ended without an answer, and it is not known why. {again}"
        ));
    };
    match limits::cause_of(*status) {
        Cause::TimeIsUp => Finding::Unfit(format!(
            "{folder}: the model was not done after {} s of processor time, where others take 1 to 4: it may never end. \
             Ask its maker for a new copy. (A very slow computer may be given more: {SECONDS_VARIABLE}=60.)",
            seconds()
        )),
        Cause::Outside => Finding::BrokenOff(format!(
            "{folder}: the examination was ended from outside ({status}), by somebody or because the computer ran out of \
             memory. {again}"
        )),
        Cause::Itself => Finding::Unfit(format!(
            "{folder}: the model ended the process in which it was examined ({status}); it would have ended the host. \
             Ask its maker for a new copy."
        )),
    }
}

/// What ended an examiner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// Its limit of processor time.
    TimeIsUp,
    /// The user, or the system for reasons of its own.
    Outside,
    /// A crash, its limit of memory, or an end that only looks well: an examiner ends with an answer, unless what it runs
    /// ends it.
    Itself,
}

/// What an examiner is asked, if these are an examiner's arguments.
fn asked(mut arguments: impl Iterator<Item = OsString>) -> Option<(PathBuf, ProviderChoice, u64)> {
    arguments.next()?;
    if arguments.next()? != WORD {
        return None;
    }
    let folder = PathBuf::from(arguments.next()?);
    let choice = ProviderChoice::from(arguments.next()?.to_str()?.to_owned());
    let seconds = arguments.next()?.to_str()?.parse().ok()?;
    Some((folder, choice, seconds))
}

/// Examines and answers on stdout, if the arguments ask for it; -> whether they do. For the program alone.
pub fn serve() -> bool {
    let Some((folder, choice, seconds)) = asked(std::env::args_os()) else { return false };
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{}", greeting()).and_then(|()| out.flush());
    let is_on_cpu = matches!(choice, ProviderChoice::Only(Provider::Cpu)) || ProviderChoice::offered().len() == 2;
    // A card's driver reserves more addresses than any computer has memory.
    quarantine::leave_no_markers();
    limits::set(seconds, is_on_cpu.then_some(MEMORY_BYTES));
    let answer = answer_for(&folder, &choice);
    let _ = writeln!(out, "{answer}").and_then(|()| out.flush());
    // Without tidying up: what a broken graph left behind may break or hang in that, and the verdict stands.
    limits::leave()
}

/// An examiner's answer about the package in `folder`, examined in this process, as a line of JSON. Blocks for seconds.
pub fn answer_for(folder: &Path, choice: &ProviderChoice) -> String {
    serde_json::to_string(&Finding::of(kinds::examine(folder, choice))).unwrap_or_default()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn only_what_the_package_does_by_itself_is_held_against_it() {
        let of_signal = |signal| Ended::With(Some(ExitStatus::from_raw(signal)));
        let is_unfit = |ended: &Ended| matches!(last_words(Path::new("/package"), ended), Finding::Unfit(_));
        for signal in [libc::SIGXCPU, libc::SIGSEGV, libc::SIGABRT, libc::SIGFPE, libc::SIGILL, libc::SIGBUS] {
            assert!(is_unfit(&of_signal(signal)), "{signal}");
        }
        for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT] {
            assert!(!is_unfit(&of_signal(signal)), "{signal}");
        }
        assert!(is_unfit(&Ended::With(Some(ExitStatus::from_raw(101 << 8)))), "a panic");
        assert!(!is_unfit(&Ended::Stopped) && !is_unfit(&Ended::With(None)));
        assert!(is_unfit(&Ended::With(Some(ExitStatus::from_raw(0)))), "without an answer");
    }

    /// A program that says this and ends well.
    fn program_that_says(folder: &Path, words: &[&str]) -> PathBuf {
        let (text, program) = (folder.join("text"), folder.join(PROGRAM));
        let lines: String = words.iter().map(|words| format!("echo '{words}'\n")).collect();
        std::fs::write(&text, format!("#!/bin/sh\n{lines}")).expect("writable");
        // Not written here: a process that another test starts meanwhile would hold it open, and no one could start it.
        let copy = r#"cp "$1" "$2" && chmod +x "$2""#;
        let copied = Command::new("sh").args(["-c", copy, "sh"]).args([&text, &program]).status().expect("a shell");
        assert!(copied.success());
        program
    }

    #[test]
    fn a_package_that_ends_its_examiner_well_and_without_an_answer_is_unfit() {
        let folder = tempfile::tempdir().expect("a folder");
        let ask = |words: &[&str]| {
            let program = program_that_says(folder.path(), words);
            ask_program(&program, Path::new("/package"), &ProviderChoice::CPU)
        };
        let (hello, answer) = (greeting(), r#"{"unfit":"It would hurt."}"#);
        for words in [&[hello.as_str()][..], &[hello.as_str(), "no answer"][..]] {
            let found = ask(words);
            assert!(matches!(&found, Some(Finding::Unfit(text)) if text.contains("exit status: 0")), "{found:?}");
        }
        let found = ask(&[hello.as_str(), answer]);
        assert!(matches!(&found, Some(Finding::Unfit(text)) if text == "It would hurt."), "{found:?}");
        // Another version may answer in other words, so it is not asked.
        let other = hello.replace(&format!("edition {EDITION}"), "edition 1");
        assert!(other != hello && ask(&[other.as_str(), answer]).is_none());
    }
}
