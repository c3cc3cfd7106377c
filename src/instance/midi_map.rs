//! Which MIDI controller moves which parameter: learnt or set in the window, saved in the project.
//!
//! What a controller does to the sound is in [`super::midi_play`].

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use nih_plug::params::persist::PersistentField;
use nih_plug::prelude::Params;
use serde::{Deserialize, Deserializer, Serialize};

use super::param_set::handles;
use crate::telemetry::AtomicF32;

/// Controllers from here on are channel mode messages ("all notes off"), which hosts send by themselves: never learnt.
pub const FIRST_MODE_MESSAGE: u8 = 120;

/// One controller that moves one parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// The parameter's id, as `bias_1`.
    pub param: String,
    /// Number of the controller, 0..=127.
    pub cc: u8,
    /// MIDI channel, 0..=15; `None` takes any.
    #[serde(default)]
    pub channel: Option<u8>,
    /// Where the parameter is at controller value 0, as a share of its range, 0..=1. Above `high` the direction is
    /// turned round.
    #[serde(default)]
    pub low: f32,
    /// Where the parameter is at controller value 127, as a share of its range, 0..=1.
    #[serde(default = "whole")]
    pub high: f32,
}

fn whole() -> f32 {
    1.0
}

impl Mapping {
    /// The whole range of a parameter, on any channel.
    pub fn new(param: impl Into<String>, cc: u8) -> Self {
        Self { param: param.into(), cc, channel: None, low: 0.0, high: 1.0 }
    }
}

/// Why a mapping is not taken.
#[derive(Debug, thiserror::Error, PartialEq)]
#[non_exhaustive]
pub enum MidiMapError {
    /// No such parameter, or one that cannot be automated.
    #[error("“{0}” is no parameter that a controller can move. Choose one that the host can automate.")]
    Param(String),
    /// No such controller.
    #[error("cc: 0 to 127 expected, {0} found")]
    Cc(u8),
    /// No such channel.
    #[error("channel: 0 to 15 expected, {0} found")]
    Channel(u8),
    /// Not a share of the parameter's range.
    #[error("{key}: 0 to 1 expected, {found} found")]
    Share {
        /// `low` or `high`.
        key: &'static str,
        /// What was given.
        found: f32,
    },
}

/// The map as a project saves it.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    #[serde(default)]
    soft_takeover: bool,
    #[serde(default, deserialize_with = "those_understood")]
    mappings: Vec<Mapping>,
}

/// A mapping that makes no sense, from another version or a damaged project, does not take the others with it.
fn those_understood<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Mapping>, D::Error> {
    let found = Vec::<serde_json::Value>::deserialize(deserializer)?;
    let mut seen = HashSet::new();
    let read = found.into_iter().filter_map(|value| serde_json::from_value::<Mapping>(value).ok());
    Ok(read.filter(|mapping| Entry::of(mapping).is_ok() && seen.insert(mapping.param.clone())).collect())
}

/// A mapping in 64 bits, so that it is read and written as one: 1 bit that it is there, 7 of the controller, 5 of the
/// channel, twice 21 of the range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) cc: u8,
    pub(super) channel: Option<u8>,
    pub(super) low: f32,
    pub(super) high: f32,
}

/// A share of 1 in the packed form: exact in an `f32`, and 8192 times finer than a controller.
const ONE: f32 = (1 << 20) as f32;
const SHARE_BITS: u32 = 21;
const SHARE_MASK: u64 = (1 << SHARE_BITS) - 1;
const IS_THERE: u64 = 1 << 63;
/// In the place of a channel.
const ANY: u64 = 16;

impl Entry {
    /// Checks a mapping, whatever it moves.
    fn of(mapping: &Mapping) -> Result<Self, MidiMapError> {
        if mapping.cc > 127 {
            return Err(MidiMapError::Cc(mapping.cc));
        }
        if let Some(channel) = mapping.channel.filter(|channel| *channel > 15) {
            return Err(MidiMapError::Channel(channel));
        }
        for (key, found) in [("low", mapping.low), ("high", mapping.high)] {
            if !(0.0..=1.0).contains(&found) {
                return Err(MidiMapError::Share { key, found });
            }
        }
        Ok(Self { cc: mapping.cc, channel: mapping.channel, low: mapping.low, high: mapping.high })
    }

    fn packed(self) -> u64 {
        let share = |share: f32| (share * ONE).round() as u64;
        let channel = self.channel.map_or(ANY, u64::from);
        let head = u64::from(self.cc) << 5 | channel;
        IS_THERE | head << (2 * SHARE_BITS) | share(self.low) << SHARE_BITS | share(self.high)
    }

