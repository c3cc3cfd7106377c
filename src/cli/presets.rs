//! Presets on the command line.

use std::path::Path;

use serde_json::json;

use super::{Failure, Outcome, find, shown};
use crate::instance::table;
use crate::model::request::ModelRequest;
use crate::preset::{self, Desk, History, Library, Origin, Plugin, PresetError, Remark};

/// A preset that was loaded.
pub(super) struct Given {
    pub(super) name: String,
    pub(super) models: [ModelRequest; 2],
    pub(super) remarks: Vec<Remark>,
}

/// Loads a preset by its name or file.
pub(super) fn given(name: &str, model: Option<&str>, desk: &mut dyn Desk) -> Result<Given, Failure> {
    const EFFECT: Option<Plugin> = Some(Plugin::Effect);
    // One made for another model may be played through this one, too.
    let (_, document) = preset::find(name, model, EFFECT).or_else(|_| preset::find(name, None, EFFECT))?;
    let (_, remarks) = preset::load(&document, table(), desk, &mut History::default())?;
    Ok(Given { name: document.name, models: desk.models(), remarks })
}

pub(super) fn list(model: Option<&str>) -> Result<Outcome, Failure> {
    let mut lines = Vec::new();
    let mut list = Vec::new();
    for entry in preset::installed(model) {
        let origin = match entry.origin {
            Origin::Factory => "factory",
            Origin::User => "yours",
        };
        match &entry.document {
            Ok(preset) => {
                let of = match preset.plugin {
                    Plugin::Effect => origin.to_owned(),
                    other => format!("{origin}, {}", other.name()),
                };
                lines.push(format!("{:<12} {:<26} ({of}) {}", preset.model.name, preset.name, preset.comment));
                list.push(json!({
                    "name": preset.name, "model": preset.model, "second_model": preset.second_model,
                    "plugin": preset.plugin, "comment": preset.comment, "origin": origin, "path": shown(&entry.path),
                }));
            }
            Err(error) => {
                lines.push(format!("(broken)     {error}"));
                list.push(json!({ "path": shown(&entry.path), "origin": origin, "error": error.to_string() }));
            }
        }
    }
    if lines.is_empty() {
        // One that is not installed is told as such.
        model.map(find::package).transpose()?;
        let of = model.map(|model| format!(" for the model “{model}”")).unwrap_or_default();
        lines.push(format!("There are no presets{of}."));
    }
    let folder = Library::of_user().map(|library| library.folder().to_owned());
    if let Some(folder) = &folder {
        lines.push(format!("Yours lie in: {}", folder.display()));
    }
    Ok(Outcome::new(lines.join("\n"), json!({ "presets": list, "folder": folder.as_deref().map(shown) })))
}

/// With the option that helps here.
fn told(error: &PresetError) -> String {
    match error {
        PresetError::Exists { .. } => format!("{error} That is said by --replace."),
        error => error.to_string(),
    }
}

pub(super) fn import(path: &Path, may_replace: bool) -> Result<Outcome, Failure> {
    let library = Library::of_user().ok_or("this user has no data folder")?;
    let results = library.import(path, may_replace)?;
    let (taken, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    let taken: Vec<_> = taken.into_iter().flatten().collect();
    let refused: Vec<String> =
        refused.into_iter().filter_map(|e: Result<_, PresetError>| Some(told(&e.err()?))).collect();
    if taken.is_empty() {
        return Err(refused.join("\n").into());
    }
    let mut lines: Vec<String> = taken.iter().map(|path| format!("{}: taken in", path.display())).collect();
    lines.extend(refused.iter().cloned());
    Ok(Outcome::new(
        lines.join("\n"),
        json!({ "imported": taken.iter().map(|path| shown(path)).collect::<Vec<_>>(), "refused": refused }),
    ))
}

pub(super) fn export(name: &str, model: Option<&str>, path: &Path, may_replace: bool) -> Result<Outcome, Failure> {
    let (_, document) = preset::find(name, model, None)?;
    document.export(path, may_replace).map_err(|error| told(&error))?;
    Ok(Outcome::new(
        format!("{}: the preset “{}”", path.display(), document.name),
        json!({ "output": shown(path), "name": document.name, "model": document.model }),
    ))
}
