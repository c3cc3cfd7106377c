//! The manual's pictures of the window, drawn by the real plugin while it plays.

use std::process::Command;

use anyhow::Result;

use crate::bundle::{self, Profile};
use crate::resources;
use crate::setup;
use crate::test::about_this_checkout;
use crate::workspace::{Workspace, run};

/// Writes `docs/images`. An error where there is no Xvfb.
pub(crate) fn pictures(workspace: &Workspace) -> Result<()> {
    let folder = workspace.root.join("docs").join("images");
    setup::for_everything(workspace)?;
    bundle::bundle(workspace, Profile::Dev)?;
    let mut cargo = workspace.cargo(&["test", "--test", "window", "--features", bundle::GUARD]);
    cargo.args(["--", "--ignored", "--exact", "pictures_of_every_view", "--nocapture"]);
    cargo.env("TIMBRELOOM_WINDOW_SHOTS", &folder);
    cargo.env("TIMBRELOOM_MODELS", workspace.root.join("models"));
    // What the tests or the user have installed is not in the manual.
    let nobodys = workspace.target.join("nobody");
    resources::remove(&nobodys)?;
    run(about_this_checkout(&mut cargo, workspace).env("XDG_DATA_HOME", nobodys))?;
    let lighten = workspace.root.join("xtask").join("pictures").join("lighten.py");
    run(Command::new(workspace.python()).arg(lighten).arg(folder))
}
