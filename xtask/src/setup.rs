//! Fetches what the project needs and is not in it. Does nothing where all is there.

mod debian;
mod python;
pub(crate) mod runtime;

use std::path::PathBuf;

use anyhow::Result;

use crate::workspace::Workspace;

/// Everything: to build, to test, to draw.
pub(crate) fn for_everything(workspace: &Workspace) -> Result<()> {
    debian::install(&[debian::BUILD, debian::WINDOW, debian::WATCH, python::debian_packages()])?;
    python::install(workspace)?;
    let library = runtime::library(workspace)?;
    eprintln!("setup: all is there (ONNX Runtime: {})", library.display());
    Ok(())
}

/// Everything, and Ardour.
pub(crate) fn for_daw(workspace: &Workspace) -> Result<()> {
    debian::install(&[debian::DAW])?;
    for_everything(workspace)
}

/// Everything, and what renders songs in other hosts than the tests'.
pub(crate) fn for_renders(workspace: &Workspace, in_ardour: bool, in_dawdreamer: bool) -> Result<()> {
    if in_ardour {
        debian::install(&[debian::DAW])?;
    }
    for_everything(workspace)?;
    if in_dawdreamer {
        python::install_renderer(workspace)?;
    }
    Ok(())
}

/// What a bundle needs. Returns ONNX Runtime's library.
pub(crate) fn for_bundle(workspace: &Workspace) -> Result<PathBuf> {
    debian::install(&[debian::BUILD])?;
    runtime::library(workspace)
}
