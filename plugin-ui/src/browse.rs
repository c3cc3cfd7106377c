//! What the model browser and the preset browser search, filter and select.

use std::path::{Path, PathBuf};

use crate::session::{ModelCard, PresetCard};

/// Whether every word of a query is in one of the texts, in any case.
fn matches(query: &str, texts: &[&str]) -> bool {
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    query.to_lowercase().split_whitespace().all(|word| texts.iter().any(|text| text.contains(word)))
}

/// The place `by` further on among `count`, kept inside; the first or last one from nowhere.
fn step(at: Option<usize>, by: isize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    Some(match at {
        Some(at) => at.saturating_add_signed(by).min(last),
        None if by < 0 => last,
        None => 0,
    })
}

/// What the model browser looks for, and which model it shows.
#[derive(Debug, Default)]
pub struct ModelSearch {
    /// Words; empty finds all.
    pub query: String,
    /// Only models of this domain.
    pub domain: Option<String>,
    /// Only marked models.
    pub is_favourites: bool,
    /// Name and hash of the model whose card is shown.
    pub selected: Option<(String, String)>,
}

impl ModelSearch {
    /// The models that are found, in their order.
    pub fn found<'a>(&self, models: &'a [ModelCard]) -> Vec<&'a ModelCard> {
        let fits = |model: &&ModelCard| {
            self.domain.as_ref().is_none_or(|domain| *domain == model.domain)
                && (!self.is_favourites || model.is_favourite)
                && matches(&self.query, &[&model.name, &model.domain, &model.description])
        };
        models.iter().filter(fits).collect()
    }

    /// The domains of all models, each once, in alphabetical order.
    pub fn domains(models: &[ModelCard]) -> Vec<&str> {
        let mut domains: Vec<&str> = models.iter().map(|model| model.domain.as_str()).collect();
        domains.retain(|domain| !domain.is_empty());
        domains.sort_unstable();
        domains.dedup();
        domains
    }

    /// Selects a model.
    pub fn select(&mut self, model: &ModelCard) {
        self.selected = Some((model.name.clone(), model.hash.clone()));
    }

    /// Whether a model is the selected one.
    pub fn is_selected(&self, model: &ModelCard) -> bool {
        self.selected.as_ref().is_some_and(|(name, hash)| *name == model.name && *hash == model.hash)
    }

    /// The model whose card is shown: the selected one if it is found, else the first.
    pub fn shown<'a>(&self, models: &'a [ModelCard]) -> Option<&'a ModelCard> {
        let found = self.found(models);
        found.iter().copied().find(|model| self.is_selected(model)).or(found.first().copied())
    }

    /// Selects the model so many places further on in what is found.
    pub fn step(&mut self, by: isize, models: &[ModelCard]) {
        let found = self.found(models);
        let shown = self.shown(models);
        let at = found.iter().position(|model| shown.is_some_and(|shown| std::ptr::eq(*model, shown)));
        if let Some(next) = step(at, by, found.len()) {
            self.select(found[next]);
        }
    }
}

/// Whose presets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Owner {
    /// Everyone's.
    #[default]
    All,
    /// The musician's own.
    Own,
    /// Those that came with models.
    Factory,
}

/// What the preset browser looks for, and which preset is selected.
#[derive(Debug, Default)]
pub struct PresetSearch {
    /// Words; empty finds all.
    pub query: String,
    /// Only presets of this model.
    pub model: Option<String>,
    /// Only presets of the model that plays, whatever [`Self::model`] says.
    pub is_for_playing: bool,
    /// The model that plays; empty without one.
    pub playing: String,
    /// Whose.
    pub owner: Owner,
    /// Only marked presets.
    pub is_favourites: bool,
    /// The file of the selected one.
    pub selected: Option<PathBuf>,
}

impl PresetSearch {
    /// The presets that are found, in their order.
    pub fn found<'a>(&self, presets: &'a [PresetCard]) -> Vec<&'a PresetCard> {
        let fits = |preset: &&PresetCard| {
            let is_owned = match self.owner {
                Owner::All => true,
                Owner::Own => preset.is_users,
                Owner::Factory => !preset.is_users,
            };
            let is_of_model = match &self.model {
                _ if self.is_for_playing && !self.playing.is_empty() => self.playing == preset.model,
                Some(model) => *model == preset.model,
                None => true,
            };
            let is_marked = preset.is_favourite || !self.is_favourites;
            is_owned
                && is_of_model
                && is_marked
                && matches(&self.query, &[&preset.name, &preset.model, &preset.comment])
        };
        presets.iter().filter(fits).collect()
    }

    /// The models that have presets, each once, in alphabetical order.
    pub fn models(presets: &[PresetCard]) -> Vec<&str> {
        let mut models: Vec<&str> = presets.iter().map(|preset| preset.model.as_str()).collect();
        models.sort_unstable();
        models.dedup();
        models
    }

    /// The selected preset, if it is found.
    pub fn shown<'a>(&self, presets: &'a [PresetCard]) -> Option<&'a PresetCard> {
        self.found(presets).into_iter().find(|preset| self.is_selected(&preset.path))
    }

    /// Whether this file is the selected one.
    pub fn is_selected(&self, path: &Path) -> bool {
        self.selected.as_deref() == Some(path)
    }

    /// Selects the preset so many places further on in what is found.
    pub fn step(&mut self, by: isize, presets: &[PresetCard]) {
        let found = self.found(presets);
        let at = found.iter().position(|preset| self.is_selected(&preset.path));
        if let Some(next) = step(at, by, found.len()) {
            self.selected = Some(found[next].path.clone());
        }
    }
}

