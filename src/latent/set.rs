//! The latent paths of a project: slots, and a plane. What of a project's JSON cannot be read is kept as it is, and written
//! again.

use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::chain::Chain;
use super::path::LatentPath;
use super::slot::pack;
pub use super::slot::{MAX_NAME_CHARS, MAX_SLOT_HOPS, Slot, most_hops};
use super::sources::{Plane, Source};
use crate::controls::Playable;

/// Paths that a project holds.
pub const MAX_PATHS: usize = 8;

/// Of a set that a later version made.
const OF_LATER_VERSION: &str =
    "The project's latent paths are a later version's: nothing in them can be changed here. Update Timbreloom.";

/// The keys of a set.
const SLOTS: &str = "slots";
const PLANE: &str = "plane";

/// What became of a slot.
#[derive(Clone, Debug, Default)]
enum Held {
    #[default]
    Empty,
    Path(Arc<Slot>),
    /// What it holds, and why it could not be read.
    Unread(Arc<Value>, String),
}

impl Held {
    fn read(json: &Value, before: &Self) -> Self {
        let before = match before {
            Self::Path(slot) => Some(&**slot),
            _ => None,
        };
        match json {
            Value::Null => Self::Empty,
            json => match Slot::read(json, before) {
                Ok(slot) => Self::Path(Arc::new(slot)),
                Err(reason) => Self::Unread(Arc::new(json.clone()), reason),
            },
        }
    }
}

impl Serialize for Held {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Empty => serializer.serialize_unit(),
            Self::Path(slot) => slot.serialize(serializer),
            Self::Unread(json, _) => json.serialize(serializer),
        }
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Empty, Self::Empty) => true,
            (Self::Path(one), Self::Path(other)) => Arc::ptr_eq(one, other) || one == other,
            (Self::Unread(one, _), Self::Unread(other, _)) => one == other,
            _ => false,
        }
    }
}

/// What became of the plane.
#[derive(Clone, Debug, Default, PartialEq)]
enum HeldPlane {
    /// A new project's.
    #[default]
    New,
    Plane(Arc<Plane>),
    /// What it holds, and why it could not be read.
    Unread(Arc<Value>, String),
}

impl HeldPlane {
    fn read(json: &Value) -> Self {
        let plane = Plane::deserialize(json).map_err(|error| error.to_string());
        match plane.and_then(|plane| plane.check().map(|()| plane)) {
            Ok(plane) => Self::Plane(Arc::new(plane)),
            Err(reason) => Self::Unread(Arc::new(json.clone()), reason),
        }
    }
}

/// See the module. What is long is shared by copies, and by what an edit makes of it.
#[derive(Clone, Default)]
pub struct PathSet(Arc<Inner>);

#[derive(Clone, Default, PartialEq)]
struct Inner {
    slots: [Held; MAX_PATHS],
    plane: HeldPlane,
    plane_played: Arc<Plane>,
    /// What a later version has put beside them.
    others: Arc<Map<String, Value>>,
    /// What is no set that this version knows: it is kept, and nothing in it is changed.
    unread: Option<Arc<Value>>,
}

impl PathSet {
    /// Reads what a project says; what cannot be read is kept as it is, and is told of by [`Self::remarks`]. A path that is as
    /// it was `before` is not read again. May take a tenth of a second for each hour of paths.
    pub fn read(json: &Value, before: &Self) -> Self {
        let list = json.get(SLOTS).and_then(Value::as_array).filter(|list| list.len() <= MAX_PATHS);
        let (Some(map), Some(list)) = (json.as_object(), list) else {
            return Self(Arc::new(Inner { unread: Some(Arc::new(json.clone())), ..Inner::default() }));
        };
        let slots =
            std::array::from_fn(|n| list.get(n).map_or(Held::Empty, |json| Held::read(json, &before.0.slots[n])));
        let plane = map.get(PLANE).map_or(HeldPlane::New, HeldPlane::read);
        let others = map.iter().filter(|(key, _)| ![SLOTS, PLANE].contains(&key.as_str()));
        let others = Arc::new(others.map(|(key, value)| (key.clone(), value.clone())).collect());
        Self(Arc::new(Inner { slots, others, ..Inner::default() })).with_held_plane(plane)
    }

