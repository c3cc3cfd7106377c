//! What is attacked: each target reads a case in the way in which a stranger's file or song reaches the program or the plugin.

#[path = "targets/documents.rs"]
mod documents;
#[path = "targets/osc.rs"]
mod osc;
#[path = "targets/packages.rs"]
mod packages;
#[path = "targets/paths.rs"]
mod paths;
#[path = "targets/plugins.rs"]
mod plugins;

use std::path::Path;

use fastrand::Rng;

use crate::common::plugin::{CODES, DRUMS, EFFECT};
use crate::{json, mutate};
use documents::{Csv, Path_, Preset, Sound};
use osc::Osc;
use packages::{Archive, Graph, Manifest};
use paths::{Bent, Npz, Set};
use plugins::{Events, State};

/// One way in.
pub trait Target {
    /// Valid cases to begin with.
    fn seeds(&mut self) -> Vec<Vec<u8>>;

    /// Reads a case; an error is as good as a result.
    fn attack(&mut self, case: &[u8]);

    /// Another case out of one: where it is a document of JSON, mostly another document.
    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        mutate_json(case, random)
    }
}

/// The target of this name, with a folder of its own to write in.
pub fn target(name: &str, scratch: &Path) -> Box<dyn Target> {
    match name {
        "manifest" => Box::new(Manifest::new(scratch)),
        "graph" => Box::new(Graph::new(scratch)),
        "archive" => Box::new(Archive { scratch: scratch.to_owned() }),
        "state" => Box::new(State { id: EFFECT }),
        "codes-state" => Box::new(State { id: CODES }),
        "drums-state" => Box::new(State { id: DRUMS }),
        "preset" => Box::new(Preset),
        "path" => Box::new(Path_::new(scratch)),
        "npz" => Box::new(Npz),
        "chain" => Box::new(Bent),
        "path-set" => Box::new(Set),
        "osc" => Box::new(Osc::new()),
        "csv" => Box::new(Csv { file: scratch.join("case") }),
        "audio" => Box::new(Sound { file: scratch.join("case") }),
        "events" => Box::new(Events::new(EFFECT)),
        "codes-events" => Box::new(Events::new(CODES)),
        "drums-events" => Box::new(Events::new(DRUMS)),
        _ => panic!("there is no target “{name}”"),
    }
}

/// True for one case in sixteen, and always for the same ones.
fn now_and_then(case: &[u8]) -> bool {
    case.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)).is_multiple_of(16)
}

/// A document of JSON, or now and then what only resembles one.
fn mutate_json(case: &[u8], random: &mut Rng) -> Vec<u8> {
    let structured = (random.u32(..8) > 0).then(|| json::mutate(case, random)).flatten();
    structured.unwrap_or_else(|| mutate::bytes(case, random))
}
