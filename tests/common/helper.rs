//! `tests/helper`: the program that does what a test needs a process of its own for.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const HOW: &str = "`cargo test` builds it with the tests, and `cargo build --example test-helper` before one of them";

/// The helper, told the name of its task; what else the task takes is added to it.
#[track_caller]
pub fn task(task: &str) -> Command {
    // Cargo tells tests where the programs are. The examples are below, and have no hash in their names.
    let folder = Path::new(env!("CARGO_BIN_EXE_timbreloom")).with_file_name("examples");
    let program = folder.join(format!("test-helper{}", std::env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "{} is not there: {HOW}", program.display());
    if let Some(source) = missed(&program) {
        panic!("{} is older than {}: {HOW}", program.display(), source.display());
    }
    let mut command = Command::new(program);
    command.arg(task);
    command
}

/// What it says, which has to end well.
#[track_caller]
pub fn succeed(task: &mut Command) -> String {
    let output = task.output().expect("the helper starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}: {said}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    said
}

/// A file that was changed after the program was built and before this test was: the one does not do what the other
/// means.
fn missed(program: &Path) -> Option<PathBuf> {
    let (built, own) = (changed(program)?, changed(&std::env::current_exe().ok()?)?);
    let list = fs::read_to_string(program.with_extension("d")).ok()?;
    // As make reads it: what is built, a colon, and all that it is built from, with a backslash before spaces.
    let (_, sources) = list.split_once(": ")?;
    let sources = sources.replace("\\ ", "\0");
    let mut sources = sources.split_whitespace().map(|source| PathBuf::from(source.replace('\0', " ")));
    sources.find(|source| changed(source).is_some_and(|at| built < at && at <= own))
}

fn changed(file: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(file).ok()?.modified().ok()
}
