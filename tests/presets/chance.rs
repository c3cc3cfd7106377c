//! Random settings: within the model's range, and only where they may.

use timbreloom::controls::MAX_DIMS;
use timbreloom::instance::table;
use timbreloom::model::request::ModelRequest;
use timbreloom::preset::{Chance, Desk, Scene, randomise};

use crate::{desk, settings};

fn chance(seed: u64, strength: f32) -> Chance {
    let (mut p01, mut p99) = ([0.0; MAX_DIMS], [0.0; MAX_DIMS]);
    for d in 0..8 {
        (p01[d], p99[d]) = (-2.0 - 0.1 * d as f32, 1.5 + 0.1 * d as f32);
    }
    Chance { seed, strength, dims: 8, p01, p99 }
}

#[test]
fn chance_stays_within_the_models_range_and_away_from_what_it_must_not_touch() {
    let drawn_ids = [
        "stability",
        "amount",
        "random_amount",
        "random_rate",
        "random_take",
        "smoothing",
        "feedback_amount",
        "feedback_frequency",
        "feedback_q",
        "feedback_delay",
        "blend",
    ];
    let mut desk = desk();
    desk.set("lock_3", 1.0);
    desk.set("bias_3", 0.9);
    desk.set("output_gain", 0.4);
    let before = settings(&desk);
    let mut seen = [false; 16];
    for seed in 0..200 {
        let after = randomise(&before, table(), &chance(seed, 1.0));
        assert_eq!(after.models, before.models);
        for (id, value) in &after.values {
            let (kind, dimension) = id.rsplit_once('_').unwrap_or((id, ""));
            let dimension = dimension.parse::<usize>().ok();
            let is_latent = ["bias", "scale"].contains(&kind) && dimension.is_some_and(|d| d != 3 && d <= 8);
            let is_drawn = is_latent || drawn_ids.contains(&id.as_str()) && id != "blend";
            assert!(is_drawn || *value == before.values[id], "{id} has moved");
            let shown = (table().get(id).unwrap().shown)(*value);
            if let (true, "bias", Some(d)) = (is_latent, kind, dimension) {
                let (low, high) = (-2.0 - 0.1 * (d - 1) as f32, 1.5 + 0.1 * (d - 1) as f32);
                assert!((low - 1e-3..=high + 1e-3).contains(&shown), "{id}: {shown}");
                seen[d] |= (shown - before_shown(&before, id)).abs() > 1.0;
            }
            if id == "feedback_amount" {
                assert!((0.0..=60.01).contains(&shown), "{shown}");
            }
        }
    }
    assert_eq!(seen.iter().filter(|seen| **seen).count(), 7, "every open dimension goes far at some time");
}

fn before_shown(settings: &Scene, id: &str) -> f32 {
    (table().get(id).unwrap().shown)(settings.values[id])
}

#[test]
fn the_same_seed_is_the_same_throw_and_strength_is_how_far_it_goes() {
    let desk = desk();
    let before = settings(&desk);
    let throw = |seed, strength| randomise(&before, table(), &chance(seed, strength));
    assert_eq!(throw(7, 1.0), throw(7, 1.0));
    assert_ne!(throw(7, 1.0), throw(8, 1.0));
    assert_eq!(throw(7, 0.0), before);
    assert_eq!(throw(7, f32::NAN), before);
    let (half, whole) = (throw(7, 0.5), throw(7, 1.0));
    for (id, value) in &half.values {
        assert!((value - 0.5 * (before.values[id] + whole.values[id])).abs() < 1e-6, "{id}");
    }
    // A lock leaves the others' throw as it is.
    let mut locked = before.clone();
    locked.values.insert("lock_2".into(), 1.0);
    let thrown = randomise(&locked, table(), &chance(7, 1.0));
    assert_eq!(thrown.values["bias_2"], before.values["bias_2"]);
    assert_eq!(thrown.values["bias_5"], whole.values["bias_5"]);
    let mut two = before.clone();
    two.models[1] = ModelRequest::named("choir");
    assert_ne!(randomise(&two, table(), &chance(7, 1.0)).values["blend"], before.values["blend"]);
}
