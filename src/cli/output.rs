//! What may be written where: nothing over what is read, no two things to one place, and nothing that could not be
//! finished. Everything is found out before the work begins.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Failure, Outcome, shown};
use crate::offline::STANDARD;
use crate::offline::audio_file::ReadReport;
use crate::offline::output_file::{self, is_standard};

/// Which input gives which output: one file, or a folder for several inputs, in which they keep their names and get this
/// ending. A folder that is not there is made when there are several inputs.
pub(super) fn pair(inputs: &[PathBuf], output: &Path, ending: &str) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
    let text = output.as_os_str().to_string_lossy();
    let is_folder = output.is_dir() || text.ends_with(std::path::is_separator);
    if let ([input], false) = (inputs, is_folder) {
        return Ok(vec![(input.clone(), output.to_owned())]);
    }
    if is_standard(output) || (output.exists() && !output.is_dir()) {
        let text = "there are several inputs, and this is no folder; give the name of a folder for what they become";
        return Err(format!("{}: {text}.", output.display()).into());
    }
    let named = |input: &PathBuf| {
        let stem = if input == Path::new(STANDARD) { Some("standard-input".as_ref()) } else { input.file_stem() };
        let mut name = stem.ok_or_else(|| format!("{}: is no file.", input.display()))?.to_owned();
        name.push(ending);
        Ok((input.clone(), output.join(name)))
    };
    let pairs = inputs.iter().map(named).collect::<Result<Vec<_>, String>>()?;
    for (index, (input, output)) in pairs.iter().enumerate() {
        if let Some((other, _)) = pairs[..index].iter().find(|(_, taken)| taken == output) {
            return Err(format!(
                "{} and {} would both become {}; rename one, or play them into different folders.",
                other.display(),
                input.display(),
                output.display()
            )
            .into());
        }
    }
    if !output.exists() {
        std::fs::create_dir(output).map_err(|error| format!("{}: cannot be made: {error}.", output.display()))?;
    }
    Ok(pairs)
}

/// Does each in turn, and goes on behind one that fails; what is told of several is told of each. One that fails alone is
/// an error.
pub(super) fn for_each(
    pairs: &[(PathBuf, PathBuf)],
    mut work: impl FnMut(&Path, &Path) -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    if let [(input, output)] = pairs {
        return work(input, output);
    }
    let (mut lines, mut files) = (Vec::new(), Vec::new());
    let mut has_failed = false;
    for (input, output) in pairs {
        match work(input, output) {
            Ok(outcome) => {
                lines.push(outcome.line);
                files.push(outcome.value);
            }
            Err(failure) => {
                has_failed = true;
                lines.push(format!("(failed) {failure}"));
                files.push(json!({ "input": shown(input), "error": failure.to_string() }));
            }
        }
    }
    Ok(Outcome { line: lines.join("\n"), value: json!({ "files": files }), has_failed, ..Outcome::default() })
}

/// What there is to say of a file that was read, one sentence each.
pub(super) fn remarks(input: &Path, report: &ReadReport, rate_hz: u32) -> Vec<String> {
    report.remarks(rate_hz).into_iter().map(|remark| format!("{}: {remark}", input.display())).collect()
}

/// Refuses an output that is an input, or another output, or that cannot be written.
pub(super) fn check<'a>(
    inputs: impl IntoIterator<Item = &'a Path>,
    outputs: impl IntoIterator<Item = &'a Path>,
) -> Result<(), Failure> {
    let inputs = inputs.into_iter().filter(|input| *input != Path::new(STANDARD));
    let inputs: Vec<PathBuf> = inputs.map(place).collect();
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
        output_file::check(output)?;
    }
    Ok(())
}

/// Refuses a name that a WAV file should not have.
pub(super) fn check_wav(output: &Path) -> Result<(), Failure> {
    let is_file = !is_standard(output) && (!output.exists() || output.is_file());
    if !is_file || output.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("wav")) {
        return Ok(());
    }
    Err(format!("{}: a WAV file is written; give it a name that ends in .wav.", output.display()).into())
}

/// Refuses a picture for a pipe.
pub(super) fn check_picture(path: &Path) -> Result<(), Failure> {
    if is_standard(path) {
        return Err("a picture is written to a file; give the name of one.".into());
    }
    Ok(())
}

/// Where a file is or would be, whichever way it is named.
fn place(path: &Path) -> PathBuf {
    // What is read from standard input is not what is written to standard output.
    if is_standard(path) {
        return PathBuf::from("/dev/stdout");
    }
    let in_its_folder = || Some(output_file::folder_of(path).canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(in_its_folder).unwrap_or_else(|| path.to_owned())
}
