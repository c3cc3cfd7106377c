//! Hostile inputs by the hundred thousand: starts `tests/fuzz/program.rs` in processes with limits, guided by what the
//! library's code says it has reached, and gathers what broke.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::bundle;
use crate::resources;
use crate::setup;
use crate::test::about_this_checkout;
use crate::workspace::{Workspace, shown};

/// What is attacked, and its share of the time.
const TARGETS: [(&str, u32); 17] = [
    ("manifest", 3),
    ("graph", 6),
    ("archive", 3),
    ("state", 3),
    ("codes-state", 2),
    ("drums-state", 2),
    ("preset", 2),
    ("path", 2),
    ("npz", 2),
    ("chain", 1),
    ("path-set", 2),
    ("osc", 1),
    ("csv", 1),
    ("audio", 3),
    ("events", 3),
    ("codes-events", 3),
    ("drums-events", 3),
];

const DEFAULT_MINUTES: f64 = 5.0;

/// See `tests/fuzz/runner.rs`.
const ORDERS: &str = "TIMBRELOOM_FUZZ";

/// Set for cargo, this program stands in for rustc and has the project's own code count what is reached.
pub(crate) const AS_RUSTC: &str = "TIMBRELOOM_XTASK_AS_RUSTC";

/// The crates that count.
const COUNTED: [&str; 2] = ["timbreloom", "fuzz_runner"];

/// How often a target whose process ends is started again.
const MOST_STARTS: usize = 40;

/// A process that still runs so long after its time does not end by itself.
const GRACE: Duration = Duration::from_secs(60);

/// What a target's processes did together.
#[derive(Default)]
struct Outcome {
    cases: u64,
    seconds: f64,
    pool: u64,
    reached: u64,
    findings: Vec<String>,
    caught: Vec<String>,
    contained: Vec<String>,
}

/// Runs for so many minutes on all cores; prints a table, and what was found.
pub(crate) fn fuzz(workspace: &Workspace, args: &[&str]) -> Result<ExitCode> {
    let (mut minutes, mut only) = (DEFAULT_MINUTES, None);
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} takes a value"))?;
        match *word {
            "--minutes" => {
                minutes = value.parse().ok().filter(|n| *n > 0.0).context("--minutes takes a number above 0")?;
            }
            "--target" if TARGETS.iter().any(|(name, _)| name == value) => only = Some(*value),
            "--target" => bail!("--target takes one of: {}", TARGETS.map(|(name, _)| name).join(", ")),
            _ => bail!("fuzz takes --minutes N and --target NAME"),
        }
    }
    setup::for_everything(workspace)?;
    let runner = build(workspace)?;
    let folder = workspace.target.join("fuzz");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;

    let chosen: Vec<(&str, u32)> =
        TARGETS.into_iter().filter(|(name, _)| only.is_none_or(|only| only == *name)).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(chosen.len());
    let shares: u32 = chosen.iter().map(|(_, share)| share).sum();
    let all = Duration::from_secs_f64(minutes * 60.0 * threads as f64);
    let jobs = Mutex::new(VecDeque::from(chosen));
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((name, share)) = jobs.lock().ok().and_then(|mut jobs| jobs.pop_front()) {
                    let outcome = attack(workspace, &runner, &folder, name, all * share / shares);
                    if let Ok(mut outcomes) = outcomes.lock() {
                        outcomes.push((name, outcome));
                    }
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap_or_default();
    tell(outcomes, &folder)
}

/// Prints the table; -> whether anything was found.
fn tell(outcomes: Vec<(&str, Result<Outcome>)>, folder: &Path) -> Result<ExitCode> {
    println!("\n{:14} {:>9} {:>8} {:>8} {:>8} {:>9}", "target", "cases", "seconds", "kept", "reached", "findings");
    let (mut cases, mut found) = (0, Vec::new());
    for (name, outcome) in outcomes {
        let outcome = outcome.with_context(|| format!("the target {name} could not be tried"))?;
        println!(
            "{name:14} {:9} {:8.0} {:8} {:8} {:9}",
            outcome.cases,
            outcome.seconds,
            outcome.pool,
            outcome.reached,
            outcome.findings.len()
        );
        cases += outcome.cases;
        found.extend(outcome.findings);
        for what in outcome.contained {
            println!("{:14} contained by the examination: {what}", "");
        }
        for place in outcome.caught {
            println!("{:14} a panic in another thread, which was caught: {place}", "");
        }
    }
    println!("{cases} cases");
    for finding in &found {
        println!("FOUND {finding}");
    }
    if found.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "\nThe cases lie in {}. One that was mended belongs into tests/fixtures/fuzz.",
        folder.join("findings").display()
    );
    Ok(ExitCode::FAILURE)
}

/// The target whose cases are programs for ONNX Runtime. What ends its process is told and no fault of ours: unknown packages are
/// examined in a process of their own (`src/model/examiner.rs`), which such a graph ends in the same way.
const CONTAINED: &str = "graph";

