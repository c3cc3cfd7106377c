//! When the plugin may sleep: it says that it is silent only when it is, and stays so until something comes in.

mod common;

use std::sync::Arc;

use common::rig::{Echo, Hearsay, Rig, always_play, format, sound};
use timbreloom::controls::{AtEnd, Controls, Loudness, PathClock, PathControls, PathMode, PathNote, PlaneWeights};
use timbreloom::latent::{Chain, LatentHop, LatentPath, PathSet};
use timbreloom::model::Loader;
use timbreloom::model::request::ModelRequest;
use timbreloom::rt::EffectSettings;

const BLOCK: usize = 512;

/// A second of sound and three of silence. The frame from which on it was silent by its own account, and the output.
fn fade(rig: &mut Rig, rate_hz: f64, settings: EffectSettings) -> (Option<usize>, Vec<f32>) {
    rig.restart(true);
    let mut out = sound(rate_hz as usize, rate_hz);
    out.resize(4 * rate_hz as usize, 0.0);
    let (mut silent_from, mut at) = (None, 0);
    for block in out.chunks_mut(BLOCK) {
        rig.processor.process(&mut [block], &[], &settings);
        match (rig.processor.is_silent(), silent_from) {
            (true, None) => silent_from = Some(at),
            (false, Some(from)) => panic!("silent from {from} on, and no longer at {at}"),
            _ => {}
        }
        at += block.len();
    }
    (silent_from, out)
}

#[test]
fn silence_is_told_once_nothing_sounds_any_more_and_then_nothing_does() {
    for rate_hz in [44_100.0, 48_000.0] {
        for mix in [0.0, 0.5, 1.0] {
            let mut rig = Rig::new(format(rate_hz, BLOCK), always_play());
            let (from, out) = fade(&mut rig, rate_hz, EffectSettings { mix, ..EffectSettings::default() });
            let from = from.unwrap_or_else(|| panic!("never silent at {rate_hz} Hz, mix {mix}"));
            assert!(out[from..].iter().all(|&sample| sample == 0.0));
            // A second of sound, 1.5 s until the models rest, the latency, some hops.
            assert!(from < (2.9 * rate_hz) as usize, "only from {from} on at {rate_hz} Hz");
            assert!(out.iter().rposition(|&sample| sample != 0.0) < Some(from));
            // And it wakes.
            let mut block = sound(BLOCK, rate_hz);
            rig.processor.process(&mut [&mut block], &[], &EffectSettings::default());
            assert!(!rig.processor.is_silent());
        }
    }
}

#[test]
fn shipped_models_become_silent_to_the_bit() {
    let mut rig = Rig::of_models(format(48_000.0, BLOCK), "cello", Some("cello-live"));
    let (from, out) = fade(&mut rig, 48_000.0, EffectSettings::default());
    assert!(out[from.expect("silent")..].iter().all(|&sample| sample == 0.0));
}

/// A hundred hops.
fn path_of(model: &str) -> LatentPath {
    LatentPath {
        model: ModelRequest::named(model),
        sample_rate_hz: 44_100,
        hop_frames: 512,
        dims: 4,
        hops: vec![LatentHop::default(); 100],
    }
}

#[test]
fn what_may_sound_by_itself_is_never_silent() {
    let feedback = Controls { feedback_gain: 0.1, ..Controls::default() };
    let held = Controls { loudness: Loudness::Manual, ..Controls::default() };
    let path = PathControls { mode: PathMode::Replace, has_loudness: true, ..PathControls::default() };
    let along = |path| Controls { path, ..Controls::default() };
    let by_note = PathControls { clock: PathClock::Note, ..path };
    let note = Some(PathNote { key: 60, age_s: 0.0, touch: [None; 2] });
    let set = PathSet::default().with_path(0, "its own", &path_of("echo"), &Chain::default()).unwrap();
    let set = set.with_path(1, "of another", &path_of("horn"), &Chain::default()).unwrap();
    let is_never_silent = |controls| {
        let mut rig = Rig::new(format(44_100.0, BLOCK), always_play());
        rig.engine.set_paths(set.clone());
        fade(&mut rig, 44_100.0, EffectSettings { controls, ..EffectSettings::default() }).0.is_none()
    };
    let corners = PathControls { plane: PlaneWeights::Lines, ..path };
    for controls in [feedback, held, along(path), along(PathControls { note, ..by_note }), along(corners)] {
        assert!(is_never_silent(controls), "{controls:?}");
    }
    for path in [
        by_note,
        PathControls { has_loudness: false, ..path },
        PathControls { amount: 0.0, ..path },
        // Of another model, and none.
        PathControls { slot: 1, ..path },
        PathControls { slot: 5, ..path },
    ] {
        assert!(!is_never_silent(along(path)), "{path:?}");
    }
}

#[test]
fn the_models_rest_when_a_path_is_over_and_play_where_the_song_leaps_back_into_it() {
    let hearsay = Hearsay::default();
    let theirs = Arc::clone(&hearsay);
    let loader: Loader = Box::new(move |_| Ok(Box::new(Echo::telling(Arc::clone(&theirs)))));
    let mut rig = Rig::with(format(44_100.0, BLOCK), loader, None).bouncing();
    rig.engine.set_paths(PathSet::default().with_path(0, "once", &path_of("echo"), &Chain::default()).unwrap());
    let path =
        PathControls { mode: PathMode::Replace, has_loudness: true, at_end: AtEnd::Stop, ..PathControls::default() };
    // Twice the same four and a half seconds, 388 hops: the path's 100 are played, and 129 until they rest.
    let once = 198_450;
    rig.play(&vec![0.0; 2 * once], &[BLOCK], |at| {
        let controls = Controls { path, song_s: Some((at % once) as f64 / 44_100.0), ..Controls::default() };
        EffectSettings { controls, ..EffectSettings::default() }
    });
    let hops = hearsay.lock().unwrap().len();
    assert!((450..470).contains(&hops), "{hops}");
}

#[test]
fn a_side_chain_that_sounds_keeps_it_awake() {
    let mut rig = Rig::new(format(44_100.0, BLOCK), always_play());
    let _ = fade(&mut rig, 44_100.0, EffectSettings::default());
    assert!(rig.processor.is_silent());
    let mut side = sound(BLOCK, 44_100.0);
    rig.processor.process(&mut [&mut [0.0; BLOCK]], &[&mut side], &EffectSettings::default());
    assert!(!rig.processor.is_silent());
}