    /// A path that was read.
    pub fn slot(&self, n: usize) -> Option<&Slot> {
        match self.0.slots.get(n)? {
            Held::Path(slot) => Some(slot),
            _ => None,
        }
    }

    /// Why what is in a slot cannot be read.
    pub fn unread(&self, n: usize) -> Option<&str> {
        match self.0.slots.get(n)? {
            Held::Unread(_, reason) => Some(reason),
            _ => None,
        }
    }

    /// Why nothing may take a slot's place, in a sentence: there is no such slot, or it holds what cannot be read here.
    fn check_place(&self, n: usize) -> Result<(), String> {
        match self.0.slots.get(n) {
            _ if self.0.unread.is_some() => Err(OF_LATER_VERSION.into()),
            None => Err(format!("A project has {MAX_PATHS} slots for paths, and no slot {}.", n + 1)),
            Some(Held::Unread(..)) => {
                Err(format!("Slot {} holds what cannot be read here. Clear it first, or choose another one.", n + 1))
            }
            Some(_) => Ok(()),
        }
    }

    /// Why the plane cannot be changed, in a sentence: it cannot be read here, and is kept.
    ///
    /// # Errors
    /// When it is so.
    pub fn check_plane(&self) -> Result<(), String> {
        match self.0.plane {
            _ if self.0.unread.is_some() => Err(OF_LATER_VERSION.into()),
            HeldPlane::Unread(..) => {
                Err("The project's plane cannot be read here, and is kept as it is. Update Timbreloom to change it."
                    .into())
            }
            _ => Ok(()),
        }
    }

    /// The first slot that holds nothing, not even what cannot be read.
    pub fn free_slot(&self) -> Option<usize> {
        self.0.slots.iter().position(|held| matches!(held, Held::Empty)).filter(|_| self.0.unread.is_none())
    }

    /// Corners and markers.
    pub fn plane(&self) -> &Plane {
        &self.0.plane_played
    }

    /// What of it sounds by itself in models in which a path plays where `plays` says so.
    pub fn playable(&self, plays: &dyn Fn(&LatentPath) -> bool) -> Playable {
        let has_slot = |n: usize| self.slot(n).is_some_and(|slot| !slot.hops().is_empty() && plays(&slot.path));
        let sounds = |source: &Source| match source {
            Source::Slot(n) => has_slot(*n),
            Source::Snapshot(path) => plays(path),
            // They are as loud as what is heard.
            Source::Random(_) | Source::Live => false,
        };
        let plane = self.plane();
        let has_corners = plane.corners.iter().flatten().any(sounds);
        // As they are weighed: without markers the corners are.
        let has_markers = match plane.markers.is_empty() {
            true => has_corners,
            false => plane.markers.iter().any(|marker| sounds(&marker.source)),
        };
        let slots = (0..MAX_PATHS).map(|n| (has_slot(n), Playable::slot(n as u8)));
        let planes = [(has_corners, Playable::CORNERS), (has_markers, Playable::MARKERS)];
        let there = slots.chain(planes).filter(|(is_there, _)| *is_there);
        there.fold(Playable::NONE, |playable, (_, one)| playable.with(one))
    }

