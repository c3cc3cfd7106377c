//! Where things lie in a checkout, and how commands are run in it.

use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};

/// The folders of a checkout, absolute.
pub(crate) struct Workspace {
    /// The repository.
    pub(crate) root: PathBuf,
    /// Cargo's build folder, `target` unless the user has named another.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// The checkout that this program was built from.
    pub(crate) fn find() -> Result<Self> {
        let own = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).context("run this as `cargo xtask`")?;
        let root = own.parent().context("the folder xtask lies in the repository")?.to_owned();
        // This program is TARGET/PROFILE/xtask; so any way of naming another build folder is followed.
        let program = std::env::current_exe().context("cannot tell where this program lies")?;
        let target = program.ancestors().nth(2).context("run this as `cargo xtask`")?.to_owned();
        Ok(Self { root, target })
    }

    /// Where bundles are made.
    pub(crate) fn bundled(&self) -> PathBuf {
        self.target.join("bundled")
    }

    /// The Python of the environment that `setup` makes.
    pub(crate) fn python(&self) -> PathBuf {
        let venv = self.target.join("venv");
        if cfg!(windows) { venv.join("Scripts").join("python.exe") } else { venv.join("bin").join("python") }
    }

    /// Cargo, in the repository.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // A relative CARGO_TARGET_DIR would mean another folder there.
        cargo.args(args).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        // Cargo set these for this program; passed on, they would make it build some packages again.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_BIN_NAME" {
                cargo.env_remove(name);
            }
        }
        cargo
    }
}

/// Runs a command to its end, its output shown as it comes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a command to its end and keeps what it prints.
pub(crate) fn capture(command: &mut Command) -> Result<Output> {
    command.output().with_context(|| cannot_start(command))
}

/// As [`capture`]; of a command that fails it tells what its last words complain of.
pub(crate) fn succeed(command: &mut Command, complaint: impl FnOnce(&str) -> String) -> Result<Output> {
    let output = capture(command)?;
    if !output.status.success() {
        bail!(complaint(&last_words(&output)));
    }
    Ok(output)
}

/// The last line of a failed command's words that says something.
pub(crate) fn last_words(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&both);
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty());
    last.map_or_else(|| output.status.to_string(), str::to_owned)
}

/// The command as a person types it.
pub(crate) fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    words.join(" ")
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start {}", command.get_program().to_string_lossy())
}
