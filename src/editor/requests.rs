//! Carries out what the musician asks for in the window.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plugin_ui::session::{MappedControl, Notice, PresetCard, Request, Slot};
use plugin_ui::{ParamId, Tone, Zoom};

use super::browser_lists::{BrowserLists, Places, sentence};
use super::install::{examining, install, release, trouble, verdict};
use super::jobs::JobReport;
use super::model_notes::ModelNotes;
use super::window_habits::WindowHabits;
use super::window_session::{Product, WindowSession, place};
use crate::instance::midi_map::Mapping;
use crate::instance::project_models::Source;
use crate::model::kinds::Package;
use crate::model::package_files::MANIFEST;
use crate::model::provider::ProviderChoice;
use crate::model::request::ModelRequest;
use crate::preset::{
    Chance, Desk, Document, History, Library, Plugin, PresetError, Scene, compare, copy, factory, paste, randomise,
};

impl WindowSession {
    /// Does it at once, or queues it; what comes of it is in the session. -> text for the clipboard.
    pub fn carry_out(&mut self, request: Request, desk: &mut dyn Desk, history: &mut History) -> Option<String> {
        self.look_again();
        match request {
            Request::ChooseModel { slot, name, hash } => {
                self.choose_model(slot, ModelRequest { name, hash }, desk, history)
            }
            Request::ImportPackage(path) => self.import_package(path),
            Request::Relink { slot, path } => self.relink(slot, path),
            Request::UndoRelink(slot) => self.undo_relink(slot),
            Request::ReleaseQuarantine { name } => {
                self.change_installed(format!("Releasing {name} …"), move |places| release(places, &name));
            }
            Request::SetFavourite { name, is_favourite } => self.set_favourite(name, is_favourite),
            Request::SetPresetFavourite { model, name, is_favourite } => {
                self.set_preset_favourite(model, name, is_favourite);
            }
            Request::Embed { slot, is_wanted } => self.project.embed(place(slot), is_wanted),
            Request::Rescan => self.rescan(),
            Request::LoadPreset(path) => self.run(examining("Reading", &path), move || read_preset(&path)),
            Request::SavePreset { name, comment, may_replace } => {
                let document = Document::of(&Scene::take(self.table(), desk), self.table(), &name, &comment);
                self.save_preset(document, may_replace);
            }
            Request::RenamePreset { path, name } => self.with_library("Renaming …", move |library| {
                library.rename(&path, &name)?;
                Ok(format!("The preset is called “{name}” now."))
            }),
            Request::DeletePreset(path) => self.with_library("Deleting …", move |library| {
                library.delete(&path)?;
                Ok("The preset was deleted.".into())
            }),
            Request::ImportPresets(path) => {
                let plugin = self.table().plugin;
                self.with_library(examining("Reading", &path), move |library| import_presets(library, &path, plugin));
            }
            Request::ExportPreset { path, to } => self.run(examining("Writing", &to), move || export(&path, &to)),
            Request::Initialise => {
                let target = Scene::defaults(self.table(), desk.models());
                desk.let_go_of_controllers();
                history.change(desk, "Initialise".into(), &target);
                self.forget_loaded();
            }
            Request::Undo => drop(history.undo(desk).map(str::to_owned)),
            Request::Redo => drop(history.redo(desk).map(str::to_owned)),
            Request::SwitchSide => compare::switch(self.table(), desk, history),
            Request::CopyToOtherSide => compare::copy_to_other(self.table(), desk, history),
            Request::Randomise { strength } => self.randomise(strength, desk, history),
            Request::CopySettings => {
                self.tell(Tone::Good, "All settings are in the clipboard as text: paste them in another instance.");
                return Some(copy(self.table(), desk));
            }
            Request::PasteSettings(text) => match paste(&text, self.table(), desk, history) {
                Ok(remarks) => {
                    self.forget_loaded();
                    self.tell_remarks("The settings were taken over, but not all of them: ", &remarks);
                }
                Err(error) => self.tell(Tone::Trouble, sentence(&error.to_string())),
            },
            Request::SetProvider(name) => self.set_provider(&name),
            Request::Learn(param) => self.learn(param),
            Request::Map(control) => self.map(&control),
            Request::Unmap(param) => self.params.kept().midi_map.remove(param.0),
            Request::UnmapAll => self.params.kept().midi_map.clear(),
            Request::SetSoftTakeover(is_soft) => self.params.kept().midi_map.set_soft_takeover(is_soft),
            // The effect's own face does it.
            Request::Path(_) | Request::SetOsc { .. } | Request::TrySound(_) | Request::Set { .. } => {}
            Request::SetZoom(zoom) => self.set_zoom(zoom),
            Request::Dismiss => self.session.notice = None,
        }
        None
    }

