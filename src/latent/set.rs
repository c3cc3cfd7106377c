//! The latent paths of a project: slots, and a plane. It is made of JSON, as projects hold it, and gives that very JSON again,
//! whatever of it could be read.

use std::fmt;
use std::io::Cursor;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::chain::Chain;
use super::npz;
use super::path::{LatentHop, LatentPath};
use super::sources::Plane;

/// Paths that a project holds.
pub const MAX_PATHS: usize = 8;

/// Hops of a path in a project, before and after it is bent: 50 minutes.
pub const MAX_SLOT_HOPS: usize = 1 << 18;

/// Characters of a path's name.
pub const MAX_NAME_CHARS: usize = 64;

/// A path as text at most, bytes.
const MAX_TEXT_BYTES: usize = 16 << 20;

/// The keys of a set and of a slot.
const SLOTS: &str = "slots";
const PLANE: &str = "plane";
const NPZ: &str = "npz";

/// A path in a project, and how it is bent.
#[derive(Debug)]
pub struct Slot {
    /// As the musician calls it.
    pub name: String,
    /// As it was recorded.
    pub path: LatentPath,
    /// What bends it.
    pub chain: Chain,
    /// Bent; or why it cannot be.
    bent: Result<Vec<LatentHop>, String>,
}

impl Slot {
    /// The bent path; empty where its chain cannot bend it.
    pub fn hops(&self) -> &[LatentHop] {
        self.bent.as_deref().unwrap_or_default()
    }

    fn read(json: &Value, before: Option<(&Self, &Value)>) -> Result<Self, String> {
        let text = SlotText::deserialize(json).map_err(|error| error.to_string())?;
        if text.name.chars().count() > MAX_NAME_CHARS {
            return Err(format!("“name” should be at most {MAX_NAME_CHARS} characters"));
        }
        let chain = Chain::deserialize(text.chain).map_err(|error| format!("“chain”: {error}"))?;
        // What is long is read once, however often the rest changes.
        let path = match before.filter(|(_, json)| json[NPZ] == *text.npz) {
            Some((slot, _)) => slot.path.clone(),
            None => unpack(text.npz)?,
        };
        Ok(Self { name: text.name.to_owned(), bent: bend(&path, &chain), path, chain })
    }
}

/// A slot as JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SlotText<'a> {
    name: &'a str,
    npz: &'a str,
    chain: Value,
}

fn bend(path: &LatentPath, chain: &Chain) -> Result<Vec<LatentHop>, String> {
    chain.apply_within(path, MAX_SLOT_HOPS).map(|bent| bent.hops).map_err(|error| error.to_string())
}

fn unpack(text: &str) -> Result<LatentPath, String> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(format!("“npz” should be at most {MAX_TEXT_BYTES} characters, but has {}", text.len()));
    }
    let bytes = BASE64_STANDARD.decode(text).map_err(|error| format!("“npz” is no Base64 ({error})"))?;
    npz::read_within(Cursor::new(bytes), MAX_SLOT_HOPS).map_err(|reason| format!("“npz” {reason}"))
}

fn pack(path: &LatentPath) -> Result<String, String> {
    let hops = path.hops.len();
    let too_long = || format!("a path in a project has at most {MAX_SLOT_HOPS} hops, and this one has {hops}");
    path.check()?;
    if hops > MAX_SLOT_HOPS {
        return Err(too_long());
    }
    let bytes = npz::write(path, Cursor::new(Vec::new())).map_err(|error| error.to_string())?.into_inner();
    Some(BASE64_STANDARD.encode(bytes)).filter(|text| text.len() <= MAX_TEXT_BYTES).ok_or_else(too_long)
}

/// What became of a slot.
#[derive(Clone, Debug, Default)]
enum Held {
    #[default]
    Empty,
    Path(Arc<Slot>),
    /// Why it could not be read.
    Unread(String),
}

/// See the module. Shared when it is copied.
#[derive(Clone)]
pub struct PathSet(Arc<Inner>);

struct Inner {
    json: Arc<Value>,
    slots: [Held; MAX_PATHS],
    plane: Plane,
    /// Why the plane, or the whole, could not be read; empty when it was.
    remark: String,
}

