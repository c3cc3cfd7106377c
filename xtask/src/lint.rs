//! Formatting and lints.

use anyhow::Result;

use crate::workspace::{Workspace, run};

/// Fails at the first complaint.
pub(crate) fn lint(workspace: &Workspace) -> Result<()> {
    run(&mut workspace.cargo(&["fmt", "--all", "--check"]))?;
    run(&mut workspace.cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}
