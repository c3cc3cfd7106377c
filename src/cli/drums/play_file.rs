//! What a loop is played from: a preset of Timbreloom Drums, or a small file that a person writes.
//!
//! `docs/drums.md` describes the small file. Its keys are the ids of parameters, and its values those of presets.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{DEFAULT_MODEL, class_of, read_json};
use crate::cli::{Failure, find};
use crate::drums::TRACKS;
use crate::drums::pattern::Patterns;
use crate::hits::kit::Kit;
use crate::instance::desk::InstanceDesk;
use crate::instance::drums_params::DrumsParams;
use crate::instance::drums_table;
use crate::model::grains::{GrainModel, GrainsPackage};
use crate::preset::{self, Desk, History, Plugin};

/// The format that this version reads.
const FORMAT: u64 = 1;

/// Whose presets are played.
const DRUMS: Option<Plugin> = Some(Plugin::Drums);

/// What a preset says first.
const PRESET: &str = "timbreloom_preset";

/// Keys of the small file beside parameters.
const KEYS: &str = "“format”, “model”, “kit”, “tracks”, “patterns” or a parameter of the whole, such as “swing”";

/// Keys of a track that are a class.
const CLASSES: [&str; 2] = ["class", "class_b"];

/// Errors repeat so much of what was found, characters.
const MOST_FOUND: usize = 60;

/// What was named.
pub(super) enum PlayFile {
    /// Its settings are on the desk.
    Preset {
        /// What could not be followed.
        remarks: Vec<String>,
    },
    /// It is followed once the model is there: classes have names.
    Small(Map<String, Value>),
}

/// The desk that settings come on: an instance which no host plays.
pub(super) type DrumsDesk = InstanceDesk<DrumsParams>;

impl PlayFile {
    /// Reads a file, or a preset by its name; `model` is the one that was named.
    pub(super) fn read(word: &str, model: Option<&str>, desk: &mut DrumsDesk) -> Result<Self, Failure> {
        let file = Path::new(word);
        if file.is_file() {
            match read_json(file)? {
                Value::Object(small) if !small.contains_key(PRESET) => return Ok(Self::Small(small)),
                Value::Object(_) => {}
                other => {
                    let found = shortened(&other);
                    return Err(format!("{word}: an object in braces is expected, but it is {found}.").into());
                }
            }
        }
        // One made for another model may be played with this one, too.
        let (_, document) = preset::find(word, model, DRUMS).or_else(|_| preset::find(word, None, DRUMS))?;
        let (_, remarks) = preset::load(&document, drums_table(), desk, &mut History::default())?;
        Ok(Self::Preset { remarks: remarks.iter().map(ToString::to_string).collect() })
    }

    /// The model that it asks for, unless another one is named.
    pub(super) fn package(&self, word: &str, named: Option<&str>, desk: &DrumsDesk) -> Result<GrainsPackage, Failure> {
        if let Some(named) = named {
            return find::grains(named);
        }
        match self {
            Self::Preset { .. } => {
                let [model, _] = desk.models();
                find::requested_grains(&model)
            }
            Self::Small(small) => match small.get("model") {
                None => find::grains(DEFAULT_MODEL),
                Some(Value::String(name)) => find::grains(name),
                Some(other) => Err(wrong(word, "“model”", "the name of a grain model", other)),
            },
        }
    }

    /// Puts on the desk what the model's classes were needed for; -> what could not be followed.
    pub(super) fn finish(self, word: &str, model: &GrainModel, desk: &mut DrumsDesk) -> Result<Vec<String>, Failure> {
        match self {
            Self::Preset { remarks } => Ok(remarks),
            Self::Small(small) => {
                follow(word, &small, model, desk)?;
                Ok(Vec::new())
            }
        }
    }
}

/// A new desk.
pub(super) fn desk() -> DrumsDesk {
    InstanceDesk::loose(Arc::default())
}

fn follow(word: &str, small: &Map<String, Value>, model: &GrainModel, desk: &mut DrumsDesk) -> Result<(), Failure> {
    let format = small.get("format").unwrap_or(&Value::Null);
    if format.as_u64() != Some(FORMAT) {
        return Err(wrong(word, "“format”", &FORMAT.to_string(), format));
    }
    for (key, value) in small {
        let quoted = format!("“{key}”");
        match key.as_str() {
            "format" | "model" => {}
            "kit" => {
                let expected = format!("a list of at most {TRACKS} lists of at most 32 numbers from -8 to 8");
                let kit = Kit::from_json(value).ok_or_else(|| wrong(word, &quoted, &expected, value))?;
                desk.params().hits.set_kit(kit);
            }
            "patterns" => {
                let patterns = Patterns::read(value).map_err(|error| format!("{word}: {error}"))?;
                desk.params().patterns.put(patterns);
            }
            "tracks" => tracks(word, value, model, desk)?,
            id if is_of_track(id) || !is_known(id) => {
                return Err(format!("{word}: “{key}” is no key here. Expected are {KEYS}.").into());
            }
            id => set(word, &quoted, id, value, desk)?,
        }
    }
    Ok(())
}

fn tracks(word: &str, value: &Value, model: &GrainModel, desk: &mut DrumsDesk) -> Result<(), Failure> {
    let expected = format!("a list of at most {TRACKS} tracks, each in braces");
    let list = value.as_array().filter(|list| list.len() <= TRACKS);
    let list = list.ok_or_else(|| wrong(word, "“tracks”", &expected, value))?;
    for (n, track) in list.iter().enumerate() {
        let place = format!("track {}", n + 1);
        let track = track.as_object().ok_or_else(|| wrong(word, &place, "in braces", track))?;
        for (key, value) in track {
            let id = format!("{key}_{}", n + 1);
            let quoted = format!("in {place}, “{key}”");
            if !is_known(&id) {
                return Err(format!("{word}: {quoted} is no key of a track. They are listed in docs/drums.md.").into());
            }
            match value {
                Value::String(class) if CLASSES.contains(&key.as_str()) => {
                    let class = class_of(model, class).map_err(|error| format!("{word}: {quoted}: {error}"))?;
                    set(word, &quoted, &id, &class.into(), desk)?;
                }
                value => set(word, &quoted, &id, value, desk)?,
            }
        }
    }
    Ok(())
}

/// Whether presets hold a parameter of this id.
fn is_known(id: &str) -> bool {
    drums_table().get(id).is_some_and(|parameter| parameter.is_of_preset)
}

/// Whether an id is one track's, as `draw_1`.
fn is_of_track(id: &str) -> bool {
    id.rsplit_once('_').is_some_and(|(_, number)| number.parse::<usize>().is_ok())
}

fn set(word: &str, place: &str, id: &str, value: &Value, desk: &mut DrumsDesk) -> Result<(), Failure> {
    let Some(parameter) = drums_table().get(id) else { return Ok(()) };
    match parameter.read_json(value) {
        (Some(normalised), None) => {
            desk.set(id, normalised);
            Ok(())
        }
        (_, expected) => Err(wrong(word, place, &expected.unwrap_or_default(), value)),
    }
}

fn wrong(word: &str, place: &str, expected: &str, found: &Value) -> Failure {
    format!("{word}: {place} should be {expected}, but is {}.", shortened(found)).into()
}

fn shortened(found: &Value) -> String {
    found.to_string().chars().take(MOST_FOUND).collect()
}