    /// What cannot be played whichever model plays, in whole sentences, each with its slot from 0 where it is one's.
    pub fn remarks(&self) -> Vec<(Option<usize>, String)> {
        let of_slot = |(n, held): (usize, &Held)| match held {
            Held::Empty => None,
            Held::Unread(_, reason) => {
                Some((Some(n), format!("The path in slot {} cannot be read ({reason}). The project keeps it.", n + 1)))
            }
            Held::Path(slot) => slot.fault().map(|reason| {
                (Some(n), format!("The path “{}” in slot {} does not play: {reason}.", slot.name, n + 1))
            }),
        };
        let of_whole = match (&self.0.unread, &self.0.plane) {
            (Some(_), _) => Some(format!(
                "The project's latent paths: “{SLOTS}” should be a list of at most {MAX_PATHS}. The project keeps them, and \
                 nothing in them can be changed here."
            )),
            (None, HeldPlane::Unread(_, reason)) => {
                Some(format!("The project's latent paths: “{PLANE}” cannot be read ({reason}). The project keeps it."))
            }
            _ => None,
        };
        let of_whole = of_whole.into_iter().map(|remark| (None, remark));
        of_whole.chain(self.0.slots.iter().enumerate().filter_map(of_slot)).collect()
    }

    /// The same with another path in a slot. Packs it, which takes a fifth of a second for ten minutes.
    ///
    /// # Errors
    /// In a sentence: there is no such slot, it holds what cannot be read here, or the path is longer than projects hold.
    pub fn with_path(&self, n: usize, name: &str, path: &LatentPath, chain: &Chain) -> Result<Self, String> {
        self.check_place(n)?;
        let npz = pack(path)?.into();
        let name: String = name.chars().take(MAX_NAME_CHARS).collect();
        let slot = Slot::new(&name, Arc::new(path.clone()), npz, chain.clone());
        Ok(self.with_held(n, Held::Path(Arc::new(slot))))
    }

    /// The same with a path that was just recorded: in the slot that it was recorded for if that is free, else in the first free
    /// one.
    ///
    /// # Errors
    /// As [`Self::with_path`], and where all slots hold something.
    pub fn with_take(&self, n: usize, path: &LatentPath) -> Result<Self, String> {
        let is_taken = |name: &String| (0..MAX_PATHS).any(|n| self.slot(n).is_some_and(|slot| slot.name == *name));
        let name = (1..).map(|number| format!("Take {number}")).find(|name| !is_taken(name)).unwrap_or_default();
        let is_free = matches!(self.0.slots.get(n), Some(Held::Empty));
        let no_room = "All slots hold something: clear one, and what was recorded goes there.";
        let to = Some(n).filter(|_| is_free && self.0.unread.is_none()).or_else(|| self.free_slot());
        let to = to.ok_or(if self.0.unread.is_some() { OF_LATER_VERSION } else { no_room })?;
        self.with_path(to, &name, path, &Chain::default())
    }

    /// The same with the path of a slot bent by another chain.
    #[must_use]
    pub fn with_chain(&self, n: usize, chain: &Chain) -> Self {
        let Some(slot) = self.slot(n) else { return self.clone() };
        let slot = Slot::new(&slot.name, Arc::clone(&slot.path), Arc::clone(&slot.npz), chain.clone());
        self.with_held(n, Held::Path(Arc::new(slot)))
    }

    /// The same with another name for the path of a slot.
    #[must_use]
    pub fn with_name(&self, n: usize, name: &str) -> Self {
        let Some(slot) = self.slot(n) else { return self.clone() };
        let name: String = name.chars().take(MAX_NAME_CHARS).collect();
        let slot = slot.renamed(name);
        self.with_held(n, Held::Path(Arc::new(slot)))
    }

    /// The same with what is in one slot in another one, too.
    ///
    /// # Errors
    /// As [`Self::with_path`].
    pub fn with_copy(&self, from: usize, to: usize) -> Result<Self, String> {
        self.check_place(to)?;
        match self.0.slots.get(from) {
            None | Some(Held::Empty) => Err(format!("There is no path in slot {}.", from + 1)),
            Some(held) => Ok(self.with_held(to, held.clone())),
        }
    }

    /// The same with nothing in a slot.
    #[must_use]
    pub fn without(&self, n: usize) -> Self {
        self.with_held(n, Held::Empty)
    }