/// The preset so many places from the loaded one among those of the same model that can be loaded; around the end.
pub fn neighbour<'a>(presets: &'a [PresetCard], name: &str, model: &str, by: isize) -> Option<&'a PresetCard> {
    let fits = |preset: &&PresetCard| preset.model == model && preset.problem.is_empty();
    let of_model: Vec<&PresetCard> = presets.iter().filter(fits).collect();
    let count = of_model.len() as isize;
    let at = of_model.iter().position(|preset| preset.name == name);
    let next = match at {
        Some(at) => at as isize + by,
        None if by < 0 => -1,
        None => 0,
    };
    (count > 0).then(|| of_model[next.rem_euclid(count) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn every_word_of_a_query_has_to_be_found_in_any_field() {
        let session = fake::session();
        let mut search = ModelSearch { query: "STRINGS bowed".to_owned(), ..ModelSearch::default() };
        let names: Vec<&str> = search.found(&session.models).iter().map(|model| model.name.as_str()).collect();
        assert_eq!(names, ["cello"]);
        search.query = "zither".to_owned();
        assert!(search.found(&session.models).is_empty() && search.shown(&session.models).is_none());
    }

    #[test]
    fn filters_narrow_the_list_together() {
        let session = fake::session();
        let mut search = ModelSearch { is_favourites: true, ..ModelSearch::default() };
        assert_eq!(search.found(&session.models).len(), 2);
        search.domain = Some("winds".to_owned());
        assert_eq!(search.shown(&session.models).unwrap().name, "horn");
        assert_eq!(ModelSearch::domains(&session.models), ["animals", "drums", "keys", "strings", "voice", "winds"]);
    }

    #[test]
    fn steps_stay_inside_what_is_found() {
        let session = fake::session();
        let mut search = ModelSearch { domain: Some("winds".to_owned()), ..ModelSearch::default() };
        search.step(1, &session.models);
        assert_eq!(search.shown(&session.models).unwrap().name, "horn", "the first was shown already");
        search.step(50, &session.models);
        assert_eq!(search.shown(&session.models).unwrap().name, "oboe-old-hall");
        search.step(-50, &session.models);
        assert_eq!(search.shown(&session.models).unwrap().name, "flute");
    }

    #[test]
    fn presets_are_found_by_owner_model_mark_and_words() {
        let session = fake::session();
        let mut search = PresetSearch { owner: Owner::Own, ..PresetSearch::default() };
        assert_eq!(search.found(&session.presets).len(), 3);
        search = PresetSearch { model: Some("cello".to_owned()), query: "bow".to_owned(), ..PresetSearch::default() };
        assert_eq!(search.found(&session.presets).len(), 2);
        search = PresetSearch { is_for_playing: true, playing: "horn".to_owned(), ..PresetSearch::default() };
        assert!(search.found(&session.presets).iter().all(|preset| preset.model == "horn"));
        search.playing.clear();
        assert_eq!(search.found(&session.presets).len(), session.presets.len(), "no model plays");
        search.is_favourites = true;
        let names: Vec<&str> = search.found(&session.presets).iter().map(|preset| preset.name.as_str()).collect();
        assert_eq!(names, ["Rehearsal 3", "Warm Line"]);
    }

    #[test]
    fn next_and_previous_stay_with_the_model_and_go_around() {
        let presets = fake::session().presets;
        let name = |name: &str, by| neighbour(&presets, name, "cello", by).unwrap().name.as_str();
        assert_eq!(name("Warm Line", 1), "Wild Bow");
        assert_eq!(name("Bowed Drone", 1), "Late Set");
        assert_eq!(name("Late Set", -1), "Bowed Drone");
        assert_eq!(name("gone", 1), "Late Set");
        // The only preset of the horn that comes first is damaged, and passed over.
        assert_eq!(neighbour(&presets, "", "horn", 1).unwrap().name, "Fog Horn");
        assert!(neighbour(&presets, "", "no such model", 1).is_none());
    }
}
