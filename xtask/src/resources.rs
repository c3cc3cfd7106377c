//! What ships beside the plugin's code: ONNX Runtime, the models, the program that examines other models, and what there is to
//! read.

use std::path::Path;

use anyhow::{Context, Result};

use crate::setup::runtime;
use crate::workspace::Workspace;

/// The folder beside a CLAP file and the program.
pub(crate) const FOLDER: &str = "timbreloom-resources";

/// What there is to read beside the manual's pages, at the same places as in the repository: the window says where.
const TO_READ: [&str; 4] = ["LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY.md", "docs/images"];

/// The program's file.
pub(crate) fn program() -> String {
    format!("timbreloom{}", std::env::consts::EXE_SUFFIX)
}

/// Empties a resources folder and fills it again.
pub(crate) fn copy_to(folder: &Path, workspace: &Workspace, library: &Path, built: &Path) -> Result<()> {
    remove(folder)?;
    copy(library, &folder.join(runtime::FILE))?;
    copy(&built.join(program()), &folder.join(program()))?;
    let models = workspace.root.join("models");
    let entries = std::fs::read_dir(&models).with_context(|| format!("cannot read {}", models.display()))?;
    for entry in entries {
        let package = entry.with_context(|| format!("cannot read {}", models.display()))?.path();
        let Some(name) = package.file_name() else { continue };
        if package.join("manifest.json").is_file() {
            copy(&package, &folder.join("models").join(name))?;
        }
    }
    for name in TO_READ {
        copy(&workspace.root.join(name), &folder.join(name))?;
    }
    let docs = workspace.root.join("docs");
    for entry in std::fs::read_dir(&docs).with_context(|| format!("cannot read {}", docs.display()))? {
        let page = entry.with_context(|| format!("cannot read {}", docs.display()))?.path();
        let name = page.file_name().filter(|_| page.extension().is_some_and(|extension| extension == "md"));
        if let Some(name) = name {
            copy(&page, &folder.join("docs").join(name))?;
        }
    }
    Ok(())
}

/// Copies a file or a folder with all that is in it; makes the folders above. Never writes into an existing file: a
/// host may have it open.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    let context = || format!("cannot copy {} to {}", from.display(), to.display());
    if from.is_dir() {
        std::fs::create_dir_all(to).with_context(context)?;
        for entry in std::fs::read_dir(from).with_context(context)? {
            let entry = entry.with_context(context)?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent).with_context(context)?;
    }
    remove(to)?;
    std::fs::copy(from, to).with_context(context)?;
    Ok(())
}

/// Removes a file or folder, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}; close the programs that use it", path.display()))
        }
        _ => Ok(()),
    }
}