    fn choose_model(&mut self, slot: Slot, request: ModelRequest, desk: &mut dyn Desk, history: &mut History) {
        let label = match slot {
            Slot::First => format!("{} “{}”", self.product.words[0], request.name),
            Slot::Second if request.name.is_empty() => "No second model".into(),
            Slot::Second => format!("Second model “{}”", request.name),
        };
        // An instance without a model is none, and not all have a second one.
        let is_place = self.params.places().len() > place(slot) as usize;
        if !is_place || slot == Slot::First && request.name.is_empty() {
            return;
        }
        let mut models = desk.models();
        let before = std::mem::replace(&mut models[place(slot) as usize], request);
        let values = if slot == Slot::First { self.latents_for(&before, &models[0], desk) } else { BTreeMap::new() };
        if slot == Slot::First && before.name != models[0].name {
            self.forget_loaded();
        }
        history.change(desk, label, &Scene { values, models, extras: BTreeMap::new() });
    }

    /// What is set of the latents for another model: as they were left with it, or at rest. The same dimension is another colour in
    /// every model.
    fn latents_for(&mut self, before: &ModelRequest, next: &ModelRequest, desk: &dyn Desk) -> BTreeMap<String, f32> {
        // Another version, or one of which any will do, is no other model.
        if before.name == next.name {
            return BTreeMap::new();
        }
        let is_latent = |id: &str| ["bias_", "scale_", "lock_", "solo_"].iter().any(|stem| id.starts_with(stem));
        let latents: Vec<_> = self.table().all().iter().filter(|parameter| is_latent(&parameter.id)).collect();
        let left = latents.iter().map(|parameter| (parameter.id.clone(), desk.value(&parameter.id))).collect();
        let rest = || latents.iter().map(|parameter| (parameter.id.clone(), parameter.default)).collect();
        let values = self.latents.get(&next.name).cloned().unwrap_or_else(rest);
        self.latents.insert(before.name.clone(), left);
        values
    }

    fn import_package(&mut self, path: PathBuf) {
        let Product { plugin, plays_not, .. } = self.product;
        self.change_installed(examining("Examining", &path), move |places| {
            let (mut notice, package) = install(places, &path);
            if package.is_some_and(|package| !plugin.kinds().contains(&package.kind())) {
                notice.text.push_str(plays_not);
            }
            notice
        });
    }

    fn relink(&mut self, slot: Slot, path: PathBuf) {
        let project = Arc::clone(&self.project);
        self.change_installed(examining("Examining", &path), move |_| {
            match project.relink(place(slot), Source::Path(&path)) {
                Ok(health) => good(format!("“{}” is in its place. {}", health.name, verdict(&health))),
                Err(error) => trouble(&error),
            }
        });
    }

    fn undo_relink(&mut self, slot: Slot) {
        match self.project.undo_relink(place(slot)) {
            Some(request) => self.tell(Tone::Good, format!("“{}” is asked for again.", request.name)),
            None => self.tell(Tone::Waiting, "There is no relink to take back."),
        }
    }

    fn set_favourite(&mut self, name: String, is_favourite: bool) {
        for card in self.session.models.iter_mut().filter(|card| card.name == name) {
            card.is_favourite = is_favourite;
        }
        let Some(data) = self.places.data.clone() else { return };
        self.run("Keeping favourites …", move || JobReport {
            notice: ModelNotes::set_favourite(&data, name, is_favourite).err(),
            ..JobReport::default()
        });
    }

    fn set_preset_favourite(&mut self, model: String, name: String, is_favourite: bool) {
        let is_it = |card: &&mut PresetCard| card.model == model && card.name == name;
        for card in self.session.presets.iter_mut().filter(is_it) {
            card.is_favourite = is_favourite;
        }
        let Some(data) = self.places.data.clone() else { return };
        self.run("Keeping favourites …", move || JobReport {
            notice: ModelNotes::set_preset_favourite(&data, (model, name), is_favourite).err(),
            ..JobReport::default()
        });
    }

    fn set_zoom(&mut self, zoom: Zoom) {
        self.session.zoom = zoom;
        let Some(data) = self.places.data.clone() else { return };
        self.run("Keeping the zoom …", move || JobReport {
            notice: WindowHabits::set_zoom(&data, zoom).err(),
            ..JobReport::default()
        });
    }

    fn save_preset(&mut self, document: Document, may_replace: bool) {
        let (places, plugin) = (Arc::clone(&self.places), self.product.plugin);
        self.run(format!("Saving {} …", document.name), move || {
            let Some(library) = places.library() else {
                return JobReport { notice: Some(homeless()), ..JobReport::default() };
            };
            match library.save(&document, may_replace) {
                Ok(_) => JobReport {
                    notice: Some(good(format!("“{}” is saved.", document.name))),
                    cards: Some(BrowserLists::read(&places, plugin)),
                    saved: Some(document),
                    ..JobReport::default()
                },
                Err(error) => JobReport { notice: Some(trouble(&error)), ..JobReport::default() },
            }
        });
    }

