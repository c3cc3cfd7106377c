//! Python: the one of the system, and the project's own environment in `target/venv`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::debian;
use crate::workspace::{Workspace, capture, succeed};

/// Names another Python than the first one in the path.
const PYTHON_VARIABLE: &str = "TIMBRELOOM_PYTHON";

/// The oldest that the pinned packages run on.
const OLDEST: (u32, u32) = (3, 11);

/// Fills `target/venv` with the packages of `xtask/requirements.txt`, unless they are there.
pub(super) fn install(workspace: &Workspace) -> Result<()> {
    let list = workspace.root.join("xtask").join("requirements.txt");
    let text = std::fs::read(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let stamp = workspace.target.join("venv").join("requirements.sha256");
    let wanted = format!("{:x}", Sha256::digest(&text));
    let is_filled = std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted);
    if is_filled && is_alive(&workspace.python()) {
        return Ok(());
    }
    make(workspace)?;
    eprintln!("setup: installing Python packages into {}", workspace.target.join("venv").display());
    let mut pip = pip(workspace);
    // Nothing but the very files that the list names by hash, and no build, whose tools nobody has named.
    pip.args(["install", "--quiet", "--require-hashes", "--only-binary=:all:", "--requirement"]).arg(&list);
    succeed(&mut pip, |words| {
        format!(
            "pip could not install the Python packages ({words}). Check the network and run `cargo xtask setup` again."
        )
    })?;
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Puts DawDreamer into `target/venv`, unless it is there: only the comparison of hosts needs its 40 MB.
pub(super) fn install_renderer(workspace: &Workspace) -> Result<()> {
    let is_there = capture(Command::new(workspace.python()).args(["-c", "import dawdreamer"]));
    if is_there.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    eprintln!("setup: installing DawDreamer into {}", workspace.target.join("venv").display());
    let mut pip = pip(workspace);
    // What it needs itself is there: numpy.
    pip.args(["install", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", "--requirement"]);
    succeed(pip.arg(workspace.root.join("xtask").join("requirements-renders.txt")), |words| {
        format!(
            "pip could not install DawDreamer ({words}). It exists for 64-bit Linux and the Pythons that the list names; try \
             the other hosts with --host."
        )
    })?;
    Ok(())
}

/// pip of the environment, which is made if it is not there.
pub(super) fn ready_pip(workspace: &Workspace) -> Result<Command> {
    if !is_alive(&workspace.python()) {
        make(workspace)?;
    }
    Ok(pip(workspace))
}

fn pip(workspace: &Workspace) -> Command {
    let mut pip = Command::new(workspace.python());
    pip.args(["-m", "pip", "--disable-pip-version-check", "--no-input"]).current_dir(&workspace.root);
    pip
}

/// Whether an environment's Python still runs: the one it was made from may be gone.
fn is_alive(python: &Path) -> bool {
    python.exists() && capture(Command::new(python).args(["-c", "import pip"])).is_ok_and(|o| o.status.success())
}

/// Makes an empty environment in `target/venv`.
fn make(workspace: &Workspace) -> Result<()> {
    let python = find()?;
    let venv = workspace.target.join("venv");
    eprintln!("setup: making a Python environment in {}", venv.display());
    succeed(Command::new(&python).args(["-m", "venv", "--clear"]).arg(&venv), |words| {
        format!("{} could not make an environment in {} ({words})", python.display(), venv.display())
    })?;
    Ok(())
}

/// A Python that is new enough and can make environments. Debian's packages for it are installed where they lack.
fn find() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(PYTHON_VARIABLE).filter(|path| !path.is_empty()) {
        let named = PathBuf::from(named);
        if !is_usable(&named) {
            let ((major, minor), named) = (OLDEST, named.display());
            bail!("{PYTHON_VARIABLE}={named}: is no Python {major}.{minor} or newer with the module venv");
        }
        return Ok(named);
    }
    debian::install(&[debian_packages()])?;
    if let Some(python) = usable() {
        return Ok(python);
    }
    let (major, minor) = OLDEST;
    bail!(
        "Python {major}.{minor} or newer with its module venv was not found; it fetches ONNX Runtime and runs the \
         tests. Install it (python.org, Homebrew, or your system's packages), or name it in {PYTHON_VARIABLE}. Only \
         to bundle the plugin, name an ONNX Runtime library in {} instead.",
        super::runtime::VARIABLE
    )
}

/// The system packages that bring a usable Python; none where there is one already.
pub(super) fn debian_packages() -> &'static [&'static str] {
    let is_named = std::env::var_os(PYTHON_VARIABLE).is_some_and(|path| !path.is_empty());
    if is_named || usable().is_some() || !debian::is_debian() { &[] } else { &["python3", "python3-venv"] }
}

/// The first usable Python of the path.
fn usable() -> Option<PathBuf> {
    ["python3", "python"].into_iter().map(PathBuf::from).find(|python| is_usable(python))
}

/// Whether a Python runs, is new enough and can make environments. Debian's has no `ensurepip` without `python3-venv`.
fn is_usable(python: &Path) -> bool {
    let (major, minor) = OLDEST;
    let question = format!(
        "import sys, importlib.util as u; sys.exit(sys.version_info < ({major}, {minor}) or \
         any(u.find_spec(m) is None for m in ('venv', 'ensurepip')))"
    );
    capture(Command::new(python).args(["-c", &question])).is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    const WANTED: &str = include_str!("../../requirements.in");
    const LIST: &str = include_str!("../../requirements.txt");

    /// The pinned packages of a list, without what follows their version.
    fn pins(text: &str) -> Vec<&str> {
        let lines = text.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_alphanumeric()));
        lines.filter_map(|line| line.split([' ', ';']).next()).collect()
    }

    #[test]
    fn every_python_package_is_pinned_to_a_version_and_to_hashes() {
        let mut hashes: BTreeMap<&str, usize> = BTreeMap::new();
        let mut package = "";
        for line in LIST.lines() {
            match line.trim().strip_prefix("--hash=sha256:") {
                Some(hash) => {
                    let digits = hash.trim_end_matches([' ', '\\']);
                    assert!(digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{package}: {line}");
                    *hashes.entry(package).or_default() += 1;
                }
                None => package = pins(line).first().copied().unwrap_or(package),
            }
        }
        for pin in pins(LIST) {
            assert!(pin.contains("==") && hashes.get(pin).is_some_and(|count| *count > 0), "{pin} has no hash");
        }
        for pin in pins(WANTED) {
            assert!(pins(LIST).contains(&pin), "requirements.txt lacks {pin}: make it again, as its head says");
        }
        // What they need themselves is in the list too.
        assert!(pins(LIST).len() > pins(WANTED).len());
    }
}
