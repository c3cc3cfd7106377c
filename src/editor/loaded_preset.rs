//! The preset that is heard, and whether anything was changed since it was loaded.

use crate::instance::kept_preset::KeptPreset;
use crate::preset::{Desk, Scene, Table};

/// Values nearer than this are the same: those of files have few digits.
const SAME: f32 = 1e-4;

/// The preset that was loaded or saved last, if any. The project keeps its name.
#[derive(Debug, Default)]
pub struct LoadedPreset {
    name: String,
    /// What it sets; `None` where the project was left with changes to it, and nobody knows what they were.
    settings: Option<Scene>,
    /// What the project says of it, as far as this window has said it or seen it.
    kept: KeptPreset,
}

impl LoadedPreset {
    /// What is heard is this preset.
    pub fn set(&mut self, name: String, settings: Scene) {
        (self.name, self.settings) = (name, Some(settings));
    }

    /// No preset is heard.
    pub fn forget(&mut self) {
        (self.name, self.settings) = (String::new(), None);
    }

    /// The project's word counts from here on: another one was loaded.
    pub fn begin(&mut self, kept: &KeptPreset, table: &Table, desk: &dyn Desk) {
        self.name.clone_from(&kept.name);
        self.settings = (!kept.is_edited && !kept.name.is_empty()).then(|| Scene::take(table, desk));
        self.kept = kept.clone();
    }

    /// Takes over what a project that was loaded meanwhile says, or tells the project what there is now.
    pub fn keep_up(&mut self, project: &mut KeptPreset, table: &Table, desk: &dyn Desk) {
        if *project != self.kept {
            self.begin(project, table, desk);
        }
        let is_edited = self.is_edited(desk);
        if (self.name.as_str(), is_edited) != (self.kept.name.as_str(), self.kept.is_edited) {
            self.kept = KeptPreset { name: self.name.clone(), is_edited };
            project.clone_from(&self.kept);
        }
    }

    /// Its name; empty without one.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether what is heard is not what it sets.
    pub fn is_edited(&self, desk: &dyn Desk) -> bool {
        !self.name.is_empty() && self.settings.as_ref().is_none_or(|settings| differs(settings, desk))
    }
}

/// Whether the desk is not at these settings. A version that the loader has filled in is no difference.
fn differs(settings: &Scene, desk: &dyn Desk) -> bool {
    let is_other = |(id, value): (&String, &f32)| (desk.value(id) - value).abs() > SAME;
    let models = desk.models();
    let mut pairs = settings.models.iter().zip(&models);
    settings.values.iter().any(is_other)
        || settings.extras.iter().any(|(id, value)| desk.extra(id) != *value)
        || pairs.any(|(a, b)| a.name != b.name || (!a.hash.is_empty() && !b.hash.is_empty() && a.hash != b.hash))
}