    fn unpacked(bits: u64) -> Option<Self> {
        let share = |bits: u64| (bits & SHARE_MASK) as f32 / ONE;
        let head = bits >> (2 * SHARE_BITS);
        (bits & IS_THERE != 0).then(|| Self {
            cc: (head >> 5 & 127) as u8,
            channel: Some((head & 31) as u8).filter(|channel| u64::from(*channel) < ANY),
            low: share(bits >> SHARE_BITS),
            high: share(bits),
        })
    }

    /// Where this controller value puts the parameter, as a share of its range. `value`: 0..=1.
    pub(super) fn share(self, value: f32) -> f32 {
        self.low + (self.high - self.low) * value.clamp(0.0, 1.0)
    }

    pub(super) fn hears(self, channel: u8, cc: u8) -> bool {
        self.cc == cc && self.channel.is_none_or(|own| own == channel)
    }
}

/// The map of one instance, shared by the window, the host's threads and the audio thread. At most one controller for
/// a parameter; one controller may move several.
///
/// # Realtime
/// Every method that the audio thread uses is wait-free and does not allocate; so is every change by the others, who
/// may come at any time.
#[derive(Clone, Default)]
pub struct MidiMap(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Ids of the parameters that a controller may move, in their order: all that a host may automate. The index in this list is
    /// what the audio thread knows them by.
    targets: Vec<String>,
    entries: Vec<AtomicU64>,
    soft_takeover: AtomicBool,
    /// Index of the parameter that waits for a controller, and 1; 0 for none.
    learning: AtomicU32,
    /// Where controllers hold parameters now, for the window; NaN where none does.
    held: Vec<AtomicF32>,
    /// How often all controllers were told to let go.
    generation: AtomicU32,
    /// How often a project was loaded.
    projects: AtomicU32,
}

impl MidiMap {
    /// Of these parameters; none is mapped yet. Allocates.
    pub fn of(params: &dyn Params) -> Self {
        let automatable = handles(params).into_iter().filter(|(_, param)| param.is_automatable());
        let targets: Vec<String> = automatable.map(|(id, _)| id).collect();
        Self(Arc::new(Shared {
            entries: targets.iter().map(|_| AtomicU64::new(0)).collect(),
            held: targets.iter().map(|_| AtomicF32::new(f32::NAN)).collect(),
            targets,
            ..Shared::default()
        }))
    }

    /// The ids of all parameters that a controller may move, in their order.
    pub fn targets(&self) -> &[String] {
        &self.0.targets
    }

    fn index_of(&self, param: &str) -> Option<usize> {
        self.0.targets.iter().position(|id| id == param)
    }

    /// Every mapping, in the order of the parameters. Allocates.
    pub fn mappings(&self) -> Vec<Mapping> {
        let mappings = self.0.targets.iter().enumerate().filter_map(|(index, param)| self.mapping_at(index, param));
        mappings.collect()
    }

    /// The mapping of the parameter of this id. Allocates.
    pub fn mapping(&self, param: &str) -> Option<Mapping> {
        self.mapping_at(self.index_of(param)?, param)
    }

    fn mapping_at(&self, index: usize, param: &str) -> Option<Mapping> {
        let Entry { cc, channel, low, high } = self.entry(index)?;
        Some(Mapping { param: param.to_owned(), cc, channel, low, high })
    }

    /// Sets the mapping of a parameter, in the place of the one that it has.
    ///
    /// # Errors
    /// When it makes no sense; nothing is changed.
    pub fn set_mapping(&self, mapping: &Mapping) -> Result<(), MidiMapError> {
        let index = self.index_of(&mapping.param).ok_or_else(|| MidiMapError::Param(mapping.param.clone()))?;
        self.set_entry(index, Entry::of(mapping)?);
        Ok(())
    }

    /// Takes the controller off a parameter (un-learn); the parameter is its own again with the next block.
    pub fn remove(&self, param: &str) {
        if let Some(index) = self.index_of(param) {
            self.0.entries[index].store(0, Ordering::Release);
        }
    }

    /// Takes every controller off.
    pub fn clear(&self) {
        self.0.entries.iter().for_each(|entry| entry.store(0, Ordering::Release));
    }

    /// The next controller that moves (mode messages, 120 and up, excepted) is mapped to this parameter, with the
    /// range of the mapping that it has or the whole one, on the channel that it comes on. Takes the place of an
    /// earlier wish.
    ///
    /// # Errors
    /// When there is no such parameter.
    pub fn learn(&self, param: &str) -> Result<(), MidiMapError> {
        let index = self.index_of(param).ok_or_else(|| MidiMapError::Param(param.to_owned()))?;
        self.0.learning.store(index as u32 + 1, Ordering::Release);
        Ok(())
    }

    /// Waits for no controller any more.
    pub fn stop_learning(&self) {
        self.0.learning.store(0, Ordering::Release);
    }

    /// The parameter that waits for a controller.
    pub fn learning(&self) -> Option<&str> {
        self.learning_index().and_then(|index| self.0.targets.get(index)).map(String::as_str)
    }

