//! What may be written where: nothing over what is read, and no two things to one place.

use std::path::{Path, PathBuf};

use super::Failure;

/// Refuses an output that is an input, or another output.
pub(super) fn check<'a>(
    inputs: impl IntoIterator<Item = &'a Path>,
    outputs: impl IntoIterator<Item = &'a Path>,
) -> Result<(), Failure> {
    let inputs: Vec<PathBuf> = inputs.into_iter().map(place).collect();
    let mut taken: Vec<PathBuf> = Vec::new();
    for output in outputs {
        let place = place(output);
        if inputs.contains(&place) {
            return Err(
                format!("{}: is an input, and would be lost. Give the output another name.", output.display()).into()
            );
        }
        if taken.contains(&place) {
            return Err(
                format!("{}: is to be written twice. Give each output a name of its own.", output.display()).into()
            );
        }
        taken.push(place);
    }
    Ok(())
}

/// Refuses a name that a WAV file should not have.
pub(super) fn check_wav(output: &Path) -> Result<(), Failure> {
    if output.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("wav")) {
        return Ok(());
    }
    Err(format!("{}: a WAV file is written; give it a name that ends in .wav.", output.display()).into())
}

/// Where a file is or would be, whichever way it is named.
fn place(path: &Path) -> PathBuf {
    let in_its_folder = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(in_its_folder).unwrap_or_else(|| path.to_owned())
}
