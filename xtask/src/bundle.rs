//! The plugin as hosts load it: CLAP and VST3 with their resources, in `target/bundled`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::resources;
use crate::setup;
use crate::workspace::{Workspace, run};

const PACKAGE: &str = "timbreloom";

/// The feature that aborts on an allocation in `process()`; a bundle for tests has it.
pub(crate) const GUARD: &str = "timbreloom/assert_process_allocs";

/// Names features of the plugin for a bundle to play with, such as `cuda`.
pub(crate) const FEATURES: &str = "TIMBRELOOM_FEATURES";

/// How the code is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As `cargo test` does, so that nothing is built twice.
    Dev,
    /// To play with.
    Release,
}

impl Profile {
    /// Where cargo puts what it builds, within the target folder.
    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// The parts of a finished bundle.
pub(crate) struct Bundle {
    /// The CLAP: a file; on macOS a folder with its resources inside.
    pub(crate) clap: PathBuf,
    /// The VST3, a folder with its resources inside.
    pub(crate) vst3: PathBuf,
    /// The resources beside the CLAP; inside it on macOS.
    pub(crate) clap_resources: PathBuf,
}

impl Bundle {
    /// Where its parts lie in a folder.
    pub(crate) fn at(folder: &Path) -> Self {
        let clap = folder.join("Timbreloom.clap");
        let clap_resources = if cfg!(target_os = "macos") {
            clap.join("Contents").join("Resources")
        } else {
            folder.join(resources::FOLDER)
        };
        Self { clap, vst3: folder.join("Timbreloom.vst3"), clap_resources }
    }
}

/// Builds and bundles.
pub(crate) fn bundle(workspace: &Workspace, profile: Profile) -> Result<()> {
    let library = setup::for_bundle(workspace)?;
    let mut args = match profile {
        Profile::Dev => Vec::new(),
        Profile::Release => vec!["--release".to_owned()],
    };
    if let (Profile::Release, Ok(features)) = (profile, std::env::var(FEATURES))
        && !features.is_empty()
    {
        args.extend(["--features".to_owned(), features]);
    }
    let mut build = workspace.cargo(&["build", "--package", PACKAGE]);
    if profile == Profile::Dev {
        build.args(["--features", GUARD]);
    }
    run(build.args(&args))?;
    std::env::set_current_dir(&workspace.root).context("cannot go to the repository's folder")?;
    nice_plug_xtask::bundle(&workspace.target, PACKAGE, &args, false)?;

    let bundle = Bundle::at(&workspace.bundled());
    let vst3_resources = bundle.vst3.join("Contents").join("Resources");
    for folder in [&vst3_resources, &bundle.clap_resources] {
        resources::copy_to(folder, workspace, &library, &workspace.target.join(profile.folder()))?;
        eprintln!("Put ONNX Runtime, the program and the models into '{}'", folder.display());
    }
    // So that hosts need not load the library to list its plugins; a test compares it with what the library says.
    let described = workspace.root.join("src/plugin/vst3_entry/moduleinfo.json");
    resources::copy(&described, &vst3_resources.join("moduleinfo.json"))?;
    // Their seals were made before the resources came.
    if cfg!(target_os = "macos") {
        for bundle in [&bundle.clap, &bundle.vst3] {
            run(Command::new("codesign").args(["--force", "--deep", "--sign", "-"]).arg(bundle))?;
        }
    }
    Ok(())
}