    /// Whether a controller has to pass the parameter's value before it moves it.
    pub fn soft_takeover(&self) -> bool {
        self.0.soft_takeover.load(Ordering::Relaxed)
    }

    /// See [`Self::soft_takeover`].
    pub fn set_soft_takeover(&self, soft_takeover: bool) {
        self.0.soft_takeover.store(soft_takeover, Ordering::Relaxed);
    }

    /// Where a controller holds this parameter now, as a share of its range without modulation; `None` where the
    /// parameter's own value is heard.
    pub fn held(&self, param: &str) -> Option<f32> {
        let value = self.0.held.get(self.index_of(param)?)?.load();
        (!value.is_nan()).then_some(value)
    }

    /// Every controller lets go of its parameter with the next block: whole settings come, of which a host is told only
    /// what differs from the parameters' own values.
    pub fn let_go_of_all(&self) {
        self.0.generation.fetch_add(1, Ordering::Release);
    }

    /// How often [`Self::let_go_of_all`] was called.
    pub(super) fn generation(&self) -> u32 {
        self.0.generation.load(Ordering::Acquire)
    }

    /// How often a project was loaded into this instance: every state has a map, `repair` sees to that.
    pub(crate) fn projects(&self) -> u32 {
        self.0.projects.load(Ordering::Acquire)
    }

    /// Tells the window. `None`: no controller holds it.
    pub(super) fn tell_held(&self, index: usize, value: Option<f32>) {
        self.0.held[index].store(value.unwrap_or(f32::NAN));
    }

    pub(super) fn entry(&self, index: usize) -> Option<Entry> {
        Entry::unpacked(self.0.entries[index].load(Ordering::Acquire))
    }

    fn set_entry(&self, index: usize, entry: Entry) {
        self.0.entries[index].store(entry.packed(), Ordering::Release);
    }

    pub(super) fn learning_index(&self) -> Option<usize> {
        (self.0.learning.load(Ordering::Acquire) as usize).checked_sub(1)
    }

    /// Gives this controller to the parameter that waits for one, if any does.
    pub(super) fn take(&self, channel: u8, cc: u8) {
        if cc >= FIRST_MODE_MESSAGE || self.learning_index().is_none() {
            return;
        }
        // Swapped out, so that a wish that the window takes back at this moment is not granted twice.
        if let Some(index) = (self.0.learning.swap(0, Ordering::AcqRel) as usize).checked_sub(1) {
            let (low, high) = self.entry(index).map_or((0.0, 1.0), |entry| (entry.low, entry.high));
            self.set_entry(index, Entry { cc, channel: Some(channel.min(15)), low, high });
        }
    }

    fn saved(&self) -> Saved {
        Saved { soft_takeover: self.soft_takeover(), mappings: self.mappings() }
    }
}

