//! Installs a package that somebody has named in a window, of the effect or of the instrument.

use std::path::Path;

use plugin_ui::Tone;
use plugin_ui::session::Notice;

use super::browser_lists::{Places, sentence};
use crate::model::doctor::Health;
use crate::model::examiner;
use crate::model::import::{import, import_into};
use crate::model::kinds::Package;

/// Examines the folder or zip archive at `path` and copies it for this user; -> what to tell, and the package. Blocks.
pub fn install(places: &Places, path: &Path) -> (Notice, Option<Package>) {
    let imported = match &places.data {
        Some(data) => import_into(&data.join("models"), path),
        None => import(path),
    };
    let package = match imported {
        Ok(package) => package,
        Err(error) => return (trouble(&error), None),
    };
    match examiner::health_of(&package) {
        Ok(health) => {
            let text = format!("“{}” is installed. {}", package.name(), verdict(&health));
            (Notice { tone: Tone::Good, text }, Some(package))
        }
        Err(diagnosis) => (trouble(&diagnosis), None),
    }
}

/// Lets a model out of quarantine, so that it is tried again when it is next asked for; -> what to tell. Blocks.
pub fn release(places: &Places, name: &str) -> Notice {
    let (tone, text) = match places.quarantine.release(name) {
        Ok(released) if released.is_empty() => (Tone::Waiting, format!("“{name}” is not in quarantine.")),
        Ok(_) => (Tone::Good, format!("“{name}” is out of quarantine and will be tried again.")),
        Err(error) => (Tone::Trouble, format!("“{name}” stays in quarantine: its marker cannot be deleted ({error}).")),
    };
    Notice { tone, text }
}

/// An error as a sentence.
pub fn trouble(error: &dyn std::error::Error) -> Notice {
    Notice { tone: Tone::Trouble, text: sentence(&error.to_string()) }
}

/// What is under way, as “Examining flute.zip …”.
pub fn examining(doing: &str, path: &Path) -> String {
    format!("{doing} {} …", path.file_name().unwrap_or(path.as_os_str()).to_string_lossy())
}

/// The doctor's word for a healthy package.
pub fn verdict(health: &Health) -> String {
    let provider_note = if health.provider_note.is_empty() { "" } else { " " };
    let warning = health.warning().map(|warning| format!(" {warning}")).unwrap_or_default();
    format!(
        "It plays as its maker's copy did, {:.0} times as fast as real time on {}.{provider_note}{}{warning}",
        health.times_real_time, health.provider, health.provider_note
    )
}