/// Runs a target's processes one after the other until its time is over; one that ends early has found something.
fn attack(workspace: &Workspace, runner: &Path, folder: &Path, name: &str, time: Duration) -> Result<Outcome> {
    let began = Instant::now();
    let mut outcome = Outcome::default();
    // Thousands of files a second are for memory, not for a disk.
    let memory = Path::new("/dev/shm");
    let scratch = if memory.is_dir() { memory.join(format!("timbreloom-fuzz-{name}")) } else { folder.join(name) };
    resources::remove(&scratch)?;
    fs::create_dir_all(&scratch).with_context(|| format!("cannot make {}", scratch.display()))?;
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
    for start in 0..MOST_STARTS {
        let left = time.saturating_sub(began.elapsed());
        if left.is_zero() {
            break;
        }
        let log = folder.join(format!("log-{name}"));
        let file = fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let seed = seed.wrapping_add(start as u64);
        let mut command = Command::new(runner);
        command.current_dir(&workspace.root);
        command.env(ORDERS, format!("{name} {} {seed} {}", left.as_secs_f64(), folder.display()));
        command.env(setup::runtime::VARIABLE, setup::runtime::library(workspace)?);
        command.env("TIMBRELOOM_MODELS", workspace.root.join("models"));
        // A process that was ended by a case has left its model in quarantine, and the next one would not get it.
        let data = folder.join(format!("data-{name}"));
        resources::remove(&data)?;
        about_this_checkout(&mut command, workspace).env("XDG_DATA_HOME", data);
        command.env("TMPDIR", &scratch);
        // Nobody wants the counts as a file.
        command.env("LLVM_PROFILE_FILE", "/dev/null");
        command.stderr(file.try_clone().context("cannot share a file")?).stdout(file);
        let mut child = command.spawn().with_context(|| shown(&command))?;
        let deadline = Instant::now() + left + GRACE;
        let status = loop {
            match child.try_wait().context("cannot wait for the runner")? {
                Some(status) => break Some(status),
                None if Instant::now() > deadline => {
                    child.kill().context("cannot end the runner")?;
                    child.wait().context("cannot wait for the runner")?;
                    break None;
                }
                None => std::thread::sleep(Duration::from_millis(100)),
            }
        };
        let said = String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()).into_owned();
        let is_done = outcome.take(&said);
        if !is_done {
            outcome.seconds += (time - left).as_secs_f64();
            let case = fs::read(scratch.join(format!("current-{name}"))).unwrap_or_default();
            let kept = folder.join("findings").join(format!("{name}-ended-{seed}"));
            fs::create_dir_all(folder.join("findings")).context("cannot make the folder for findings")?;
            fs::write(&kept, case).with_context(|| format!("cannot write {}", kept.display()))?;
            let words = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("without a word").to_owned();
            let how = status.map_or_else(|| "did not end".into(), |status| status.to_string());
            let what = format!("{name} {name}-ended-{seed}: the process {how}: {words}");
            if name == CONTAINED { outcome.contained.push(what) } else { outcome.findings.push(what) }
        }
    }
    outcome.findings.sort();
    resources::remove(&scratch)?;
    Ok(outcome)
}

impl Outcome {
    /// Takes up what a runner has printed; -> whether it came to its end.
    fn take(&mut self, said: &str) -> bool {
        let mut is_done = false;
        for line in said.lines() {
            if let Some(finding) = line.strip_prefix("FINDING ") {
                self.findings.push(finding.to_owned());
            } else if let Some(place) = line.strip_prefix("CAUGHT ") {
                self.caught.push(place.to_owned());
            } else if let Some(counts) = line.strip_prefix("DONE ") {
                let numbers: Vec<f64> = counts.split(' ').skip(1).filter_map(|word| word.parse().ok()).collect();
                if let [cases, seconds, pool, reached] = numbers[..] {
                    self.cases += cases as u64;
                    self.seconds += seconds;
                    (self.pool, self.reached) = (pool as u64, reached as u64);
                    is_done = true;
                }
            } else if let Some(cases) = line.strip_prefix("SO FAR ") {
                self.cases += cases.parse::<u64>().unwrap_or(0);
            }
        }
        is_done
    }
}

/// Builds the runner, its code counting; -> its path.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo =
        workspace.cargo(&["test", "--workspace", "--test", "fuzz-runner", "--no-run", "--features", bundle::GUARD]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    let own = std::env::current_exe().context("cannot tell where this program lies")?;
    cargo.env("RUSTC_WORKSPACE_WRAPPER", own).env(AS_RUSTC, "1");
    let output = cargo.stderr(std::process::Stdio::inherit()).output().with_context(|| shown(&cargo))?;
    if !output.status.success() {
        bail!("`{}` failed", shown(&cargo));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let found = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
        let is_it = message["target"]["name"] == "fuzz-runner" && message["profile"]["test"] == true;
        is_it.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
    });
    found.context("cargo does not say where the runner is")
}

/// What cargo calls in rustc's place: the same, counting in the project's own crates.
pub(crate) fn as_rustc(args: &[String]) -> Result<ExitCode> {
    let (rustc, args) = args.split_first().context("cargo names rustc first")?;
    let mut command = Command::new(rustc);
    command.args(args);
    let name = args.iter().position(|arg| arg == "--crate-name").and_then(|at| args.get(at + 1));
    if name.is_some_and(|name| COUNTED.contains(&name.as_str())) {
        command.args(["-C", "instrument-coverage", "--cfg", "fuzz_coverage"]);
    }
    let status = command.status().with_context(|| shown(&command))?;
    Ok(ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_runner_prints_is_counted() {
        let mut outcome = Outcome::default();
        let said = "FINDING csv csv-01 src/a.rs:7: too long\nCAUGHT csv src/b.rs:9\nDONE csv 1234 60 17 4321\n";
        assert!(outcome.take(said));
        assert_eq!((outcome.cases, outcome.pool, outcome.reached), (1234, 17, 4321));
        assert_eq!(outcome.findings, ["csv csv-01 src/a.rs:7: too long"]);
        assert_eq!(outcome.caught, ["csv src/b.rs:9"]);
    }

    #[test]
    fn a_runner_that_ended_early_is_not_done_and_its_cases_count() {
        let mut outcome = Outcome::default();
        assert!(!outcome.take("SO FAR 1000\nSO FAR 1000\nmemory allocation of 9 bytes failed\n"));
        assert_eq!(outcome.cases, 2000);
    }
}