/// What a project says replaces the whole map; a wish to learn is forgotten, and controllers let go.
impl PersistentField<'_, Saved> for MidiMap {
    fn set(&self, saved: Saved) {
        self.stop_learning();
        self.clear();
        self.set_soft_takeover(saved.soft_takeover);
        for mapping in &saved.mappings {
            // What makes no sense has been left out while reading.
            let _ = self.set_mapping(mapping);
        }
        self.let_go_of_all();
        self.0.projects.fetch_add(1, Ordering::Release);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&Saved) -> R,
    {
        f(&self.saved())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::instance::effect_params::EffectParams;

    fn map() -> MidiMap {
        MidiMap::of(&EffectParams::default())
    }

    fn read(text: &str) -> MidiMap {
        let map = map();
        map.set_mapping(&Mapping::new("mix", 7)).unwrap();
        PersistentField::set(&map, serde_json::from_str(text).unwrap_or_default());
        map
    }

    fn written(map: &MidiMap) -> String {
        PersistentField::map(map, |saved: &Saved| serde_json::to_string(saved).unwrap())
    }

    #[test]
    fn every_parameter_that_can_be_automated_can_be_mapped_and_no_other() {
        let map = map();
        assert_eq!(map.targets().len(), EffectParams::default().param_map().len() - 1);
        assert!(map.set_mapping(&Mapping::new("bias_16", 1)).is_ok());
        assert_eq!(map.set_mapping(&Mapping::new("latency", 1)), Err(MidiMapError::Param("latency".into())));
    }

    #[test]
    fn a_mapping_comes_back_as_it_was_set() {
        let map = map();
        let mapping = Mapping { param: "bias_3".into(), cc: 127, channel: Some(15), low: 1.0, high: 0.25 };
        map.set_mapping(&mapping).unwrap();
        assert_eq!(map.mapping("bias_3"), Some(mapping.clone()));
        let other = Mapping { channel: None, cc: 0, low: 0.0, high: 1.0, ..mapping };
        map.set_mapping(&other).unwrap();
        assert_eq!(map.mappings(), [other]);
        map.remove("bias_3");
        assert!(map.mappings().is_empty());
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_key_and_changes_nothing() {
        let map = map();
        let good = Mapping::new("mix", 1);
        map.set_mapping(&good).unwrap();
        for (bad, message) in [
            (Mapping { cc: 128, ..good.clone() }, "cc: 0 to 127 expected, 128 found"),
            (Mapping { channel: Some(16), ..good.clone() }, "channel: 0 to 15 expected, 16 found"),
            (Mapping { low: -0.1, ..good.clone() }, "low: 0 to 1 expected, -0.1 found"),
            (Mapping { high: f32::NAN, ..good.clone() }, "high: 0 to 1 expected, NaN found"),
        ] {
            assert_eq!(map.set_mapping(&bad).unwrap_err().to_string(), message);
        }
        assert_eq!(map.mappings(), [good]);
    }

    #[test]
    fn the_next_controller_is_learnt_and_mode_messages_are_not() {
        let map = map();
        map.take(3, 20);
        assert!(map.mappings().is_empty(), "nobody has asked");
        map.learn("bias_1").unwrap();
        map.take(3, 123);
        assert_eq!(map.learning(), Some("bias_1"));
        map.take(3, 20);
        map.take(4, 21);
        assert_eq!(map.mappings(), [Mapping { channel: Some(3), ..Mapping::new("bias_1", 20) }]);
        assert_eq!(map.learning(), None);
        assert!(map.learn("no_such_parameter").is_err());
    }

    #[test]
    fn a_parameter_that_learns_again_keeps_its_range() {
        let map = map();
        map.set_mapping(&Mapping { low: 0.75, high: 0.25, ..Mapping::new("mix", 1) }).unwrap();
        map.learn("mix").unwrap();
        map.take(0, 2);
        let expected = Mapping { cc: 2, channel: Some(0), low: 0.75, high: 0.25, param: "mix".into() };
        assert_eq!(map.mapping("mix"), Some(expected));
    }

    #[test]
    fn one_bad_mapping_does_not_take_the_others_with_it() {
        let map = read(
            r#"{"soft_takeover":true,"mappings":[{"param":"mix","cc":200},{"param":"gone","cc":1},7,null,
            {"param":"bias_2","cc":1,"high":1e300},{"param":"amount","cc":11,"low":0.5},{"param":"amount","cc":12}]}"#,
        );
        assert_eq!(map.mappings(), [Mapping { low: 0.5, ..Mapping::new("amount", 11) }]);
        assert!(map.soft_takeover());
    }

    #[test]
    fn a_broken_map_means_none() {
        for text in ["{}", "", "[]", "null", r#"{"mappings":7}"#, r#"{"mappings":[{"param":"mix","cc":1e999}]}"#] {
            assert!(read(text).mappings().is_empty(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_map_survives_being_saved(
            cc in 0u8..128, channel in proptest::option::of(0u8..16), low in 0u32..=1 << 20, high in 0u32..=1 << 20,
            index: usize, soft_takeover: bool,
        ) {
            let map = map();
            let share = |n: u32| n as f32 / ONE;
            let mapping =
                Mapping { param: map.targets()[index % map.targets().len()].clone(), cc, channel, low: share(low), high: share(high) };
            map.set_mapping(&mapping).unwrap();
            map.set_soft_takeover(soft_takeover);
            let other = read(&written(&map));
            prop_assert_eq!(other.mappings(), [mapping]);
            prop_assert_eq!(other.soft_takeover(), soft_takeover);
        }

        #[test]
        fn no_text_panics_and_what_is_read_makes_sense(text in ".{0,200}") {
            for mapping in read(&text).mappings() {
                prop_assert!(Entry::of(&mapping).is_ok());
            }
        }

        #[test]
        fn no_mapping_from_a_project_panics(
            param in "(mix|bias_[0-9]{1,3}|latency|.{0,8})", cc: i64, channel in proptest::option::of(any::<i64>()),
            low: f64, high: f64,
        ) {
            let mapping = serde_json::json!({"param": param, "cc": cc % 300, "channel": channel.map(|c| c % 30),
                "low": low, "high": high});
            let map = read(&serde_json::json!({"mappings": [mapping.clone(), mapping]}).to_string());
            prop_assert!(map.mappings().len() <= 1);
            for mapping in map.mappings() {
                prop_assert!(Entry::of(&mapping).is_ok());
            }
        }

        #[test]
        fn a_controller_stays_within_its_range(low in 0.0f32..=1.0, high in 0.0f32..=1.0, value: f32) {
            let share = Entry { cc: 0, channel: None, low, high }.share(value);
            prop_assert!(value.is_nan() || (low.min(high) - 1e-6..=low.max(high) + 1e-6).contains(&share));
        }
    }
}
