//! From a project's request to a running model.

use std::sync::Arc;

use parking_lot::Mutex;

use super::catalogue;
use super::request::ModelRequest;
use super::session::ContinuousModel;
use crate::engine::Loader;

/// A loader for the engine. Writes the hash of what was found into those of `projects` that ask for it by name, so that
/// they keep asking for exactly this model; a request that already has a hash stays as it is.
pub fn from_catalogue(projects: Vec<Arc<Mutex<ModelRequest>>>) -> Loader {
    Box::new(move |request| {
        let found = catalogue::find(request)?;
        let mut model = ContinuousModel::load(&found.package)?;
        if found.is_other_version {
            model.remark(format!(
                "This is another version of “{}” than the project was made with: it may sound different.",
                request.name
            ));
        }
        for project in &projects {
            let mut project = project.lock();
            if project.hash.is_empty() && project.name == found.package.name {
                project.hash.clone_from(&found.package.hash);
            }
        }
        Ok(Box::new(model))
    })
}
