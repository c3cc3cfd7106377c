//! A preset as a text of JSON, for people, files and the clipboard. Nothing in one is trusted.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::error::PresetError;
use super::extra::ExtraValue;
use super::plugin::Plugin;
use super::scene::Scene;
use super::table::Table;
use crate::files::{self, Links};
use crate::model::request::ModelRequest;

/// The format that this version writes and reads.
pub const FORMAT: u32 = 1;

/// What eight paths of ten minutes need; a preset of every parameter needs 7 kB.
const MAX_BYTES: u64 = 64 << 20;

const MAX_NAME_CHARS: usize = 64;
const MAX_COMMENT_CHARS: usize = 2000;

/// A preset: a name, the models, and the parameters that are not at their defaults, in the units of the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    #[serde(rename = "timbreloom_preset")]
    format: u32,
    /// Whose settings these are.
    #[serde(default, skip_serializing_if = "Plugin::is_effect")]
    pub plugin: Plugin,
    /// 1 to 64 characters.
    pub name: String,
    /// What it does, and on which input it shines.
    #[serde(default)]
    pub comment: String,
    /// The model that it was made for.
    pub model: ModelRequest,
    /// The model to blend with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_model: Option<ModelRequest>,
    /// By id: a number, `true` or `false`, or the id of a choice.
    pub parameters: BTreeMap<String, Value>,
    /// What is no parameter, by id, if it is not a new instance's: `curve`. `None`, as in documents from before there were
    /// extras: they stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extras: Option<BTreeMap<String, ExtraValue>>,
}

/// The keys of a [`Document`].
const KEYS: [&str; 8] =
    ["timbreloom_preset", "plugin", "name", "comment", "model", "second_model", "parameters", "extras"];

/// A document within a project, for serde: what a newer version has added to it is left out and not complained of, since
/// nobody wrote it by hand.
pub(super) fn of_any_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Document>, D::Error> {
    let Some(mut found) = Option::<serde_json::Map<String, Value>>::deserialize(deserializer)? else { return Ok(None) };
    found.retain(|key, _| KEYS.contains(&key.as_str()));
    serde_json::from_value(Value::Object(found)).map(Some).map_err(serde::de::Error::custom)
}

/// Something in a preset that could not be followed; the rest was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place}: “{key}” should be {expected}, but is {found}: {done}.")]
pub struct Remark {
    /// The file or the preset's name.
    pub place: String,
    /// Where in it: `parameters.mix`.
    pub key: String,
    /// What would do.
    pub expected: String,
    /// What is there.
    pub found: String,
    /// What was done instead.
    pub done: &'static str,
}

impl Document {
    /// Of these settings; what is at its default is left out.
    pub fn of(scene: &Scene, table: &Table, name: &str, comment: &str) -> Self {
        let changed = |id: &str| scene.values.get(id).copied();
        let parameters = table
            .of_preset()
            .filter_map(|p| Some((p, changed(&p.id)?)))
            .filter(|(p, value)| *value != p.default)
            .map(|(p, value)| (p.id.clone(), p.to_json(value)))
            .collect();
        let is_drawn = |(id, value): &(&String, &ExtraValue)| {
            table.extras.iter().any(|extra| extra.id == *id && extra.default != **value)
        };
        let extras = scene.extras.iter().filter(is_drawn).map(|(id, value)| (id.clone(), value.clone()));
        let extras: BTreeMap<String, ExtraValue> = extras.collect();
        // Without any, and where none would take its default, it is as it was before there were extras.
        let says_something = !extras.is_empty() || table.extras.iter().any(|extra| !extra.is_kept);
        let [model, second] = scene.models.clone();
        Self {
            format: FORMAT,
            plugin: table.plugin,
            name: name.to_owned(),
            comment: comment.to_owned(),
            model,
            second_model: Some(second).filter(|second| !second.name.is_empty()),
            parameters,
            extras: says_something.then_some(extras),
        }
    }

    /// As [`Self::of`], but that it names all extras, so that nothing stays as it is.
    pub(super) fn whole(scene: &Scene, table: &Table, name: &str) -> Self {
        Self { extras: Some(scene.extras.clone()), ..Self::of(scene, table, name, "") }
    }

