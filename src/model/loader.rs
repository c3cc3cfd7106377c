//! From a project's request to a running model.

use std::sync::Arc;

use parking_lot::Mutex;

use super::Loader;
use super::embedded::{self, ProjectModel};
use super::provider::ProviderChoice;

/// A loader for the engine. Writes the hash of what was found into those of `projects` that ask for it by name, so that
/// they keep asking for exactly this model; a request that already has a hash stays as it is. What a project is to bring
/// along is packed here, so that it is there when the project is saved.
pub fn from_catalogue(projects: Vec<ProjectModel>, provider: Arc<Mutex<ProviderChoice>>) -> Loader {
    Box::new(move |request| {
        let brought = projects.iter().map(|project| project.embedded.lock().clone());
        let brought = brought.into_iter().find(|embedded| embedded.holds(&request.hash));
        let found = embedded::find(request, brought.as_ref())?;
        let choice = provider.lock().clone();
        let mut model = found.package.load_on(&choice)?;
        if found.is_other_version {
            model.remark(format!(
                "This is another version of “{}” than the project was made with: it may sound different.",
                request.name
            ));
        }
        for project in &projects {
            {
                let mut asked = project.request.lock();
                if asked.hash.is_empty() && asked.name == found.package.name() {
                    found.package.hash().clone_into(&mut asked.hash);
                }
            }
            if let Err(error) = project.keep_up(&found.package) {
                model.remark(error.to_string());
            }
        }
        Ok(model)
    })
}
