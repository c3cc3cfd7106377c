//! What is installed, read from the folders for the window's browsers.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use plugin_ui::session::{ModelCard, PresetCard};

use super::model_notes::ModelNotes;
use super::user_file::UserFile;
use crate::model::Stage;
use crate::model::kinds::{Package, kind_of};
use crate::model::package_files::{self, PackageError};
use crate::model::quarantine::{Quarantine, Quarantined};
use crate::model::{catalogue, import, places};
use crate::preset::{Entry, Library, Origin, Plugin, factory};

/// What a model was trained on, by words of its name and description.
const DOMAINS: [(&str, &[&str]); 5] = [
    ("voice", &["voice", "speech", "choir", "singer", "singing", "vocal", "scream", "screams"]),
    ("drums", &["drum", "drums", "percussion"]),
    ("winds", &["horn", "flute", "wind", "brass", "trumpet", "saxophone", "clarinet", "oboe", "trombone"]),
    ("strings", &["strings", "string", "cello", "violin", "viola", "bass", "guitar"]),
    ("synths", &["synth", "synthesiser", "synthesizer"]),
];

/// Where this user's things lie.
#[derive(Clone, Debug)]
pub struct Places {
    /// The data folder, if there is one.
    pub data: Option<PathBuf>,
    /// Folders of packages, in the order in which they are looked through.
    pub models: Vec<PathBuf>,
    /// What is not loaded any more since it ended processes.
    pub quarantine: Quarantine,
}

impl Places {
    /// See [`places::data_folder`], [`places::folders`] and [`Quarantine::of_user`].
    pub fn of_user() -> Self {
        Self { data: places::data_folder(), models: places::folders(), quarantine: Quarantine::of_user() }
    }

    /// Those of a test's own, with nothing of this user's among them.
    #[cfg(test)]
    pub(super) fn at(data: &Path, models: Vec<PathBuf>) -> Self {
        Self { data: Some(data.to_owned()), models, quarantine: Quarantine::in_folder(&data.join("loading")) }
    }

    /// The user's presets.
    pub fn library(&self) -> Option<Library> {
        self.data.as_ref().map(|data| Library::at(&data.join(package_files::PRESETS)))
    }
}

/// Models and presets as the browsers show them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrowserLists {
    /// See [`plugin_ui::Session::models`].
    pub models: Vec<ModelCard>,
    /// See [`plugin_ui::Session::presets`].
    pub presets: Vec<PresetCard>,
    /// See [`ModelNotes::loads`].
    pub loads: BTreeMap<String, f32>,
}

impl BrowserLists {
    /// Reads all folders for a plugin. Blocks.
    pub fn read(places: &Places, plugin: Plugin) -> Self {
        // What imports that were broken off have left behind.
        places.data.iter().for_each(|data| import::sweep(&data.join("models")));
        let held = places.quarantine.held();
        let notes = places.data.as_ref().map(|data| ModelNotes::read(data)).unwrap_or_default();
        let mut presets = places.library().map(|library| library.list()).unwrap_or_default();
        presets.retain(|entry| is_of(entry, plugin));
        let (mut models, mut seen) = (Vec::new(), HashSet::new());
        for (folder, package) in catalogue::all_in(&places.models) {
            let package = match package {
                Ok(package) => package,
                Err(error) => {
                    let is_plugins = |kind| plugin.kinds().contains(&kind);
                    if kind_of(&folder).map_or(plugin.is_effect(), is_plugins) {
                        models.push(broken_card(&folder, &error, &notes));
                    }
                    continue;
                }
            };
            // A package may lie in two folders: in the user's and beside the plugin.
            if !plugin.kinds().contains(&package.kind()) || !seen.insert(package.hash().to_owned()) {
                continue;
            }
            presets.extend(factory(&*package).into_iter().filter(|entry| is_of(entry, plugin)));
            let card = model_card(&folder, &package, &held, &notes);
            // Nothing is played into an instrument, and it adds no latency.
            let of_instrument = |card| ModelCard { stage: String::new(), delay_ms: 0.0, dims: 0, ..card };
            models.push(if plugin.is_effect() { card } else { of_instrument(card) });
        }
        Self {
            models,
            presets: presets.into_iter().map(|entry| preset_card(entry, &notes)).collect(),
            loads: notes.loads,
        }
    }
}

/// Whether it is a plugin's, or nobody's because it cannot be read.
fn is_of(entry: &Entry, plugin: Plugin) -> bool {
    entry.document.as_ref().map_or(true, |document| document.plugin == plugin)
}