    /// The same with another plane; as it is where [`Self::check_plane`] says so.
    #[must_use]
    pub fn with_plane(&self, plane: &Plane) -> Self {
        if self.check_plane().is_err() {
            return self.clone();
        }
        self.clone().with_held_plane(HeldPlane::Plane(Arc::new(plane.clone())))
    }

    fn with_held(&self, n: usize, held: Held) -> Self {
        let mut set = self.clone();
        // Nothing of a later version's is changed by one that does not know it.
        if n < MAX_PATHS && self.0.unread.is_none() {
            Arc::make_mut(&mut set.0).slots[n] = held;
        }
        set
    }

    fn with_held_plane(mut self, plane: HeldPlane) -> Self {
        if self.0.unread.is_some() {
            return self;
        }
        let plane_played = match &plane {
            HeldPlane::Plane(plane) => Arc::clone(plane),
            HeldPlane::New | HeldPlane::Unread(..) => Arc::default(),
        };
        let inner = Arc::make_mut(&mut self.0);
        (inner.plane, inner.plane_played) = (plane, plane_played);
        self
    }

    /// What it takes beyond another one, from which it was made, bytes.
    pub fn bytes_beyond(&self, before: &Self) -> usize {
        let of_slot = |(now, before): (&Held, &Held)| match (now, before) {
            (Held::Path(now), Held::Path(before)) if Arc::ptr_eq(now, before) => 0,
            (Held::Path(now), before) => {
                let is_shared = matches!(before, Held::Path(before) if Arc::ptr_eq(&now.path, &before.path));
                let recorded = if is_shared { 0 } else { now.npz.len() + size_of_val(&now.path.hops[..]) };
                recorded + size_of_val(now.hops())
            }
            _ => 0,
        };
        self.0.slots.iter().zip(&before.0.slots).map(of_slot).sum()
    }
}

impl PartialEq for PathSet {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

/// Whether JSON is a set at all, of this version or of a later one, which has something else in place of the list.
pub fn is_set(json: &Value) -> bool {
    json.get(SLOTS).is_some()
}

impl fmt::Debug for PathSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = (0..MAX_PATHS).map(|n| self.slot(n).map(|slot| &slot.name));
        f.debug_list().entries(names).finish()
    }
}

