//! The manual's pictures: the windows, drawn by the real plugins while they play, and the analyses of a codebook.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::bundle::{self, Profile};
use crate::resources;
use crate::setup;
use crate::test::about_this_checkout;
use crate::workspace::{Workspace, run};

/// The arguments of each analysis that `docs/codes.md` shows, but for its picture's path, which is the last one.
const ANALYSES: [(&str, &[&str]); 3] = [
    ("codebook.png", &["codebook", "horn-codes", "-d", "centroid", "--plot"]),
    ("traverse.png", &["traverse", "horn-codes", "-d", "fundamental", "-o", "traverse.wav", "--plot"]),
    (
        "target.png",
        &["target", "horn-codes", "-g", "centroid=sine", "--cycles", "3", "--note", "C4", "-o", "target.wav", "--plot"],
    ),
];

/// Writes `docs/images`. An error where there is no Xvfb.
pub(crate) fn pictures(workspace: &Workspace) -> Result<()> {
    let folder = workspace.root.join("docs").join("images");
    setup::for_everything(workspace)?;
    bundle::bundle(workspace, Profile::Dev)?;
    analyses(workspace, &folder)?;
    // A test that is run by itself does not have it built.
    run(&mut workspace.cargo(&["build", "--example", "test-helper", "--features", bundle::GUARD]))?;
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

/// Draws them as a user does, with the program that was just built; their sounds go into the build folder.
fn analyses(workspace: &Workspace, folder: &Path) -> Result<()> {
    let sounds = workspace.target.join("tmp");
    std::fs::create_dir_all(&sounds).with_context(|| format!("cannot make {}", sounds.display()))?;
    let program = workspace.target.join("debug").join(resources::program());
    let library = setup::runtime::library(workspace)?;
    for (picture, args) in ANALYSES {
        let mut analysis = Command::new(&program);
        analysis.args(args).arg(folder.join(picture)).current_dir(&sounds);
        analysis.env(setup::runtime::VARIABLE, &library).env("TIMBRELOOM_MODELS", workspace.root.join("models"));
        run(&mut analysis)?;
    }
    Ok(())
}