fn broken_card(folder: &Path, error: &PackageError, notes: &ModelNotes) -> ModelCard {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_favourite = notes.favourites.contains(&name);
    ModelCard { name, problem: error.to_string(), is_favourite, ..ModelCard::default() }
}

fn model_card(folder: &Path, package: &Package, held: &[Quarantined], notes: &ModelNotes) -> ModelCard {
    let (header, summary) = (package.header(), package.summary());
    let held: Vec<&Quarantined> = held.iter().filter(|held| held.hash == header.hash).collect();
    // On another provider than the one that crashed it plays.
    let problem = held.iter().find(|held| held.provider.is_none()).map(|held| sentence(&held.to_string()));
    ModelCard {
        name: header.name.clone(),
        hash: header.hash.clone(),
        description: header.description.clone(),
        licence: header.licence.clone(),
        provenance: header.provenance.clone(),
        domain: domain(&format!("{} {}", header.name, header.description)).into(),
        card: package_files::card(folder),
        stage: match summary.codes {
            Some(codes) => format!("Codes: one of {codes} timbres each hop, at the input's pitch and loudness."),
            None => summary.stage.map_or("", Stage::name).into(),
        },
        pitch_hz: summary.pitch.map(|pitch| [pitch.min_hz, pitch.max_hz]),
        loudness_db: [header.loudness_db.p01, header.loudness_db.p99],
        middle_loudness_db: header.loudness_db.p50,
        dims: summary.dims,
        delay_ms: header.delay_frames as f32 / header.sample_rate_hz as f32 * 1e3,
        load: notes.loads.get(&header.hash).copied(),
        size_bytes: size_bytes(folder),
        is_favourite: notes.favourites.contains(&header.name),
        problem: problem.unwrap_or_default(),
        is_quarantined: !held.is_empty(),
    }
}

/// By the first word that tells: a description goes on to what else the model goes with.
fn domain(text: &str) -> &'static str {
    let text = text.to_lowercase();
    let of_word = |word: &str| DOMAINS.iter().find(|(_, known)| known.contains(&word)).map(|(domain, _)| *domain);
    text.split(|c: char| !c.is_alphanumeric()).find_map(of_word).unwrap_or("other")
}

/// Of the files in the folder itself and in that of its presets.
fn size_bytes(folder: &Path) -> u64 {
    let files = [folder.to_owned(), folder.join(package_files::PRESETS)];
    let entries = files.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).filter(|file| file.is_file()).map(|file| file.len()).sum()
}

fn preset_card(entry: Entry, notes: &ModelNotes) -> PresetCard {
    let is_users = entry.origin == Origin::User;
    match entry.document {
        Ok(document) => PresetCard {
            is_favourite: notes.presets.contains(&(document.model.name.clone(), document.name.clone())),
            name: document.name,
            model: document.model.name,
            comment: document.comment,
            path: entry.path,
            is_users,
            problem: String::new(),
        },
        Err(error) => PresetCard {
            name: entry.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            path: entry.path,
            is_users,
            problem: error.to_string(),
            ..PresetCard::default()
        },
    }
}

