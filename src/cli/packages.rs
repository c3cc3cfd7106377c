//! Installing packages, and letting them out of quarantine.

use std::path::Path;

use serde_json::json;

use super::{Failure, Outcome, shown};
use crate::model::import;
use crate::model::quarantine::Quarantine;

pub(super) fn import(path: &Path) -> Result<Outcome, Failure> {
    let package = import::import(path)?;
    Ok(Outcome::new(
        format!(
            "{}: installed in {}. Licence: {}",
            package.name(),
            package.folder().display(),
            package.header().licence
        ),
        json!({
            "name": package.name(), "hash": package.hash(), "folder": shown(package.folder()), "licence": package.header().licence,
        }),
    ))
}

pub(super) fn release(name: &str) -> Result<Outcome, Failure> {
    let quarantine = Quarantine::of_user();
    let released = quarantine.release(name).map_err(|e| format!("“{name}” cannot be released ({e})"))?;
    if released.is_empty() {
        let held: Vec<String> = quarantine.held().into_iter().map(|held| format!("“{}”", held.name)).collect();
        let held = if held.is_empty() { "nothing".to_owned() } else { held.join(", ") };
        return Err(format!("“{name}” is not in quarantine. In quarantine: {held}.").into());
    }
    Ok(Outcome::new(
        format!("{name}: released, and loaded again when it is next asked for."),
        json!({
            "released": released.iter().map(|held| json!({ "name": held.name, "hash": held.hash })).collect::<Vec<_>>(),
        }),
    ))
}
