//! Formatting and lints.

use std::process::Command;

use anyhow::Result;

use crate::workspace::{Workspace, capture, run};

/// Fails at the first complaint.
pub(crate) fn lint(workspace: &Workspace) -> Result<()> {
    run(&mut workspace.cargo(&["fmt", "--all", "--check"]))?;
    let mut clippy = workspace.cargo(&["clippy", "--workspace", "--all-targets"]);
    // With it and not once more with it: all else is the same code.
    if can_build_standalone() {
        clippy.args(["--features", "timbreloom/standalone"]);
    } else {
        eprintln!(
            "lint: timbreloom-standalone and its tests are left out, they need the headers of ALSA and JACK. To look at them \
             too: sudo apt-get install libasound2-dev libjack-jackd2-dev pkg-config, then this again."
        );
    }
    run(clippy.args(["--", "-D", "warnings"]))
}

/// Whether there is what the standalone program is built with; elsewhere the system brings it.
fn can_build_standalone() -> bool {
    !cfg!(target_os = "linux")
        || capture(Command::new("pkg-config").args(["--exists", "alsa", "jack"]))
            .is_ok_and(|output| output.status.success())
}