/// An error's words as sentences: those that begin with an article do so with a capital.
pub fn sentence(words: &str) -> String {
    match words.split_once(' ') {
        Some((first @ ("the" | "no" | "a" | "another" | "this" | "nothing"), rest)) => {
            let mut letters = first.chars();
            let capital: String = letters.by_ref().take(1).flat_map(char::to_uppercase).collect();
            format!("{capital}{} {rest}", letters.as_str())
        }
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::space::CodeSpace;
    use crate::model::codes::{CodesPackage, load_book};

    fn root() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn a_card_says_what_the_package_says_and_how_large_it_is() {
        let data = tempfile::tempdir().unwrap();
        let places = Places::at(data.path(), vec![root().join("models")]);
        let change = |notes: &mut ModelNotes| notes.favourites.extend(["horn".to_owned()]);
        ModelNotes::change(data.path(), change).unwrap();
        let cards = BrowserLists::read(&places, Plugin::Effect);
        let named = |name: &str| cards.models.iter().find(|card| card.name == name).unwrap();
        let cello = named("cello");
        let package = Package::open(&root().join("models/cello")).unwrap();
        let header = package.header();
        assert_eq!((&cello.hash, &cello.licence, cello.dims), (&header.hash, &header.licence, package.summary().dims));
        assert_eq!((cello.domain.as_str(), cello.stage.as_str()), ("strings", "pitched"));
        assert!((cello.delay_ms - 23.2).abs() < 0.1 && cello.size_bytes > 1 << 20, "{cello:?}");
        assert!(cello.card.contains("cello") && cello.problem.is_empty() && !cello.is_favourite);
        assert!(named("horn").is_favourite);
        let codes = named("cello-codes");
        assert_eq!(codes.stage, "Codes: one of 512 timbres each hop, at the input's pitch and loudness.");
        assert!((codes.domain.as_str(), codes.dims) == ("strings", 16) && codes.problem.is_empty(), "{codes:?}");
        assert!((codes.delay_ms - 23.2).abs() < 0.1 && codes.pitch_hz.is_some_and(|[low, high]| low < high));
        let domains = ["horn", "trombone", "voice", "choir", "scream", "drums-live", "strings", "guitar", "synth"]
            .map(|name| named(name).domain.as_str());
        assert_eq!(domains, ["winds", "winds", "voice", "voice", "voice", "drums", "strings", "strings", "synths"]);
        assert!(cards.presets.iter().any(|preset| preset.model == "cello" && !preset.is_users));
    }

    #[test]
    fn the_card_of_a_codebook_counts_the_dimensions_that_are_played() {
        let data = tempfile::tempdir().unwrap();
        let lists = |plugin| BrowserLists::read(&Places::at(data.path(), vec![root().join("models")]), plugin).models;
        let cards = lists(Plugin::Effect);
        let codebooks = lists(Plugin::Codes);
        assert!(codebooks.len() >= 5, "{codebooks:?}");
        for codebook in &codebooks {
            let package = CodesPackage::open(&root().join("models").join(&codebook.name)).unwrap();
            let played = CodeSpace::new(&load_book(&package).unwrap()).dims();
            let shown = cards.iter().find(|card| card.hash == codebook.hash).map(|card| card.dims);
            assert_eq!((shown, codebook.dims), (Some(played), 0), "{}", codebook.name);
        }
    }

    #[test]
    fn a_broken_package_and_a_broken_preset_are_there_with_what_is_wrong() {
        let data = tempfile::tempdir().unwrap();
        let (models, presets) = (data.path().join("models"), data.path().join("presets/cello"));
        for folder in [&models.join("torn"), &presets] {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::fs::write(models.join("torn/manifest.json"), "{").unwrap();
        std::fs::write(presets.join("Odd.json"), "{}").unwrap();
        let cards = BrowserLists::read(&Places::at(data.path(), vec![models]), Plugin::Effect);
        let [card] = &cards.models[..] else { panic!("{cards:?}") };
        assert!(card.name == "torn" && card.hash.is_empty() && card.problem.contains("manifest.json"), "{card:?}");
        let [preset] = &cards.presets[..] else { panic!("{cards:?}") };
        assert!(preset.name == "Odd" && preset.is_users && preset.problem.contains("timbreloom_preset"), "{preset:?}");
    }

    #[test]
    fn a_package_that_cannot_be_read_is_shown_where_its_kind_is_played() {
        let data = tempfile::tempdir().unwrap();
        let models = data.path().join("models");
        for (name, manifest) in [
            ("newer-codes", r#"{"format": 2, "kind": "discrete"}"#),
            ("broken-codes", r#"{"format": 1, "kind": "discrete"}"#),
            ("broken-space", r#"{"format": 1, "kind": "continuous"}"#),
            ("broken-grains", r#"{"format": 1, "kind": "granular"}"#),
            ("torn", "{"),
        ] {
            std::fs::create_dir_all(models.join(name)).unwrap();
            std::fs::write(models.join(name).join("manifest.json"), manifest).unwrap();
        }
        let shown = |plugin| -> Vec<String> {
            let places = Places::at(data.path(), vec![models.clone()]);
            BrowserLists::read(&places, plugin).models.into_iter().map(|card| card.name).collect()
        };
        assert_eq!(shown(Plugin::Effect), ["broken-codes", "broken-space", "newer-codes", "torn"]);
        assert_eq!(shown(Plugin::Codes), ["broken-codes", "newer-codes"]);
        assert_eq!(shown(Plugin::Drums), ["broken-grains"]);
    }

    #[test]
    fn sentences_begin_with_a_capital_and_file_names_stay() {
        assert_eq!(sentence("the model is gone."), "The model is gone.");
        assert_eq!(sentence("flute.zip: cannot be read."), "flute.zip: cannot be read.");
    }
}