    /// Changes the user's presets, and reads them again.
    fn with_library(
        &mut self,
        label: impl Into<String>,
        change: impl FnOnce(&Library) -> Result<String, PresetError> + Send + 'static,
    ) {
        self.change_installed(label, move |places| match places.library() {
            Some(library) => change(&library).map_or_else(|error| trouble(&error), good),
            None => homeless(),
        });
    }

    /// Queues what changes the user's packages or presets, which are read again then.
    fn change_installed(&mut self, label: impl Into<String>, change: impl FnOnce(&Places) -> Notice + Send + 'static) {
        let (places, plugin) = (Arc::clone(&self.places), self.product.plugin);
        self.run(label, move || {
            let notice = Some(change(&places));
            JobReport { notice, cards: Some(BrowserLists::read(&places, plugin)), ..JobReport::default() }
        });
    }

    fn randomise(&mut self, strength: f32, desk: &mut dyn Desk, history: &mut History) {
        let info = Arc::clone(&self.telemetry.model.lock());
        // Each hasher of the standard library begins elsewhere: as good as dice.
        let seed = RandomState::new().hash_one(0);
        let chance = Chance { seed, strength, dims: info.dims, p01: info.p01, p99: info.p99 };
        let target = randomise(&Scene::take(self.table(), desk), self.table(), &chance);
        desk.let_go_of_controllers();
        history.change(desk, "Randomise".into(), &target);
    }

    fn set_provider(&mut self, name: &str) {
        match ProviderChoice::offered().into_iter().find(|choice| choice.name() == name) {
            Some(choice) => self.project.set_provider(choice),
            None => self.tell(
                Tone::Trouble,
                format!("“{name}” is not built into this version. Choose one of the names that are offered."),
            ),
        }
    }

    fn learn(&mut self, param: Option<ParamId>) {
        match param.map(|param| self.params.kept().midi_map.learn(param.0)) {
            Some(Err(error)) => self.tell(Tone::Trouble, sentence(&error.to_string())),
            Some(Ok(())) => {}
            None => self.params.kept().midi_map.stop_learning(),
        }
    }

    fn map(&mut self, control: &MappedControl) {
        let &MappedControl { param, cc, channel, low, high, held: _ } = control;
        let mapping = Mapping { param: param.0.to_owned(), cc, channel, low, high };
        if let Err(error) = self.params.kept().midi_map.set_mapping(&mapping) {
            self.tell(Tone::Trouble, sentence(&error.to_string()));
        }
    }
}

fn good(text: String) -> Notice {
    Notice { tone: Tone::Good, text }
}

fn homeless() -> Notice {
    let text = "This user has no data folder, so presets cannot be kept. Set XDG_DATA_HOME to a folder.".into();
    Notice { tone: Tone::Trouble, text }
}

/// A preset from a file; one that lies beside its model asks for this very model.
fn document(path: &Path) -> Result<Document, PresetError> {
    let package = path.parent().and_then(Path::parent).filter(|folder| folder.join(MANIFEST).is_file());
    let package = package.and_then(|folder| Package::open(folder).ok());
    let of_package = package.and_then(|package| factory(&*package).into_iter().find(|entry| entry.path == path));
    of_package.map_or_else(|| Document::read(path), |entry| entry.document)
}

fn read_preset(path: &Path) -> JobReport {
    match document(path) {
        Ok(document) => JobReport { preset: Some(document), ..JobReport::default() },
        Err(error) => JobReport { notice: Some(trouble(&error)), ..JobReport::default() },
    }
}

/// The musician has been asked by the file dialogue whether a file may be replaced.
fn export(path: &Path, to: &Path) -> JobReport {
    let exported = document(path).and_then(|document| document.export(to, true).map(|()| document.name));
    let notice = match exported {
        Ok(name) => good(format!("“{name}” was written to {}.", to.display())),
        Err(error) => trouble(&error),
    };
    JobReport { notice: Some(notice), ..JobReport::default() }
}

fn import_presets(library: &Library, path: &Path, plugin: Plugin) -> Result<String, PresetError> {
    let (mut taken, mut others, mut first_error) = (0, 0, None);
    for outcome in library.import(path, false)? {
        match outcome.and_then(|path| Document::read(&path)) {
            Ok(document) if document.plugin == plugin => taken += 1,
            Ok(_) => others += 1,
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    let mut said = format!("Presets taken in: {taken}.");
    if others > 0 {
        said.push_str(&format!(" For another plugin, and listed there: {others}."));
    }
    match (taken + others, first_error) {
        (0, Some(error)) => Err(error),
        (_, None) => Ok(said),
        (_, Some(error)) => Ok(format!("{said} Not all: {}", sentence(&error.to_string()))),
    }
}
