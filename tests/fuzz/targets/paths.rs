//! Latent paths as archives and as projects hold them, and what bends and weaves them.

use std::io::Cursor;

use fastrand::Rng;
use serde_json::{Value, json};
use timbreloom::controls::{AtEnd, PathControls, PlaneWeights};
use timbreloom::latent::choice::Choice;
use timbreloom::latent::{Chain, LatentHop, LatentPath, PathSet, npz};

use super::Target;
use crate::mutate;

/// Hops that a chain may make in a case: more is time, and no danger.
const MAX_HOPS: usize = 1 << 14;

/// A short path, whose latent moves.
fn path() -> LatentPath {
    let hop = |n: usize| {
        let mut hop = LatentHop { loudness_db: -20.0, f0_hz: 220.0, voicing: 1.0, ..LatentHop::default() };
        hop.latent[0] = n as f32 * 0.1;
        hop
    };
    serde_json::from_value::<LatentPath>(json!({
        "format": 1, "model": { "name": "echo", "hash": "" }, "sample_rate_hz": 44_100, "hop_frames": 512,
        "latent": [[0.0, 0.0]], "loudness_db": [0.0], "f0_hz": [0.0], "voicing": [0.0],
    }))
    .map(|path| LatentPath { hops: (0..20).map(hop).collect(), ..path })
    .unwrap()
}

fn archive() -> Vec<u8> {
    npz::write(&path(), Cursor::new(Vec::new())).unwrap().into_inner()
}

/// A NumPy archive.
pub struct Npz;

impl Target for Npz {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        vec![archive()]
    }

    fn attack(&mut self, case: &[u8]) {
        match npz::read_within(Cursor::new(case), MAX_HOPS) {
            Ok(path) => {
                let bytes =
                    npz::write(&path, Cursor::new(Vec::new())).expect("what was read can be written").into_inner();
                assert!(npz::read(Cursor::new(bytes)).is_ok_and(|again| again == path), "it comes back as it was");
            }
            Err(reason) => assert!(reason.contains("“") || reason.contains(".npz"), "{reason}"),
        }
    }

    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        mutate::bytes(case, random)
    }
}

/// A list of steps.
pub struct Bent;

fn steps() -> Value {
    json!([
        { "operator": { "scale": { "by": 1.5 } }, "axes": "1,2", "range_s": [0.05, 0.15] },
        { "operator": { "bias": { "by": -6.0 } }, "axes": "loudness" },
        { "operator": { "random": { "spread": 0.3, "seed": 7 } }, "axes": "latent", "is_off": true },
        { "operator": "reverse", "axes": "all" },
        { "operator": { "smooth": { "time_s": 0.1 } } },
        { "operator": { "quantise": { "step_s": 0.05 } } },
        { "operator": { "envelope": { "points": [[0.0, 0.0], [1.0, 1.0]] } } },
        { "operator": { "draw": { "points": [[0.0, -1.0], [0.2, 1.0]] } }, "axes": "pitch" },
        { "operator": { "stretch": { "by": 2.0 } } },
        { "operator": { "loop": { "times": 3 } } },
        { "operator": { "cross_fade": { "time_s": 0.02 } } },
        { "operator": "slice", "range_s": [0.1, 0.4] },
    ])
}

impl Target for Bent {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        vec![steps().to_string().into_bytes()]
    }

    fn attack(&mut self, case: &[u8]) {
        let Ok(chain) = serde_json::from_slice::<Chain>(case) else { return };
        match chain.apply_within(&path(), MAX_HOPS) {
            Ok(bent) => {
                assert!((1..=MAX_HOPS).contains(&bent.hops.len()), "{} hops", bent.hops.len());
                assert!(bent.hops.iter().all(is_finite), "a value is not a number");
            }
            Err(error) => assert!(error.to_string().starts_with("step "), "{error}"),
        }
    }
}

/// A project's paths and plane.
pub struct Set;

impl Target for Set {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let chain: Chain = serde_json::from_value(steps()).unwrap();
        let set = PathSet::default().with_path(0, "sung", &path(), &chain).unwrap();
        let set = set.with_path(2, "spoken", &path(), &Chain::default()).unwrap();
        let mut json = serde_json::to_value(&set).unwrap();
        let moment = serde_json::to_value(LatentPath { hops: path().hops[..1].to_vec(), ..path() }).unwrap();
        json["plane"] = json!({
            "corners": [{ "slot": 0 }, "live", { "random": 7 }, null],
            "markers": [
                { "place": [0.2, 0.7], "source": { "snapshot": moment } }, { "place": [1.0, 0.0], "source": { "slot": 2 } },
            ],
        });
        vec![json.to_string().into_bytes()]
    }

    fn attack(&mut self, case: &[u8]) {
        let Ok(json) = serde_json::from_slice::<Value>(case) else { return };
        let set = PathSet::read(&json, &PathSet::default());
        let written = serde_json::to_value(&set).unwrap();
        assert!(PathSet::read(&written, &PathSet::default()) == set, "it is written as it was read");
        for (slot, said) in set.remarks() {
            if let Some(n) = slot.filter(|_| said.contains("cannot be read")) {
                assert!(written["slots"][n] == json["slots"][n], "what cannot be read is kept");
            }
            let is_named = slot.is_some_and(|n| said.contains(&format!("slot {}", n + 1))) || said.contains("“");
            assert!(is_named && said.ends_with('.'), "{said}");
        }
        for plane in [PlaneWeights::Off, PlaneWeights::Lines, PlaneWeights::Discs, PlaneWeights::Terrain] {
            for place in [[0.0, 0.0], [0.2, 0.7], [0.6, 0.3], [1.0, 1.0]] {
                let controls = PathControls { plane, place, morph: 0.3, morph_slot: 2, ..PathControls::default() };
                let Some(choice) = Choice::of(&set, &controls, &|_| true) else { continue };
                let hops = choice.time().map_or(1, |(hops, _)| hops);
                for at_end in [AtEnd::Loop, AtEnd::Stop] {
                    let woven = choice.at(0.7 * (hops - 1) as f64, at_end).of(&LatentHop::default());
                    assert!(is_finite(&woven), "{woven:?}");
                }
            }
        }
    }
}

fn is_finite(hop: &LatentHop) -> bool {
    let values = [hop.loudness_db, hop.f0_hz, hop.voicing, hop.hushed, hop.level_db];
    hop.latent.iter().chain(&values).all(|value| value.is_finite())
}
