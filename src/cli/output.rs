//! What may be written where.

use std::path::Path;

use super::Failure;

/// Refuses a name that a WAV file should not have, and the very file that is read.
pub(super) fn check_wav(output: &Path, input: Option<&Path>) -> Result<(), Failure> {
    let is_wav = output.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("wav"));
    if !is_wav {
        return Err(format!("{}: a WAV file is written; give it a name that ends in .wav.", output.display()).into());
    }
    // What is not there yet cannot be the input.
    let same = |input: &Path| Some(input.canonicalize().ok()? == output.canonicalize().ok()?);
    if input.and_then(same) == Some(true) {
        return Err(
            format!("{}: is the input, and would be lost. Give the output another name.", output.display()).into()
        );
    }
    Ok(())
}