    /// As a file holds it.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("strings and numbers are JSON");
        text.push('\n');
        text
    }

    /// Reads a file. Blocks.
    ///
    /// # Errors
    /// When it cannot be read or is no preset.
    pub fn read(path: &Path) -> Result<Self, PresetError> {
        Self::read_by(path, Links::Follow)
    }

    pub(super) fn read_by(path: &Path, links: Links) -> Result<Self, PresetError> {
        match files::read_bounded(path, MAX_BYTES, links) {
            Ok(Some(bytes)) => Self::parse(&bytes, &path.display().to_string()),
            Ok(None) => Err(PresetError::TooLarge { place: path.display().to_string(), limit: MAX_BYTES }),
            Err(e) => Err(PresetError::Unreadable { path: path.to_owned(), reason: e.to_string() }),
        }
    }

    /// Reads text that came from `place`, which errors name.
    ///
    /// # Errors
    /// When it is no preset.
    pub fn parse(bytes: &[u8], place: &str) -> Result<Self, PresetError> {
        let place = || place.to_owned();
        if bytes.len() as u64 > MAX_BYTES {
            return Err(PresetError::TooLarge { place: place(), limit: MAX_BYTES });
        }
        let not_a_preset = |reason| PresetError::NotAPreset { place: place(), reason };
        // The format first: a newer one may differ in everything else.
        let value: Value = serde_json::from_slice(bytes).map_err(|e| not_a_preset(e.to_string()))?;
        match value.get("timbreloom_preset") {
            Some(format) if format.as_u64() == Some(FORMAT.into()) => {}
            Some(found) => {
                let (place, found) = (place(), short(&found.to_string()));
                return Err(PresetError::UnknownFormat { place, found, known: FORMAT });
            }
            None => return Err(not_a_preset("the key “timbreloom_preset” is missing".into())),
        }
        let document: Self = serde_path_to_error::deserialize(value).map_err(|e| {
            let key = e.path().to_string();
            // “.” stands for the whole: an unknown or missing key at the top, which the reason names.
            let prefix = if key == "." { String::new() } else { format!("“{key}”: ") };
            not_a_preset(format!("{prefix}{}", e.inner()))
        })?;
        document.checked(&place())
    }

    /// Refuses what is another plugin's. `place`: as [`Self::parse`].
    ///
    /// # Errors
    /// When it is.
    pub fn check_is_of(&self, table: &Table, place: &str) -> Result<(), PresetError> {
        let (theirs, own) = (self.plugin, table.plugin);
        let other = || PresetError::OtherPlugin { place: place.to_owned(), theirs: theirs.name(), own: own.name() };
        if theirs == own { Ok(()) } else { Err(other()) }
    }

    fn checked(self, place: &str) -> Result<Self, PresetError> {
        let check = |key, holds: bool, expected, found: &str| {
            let found = if found.is_empty() { "empty".to_owned() } else { short(found) };
            let bad = || PresetError::BadValue { place: place.to_owned(), key, expected, found };
            if holds { Ok(()) } else { Err(bad()) }
        };
        check("name", is_name(&self.name), "1 to 64 characters on one line", &self.name)?;
        let is_comment = self.comment.chars().count() <= MAX_COMMENT_CHARS;
        check("comment", is_comment, "at most 2000 characters", &self.comment)?;
        let second = self.second_model.as_ref();
        for (name_key, hash_key, model) in
            [("model.name", "model.hash", Some(&self.model)), ("second_model.name", "second_model.hash", second)]
        {
            let Some(model) = model else { continue };
            check(name_key, is_name(&model.name), "a model's name, 1 to 64 characters", &model.name)?;
            let is_hash =
                model.hash.is_empty() || model.hash.len() == 64 && model.hash.bytes().all(|b| b.is_ascii_hexdigit());
            check(hash_key, is_hash, "empty, or a SHA-256 of 64 hexadecimal digits", &model.hash)?;
        }
        Ok(self)
    }

    /// The settings that it means, and what in it could not be followed: what it does not name takes its default, a
    /// value out of range the nearest one; an id that is unknown or no preset's business is left alone.
    pub fn scene(&self, table: &Table, place: &str) -> (Scene, Vec<Remark>) {
        let plugin = table.plugin;
        let second = self.second_model.clone().filter(|_| plugin.blends()).unwrap_or_else(|| ModelRequest::named(""));
        let mut scene = Scene::defaults(table, [self.model.clone(), second]);
        let mut remarks = Vec::new();
        if let Some(second) = self.second_model.as_ref().filter(|_| !plugin.blends()) {
            remarks.push(Remark {
                place: place.to_owned(),
                key: "second_model".into(),
                expected: format!("absent, since {} plays one at a time", plugin.name()),
                found: Value::from(second.name.as_str()).to_string(),
                done: "left out",
            });
        }
        let mut remark_on = |part: &str, key: &str, value: &Value, expected: String, done| {
            let (place, key, found) = (place.to_owned(), short(key), short(&value.to_string()));
            remarks.push(Remark { place, key: format!("{part}.{key}"), expected, found, done });
        };
        for (key, value) in &self.parameters {
            let mut remark = |expected: String, done| remark_on("parameters", key, value, expected, done);
            let Some(parameter) = table.get(key) else {
                remark("a parameter of this version".into(), "left out; update Timbreloom, or correct the name");
                continue;
            };
            if !parameter.is_of_preset {
                remark("left to the project".into(), "left as it was");
                continue;
            }
            match parameter.read_json(value) {
                (Some(normalised), complaint) => {
                    scene.values.insert(key.clone(), normalised);
                    if let Some(expected) = complaint {
                        remark(expected, "the nearest value was taken");
                    }
                }
                (None, complaint) => remark(complaint.unwrap_or_default(), "the default was taken"),
            }
        }
        let Some(extras) = &self.extras else {
            scene.extras.clear();
            return (scene, remarks);
        };
        for (key, value) in extras {
            let mut remark = |expected: &str, done| {
                remark_on("extras", key, value.json().unwrap_or(&Value::Null), expected.to_owned(), done);
            };
            match table.extras.iter().find(|extra| extra.id == key) {
                None => remark("something that this version knows", "left out; update Timbreloom, or correct the name"),
                Some(extra) => match (extra.read)(value) {
                    Some((nearest, is_other)) => {
                        scene.extras.insert(key.clone(), nearest);
                        if is_other {
                            remark(extra.expected, "the nearest value was taken");
                        }
                    }
                    None if extra.is_kept => remark(extra.expected, "left as it was"),
                    None => remark(extra.expected, "the default was taken"),
                },
            }
        }
        (scene, remarks)
    }
}

/// Whether this can be a preset's name.
pub(super) fn is_name(name: &str) -> bool {
    let count = name.chars().count();
    (1..=MAX_NAME_CHARS).contains(&count) && !name.trim().is_empty() && !name.chars().any(char::is_control)
}

fn short(text: &str) -> String {
    text.chars().take(100).collect()
}
