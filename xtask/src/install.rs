//! Copies the bundle to the user's plugin folders.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::bundle::{self, Bundle, Profile};
use crate::resources;
use crate::workspace::Workspace;

/// Bundles for release and installs.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    bundle::bundle(workspace, Profile::Release)?;
    let made = Bundle::at(&workspace.bundled());
    let (vst3_folder, clap_folder) = folders()?;
    let (vst3, clap) = (Bundle::at(&vst3_folder), Bundle::at(&clap_folder));
    let mut copies = vec![(&made.vst3, &vst3.vst3), (&made.clap, &clap.clap)];
    if !made.clap_resources.starts_with(&made.clap) {
        copies.push((&made.clap_resources, &clap.clap_resources));
    }
    eprintln!();
    for (from, to) in copies {
        resources::remove(to)?;
        resources::copy(from, to)?;
        eprintln!("Installed '{}'", to.display());
    }
    eprintln!("Let your DAW look for new plugins; it will list “Timbreloom” among the effects.");
    Ok(())
}

/// The user's folders for VST3 and CLAP, as those formats prescribe them.
fn folders() -> Result<(PathBuf, PathBuf)> {
    if cfg!(windows) {
        let local = std::env::var_os("LOCALAPPDATA").context("LOCALAPPDATA is not set: where are your plugins?")?;
        let common = PathBuf::from(local).join("Programs").join("Common");
        return Ok((common.join("VST3"), common.join("CLAP")));
    }
    let home = PathBuf::from(std::env::var_os("HOME").context("HOME is not set: where are your plugins?")?);
    if cfg!(target_os = "macos") {
        let plugins = home.join("Library").join("Audio").join("Plug-Ins");
        return Ok((plugins.join("VST3"), plugins.join("CLAP")));
    }
    Ok((home.join(".vst3"), home.join(".clap")))
}