impl Serialize for PathSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(unread) = &self.0.unread {
            return unread.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        let filled = self.0.slots.iter().rposition(|held| !matches!(held, Held::Empty)).map_or(0, |last| last + 1);
        map.serialize_entry(SLOTS, &self.0.slots[..filled])?;
        match &self.0.plane {
            HeldPlane::New => {}
            HeldPlane::Plane(plane) => map.serialize_entry(PLANE, &**plane)?,
            HeldPlane::Unread(json, _) => map.serialize_entry(PLANE, &**json)?,
        }
        for (key, value) in &*self.0.others {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for PathSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::read(&Value::deserialize(deserializer)?, &Self::default()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use serde_json::json;

    use super::*;
    use crate::controls::MAX_DIMS;
    use crate::dsp::noise::Noise;
    use crate::latent::npz;
    use crate::latent::path::LatentHop;
    use crate::latent::path::tests::path;
    use crate::latent::slot::MAX_TEXT_BYTES;
    use crate::latent::{Axes, Marker, Operator, Step, WalkPoint};
    use crate::model::request::ModelRequest;

    fn read(json: &Value) -> PathSet {
        PathSet::read(json, &PathSet::default())
    }

    fn json_of(set: &PathSet) -> Value {
        serde_json::to_value(set).unwrap()
    }

    fn reverse() -> Chain {
        Chain(vec![Step::new(Operator::Reverse, Axes::ALL)])
    }

    fn one() -> PathSet {
        PathSet::default().with_path(2, "sung", &path(30), &reverse()).unwrap()
    }

    #[test]
    fn a_set_is_read_as_it_is_written_and_its_paths_are_bent() {
        let set = one().with_plane(&Plane { corners: [const { None }; 4], ..Plane::default() });
        let text = serde_json::to_string(&set).unwrap();
        let again: PathSet = serde_json::from_str(&text).unwrap();
        assert_eq!((&again, serde_json::to_string(&again).unwrap()), (&set, text));
        let slot = again.slot(2).unwrap();
        assert_eq!((slot.name.as_str(), &*slot.path, &slot.chain), ("sung", &path(30), &reverse()));
        assert_eq!(slot.hops()[0], path(30).hops[29]);
        assert!(again.slot(0).is_none() && again.slot(99).is_none() && again.plane().corners == [const { None }; 4]);
        assert!(again.remarks().is_empty());
        assert_eq!(serde_json::to_string(&PathSet::default()).unwrap(), r#"{"slots":[]}"#);
    }

    #[test]
    fn an_edit_changes_one_thing_and_shares_the_rest() {
        let set = one().with_path(0, "other", &path(7), &Chain::default()).unwrap();
        let bent = set.with_chain(2, &Chain::default()).with_name(2, &"x".repeat(99));
        let slot = bent.slot(2).unwrap();
        assert_eq!((slot.hops(), slot.name.len()), (&path(30).hops[..], MAX_NAME_CHARS));
        let of = |set: &PathSet, n: usize| std::ptr::from_ref(&*set.slot(n).unwrap().path);
        assert_eq!((of(&bent, 0), of(&bent, 2)), (of(&set, 0), of(&set, 2)), "nothing that is long is copied");
        let read_again = PathSet::read(&json_of(&bent), &set);
        assert_eq!((of(&read_again, 2), &read_again), (of(&set, 2), &bent), "nor read again");
        let moved =
            bent.with_plane(&Plane { corners: std::array::from_fn(|_| Some(Source::Live)), ..Plane::default() });
        assert_eq!(moved.plane().corners[3], Some(Source::Live));
        let gone = moved.without(2);
        assert!(gone.slot(2).is_none() && gone.slot(0).is_some());
        assert_eq!(gone.with_chain(5, &reverse()), gone.without(5), "of an empty slot nothing is bent");
        let copied = gone.with_copy(0, 1).unwrap();
        assert_eq!((gone.free_slot(), copied.slot(1)), (Some(1), gone.slot(0)));
        assert!(copied.with_copy(99, 1).unwrap_err().contains("no path in slot 100"), "nothing is not copied");
    }

    #[test]
    fn a_take_goes_where_it_was_meant_to_or_where_there_is_room() {
        let set = one().with_take(2, &path(5)).unwrap().with_take(5, &path(6)).unwrap();
        let named = |n: usize| set.slot(n).map(|slot| slot.name.clone());
        assert_eq!([named(0), named(2), named(5)].map(Option::unwrap), ["Take 1", "sung", "Take 2"]);
        let full = (3..MAX_PATHS).fold(set, |set, n| set.with_take(n, &path(7)).unwrap());
        let error = full.with_take(0, &path(8)).unwrap_err();
        assert!(error.contains("clear one, and what was recorded goes there"), "{error}");
    }

    #[test]
    fn what_a_step_of_undo_takes_is_what_it_has_changed() {
        let before = one();
        let hop = size_of::<LatentHop>();
        assert_eq!(before.bytes_beyond(&before.clone()), 0);
        assert_eq!(before.with_chain(2, &Chain::default()).bytes_beyond(&before), 30 * hop, "another bend");
        let recorded = before.slot(2).unwrap().npz.len() + 30 * hop;
        assert_eq!(before.bytes_beyond(&PathSet::default()), recorded + 30 * hop);
        assert_eq!(before.without(2).bytes_beyond(&before), 0);
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_its_key_and_kept() {
        let good = json_of(&one())["slots"][2].clone();
        let with = |key: &str, value: Value| {
            let mut slot = good.clone();
            slot[key] = value;
            slot
        };
        let long = npz_of(&path(MAX_SLOT_HOPS + 1));
        for (slot, words) in [
            (json!(7), "invalid type"),
            (with("name", json!(7)), "invalid type: integer `7`"),
            (with("name", json!("x".repeat(65))), "“name” should be at most 64 characters"),
            (with("npz", json!("%")), "“npz” is no Base64"),
            (with("npz", json!("UEsDBA==")), "“npz” is no .npz archive"),
            (with("npz", json!("A".repeat(MAX_TEXT_BYTES + 1))), "“npz” should be at most 16777216 characters"),
            (with("npz", json!(long)), "“npz” array “latent” should be 1 to 262144 x 1 to 16, but is 262145 x 4"),
            (with("chain", json!([{"operator": "fly"}])), "“chain”: unknown variant `fly`"),
            (with("chain", json!([{"operator": {"bias": {"by": 1e39}}}])), "“chain” holds a number that is too large"),
            (with("later", json!(1)), "unknown field `later`"),
        ] {
            let json = json!({ "slots": [slot, null, good], "later": true });
            let set = read(&json);
            let remarks = set.remarks();
            let [(Some(0), said)] = &remarks[..] else { panic!("{remarks:?}") };
            assert!(said.contains(words) && said.contains("in slot 1 cannot be read"), "{said}");
            assert!(set.slot(0).is_none() && set.slot(2).is_some(), "{words}");
            assert_eq!(json_of(&set), json);
            // What was done since leaves it where it is.
            let named = json_of(&set.with_name(2, "other"));
            assert_eq!((&named["slots"][0], &named["later"]), (&json["slots"][0], &json!(true)));
            assert_eq!(set.free_slot(), Some(1), "it is no place for another");
            for error in [set.with_path(0, "sung", &path(3), &Chain::default()), set.with_copy(2, 0)] {
                assert!(error.unwrap_err().contains("Slot 1 holds what cannot be read here. Clear it first"));
            }
            assert!(set.without(0).with_copy(2, 0).is_ok() && set.unread(0).is_some(), "by hand it can be cleared");
        }
    }

    fn npz_of(path: &LatentPath) -> String {
        BASE64_STANDARD.encode(npz::write(path, Cursor::new(Vec::new())).unwrap().into_inner())
    }

    #[test]
    fn what_is_no_set_or_no_plane_is_kept_and_told() {
        let marker = json!({"place": [0.5, 1.5], "source": "live"});
        for (json, words) in [
            (json!(null), "“slots” should be a list of at most 8"),
            (
                json!({"slots": [null, null, null, null, null, null, null, null, 9]}),
                "“slots” should be a list of at most 8",
            ),
            (json!({"slots": [], "plane": 7}), "“plane” cannot be read"),
            (json!({"slots": [], "plane": {"markers": [marker]}}), "“markers” 0 “place” should be two numbers"),
            (json!({"slots": [], "plane": {"markers": vec![marker.clone(); 33]}}), "“markers” should be at most 32"),
            (
                json!({"slots": [], "plane": {"walk": [{"time_s": -1.0, "place": [0, 0]}]}}),
                "“walk” 0 “time_s” should be",
            ),
            (json!({"slots": [], "plane": {"walk": [{"time_s": 0}]}}), "missing field `place`"),
        ] {
            let set = read(&json);
            let remarks = set.remarks();
            let [(None, said)] = &remarks[..] else { panic!("{remarks:?}") };
            assert!(said.contains(words), "{said}");
            assert_eq!(json_of(&set), json);
            assert_eq!(*set.plane(), Plane::default());
            assert!(set.check_plane().is_err());
            let live = Plane { corners: std::array::from_fn(|_| Some(Source::Live)), ..Plane::default() };
            assert_eq!(set.with_plane(&live), set, "what a later version made is not changed");
            let is_known = json["slots"].as_array().is_some_and(|slots| slots.is_empty());
            assert_eq!(set.with_path(3, "sung", &path(3), &Chain::default()).is_ok(), is_known);
        }
    }

    #[test]
    fn a_walk_is_read_as_it_is_written_and_none_is_not_written() {
        let point = |time_s, place| WalkPoint { time_s, place };
        let walk = vec![point(0.0, [0.5, 0.25]), point(1.5, [1.0, 0.0])];
        let set = PathSet::default().with_plane(&Plane { walk: walk.clone(), ..Plane::default() });
        assert_eq!(set.plane().walk, walk);
        assert_eq!(json_of(&set)["plane"]["walk"][1], json!({"time_s": 1.5, "place": [1.0, 0.0]}));
        assert!(json_of(&set.with_plane(&Plane::default()))["plane"].get("walk").is_none());
    }

    #[test]
    fn what_can_play_is_told_by_slots_corners_and_markers() {
        let plays = |path: &LatentPath| path.model.name == "cello";
        let horn = LatentPath { model: ModelRequest::named("horn"), ..path(30) };
        let set = one().with_path(0, "other", &horn, &Chain::default()).unwrap();
        assert_eq!(set.playable(&plays), Playable::slot(2).with(Playable::CORNERS).with(Playable::MARKERS));
        let moment =
            |path: &LatentPath| Source::Snapshot(Box::new(LatentPath { hops: vec![path.hops[0]], ..path.emptied() }));
        let marker = |source| Marker { place: [0.5; 2], source };
        let of = |corner: Source, markers: Vec<Marker>| {
            let corners = [Some(corner), None, None, Some(Source::Live)];
            set.with_plane(&Plane { corners, markers, ..Plane::default() }).playable(&plays)
        };
        let slot = Playable::slot(2);
        assert_eq!(of(Source::Slot(0), Vec::new()), slot);
        assert_eq!(of(moment(&horn), vec![marker(moment(&path(30)))]), slot.with(Playable::MARKERS));
        assert_eq!(of(moment(&path(30)), vec![marker(Source::Random(1))]), slot.with(Playable::CORNERS));
        assert_eq!(PathSet::default().playable(&plays), Playable::NONE);
    }

    #[test]
    fn as_many_hops_as_there_may_be_fit_in_a_project() {
        // Noise, of which nothing can be left out.
        let mut noise = Noise::new(1);
        let mut hop = || {
            let mut hop = LatentHop { loudness_db: noise.uniform(), f0_hz: noise.uniform(), ..LatentHop::default() };
            (hop.voicing, hop.hushed, hop.level_db) = (noise.uniform(), noise.uniform(), noise.uniform());
            noise.fill(&mut hop.latent);
            hop
        };
        for dims in [4, MAX_DIMS] {
            let long = LatentPath { dims, hops: (0..most_hops(dims)).map(|_| hop()).collect(), ..path(1) };
            assert!(pack(&long).is_ok(), "{dims}");
        }
        assert_eq!((most_hops(4), most_hops(MAX_DIMS)), (MAX_SLOT_HOPS, 149_601));
    }

    #[test]
    fn a_path_that_its_chain_makes_too_long_is_kept_and_does_not_play() {
        let often = Chain(vec![Step::new(Operator::Loop { times: 1000 }, Axes::ALL)]);
        let set = PathSet::default().with_path(1, "sung", &path(300), &often).unwrap();
        assert!(set.slot(1).unwrap().hops().is_empty());
        let remarks = set.remarks();
        let [(Some(1), said)] = &remarks[..] else { panic!("{remarks:?}") };
        assert!(
            said.contains("“sung” in slot 2 does not play: step 1 (loop): 1 to 262144 hops should be left"),
            "{said}"
        );
        let error = PathSet::default().with_path(1, "long", &path(MAX_SLOT_HOPS + 1), &Chain::default()).unwrap_err();
        assert!(
            error.contains("A slot holds 262144 hops (51 minutes) of such a path for sure, and this one has 262145"),
            "{error}"
        );
        let error = PathSet::default().with_path(8, "ninth", &path(3), &Chain::default()).unwrap_err();
        assert!(error.contains("8 slots for paths, and no slot 9"), "{error}");
    }
}