impl PathSet {
    /// Reads what a project says; what cannot be read is kept as it is, and is told of by [`Self::remarks`]. What is as it
    /// was `before` is not read again. May take a tenth of a second for each hour of paths.
    pub fn read(json: &Arc<Value>, before: &Self) -> Self {
        if *json == before.0.json {
            return before.clone();
        }
        let list = json[SLOTS].as_array();
        let slots = std::array::from_fn(|n| match list.and_then(|list| list.get(n)) {
            None | Some(Value::Null) => Held::Empty,
            Some(now) => {
                let old = before.slot(n).map(|slot| (slot, &before.0.json[SLOTS][n]));
                match (&before.0.slots[n], old) {
                    (held @ Held::Path(_), Some((_, old))) if old == now => held.clone(),
                    _ => Slot::read(now, old).map_or_else(Held::Unread, |slot| Held::Path(Arc::new(slot))),
                }
            }
        });
        let mut remark = String::new();
        if list.is_none_or(|list| list.len() > MAX_PATHS) {
            remark = format!("The project's latent paths: “{SLOTS}” should be a list of at most {MAX_PATHS}.");
        }
        let plane = match json.get(PLANE) {
            None => Ok(Plane::default()),
            Some(plane) => Plane::deserialize(plane)
                .map_err(|error| error.to_string())
                .and_then(|plane| plane.check().map(|()| plane)),
        };
        let plane = plane.unwrap_or_else(|reason| {
            remark = format!("The project's latent paths: “{PLANE}” cannot be read ({reason}).");
            Plane::default()
        });
        Self(Arc::new(Inner { json: Arc::clone(json), slots, plane, remark }))
    }

    /// As projects and scenes hold it.
    pub fn json(&self) -> &Arc<Value> {
        &self.0.json
    }

    /// A path that was read.
    pub fn slot(&self, n: usize) -> Option<&Slot> {
        match self.0.slots.get(n)? {
            Held::Path(slot) => Some(slot),
            _ => None,
        }
    }

    /// Corners and markers.
    pub fn plane(&self) -> &Plane {
        &self.0.plane
    }

    /// What cannot be played whichever model plays, in whole sentences, each with its slot from 0 where it is one's.
    pub fn remarks(&self) -> Vec<(Option<usize>, String)> {
        let of_slot = |(n, held): (usize, &Held)| match held {
            Held::Empty => None,
            Held::Unread(reason) => {
                Some((Some(n), format!("The path in slot {} cannot be read ({reason}). The project keeps it.", n + 1)))
            }
            Held::Path(slot) => slot.bent.as_ref().err().map(|reason| {
                (Some(n), format!("The path “{}” in slot {} does not play: {reason}.", slot.name, n + 1))
            }),
        };
        let of_whole = Some((None, self.0.remark.clone())).filter(|(_, remark)| !remark.is_empty());
        of_whole.into_iter().chain(self.0.slots.iter().enumerate().filter_map(of_slot)).collect()
    }

    /// The same with another path in a slot.
    ///
    /// # Errors
    /// When it is longer than projects hold, or is no path.
    pub fn with_path(&self, n: usize, name: &str, path: &LatentPath, chain: &Chain) -> Result<Self, String> {
        let name: String = name.chars().take(MAX_NAME_CHARS).collect();
        let slot = json!({ "name": name, NPZ: pack(path)?, "chain": chain });
        Ok(self.changed(|set| *place(set, n) = slot))
    }

    /// The same with the path of a slot bent by another chain.
    #[must_use]
    pub fn with_chain(&self, n: usize, chain: &Chain) -> Self {
        self.changed(|set| {
            if let Some(slot) = place(set, n).as_object_mut() {
                slot.insert("chain".into(), json!(chain));
            }
        })
    }

    /// The same with another name for the path of a slot.
    #[must_use]
    pub fn with_name(&self, n: usize, name: &str) -> Self {
        let name: String = name.chars().take(MAX_NAME_CHARS).collect();
        self.changed(|set| {
            if let Some(slot) = place(set, n).as_object_mut() {
                slot.insert("name".into(), name.into());
            }
        })
    }

    /// The same with nothing in a slot.
    #[must_use]
    pub fn without(&self, n: usize) -> Self {
        self.changed(|set| *place(set, n) = Value::Null)
    }

    /// The same with another plane.
    #[must_use]
    pub fn with_plane(&self, plane: &Plane) -> Self {
        self.changed(|set| drop(set.insert(PLANE.into(), json!(plane))))
    }

    fn changed(&self, change: impl FnOnce(&mut Map<String, Value>)) -> Self {
        let mut set = self.0.json.as_object().cloned().unwrap_or_default();
        // Nothing of a later version's is changed by one that does not know it.
        if !set.entry(SLOTS).or_insert_with(|| json!([])).is_array() {
            return self.clone();
        }
        change(&mut set);
        Self::read(&Arc::new(Value::Object(set)), self)
    }
}

/// A slot's place, made where there is none yet. There is one for each `n` below [`MAX_PATHS`].
fn place(set: &mut Map<String, Value>, n: usize) -> &mut Value {
    let slots = set.entry(SLOTS).or_insert_with(|| json!([]));
    if let Some(list) = slots.as_array_mut()
        && list.len() <= n
    {
        list.resize(n + 1, Value::Null);
    }
    &mut slots[n]
}

