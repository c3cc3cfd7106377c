//! The manual's pictures of the window, drawn by the real plugin while it plays.

use anyhow::Result;

use crate::bundle::{self, Profile};
use crate::setup;
use crate::test::about_this_checkout;
use crate::workspace::{Workspace, run};

/// Writes `docs/images`. An error where there is no Xvfb.
pub(crate) fn pictures(workspace: &Workspace) -> Result<()> {
    setup::for_everything(workspace)?;
    bundle::bundle(workspace, Profile::Dev)?;
    let mut cargo = workspace.cargo(&["test", "--test", "window", "--features", bundle::GUARD]);
    cargo.args(["--", "--ignored", "--exact", "pictures_of_every_view", "--nocapture"]);
    cargo.env("TIMBRELOOM_WINDOW_SHOTS", workspace.root.join("docs").join("images"));
    cargo.env("TIMBRELOOM_MODELS", workspace.root.join("models"));
    run(about_this_checkout(&mut cargo, workspace))
}