/// Whether JSON is a set at all, of this version or of a later one, which has something else in place of the list.
pub fn is_set(json: &Value) -> bool {
    json.get(SLOTS).is_some()
}

impl Default for PathSet {
    fn default() -> Self {
        Self(Arc::new(Inner {
            json: Arc::new(json!({ SLOTS: [] })),
            slots: Default::default(),
            plane: Plane::default(),
            remark: String::new(),
        }))
    }
}

impl PartialEq for PathSet {
    fn eq(&self, other: &Self) -> bool {
        self.0.json == other.0.json
    }
}

impl fmt::Debug for PathSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = (0..MAX_PATHS).map(|n| self.slot(n).map(|slot| &slot.name));
        f.debug_list().entries(names).finish()
    }
}

impl Serialize for PathSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.json.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PathSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::read(&Arc::new(Value::deserialize(deserializer)?), &Self::default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::path::tests::path;
    use crate::latent::{Axes, Operator, Source, Step};

    fn read(json: Value) -> PathSet {
        PathSet::read(&Arc::new(json), &PathSet::default())
    }

    fn reverse() -> Chain {
        Chain(vec![Step::new(Operator::Reverse, Axes::ALL)])
    }

    fn one() -> PathSet {
        PathSet::default().with_path(2, "sung", &path(30), &reverse()).unwrap()
    }

    #[test]
    fn a_set_is_read_as_it_is_written_and_its_paths_are_bent() {
        let set = one().with_plane(&Plane { corners: [const { None }; 4], markers: Vec::new() });
        let text = serde_json::to_string(&set).unwrap();
        let again: PathSet = serde_json::from_str(&text).unwrap();
        assert_eq!((&again, serde_json::to_string(&again).unwrap()), (&set, text));
        let slot = again.slot(2).unwrap();
        assert_eq!((slot.name.as_str(), &slot.path, &slot.chain), ("sung", &path(30), &reverse()));
        assert_eq!(slot.hops()[0], path(30).hops[29]);
        assert!(again.slot(0).is_none() && again.slot(99).is_none() && again.plane().corners == [const { None }; 4]);
        assert!(again.remarks().is_empty());
        assert_eq!(serde_json::to_string(&PathSet::default()).unwrap(), r#"{"slots":[]}"#);
    }

    #[test]
    fn an_edit_changes_one_thing_and_reads_nothing_else_again() {
        let set = one().with_path(0, "other", &path(7), &Chain::default()).unwrap();
        let (Held::Path(before), Held::Path(other)) = (&set.0.slots[2], &set.0.slots[0]) else {
            panic!("both are there")
        };
        let bent = set.with_chain(2, &Chain::default()).with_name(2, &"x".repeat(99));
        let slot = bent.slot(2).unwrap();
        assert_eq!((slot.hops(), slot.name.len(), &slot.path), (&path(30).hops[..], MAX_NAME_CHARS, &before.path));
        let Held::Path(same) = &bent.0.slots[0] else { panic!("it is there") };
        assert!(Arc::ptr_eq(same, other));
        let moved =
            bent.with_plane(&Plane { corners: std::array::from_fn(|_| Some(Source::Live)), ..Plane::default() });
        assert_eq!(moved.plane().corners[3], Some(Source::Live));
        let gone = moved.without(2);
        assert!(gone.slot(2).is_none() && gone.slot(0).is_some());
        assert_eq!(gone.with_chain(5, &reverse()), gone.without(5), "of an empty slot nothing is bent");
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_its_key_and_kept() {
        let good = one().json()["slots"][2].clone();
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
            (with("later", json!(1)), "unknown field `later`"),
        ] {
            let json = json!({ "slots": [slot, null, good], "later": true });
            let set = read(json.clone());
            let remarks = set.remarks();
            let [(Some(0), said)] = &remarks[..] else { panic!("{remarks:?}") };
            assert!(said.contains(words) && said.contains("in slot 1 cannot be read"), "{said}");
            assert!(set.slot(0).is_none() && set.slot(2).is_some(), "{words}");
            assert_eq!(serde_json::to_value(&set).unwrap(), json);
            // What was done since leaves it where it is.
            let named = set.with_name(2, "other");
            assert_eq!((&named.json()["slots"][0], &named.json()["later"]), (&json["slots"][0], &json!(true)));
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
        ] {
            let set = read(json.clone());
            let remarks = set.remarks();
            let [(None, said)] = &remarks[..] else { panic!("{remarks:?}") };
            assert!(said.contains(words), "{said}");
            assert_eq!((**set.json()).clone(), json);
            assert_eq!(*set.plane(), Plane::default());
        }
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
        assert!(error.contains("at most 262144 hops, and this one has 262145"), "{error}");
    }
}
